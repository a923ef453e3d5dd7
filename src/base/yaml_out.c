/* YAML out: owns when a text needs quotes. Refuses nothing: what cannot be in YAML is replaced. Any thread.
 */
#include "base/yaml_out.h"

static void add_quoted(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar letter = g_utf8_get_char(at);
        if (letter == '"' || letter == '\\')
            g_string_append_printf(out, "\\%c", (int)letter);
        else if (letter == '\n')
            g_string_append(out, "\\n");
        else if (letter < 0x20 || letter == 0x7f)
            g_string_append_printf(out, "\\x%02x", letter);
        else if (letter < 0x7f || (g_unichar_isprint(letter) && letter != 0x2028 && letter != 0x2029))
            g_string_append_unichar(out, letter);
        else /* breaks of lines and directions, joiners: invisible, or what ends a line in YAML 1.1 */
            g_string_append_printf(out, "\\U%08x", letter);
    }
    g_string_append_c(out, '"');
}

static bool is_plain(const char *text)
{
    if (!g_ascii_isalpha(*text))
        return false;
    for (; *text != '\0'; text++)
        if (!g_ascii_isalnum(*text) && *text != '_' && *text != '-')
            return false;
    return true;
}

/* Words that YAML 1.1 or 1.2 reads as something else than text. */
static bool is_word_of_yaml(const char *text)
{
    static const char *const WORDS[] = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", NULL};
    for (const char *const *word = WORDS; *word != NULL; word++)
        if (g_ascii_strcasecmp(*word, text) == 0)
            return true;
    return false;
}

void yaml_out_text(GString *out, const char *text)
{
    if (is_plain(text) && !is_word_of_yaml(text)) {
        g_string_append(out, text);
        return;
    }
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    add_quoted(out, valid);
}

void yaml_out_member(GString *out, const char *key, const char *text)
{
    if (text == NULL)
        return;
    g_string_append_printf(out, ", %s: ", key);
    yaml_out_text(out, text);
}

void yaml_out_list(GString *out, char *const *texts)
{
    g_string_append_c(out, '[');
    for (char *const *text = texts; *text != NULL; text++) {
        g_string_append(out, text == texts ? "" : ", ");
        yaml_out_text(out, *text);
    }
    g_string_append_c(out, ']');
}
