#!/usr/bin/env bats
# migrate:check is asked on every target before the first one is changed: by upgrade before it asks the person, and by
# plan --check.

PREFIX=checks
load lib

setup_file() {
  use_servers
  drop_databases
}

teardown_file() {
  use_servers
  drop_databases
}

setup() {
  use_servers
  new_project
}

# lite_targets NAME...: SQLite files in the inventory.
lite_targets() {
  {
    echo targets:
    printf -- '  - {name: %s, url: "sqlite:%s.db", create: true}\n' $(for name in "$@"; do echo "$name" "$name"; done)
  } >inventory.yaml
}

# A first revision, and a second whose check wants no name "bad".
checked_chain() {
  table_revision r01 "" t01
  revision r02 r01 "checked" <<'SQL'
-- migrate:check
select id, name from t01 where name = 'bad' order by id
-- migrate:up
create table t02 (id integer);
-- migrate:down
drop table t02;
SQL
}

spoil() {
  lite "$1.db" "with n(i) as (values (2) union all select i + 1 from n where i < 8) insert into t01 select i, 'bad' from n"
}

@test "rows of a check block their target before anything starts; the others go on" {
  checked_chain
  lite_targets one two three
  expect 0 upgrade r01 --yes
  spoil two
  expect 1 upgrade head --yes
  says "1 check" "revision r02: migrate:check returned 7 rows" "versions/r02_checked.sql:6" "found: id=2, name=bad" \
    "id=6, name=bad; and 2 more" "target: two" "checks: asked on 3 targets, nothing against starting on 2" \
    "1 target blocked: revision r02, up (check)"
  says_not "id=7, name=bad"
  same "r02 r01 r02" "$(each_lite 'select * from dbfleet_version' one.db two.db three.db | xargs)"
  # the same in the report as a program reads it, and nothing was tried on the target
  expect 0 report --format json
  same "blocked check r02 up 6 0" \
    "$(json '.targets[1] | "\(.outcome) \(.failure.class) \(.failure.revision) \(.failure.direction) \(.failure.line) \(.steps | length)"')"
  same "id=2, name=bad" "$(json '.targets[1].failure.detail' | cut -d';' -f1)"
  lite two.db "delete from t01 where name = 'bad'"
  expect 0 upgrade head --yes
}

@test "plan --check shows what checks say, and plan without it asks nothing" {
  checked_chain
  lite_targets one two
  expect 0 upgrade r01 --yes
  spoil two
  expect 0 plan upgrade head
  says_not "checks:"
  expect 1 plan upgrade head --check
  says "1 to do" "1 blocked" "id=2, name=bad" "target: two"
  expect 1 plan upgrade head --check --format json
  same "passed" "$(json '.targets[0].checks[0].answer')"
  same "blocked check rows r02 6" \
    "$(json '.targets[1] | "\(.verdict) \(.problem) \(.checks[0].answer) \(.checks[0].revision) \(.checks[0].line)"')"
  same "1 1 null" "$(json '"\(.totals.pending) \(.totals.blocked) \(.targets[1].path)"')"
  expect 0 plan downgrade base --check --format json
  same null "$(json '.targets[0].checks')"
}

@test "a check of what an earlier step makes cannot be told yet, and is asked just before its step" {
  checked_chain
  lite_targets one
  expect 0 plan upgrade head --check
  says "cannot be told yet on 1 target" "made by the run"
  lite one.db "create table other (id integer)"
  expect 0 plan upgrade head --check
  says "cannot be told yet on 1 target" "no such table: t01" "versions/r02_checked.sql:6"
  expect 0 plan upgrade head --check --format json
  same later "$(json '.targets[0].checks[0].answer')"
  sed -i "s/values (1, 't01')/values (1, 'bad')/" versions/r01*
  expect 1 upgrade head --yes
  says "1 target failed: revision r02, up (check)" "detail: id=1, name=bad"
  same r01 "$(lite one.db 'select * from dbfleet_version')"
}

@test "a check of the first step that cannot be read blocks its target" {
  revision r01 "" "asks for nothing there" <<'SQL'
-- migrate:check
select * from nosuch
-- migrate:up
create table t01 (id integer);
SQL
  lite_targets one
  lite one.db "create table other (id integer)"
  expect 1 upgrade head --yes
  says "revision r01: migrate:check could not be read: no such table: nosuch" "1 check"
  same "" "$(lite one.db "select name from sqlite_master where name like 't01' or name like 'dbfleet%'")"
}

@test "rows of a later step's check name the revision to go to first" {
  table_revision r01 "" t01
  revision r02 r01 "mends" <<<$'-- migrate:up\nupdate t01 set name = \'good\';'
  revision r03 r02 "checked" <<<$'-- migrate:check\nselect name from t01 where name <> \'good\';\n-- migrate:up\ncreate table t03 (id integer);'
  lite_targets one
  expect 0 upgrade r01 --yes
  expect 1 upgrade head --yes
  says "revision r03: migrate:check returned 1 row" "upgrade to r02 first" "found: name=t01"
  expect 0 upgrade r02 --yes
  expect 0 upgrade head --yes
}

