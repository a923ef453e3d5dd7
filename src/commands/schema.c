/* dbfleet schema: writes schema files. dump reads a database, or what the revisions lead to, and writes it as
 * files that make it again, which is tried before a file is kept. */
#include "commands/command_list_internal.h"
#include "commands/schema_try_internal.h"
#include "dev/schema_dump.h"
#include <glib/gstdio.h>
#include <stdio.h>

/* One dialect's. */
typedef struct Dump {
    const DevRequest *request;
    Dialect dialect;
    ScratchLike like;
    const char *schema; /* of a target that is one; NULL */
    char *source;       /* for people */
    SchemaModel *model;
} Dump;

static void dump_clear(Dump *self)
{
    scratch_like_clear(&self->like);
    schema_model_free(self->model);
    g_free(self->source);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Dump, dump_clear)

static int fail(const Dump *self, GError *error)
{
    return command_fail_error((ExitCode)dev_request_exit_code(self->request, EXIT_CONFIGURATION), error);
}

/* ---- What is dumped ---- */

static bool is_live(const Options *options)
{
    return options_text(options, "limit") || options_text(options, "url");
}

static bool read_live(Dump *self, int *exit_code)
{
    const Workspace *workspace = self->request->workspace;
    if (workspace->targets->len != 1) {
        *exit_code =
            command_fail(EXIT_USAGE, "schema dump reads one target, and %u are selected: choose with -l",
                         workspace->targets->len);
        return false;
    }
    const Target *target = workspace->targets->pdata[0];
    self->schema = target->schema;
    self->source = g_strdup_printf("target %s", target->name);
    self->model = schema_try_read_target(self->request, target, &self->like, exit_code);
    return self->model != NULL;
}

static bool read_revisions(Dump *self, SchemaTry *try, int *exit_code)
{
    GError *error = NULL;
    g_autoptr(Scratch) scratch = track_scratch_at_heads(&try->request, self->dialect, &error);
    self->schema = try->request.schema;
    self->source = g_strdup_printf("the revisions of track %s", self->request->workspace->track->name);
    self->model = scratch ? scratch_model(scratch, NULL, &error) : NULL;
    if (!self->model)
        *exit_code = fail(self, error);
    return self->model != NULL;
}

/* ---- Where it goes ---- */

static bool holds_sql(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name = NULL; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (*name != '.' && (g_str_has_suffix(name, ".sql") || holds_sql(path)))
            return true;
    }
    return false;
}

static bool is_written(const SchemaDump *dump, const char *path)
{
    for (guint i = 0; i < dump->files->len; i++)
        if (g_str_equal(((const SchemaDumpFile *)dump->files->pdata[i])->path, path))
            return true;
    return false;
}

/* What an earlier dump wrote for an object that is gone would be loaded with the rest. */
static void delete_stale(const SchemaDump *dump, const char *folder, const char *below)
{
    g_autofree char *here = g_build_filename(folder, below, NULL);
    g_autoptr(GDir) dir = g_dir_open(here, 0, NULL);
    for (const char *name = NULL; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(below, name, NULL);
        g_autofree char *file = g_build_filename(folder, path, NULL);
        if (!g_str_has_suffix(name, ".sql") || is_written(dump, path) || g_unlink(file) != 0)
            continue;
        fprintf(stderr, "%s removed: nothing of that name is there any more\n", file);
    }
}

static bool write_files(const Dump *self, const SchemaDump *dump, const char *folder, int *exit_code)
{
    static const char *const folders[] = {"types",     "sequences", "tables",   "views",
                                          "functions", "packages",  "triggers", "events"};
    GError *error = NULL;
    if (!options_flag(self->request->workspace->options, "force") && holds_sql(folder)) {
        *exit_code = command_fail(
            EXIT_CONFIGURATION,
            "%s has schema files already: --force overwrites them, -o names another folder", folder);
        return false;
    }
    if (!schema_dump_write(dump, folder, &error)) {
        *exit_code = fail(self, error);
        return false;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++)
        delete_stale(dump, folder, folders[i]);
    return true;
}

/* ---- One dialect ---- */

static void tell_differences(const Dump *self, const GPtrArray *lines)
{
    command_warn("the files do not make all of %s again:", self->source);
    for (guint i = 0; i < lines->len; i++)
        fprintf(stderr, "  %s\n", (const char *)lines->pdata[i]);
}

