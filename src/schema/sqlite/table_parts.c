/* Columns and constraints of a table, from its text. What a column says of itself and could as well be said
 * of the table (PRIMARY KEY, UNIQUE, CHECK, REFERENCES) is a constraint like the others, so that the two ways
 * of writing it compare equal. Pure. */
#include "schema/sqlite/sqlite_schema_internal.h"

#include <string.h>

typedef struct PartReader {
    SchemaModel *model;
    GHashTable *names;
    const LiteTableText *text;
    const char *table; /* key */
    const char *sql;
    SchemaObject *column; /* NULL: the clauses are the table's own */
    unsigned constraints; /* how many there are by now */
} PartReader;

static char *range_text(const PartReader *self, guint from, guint to)
{
    return lite_normal_text(self->text->words, from, to, self->names);
}

/* ---- Constraints ---- */

/* Two of the same name or definition are told apart by their number. */
static char *free_key(const PartReader *self, const char *name)
{
    char *key = lite_part_key(self->table, name);
    for (unsigned i = 2; schema_model_find(self->model, SCHEMA_CONSTRAINT, key); i++) {
        g_free(key);
        key = g_strdup_printf("%s.%s #%u", self->table, name, i);
    }
    return key;
}

static void add_constraint(PartReader *self, const LiteClause *clause, const char *def)
{
    g_autofree char *given = clause->name ? lite_key(clause->name->text) : NULL;
    const char *name = given ? given : def;
    g_autofree char *key = free_key(self, name);
    SchemaObject *constraint = schema_model_add(self->model, SCHEMA_CONSTRAINT, key, self->table, name);
    constraint->position = ++self->constraints;
    schema_model_set(self->model, constraint, "def", def);
    if (self->column)
        schema_model_set(self->model, constraint, "~column", self->column->key);
}

static void add_table_constraint(PartReader *self, const LiteClause *clause)
{
    g_autofree char *def = range_text(self, clause->from, clause->to);
    add_constraint(self, clause, def);
}

/* ---- Clauses of columns ---- */

static const SqlWord *word_at(const PartReader *self, const LiteClause *clause, guint index)
{
    return clause->from + index < clause->to ? self->text->words->pdata[clause->from + index] : NULL;
}

static bool is_word_at(const PartReader *self, const LiteClause *clause, guint index, const char *word)
{
    const SqlWord *found = word_at(self, clause, index);
    return found && sql_word_is(found, word);
}

/* "head (column rest)", and what the clause has from `tail` on. */
static void lift(PartReader *self, const LiteClause *clause, const char *head, const char *rest, guint tail)
{
    g_autofree char *behind = range_text(self, MIN(clause->from + tail, clause->to), clause->to);
    g_autofree char *column = lite_unquoted(self->column->name);
    g_autofree char *name = lite_name(column);
    g_autofree char *def = g_strdup_printf("%s (%s%s)%s%s", head, name, rest, *behind ? " " : "", behind);
    add_constraint(self, clause, def);
}

/* INTEGER PRIMARY KEY DESC is no name for the rowid, PRIMARY KEY (c DESC) is one:
 * https://www.sqlite.org/lang_createtable.html#rowid */
static void read_primary_key(PartReader *self, const LiteClause *clause)
{
    bool descending = is_word_at(self, clause, 2, "desc");
    guint tail = 2 + (descending || is_word_at(self, clause, 2, "asc"));
    g_autoptr(GString) rest = g_string_new(descending ? " desc of its own" : "");
    guint last = clause->to - clause->from;
    bool autoincrement = last > tail && is_word_at(self, clause, last - 1, "autoincrement");
    LiteClause kept = {clause->name, clause->from, clause->to - autoincrement};
    if (autoincrement)
        g_string_append(rest, " autoincrement");
    lift(self, &kept, "primary key", rest->str, tail);
}

static void read_unique(PartReader *self, const LiteClause *clause)
{
    lift(self, clause, "unique", "", 1);
}

static void read_references(PartReader *self, const LiteClause *clause)
{
    lift(self, clause, "foreign key", "", 0);
}

static void set_named(PartReader *self, const LiteClause *clause, const char *attribute, const char *value)
{
    schema_model_set(self->model, self->column, attribute, value);
    if (!clause->name)
        return;
    g_autofree char *name_attribute = g_strconcat(attribute, " name", NULL);
    g_autofree char *name = lite_key(clause->name->text);
    schema_model_set(self->model, self->column, name_attribute, name);
}

static void read_not_null(PartReader *self, const LiteClause *clause)
{
    g_autofree char *conflict = range_text(self, MIN(clause->from + 2, clause->to), clause->to);
    set_named(self, clause, "notnull", *conflict ? conflict : "true");
}

static void read_null(PartReader *self, const LiteClause *clause)
{
    (void)self;
    (void)clause;
}

