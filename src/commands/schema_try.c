/* Schema try: from options, inventory and project to what a try on scratch databases asks for. */
#include "commands/schema_try_internal.h"

#include "drivers/version_store.h"
#include "run/session.h"

const OptionSpec schema_options[] = {
    {.name = "rename",
     .kind = OPTION_LIST,
     .argument = "WHAT",
     .help = "What has a new name and is not dropped and created: table:OLD=NEW, column:TABLE.OLD=NEW, "
             "value:TYPE.OLD=NEW"},
    {.name = "strict-order",
     .kind = OPTION_FLAG,
     .help = "The order of columns is a difference too where the dialect can change it"},
    {0}};

static const char *const dialect_prefixes[DIALECT_COUNT] = {"postgres: ", "mysql: ", "mariadb: ", "sqlite: "};

const char *schema_try_prefix(const SchemaTry *self, const DevRequest *request)
{
    return request->dialects->len > 1 ? dialect_prefixes[self->dialect] : "";
}

int schema_try_fail(const SchemaTry *self, const DevRequest *request, GError *error)
{
    int code = dev_request_exit_code(request, EXIT_CONFIGURATION);
    g_prefix_error(&error, "%s", schema_try_prefix(self, request));
    return command_fail_error((ExitCode)code, error);
}

static void try_free(gpointer data)
{
    SchemaTry *self = data;
    track_schemas_clear(&self->schemas);
    target_variables_clear(&self->variables);
    scratch_like_clear(&self->like);
    schema_model_free(self->reference);
    schema_hints_free(self->typed);
    g_free(self);
}

/* ---- A target as the reference ---- */

static SchemaModel *read_target(const Workspace *workspace, const Target *target, Connection *connection,
                                ScratchLike *like, GError **error)
{
    const VersionStore store = session_store(connection, workspace_version_table(workspace));
    g_autofree char *history = version_store_history_name(&store);
    const char *const hidden[] = {store.table, history, NULL};
    const SchemaReadOptions options = {.hidden = hidden, .schema = target->schema};
    return scratch_like_read(like, connection, error) ? schema_read(connection, &options, error) : NULL;
}

SchemaModel *schema_try_read_target(const DevRequest *request, const Target *target, ScratchLike *like,
                                    int *exit_code)
{
    GError *error = NULL;
    const Workspace *workspace = request->workspace;
    const SessionOptions session = {
        .secrets = request->secrets, .folder = fleet_folder(workspace->fleet), .read_only = true};
    g_autoptr(Connection) connection = session_open(target, &session, &error);
    SchemaModel *model = connection ? read_target(workspace, target, connection, like, &error) : NULL;
    if (model)
        return model;
    g_prefix_error(&error, "target %s: ", target->name);
    *exit_code = command_fail_error(connection ? EXIT_CONFIGURATION : EXIT_UNREACHABLE, error);
    return NULL;
}

static bool read_reference(SchemaTry *self, const DevRequest *request, const Target *target, int *exit_code)
{
    self->reference = schema_try_read_target(request, target, &self->like, exit_code);
    return self->reference != NULL;
}

static const Target *find_reference(const DevRequest *request, int *exit_code)
{
    const Workspace *workspace = request->workspace;
    const char *name = options_text(workspace->options, "from-target");
    const Target *target = workspace->fleet ? fleet_find(workspace->fleet, name) : NULL;
    if (!target)
        *exit_code = command_fail(EXIT_CONFIGURATION, "--from-target: %s%s",
                                  workspace->fleet ? "the inventory has no target "
                                                   : "there is no inventory to find the target in: ",
                                  name);
    return target;
}

/* ---- One dialect ---- */

/* A track whose targets are schemas of a database is tried in a schema of that name. */
static const char *schema_of_targets(const Workspace *workspace, Dialect dialect)
{
    for (guint i = 0; workspace->targets && i < workspace->targets->len; i++) {
        const Target *target = workspace->targets->pdata[i];
        Dialect here;
        if (target->schema && dialect_from_scheme(target->url->scheme, &here) && here == dialect)
            return target->schema;
    }
    return NULL;
}

static bool add_renames(SchemaTry *self, const Options *options, int *exit_code)
{
    const char *const *renames = options_knows(options, "rename") ? options_list(options, "rename") : NULL;
    self->typed = schema_hints_new();
    for (; renames && *renames; renames++) {
        GError *error = NULL;
        if (!schema_hints_add_rename(self->typed, *renames, &error)) {
            *exit_code = command_fail_error(EXIT_USAGE, error);
            return false;
        }
    }
    return true;
}

static bool fill(SchemaTry *self, const DevRequest *request, const Target *reference, int *exit_code)
{
    GError *error = NULL;
    const Workspace *workspace = request->workspace;
    const Options *options = workspace->options;
    if (!add_renames(self, options, exit_code) ||
        (reference && !read_reference(self, request, reference, exit_code)))
        return false;
    if (!dev_request_variables(request, self->dialect, &self->variables, &error)) {
        *exit_code = command_fail_error(EXIT_CONFIGURATION, error);
        return false;
    }
    self->request = (TrackRequest){
        .servers = request->servers,
        .graph = workspace->graph,
        .variables = self->variables.values,
        .folder = workspace->track->schema,
        .like = reference ? &self->like : NULL,
        .schema = reference ? reference->schema : schema_of_targets(workspace, self->dialect),
        .reference = self->reference,
        .more_hints = self->typed,
        .strict_order = options_knows(options, "strict-order") && options_flag(options, "strict-order"),
        .allow_recreate =
            options_knows(options, "allow-recreate") && options_flag(options, "allow-recreate")};
    return true;
}

static bool is_of(const Target *target, Dialect dialect)
{
    Dialect own;
    return target && dialect_from_scheme(target->url->scheme, &own) &&
           (own == dialect || (dialect_is_mysql_family(own) && dialect_is_mysql_family(dialect)));
}

GPtrArray *schema_tries_new(const DevRequest *request, int *exit_code)
{
    const Options *options = request->workspace->options;
    bool from_target = options_knows(options, "from-target") && options_text(options, "from-target");
    const Target *reference = from_target ? find_reference(request, exit_code) : NULL;
    g_autoptr(GPtrArray) tries = g_ptr_array_new_with_free_func(try_free);
    if (from_target && !reference)
        return NULL;
    for (guint i = 0; i < request->dialects->len; i++) {
        SchemaTry *try = g_new0(SchemaTry, 1);
        try->dialect = g_array_index(request->dialects, Dialect, i);
        g_ptr_array_add(tries, try);
        if (!fill(try, request, is_of(reference, try->dialect) ? reference : NULL, exit_code))
            return NULL;
    }
    return g_steal_pointer(&tries);
}

bool schema_try_open(SchemaTry *self, const DevRequest *request, int *exit_code)
{
    GError *error = NULL;
    if (track_schemas_open(&self->schemas, &self->request, self->dialect, &error))
        return true;
    *exit_code = schema_try_fail(self, request, error);
    return false;
}
