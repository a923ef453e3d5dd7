/* Statement reach: rows of first words. A name before a dot is another database in the MySQL family only, and
 * only where a table, view or routine is named, not in an expression. */
#include "dev/statement_reach.h"

#include "sql/words.h"

#include <string.h>

enum {
    PG = 1 << DIALECT_POSTGRES,
    MY = 1 << DIALECT_MYSQL | 1 << DIALECT_MARIADB,
    LITE = 1 << DIALECT_SQLITE
};

#define MAKES "create|alter|drop"

/* In `pattern` "a|b" is one of several, "..." any words, and [a|b] one of these or
 * nothing. The first row that fits counts. */
typedef struct ReachRow {
    const char *pattern;
    int dialects;
    StatementReach reach;
    const char *why; /* NULL: it does not reach */
} ReachRow;

static const char databases[] = "other databases are not the schema's business";
static const char accounts[] = "accounts and their rights belong to the whole server";
static const char roles[] = "roles belong to the whole server";
static const char server[] = "it changes the whole server";
static const char files[] = "it reads or writes files, or runs programs, on the server's computer";

static const ReachRow rows[] = {
    {MAKES " user mapping", PG, REACH_DATABASE, NULL},
    {MAKES " database", PG, REACH_SERVER, databases},
    {MAKES " role|user|group", PG, REACH_ROLES, roles},
    {MAKES " tablespace", PG, REACH_SERVER, "tablespaces belong to the whole server"},
    {MAKES " subscription", PG, REACH_SERVER, "a subscription connects to another server"},
    {"alter system", PG, REACH_SERVER, server},
    {"comment|security [label] ... on database|role|tablespace|subscription", PG, REACH_SERVER, server},
    {"grant|revoke ... on database|tablespace|parameter", PG, REACH_SERVER, databases},
    {"grant|revoke ... on ...", PG, REACH_DATABASE, NULL},
    {"grant|revoke ...", PG, REACH_ROLES, roles},
    {"copy ... from|to program", PG, REACH_FILES, files},
    {"copy ... from|to stdin|stdout", PG, REACH_DATABASE, NULL},
    {"copy ...", PG, REACH_FILES, files},
    {"alter database|schema [default] character|charset|collate", MY, REACH_DATABASE, NULL},
    {"create [or] [replace] database|schema", MY, REACH_SERVER, databases},
    {"alter|drop database|schema", MY, REACH_SERVER, databases},
    {"use", MY, REACH_SERVER, databases},
    {"create [or] [replace] user|role|server|tablespace|undo|resource", MY, REACH_SERVER, accounts},
    {"alter|drop|rename user|role|server|tablespace|undo|resource|instance", MY, REACH_SERVER, accounts},
    {"grant|revoke ...", MY, REACH_SERVER, accounts},
    {"set password", MY, REACH_SERVER, accounts},
    {"set default role", MY, REACH_SERVER, accounts},
    {"set global|persist|persist_only", MY, REACH_SERVER, server},
    {"install|uninstall|flush|shutdown|kill|restart|purge|clone", MY, REACH_SERVER, server},
    {"start|stop|reset|change slave|replica|master|replication|group_replication|all|query", MY, REACH_SERVER,
     server},
    {"load data|xml", MY, REACH_FILES, files},
    {"select ... into outfile|dumpfile", MY, REACH_FILES, files},
    {"attach|detach", LITE, REACH_FILES, "other files are not the schema's business"},
    {"vacuum ... into", LITE, REACH_FILES, files},
};

/* ---- Matching ---- */

static bool is_one_of(const SqlWord *word, const char *alternatives)
{
    g_auto(GStrv) each = g_strsplit(alternatives, "|", -1);
    for (char **one = each; word && *one; one++)
        if (sql_word_is(word, *one))
            return true;
    return false;
}

static const SqlWord *word_at(const GPtrArray *words, guint at)
{
    return at < words->len ? words->pdata[at] : NULL;
}

static bool matches(const GPtrArray *words, guint at, char *const *parts)
{
    for (; *parts; parts++) {
        const char *part = *parts;
        gsize length = strlen(part);
        if (g_str_equal(part, "...")) {
            for (guint later = at; later <= words->len; later++)
                if (matches(words, later, parts + 1))
                    return true;
            return false;
        }
        if (*part == '[') {
            g_autofree char *optional = g_strndup(part + 1, length - 2);
            at += is_one_of(word_at(words, at), optional);
        } else if (is_one_of(word_at(words, at), part)) {
            at++;
        } else {
            return false;
        }
    }
    return true;
}

