/* Owns the placeholders in SQL: finding them, refusing malformed ones, filling in values. Does not know where
 * values come from, and does not look at the SQL around a placeholder. Any thread. */
#include "sql/template.h"

#include "sql/place.h"

#include <string.h>

G_DEFINE_QUARK(sql_template_error, sql_template_error)

#define OPEN "{{"
#define OPEN_LENGTH (sizeof OPEN - 1)
#define WRITE_BRACES " (write {{{{ for two braces that are meant as they are)"

typedef enum Filter { FILTER_IDENT, FILTER_LITERAL, FILTER_RAW, FILTER_COUNT } Filter;

static const char *const FILTERS[FILTER_COUNT] = {"ident", "literal", "raw"};

typedef enum PieceKind { PIECE_END, PIECE_TEXT, PIECE_BRACES, PIECE_PLACEHOLDER, PIECE_MALFORMED } PieceKind;

typedef struct Piece {
    PieceKind kind;
    gsize start, end; /* in the template, braces included */
    gsize name, name_length;
    Filter filter;
    const char *reason; /* PIECE_MALFORMED */
} Piece;

typedef struct Span {
    gsize start, end;
} Span;

static Span span_trimmed(const char *text, gsize start, gsize end)
{
    while (start < end && g_ascii_isspace(text[start]))
        start++;
    while (end > start && g_ascii_isspace(text[end - 1]))
        end--;
    return (Span){start, end};
}

static bool span_is_name(const char *text, Span span)
{
    for (gsize at = span.start; at < span.end; at++)
        if (!g_ascii_isalnum(text[at]) && text[at] != '_' && text[at] != '.')
            return false;
    return span.end > span.start;
}

static bool filter_find(const char *text, Span span, Filter *filter)
{
    for (int i = 0; i < FILTER_COUNT; i++) {
        gsize length = strlen(FILTERS[i]);
        if (length == span.end - span.start && memcmp(FILTERS[i], text + span.start, length) == 0) {
            *filter = (Filter)i;
            return true;
        }
    }
    return false;
}

/* Where the first of `stops` is on this line from `at` on, or the line's (the text's) end. */
static gsize line_find(const char *text, gsize length, gsize at, const char *stops)
{
    while (at < length && text[at] != '\n' && (text[at] == '\0' || strchr(stops, text[at]) == NULL))
        at++;
    return at;
}

static Piece piece_malformed(gsize start, gsize end, const char *reason)
{
    return (Piece){.kind = PIECE_MALFORMED, .start = start, .end = end, .reason = reason};
}

static bool text_has(const char *text, gsize length, gsize at, const char *expected)
{
    gsize expected_length = strlen(expected);

    return length - at >= expected_length && memcmp(text + at, expected, expected_length) == 0;
}

/* From "|" at `bar` to behind the closing braces. */
static Piece piece_filtered(const char *text, gsize length, gsize start, gsize bar)
{
    gsize close = line_find(text, length, bar + 1, "{}");
    Span name = span_trimmed(text, start + OPEN_LENGTH, bar);
    Span word = span_trimmed(text, bar + 1, close);
    Filter filter;

    if (!text_has(text, length, close, "}}"))
        return piece_malformed(start, close, "is not closed by }} on its line");
    if (!span_is_name(text, name))
        return piece_malformed(start, close + 2, "has no valid name: letters, digits, _ and .");
    if (!filter_find(text, word, &filter))
        return piece_malformed(start, close + 2, "has an unknown filter: use ident, literal or raw");
    return (Piece){.kind = PIECE_PLACEHOLDER,
                   .start = start,
                   .end = close + 2,
                   .name = name.start,
                   .name_length = name.end - name.start,
                   .filter = filter};
}

/* What stands at "{{". */
static Piece piece_braces(const char *text, gsize length, gsize start)
{
    gsize stop;

    if (text_has(text, length, start, OPEN OPEN))
        return (Piece){.kind = PIECE_BRACES, .start = start, .end = start + 2 * OPEN_LENGTH};
    stop = line_find(text, length, start + OPEN_LENGTH, ",\"{|}");
    if (stop < length && text[stop] == '|')
        return piece_filtered(text, length, start, stop);
    if (stop < length && strchr(",\"{", text[stop]) != NULL)
        return (Piece){.kind = PIECE_TEXT, .start = start, .end = start + 1};
    if (text_has(text, length, stop, "}}"))
        return piece_malformed(start, stop + 2,
                               "has no filter: write {{ name | ident }}, literal or raw" WRITE_BRACES);
    return piece_malformed(start, stop, "is not closed by }} on its line" WRITE_BRACES);
}

