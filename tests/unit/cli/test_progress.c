/* The live view: the picture as lines, and what a terminal shows after a series of frames. */
#include "cli/progress.h"

#include "base/terminal.h"

#include <criterion/criterion.h>
#include <pty.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SECOND G_GINT64_CONSTANT(1000000)

static const ProgressCount COUNTS[] = {{"done", 398, 'g'}, {"failed", 3, 'r'}, {"unreachable", 0, 'y'}};
static const ProgressRunning RUNNING[] = {
    {"eu-0007", "4b1f0c27a9de add invoices", 72 * SECOND},
    {"acme", "connecting", 12300000},
    {"legacy", NULL, 400000},
};

static ProgressPicture picture(void)
{
    return (ProgressPicture){.title = "upgrade",
                             .total = 802,
                             .finished = 401,
                             .counts = COUNTS,
                             .count_length = G_N_ELEMENTS(COUNTS),
                             .running = RUNNING,
                             .running_length = G_N_ELEMENTS(RUNNING),
                             .elapsed_us = 33 * SECOND,
                             .rate = 12.44,
                             .remaining_us = 32 * SECOND};
}

static unsigned lines_in(const char *text)
{
    unsigned count = 0;
    for (const char *at = text; *at != '\0'; at++)
        count += *at == '\n';
    return count;
}

static unsigned widest_line(const char *text)
{
    unsigned widest = 0;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        widest = MAX(widest, terminal_text_width(*line));
    return widest;
}

/* --- lines --- */

Test(progress, at_80_columns)
{
    const ProgressPicture shown = picture();
    g_autofree char *text = progress_render(&shown, 80, 10, false);
    cr_expect_str_eq(text,
                     "upgrade  [======>     ]  401/802 50%  398 done  3 failed  12.4/s  33 s  ETA 32 s\n"
                     "  1m 12s  eu-0007  4b1f0c27a9de add invoices\n"
                     "  12.3 s  acme     connecting\n"
                     "   0.4 s  legacy\n");
}

Test(progress, at_200_columns_the_bar_is_wider_but_not_endless)
{
    const ProgressPicture shown = picture();
    g_autofree char *text = progress_render(&shown, 200, 10, false);
    cr_expect(g_str_has_prefix(
                  text, "upgrade  [========================>                       ]  401/802 50%  398 done  "
                        "3 failed  12.4/s  33 s  ETA 32 s\n"),
              "%s", text);
}

Test(progress, no_line_is_wider_and_no_picture_higher_than_asked)
{
    ProgressPicture shown = picture();
    shown.notice = "draining: waiting for 3 targets (press Ctrl-C again to cancel them)";
    for (unsigned width = 1; width <= 130; width++)
        for (unsigned height = 0; height <= 7; height++) {
            g_autofree char *text = progress_render(&shown, width, height, false);
            cr_expect_leq(widest_line(text), width, "%u columns: %s", width, text);
            cr_expect_eq(lines_in(text), MIN(height, 5), "%u rows: %s", height, text);
        }
}

Test(progress, what_failed_is_shown_longest)
{
    const ProgressPicture shown = picture();
    g_autofree char *at_50 = progress_render(&shown, 50, 1, false);
    g_autofree char *at_30 = progress_render(&shown, 30, 1, false);
    g_autofree char *at_18 = progress_render(&shown, 18, 1, false);
    cr_expect_str_eq(at_50, "[=======>       ]  401/802 50%  398 done  3 failed\n");
    cr_expect_str_eq(at_30, "[====>   ]  398 done  3 failed\n");
    cr_expect_str_eq(at_18, "398 done  3 failed\n");
}

Test(progress, running_targets_that_do_not_fit_are_counted)
{
    ProgressPicture shown = picture();
    shown.notice = "draining";
    g_autofree char *four = progress_render(&shown, 60, 4, false);
    g_autofree char *three = progress_render(&shown, 60, 3, false);
    g_autofree char *two = progress_render(&shown, 60, 2, false);
    cr_expect(g_str_has_suffix(
                  four, "\n  1m 12s  eu-0007  4b1f0c27a9de add invoices\n  and 2 more running\ndraining\n"),
              "%s", four);
    cr_expect(g_str_has_suffix(three, "\n  and 3 more running\ndraining\n"), "%s", three);
    cr_expect(g_str_has_suffix(two, "ETA 32 s\ndraining\n"), "%s", two);
}

