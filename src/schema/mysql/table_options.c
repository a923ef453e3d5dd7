/* Table options: what stands behind a table's closing parenthesis, as attributes. */
#include "schema/mysql/mysql_internal.h"

#include <string.h>

/* Attributes that have a name of their own; any other option is called as it is written, in lower case
 * unless the engine defines it. */
static const struct {
    const char *option;
    const char *attribute;
} named_options[] = {
    {"DEFAULT CHARSET", "character set"},
    {"COLLATE", "collation"},
    {"AUTO_INCREMENT", "~auto_increment"}, /* how far it has counted is no part of the schema */
};

static char *attribute_of(const char *option)
{
    for (gsize i = 0; i < G_N_ELEMENTS(named_options); i++)
        if (g_ascii_strcasecmp(named_options[i].option, option) == 0)
            return g_strdup(named_options[i].attribute);
    return *option == '`' ? g_strdup(option) : g_ascii_strdown(option, -1);
}

/* An option as it is cut out of the text. */
typedef struct OptionText {
    GString *name; /* words that came before its value */
    GString *line; /* all options but those that are left out */
} OptionText;

static void keep(OptionText *self, const char *text)
{
    if (self->line->len)
        g_string_append_c(self->line, ' ');
    g_string_append(self->line, text);
}

static void add_name(OptionText *self, const char *word, gsize length)
{
    if (self->name->len)
        g_string_append_c(self->name, ' ');
    g_string_append_len(self->name, word, length);
}

static void take_option(const MysqlReading *reading, SchemaObject *table, OptionText *self, const char *value)
{
    g_autofree char *attribute = attribute_of(self->name->str);
    g_autofree char *whole = g_strdup_printf("%s%s%s", self->name->str, *value ? "=" : "", value);
    schema_model_set(reading->model, table, attribute, *value ? value : "true");
    if (!schema_attribute_informs(attribute))
        keep(self, whole);
    g_string_truncate(self->name, 0);
}

/* A word of a name, or the name and its value. The markers of versioned comments are no part of either. */
static void take_word(const MysqlReading *reading, SchemaObject *table, OptionText *self, const char *word)
{
    const char *equals = text_find(word, '=');
    if (g_str_has_prefix(word, "/*") || g_str_equal(word, "*/"))
        return;
    add_name(self, word, equals - word);
    if (*equals)
        take_option(reading, table, self, equals + 1);
    else if (g_str_equal(self->name->str, "WITH SYSTEM VERSIONING"))
        take_option(reading, table, self, "");
}

void mysql_read_table_options(const MysqlReading *reading, SchemaObject *table, const char *text)
{
    OptionText self = {g_string_new(""), g_string_new("")};
    g_autoptr(GPtrArray) words = text_words(text);
    for (guint i = 0; i < words->len; i++)
        take_word(reading, table, &self, words->pdata[i]);
    if (self.name->len)
        take_option(reading, table, &self, "");
    schema_model_set(reading->model, table, ATTRIBUTE_LINE, self.line->str);
    g_string_free(self.name, TRUE);
    g_string_free(self.line, TRUE);
}
