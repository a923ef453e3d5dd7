/* Where statements of MySQL and MariaDB begin and end. */
#include "split_support.h"

#define REFUSES(sql, problems) expect_problems(DIALECT_MARIADB, sql, problems)
#define SPLITS(sql, ...)                                                                                     \
    do {                                                                                                     \
        expect_statements(DIALECT_MARIADB, sql, __VA_ARGS__);                                                \
        expect_statements(DIALECT_MYSQL, sql, __VA_ARGS__);                                                  \
    } while (0)
/* Two statements: this one, whole, and another. */
#define WHOLE(statement) SPLITS(statement "; select 99", statement, "select 99", NULL)

Test(split_mysql, plain_statements)
{
    SPLITS("select 1;\n\n select 2 ; ;;", "select 1", "select 2", NULL);
    SPLITS("select (1; select 2", "select (1", "select 2", NULL);
}

Test(split_mysql, comments)
{
    SPLITS("# a;\nselect 1 # b;\n; /* /* ; */ select 2 -- c;\n;--\nselect 3;-- d", "select 1", "select 2",
           "select 3", NULL);
    SPLITS("select 5--1;select 5 --\t;\n;select 1;#", "select 5--1", "select 5", "select 1", NULL);
    SPLITS("-- x\r;\nselect 1;--", "select 1", NULL);
    SPLITS("/*/;*/ select 1", "select 1", NULL);
}

Test(split_mysql, quotes)
{
    SPLITS("select 'a'';', \"b\"\";'\", `c``;\\`; select 2", "select 'a'';', \"b\"\";'\", `c``;\\`",
           "select 2", NULL);
    SPLITS("select 'a\\';', \"\\\";\", '\\\\'; select 2", "select 'a\\';', \"\\\";\", '\\\\'", "select 2",
           NULL);
    SPLITS("select @`a;b`, N'a;', x'0a', _utf8'\\';', \\N; select 2",
           "select @`a;b`, N'a;', x'0a', _utf8'\\';', \\N", "select 2", NULL);
}

Test(split_mysql, slashes_and_stars)
{
    WHOLE("select '/;', `/;`, \"*/;\", 4/2, 4 */* ; */ 2, 4*/*! ; */2");
}

Test(split_mysql, sql_mode_says_where_strings_end)
{
    SPLITS("set sql_mode = 'ANSI_QUOTES'; select \"a\\\"; select '\\';'", "set sql_mode = 'ANSI_QUOTES'",
           "select \"a\\\"", "select '\\';'", NULL);
    SPLITS("set @a=1, session sql_mode='NO_BACKSLASH_ESCAPES,X'; select '\\', \"\\\"; set sql_mode=default; "
           "select '\\';'",
           "set @a=1, session sql_mode='NO_BACKSLASH_ESCAPES,X'", "select '\\', \"\\\"",
           "set sql_mode=default", "select '\\';'", NULL);
    SPLITS("/*!40101 SET @OLD=@@SQL_MODE, SQL_MODE='ANSI' */; select \"\\\"; set sql_mode=@OLD; select "
           "\"\\\";\"",
           "/*!40101 SET @OLD=@@SQL_MODE, SQL_MODE='ANSI' */", "select \"\\\"", "set sql_mode=@OLD",
           "select \"\\\";\"", NULL);
    SPLITS("set @@session.sql_mode := concat(@@sql_mode, ',no_backslash_escapes'); select '\\'; select 2",
           "set @@session.sql_mode := concat(@@sql_mode, ',no_backslash_escapes')", "select '\\'", "select 2",
           NULL);
}

Test(split_mysql, modes_that_include_ansi_quotes)
{
    static const char *const MODES[] = {"ANSI",  "ANSI_QUOTES", "DB2",       "MAXDB",
                                        "MSSQL", "ORACLE",      "POSTGRESQL"};

    for (gsize i = 0; i < G_N_ELEMENTS(MODES); i++) {
        g_autofree char *set = g_strdup_printf("set sql_mode = 'X,%s'", MODES[i]);
        g_autofree char *sql = g_strconcat(set, "; select \"\\\"; select 2", NULL);
        SPLITS(sql, set, "select \"\\\"", "select 2", NULL);
    }
}

Test(split_mysql, other_sql_modes_do_not_count)
{
    SPLITS("set global sql_mode = 'ANSI_QUOTES'; set @sql_mode = 'NO_BACKSLASH_ESCAPES'; select '\\';', "
           "\"\\\";\"",
           "set global sql_mode = 'ANSI_QUOTES'", "set @sql_mode = 'NO_BACKSLASH_ESCAPES'",
           "select '\\';', \"\\\";\"", NULL);
    SPLITS("set sql_mode = 'STRICT_ALL_TABLES'; select \"\\\";\"", "set sql_mode = 'STRICT_ALL_TABLES'",
           "select \"\\\";\"", NULL);
}