Test(progress, long_names_leave_room_for_what_is_done)
{
    const ProgressRunning running = {"a-target-with-quite-a-long-name-0001", "9c2e77aa01b3 create customers",
                                     SECOND};
    ProgressPicture shown = picture();
    shown.running = &running;
    shown.running_length = 1;
    g_autofree char *text = progress_render(&shown, 50, 2, false);
    cr_expect_str_eq(strchr(text, '\n'), "\n  1.0 s  a-target-…-name-0001  9c2e77aa01b3 creat…\n");
}

Test(progress, an_empty_run_and_unknown_estimates)
{
    ProgressPicture shown = {.title = "plan", .remaining_us = -1};
    g_autofree char *text = progress_render(&shown, 60, 5, false);
    cr_expect_str_eq(text, "plan  [>                                      ]  0/0 0%  0 s\n");
    shown.total = 3;
    shown.finished = 3;
    g_autofree char *full = progress_render(&shown, 40, 5, false);
    cr_expect_str_eq(full, "plan  [=================]  3/3 100%  0 s\n");
}

Test(progress, control_characters_are_made_visible)
{
    const ProgressRunning running = {"a\033[2J", "b\nc\r\td\xff", SECOND};
    ProgressPicture shown = picture();
    shown.running = &running;
    shown.running_length = 1;
    shown.notice = "\033]0;x\007";
    shown.title = "up\033c";
    g_autofree char *text = progress_render(&shown, 120, 5, false);
    cr_expect(g_str_has_prefix(text, "up\\x1bc  ["), "%s", text);
    cr_expect_str_eq(strchr(text, '\n'), "\n  1.0 s  a\\x1b[2J  b\\nc\\r\\td\\xff\n\\x1b]0;x\\x07\n");
}

Test(progress, colors_change_nothing_else)
{
    ProgressPicture shown = picture();
    shown.notice = "draining";
    g_autofree char *plain = progress_render(&shown, 80, 10, false);
    g_autofree char *colored = progress_render(&shown, 80, 10, true);
    g_autoptr(GRegex) regex = g_regex_new("\033\\[[0-9]*m", 0, 0, NULL);
    g_autofree char *stripped = g_regex_replace_literal(regex, colored, -1, 0, "", 0, NULL);
    cr_expect_str_eq(stripped, plain);
    cr_expect_not_null(strstr(colored, "\033[31m3 failed\033[0m"));
    cr_expect_null(strstr(plain, "\033"));
}

/* --- a terminal --- */

#define ROWS 12
#define COLUMNS 60

/* Enough of a terminal to see what remains on the screen. */
typedef struct Screen {
    int master;
    int real_stderr;
    char cells[ROWS][COLUMNS + 1];
    unsigned row;
    unsigned column;
} Screen;

static void set_size(const Screen *screen, unsigned short columns)
{
    const struct winsize size = {.ws_row = ROWS, .ws_col = columns};
    cr_assert_eq(ioctl(screen->master, TIOCSWINSZ, &size), 0);
}

static void screen_open(Screen *screen)
{
    int slave = -1;
    *screen = (Screen){.real_stderr = dup(STDERR_FILENO)};
    cr_assert_eq(openpty(&screen->master, &slave, NULL, NULL, NULL), 0);
    set_size(screen, COLUMNS);
    dup2(slave, STDERR_FILENO);
    close(slave);
    for (unsigned row = 0; row < ROWS; row++)
        memset(screen->cells[row], ' ', COLUMNS);
}

static void scroll(Screen *screen)
{
    memmove(screen->cells[0], screen->cells[1], sizeof screen->cells - sizeof screen->cells[0]);
    memset(screen->cells[ROWS - 1], ' ', COLUMNS);
}

