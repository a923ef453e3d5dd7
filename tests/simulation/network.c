/* Network: connections that take time and break. A call is asked of the oracle statement by statement, so
 * that everything that can happen to one can happen at every place. */
#include "network.h"

#include "drivers/registry_internal.h"
#include "statements.h"

#include <stdio.h>
#include <string.h>

#define ROUND_TRIP_US 500
#define STATEMENT_US 3000
#define FREE_CONNECTIONS 20
#define RESTART_US G_USEC_PER_SEC /* a server that is up again takes no connections for so long */

struct Network {
    VirtualTime *time;
    GRand *random;
    GHashTable *databases; /* name -> Database * */
    FaultOracle oracle;
    gpointer context;
    gint64 down_until;
    unsigned connections;
    bool traced;
    GPtrArray *open; /* of SimConnection * */
};

typedef struct SimConnection {
    Connection base;
    Network *network;
    Session *session; /* NULL: the connection is broken */
    Fiber *at_work;   /* in a call */
    bool cancelled;
    bool read_only;
    unsigned statement_timeout_ms;
} SimConnection;

static Network *present;

/* ---- The network ---- */

Network *network_new(VirtualTime *time, GRand *random)
{
    Network *self = g_new0(Network, 1);
    self->time = time;
    self->random = random;
    self->databases = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)database_free);
    self->open = g_ptr_array_new();
    return self;
}

void network_free(Network *self)
{
    g_hash_table_unref(self->databases);
    g_ptr_array_unref(self->open);
    g_free(self);
}

void network_use(Network *self)
{
    present = self;
}

Database *network_add(Network *self, const char *name, Dialect dialect)
{
    Database *database = database_new(name, dialect);
    g_hash_table_insert(self->databases, database->name, database);
    return database;
}

void network_set_faults(Network *self, FaultOracle oracle, gpointer context)
{
    self->oracle = oracle;
    self->context = context;
}

void network_trace(Network *self)
{
    self->traced = true;
}

void network_settle(Network *self)
{
    GHashTableIter iter;
    gpointer database;
    g_hash_table_iter_init(&iter, self->databases);
    while (g_hash_table_iter_next(&iter, NULL, &database))
        database_pass(database, G_MAXINT64);
}

unsigned network_connections(const Network *self)
{
    return self->open->len;
}

static void G_GNUC_PRINTF(3, 4) trace(const Network *self, const Database *database, const char *format, ...)
{
    if (!self->traced)
        return;
    va_list values;
    va_start(values, format);
    g_autofree char *text = g_strdup_vprintf(format, values);
    va_end(values);
    printf("%12.3f %-8s %s\n", (double)virtual_time_now(self->time) / 1e6, database->name, text);
}

static Fault ask(const Network *self, FaultPlace place)
{
    return self->oracle ? self->oracle(self->context, place) : (Fault){0};
}

static void spend(const Network *self, gint64 about_us)
{
    virtual_time_sleep(self->time, g_rand_int_range(self->random, 1, (gint32)(2 * about_us)));
}

/* ---- Breaking ---- */

static bool lost(GError **error)
{
    g_propagate_error(
        error, db_error_new(DB_ERROR_CONNECTION_LOST, NULL, "server closed the connection", NULL, NULL));
    return false;
}

/* The client's side is gone at once; the server's lives on for a while with what is `left` (taken over). */
static void break_connection(SimConnection *self, gint64 lasts_us, GPtrArray *left)
{
    Session *session = g_steal_pointer(&self->session);
    if (!session)
        g_clear_pointer(&left, g_ptr_array_unref);
    else if (lasts_us > 0)
        session_linger(session, virtual_time_now(self->network->time) + lasts_us, left);
    else {
        for (guint i = 0; left && i < left->len; i++)
            if (!session_run(session, left->pdata[i], NULL, NULL))
                break;
        g_clear_pointer(&left, g_ptr_array_unref);
        session_free(session);
    }
}

