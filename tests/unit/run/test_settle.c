/* Settling on real servers: dbfleet dies at every item of what it sends, and the next attempt must find out
 * where the step stands. A driver around the real one lets the first items through and then says that the
 * connection is lost, so that the server keeps just what it would keep. */
#include "../drivers/engine_fixture.h"
#include "../plan_fixture.h"
#include "run/probe.h"
#include "run/step_apply_internal.h"

#define NEVER (-1)

typedef struct Crash {
    PlanFixture files;
    PlanPath *path;
    Driver driver; /* the real one, but for execute */
    const Driver *real;
    gint left;      /* items until the connection breaks; NEVER */
    const char *at; /* … or at the first item that begins so … */
    gint behind;    /* … right before it (0), or behind it (1); NULL: not */
    bool broken;
    Connection *connection;
    TargetState *state;
    StepContext context;
    StepAttempt attempt;
    GHashTable *variables;
    GError *error;
} Crash;

static Crash *crash; /* for the driver's function; every test is a process */

static bool break_off(GError **error)
{
    crash->broken = true;
    g_propagate_error(error, db_error_new(DB_ERROR_CONNECTION_LOST, NULL, "cut", NULL, NULL));
    return false;
}

/* Sets how many items there are left, if what it is to break at is in this batch. */
static void look_for_place(const Batch *batch)
{
    for (gint i = 0; crash->at && i < (gint)batch_length(batch); i++) {
        if (!g_str_has_prefix(batch_at(batch, (unsigned)i)->sql, crash->at))
            continue;
        crash->left = i + crash->behind;
        crash->at = NULL;
    }
}

static bool crash_execute(Connection *self, const Batch *batch, BatchResult *result, GError **error)
{
    gint length = (gint)batch_length(batch);
    if (crash->broken)
        return break_off(error);
    look_for_place(batch);
    if (crash->left == NEVER || length <= crash->left) {
        crash->left -= crash->left == NEVER ? 0 : length;
        return crash->real->execute(self, batch, result, error);
    }
    g_autoptr(Batch) head = batch_new();
    for (gint i = 0; i < crash->left; i++)
        batch_add(head, batch_at(batch, (unsigned)i));
    return (crash->left == 0 || crash->real->execute(self, head, result, error)) && break_off(error);
}

static void crash_connect(Crash *self)
{
    connection_close(self->connection);
    self->connection = open_plain();
    self->real = self->connection->driver;
    self->driver = *self->real;
    self->driver.execute = crash_execute;
    self->connection->driver = &self->driver;
    self->broken = false;
    self->context = (StepContext){.connection = self->connection,
                                  .store = session_store(self->connection, "dbfleet_version"),
                                  .run_id = "run",
                                  .plan_digest = "digest",
                                  .applied_by = "me",
                                  .assume = self->context.assume,
                                  .variables = self->variables,
                                  .variable_references = self->variables};
}

/* The file's section is replaced: what was there before is what ran so far. */
static void crash_file(Crash *self, const char *sections)
{
    static const char *const base[] = {NULL}, *const goals[] = {"head", NULL};
    g_autofree char *text = g_strconcat("-- revision: aa\n-- revises: \n-- message: m\n\n", sections, NULL);
    const char *const texts[] = {text, NULL};
    g_clear_pointer(&self->path, plan_path_free);
    if (self->files.graph)
        plan_fixture_clear(&self->files);
    self->files = plan_fixture(texts);
    self->files.request.goals = goals;
    self->path =
        plan_path_new(self->files.graph, self->connection->server.dialect, base, &self->files.request, NULL);
    cr_assert_not_null(self->path);
}

static void crash_init(Crash *self, const char *sections)
{
    g_autoptr(GError) error = NULL;
    *self = (Crash){.left = NEVER, .state = target_state_new()};
    self->variables = g_hash_table_new(g_str_hash, g_str_equal);
    crash = self;
    crash_connect(self);
    expect_ok(probe_create_tables(self->connection, &self->context.store, &error), error, "tables");
    crash_file(self, sections);
}

