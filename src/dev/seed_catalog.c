/* Seed catalog: the queries, and the tables made from their rows. */
#include "dev/seed_catalog.h"

#include "sql/words.h"

#include <string.h>

#define LABEL_SEPARATOR "\x1f"

/* columns: schema, table, column, type, labels, not null, left out. keys: id, schema, table, column, schema
 * and table referred to, its column. checks: schema, table, text. A schema may be NULL; truth is "1" or "t".
 */
typedef struct SeedQueries {
    const char *columns;
    const char *keys;
    const char *checks;
} SeedQueries;

static const SeedQueries postgres = {
    "SELECT n.nspname, c.relname, a.attname, format_type(b.oid, CASE WHEN t.typtype = 'd' THEN "
    "t.typtypmod ELSE a.atttypmod END), (SELECT string_agg(e.enumlabel, chr(31) ORDER BY "
    "e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = b.oid), a.attnotnull OR "
    "t.typnotnull, a.attgenerated <> '' OR a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, "
    "d.adrelid) LIKE 'nextval(%', false) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace "
    "n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND "
    "a.attnum > 0 AND NOT a.attisdropped JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN "
    "pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END "
    "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE "
    "c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' AND n.nspname "
    "NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND NOT EXISTS (SELECT FROM "
    "pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.pg_class'::regclass AND x.objid = "
    "c.oid AND x.deptype = 'e') ORDER BY n.nspname, c.relname, a.attnum",
    "SELECT con.oid, n.nspname, c.relname, a.attname, fn.nspname, f.relname, fa.attname FROM "
    "pg_catalog.pg_constraint con JOIN pg_catalog.pg_class c ON c.oid = con.conrelid JOIN "
    "pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_class f ON f.oid = "
    "con.confrelid JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace CROSS JOIN LATERAL "
    "unnest(con.conkey, con.confkey) WITH ORDINALITY AS k(own, other, o) JOIN "
    "pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.own JOIN "
    "pg_catalog.pg_attribute fa ON fa.attrelid = f.oid AND fa.attnum = k.other WHERE con.contype "
    "= 'f' AND con.conparentid = 0 ORDER BY con.oid, k.o",
    "SELECT n.nspname, c.relname, pg_get_constraintdef(con.oid) FROM pg_catalog.pg_constraint "
    "con JOIN pg_catalog.pg_class c ON c.oid = con.conrelid JOIN pg_catalog.pg_namespace n ON "
    "n.oid = c.relnamespace WHERE con.contype = 'c' UNION ALL SELECT n.nspname, c.relname, "
    "quote_ident(a.attname) || ' ' || pg_get_constraintdef(con.oid) FROM "
    "pg_catalog.pg_constraint con JOIN pg_catalog.pg_attribute a ON a.atttypid = con.contypid "
    "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = "
    "c.relnamespace WHERE con.contypid <> 0 UNION ALL SELECT n.nspname, r.relname, "
    "string_agg(concat_ws(' ', pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid)), ' "
    "' ORDER BY c.oid) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_class r ON r.oid = "
    "pg_partition_root(c.oid) JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace WHERE "
    "c.relkind IN ('r', 'p') GROUP BY n.nspname, r.relname"};

static const char mysql_columns[] =
    "SELECT NULL, c.table_name, c.column_name, c.column_type, NULL, c.is_nullable = 'NO', "
    "c.extra LIKE '%auto_increment%' OR c.extra LIKE '%GENERATED' OR "
    "coalesce(c.generation_expression, '') <> '' FROM information_schema.columns c JOIN "
    "information_schema.tables t USING (table_schema, table_name) WHERE c.table_schema = "
    "database() AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY c.table_name, "
    "c.ordinal_position";
static const char mysql_keys[] =
    "SELECT concat(table_name, '.', constraint_name), NULL, table_name, column_name, NULL, "
    "referenced_table_name, referenced_column_name FROM information_schema.key_column_usage "
    "WHERE table_schema = database() AND referenced_table_schema = database() ORDER BY "
    "table_name, constraint_name, ordinal_position";
#define MYSQL_PARTITIONS                                                                                     \
    " UNION ALL SELECT NULL, table_name, concat_ws(' ', partition_expression, "                              \
    "partition_description) FROM information_schema.partitions WHERE table_schema = database() "             \
    "AND partition_name IS NOT NULL"