/* EXIT_DIFFERENT where the files do not lead to the same schema. */
static int prove_and_write(const Dump *self, Scratch *scratch, const SchemaDump *dump, const char *folder)
{
    GError *error = NULL;
    int code = EXIT_DONE;
    for (guint i = 0; i < dump->warnings->len; i++)
        command_warn("%s", (const char *)dump->warnings->pdata[i]);
    g_autoptr(GPtrArray) lines = schema_dump_verify(dump, scratch, self->model, &error);
    if (!lines && dev_request_exit_code(self->request, EXIT_DONE) == EXIT_INTERRUPTED)
        return fail(self, error);
    if (!write_files(self, dump, folder, &code)) {
        g_clear_error(&error);
        return code;
    }
    fprintf(stderr, "%s: %u %s written from %s, %s\n", folder, dump->files->len,
            dump->files->len == 1 ? "file" : "files", self->source, schema_model_server(self->model));
    if (!lines) {
        g_prefix_error(&error, "the files were written and cannot be loaded: ");
        return command_fail_error(EXIT_DIFFERENT, error);
    }
    if (lines->len > 0)
        tell_differences(self, lines);
    return lines->len > 0 ? EXIT_DIFFERENT : EXIT_DONE;
}

static int dump_model(const Dump *self, const char *folder)
{
    GError *error = NULL;
    g_autoptr(Scratch) scratch =
        scratch_new(self->request->servers, self->dialect, &self->like, self->schema, &error);
    g_autoptr(SchemaModel) empty = scratch ? scratch_model(scratch, NULL, &error) : NULL;
    if (!empty)
        return fail(self, error);
    if (g_str_equal(folder, "-")) {
        g_autofree char *text = schema_dump_text(empty, self->model);
        return command_print(text);
    }
    g_autoptr(SchemaDump) dump = schema_dump_new(empty, self->model);
    return prove_and_write(self, scratch, dump, folder);
}

static int dump_dialect(const DevRequest *request, SchemaTry *try, const char *folder)
{
    int code = EXIT_DONE;
    g_auto(Dump) dump = {.request = request, .dialect = try->dialect};
    bool several = request->dialects->len > 1;
    g_autofree char *own =
        several ? g_build_filename(folder, dialect_name(try->dialect), NULL) : g_strdup(folder);
    bool read =
        is_live(request->workspace->options) ? read_live(&dump, &code) : read_revisions(&dump, try, &code);
    return read ? dump_model(&dump, own) : code;
}

/* ---- The command ---- */

static int dump_all(const DevRequest *request)
{
    int code = EXIT_DONE, worst = EXIT_DONE;
    const Workspace *workspace = request->workspace;
    const char *output = options_text(workspace->options, "output");
    const char *folder = output ? output : workspace->track->schema;
    if (g_str_equal(folder, "-") && request->dialects->len > 1)
        return command_fail(EXIT_USAGE,
                            "-o - prints one dialect, and there are several: choose with --dialects");
    g_autoptr(GPtrArray) tries = schema_tries_new(request, &code);
    for (guint i = 0; tries && i < tries->len; i++) {
        int one = dump_dialect(request, tries->pdata[i], folder);
        worst = worst == EXIT_DONE || worst == EXIT_DIFFERENT ? MAX(one, worst) : worst;
    }
    return tries ? worst : code;
}

static int schema_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    g_auto(DevRequest) request = {0};
    unsigned parts = is_live(options) ? WORKSPACE_FLEET : WORKSPACE_REVISIONS | WORKSPACE_FLEET_IF_ANY;
    if (!g_str_equal(options_operand(options, 0), "dump"))
        return command_fail(EXIT_USAGE, "schema: \"%s\" is not dump", options_operand(options, 0));
    if (!workspace_open(&workspace, options, parts, &code) || !dev_request_open(&request, &workspace, &code))
        return code;
    return dev_request_exit_code(&request, (ExitCode)dump_all(&request));
}

static const OptionSpec own_options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .argument = "FOLDER",
     .help = "Write the files there instead of the track's schema folder; - prints one script"},
    {.name = "force",
     .kind = OPTION_FLAG,
     .help = "Overwrite schema files, and remove those of objects that are gone"},
    {0}};

static const OptionSpec *const option_sets[] = {own_options, dev_options, selection_options, variable_options,
                                                NULL};

const CommandSpec schema_command = {
    .name = "schema",
    .group = COMMANDS_REVISIONS,
    .operands = "dump",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "Write schema files from a database or from the revisions",
    .description =
        "\"dbfleet schema dump\" writes what the revisions lead to as schema files: a file for each table "
        "with "
        "its indexes, constraints and triggers, each view, function, type. With -l or --url it writes what "
        "that "
        "one database holds, which is only read; so a fleet that exists already begins. Before they are "
        "kept, the "
        "files are loaded into a scratch database; where that does not hold the same schema, the differences "
        "are told and the exit code is 2.\n\n"
        "Files that are there are not overwritten without --force. Where targets of several dialects are "
        "selected, each dialect gets a folder of its own.",
    .example = "dbfleet schema dump\ndbfleet schema dump -l live-1\ndbfleet schema dump --url "
               "postgresql://db1/shop -o -",
    .option_sets = option_sets,
    .run = schema_run,
};
