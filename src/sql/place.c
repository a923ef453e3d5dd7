/* Owns how lines and columns are counted. Reads no file and keeps no text. Any thread. */
#include "sql/place.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

static bool byte_continues(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

TextCursor text_cursor_at(const char *text, gsize length, SourcePlace place)
{
    gsize mark = strlen(BYTE_ORDER_MARK);
    TextCursor cursor = {0, {place.file, MAX(place.line, 1), MAX(place.column, 1)}};

    if (length >= mark && memcmp(text, BYTE_ORDER_MARK, mark) == 0)
        cursor.offset = mark;
    return cursor;
}

void text_cursor_advance(TextCursor *self, const char *text, gsize offset)
{
    unsigned line = self->place.line;
    unsigned column = self->place.column;

    for (gsize at = self->offset; at < offset; at++) {
        if (text[at] == '\n') {
            line++;
            column = 1;
        } else if (!byte_continues(text[at])) {
            column++;
        }
    }
    self->offset = MAX(self->offset, offset);
    self->place.line = line;
    self->place.column = column;
}

gsize text_character_start(const char *text, gsize length, gsize offset)
{
    gsize start = offset;
    gunichar character;

    if (offset >= length || !byte_continues(text[offset]))
        return offset;
    while (start > 0 && offset - start < 3 && byte_continues(text[start]))
        start--;
    character = g_utf8_get_char_validated(text + start, (gssize)(length - start));
    if (character >= (gunichar)-2 || start + (gsize)g_unichar_to_utf8(character, NULL) <= offset)
        return offset;
    return start;
}
