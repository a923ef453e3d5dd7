/* Seeding: the order of tables, and attempts at rows. */
#include "dev/seed_rows.h"

#include "dev/seed_values.h"

#include <string.h>

#define ROWS_DEFAULT 3u
#define ATTEMPTS_IN_STEP 12u /* every column takes its first value, then its second, … */
#define ATTEMPTS_MAX 80u     /* then values by chance */
#define PARENT_ROWS 16u

typedef struct Seeding {
    Connection *connection;
    const SeedCatalog *catalog;
    const SeedOptions *options;
    SeedReport *report;
    unsigned rows;
    GHashTable *done; /* name of table -> rows it got + 1 */
    GRand *random;
} Seeding;

void seed_report_clear(SeedReport *self)
{
    g_clear_pointer(&self->empty, g_ptr_array_unref);
}

/* ---- Keys to other tables ---- */

/* Rows that a key may refer to; NULL: none to be had. Caller frees. */
static RowSet *parent_rows(const Seeding *self, const SeedKey *key)
{
    g_autoptr(GString) sql = g_string_new("SELECT ");
    if (!g_hash_table_contains(self->done, key->table))
        return NULL;
    for (guint i = 0; i < key->referred->len; i++)
        g_string_append_printf(sql, "%s%s", i ? ", " : "", (char *)key->referred->pdata[i]);
    g_string_append_printf(sql, " FROM %s ORDER BY 1 LIMIT %u", key->table, PARENT_ROWS);
    return connection_query(self->connection, sql->str, NULL);
}

/* One row to be: column -> SQL. */
typedef struct RowDraft {
    const SeedTable *table;
    SeedPlace place;
    GPtrArray *parents; /* of RowSet *, one for each key; some NULL */
    GPtrArray *keys;    /* of const SeedKey * */
    GPtrArray *choices; /* of GPtrArray of char *, one for each column */
    GHashTable *values; /* column -> SQL; owned texts */
} RowDraft;

static void take_value(RowDraft *self, const char *column, char *sql)
{
    g_hash_table_insert(self->values, (gpointer)column, sql);
}

static bool can_be_null(const RowDraft *self, const SeedKey *key)
{
    for (guint i = 0; i < key->columns->len; i++) {
        const SeedColumn *column = seed_table_column(self->table, key->columns->pdata[i]);
        if (column && seed_value_needed(&self->place, column))
            return false;
    }
    return true;
}

/* A row of the parent's; the row itself where a table refers to itself; nothing where that is allowed. */
static void draft_key(RowDraft *self, guint index, unsigned turn)
{
    const SeedKey *key = self->keys->pdata[index];
    const RowSet *rows = self->parents->pdata[index];
    bool own = g_str_equal(key->table, self->table->name);
    for (guint i = 0; i < key->columns->len; i++) {
        const char *column = key->columns->pdata[i];
        const char *same = own ? g_hash_table_lookup(self->values, key->referred->pdata[i]) : NULL;
        if (rows && rows->rows->len > 0) {
            const char *const *row = rows->rows->pdata[(self->place.row + turn) % rows->rows->len];
            take_value(self, column, sql_quote_literal(self->place.dialect, row[i]));
        } else if (can_be_null(self, key)) {
            take_value(self, column, g_strdup("NULL"));
        } else if (same) {
            take_value(self, column, g_strdup(same));
        }
    }
}

static unsigned choice(Seeding *self, unsigned attempt, guint count)
{
    if (attempt < ATTEMPTS_IN_STEP)
        return MIN(attempt, count - 1);
    return (unsigned)g_rand_int_range(self->random, 0, (gint32)count);
}

