/* Every row of the table of statement classes: which statement finds it, what it names, what its picture
 * shows, and what follows from an equal and from another picture. */
#include "schema/settle.h"
#include "schema/statement_class.h"

#include "base/diagnostics.h"

#include <criterion/criterion.h>
#include <string.h>

#define MY DIALECT_MYSQL
#define MA DIALECT_MARIADB
#define PG DIALECT_POSTGRES
#define LITE DIALECT_SQLITE

typedef struct ClassCase {
    Dialect dialect;
    const char *sql;
    const char *class;
    const char *objects; /* "table a, table s.b" */
    SettleRule equal;
    SettleRule differs;
    unsigned parts;
} ClassCase;

static const char *const kinds[] = {
    [OBJECT_TABLE] = "table",     [OBJECT_INDEX] = "index",           [OBJECT_TRIGGER] = "trigger",
    [OBJECT_ROUTINE] = "routine", [OBJECT_EVENT] = "event",           [OBJECT_DATABASE] = "database",
    [OBJECT_EVERYTHING] = "all",  [OBJECT_TABLESPACE] = "tablespace",
};

static StatementFacts *facts_of(Dialect dialect, const char *sql)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Script) script =
        script_split(sql, strlen(sql), dialect, (SourcePlace){.file = "test"}, problems);
    cr_assert(script && script_length(script) == 1, "%s", sql);
    const Statement *statement = script_at(script, 0);
    return statement_facts_new(script_text(script) + statement->start, statement->length, statement->kind,
                               dialect);
}

static char *objects_text(const StatementFacts *facts)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < facts->objects->len; i++) {
        const ObjectName *object = facts->objects->pdata[i];
        g_string_append_printf(text, "%s%s", i ? ", " : "", kinds[object->kind]);
        if (object->name)
            g_string_append_printf(text, " %s%s%s", object->schema ? object->schema : "",
                                   object->schema ? "." : "", object->name);
        if (object->table)
            g_string_append_printf(text, " on %s", object->table);
    }
    return g_string_free(text, FALSE);
}

static void expect_class(const ClassCase *row)
{
    g_autoptr(StatementFacts) facts = facts_of(row->dialect, row->sql);
    g_autofree char *objects = objects_text(facts);
    cr_expect(strstr(facts->class->name, row->class), "%s: %s, not %s", row->sql, facts->class->name,
              row->class);
    cr_expect_str_eq(objects, row->objects, "%s: %s, not %s", row->sql, objects, row->objects);
    cr_expect_eq(facts->equal, row->equal, "%s: equal %d", row->sql, (int)facts->equal);
    cr_expect_eq(facts->differs, row->differs, "%s: differs %d", row->sql, (int)facts->differs);
    cr_expect_eq(facts->parts, row->parts, "%s: parts %x", row->sql, facts->parts);
    cr_expect(facts->class->source && *facts->class->source);
}

#define EXPECT_CLASSES(rows)                                                                                 \
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)                                                           \
    expect_class(&rows[i])

#define REPEAT SETTLE_REPEAT, SETTLE_REPEAT
#define ASK SETTLE_ASK, SETTLE_ASK
#define DONE SETTLE_REPEAT, SETTLE_DONE
#define MADE SETTLE_REPEAT, SETTLE_MADE
#define GONE SETTLE_REPEAT, SETTLE_GONE_OR_ASK

TestSuite(statement_class);

Test(statement_class, of_the_session)
{
    static const ClassCase rows[] = {
        {MA, "set names utf8mb4", "SET", "", REPEAT, 0},
        {MY, "use other", "SET", "", REPEAT, 0},
        {MA, "set global max_connections = 5", "SET", "", REPEAT, 0},
        {PG, "set search_path = x", "SET", "", REPEAT, 0},
        {LITE, "pragma user_version = 3", "SET", "", REPEAT, 0},
        {LITE, "attach 'x.db' as x", "ATTACH", "", REPEAT, 0},
        {MA, "prepare s from 'select 1'", "PREPARE", "", REPEAT, 0},
        {MA, "deallocate prepare s", "PREPARE", "", REPEAT, 0},
        {MA, "drop prepare s", "PREPARE", "", REPEAT, 0},
        {MY, "create temporary table x (n int)", "TEMPORARY", "", REPEAT, 0},
        {MA, "create or replace temporary table x (n int)", "TEMPORARY", "", REPEAT, 0},
        {MA, "drop temporary table x", "TEMPORARY", "", REPEAT, 0},
    };
    EXPECT_CLASSES(rows);
}

