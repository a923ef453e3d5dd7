/* Columns: what follows a column's name in SHOW CREATE TABLE, as attributes. */
#include "schema/mysql/mysql_internal.h"

#include <string.h>

/* A clause begins with these words and goes on to the next clause, `least` words of value at the least. */
typedef struct ColumnClause {
    const char *words;
    const char *attribute; /* NULL: says nothing */
    unsigned least;
} ColumnClause;

static const ColumnClause clauses[] = {
    {"CHARACTER SET", "character set", 1},
    {"COLLATE", "collation", 1},
    {"NOT NULL", "notnull", 0},
    {"NULL", NULL, 0},
    {"DEFAULT", "default", 1},
    {"ON UPDATE", "on update", 1},
    {"AUTO_INCREMENT", "auto_increment", 0},
    {"GENERATED ALWAYS AS", "generated", 1},
    {"CHECK", "check", 1},
    {"COMMENT", "comment", 1},
    {"INVISIBLE", "invisible", 0},
    {"COMPRESSED", "compressed", 0},
    {"WITHOUT SYSTEM VERSIONING", "without system versioning", 0},
    {"WITH SYSTEM VERSIONING", "with system versioning", 0},
    {"SRID", "srid", 1},
    {"COLUMN_FORMAT", "column_format", 1},
    {"STORAGE", "storage", 1},
    {"REF_SYSTEM_ID", "ref_system_id", 1},
};

static const ColumnClause type_clause = {"", "type", 1};

static bool stands_at(const GPtrArray *words, guint at, const char *clause, guint *count)
{
    g_auto(GStrv) parts = g_strsplit(clause, " ", -1);
    *count = g_strv_length(parts);
    for (guint i = 0; i < *count; i++)
        if (at + i >= words->len || g_ascii_strcasecmp(words->pdata[at + i], parts[i]) != 0)
            return false;
    return true;
}

/* The clause that begins with this word, and how many words name it. */
static const ColumnClause *clause_at(const GPtrArray *words, guint at, guint *count)
{
    for (gsize i = 0; i < G_N_ELEMENTS(clauses); i++)
        if (stands_at(words, at, clauses[i].words, count))
            return &clauses[i];
    return NULL;
}

/* The words without the markers of versioned comments. */
static GPtrArray *column_words(const char *line)
{
    GPtrArray *words = text_words(line);
    for (guint i = words->len; i-- > 0;) {
        char *word = words->pdata[i];
        if (g_str_has_prefix(word, "/*") || g_str_equal(word, "*/"))
            g_ptr_array_remove_index(words, i);
        else if (g_str_has_suffix(word, "*/"))
            word[strlen(word) - 2] = '\0';
    }
    return words;
}

static void set_clause(const MysqlReading *self, SchemaObject *column, const ColumnClause *clause,
                       const char *value)
{
    if (clause->attribute)
        schema_model_set(self->model, column, clause->attribute, *value ? value : "true");
}

static bool is_character_type(const char *type)
{
    static const char *const types[] = {"char",       "varchar",  "tinytext", "text",
                                        "mediumtext", "longtext", "enum",     "set"};
    gsize length = strcspn(type, "( ");
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (strlen(types[i]) == length && strncmp(type, types[i], length) == 0)
            return true;
    return false;
}

/* What is left out is as the table has it. */
static void fill_charset(const MysqlReading *self, SchemaObject *column, const char *charset,
                         const char *collation)
{
    if (!is_character_type(schema_object_get(column, "type")))
        return;
    if (!schema_object_get(column, "collation") && !schema_object_get(column, "character set"))
        schema_model_set(self->model, column, "collation", collation);
    if (!schema_object_get(column, "character set"))
        schema_model_set(self->model, column, "character set", charset);
}

void mysql_read_column(const MysqlReading *self, SchemaObject *column, const char *line,
                       const char *table_charset, const char *table_collation)
{
    g_autoptr(GPtrArray) words = column_words(line);
    const ColumnClause *clause = &type_clause;
    g_autoptr(GString) value = g_string_new("");
    guint taken = 0;
    for (guint i = 0; i < words->len; i++) {
        guint count = 0;
        const ColumnClause *next = taken >= clause->least ? clause_at(words, i, &count) : NULL;
        if (next) {
            set_clause(self, column, clause, value->str);
            clause = next;
            taken = 0;
            g_string_truncate(value, 0);
            i += count - 1;
            continue;
        }
        g_string_append_printf(value, "%s%s", taken ? " " : "", (char *)words->pdata[i]);
        taken++;
    }
    set_clause(self, column, clause, value->str);
    fill_charset(self, column, table_charset, table_collation);
}