static void erase_from(Screen *screen, unsigned last_row)
{
    memset(&screen->cells[screen->row][screen->column], ' ', COLUMNS - screen->column);
    for (unsigned row = screen->row + 1; row <= last_row; row++)
        memset(screen->cells[row], ' ', COLUMNS);
}

/* Carries out one sequence behind "\033["; returns its length. */
static unsigned obey(Screen *screen, const char *sequence)
{
    unsigned digits = (unsigned)strspn(sequence, "0123456789");
    unsigned number = digits > 0 ? (unsigned)atoi(sequence) : 1;
    if (sequence[digits] == 'A')
        screen->row -= MIN(number, screen->row);
    else if (sequence[digits] == 'K')
        erase_from(screen, screen->row);
    else if (sequence[digits] == 'J')
        erase_from(screen, ROWS - 1);
    else
        cr_expect_eq(sequence[digits], 'm', "an unknown sequence: %s", sequence);
    return digits + 1;
}

static void put(Screen *screen, char character)
{
    if (character == '\r') {
        screen->column = 0;
    } else if (character == '\n') {
        if (screen->row == ROWS - 1)
            scroll(screen);
        else
            screen->row++;
    } else {
        cr_assert_lt(screen->column, COLUMNS, "a line ran over the edge");
        screen->cells[screen->row][screen->column++] = character;
    }
}

/* What was written since, as it came; shown on the screen as well. The pty makes "\r\n" of "\n" and hands
 * things on when it likes: a mark of our own tells that all has come. */
static char *screen_read(Screen *screen)
{
    char *bytes = g_malloc0(65536);
    gsize length = 0;
    cr_assert_eq(write(STDERR_FILENO, "\005", 1), 1);
    while (length == 0 || bytes[length - 1] != '\005') {
        ssize_t got = read(screen->master, bytes + length, 65535 - length);
        cr_assert_gt(got, 0);
        length += (gsize)got;
    }
    bytes[--length] = '\0';
    for (gsize i = 0; i < length; i++)
        if (bytes[i] == '\033' && bytes[i + 1] == '[')
            i += 1 + obey(screen, bytes + i + 2);
        else
            put(screen, bytes[i]);
    return bytes;
}

static void screen_follow(Screen *screen)
{
    g_free(screen_read(screen));
}

static void shows(Screen *screen, const char *expected)
{
    screen_follow(screen);
    g_autoptr(GString) seen = g_string_new(NULL);
    for (unsigned row = 0; row < ROWS; row++) {
        g_autofree char *line = g_strchomp(g_strndup(screen->cells[row], COLUMNS));
        g_string_append_printf(seen, "%s%s", line, *line != '\0' ? "\n" : "");
    }
    cr_expect_str_eq(seen->str, expected);
}

static void screen_close(Screen *screen)
{
    dup2(screen->real_stderr, STDERR_FILENO);
    close(screen->real_stderr);
    close(screen->master);
}

Test(progress_live, frames_replace_each_other_and_lines_stay_above)
{
    Screen screen;
    screen_open(&screen);
    Progress *progress = progress_new(true, false);
    ProgressPicture shown = picture();
    shown.rate = 0;
    progress_draw(progress, &shown);
    shows(&screen,
          "[=======>      ]  401/802 50%  398 done  3 failed  ETA 32 s\n"
          "  1m 12s  eu-0007  4b1f0c27a9de add invoices\n  12.3 s  acme     connecting\n   0.4 s  legacy\n");
    shown.running_length = 1;
    progress_draw(progress, &shown);
    shows(&screen, "[=======>      ]  401/802 50%  398 done  3 failed  ETA 32 s\n"
                   "  1m 12s  eu-0007  4b1f0c27a9de add invoices\n");
    progress_line(progress, "failed  eu-0008");
    progress_line(progress, "done\033[2J");
    shows(&screen,
          "failed  eu-0008\ndone\\x1b[2J\n[=======>      ]  401/802 50%  398 done  3 failed  ETA 32 s\n"
          "  1m 12s  eu-0007  4b1f0c27a9de add invoices\n");
    progress_free(progress);
    shows(&screen, "failed  eu-0008\ndone\\x1b[2J\n");
    screen_close(&screen);
}