static const SeedQueries mysql = {
    mysql_columns, mysql_keys,
    "SELECT NULL, t.table_name, c.check_clause FROM information_schema.check_constraints c JOIN "
    "information_schema.table_constraints t ON t.constraint_schema = c.constraint_schema AND "
    "t.constraint_name = c.constraint_name WHERE c.constraint_schema = database()" MYSQL_PARTITIONS};
static const SeedQueries mariadb = {
    mysql_columns, mysql_keys,
    "SELECT NULL, table_name, concat(constraint_name, ' ', check_clause) FROM "
    "information_schema.check_constraints WHERE constraint_schema = database()" MYSQL_PARTITIONS};

static const SeedQueries sqlite = {
    "SELECT NULL, l.name, x.name, x.type, NULL, x.\"notnull\" OR x.pk > 0, x.hidden IN (2, 3) FROM "
    "pragma_table_list l, pragma_table_xinfo(l.name) x WHERE l.schema = 'main' AND l.type = "
    "'table' AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY l.name, x.cid",
    "SELECT l.name || '.' || f.id, NULL, l.name, f.\"from\", NULL, coalesce(p.name, f.\"table\"), "
    "coalesce(f.\"to\", (SELECT i.name FROM pragma_table_info(f.\"table\") i WHERE i.pk = f.seq + "
    "1)) FROM pragma_table_list l, pragma_foreign_key_list(l.name) f LEFT JOIN sqlite_schema p "
    "ON p.type = 'table' AND p.name = f.\"table\" COLLATE NOCASE WHERE l.schema = 'main' ORDER BY "
    "l.name, f.id, f.seq",
    "SELECT NULL, name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%check%'"};

static const SeedQueries *const queries[DIALECT_COUNT] = {&postgres, &mysql, &mariadb, &sqlite};

/* ---- Tables ---- */

static void column_free(gpointer data)
{
    SeedColumn *self = data;
    g_free(self->name);
    g_free(self->type);
    g_strfreev(self->labels);
    g_free(self);
}

static void key_free(gpointer data)
{
    SeedKey *self = data;
    g_free(self->table);
    g_ptr_array_unref(self->columns);
    g_ptr_array_unref(self->referred);
    g_free(self);
}

static void table_free(gpointer data)
{
    SeedTable *self = data;
    g_free(self->name);
    g_ptr_array_unref(self->columns);
    g_ptr_array_unref(self->keys);
    g_ptr_array_unref(self->checks);
    g_free(self);
}

void seed_catalog_free(SeedCatalog *self)
{
    if (!self)
        return;
    g_hash_table_unref(self->by_name);
    g_ptr_array_unref(self->tables);
    g_free(self);
}

static SeedTable *table_named(SeedCatalog *self, const char *name)
{
    SeedTable *table = g_hash_table_lookup(self->by_name, name);
    if (table)
        return table;
    table = g_new0(SeedTable, 1);
    table->name = g_strdup(name);
    table->columns = g_ptr_array_new_with_free_func(column_free);
    table->keys = g_ptr_array_new_with_free_func(key_free);
    table->checks = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(self->tables, table);
    g_hash_table_insert(self->by_name, table->name, table);
    return table;
}

/* Caller frees. */
static char *quoted_table(const SeedCatalog *self, const char *schema, const char *name)
{
    g_autofree char *outer = schema ? sql_quote_ident(self->dialect, schema) : NULL;
    g_autofree char *inner = sql_quote_ident(self->dialect, name);
    return g_strconcat(outer ? outer : "", outer ? "." : "", inner, NULL);
}

static bool is_true(const char *value)
{
    return value && (*value == 't' || *value == '1');
}

static void add_columns(SeedCatalog *self, const RowSet *rows)
{
    for (guint i = 0; i < rows->rows->len; i++) {
        const char *const *row = rows->rows->pdata[i];
        SeedColumn *column = g_new0(SeedColumn, 1);
        g_autofree char *table = quoted_table(self, row[0], row[1]);
        column->name = sql_quote_ident(self->dialect, row[2]);
        column->type = g_strdup(row[3]);
        column->labels = row[4] ? g_strsplit(row[4], LABEL_SEPARATOR, -1) : NULL;
        column->not_null = is_true(row[5]);
        column->left_out = is_true(row[6]);
        g_ptr_array_add(table_named(self, table)->columns, column);
    }
}