Test(statement_class, tables_of_mysql)
{
    static const ClassCase rows[] = {
        {MA, "create table a (n int)", "CREATE TABLE, SEQUENCE", "table a", MADE, 0},
        {MY, "create table if not exists `x`.`a``b` (n int)", "CREATE TABLE, SEQUENCE", "table x.a`b", MADE,
         0},
        {MA, "create table a like b", "CREATE TABLE, SEQUENCE", "table a", MADE, 0},
        {MA, "create sequence s start with 5", "CREATE TABLE, SEQUENCE", "table s", MADE, 0},
        {MA, "create table a select * from b", "CREATE TABLE, SEQUENCE", "table a", MADE, 0},
        {MY, "create table a as select * from b", "CREATE TABLE … SELECT", "table a", SETTLE_REPEAT,
         SETTLE_ASK, 0},
        {MA, "create or replace table a (n int)", "CREATE OR REPLACE TABLE", "table a", SETTLE_ASK,
         SETTLE_MADE, PICTURE_OPTIONS | PICTURE_COLUMNS | PICTURE_INDEXES | PICTURE_CONSTRAINTS},
        {MA, "drop table a", "DROP TABLE", "table a", SETTLE_REPEAT, SETTLE_GONE_OR_ASK, 0},
        {MA, "drop table a, nosuch, x.b restrict", "DROP TABLE", "table a, table nosuch, table x.b",
         SETTLE_REPEAT, SETTLE_GONE_OR_ASK, 0},
        {MA, "drop table if exists a, b", "IF EXISTS", "table a, table b", SETTLE_REPEAT,
         SETTLE_GONE_OR_REPEAT, 0},
        {MY, "drop view v", "DROP TABLE", "table v", SETTLE_REPEAT, SETTLE_GONE_OR_ASK, 0},
        {MA, "drop sequence s", "DROP TABLE", "table s", SETTLE_REPEAT, SETTLE_GONE_OR_ASK, 0},
        {MA, "rename table a to b", "RENAME TABLE", "table a, table b", DONE, 0},
        {MA, "rename table a to a_old, a_new to a", "RENAME TABLE",
         "table a, table a_old, table a_new, table a", DONE, 0},
        {MA, "rename table a to t, b to a, t to b", "RENAME TABLE",
         "table a, table t, table b, table a, table t, table b", SETTLE_ASK, SETTLE_DONE,
         PICTURE_OPTIONS | PICTURE_COLUMNS | PICTURE_INDEXES},
        {MY, "truncate table a", "TRUNCATE", "", ASK, 0},
        {MY, "create unique index i using btree on x.a (n)", "CREATE INDEX", "table x.a", DONE,
         PICTURE_INDEXES},
        {MA, "create or replace index i on a (n)", "CREATE INDEX", "table a", DONE, PICTURE_INDEXES},
        {MA, "drop index if exists i on a", "DROP INDEX", "table a", DONE, PICTURE_INDEXES},
        {MA, "/*!50100 create table a (n int) */", "CREATE TABLE, SEQUENCE", "table a", MADE, 0},
        {MA, "set statement max_statement_time = 5 for drop table a", "DROP TABLE", "table a", SETTLE_REPEAT,
         SETTLE_GONE_OR_ASK, 0},
    };
    EXPECT_CLASSES(rows);
}

