/* The MySQL and MariaDB driver: its row in the registry.
 *
 * Owns nothing but that row; connect.c, session.c, execute.c, cancel.c, lock.c and blockers.c do the work. */
#include "drivers/mysql/mysql_internal.h"
#include "drivers/registry_internal.h"

static pthread_once_t init_once = PTHREAD_ONCE_INIT;

/* Also has the process ignore SIGPIPE. The library needs no call per thread (its mysql_thread_init does
 * nothing). */
static void init_library(void)
{
    mysql_library_init(0, NULL, NULL);
}

bool mysql_driver_load(GError **error)
{
    if (!driver_load_library(&libmariadb_library, error))
        return false;
    pthread_once(&init_once, init_library);
    return true;
}

static char *client_version(GError **error)
{
    return mysql_driver_load(error) ? g_strdup_printf("MariaDB Connector/C %s", mysql_get_client_info())
                                    : NULL;
}

const Driver mysql_driver = {
    .name = "mysql",
    .schemes = mysql_schemes,
    .parameters = mysql_url_parameters,
    .features = DRIVER_NETWORK | DRIVER_STOPS_AT_ERROR,
    .begin = "START TRANSACTION",
    .size_query = "SELECT CAST(COALESCE(SUM(data_length + index_length), 0) AS UNSIGNED) FROM "
                  "information_schema.tables WHERE table_schema = DATABASE()",
    .begin_read_only = "START TRANSACTION READ ONLY",
    .client_version = client_version,
    .connect = mysql_session_open,
    .close = mysql_session_close,
    .promote = mysql_session_promote,
    .can_move = mysql_session_can_move,
    .move = mysql_session_move,
    .free_connections = mysql_session_free_connections,
    .execute = mysql_session_execute,
    .try_lock = mysql_session_try_lock,
    .unlock = mysql_session_unlock,
    .add_unlock = mysql_session_add_unlock,
    .lock_holder = mysql_session_lock_holder,
    .session_id = mysql_session_id,
    .blockers = mysql_session_blockers,
    .cancel = mysql_session_cancel,
    .in_transaction = mysql_session_in_transaction,
    .add_restore = mysql_session_add_restore,
    .examine = mysql_session_examine,
    .unseen = mysql_session_unseen,
    .backup_suffix = ".sql",
    .dump_programs = mysql_dump_programs,
    .client_access = mysql_client_access,
    .dump_arguments = mysql_dump_arguments,
};
