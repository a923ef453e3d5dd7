/* Table sizes: asks the targets of a plan how large the tables are that their paths touch, in parallel,
 * read-only and in bounded time. Main thread; the asking is done by worker threads. */
#pragma once

#include "plans/planner.h"
#include "run/each_target.h"
#include "run/session.h"

typedef struct TableSizesRequest {
    SecretStore *secrets;
    const char *folder;
    EachLimits limits;
} TableSizesRequest;

/* A statement that takes longer is given up on that target. */
#define TABLE_SIZE_MS 5000u

/* How many targets would be asked. */
unsigned table_sizes_count(const Plan *plan);
/* Of TableSize *, sorted; tables that no target has are left out. NULL if it was interrupted. */
GPtrArray *table_sizes_ask(const Plan *plan, const TableSizesRequest *request);
