/* The PostgreSQL driver: its row in the registry.
 *
 * Owns what PostgreSQL can do, as features. The rest of this folder does the work; nothing outside it knows
 * libpq. */
#include "drivers/postgres/postgres_internal.h"

static char *client_version(GError **error)
{
    if (!driver_load_library(&libpq_library, error))
        return NULL;
    int version = PQlibVersion(); /* 150020 */
    return g_strdup_printf("libpq %d.%d", version / 10000, version % 10000);
}

/* Any thread. PQcancel() makes a connection of its own, asks, and waits until the server has heard it. */
static void cancel(Connection *base)
{
    PostgresConnection *self = (PostgresConnection *)base;
    char ignored[256];
    pthread_mutex_lock(&self->cancel_mutex);
    if (self->cancel) {
        self->cancelled = true;
        PQcancel(self->cancel, ignored, sizeof ignored);
    }
    pthread_mutex_unlock(&self->cancel_mutex);
}

static bool in_transaction(Connection *base)
{
    const PostgresConnection *self = (PostgresConnection *)base;
    PGTransactionStatusType status = PQtransactionStatus(self->conn);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

const Driver postgres_driver = {
    .name = "postgres",
    .schemes = postgres_schemes,
    .parameters = postgres_parameters,
    .features =
        DRIVER_TRANSACTIONAL_DDL | DRIVER_SCHEMAS | DRIVER_NETWORK | DRIVER_COPY_DATA | DRIVER_STOPS_AT_ERROR,
    .begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    .usual_schema = "public",
    .size_query = "SELECT pg_catalog.pg_database_size(pg_catalog.current_database())",
    .schema_size_query = "SELECT COALESCE(pg_catalog.sum(pg_catalog.pg_total_relation_size(c.oid)), 0) FROM "
                         "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                         "WHERE n.nspname = pg_catalog.current_schema() AND c.relkind IN ('r', 'm')",
    .begin_read_only = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    .client_version = client_version,
    .connect = postgres_connect,
    .close = postgres_close,
    .promote = postgres_promote,
    .can_move = postgres_can_move,
    .move = postgres_move,
    .free_connections = postgres_free_connections,
    .execute = postgres_execute,
    .try_lock = postgres_try_lock,
    .unlock = postgres_unlock,
    .add_unlock = postgres_add_unlock,
    .lock_holder = postgres_lock_holder,
    .session_id = postgres_session_id,
    .blockers = postgres_blockers,
    .cancel = cancel,
    .in_transaction = in_transaction,
    .add_restore = postgres_add_restore,
    .examine = postgres_examine,
    .backup_suffix = ".dump",
    .dump_programs = postgres_dump_programs,
    .client_access = postgres_client_access,
    .dump_arguments = postgres_dump_arguments,
};
