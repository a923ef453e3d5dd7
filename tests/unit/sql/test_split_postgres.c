/* Where PostgreSQL statements begin and end. */
#include "split_support.h"

#define SPLITS(sql, ...) expect_statements(DIALECT_POSTGRES, sql, __VA_ARGS__)
#define REFUSES(sql, problems) expect_problems(DIALECT_POSTGRES, sql, problems)

Test(split_postgres, plain_statements)
{
    SPLITS("select 1;\n\n  select 2 ;\n", "select 1", "select 2", NULL);
    SPLITS("select 1", "select 1", NULL);
    SPLITS("select ';' ; select \";\"", "select ';'", "select \";\"", NULL);
}

Test(split_postgres, empty_statements_and_comments_are_dropped)
{
    SPLITS("", NULL);
    SPLITS(" \n\t ", NULL);
    SPLITS(";;; ;", NULL);
    SPLITS("-- only\n/* comments */ ; -- here", NULL);
    SPLITS("-- a\nselect 1 -- b\n; -- c\n /* d */ select 2 /* e */", "select 1", "select 2", NULL);
}

Test(split_postgres, comments_inside_a_statement_stay)
{
    SPLITS("select /* ; */ 1 -- ;\n , 2;", "select /* ; */ 1 -- ;\n , 2", NULL);
}

Test(split_postgres, comments_nest)
{
    SPLITS("/* /* ; */ ; */ select 1; /*/**/*/ select 2;", "select 1", "select 2", NULL);
    SPLITS("/*/ ; */ select 1", "select 1", NULL);
    SPLITS("select 4 */* ; */ 2; select 1--;\n+1", "select 4 */* ; */ 2", "select 1--;\n+1", NULL);
}

Test(split_postgres, a_carriage_return_ends_a_line_comment)
{
    SPLITS("-- x\rselect 1; -- y\r\nselect 2", "select 1", "select 2", NULL);
}

Test(split_postgres, strings)
{
    SPLITS("select 'it''s;'; select 'a\\'; select 2", "select 'it''s;'", "select 'a\\'", "select 2", NULL);
    SPLITS("select \"a\"\";b\";select 1", "select \"a\"\";b\"", "select 1", NULL);
    SPLITS("select N'a;', B'1', X'f;';select 1", "select N'a;', B'1', X'f;'", "select 1", NULL);
}

Test(split_postgres, escape_strings)
{
    SPLITS("select E'a\\';b'; select e'\\\\'; select 3", "select E'a\\';b'", "select e'\\\\'", "select 3",
           NULL);
    SPLITS("select nameE'\\'; select 2", "select nameE'\\'", "select 2", NULL);
    SPLITS("select 1E'\\';'; select 2", "select 1E'\\';'", "select 2", NULL);
}

Test(split_postgres, an_escape_string_goes_on_in_the_next_line)
{
    SPLITS("select E'a'\n'\\';'; select 2", "select E'a'\n'\\';'", "select 2", NULL);
    SPLITS("select E'a' -- c\n  -- d\n'\\';'; select 2", "select E'a' -- c\n  -- d\n'\\';'", "select 2",
           NULL);
    SPLITS("select E'a'\n--c\n'\\';'; select 2", "select E'a'\n--c\n'\\';'", "select 2", NULL);
    SPLITS("select E'a' '\\'; select 2", "select E'a' '\\'", "select 2", NULL);
    SPLITS("select 'a'\n'\\'; select 2", "select 'a'\n'\\'", "select 2", NULL);
}

Test(split_postgres, unicode_strings)
{
    SPLITS("select U&'\\0061\\'; select 2", "select U&'\\0061\\'", "select 2", NULL);
    SPLITS("select u&\"a;\"\"b\" uescape '!'; select 2", "select u&\"a;\"\"b\" uescape '!'", "select 2",
           NULL);
}