static void crash_clear(Crash *self)
{
    step_attempt_clear(&self->attempt);
    connection_close(self->connection);
    plan_path_free(self->path);
    plan_fixture_clear(&self->files);
    target_state_free(self->state);
    g_hash_table_unref(self->variables);
    g_clear_error(&self->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Crash, crash_clear)

/* An attempt as a new dbfleet makes it, that dies after so many items. */
static bool crash_attempt(Crash *self, gint left)
{
    g_autoptr(GError) error = NULL;
    g_clear_error(&self->error);
    step_attempt_clear(&self->attempt);
    self->left = NEVER;
    expect_ok(session_read_state(self->connection, &self->context.store, self->state, &error), error,
              "state");
    self->left = left;
    bool good = step_attempt_init(&self->attempt, &self->context, self->path->steps->pdata[0], 1,
                                  target_state_unfinished(self->state), &self->error) &&
                step_apply(&self->attempt, &self->context, &self->error);
    self->left = NEVER;
    if (self->broken)
        crash_connect(self);
    return good;
}

/* Arguments of an assertion that holds are evaluated too. */
static const char *told(const Crash *self)
{
    return self->error ? self->error->message : "no error";
}

static void expect_finished(Crash *self)
{
    cr_assert(crash_attempt(self, NEVER), "%s\n%s", told(self),
              self->attempt.difference ? self->attempt.difference : "");
}

static void expect_undecidable(Crash *self, unsigned statement, const char *words)
{
    cr_assert_not(crash_attempt(self, NEVER), "went on");
    cr_assert(g_error_matches(self->error, STEP_ERROR, STEP_ERROR_UNDECIDABLE), "%s", told(self));
    cr_expect_not_null(strstr(told(self), words), "%s", told(self));
    cr_expect_eq(self->attempt.intent, statement, "statement %u", self->attempt.intent);
}

/* The row says it, so that plans and the next run know. */
static void expect_row(Crash *self, const char *state, unsigned done, unsigned intent)
{
    g_autofree char *wanted = g_strdup_printf("%s %u %u", state, done, intent);
    bool mysql = dialect_is_mysql_family(self->connection->server.dialect);
    expect_value(self->connection,
                 mysql
                     ? "select concat(state, ' ', statements_done, ' ', intent) from dbfleet_version_history"
                     : "select state || ' ' || statements_done || ' ' || intent from dbfleet_version_history",
                 wanted);
}

/* ---- At every item ---- */

static void start_over(Crash *self)
{
    g_autoptr(GError) error = NULL;
    bool sqlite = self->connection->server.dialect == DIALECT_SQLITE;
    if (sqlite) {
        connection_close(g_steal_pointer(&self->connection));
        g_unlink(fixture.url->database);
        connection_close(open_session((ConnectOptions){.create = true}));
    } else if (self->connection->server.dialect == DIALECT_POSTGRES) {
        run(self->connection, "drop schema public cascade");
        run(self->connection, "create schema public");
    } else {
        g_autofree char *drop = g_strconcat("drop database ", fixture.url->database, NULL);
        g_autofree char *create = g_strconcat("create database ", fixture.url->database, NULL);
        run(self->connection, drop);
        run(self->connection, create);
    }
    crash_connect(self);
    expect_ok(probe_create_tables(self->connection, &self->context.store, &error), error, "tables");
}

/* `sections` has all its effects exactly once, wherever it breaks off: `facts` asks for them. */
static void expect_once(EngineId engine, const char *sections, const char *facts)
{
    use_engine(engine);
    g_auto(Crash) self = {0};
    crash_init(&self, sections);
    expect_finished(&self);
    g_autofree char *wanted = ask(self.connection, facts);
    for (gint cut = 0;; cut++) {
        start_over(&self);
        if (crash_attempt(&self, cut)) {
            cr_expect_gt(cut, 10, "it was never cut");
            return;
        }
        g_autofree char *before = g_strdup_printf("cut after %d items", cut);
        cr_assert(g_error_matches(self.error, DB_ERROR, DB_ERROR_CONNECTION_LOST), "%s: %s", before,
                  told(&self));
        bool good = crash_attempt(&self, NEVER) ||
                    g_error_matches(self.error, DB_ERROR, DB_ERROR_HEADS_MOVED); /* it had ended */
        cr_assert(good, "%s: %s\n%s", before, told(&self),
                  self.attempt.difference ? self.attempt.difference : "");
        g_autofree char *now = ask(self.connection, facts);
        cr_assert_str_eq(now, wanted, "%s: %s, not %s", before, now, wanted);
    }
}

TestSuite(settle, .timeout = 240, .fini = remove_database);

Test(settle, wherever_it_breaks_off_on_mysql)
{
    expect_once(ENGINE_MYSQL,
                "-- migrate:up\n"
                "create table a (id int auto_increment primary key, n int);\n"
                "insert into a (n) values (1);\n"
                "alter table a add m int;\n"
                "update a set n = n + 1;\n"
                "insert into a (n) values (5);\n"
                "create view v as select n from a;\n"
                "begin;\ninsert into a (n) values (2);\ncommit;\n"
                "set sql_mode = 'ANSI_QUOTES';\n"
                "create trigger g before insert on a for each row set new.m = 1;\n"
                "create procedure p() select 1;\n"
                "rename table a to b;\n"
                "create index b_n on b (n);\n"
                "alter table b force;\n"
                "drop view v;\n"
                "drop table if exists x, y;\n"
                "create table c as select * from b;\n"
                "drop table c;\n"
                "analyze table b;\n",
                "select concat((select group_concat(n order by id) from b), (select count(*) from "
                "information_schema.tables where table_schema = database()), (select count(*) from "
                "information_schema.triggers where trigger_schema = database()))");
}

Test(settle, wherever_it_breaks_off_on_postgres)
{
    expect_once(ENGINE_POSTGRES,
                "-- migrate:up transaction:false\n"
                "create table a (id serial primary key, n int);\n"
                "insert into a (n) values (1);\n"
                "create index concurrently a_n on a (n);\n"
                "update a set n = n + 1;\n"
                "alter table a add m int;\n"
                "reindex table concurrently a;\n"
                "drop index concurrently a_n;\n"
                "vacuum a;\n"
                "create index concurrently on a (m);\n"
                "begin;\ninsert into a (n) values (7);\ncreate table b (n int);\ncommit;\n",
                "select (select string_agg(n::text, ',' order by n) from a) || (select "
                "string_agg(indexrelid::regclass::text || indisvalid, ',' order by indexrelid) from pg_index "
                "where indrelid = 'a'::regclass) || to_regclass('b')");
}

Test(settle, wherever_it_breaks_off_on_sqlite)
{
    expect_once(ENGINE_SQLITE,
                "-- migrate:up transaction:false\n"
                "pragma foreign_keys = off;\n"
                "create table a (id integer primary key, n int);\n"
                "insert into a (n) values (1);\n"
                "alter table a add m int;\n"
                "update a set n = n + 1;\n"
                "vacuum;\n"
                "create table b (n int);\n"
                "drop table b;\n",
                "select (select group_concat(n) from a) || (select count(*) from sqlite_master)");
}

/* ---- What a person must decide ---- */

Test(settle, a_drop_that_failed_in_the_middle)
{
    use_engine(ENGINE_MYSQL);
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up\ncreate table a (n int);\ncreate table b (n int);\n"
                      "drop table a, nosuch, b;\ncreate table c (n int);\n");

    expect_undecidable(&self, 3, "something is not as it was");
    cr_expect_not_null(strstr(told(&self), "Unknown table"), "%s", told(&self));
    cr_expect_str_eq(self.attempt.difference, "- table a: base table\n- table b: base table\n"
                                              "+ table a: absent\n+ table b: absent");
    expect_row(&self, "failed", 2, 3);
    expect_undecidable(&self, 3, "nobody has said");
    self.context.assume = "done";
    crash_connect(&self);
    expect_finished(&self);
    expect_row(&self, "done", 4, 0);
}

