/* Text cursor: which line and column a byte of a text is at, found by walking forward. Pure. */
#pragma once

#include "base/diagnostics.h"

typedef struct TextCursor {
    gsize offset;
    SourcePlace place; /* of that byte */
} TextCursor;

/* At the first byte of a text that begins at `place` (0 counts as 1). A UTF-8 byte order mark has no width.
 */
TextCursor text_cursor_at(const char *text, gsize length, SourcePlace place);
/* Forward to `offset`, which must not lie behind the cursor. A line ends with \n (so with \r\n too); a column
 * is a character, or a byte that begins none. */
void text_cursor_advance(TextCursor *self, const char *text, gsize offset);
/* Where the character begins that the byte at `offset` is a part of: `offset` itself unless it is inside one.
 */
gsize text_character_start(const char *text, gsize length, gsize offset);
