/* Progress, the pure part: owns how a picture of a run is laid out as lines. It refuses to know a terminal, a
 * clock or the last picture. Pure, any thread. */
#include "cli/progress.h"

#include "base/duration.h"
#include "base/terminal.h"
#include "base/text_table.h"
#include "cli/paragraphs.h"
#include "cli/progress_internal.h"

#include <string.h>

#define NARROWEST_BAR 10
#define WIDEST_BAR 50
#define GAP 2
#define INDENT 2

typedef struct Canvas {
    GString *text;
    unsigned width;
    bool color;
} Canvas;

static void append_colored(Canvas *canvas, char color, const char *text)
{
    static const struct {
        char name;
        const char *sequence;
    } COLORS[] = {{'g', "\033[32m"}, {'r', "\033[31m"}, {'y', "\033[33m"}, {'b', "\033[1m"}};

    const char *sequence = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(COLORS) && canvas->color; i++)
        if (COLORS[i].name == color)
            sequence = COLORS[i].sequence;
    g_string_append_printf(canvas->text, "%s%s%s", sequence != NULL ? sequence : "", text,
                           sequence != NULL ? "\033[0m" : "");
}

/* A line of one text, cut to the width. */
static void append_line(Canvas *canvas, char color, const char *text)
{
    g_autofree char *printable = text_printable(text, false);
    g_autofree char *cut = text_ellipsize(printable, canvas->width);
    append_colored(canvas, color, cut);
    g_string_append_c(canvas->text, '\n');
}

unsigned progress_line_width(const char *line)
{
    g_autoptr(GString) plain = g_string_new(NULL);
    for (const char *at = line; *at != '\0'; at++)
        if (*at == '\033')
            at = strchr(at, 'm'); /* every sequence made above ends so */
        else
            g_string_append_c(plain, *at);
    return terminal_text_width(plain->str);
}

/* --- the bar line --- */

/* A part of the bar line. When the line is too long, the part with the greatest `expendable` goes first. */
typedef struct Piece {
    char *text;
    char color;
    unsigned expendable;
} Piece;

enum { NEVER = 0, TOTAL_PIECE, REMAINING_PIECE, RATE_PIECE, TITLE_PIECE, ELAPSED_PIECE };

static void piece_clear(Piece *piece)
{
    g_free(piece->text);
}

static void add_piece(GArray *pieces, char *text, char color, unsigned expendable)
{
    Piece piece = {.text = text, .color = color, .expendable = expendable};
    g_array_append_val(pieces, piece);
}

static unsigned share(const ProgressPicture *picture)
{
    return picture->total > 0 ? (unsigned)((guint64)picture->finished * 100 / picture->total) : 0;
}

static void add_counts(GArray *pieces, const ProgressPicture *picture)
{
    for (unsigned i = 0; i < picture->count_length; i++) {
        const ProgressCount *count = &picture->counts[i];
        g_autofree char *label = text_printable(count->label, false);
        if (count->count > 0)
            add_piece(pieces, g_strdup_printf("%u %s", count->count, label), count->color, NEVER);
    }
}

/* As duration_format, without tenths of a second. */
static char *whole_seconds(gint64 microseconds)
{
    gint64 seconds = (MAX(microseconds, 0) + G_USEC_PER_SEC / 2) / G_USEC_PER_SEC;
    return seconds < 60 ? g_strdup_printf("%" G_GINT64_FORMAT " s", seconds) : duration_format(microseconds);
}

static void add_times(GArray *pieces, const ProgressPicture *picture)
{
    if (picture->rate > 0)
        add_piece(pieces, g_strdup_printf("%.1f/s", picture->rate), 0, RATE_PIECE);
    add_piece(pieces, whole_seconds(picture->elapsed_us), 0, ELAPSED_PIECE);
    if (picture->remaining_us >= 0) {
        g_autofree char *remaining = whole_seconds(picture->remaining_us);
        add_piece(pieces, g_strdup_printf("ETA %s", remaining), 0, REMAINING_PIECE);
    }
}

static unsigned pieces_width(const GArray *pieces)
{
    unsigned width = 0;
    for (guint i = 0; i < pieces->len; i++)
        width += terminal_text_width(g_array_index(pieces, Piece, i).text) + (i > 0 ? GAP : 0);
    return width;
}

/* False when nothing more may go. */
static bool drop_one(GArray *pieces)
{
    guint drop = 0;
    for (guint i = 0; i < pieces->len; i++)
        if (g_array_index(pieces, Piece, i).expendable > g_array_index(pieces, Piece, drop).expendable)
            drop = i;
    if (pieces->len == 0 || g_array_index(pieces, Piece, drop).expendable == NEVER)
        return false;
    g_array_remove_index(pieces, drop);
    return true;
}

