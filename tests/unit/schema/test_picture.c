/* Pictures and settlements on real servers. Each case makes what its statement needs, takes the picture twice
 * (it must be the same), runs the statement, and takes it again: what is judged from "not run" and from "run"
 * must be what the class promises. */
#include "../drivers/engine_fixture.h"
#include "schema/settle.h"

typedef struct PictureCase {
    const char *setup; /* statements with ";" between; NULL */
    const char *sql;
    Verdict not_run;
    Verdict run;
} PictureCase;

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

static void run_all(Connection *self, const char *script)
{
    g_auto(GStrv) statements = g_strsplit(script ? script : "", "; ", -1);
    for (char **sql = statements; *sql; sql++)
        if (*g_strstrip(*sql))
            run(self, *sql);
}

/* NULL: nothing to picture. */
static char *picture_of(Connection *self, const StatementFacts *facts)
{
    static const char *const hidden[] = {"dbfleet_version", NULL};
    g_auto(Picture) picture = {0};
    picture_init(&picture, facts, self->server.dialect, hidden);
    if (!picture.value)
        return NULL;
    for (guint i = 0; i < picture.prelude->len; i++)
        run(self, picture.prelude->pdata[i]);
    g_autofree char *query = g_strconcat("SELECT ", picture.value, NULL);
    char *value = ask(self, query);
    for (guint i = 0; i < picture.cleanup->len; i++)
        run(self, picture.cleanup->pdata[i]);
    return value;
}

static Verdict judged(const StatementFacts *facts, const char *before, const char *now)
{
    g_auto(Settlement) settlement = {0};
    settlement_judge(&settlement, facts, before, now, false);
    return settlement.verdict;
}

static void expect_case(Connection *self, const PictureCase *row)
{
    g_autoptr(StatementFacts) facts = facts_of(self->server.dialect, row->sql);
    run_all(self, row->setup);
    g_autofree char *before = picture_of(self, facts);
    g_autofree char *again = picture_of(self, facts);
    cr_expect_eq(g_strcmp0(before, again), 0, "%s:\n%s\nnot\n%s", row->sql, before, again);
    cr_expect_eq(judged(facts, before, again), row->not_run, "%s not run: %d", row->sql,
                 (int)judged(facts, before, again));
    run(self, row->sql);
    g_autofree char *after = picture_of(self, facts);
    cr_expect_eq(judged(facts, before, after), row->run, "%s run: %d\nbefore: %s\nafter: %s", row->sql,
                 (int)judged(facts, before, after), before, after);
}

static void expect_cases(EngineId engine, const PictureCase *rows, gsize count)
{
    use_engine(engine);
    g_autoptr(Connection) self = open_plain();
    for (gsize i = 0; i < count; i++)
        expect_case(self, &rows[i]);
}

#define NEXT VERDICT_REPEAT, VERDICT_DONE
#define AGAIN VERDICT_REPEAT, VERDICT_REPEAT
#define PERSON VERDICT_ASK, VERDICT_ASK

TestSuite(pictures, .timeout = 120, .fini = remove_database);

