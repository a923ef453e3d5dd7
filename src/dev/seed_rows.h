/* Seeding: a few rows in every table of a scratch database, such that its constraints hold, so that what is
 * tried there is tried with rows. Parents come before what refers to them; values are found by trying; the
 * same seed makes the same rows. Columns that the server fills are left to it. A table that takes no row is
 * told. Writes to scratch databases only. The thread that owns the connection. */
#pragma once

#include "dev/seed_catalog.h"

typedef struct SeedOptions {
    unsigned rows; /* in each table; 0: three */
    guint32 seed;
    const SeedCatalog *also; /* of the schema that is tried next: its constraints shall hold for the rows too;
                                NULL */
} SeedOptions;

typedef struct SeedReport {
    unsigned tables; /* that have rows now */
    unsigned rows;
    GPtrArray *empty; /* of char *: "TABLE: what the server said" */
} SeedReport;
void seed_report_clear(SeedReport *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SeedReport, seed_report_clear)

/* `options` NULL: defaults. False and an error of DB_ERROR if the catalogs cannot be read or the connection
 * is lost. */
bool seed_rows(Connection *connection, const SeedOptions *options, SeedReport *report, GError **error);
