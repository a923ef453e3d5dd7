/* Answers of sources: owns the one form in which targets come from outside, whatever told them. It refuses
 * what is no list of targets, and judges no target: the fleet does. Pure; any thread. */
#include "inventory/discover_internal.h"

#include "base/json_out.h"
#include "base/suggest.h"

#include <string.h>

#define SHOWN_BEGINNING 60

G_DEFINE_QUARK(dbfleet - answer - error, answer_error)

static char *fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static char *fail(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, ANSWER_ERROR, 0, message);
    return NULL;
}

char *answer_list(const GPtrArray *lines)
{
    g_autoptr(GString) text = g_string_new("[\n");
    for (guint i = 0; i < lines->len; i++) {
        const char *line = lines->pdata[i];
        g_string_append_len(text, line, (gssize)strcspn(line, "\n"));
        g_string_append(text, i + 1 < lines->len ? ",\n" : "\n");
    }
    g_string_append(text, "]\n");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* --- lists of targets --- */

void answer_write_node(JsonOut *json, const char *key, const YamlNode *node)
{
    switch (yaml_kind(node)) {
    case YAML_NULL:
        if (key == NULL)
            json_out_null(json, NULL);
        break;
    case YAML_SCALAR:
        json_out_string(json, key, yaml_text(node));
        break;
    case YAML_SEQUENCE:
        json_out_begin_array(json, key);
        for (unsigned i = 0; i < yaml_length(node); i++)
            answer_write_node(json, NULL, yaml_at(node, i));
        json_out_end_array(json);
        break;
    case YAML_MAPPING:
        json_out_begin_object(json, key);
        for (unsigned i = 0; i < yaml_length(node); i++)
            answer_write_node(json, yaml_key_at(node, i), yaml_at(node, i));
        json_out_end_object(json);
        break;
    }
}

static char *answer_from_list(const YamlNode *list)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; i < yaml_length(list); i++) {
        g_autoptr(JsonOut) json = json_out_new(0);
        answer_write_node(json, NULL, yaml_at(list, i));
        g_ptr_array_add(lines, json_out_steal(json));
    }
    return answer_list(lines);
}

/* --- texts --- */

/* The code point of "\ud83d\ude00" at `at`; 0: there is no such pair. */
static gunichar surrogate_pair(const char *at)
{
    if (at[0] != '\\' || at[1] != 'u' || strlen(at) < 12 || at[6] != '\\' || at[7] != 'u')
        return 0;
    g_autofree char *first = g_strndup(at + 2, 4), *second = g_strndup(at + 8, 4);
    guint64 high = g_ascii_strtoull(first, NULL, 16), low = g_ascii_strtoull(second, NULL, 16);
    bool pair = high >= 0xD800 && high < 0xDC00 && low >= 0xDC00 && low < 0xE000;
    return pair ? (gunichar)(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)) : 0;
}

/* JSON is YAML but for one thing: characters beyond the 16 bits of a "\u". */
static char *without_surrogates(const char *text)
{
    g_autoptr(GString) out = g_string_sized_new(strlen(text));
    while (*text != '\0') {
        gunichar character = surrogate_pair(text);
        gsize length = character != 0 ? 12 : *text == '\\' && text[1] != '\0' ? 2 : 1;
        if (character != 0)
            g_string_append_unichar(out, character);
        else
            g_string_append_len(out, text, (gssize)length);
        text += length;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* "<!DOCTYPE html>": the first words of what should not be shown as a whole. Caller frees. */
static char *beginning_of(const char *text)
{
    g_autofree char *line = g_strndup(text, strcspn(text, "\r\n"));
    g_autofree char *valid = g_utf8_make_valid(line, -1);
    if (g_utf8_strlen(valid, -1) <= SHOWN_BEGINNING)
        return g_steal_pointer(&valid);
    g_autofree char *cut = g_utf8_substring(valid, 0, SHOWN_BEGINNING);
    return g_strconcat(cut, "…", NULL);
}

static YamlTree *parse(const char *text, GError **error)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *plain = without_surrogates(text);
    YamlTree *tree = yaml_tree_parse(plain, strlen(plain), "answer", problems);
    if (tree != NULL)
        return tree;
    const Diagnostic *first = diagnostics_list(problems)->pdata[0];
    fail(error, "the answer is no JSON or YAML that can be read: line %u, column %u: %s", first->line,
         first->column, first->message);
    return NULL;
}

char *answer_from_text(const char *text, GError **error)
{
    const char *begin = text + strspn(text, " \t\r\n");
    g_autofree char *shown = beginning_of(begin);
    if (*begin == '\0')
        return fail(error, "the answer is empty");
    if (*begin == '<')
        return fail(error, "the answer is HTML or XML, not JSON or YAML; it begins %s", shown);
    g_autoptr(YamlTree) tree = parse(text, error);
    if (tree == NULL)
        return NULL;
    const YamlNode *root = yaml_tree_root(tree);
    if (yaml_kind(root) == YAML_SEQUENCE)
        return answer_from_list(root);
    if (yaml_kind(root) == YAML_MAPPING)
        return answer_from_ansible(root, error);
    return fail(error, "the answer is neither a list of targets nor Ansible's --list; it begins %s", shown);
}

char *answer_from_names(char *const *names)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    for (; *names != NULL; names++) {
        g_autoptr(JsonOut) json = json_out_new(0);
        json_out_string(json, NULL, *names);
        g_ptr_array_add(lines, json_out_steal(json));
    }
    return answer_list(lines);
}

