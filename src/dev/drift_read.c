/* Drift's reading: one read-only session a target: its state, what its database is like, and its schema's
 * fingerprint, from the cache where nothing in the catalogs was changed since. A model goes to the cache,
 * which keeps each once, and is gone. Worker threads fill one DriftReading each. */
#include "dev/drift_internal.h"
#include "run/probe.h"
#include "run/session.h"
#include "run/signals.h"

typedef struct Reader {
    const DriftOptions *options;
    SchemaCache *cache;
    char **tables; /* version tables of all tracks, NULL-terminated */
} Reader;

/* One target at work. */
typedef struct Reading {
    const Reader *reader;
    const Target *target;
    Connection *connection;
    VersionStore store;
    SchemaReadOptions read;
    DriftReading *found;
} Reading;

void drift_reading_free(DriftReading *self)
{
    if (!self)
        return;
    target_state_free(self->state);
    scratch_like_clear(&self->like);
    g_array_unref(self->others);
    g_free(self->family);
    g_free(self->fingerprint);
    g_free(self->problem);
    g_free(self);
}

static void track_clear(gpointer item)
{
    g_strfreev(((ExpectedTrack *)item)->rows);
}

static DriftReading *reading_new(void)
{
    DriftReading *self = g_new0(DriftReading, 1);
    self->state = target_state_new();
    self->others = g_array_new(FALSE, FALSE, sizeof(ExpectedTrack));
    g_array_set_clear_func(self->others, track_clear);
    return self;
}

char *drift_others_text(const DriftReading *self)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < self->others->len; i++) {
        const ExpectedTrack *track = &g_array_index(self->others, ExpectedTrack, i);
        g_autofree char *rows = g_strjoinv(", ", track->rows);
        g_string_append_printf(text, "%s%s at %s", i ? ", " : "", track->name, rows);
    }
    return g_string_free(text, FALSE);
}

SchemaReadOptions drift_read_options(const DriftOptions *options, const char *schema,
                                     const char *const *hidden)
{
    return (SchemaReadOptions){.hidden = hidden,
                               .schema = schema,
                               .privileges = options->privileges,
                               .owners = options->owners,
                               .names = options->names};
}

/* Every track's tables: which of them are in a database is not this run's business. */
static char **hidden_tables(const Reading *self)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    for (char **table = self->reader->tables; *table; table++) {
        const VersionStore store = {self->store.dialect, self->store.schema, *table};
        g_autofree char *history = version_store_history_name(&store);
        g_strv_builder_add(names, *table);
        g_strv_builder_add(names, history);
    }
    return g_strv_builder_end(names);
}

/* ---- The cache ---- */

static const char *flag(bool value)
{
    return value ? "1" : "0";
}

static char *cache_key(const Reading *self)
{
    const DriftOptions *options = self->reader->options;
    const ServerInfo *server = &self->connection->server;
    g_autofree char *hidden = g_strjoinv(" ", (char **)self->read.hidden);
    const char *const texts[] = {"target",
                                 dialect_name(server->dialect),
                                 self->found->family,
                                 server->identity,
                                 server->database,
                                 self->read.schema,
                                 server->user,
                                 hidden,
                                 flag(options->privileges),
                                 flag(options->owners),
                                 flag(options->names)};
    return schema_cache_key(texts, G_N_ELEMENTS(texts));
}

/* True if the cache knows what the schema was when the precheck said the same, and that model. */
static bool take_cached(const Reading *self, const char *key, const char *precheck)
{
    DriftReading *found = self->found;
    SchemaCache *cache = self->reader->cache;
    g_autofree char *answer = schema_cache_get(cache, key);
    g_auto(GStrv) parts = answer ? g_strsplit(answer, "\n", 2) : NULL;
    if (!parts || g_strv_length(parts) != 2 || !g_str_equal(parts[1], precheck) ||
        !schema_cache_has_model(cache, found->state->dialect, found->family, parts[0]))
        return false;
    found->fingerprint = g_strdup(parts[0]);
    found->from_cache = true;
    return true;
}

static void put_cached(const Reading *self, const char *key, const char *precheck)
{
    g_autofree char *answer = g_strconcat(self->found->fingerprint, "\n", precheck, NULL);
    schema_cache_put(self->reader->cache, key, answer);
}

/* ---- What revision it is of ---- */

/* Why its schema is that of no revision; NULL. Caller frees. */
static char *unjudgeable(const TargetState *state, const RevisionGraph *graph)
{
    const HistoryEntry *open = target_state_unfinished(state);
    if (!graph && state->rows[0])
        return g_strdup("its revision files have errors");
    for (char **row = state->rows; *row; row++)
        if (!revision_graph_find(graph, *row))
            return g_strdup_printf("its version row %s is in no revision file: what it says is not known",
                                   *row);
    if (!history_entry_has_begun(open))
        return NULL;
    return g_str_equal(open->state, HISTORY_RUNNING)
               ? g_strdup_printf(
                     "step %s %s is running, or was when its dbfleet died: its schema is between two "
                     "revisions",
                     open->direction, open->revision)
               : g_strdup_printf("step %s %s stopped half-way: its schema is between two revisions",
                                 open->direction, open->revision);
}

/* ---- Other tracks ---- */