Test(pictures, of_tables_on_mysql)
{
    static const PictureCase rows[] = {
        {NULL, "create table a (id int primary key, n int) engine=innodb", NEXT},
        {NULL, "create table if not exists a (id int)", AGAIN},
        {NULL, "create table p (id int primary key)", NEXT},
        {NULL, "create index a_n on a (n)", NEXT},
        {NULL, "create or replace index a_n on a (n, id)", NEXT},
        {NULL, "alter table a add c varchar(10), add d int default 5", NEXT},
        {NULL, "alter table a modify c varchar(20)", NEXT},
        {NULL, "alter table a modify c varchar(20) comment 'it''s'", NEXT},
        {NULL, "alter table a change d e int default 5", NEXT},
        {NULL, "alter table a alter e set default 6", NEXT},
        {NULL, "alter table a add constraint f foreign key (n) references p (id)", NEXT},
        {NULL, "alter table a add constraint pos check (e > 0)", NEXT},
        {NULL, "alter table a drop constraint pos", NEXT},
        {NULL, "alter table a drop foreign key f", NEXT},
        {NULL, "alter table a comment 'new', row_format=dynamic", NEXT},
        {NULL, "alter table a convert to character set latin1", NEXT},
        {NULL, "alter table a engine=innodb", AGAIN},
        {NULL, "alter table a force", AGAIN},
        {NULL, "alter table a auto_increment = 5", AGAIN},
        {NULL, "alter table a rename index a_n to a_m", NEXT},
        {NULL, "drop index a_m on a", NEXT},
        {"alter table a add x int; alter table a add y int",
         "alter table a rename column x to y, rename column y to x", VERDICT_ASK, VERDICT_DONE},
        {NULL, "alter table a drop x, add x int", PERSON},
        {NULL, "alter table a rename to b", NEXT},
        {NULL, "rename table b to c", NEXT},
        {"create table q like c", "rename table c to t, q to c, t to q", PERSON},
        {NULL, "create or replace table c (other int)", VERDICT_ASK, VERDICT_DONE},
        {NULL, "create or replace table fresh (n int)", NEXT},
        {NULL, "alter table c partition by hash (other) partitions 2", NEXT},
        {NULL, "alter table c add partition partitions 1", NEXT},
        {NULL, "alter table c remove partitioning", NEXT},
        {NULL, "truncate table c", PERSON},
        {NULL, "drop table c", NEXT},
        {NULL, "drop table p, q", NEXT},
        {NULL, "drop table if exists nosuch", AGAIN},
        {NULL, "create table made as select 1 as one", NEXT},
        {NULL, "create sequence s", NEXT},
        {NULL, "drop sequence s", NEXT},
    };
    expect_cases(ENGINE_MYSQL, rows, G_N_ELEMENTS(rows));
}

Test(pictures, of_columns_and_indexes_that_tell_by_themselves)
{
    static const PictureCase rows[] = {
        {"create table a (id int)", "alter table a add column c int, modify id bigint", NEXT},
        {NULL, "alter table a add column if not exists c int", AGAIN},
        {NULL, "alter table a add column if not exists c int, modify id int", NEXT},
        {NULL, "alter table a add (`Ünï İ` int, `it's` int), add index `a ``i` (c), add key (id)", NEXT},
        {NULL, "alter table a drop `ünï İ`, drop column `it's`, drop index `a ``i`", NEXT},
        {NULL, "alter table a change c d varchar(10)", NEXT},
        {NULL, "alter table a rename column d to c", NEXT},
        {NULL, "alter table a rename column if exists d to e", AGAIN},
        {NULL, "alter table a add d int, rename to b", NEXT},
        {NULL, "create unique index if not exists b_c on b (c)", NEXT},
        {NULL, "create index if not exists b_c on b (c)", AGAIN},
        {NULL, "create fulltext index b_t on b (c)", NEXT},
        {NULL, "drop index if exists b_c on b", NEXT},
        {NULL, "drop index if exists b_c on b", AGAIN},
        {NULL, "alter table if exists nosuch add c int", AGAIN},
    };
    expect_cases(ENGINE_MYSQL, rows, G_N_ELEMENTS(rows));
}

/* What somebody else does to the table meanwhile is not taken for the statement. */
Test(pictures, of_a_column_know_of_no_other)
{
    use_engine(ENGINE_MYSQL);
    g_autoptr(Connection) self = open_plain();
    run(self, "create table a (id int)");
    g_autoptr(StatementFacts) facts = facts_of(DIALECT_MARIADB, "alter table a add column c int");
    g_autofree char *before = picture_of(self, facts);
    run(self, "alter table a add column other int, modify id bigint");
    g_autofree char *meanwhile = picture_of(self, facts);
    run(self, "alter table a add column c int");
    g_autofree char *after = picture_of(self, facts);

    cr_expect_str_eq(before, "no column a.c");
    cr_expect_str_eq(meanwhile, before);
    cr_expect_str_eq(after, "column a.c: there");
}

/* What `dialect` says of it: MySQL's way reads information_schema only, which MariaDB can do, too. */
static char *column_picture(Connection *self, Dialect dialect, const char *sql)
{
    g_autoptr(StatementFacts) facts = facts_of(DIALECT_MARIADB, sql);
    Dialect own = self->server.dialect;
    self->server.dialect = dialect;
    char *picture = picture_of(self, facts);
    self->server.dialect = own;
    return picture;
}

