/* Who holds the lock that a session waits for, asked over a second one, on real servers. */
#include "engine_fixture.h"

static void use_postgres(void)
{
    use_engine(ENGINE_POSTGRES);
}

static void use_mysql(void)
{
    use_engine(ENGINE_MYSQL);
}

TestSuite(postgres_blockers, .init = use_postgres, .fini = remove_database, .timeout = 120);
TestSuite(mysql_blockers, .init = use_mysql, .fini = remove_database, .timeout = 120);

/* A holder with its transaction open, one who waits in a thread, and one who looks on. */
typedef struct Scene {
    Connection *holder;
    Connection *waiting;
    Connection *watch;
    Runner runner;
} Scene;

static void scene_begin(Scene *self, const char *holds, const char *waits)
{
    *self = (Scene){open_plain(), open_plain(), open_session((ConnectOptions){.read_only = true}), {0}};
    run(self->holder, "CREATE TABLE t (id int PRIMARY KEY, secret varchar(20))");
    run(self->holder, "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    run(self->holder, "BEGIN");
    run(self->holder, holds);
    runner_start(&self->runner, self->waiting, BATCH(waits));
}

static void scene_end(Scene *self)
{
    connection_rollback(self->holder);
    g_autoptr(GError) error = runner_wait(&self->runner);
    expect_ok(self->runner.ok, error, "what waited");
    connection_close(self->holder);
    connection_close(self->waiting);
    connection_close(self->watch);
}

/* MariaDB renews what information_schema tells of transactions only when nobody asked for 100 ms, so that who
 * asks too often, or at the same pace as another, goes on seeing the past. */
static void wait_for_news(void)
{
    g_usleep((gulong)g_random_int_range(150, 400) * 1000);
}

/* What `watch` sees once there is something to see. Free it. */
static char *told(const Scene *self, Connection *watch, LockWait expected)
{
    const Driver *driver = watch->driver;
    LockWait wait = LOCK_WAIT_NONE;
    char *text = NULL;
    for (int i = 0; i < 200 && wait == LOCK_WAIT_NONE; i++) {
        g_autoptr(GError) error = NULL;
        bool ok = driver->blockers(watch, driver->session_id(self->waiting), &wait, &text, &error);
        expect_ok(ok, error, "blockers");
        if (wait == LOCK_WAIT_NONE)
            wait_for_news();
    }
    cr_assert_eq(wait, expected, "%d: %s", (int)wait, text);
    return text;
}

static void expect_words(const char *text, const char *const *words)
{
    for (; *words; words++)
        cr_expect_not_null(strstr(text, *words), "\"%s\" is not in: %s", *words, text);
    cr_expect_null(strstr(text, "hush"), "%s", text);
}
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static char *holder_name(const Scene *self, const char *word)
{
    return g_strdup_printf("%s %s, ", word, self->holder->driver->session_id(self->holder));
}

/* ---- PostgreSQL ---- */

Test(postgres_blockers, the_holder_of_a_row_is_named_with_what_it_does_and_no_value)
{
    Scene scene;
    scene_begin(&scene, "UPDATE t SET secret = 'hush' WHERE id = 1",
                "UPDATE t SET secret = 'x' WHERE id = 1");
    g_autofree char *text = told(&scene, scene.watch, LOCK_WAIT_TOLD);
    g_autofree char *name = holder_name(&scene, "pid");
    cr_expect(g_str_has_prefix(text, name), "%s", text);
    expect_words(text, WORDS("user postgres", "application dbfleet test-run", "from 127.0.0.1",
                             "idle in a transaction for ", "last statement UPDATE t …"));
    scene_end(&scene);
}

Test(postgres_blockers, the_holder_of_a_table_is_named)
{
    Scene scene;
    scene_begin(&scene, "SELECT count(*), 'hush' FROM t", "ALTER TABLE t ADD COLUMN n int");
    g_autofree char *text = told(&scene, scene.watch, LOCK_WAIT_TOLD);
    expect_words(text, WORDS("idle in a transaction for ", "last statement SELECT … FROM t"));
    scene_end(&scene);
}

Test(postgres_blockers, a_weak_role_is_told_which_right_it_lacks)
{
    Scene scene;
    g_autofree char *role = g_strdup_printf("weak_%s", fixture.url->database);
    g_autofree char *create = g_strdup_printf("CREATE ROLE %s LOGIN PASSWORD 'weak'", role);
    g_autofree char *drop = g_strdup_printf("DROP ROLE %s", role);
    g_autoptr(DbUrl) url = db_url_copy(fixture.url);
    fixture_set_part(&url->user, role);
    scene_begin(&scene, "UPDATE t SET secret = 'hush'", "DELETE FROM t");
    run(scene.watch, "SET default_transaction_read_only = off");
    run(scene.watch, create);
    Connection *weak = open_session((ConnectOptions){.url = url, .password = "weak"});
    g_autofree char *text = told(&scene, weak, LOCK_WAIT_TOLD);
    expect_words(
        text, WORDS("pid ", "user postgres", "application dbfleet test-run", "hidden", "pg_read_all_stats"));
    connection_close(weak);
    run(scene.watch, drop);
    scene_end(&scene);
}

Test(postgres_blockers, a_prepared_transaction_is_named)
{
    Scene scene;
    g_autofree char *prepare = g_strdup_printf("PREPARE TRANSACTION '%s'", fixture.url->database);
    g_autofree char *rollback = g_strdup_printf("ROLLBACK PREPARED '%s'", fixture.url->database);
    scene_begin(&scene, "UPDATE t SET secret = 'hush'", "DELETE FROM t");
    run(scene.holder, prepare);
    g_autofree char *text = told(&scene, scene.watch, LOCK_WAIT_TOLD);
    expect_words(text, WORDS("the prepared transaction ", fixture.url->database, "user postgres", " ago"));
    run(scene.holder, rollback);
    scene_end(&scene);
}

Test(postgres_blockers, who_waits_for_no_lock_is_not_blocked)
{
    g_autoptr(Connection) self = open_plain();
    LockWait wait = LOCK_WAIT_TOLD;
    char *text = NULL;
    cr_assert(self->driver->blockers(self, self->driver->session_id(self), &wait, &text, NULL));
    cr_assert_eq(wait, LOCK_WAIT_NONE);
    cr_assert_null(text);
}

/* ---- MariaDB ---- */

Test(mysql_blockers, the_holder_of_a_row_is_named)
{
    Scene scene;
    scene_begin(&scene, "UPDATE t SET secret = 'hush' WHERE id = 1",
                "UPDATE t SET secret = 'x' WHERE id = 1");
    g_autofree char *text = told(&scene, scene.watch, LOCK_WAIT_TOLD);
    g_autofree char *name = holder_name(&scene, "connection");
    cr_expect(g_str_has_prefix(text, name), "%s", text);
    expect_words(text, WORDS("user admin", "from 127.0.0.1:", "idle in a transaction for "));
    scene_end(&scene);
}

/* The plugin belongs to the whole server, so one test has it both ways. */
Test(mysql_blockers, the_holder_of_a_metadata_lock_is_guessed_without_the_plugin_and_told_with_it)
{
    Scene scene;
    scene_begin(&scene, "SELECT 'hush' FROM t", "ALTER TABLE t ADD COLUMN n int");
    g_autofree char *name = holder_name(&scene, "connection");
    g_autofree char *guessed = told(&scene, scene.watch, LOCK_WAIT_UNKNOWN);
    cr_expect(g_str_has_prefix(guessed, "perhaps connection "), "%s", guessed);
    expect_words(guessed,
                 WORDS(name, "user admin", "idle in a transaction for ", "plugin metadata_lock_info"));
    run_as_admin("INSTALL SONAME ", "'metadata_lock_info'", "");
    g_autofree char *text = told(&scene, scene.watch, LOCK_WAIT_TOLD);
    cr_expect(g_str_has_prefix(text, name), "%s", text);
    scene_end(&scene);
    run_as_admin("UNINSTALL SONAME ", "'metadata_lock_info'", "");
}

Test(mysql_blockers, a_weak_user_is_told_which_right_it_lacks)
{
    Scene scene;
    g_autofree char *user = g_strdup_printf("weak_%d", (int)getpid());
    g_autofree char *create = g_strdup_printf("CREATE USER %s IDENTIFIED BY 'weak'", user);
    g_autofree char *grant = g_strdup_printf("GRANT ALL ON `%s`.* TO %s", fixture.url->database, user);
    g_autofree char *drop = g_strdup_printf("DROP USER %s", user);
    g_autoptr(DbUrl) url = db_url_copy(fixture.url);
    fixture_set_part(&url->user, user);
    run_as_admin(create, "", "");
    run_as_admin(grant, "", "");
    scene_begin(&scene, "UPDATE t SET secret = 'hush'", "DO 0");
    g_autoptr(Connection) weak = open_session((ConnectOptions){.url = url, .password = "weak"});
    g_autoptr(Connection) waiting =
        open_session((ConnectOptions){.url = url, .password = "weak", .lock_timeout_ms = 5000});
    Runner runner;
    runner_start(&runner, waiting, BATCH("DELETE FROM t"));
    LockWait wait = LOCK_WAIT_NONE;
    char *text = NULL;
    while (wait == LOCK_WAIT_NONE) {
        wait_for_news();
        cr_assert(weak->driver->blockers(weak, weak->driver->session_id(waiting), &wait, &text, NULL));
    }
    cr_expect_eq(wait, LOCK_WAIT_UNSEEN);
    expect_words(text, WORDS("unknown", user, "the PROCESS privilege"));
    g_free(text);
    connection_rollback(scene.holder);
    g_autoptr(GError) ended = runner_wait(&runner);
    expect_ok(runner.ok, ended, "what waited");
    scene_end(&scene);
    run_as_admin(drop, "", "");
}
