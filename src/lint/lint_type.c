/* Types: which of two holds less. Rows of families rather than a lattice: what no row orders narrows. */
#include "lint/lint_schema_internal.h"
#include "sql/words.h"

#include <string.h>

typedef enum Family {
    FAMILY_OTHER,
    FAMILY_INTEGER,
    FAMILY_NUMERIC,
    FAMILY_FLOAT,
    FAMILY_TEXT,
    FAMILY_BYTES
} Family;

typedef struct TypeRow {
    const char *name;
    Family family;
    unsigned rank; /* in its family; more holds more */
} TypeRow;

static const TypeRow TYPES[] = {
    {"tinyint", FAMILY_INTEGER, 1},
    {"smallint", FAMILY_INTEGER, 2},
    {"int2", FAMILY_INTEGER, 2},
    {"mediumint", FAMILY_INTEGER, 3},
    {"int", FAMILY_INTEGER, 4},
    {"integer", FAMILY_INTEGER, 4},
    {"int4", FAMILY_INTEGER, 4},
    {"bigint", FAMILY_INTEGER, 8},
    {"int8", FAMILY_INTEGER, 8},
    {"numeric", FAMILY_NUMERIC, 1},
    {"decimal", FAMILY_NUMERIC, 1},
    {"real", FAMILY_FLOAT, 1},
    {"float", FAMILY_FLOAT, 1},
    {"double", FAMILY_FLOAT, 2},
    {"double precision", FAMILY_FLOAT, 2},
    {"char", FAMILY_TEXT, 1},
    {"character", FAMILY_TEXT, 1},
    {"varchar", FAMILY_TEXT, 1},
    {"character varying", FAMILY_TEXT, 1},
    {"tinytext", FAMILY_TEXT, 2},
    {"text", FAMILY_TEXT, 3},
    {"clob", FAMILY_TEXT, 3},
    {"mediumtext", FAMILY_TEXT, 4},
    {"longtext", FAMILY_TEXT, 5},
    {"binary", FAMILY_BYTES, 1},
    {"varbinary", FAMILY_BYTES, 1},
    {"tinyblob", FAMILY_BYTES, 2},
    {"blob", FAMILY_BYTES, 3},
    {"bytea", FAMILY_BYTES, 3},
    {"mediumblob", FAMILY_BYTES, 4},
    {"longblob", FAMILY_BYTES, 5},
};

/* Pairs that lose nothing although their names differ. */
static const struct {
    const char *before;
    const char *after;
} HARMLESS[] = {
    {"date", "timestamp without time zone"},
    {"date", "timestamp with time zone"},
    {"date", "datetime"},
    {"date", "timestamp"},
    {"json", "jsonb"},
    {"timestamp without time zone", "timestamp with time zone"},
    {"timestamp", "datetime"},
    {"inet", "cidr"},
    {"bit", "bit varying"},
    {"time without time zone", "interval"},
};

static const TypeRow *type_row(const LintType *type)
{
    static const TypeRow other = {"", FAMILY_OTHER, 0};
    for (gsize i = 0; i < G_N_ELEMENTS(TYPES); i++)
        if (g_str_equal(TYPES[i].name, type->name))
            return &TYPES[i];
    return &other;
}

/* ---- Parsing ---- */

static void parse_arguments(LintType *self, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", 2);
    self->labels = g_strdup(text);
    self->first = parts[0] && g_ascii_isdigit(parts[0][0]) ? g_ascii_strtoll(parts[0], NULL, 10) : -1;
    if (self->first >= 0 && parts[1])
        self->second = g_ascii_strtoll(parts[1], NULL, 10);
}

void lint_type_parse(LintType *self, const char *text)
{
    *self = (LintType){.first = -1, .second = -1};
    const char *open = strchr(text, '('), *close = open ? strrchr(open, ')') : NULL;
    g_autofree char *head = close ? g_strndup(text, (gsize)(open - text)) : g_strdup(text);
    g_autofree char *arguments = close ? g_strndup(open + 1, (gsize)(close - open - 1)) : NULL;
    g_autofree char *joined = g_strconcat(head, " ", close ? close + 1 : "", NULL);
    g_autofree char *lower = g_ascii_strdown(g_strstrip(joined), -1);
    if (arguments)
        parse_arguments(self, arguments);
    g_auto(GStrv) words = g_strsplit(lower, " ", -1);
    g_autoptr(GStrvBuilder) kept = g_strv_builder_new();
    for (char **word = words; *word; word++) {
        self->is_unsigned |= g_str_equal(*word, "unsigned");
        self->is_array |= g_str_has_suffix(*word, "[]");
        if (**word && !g_str_equal(*word, "unsigned") && !g_str_equal(*word, "zerofill"))
            g_strv_builder_add(kept, *word);
    }
    g_auto(GStrv) list = g_strv_builder_end(kept);
    self->name = g_strjoinv(" ", list);
}

