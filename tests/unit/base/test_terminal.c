/* Terminal facts without a terminal: pipes, environment, widths of text. */
#include "base/terminal.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <glib.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int open_null(void)
{
    return open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* A terminal of 97 columns; its other end stays open in *controller. */
static int open_terminal(int *controller)
{
    struct winsize size = {.ws_row = 24, .ws_col = 97};
    int terminal = -1;
    cr_assert_eq(openpty(controller, &terminal, NULL, NULL, &size), 0);
    return terminal;
}

Test(terminal, a_pipe_is_none)
{
    int null = open_null();
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    cr_expect_not(terminal_is_tty(null));
    cr_expect_not(terminal_is_tty(-1));
    cr_expect_not(terminal_wants_color(null, COLOR_AUTO));
    cr_expect(terminal_wants_color(null, COLOR_ALWAYS));
    close(null);
}

Test(terminal, color_follows_the_environment)
{
    int controller = -1;
    int terminal = open_terminal(&controller);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    cr_expect(terminal_wants_color(terminal, COLOR_AUTO));
    cr_expect_not(terminal_wants_color(terminal, COLOR_NEVER));
    setenv("NO_COLOR", "", 1);
    cr_expect(terminal_wants_color(terminal, COLOR_AUTO), "an empty NO_COLOR says nothing");
    setenv("NO_COLOR", "1", 1);
    cr_expect_not(terminal_wants_color(terminal, COLOR_AUTO));
    cr_expect(terminal_wants_color(terminal, COLOR_ALWAYS));
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    cr_expect_not(terminal_wants_color(terminal, COLOR_AUTO));
    close(terminal);
    close(controller);
}

Test(terminal, columns_come_from_the_window_then_the_environment)
{
    int controller = -1;
    int terminal = open_terminal(&controller);
    int null = open_null();
    setenv("COLUMNS", "120", 1);
    cr_expect_eq(terminal_columns(terminal, 80), 97);
    cr_expect_eq(terminal_columns(null, 80), 120);
    static const char *const NONSENSE[] = {"", "0", "-3", "wide", "12x", "99999999999999999999"};
    for (gsize i = 0; i < G_N_ELEMENTS(NONSENSE); i++) {
        setenv("COLUMNS", NONSENSE[i], 1);
        cr_expect_eq(terminal_columns(null, 80), 80, "COLUMNS='%s'", NONSENSE[i]);
    }
    unsetenv("COLUMNS");
    cr_expect_eq(terminal_columns(null, 80), 80);
    close(terminal);
    close(controller);
    close(null);
}

Test(terminal, measures_text_in_columns)
{
    cr_expect_eq(terminal_text_width(""), 0);
    cr_expect_eq(terminal_text_width("acme"), 4);
    cr_expect_eq(terminal_text_width("Müller"), 6);
    cr_expect_eq(terminal_text_width("漢字"), 4);
    cr_expect_eq(terminal_text_width("e\xCC\x81"), 1, "a combining accent takes none");
    cr_expect_eq(terminal_text_width("a\xff\xfez"), 4);
    cr_expect_eq(terminal_text_width("a\xE6\xBC"), 3, "a cut character counts by its bytes");
}
