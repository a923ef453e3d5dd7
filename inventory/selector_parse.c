/* Reading selectors: owns the syntax, that is where a part ends and what kind it is, and the files named by
 * "@file". It knows no fleet. Any thread. */
#include "inventory/selector_internal.h"

#include "inventory/glob_match.h"

#include <string.h>

G_DEFINE_QUARK(dbfleet_selector_error, selector_error)

/* Files may name files, but not for ever. */
#define FILE_DEPTH_MAX 8u

static const char *const RUN_STATES[] = {"failed", "unreachable", NULL};

static void part_free(gpointer data)
{
    SelectorPart *self = data;
    g_free(self->text);
    g_free(self->name);
    g_clear_pointer(&self->regex, g_regex_unref);
    g_clear_pointer(&self->sub, g_ptr_array_unref);
    g_free(self);
}

G_GNUC_PRINTF(2, 3) static bool fail(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, SELECTOR_ERROR, SELECTOR_ERROR_SYNTAX, message);
    return false;
}

/* --- where a part ends --- */

/* Behind "@failed:" or "@unreachable:", whose colon separates nothing; text itself otherwise. */
static const char *skip_run_state(const char *text)
{
    for (gsize i = 0; *text == '@' && RUN_STATES[i] != NULL; i++) {
        gsize length = strlen(RUN_STATES[i]);
        if (strncmp(text + 1, RUN_STATES[i], length) == 0 && text[1 + length] == ':')
            return text + length + 2;
    }
    return text;
}

/* The end of a part. Brackets of a glob or a regular expression, and what follows a regular expression's
 * backslash, hide separators; a "[" that is not closed is a character like others. */
static const char *part_end(const char *text)
{
    const char *at = skip_run_state(text);
    bool regex = *at == '~';
    for (int depth = 0; *at != '\0' && (depth > 0 || strchr(":,", *at) == NULL); at++) {
        const char *close = *at == '[' ? glob_class_end(at) : NULL;
        if (close != NULL)
            at = close;
        else if (regex && *at == '\\' && at[1] != '\0')
            at++;
        else if (regex && (*at == '(' || *at == '{'))
            depth++;
        else if (regex && (*at == ')' || *at == '}') && depth > 0)
            depth--;
    }
    return at;
}

/* --- parts --- */

static bool parse_into(GPtrArray *parts, const char *expression, unsigned depth, GError **error);

/* Lines of the file as expressions; "#" begins a comment. */
static bool parse_file(GPtrArray *parts, const char *path, unsigned depth, GError **error)
{
    g_autofree char *content = NULL;
    g_autoptr(GError) reason = NULL;
    if (depth >= FILE_DEPTH_MAX)
        return fail(error, "@%s: files of selectors name each other more than %u deep", path, FILE_DEPTH_MAX);
    if (!g_file_get_contents(path, &content, NULL, &reason))
        return fail(error, "@%s cannot be read: %s", path, reason->message);
    if (!g_utf8_validate(content, -1, NULL))
        return fail(error, "@%s is not UTF-8 text", path);
    g_auto(GStrv) lines = g_strsplit(content, "\n", -1);
    for (gsize i = 0; lines[i] != NULL; i++) {
        char *comment = strchr(lines[i], '#');
        if (comment != NULL)
            *comment = '\0';
        if (!parse_into(parts, g_strstrip(lines[i]), depth + 1, error)) {
            g_prefix_error(error, "%s:%" G_GSIZE_FORMAT ": ", path, i + 1);
            return false;
        }
    }
    return true;
}