/* Every session of every database ends; what is committed stays. */
static void crash(Network *self, gint64 lasts_us)
{
    self->down_until = virtual_time_now(self->time) + lasts_us;
    for (guint i = 0; i < self->open->len; i++)
        break_connection(self->open->pdata[i], 0, NULL);
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, self->databases);
    while (g_hash_table_iter_next(&iter, NULL, &item))
        g_ptr_array_set_size(((Database *)item)->lingering, 0);
}

/* ---- Connecting ---- */

static bool refuse_connection(const Network *self, const ConnectOptions *options, Fault fault, GError **error)
{
    gint64 now = virtual_time_now(self->time);
    DbErrorClass error_class = DB_ERROR_UNREACHABLE;
    if (fault.kind == FAULT_HANGS)
        virtual_time_sleep(self->time, (gint64)options->connect_timeout_ms * 1000);
    else if (fault.kind == FAULT_REFUSED)
        error_class = fault.error_class;
    else if (fault.kind == FAULT_NONE && now >= self->down_until + RESTART_US)
        return false;
    else if (fault.kind == FAULT_NONE && now >= self->down_until)
        error_class = DB_ERROR_BUSY;
    g_propagate_error(error, db_error_new(error_class, NULL, "no connection", NULL, NULL));
    return true;
}

static Connection *sim_connect(const Driver *driver, const ConnectOptions *options, GError **error)
{
    Network *network = present;
    const char *path = options->url->database;
    Database *database =
        g_hash_table_lookup(network->databases, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
    g_assert(database);
    Fault fault = ask(network, AT_CONNECT);
    trace(network, database, "connect%s", fault.kind ? " FAULT" : "");
    spend(network, ROUND_TRIP_US);
    if (refuse_connection(network, options, fault, error))
        return NULL;
    SimConnection *self = g_new0(SimConnection, 1);
    self->base.driver = driver;
    self->base.server = (ServerInfo){.dialect = database->dialect,
                                     .version = g_strdup("Simulated 1.0"),
                                     .identity = g_strdup("simulation"),
                                     .database = g_strdup(database->name),
                                     .schema = g_strdup("main")};
    self->network = network;
    self->session = session_new(database);
    self->statement_timeout_ms = options->statement_timeout_ms;
    self->read_only = options->read_only;
    g_ptr_array_add(network->open, self);
    return &self->base;
}

static void sim_close(Connection *base)
{
    SimConnection *self = (SimConnection *)base;
    g_ptr_array_remove_fast(self->network->open, self);
    session_free(self->session);
    server_info_clear(&base->server);
    g_free(self);
}

/* ---- Statements ---- */

static GPtrArray *texts_from(const Batch *batch, guint first)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    for (guint i = first; i < batch_length(batch); i++)
        g_ptr_array_add(texts, g_strndup(batch_at(batch, i)->sql, batch_at(batch, i)->length));
    return texts;
}

static bool refuse(const SimConnection *self, DbErrorClass error_class, gint item, GError **error)
{
    GError *refusal = db_error_new(error_class, "X", "the server said no", NULL, NULL);
    db_error_set_place(refusal, item, -1);
    session_refuse(self->session, error_class);
    g_propagate_error(error, refusal);
    return false;
}

/* Until its timeout, or a cancel. */
static bool hang(SimConnection *self, gint item, GError **error)
{
    virtual_time_sleep(self->network->time, (gint64)self->statement_timeout_ms * 1000);
    if (!self->session)
        return lost(error);
    bool cancelled = self->cancelled;
    self->cancelled = false;
    return refuse(self, cancelled ? DB_ERROR_CANCELLED : DB_ERROR_TIMEOUT, item, error);
}

/* Nobody refuses to roll back: what happens there instead is that the connection breaks. And a preview takes
 * the server's word for it that there is no version table. */
