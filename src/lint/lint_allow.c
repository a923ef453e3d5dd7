/* Allows: found line by line in the comments between statements. */
#include "lint/lint_allow_internal.h"

#include <string.h>

#define MARK "dbfleet:allow"

static void allow_free(gpointer data)
{
    LintAllow *self = data;
    g_free(self->rules);
    g_free(self->reason);
    g_free(self);
}

/* Behind "--" or "#" and the mark, or NULL. */
static const char *behind_mark(const char *line)
{
    line += strspn(line, " \t;");
    if (g_str_has_prefix(line, "--"))
        line += 2;
    else if (*line == '#')
        line++;
    else
        return NULL;
    line += strspn(line, " \t");
    if (!g_str_has_prefix(line, MARK))
        return NULL;
    line += strlen(MARK);
    return *line == '\0' || g_ascii_isspace(*line) ? line : NULL;
}

static LintAllow *allow_parse(const char *text, unsigned line)
{
    LintAllow *self = g_new0(LintAllow, 1);
    text += strspn(text, " \t");
    gsize length = strcspn(text, " \t\r");
    self->rules = g_ascii_strup(text, (gssize)length);
    self->reason = g_strstrip(g_strdup(text + length));
    self->line = line;
    return self;
}

GPtrArray *lint_allows_read(const Script *script, const char *gap, gsize length)
{
    GPtrArray *allows = g_ptr_array_new_with_free_func(allow_free);
    gsize base = (gsize)(gap - script_text(script));
    for (gsize start = 0; start < length;) {
        const char *newline = memchr(gap + start, '\n', length - start);
        gsize end = newline ? (gsize)(newline - gap) : length;
        g_autofree char *line = g_strndup(gap + start, end - start);
        const char *text = behind_mark(line);
        if (text)
            g_ptr_array_add(allows, allow_parse(text, script_place_of(script, base + start).line));
        start = end + 1;
    }
    return allows;
}

bool lint_allow_names(const LintAllow *self, const char *rule)
{
    g_auto(GStrv) rules = g_strsplit(self->rules, ",", -1);
    return g_strv_contains((const char *const *)rules, rule);
}
