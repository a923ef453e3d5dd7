/* Seed values: a row for each family of types; what conditions say comes from their words. */
#include "dev/seed_values.h"

#include "sql/words.h"

#include <stdlib.h>
#include <string.h>

/* ---- Types ---- */

typedef enum ValueForm {
    VALUE_NUMBER,
    VALUE_TEXT,
    VALUE_OTHER,
    VALUE_RAW /* an expression, not to be quoted */
} ValueForm;

/* "#" in a value is the number of the row, from 1. */
typedef struct TypeRow {
    const char *prefix; /* of the type's name in lower case; "" for all others */
    ValueForm form;
    int dialects; /* bits; 0: all */
    const char *values[9];
} TypeRow;

#define ON(dialect) (1 << (dialect))
#define MYSQL_FAMILY (ON(DIALECT_MYSQL) | ON(DIALECT_MARIADB))

/* The first that fits counts. */
static const TypeRow type_rows[] = {
    {"interval", VALUE_OTHER, 0, {"# days"}},
    {"int4range", VALUE_OTHER, 0, {"[#0,#5)"}},
    {"int8range", VALUE_OTHER, 0, {"[#0,#5)"}},
    {"int4multirange", VALUE_OTHER, 0, {"{[#0,#5)}"}},
    {"int8multirange", VALUE_OTHER, 0, {"{[#0,#5)}"}},
    {"numrange", VALUE_OTHER, 0, {"[#0,#5)"}},
    {"nummultirange", VALUE_OTHER, 0, {"{[#0,#5)}"}},
    {"daterange", VALUE_OTHER, 0, {"[2024-0#-01,2024-0#-20)"}},
    {"tsrange", VALUE_OTHER, 0, {"[2024-0#-01,2024-0#-20)"}},
    {"tstzrange", VALUE_OTHER, 0, {"[2024-0#-01 00:00+00,2024-0#-20 00:00+00)"}},
    {"datetime", VALUE_OTHER, 0, {"2024-01-0# 10:00:00", "2000-01-0# 10:00:00", "2030-01-0# 10:00:00"}},
    {"date", VALUE_OTHER, 0, {"2024-01-0#", "2000-01-0#", "2030-01-0#", "2024-06-0#"}},
    {"timestamp", VALUE_OTHER, 0, {"2024-01-0# 10:00:00", "2000-01-0# 10:00:00", "2030-01-0# 10:00:00"}},
    {"time", VALUE_OTHER, 0, {"10:00:0#"}},
    {"year", VALUE_OTHER, 0, {"200#"}},
    {"bool", VALUE_OTHER, ON(DIALECT_POSTGRES), {"true", "false"}},
    {"bool", VALUE_NUMBER, 0, {"1", "0"}},
    {"tinyint(1)", VALUE_NUMBER, 0, {"1", "0", "#"}},
    {"bit", VALUE_RAW, MYSQL_FAMILY, {"b'1'", "b'0'"}},
    {"oid", VALUE_NUMBER, 0, {"#"}},
    {"money", VALUE_NUMBER, 0, {"#", "#0"}},
    {"text",
     VALUE_TEXT,
     0,
     {"#", "x#", "user#@example.org", "2024-01-0#", "{\"a\": #}", "", "https://example.org/#"}},
    {"uuid", VALUE_OTHER, 0, {"00000000-0000-4000-8000-00000000000#"}},
    {"jsonpath", VALUE_OTHER, 0, {"$.a#"}},
    {"json", VALUE_OTHER, 0, {"{\"a\": #}", "[#]", "#", "\"x#\""}},
    {"bytea", VALUE_OTHER, 0, {"\\x0#", "\\x0000000#"}},
    {"blob", VALUE_RAW, ON(DIALECT_SQLITE), {"x'0#'", "'#'", "#"}},
    {"inet6", VALUE_OTHER, 0, {"::#"}},
    {"inet", VALUE_OTHER, 0, {"10.0.0.#"}},
    {"cidr", VALUE_OTHER, 0, {"10.0.#.0/24"}},
    {"macaddr8", VALUE_OTHER, 0, {"08:00:2b:01:02:03:04:0#"}},
    {"macaddr", VALUE_OTHER, 0, {"08:00:2b:01:02:0#"}},
    {"pg_lsn", VALUE_OTHER, 0, {"0/#"}},
    {"xml", VALUE_OTHER, 0, {"<a>#</a>"}},
    {"tsvector", VALUE_OTHER, 0, {"word#"}},
    {"tsquery", VALUE_OTHER, 0, {"word#"}},
    {"hstore", VALUE_OTHER, 0, {"a=>#"}},
    {"linestring", VALUE_RAW, 0, {"ST_GeomFromText('LINESTRING(0 0,# 1)')"}},
    {"polygon", VALUE_RAW, MYSQL_FAMILY, {"ST_GeomFromText('POLYGON((0 0,0 #,# #,0 0))')"}},
    {"point", VALUE_RAW, MYSQL_FAMILY, {"ST_GeomFromText('POINT(# 1)')"}},
    {"geometry", VALUE_RAW, MYSQL_FAMILY, {"ST_GeomFromText('POINT(# 1)')"}},
    {"multi",
     VALUE_RAW,
     MYSQL_FAMILY,
     {"ST_GeomFromText('MULTIPOINT(# 1)')", "ST_GeomFromText('MULTILINESTRING((0 0,# 1))')",
      "ST_GeomFromText('MULTIPOLYGON(((0 0,0 #,# #,0 0)))')"}},
    {"point", VALUE_OTHER, ON(DIALECT_POSTGRES), {"(#,1)"}},
    {"lseg", VALUE_OTHER, 0, {"[(0,0),(1,#)]"}},
    {"line", VALUE_OTHER, 0, {"{1,1,#}"}},
    {"box", VALUE_OTHER, 0, {"(0,0),(#,#)"}},
    {"path", VALUE_OTHER, 0, {"((0,0),(1,#))"}},
    {"polygon", VALUE_OTHER, 0, {"((0,0),(1,#),(2,0))"}},
    {"circle", VALUE_OTHER, 0, {"<(0,0),#>"}},
    {"reg", VALUE_OTHER, 0, {"1#"}},
};

