/* Change parts: a script cut where a transaction must end, and how a part is run. */
#include "dev/change_make.h"

#include "sql/script.h"

#include <string.h>

/* ---- Cutting ---- */

static bool begins_part(const ChangeStatement *statement, const ChangePart *part)
{
    return part->count == 0 || statement->must_commit || statement->outside != part->outside;
}

GArray *change_script_parts(const ChangeScript *script)
{
    GArray *parts = g_array_new(FALSE, TRUE, sizeof(ChangePart));
    ChangePart empty = {0};
    ChangePart *part = &empty;
    for (guint i = 0; i < script->statements->len; i++) {
        const ChangeStatement *statement = script->statements->pdata[i];
        if (begins_part(statement, part)) {
            ChangePart new = {.first = i, .outside = statement->outside, .committed = statement->must_commit};
            g_array_append_val(parts, new);
            part = &g_array_index(parts, ChangePart, parts->len - 1);
        }
        part->count++;
        part->rebuild |= statement->rebuild;
    }
    return parts;
}

/* ---- Running ---- */

/* Items of a batch: what we add around the statements has no statement. */
typedef struct PartBatch {
    Batch *batch;
    unsigned before; /* items ahead of the first statement */
} PartBatch;

static void add_own(PartBatch *self, const char *sql)
{
    batch_take(self->batch, g_strdup(sql), false);
    self->before++;
}

static void add_statements(Batch *batch, const ChangeScript *script, const ChangePart *part)
{
    for (unsigned i = part->first; i < part->first + part->count; i++) {
        const ChangeStatement *statement = script->statements->pdata[i];
        batch_add(batch, &(BatchItem){.sql = statement->sql, .length = strlen(statement->sql)});
    }
}

/* Puts the statement that failed behind what the server said. */
static void name_statement(const ChangeScript *script, const ChangePart *part, unsigned before,
                           GError **error)
{
    const DbErrorDetail *detail = error && *error ? db_error_detail(*error) : NULL;
    gssize index = detail ? detail->item - (gssize)before : -1;
    if (index < 0 || index >= (gssize)part->count)
        return;
    const ChangeStatement *statement = script->statements->pdata[part->first + index];
    g_autofree char *shown = sql_first_lines(statement->sql, strlen(statement->sql), 8, 200);
    char *message = g_strdup_printf("%s\nin the statement:\n%s", (*error)->message, g_strchomp(shown));
    g_free((*error)->message);
    (*error)->message = message;
}

static bool foreign_keys_hold(Connection *connection, GError **error)
{
    g_autoptr(RowSet) rows = connection_query(connection, "PRAGMA foreign_key_check", error);
    if (rows && rows->rows->len > 0)
        g_set_error(error, SCHEMA_ERROR, SCHEMA_ERROR_UNREACHED,
                    "PRAGMA foreign_key_check: rows of table %s refer to rows that are not there",
                    ((char **)rows->rows->pdata[0])[0]);
    return rows && rows->rows->len == 0;
}

static bool send_part(Connection *connection, const ChangeScript *script, const ChangePart *part,
                      bool transaction, bool rebuild, GError **error)
{
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    PartBatch head = {batch, 0};
    if (rebuild)
        add_own(&head, "PRAGMA foreign_keys = OFF");
    if (transaction)
        add_own(&head, connection->driver->begin);
    add_statements(batch, script, part);
    if (!connection_execute(connection, batch, &result, error)) {
        name_statement(script, part, head.before, error);
        return false;
    }
    if (rebuild && !foreign_keys_hold(connection, error))
        return false;
    return !transaction || connection_run(connection, "COMMIT", error);
}

static void put_back(Connection *connection)
{
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    connection_add_restore(connection, batch);
    connection_execute(connection, batch, &result, NULL);
}

bool change_part_run(Connection *connection, const ChangeScript *script, const ChangePart *part,
                     GError **error)
{
    unsigned features = connection->driver->features;
    bool transaction = (features & DRIVER_TRANSACTIONAL_DDL) && !part->outside;
    bool rebuild = (features & DRIVER_TABLE_REBUILD) && part->rebuild;
    bool good = send_part(connection, script, part, transaction, rebuild, error);
    if (!good)
        connection_rollback(connection);
    if (rebuild)
        put_back(connection);
    return good;
}

bool change_script_run(Connection *connection, const ChangeScript *script, GError **error)
{
    g_autoptr(GArray) parts = change_script_parts(script);
    for (guint i = 0; i < parts->len; i++)
        if (!change_part_run(connection, script, &g_array_index(parts, ChangePart, i), error))
            return false;
    return true;
}
