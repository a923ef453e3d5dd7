/* What a user may not see of a schema: the server leaves objects out of its lists where the user has no
 * privilege on them, and says nothing. Reads only; thread of the connection. */
#include "drivers/mysql/grants.h"
#include "drivers/mysql/mysql_internal.h"

/* Any of them makes the objects of a kind visible, database-wide (manual, "information_schema"). */
static const struct {
    const char *objects;
    const char *any[6]; /* NULL-terminated */
} sights[] = {
    {"tables", {"SELECT", NULL}},
    {"views", {"SHOW VIEW", NULL}},
    {"triggers", {"TRIGGER", NULL}},
    {"events", {"EVENT", NULL}},
    {"routines", {"EXECUTE", "ALTER ROUTINE", "CREATE ROUTINE", "SHOW CREATE ROUTINE", NULL}},
};

static bool gives_any(const RowSet *grants, const char *database, const char *const *any)
{
    for (; *any; any++) {
        const char *const one[] = {*any, NULL};
        g_autoptr(GPtrArray) missing = mysql_grants_missing(grants, database, one);
        if (missing->len == 0)
            return true;
    }
    return false;
}

bool mysql_session_unseen(Connection *base, char **unseen, GError **error)
{
    g_autoptr(RowSet) grants = connection_query(base, "SHOW GRANTS", error);
    g_autoptr(GString) text = g_string_new(NULL);
    for (gsize i = 0; grants && i < G_N_ELEMENTS(sights); i++)
        if (!gives_any(grants, base->server.database, sights[i].any))
            g_string_append_printf(text, "%s%s (%s)", text->len > 0 ? ", " : "", sights[i].objects,
                                   sights[i].any[0]);
    *unseen = text->len > 0 ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
    return grants != NULL;
}