static Fault fitting(const SimConnection *self, Fault fault, const char *sql)
{
    if (self->read_only && fault.error_class == DB_ERROR_UNDEFINED_TABLE)
        fault.error_class = DB_ERROR_PERMISSION;
    bool rolls_back = g_ascii_strncasecmp(sql, "rollback", 8) == 0;
    if (rolls_back && (fault.kind == FAULT_REFUSED || fault.kind == FAULT_HANGS))
        fault.kind = FAULT_BROKEN;
    return fault;
}

/* True if the fault happened at that statement, with an error. */
static bool suffer(SimConnection *self, Fault fault, const Batch *batch, guint item, GError **error)
{
    switch (fault.kind) {
    case FAULT_NONE:
        return false;
    case FAULT_REFUSED:
        refuse(self, fault.error_class, (gint)item, error);
        return true;
    case FAULT_HANGS:
        hang(self, (gint)item, error);
        return true;
    case FAULT_CRASH:
        crash(self->network, fault.lasts_us);
        break;
    case FAULT_UNANSWERED:
        break_connection(self, fault.lasts_us, texts_from(batch, item));
        break;
    case FAULT_NEVER_ARRIVED:
    case FAULT_BROKEN:
        break_connection(self, fault.lasts_us, NULL);
        break;
    }
    lost(error);
    return true;
}

static bool run_item(SimConnection *self, const Batch *batch, guint item, BatchResult *result, GError **error)
{
    const BatchItem *what = batch_at(batch, item);
    g_autofree char *sql = g_strndup(what->sql, what->length);
    Fault fault = fitting(self, ask(self->network, AT_STATEMENT), sql);
    RowSet *rows = NULL;
    GError *failure = NULL;
    trace(self->network, self->session->database, "  %u%s %.*s", item, fault.kind ? " FAULT" : "", 1500, sql);
    if (statement_has_effect(sql))
        spend(self->network, STATEMENT_US);
    if (!self->session)
        return lost(error);
    if (self->cancelled) {
        self->cancelled = false;
        return refuse(self, DB_ERROR_CANCELLED, (gint)item, error);
    }
    if (suffer(self, fault, batch, item, error))
        return false;
    if (!session_run(self->session, sql, what->wants_rows ? &rows : NULL, &failure)) {
        session_refuse(self->session, (DbErrorClass)failure->code);
        db_error_set_place(failure, (gssize)item, -1);
        g_propagate_error(error, failure);
        return false;
    }
    if (rows)
        batch_result_take(result, item, rows);
    result->completed = item + 1;
    return true;
}

/* The way there. False if the call ended before its first statement. */
static bool begin_call(SimConnection *self, const Batch *batch, GError **error)
{
    Fault fault = ask(self->network, AT_CALL);
    self->cancelled = false;
    if (!self->session)
        return lost(error);
    Database *database = self->session->database;
    trace(self->network, database, "call of %u%s", batch ? batch_length(batch) : 0,
          fault.kind ? " FAULT" : "");
    self->at_work = virtual_time_current(self->network->time);
    spend(self->network, ROUND_TRIP_US);
    database_pass(database, virtual_time_now(self->network->time));
    if (!self->session)
        return lost(error);
    if (fault.kind == FAULT_CRASH)
        crash(self->network, fault.lasts_us);
    else if (fault.kind)
        break_connection(self, fault.lasts_us,
                         fault.kind == FAULT_UNANSWERED && batch ? texts_from(batch, 0) : NULL);
    return !fault.kind || lost(error);
}

static bool run_items(SimConnection *self, const Batch *batch, BatchResult *result, GError **error)
{
    for (guint i = 0; i < batch_length(batch); i++)
        if (!run_item(self, batch, i, result, error))
            return false;
    return true;
}

/* The way back. */
static bool end_call(SimConnection *self, bool good, GError **error)
{
    if (self->session)
        spend(self->network, ROUND_TRIP_US);
    self->at_work = NULL;
    return good && !self->session ? lost(error) : good;
}

