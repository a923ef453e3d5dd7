/* Line stream: lines for another program, into a file, a pipe or a FIFO, never waiting for who reads them.
 * What they do not take now waits in a bounded buffer; once that is full, whole lines are left out and
 * counted. One thread; SIGPIPE must be ignored. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct LineStream LineStream;

/* `place`: a path, or "-" for standard output. A file is added to, and made if it is not there; a FIFO is
 * opened as soon as somebody reads it, and is no error before. `buffer`: bytes that may wait. NULL and a
 * G_FILE_ERROR if it cannot be written. */
LineStream *line_stream_open(const char *place, gsize buffer, GError **error);
/* Takes a whole line with its newline, or counts it as left out. */
void line_stream_add(LineStream *self, const char *line);
/* The same for lines that come many at a time: they are written by the next line_stream_flush(), or when they
 * have become many. */
void line_stream_keep(LineStream *self, const char *line);
/* Writes what is taken without waiting. */
void line_stream_flush(LineStream *self);
/* How many lines were left out since the last call because the buffer was full, so that the next line can say
 * so; 0 unless there is room again. */
guint line_stream_take_dropped(LineStream *self);
/* Writes the rest, for at most so long. Why not every line arrived, in words, or NULL; caller frees. Later
 * lines are left out. */
char *line_stream_end(LineStream *self, gint64 wait_us);
void line_stream_free(LineStream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LineStream, line_stream_free)