/* In double quotes it is a string here, whatever names there are. */
static void read_default(PartReader *self, const LiteClause *clause)
{
    const SqlWord *value = word_at(self, clause, 1);
    g_autofree char *text = range_text(self, clause->from + 1, clause->to);
    g_autofree char *literal =
        value && value->kind == SQL_WORD_QUOTED ? sql_quote_literal(DIALECT_SQLITE, value->text) : NULL;
    set_named(self, clause, "default", literal ? literal : text);
}

static void read_collate(PartReader *self, const LiteClause *clause)
{
    g_autofree char *text = range_text(self, clause->from + 1, clause->to);
    set_named(self, clause, "collation", text);
}

/* [GENERATED ALWAYS] AS (…) [VIRTUAL | STORED] */
static void read_generated(PartReader *self, const LiteClause *clause)
{
    guint from = clause->from + (is_word_at(self, clause, 0, "generated") ? 3 : 1);
    guint last = clause->to - clause->from - 1;
    bool stored = is_word_at(self, clause, last, "stored");
    bool told = stored || is_word_at(self, clause, last, "virtual");
    g_autofree char *expression = range_text(self, from, clause->to - told);
    g_autofree char *text = g_strconcat(expression, stored ? " stored" : " virtual", NULL);
    set_named(self, clause, "generated", text);
}

static const struct {
    const char *word;
    void (*read)(PartReader *self, const LiteClause *clause);
} column_clauses[] = {
    {"primary", read_primary_key},   {"unique", read_unique},   {"check", add_table_constraint},
    {"references", read_references}, {"not", read_not_null},    {"null", read_null},
    {"default", read_default},       {"collate", read_collate}, {"generated", read_generated},
    {"as", read_generated},
};

static void read_clause(PartReader *self, const LiteClause *clause)
{
    for (gsize i = 0; i < G_N_ELEMENTS(column_clauses); i++)
        if (is_word_at(self, clause, 0, column_clauses[i].word))
            column_clauses[i].read(self, clause);
}

/* ---- Parts ---- */

static void add_column(PartReader *self, WordRange part, const char *name, unsigned position)
{
    g_autofree char *last = lite_key(name);
    g_autofree char *key = lite_part_key(self->table, last);
    g_autofree char *shown = lite_name(name);
    guint type_end;
    g_autoptr(GArray) clauses = lite_column_clauses(self->text->words, part, &type_end);
    g_autofree char *type = range_text(self, MIN(part.from + 1, part.to), type_end);
    const SqlWord *first = self->text->words->pdata[part.from];
    const SqlWord *end = self->text->words->pdata[part.to - 1];
    g_autofree char *slice = g_strndup(self->sql + first->start, end->end - first->start);
    g_autofree char *order = g_strdup_printf("%u", position);
    self->column = schema_model_add(self->model, SCHEMA_COLUMN, key, self->table, shown);
    self->column->position = position;
    schema_model_set(self->model, self->column, "type", type);
    schema_model_set(self->model, self->column, "~sql", slice);
    schema_model_set(self->model, self->column, SCHEMA_ORDER_ATTRIBUTE, order);
    for (guint i = 0; i < clauses->len; i++)
        read_clause(self, &g_array_index(clauses, LiteClause, i));
    self->column = NULL;
}

static void add_constraints(PartReader *self, WordRange part)
{
    g_autoptr(GArray) clauses = lite_table_clauses(self->text->words, part);
    for (guint i = 0; i < clauses->len; i++)
        add_table_constraint(self, &g_array_index(clauses, LiteClause, i));
}

/* STRICT and WITHOUT ROWID, in any order. */
static void add_options(PartReader *self, SchemaObject *table)
{
    for (guint i = self->text->options.from; i < self->text->options.to; i++) {
        const SqlWord *word = self->text->words->pdata[i];
        if (sql_word_is(word, "strict"))
            schema_model_set(self->model, table, "strict", "true");
        else if (sql_word_is(word, "without"))
            schema_model_set(self->model, table, "without rowid", "true");
    }
}

static bool has_empty_part(const GArray *parts)
{
    for (guint i = 0; i < parts->len; i++)
        if (g_array_index(parts, WordRange, i).from >= g_array_index(parts, WordRange, i).to)
            return true;
    return false;
}

bool lite_add_table_parts(SchemaModel *model, SchemaObject *table, const char *sql, GPtrArray *columns,
                          GHashTable *names)
{
    g_autoptr(LiteTableText) text = lite_table_text_new(sql);
    if (!text || text->parts->len < columns->len || has_empty_part(text->parts))
        return false;
    PartReader reader = {.model = model, .names = names, .text = text, .table = table->key, .sql = sql};
    for (guint i = 0; i < text->parts->len; i++) {
        WordRange part = g_array_index(text->parts, WordRange, i);
        if (i < columns->len)
            add_column(&reader, part, columns->pdata[i], i + 1);
        else
            add_constraints(&reader, part);
    }
    add_options(&reader, table);
    return true;
}
