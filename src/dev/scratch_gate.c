/* Scratch gate: judges a statement by its words and by whose server it would run on. The thread that owns the
 * scratch. */
#include "dev/scratch_gate.h"

#include "dev/dev_servers_internal.h"
#include "dev/missing_role.h"
#include "dev/statement_reach.h"
#include "sql/words.h"

#include <string.h>

#define OTHERWISE "; leave the dev server to dbfleet (\"auto\" under dev: in dbfleet.yaml), which runs it"

static bool reach_is_fine(const Scratch *scratch, StatementReach reach)
{
    bool is_private = ((const ScratchDatabase *)scratch)->server->is_private;
    return reach == REACH_DATABASE || (reach == REACH_ROLES && scratch_may_have_roles(scratch)) ||
           (reach == REACH_SERVER && is_private);
}

static bool makes_event(const char *text, gsize length, Dialect dialect)
{
    bool begins = length > strlen("create") && g_ascii_strncasecmp(text, "create", strlen("create")) == 0;
    if (!begins || !dialect_is_mysql_family(dialect))
        return false;
    g_autoptr(GPtrArray) words = sql_words(text, length, dialect);
    static const char *const others[] = {"table", "view", "function", "procedure", "trigger", "index", NULL};
    for (guint i = 1; words && i < words->len; i++) {
        if (sql_word_is(words->pdata[i], "event"))
            return true;
        for (const char *const *other = others; *other; other++)
            if (sql_word_is(words->pdata[i], *other))
                return false;
    }
    return false;
}

/* The scheduler would run it: on a private server it is off. */
static bool would_run(Scratch *scratch)
{
    g_autoptr(RowSet) rows =
        connection_query(scratch->connection, "SELECT @@global.event_scheduler IN ('ON', '1')", NULL);
    return rows && rows->rows->len && g_strcmp0(((char **)rows->rows->pdata[0])[0], "1") == 0;
}

bool scratch_allows(Scratch *scratch, const char *text, gsize length, char **why)
{
    g_autofree char *reason = NULL;
    StatementReach reach = statement_reach(text, length, scratch->dialect, scratch->name, &reason);
    *why = NULL;
    if (!reach_is_fine(scratch, reach))
        *why = g_strconcat(reason, reach == REACH_FILES ? "" : OTHERWISE, NULL);
    else if (makes_event(text, length, scratch->dialect) && would_run(scratch))
        *why = g_strdup("the event scheduler of the dev server is on and would run this event" OTHERWISE);
    return *why == NULL;
}