static const TypeRow number_row = {"", VALUE_NUMBER, 0, {"#", "1#", "1#0", "0", "-#", "0.#", "100#"}};
static const TypeRow text_row = {
    "",
    VALUE_TEXT,
    0,
    {"#", "x#", "user#@example.org", "2024-01-0#", "{\"a\": #}", "", "https://example.org/#"}};
/* SQLite keeps what it is given where a column has no type. */
static const TypeRow typeless_row = {"", VALUE_RAW, 0, {"#", "'x#'", "x'0#'", "0.5"}};
/* Of types that nobody here knows: ranges, composite types, those of extensions. */
static const TypeRow other_row = {
    "", VALUE_OTHER, 0, {"#", "empty", "(#,#)", "(#)", "[#,#]", "{}", "(,)", "()", "(,,)"}};

static const char *const number_words[] = {"int",    "serial", "numeric", "decimal", "real",
                                           "double", "float",  "number",  "fixed",   NULL};
static const char *const text_words[] = {"char", "text",   "clob", "string", "citext",
                                         "name", "binary", "blob", "any",    NULL};

static bool has_word(const char *type, const char *const *words)
{
    for (; *words; words++)
        if (strstr(type, *words))
            return true;
    return false;
}

static const TypeRow *type_row(const char *type, Dialect dialect)
{
    for (gsize i = 0; i < G_N_ELEMENTS(type_rows); i++)
        if (g_str_has_prefix(type, type_rows[i].prefix) &&
            (!type_rows[i].dialects || type_rows[i].dialects & ON(dialect)))
            return &type_rows[i];
    if (has_word(type, number_words))
        return &number_row;
    if (!*type)
        return &typeless_row;
    return has_word(type, text_words) ? &text_row : &other_row;
}

/* The length in "varchar(10)"; 0: none. */
static unsigned length_of(const char *type)
{
    const char *open = strchr(type, '(');
    return open ? (unsigned)strtoul(open + 1, NULL, 10) : 0;
}

/* ---- Making texts ---- */

typedef struct ValueList {
    const SeedPlace *place;
    GPtrArray *values; /* of char *: SQL */
    const TypeRow *row;
    unsigned length; /* characters at most; 0: no limit */
    bool array;
} ValueList;