static void expect_asked(Connection *self, const char *sql, const char *wanted)
{
    g_autofree char *asked = column_picture(self, DIALECT_MARIADB, sql);
    g_autofree char *read = column_picture(self, DIALECT_MYSQL, sql);
    cr_expect_str_eq(asked, wanted, "%s:\n%s", sql, asked);
    cr_expect_str_eq(read, wanted, "%s:\n%s", sql, read);
    expect_value(self, "select @@lock_wait_timeout", "5");
}

static void expect_asked_columns(Connection *self)
{
    expect_asked(self, "alter table a add n int", "no column a.n");
    expect_asked(self, "alter table a drop c", "column a.c: there");
    expect_asked(self, "alter table a drop HIDDEN, add `a.b` int, drop `p q`",
                 "no column a.a.b\ncolumn a.p q: there\ncolumn a.HIDDEN: there");
    expect_asked(self, "alter table nosuch add n int", "no column nosuch.n");
    expect_asked(self, "alter table broken add c int", "no column broken.c");
}

#define NO_READER "select_less"

/* One who may change tables and not read them. */
static Connection *open_no_reader(Connection *self)
{
    run(self, "create or replace user " NO_READER " identified by 'dbfleet-test'");
    g_autofree char *grant =
        g_strdup_printf("grant alter, insert on %s.* to " NO_READER, fixture.url->database);
    run(self, grant);
    g_autoptr(DbUrl) url = db_url_copy(fixture.url);
    fixture_set_part(&url->user, NO_READER);
    fixture_set_part(&url->password, "dbfleet-test");
    return open_session((ConnectOptions){.url = url, .connect_timeout_ms = 10000, .lock_timeout_ms = 5000});
}

Test(pictures, of_columns_that_are_asked_for_are_as_they_are_read)
{
    use_engine(ENGINE_MYSQL);
    g_autoptr(Connection) self = open_plain();
    run(self, "create table b (c int)");
    run(self, "create table a (id int, c point, hidden int invisible, `p q` int as (id) virtual)");
    run(self, "create view broken as select c from b");
    run(self, "alter table b change c d int");
    expect_asked_columns(self);
    run(self, "set sql_mode = 'ORACLE'");
    expect_asked_columns(self);
    g_autoptr(Connection) no_reader = open_no_reader(self);
    expect_asked_columns(no_reader);
    run(self, "drop user " NO_READER);
}

/* A lock that lets information_schema read. */
Test(pictures, of_columns_wait_for_no_lock)
{
    use_engine(ENGINE_MYSQL);
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Connection) other = open_plain();
    run(self, "create table a (c int)");
    run(other, "lock tables a write");
    gint64 start = g_get_monotonic_time();
    expect_asked(self, "alter table a drop c", "column a.c: there");
    cr_expect_lt(milliseconds_since(start), 5000);
}

static guint prelude_length(Dialect dialect, const char *sql)
{
    g_autoptr(StatementFacts) facts = facts_of(dialect, sql);
    g_auto(Picture) picture = {0};
    picture_init(&picture, facts, dialect, NULL);
    guint length = picture.prelude->len;
    picture_clear(&picture);
    return length;
}

Test(pictures, ask_mariadb_for_few_columns_only)
{
    static const char many[] = "alter table a drop a, drop b, drop c, drop d, drop e, drop f, drop g, drop h";
    cr_expect_eq(prelude_length(DIALECT_MARIADB, many), 2);
    g_autofree char *more = g_strconcat(many, ", drop i", NULL);
    cr_expect_eq(prelude_length(DIALECT_MARIADB, more), 1);
    cr_expect_eq(prelude_length(DIALECT_MARIADB, "alter table a drop a, add key k (b)"), 1);
    cr_expect_eq(prelude_length(DIALECT_MYSQL, many), 1);
}