Test(settle, what_a_person_takes_for_not_done_runs_again)
{
    use_engine(ENGINE_MYSQL);
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up\ncreate table a (n int);\ndrop table a, nosuch;\n");
    expect_undecidable(&self, 2, "something is not as it was");
    run(self.connection, "create table a (n int)");
    run(self.connection, "create table nosuch (n int)");
    self.context.assume = "not-done";
    crash_connect(&self);

    expect_finished(&self);
    expect_value(self.connection,
                 "select count(*) from information_schema.tables where table_schema = database()", "2");
}

Test(settle, a_statement_that_failed_and_left_nothing_can_be_corrected)
{
    use_engine(ENGINE_MYSQL);
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up\ncreate table a (n int);\nalter table a add m int, drop nosuch;\n");
    cr_assert_not(crash_attempt(&self, NEVER));
    cr_expect(g_error_matches(self.error, DB_ERROR, DB_ERROR_STATEMENT), "%s", told(&self));
    expect_row(&self, "failed", 1, 0);

    crash_file(&self, "-- migrate:up\ncreate table a (n int);\nalter table a add m int;\n");
    expect_finished(&self);
}

/* Dies right before (0) or behind (1) the statement that begins so. */
static void cut_at(Crash *self, const char *statement, gint behind)
{
    self->at = statement;
    self->behind = behind;
    cr_assert_not(crash_attempt(self, NEVER), "%s was not met", statement);
    cr_assert(g_error_matches(self->error, DB_ERROR, DB_ERROR_CONNECTION_LOST), "%s", told(self));
}