Test(statement_class, programs_of_mysql)
{
    static const ClassCase rows[] = {
        {MA, "create view v as select 1", "CREATE VIEW", "table v", MADE, 0},
        {MY, "create algorithm = merge definer = `a`@`%` sql security invoker view v as select 1",
         "CREATE VIEW", "table v", MADE, 0},
        {MA, "create or replace view v as select 1", "CREATE OR REPLACE VIEW", "", REPEAT, 0},
        {MA, "create or replace procedure p() select 1", "CREATE OR REPLACE VIEW", "", REPEAT, 0},
        {MA, "create definer = current_user() trigger t before insert on x.a for each row set @a = 1",
         "CREATE TRIGGER", "trigger x.t on a", MADE, 0},
        {MY, "create trigger if not exists t after update on a for each row set @a = 1", "CREATE TRIGGER",
         "trigger t on a", MADE, 0},
        {MY, "create procedure p() select 1", "CREATE PROCEDURE", "routine p", MADE, 0},
        {MA, "create aggregate function f(x int) returns int return 1", "CREATE PROCEDURE", "routine f", MADE,
         0},
        {MY, "create function f returns string soname 'x.so'", "SONAME", "", ASK, 0},
        {MY, "create event e on schedule every 1 day do select 1", "CREATE EVENT", "event e", MADE, 0},
        {MY, "alter event e disable", "ALTER EVENT", "event e", DONE, 0},
        {MY, "alter view v as select 2", "ALTER VIEW", "", REPEAT, 0},
        {MY, "alter database d character set utf8mb4", "ALTER VIEW", "", REPEAT, 0},
        {MA, "alter sequence s restart 5", "RESTART", "", ASK, 0},
        {MA, "alter sequence s increment 5", "ALTER SEQUENCE", "", REPEAT, 0},
        {MY, "drop trigger if exists x.t", "DROP TRIGGER", "trigger x.t", GONE, 0},
        {MY, "drop procedure p", "DROP PROCEDURE", "routine p", DONE, 0},
        {MY, "drop event e", "DROP EVENT", "event e", GONE, 0},
        {MY, "create database d", "CREATE DATABASE", "database d", MADE, 0},
        {MA, "create or replace database d", "CREATE OR REPLACE DATABASE", "", ASK, 0},
        {MY, "drop schema d", "DROP DATABASE", "database d", SETTLE_REPEAT, SETTLE_GONE_OR_REPEAT, 0},
    };
    EXPECT_CLASSES(rows);
}

Test(statement_class, accounts_and_the_server_of_mysql)
{
    static const ClassCase rows[] = {
        {MY, "grant select on x.* to a", "GRANT", "", REPEAT, 0},
        {MY, "revoke all on x.* from a", "GRANT", "", REPEAT, 0},
        {MY, "create user if not exists a", "USER, ROLE with IF", "", REPEAT, 0},
        {MY, "drop user if exists a, b", "USER, ROLE with IF", "", REPEAT, 0},
        {MY, "create user a, b", "of several", "", ASK, 0},
        {MY, "create user a", "other DDL", "", ASK, 0},
        {MA, "set password for a = password('x')", "SET PASSWORD", "", REPEAT, 0},
        {MY, "analyze local table a", "ANALYZE", "", REPEAT, 0},
        {MY, "optimize table a", "ANALYZE", "", REPEAT, 0},
        {MY, "repair table a", "ANALYZE", "", REPEAT, 0},
        {MY, "flush tables", "ANALYZE", "", REPEAT, 0},
        {MY, "install plugin x soname 'x.so'", "other DDL", "", ASK, 0},
        {MA, "call p()", "not listed", "all", ASK, 0},
        {MA, "do sleep(1)", "not listed", "all", ASK, 0},
        {MA, "execute s", "not listed", "all", ASK, 0},
        {MA, "begin not atomic select 1; end", "not listed", "all", ASK, 0},
        {MA, "shutdown", "not listed", "all", ASK, 0},
    };
    EXPECT_CLASSES(rows);
}