Test(pictures, of_programs_on_mysql)
{
    static const PictureCase rows[] = {
        {"create table a (id int, n int)", "create view v as select id from a", NEXT},
        {NULL, "create or replace view v as select n from a", AGAIN},
        {NULL, "drop view v", NEXT},
        {NULL, "create trigger t before insert on a for each row set new.n = 1", NEXT},
        {NULL, "drop trigger t", NEXT},
        {NULL, "create procedure f() select 1", NEXT},
        {NULL, "create function f() returns int return 1", NEXT},
        {NULL, "drop procedure f", NEXT},
        {NULL, "create event e on schedule every 1 day do select 1", NEXT},
        {NULL, "alter event e on schedule every 2 day", NEXT},
        {NULL, "alter event e rename to g", NEXT},
        {NULL, "drop event g", NEXT},
        {NULL, "set @x = 1", AGAIN},
        {NULL, "analyze table a", AGAIN},
        {"create procedure quiet() do 1", "call quiet()", PERSON},
    };
    expect_cases(ENGINE_MYSQL, rows, G_N_ELEMENTS(rows));
}

Test(pictures, of_indexes_on_postgres)
{
    static const PictureCase rows[] = {
        {"create table \"T\" (id int primary key, n int)", "create index concurrently \"I\" on \"T\" (n)",
         NEXT},
        {NULL, "create index concurrently on \"T\" (n)", NEXT},
        {NULL, "create index concurrently if not exists \"I\" on \"T\" (n)", AGAIN},
        {NULL, "reindex table concurrently \"T\"", AGAIN},
        {NULL, "reindex index concurrently \"I\"", AGAIN},
        {NULL, "drop index concurrently \"I\"", NEXT},
        {"create table p (id int) partition by range (id); create table p1 partition of p for values from "
         "(0) to (9)",
         "alter table p detach partition p1 concurrently", NEXT},
        {NULL, "vacuum \"T\"", AGAIN},
        {NULL, "do 'begin commit; end'", PERSON},
    };
    expect_cases(ENGINE_POSTGRES, rows, G_N_ELEMENTS(rows));
}

/* ---- Parts, one by one ---- */

/* The whole picture of a table, whatever a statement needs of it. */
static char *whole_picture(Connection *self, const char *table)
{
    ObjectName name = {.kind = OBJECT_TABLE, .name = (char *)table};
    g_autoptr(GPtrArray) objects = g_ptr_array_new();
    g_ptr_array_add(objects, &name);
    const StatementFacts facts = {.objects = objects, .parts = PICTURE_ALL};
    return picture_of(self, &facts);
}

/* Each statement changes the table's picture, and the next picture alone is the same. */
static void expect_seen(EngineId engine, const char *make, const char *const *changes)
{
    use_engine(engine);
    g_autoptr(Connection) self = open_plain();
    run_all(self, make);
    g_autofree char *before = whole_picture(self, "t");
    for (; *changes; changes++) {
        run(self, *changes);
        char *now = whole_picture(self, "t");
        cr_expect_str_neq(now, before, "%s is not seen in:\n%s", *changes, now);
        g_free(before);
        before = whole_picture(self, "t");
        cr_expect_str_eq(now, before);
        g_free(now);
    }
}

/* … and these do not. */
static void expect_unseen(Connection *self, const char *const *changes)
{
    g_autofree char *before = whole_picture(self, "t");
    for (; *changes; changes++) {
        run(self, *changes);
        g_autofree char *now = whole_picture(self, "t");
        cr_expect_str_eq(now, before, "%s is seen", *changes);
    }
}

Test(pictures, every_part_of_a_table_on_postgres)
{
    static const char *const changes[] = {
        "alter table t add c text",
        "alter table t alter c type varchar(40)",
        "alter table t alter c set default 'x'",
        "alter table t alter c set not null",
        "comment on column t.c is 'it'",
        "create index t_c on t (c)",
        "alter table t add check (n > 0)",
        "alter table t add unique (n)",
        "alter table t set (fillfactor = 70)",
        "comment on table t is 'it'",
        "alter table t enable row level security",
        "create trigger g before insert on t for each row execute function f()",
        "alter table t disable trigger g",
        "alter table t rename column c to d",
        "drop table t",
        NULL};
    expect_seen(ENGINE_POSTGRES,
                "create table t (id int primary key, n int); "
                "create function f() returns trigger language plpgsql as 'begin return null;end'",
                changes);
}