/* Every third row has nothing where nothing is allowed, if it can be had. */
static void draft_values(Seeding *self, RowDraft *draft, unsigned attempt)
{
    bool bare = attempt == 0 && draft->place.row % 3 == 2;
    unsigned turn = attempt < 3 ? 0 : attempt;
    g_hash_table_remove_all(draft->values);
    for (guint i = 0; i < draft->table->columns->len; i++) {
        const SeedColumn *column = draft->table->columns->pdata[i];
        const GPtrArray *values = draft->choices->pdata[i];
        if (column->left_out)
            continue;
        if (bare && !seed_value_needed(&draft->place, column))
            take_value(draft, column->name, g_strdup("NULL"));
        else
            take_value(draft, column->name, g_strdup(values->pdata[choice(self, attempt, values->len)]));
    }
    for (guint i = 0; i < draft->keys->len; i++)
        draft_key(draft, i, turn);
}

/* ---- Rows ---- */

static char *insert_sql(const RowDraft *draft)
{
    g_autoptr(GString) columns = g_string_new(NULL);
    g_autoptr(GString) values = g_string_new(NULL);
    for (guint i = 0; i < draft->table->columns->len; i++) {
        const SeedColumn *column = draft->table->columns->pdata[i];
        const char *value = g_hash_table_lookup(draft->values, column->name);
        if (!value || column->left_out)
            continue;
        g_string_append_printf(columns, "%s%s", columns->len ? ", " : "", column->name);
        g_string_append_printf(values, "%s%s", values->len ? ", " : "", value);
    }
    if (columns->len == 0 && !dialect_is_mysql_family(draft->place.dialect))
        return g_strdup_printf("INSERT INTO %s DEFAULT VALUES", draft->table->name);
    return g_strdup_printf("INSERT INTO %s (%s) VALUES (%s)", draft->table->name, columns->str, values->str);
}

/* False: no attempt was taken; *problem says what the server said to the first. */
static bool seed_row(Seeding *self, RowDraft *draft, GError **problem)
{
    GError *first = NULL;
    for (unsigned attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        g_autoptr(GError) error = NULL;
        draft_values(self, draft, attempt);
        g_autofree char *sql = insert_sql(draft);
        if (connection_run(self->connection, sql, &error)) {
            g_clear_error(&first);
            return true;
        }
        bool lost = g_error_matches(error, DB_ERROR, DB_ERROR_CONNECTION_LOST);
        if (!first || lost) {
            g_clear_error(&first);
            first = g_steal_pointer(&error);
        }
        if (lost)
            break;
    }
    g_propagate_error(problem, first);
    return false;
}

static void row_set_free(gpointer data)
{
    if (data)
        rowset_free(data);
}

static void add_keys(RowDraft *draft, const Seeding *self, const SeedTable *from)
{
    for (guint i = 0; from && i < from->keys->len; i++) {
        const SeedKey *key = from->keys->pdata[i];
        bool there = seed_catalog_find(self->catalog, key->table) != NULL;
        for (guint j = 0; j < key->columns->len; j++)
            there = there && seed_table_column(draft->table, key->columns->pdata[j]);
        if (!there)
            continue;
        g_ptr_array_add(draft->keys, (gpointer)key);
        g_ptr_array_add(draft->parents, parent_rows(self, key));
    }
}

/* Leaves out what the server cannot read as a value of a type that we do not know; all stay if it reads none.
 */
static GPtrArray *readable(const Seeding *self, const SeedColumn *column, GPtrArray *values)
{
    g_autoptr(GPtrArray) all = values;
    g_autoptr(GPtrArray) good = g_ptr_array_new_with_free_func(g_free);
    if (seed_type_is_known(column, self->catalog->dialect))
        return g_steal_pointer(&all);
    for (guint i = 0; i < all->len; i++) {
        g_autofree char *sql = g_strdup_printf("SELECT CAST(%s AS %s)", (char *)all->pdata[i], column->type);
        if (connection_run(self->connection, sql, NULL))
            g_ptr_array_add(good, g_strdup(all->pdata[i]));
    }
    return good->len > 0 ? g_steal_pointer(&good) : g_steal_pointer(&all);
}