/* --- rows --- */

/* Keys whose values are no texts, and so no columns. */
static const char *const NO_COLUMNS[] = {"groups", "labels", "vars", "quarantine", NULL};

static const struct {
    const char *prefix;
    const char *key;
} MAP_COLUMNS[] = {{"label_", "labels"}, {"var_", "vars"}};

static bool is_of_map(const char *column)
{
    for (gsize i = 0; i < G_N_ELEMENTS(MAP_COLUMNS); i++)
        if (g_str_has_prefix(column, MAP_COLUMNS[i].prefix) && column[strlen(MAP_COLUMNS[i].prefix)] != '\0')
            return true;
    return false;
}

/* NULL-terminated; the caller frees the array. */
static const char **column_names(void)
{
    const char **names = inventory_key_names(LEVEL_FOUND);
    unsigned kept = 0;
    for (unsigned i = 0; names[i] != NULL; i++)
        if (!g_strv_contains(NO_COLUMNS, names[i]))
            names[kept++] = names[i];
    names[kept] = NULL;
    return names;
}

static bool check_columns(char *const *columns, GError **error)
{
    g_autofree const char **known = column_names();
    for (unsigned i = 0; columns[i] != NULL; i++) {
        const char *nearest = suggest_nearest(columns[i], known, g_strv_length((char **)known));
        if (g_strv_contains((const char *const *)columns + i + 1, columns[i]))
            return fail(error, "the query has two columns '%s'", columns[i]) != NULL;
        if (g_strv_contains(known, columns[i]) || is_of_map(columns[i]))
            continue;
        return fail(error,
                    "the query's column '%s' is none that a target has%s%s%s: a label is selected as "
                    "label_%s, a "
                    "variable as var_%s",
                    columns[i], nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
                    nearest != NULL ? "'" : "", columns[i], columns[i]) != NULL;
    }
    static const char *const REQUIRED[] = {"name", "url"};
    for (gsize i = 0; i < G_N_ELEMENTS(REQUIRED); i++)
        if (!g_strv_contains((const char *const *)columns, REQUIRED[i]))
            return fail(error,
                        "the query has no column '%s': it selects name and url, and what else is to be known",
                        REQUIRED[i]) != NULL;
    return true;
}

/* The columns of labels or vars of one row. */
static void write_map(JsonOut *json, gsize map, char *const *columns, char *const *row)
{
    json_out_begin_object(json, MAP_COLUMNS[map].key);
    for (unsigned i = 0; columns[i] != NULL; i++)
        if (row[i] != NULL && g_str_has_prefix(columns[i], MAP_COLUMNS[map].prefix))
            json_out_string(json, columns[i] + strlen(MAP_COLUMNS[map].prefix), row[i]);
    json_out_end_object(json);
}

/* NULL is not said. */
static char *line_of_row(char *const *columns, char *const *row)
{
    g_autoptr(JsonOut) json = json_out_new(0);
    json_out_begin_object(json, NULL);
    for (unsigned i = 0; columns[i] != NULL; i++)
        if (row[i] != NULL && !is_of_map(columns[i]))
            json_out_string(json, columns[i], row[i]);
    for (gsize map = 0; map < G_N_ELEMENTS(MAP_COLUMNS); map++)
        write_map(json, map, columns, row);
    json_out_end_object(json);
    return json_out_steal(json);
}

char *answer_from_rows(const GPtrArray *rows, char *const *columns, GError **error)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    if (!check_columns(columns, error))
        return NULL;
    for (guint i = 0; i < rows->len; i++)
        g_ptr_array_add(lines, line_of_row(columns, rows->pdata[i]));
    return answer_list(lines);
}
