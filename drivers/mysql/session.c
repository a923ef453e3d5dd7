/* Sessions: what a connection is told right after it was made, what the server says about itself, and the
 * refusals that follow from it.
 *
 * Owns the session's settings and putting them back. statement_timeout is max_statement_time on MariaDB,
 * where it holds for every statement outside stored programs, and max_execution_time on MySQL, where the
 * server knows it for SELECT only. Refuses replicas, clusters that share no locks, and servers that are too
 * old. One thread at a time. */
#include "drivers/mysql/mysql_internal.h"
#include "drivers/registry_internal.h"

#include <string.h>

#define OLDEST_MARIADB 100600
#define OLDEST_MYSQL 80000
#define LONGEST_WAIT_SECONDS 31536000 /* a year, the most that lock_wait_timeout takes: no limit */

/* Until the server has said what it takes. */
#define FIRST_PACKET_LIMIT 65536

/* The command byte, and room for what proxies add. */
#define PACKET_OVERHEAD 16

/* Columns of the statement that asks the server about itself. */
enum {
    ABOUT_VERSION,
    ABOUT_USER,
    ABOUT_DATABASE,
    ABOUT_ROLE,
    ABOUT_ID,
    ABOUT_IDENTITY,
    ABOUT_READ_ONLY,
    ABOUT_INNODB_READ_ONLY,
    ABOUT_PACKET,
    ABOUT_WSREP_ON, /* only of a server that has the variables of Galera */
    ABOUT_WSREP_PROVIDER
};

#define UNKNOWN_VARIABLE "1193"

/* ---- What is sent ---- */

bool mysql_session_is_mariadb(const MysqlConnection *self)
{
    return self->base.server.dialect == DIALECT_MARIADB;
}

const char *mysql_session_identity_sql(const MysqlConnection *self)
{
    return mysql_session_is_mariadb(self) ? "CONCAT(@@server_id, '@', @@hostname, ':', @@port)"
                                          : "@@server_uuid";
}

static unsigned whole_seconds(unsigned ms)
{
    return ms == 0 ? LONGEST_WAIT_SECONDS : ms / 1000 + (ms % 1000 != 0);
}

/* One statement, each value with its scope: NAMES takes none. */
static char *session_settings(const MysqlConnection *self, const ConnectOptions *options)
{
    unsigned lock_seconds = whole_seconds(options->lock_timeout_ms);
    g_autofree char *statement_limit =
        mysql_session_is_mariadb(self)
            ? g_strdup_printf("max_statement_time = %u.%03u", options->statement_timeout_ms / 1000,
                              options->statement_timeout_ms % 1000)
            : g_strdup_printf("max_execution_time = %u", options->statement_timeout_ms);
    return g_strdup_printf("SET NAMES utf8mb4, SESSION autocommit = 1, SESSION lock_wait_timeout = %u, "
                           "SESSION innodb_lock_wait_timeout = %u, SESSION %s",
                           lock_seconds, lock_seconds, statement_limit);
}

/* `knows_cluster`: the server has the variables of Galera. */
static char *about_sql(const MysqlConnection *self, bool knows_cluster)
{
    return g_strdup_printf(
        "SELECT VERSION(), CURRENT_USER(), DATABASE(), CURRENT_ROLE(), CONNECTION_ID(), %s, "
        "@@global.read_only, @@global.innodb_read_only, @@max_allowed_packet%s",
        mysql_session_identity_sql(self),
        knows_cluster ? ", @@global.wsrep_on, @@global.wsrep_provider" : "");
}

/* Variables that a script is likely to change (dumps do); DEFAULT is the server's own value, as in a new
 * session. */
#define RESTORED_VARIABLES                                                                                   \
    "SESSION sql_mode = DEFAULT, SESSION foreign_key_checks = DEFAULT, SESSION unique_checks = DEFAULT, "    \
    "SESSION sql_notes = DEFAULT, SESSION sql_safe_updates = DEFAULT, SESSION sql_select_limit = DEFAULT, "  \
    "SESSION time_zone = DEFAULT, SESSION default_storage_engine = DEFAULT"