/* Where another track stands in the same database, if it does. */
static bool read_other(const Reading *self, const DriftTrack *other, GError **error)
{
    DriftReading *found = self->found;
    g_autoptr(TargetState) state = target_state_new();
    const VersionStore store = session_store(self->connection, other->track->version_table);
    if (!session_read_state(self->connection, &store, state, error))
        return false;
    g_autofree char *problem = unjudgeable(state, other->graph);
    if (problem && !found->problem)
        found->problem = g_strdup_printf("track %s in the same database: %s", other->track->name, problem);
    if (!state->rows[0])
        return true;
    const ExpectedTrack track = {other->track->name, other->graph, g_strdupv(state->rows), other->before};
    g_array_append_val(found->others, track);
    return true;
}

static bool read_others(const Reading *self, GError **error)
{
    const GArray *others = self->reader->options->others;
    for (guint i = 0; others && i < others->len; i++)
        if (!read_other(self, &g_array_index(others, DriftTrack, i), error))
            return false;
    return true;
}

/* ---- The schema ---- */

/* A run that went on meanwhile leaves a picture of no revision at all. */
static bool still_stands(const Reading *self, GError **error)
{
    g_autoptr(TargetState) now = target_state_new();
    if (!session_read_state(self->connection, &self->store, now, error))
        return false;
    if (!rows_are_same(now->rows, self->found->state->rows) || target_state_unfinished(now))
        self->found->problem = g_strdup("it was being changed while its schema was read: look again");
    return true;
}

/* What a user may not see would be told to be missing. */
static bool sees_all(const Reading *self, GError **error)
{
    g_autofree char *unseen = NULL;
    const Driver *driver = self->connection->driver;
    if (driver->unseen && !driver->unseen(self->connection, &unseen, error))
        return false;
    if (!unseen)
        return true;
    g_autofree char *message =
        g_strdup_printf("user %s is not shown all of it: a privilege is missing for %s",
                        self->connection->server.user, unseen);
    g_propagate_error(error, db_error_new(DB_ERROR_PERMISSION, NULL, message, NULL, NULL));
    return false;
}

static bool read_model(const Reading *self, GError **error)
{
    if (!sees_all(self, error))
        return false;
    g_autoptr(SchemaModel) model = schema_read(self->connection, &self->read, error);
    if (!model || !still_stands(self, error))
        return false;
    self->found->fingerprint = g_strdup(schema_model_fingerprint(model));
    schema_cache_put_model(self->reader->cache, model);
    return true;
}

/* The precheck comes first: what is changed while the model is read has another one the next time. */
static bool read_schema(const Reading *self, GError **error)
{
    const SchemaDialect *dialect = schema_dialect(self->found->state->dialect);
    g_autofree char *key = cache_key(self);
    g_autofree char *precheck = NULL;
    if (dialect->precheck && !(precheck = dialect->precheck(self->connection, &self->read, error)))
        return false;
    if (precheck && take_cached(self, key, precheck))
        return true;
    if (!read_model(self, error))
        return false;
    if (precheck && !self->found->problem)
        put_cached(self, key, precheck);
    return true;
}

static void examine(Reading *self)
{
    g_autoptr(GError) error = NULL;
    DriftReading *found = self->found;
    self->store = session_store(self->connection, self->reader->options->version_table);
    if (!session_read_state(self->connection, &self->store, found->state, &error)) {
        session_state_fail(found->state, self->target, error, true);
        return;
    }
    g_auto(GStrv) hidden = hidden_tables(self);
    self->read = drift_read_options(self->reader->options, self->target->schema, (const char *const *)hidden);
    found->family = schema_dialect(found->state->dialect)->family(self->connection->server.version);
    found->problem = unjudgeable(found->state, self->reader->options->graph);
    if (!found->problem && !read_others(self, &error))
        found->problem = g_strdup_printf("what other tracks did in it cannot be read: %s", error->message);
    if (found->problem)
        return;
    if (!scratch_like_read(&found->like, self->connection, &error) || !read_schema(self, &error)) {
        g_clear_pointer(&found->fingerprint, g_free);
        found->problem = g_strdup_printf("its schema cannot be read: %s", error->message);
    }
}

static bool is_interrupted(gconstpointer nothing)
{
    (void)nothing;
    return signals_count() > 0;
}

static gpointer read_work(const Target *target, gpointer context)
{
    g_autoptr(GError) error = NULL;
    Reading self = {.reader = context, .target = target, .found = reading_new()};
    const DriftOptions *options = self.reader->options;
    const ProbeOptions probe = {.secrets = options->secrets, .folder = options->folder};
    self.connection = probe_connect(target, &probe, is_interrupted, NULL, &error);
    self.found->absent = g_error_matches(error, DB_ERROR, DB_ERROR_NO_DATABASE) &&
                         (target->settings.create || target->settings.create_schema);
    if (!self.connection)
        session_state_fail(self.found->state, target, error, false);
    else
        examine(&self);
    connection_close(self.connection);
    return self.found;
}

GPtrArray *drift_read(GPtrArray *targets, const DriftOptions *options, SchemaCache *cache)
{
    g_auto(GStrv) tables = project_track_tables(options->project);
    Reader reader = {options, cache, tables};
    return each_target(targets, read_work, &reader, &options->limits, (GDestroyNotify)drift_reading_free);
}
