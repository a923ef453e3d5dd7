/* Text table: rows of cells rendered as aligned columns that fit a width. Pure: text in, text out.
 * Cells are UTF-8; control characters are shown as visible escapes so that no data can move the cursor. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum TextAlign { ALIGN_LEFT, ALIGN_RIGHT } TextAlign;

/* What a cell gives up where it must. Names that differ at their end keep it. */
typedef enum TextShrink { SHRINKS_NOT = false, SHRINKS_END = true, SHRINKS_MIDDLE } TextShrink;

typedef struct TextColumn {
    const char *title; /* NULL: the table has no header line */
    TextAlign align;
    unsigned min_width; /* shrinking stops here */
    TextShrink shrinks; /* gives up width when the table is too wide; the cell has an ellipsis there. Other
                    columns never lose text: where all that shrinks is at its minimum, lines get longer than
                    the width */
} TextColumn;

typedef struct TextTable TextTable;

/* `columns` is static data of the caller. */
TextTable *text_table_new(const TextColumn *columns, unsigned column_count);
void text_table_free(TextTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TextTable, text_table_free)

/* One cell for each column, as const char * (NULL: empty). */
void text_table_add(TextTable *self, const char *const *cells);
unsigned text_table_rows(const TextTable *self);
/* Lines ended by newlines, no trailing blanks; width 0: as wide as needed. `indent` blanks open each line.
 * Caller frees. */
char *text_table_render(const TextTable *self, unsigned indent, unsigned width);

/* A table of any length that keeps no row: all rows are added to be measured, then, behind text_table_turn(),
 * which writes the header, once more to be written behind `out`. */
TextTable *text_table_new_measured(const TextColumn *columns, unsigned column_count);
void text_table_turn(TextTable *self, GString *out, unsigned indent, unsigned width);

/* A copy with control characters, bidirectional overrides and bytes that are not UTF-8 as visible escapes
 * ("\n", "\x1b",
 * "\u202e"). With keep_newlines, newlines and tabs stay and "\r\n" becomes a newline. Caller frees. */
char *text_printable(const char *text, bool keep_newlines);
/* A copy cut to `width` columns with an ellipsis. Caller frees. */
char *text_ellipsize(const char *text, unsigned width);
/* The same with the ellipsis in the middle, for names, which may differ at their end only. Caller frees. */
char *text_ellipsize_middle(const char *text, unsigned width);
