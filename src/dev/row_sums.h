/* Row sums: how many rows each table of a scratch database holds and a digest of the values of each column,
 * so that two states can be compared although columns came, went or were renamed between them. Reads whole
 * tables: for scratch databases with a few rows only. The thread that owns the connection. */
#pragma once

#include "drivers/driver.h"
#include "schema/hints.h"

typedef struct RowSums RowSums;

/* Of all tables of `model`, which the database stands at. A table that cannot be read (a foreign one without
 * its server) is kept as unreadable. NULL and an error of DB_ERROR if the connection is lost. */
RowSums *row_sums_read(Connection *connection, const SchemaModel *model, GError **error);
void row_sums_free(RowSums *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RowSums, row_sums_free)
/* Of all tables together. */
unsigned row_sums_total(const RowSums *self);

/* One comparison: two states of one database and what is known of the way between them. */
typedef struct RowComparison {
    const SchemaModel *before;
    const SchemaModel *after;
    const SchemaHints *hints; /* renames on that way; NULL: none */
    const GPtrArray *losses;  /* of const char *: what is declared to lose data; NULL: nothing */
} RowComparison;
/* Of the tables that are in both: whose rows became more or fewer, and columns that are alike in both with
 * other values; of char *, a line each; empty: all rows are as they were. Caller unrefs. */
GPtrArray *row_sums_difference(const RowSums *before, const RowSums *after, const RowComparison *comparison);
