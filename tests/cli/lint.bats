#!/usr/bin/env bats
# lint on SQLite, which needs no server: which revisions are looked at, what is said, allowed, set and printed in each format.

load ../fleet/lib

setup() {
  mkdir -p "$BATS_TEST_TMPDIR/project/versions" && cd "$BATS_TEST_TMPDIR/project"
  printf 'version: 1\n' >dbfleet.yaml
  export COLUMNS=200
  revision 0001 "" base <<'SQL'
-- migrate:up
create table orders (id integer primary key, note text, total numeric);
-- migrate:down
drop table orders;
SQL
}

# drops_note ["COMMENT"]: a revision that drops a column.
drops_note() {
  revision 0002 0001 "drop note" <<SQL
-- migrate:up
$1
alter table orders drop column note;
-- migrate:down
alter table orders add column note text;
SQL
}

# rules: what was found, as "RULE line severity" lines of the last JSON.
rules() {
  json '.findings[] | "\(.rule) \(.line) \(.severity)"'
}

@test "what is found is told with its place, what to do, and exit code 1 for an error" {
  drops_note
  expect 1 lint -r 0002
  says "versions/0002_drop_note.sql:7:1: error: DL02 column orders.note is dropped with what it holds" "instead: Release programs" \
    "lint: 1 revision (0002): 1 error"
  says_not "why:"
  expect 1 lint -r 0002 -v
  says "why: Its values are gone when it runs"
}

@test "nothing found is said, with exit code 0" {
  expect 0 lint --all
  same "lint: 1 revision (all): nothing found" "$output"
}

@test "--fail-on decides which severity is a failure" {
  revision 0002 0001 index <<<'-- migrate:up
create index orders_note on orders (note);'
  expect 0 lint -r 0002
  says "warning: TX07"
  expect 1 lint -r 0002 --fail-on warning
  expect 64 lint --fail-on loud
}

@test "-r takes a revision, a range or a symbol; --all takes all" {
  drops_note
  revision 0003 0002 third <<<'-- migrate:up
alter table orders drop column total;
-- migrate:down
select 1;'
  expect 1 lint -r head --format json
  same "DL02 6 error" "$(rules)"
  same 1 "$(json .revisions)"
  expect 1 lint -r 0002:0003 --format json
  same 2 "$(json .revisions)"
  expect 1 lint --all --format json
  same 3 "$(json .revisions)"
  expect 78 lint -r nowhere
  expect 64 lint -r head --all
}

@test "by default those that git has no commit of, else all; --since those that differ from a commit" {
  export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
  expect 0 lint
  says "all: they are not in a git repository"
  git init -q . && git add . && git commit -qm base
  expect 0 lint
  says "lint: 1 revision (all: git has a commit of every one)"
  drops_note
  expect 1 lint
  says "lint: 1 revision (those not committed to git): 1 error"
  git add . && git commit -qm second
  expect 1 lint --since HEAD~1
  says "lint: 1 revision (changed since HEAD~1): 1 error"
  expect 0 lint --since HEAD
  says "lint: 0 revisions (changed since HEAD): nothing found"
  expect 64 lint --since nowhere
  says "git knows no commit nowhere"
  expect 64 lint --since --output=oops
}

@test "an allow needs a reason, a rule that exists, and something to allow" {
  drops_note "-- dbfleet:allow DL02 nobody reads it since release 41"
  expect 0 lint -r 0002
  says "lint: 1 revision (0002): 1 allowed"
  drops_note "-- dbfleet:allow DL02"
  expect 1 lint -r 0002 --format json
  same "DL02 7 error
RV04 7 error" "$(rules)"
  says "allows DL02 without a reason"
  drops_note "-- dbfleet:allow DL2 because"
  expect 1 lint -r 0002 --format json
  says "allows DL2, which is no rule: did you mean DL02?"
  drops_note "-- dbfleet:allow BC01,DL02 because"
  expect 0 lint -r 0002
  drops_note "-- dbfleet:allow BC01 because"
  expect 1 lint -r 0002 --format json
  same "DL02 7 error
RV05 7 warning" "$(rules)"
}

@test "an allow of another statement does not count, one behind the statement's end does" {
  revision 0002 0001 two <<'SQL'
-- migrate:up
-- dbfleet:allow DL02 this one
alter table orders drop column note;
alter table orders drop column total; -- dbfleet:allow DL02 and this one
-- migrate:down
select 1;
SQL
  expect 0 lint -r 0002
  says "2 allowed"
  sed -i 's/ -- dbfleet:allow DL02 and this one//' versions/0002_two.sql
  expect 1 lint -r 0002 --format json
  same "DL02 8 error" "$(rules)"
}

@test "an allow above the first statement stands for the whole revision" {
  revision 0002 0001 "no way back" <<'SQL'
-- migrate:up
-- dbfleet:allow TX07 the index is cheap to drop by hand
create index orders_note on orders (note);
SQL
  expect 0 lint -r 0002 --fail-on note
  says "1 allowed"
}