Test(pictures, every_part_of_a_table_on_sqlite)
{
    static const char *const changes[] = {"alter table t add c text",
                                          "create index t_c on t (c)",
                                          "create trigger g after insert on t begin select 1; end",
                                          "drop index t_c",
                                          "drop table t",
                                          NULL};
    expect_seen(ENGINE_SQLITE, "create table t (id integer primary key, n int)", changes);
}

Test(pictures, rows_and_counters_are_not_in_them)
{
    static const char *const changes[] = {"insert into t (n) values (1), (2)", "analyze table t",
                                          "alter table t auto_increment = 500", NULL};
    use_engine(ENGINE_MYSQL);
    g_autoptr(Connection) self = open_plain();
    run(self, "create table t (id int auto_increment primary key, n int, key (n))");
    expect_unseen(self, changes);
}

Test(pictures, of_everything_are_a_line_an_object_without_ours)
{
    use_engine(ENGINE_MYSQL);
    g_autoptr(Connection) self = open_plain();
    run_all(self, "create table one (n int); create table dbfleet_version (n int); "
                  "create procedure quiet() do 1");
    g_autoptr(StatementFacts) facts = facts_of(DIALECT_MARIADB, "call quiet()");
    g_autofree char *before = picture_of(self, facts);
    run(self, "alter table one add m int");
    g_autofree char *after = picture_of(self, facts);
    g_autofree char *difference = picture_difference(before, after, 20);

    cr_expect(g_str_has_prefix(before, "table one columns "), "%s", before);
    cr_expect_not_null(strstr(before, "procedure quiet"));
    cr_expect_null(strstr(before, "dbfleet_version"));
    cr_expect(
        g_regex_match_simple("^- table one columns \\w+\n\\+ table one columns \\w+$", difference, 0, 0),
        "%s", difference);
}

/* 1,024 bytes of GROUP_CONCAT are MySQL's default. */
Test(pictures, are_not_cut_and_leave_the_session_as_it_was)
{
    use_engine(ENGINE_MYSQL);
    g_autoptr(Connection) self = open_plain();
    g_autoptr(GString) sql = g_string_new("create table t (c0 int comment 'first'");
    for (int i = 1; i < 300; i++)
        g_string_append_printf(sql, ", c%d int comment 'a column among many, number %d'", i, i);
    g_string_append(sql, ")");
    run(self, sql->str);
    run(self, "set group_concat_max_len = 1024");
    g_autofree char *before = whole_picture(self, "t");
    run(self, "alter table t modify c299 bigint");
    g_autofree char *after = whole_picture(self, "t");

    cr_expect_str_neq(before, after, "the last column is not in the picture of %zu bytes", strlen(before));
    expect_value(self, "select @@group_concat_max_len", "1024");
}

Test(pictures, in_every_sql_mode)
{
    static const char *const modes[] = {"ANSI", "TRADITIONAL", "NO_BACKSLASH_ESCAPES",
                                        "EMPTY_STRING_IS_NULL"};
    use_engine(ENGINE_MYSQL);
    g_autoptr(Connection) self = open_plain();
    run(self, "create table t (id int primary key, n int not null default 3, key (n))");
    g_autofree char *plain = whole_picture(self, "t");
    for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
        g_autofree char *set = g_strdup_printf("set sql_mode = '%s'", modes[i]);
        run(self, set);
        g_autofree char *picture = whole_picture(self, "t");
        cr_expect_str_eq(picture, plain, "%s", modes[i]);
    }
}

/* ---- Judging without a server ---- */

static void expect_judged(const char *sql, const char *before, const char *now, bool refused, Verdict wanted,
                          const char *remains)
{
    g_autoptr(StatementFacts) facts = facts_of(DIALECT_POSTGRES, sql);
    g_auto(Settlement) settlement = {0};
    settlement_judge(&settlement, facts, before, now, refused);
    cr_expect_eq(settlement.verdict, wanted, "%s: %d", sql, (int)settlement.verdict);
    cr_expect_eq(settlement.remains->len, remains ? 1 : 0);
    if (remains && settlement.remains->len)
        cr_expect_str_eq(settlement.remains->pdata[0], remains);
}

