/* Option value: owns what a text must look like for each kind of option. It refuses to know where the text
 * comes from; the caller puts the option's or variable's name before the message. Pure; one value belongs to
 * one thread. */
#include "cli/option_value.h"

#include "base/duration.h"
#include "base/suggest.h"

#include <string.h>

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool refuse(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_propagate_error(error, g_error_new_valist(OPTIONS_ERROR, OPTIONS_ERROR_USAGE, format, arguments));
    va_end(arguments);
    return false;
}

static bool read_text(OptionValue *self, const char *text, GError **error)
{
    (void)error;
    g_free(self->text);
    self->text = g_strdup(text);
    return true;
}

static bool refuse_range(const OptionSpec *spec, const char *text, GError **error)
{
    if (spec->maximum > 0)
        return refuse(error, "%s is out of range (%" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT ")", text,
                      spec->minimum, spec->maximum);
    return refuse(error, "%s is out of range (at least %" G_GUINT64_FORMAT ")", text, spec->minimum);
}

static bool read_unsigned(OptionValue *self, const char *text, GError **error)
{
    const OptionSpec *spec = self->spec;
    if (*text == '\0' || text[strspn(text, "0123456789")] != '\0')
        return refuse(error, "'%s' is not a whole number", text);
    guint64 number = 0;
    guint64 maximum = spec->maximum > 0 ? spec->maximum : G_MAXUINT64;
    if (!g_ascii_string_to_unsigned(text, 10, spec->minimum, maximum, &number, NULL))
        return refuse_range(spec, text, error);
    self->number = number;
    return true;
}

static bool read_duration(OptionValue *self, const char *text, GError **error)
{
    if (duration_parse(text, &self->milliseconds))
        return true;
    return refuse(error, "'%s' is not a duration; write it with its unit, as in 250ms, 5s, 15min, 2h or 1d",
                  text);
}

static bool read_choice(OptionValue *self, const char *text, GError **error)
{
    const char *const *choices = self->spec->choices;
    if (g_strv_contains(choices, text))
        return read_text(self, text, error);
    g_autofree char *all = g_strjoinv(", ", (char **)choices);
    const char *nearest = suggest_nearest(text, choices, g_strv_length((char **)choices));
    if (nearest == NULL)
        return refuse(error, "'%s' is not one of %s", text, all);
    return refuse(error, "'%s' is not one of %s (did you mean %s?)", text, all, nearest);
}

static bool read_list(OptionValue *self, const char *text, GError **error)
{
    (void)error;
    g_ptr_array_insert(self->list, (gint)self->list->len - 1, g_strdup(text)); /* before the closing NULL */
    return true;
}

static bool read_pair(OptionValue *self, const char *text, GError **error)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text)
        return refuse(error, "'%s' is not of the form name=value", text);
    g_hash_table_replace(self->pairs, g_strndup(text, (gsize)(equals - text)), g_strdup(equals + 1));
    return true;
}

/* How the argument of each kind is read; flags and counts have none. */
static bool (*const READ[])(OptionValue *self, const char *text, GError **error) = {
    [OPTION_TEXT] = read_text,     [OPTION_UNSIGNED] = read_unsigned, [OPTION_DURATION] = read_duration,
    [OPTION_CHOICE] = read_choice, [OPTION_LIST] = read_list,         [OPTION_PAIRS] = read_pair,
};

static void clear(OptionValue *self)
{
    g_clear_pointer(&self->text, g_free);
    g_clear_pointer(&self->list, g_ptr_array_unref);
    g_clear_pointer(&self->pairs, g_hash_table_unref);
    self->flag = false;
    self->count = 0;
    self->number = 0;
    self->milliseconds = -1;
    if (self->spec->kind == OPTION_LIST) {
        self->list = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(self->list, NULL);
    }
    if (self->spec->kind == OPTION_PAIRS)
        self->pairs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

/* What the user gives takes the place of the default as a whole. */
static void mark_given(OptionValue *self)
{
    if (!self->given)
        clear(self);
    self->given = true;
}

void option_value_raise(OptionValue *self)
{
    mark_given(self);
    self->flag = true;
    self->count++;
}

bool option_value_add(OptionValue *self, const char *text, GError **error)
{
    mark_given(self);
    return READ[self->spec->kind](self, text, error);
}

static bool read_truth(OptionValue *self, const char *text, GError **error)
{
    static const char *const YES[] = {"1", "true", "yes", "on", NULL};
    static const char *const NO[] = {"0", "false", "no", "off", NULL};

    g_autofree char *word = g_ascii_strdown(text, -1);
    self->flag = g_strv_contains(YES, word);
    self->count = self->flag;
    if (self->flag || g_strv_contains(NO, word))
        return true;
    return refuse(error, "'%s' is not one of 1, true, yes, on, 0, false, no, off", text);
}

/* As often as the number says; also a word of truth, for once or never. */
static bool read_count(OptionValue *self, const char *text, GError **error)
{
    guint64 number = 0;
    if (!g_ascii_string_to_unsigned(text, 10, 0, 9, &number, NULL))
        return read_truth(self, text, error);
    self->count = (unsigned)number;
    return true;
}

/* "a, b,c": blanks around a part and empty parts say nothing. */
static bool read_parts(OptionValue *self, const char *text, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    for (char **part = parts; *part != NULL; part++)
        if (*g_strstrip(*part) != '\0' && !READ[self->spec->kind](self, *part, error))
            return false;
    return true;
}

static bool read_whole(OptionValue *self, const char *text, GError **error)
{
    switch (self->spec->kind) {
    case OPTION_FLAG:
        return read_truth(self, text, error);
    case OPTION_COUNT:
        return read_count(self, text, error);
    case OPTION_LIST:
    case OPTION_PAIRS:
        return read_parts(self, text, error);
    default:
        return READ[self->spec->kind](self, text, error);
    }
}

bool option_value_add_environment(OptionValue *self, const char *text, GError **error)
{
    mark_given(self);
    return read_whole(self, text, error);
}

OptionValue *option_value_new(const OptionSpec *spec)
{
    OptionValue *self = g_new0(OptionValue, 1);
    self->spec = spec;
    clear(self);
    g_autoptr(GError) error = NULL;
    if (spec->fallback != NULL && !read_whole(self, spec->fallback, &error))
        g_error("the default of --%s does not fit its own row: %s", spec->name, error->message);
    return self;
}

void option_value_free(OptionValue *self)
{
    if (self == NULL)
        return;
    g_free(self->text);
    g_clear_pointer(&self->list, g_ptr_array_unref);
    g_clear_pointer(&self->pairs, g_hash_table_unref);
    g_free(self);
}
