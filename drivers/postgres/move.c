/* Moving: a session that has read one schema of a database goes on in another one.
 *
 * Owns what two sessions must have in common for that, which it keeps as a digest, so that no password is
 * held for it. Refuses poolers, where the next transaction may be another session's. Owner's thread only. */
#include "drivers/postgres/postgres_internal.h"

#include <string.h>

/* Items of the message, and columns of its question. What is read behind the COMMIT can fail without undoing
 * the move. */
enum { ITEM_BEGIN, ITEM_SEARCH_PATH, ITEM_QUESTION, ITEM_COMMIT, ITEM_COUNT };
enum { MOVED_SCHEMA, MOVED_PID };

#define QUESTION_SQL "SELECT pg_catalog.current_schema(), pg_catalog.pg_backend_pid()"

/* With its length, so that no two lists are alike. */
static void add_text(GChecksum *checksum, const char *text)
{
    gsize length = text ? strlen(text) + 1 : 0;
    g_checksum_update(checksum, (const guchar *)&length, sizeof length);
    g_checksum_update(checksum, (const guchar *)(text ? text : ""), (gssize)length);
}

char *postgres_origin(const ConnectOptions *options)
{
    const DbUrl *url = options->url;
    const char *const texts[] = {url->user,
                                 url->password,
                                 url->host,
                                 url->port,
                                 url->database,
                                 options->password,
                                 options->application_name};
    const unsigned numbers[] = {options->connect_timeout_ms, options->lock_timeout_ms,
                                options->statement_timeout_ms, options->read_only, options->pooler_session};
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        add_text(checksum, texts[i]);
    g_checksum_update(checksum, (const guchar *)numbers, sizeof numbers);
    for (guint i = 0; i < url->parameters->len; i++) {
        add_text(checksum, g_array_index(url->parameters, DbUrlParameter, i).name);
        add_text(checksum, g_array_index(url->parameters, DbUrlParameter, i).value);
    }
    return g_strdup(g_checksum_get_string(checksum));
}

bool postgres_can_move(const Connection *base, const ConnectOptions *options)
{
    const PostgresConnection *self = (const PostgresConnection *)base;
    if (!self->search_path || !options->schema || !self->read_only || base->server.pooled)
        return false;
    g_autofree char *origin = postgres_origin(options);
    return g_str_equal(origin, self->origin);
}

/* A schema that is missing or may not be used is not the current one. */
static bool take_answer(PostgresConnection *self, const ConnectOptions *options, const BatchResult *answer,
                        GError **error)
{
    char *const *row = batch_result_rows(answer, ITEM_QUESTION)->rows->pdata[0];
    if (g_strcmp0(row[MOVED_SCHEMA], options->schema) == 0 && g_strcmp0(row[MOVED_PID], self->id) == 0) {
        g_free(self->base.server.schema);
        self->base.server.schema = g_strdup(options->schema);
        return true;
    }
    g_propagate_error(
        error, db_error_new(DB_ERROR_NO_DATABASE, NULL, "the session is not in that schema", NULL, NULL));
    return false;
}

bool postgres_move(Connection *base, const ConnectOptions *options, GError **error)
{
    PostgresConnection *self = (PostgresConnection *)base;
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) answer = {0};
    g_autoptr(GError) problem = NULL;
    g_free(self->search_path);
    self->search_path = postgres_search_path(options);
    batch_take(batch, g_strdup("BEGIN"), false);
    batch_take(batch, g_strdup(self->search_path), false);
    batch_take(batch, g_strdup(QUESTION_SQL), true);
    batch_take(batch, g_strdup("COMMIT"), false);
    postgres_add_first(options->first, batch);
    postgres_send_by(self, batch, ITEM_COUNT, postgres_deadline(options), &answer, &problem);
    if (answer.completed < ITEM_COUNT) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    if (!take_answer(self, options, &answer, error))
        return false;
    if (options->first)
        postgres_take_first(options->first, &answer, ITEM_COUNT, g_steal_pointer(&problem));
    return true;
}