Test(split_postgres, strings_with_backslashes_where_the_setting_says_so)
{
    SPLITS("set standard_conforming_strings = off; select 'a\\';'; reset standard_conforming_strings; select "
           "'\\';",
           "set standard_conforming_strings = off", "select 'a\\';'", "reset standard_conforming_strings",
           "select '\\'", NULL);
    SPLITS("set session standard_conforming_strings to 'off'; select '\\''; select U&'\\';"
           "set standard_conforming_strings to on; select '\\'",
           "set session standard_conforming_strings to 'off'", "select '\\''", "select U&'\\'",
           "set standard_conforming_strings to on", "select '\\'", NULL);
}

Test(split_postgres, dollar_quotes)
{
    SPLITS("select $$a;'$$; select $a$;$$;$b$;$a$; select 3", "select $$a;'$$", "select $a$;$$;$b$;$a$",
           "select 3", NULL);
    SPLITS("select $1;select $12$x$;$x$; select a$b$c; select 4", "select $1", "select $12$x$;$x$",
           "select a$b$c", "select 4", NULL);
    SPLITS("select $ä$;$ä$; select $a $; select 3", "select $ä$;$ä$", "select $a $", "select 3", NULL);
    SPLITS("select $a$ $A$ ; $a$; select 2", "select $a$ $A$ ; $a$", "select 2", NULL);
}

Test(split_postgres, rules_keep_their_actions)
{
    SPLITS("create rule r as on update to t do instead (insert into a values (1); delete from b;); select 2",
           "create rule r as on update to t do instead (insert into a values (1); delete from b;)",
           "select 2", NULL);
    SPLITS("select 1); select 2", "select 1)", "select 2", NULL);
}

Test(split_postgres, atomic_bodies)
{
    SPLITS("create function f() returns int begin atomic select 1; select 2; end; select 3",
           "create function f() returns int begin atomic select 1; select 2; end", "select 3", NULL);
    SPLITS("CREATE OR REPLACE PROCEDURE p() BEGIN /* x */ ATOMIC END; select 3",
           "CREATE OR REPLACE PROCEDURE p() BEGIN /* x */ ATOMIC END", "select 3", NULL);
    SPLITS("create function f() returns int begin atomic select case when a then b end; select c as end; "
           "select d end;"
           " select t.end from t; end; select 2",
           "create function f() returns int begin atomic select case when a then b end; select c as end; "
           "select d end;"
           " select t.end from t; end",
           "select 2", NULL);
    SPLITS("create function f() returns int begin atomic select (select 1; end); end; select 2",
           "create function f() returns int begin atomic select (select 1; end); end", "select 2", NULL);
}

Test(split_postgres, begin_elsewhere_is_no_body)
{
    SPLITS("begin; select atomic; end; select 2", "begin", "select atomic", "end", "select 2", NULL);
    SPLITS("create function begin() returns int return 1; select 2",
           "create function begin() returns int return 1", "select 2", NULL);
    SPLITS("create table begin (atomic int); begin atomic; select 2", "create table begin (atomic int)",
           "begin atomic", "select 2", NULL);
    SPLITS("create function f(begin atomic) returns int language sql return 1; select 2",
           "create function f(begin atomic) returns int language sql return 1", "select 2", NULL);
    SPLITS("create function f() returns int as 'begin atomic' language sql; select 2",
           "create function f() returns int as 'begin atomic' language sql", "select 2", NULL);
}

Test(split_postgres, copy_takes_its_data_with_it)
{
    static const char SQL[] = "copy t (a, b) from stdin with (format csv);\n1,';\n\\.x\n\\.\nselect 2;";
    g_autofree char *problems = NULL;
    g_autoptr(Script) script = split_text(DIALECT_POSTGRES, SQL, &problems);

    cr_assert_not_null(script, "%s", problems);
    cr_assert_eq(script_length(script), 2);
    cr_expect_eq(script_at(script, 0)->kind, STATEMENT_COPY);
    cr_expect_eq(script_at(script, 0)->data_length, strlen("1,';\n\\.x\n"));
    cr_expect_eq(strncmp(script_text(script) + script_at(script, 0)->data_start, "1,';\n\\.x\n", 9), 0);
    cr_expect_eq(script_at(script, 1)->data_length, 0);
    expect_statements(DIALECT_POSTGRES, SQL, "copy t (a, b) from stdin with (format csv)", "select 2", NULL);
}