@test "secrets in a check's variables are not shown, and each target has its own" {
  revision r01 "" "templated" <<'SQL'
-- migrate:check
select {{ word | literal }} as word, {{ pin | literal }} as pin where {{ word | literal }} <> 'fine'
-- migrate:up
create table t01 (id integer);
SQL
  cat >inventory.yaml <<'YAML'
defaults: {vars: {pin: "${env:PIN}"}}
targets:
  - {name: one, url: "sqlite:one.db", create: true, vars: {word: fine}}
  - {name: two, url: "sqlite:two.db", create: true, vars: {word: wrong}}
YAML
  lite one.db "create table other (id integer)"
  lite two.db "create table other (id integer)"
  PIN=hidden-4711 expect 1 upgrade head --yes
  says "target: two" "found: word=wrong, pin=***" "1 done"
  says_not hidden-4711
  same r01 "$(lite one.db 'select * from dbfleet_version')"
  expect 1 plan upgrade head --check -l two
  says "variable pin"
}

@test "where no step has a check nothing more is connected" {
  table_chain 1
  pg postgres "create database checks_quiet"
  cat >inventory.yaml <<YAML
targets:
  - {name: one, url: "$POSTGRES_URL/checks_quiet", $POSTGRES_LOGIN}
YAML
  local before
  before=$(pg postgres "select sessions from pg_stat_database where datname = 'checks_quiet'")
  expect 0 plan upgrade head
  expect 0 plan upgrade head --check
  says_not "checks:"
  wait_until sessions_are checks_quiet $((before + 2))
}

sessions_are() {
  [ "$(pg postgres "select sessions from pg_stat_database where datname = '$1'")" = "$2" ]
}

@test "PostgreSQL and MariaDB: sessions of checks can only read, and their statements have the target's timeout" {
  pg postgres "create database checks_read"
  my '' "create database checks_read"
  cat >inventory.yaml <<YAML
defaults: {statement_timeout: 300ms}
targets:
  - {name: pg, url: "$POSTGRES_URL/checks_read", $POSTGRES_LOGIN}
  - {name: my, url: "$MYSQL_URL/checks_read", $MYSQL_LOGIN}
YAML
  pg checks_read "create function writes() returns int language sql as 'create table made (id int); select 1'"
  my checks_read "create table seen (id int)"
  my checks_read "delimiter //
create function writes() returns int modifies sql data begin insert into seen values (1); return 1; end//"
  revision r01 "" "slow" <<'SQL'
-- migrate:check postgres
select 1 from pg_sleep(300) as slept where slept is null
-- migrate:check mysql
select 1 from dual where sleep(300) > 5
-- migrate:up
create table t01 (id integer);
SQL
  local begin=$SECONDS
  expect 1 plan upgrade head --check --format json
  [ $((SECONDS - begin)) -lt 60 ]
  same "failed failed" "$(json '[.targets[].checks[0].answer] | join(" ")')"
  rm versions/r01*
  revision r01 "" "writes" <<'SQL'
-- migrate:check
select writes()
-- migrate:up
create table t01 (id integer);
SQL
  expect 1 plan upgrade head --check --format json
  same "failed failed" "$(json '[.targets[].checks[0].answer] | join(" ")')"
  same 0 "$(my checks_read 'select count(*) from seen')"
}

@test "a target that is gone when the checks are asked is unreachable" {
  checked_chain
  pg postgres "create database checks_gone"
  cat >inventory.yaml <<YAML
targets:
  - {name: gone, url: "$POSTGRES_URL/checks_gone", password: "\${cmd:./password}"}
  - {name: here, url: "sqlite:here.db", create: true}
YAML
  printf '#!/bin/sh\n[ -e asked ] && { echo wrong; exit; }\ntouch asked\necho "$POSTGRES_PASSWORD"\n' >password
  chmod +x password
  expect 4 upgrade head --yes
  says "1 unreachable" "1 done"
}

@test "a step that stopped half-way was let in by its check when it began, and is not asked again" {
  my '' "create database checks_half"
  cat >inventory.yaml <<YAML
targets: [{name: half, url: "$MYSQL_URL/checks_half", $MYSQL_LOGIN}]
YAML
  revision r01 "" "half" <<'SQL'
-- migrate:check
select table_name as in_the_way from information_schema.tables where table_schema = database() and table_name = 'half'
-- migrate:up
create table half (id int);
alter table nosuch add n int;
SQL
  expect 1 upgrade head --yes
  says "1 target failed: revision r01, up (undefined-table)"
  sed -i 's/nosuch/half/' versions/r01*
  expect 0 plan upgrade head --check
  says "stopped after 1 of 2 statements"
  expect 0 upgrade head --yes
  same "id,n" "$(my checks_half "select group_concat(column_name order by 1) from information_schema.columns where table_name = 'half' and table_schema = database()")"
}

@test "a target that another dbfleet is at work on is asked just before its steps" {
  my '' "create database checks_busy"
  cat >inventory.yaml <<YAML
targets: [{name: busy, url: "$MYSQL_URL/checks_busy", $MYSQL_LOGIN}]
YAML
  revision r01 "" "slow" <<<$'-- migrate:up\ncreate table a (id int);\nselect sleep(3);'
  revision r02 r01 "checked" <<<$'-- migrate:check\nselect 1 as reason from a where id > 0;\n-- migrate:up\ncreate table b (id int);'
  "$DBFLEET" upgrade r01 --yes >out 2>&1 &
  local run=$!
  wait_until slow_is_running
  expect 0 plan upgrade head --check
  says "busy" "another dbfleet is at work on the target"
  wait $run
}

slow_is_running() {
  [ -n "$(my '' "select id from information_schema.processlist where info like '%sleep(3)%' and id <> connection_id()")" ]
}
