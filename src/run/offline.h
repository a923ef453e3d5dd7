/* Offline: a path as a script that psql, mariadb or sqlite3 runs as it is, complete with version and history
 * rows, stopping at the first error by itself. Pure: text out. */
#pragma once

#include "plans/planner.h"

typedef struct OfflineOptions {
    const char *version_table;
    const char *schema;   /* NULL: the session's */
    bool create_schema;   /* make it if it is missing */
    const char *database; /* MySQL family: where our tables are; NULL: wherever the script is run */
    bool foreign_keys;    /* SQLite: as the inventory's setting */
    const char *run_id;   /* "script" rows carry it */
    const char *operator_name;
    GHashTable *variables; /* as written: a script holds no secret */
    const char *heading;   /* what the script is, one line a comment line */
    const char *tag;       /* --tag; NULL */
} OfflineOptions;

/* Caller frees. NULL and an error for an undefined variable, and for USE without a database to come back to.
 */
char *offline_script(const PlanPath *path, const OfflineOptions *options, GError **error);
