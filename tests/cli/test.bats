#!/usr/bin/env bats
# test on SQLite: each revision goes up, down and up again with rows, and what does not is told.

load ../fleet/lib

setup() {
  new_project
  sed -i '/inventory/d' dbfleet.yaml
}

# verdicts: "revision verdict" of each test of the last command.
verdicts() { json '.tests[] | "\(.revision) \(.verdict)"' | paste -sd ' '; }

@test "revisions that go up, down and up again pass, and nothing more is said of them" {
  table_chain 3
  expect 0 test
  same "revisions: 3 passed" "$output"
  expect 0 test -v
  [[ $output == *"passed   sqlite r02 table t02"* ]]
}

@test "a way down that does not lead back fails, with what differs" {
  table_chain 1
  revision r02 r01 "half down" <<'SQL'
-- migrate:up
create table a (id integer primary key);
create table b (id integer primary key);

-- migrate:down
drop table a;
SQL
  table_revision r03 r02 t03
  expect 1 test
  [[ $output == *"failed"*"r02"* ]]
  says "not the one from before" "table b: created"
  expect 1 test --format json
  same "r01 passed r02 failed r03 passed" "$(verdicts)"
  same down "$(json '.tests[1].step')"
}

@test "a statement that fails is told with file and line, up and down" {
  revision r01 "" "bad up" <<'SQL'
-- migrate:up
create tabel a (id integer);
-- migrate:down
SQL
  expect 1 test
  says "r01_bad_up.sql:6"
  revision r01 "" "bad up" <<'SQL'
-- migrate:up
create table a (id integer);

-- migrate:down
drop table b;
SQL
  expect 1 test --format json
  same "down" "$(json '.tests[0].step')"
  [[ $(json '.tests[0].reason') == *"r01_bad_up.sql:9"* ]]
}

@test "a revision without a way down is irreversible, on purpose or not, and does not fail" {
  revision r01 "" "one way" <<'SQL'
-- migrate:up
create table a (id integer);
SQL
  revision r02 r01 "on purpose" <<'SQL'
-- migrate:up
create table b (id integer);
-- dbfleet:irreversible nobody wants it back
SQL
  expect 0 test --format json
  same "r01 irreversible r02 irreversible" "$(verdicts)"
  same "false true" "$(json '.tests[].declared' | paste -sd ' ')"
}

@test "rows and values that do not come back make it lossy" {
  revision r01 "" "wide" <<'SQL'
-- migrate:up
create table a (id integer primary key, note text, kept text);
-- migrate:down
drop table a;
SQL
  revision r02 r01 "narrow" <<'SQL'
-- migrate:up
alter table a drop column note;
-- migrate:down
alter table a add column note text;
SQL
  revision r03 r02 "empties" <<'SQL'
-- migrate:up
delete from a;
-- migrate:down
select 1;
SQL
  expect 0 test --format json
  same "r01 passed r02 passed r03 passed" "$(verdicts)"
  same 2 "$(json .totals.lossy)"
  same "column a.note: its values are others than before" "$(json '.tests[1].lost[0]')"
  [[ $(json '.tests[2].lost[0]') == *"table a: "*" rows before, 0 behind it"* ]]
  same 0 "$(json '.tests[0].lost | length')"
}

@test "what only goes where tables are empty is told and does not fail" {
  revision r01 "" "a" <<'SQL'
-- migrate:up
create table a (id integer primary key);
-- migrate:down
drop table a;
SQL
  revision r02 r01 "not null" <<'SQL'
-- migrate:up
create table new_a (id integer primary key, must text not null);
insert into new_a (id) select id from a;
drop table a;
alter table new_a rename to a;
-- migrate:down
alter table a drop column must;
SQL
  expect 0 test --format json
  same "r01 passed r02 passed" "$(verdicts)"
  [[ $(json '.tests[1].needs_no_rows') == "up: "*"NOT NULL"* ]]
  same 1 "$(json .totals.only_without_rows)"
}

@test "branches are tested each on its own, merges behind both, and all heads together" {
  table_revision r01 "" t01
  table_revision r02a r01 t02
  table_revision r02b r01 t02
  expect 1 test --format json
  same "null failed r01 passed r02a passed r02b passed" "$(json '.tests | sort_by(.revision)[] | "\(.revision) \(.verdict)"' | paste -sd ' ')"
  table_revision r02b r01 t03
  revision r03 "r02a, r02b" merge <<'SQL'
-- migrate:up
-- migrate:down
SQL
  rm versions/r02b_table_t02.sql
  expect 0 test --format json
  same "r01 passed r02a passed r02b passed r03 passed" "$(json '.tests | sort_by(.revision)[] | "\(.revision) \(.verdict)"' | paste -sd ' ')"
}

@test "only the revisions that were asked for" {
  table_chain 5
  expect 0 test -r r02:r03 --format json
  same "r02 passed r03 passed" "$(verdicts)"
  expect 0 test -r head --format json
  same "r05 passed" "$(verdicts)"
  expect 78 test -r nothing
}

@test "JUnit's XML has a case for each revision, and any text is escaped" {
  table_revision r01 "" t01
  revision r02 r01 'a <b> & "c"' <<'SQL'
-- migrate:up
create tabel "x";
SQL
  expect 1 test --format junit
  [[ $output == *'<testsuite name="dbfleet sqlite" tests="2" failures="1"'* ]]
  [[ $output == *'a &lt;b&gt; &amp; &quot;c&quot;'* ]]
}

@test "revisions with variables take -x" {
  revision r01 "" "variable" <<'SQL'
-- migrate:up
create table {{ name | ident }} (id integer);
-- migrate:down
drop table {{ name | ident }};
SQL
  expect 0 test -x name=abc
  expect 1 test
}
