/* Gates: what each kind sees, tries, secrets, stopping, and that nothing can be written through one. */
#include "../plan_fixture.h"
#include "run/gates/gates.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <unistd.h>

/* A folder with SQLite databases, and what a test's gates found. */
typedef struct Ground {
    PlanFixture files; /* for its targets */
    char *folder;
    SecretStore *secrets;
    GPtrArray *gates;
    GPtrArray *results;
    GateOptions options;
} Ground;

static void gate_clear(gpointer item)
{
    g_free(item); /* its texts are literals */
}

static void ground_init(Ground *self)
{
    *self = (Ground){.files = plan_fixture_of(TABLE_FILE("aa", "")),
                     .folder = g_dir_make_tmp("dbfleet-gates-XXXXXX", NULL),
                     .secrets = secret_store_new(),
                     .gates = g_ptr_array_new_with_free_func(gate_clear),
                     .results = g_ptr_array_new_with_free_func((GDestroyNotify)gate_result_free)};
    self->options = (GateOptions){.secrets = self->secrets,
                                  .folder = self->folder,
                                  .run_id = "20261122-164000-k3f9",
                                  .wave = "canary",
                                  .limits = {.jobs = 4}};
}

static void ground_clear(Ground *self)
{
    g_autoptr(GDir) dir = g_dir_open(self->folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *file = g_build_filename(self->folder, name, NULL);
        (void)g_unlink(file);
    }
    (void)g_rmdir(self->folder);
    g_free(self->folder);
    secret_store_free(self->secrets);
    g_ptr_array_unref(self->gates);
    g_ptr_array_unref(self->results);
    plan_fixture_clear(&self->files);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Ground, ground_clear)

static void run_in_file(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    must(sqlite3_open(path, &db) == SQLITE_OK, "%s", path);
    must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* A target whose database has a table `queue` with so many rows. */
static Target *add_target(Ground *self, const char *name, int rows)
{
    Target *target = fixture_add(&self->files, name, DIALECT_SQLITE, "");
    g_autofree char *file = g_strdup_printf("%s.db", name);
    g_autofree char *path = g_build_filename(self->folder, file, NULL);
    run_in_file(path, "create table queue (job text)");
    for (int i = 0; i < rows; i++)
        run_in_file(path, "insert into queue values ('mail')");
    db_url_free(target->url);
    target->url = db_url_new_sqlite(path);
    return target;
}

static GateSpec *add_gate(Ground *self, GateKind kind, const char *name)
{
    GateSpec *gate = g_new0(GateSpec, 1);
    gate->kind = kind;
    gate->name = (char *)name;
    gate->timeout_ms = 5000;
    gate->attempts = 1;
    gate->retry_wait_ms = 10;
    g_ptr_array_add(self->gates, gate);
    return gate;
}

static GateSpec *add_sql(Ground *self, const char *sql, const char *url)
{
    GateSpec *gate = add_gate(self, GATE_SQL, "empty queue");
    gate->sql = (char *)sql;
    gate->url = (char *)url;
    return gate;
}

static GateSpec *add_program(Ground *self, char **command)
{
    GateSpec *gate = add_gate(self, GATE_EXEC, "check");
    gate->command = command;
    return gate;
}

#define COMMAND(...) ((char *[]){__VA_ARGS__, NULL})

static bool ask(Ground *self)
{
    return gates_ask(self->gates, self->files.targets, &self->options, self->results);
}

static const GateResult *result_at(const Ground *self, guint index)
{
    must(index < self->results->len, "only %u results", self->results->len);
    return self->results->pdata[index];
}

static void saw(const Ground *self, guint index, const char *glob)
{
    const GateResult *result = result_at(self, index);
    must(g_pattern_match_simple(glob, result->saw), "saw \"%s\", not \"%s\"", result->saw, glob);
}

TestSuite(gates, .timeout = 60);

Test(gates, sql_passes_where_no_target_returns_a_row)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "a", 0);
    add_target(&ground, "b", 0);
    add_sql(&ground, "select job from queue", NULL);
    cr_assert(ask(&ground));
    cr_expect_eq(ground.results->len, 1);
    saw(&ground, 0, "no rows on 2 targets");
    cr_expect_null(result_at(&ground, 0)->target);
    cr_expect(result_at(&ground, 0)->passed);
    cr_expect_str_eq(result_at(&ground, 0)->kind, "sql");
}