Test(statement_class, alter_table)
{
#define COLUMNS PICTURE_COLUMNS
#define INDEXES PICTURE_INDEXES
#define CONSTRAINTS PICTURE_CONSTRAINTS
    static const ClassCase rows[] = {
        {MA, "alter table a add c int", "ALTER", "table a", DONE, COLUMNS},
        {MA, "alter table if exists a add column if not exists (c int, d int)", "ALTER", "table a", DONE,
         COLUMNS},
        {MA, "alter table a add index i (n), drop key j", "ALTER", "table a", DONE, INDEXES},
        {MA, "alter table a add constraint f foreign key (n) references b (n)", "ALTER", "table a", DONE,
         CONSTRAINTS | INDEXES},
        {MA, "alter table a add c int references b (n)", "ALTER", "table a", DONE, COLUMNS | CONSTRAINTS},
        {MA, "alter table a modify c int check (c > 0)", "ALTER", "table a", DONE,
         COLUMNS | INDEXES | CONSTRAINTS},
        {MA, "alter table a change c d int", "ALTER", "table a", DONE, COLUMNS | INDEXES},
        {MA, "alter table a change c d int, change d c int", "ALTER", "table a", SETTLE_ASK, SETTLE_DONE,
         COLUMNS | INDEXES},
        {MY, "alter table a rename column c to d, rename column d to c", "ALTER", "table a", SETTLE_ASK,
         SETTLE_DONE, COLUMNS},
        {MY, "alter table a change c c int, change d d bigint", "ALTER", "table a", DONE, COLUMNS | INDEXES},
        {MA, "alter table a drop c, add column c int", "ALTER", "table a", SETTLE_ASK, SETTLE_DONE, COLUMNS},
        {MA, "alter table a drop column C, add (b int, c int)", "ALTER", "table a", SETTLE_ASK, SETTLE_DONE,
         COLUMNS},
        {MA, "alter table a drop c, add d int", "ALTER", "table a", DONE, COLUMNS},
        {MA, "alter table a alter c set default 5", "ALTER", "table a", DONE, COLUMNS},
        {MA, "alter table a rename to x.b", "ALTER", "table a, table x.b", DONE, 0},
        {MA, "alter table a rename index i to j", "ALTER", "table a", DONE, INDEXES},
        {MA, "alter table a engine = innodb", "ALTER", "table a", DONE, PICTURE_OPTIONS},
        {MA, "alter table a force, algorithm = copy, lock = shared", "ALTER", "table a", DONE, 0},
        {MA, "alter table a auto_increment = 5", "ALTER", "table a", DONE, 0},
        {MA, "alter table a convert to character set utf8mb4", "ALTER", "table a", DONE,
         PICTURE_OPTIONS | COLUMNS},
        {MA, "alter table a comment 'x', drop primary key", "ALTER", "table a", DONE,
         PICTURE_OPTIONS | INDEXES},
        {MA, "alter table a drop partition p", "ALTER", "table a", DONE, PICTURE_PARTITIONS},
        {MA, "alter table a partition by hash (n) partitions 4", "ALTER", "table a", DONE,
         PICTURE_PARTITIONS},
        {MA, "alter table a remove partitioning", "ALTER", "table a", DONE, PICTURE_PARTITIONS},
        {MA, "alter table a truncate partition p", "ALTER", "table a", ASK, PICTURE_PARTITIONS},
        {MA, "alter table a exchange partition p with table b", "ALTER", "table a", ASK, PICTURE_PARTITIONS},
        {MA, "alter table a discard tablespace", "ALTER", "table a", ASK, 0},
        {MA, "alter table a import tablespace", "ALTER", "table a", ASK, 0},
        {MA, "alter table a convert partition p to table b", "ALTER", "table a", ASK, PICTURE_PARTITIONS},
        {MA, "alter table a add c int, import tablespace", "ALTER", "table a", ASK, COLUMNS},
        {MA, "alter ignore table a wait 5 add unique (n)", "ALTER", "table a", DONE, INDEXES},
        {MA, "alter table a something new", "ALTER", "table a", ASK, 0},
    };
    EXPECT_CLASSES(rows);
}