@test "lint.rules of dbfleet.yaml turns rules off and changes what they weigh" {
  drops_note
  printf 'lint: {rules: {DL02: "off"}}\n' >>dbfleet.yaml
  expect 0 lint -r 0002
  says "nothing found"
  printf 'version: 1\nlint: {rules: {DL02: note}}\n' >dbfleet.yaml
  expect 0 lint -r 0002 --format json
  same "DL02 7 note" "$(rules)"
  printf 'version: 1\nlint: {rules: {DL20: note}}\n' >dbfleet.yaml
  expect 78 lint -r 0002
  says "dbfleet.yaml:2:16: error: lint.rules: there is no rule DL20; did you mean DL02?"
  printf 'version: 1\nlint: {naming: "^tbl_", max_changes: 1}\n' >dbfleet.yaml
  revision 0003 0002 "two tables" <<<'-- migrate:up
create table tbl_a (id integer primary key);
create table b (id integer primary key);
-- migrate:down
select 1;'
  expect 0 lint -r 0003 --format json
  says "the name b does not match ^tbl_ (lint.naming in dbfleet.yaml)" "it changes 2 objects, and more than 1"
}

@test "a revision that fails is an error with what SQLite says, at its line" {
  revision 0002 0001 broken <<'SQL'
-- migrate:up
create table a (id integer primary key);
alter table nowhere add column a int;
-- migrate:down
drop table a;
SQL
  expect 1 lint --all --format json
  same "RV03 7 error" "$(rules)"
  says "no such table: nowhere"
}

@test "variables are filled in; without a value only the text is looked at" {
  revision 0002 0001 variable <<'SQL'
-- migrate:up
alter table {{ table | ident }} drop column note;
-- migrate:down
select 1;
SQL
  expect 1 lint -r 0002 -x table=orders --format json
  same "DL02 6 error" "$(rules)"
  expect 0 lint -r 0002 --format json
  says "was not tried on sqlite"
}

@test "a table that is made anew with its rows is no loss, and no rename" {
  revision 0002 0001 rebuild <<'SQL'
-- migrate:up foreign_keys:off
create table orders_new (id integer primary key, note text not null default '', total numeric);
insert into orders_new select id, coalesce(note, ''), total from orders;
drop table orders;
alter table orders_new rename to orders;
-- migrate:down
select 1;
SQL
  expect 0 lint -r 0002 --format json
  same "" "$(rules | grep -E 'DL|BC' || true)"
}

@test "--no-trial runs nothing and says so" {
  drops_note
  expect 0 lint -r 0002 --no-trial
  says "revision 0002 was not tried on sqlite: only its text was looked at"
}

@test "down sections are read for what cannot run" {
  revision 0002 0001 "bad down" <<'SQL'
-- migrate:up
create index orders_note on orders (note);
-- migrate:down
drop index orders_note;
vacuum;
SQL
  expect 1 lint -r 0002 --format json
  same "LK05 9 error" "$(rules)"
}

@test "SARIF has what version 2.1.0 requires, with the place of each result" {
  drops_note
  expect 1 lint -r 0002 --format sarif
  same "2.1.0" "$(json .version)"
  json '."$schema"' | grep -q sarif-schema-2.1.0.json
  # Required: run.tool, tool.driver, driver.name; of rules id; of results message.text; of places uri and startLine.
  jq -e '.runs | length == 1 and all(.tool.driver.name == "dbfleet lint")' <<<"$output"
  jq -e '.runs[0].tool.driver.rules | length == 1 and all(.id and .shortDescription.text and .help.text)' <<<"$output"
  jq -e '.runs[0].results[0] | .ruleId == "DL02" and .level == "error" and (.message.text | length > 20)' <<<"$output"
  jq -e '.runs[0].results[0].locations[0].physicalLocation
         | .artifactLocation.uri == "versions/0002_drop_note.sql" and .region.startLine == 7 and .region.startColumn == 1' <<<"$output"
  expect 0 lint -r 0001 --format sarif
  jq -e '.runs[0].results == []' <<<"$output"
}

@test "annotations of GitHub Actions escape what would end them" {
  drops_note
  mv versions/0002_drop_note.sql 'versions/0002,100%:.sql'
  expect 1 lint -r 0002 --format github
  says "::error file=versions/0002%2C100%25%3A.sql,line=7,col=1,title=DL02%3A a column is dropped::column orders.note is dropped with what it holds%0ARelease programs"
  same 1 "$(wc -l <<<"$output")"
}

@test "paths are shown from the folder that lint runs in" {
  drops_note
  cd versions
  expect 1 lint -r 0002 --format json
  same "0002_drop_note.sql" "$(json '.findings[0].file')"
}

@test "the targets' tables are counted, and a SQLite file is asked whether rows stand in the way" {
  sqlite3 a.db "create table orders (id integer primary key, note text, total numeric); insert into orders values (1, null, 1)"
  sqlite3 b.db "create table orders (id integer primary key, note text, total numeric); insert into orders values (1, 'x', 1)"
  printf 'version: 1\ninventory: fleet.yaml\n' >dbfleet.yaml
  echo 'targets: [{name: a, url: "sqlite:a.db"}, {name: b, url: "sqlite:b.db"}, {name: new, url: "sqlite:new.db", create: true}]' >fleet.yaml
  revision 0002 0001 strict <<'SQL'
-- migrate:up
create unique index one_note on orders (note);
create unique index one_total on orders (total);
-- migrate:down
select 1;
SQL
  sqlite3 b.db "insert into orders values (2, 'x', 2)"
  expect 1 lint -r 0002 --fleet --format json
  same "error 1 of 3 targets holds duplicates of \"note\" in orders: b
note none of 3 targets holds duplicates of \"total\" in orders" "$(json '.findings[] | select(.rule == "DD03") | .severity + " " + .fleet')"
  same 3 "$(json .targets_asked)"
  [ ! -e new.db ]
  expect 0 lint -r 0002 -l a
}