#define OTHER "index\tvalid\tpublic.o\to\tCREATE"
#define BROKEN "index\tinvalid\tpublic.i\ti\tCREATE"

Test(settling, of_an_index_made_concurrently)
{
    static const char sql[] = "create index concurrently i on t (n)";
    const char *const table = "table t: r\n" OTHER, *const broken = "table t: r\n" OTHER "\n" BROKEN;

    expect_judged(sql, table, table, false, VERDICT_REPEAT, NULL);
    expect_judged(sql, table, broken, false, VERDICT_REPEAT, "public.i");
    expect_judged(sql, table, broken, true, VERDICT_REPEAT, "public.i");
    expect_judged(sql, table, "table t: r\n" OTHER "\nindex\tvalid\tpublic.i\ti\tCREATE", false, VERDICT_DONE,
                  NULL);
    expect_judged(sql, broken, broken, false, VERDICT_REPEAT, NULL);
    expect_judged(sql, table, "table t: r\n" OTHER "\nindex\tinvalid\tpublic.x\tx\tCREATE", false,
                  VERDICT_ASK, NULL);
    expect_judged("create index concurrently on t (n)", table, broken, false, VERDICT_REPEAT, "public.i");
    expect_judged(sql, NULL, broken, false, VERDICT_ASK, NULL);
}

Test(settling, of_a_reindex_drops_its_leftovers_only)
{
    static const char sql[] = "reindex table concurrently t";
    expect_judged(sql, "table t: r\n" OTHER,
                  "table t: r\n" OTHER "\nindex\tinvalid\tpublic.o_ccnew\to_ccnew\tCREATE\n" BROKEN, false,
                  VERDICT_REPEAT, "public.o_ccnew");
}

Test(settling, of_a_detach_that_is_pending)
{
    static const char sql[] = "alter table t detach partition p concurrently";
    const char *const attached = "table t: p\npartition public.p: attached x";

    expect_judged(sql, attached, "table t: p\npartition public.p: detach pending x", false, VERDICT_ASK,
                  NULL);
    expect_judged(sql, attached, "table t: p", false, VERDICT_DONE, NULL);
}

Test(settling, of_a_refused_statement)
{
    g_autoptr(StatementFacts) drop = facts_of(DIALECT_MARIADB, "drop table a, nosuch, b");
    g_auto(Settlement) settlement = {0};
    settlement_judge(&settlement, drop, "table a: base table\ntable nosuch: absent\ntable b: base table",
                     "table a: absent\ntable nosuch: absent\ntable b: absent", true);

    cr_expect_eq(settlement.verdict, VERDICT_ASK);
    cr_expect_str_eq(settlement.difference,
                     "- table a: base table\n- table b: base table\n+ table a: absent\n+ table b: absent");
    expect_judged("call p()", "table a x", "table a x", true, VERDICT_ASK, NULL);
}

/* Somebody who looked after the database after the crash, by hand. */
Test(settling, of_a_change_that_is_not_its_own)
{
    static const struct {
        const char *sql, *before, *now;
        Verdict verdict;
    } rows[] = {
        {"alter table a add c int", "column a.id: int", "column a.id: int\ncolumn a.C: int", VERDICT_DONE},
        {"alter table a add c int", "column a.id: int", "column a.id: bigint", VERDICT_ASK},
        {"alter table a drop c", "column a.id: int\ncolumn a.c: int", "column a.id: bigint\ncolumn a.c: int",
         VERDICT_ASK},
        {"create index i on a (n)", "index a.x 1: n", "index a.x 1: n\nindex a.y 1: n", VERDICT_ASK},
        {"rename table a to b", "table a: base table\ntable b: absent", "table a: absent\ntable b: absent",
         VERDICT_ASK},
        {"drop trigger g", "trigger g: BEFORE", "trigger g: AFTER", VERDICT_ASK},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StatementFacts) facts = facts_of(DIALECT_MARIADB, rows[i].sql);
        cr_expect_eq(judged(facts, rows[i].before, rows[i].now), rows[i].verdict, "%s: %d", rows[i].sql,
                     (int)judged(facts, rows[i].before, rows[i].now));
    }
}
