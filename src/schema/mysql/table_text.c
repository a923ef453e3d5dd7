/* Tables: what SHOW CREATE TABLE prints, cut into the table's parts. */
#include "schema/mysql/mysql_internal.h"

#include <string.h>

#define PRIMARY_NAME "PRIMARY" /* no other key can be called so */

/* A table while its parts are added. */
typedef struct TableText {
    const MysqlReading *reading;
    SchemaObject *table;
    char *charset;
    char *collation;
    char *name;         /* without quotes */
    const char *column; /* name of the last one, quoted; NULL */
    unsigned counts[SCHEMA_KIND_COUNT];
} TableText;

static SchemaObject *add_part(TableText *self, SchemaKind kind, const char *name, const char *key)
{
    g_autofree char *quoted = text_quoted(name);
    SchemaObject *part = schema_model_add(self->reading->model, kind, key, self->table->key, quoted);
    part->position = ++self->counts[kind];
    return part;
}

static void set_table(TableText *self, const char *prefix, const char *name, const char *value)
{
    g_autofree char *attribute = g_strconcat(prefix, name, NULL);
    schema_model_set(self->reading->model, self->table, attribute, value);
}

/* ---- Columns ---- */

static void read_column(TableText *self, const char *at)
{
    g_autofree char *name = text_take_name(&at);
    g_autofree char *key = text_part_key(self->table->key, name);
    SchemaObject *column = add_part(self, SCHEMA_COLUMN, name, key);
    schema_model_set(self->reading->model, column, ATTRIBUTE_AFTER, self->column);
    schema_model_set(self->reading->model, column, ATTRIBUTE_LINE, at);
    mysql_read_column(self->reading, column, at, self->charset, self->collation);
    self->column = column->name;
}

/* ---- Keys ---- */

/* Engines whose keys are BTREE when nothing is said. */
static bool has_btree_default(const TableText *self)
{
    static const char *const engines[] = {"InnoDB", "Aria", "MyISAM", NULL};
    const char *engine = schema_object_get(self->table, "engine");
    return engine && g_strv_contains(engines, engine);
}

static char *key_definition(const TableText *self, const char *kind, const char *rest)
{
    static const char *const said = " USING BTREE";
    const char *using = text_find(rest, '(');
    using = *using ? text_behind(using) : using;
    if (!has_btree_default(self) || !g_str_has_prefix(using, said))
        return g_strdup_printf("%s %s", kind, rest);
    return g_strdup_printf("%s %.*s%s", kind, (int)(using - rest), rest, using + strlen(said));
}

static const char *const key_kinds[] = {"PRIMARY KEY", "UNIQUE KEY", "FULLTEXT KEY",
                                        "SPATIAL KEY", "VECTOR KEY", "KEY"};

static bool read_key(TableText *self, const char *at)
{
    for (gsize i = 0; i < G_N_ELEMENTS(key_kinds); i++) {
        if (!text_take(&at, key_kinds[i]))
            continue;
        g_autofree char *name = text_take_name(&at);
        g_autofree char *definition = key_definition(self, key_kinds[i], at);
        g_autofree char *key = text_part_key(self->table->key, name ? name : PRIMARY_NAME);
        SchemaObject *index = add_part(self, SCHEMA_INDEX, name ? name : PRIMARY_NAME, key);
        schema_model_set(self->reading->model, index, ATTRIBUTE_DEFINITION, definition);
        return true;
    }
    return false;
}

/* ---- Constraints ---- */

/* t_ibfk_1, CONSTRAINT_1, t_chk_1: they depend on the order in which constraints were made. */
static bool is_made_up(const TableText *self, const char *name)
{
    g_autofree char *foreign_key = g_strconcat(self->name, "_ibfk_", NULL);
    g_autofree char *check = g_strconcat(self->name, "_chk_", NULL);
    return text_is_numbered(name, foreign_key) || text_is_numbered(name, check) ||
           text_is_numbered(name, "CONSTRAINT_");
}

/* The key of what is known by its definition; several that are alike are counted. Caller frees. */
static char *unnamed_key(const TableText *self, const char *definition)
{
    g_autofree char *key = g_strdup_printf("%s.%s", self->table->key, definition);
    for (unsigned number = 2; schema_model_find(self->reading->model, SCHEMA_CONSTRAINT, key); number++) {
        g_free(key);
        key = g_strdup_printf("%s.%s #%u", self->table->key, definition, number);
    }
    return g_steal_pointer(&key);
}

