/* Dev request: reads from options, inventory and dbfleet.yaml what a try on scratch databases needs. Connects
 * to nothing. Main thread. */
#include "commands/dev_request_internal.h"

#include "run/signals.h"

const OptionSpec dev_options[] = {
    {.name = "dialects",
     .kind = OPTION_TEXT,
     .argument = "LIST",
     .help =
         "Work for these dialects (postgres, mysql, mariadb, sqlite; with commas between) instead of those "
         "of the targets, or of dev: in dbfleet.yaml"},
    {0}};

typedef struct DialectSet {
    bool has[DIALECT_COUNT];
} DialectSet;

/* ---- Which dialects ---- */

static bool add_typed(DialectSet *set, const char *typed, int *exit_code)
{
    g_auto(GStrv) names = g_strsplit(typed, ",", -1);
    for (char **name = names; *name; name++) {
        Dialect dialect;
        if (!dialect_parse(g_strstrip(*name), &dialect)) {
            *exit_code = command_fail_word("--dialects", *name, command_dialects);
            return false;
        }
        set->has[dialect] = true;
    }
    return true;
}

static bool add_targets(DialectSet *set, const GPtrArray *targets)
{
    bool any = false;
    for (guint i = 0; targets && i < targets->len; i++) {
        const Target *target = targets->pdata[i];
        Dialect dialect;
        if (!dialect_from_scheme(target->url->scheme, &dialect))
            continue;
        set->has[dialect] = true;
        any = true;
    }
    return any;
}

static bool add_configured(DialectSet *set, const Project *project)
{
    bool any = false;
    for (int dialect = 0; dialect < DIALECT_COUNT; dialect++)
        any |= set->has[dialect] = g_hash_table_contains(project->dev, dialect_name((Dialect)dialect));
    return any;
}

/* A URL says mysql:// of either; with one dev server for both there is one of them. */
static void join_family(DialectSet *set, const Project *project)
{
    bool apart =
        g_hash_table_contains(project->dev, "mysql") && g_hash_table_contains(project->dev, "mariadb");
    if (set->has[DIALECT_MYSQL] && set->has[DIALECT_MARIADB] && !apart)
        set->has[DIALECT_MYSQL] = false;
}

static bool choose_dialects(DevRequest *self, int *exit_code)
{
    const Workspace *workspace = self->workspace;
    const char *typed = options_text(workspace->options, "dialects");
    DialectSet set = {0};
    if (typed && !add_typed(&set, typed, exit_code))
        return false;
    if (!typed && !add_targets(&set, workspace->targets) && !add_configured(&set, workspace->project))
        set.has[DIALECT_SQLITE] = true;
    if (!typed)
        join_family(&set, workspace->project);
    for (int dialect = 0; dialect < DIALECT_COUNT; dialect++)
        if (set.has[dialect])
            g_array_append_val(self->dialects, dialect);
    return true;
}

/* ---- The request ---- */

bool dev_request_open(DevRequest *self, const Workspace *workspace, int *exit_code)
{
    self->workspace = workspace;
    self->dialects = g_array_new(FALSE, FALSE, sizeof(Dialect));
    if (!choose_dialects(self, exit_code))
        return false;
    self->secrets = secret_store_new();
    self->servers = dev_servers_new(workspace->project, self->secrets);
    signals_install();
    return true;
}

void dev_request_close(DevRequest *self)
{
    if (self->servers) {
        dev_servers_free(self->servers);
        signals_restore();
    }
    secret_store_free(self->secrets);
    g_clear_pointer(&self->dialects, g_array_unref);
    *self = (DevRequest){0};
}

static const Target *target_of(const Workspace *workspace, Dialect dialect)
{
    const Target *first = NULL;
    for (guint i = 0; workspace->targets && i < workspace->targets->len; i++) {
        const Target *target = workspace->targets->pdata[i];
        Dialect here;
        if (!dialect_from_scheme(target->url->scheme, &here))
            continue;
        if (here == dialect || (dialect_is_mysql_family(here) && dialect_is_mysql_family(dialect)))
            return target;
        first = first ? first : target;
    }
    return first;
}

bool dev_request_variables(const DevRequest *self, Dialect dialect, TargetVariables *variables,
                           GError **error)
{
    const Workspace *workspace = self->workspace;
    const Options *options = workspace->options;
    const char *folder = workspace->fleet ? fleet_folder(workspace->fleet) : workspace->project->folder;
    GHashTable *typed = options_knows(options, "set") ? options_pairs(options, "set") : NULL;
    return target_variables_init(variables, target_of(workspace, dialect), typed, dialect, self->secrets,
                                 folder, error);
}

int dev_request_exit_code(const DevRequest *self, ExitCode otherwise)
{
    return self->servers && signals_count() > 0 ? EXIT_INTERRUPTED : (int)otherwise;
}
