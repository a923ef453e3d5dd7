/* Seed catalog: what must be known of the tables of a scratch database to put rows into them: columns with
 * their types, foreign keys, the texts of checks. Read from the catalogs by one query each; the queries are a
 * row for each dialect. The thread that owns the connection. */
#pragma once

#include "drivers/driver.h"

typedef struct SeedColumn {
    char *name;    /* quoted, as all names here */
    char *type;    /* as the server writes it; of a domain its base */
    char **labels; /* of an enum; NULL */
    bool not_null;
    bool left_out; /* the server fills it: generated, identity, a sequence's next number */
} SeedColumn;

typedef struct SeedKey {
    char *table;         /* that it refers to */
    GPtrArray *columns;  /* of char * */
    GPtrArray *referred; /* of char *, the same number */
} SeedKey;

typedef struct SeedTable {
    char *name;
    GPtrArray *columns; /* of SeedColumn * */
    GPtrArray *keys;    /* of SeedKey *: foreign ones */
    GPtrArray *checks;  /* of char *: conditions on rows, and bounds of partitions with their key */
} SeedTable;

/* Partitions are left out: their rows go through the table that has them. */
typedef struct SeedCatalog {
    Dialect dialect;
    GPtrArray *tables;   /* of SeedTable *, by name */
    GHashTable *by_name; /* name -> SeedTable * */
} SeedCatalog;

SeedCatalog *seed_catalog_read(Connection *connection, GError **error);
void seed_catalog_free(SeedCatalog *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SeedCatalog, seed_catalog_free)
/* NULL if there is none. */
const SeedTable *seed_catalog_find(const SeedCatalog *self, const char *table);
const SeedColumn *seed_table_column(const SeedTable *self, const char *column);