static void add_text(ValueList *self, const char *text)
{
    g_autofree char *cut = g_utf8_substring(text, 0,
                                            self->length && self->row->form == VALUE_TEXT
                                                ? MIN((glong)self->length, g_utf8_strlen(text, -1))
                                                : -1);
    g_autofree char *element = self->array ? g_strdup_printf("{\"%s\"}", cut) : NULL;
    char *sql = self->row->form == VALUE_RAW
                    ? g_strdup(text)
                    : sql_quote_literal(self->place->dialect, element ? element : cut);
    if (g_ptr_array_find_with_equal_func(self->values, sql, g_str_equal, NULL))
        g_free(sql);
    else
        g_ptr_array_add(self->values, sql);
}

static void add_pattern(ValueList *self, const char *pattern)
{
    g_auto(GStrv) parts = g_strsplit(pattern, "#", -1);
    g_autofree char *number = g_strdup_printf("%u", self->place->row + 1);
    g_autofree char *text = g_strjoinv(number, parts);
    add_text(self, text);
}

/* bit(4): as many digits as it has. */
static void add_bits(ValueList *self)
{
    unsigned length = self->length ? self->length : 1;
    g_autofree char *digits = g_strnfill(length, '0');
    for (unsigned i = 0; i < length && i < 8; i++)
        digits[length - 1 - i] = '0' + (((self->place->row + 1) >> i) & 1);
    add_text(self, digits);
}

/* ---- What conditions say ---- */

static bool mentions(const GPtrArray *words, const char *quoted)
{
    g_autofree char *name = g_strndup(quoted + 1, strlen(quoted) - 2);
    for (guint i = 0; words && i < words->len; i++) {
        const SqlWord *word = words->pdata[i];
        if (sql_word_is_name(word) && g_ascii_strcasecmp(word->text, name) == 0)
            return true;
    }
    return false;
}

static void add_near(ValueList *self, double number)
{
    const double near[] = {number, number + 1, number - 1, number + self->place->row + 1};
    for (gsize i = 0; i < G_N_ELEMENTS(near); i++) {
        g_autofree char *text = g_strdup_printf("%.10g", near[i]);
        add_text(self, text);
    }
}

/* A number may be a length. */
static void add_long(ValueList *self, double number)
{
    if (number < 1 || number > 200)
        return;
    g_autofree char *text = g_strdup_printf("%0*u", (int)number, self->place->row + 1);
    add_text(self, text);
}

static void add_word(ValueList *self, const SqlWord *word)
{
    bool number = word->kind == SQL_WORD_PLAIN && g_ascii_isdigit(*word->text);
    if (word->kind == SQL_WORD_QUOTED && word->quote == '\'')
        add_text(self, word->text);
    else if (number && self->row->form == VALUE_NUMBER)
        add_near(self, g_ascii_strtod(word->text, NULL));
    else if (number && self->row->form == VALUE_TEXT)
        add_long(self, g_ascii_strtod(word->text, NULL));
}

/* What stands behind <> or != is what the value must not be. */
static bool is_ruled_out(const GPtrArray *words, guint at)
{
    return at >= 2 &&
           ((sql_word_is_sign(words->pdata[at - 1], '>') && sql_word_is_sign(words->pdata[at - 2], '<')) ||
            (sql_word_is_sign(words->pdata[at - 1], '=') && sql_word_is_sign(words->pdata[at - 2], '!')));
}

static bool is_literal(const SqlWord *word)
{
    return (word->kind == SQL_WORD_QUOTED && word->quote == '\'') ||
           (word->kind == SQL_WORD_PLAIN && g_ascii_isdigit(*word->text));
}

/* Begun at another word for each row, so that rows differ. */
static void add_from_check(ValueList *self, const char *check, const SeedColumn *column)
{
    g_autoptr(GPtrArray) words = sql_words(check, strlen(check), self->place->dialect);
    if (!words || self->row->form == VALUE_RAW || !mentions(words, column->name))
        return;
    g_autoptr(GPtrArray) literals = g_ptr_array_new();
    for (guint i = 0; i < words->len; i++)
        if (is_literal(words->pdata[i]) && !is_ruled_out(words, i))
            g_ptr_array_add(literals, words->pdata[i]);
    for (guint i = 0; i < literals->len; i++)
        add_word(self, literals->pdata[(i + self->place->row) % literals->len]);
}

