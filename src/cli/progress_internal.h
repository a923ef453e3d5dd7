/* What the drawing and the pure part of the live view share. */
#pragma once

#include <glib.h>

/* Columns that a rendered line takes on the screen: colours take none. */
unsigned progress_line_width(const char *line);
