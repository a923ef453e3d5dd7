/* Terminal facts: owns the answers to what a stream is connected to. It refuses to write and to remember:
 * every call looks again, since windows change their size. Any thread that does not change the environment.
 */
#include "base/terminal.h"

#include <glib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDEST_TERMINAL 10000

bool terminal_is_tty(int descriptor)
{
    return isatty(descriptor) == 1;
}

unsigned terminal_columns(int descriptor, unsigned fallback)
{
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *text = g_getenv("COLUMNS");
    guint64 columns = 0;
    if (text != NULL && g_ascii_string_to_unsigned(text, 10, 1, WIDEST_TERMINAL, &columns, NULL))
        return (unsigned)columns;
    return fallback;
}

unsigned terminal_rows(int descriptor, unsigned fallback)
{
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : fallback;
}

bool terminal_wants_color(int descriptor, ColorMode mode)
{
    if (mode != COLOR_AUTO)
        return mode == COLOR_ALWAYS;
    const char *no_color = g_getenv("NO_COLOR");
    bool refused = no_color != NULL && *no_color != '\0';
    return !refused && g_strcmp0(g_getenv("TERM"), "dumb") != 0 && terminal_is_tty(descriptor);
}

unsigned terminal_text_width(const char *text)
{
    unsigned width = 0;
    while (*text != '\0') {
        gunichar character = g_utf8_get_char_validated(text, -1);
        if (character >= (gunichar)-2) { /* a byte that is not UTF-8 is drawn as one replacement character */
            width++;
            text++;
            continue;
        }
        if (g_unichar_iswide(character))
            width += 2;
        else if (!g_unichar_iszerowidth(character) && !g_unichar_iscntrl(character))
            width++;
        text = g_utf8_next_char(text);
    }
    return width;
}
