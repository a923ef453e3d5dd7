/* The SQLite driver: its row of functions and features.
 *
 * One connection is one handle of the library on one file (or ":memory:"). There is no server: the library's
 * file locks and timeouts are the session's, the lock of a target is a file beside the database. Constant;
 * any thread may read. */
#include "drivers/registry_internal.h"
#include "drivers/sqlite/sqlite_internal.h"

static pthread_once_t init_once = PTHREAD_ONCE_INIT;

/* The library's count of allocated bytes is not used, and is a mutex that all workers
 * would share (https://www.sqlite.org/malloc.html, SQLITE_CONFIG_MEMSTATUS). Nor is room for 20 pages made
 * ready for each file that is opened: most connections touch few, and there may be hundreds. */
static void init_library(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
    sqlite_memory_init();
    sqlite3_initialize();
}

void sqlite_library_init(void)
{
    pthread_once(&init_once, init_library);
}

static char *client_version(GError **error)
{
    (void)error;
    return sqlite_version();
}

static bool sqlite_in_transaction(Connection *base)
{
    return !sqlite3_get_autocommit(((SqliteConnection *)base)->db);
}

static const char *const no_parameters[] = {NULL};

const Driver sqlite_driver = {
    .name = "sqlite",
    .schemes = sqlite_schemes,
    .parameters = no_parameters,
    .features = DRIVER_TRANSACTIONAL_DDL | DRIVER_STOPS_AT_ERROR | DRIVER_TABLE_REBUILD | DRIVER_BOUND_ROWS,
    .begin = "BEGIN IMMEDIATE",
    .usual_schema = "main",
    .size_query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    .begin_read_only = "BEGIN",
    .client_version = client_version,
    .connect = sqlite_connect,
    .close = sqlite_close,
    .execute = sqlite_execute,
    .try_lock = sqlite_try_lock,
    .unlock = sqlite_unlock,
    .lock_holder = sqlite_lock_holder,
    .cancel = sqlite_cancel,
    .in_transaction = sqlite_in_transaction,
    .add_restore = sqlite_add_restore,
    .rest = sqlite_rest,
    .examine = sqlite_examine,
    .backup_suffix = ".db",
    .backup = sqlite_backup,
};