Test(gates, sql_names_each_target_that_returns_rows)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "a", 0);
    add_target(&ground, "b", 2);
    add_sql(&ground, "select job from queue;", NULL);
    cr_assert_not(ask(&ground));
    cr_assert_eq(ground.results->len, 1);
    cr_expect_str_eq(result_at(&ground, 0)->target, "b");
    saw(&ground, 0, "2 rows: job=mail; job=mail");
}

Test(gates, sql_leaves_out_what_has_failed_and_never_passes_for_want_of_an_answer)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "a", 1);
    add_sql(&ground, "select job from queue", NULL);
    ground.options.targets_failed = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_add(ground.options.targets_failed, (gpointer) "a");
    cr_assert_not(ask(&ground));
    saw(&ground, 0, "no target of the wave is left*");
    g_hash_table_unref(ground.options.targets_failed);
}

Test(gates, a_later_gate_is_not_asked_after_one_that_failed)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_program(&ground, COMMAND("false"));
    add_program(&ground, COMMAND("touch", "asked"));
    cr_assert_not(ask(&ground));
    cr_expect_eq(ground.results->len, 1);
    g_autofree char *path = g_build_filename(ground.folder, "asked", NULL);
    cr_expect_not(g_file_test(path, G_FILE_TEST_EXISTS));
}

/* What would write, in one way or another. */
static const char *const writes[] = {
    "insert into queue values ('x') returning job",
    "with n as (select 1) delete from queue",
    "select 1; drop table queue",
    "drop table queue",
    "pragma journal_mode = wal",
    "vacuum into 'copy.db'",
    "attach 'other.db' as other",
    "select count(*) from queue into @n",
    "select job from queue Into outfile '/tmp/x'",
};

Test(gates, sql_that_would_write_fails_and_changes_nothing)
{
    for (gsize i = 0; i < G_N_ELEMENTS(writes); i++) {
        g_auto(Ground) ground;
        ground_init(&ground);
        add_target(&ground, "a", 1);
        add_sql(&ground, writes[i], NULL);
        must(!ask(&ground), "%s passed", writes[i]);
        saw(&ground, 0, "*one SELECT*");
        g_ptr_array_set_size(ground.gates, 0);
        g_ptr_array_set_size(ground.results, 0);
        add_sql(&ground, "select count(*) as n from queue", NULL);
        ask(&ground);
        saw(&ground, 0, "1 row: n=1");
    }
}

Test(gates, sql_on_one_url_is_asked_once_with_its_path_from_the_folder)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "monitor", 1);
    add_target(&ground, "a", 0);
    add_sql(&ground, "select job from queue", "sqlite:monitor.db");
    cr_assert_not(ask(&ground));
    cr_assert_eq(ground.results->len, 1);
    cr_expect_null(result_at(&ground, 0)->target);
    saw(&ground, 0, "1 row: job=mail");
}

Test(gates, sql_that_cannot_be_asked_has_failed)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_sql(&ground, "select 1", "sqlite:nosuch.db");
    cr_assert_not(ask(&ground));
    saw(&ground, 0, "*nosuch.db does not exist*");
}

Test(gates, a_secret_of_the_url_is_not_shown)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    g_setenv("GATE_DATABASE", "hush-hush", TRUE);
    add_sql(&ground, "select 1", "sqlite:${env:GATE_DATABASE}");
    cr_assert_not(ask(&ground));
    cr_expect_null(strstr(result_at(&ground, 0)->saw, "hush"), "%s", result_at(&ground, 0)->saw);
}

Test(gates, a_program_passes_with_exit_code_0_and_knows_run_wave_and_folder)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_program(&ground, COMMAND("sh", "-c", "echo $DBFLEET_RUN $DBFLEET_WAVE; pwd"));
    cr_assert(ask(&ground));
    g_autofree char *expected =
        g_strdup_printf("exit code 0: 20261122-164000-k3f9 canary\n%s", ground.folder);
    saw(&ground, 0, expected);
}

Test(gates, a_program_that_fails_is_told_with_its_last_lines)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_program(&ground, COMMAND("sh", "-c", "seq 9; printf 'too \\033[31mslow\\n' >&2; exit 3"));
    cr_assert_not(ask(&ground));
    saw(&ground, 0, "sh failed with exit code 3: 8\n9\ntoo  [31mslow");
}

Test(gates, a_program_that_cannot_be_started_has_failed)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_program(&ground, COMMAND("./nosuch"));
    cr_assert_not(ask(&ground));
    saw(&ground, 0, "./nosuch cannot be started*");
}