Test(split_mysql, versioned_comments_are_code)
{
    SPLITS("/*!50003 create procedure p() begin select ';*/'; end */; select 2",
           "/*!50003 create procedure p() begin select ';*/'; end */", "select 2", NULL);
    SPLITS("/*M!100100 set names utf8; */ ; select 1 /*! , 2; */ ; select /*!99999 a; /* b; */ c */ d;",
           "/*M!100100 set names utf8; */", "select 1 /*! , 2; */", "select /*!99999 a; /* b; */ c */ d",
           NULL);
    SPLITS("-- x\n /*!40101 SET NAMES utf8 */;\n", "/*!40101 SET NAMES utf8 */", NULL);
    SPLITS("/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`h`*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW "
           "BEGIN "
           "SET x=1; END */; select 2",
           "/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`h`*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW "
           "BEGIN "
           "SET x=1; END */",
           "select 2", NULL);
}

Test(split_mysql, versioned_comments_without_code_are_comments)
{
    SPLITS("/*!*/; /*!50000 */; /*! -- ;\n # ;\n */ ; select 1", "select 1", NULL);
    SPLITS("/*M!999999\\- enable the sandbox mode */\nselect 1;/*!999999\\- don't */", "select 1", NULL);
}

Test(split_mysql, delimiter_rules_alone)
{
    SPLITS("DELIMITER //\ncreate procedure p() begin select 1; end//\nselect 2; select 3 //\n"
           "delimiter ;\nselect 4; select 5",
           "create procedure p() begin select 1; end", "select 2; select 3", "select 4", "select 5", NULL);
    SPLITS(
        "Delimiter $$\r\nselect a$$select '$$', b$c$$\r\n  delimiter ;;\nselect 1; select 2;;\ndelimiter ;\n",
        "select a", "select '$$', b$c", "select 1; select 2", NULL);
    SPLITS("delimiter go\nselect category from cargo where go2 = 1\ngo\nselect 2 GO go",
           "select category from cargo where go2 = 1", "select 2 GO", NULL);
    SPLITS("delimiter #\nselect 1# select 2 -- #\n#", "select 1", "select 2", NULL);
    SPLITS("delimiter '|'  ignored\nselect 1;|select 2", "select 1;", "select 2", NULL);
}

Test(split_mysql, delimiter_is_a_name_elsewhere)
{
    SPLITS("select a\n, delimiter from t;\nselect 1 order by\n delimiter ;\nselect 2",
           "select a\n, delimiter from t", "select 1 order by\n delimiter", "select 2", NULL);
    SPLITS("create table t (\n  delimiter varchar(10)\n); select 2",
           "create table t (\n  delimiter varchar(10)\n)", "select 2", NULL);
}

Test(split_mysql, bad_delimiters)
{
    REFUSES("DELIMITER\nselect 1",
            "a.sql:1:1: error: DELIMITER without an argument: write the delimiter behind it, as "
            "in DELIMITER //\n");
    REFUSES("select 1;\n  delimiter  \r\n",
            "a.sql:2:3: error: DELIMITER without an argument: write the delimiter "
            "behind it, as in DELIMITER //\n");
    REFUSES("DELIMITER \\\\\nselect 1", "a.sql:1:1: error: DELIMITER must not hold a backslash\n");
    REFUSES("DELIMITER \xA7\nselect 1", "a.sql:1:1: error: DELIMITER is not valid UTF-8\n");
    REFUSES("DELIMITER 1234567890123456\nselect 1", "a.sql:1:1: error: DELIMITER is longer than 15 bytes\n");
    REFUSES("DELIMITER //\nselect 1;\nend\nDELIMITER ;\nselect 2;",
            "a.sql:4:1: error: DELIMITER inside a statement: end the statement with // first\n");
}

Test(split_mysql, routines_are_whole)
{
    WHOLE("create procedure p() begin select 1; begin end; select 2; end");
    WHOLE("create or replace definer = `a`@'b;' procedure p(in a int, out b decimal(10,2)) comment 'x;' "
          "begin select 1; end");
    WHOLE("create definer=root@localhost function f(a int) returns varchar(10) character set utf8 "
          "deterministic "
          "begin declare x int default 1; return x; end");
    WHOLE("create function f() returns set('a','b') no sql begin return 'a'; end");
    WHOLE("create aggregate function f(x int) returns int begin loop fetch group next row; end loop; end");
    WHOLE("create procedure if not exists p() begin select 1; end");
    WHOLE("create trigger if not exists t before insert on a for each row follows b begin set new.x = 1; set "
          "new.y = 2; end");
    WHOLE("create event if not exists e on schedule every 1 day do begin select 1; select 2; end");
    WHOLE("alter definer = x event e do begin select 1; select 2; end");
    WHOLE("create procedure p() lbl: begin leave lbl; end lbl");
    WHOLE("create procedure p() `l b`: loop select 1; leave `l b`; end loop");
}

