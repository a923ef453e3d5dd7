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

Test(settle_sessions, a_table_without_transactions_whose_name_begins_with_a_digit)
{
    use_engine(ENGINE_MYSQL);
    expect_riddle("-- migrate:up\ncreate table `2024_log` (n int) engine=myisam;\n"
                  "insert into 2024_log values (1);\n",
                  "insert", 2);
}