static void add_from_checks(ValueList *self, const SeedColumn *column)
{
    const SeedTable *const tables[] = {self->place->table, self->place->also};
    for (gsize t = 0; t < G_N_ELEMENTS(tables); t++)
        for (guint i = 0; tables[t] && i < tables[t]->checks->len; i++)
            add_from_check(self, tables[t]->checks->pdata[i], column);
}

/* ---- Lists of labels ---- */

/* The quoted words of "enum('a','b')". Caller frees. */
static char **labels_of(const SeedColumn *column, Dialect dialect)
{
    if (column->labels)
        return g_strdupv(column->labels);
    if (!g_str_has_prefix(column->type, "enum(") && !g_str_has_prefix(column->type, "set("))
        return NULL;
    g_autoptr(GPtrArray) words = sql_words(column->type, strlen(column->type), dialect);
    GPtrArray *labels = g_ptr_array_new();
    for (guint i = 0; words && i < words->len; i++) {
        const SqlWord *word = words->pdata[i];
        if (word->kind == SQL_WORD_QUOTED)
            g_ptr_array_add(labels, g_strdup(word->text));
    }
    g_ptr_array_add(labels, NULL);
    return (char **)g_ptr_array_free(labels, FALSE);
}

/* Those that the column has as it shall be come first. */
static void add_labels(ValueList *self, char **labels, const SeedColumn *also)
{
    g_auto(GStrv) kept = also ? labels_of(also, self->place->dialect) : NULL;
    guint count = g_strv_length(labels);
    for (int stays = 1; stays >= 0; stays--)
        for (guint i = 0; i < count; i++) {
            const char *label = labels[(i + self->place->row) % count];
            if ((!kept || g_strv_contains((const char *const *)kept, label)) == stays)
                add_text(self, label);
        }
}

/* ---- All ---- */

static const SeedColumn *column_also(const SeedPlace *place, const SeedColumn *column)
{
    return place->also ? seed_table_column(place->also, column->name) : NULL;
}

bool seed_value_needed(const SeedPlace *place, const SeedColumn *column)
{
    const SeedColumn *also = column_also(place, column);
    return column->not_null || (also && also->not_null);
}

/* A text that shall be of another type is written as that wants it. */
static void choose_type(ValueList *self, const SeedColumn *column, const SeedColumn *also)
{
    g_autofree char *type = g_ascii_strdown(column->type, -1);
    g_autofree char *later = also ? g_ascii_strdown(also->type, -1) : g_strdup(type);
    const TypeRow *after = type_row(later, self->place->dialect);
    unsigned lengths[] = {length_of(type), length_of(later)};
    self->array = g_str_has_suffix(type, "[]");
    self->row = type_row(type, self->place->dialect);
    self->length = lengths[1] && (!lengths[0] || lengths[1] < lengths[0]) ? lengths[1] : lengths[0];
    if (self->row->form == VALUE_TEXT && after->form == VALUE_OTHER)
        self->row = after;
}

GPtrArray *seed_values(const SeedPlace *place, const SeedColumn *column)
{
    ValueList list = {.place = place, .values = g_ptr_array_new_with_free_func(g_free)};
    const SeedColumn *also = column_also(place, column);
    g_auto(GStrv) labels = labels_of(column, place->dialect);
    choose_type(&list, column, also);
    if (labels && *labels) {
        list.length = 0;
        add_labels(&list, labels, also);
        return list.values;
    }
    if (g_str_has_prefix(column->type, "bit") && list.row->form != VALUE_RAW)
        add_bits(&list);
    else if (list.row->form == VALUE_NUMBER)
        add_pattern(&list, list.row->values[0]);
    add_from_checks(&list, column);
    for (gsize i = 0; i < G_N_ELEMENTS(list.row->values) && list.row->values[i]; i++)
        add_pattern(&list, list.row->values[i]);
    if (list.array)
        g_ptr_array_add(list.values, g_strdup("'{}'"));
    return list.values;
}

bool seed_type_is_known(const SeedColumn *column, Dialect dialect)
{
    g_autofree char *type = g_ascii_strdown(column->type, -1);
    return column->labels || type_row(type, dialect) != &other_row;
}
