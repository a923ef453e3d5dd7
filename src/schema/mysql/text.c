/* Text: a scanner that knows quotes and parentheses. */
#include "schema/mysql/text.h"

#include "sql/dialect.h"
#include <string.h>

static bool is_quote(char byte)
{
    return byte == '\'' || byte == '"' || byte == '`';
}

static const char *behind_quoted(const char *at)
{
    char quote = *at++;
    while (*at) {
        if (*at == '\\' && quote != '`' && at[1])
            at++;
        else if (*at == quote && at[1] == quote)
            at++;
        else if (*at == quote)
            return at + 1;
        at++;
    }
    return at;
}

static const char *behind_group(const char *at)
{
    gsize depth = 0;
    while (*at) {
        if (is_quote(*at)) {
            at = behind_quoted(at);
            continue;
        }
        depth += *at == '(';
        depth -= *at == ')';
        at++;
        if (depth == 0)
            break;
    }
    return at;
}

const char *text_behind(const char *at)
{
    if (is_quote(*at))
        return behind_quoted(at);
    return *at == '(' ? behind_group(at) : at + 1;
}

const char *text_find(const char *at, char stop)
{
    while (*at && *at != stop)
        at = text_behind(at);
    return at;
}

static void add_part(GPtrArray *parts, const char *from, const char *end)
{
    g_ptr_array_add(parts, g_strstrip(g_strndup(from, end - from)));
}

GPtrArray *text_split(const char *text, char separator)
{
    GPtrArray *parts = g_ptr_array_new_with_free_func(g_free);
    for (;;) {
        const char *end = text_find(text, separator);
        add_part(parts, text, end);
        if (!*end)
            return parts;
        text = end + 1;
    }
}

GPtrArray *text_words(const char *text)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    while (*text) {
        const char *end = text;
        while (*end && !g_ascii_isspace(*end))
            end = text_behind(end);
        if (end > text)
            add_part(words, text, end);
        text = *end ? end + 1 : end;
    }
    return words;
}

static void skip_blanks(const char **at)
{
    while (g_ascii_isspace(**at))
        (*at)++;
}

bool text_take(const char **at, const char *word)
{
    gsize length = strlen(word);
    if (g_ascii_strncasecmp(*at, word, length) != 0)
        return false;
    *at += length;
    skip_blanks(at);
    return true;
}

/* Doubled quotes once. */
static char *unquoted(const char *from, const char *end)
{
    GString *name = g_string_new("");
    char quote = *from;
    for (from++; from < end - 1; from++) {
        g_string_append_c(name, *from);
        from += *from == quote;
    }
    return g_string_free(name, FALSE);
}

char *text_take_name(const char **at)
{
    if (**at != '`' && **at != '"')
        return NULL;
    const char *end = behind_quoted(*at);
    char *name = unquoted(*at, end);
    *at = end;
    skip_blanks(at);
    return name;
}

GHashTable *text_names(const char *text)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    while (*text) {
        const char *end = is_quote(*text) ? behind_quoted(text) : text + 1;
        if (*text == '`')
            g_hash_table_add(names, unquoted(text, end));
        text = end;
    }
    return names;
}

char *text_without_database(const char *text, const char *database)
{
    g_autofree char *quoted = text_quoted(database);
    g_autofree char *prefix = g_strconcat(quoted, ".", NULL);
    gsize length = strlen(prefix);
    GString *result = g_string_new("");
    while (*text) {
        const char *end = is_quote(*text) ? behind_quoted(text) : text + 1;
        if (*text == '`' && strncmp(text, prefix, length) == 0)
            end = text + length;
        else
            g_string_append_len(result, text, end - text);
        text = end;
    }
    return g_string_free(result, FALSE);
}

/* ---- Names ---- */

char *text_quoted(const char *name)
{
    return sql_quote_ident(DIALECT_MARIADB, name);
}

static bool is_plain_word(const char *name)
{
    bool letter = false;
    for (const char *at = name; *at; at++) {
        if (!g_ascii_isalnum(*at) && *at != '_' && *at != '$' && (guchar)*at < 0x80)
            return false;
        letter |= !g_ascii_isdigit(*at);
    }
    return letter;
}

char *text_key_part(const char *name)
{
    return is_plain_word(name) ? g_strdup(name) : text_quoted(name);
}

char *text_string(const char *value)
{
    GString *text = g_string_new("'");
    for (; *value; value++) {
        if (*value == '\\' || *value == '\'')
            g_string_append_c(text, *value);
        g_string_append_c(text, *value);
    }
    g_string_append_c(text, '\'');
    return g_string_free(text, FALSE);
}

char *text_part_key(const char *parent, const char *name)
{
    g_autofree char *part = text_key_part(name);
    return g_strdup_printf("%s.%s", parent, part);
}

char *text_key_name(const char *key)
{
    const char *last = key;
    for (const char *at = key; *at;) {
        const char *end = *at == '`' ? behind_quoted(at) : at + 1;
        if (*at == '.')
            last = end;
        at = end;
    }
    return *last == '`' ? unquoted(last, last + strlen(last)) : g_strdup(last);
}

bool text_is_numbered(const char *name, const char *before)
{
    gsize length = strlen(before);
    const char *digits = name + length;
    return strncmp(name, before, length) == 0 && *digits && strspn(digits, "0123456789") == strlen(digits);
}
