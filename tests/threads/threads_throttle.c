/* Throttles and gates while their threads ask: SQLite files are read, programs run, and the end cancels both.
 */
#include "check.h"
#include "run/gates/gates.h"
#include "run/gates/throttle.h"
#include "run/server_keys.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#define TARGETS 12

/* Files with an empty table, as targets. */
typedef struct Ground {
    char *folder;
    GPtrArray *targets;
    GPtrArray *servers;
    SecretStore *secrets;
    gint told;
} Ground;

static void make_file(const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(path, &db) == SQLITE_OK)
        sqlite3_exec(db, "create table busy (why text)", NULL, NULL, NULL);
    sqlite3_close(db);
}

static Target *target_new(const char *folder, unsigned number)
{
    Target *self = g_new0(Target, 1);
    self->name = g_strdup_printf("t%u", number);
    g_autofree char *file = g_strconcat(self->name, ".db", NULL);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    make_file(path);
    self->url = db_url_new_sqlite(path);
    self->server = g_strdup("");
    return self;
}

static void target_free(gpointer item)
{
    Target *self = item;
    g_unlink(self->url->database);
    db_url_free(self->url);
    g_free(self->name);
    g_free(self->server);
    g_free(self);
}

static void ground_init(Ground *self)
{
    *self = (Ground){.folder = g_dir_make_tmp("dbfleet-threads-XXXXXX", NULL),
                     .targets = g_ptr_array_new_with_free_func(target_free),
                     .secrets = secret_store_new()};
    for (unsigned i = 0; i < TARGETS; i++)
        g_ptr_array_add(self->targets, target_new(self->folder, i));
    self->servers = server_keys_new(self->targets, NULL, NULL, NULL);
}

static void ground_clear(Ground *self)
{
    g_ptr_array_unref(self->targets);
    g_ptr_array_unref(self->servers);
    secret_store_free(self->secrets);
    g_rmdir(self->folder);
    g_free(self->folder);
}

static void on_tell(gpointer context, bool held, const char *text)
{
    (void)held, (void)text;
    ((Ground *)context)->told++;
}

static GateSpec question(GateKind kind, const char *sql, char **command)
{
    return (GateSpec){.kind = kind,
                      .name = (char *)"question",
                      .sql = (char *)sql,
                      .command = command,
                      .timeout_ms = 20000,
                      .attempts = 1,
                      .every_ms = 1};
}

/* Asked over and over by several threads, while the main thread takes and sends. */
static void test_throttle(Checks *checks, Ground *ground)
{
    GateSpec sql = question(GATE_SQL, "select why from busy", NULL);
    GateSpec program = question(GATE_EXEC, NULL, (char *[]){(char *)"true", NULL});
    GateSpec endless = question(GATE_EXEC, NULL, (char *[]){(char *)"sleep", (char *)"60", NULL});
    g_autoptr(GPtrArray) specs = g_ptr_array_new();
    g_ptr_array_add(specs, &sql);
    g_ptr_array_add(specs, &program);
    const SchedulerLimits limits = {
        .jobs = 1, .servers = ground->servers, .max_failures = {true, 100}, .max_unreachable = {true, 100}};
    g_autoptr(Scheduler) scheduler = scheduler_new(ground->targets, &limits);
    ThrottleOptions options = {.specs = specs,
                               .targets = ground->targets,
                               .servers = ground->servers,
                               .secrets = ground->secrets,
                               .folder = ground->folder,
                               .clock = run_clock_system(),
                               .tell = on_tell,
                               .context = ground};
    Throttle *throttle = throttle_new(&options);
    for (int i = 0; i < 200; i++) {
        throttle_step(throttle, scheduler);
        g_usleep(2000);
    }
    check(checks, scheduler_held(scheduler) == 0 && ground->told == 0, "good answers free the host");
    throttle_free(throttle);
    g_ptr_array_add(specs, &endless);
    throttle = throttle_new(&options);
    throttle_step(throttle, scheduler);
    g_usleep(200 * 1000);
    gint64 began = g_get_monotonic_time();
    throttle_free(throttle);
    check(checks, g_get_monotonic_time() - began < 20 * G_USEC_PER_SEC,
          "the end does not wait for an answer");
}

static bool stop_soon(gpointer context, unsigned done, unsigned total)
{
    (void)done, (void)total;
    return ++*(unsigned *)context < 3;
}

static void test_gates(Checks *checks, Ground *ground)
{
    GateSpec sql = question(GATE_SQL, "select why from busy", NULL);
    GateSpec endless = question(GATE_SQL,
                                "with recursive n (i) as (select 1 union all select i + 1 from n) select i "
                                "from n where i < 0",
                                NULL);
    unsigned ticks = 0;
    g_autoptr(GPtrArray) gates = g_ptr_array_new();
    g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func((GDestroyNotify)gate_result_free);
    GateOptions options = {.secrets = ground->secrets, .folder = ground->folder, .limits = {.jobs = 8}};
    g_ptr_array_add(gates, &sql);
    check(checks, gates_ask(gates, ground->targets, &options, results), "all targets answer at once");
    options.limits.tick = stop_soon;
    options.limits.tick_context = &ticks;
    gates->pdata[0] = &endless;
    check(checks, !gates_ask(gates, ground->targets, &options, results), "what is asked is cancelled");
}

int main(void)
{
    Checks checks = {0};
    Ground ground;
    ground_init(&ground);
    test_throttle(&checks, &ground);
    test_gates(&checks, &ground);
    ground_clear(&ground);
    return checks_end(&checks);
}