static void draft_begin(RowDraft *draft, const Seeding *self, unsigned row)
{
    draft->place = (SeedPlace){self->catalog->dialect, draft->table, NULL, row};
    if (self->options->also)
        draft->place.also = seed_catalog_find(self->options->also, draft->table->name);
    g_ptr_array_set_size(draft->keys, 0);
    g_ptr_array_set_size(draft->parents, 0);
    g_ptr_array_set_size(draft->choices, 0);
    add_keys(draft, self, draft->table);
    add_keys(draft, self, draft->place.also);
    for (guint i = 0; i < draft->table->columns->len; i++) {
        const SeedColumn *column = draft->table->columns->pdata[i];
        g_ptr_array_add(draft->choices, readable(self, column, seed_values(&draft->place, column)));
    }
}

static bool seed_table(Seeding *self, const SeedTable *table, GError **error)
{
    g_autoptr(GPtrArray) parents = g_ptr_array_new_with_free_func(row_set_free);
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    g_autoptr(GPtrArray) choices = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    g_autoptr(GHashTable) values = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    g_autoptr(GError) problem = NULL;
    RowDraft draft = {.table = table, .parents = parents, .keys = keys, .choices = choices, .values = values};
    unsigned rows = 0;
    for (unsigned row = 0; row < self->rows && rows == row; row++) {
        draft_begin(&draft, self, row);
        g_clear_error(&problem);
        rows += seed_row(self, &draft, &problem);
        if (g_error_matches(problem, DB_ERROR, DB_ERROR_CONNECTION_LOST)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return false;
        }
        if (rows > 0)
            g_hash_table_insert(self->done, table->name, GUINT_TO_POINTER(rows));
    }
    self->report->rows += rows;
    self->report->tables += rows > 0;
    if (rows == 0)
        g_ptr_array_add(self->report->empty,
                        g_strdup_printf("%s: %s", table->name, problem ? problem->message : ""));
    return true;
}

/* ---- Order ---- */

static void order_table(const Seeding *self, const SeedTable *table, GHashTable *seen, GPtrArray *order);

static void order_parents(const Seeding *self, const SeedTable *of, GHashTable *seen, GPtrArray *order)
{
    for (guint i = 0; of && i < of->keys->len; i++) {
        const SeedKey *key = of->keys->pdata[i];
        const SeedTable *parent = seed_catalog_find(self->catalog, key->table);
        if (parent)
            order_table(self, parent, seen, order);
    }
}

static void order_table(const Seeding *self, const SeedTable *table, GHashTable *seen, GPtrArray *order)
{
    if (!g_hash_table_add(seen, (gpointer)table))
        return;
    order_parents(self, table, seen, order);
    if (self->options->also)
        order_parents(self, seed_catalog_find(self->options->also, table->name), seen, order);
    g_ptr_array_add(order, (gpointer)table);
}

static bool seed_all(Seeding *self, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GPtrArray) order = g_ptr_array_new();
    for (guint i = 0; i < self->catalog->tables->len; i++)
        order_table(self, self->catalog->tables->pdata[i], seen, order);
    for (guint i = 0; i < order->len; i++)
        if (!seed_table(self, order->pdata[i], error))
            return false;
    return true;
}

bool seed_rows(Connection *connection, const SeedOptions *options, SeedReport *report, GError **error)
{
    static const SeedOptions defaults = {0};
    g_autoptr(SeedCatalog) catalog = seed_catalog_read(connection, error);
    if (!catalog)
        return false;
    g_autoptr(GHashTable) done = g_hash_table_new(g_str_hash, g_str_equal);
    Seeding seeding = {.connection = connection,
                       .catalog = catalog,
                       .options = options ? options : &defaults,
                       .report = report,
                       .done = done};
    seeding.rows = seeding.options->rows ? seeding.options->rows : ROWS_DEFAULT;
    seeding.random = g_rand_new_with_seed(seeding.options->seed);
    *report = (SeedReport){.empty = g_ptr_array_new_with_free_func(g_free)};
    bool good = seed_all(&seeding, error);
    g_rand_free(seeding.random);
    return good;
}
