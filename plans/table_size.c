/* Table sizes: sums, and the largest few. */
#include "plans/table_size.h"

static void at_free(gpointer data)
{
    TableSizeAt *self = data;
    g_free(self->target);
    g_free(self);
}

TableSize *table_size_new(const char *table)
{
    TableSize *self = g_new0(TableSize, 1);
    self->table = g_strdup(table);
    self->bytes = self->bytes_max = -1;
    self->largest = g_ptr_array_new_with_free_func(at_free);
    return self;
}

void table_size_free(TableSize *self)
{
    if (!self)
        return;
    g_free(self->table);
    g_ptr_array_unref(self->largest);
    g_free(self);
}

/* By bytes, then rows. */
static int compare(gint64 bytes, gint64 rows, gint64 other_bytes, gint64 other_rows)
{
    if (bytes != other_bytes)
        return bytes > other_bytes ? -1 : 1;
    return rows == other_rows ? 0 : rows > other_rows ? -1 : 1;
}

static guint place_of(const TableSize *self, gint64 rows, gint64 bytes)
{
    guint place = 0;
    for (; place < self->largest->len; place++) {
        const TableSizeAt *other = self->largest->pdata[place];
        if (compare(bytes, rows, other->bytes, other->rows) < 0)
            break;
    }
    return place;
}

void table_size_add(TableSize *self, const char *target, gint64 rows, gint64 bytes)
{
    self->targets++;
    self->rows += rows;
    self->rows_max = MAX(self->rows_max, rows);
    self->bytes_max = MAX(self->bytes_max, bytes);
    if (bytes >= 0)
        self->bytes = MAX(self->bytes, 0) + bytes;
    guint place = place_of(self, rows, bytes);
    if (place >= TABLE_SIZE_LARGEST)
        return;
    TableSizeAt *at = g_new0(TableSizeAt, 1);
    *at = (TableSizeAt){g_strdup(target), rows, bytes};
    g_ptr_array_insert(self->largest, (gint)place, at);
    if (self->largest->len > TABLE_SIZE_LARGEST)
        g_ptr_array_set_size(self->largest, TABLE_SIZE_LARGEST);
}

GPtrArray *table_sizes_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)table_size_free);
}

static gint compare_tables(gconstpointer left, gconstpointer right)
{
    const TableSize *a = *(const TableSize *const *)left, *b = *(const TableSize *const *)right;
    int order = compare(a->bytes_max, a->rows_max, b->bytes_max, b->rows_max);
    return order != 0 ? order : g_strcmp0(a->table, b->table);
}

void table_sizes_sort(GPtrArray *self)
{
    g_ptr_array_sort(self, compare_tables);
}