void mysql_session_add_restore(Connection *base, Batch *batch)
{
    MysqlConnection *self = (MysqlConnection *)base;
    g_autofree char *database = sql_quote_ident(base->server.dialect, base->server.database);
    batch_take(batch,
               g_strdup_printf("%s, " RESTORED_VARIABLES ", SESSION %s = DEFAULT", self->session_sql,
                               mysql_session_is_mariadb(self) ? "tx_isolation" : "transaction_isolation"),
               false);
    batch_take(batch, g_strdup(self->role_sql), false);
    batch_take(batch, g_strdup_printf("USE %s", database), false);
}

bool mysql_session_promote(Connection *base, GError **error)
{
    MysqlConnection *self = (MysqlConnection *)base;
    if (self->not_writable) {
        g_propagate_error(error, g_error_copy(self->not_writable));
        return false;
    }
    self->promoted = true;
    return true;
}

/* What SET SESSION TRANSACTION READ ONLY sets, to stand in one SET with others. */
static const char *read_only_variable(const MysqlConnection *self)
{
    return mysql_session_is_mariadb(self) ? "tx_read_only" : "transaction_read_only";
}

char *mysql_session_promotion(const MysqlConnection *self)
{
    return self->promoted ? g_strdup_printf("SESSION %s = 0, ", read_only_variable(self)) : g_strdup("");
}

/* ---- What comes back ---- */

/* "10.11.6-MariaDB-0+deb12u1" -> "MariaDB 10.11.6" */
static char *product_version(const MysqlConnection *self, const char *version)
{
    return g_strdup_printf("%s %.*s", mysql_session_is_mariadb(self) ? "MariaDB" : "MySQL",
                           (int)strspn(version, "0123456789."), version);
}

/* MariaDB gives the bare name or NULL, MySQL a list in quotes or NONE. */
static char *role_statement(const MysqlConnection *self, const char *role)
{
    if (!role)
        return g_strdup("SET ROLE NONE");
    g_autofree char *name = mysql_session_is_mariadb(self) && !g_str_equal(role, "NONE")
                                ? sql_quote_ident(DIALECT_MARIADB, role)
                                : g_strdup(role);
    return g_strdup_printf("SET ROLE %s", name);
}

static void keep_answers(MysqlConnection *self, char *const *row)
{
    ServerInfo *server = &self->base.server;
    server->version = product_version(self, row[ABOUT_VERSION]);
    server->identity = g_strdup(row[ABOUT_IDENTITY]);
    server->user = g_strdup(row[ABOUT_USER]);
    server->database = g_strdup(row[ABOUT_DATABASE]);
    server->schema = g_strdup(row[ABOUT_DATABASE]);
    self->id = g_strdup(row[ABOUT_ID]);
    self->role_sql = role_statement(self, row[ABOUT_ROLE]);
    guint64 largest = g_ascii_strtoull(row[ABOUT_PACKET], NULL, 10);
    self->packet_limit = (gsize)MAX(largest, 1024) - PACKET_OVERHEAD;
    server->pooled = g_ascii_strtoull(self->id, NULL, 10) != mysql_thread_id(self->handle);
}

/* ---- Refusals ---- */

static bool refuse(DbErrorClass error_class, char *message, const char *hint, GError **error)
{
    g_autofree char *owned = message;
    g_propagate_error(error, db_error_new(error_class, NULL, owned, NULL, hint));
    return false;
}

static bool check_version(const MysqlConnection *self, GError **error)
{
    unsigned long oldest = mysql_session_is_mariadb(self) ? OLDEST_MARIADB : OLDEST_MYSQL;
    if (mysql_get_server_version(self->handle) >= oldest)
        return true;
    g_autofree char *version = product_version(self, mysql_get_server_info(self->handle));
    return refuse(DB_ERROR_UNSUPPORTED, g_strdup_printf("the server is %s, which is too old", version),
                  "dbfleet works with MariaDB 10.6 and MySQL 8.0 or newer.", error);
}

