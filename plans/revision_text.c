/* The bytes of a revision file before they are read as lines: what is no UTF-8 text is refused with its
 * place, and line ends become one kind. Pure; any thread. */
#include "plans/revision_internal.h"

#include <string.h>

static SourcePlace place_of_byte(const char *text, const char *at, const char *path)
{
    SourcePlace place = {.file = path, .line = 1, .column = 1};

    for (const char *c = text; c < at; c++) {
        place.column = *c == '\n' ? 1 : place.column + (((unsigned char)*c & 0xC0) != 0x80);
        place.line += *c == '\n';
    }
    return place;
}

bool revision_text_check(const char *text, gsize length, const char *path, Diagnostics *problems)
{
    const char *bad;

    if (length >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        diagnostics_error(problems, (SourcePlace){.file = path}, "is UTF-16 text; save it as UTF-8");
        return false;
    }
    if (g_utf8_validate_len(text, length, &bad))
        return true;
    if (*bad == '\0')
        diagnostics_error(problems, place_of_byte(text, bad, path),
                          "a zero byte stands here: this is no text file");
    else
        diagnostics_error(problems, place_of_byte(text, bad, path),
                          "byte 0x%02x is not UTF-8 text; save the file as UTF-8", (unsigned)(guchar)*bad);
    return false;
}

GString *revision_text_normalise(const char *text, gsize length)
{
    const char *end = text + length;
    GString *copy = g_string_sized_new(length + 1);

    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    while (text < end) {
        const char *turn = memchr(text, '\r', (size_t)(end - text));
        const char *stop = turn ? turn : end;

        g_string_append_len(copy, text, stop - text);
        if (turn && (turn + 1 == end || turn[1] != '\n'))
            g_string_append_c(copy, '\r');
        text = turn ? turn + 1 : end;
    }
    return copy;
}
