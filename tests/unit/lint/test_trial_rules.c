/* Rules that look at the schema around each statement, with made-up schemas and measurements. */
#include "lint_fixture.h"

#define P DIALECT_POSTGRES
#define M DIALECT_MARIADB
#define L DIALECT_SQLITE

#define T "table t\nconstraint t.t_pkey; def=PRIMARY KEY (id)\ncolumn t.id; type=bigint; notnull=true\n"

typedef struct TrialCase {
    const char *rules; /* of those of this file's families that are found, besides TX and RV */
    Dialect dialect;
    const char *sql;
    const char *schemas[4];
} TrialCase;

static const TrialCase CASES[] = {
    {"DL01", P, "drop table t", {T, "table u\nconstraint u.k; def=PRIMARY KEY (id)"}},
    {"", P, "create table a (i int); drop table a", {T, T "table a", T}},
    {"BC02", P, "alter table t rename to u", {"table t", "table u"}},
    {"DL05", P, "drop table p", {"table t\ntable p; partition_bound=FOR VALUES", "table t"}},
    {"DL02", P, "alter table t drop column a", {T "column t.a; type=int", T}},
    {"BC01", P, "alter table t rename column a to b", {T "column t.a; type=int", T "column t.b; type=int"}},
    {"BC01", M, "alter table t change a b int", {T "column t.a; type=int", T "column t.b; type=int"}},
    {"BC07 DL02",
     P,
     "alter table t drop column a, add column b int",
     {T "column t.a; type=int", T "column t.b; type=int"}},
    {"BC03 DL03",
     P,
     "alter table t alter a type smallint",
     {T "column t.a; type=integer", T "column t.a; type=smallint"}},
    {"",
     P,
     "alter table t alter a type text",
     {T "column t.a; type=character varying(5)", T "column t.a; type=text"}},
    {"BC03",
     P,
     "alter table t alter a type bigint",
     {T "column t.a; type=integer", T "column t.a; type=bigint"}},
    {"BC04",
     P,
     "alter table t alter a drop not null",
     {T "column t.a; type=int; notnull=true", T "column t.a; type=int"}},
    {"BC04",
     P,
     "alter table t alter a drop default",
     {T "column t.a; type=int; default=5", T "column t.a; type=int"}},
    {"DL06", P, "drop type m", {"enum m; labels='a', 'b'", "enum m; labels='a'"}},
    {"",
     P,
     "alter type m add value 'c' after 'b'",
     {"enum m; labels='a', 'b'", "enum m; labels='a', 'b', 'c'"}},
    {"BC03 DL06",
     M,
     "alter table t modify a enum('x')",
     {T "column t.a; type=enum('x','y')", T "column t.a; type=enum('x')"}},
    {"BC05",
     P,
     "drop index concurrently i",
     {T "column t.a; type=int\nindex t.i; def=USING btree (a)", T "column t.a; type=int"}},
    {"DL02", P, "alter table t drop column a", {T "column t.a; type=int\nindex t.i; def=USING btree (a)", T}},
    {"BC06", P, "drop view v", {T "view v; def=SELECT", T}},
    {"DD01", P, "alter table t add column a int not null", {T, T "column t.a; type=int; notnull=true"}},
    {"",
     P,
     "alter table t add column a int default 0 not null",
     {T, T "column t.a; type=int; notnull=true; default=0"}},
    {"",
     P,
     "create table a (b int not null)",
     {"table t",
      "table t\ntable a\ncolumn a.b; type=int; notnull=true\nconstraint a.k; def=PRIMARY KEY (b)"}},
    {"DD02",
     P,
     "alter table t alter a set not null",
     {T "column t.a; type=int", T "column t.a; type=int; notnull=true"}},
    {"DD03 LK08",
     P,
     "alter table t add unique (a)",
     {T "column t.a; type=int", T "column t.a; type=int\nconstraint t.u; def=UNIQUE (a)"}},
    {"DD03",
     L,
     "create unique index i on t (a)",
     {T "column t.a; type=int", T "column t.a; type=int\nindex t.i; def=(a); unique=true"}},
    {"DD04",
     P,
     "alter table t add check (a > 0)",
     {T "column t.a; type=int", T "column t.a; type=int\nconstraint t.c; def=CHECK (a > 0)"}},
    {"SC14",
     P,
     "alter table t add check (a > 0) not valid",
     {T "column t.a; type=int", T "column t.a; type=int\nconstraint t.c; def=CHECK (a > 0); not_valid=true"}},
    {"DD04 LK07 SC02",
     P,
     "alter table t add foreign key (a) references u",
     {T "column t.a; type=int\ntable u",
      T "column t.a; type=int\ntable u\nconstraint t.f; def=FOREIGN KEY (a) REFERENCES u(id)"}},
    {"LK03",
     P,
     "create index i on t (a)",
     {T "column t.a; type=int", T "column t.a; type=int\nindex t.i; def=USING btree (a)"}},
    {"",
     P,
     "create index concurrently i on t (a)",
     {T "column t.a; type=int", T "column t.a; type=int\nindex t.i; def=USING btree (a)"}},
    {"SC01", P, "create table a (b int)", {"", "table a\ncolumn a.b; type=int"}},
    {"SC03",
     P,
     "create index concurrently i on t (a)",
     {T "column t.a; type=int\nindex t.j; def=USING btree (a, id)",
      T "column t.a; type=int\nindex t.j; def=USING btree (a, id)\nindex t.i; def=USING btree (a)"}},
    {"",
     P,
     "create index concurrently i on t (a)",
     {T "column t.a; type=int\nindex t.j; def=USING btree (a, id) WHERE (a > 0)",
      T "column t.a; type=int\nindex t.j; def=USING btree (a, id) WHERE (a > 0)\nindex t.i; def=USING btree "
        "(a)"}},
    {"SC05",
     P,
     "create table a (id int generated always as identity primary key)",
     {"", "table a\ncolumn a.id; type=integer; identity=ALWAYS; notnull=true\nconstraint a.k; def=PRIMARY "
          "KEY (id)"}},
    {"SC06",
     P,
     "alter table t add column a timestamp",
     {T, T "column t.a; type=timestamp without time zone"}},
    {"SC08", P, "alter table t add column \"A\" int", {T, T "column t.A; type=int"}},
    {"SC08", M, "alter table t add column `order` int", {T, T "column t.order; type=int"}},
    {"SC11", L, "create index i on t (id, a, b, c)", {T, T "index t.i; def=(id, a, b, c)"}},
    {"SC04 SC02",
     L,
     "alter table t add column a int references u",
     {T, T "column t.a; type=int\nconstraint t.f; def=foreign key (a) references u (id)"}},
};

