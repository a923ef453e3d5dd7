/* Owns how a piece of SQL is shown in a message: cut to a width, one character a column, nothing that a
 * terminal would obey. Reads only what it shows, so a line of 100 MB costs nothing. Any thread. */
#include "base/terminal.h"
#include "sql/place.h"
#include "sql/script.h"

#include <string.h>

#define ELLIPSIS "…"
#define REPLACEMENT 0xFFFD
#define WIDTH_MIN 10

/* The character at `at` as it is shown, and the number of its bytes in the text. */
static gunichar shown(const char *text, gsize length, gsize at, gsize *bytes)
{
    gunichar character = g_utf8_get_char_validated(text + at, (gssize)MIN(length - at, 6));

    *bytes = 1;
    if (character == (gunichar)-1 || character == (gunichar)-2 || character == 0)
        return REPLACEMENT;
    *bytes = (gsize)g_unichar_to_utf8(character, NULL);
    if (character == '\t')
        return ' ';
    return g_unichar_isprint(character) ? character : REPLACEMENT;
}

static unsigned character_width(gunichar character)
{
    char text[7] = "";

    g_unichar_to_utf8(character, text);
    return terminal_text_width(text);
}

static bool line_ends(const char *text, gsize length, gsize at)
{
    return at >= length || text[at] == '\n' || (text[at] == '\r' && at + 1 < length && text[at + 1] == '\n');
}

/* Appends the line from `at` on, in at most `width` columns: what does not fit gives way to an ellipsis. */
static void append_clipped(GString *out, const char *text, gsize length, gsize at, unsigned width)
{
    unsigned used = 0;

    while (!line_ends(text, length, at)) {
        gsize bytes;
        gunichar character = shown(text, length, at, &bytes);
        unsigned columns = character_width(character);
        bool last = line_ends(text, length, at + bytes);
        if (used + columns > (last ? width : width - 1)) {
            g_string_append(out, ELLIPSIS);
            return;
        }
        g_string_append_unichar(out, character);
        used += columns;
        at += bytes;
    }
}

/* Back from *at over at most `width` columns of its line; how many. True if the line's start was reached. */
static bool walk_back(const char *text, gsize length, gsize *at, unsigned width, unsigned *columns)
{
    *columns = 0;
    while (*at > 0 && text[*at - 1] != '\n') {
        gsize before = text_character_start(text, *at, *at - 1);
        gsize bytes;
        unsigned wide = character_width(shown(text, length, before, &bytes));
        if (*columns + wide > width)
            return false;
        *columns += wide;
        *at = before;
    }
    return true;
}

char *sql_caret_excerpt(const char *text, gsize length, gsize offset, unsigned width)
{
    GString *out = g_string_new(NULL);
    unsigned room = MAX(width, WIDTH_MIN);
    gsize caret = text_character_start(text, length, MIN(offset, length));
    gsize start;
    unsigned columns;

    if (caret > 0 && caret < length && text[caret] == '\n' && text[caret - 1] == '\r')
        caret--;
    start = caret;
    if (!walk_back(text, length, &start, room * 2 / 3, &columns)) {
        start = caret;
        walk_back(text, length, &start, room / 2, &columns);
        g_string_append(out, ELLIPSIS);
        columns++;
        room--;
    }
    append_clipped(out, text, length, start, room);
    g_string_append_printf(out, "\n%*s^\n", (int)columns, "");
    return g_string_free(out, FALSE);
}

char *sql_first_lines(const char *text, gsize length, unsigned lines, unsigned width)
{
    GString *out = g_string_new(NULL);
    gsize at = 0;

    for (unsigned i = 0; i < lines && at < length; i++) {
        const char *end = memchr(text + at, '\n', length - at);
        append_clipped(out, text, length, at, MAX(width, WIDTH_MIN));
        g_string_append_c(out, '\n');
        at = end == NULL ? length : (gsize)(end - text) + 1;
    }
    if (at < length)
        g_string_append(out, ELLIPSIS "\n");
    return g_string_free(out, FALSE);
}