static bool check_database(const MysqlConnection *self, GError **error)
{
    return self->settings->database || refuse(DB_ERROR_NO_DATABASE, g_strdup("no database is named"),
                                              "Add it to the URL: mysql://host/DATABASE.", error);
}

static bool is_off(const char *value)
{
    return !value || g_str_equal(value, "0") || g_ascii_strcasecmp(value, "off") == 0;
}

/* A replica is meant by its read_only, which a privileged user could ignore and must not. */
static bool check_writable(const MysqlConnection *self, const char *read_only, const char *innodb_read_only,
                           GError **error)
{
    if (is_off(read_only) && is_off(innodb_read_only))
        return true;
    return refuse(DB_ERROR_READ_ONLY,
                  g_strdup_printf("the server %s is read-only (%s): perhaps a replica",
                                  self->base.server.identity,
                                  is_off(read_only) ? "innodb_read_only" : "read_only"),
                  "Point the URL at the primary.", error);
}

/* GET_LOCK locks one node of a cluster, so it protects nothing when others write through another node. */
static bool check_cluster(const char *on, const char *provider, const ConnectOptions *options, GError **error)
{
    bool clustered = !is_off(on) && provider && !g_str_equal(provider, "none");
    return !clustered || options->galera_single_writer ||
           refuse(DB_ERROR_UNSUPPORTED,
                  g_strdup("the server is a node of a Galera cluster, where locks hold for one node only"),
                  "If all writes go to this node, say \"galera: single-writer\" on the target.", error);
}

/* ---- Opening ---- */

/* The items that ask the server about itself. Reading the two variables of Galera by name takes MariaDB a
 * hundredth of the time of SHOW VARIABLES, which puts all of them together first; but where they do not exist
 * only SHOW VARIABLES says so without an error. */
typedef struct Questions {
    bool knows_cluster;
    unsigned about;
    unsigned cluster; /* rows of name and value; not with knows_cluster */
} Questions;

static void add_questions(const MysqlConnection *self, Questions *questions, Batch *batch)
{
    questions->about = batch_take(batch, about_sql(self, questions->knows_cluster), true);
    if (!questions->knows_cluster)
        questions->cluster = batch_take(
            batch, g_strdup("SHOW VARIABLES WHERE Variable_name IN ('wsrep_on', 'wsrep_provider')"), true);
}

static const char *variable(const RowSet *rows, const char *name)
{
    for (guint i = 0; i < rows->rows->len; i++) {
        char *const *row = g_ptr_array_index(rows->rows, i);
        if (g_ascii_strcasecmp(row[0], name) == 0)
            return row[1];
    }
    return NULL;
}

static bool take_cluster(const Questions *questions, char *const *about, const BatchResult *result,
                         const ConnectOptions *options, GError **error)
{
    if (questions->knows_cluster)
        return check_cluster(about[ABOUT_WSREP_ON], about[ABOUT_WSREP_PROVIDER], options, error);
    const RowSet *rows = batch_result_rows(result, questions->cluster);
    return rows ? check_cluster(variable(rows, "wsrep_on"), variable(rows, "wsrep_provider"), options, error)
                : refuse(DB_ERROR_UNSUPPORTED, g_strdup("the server does not say what it is"), NULL, error);
}

/* What speaks against changes is kept for a session that is to be promoted. */
static bool check_changes(MysqlConnection *self, const ConnectOptions *options, char *const *row,
                          GError **error)
{
    bool writable =
        check_writable(self, row[ABOUT_READ_ONLY], row[ABOUT_INNODB_READ_ONLY], &self->not_writable);
    if (writable || options->read_only)
        return true;
    g_propagate_error(error, g_steal_pointer(&self->not_writable));
    return false;
}

