/* Where SQLite statements begin and end. */
#include "split_support.h"

#define SPLITS(sql, ...) expect_statements(DIALECT_SQLITE, sql, __VA_ARGS__)
#define REFUSES(sql, problems) expect_problems(DIALECT_SQLITE, sql, problems)

Test(split_sqlite, plain_statements)
{
    SPLITS("select 1;-- ;\nselect ';';/* ; */;select 3", "select 1", "select ';'", "select 3", NULL);
    SPLITS("", NULL);
    SPLITS(";;-- x", NULL);
    SPLITS("select (1; select 2", "select (1", "select 2", NULL);
}

Test(split_sqlite, every_quote)
{
    SPLITS("select 'a'';', \"b\"\";\", `c``;`, [d;'], 'e\\'; select 2",
           "select 'a'';', \"b\"\";\", `c``;`, [d;'], 'e\\'", "select 2", NULL);
}

Test(split_sqlite, comments_do_not_nest)
{
    SPLITS("/* /* */ select 1; /*/;*/ select 2 -- x\r;\n;", "select 1", "select 2", NULL);
}

Test(split_sqlite, triggers_are_whole)
{
    SPLITS("create trigger t after insert on a begin select 1; select case when 1 then 2 end; end; select 2;",
           "create trigger t after insert on a begin select 1; select case when 1 then 2 end; end",
           "select 2", NULL);
    SPLITS("CREATE TEMP /* x */ TRIGGER IF NOT EXISTS t begin select 1; END -- y\n; select 2",
           "CREATE TEMP /* x */ TRIGGER IF NOT EXISTS t begin select 1; END", "select 2", NULL);
    SPLITS("create temporary trigger t begin select 1; end", "create temporary trigger t begin select 1; end",
           NULL);
    SPLITS("explain query plan create trigger t begin select 1; end; select 2",
           "explain query plan create trigger t begin select 1; end", "select 2", NULL);
}

Test(split_sqlite, other_begins_and_ends_are_transactions)
{
    SPLITS("begin; insert into t values (1); end; create table trigger_log (x); select 1", "begin",
           "insert into t values (1)", "end", "create table trigger_log (x)", "select 1", NULL);
    SPLITS("create table \"trigger\" (x); create view trigger as select 1; drop trigger t; select 2",
           "create table \"trigger\" (x)", "create view trigger as select 1", "drop trigger t", "select 2",
           NULL);
}

Test(split_sqlite, what_is_not_closed_is_told_where_it_begins)
{
    REFUSES("select 1;\nselect 'a", "a.sql:2:8: error: string that begins here is not closed\n");
    REFUSES("select [a", "a.sql:1:8: error: [quoted] identifier that begins here is not closed\n");
    REFUSES("select `a", "a.sql:1:8: error: quoted identifier that begins here is not closed\n");
    REFUSES("select 1 /* ;", "a.sql:1:10: error: comment that begins here is not closed\n");
    REFUSES("select 1;\ncreate trigger t begin select 1; select 2;",
            "a.sql:2:1: error: CREATE TRIGGER that begins here is not closed by END;\n");
}

Test(split_sqlite, dot_commands_are_refused_by_name)
{
    REFUSES(".mode csv\nselect 1;\n  .read 'x\nselect 2;",
            "a.sql:1:1: error: sqlite3 shell command .mode is not SQL: remove it or write it as SQL\n"
            "a.sql:3:3: error: sqlite3 shell command .read is not SQL: remove it or write it as SQL\n");
    SPLITS("select t\n.a from t", "select t\n.a from t", NULL);
}