void lint_type_clear(LintType *self)
{
    g_clear_pointer(&self->name, g_free);
    g_clear_pointer(&self->labels, g_free);
}

GPtrArray *lint_labels(const char *text)
{
    GPtrArray *labels = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) words = sql_words(text, strlen(text), DIALECT_SQLITE);
    for (guint i = 0; words && i < words->len; i++) {
        const SqlWord *word = words->pdata[i];
        if (word->kind == SQL_WORD_QUOTED)
            g_ptr_array_add(labels, g_strdup(word->text));
    }
    return labels;
}

/* ---- Comparing ---- */

/* Whole digits and those behind the point both fit. */
static bool numeric_narrows(const LintType *before, const LintType *after)
{
    if (after->first < 0)
        return false;
    if (before->first < 0)
        return true;
    gint64 scale_before = MAX(before->second, 0), scale_after = MAX(after->second, 0);
    return scale_after < scale_before || after->first - scale_after < before->first - scale_before;
}

static bool length_narrows(const LintType *before, const LintType *after)
{
    return after->first >= 0 && (before->first < 0 || after->first < before->first);
}

static bool family_narrows(const TypeRow *from, const TypeRow *to, const LintType *before,
                           const LintType *after)
{
    if (from->family == FAMILY_NUMERIC)
        return numeric_narrows(before, after);
    if (from->rank != to->rank)
        return to->rank < from->rank;
    return from->family != FAMILY_INTEGER && from->family != FAMILY_FLOAT && length_narrows(before, after);
}

static bool crossing_narrows(const TypeRow *from, const TypeRow *to, const LintType *before,
                             const LintType *after)
{
    if (to->family == FAMILY_TEXT && to->rank > 1 && from->family != FAMILY_BYTES)
        return false;
    if (from->family == FAMILY_INTEGER && to->family == FAMILY_NUMERIC)
        return after->first >= 0 && after->first - MAX(after->second, 0) < 2 * (gint64)from->rank + 2;
    for (gsize i = 0; i < G_N_ELEMENTS(HARMLESS); i++)
        if (g_str_equal(HARMLESS[i].before, before->name) && g_str_equal(HARMLESS[i].after, after->name))
            return false;
    return true;
}

static bool labels_narrow(const LintType *before, const LintType *after)
{
    g_autoptr(GPtrArray) old = lint_labels(before->labels ? before->labels : "");
    g_autoptr(GPtrArray) now = lint_labels(after->labels ? after->labels : "");
    for (guint i = 0; i < old->len; i++)
        if (!g_ptr_array_find_with_equal_func(now, old->pdata[i], g_str_equal, NULL))
            return true;
    return false;
}

bool lint_type_narrows(const char *before_text, const char *after_text)
{
    g_auto(LintType) before = {0}, after = {0};
    lint_type_parse(&before, before_text);
    lint_type_parse(&after, after_text);
    const TypeRow *from = type_row(&before), *to = type_row(&after);
    if (before.is_array != after.is_array)
        return true;
    if (g_str_equal(before.name, "enum") && g_str_equal(after.name, "enum"))
        return labels_narrow(&before, &after);
    if (before.is_unsigned != after.is_unsigned && (after.is_unsigned || to->rank <= from->rank))
        return true;
    if (from->family != FAMILY_OTHER && from->family == to->family)
        return family_narrows(from, to, &before, &after);
    if (g_str_equal(before.name, after.name))
        return length_narrows(&before, &after);
    return crossing_narrows(from, to, &before, &after);
}

bool lint_type_widens_only(const char *before_text, const char *after_text)
{
    g_auto(LintType) before = {0}, after = {0};
    lint_type_parse(&before, before_text);
    lint_type_parse(&after, after_text);
    const TypeRow *from = type_row(&before), *to = type_row(&after);
    bool alike =
        g_str_equal(before.name, after.name) || (from->family == FAMILY_TEXT && to->family == FAMILY_TEXT);
    return alike && before.is_array == after.is_array && !lint_type_narrows(before_text, after_text);
}