static bool sim_execute(Connection *base, const Batch *batch, BatchResult *result, GError **error)
{
    SimConnection *self = (SimConnection *)base;
    bool good = begin_call(self, batch, error) && run_items(self, batch, result, error);
    return end_call(self, good, error);
}

/* ---- The lock ---- */

static bool sim_try_lock(Connection *base, const char *key, const Batch *then, bool *held,
                         BatchResult *result, GError **error)
{
    SimConnection *self = (SimConnection *)base;
    (void)key;
    *held = false;
    bool good = begin_call(self, NULL, error);
    if (good)
        *held = session_lock(self->session, virtual_time_now(self->network->time));
    if (good && *held)
        good = run_items(self, then, result, error);
    return end_call(self, good, error);
}

static void sim_unlock(Connection *base, const char *key)
{
    SimConnection *self = (SimConnection *)base;
    g_autoptr(GError) ignored = NULL;
    (void)key;
    if (begin_call(self, NULL, &ignored))
        session_unlock(self->session);
    end_call(self, true, NULL);
}

static void sim_add_unlock(Connection *base, const char *key, Batch *batch)
{
    (void)base, (void)key;
    batch_attach(batch, g_strdup(STATEMENT_UNLOCK), false);
}

/* ---- A preview's session that the run takes over ---- */

static bool sim_promote(Connection *base, GError **error)
{
    (void)error;
    ((SimConnection *)base)->read_only = false;
    return true;
}

static gint64 sim_free_connections(Connection *base)
{
    (void)base;
    return FREE_CONNECTIONS;
}

static char *sim_lock_holder(Connection *base, const char *key)
{
    (void)base, (void)key;
    return NULL;
}

static void sim_cancel(Connection *base)
{
    SimConnection *self = (SimConnection *)base;
    if (!self->at_work)
        return;
    self->cancelled = true;
    virtual_time_wake(self->network->time, self->at_work);
}

static bool sim_in_transaction(Connection *base)
{
    const Session *session = ((SimConnection *)base)->session;
    return session && (session->pending || session->aborted);
}

/* ---- In place of the real drivers ---- */

static Connection *postgres_connect(const ConnectOptions *options, GError **error)
{
    return sim_connect(&postgres_driver, options, error);
}

static Connection *mysql_connect(const ConnectOptions *options, GError **error)
{
    return sim_connect(&mysql_driver, options, error);
}

static Connection *sqlite_connect(const ConnectOptions *options, GError **error)
{
    return sim_connect(&sqlite_driver, options, error);
}

static const char *const no_parameters[] = {NULL};

#define SIMULATED(label, bits, opening, connector)                                                           \
    {                                                                                                        \
        .name = #label, .schemes = label##_schemes, .parameters = no_parameters, .features = (bits),         \
        .begin = (opening), .connect = (connector), .close = sim_close, .execute = sim_execute,              \
        .try_lock = sim_try_lock, .unlock = sim_unlock, .add_unlock = sim_add_unlock,                        \
        .promote = sim_promote, .free_connections = sim_free_connections, .usual_schema = "main",            \
        .lock_holder = sim_lock_holder, .cancel = sim_cancel, .in_transaction = sim_in_transaction           \
    }

const Driver postgres_driver = SIMULATED(
    postgres, DRIVER_TRANSACTIONAL_DDL | DRIVER_NETWORK | DRIVER_STOPS_AT_ERROR, "BEGIN", postgres_connect);
const Driver mysql_driver =
    SIMULATED(mysql, DRIVER_NETWORK | DRIVER_STOPS_AT_ERROR, "START TRANSACTION", mysql_connect);
const Driver sqlite_driver =
    SIMULATED(sqlite, DRIVER_TRANSACTIONAL_DDL | DRIVER_STOPS_AT_ERROR, "BEGIN IMMEDIATE", sqlite_connect);