Test(split_mysql, bodies_without_a_block_end_at_the_first_semicolon)
{
    WHOLE("create procedure p() select if(a, b, c), case when a then if(1, 2, 3) else 2 end");
    WHOLE("create procedure p() create table if not exists t (a int)");
    WHOLE("create function f(a int) returns int return case a when 1 then 2 end");
    WHOLE("create function f(a int) returns int deterministic return if(a, 1, 2)");
    WHOLE("create trigger t before insert on a for each row set new.x = if(new.y, 1, 2)");
    WHOLE("create event e on schedule every 1 day do insert into t select repeat('a', 2)");
    WHOLE("create function f returns string soname 'x.so'");
    WHOLE("create procedure p() set @a = 1");
}

/* What follows is no compound body, although IF would open one if it came first. */
Test(split_mysql, plain_statements_as_bodies)
{
    static const char *const WORDS[] = {
        "alter",   "call",    "create", "delete", "describe", "do",     "drop",    "execute",
        "explain", "handler", "insert", "load",   "prepare",  "with",   "replace", "resignal",
        "return",  "select",  "set",    "show",   "signal",   "update", "values",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(WORDS); i++) {
        g_autofree char *body = g_strdup_printf("create procedure p() no sql %s if", WORDS[i]);
        g_autofree char *sql = g_strconcat(body, "; select 2", NULL);
        SPLITS(sql, body, "select 2", NULL);
    }
}

/* A word after which END is a column, not the end of CASE. */
Test(split_mysql, columns_named_end)
{
    static const char *const BEFORE[] = {
        "and", "between", "case", "collate", "distinct", "div",  "else", "in",  "interval", "is", "like",
        "mod", "not",     "or",   "regexp",  "rlike",    "then", "when", "xor", "+",        ",",  "("};
    for (gsize i = 0; i < G_N_ELEMENTS(BEFORE); i++) {
        g_autofree char *body = g_strdup_printf(
            "create procedure p() begin set x = case when a %s end then 1 end%s; select 1; end", BEFORE[i],
            strcmp(BEFORE[i], "case") == 0 ? " end" : "");
        g_autofree char *sql = g_strconcat(body, "; select 2", NULL);
        SPLITS(sql, body, "select 2", NULL);
    }
    WHOLE("create procedure p() begin repeat select end from t; until end end repeat; select 1; end");
    WHOLE("create procedure p() begin repeat set until = 1; until a + end > 1 end repeat; select 1; end");
}

Test(split_mysql, blocks_of_every_kind)
{
    WHOLE("create procedure p() begin if a then select 1; elseif b then if c then select 2; end if; else "
          "select 3; end "
          "if; select 4; end");
    WHOLE("create procedure p() begin case a when 1 then select 1; select 2; else begin end; end case; "
          "select 3; end");
    WHOLE("create procedure p() begin case when a then if b then select 1; end if; end case; end");
    WHOLE("create procedure p() begin while a do select 1; end while; x: loop leave x; end loop x; end");
    WHOLE("create procedure p() begin repeat select 1; until a > case when b then 1 end end repeat; select "
          "2; end");
    WHOLE("create procedure p() begin for i in 1..10 do select i; end for; for r in (select 1) do select 2; "
          "end for; end");
    WHOLE("create procedure p() if a then select 1; else select 2; end if");
    WHOLE("create procedure p(a int) case a when 1 then select 1; select 2; end case");
    WHOLE("create procedure p() while a do select 1; end while");
    WHOLE("create procedure p() repeat select 1; until a end repeat");
}

Test(split_mysql, handlers)
{
    WHOLE("create procedure p() begin declare a int; declare continue handler for not found set a = 1; "
          "declare exit "
          "handler for sqlstate '23000', sqlexception, 1062 begin rollback; select 1; end; select 2; end");
    WHOLE("create procedure p() begin declare c cursor for select 1; declare x condition for sqlstate value "
          "'1'; declare "
          "exit handler for x if a then select 1; end if; select 2; end");
    WHOLE("create procedure p() begin declare exit handler for sqlstate value '1' set a = if(b, 1, 2); "
          "select 2; end");
}

