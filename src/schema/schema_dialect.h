/* Schema dialects: how each dialect's catalogs are read and how its changes are written. A row of functions
 * for each, so that nothing above asks which dialect it is. Reading runs queries on a connection and changes
 * nothing; its owner is the thread that calls. Writing is pure. */
#pragma once

#include "drivers/driver.h"
#include "schema/change_script.h"

typedef struct SchemaReadOptions {
    const char *const *hidden; /* names of tables of ours to leave out, NULL-terminated */
    const char *schema; /* DRIVER_SCHEMAS: only this one, printed as "@" where it stands in a key or text, so
                           that schemas of different names compare; NULL: all of the database */
    bool privileges;    /* grants too */
    bool owners;        /* … and who owns what */
    bool names;         /* names that the server made up count too (MariaDB, SQLite) */
} SchemaReadOptions;

typedef struct SchemaDialect {
    /* The model, finished. Session settings that it needs are put back. */
    SchemaModel *(*read)(Connection *connection, const SchemaReadOptions *options, GError **error);
    /* A short text that stays the same as long as nothing in the catalogs was changed, in milliseconds; it
     * may change without need. Tells databases apart that only look alike. NULL: there is none. Caller frees.
     */
    char *(*precheck)(Connection *connection, const SchemaReadOptions *options, GError **error);
    /* Adds the statements of those renames of the hints whose old name is in the model and whose new one is
     * not. Old and new both there is refused in the script; a hint whose old name is gone is passed over. */
    void (*rename)(const SchemaModel *model, const SchemaHints *hints, ChangeScript *script);
    /* Adds the statements to `script`; what it cannot do is refused there. */
    void (*write)(const SchemaDiff *diff, ChangeScript *script);
    /* "PostgreSQL 15" of "PostgreSQL 15.18": what must be equal for texts to compare. Caller frees. */
    char *(*family)(const char *version);
} SchemaDialect;

extern const SchemaDialect schema_postgres, schema_mysql, schema_sqlite;
const SchemaDialect *schema_dialect(Dialect dialect);

/* Thin callers. */
SchemaModel *schema_read(Connection *connection, const SchemaReadOptions *options, GError **error);
/* The way from one model to the other; never NULL. */
ChangeScript *schema_write(const SchemaDiff *diff);
/* The renames alone, to be run before the models are compared; never NULL. */
ChangeScript *schema_write_renames(const SchemaModel *model, const SchemaHints *hints);

#define SCHEMA_ERROR (schema_error_quark())
GQuark schema_error_quark(void);
typedef enum SchemaError {
    SCHEMA_ERROR_FILES,       /* a schema file cannot be loaded */
    SCHEMA_ERROR_REFUSED,     /* a change needs a hint */
    SCHEMA_ERROR_UNREACHED,   /* what was written does not lead where it should */
    SCHEMA_ERROR_INCOMPARABLE /* of different servers or dialects */
} SchemaError;
