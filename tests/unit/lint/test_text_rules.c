/* Rules that need nothing but the words. */
#include "lint_fixture.h"

#include "lint/lint_tree_internal.h"

typedef struct TextCase {
    const char *rule;
    Dialect dialect;
    const char *sql;
    bool transaction;
    bool found;
} TextCase;

#define P DIALECT_POSTGRES
#define M DIALECT_MARIADB
#define L DIALECT_SQLITE

static const TextCase CASES[] = {
    {"DL04", P, "delete from t", true, true},
    {"DL04", P, "delete from t where a = 1", true, false},
    {"DL04", P, "update t set a = 1", true, true},
    {"DL04", P, "update t set a = 1 where b", true, false},
    {"DL04", M, "update t set a = 1 limit 10", true, false},
    {"DL04", P, "truncate table t, u", true, true},
    {"DL04", P, "select 'delete from t'", true, false},
    {"DL05", M, "alter table t drop partition p1", true, true},
    {"DL05", M, "alter table t add partition (partition p1 values less than (1))", true, false},
    {"DL05", M, "create or replace table t (a int primary key)", true, true},
    {"LK04", P, "drop index i", true, true},
    {"LK04", P, "drop index concurrently i", false, false},
    {"LK04", P, "reindex table t", true, true},
    {"LK04", P, "refresh materialized view m", true, true},
    {"LK04", P, "refresh materialized view concurrently m", true, false},
    {"LK04", P, "alter table t detach partition p", true, true},
    {"LK04", P, "alter table t detach partition p concurrently", false, false},
    {"LK05", P, "create index concurrently i on t (a)", true, true},
    {"LK05", P, "create index concurrently i on t (a)", false, false},
    {"LK05", P, "vacuum t", true, true},
    {"LK05", L, "vacuum", true, true},
    {"LK06", P, "alter table t add constraint c check (a > 0) not valid; alter table t validate constraint c",
     true, true},
    {"LK06", P, "alter table t validate constraint c", true, false},
    {"LK06", P, "alter table t add constraint c check (a > 0) not valid; alter table t validate constraint d",
     true, false},
    {"LK06", P, "alter table t add constraint c check (a > 0) not valid; alter table t validate constraint c",
     false, false},
    {"LK10", P, "set lock_timeout = 0", true, true},
    {"LK10", P, "set local statement_timeout to default", true, true},
    {"LK10", P, "set lock_timeout = '5s'", true, false},
    {"LK10", M, "set session lock_wait_timeout = 0", true, true},
    {"LK11", P, "cluster t using i", true, true},
    {"LK11", P, "vacuum (full, analyze) t", false, true},
    {"LK11", P, "vacuum analyze t", false, false},
    {"LK11", M, "optimize table t", true, true},
    {"DD06", P, "alter domain d add constraint c check (value > 0)", true, true},
    {"DD06", P, "alter domain d add constraint c check (value > 0) not valid", true, false},
    {"DD06", P, "create domain d as int check (value > 0)", true, true},
    {"DD06", P, "create domain d as int", true, false},
    {"TX01", P, "create table a (id int primary key); commit", true, true},
    {"TX01", P, "begin; create table a (id int primary key); commit", false, false},
    {"TX01", P, "begin; create table a (id int primary key)", false, true},
    {"TX02", P, "alter type m add value 'x' after 'y'; update t set a = 'x' where b", true, true},
    {"TX02", P, "alter type m add value if not exists 'x' after 'y'; update t set a = 'x' where b", true,
     true},
    {"TX02", P, "alter type m add value 'x' after 'y'; update t set a = 'y' where b", true, false},
    {"TX02", P, "alter type m add value 'x' after 'y'; update t set a = 'x' where b", false, false},
    {"TX02", P,
     "create type m as enum ('y'); alter type m add value 'x' after 'y'; update t set a = 'x' where b", true,
     false},
    {"TX03", M, "alter table t add column a int; update t set a = 1 where b", true, true},
    {"TX03", M, "alter table t add column a int", true, false},
    {"TX03", P, "alter table t add column a int; update t set a = 1 where b", true, false},
    {"TX04", P, "alter table t add column a int; update t set a = 1 where b", true, true},
    {"TX04", P, "alter table t add column a int; insert into t select * from u", true, true},
    {"TX04", P, "alter table t add column a int; insert into t values (1)", true, false},
    {"TX04", P, "update t set a = 1 where b", true, false},
    {"TX04", P, "alter table t add column a int; update t set a = 1 where b", false, false},
    {"TX05", L, "pragma foreign_keys = off", true, true},
    {"TX05", L, "pragma foreign_keys = off", false, false},
    {"TX06", P, "create index concurrently i on t (a)", false, true},
    {"TX06", P, "create index concurrently if not exists i on t (a)", false, false},
    {"TX06", P, "create index i on t (a)", true, false},
    {"SC07", P,
     "create table a123456789012345678901234567890123456789012345678901234567890123 (id int primary key)",
     true, true},
    {"SC07", P,
     "create table a12345678901234567890123456789012345678901234567890123456789012 (id int primary key)",
     true, false},
    {"SC12", P, "alter type m add value 'x'", true, true},
    {"SC12", P, "alter type m add value 'x' before 'y'", true, false},
    {"SC15", DIALECT_MYSQL, "create table a (id int primary key, b int references c (id))", true, true},
    {"SC15", DIALECT_MYSQL, "create table a (id int primary key, b int, foreign key (b) references c (id))",
     true, false},
    {"SC15", M, "create table a (id int primary key, b int references c (id))", true, false},
    {"SC16", P, "create role r", true, true},
    {"SC16", P, "alter system set work_mem = '1GB'", false, true},
    {"SC16", M, "set global max_connections = 5", true, true},
    {"SC16", M, "create user u", true, true},
    {"SC16", P, "create table t (id int primary key)", true, false},
};