static const ReachRow *row_of(const GPtrArray *words, Dialect dialect)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) parts = g_strsplit(rows[i].pattern, " ", -1);
        if ((rows[i].dialects & 1 << dialect) && matches(words, 0, parts))
            return &rows[i];
    }
    return NULL;
}

/* ---- Names of other databases ---- */

/* Behind these a name before a dot is a database's. */
#define BEFORE_NAMES                                                                                         \
    "table|tables|view|into|update|from|join|references|procedure|function|trigger|event|sequence|package|"  \
    "exists"
/* … unless they are the rows of a trigger. */
#define TRIGGER_ROWS "new|old"
/* … but not inside of these, whose FROM is another. */
#define WITH_FROM "extract|trim|substring|substr|mid|overlay|position"

/* Whether the parenthesis that is open before `at` belongs to one of those functions. */
static bool is_in_function(const GPtrArray *words, guint at)
{
    int depth = 0;
    for (guint i = at; i-- > 0;) {
        const SqlWord *word = words->pdata[i];
        depth += sql_word_is_sign(word, ')') - sql_word_is_sign(word, '(');
        if (depth < 0)
            return i > 0 && is_one_of(words->pdata[i - 1], WITH_FROM);
    }
    return false;
}

/* ON DUPLICATE KEY UPDATE t.a = … */
static bool stands_before_name(const GPtrArray *words, guint at)
{
    bool of_key = at > 0 && is_one_of(words->pdata[at - 1], "key") && is_one_of(words->pdata[at], "update");
    return is_one_of(words->pdata[at], BEFORE_NAMES) && !of_key && !is_in_function(words, at);
}

/* What may be read from everywhere. */
static bool is_catalog(const SqlWord *name)
{
    static const char *const catalogs[] = {"information_schema", "performance_schema", "sys", "mysql", NULL};
    for (const char *const *catalog = catalogs; *catalog; catalog++)
        if (g_ascii_strcasecmp(name->text, *catalog) == 0)
            return true;
    return false;
}

static const char *other_database(const GPtrArray *words, const char *own)
{
    for (guint i = 0; i + 3 < words->len; i++) {
        const SqlWord *name = words->pdata[i + 1];
        bool named = sql_word_is_sign(words->pdata[i + 2], '.') && sql_word_is_name(name) &&
                     sql_word_is_name(words->pdata[i + 3]) && !is_one_of(name, TRIGGER_ROWS);
        if (named && stands_before_name(words, i) && g_strcmp0(name->text, own) != 0 &&
            !(is_one_of(words->pdata[i], "from|join") && is_catalog(name)))
            return name->text;
    }
    return NULL;
}

/* SET @@global.x, SET SESSION x, GLOBAL y. */
static bool sets_global(const GPtrArray *words)
{
    if (!is_one_of(word_at(words, 0), "set"))
        return false;
    for (guint i = 1; i < words->len; i++) {
        const SqlWord *before = words->pdata[i - 1];
        bool variable = sql_word_is_sign(before, '@') || sql_word_is_sign(before, ',');
        if (variable && is_one_of(words->pdata[i], "global|persist|persist_only"))
            return true;
    }
    return false;
}

static char *first_words(const GPtrArray *words)
{
    const SqlWord *one = word_at(words, 0), *two = word_at(words, 1);
    bool second = two && two->kind == SQL_WORD_PLAIN;
    g_autofree char *text = g_strconcat(one->text, second ? " " : "", second ? two->text : "", NULL);
    return g_ascii_strup(text, -1);
}

StatementReach statement_reach(const char *text, gsize length, Dialect dialect, const char *database,
                               char **why)
{
    g_autoptr(GPtrArray) words = sql_words(text, length, dialect);
    bool family = dialect_is_mysql_family(dialect);
    const ReachRow *row = words && words->len ? row_of(words, dialect) : NULL;
    const char *reason = row ? row->why : words && family && sets_global(words) ? server : NULL;
    const char *other = words && family && !reason ? other_database(words, database) : NULL;
    if (why)
        *why = NULL;
    if (!reason && !other)
        return REACH_DATABASE;
    if (why && other)
        *why =
            g_strdup_printf("it names the database \"%s\": leave that out, each target has its own", other);
    if (why && !other) {
        g_autofree char *verb = first_words(words);
        *why = g_strdup_printf("%s: %s", verb, reason);
    }
    return row && row->why ? row->reach : REACH_SERVER;
}