Test(split_mysql, words_that_only_look_like_blocks)
{
    WHOLE("create procedure p() begin select a, case b when 1 then if(c, 1, 2) else repeat('x', 3) end as x "
          "from t; end");
    WHOLE("create procedure p() begin select start, end from t where end > 1 and t.end < 2; insert into t "
          "(begin, end) "
          "values (1, 2); end");
    WHOLE("create procedure p() begin select case when end > 1 then t.end else end end as x; set x = case a "
          "when 1 then "
          "case b when 2 then 3 end end; end");
    WHOLE("create procedure p() begin select 1 for update; do sleep(1); set a := if(b, 1, 2); end");
    WHOLE("create procedure p() begin if if(a, b, c) then select 1; end if; while if(a, 0, 1) do do 1; end "
          "while; end");
    WHOLE("create procedure p() begin if exists (select case when a then b end) then select 1; end if; end");
    WHOLE("create procedure p() begin select t.case, t.if, @case, @end from t; select case when a then @end "
          "end; end");
    WHOLE("create procedure p() begin declare end int default case when 1 then 2 end; fetch c into start, "
          "end; end");
    WHOLE("create procedure p() begin drop table if exists t; create table if not exists t (a int); end");
    WHOLE("create table event (a int)");
    WHOLE("create table begin (a int)");
    WHOLE("create definer = x view v as select a event from t");
}

/* One routine with most of what routines hold. */
Test(split_mysql, a_long_routine)
{
    WHOLE("create definer = current_user procedure if not exists p(in a enum('x;','y'), inout b int) "
          "language sql not deterministic modifies sql data sql security invoker comment 'it''s; a'\n"
          "main: begin\n"
          "  declare done, n int default 0; -- begin ;\n"
          "  declare c cursor for select id from t for update; # if\n"
          "  declare exit handler for sqlexception, sqlstate '42000' begin /* ; */ rollback; resignal; end;\n"
          "  declare continue handler for not found if done then set n = 1; else set done = 1; end if;\n"
          "  open c;\n"
          "  again: loop\n"
          "    fetch c into n;\n"
          "    if done then leave again; elseif n = 1 then iterate again; else begin end; end if;\n"
          "    case when n > case when a = 'x' then 1 else 2 end then set b = if(b, 1, 2);\n"
          "      else case a when 'y' then begin while b > 0 do set b = b - 1; end while; end; else begin "
          "end; end case;\n"
          "    end case;\n"
          "    repeat set n = n + 1; until n > 5 or case when b then 1 end = 1 end repeat;\n"
          "  end loop again;\n"
          "  close c;\n"
          "  begin declare end int; set end = 1; select end, t.end from t; end;\n"
          "end main");
}

Test(split_mysql, compound_statements_of_mariadb)
{
    WHOLE("begin not atomic select 1; if a then select 2; end if; end");
    WHOLE("if a then select 1; end if");
    WHOLE("for i in 1..3 do select i; end for");
    WHOLE("while a do select 1; end while");
    SPLITS("begin; select 1; commit; begin work; select 2", "begin", "select 1", "commit", "begin work",
           "select 2", NULL);
}

Test(split_mysql, what_is_not_closed_is_told_where_it_begins)
{
    REFUSES("select 1;\nselect 'a\\';", "a.sql:2:8: error: string that begins here is not closed\n");
    REFUSES("select \"a", "a.sql:1:8: error: string that begins here is not closed\n");
    REFUSES("set sql_mode=ansi;select \"a",
            "a.sql:1:26: error: quoted identifier that begins here is not closed\n");
    REFUSES("select `a", "a.sql:1:8: error: quoted identifier that begins here is not closed\n");
    REFUSES("select 1; /* x", "a.sql:1:11: error: comment that begins here is not closed\n");
    REFUSES("select 1; /*!50000 select 1;",
            "a.sql:1:11: error: versioned comment that begins here is not closed\n");
    REFUSES("select 1; /*!99\\- x", "a.sql:1:11: error: comment that begins here is not closed\n");
    REFUSES("create procedure p()\nbegin if a then select 1; end; select 2;",
            "a.sql:2:1: error: compound statement that begins here is not closed by END; (write DELIMITER "
            "around it if "
            "it is)\n");
    REFUSES("select 1;\n begin not atomic select 1;", "a.sql:2:2: error: compound statement that begins here "
                                                      "is not closed by END; (write DELIMITER around it if "
                                                      "it is)\n");
}

Test(split_mysql, client_commands_are_refused_by_name)
{
    REFUSES("select 1\\G\nselect 2;\n\\. file.sql\n",
            "a.sql:1:9: error: client command \\G is not SQL: remove it, or end the statement with ;\n"
            "a.sql:3:1: error: client command \\. is not SQL: remove it, or end the statement with ;\n");
}