static bool take_answers(MysqlConnection *self, const ConnectOptions *options, const BatchResult *result,
                         const Questions *questions, GError **error)
{
    const RowSet *rows = batch_result_rows(result, questions->about);
    if (!rows || rows->rows->len != 1)
        return refuse(DB_ERROR_UNSUPPORTED, g_strdup("the server does not say what it is"), NULL, error);
    char *const *row = g_ptr_array_index(rows->rows, 0);
    keep_answers(self, row);
    return take_cluster(questions, row, result, options, error) && check_changes(self, options, row, error);
}

static void add_first(const FirstRead *first, Batch *batch)
{
    for (unsigned i = 0; first && i < batch_length(first->batch); i++)
        batch_add(batch, batch_at(first->batch, i));
}

static void take_first(FirstRead *first, BatchResult *result, unsigned count, GError *error)
{
    batch_result_move(result, count, &first->result);
    first->sent = true;
    first->error = error;
}

/* The session stands whatever comes of the first read. */
static bool ask(MysqlConnection *self, const ConnectOptions *options, Questions *questions, GError **error)
{
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    GError *problem = NULL;
    batch_take(batch,
               options->read_only
                   ? g_strdup_printf("%s, SESSION %s = 1", self->session_sql, read_only_variable(self))
                   : g_strdup(self->session_sql),
               false);
    add_questions(self, questions, batch);
    unsigned count = batch_length(batch);
    add_first(options->first, batch);
    mysql_session_execute(&self->base, batch, &result, &problem);
    if (result.completed < count) {
        g_propagate_error(error, problem);
        return false;
    }
    if (options->first)
        take_first(options->first, &result, count, problem);
    return take_answers(self, options, &result, questions, error);
}

static bool set_up(MysqlConnection *self, const ConnectOptions *options, GError **error)
{
    g_autoptr(GError) problem = NULL;
    Questions questions = {.knows_cluster = mysql_session_is_mariadb(self)};
    self->session_sql = session_settings(self, options);
    self->reply_limit_ms = options->connect_timeout_ms;
    bool ok = ask(self, options, &questions, &problem);
    const DbErrorDetail *detail = db_error_detail(problem);
    if (!ok && questions.knows_cluster && g_strcmp0(detail->code, UNKNOWN_VARIABLE) == 0) {
        g_clear_error(&problem); /* built without Galera */
        questions.knows_cluster = false;
        ok = ask(self, options, &questions, &problem);
    }
    self->reply_limit_ms = 0;
    if (problem)
        g_propagate_error(error, g_steal_pointer(&problem));
    return ok;
}

static MysqlConnection *session_new(MYSQL *handle, MysqlSettings *settings, const ConnectOptions *options)
{
    MysqlConnection *self = g_new0(MysqlConnection, 1);
    self->base.driver = &mysql_driver;
    self->base.server.dialect = mariadb_connection(handle) ? DIALECT_MARIADB : DIALECT_MYSQL;
    self->handle = handle;
    connection_mark_socket(&self->base, mysql_get_socket(handle));
    self->settings = settings;
    self->read_only = options->read_only;
    self->single_writer = options->galera_single_writer;
    self->packet_limit = FIRST_PACKET_LIMIT;
    pthread_mutex_init(&self->cancel_mutex, NULL);
    return self;
}

Connection *mysql_session_open(const ConnectOptions *options, GError **error)
{
    g_autoptr(MysqlSettings) settings = mysql_settings_new(options, error);
    if (!settings)
        return NULL;
    MYSQL *handle = mysql_settings_connect(settings, settings->database, options->connect_timeout_ms, error);
    if (!handle)
        return NULL;
    MysqlConnection *self = session_new(handle, g_steal_pointer(&settings), options);
    if (!check_version(self, error) || !check_database(self, error) || !set_up(self, options, error)) {
        mysql_session_close(&self->base);
        return NULL;
    }
    return &self->base;
}

/* ---- Moving ---- */

/* Columns of the statement that asks what may be otherwise in another database, or later. */
enum { MOVED_DATABASE, MOVED_ID, MOVED_READ_ONLY, MOVED_INNODB_READ_ONLY };

#define MOVED_SQL "SELECT DATABASE(), CONNECTION_ID(), @@global.read_only, @@global.innodb_read_only"

