/* Progress: owns the live area at the bottom of the terminal: what was drawn there last and how to draw over
 * it. It refuses to lay out (progress_render.c), to wait, and to change anything that would outlast it: the
 * cursor stays visible, no mode is set, so that a killed program leaves a usable terminal. Main thread only.
 *
 * Between two frames the cursor stands at the start of the line below the area. A frame is one write: cursor
 * up, each line with the rest of its row erased, then everything below erased. Sequences: ECMA-48 CUU, EL,
 * ED. */
#include "cli/progress.h"

#include "base/terminal.h"
#include "base/text_table.h"
#include "cli/progress_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_UNKNOWN 80
#define ROWS_UNKNOWN 24

struct Progress {
    bool live;
    bool color;
    char *drawn;      /* the live area as it stands, "" for none */
    unsigned columns; /* of the terminal when it was drawn */
};

static void write_all(const char *text, gsize length)
{
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, text, length);
        if (written < 0 && errno != EINTR)
            return; /* nobody looks any more */
        text += MAX(written, 0);
        length -= (gsize)MAX(written, 0);
    }
}

/* Two thirds of the terminal, so that the last lines above the area stay in sight; at least one row. */
static unsigned area_height(void)
{
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0;
    return MAX((known ? size.ws_row : ROWS_UNKNOWN) * 2 / 3, 1);
}

/* Rows that the area takes now: in a window made narrower since, a line wraps onto several. */
static unsigned rows_taken(const char *area, unsigned columns)
{
    g_auto(GStrv) lines = g_strsplit(area, "\n", -1);
    unsigned rows = 0;
    for (char **line = lines; *line != NULL && line[1] != NULL; line++) {
        unsigned width = progress_line_width(*line);
        rows += width > columns ? (width + columns - 1) / columns : 1;
    }
    return rows;
}

/* To the first row of the area. In a window of another width everything is erased at once: a terminal that
 * wrapped the rows remembers that they belong together, and forgets it only so. */
static void append_up(GString *frame, const Progress *self, unsigned columns)
{
    unsigned rows = rows_taken(self->drawn, columns);
    g_string_append_c(frame, '\r');
    if (rows > 0)
        g_string_append_printf(frame, "\033[%uA", rows);
    if (rows > 0 && columns != self->columns)
        g_string_append(frame, "\033[J");
}

static void append_area(GString *frame, const char *area)
{
    g_auto(GStrv) lines = g_strsplit(area, "\n", -1);
    for (char **line = lines; *line != NULL && line[1] != NULL; line++)
        g_string_append_printf(frame, "%s\033[K\n", *line);
    g_string_append(frame, "\033[J");
}

static unsigned columns_now(void)
{
    return MAX(terminal_columns(STDERR_FILENO, COLUMNS_UNKNOWN), 2);
}

Progress *progress_new(bool live, bool color)
{
    Progress *self = g_new0(Progress, 1);
    self->live = live;
    self->color = color;
    self->drawn = g_strdup("");
    return self;
}

void progress_free(Progress *self)
{
    if (self == NULL)
        return;
    if (*self->drawn != '\0') {
        g_autoptr(GString) frame = g_string_new(NULL);
        append_up(frame, self, columns_now());
        g_string_append(frame, "\033[J");
        write_all(frame->str, frame->len);
    }
    g_free(self->drawn);
    g_free(self);
}

void progress_draw(Progress *self, const ProgressPicture *picture)
{
    if (!self->live)
        return;
    unsigned columns = columns_now();
    /* The last column stays free: where a full row leaves the cursor differs from terminal to terminal. */
    g_autofree char *area = progress_render(picture, columns - 1, area_height(), self->color);
    if (columns == self->columns && strcmp(area, self->drawn) == 0)
        return;
    g_autoptr(GString) frame = g_string_new(NULL);
    append_up(frame, self, columns);
    append_area(frame, area);
    write_all(frame->str, frame->len);
    g_free(self->drawn);
    self->drawn = g_steal_pointer(&area);
    self->columns = columns;
}

void progress_line(Progress *self, const char *line)
{
    g_autofree char *printable = text_printable(line, false);
    g_autoptr(GString) frame = g_string_new(NULL);
    bool area = *self->drawn != '\0';
    if (area) {
        append_up(frame, self, columns_now());
        g_string_append(frame, "\033[J");
    }
    g_string_append_printf(frame, "%s\n", printable);
    if (area)
        append_area(frame, self->drawn);
    write_all(frame->str, frame->len);
}
