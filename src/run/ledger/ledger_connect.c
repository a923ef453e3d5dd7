/* Ledger connect: the connection to a ledger, which is a SQLite file or a schema of its own in a PostgreSQL
 * database. A secret lives from here to the driver's connect and is wiped. Main thread only. */
#include "inventory/project_ledger.h"
#include "inventory/secret.h"
#include "run/ledger/ledger_internal.h"
#include <sys/statvfs.h>

#define CONNECT_TIMEOUT_MS 5000
#define LOCK_TIMEOUT_MS 5000
#define STATEMENT_TIMEOUT_MS 15000
#define ROOM_BYTES (64 * 1024)          /* a new ledger needs that much */
#define CACHE "PRAGMA cache_size = -64" /* KiB of pages: a run writes most of them once, into the log */
#define SERVER_SCHEMA "dbfleet_ledger"

/* ---- A file ---- */

static bool check_path(const char *path, bool create, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    if (!create && !g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                    "ledger %s does not exist: no run was recorded here yet", path);
        return false;
    }
    if (create && g_mkdir_with_parents(folder, 0755) != 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "ledger folder %s cannot be made", folder);
        return false;
    }
    return true;
}

/* SQLite calls it an I/O error where it cannot make its files beside the database. */
static void tell_full_disk(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    struct statvfs space;
    if (error && *error && statvfs(folder, &space) == 0 && space.f_bavail * space.f_frsize < ROOM_BYTES) {
        char *told = g_strconcat((*error)->message, ". The disk of ", folder, " is full: make room.", NULL);
        g_free((*error)->message);
        (*error)->message = told;
    }
}

static Connection *connect_file(const char *path, bool create, GError **error)
{
    if (!check_path(path, create, error))
        return NULL;
    g_autoptr(DbUrl) url = db_url_new_sqlite(path);
    const ConnectOptions options = {.url = url,
                                    .create = create,
                                    .lock_timeout_ms = LOCK_TIMEOUT_MS,
                                    .application_name = "dbfleet ledger"};
    Connection *connection = connection_open(&options, error);
    if (connection && !connection_run(connection, CACHE, error))
        g_clear_pointer(&connection, connection_close);
    if (!connection) {
        g_prefix_error(error, "ledger %s: ", path);
        tell_full_disk(path, error);
    }
    return connection;
}

/* ---- A server ---- */

static Connection *connect_url(const DbUrl *url, const char *password, bool create, GError **error)
{
    const ConnectOptions options = {.url = url,
                                    .password = password ? password : url->password,
                                    .schema = SERVER_SCHEMA,
                                    .create_schema = create,
                                    .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                    .lock_timeout_ms = LOCK_TIMEOUT_MS,
                                    .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
                                    .application_name = "dbfleet ledger"};
    const Driver *driver = driver_for_scheme(url->scheme, error);
    if (!driver)
        return NULL;
    if ((driver->features & DRIVER_SCHEMAS) && (driver->features & DRIVER_TRANSACTIONAL_DDL))
        return connection_open(&options, error);
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                "a ledger cannot be kept at %s://…: give the path of a file, or a postgresql:// URL",
                url->scheme);
    return NULL;
}

/* The driver itself says that the schema is not there; a database that is not has the server's code. */
static bool is_empty_database(const GError *problem)
{
    return g_error_matches(problem, DB_ERROR, DB_ERROR_NO_DATABASE) && !db_error_detail(problem)->code;
}

static Connection *connect_resolved(const Ledger *self, const DbUrl *url, const char *reference, bool create,
                                    GError **error)
{
    g_autoptr(SecretStore) secrets = secret_store_new();
    GError *problem = NULL;
    char *password = reference ? secret_resolve(secrets, reference, self->folder, &problem) : NULL;
    Connection *connection = problem ? NULL : connect_url(url, password, create, &problem);
    secret_free(password);
    if (connection)
        return connection;
    g_autofree char *name = db_url_display(url);
    if (!create && is_empty_database(problem)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "ledger %s: no run was recorded here yet", name);
        g_error_free(problem);
    } else {
        g_propagate_prefixed_error(error, problem, "ledger %s: ", name);
    }
    return NULL;
}

static Connection *connect_server(const Ledger *self, bool create, GError **error)
{
    g_autofree char *reference = NULL;
    g_autoptr(DbUrl) url = project_ledger_url(self->place, self->folder, &reference, error);
    if (url)
        return connect_resolved(self, url, reference, create, error);
    g_prefix_error(error, "ledger: ");
    return NULL;
}

Connection *ledger_connect(const Ledger *self, bool create, GError **error)
{
    return project_ledger_is_url(self->place) ? connect_server(self, create, error)
                                              : connect_file(self->place, create, error);
}

char *ledger_name(const Ledger *self)
{
    g_autofree char *reference = NULL;
    g_autoptr(DbUrl) url = project_ledger_is_url(self->place)
                               ? project_ledger_url(self->place, self->folder, &reference, NULL)
                               : NULL;
    return url ? db_url_display(url) : g_strdup(self->is_file ? self->place : "on a server");
}
