/* Settling where the session or the statement makes it hard: what a section told its session, what only the
 * lost session knew, and statements whose effect can be gone again before somebody looks. */
#include "settle_fixture.h"

TestSuite(settle_sessions, .timeout = 120, .fini = remove_database);

/* The answer reaches us in the session's character set; the row was read in ours. */
Test(settle_sessions, another_character_set_on_mysql)
{
    use_engine(ENGINE_MYSQL);
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up\nset names latin1;\ncreate table a (n int comment 'größe');\n"
                      "alter table a modify n bigint comment 'größe';\n");
    cut_at(&self, "alter", 0);
    expect_finished(&self);
    expect_value(self.connection,
                 "select data_type from information_schema.columns where table_schema = database() and "
                 "table_name = 'a'",
                 "bigint");
}

Test(settle_sessions, another_character_set_on_postgres)
{
    use_engine(ENGINE_POSTGRES);
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up transaction:false\nset client_encoding = 'LATIN1';\n"
                      "create table a (n int);\ncreate index \"größe\" on a (n);\n"
                      "create index concurrently on a (n);\n");
    cut_at(&self, "create index concurrently", 0);
    expect_finished(&self);
    expect_value(self.connection, "select count(*) from pg_index where indrelid = 'a'::regclass", "2");
}

/* The pictures are compared as they are stored here, too. */
Test(settle_sessions, a_refusal_in_another_character_set)
{
    use_engine(ENGINE_MYSQL);
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up\nset names latin1;\ncreate table a (n int comment 'größe');\n"
                      "alter table a add m int, drop nosuch;\n");
    cr_assert_not(crash_attempt(&self, NEVER));
    cr_expect(g_error_matches(self.error, DB_ERROR, DB_ERROR_STATEMENT), "%s", told(&self));
    expect_row(&self, "failed", 2, 0);
}

/* dbfleet's cancel may come when the statement is over already. */
Test(settle_sessions, rows_that_stayed_while_a_cancel_hit_the_cleaning_up)
{
    use_engine(ENGINE_MYSQL);
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up\ncreate table a (n int primary key) engine=myisam;\n"
                      "insert into a values (1), (2), (1);\n");
    self.refused = "SHOW WARNINGS";
    cr_assert_not(crash_attempt(&self, NEVER));
    expect_row(&self, "running", 1, 2);
    self.refused = NULL;
    expect_undecidable(&self, 2, "tables without transactions");
}

Test(settle_sessions, a_table_without_transactions_whose_name_begins_with_a_digit)
{
    use_engine(ENGINE_MYSQL);
    expect_riddle("-- migrate:up\ncreate table `2024_log` (n int) engine=myisam;\n"
                  "insert into 2024_log values (1);\n",
                  "insert", 2);
}

Test(settle_sessions, a_search_path_that_a_query_set)
{
    use_engine(ENGINE_POSTGRES);
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up transaction:false\ncreate schema s;\n"
                      "select pg_catalog.set_config('search_path', 's', false);\n"
                      "create table a (n int);\ncreate index a_n on a (n);\n"
                      "drop index concurrently a_n;\ncreate table b (n int);\n");
    cut_at(&self, "drop index", 0);
    expect_finished(&self);
    expect_value(self.connection, "select to_regclass('s.a_n') is null and to_regclass('s.b') is not null",
                 "t");
}

/* Rolled back, it was never so. */
Test(settle_sessions, a_search_path_that_was_rolled_back)
{
    use_engine(ENGINE_POSTGRES);
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up transaction:false\ncreate schema s;\ncreate table a (n int);\n"
                      "create index a_n on a (n);\nbegin;\nset search_path = s;\nrollback;\n"
                      "drop index concurrently a_n;\n");
    cut_at(&self, "drop index", 0);
    expect_finished(&self);
    expect_value(self.connection, "select to_regclass('public.a_n') is null", "t");
}

static void expect_lost_session(const char *sections, const char *statement)
{
    use_engine(ENGINE_MYSQL);
    g_auto(Crash) self = {0};
    crash_init(&self, sections);
    cut_at(&self, statement, 0);
    cr_assert_not(crash_attempt(&self, NEVER), "went on");
    cr_expect(g_error_matches(self.error, STEP_ERROR, STEP_ERROR_SESSION_LOST), "%s", told(&self));
}

Test(settle_sessions, a_variable_that_a_procedure_set)
{
    expect_lost_session("-- migrate:up\ncreate table a (n int);\n"
                        "create procedure p(out n int) set n = 5;\ncall p(@n);\n"
                        "create table b (n int);\ninsert into a values (@n);\n",
                        "create table b");
}

Test(settle_sessions, a_temporary_table_behind_a_comment)
{
    expect_lost_session("-- migrate:up\ncreate table t (n int);\ncreate /* x */ temporary table t (n int);\n"
                        "create table b (n int);\ninsert into t values (1);\n",
                        "create table b");
}

Test(settle_sessions, the_number_of_the_row_before)
{
    expect_lost_session("-- migrate:up\ncreate table a (id int auto_increment primary key, n int);\n"
                        "insert into a (n) values (1);\n"
                        "create table b (n int);\ninsert into b values (last_insert_id());\n",
                        "create table b");
}

Test(settle_sessions, the_last_value_of_a_sequence)
{
    expect_lost_session("-- migrate:up\ncreate sequence s;\ncreate table a (n int);\n"
                        "insert into a values (nextval(s));\n"
                        "create table b (n int);\ninsert into b values (lastval(s));\n",
                        "create table b");
}

/* Our lexer reads a backslash as a fresh session does. */
Test(settle_sessions, rows_in_a_statement_that_cannot_be_read)
{
    use_engine(ENGINE_MYSQL);
    expect_riddle("-- migrate:up\ncreate table a (n varchar(9)) engine=myisam;\n"
                  "set sql_mode = 'NO_BACKSLASH_ESCAPES';\ninsert into a values ('C:\\');\n",
                  "insert", 3);
}

Test(settle_sessions, a_column_that_takes_the_name_of_a_dropped_one)
{
    use_engine(ENGINE_MYSQL);
    expect_riddle("-- migrate:up\ncreate table a (x int, y int);\n"
                  "alter table a change x y int, drop y, add x int first;\n",
                  "alter", 2);
}

/* One that ran is gone, as if it had never been. */
Test(settle_sessions, an_event_that_runs_once)
{
    use_engine(ENGINE_MYSQL);
    g_auto(Crash) self = {0};
    crash_init(&self, "-- migrate:up\ncreate table a (n int);\n"
                      "create event e on schedule at current_timestamp do insert into a values (1);\n");
    cut_at(&self, "create event", 1);
    run(self.connection, "drop event if exists e");
    expect_undecidable(&self, 2, "cannot be told");
}
