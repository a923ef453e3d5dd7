/* Owns how lines and columns are counted. Reads no file and keeps no text. Any thread. */
#include "sql/place.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

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
        unsigned char byte = (unsigned char)text[at];
        if (byte == '\n') {
            line++;
            column = 1;
        } else if ((byte & 0xC0) != 0x80) {
            column++;
        }
    }
    self->offset = MAX(self->offset, offset);
    self->place.line = line;
    self->place.column = column;
}
