/* Names of SQLite: which need quotes, and how they are compared. Pure. */
#include "schema/sqlite/sqlite_schema_internal.h"

#include <stdlib.h>
#include <string.h>

/* Words that no table or column can be called without quotes, by trying each in CREATE, ALTER, SELECT and
 * INSERT on 3.40; sorted. */
static const char *const reserved[] = {
    "add",        "all",        "alter",       "and",          "as",           "autoincrement",
    "between",    "case",       "cast",        "check",        "collate",      "commit",
    "constraint", "create",     "cross",       "current_date", "current_time", "current_timestamp",
    "default",    "deferrable", "delete",      "distinct",     "drop",         "else",
    "escape",     "except",     "exists",      "foreign",      "from",         "full",
    "glob",       "group",      "having",      "if",           "in",           "index",
    "indexed",    "inner",      "insert",      "intersect",    "into",         "is",
    "isnull",     "join",       "left",        "like",         "limit",        "match",
    "natural",    "not",        "nothing",     "notnull",      "null",         "on",
    "or",         "order",      "outer",       "primary",      "raise",        "references",
    "regexp",     "returning",  "right",       "select",       "set",          "table",
    "then",       "to",         "transaction", "union",        "unique",       "update",
    "using",      "values",     "when",        "where",
};

static int compare_words(const void *key, const void *row)
{
    return g_ascii_strcasecmp(key, *(const char *const *)row);
}

static bool is_reserved(const char *name)
{
    return bsearch(name, reserved, G_N_ELEMENTS(reserved), sizeof *reserved, compare_words) != NULL;
}

static bool is_plain(const char *name)
{
    if (!*name || g_ascii_isdigit(*name) || *name == '$')
        return false;
    for (const char *c = name; *c; c++)
        if (!g_ascii_isalnum(*c) && *c != '_' && *c != '$' && !((unsigned char)*c & 0x80))
            return false;
    return !is_reserved(name);
}

char *lite_name(const char *name)
{
    return is_plain(name) ? g_strdup(name) : sql_quote_ident(DIALECT_SQLITE, name);
}

char *lite_fold(const char *name)
{
    return g_ascii_strdown(name, -1);
}

char *lite_key(const char *name)
{
    g_autofree char *folded = lite_fold(name);
    return lite_name(folded);
}

char *lite_part_key(const char *table_key, const char *part)
{
    return g_strconcat(table_key, ".", part, NULL);
}

char *lite_unquoted(const char *name)
{
    g_autoptr(GPtrArray) words = sql_words(name, strlen(name), DIALECT_SQLITE);
    const SqlWord *only = words && words->len == 1 ? words->pdata[0] : NULL;
    return lite_fold(only && sql_word_is_name(only) ? only->text : name);
}