/* Behind a proxy the next statement may be another server's. */
bool mysql_session_can_move(const Connection *base, const ConnectOptions *options)
{
    const MysqlConnection *self = (const MysqlConnection *)base;
    if (!self->read_only || !options->read_only || self->promoted || base->server.pooled ||
        self->single_writer != options->galera_single_writer)
        return false;
    g_autoptr(MysqlSettings) settings = mysql_settings_new(options, NULL);
    g_autofree char *session_sql = session_settings(self, options);
    return settings && settings->database && g_str_equal(session_sql, self->session_sql) &&
           mysql_settings_differ_in_database_only(self->settings, settings);
}

/* Takes over the settings. */
static bool take_move(MysqlConnection *self, MysqlSettings *settings, const BatchResult *result,
                      GError **error)
{
    mysql_settings_free(self->settings);
    self->settings = settings;
    char *const *row = batch_result_rows(result, 1)->rows->pdata[0];
    if (!row[MOVED_DATABASE] || g_strcmp0(row[MOVED_ID], self->id) != 0)
        return refuse(DB_ERROR_CONNECTION_LOST, g_strdup("another session answers"), NULL, error);
    ServerInfo *server = &self->base.server;
    g_free(server->database);
    g_free(server->schema);
    server->database = g_strdup(row[MOVED_DATABASE]);
    server->schema = g_strdup(row[MOVED_DATABASE]);
    g_clear_error(&self->not_writable);
    check_writable(self, row[MOVED_READ_ONLY], row[MOVED_INNODB_READ_ONLY], &self->not_writable);
    return true;
}

bool mysql_session_move(Connection *base, const ConnectOptions *options, GError **error)
{
    MysqlConnection *self = (MysqlConnection *)base;
    g_autoptr(MysqlSettings) settings = mysql_settings_new(options, error);
    if (!settings)
        return false;
    g_autofree char *database = sql_quote_ident(base->server.dialect, settings->database);
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    g_autoptr(GError) problem = NULL;
    batch_take(batch, g_strdup_printf("USE %s", database), false);
    batch_take(batch, g_strdup(MOVED_SQL), true);
    unsigned count = batch_length(batch);
    add_first(options->first, batch);
    self->reply_limit_ms = options->connect_timeout_ms;
    mysql_session_execute(base, batch, &result, &problem);
    self->reply_limit_ms = 0;
    if (result.completed < count) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    if (!take_move(self, g_steal_pointer(&settings), &result, error))
        return false;
    if (options->first)
        take_first(options->first, &result, count, g_steal_pointer(&problem));
    return true;
}

/* How many the user has of its own cannot be seen without the PROCESS privilege. */
gint64 mysql_session_free_connections(Connection *base)
{
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    batch_take(batch, g_strdup("SELECT @@global.max_connections, @@session.max_user_connections"), true);
    batch_take(batch, g_strdup("SHOW GLOBAL STATUS LIKE 'Threads_connected'"), true);
    if (!connection_execute(base, batch, &result, NULL) || !batch_result_value(&result, 1))
        return 0;
    char *const *limits = batch_result_rows(&result, 0)->rows->pdata[0];
    char *const *used = batch_result_rows(&result, 1)->rows->pdata[0];
    gint64 user = g_ascii_strtoll(limits[1], NULL, 10);
    gint64 left = g_ascii_strtoll(limits[0], NULL, 10) - g_ascii_strtoll(used[1], NULL, 10);
    return MAX(user > 0 ? MIN(user, left) : left, 0);
}

void mysql_session_close(Connection *base)
{
    MysqlConnection *self = (MysqlConnection *)base;
    mysql_close(self->handle);
    mysql_settings_free(self->settings);
    server_info_clear(&base->server);
    pthread_mutex_destroy(&self->cancel_mutex);
    g_clear_error(&self->not_writable);
    g_free(self->id);
    g_free(self->session_sql);
    g_free(self->role_sql);
    g_free(self);
}