Test(split_postgres, copy_data_may_be_empty_and_end_the_file)
{
    SPLITS("copy t from stdin;\n\\.", "copy t from stdin", NULL);
    SPLITS("copy t from stdin; -- the data\r\na\r\n\\.\r\nselect 2", "copy t from stdin", "select 2", NULL);
    SPLITS("copy t from stdin;\n;\n\\.\n;copy u from stdout;\n\\d\n\\.\n", "copy t from stdin",
           "copy u from stdout", NULL);
}

Test(split_postgres, other_copies_have_no_data)
{
    SPLITS("copy t from 'stdin'; copy stdin to stdout; copy (select a from stdin) to stdout; copy t from "
           "program 'x';",
           "copy t from 'stdin'", "copy stdin to stdout", "copy (select a from stdin) to stdout",
           "copy t from program 'x'", NULL);
    SPLITS("select 1 from stdin; copy \"from\" to stdin; select 2", "select 1 from stdin",
           "copy \"from\" to stdin", "select 2", NULL);
}

Test(split_postgres, copy_data_without_its_end)
{
    REFUSES("copy t from stdin;\n1\n\\.x\n",
            "a.sql:1:1: error: COPY data is not closed: it ends with a line that holds only \\.\n");
    REFUSES("select 1;\n copy t from stdin;",
            "a.sql:2:2: error: COPY data is not closed: it ends with a line that holds only \\.\n");
    REFUSES("copy t from stdin\n",
            "a.sql:1:1: error: COPY … FROM stdin needs ; and data, up to a line that holds only \\.\n");
    REFUSES("copy t from stdin; select 1;\n\\.\n",
            "a.sql:1:20: error: COPY data begins on the next line: nothing may follow the ; on this one\n");
}

Test(split_postgres, meta_commands_are_refused_by_name)
{
    REFUSES("\\d foo\nselect 1;\n\\copy t from 'x'\n",
            "a.sql:1:1: error: psql meta-command \\d is not SQL: remove it or write it as SQL\n"
            "a.sql:3:1: error: psql meta-command \\copy is not SQL: remove it or write it as SQL\n");
    REFUSES("select 1 \\gx\n;select '\\i' ; \\i it's;\nselect 2",
            "a.sql:1:10: error: psql meta-command \\gx is not SQL: remove it or write it as SQL\n"
            "a.sql:2:16: error: psql meta-command \\i is not SQL: remove it or write it as SQL\n");
    REFUSES("select 1\\; select 2;", "a.sql:1:9: error: psql's \\; is not SQL: end the statement with ;\n");
    REFUSES("select 1;\n\\.\n", "a.sql:2:1: error: \\. without COPY … FROM stdin before it\n");
    REFUSES("\\", "a.sql:1:1: error: psql meta-command \\ is not SQL: remove it or write it as SQL\n");
}

Test(split_postgres, what_is_not_closed_is_told_where_it_begins)
{
    REFUSES("select 1;\n select 'a;\n", "a.sql:2:9: error: string that begins here is not closed\n");
    REFUSES("select E'a\\';\n", "a.sql:1:8: error: string that begins here is not closed\n");
    REFUSES("select \"a;\n", "a.sql:1:8: error: quoted identifier that begins here is not closed\n");
    REFUSES("select 1; /* /* */ select 2;", "a.sql:1:11: error: comment that begins here is not closed\n");
    REFUSES("select $a$ $b$ $$", "a.sql:1:8: error: dollar-quoted string that begins here is not closed\n");
    REFUSES("create function f() returns int\nbegin atomic select 1; select 2;",
            "a.sql:2:1: error: BEGIN ATOMIC that begins here is not closed by END;\n");
}
