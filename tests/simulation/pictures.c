/* Pictures: what the server says about objects, in place of the expressions that src/schema/picture.h makes.
 * An object's picture is how many statements changed it; one that is not there has the line that the
 * expression holds for that. Where the expression asks for columns or indexes only, it is their lines. */
#include "statements.h"

#include <string.h>

#define ABSENT ": absent'"
#define VARIABLE "@dbfleet_picture"
#define NO_COLUMN "'no column "
#define NO_INDEX "'no index "

bool expression_is_picture(const char *text)
{
    return strstr(text, ABSENT) || strstr(text, NO_COLUMN) || strstr(text, NO_INDEX) ||
           strstr(text, VARIABLE);
}

static bool is_ddl_of(const char *statement, const char *word, const char *name)
{
    g_auto(GStrv) words = g_strsplit(statement, " ", -1);
    guint length = g_strv_length(words);
    bool fits = length > 2 && (!word || g_str_equal(words[0], word));
    return fits && (word ? g_str_equal(words[2], name)
                         : strstr(statement, name) && !g_str_equal(words[0], "insert") &&
                               !g_str_equal(words[0], "update") && !g_str_equal(words[0], "delete"));
}

/* How often statements of that word (NULL: any DDL) that are about the object took effect. */
static unsigned count_of(const Kept *kept, const char *word, const char *name)
{
    GHashTableIter iter;
    gpointer statement, times;
    unsigned count = 0;
    g_hash_table_iter_init(&iter, kept->effects);
    while (g_hash_table_iter_next(&iter, &statement, &times))
        if (is_ddl_of(statement, word, name))
            count += GPOINTER_TO_UINT(times);
    return count;
}

/* The object's name at the end of a label such as "table main.t_aa", without quotes. Caller frees. */
static char *label_name(const char *label)
{
    const char *start = label + strlen(label);
    while (start > label && !strchr(" .", start[-1]))
        start--;
    g_auto(GStrv) pieces = g_strsplit_set(start, "\"`'", -1);
    return g_strjoinv("", pieces);
}

void picture_keep(Kept *kept, const char *sql)
{
    g_free(kept->picture);
    kept->picture = picture_of(kept, sql);
}

static char *as_hex(const char *text)
{
    GString *hex = g_string_new(NULL);
    for (; *text; text++)
        g_string_append_printf(hex, "%02X", (guchar)*text);
    return g_string_free(hex, FALSE);
}

static char *kept_picture(const Kept *kept, const char *expression)
{
    const char *picture = kept->picture ? kept->picture : "?";
    return strstr(expression, "HEX(") ? as_hex(picture) : g_strdup(picture);
}

/* How often a statement took effect that begins so. */
static unsigned count_begun(const Kept *kept, const char *beginning)
{
    GHashTableIter iter;
    gpointer statement, times;
    unsigned count = 0;
    g_hash_table_iter_init(&iter, kept->effects);
    while (g_hash_table_iter_next(&iter, &statement, &times))
        count += g_str_has_prefix(statement, beginning) ? GPOINTER_TO_UINT(times) : 0;
    return count;
}

/* The line of the first column or index that the expression asks for, which is at `line`: 'no column t.c'. An
 * index goes with its table. */
static char *witness_picture(const Kept *kept, const char *line, bool column)
{
    g_autofree char *named = g_strndup(line, strcspn(line, "'"));
    g_auto(GStrv) names = g_strsplit(named, ".", 2);
    g_autofree char *made = column ? g_strdup_printf("alter table %s add %s", names[0], names[1])
                                   : g_strdup_printf("create index %s", names[1]);
    g_autofree char *gone = column ? g_strdup_printf("alter table %s drop %s", names[0], names[1])
                                   : g_strdup_printf("drop table %s", names[0]);
    if (count_begun(kept, made) > count_begun(kept, gone))
        return g_strdup_printf("%s %s%sthere", column ? "column" : "index", named, column ? ": " : " ");
    return g_strdup_printf("no %s %s", column ? "column" : "index", named);
}

char *picture_of(const Kept *kept, const char *expression)
{
    const char *column = strstr(expression, NO_COLUMN), *index = strstr(expression, NO_INDEX);
    if (column || index) {
        g_autofree char *line = column ? witness_picture(kept, column + strlen(NO_COLUMN), true)
                                       : witness_picture(kept, index + strlen(NO_INDEX), false);
        return strstr(expression, "HEX(") ? as_hex(line) : g_steal_pointer(&line);
    }
    if (!strstr(expression, ABSENT))
        return kept_picture(kept, expression);
    GString *picture = g_string_new(NULL);
    for (const char *at = expression; (at = strstr(at, ABSENT)); at += strlen(ABSENT)) {
        const char *start = at;
        while (start > expression && start[-1] != '\'')
            start--;
        g_autofree char *label = g_strndup(start, (gsize)(at - start));
        g_autofree char *name = label_name(label);
        bool there = count_of(kept, "create", name) > count_of(kept, "drop", name);
        g_string_append_printf(picture, "%s: ", label);
        if (there)
            g_string_append_printf(picture, "changed %u times\n", count_of(kept, NULL, name));
        else
            g_string_append(picture, "absent\n");
    }
    return g_string_free(picture, FALSE);
}
