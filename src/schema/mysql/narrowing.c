/* Narrowing: whether values of one column type may not all be values of another. What is not known to keep
 * them counts as loss: a mark too many costs a look, one too few costs data. */
#include "schema/mysql/write_internal.h"

#include <string.h>

/* How two types of one family are compared. */
typedef enum TypeFamily {
    FAMILY_INTEGER,
    FAMILY_DECIMAL,
    FAMILY_FLOAT,
    FAMILY_CHARACTER,
    FAMILY_BINARY,
    FAMILY_LABELS, /* enum and set */
    FAMILY_TIME,
    FAMILY_BIT,
    FAMILY_OTHER
} TypeFamily;

typedef struct TypeRow {
    const char *name;
    TypeFamily family;
    guint64 size; /* bytes or characters that it holds; 0: as its argument says */
} TypeRow;

#define TEXT_SIZE ((guint64)65535)
#define MEDIUM_SIZE ((guint64)16777215)
#define LONG_SIZE ((guint64)4294967295)

static const TypeRow types[] = {
    {"tinyint", FAMILY_INTEGER, 1},
    {"smallint", FAMILY_INTEGER, 2},
    {"mediumint", FAMILY_INTEGER, 3},
    {"int", FAMILY_INTEGER, 4},
    {"bigint", FAMILY_INTEGER, 8},
    {"decimal", FAMILY_DECIMAL, 0},
    {"float", FAMILY_FLOAT, 4},
    {"double", FAMILY_FLOAT, 8},
    {"char", FAMILY_CHARACTER, 0},
    {"varchar", FAMILY_CHARACTER, 0},
    {"tinytext", FAMILY_CHARACTER, 255},
    {"text", FAMILY_CHARACTER, TEXT_SIZE},
    {"mediumtext", FAMILY_CHARACTER, MEDIUM_SIZE},
    {"longtext", FAMILY_CHARACTER, LONG_SIZE},
    {"binary", FAMILY_BINARY, 0},
    {"varbinary", FAMILY_BINARY, 0},
    {"tinyblob", FAMILY_BINARY, 255},
    {"blob", FAMILY_BINARY, TEXT_SIZE},
    {"mediumblob", FAMILY_BINARY, MEDIUM_SIZE},
    {"longblob", FAMILY_BINARY, LONG_SIZE},
    {"enum", FAMILY_LABELS, 0},
    {"set", FAMILY_LABELS, 0},
    {"date", FAMILY_TIME, 1},
    {"datetime", FAMILY_TIME, 2},
    {"bit", FAMILY_BIT, 0},
};
static const TypeRow other_type = {"", FAMILY_OTHER, 0};

typedef struct Type {
    const TypeRow *row;
    const char *text;
    char *arguments; /* inside the parentheses; "" */
    bool is_unsigned;
} Type;

static Type type_of(const char *text)
{
    gsize length = strcspn(text, "( ");
    Type type = {&other_type, text, NULL, strstr(text, " unsigned") != NULL};
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (strlen(types[i].name) == length && strncmp(types[i].name, text, length) == 0)
            type.row = &types[i];
    const char *open = text + length;
    type.arguments = *open == '(' ? g_strndup(open + 1, text_behind(open) - open - 2) : g_strdup("");
    return type;
}

static guint64 size_of(const Type *self)
{
    return self->row->size ? self->row->size : g_ascii_strtoull(self->arguments, NULL, 10);
}

/* ---- One family ---- */

static bool keeps_integers(const Type *before, const Type *after)
{
    if (before->is_unsigned == after->is_unsigned)
        return after->row->size >= before->row->size;
    return before->is_unsigned && after->row->size > before->row->size;
}

static guint64 scale_of(const Type *self)
{
    const char *comma = strchr(self->arguments, ',');
    return comma ? g_ascii_strtoull(comma + 1, NULL, 10) : 0;
}

static bool keeps_decimals(const Type *before, const Type *after)
{
    return scale_of(after) >= scale_of(before) &&
           size_of(after) - scale_of(after) >= size_of(before) - scale_of(before) &&
           (before->is_unsigned || !after->is_unsigned);
}

static bool keeps_sizes(const Type *before, const Type *after)
{
    return size_of(after) >= size_of(before);
}

/* A text of bytes: characters may be as long as four of them. */
static bool keeps_characters(const Type *before, const Type *after)
{
    bool to_bytes = before->row->size == 0 && after->row->size != 0;
    return size_of(after) >= size_of(before) * (to_bytes ? 4 : 1);
}

static bool keeps_floats(const Type *before, const Type *after)
{
    return keeps_sizes(before, after) && before->is_unsigned == after->is_unsigned && !*after->arguments;
}

static bool keeps_labels(const Type *before, const Type *after)
{
    g_autoptr(GPtrArray) old = text_split(before->arguments, ',');
    g_autoptr(GPtrArray) new = text_split(after->arguments, ',');
    for (guint i = 0; i < old->len; i++)
        if (!g_ptr_array_find_with_equal_func(new, old->pdata[i], g_str_equal, NULL))
            return false;
    return before->row == after->row;
}

