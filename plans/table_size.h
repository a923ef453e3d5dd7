/* Table sizes: how large the tables are that a plan's statements touch, on the targets that take them, as
 * plain values. Rows and bytes are what the server estimates unless it was counted. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* One table on one target. */
typedef struct TableSizeAt {
    char *target;
    gint64 rows;
    gint64 bytes; /* with indexes; -1: not known */
} TableSizeAt;

#define TABLE_SIZE_LARGEST 5u /* targets that are named */

typedef struct TableSize {
    char *table;      /* as the statements name it */
    unsigned targets; /* that have it */
    unsigned unasked; /* that could not be asked, or not in time */
    gint64 rows;      /* of all of them */
    gint64 bytes;     /* -1: not known of any */
    gint64 rows_max;  /* on one target */
    gint64 bytes_max;
    bool estimated;     /* some of it is the server's estimate */
    bool at_least;      /* some target has more rows than were counted */
    GPtrArray *largest; /* of TableSizeAt *: the largest targets, largest first */
} TableSize;
TableSize *table_size_new(const char *table);
void table_size_free(TableSize *self); /* NULL-safe */
/* Counts one target in. bytes -1: not known. */
void table_size_add(TableSize *self, const char *target, gint64 rows, gint64 bytes);
/* An empty list of TableSize * that owns them, and its sorting: those that are largest on one target first.
 */
GPtrArray *table_sizes_new(void);
void table_sizes_sort(GPtrArray *self);