static void expect_riddle(const char *sections, const char *statement, unsigned number)
{
    for (gint behind = 0; behind < 2; behind++) {
        g_auto(Crash) self = {0};
        crash_init(&self, sections);
        start_over(&self);
        cut_at(&self, statement, behind);
        expect_row(&self, "running", number - 1, number);
        expect_undecidable(&self, number, "cannot be told");
        expect_row(&self, "failed", number - 1, number);
    }
}

Test(settle, a_swap_of_names)
{
    use_engine(ENGINE_MYSQL);
    expect_riddle("-- migrate:up\ncreate table a (n int);\ncreate table b (n int);\n"
                  "rename table a to t, b to a, t to b;\n",
                  "rename table a to t", 3);
}

Test(settle, a_truncate)
{
    use_engine(ENGINE_MYSQL);
    expect_riddle("-- migrate:up\ncreate table a (n int);\ntruncate table a;\n", "truncate", 2);
}

Test(settle, rows_of_tables_without_transactions)
{
    use_engine(ENGINE_MYSQL);
    expect_riddle("-- migrate:up\ncreate table a (n int) engine=myisam;\ninsert into a values (1);\n",
                  "insert", 2);
}

Test(settle, rows_that_a_trigger_writes_without_transactions)
{
    use_engine(ENGINE_MYSQL);
    expect_riddle("-- migrate:up\ncreate table a (n int);\ncreate table l (n int) engine=aria;\n"
                  "create trigger g after insert on a for each row insert into l values (1);\n"
                  "insert into a values (1);\n",
                  "insert into a", 4);
}

Test(settle, rows_of_tables_with_transactions_beside_others)
{
    use_engine(ENGINE_MYSQL);
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up\ncreate table a (n int);\ncreate table l (n int) engine=myisam;\n"
                      "insert into a values (1);\n");
    cut_at(&self, "insert", 1);
    expect_finished(&self);
    expect_value(self.connection, "select count(*) from a", "1");
}

/* What stands in another tenant's database, visible or not, is none of this one's business. */
Test(settle, rows_beside_another_tenants_tables_without_transactions)
{
    use_engine(ENGINE_MYSQL);
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up\ncreate table a (n int);\ninsert into a values (1);\n");
    g_autofree char *other = g_strconcat(self.connection->server.database, "_b", NULL);
    g_autofree char *tenant = g_strdup_printf("create database %s", other);
    g_autofree char *table = g_strdup_printf("create table %s.a (n int) engine=myisam", other);
    g_autofree char *routine = g_strdup_printf("create procedure %s.p() insert into a values (1)", other);
    g_autofree char *gone = g_strdup_printf("drop database %s", other);
    run(self.connection, tenant);
    run(self.connection, table);
    run(self.connection, routine);
    cut_at(&self, "insert", 1);
    expect_finished(&self);
    expect_value(self.connection, "select count(*) from a", "1");
    run(self.connection, gone);
}

Test(settle, an_error_in_rows_of_tables_without_transactions)
{
    use_engine(ENGINE_MYSQL);
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up\ncreate table a (n int primary key) engine=myisam;\n"
                      "insert into a values (1), (2), (1);\n");
    expect_undecidable(&self, 2, "rows in tables without transactions stayed");
}

Test(settle, a_call_on_postgres)
{
    use_engine(ENGINE_POSTGRES);
    expect_riddle("-- migrate:up transaction:false\ncreate table a (n int);\n"
                  "do 'begin insert into a values (1); end';\n",
                  "do ", 2);
}

/* ---- Edited meanwhile ---- */

Test(settle, a_statement_that_was_edited_while_it_was_open)
{
    use_engine(ENGINE_MYSQL);
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up\ncreate table a (n int);\nalter table a add m int;\n");
    cut_at(&self, "alter", 1);
    crash_file(&self, "-- migrate:up\ncreate table a (n int);\nalter table a add other int;\n");
    expect_undecidable(&self, 2, "it was edited after it was begun");
}

