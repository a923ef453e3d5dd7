/* Typed readers of YAML nodes: own what counts as text, a boolean, a number or a duration, and the words that
 * are said when a value is something else. They refuse to guess: "yes" in quotes is text, "08" is no number.
 * The loading thread. */
#include "base/duration.h"
#include "base/suggest.h"
#include "base/yaml_tree.h"

#include <string.h>

/* A value that is shown in an error is cut to this many characters. */
#define SHOWN_CHARACTERS 40

static char *shown(const char *text)
{
    if (g_utf8_strlen(text, -1) <= SHOWN_CHARACTERS)
        return g_strdup_printf("'%s'", text);
    g_autofree char *start = g_utf8_substring(text, 0, SHOWN_CHARACTERS);
    return g_strdup_printf("'%s…'", start);
}

/* The scalar's text, or NULL after an error that says what was wanted. */
static const char *scalar_text(const YamlNode *node, const char *what, const char *wanted,
                               Diagnostics *problems)
{
    const char *text = yaml_text(node);
    if (yaml_kind(node) == YAML_NULL)
        diagnostics_error(problems, yaml_place(node), "%s is empty: it must be %s", what, wanted);
    else if (text == NULL)
        diagnostics_error(problems, yaml_place(node), "%s must be %s, not %s", what, wanted,
                          yaml_kind_name(yaml_kind(node)));
    return text;
}

bool yaml_as_text(const YamlNode *node, const char *what, const char **value, Diagnostics *problems)
{
    const char *text = scalar_text(node, what, "text", problems);
    if (text == NULL)
        return false;
    *value = text;
    return true;
}

bool yaml_as_bool(const YamlNode *node, const char *what, bool *value, Diagnostics *problems)
{
    static const struct {
        const char *word;
        bool value;
    } WORDS[] = {{"true", true}, {"false", false}, {"yes", true},
                 {"no", false},  {"on", true},     {"off", false}};

    const char *text = scalar_text(node, what, "true or false", problems);
    if (text == NULL)
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(WORDS); i++) {
        if (g_ascii_strcasecmp(text, WORDS[i].word) != 0)
            continue;
        if (yaml_is_quoted(node)) {
            diagnostics_error(problems, yaml_place(node), "%s must be true or false: write %s without quotes",
                              what, WORDS[i].word);
            return false;
        }
        *value = WORDS[i].value;
        return true;
    }
    g_autofree char *found = shown(text);
    diagnostics_error(problems, yaml_place(node), "%s must be true or false, not %s", what, found);
    return false;
}

/* Decimal digits without a leading zero, which YAML 1.1 would read as octal. */
static bool is_whole_number(const char *text)
{
    gsize digits = strspn(text, G_CSET_DIGITS);
    return digits > 0 && text[digits] == '\0' && (digits == 1 || text[0] != '0');
}

bool yaml_as_unsigned(const YamlNode *node, const char *what, unsigned minimum, unsigned maximum,
                      unsigned *value, Diagnostics *problems)
{
    const char *text = scalar_text(node, what, "a whole number", problems);
    if (text == NULL)
        return false;
    guint64 number = 0;
    bool whole = is_whole_number(text) && !yaml_is_quoted(node);
    if (whole && g_ascii_string_to_unsigned(text, 10, minimum, maximum, &number, NULL)) {
        *value = (unsigned)number;
        return true;
    }
    g_autofree char *found = shown(text);
    if (is_whole_number(text) && yaml_is_quoted(node))
        diagnostics_error(problems, yaml_place(node), "%s must be a whole number: write it without quotes",
                          what);
    else if (maximum == G_MAXUINT)
        diagnostics_error(problems, yaml_place(node), "%s must be a whole number of at least %u, not %s",
                          what, minimum, found);
    else
        diagnostics_error(problems, yaml_place(node), "%s must be a whole number from %u to %u, not %s", what,
                          minimum, maximum, found);
    return false;
}

bool yaml_as_duration(const YamlNode *node, const char *what, gint64 *milliseconds, Diagnostics *problems)
{
    const char *text = scalar_text(node, what, "a duration such as 500ms, 5s, 15min, 2h or 1d", problems);
    if (text == NULL)
        return false;
    if (duration_parse(text, milliseconds))
        return true;
    g_autofree char *found = shown(text);
    if (is_whole_number(text))
        diagnostics_error(problems, yaml_place(node), "%s has no unit: write %sms, %ss, %smin, %sh or %sd",
                          what, text, text, text, text, text);
    else
        diagnostics_error(problems, yaml_place(node),
                          "%s must be a duration such as 500ms, 5s, 15min, 2h or 1d, not %s", what, found);
    return false;
}

static void report_unknown_key(const YamlNode *mapping, unsigned index, const char *what,
                               const char *const *known, Diagnostics *problems)
{
    const char *key = yaml_key_at(mapping, index);
    const char *nearest = suggest_nearest(key, known, g_strv_length((char **)known));
    g_autofree char *found = shown(key);
    g_autofree char *all = g_strjoinv(", ", (char **)known);
    if (nearest != NULL)
        diagnostics_error(problems, yaml_key_place_at(mapping, index),
                          "unknown key %s in %s: did you mean '%s'?", found, what, nearest);
    else
        diagnostics_error(problems, yaml_key_place_at(mapping, index),
                          "unknown key %s in %s: known keys are %s", found, what, all);
}

bool yaml_check_keys(const YamlNode *mapping, const char *what, const char *const *known,
                     Diagnostics *problems)
{
    if (yaml_kind(mapping) != YAML_MAPPING)
        return true;
    bool all_known = true;
    for (unsigned i = 0; i < yaml_length(mapping); i++)
        if (!g_strv_contains(known, yaml_key_at(mapping, i))) {
            report_unknown_key(mapping, i, what, known, problems);
            all_known = false;
        }
    return all_known;
}