static bool read_constraint(TableText *self, const char *at)
{
    if (!text_take(&at, "CONSTRAINT "))
        return false;
    g_autofree char *name = text_take_name(&at);
    bool unnamed = !self->reading->options->names && is_made_up(self, name);
    g_autofree char *key = unnamed ? unnamed_key(self, at) : text_part_key(self->table->key, name);
    SchemaObject *constraint = add_part(self, SCHEMA_CONSTRAINT, name, key);
    schema_model_set(self->reading->model, constraint, ATTRIBUTE_DEFINITION, at);
    if (unnamed)
        schema_model_set(self->reading->model, constraint, ATTRIBUTE_UNNAMED, "true");
    return true;
}

static bool read_period(TableText *self, const char *at)
{
    if (!text_take(&at, "PERIOD FOR "))
        return false;
    g_autofree char *name = text_take_name(&at);
    if (!name && !text_take(&at, "SYSTEM_TIME"))
        return false;
    set_table(self, ATTRIBUTE_PERIOD, name ? name : "SYSTEM_TIME", at);
    return true;
}

/* ---- The whole ---- */

static void read_part(TableText *self, const char *part)
{
    if (*part == '`')
        read_column(self, part);
    else if (!read_key(self, part) && !read_constraint(self, part) && !read_period(self, part))
        set_table(self, ATTRIBUTE_UNKNOWN, part, part);
}

/* What AUTO adds as time goes by, and the start that the server took from its clock, are no difference. */
static void set_partition_by(TableText *self, const char *by)
{
    g_autoptr(GRegex) start = g_regex_new(" STARTS TIMESTAMP'[^']*'", 0, 0, NULL);
    g_autoptr(GRegex) count = g_regex_new(" AUTO\\s+PARTITIONS \\d+$", 0, 0, NULL);
    g_autofree char *timeless = g_regex_replace_literal(start, by, -1, 0, "", 0, NULL);
    g_autofree char *compared = g_regex_replace_literal(count, timeless, -1, 0, " AUTO", 0, NULL);
    set_table(self, "", ATTRIBUTE_PARTITION_BY, compared);
    set_table(self, "~", ATTRIBUTE_PARTITION_BY, by);
}

/* "PARTITION BY …" up to the list of partitions, and that list. MySQL has all of it in a versioned comment.
 */
static void read_partitions(TableText *self, const char *text)
{
    g_autofree char *clause = g_strdup(text);
    char *close = strrchr(clause, '/');
    if (g_str_has_prefix(clause, "/*!") && close && close[-1] == '*')
        close[-1] = '\0';
    const char *from = *clause == '/' ? strchr(clause, ' ') + 1 : clause;
    const char *list = strstr(from, "\n(PARTITION");
    g_autofree char *by = list ? g_strndup(from, list - from) : g_strdup(from);
    set_partition_by(self, g_strstrip(by));
    if (!list)
        return;
    g_autofree char *partitions = g_strndup(list + 2, text_behind(list + 1) - list - 3);
    bool is_auto = g_str_has_suffix(schema_object_get(self->table, ATTRIBUTE_PARTITION_BY), " AUTO");
    set_table(self, is_auto ? "~" : "", ATTRIBUTE_PARTITIONS, partitions);
}

/* The options end where a line of their own says how the table is partitioned. */
static void read_tail(TableText *self, const char *text)
{
    const char *line = text;
    while (*(line = text_find(line, '\n')) && !strstr(line, "PARTITION BY"))
        line++;
    g_autofree char *options = g_strndup(text, line - text);
    mysql_read_table_options(self->reading, self->table, g_strstrip(options));
    self->charset = g_strdup(schema_object_get(self->table, "character set"));
    self->collation = g_strdup(schema_object_get(self->table, "collation"));
    if (*line)
        read_partitions(self, line + 1 + strspn(line + 1, " "));
}

void mysql_read_table(const MysqlReading *reading, const char *name, const char *text)
{
    g_autofree char *plain = text_without_database(text, reading->database);
    const char *open = text_find(plain, '(');
    if (!*open)
        return;
    const char *close = text_behind(open);
    g_autofree char *inside = g_strndup(open + 1, close - open - 2);
    g_autofree char *key = text_key_part(name);
    g_autofree char *quoted = text_quoted(name);
    TableText self = {.reading = reading, .name = g_strdup(name)};
    self.table = schema_model_add(reading->model, SCHEMA_TABLE, key, NULL, quoted);
    read_tail(&self, close);
    g_autoptr(GPtrArray) parts = text_split(inside, ',');
    for (guint i = 0; i < parts->len; i++)
        read_part(&self, parts->pdata[i]);
    g_free(self.charset);
    g_free(self.collation);
    g_free(self.name);
}