/* "[=======>      ]" of exactly `width` columns. */
static char *draw_bar(const ProgressPicture *picture, unsigned width)
{
    unsigned inside = width - 2;
    unsigned full = picture->total > 0 ? (unsigned)((guint64)picture->finished * inside / picture->total) : 0;
    full = MIN(full, inside);
    GString *bar = g_string_new("[");
    for (unsigned i = 0; i < inside; i++)
        g_string_append_c(bar, i < full ? '=' : i == full ? '>' : ' ');
    g_string_append_c(bar, ']');
    return g_string_free(bar, FALSE);
}

static void append_pieces(Canvas *canvas, const GArray *pieces)
{
    unsigned left = canvas->width;
    for (guint i = 0; i < pieces->len && left > 0; i++) {
        const Piece *piece = &g_array_index(pieces, Piece, i);
        unsigned gap = i > 0 ? MIN(GAP, left) : 0;
        g_autofree char *cut = text_ellipsize(piece->text, left - gap);
        if (*cut == '\0')
            break;
        append_blanks(canvas->text, gap);
        append_colored(canvas, piece->color, cut);
        left -= gap + terminal_text_width(cut);
    }
    g_string_append_c(canvas->text, '\n');
}

static void append_bar_line(Canvas *canvas, const ProgressPicture *picture)
{
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
    g_array_set_clear_func(pieces, (GDestroyNotify)piece_clear);
    add_piece(pieces, text_printable(picture->title, false), 'b', TITLE_PIECE);
    add_piece(pieces, g_strdup_printf("%u/%u %u%%", picture->finished, picture->total, share(picture)), 0,
              TOTAL_PIECE);
    add_counts(pieces, picture);
    add_times(pieces, picture);
    while (pieces_width(pieces) + GAP + NARROWEST_BAR > canvas->width && drop_one(pieces))
        continue;
    unsigned used = pieces_width(pieces) + GAP;
    if (used + NARROWEST_BAR <= canvas->width) {
        unsigned width = MIN(canvas->width - used, WIDEST_BAR);
        Piece bar = {.text = draw_bar(picture, width)};
        bool titled = g_array_index(pieces, Piece, 0).expendable == TITLE_PIECE;
        g_array_insert_val(pieces, titled ? 1 : 0, bar);
    }
    append_pieces(canvas, pieces);
}

/* --- the running targets --- */

static unsigned widest_elapsed(const ProgressPicture *picture, unsigned shown)
{
    unsigned widest = 0;
    for (unsigned i = 0; i < shown; i++) {
        g_autofree char *elapsed = duration_format(picture->running[i].elapsed_us);
        widest = MAX(widest, terminal_text_width(elapsed));
    }
    return widest;
}

static unsigned widest_target(const ProgressPicture *picture, unsigned shown)
{
    unsigned widest = 0;
    for (unsigned i = 0; i < shown; i++) {
        g_autofree char *target = text_printable(picture->running[i].target, false);
        widest = MAX(widest, terminal_text_width(target));
    }
    return widest;
}

/* "   12.3 s  eu-0007  4b1f0c27a9de add invoices" */
static void append_running(Canvas *canvas, const ProgressRunning *running, unsigned elapsed_width,
                           unsigned target_width)
{
    g_autofree char *elapsed = duration_format(running->elapsed_us);
    g_autofree char *printable = text_printable(running->target, false);
    g_autofree char *target = text_ellipsize_middle(printable, target_width);
    g_autoptr(GString) line = g_string_new(NULL);
    append_blanks(line, INDENT + elapsed_width - MIN(elapsed_width, terminal_text_width(elapsed)));
    g_string_append(line, elapsed);
    append_blanks(line, GAP);
    g_string_append(line, target);
    if (running->doing != NULL && *running->doing != '\0') {
        append_blanks(line, GAP + target_width - terminal_text_width(target));
        g_string_append(line, running->doing);
    }
    append_line(canvas, 0, line->str);
}

static void append_all_running(Canvas *canvas, const ProgressPicture *picture, unsigned height)
{
    bool all = picture->running_length <= height;
    unsigned shown = all ? picture->running_length : MAX(height, 1) - 1;
    unsigned elapsed_width = widest_elapsed(picture, shown);
    unsigned target_width = MIN(widest_target(picture, shown), MAX(canvas->width * 2 / 5, 1));
    for (unsigned i = 0; i < shown; i++)
        append_running(canvas, &picture->running[i], elapsed_width, target_width);
    if (!all && height > 0) {
        g_autofree char *more = g_strdup_printf("  and %u more running", picture->running_length - shown);
        append_line(canvas, 0, more);
    }
}

char *progress_render(const ProgressPicture *picture, unsigned width, unsigned height, bool color)
{
    Canvas canvas = {.text = g_string_new(NULL), .width = width, .color = color};
    bool notice = picture->notice != NULL && height > 1;
    if (height > 0) {
        append_bar_line(&canvas, picture);
        append_all_running(&canvas, picture, height - 1 - notice);
    }
    if (notice)
        append_line(&canvas, 'y', picture->notice);
    return g_string_free(canvas.text, FALSE);
}