static Piece piece_next(const char *text, gsize length, gsize at)
{
    const char *open = at < length ? memmem(text + at, length - at, OPEN, OPEN_LENGTH) : NULL;

    if (at >= length)
        return (Piece){.kind = PIECE_END, .start = length, .end = length};
    if (open == NULL)
        return (Piece){.kind = PIECE_TEXT, .start = at, .end = length};
    if (open > text + at)
        return (Piece){.kind = PIECE_TEXT, .start = at, .end = (gsize)(open - text)};
    return piece_braces(text, length, at);
}

static int compare_names(gconstpointer left, gconstpointer right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Takes `name`. */
static void names_add(GHashTable *seen, GPtrArray *names, char *name)
{
    if (g_hash_table_contains(seen, name)) {
        g_free(name);
        return;
    }
    g_hash_table_add(seen, name);
    g_ptr_array_add(names, name);
}

char **sql_template_names(const char *text, gsize length, SourcePlace place, Diagnostics *problems)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    TextCursor cursor = text_cursor_at(text, length, place);
    bool good = true;

    for (Piece piece = piece_next(text, length, 0); piece.kind != PIECE_END;
         piece = piece_next(text, length, piece.end)) {
        if (piece.kind == PIECE_PLACEHOLDER)
            names_add(seen, names, g_strndup(text + piece.name, piece.name_length));
        if (piece.kind != PIECE_MALFORMED)
            continue;
        good = false;
        text_cursor_advance(&cursor, text, piece.start);
        diagnostics_error(problems, cursor.place, "template placeholder %s", piece.reason);
    }
    if (!good)
        return NULL;
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

static void append_value(GString *sql, Filter filter, Dialect dialect, const char *value)
{
    g_autofree char *quoted = NULL;

    if (filter == FILTER_IDENT)
        quoted = sql_quote_ident(dialect, value);
    else if (filter == FILTER_LITERAL)
        quoted = sql_quote_literal(dialect, value);
    g_string_append(sql, quoted != NULL ? quoted : value);
}

/* The error that names everything in `missing` (sorted). */
static void undefined_error(GPtrArray *missing, GError **error)
{
    g_autofree char *list = NULL;

    g_ptr_array_sort(missing, compare_names);
    g_ptr_array_add(missing, NULL);
    list = g_strjoinv(", ", (char **)missing->pdata);
    g_set_error(error, SQL_TEMPLATE_ERROR, SQL_TEMPLATE_ERROR_UNDEFINED,
                "undefined template variable%s %s: set %s under vars in the inventory or with -x name=value",
                missing->len > 2 ? "s" : "", list, missing->len > 2 ? "them" : "it");
}

char *sql_template_render(const char *text, gsize length, Dialect dialect, GHashTable *variables,
                          GError **error)
{
    g_autoptr(GString) sql = g_string_sized_new(length);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) missing = g_ptr_array_new_with_free_func(g_free);

    for (Piece piece = piece_next(text, length, 0); piece.kind != PIECE_END;
         piece = piece_next(text, length, piece.end)) {
        if (piece.kind == PIECE_TEXT) {
            g_string_append_len(sql, text + piece.start, (gssize)(piece.end - piece.start));
        } else if (piece.kind == PIECE_BRACES) {
            g_string_append(sql, OPEN);
        } else if (piece.kind == PIECE_MALFORMED) {
            g_set_error(error, SQL_TEMPLATE_ERROR, SQL_TEMPLATE_ERROR_MALFORMED, "template placeholder %s",
                        piece.reason);
            return NULL;
        } else {
            g_autofree char *name = g_strndup(text + piece.name, piece.name_length);
            const char *value = g_hash_table_lookup(variables, name);
            if (value != NULL)
                append_value(sql, piece.filter, dialect, value);
            else
                names_add(seen, missing, g_steal_pointer(&name));
        }
    }
    if (missing->len > 0) {
        undefined_error(missing, error);
        return NULL;
    }
    return g_string_free(g_steal_pointer(&sql), FALSE);
}

char *sql_template_digest(const char *const *names, GHashTable *variables)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();

    for (gsize i = 0; names[i] != NULL; i++)
        g_ptr_array_add(sorted, (gpointer)names[i]);
    g_ptr_array_sort(sorted, compare_names);
    for (guint i = 0; i < sorted->len; i++) {
        const char *name = g_ptr_array_index(sorted, i);
        const char *value = g_hash_table_lookup(variables, name);
        if (i > 0 && strcmp(name, g_ptr_array_index(sorted, i - 1)) == 0)
            continue;
        g_checksum_update(checksum, (const guchar *)name, -1);
        if (value != NULL) {
            g_checksum_update(checksum, (const guchar *)"=", 1);
            g_checksum_update(checksum, (const guchar *)value, -1);
        }
        /* Values are C strings, so this byte ends a pair and nothing else does. */
        g_checksum_update(checksum, (const guchar *)"", 1);
    }
    return g_strdup(g_checksum_get_string(checksum));
}
