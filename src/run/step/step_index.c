/* Step index: recognises the invalid index that a failed CREATE INDEX CONCURRENTLY leaves behind on
 * PostgreSQL. Owns how such a statement is read; drops nothing. Worker thread. */
#include "run/step/step_apply.h"

#define NAME "(?:\"(?:[^\"]|\"\")+\"|[^\\s\"(.]+)"
#define CONCURRENT_INDEX                                                                                     \
    "^create\\s+(?:unique\\s+)?index\\s+concurrently\\s+(?:if\\s+not\\s+exists\\s+)?(" NAME ")\\s+"          \
    "on\\s+(?:only\\s+)?(" NAME "(?:\\." NAME ")?)"

/* The invalid index of that name on that table, qualified, or NULL. Caller frees. */
static char *invalid_index(Connection *connection, const char *name, const char *table)
{
    g_autofree char *name_text = sql_quote_literal(DIALECT_POSTGRES, name);
    g_autofree char *table_text = sql_quote_literal(DIALECT_POSTGRES, table);
    g_autofree char *query = g_strdup_printf(
        "SELECT pg_catalog.format('%%I.%%I', n.nspname, c.relname) FROM pg_catalog.pg_index i\n"
        "JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = "
        "c.relnamespace\n"
        "WHERE NOT i.indisvalid AND i.indrelid = pg_catalog.to_regclass(%s)\n"
        "AND c.relname = (pg_catalog.parse_ident(%s))[1]",
        table_text, name_text);
    g_autoptr(RowSet) rows = connection_query(connection, query, NULL);
    return rows && rows->rows->len ? g_strdup(((char **)rows->rows->pdata[0])[0]) : NULL;
}

static GError *invalid_index_error(const char *index)
{
    g_autofree char *message = g_strdup_printf(
        "index %s is invalid: an earlier CREATE INDEX CONCURRENTLY failed and left it behind", index);
    g_autofree char *hint = g_strdup_printf("DROP INDEX CONCURRENTLY %s, then run this again.", index);
    return db_error_new(DB_ERROR_STATEMENT, NULL, message, NULL, hint);
}

/* A section that drops something first may well drop that index. */
bool step_indexes_are_valid(StepAttempt *attempt, const StepContext *context, GError **error)
{
    if (context->store.dialect != DIALECT_POSTGRES)
        return true;
    g_autoptr(GRegex) creates = g_regex_new(CONCURRENT_INDEX, G_REGEX_CASELESS, 0, NULL);
    for (unsigned i = attempt->first; i < step_attempt_total(attempt); i++) {
        g_autofree char *text = script_statement_text(attempt->script, i);
        g_autoptr(GMatchInfo) match = NULL;
        if (g_ascii_strncasecmp(text, "drop", 4) == 0)
            return true;
        if (!g_regex_match(creates, text, 0, &match))
            continue;
        g_autofree char *name = g_match_info_fetch(match, 1);
        g_autofree char *table = g_match_info_fetch(match, 2);
        g_autofree char *index = invalid_index(context->connection, name, table);
        if (!index)
            continue;
        attempt->failed = (gint)i;
        g_propagate_error(error, invalid_index_error(index));
        return false;
    }
    return true;
}
