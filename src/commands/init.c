/* dbfleet init */
#include "base/atomic_file.h"
#include "commands/command_list_internal.h"
#include "commands/revision_write_internal.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char project_text[] =
    "# dbfleet's project file; found by walking up from the current folder.\n"
    "version: 1\n"
    "inventory: inventory/            # a file, or a folder whose *.yaml are merged\n"
    "plans: plans/\n"
    "ledger: .dbfleet/ledger.db       # where runs are recorded\n"
    "tracks:\n"
    "  default: {versions: versions/, schema: schema/, version_table: dbfleet_version}\n"
    "rollout:\n"
    "  jobs: 8                        # targets at work at once\n"
    "  max_failures: 0                # more failed targets than this halt a run\n";

static const char inventory_text[] =
    "# The fleet: every database dbfleet may change. \"dbfleet inventory check\" says whether it is right.\n"
    "defaults: {connect_timeout: 5s, lock_timeout: 5s, statement_timeout: 15min}\n"
    "groups:\n"
    "  canary:\n"
    "    targets:\n"
    "      - {name: example, url: \"sqlite:../data/example.db\", create: true}\n"
    "  # eu:\n"
    "  #   password: ${file:/run/secrets/eu}\n"
    "  #   per_host: 8\n"
    "  #   targets:\n"
    "  #     - {name: \"eu-{0001..0400}\", url: \"postgresql://migrator@db2/eu_{0001..0400}\"}\n";

static const char ignore_text[] = ".dbfleet/\nbackups/\n";

static const struct {
    const char *path;
    const char *text;
} files[] = {
    {"dbfleet.yaml", project_text},
    {"inventory/fleet.yaml", inventory_text},
    {REVISION_TEMPLATE_FILE, revision_template},
    {".gitignore", ignore_text},
};

static const char *const folders[] = {"versions", "plans", "schema", "data"};

/* Everything is looked at before anything is written. */
static int refuse_existing(const char *folder)
{
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(folder, files[i].path, NULL);
        bool ours = !g_str_equal(files[i].path, ".gitignore");
        if (ours && g_file_test(path, G_FILE_TEST_EXISTS))
            return command_fail(EXIT_CONFIGURATION, "%s exists already; nothing was written", path);
    }
    return EXIT_DONE;
}

static int write_all(const char *folder)
{
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(folder, folders[i], NULL);
        if (g_mkdir_with_parents(path, 0755) != 0)
            return command_fail(EXIT_CONFIGURATION, "folder %s cannot be made: %s", path, g_strerror(errno));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        GError *error = NULL;
        g_autofree char *path = g_build_filename(folder, files[i].path, NULL);
        if (g_file_test(path, G_FILE_TEST_EXISTS))
            continue; /* a .gitignore of the user's */
        if (!atomic_file_create(path, files[i].text, &error))
            return command_fail_error(EXIT_CONFIGURATION, error);
        printf("%s\n", path);
    }
    return EXIT_DONE;
}

static int init_run(const Options *options)
{
    const char *folder = options_operand_count(options) ? options_operand(options, 0) : ".";
    int code = refuse_existing(folder);
    if (code == EXIT_DONE)
        code = write_all(folder);
    if (code == EXIT_DONE && !options_flag(options, "quiet"))
        fprintf(stderr, "next: edit inventory/fleet.yaml, then \"dbfleet revision -m 'first table'\" and "
                        "\"dbfleet upgrade head\"\n");
    return code;
}

static const OptionSpec *const option_sets[] = {NULL};

const CommandSpec init_command = {
    .name = "init",
    .group = COMMANDS_REVISIONS,
    .operands = "[FOLDER]",
    .max_operands = 1,
    .summary = "Start a project: dbfleet.yaml, an inventory, folders, a template",
    .description =
        "Writes dbfleet.yaml, inventory/fleet.yaml with one SQLite target, the template for new revisions "
        "(" REVISION_TEMPLATE_FILE ") and the folders versions/, plans/, schema/ and data/ into FOLDER or "
        "the current folder. Overwrites nothing.",
    .example = "dbfleet init\ndbfleet init shop/migrations",
    .option_sets = option_sets,
    .run = init_run,
};