Test(text_rules, find_what_they_are_for_and_nothing_else)
{
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const TextCase *one = &CASES[i];
        g_auto(Made) made = made_new(one->sql, one->dialect);
        made.section->transaction = one->transaction;
        g_autofree char *rules = made_rules(&made);
        cr_expect_eq(strstr(rules, one->rule) != NULL, one->found, "%s in %s: %s", one->rule, one->sql,
                     rules);
    }
}

Test(text_rules, names_twice_are_found_by_the_parser)
{
    if (!lint_tree_available())
        return; /* said by lint itself */
    g_auto(Made) made = made_new("update t set a = 1, b[1] = 2, b[2] = 3, a = 4 where c", P);
    g_autofree char *rules = made_rules(&made);
    cr_expect(strstr(rules, "SC13"), "%s", rules);
    cr_expect_str_eq(made_finding(&made, "SC13")->message, "column a is named twice");
    cr_expect_eq(made.result->findings->len, 1);
}

Test(text_rules, a_revision_needs_a_message_and_a_way_down)
{
    g_auto(Made) made = made_new("create index i on t (a)", L);
    g_clear_pointer(&made.revision->message, g_free);
    made.revision->message = g_strdup("");
    g_ptr_array_remove_index(made.revision->sections, 0);
    g_autofree char *rules = made_rules(&made);
    cr_expect_str_eq(rules, "RV02 TX07");
}

Test(text_rules, a_merge_needs_no_message_and_what_is_irreversible_no_way_down)
{
    g_auto(Made) made = made_new("-- dbfleet:irreversible column t.a\ncreate index i on t (a)", L);
    g_free(made.revision->message);
    made.revision->message = g_strdup("");
    made.revision->merge = true;
    g_ptr_array_remove_index(made.revision->sections, 0);
    g_autofree char *rules = made_rules(&made);
    cr_expect_str_eq(rules, "");
}

Test(text_rules, what_cannot_be_split_is_told_with_its_place)
{
    g_auto(Made) made = made_new("select 1;\nselect 'open", P);
    g_autofree char *rules = made_rules(&made);
    cr_expect_str_eq(rules, "RV03");
    cr_expect_eq(made_finding(&made, "RV03")->line, 11);
}
