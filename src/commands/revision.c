/* dbfleet revision */
#include "commands/command_list_internal.h"
#include "commands/revision_write_internal.h"
#include "commands/schema_try_internal.h"
#include <string.h>

/* The revisions that the new one stands on: the one head unless --head says otherwise. */
GPtrArray *revision_parents(const Workspace *workspace, int *exit_code)
{
    GError *error = NULL;
    const char *head = options_text(workspace->options, "head");
    g_autoptr(GPtrArray) parents = NULL;
    if (revision_graph_length(workspace->graph) == 0 && !head)
        return g_ptr_array_new();
    parents = revision_graph_resolve(workspace->graph, head ? head : "head", NULL, &error);
    if (!parents) {
        *exit_code = command_fail_error(EXIT_CONFIGURATION, error);
        return NULL;
    }
    for (guint i = 0; i < parents->len && !options_flag(workspace->options, "splice"); i++) {
        const Revision *parent = parents->pdata[i];
        if (revision_graph_is_head(workspace->graph, parent))
            continue;
        *exit_code = command_fail(EXIT_CONFIGURATION,
                                  "revision %s is no head; give --splice to branch off it", parent->id);
        return NULL;
    }
    return g_steal_pointer(&parents);
}

static bool dialects_are_known(const char *const *dialects)
{
    Dialect dialect;
    for (; *dialects; dialects++) {
        if (dialect_parse(*dialects, &dialect))
            continue;
        command_fail_word("--sql-dialects", *dialects, command_dialects);
        return false;
    }
    return true;
}

/* --version-path must lie in the versions folder, or its files would never be read. */
bool revision_folder_is_inside(const Workspace *workspace, const char *folder)
{
    g_autofree char *absolute = folder ? g_canonicalize_filename(folder, NULL) : NULL;
    const char *versions = workspace->track->versions;
    if (!folder || (g_str_has_prefix(absolute, versions) &&
                    (absolute[strlen(versions)] == '/' || absolute[strlen(versions)] == '\0')))
        return true;
    command_fail(EXIT_USAGE, "--version-path: %s is not inside the versions folder %s", folder, versions);
    return false;
}

static int revision_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (options_flag(options, "autogenerate"))
        return revision_autogenerate(options);
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS, &code))
        return code;
    const char *dialects = options_text(options, "sql-dialects");
    g_auto(GStrv) list = g_strsplit(dialects ? dialects : "", ",", -1);
    const char *folder = options_text(options, "version-path");
    const char *message = options_text(options, "message");
    if (!dialects_are_known((const char *const *)list) || !revision_folder_is_inside(&workspace, folder))
        return EXIT_USAGE;
    g_autoptr(GPtrArray) parents = revision_parents(&workspace, &code);
    if (!parents)
        return code;
    const NewRevision revision = {.id = options_text(options, "rev-id"),
                                  .message = message ? message : "",
                                  .parents = parents,
                                  .depends_on = options_list(options, "depends-on"),
                                  .labels = options_list(options, "branch-label"),
                                  .folder = folder,
                                  .dialects = (const char *const *)list,
                                  .edit = options_flag(options, "edit")};
    return revision_write(&workspace, &revision);
}

static const OptionSpec own_options[] = {
    {.name = "message",
     .letter = 'm',
     .kind = OPTION_TEXT,
     .argument = "TEXT",
     .help = "What the revision does, in a few words; also part of the file's name"},
    {.name = "head",
     .kind = OPTION_TEXT,
     .argument = "REVISION",
     .help = "Stand on this revision (needed with several heads); base starts a new one"},
    {.name = "splice",
     .kind = OPTION_FLAG,
     .help = "Allow to stand on a revision that is no head: a new branch"},
    {.name = "branch-label", .kind = OPTION_LIST, .argument = "LABEL", .help = "Give the branch this label"},
    {.name = "depends-on",
     .kind = OPTION_LIST,
     .argument = "REVISION",
     .help = "Depend on this revision of another branch"},
    {.name = "rev-id", .kind = OPTION_TEXT, .argument = "ID", .help = "Use this id instead of a random one"},
    {.name = "version-path",
     .kind = OPTION_TEXT,
     .argument = "FOLDER",
     .help = "Put the file into this folder inside the versions folder"},
    {.name = "sql-dialects",
     .kind = OPTION_TEXT,
     .argument = "LIST",
     .help = "Make sections for these dialects (postgres,mysql,…) instead of one for all"},
    {.name = "autogenerate",
     .letter = 'a',
     .kind = OPTION_FLAG,
     .help = "Write what leads from the revisions to the schema files, tried on scratch databases"},
    {.name = "from-target",
     .kind = OPTION_TEXT,
     .argument = "TARGET",
     .help = "With --autogenerate: begin where this target is, not where the revisions lead"},
    {.name = "allow-recreate",
     .kind = OPTION_FLAG,
     .help =
         "With --autogenerate: where no ALTER leads to the desired table, make it anew and copy its rows"},
    {.name = "no-down-for-data-loss",
     .kind = OPTION_FLAG,
     .help = "With --autogenerate: no way back from what loses data; its revision is marked irreversible"},
    {.name = "edit", .letter = 'e', .kind = OPTION_FLAG, .help = "Open the new file in an editor"},
    {0}};

static const OptionSpec *const option_sets[] = {own_options, schema_options, dev_options, variable_options,
                                                NULL};

const CommandSpec revision_command = {
    .name = "revision",
    .group = COMMANDS_REVISIONS,
    .operands = "",
    .summary = "Write a new revision file",
    .description =
        "Makes versions/<id>_<message>.sql from the project's template (" REVISION_TEMPLATE_FILE
        ", which may be edited) with empty up and down sections, standing on the current head, "
        "and prints its path.\n\n"
        "With --autogenerate the sections hold what leads from where the revisions lead to what the "
        "schema files say, and back. Both are made on scratch databases (\"dev:\" in dbfleet.yaml), "
        "and the file is kept only if its text led there and back, with rows in every table. What "
        "cannot run in one transaction goes into a revision of its own behind it. Nothing is "
        "guessed: what has another name is dropped and created, unless --rename, a hint in the "
        "schema files or an answer on the terminal says that it was renamed. If nothing differs, "
        "no file is written.",
    .example = "dbfleet revision -m 'add invoices'\ndbfleet revision --autogenerate -m 'add "
               "invoices'\ndbfleet revision -m 'reports' --head base --branch-label "
               "reports\n"
               "dbfleet revision -m 'fast path' --sql-dialects postgres,mysql",
    .option_sets = option_sets,
    .run = revision_run,
};