Test(settle, what_stands_behind_it_may_be_edited)
{
    use_engine(ENGINE_MYSQL);
    g_auto(Crash) self = {0};
    crash_init(
        &self,
        "-- migrate:up\ncreate table a (n int);\ninsert into a values (1);\nalter table a add m int;\n");
    cut_at(&self, "insert", 1);
    crash_file(&self, "-- migrate:up\ncreate table a (n int);\ninsert into a values (1);\n"
                      "insert into a values (2);\nalter table a add x int;\n");
    expect_finished(&self);
    expect_value(self.connection, "select group_concat(n order by n) from a where x is null", "1,2");
}

/* ---- Indexes of PostgreSQL ---- */

Test(settle, an_invalid_index_of_ours_is_dropped_and_made_again)
{
    use_engine(ENGINE_POSTGRES);
    g_auto(Crash) self = {0};
    crash_init(&self,
               "-- migrate:up transaction:false\ncreate table a (n int);\ninsert into a values (1), (1);\n"
               "create unique index concurrently a_n on a (n);\n");
    cut_at(&self, "create unique", 0);
    expect_failure(self.connection, "create unique index concurrently a_n on a (n)", DB_ERROR_STATEMENT);
    expect_value(self.connection, "select indisvalid from pg_index where indexrelid = 'a_n'::regclass", "f");
    run(self.connection, "delete from a");

    expect_finished(&self);
    expect_value(self.connection, "select indisvalid from pg_index where indexrelid = 'a_n'::regclass", "t");
    expect_value(self.connection, "select detail from dbfleet_version_history",
                 "dropped the invalid index public.a_n that a try before had left behind");
}

Test(settle, a_failed_index_leaves_nothing_behind)
{
    use_engine(ENGINE_POSTGRES);
    g_auto(Crash) self = {0};
    crash_init(&self,
               "-- migrate:up transaction:false\ncreate table a (n int);\ninsert into a values (1), (1);\n"
               "create unique index concurrently a_n on a (n);\n");
    cr_assert_not(crash_attempt(&self, NEVER));
    cr_expect(g_error_matches(self.error, DB_ERROR, DB_ERROR_STATEMENT), "%s", told(&self));
    expect_value(self.connection, "select to_regclass('a_n') is null", "t");
    expect_row(&self, "failed", 2, 0);
    run(self.connection, "delete from a");
    expect_finished(&self);
}

Test(settle, an_invalid_index_that_was_there_before_is_left_alone)
{
    use_engine(ENGINE_POSTGRES);
    g_auto(Crash) self = {0};
    crash_init(&self,
               "-- migrate:up transaction:false\ncreate index concurrently if not exists a_n on a (n);\n");
    run(self.connection, "create table a (n int)");
    run(self.connection, "insert into a values (1), (1)");
    expect_failure(self.connection, "create unique index concurrently a_n on a (n)", DB_ERROR_STATEMENT);
    cr_assert_not(crash_attempt(&self, NEVER));
    cr_expect_not_null(strstr(told(&self), "index public.a_n is invalid"), "%s", told(&self));
    expect_value(self.connection, "select indisvalid from pg_index where indexrelid = 'a_n'::regclass", "f");
}

/* ---- Histories of an older release ---- */

static void expect_column_added(EngineId engine)
{
    use_engine(engine);
    g_autoptr(GError) error = NULL;
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up\ncreate table a (n int);\n");
    run(self.connection, "alter table dbfleet_version_history drop column evidence");
    run(self.connection, "insert into dbfleet_version_history (seq, step_id, run_id, revision, direction, "
                         "heads_before, heads_after, started_at, statements_total, statements_done, state) "
                         "values (1, 'x-1', 'x', 'zz', 'up', '', '', '2026-01-01', 1, 0, 'failed')");
    expect_ok(session_read_state(self.connection, &self.context.store, self.state, &error), error, "state");
    cr_expect_not(self.state->has_evidence);
    cr_expect_null(target_state_unfinished(self.state)->evidence);
    expect_ok(probe_complete_tables(self.connection, &self.context.store, self.state, &error), error,
              "column");
    expect_ok(session_read_state(self.connection, &self.context.store, self.state, &error), error, "state");
    cr_expect(self.state->has_evidence);
    expect_ok(probe_complete_tables(self.connection, &self.context.store, self.state, &error), error,
              "again");
}

Test(settle, the_column_is_added_on_mysql)
{
    expect_column_added(ENGINE_MYSQL);
}

Test(settle, the_column_is_added_on_postgres)
{
    expect_column_added(ENGINE_POSTGRES);
}

Test(settle, the_column_is_added_on_sqlite)
{
    expect_column_added(ENGINE_SQLITE);
}