/* Without the rules that every case would meet. */
static bool has_all(const char *rules, const char *wanted)
{
    g_auto(GStrv) list = g_strsplit(wanted, " ", -1);
    for (char **rule = list; *rule; rule++)
        if (!strstr(rules, *rule))
            return false;
    return true;
}

static unsigned counted(const char *rules)
{
    unsigned count = 0;
    g_auto(GStrv) list = g_strsplit(rules, " ", -1);
    for (char **rule = list; *rule; rule++)
        count += **rule && !g_str_has_prefix(*rule, "TX") && !g_str_has_prefix(*rule, "RV");
    return count;
}

Test(trial_rules, find_what_they_are_for_and_nothing_else)
{
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const TrialCase *one = &CASES[i];
        g_auto(Made) made = made_new(one->sql, one->dialect);
        made.section->transaction = strstr(one->sql, "concurrently") == NULL;
        made_trial(&made, one->schemas);
        g_autofree char *rules = made_rules(&made);
        cr_expect(has_all(rules, one->rules) && counted(rules) == counted(one->rules),
                  "%s: expected %s, found %s", one->sql, one->rules, rules);
    }
}

/* ---- Measured ---- */

static char *measured(LintLock lock, bool rewritten, bool scanned, const char *table)
{
    static const char *const schemas[] = {T "table u", T "table u\ntable n", NULL};
    g_auto(Made) made = made_new("alter table t set (something = 1)", P);
    made_trial(&made, schemas);
    made_lock(&made, 0, table, lock, rewritten, scanned);
    g_autofree char *rules = made_rules(&made);
    return g_strdup(strstr(rules, "LK01") ? "LK01" : strstr(rules, "LK02") ? "LK02" : "");
}

Test(trial_rules, measurements_of_tables_that_were_there)
{
    g_autofree char *rewrite = measured(LINT_LOCK_ACCESS_EXCLUSIVE, true, true, "t");
    g_autofree char *scan = measured(LINT_LOCK_SHARE_ROW_EXCLUSIVE, false, true, "t");
    g_autofree char *mild = measured(LINT_LOCK_SHARE_UPDATE_EXCLUSIVE, false, true, "t");
    g_autofree char *quick = measured(LINT_LOCK_ACCESS_EXCLUSIVE, false, false, "t");
    g_autofree char *new = measured(LINT_LOCK_ACCESS_EXCLUSIVE, true, true, "n");
    cr_expect_str_eq(rewrite, "LK01");
    cr_expect_str_eq(scan, "LK02");
    cr_expect_str_eq(mild, "");
    cr_expect_str_eq(quick, "");
    cr_expect_str_eq(new, "");
}

