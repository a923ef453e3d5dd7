/* Grants: what the lines of SHOW GRANTS give. Owns their reading:
 *   GRANT SELECT, INSERT (a, b) ON `shop\_1`.* TO `me`@`%` …
 * where the database is a pattern with % and _ (manual 13.7.1.6 "GRANT"). Refuses to know what roles would
 * add that are not in force. Pure. */
#include "drivers/mysql/grants.h"

#include <string.h>

/* Compares as LIKE does: % is any text, _ any character, \ takes the next one as it is. */
static bool pattern_matches(const char *pattern, const char *text)
{
    for (; *pattern && *pattern != '%'; pattern++) {
        bool any = *pattern == '_';
        if (*pattern == '\\' && pattern[1])
            pattern++;
        if (!*text || (!any && *pattern != *text))
            return false;
        text++;
    }
    if (!*pattern)
        return !*text;
    for (;; text++) {
        if (pattern_matches(pattern + 1, text))
            return true;
        if (!*text)
            return false;
    }
}

/* The name in back quotes that `text` begins with, unquoted, and where it ends. NULL if there is none. */
static char *quoted_name(const char *text, const char **end)
{
    GString *name = g_string_new(NULL);
    if (*text++ != '`')
        return g_string_free(name, TRUE);
    for (; *text; text++) {
        if (*text == '`' && *++text != '`')
            break;
        g_string_append_c(name, *text);
    }
    *end = text;
    return g_string_free(name, FALSE);
}

/* Where the object of a grant begins, behind " ON "; NULL for roles and proxies. */
static const char *object_of(const char *line)
{
    const char *on = strstr(line, " ON ");
    const char *object = on ? on + strlen(" ON ") : NULL;
    return object && (*object == '*' || *object == '`') ? object : NULL;
}

static bool covers_all(const char *object)
{
    return g_str_has_prefix(object, "*.*");
}

static bool covers_database(const char *object, const char *database)
{
    const char *end = NULL;
    g_autofree char *pattern = covers_all(object) ? NULL : quoted_name(object, &end);
    return covers_all(object) ||
           (pattern && g_str_has_prefix(end, ".*") && pattern_matches(pattern, database));
}

/* True if the privilege stands in the list between GRANT and ON. */
static bool gives(const char *line, const char *object, const char *privilege)
{
    static const char grant[] = "GRANT ";
    if (!g_str_has_prefix(line, grant))
        return false;
    const char *start = line + strlen(grant), *end = object - strlen(" ON ");
    g_autofree char *list = g_strndup(start, (gsize)(end - start));
    g_auto(GStrv) names = g_strsplit(list, ", ", -1);
    return g_strv_contains((const char *const *)names, privilege) ||
           g_strv_contains((const char *const *)names, "ALL PRIVILEGES");
}

static bool is_given(const RowSet *grants, const char *database, const char *privilege)
{
    for (guint i = 0; i < grants->rows->len; i++) {
        const char *line = ((char **)grants->rows->pdata[i])[0];
        const char *object = object_of(line);
        bool covers = object && (database ? covers_database(object, database) : covers_all(object));
        if (covers && gives(line, object, privilege))
            return true;
    }
    return false;
}

bool mysql_grants_global(const RowSet *grants, const char *privilege)
{
    return is_given(grants, NULL, privilege);
}

GPtrArray *mysql_grants_missing(const RowSet *grants, const char *database, const char *const *wanted)
{
    GPtrArray *missing = g_ptr_array_new();
    for (; *wanted; wanted++)
        if (!is_given(grants, database, *wanted))
            g_ptr_array_add(missing, (gpointer)*wanted);
    return missing;
}
