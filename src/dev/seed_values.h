/* Seed values: texts that may be the value of a column, by its type and by what the conditions of its table
 * say about it. Pure: it does not know which of them the database will take. */
#pragma once

#include "dev/seed_catalog.h"

/* Where a value stands. `also`: the same table as it shall be, so that its values hold there too; NULL. */
typedef struct SeedPlace {
    Dialect dialect;
    const SeedTable *table;
    const SeedTable *also;
    unsigned row; /* from 0: values of different rows differ where the type has enough */
} SeedPlace;

/* SQL expressions, the likeliest first, at least one; of char *. Caller unrefs. */
GPtrArray *seed_values(const SeedPlace *place, const SeedColumn *column);
/* True if the column must have a value, here or as it shall be. */
bool seed_value_needed(const SeedPlace *place, const SeedColumn *column);
/* False for types that nobody here knows: then the server should be asked which of the values it reads. */
bool seed_type_is_known(const SeedColumn *column, Dialect dialect);