Test(statement_class, outside_of_transactions_on_postgres)
{
    static const ClassCase rows[] = {
        {PG, "create unique index concurrently if not exists I on only S.\"T\" (n)",
         "CREATE INDEX CONCURRENTLY", "table s.T", SETTLE_REPEAT, SETTLE_INDEX, PICTURE_INDEXES},
        {PG, "create index concurrently on t (n)", "CREATE INDEX CONCURRENTLY", "table t", SETTLE_REPEAT,
         SETTLE_INDEX, PICTURE_INDEXES},
        {PG, "drop index concurrently if exists s.i", "DROP INDEX CONCURRENTLY", "index s.i", SETTLE_REPEAT,
         SETTLE_GONE_OR_REPEAT, PICTURE_INDEXES},
        {PG, "reindex (verbose) table concurrently t", "REINDEX CONCURRENTLY", "table t", SETTLE_REPEAT,
         SETTLE_REINDEX, PICTURE_INDEXES},
        {PG, "reindex index concurrently i", "REINDEX CONCURRENTLY", "index i", SETTLE_REPEAT, SETTLE_REINDEX,
         PICTURE_INDEXES},
        {PG, "reindex schema concurrently s", "REINDEX CONCURRENTLY", "all", SETTLE_REPEAT, SETTLE_REINDEX,
         PICTURE_INDEXES},
        {PG, "alter table t detach partition p concurrently", "DETACH", "table t", SETTLE_REPEAT,
         SETTLE_DETACH, PICTURE_PARTITIONS},
        {PG, "create database d", "CREATE DATABASE", "database d", MADE, 0},
        {PG, "drop database if exists d", "DROP DATABASE", "database d", SETTLE_REPEAT, SETTLE_GONE_OR_REPEAT,
         0},
        {PG, "create tablespace x location '/x'", "CREATE TABLESPACE", "tablespace x", MADE, 0},
        {PG, "drop tablespace x", "DROP TABLESPACE", "tablespace x", SETTLE_REPEAT, SETTLE_GONE_OR_REPEAT, 0},
        {PG, "vacuum full t", "VACUUM", "", REPEAT, 0},
        {PG, "reindex table t", "VACUUM", "", REPEAT, 0},
        {PG, "cluster t using i", "VACUUM", "", REPEAT, 0},
        {PG, "alter system set work_mem = '5MB'", "ALTER SYSTEM", "", REPEAT, 0},
        {PG, "notify x", "LISTEN", "", REPEAT, 0},
        {PG, "create subscription s connection 'x' publication p", "SUBSCRIPTION", "", ASK, 0},
        {PG, "call p()", "not listed", "all", ASK, 0},
        {PG, "do $$begin end$$", "DO without COMMIT", "", REPEAT, 0},
        {PG, "do $$begin Commit; end$$", "not listed", "all", ASK, 0},
        {LITE, "vacuum", "VACUUM", "", REPEAT, 0},
        {LITE, "vacuum into 'x.db'", "VACUUM INTO", "", ASK, 0},
    };
    EXPECT_CLASSES(rows);
}

/* ---- What is expected of it ---- */

static char *expected_text(const char *sql)
{
    g_autoptr(StatementFacts) facts = facts_of(MA, sql);
    g_ptr_array_add(facts->expected, NULL);
    return g_strjoinv(", ", (char **)facts->expected->pdata);
}

