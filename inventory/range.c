/* Ranges: owns their syntax and the counting through them. It refuses ranges that run backwards or have ends
 * of different kinds, rather than to guess. Pure; any thread. */
#include "inventory/range.h"

#include <string.h>

G_DEFINE_QUARK(dbfleet_range_error, range_error)

typedef struct Range {
    const char *name;  /* of its variable; points into the text */
    gsize name_length; /* 0: unnamed */
    guint64 first;
    guint64 last;
    unsigned width; /* digits to fill with zeros; 0: none */
    bool letters;
    const char *end; /* behind the closing brace */
} Range;

typedef struct RangeVariable {
    char *name;    /* "" for the unnamed one */
    char *example; /* the range it was met in first */
    unsigned length;
} RangeVariable;

struct RangeSet {
    GArray *variables; /* of RangeVariable, slowest first */
    unsigned length;
};

static void variable_clear(gpointer data)
{
    RangeVariable *self = data;
    g_free(self->name);
    g_free(self->example);
}

RangeSet *range_set_new(void)
{
    RangeSet *self = g_new0(RangeSet, 1);
    self->variables = g_array_new(FALSE, FALSE, sizeof(RangeVariable));
    g_array_set_clear_func(self->variables, variable_clear);
    self->length = 1;
    return self;
}

void range_set_free(RangeSet *self)
{
    if (self == NULL)
        return;
    g_array_unref(self->variables);
    g_free(self);
}

/* The start of the next "{…..…}" without braces inside, or NULL. "${file:../x}" is a reference and no range.
 */
static const char *find_range(const char *text)
{
    for (const char *open = strchr(text, '{'); open != NULL; open = strchr(open + 1, '{')) {
        const char *end = open + 1 + strcspn(open + 1, "{}");
        const char *dots = strstr(open, "..");
        bool reference = open > text && open[-1] == '$';
        if (*end == '}' && dots != NULL && dots < end && !reference)
            return open;
    }
    return NULL;
}

bool range_is_in(const char *text)
{
    return find_range(text) != NULL;
}

/* "x" or "0042" between start and end. */
static bool parse_end(const char *start, const char *end, guint64 *value, bool *letter)
{
    gsize length = (gsize)(end - start);
    *letter = length == 1 && g_ascii_isalpha(*start);
    if (*letter) {
        *value = (guint64)(unsigned char)*start;
        return true;
    }
    g_autofree char *digits = g_strndup(start, length);
    return length <= 18 && g_ascii_string_to_unsigned(digits, 10, 0, G_MAXINT64, value, NULL);
}

/* Why the two ends make no range, or NULL. */
static const char *reason_against(const char *first, gsize first_length, const char *last, gsize last_length,
                                  const Range *range, bool last_letter)
{
    if (range->letters != last_letter)
        return "one end is a number and the other a letter";
    if (range->letters && g_ascii_isupper(*first) != g_ascii_isupper(*last))
        return "one end is upper case and the other is not";
    if (range->first > range->last)
        return "it runs backwards: put the smaller end first";
    bool zeros = (*first == '0' && first_length > 1) || (*last == '0' && last_length > 1);
    if (!range->letters && zeros && first_length != last_length)
        return "with leading zeros both ends need the same number of digits";
    return NULL;
}

/* Reads the range that starts at `open`. */
static const char *parse_range(const char *open, Range *range)
{
    range->end = strchr(open, '}') + 1;
    const char *close = range->end - 1;
    const char *dots = strstr(open, "..");
    const char *colon = memchr(open, ':', (gsize)(dots - open));
    const char *first = colon == NULL ? open + 1 : colon + 1;
    range->name = open + 1;
    range->name_length = colon == NULL ? 0 : (gsize)(colon - open - 1);
    if (colon != NULL && range->name_length == 0)
        return "the name before ':' is empty";
    bool last_letter = false;
    if (!parse_end(first, dots, &range->first, &range->letters) ||
        !parse_end(dots + 2, close, &range->last, &last_letter))
        return "write {1..40}, {0001..0400}, {a..f}, or {name:1..40}";
    gsize first_length = (gsize)(dots - first), last_length = (gsize)(close - dots - 2);
    range->width = *first == '0' && !range->letters ? (unsigned)first_length : 0;
    return reason_against(first, first_length, dots + 2, last_length, range, last_letter);
}

