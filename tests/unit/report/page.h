/* For the tests of the text renderers: what must hold for every page whatever stands on it. */
#pragma once

#include "base/terminal.h"

#include <criterion/criterion.h>
#include <string.h>

/* Text that must not reach a terminal as it is: it would colour, ring, turn, and forge a line of its own. */
#define HOSTILE "evil\x1b[2J\x07\r\nFORGED \xe2\x80\xae\xff"

/* The text without the colours that pages use. */
static inline char *without_colors(const char *text)
{
    static const char *const codes[] = {"\033[1m", "\033[31m", "\033[32m", "\033[33m", "\033[0m"};
    g_autoptr(GString) plain = g_string_new(text);

    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
        g_string_replace(plain, codes[i], "", 0);
    return g_strdup(plain->str);
}

static inline void expect_harmless(const char *page)
{
    g_autofree char *plain = without_colors(page);

    for (const char *c = plain; *c; c++)
        cr_assert(*c == '\n' || !g_ascii_iscntrl(*c), "control character %02x in:\n%s", *c, plain);
    cr_expect(g_utf8_validate(plain, -1, NULL), "%s", plain);
    cr_expect_null(strstr(plain, "\xe2\x80\xae"), "a direction override in:\n%s", plain);
    cr_expect(!g_str_has_prefix(plain, "FORGED") && !strstr(plain, "\nFORGED"), "a forged line in:\n%s",
              plain);
}

static inline void expect_fits(const char *page, unsigned width)
{
    g_autofree char *plain = without_colors(page);
    g_auto(GStrv) lines = g_strsplit(plain, "\n", -1);

    for (char **line = lines; *line; line++)
        cr_expect(terminal_text_width(*line) <= width, "%u of %u columns: %s", terminal_text_width(*line),
                  width, *line);
}

static inline void expect_line(const char *page, const char *line)
{
    g_autofree char *whole = g_strdup_printf("\n%s\n", line);
    g_autofree char *framed = g_strdup_printf("\n%s\n", page);

    cr_expect_not_null(strstr(framed, whole), "no line \"%s\" in:\n%s", line, page);
}

static inline void expect_text(const char *page, const char *text)
{
    cr_expect_not_null(strstr(page, text), "no \"%s\" in:\n%s", text, page);
}

static inline void expect_no_text(const char *page, const char *text)
{
    cr_expect_null(strstr(page, text), "\"%s\" in:\n%s", text, page);
}
