/* Terminal facts: what a stream is connected to, how wide it is, whether colour is wanted. Reads the
 * environment (NO_COLOR, TERM, COLUMNS); writes nothing. */
#pragma once

#include <stdbool.h>

typedef enum ColorMode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } ColorMode;

bool terminal_is_tty(int descriptor);
/* Columns of the terminal behind the descriptor; COLUMNS, then `fallback`, where there is none. */
unsigned terminal_columns(int descriptor, unsigned fallback);
/* Rows of the terminal behind the descriptor; `fallback` where there is none. */
unsigned terminal_rows(int descriptor, unsigned fallback);
/* NO_COLOR (https://no-color.org), TERM=dumb and a pipe mean no colour under COLOR_AUTO. */
bool terminal_wants_color(int descriptor, ColorMode mode);
/* Columns a UTF-8 text takes (wide characters take 2, combining ones 0). */
unsigned terminal_text_width(const char *text);