Test(trial_rules, several_tables_under_strong_locks)
{
    static const char *const schemas[] = {"table t\ntable u", "table t\ntable u", "table t\ntable u", NULL};
    g_auto(Made) made = made_new("alter table t set (a = 1); alter table u set (a = 1)", P);
    made_trial(&made, schemas);
    made_lock(&made, 0, "t", LINT_LOCK_ACCESS_EXCLUSIVE, false, false);
    made_lock(&made, 1, "u", LINT_LOCK_SHARE, false, false);
    g_autofree char *rules = made_rules(&made);
    cr_expect(strstr(rules, "LK12"), "%s", rules);
}

static char *algorithm(LintAlgorithm how, bool blocks)
{
    static const char *const schemas[] = {"table t", "table t", NULL};
    g_auto(Made) made = made_new("alter table t force", M);
    made_trial(&made, schemas);
    LintStatement *statement = made_statement(&made, 0);
    lint_statement_table(statement, "t");
    statement->measured = true;
    statement->algorithm = how;
    statement->blocks_writes = blocks;
    return made_rules(&made);
}

Test(trial_rules, the_algorithm_of_an_alter)
{
    g_autofree char *instant = algorithm(LINT_ALGORITHM_INSTANT, false);
    g_autofree char *inplace = algorithm(LINT_ALGORITHM_INPLACE, false);
    g_autofree char *shared = algorithm(LINT_ALGORITHM_INPLACE, true);
    g_autofree char *copy = algorithm(LINT_ALGORITHM_COPY, true);
    cr_expect_str_eq(instant, "");
    cr_expect_str_eq(inplace, "LK01");
    cr_expect_str_eq(shared, "LK01 LK09");
    cr_expect_str_eq(copy, "LK09");
}

/* ---- Settings and others ---- */

Test(trial_rules, a_rebuild_is_no_loss)
{
    static const char *const schemas[] = {
        T "column t.a; type=int", T "column t.a; type=int\ntable n\ncolumn n.id; type=bigint",
        "table n\ncolumn n.id; type=bigint", T "column t.a; type=int", NULL};
    g_auto(Made) made = made_new("create table n (id bigint); drop table t; alter table n rename to t", L);
    made.section->foreign_keys_off = true;
    made_trial(&made, schemas);
    g_autofree char *rules = made_rules(&made);
    cr_expect_str_eq(rules, "");
}

Test(trial_rules, a_column_that_was_filled_before_weighs_less)
{
    static const char *const schemas[] = {T "column t.a; type=int", T "column t.a; type=int",
                                          T "column t.a; type=int; notnull=true", NULL};
    g_auto(Made) made = made_new("update t set a = 0 where a is null; alter table t alter a set not null", P);
    made_trial(&made, schemas);
    g_autofree char *rules = made_rules(&made);
    cr_expect_eq(made_finding(&made, "DD02")->severity, FINDING_NOTE, "%s", rules);
    cr_expect_eq(made_finding(&made, "DD02")->questions->len, 0);
}

Test(trial_rules, many_objects_are_counted_without_their_parts)
{
    static const char *const schemas[] = {
        "", "table a\ncolumn a.b; type=int\ncolumn a.c; type=int\ntable d\ntable e", NULL};
    g_auto(Made) made = made_new("create table a (b int)", P);
    made.settings.max_changes = 3;
    made_trial(&made, schemas);
    g_autofree char *few = made_rules(&made);
    cr_expect(!strstr(few, "RV01"), "%s", few);
    made.settings.max_changes = 2;
    g_autofree char *many = made_rules(&made);
    cr_expect(strstr(many, "RV01"), "%s", many);
}

Test(trial_rules, what_was_not_tried_is_told)
{
    g_auto(Made) made = made_new("drop table t", P);
    g_autofree char *rules = made_rules(&made);
    cr_expect_str_eq(rules, "");
    cr_assert_eq(made.result->unchecked->len, 1);
    cr_expect_str_eq(made.result->unchecked->pdata[0],
                     "revision r1 was not tried on postgres: only its text was looked at");
}
