/* Globs: owns their meaning. It refuses to backtrack further than to the last "*", so that no pattern can
 * take long. Pure; any thread. */
#include "inventory/glob_match.h"

#include <glib.h>
#include <string.h>

const char *glob_class_end(const char *text)
{
    const char *first = text + 1 + (text[1] == '!' || text[1] == '^' ? 1 : 0);
    return *first == '\0' ? NULL : strchr(g_utf8_next_char(first), ']');
}

bool glob_is_pattern(const char *text)
{
    const char *open = strchr(text, '[');
    return strpbrk(text, "*?") != NULL || (open != NULL && glob_class_end(open) != NULL);
}

/* Whether the class "[…]" takes the character. */
static bool class_takes(const char *open, const char *close, gunichar character)
{
    bool negated = open[1] == '!' || open[1] == '^', found = false;
    for (const char *at = open + 1 + (negated ? 1 : 0); at < close; at = g_utf8_next_char(at)) {
        gunichar low = g_utf8_get_char(at), high = low;
        const char *dash = g_utf8_next_char(at);
        if (*dash == '-' && dash + 1 < close) {
            high = g_utf8_get_char(dash + 1);
            at = dash + 1;
        }
        found = found || (low <= character && character <= high);
    }
    return found != negated;
}

/* Behind what takes the one character at `text`, or NULL if nothing does. */
static const char *take_one(const char *glob, const char *text)
{
    if (*glob == '?')
        return glob + 1;
    const char *close = *glob == '[' ? glob_class_end(glob) : NULL;
    if (close != NULL)
        return class_takes(glob, close, g_utf8_get_char(text)) ? close + 1 : NULL;
    bool same = *glob != '\0' && g_utf8_get_char(glob) == g_utf8_get_char(text);
    return same ? g_utf8_next_char(glob) : NULL;
}

bool glob_matches(const char *glob, const char *text)
{
    const char *star = NULL, *taken = NULL; /* behind the last "*", and where what it takes ends */
    while (*text != '\0') {
        const char *next = *glob == '*' ? NULL : take_one(glob, text);
        if (*glob == '*') {
            star = ++glob;
            taken = text;
        } else if (next != NULL) {
            glob = next;
            text = g_utf8_next_char(text);
        } else if (star != NULL) {
            glob = star;
            taken = text = g_utf8_next_char(taken);
        } else {
            return false;
        }
    }
    return glob[strspn(glob, "*")] == '\0';
}