/* A key's rows stand together. */
static void add_keys(SeedCatalog *self, const RowSet *rows)
{
    const char *last = NULL;
    SeedKey *key = NULL;
    for (guint i = 0; i < rows->rows->len; i++) {
        const char *const *row = rows->rows->pdata[i];
        g_autofree char *name = quoted_table(self, row[1], row[2]);
        const SeedTable *table = seed_catalog_find(self, name);
        if (!table || !row[6])
            continue;
        if (!last || !g_str_equal(last, row[0])) {
            key = g_new0(SeedKey, 1);
            key->table = quoted_table(self, row[4], row[5]);
            key->columns = g_ptr_array_new_with_free_func(g_free);
            key->referred = g_ptr_array_new_with_free_func(g_free);
            g_ptr_array_add(table->keys, key);
        }
        last = row[0];
        g_ptr_array_add(key->columns, sql_quote_ident(self->dialect, row[3]));
        g_ptr_array_add(key->referred, sql_quote_ident(self->dialect, row[6]));
    }
}

static void add_word(GString *text, const SqlWord *word)
{
    g_autofree char *literal = word->quote == '\'' ? sql_quote_literal(DIALECT_SQLITE, word->text) : NULL;
    const char *quote = word->kind == SQL_WORD_QUOTED && !literal ? "\"" : "";
    g_string_append_printf(text, "%s%s%s ", quote, literal ? literal : word->text, quote);
}

/* The words in the parentheses that begin at `at`; moves behind them. */
static char *parenthesis(const GPtrArray *words, guint *at)
{
    GString *text = g_string_new(NULL);
    int depth = 0;
    for (; *at < words->len; (*at)++) {
        const SqlWord *word = words->pdata[*at];
        depth += sql_word_is_sign(word, '(') - sql_word_is_sign(word, ')');
        if (depth == 0)
            break;
        add_word(text, word);
    }
    return g_string_free(text, FALSE);
}

/* Where the catalog has only the statement that made the table, its conditions one by one. */
static void add_conditions(const SeedTable *table, const char *create, Dialect dialect)
{
    g_autoptr(GPtrArray) words = sql_words(create, strlen(create), dialect);
    for (guint i = 0; words && i + 1 < words->len; i++)
        if (sql_word_is(words->pdata[i], "check") && sql_word_is_sign(words->pdata[i + 1], '(')) {
            i++;
            g_ptr_array_add(table->checks, parenthesis(words, &i));
        }
}

static void add_checks(SeedCatalog *self, const RowSet *rows)
{
    for (guint i = 0; i < rows->rows->len; i++) {
        const char *const *row = rows->rows->pdata[i];
        g_autofree char *name = quoted_table(self, row[0], row[1]);
        const SeedTable *table = seed_catalog_find(self, name);
        if (table && row[2] && g_ascii_strncasecmp(row[2], "create ", 7) == 0)
            add_conditions(table, row[2], self->dialect);
        else if (table && row[2])
            g_ptr_array_add(table->checks, g_strdup(row[2]));
    }
}

SeedCatalog *seed_catalog_read(Connection *connection, GError **error)
{
    g_autoptr(SeedCatalog) self = g_new0(SeedCatalog, 1);
    self->dialect = connection->server.dialect;
    self->tables = g_ptr_array_new_with_free_func(table_free);
    self->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    const SeedQueries *row = queries[self->dialect];
    g_autoptr(RowSet) columns = connection_query(connection, row->columns, error);
    g_autoptr(RowSet) keys = columns ? connection_query(connection, row->keys, error) : NULL;
    g_autoptr(RowSet) checks = keys ? connection_query(connection, row->checks, error) : NULL;
    if (!checks)
        return NULL;
    add_columns(self, columns);
    add_keys(self, keys);
    add_checks(self, checks);
    return g_steal_pointer(&self);
}

const SeedTable *seed_catalog_find(const SeedCatalog *self, const char *table)
{
    return g_hash_table_lookup(self->by_name, table);
}

const SeedColumn *seed_table_column(const SeedTable *self, const char *column)
{
    for (guint i = 0; i < self->columns->len; i++) {
        const SeedColumn *found = self->columns->pdata[i];
        if (g_str_equal(found->name, column))
            return found;
    }
    return NULL;
}
