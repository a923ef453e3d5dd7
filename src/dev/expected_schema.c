/* Expected schema: decides what a request depends on, and makes it at most once. Refuses to take a scratch of
 * another server than was asked for. */
#include "dev/expected_schema.h"
#include "dev/scratch_revisions.h"

#include <string.h>

/* ---- What decides it ---- */

static void add_variable(GPtrArray *names, const char *name)
{
    for (guint i = 0; i < names->len; i++)
        if (g_str_equal(names->pdata[i], name))
            return;
    g_ptr_array_add(names, g_strdup(name));
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The request's own track is number 0, its others follow; false behind the last. */
static bool track_at(const ExpectedRequest *request, guint number, ExpectedTrack *track)
{
    if (number > 0 && (!request->others || number > request->others->len))
        return false;
    *track = number > 0 ? g_array_index(request->others, ExpectedTrack, number - 1)
                        : (ExpectedTrack){.graph = request->graph, .rows = (char **)request->rows};
    return true;
}

/* Every revision below the rows of every track; of const Revision *. Caller unrefs. */
static GPtrArray *revisions_below(const ExpectedRequest *request, GError **error)
{
    ExpectedTrack track;
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    for (guint i = 0; track_at(request, i, &track); i++) {
        g_autoptr(GPtrArray) below =
            revision_graph_applied(track.graph, (const char *const *)track.rows, error);
        if (!below)
            return NULL;
        g_ptr_array_extend(all, below, NULL, NULL);
    }
    return g_steal_pointer(&all);
}

GPtrArray *expected_variables(const ExpectedRequest *request, GError **error)
{
    g_autoptr(GPtrArray) below = revisions_below(request, error);
    if (!below)
        return NULL;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < below->len; i++) {
        const Section *section = revision_section(below->pdata[i], SECTION_UP, request->dialect);
        for (char **name = section ? section->variables : NULL; name && *name; name++)
            add_variable(names, *name);
    }
    g_ptr_array_sort(names, compare_texts);
    return names;
}

static const char *shown(const char *text)
{
    return text ? text : "-";
}

static void add_settings(GString *text, GHashTable *settings)
{
    g_autoptr(GList) names = settings ? g_hash_table_get_keys(settings) : NULL;
    names = g_list_sort(g_steal_pointer(&names), (GCompareFunc)strcmp);
    for (const GList *name = names; name; name = name->next)
        g_string_append_printf(text, "%s=%s\n", (const char *)name->data,
                               (const char *)g_hash_table_lookup(settings, name->data));
}

static void add_like(GString *text, const ScratchLike *like)
{
    if (!like)
        return;
    g_string_append_printf(text, "like\n%s\n%s\n%s\n%s\n%s\n", shown(like->encoding), shown(like->collation),
                           shown(like->ctype), shown(like->provider), shown(like->sql_mode));
    add_settings(text, like->settings);
}

static bool add_revisions(GString *text, const ExpectedRequest *request, GError **error)
{
    g_autoptr(GPtrArray) below = revisions_below(request, error);
    for (guint i = 0; below && i < below->len; i++) {
        const Revision *revision = below->pdata[i];
        const Section *section = revision_section(revision, SECTION_UP, request->dialect);
        g_string_append_printf(text, "revision %s %s %d %d\n", revision->id,
                               section ? section->checksum : "-", section && section->transaction,
                               section && section->foreign_keys_off);
    }
    return below != NULL;
}

static bool add_values(GString *text, const ExpectedRequest *request, GError **error)
{
    g_autoptr(GPtrArray) names = expected_variables(request, error);
    for (guint i = 0; names && i < names->len; i++) {
        const char *value =
            request->variables ? g_hash_table_lookup(request->variables, names->pdata[i]) : NULL;
        g_string_append_printf(text, "variable %s=%s\n", (const char *)names->pdata[i], shown(value));
    }
    return names != NULL;
}

static void add_tracks(GString *text, const ExpectedRequest *request)
{
    ExpectedTrack track;
    for (guint i = 0; track_at(request, i, &track); i++) {
        g_autofree char *rows = g_strjoinv(" ", track.rows);
        g_string_append_printf(text, "track %d %s\n", track.before, rows);
    }
}

char *expected_key(const ExpectedRequest *request, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "%d%d%d%d\n", request->read.schema != NULL, request->read.privileges,
                           request->read.owners, request->read.names);
    add_like(text, request->like);
    add_tracks(text, request);
    if (!add_revisions(text, request, error) || !add_values(text, request, error))
        return NULL;
    const char *const texts[] = {"expected", dialect_name(request->dialect), request->server, text->str};
    return schema_cache_key(texts, G_N_ELEMENTS(texts));
}

/* ---- Making it ---- */

/* The tracks that come before the request's own, it, and those behind it. */
static bool upgrade(Scratch *scratch, const ExpectedRequest *request, GError **error)
{
    ExpectedTrack track;
    for (int turn = 0; turn < 3; turn++)
        for (guint i = 0; track_at(request, i, &track); i++)
            if ((i == 0         ? 1
                 : track.before ? 0
                                : 2) == turn &&
                !scratch_upgrade(scratch, track.graph, (const char *const *)track.rows, request->variables,
                                 error))
                return false;
    return true;
}

static SchemaModel *make(DevServers *servers, const ExpectedRequest *request, GError **error)
{
    g_autoptr(Scratch) scratch =
        scratch_new(servers, request->dialect, request->like, request->read.schema, error);
    if (!scratch || !upgrade(scratch, request, error))
        return NULL;
    g_autoptr(SchemaModel) model = scratch_model(scratch, &request->read, error);
    if (model && request->server && !g_str_equal(schema_model_server(model), request->server)) {
        g_set_error(error, DEV_ERROR, DEV_ERROR_VERSION,
                    "the dev server is %s, the target %s: texts of the two do not compare",
                    schema_model_server(model), request->server);
        return NULL;
    }
    return g_steal_pointer(&model);
}

/* NULL: not made before, or its model is gone. */
static char *known_fingerprint(SchemaCache *cache, const ExpectedRequest *request, const char *key)
{
    char *known = schema_cache_get(cache, key);
    if (known && !schema_cache_has_model(cache, request->dialect, request->server, known))
        g_clear_pointer(&known, g_free);
    return known;
}

char *expected_fingerprint(DevServers *servers, SchemaCache *cache, const ExpectedRequest *request,
                           GError **error)
{
    g_autofree char *key = expected_key(request, error);
    char *known = key ? known_fingerprint(cache, request, key) : NULL;
    if (known || !key)
        return known;
    g_autoptr(SchemaModel) model = make(servers, request, error);
    if (!model)
        return NULL;
    schema_cache_put_model(cache, model);
    schema_cache_put(cache, key, schema_model_fingerprint(model));
    return g_strdup(schema_model_fingerprint(model));
}

SchemaModel *expected_schema(DevServers *servers, SchemaCache *cache, const ExpectedRequest *request,
                             GError **error)
{
    if (!cache || !request->server)
        return make(servers, request, error);
    g_autofree char *fingerprint = expected_fingerprint(servers, cache, request, error);
    return fingerprint ? schema_cache_model(cache, request->dialect, request->server, fingerprint) : NULL;
}