Test(statement_class, what_its_picture_shows_afterwards)
{
    static const char *const rows[][2] = {
        {"alter table a add c int, drop column if exists d", "+column a.c: , -column a.d: "},
        {"alter table x.a change column c d int", "-column a.c: , +column a.d: "},
        {"alter table a add unique key if not exists u (c), drop index `I`", "+index a.u , -index a.I "},
        {"alter table a drop index i, add index i (c)", ""},
        {"alter table a drop c, add c int", ""},
        {"alter table a add index (c), add primary key (c), drop primary key", ""},
        {"alter table a add c int, rename to x.b", "+table a: absent, -table x.b: absent"},
        {"alter table a modify c int", ""},
        {"create index i on a (c)", "+index a.i "},
        {"drop index i on a", "-index a.i "},
        {"rename table a to b", "+table a: absent, -table b: absent"},
        {"rename table a to t, b to a, t to b", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = expected_text(rows[i][0]);
        cr_expect_str_eq(text, rows[i][1], "%s: %s, not %s", rows[i][0], text, rows[i][1]);
    }
}

/* ---- What a transaction of ours holds ---- */

Test(statement_class, what_can_be_wrapped)
{
    static const struct {
        Dialect dialect;
        const char *sql;
        bool wrapped;
    } rows[] = {
        {MA, "insert into a values (1)", true},
        {MA, "select 1", true},
        {MA, "create table a (n int)", false},
        {MA, "set @x = 1", false},
        {MA, "call p()", false},
        {PG, "create table a (n int)", true},
        {PG, "alter table a add n int", true},
        {PG, "insert into a values (1)", true},
        {PG, "refresh materialized view m", true},
        {PG, "create index concurrently i on a (n)", false},
        {PG, "reindex table a", false},
        {PG, "create subscription s connection 'x' publication p", false},
        {PG, "do $$begin end$$", true},
        {PG, "do $$begin call p(); end$$", false},
        {PG, "set work_mem = '5MB'", false},
        {LITE, "create table a (n int)", true},
        {LITE, "pragma foreign_keys = off", false},
        {LITE, "vacuum", false},
        {LITE, "attach 'x' as x", false},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StatementFacts) facts = facts_of(rows[i].dialect, rows[i].sql);
        cr_expect_eq(facts->can_be_wrapped, rows[i].wrapped, "%s", rows[i].sql);
    }
}

/* A session that reads backslashes otherwise may leave quotes open to us: then nothing is known. */
Test(statement_class, what_cannot_be_read_is_not_listed)
{
    static const char sql[] = "alter table a comment 'x\\'";
    g_autoptr(StatementFacts) facts = statement_facts_new(sql, strlen(sql), STATEMENT_DDL, MA);
    cr_expect_eq(facts->equal, SETTLE_ASK);
    cr_expect_eq(facts->differs, SETTLE_ASK);
    cr_expect_not(facts->class->failed_is_clean);
}

/* The page that tells people what is decided how. */
Test(statement_class, every_row_is_documented)
{
    g_autofree char *page = NULL;
    cr_assert(g_file_get_contents(TEST_DATA "/../docs/explanation/open-statements.md", &page, NULL, NULL));
    for (gsize i = 0; statement_class_at(i); i++)
        cr_expect_not_null(strstr(page, statement_class_at(i)->name), "%s", statement_class_at(i)->name);
}

/* ---- Certain once it took effect ---- */

static bool certain(const char *text, StatementKind kind)
{
    g_autoptr(StatementFacts) facts = statement_facts_new(text, strlen(text), kind, DIALECT_MARIADB);
    return settlement_is_certain(facts);
}

Test(statement_class, a_statement_whose_effect_shows_is_certain)
{
    cr_expect(certain("create table a (n int)", STATEMENT_DDL));
    cr_expect(certain("create index i on a (n)", STATEMENT_DDL));
    cr_expect(certain("alter table a add m int", STATEMENT_DDL));
    cr_expect(certain("drop table a, b", STATEMENT_DDL));
    cr_expect(certain("create or replace view v as select 1", STATEMENT_DDL));
    cr_expect(certain("analyze table a", STATEMENT_DDL));
}

Test(statement_class, one_that_may_take_a_person_is_not)
{
    cr_expect_not(certain("truncate table a", STATEMENT_DDL));
    cr_expect_not(certain("call p()", STATEMENT_CALL));
    cr_expect_not(certain("create or replace table a (n int)", STATEMENT_DDL));
    cr_expect_not(certain("alter table a rename column n to m, rename column m to n", STATEMENT_DDL));
    cr_expect_not(certain("rename table a to b, b to a", STATEMENT_DDL));
}