Test(progress_live, the_bottom_of_the_screen_scrolls_without_traces)
{
    Screen screen;
    screen_open(&screen);
    Progress *progress = progress_new(true, true);
    ProgressPicture shown = picture();
    shown.notice = "draining";
    for (unsigned i = 0; i < 40; i++) {
        g_autofree char *line = g_strdup_printf("line %u", i);
        shown.finished = i;
        shown.running_length = i % 4;
        progress_line(progress, line);
        progress_draw(progress, &shown);
        screen_follow(&screen);
    }
    progress_free(progress);
    screen_follow(&screen);
    g_autofree char *last = g_strchomp(g_strndup(screen.cells[screen.row - 1], COLUMNS));
    g_autofree char *before = g_strchomp(g_strndup(screen.cells[screen.row - 2], COLUMNS));
    cr_expect_str_eq(last, "line 39");
    cr_expect_str_eq(before, "line 38");
    screen_close(&screen);
}

Test(progress_live, the_area_leaves_a_third_of_the_terminal_to_what_is_above)
{
    Screen screen;
    screen_open(&screen);
    ProgressRunning running[ROWS + 5];
    for (unsigned i = 0; i < G_N_ELEMENTS(running); i++)
        running[i] = (ProgressRunning){"t", "d", SECOND};
    ProgressPicture shown = picture();
    shown.running = running;
    shown.running_length = G_N_ELEMENTS(running);
    Progress *progress = progress_new(true, false);
    progress_draw(progress, &shown);
    g_autofree char *bytes = screen_read(&screen);
    cr_expect_eq(lines_in(bytes), ROWS * 2 / 3);
    cr_expect_not_null(strstr(bytes, "  and 11 more running"));
    progress_free(progress);
    screen_close(&screen);
}

Test(progress_live, a_narrower_window_has_wrapped_the_last_frame)
{
    Screen screen;
    screen_open(&screen);
    Progress *progress = progress_new(true, true);
    ProgressPicture shown = picture();
    shown.rate = 0;
    progress_draw(progress, &shown);
    g_autofree char *first = screen_read(&screen);
    cr_expect(g_str_has_prefix(first, "\r["), "the first frame moves up");
    set_size(&screen, 25); /* lines of 58, 44, 28 and 17 columns now take 3, 2, 2 and 1 rows */
    progress_draw(progress, &shown);
    g_autofree char *second = screen_read(&screen);
    cr_expect(g_str_has_prefix(second, "\r\033[8A"), "%s", second + 1);
    set_size(&screen, COLUMNS);
    progress_draw(progress, &shown);
    g_autofree char *third = screen_read(&screen);
    cr_expect(g_str_has_prefix(third, "\r\033[4A"), "%s", third + 1);
    progress_free(progress);
    screen_close(&screen);
}

Test(progress_live, the_same_picture_is_not_drawn_twice)
{
    Screen screen;
    screen_open(&screen);
    Progress *progress = progress_new(true, false);
    const ProgressPicture shown = picture();
    progress_draw(progress, &shown);
    g_autofree char *first = screen_read(&screen);
    progress_draw(progress, &shown);
    g_autofree char *second = screen_read(&screen);
    cr_expect_str_neq(first, "");
    cr_expect_str_eq(second, "");
    progress_free(progress);
    screen_close(&screen);
}

Test(progress_live, elsewhere_there_are_only_lines)
{
    Screen screen;
    screen_open(&screen);
    Progress *progress = progress_new(false, false);
    const ProgressPicture shown = picture();
    progress_draw(progress, &shown);
    progress_line(progress, "done  acme");
    progress_draw(progress, &shown);
    progress_free(progress);
    g_autofree char *bytes = screen_read(&screen);
    cr_expect_str_eq(bytes, "done  acme\r\n");
    screen_close(&screen);
}