static bool parse_at(SelectorPart *part, GPtrArray *parts, const char *text, unsigned depth, GError **error)
{
    const char *run = skip_run_state(text);
    if (run > text) {
        part->kind = SELECTOR_RUN;
        part->name = g_strndup(text + 1, (gsize)(run - text - 2));
        part->text = g_strdup(run);
        return *run != '\0' || fail(error, "'%s' names no run: write %sRUN", text, text);
    }
    if (g_strv_contains(RUN_STATES, text + 1))
        return fail(error, "'%s' names no run: write %s:RUN", text, text);
    if (text[1] == '\0')
        return fail(error, "'@' names no file: write @FILE, @failed:RUN or @unreachable:RUN");
    part->kind = SELECTOR_FILE;
    if (part->operation == SELECT_ADD)
        return parse_file(parts, text + 1, depth, error);
    part->sub = g_ptr_array_new_with_free_func(part_free);
    if (!parse_file(part->sub, text + 1, depth, error))
        return false;
    return part->sub->len > 0 || fail(error, "@%s selects nothing: it is empty", text + 1);
}

static bool parse_regex(SelectorPart *part, const char *text, GError **error)
{
    g_autoptr(GError) reason = NULL;
    part->kind = SELECTOR_REGEX;
    part->text = g_strdup(text + 1);
    part->regex = g_regex_new(part->text, G_REGEX_ANCHORED, 0, &reason);
    return part->regex != NULL || fail(error, "'%s' is no regular expression: %s", text, reason->message);
}

static bool parse_label(SelectorPart *part, const char *text, const char *equals, GError **error)
{
    part->kind = SELECTOR_LABEL;
    part->name = g_strstrip(g_strndup(text, (gsize)(equals - text)));
    part->text = g_strstrip(g_strdup(equals + 1));
    return *part->name != '\0' || fail(error, "'%s' names no label: write label=value", text);
}

static bool parse_kind(SelectorPart *part, GPtrArray *parts, const char *text, unsigned depth, GError **error)
{
    const char *equals = strchr(text, '=');
    if (*text == '@')
        return parse_at(part, parts, text, depth, error);
    if (*text == '~')
        return parse_regex(part, text, error);
    if (equals != NULL)
        return parse_label(part, text, equals, error);
    part->kind = glob_is_pattern(text) ? SELECTOR_GLOB : SELECTOR_NAME;
    part->text = g_strdup(text);
    return true;
}

static bool parse_part(GPtrArray *parts, const char *text, unsigned depth, GError **error)
{
    SelectorPart *part = g_new0(SelectorPart, 1);
    part->operation = *text == '&' ? SELECT_INTERSECT : *text == '!' ? SELECT_EXCLUDE : SELECT_ADD;
    const char *rest = part->operation == SELECT_ADD ? text : text + 1;
    while (g_ascii_isspace(*rest))
        rest++;
    bool good = *rest != '\0' ? parse_kind(part, parts, rest, depth, error)
                              : fail(error, "'%s' has nothing behind it in the selector", text);
    bool merged = part->kind == SELECTOR_FILE && part->sub == NULL; /* its parts are in the list already */
    if (good && !merged)
        g_ptr_array_add(parts, part);
    else
        part_free(part);
    return good;
}

static bool parse_into(GPtrArray *parts, const char *expression, unsigned depth, GError **error)
{
    const char *start = expression;
    while (*start != '\0') {
        start += strspn(start, ":, \t\r\n\f\v");
        if (*start == '\0')
            break;
        const char *body = start + strspn(start, "&! \t");
        const char *end = part_end(body);
        g_autofree char *text = g_strstrip(g_strndup(start, (gsize)(end - start)));
        if (!parse_part(parts, text, depth, error))
            return false;
        start = end;
    }
    return true;
}

GPtrArray *selector_parse(const char *expression, GError **error)
{
    if (!g_utf8_validate(expression, -1, NULL)) {
        fail(error, "the selector is not UTF-8 text");
        return NULL;
    }
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(part_free);
    if (!parse_into(parts, expression, 0, error))
        return NULL;
    if (parts->len > 0)
        return g_steal_pointer(&parts);
    fail(error, "the selector '%s' names nothing", expression);
    return NULL;
}