/* A date has no fraction; digits of a fraction are the argument of the others. */
static bool keeps_times(const Type *before, const Type *after)
{
    guint64 old = g_ascii_strtoull(before->arguments, NULL, 10);
    guint64 new = g_ascii_strtoull(after->arguments, NULL, 10);
    return keeps_sizes(before, after) && new >= old;
}

/* The same name and perhaps more digits: time(3) to time(6). */
static bool keeps_other(const Type *before, const Type *after)
{
    gsize length = strcspn(before->text, "(");
    guint64 old = g_ascii_strtoull(before->arguments, NULL, 10);
    guint64 new = g_ascii_strtoull(after->arguments, NULL, 10);
    return strcspn(after->text, "(") == length && strncmp(before->text, after->text, length) == 0 &&
           new >= old;
}

static bool (*const keepers[])(const Type *before, const Type *after) = {
    [FAMILY_INTEGER] = keeps_integers,     [FAMILY_DECIMAL] = keeps_decimals, [FAMILY_FLOAT] = keeps_floats,
    [FAMILY_CHARACTER] = keeps_characters, [FAMILY_BINARY] = keeps_sizes,     [FAMILY_LABELS] = keeps_labels,
    [FAMILY_TIME] = keeps_times,           [FAMILY_BIT] = keeps_sizes,        [FAMILY_OTHER] = keeps_other,
};

/* ---- From one family to another ---- */

/* Decimal digits that an integer type may need, with its sign. */
static guint64 digits_of(const Type *self)
{
    static const guint64 digits[] = {0, 4, 6, 9, 11, 0, 0, 0, 20};
    return digits[self->row->size];
}

/* In bytes, without its quotes. */
static guint64 longest_label(const Type *self)
{
    g_autoptr(GPtrArray) labels = text_split(self->arguments, ',');
    guint64 longest = 0;
    for (guint i = 0; i < labels->len; i++)
        longest = MAX(longest, strlen(labels->pdata[i]) - 2);
    return longest;
}

static bool keeps_across(const Type *before, const Type *after)
{
    TypeFamily from = before->row->family;
    TypeFamily to = after->row->family;
    if (from == FAMILY_INTEGER && to == FAMILY_DECIMAL)
        return size_of(after) - scale_of(after) >= digits_of(before) &&
               (before->is_unsigned || !after->is_unsigned);
    if (from == FAMILY_INTEGER && to == FAMILY_CHARACTER)
        return size_of(after) >= digits_of(before);
    if (from == FAMILY_DECIMAL && to == FAMILY_CHARACTER)
        return size_of(after) >= size_of(before) + 3; /* sign, point, a zero before it */
    if (from == FAMILY_LABELS && to == FAMILY_CHARACTER)
        return g_str_equal(before->row->name, "enum") && size_of(after) >= longest_label(before);
    return false;
}

bool mysql_type_narrows(const char *before, const char *after)
{
    Type old = type_of(before);
    Type new = type_of(after);
    bool keeps =
        old.row->family == new.row->family ? keepers[old.row->family](&old, &new) : keeps_across(&old, &new);
    g_free(old.arguments);
    g_free(new.arguments);
    return !keeps;
}

/* ---- What cannot be converted ---- */

/* Types that are converted to texts and bytes, from these, and among themselves, by trying all pairs on
 * MariaDB 10.11. Where no row has the name it is one that counts or tells a time. */
static const struct {
    const char *name;
    char kind;
} convertible_types[] = {
    {"uuid", 'u'},
    {"inet4", '4'},
    {"inet6", '6'},
    {"geometry", 'g'},
    {"point", 'g'},
    {"linestring", 'g'},
    {"polygon", 'g'},
    {"multipoint", 'g'},
    {"multilinestring", 'g'},
    {"multipolygon", 'g'},
    {"geometrycollection", 'g'},
    {"geomcollection", 'g'},
    {"json", 't'},
};

static char conversion_kind(const char *text)
{
    gsize length = strcspn(text, "( ");
    for (gsize i = 0; i < G_N_ELEMENTS(convertible_types); i++)
        if (strlen(convertible_types[i].name) == length &&
            strncmp(convertible_types[i].name, text, length) == 0)
            return convertible_types[i].kind;
    Type type = type_of(text);
    g_free(type.arguments);
    bool is_text = type.row->family == FAMILY_CHARACTER || type.row->family == FAMILY_BINARY ||
                   type.row->family == FAMILY_LABELS;
    return is_text ? 't' : 'n';
}

bool mysql_type_converts(const char *before, const char *after)
{
    char from = conversion_kind(before);
    char to = conversion_kind(after);
    return from == to || from == 't' || to == 't';
}

/* A character set that has every character there is. */
static bool is_unicode(const char *charset)
{
    return g_strcmp0(charset, "utf8mb4") == 0 || g_str_has_prefix(charset, "utf16") ||
           g_strcmp0(charset, "utf32") == 0;
}

bool mysql_charset_narrows(const char *before, const char *after)
{
    if (!before || !after || g_str_equal(before, after) || is_unicode(after))
        return false;
    return !(g_str_equal(before, "ascii") ||
             (g_str_equal(before, "latin1") && g_str_equal(after, "utf8mb3")));
}