/* ---- What a statement can set ---- */

TestSuite(statement_session);

static void expect_leaves(Dialect dialect, const char *const *statements, bool leaves)
{
    for (; *statements; statements++) {
        g_autoptr(StatementFacts) facts = facts_of(dialect, *statements);
        cr_expect_eq(facts->leaves_session, leaves, "%s", *statements);
    }
}

Test(statement_session, ddl_of_tables_and_programs_changes_no_setting)
{
    static const char *const statements[] = {
        "create table a (n int)",
        "create unique index a_n on a (n)",
        "alter table a add column m int default 5, add index (m)",
        "drop index a_n on a",
        "rename table a to b",
        "drop table if exists a, b",
        "create procedure p() set time_zone = '+00:00'",
        "create event e on schedule every 1 day do set sql_mode = ''",
        NULL,
    };
    expect_leaves(MA, statements, true);
    expect_leaves(MY, statements, true);
}

/* A stored function or a trigger may SET; dropping the session's database leaves it without one. */
Test(statement_session, what_may_run_a_users_program_may_change_any)
{
    static const char *const statements[] = {
        "set names latin1",
        "use other",
        "call p()",
        "select f()",
        "insert into a values (f())",
        "update a set n = 1",
        "create table a as select f() as n",
        "create table a /*!50100 select f() as n */",
        "create table a table v",
        "create table a values (1)",
        "create temporary table a (n int)",
        "drop database a",
        "create or replace database a",
        "set role r",
        "set statement time_zone = '+01:00' for create table a (n int)",
        "truncate a",
        "lock tables a write",
        "xyz",
        NULL,
    };
    expect_leaves(MA, statements, false);
}

Test(statement_session, where_event_triggers_may_run_nothing_is_said)
{
    static const char *const statements[] = {"create table a (n int)",
                                             "create index concurrently a_n on a (n)",
                                             "reindex index concurrently a_n", NULL};
    expect_leaves(PG, statements, false);
}

/* ---- What tells by itself ---- */

TestSuite(statement_witnesses);

static void expect_witnesses(const char *sql, const char *wanted)
{
    g_autoptr(StatementFacts) facts = facts_of(MA, sql);
    g_autoptr(GString) found = g_string_new(NULL);
    for (guint i = 0; facts->witnesses && i < facts->witnesses->len; i++) {
        const PartName *witness = facts->witnesses->pdata[i];
        g_string_append_printf(found, "%s%s %s", i ? ", " : "",
                               witness->part == PICTURE_COLUMNS ? "column" : "index", witness->name);
    }
    cr_expect_str_eq(found->str, wanted, "%s: %s", sql, found->str);
}

Test(statement_witnesses, one_that_comes_or_goes_for_sure)
{
    expect_witnesses("create index i on a (n)", "index i");
    expect_witnesses("drop index i on a", "index i");
    expect_witnesses("alter table a add c int, modify d text", "column c");
    expect_witnesses("alter table a drop column c", "column c");
    expect_witnesses("alter table a add unique key i (n), comment 'x'", "index i");
    expect_witnesses("alter table a change c d int", "column c, column d");
    expect_witnesses("alter table a drop index i, add column if not exists c int", "index i, column c");
}

Test(statement_witnesses, else_whole_parts)
{
    expect_witnesses("create or replace index i on a (n)", "");
    expect_witnesses("create index if not exists i on a (n)", "");
    expect_witnesses("drop index if exists i on a", "");
    expect_witnesses("alter table a add column if not exists c int, modify d text", "");
    expect_witnesses("alter table a modify d text", "");
    expect_witnesses("alter table a change c c int", "");
    expect_witnesses("alter table a drop c, add c int", "");
    expect_witnesses("alter table a rename column x to y, rename column y to x", "");
    expect_witnesses("alter table a add c int, rename to b", "");
    expect_witnesses("alter table a add index (n)", "");
    expect_witnesses("alter table a add c int, truncate partition p", "");
}
