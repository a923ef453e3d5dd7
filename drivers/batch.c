/* Batches: the statements that go to a server together, and what came back.
 *
 * Owns the lists of statements and rows. Refuses to look into SQL. One thread at a time. */
#include "drivers/driver.h"

#include <string.h>

#define COPIES_AT_ONCE 16384 /* bytes */

struct Batch {
    GArray *items;        /* of BatchItem */
    GPtrArray *owned;     /* texts and lists taken over */
    GStringChunk *copies; /* of texts; NULL: there are none */
};

Batch *batch_new(void)
{
    Batch *self = g_new0(Batch, 1);
    self->items = g_array_new(FALSE, FALSE, sizeof(BatchItem));
    self->owned = g_ptr_array_new_with_free_func(g_free);
    return self;
}

void batch_free(Batch *self)
{
    if (!self)
        return;
    g_array_unref(self->items);
    g_ptr_array_unref(self->owned);
    g_clear_pointer(&self->copies, g_string_chunk_free);
    g_free(self);
}

unsigned batch_add(Batch *self, const BatchItem *item)
{
    g_array_append_val(self->items, *item);
    return self->items->len - 1;
}

unsigned batch_take(Batch *self, char *sql, bool wants_rows)
{
    g_ptr_array_add(self->owned, sql);
    return batch_add(self, &(BatchItem){.sql = sql, .length = strlen(sql), .wants_rows = wants_rows});
}

unsigned batch_take_own(Batch *self, char *sql)
{
    unsigned item = batch_take(self, sql, false);
    g_array_index(self->items, BatchItem, item).one_result = true;
    return item;
}

unsigned batch_take_bound(Batch *self, char *sql, GArray *values, unsigned columns)
{
    BatchItem item = {.sql = sql, .length = strlen(sql), .bound_columns = columns};
    item.bound_rows = values->len / columns;
    item.bound = (const BoundValue *)(gpointer)g_array_free(values, FALSE);
    g_ptr_array_add(self->owned, sql);
    g_ptr_array_add(self->owned, (gpointer)item.bound);
    return batch_add(self, &item);
}

const char *batch_keep(Batch *self, const char *text)
{
    if (!self->copies)
        self->copies = g_string_chunk_new(COPIES_AT_ONCE);
    return g_string_chunk_insert(self->copies, text);
}

unsigned batch_attach(Batch *self, char *sql, bool wants_rows)
{
    unsigned item = batch_take(self, sql, wants_rows);
    g_array_index(self->items, BatchItem, item).attached = true;
    return item;
}

unsigned batch_length(const Batch *self)
{
    return self->items->len;
}

const BatchItem *batch_at(const Batch *self, unsigned index)
{
    g_return_val_if_fail(index < self->items->len, NULL);
    return &g_array_index(self->items, BatchItem, index);
}

/* ---- Rows ---- */

/* In one allocation. A row ends by count, since there are NULLs among its values, and the list of names by
 * the NULL that is behind it. */
static char **row_new(unsigned columns, const char *const *values)
{
    gsize size = (columns + 1) * sizeof(char *);
    for (unsigned i = 0; i < columns; i++)
        size += values[i] ? strlen(values[i]) + 1 : 0;
    char **row = g_malloc(size);
    char *text = (char *)(row + columns + 1);
    row[columns] = NULL;
    for (unsigned i = 0; i < columns; i++) {
        row[i] = values[i] ? text : NULL;
        text = values[i] ? g_stpcpy(text, values[i]) + 1 : text;
    }
    return row;
}

RowSet *rowset_new(unsigned columns, const char *const *names)
{
    RowSet *self = g_new0(RowSet, 1);
    self->columns = columns;
    self->names = row_new(columns, names);
    self->widths = g_new0(unsigned, MAX(columns, 1));
    self->rows = g_ptr_array_new_with_free_func(g_free);
    return self;
}

void rowset_add(RowSet *self, const char *const *values)
{
    g_ptr_array_add(self->rows, row_new(self->columns, values));
}

void rowset_free(RowSet *self)
{
    if (!self)
        return;
    g_free(self->names);
    g_free(self->widths);
    g_ptr_array_unref(self->rows);
    g_free(self);
}

/* ---- Results ---- */

void batch_result_clear(BatchResult *self)
{
    g_clear_pointer(&self->rows, g_hash_table_unref);
    self->completed = 0;
}

const RowSet *batch_result_rows(const BatchResult *self, unsigned item)
{
    return self->rows ? g_hash_table_lookup(self->rows, GUINT_TO_POINTER(item)) : NULL;
}

const char *batch_result_value(const BatchResult *self, unsigned item)
{
    const RowSet *set = batch_result_rows(self, item);
    if (!set || set->columns == 0 || set->rows->len == 0)
        return NULL;
    return ((char **)g_ptr_array_index(set->rows, 0))[0];
}

void batch_result_take(BatchResult *self, unsigned item, RowSet *rows)
{
    if (!self->rows)
        self->rows = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)rowset_free);
    g_hash_table_insert(self->rows, GUINT_TO_POINTER(item), rows);
}

void batch_result_move(BatchResult *self, unsigned first, BatchResult *result)
{
    GHashTableIter iterator;
    gpointer item, rows;
    batch_result_clear(result);
    result->completed = self->completed > first ? self->completed - first : 0;
    if (!self->rows)
        return;
    g_hash_table_iter_init(&iterator, self->rows);
    while (g_hash_table_iter_next(&iterator, &item, &rows)) {
        if (GPOINTER_TO_UINT(item) >= first) {
            g_hash_table_iter_steal(&iterator);
            batch_result_take(result, GPOINTER_TO_UINT(item) - first, rows);
        }
    }
}