Test(gates, a_program_that_takes_too_long_is_ended_with_all_it_started)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    GateSpec *gate = add_program(&ground, COMMAND("sh", "-c", "(sleep 1; touch late) & sleep 20"));
    gate->timeout_ms = 200;
    cr_assert_not(ask(&ground));
    saw(&ground, 0, "sh took longer than 0.2 s and was ended");
    g_usleep(1500 * 1000);
    g_autofree char *late = g_build_filename(ground.folder, "late", NULL);
    cr_expect_not(g_file_test(late, G_FILE_TEST_EXISTS));
}

Test(gates, tries_go_on_until_one_passes)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_program(&ground, COMMAND("sh", "-c", "echo x >> tries; test $(wc -l < tries) = 3"))->attempts = 5;
    cr_assert(ask(&ground));
    cr_expect_eq(ground.results->len, 1);
    cr_expect_eq(result_at(&ground, 0)->tries, 3);
}

Test(gates, tries_ask_only_those_targets_again_that_did_not_pass)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "a", 0);
    add_target(&ground, "b", 1);
    add_target(&ground, "c", 1);
    add_sql(&ground, "select job from queue", NULL)->attempts = 2;
    cr_assert_not(ask(&ground));
    cr_assert_eq(ground.results->len, 2);
    cr_expect_str_eq(result_at(&ground, 0)->target, "b");
    cr_expect_str_eq(result_at(&ground, 1)->target, "c");
    cr_expect_eq(result_at(&ground, 0)->tries, 2);
}

/* Ends the asking at its third tick. */
static bool end_soon(gpointer context, unsigned done, unsigned total)
{
    (void)done, (void)total;
    return ++*(unsigned *)context < 3;
}

Test(gates, stopping_ends_a_program_at_once)
{
    g_auto(Ground) ground;
    unsigned ticks = 0;
    ground_init(&ground);
    ground.options.limits.tick = end_soon;
    ground.options.limits.tick_context = &ticks;
    add_program(&ground, COMMAND("sleep", "30"));
    gint64 began = g_get_monotonic_time();
    cr_assert_not(ask(&ground));
    cr_expect_lt(g_get_monotonic_time() - began, 10 * G_USEC_PER_SEC);
    saw(&ground, 0, "stopped before there was an answer");
}

Test(gates, stopping_ends_the_wait_between_tries)
{
    g_auto(Ground) ground;
    unsigned ticks = 0;
    ground_init(&ground);
    ground.options.limits.tick = end_soon;
    ground.options.limits.tick_context = &ticks;
    GateSpec *gate = add_program(&ground, COMMAND("false"));
    gate->attempts = 9;
    gate->retry_wait_ms = 60 * 1000;
    cr_assert_not(ask(&ground));
    cr_expect_eq(result_at(&ground, 0)->tries, 1);
}

Test(gates, stopping_cancels_what_targets_are_asked)
{
    g_auto(Ground) ground;
    unsigned ticks = 0;
    ground_init(&ground);
    ground.options.limits.tick = end_soon;
    ground.options.limits.tick_context = &ticks;
    add_target(&ground, "a", 0);
    add_target(&ground, "not its turn", 0);
    ground.options.limits.jobs = 1;
    add_sql(&ground,
            "with recursive n (i) as (select 1 union all select i + 1 from n) select i from n where i < 0",
            NULL)
        ->timeout_ms = 50 * 1000;
    gint64 began = g_get_monotonic_time();
    cr_assert_not(ask(&ground));
    cr_expect_lt(g_get_monotonic_time() - began, 20 * G_USEC_PER_SEC);
    saw(&ground, 0, "stopped before*");
}

Test(gates, sql_that_takes_too_long_has_failed)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    add_target(&ground, "a", 0);
    add_sql(&ground,
            "with recursive n (i) as (select 1 union all select i + 1 from n) select i from n where i < 0",
            NULL)
        ->timeout_ms = 200;
    cr_assert_not(ask(&ground));
    cr_expect_str_eq(result_at(&ground, 0)->target, "a");
}

Test(gates, http_that_cannot_be_reached_has_failed)
{
    g_auto(Ground) ground;
    ground_init(&ground);
    GateSpec *gate = add_gate(&ground, GATE_HTTP, "health");
    gate->url = (char *)"http://127.0.0.1:1/health?token=abc";
    cr_assert_not(ask(&ground));
    saw(&ground, 0, "http://127.0.0.1:1/health: *");
}