static RangeVariable *find_variable(const RangeSet *self, const Range *range)
{
    for (guint i = 0; i < self->variables->len; i++) {
        RangeVariable *variable = &g_array_index(self->variables, RangeVariable, i);
        if (strlen(variable->name) == range->name_length &&
            strncmp(variable->name, range->name, range->name_length) == 0)
            return variable;
    }
    return NULL;
}

static bool add_range(RangeSet *self, const Range *range, const char *shown, unsigned maximum, GError **error)
{
    guint64 length = range->last - range->first + 1;
    const RangeVariable *known = find_variable(self, range);
    if (known != NULL && known->length != length) {
        g_set_error(error, RANGE_ERROR, RANGE_ERROR_LENGTH,
                    "the range %s has %" G_GUINT64_FORMAT
                    " values and %s has %u, but they advance together: give them "
                    "one length, or different names ({a:1..3} {b:1..4}) for every combination",
                    shown, length, known->example, known->length);
        return false;
    }
    if (known != NULL)
        return true;
    if (length > maximum || length * self->length > maximum) {
        g_set_error(error, RANGE_ERROR, RANGE_ERROR_TOO_MANY, "the range %s makes more than %u targets",
                    shown, maximum);
        return false;
    }
    RangeVariable variable = {.name = g_strndup(range->name, range->name_length),
                              .example = g_strdup(shown),
                              .length = (unsigned)length};
    g_array_append_val(self->variables, variable);
    self->length *= (unsigned)length;
    return true;
}

bool range_set_add(RangeSet *self, const char *text, unsigned maximum, GError **error)
{
    Range range = {0};
    for (const char *open = find_range(text); open != NULL; open = find_range(range.end)) {
        const char *reason = parse_range(open, &range);
        g_autofree char *shown = g_strndup(open, (gsize)(range.end - open));
        if (reason != NULL) {
            g_set_error(error, RANGE_ERROR, RANGE_ERROR_SYNTAX, "bad range %s: %s", shown, reason);
            return false;
        }
        if (!add_range(self, &range, shown, maximum, error))
            return false;
    }
    return true;
}

unsigned range_set_variables(const RangeSet *self)
{
    return self->variables->len;
}

unsigned range_set_length(const RangeSet *self)
{
    return self->length;
}

/* The position of a variable for the index-th target: the last variable runs fastest. */
static unsigned position_of(const RangeSet *self, const RangeVariable *wanted, unsigned index)
{
    for (guint i = self->variables->len; i > 0; i--) {
        const RangeVariable *variable = &g_array_index(self->variables, RangeVariable, i - 1);
        if (variable == wanted)
            return index % variable->length;
        index /= variable->length;
    }
    return 0;
}

char *range_set_expand(const RangeSet *self, const char *text, unsigned index)
{
    g_autoptr(GString) expanded = g_string_new(NULL);
    Range range = {0};
    for (const char *open = find_range(text); open != NULL; open = find_range(text)) {
        g_string_append_len(expanded, text, open - text);
        parse_range(open, &range);
        guint64 value = range.first + position_of(self, find_variable(self, &range), index);
        if (range.letters)
            g_string_append_c(expanded, (char)value);
        else
            g_string_append_printf(expanded, "%0*" G_GUINT64_FORMAT, (int)range.width, value);
        text = range.end;
    }
    g_string_append(expanded, text);
    return g_string_free(g_steal_pointer(&expanded), FALSE);
}
