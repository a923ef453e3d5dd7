/* Settling on real servers: dbfleet dies at every item of what it sends, and the next attempt must find out
 * where the step stands. */
#include "settle_fixture.h"

#include "schema/picture.h"

/* ---- At every item ---- */

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

/* The "done" of the last statement is the end of the step. */
Test(settle, wherever_it_breaks_off_at_a_last_statement_on_mysql)
{
    expect_once(ENGINE_MYSQL,
                "-- migrate:up\n"
                "create table a (id int auto_increment primary key, n int);\n"
                "insert into a (n) values (1);\n"
                "alter table a add m int;\n",
                "select concat((select group_concat(n) from a), (select count(*) from "
                "information_schema.columns where table_schema = database() and table_name = 'a'))");
}

Test(settle, wherever_it_breaks_off_at_last_rows_on_mysql)
{
    expect_once(ENGINE_MYSQL,
                "-- migrate:up\n"
                "create table a (id int auto_increment primary key, n int);\n"
                "insert into a (n) values (1);\n"
                "update a set n = n + 1;\n",
                "select group_concat(n order by id) from a");
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
                "do 'begin update a set n = n * 10; end';\n"
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

/* An interrupt that came too late to stop it, and one that came in time. */
Test(settle, a_statement_that_was_interrupted)
{
    static const char *const statements[] = {"drop procedure p", "alter table a add m int",
                                             "create table b (n int)"};
    use_engine(ENGINE_MYSQL);
    for (gsize i = 0; i < G_N_ELEMENTS(statements) * 2; i++) {
        g_auto(Crash) self = {0};
        g_autofree char *sections =
            g_strdup_printf("-- migrate:up\ncreate table a (n int);\ncreate procedure p() select 1;\n%s;\n"
                            "insert into a (n) values (1);\n",
                            statements[i / 2]);
        crash_init(&self, sections);
        start_over(&self);
        self.at = statements[i / 2];
        self.behind = i % 2;
        self.interrupts = true;
        cr_assert_not(crash_attempt(&self, NEVER));
        cr_assert(g_error_matches(self.error, DB_ERROR, DB_ERROR_CANCELLED), "%s", told(&self));
        expect_row(&self, "failed", 2 + (unsigned)self.behind, 0);
        expect_finished(&self);
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
                  "do 'begin insert into a values (1); commit; end';\n",
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

/* ---- Pictures ---- */

/* Lines are cut where MariaDB would put longer ones into a table on disk: no line of an index is as long. */
Test(settle, the_longest_line_of_an_index_is_whole)
{
    use_engine(ENGINE_MYSQL);
    g_autoptr(Connection) self = open_plain();
    g_autofree char *name = g_strnfill(64, 'n'), *comment = g_strnfill(1024, 'c');
    g_autofree char *table = g_strdup_printf("create table %1$s (%1$s varchar(190))", name);
    g_autofree char *index = g_strdup_printf(
        "create or replace unique index %1$s using btree on %1$s (%1$s(188) desc) comment '%2$s' not ignored",
        name, comment);
    g_autoptr(StatementFacts) facts =
        statement_facts_new(index, strlen(index), STATEMENT_DDL, self->server.dialect);
    g_auto(Picture) picture = {0};
    picture_init(&picture, facts, self->server.dialect, NULL);
    run(self, table);
    run(self, index);
    for (guint i = 0; i < picture.prelude->len; i++)
        run(self, picture.prelude->pdata[i]);
    g_autofree char *md5 = g_compute_checksum_for_string(G_CHECKSUM_MD5, comment, -1);
    g_autofree char *query = g_strdup_printf("select %s like '%%... md5 %s'", picture.value, md5);
    expect_value(self, query, "1");
}

#define INTO_HISTORY                                                                                         \
    "insert into dbfleet_version_history (seq, step_id, run_id, revision, direction, heads_before, "         \
    "heads_after, started_at, statements_total, statements_done, state) "

/* ---- Long histories ---- */

static void expect_long_history_read(EngineId engine)
{
    use_engine(engine);
    g_autoptr(GError) error = NULL;
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up\ncreate table a (n int);\n");
    run(self.connection,
        INTO_HISTORY "with recursive n (i) as (select 1 union all select i + 1 from n where i < 40), "
                     "m (i) as (select 40 * (a.i - 1) + b.i from n as a cross join n as b) "
                     "select i, i, 'x', case when i = 1 then 'first' else 'zz' end, 'up', '', '', "
                     "'2026-01-01', 1, 1, 'done' from m");
    expect_ok(session_read_state(self.connection, &self.context.store, self.state, &error), error, "state");
    cr_expect_eq(self.state->last_seq, 1600);
    cr_assert_eq(self.state->history->len, 2);
    const HistoryEntry *oldest = self.state->history->pdata[0];
    cr_expect_str_eq(oldest->revision, "first");
}

Test(settle, a_long_history_is_read_on_mysql)
{
    expect_long_history_read(ENGINE_MYSQL);
}

Test(settle, a_long_history_is_read_on_postgres)
{
    expect_long_history_read(ENGINE_POSTGRES);
}

Test(settle, a_long_history_is_read_on_sqlite)
{
    expect_long_history_read(ENGINE_SQLITE);
}

/* ---- Histories without a version table ---- */

/* The next row's number is behind those that are there, and what stopped half-way is known. */
static void expect_lone_history_read(EngineId engine)
{
    use_engine(engine);
    g_autoptr(GError) error = NULL;
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up\ncreate table a (n int);\n");
    run(self.connection,
        INTO_HISTORY "values (7, 's', 'x', 'zz', 'up', '', '', '2026-01-01', 2, 1, 'failed')");
    run(self.connection, "drop table dbfleet_version");
    expect_ok(session_read_state(self.connection, &self.context.store, self.state, &error), error, "state");
    cr_assert(!self.state->has_version_table);
    expect_ok(probe_complete_tables(self.connection, &self.context.store, self.state, &error), error,
              "tables");
    cr_expect_eq(self.state->last_seq, 7);
    const HistoryEntry *open = target_state_unfinished(self.state);
    cr_assert_not_null(open);
    cr_expect_str_eq(open->revision, "zz");
}

Test(settle, a_history_without_its_version_table_is_read_on_mysql)
{
    expect_lone_history_read(ENGINE_MYSQL);
}

Test(settle, a_history_without_its_version_table_is_read_on_postgres)
{
    expect_lone_history_read(ENGINE_POSTGRES);
}

Test(settle, a_history_without_its_version_table_is_read_on_sqlite)
{
    expect_lone_history_read(ENGINE_SQLITE);
}
