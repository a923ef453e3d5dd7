#!/usr/bin/env bats
# What goes on with a run and what takes it back, on the three servers: resume, retry, rollback, upgrade --fill.

PREFIX=past
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
  drop_databases
  make_postgres past_{1,2}
  make_mysql past_{1,2}
  cat >inventory.yaml <<YAML
groups:
  postgres: {$POSTGRES_LOGIN, targets: [{name: "pg-{1..2}", url: "$POSTGRES_URL/past_{1..2}"}]}
  mysql: {$MYSQL_LOGIN, targets: [{name: "my-{1..2}", url: "$MYSQL_URL/past_{1..2}"}]}
  sqlite: {create: true, targets: [{name: "lite-{1..2}", url: "sqlite:data/lite_{1..2}.db"}]}
YAML
  mkdir -p data
  table_chain 3
}

# The tables t01… of every target, as "pg-1: t01 t02".
tables() {
  local n
  for n in 1 2; do
    echo "pg-$n:" $(pg "past_$n" "select tablename from pg_tables where tablename like 't0%' order by 1")
    echo "my-$n:" $(my "past_$n" "select table_name from information_schema.tables where table_schema = 'past_$n' and table_name like 't0%' order by 1")
    echo "lite-$n:" $(lite "data/lite_$n.db" "select name from sqlite_master where type = 'table' and name like 't0%' order by 1")
  done
}

# everywhere TABLES: what tables() says when all six have the same.
everywhere() {
  local name
  for name in pg-1 my-1 lite-1 pg-2 my-2 lite-2; do
    echo "$name:${1:+ $1}"
  done
}

@test "rollback takes exactly the targets of a run back to where each was" {
  expect 0 upgrade r01 --yes
  expect 0 upgrade r02 --yes -l my-1
  before=$(tables)
  expect 0 upgrade head --yes
  run_id=$("$DBFLEET" runs --format json | jq -r '.[0].run')
  same "$(everywhere "t01 t02 t03")" "$(tables)"

  expect 0 rollback "$run_id" --dry-run
  says "plan: rollback $run_id, 6 targets: 6 to do" "down r03" "r03 -> r01, 2 steps" "r03 -> r02, 1 step"
  same "$(everywhere "t01 t02 t03")" "$(tables)" "a dry run changed something"

  expect 0 rollback "$run_id" --yes
  says "DONE  rollback $run_id" "6 targets: 6 done"
  same "$before" "$(tables)"

  expect 0 rollback "$run_id" --yes
  says "6 targets: 6 unchanged"
}

@test "a rollback can itself be rolled back" {
  expect 0 upgrade head --yes
  expect 0 rollback last --yes
  same "$(everywhere "")" "$(tables)"
  expect 0 rollback last --yes
  same "$(everywhere "t01 t02 t03")" "$(tables)"
}

@test "rollback leaves alone what moved since, and says so" {
  expect 0 upgrade r02 --yes
  run_id=$("$DBFLEET" runs --format json | jq -r '.[0].run')
  expect 0 upgrade r03 --yes -l 'pg-1:my-1:lite-1'
  expect 1 rollback "$run_id" --yes
  says "3 blocked" "3 done" "moved since: run" "did up of revision r03"
  same "$(printf '%s\n' 'pg-1: t01 t02 t03' 'my-1: t01 t02 t03' 'lite-1: t01 t02 t03' pg-2: my-2: lite-2:)" "$(tables)"
}

@test "a step that one run began and another ended goes back with the one that ended it" {
  revision r04 r03 "two tables" <<'SQL'
-- migrate:up
create table u1 (n int);
create table u2 (n int);

-- migrate:down
drop table u2;
drop table u1;
SQL
  my past_1 "create table u2 (n int)"
  expect 1 upgrade head --yes -l my-1
  began=$("$DBFLEET" runs --format json | jq -r '.[0].run')
  my past_1 "drop table u2"
  expect 0 resume "$began" --yes
  ended=$("$DBFLEET" runs --format json | jq -r '.[0].run')

  expect 1 rollback "$began" --yes
  says "moved since: run $ended did up of revision r04"
  same "r04" "$(my past_1 "select version_num from dbfleet_version")"
  expect 0 rollback "$ended" --yes
  same "r03" "$(my past_1 "select version_num from dbfleet_version")"
  expect 0 rollback "$began" --yes
  same "" "$(my past_1 "select version_num from dbfleet_version")"
}

@test "without the ledger the targets know what a run did" {
  expect 0 upgrade r01 --yes
  expect 0 upgrade head --yes -l 'pg-1:my-2:lite-1'
  run_id=$("$DBFLEET" runs --format json | jq -r '.[0].run')
  rm -rf .dbfleet
  expect 78 rollback "$run_id" --yes
  says "no run was recorded here yet" "--from-targets"
  expect 78 rollback 20200101-000000-none --from-targets --yes
  says "no history of these 6 targets knows run"
  expect 0 rollback "$run_id" --from-targets --yes
  says "3 done" "3 unchanged"
  same "$(everywhere t01)" "$(tables)"
}

@test "a run that changed nothing has nothing to take back" {
  expect 0 upgrade head --yes
  expect 0 upgrade head --yes
  expect 0 rollback last --yes
  says "changed no"
  same "$(everywhere "t01 t02 t03")" "$(tables)"
}

@test "a revision without a way back blocks its target and no other" {
  revision r04 r03 "one way" <<'SQL'
-- migrate:up postgres
create table t04 (n integer);
-- migrate:up
create table t04 (n integer);
-- migrate:down sqlite
drop table t04;
SQL
  expect 0 upgrade head --yes
  expect 1 rollback last --yes
  says "no \"-- migrate:down\" section" "4 blocked" "2 done"
}

@test "resume takes the rest to the goal that they had, and walks no relative goal twice" {
  expect 0 upgrade r01 --yes
  pg past_1 'create table t02 (n integer)'
  expect 3 upgrade +1 --yes --jobs 1
  says "Next: dbfleet resume"
  pg past_1 'drop table t02'
  table_revision r04 r03 t04
  expect 0 resume --yes
  same "$(everywhere "t01 t02")" "$(tables)"
  expect 0 resume --yes
  says "nothing of run" "is left to do"
}

@test "a relative downgrade of one branch that stopped on its way is not counted again from there" {
  revision a1 r01 "one branch" <<<$'-- migrate:up\ncreate table a1 (n int);\n-- migrate:down\ndrop table a1;'
  revision b1 r01 "other branch" <<<$'-- migrate:up\ncreate table b1 (n int);\n-- migrate:down\ndrop table nosuch;'
  revision b2 b1 "its end" <<<$'-- migrate:up\ncreate table b2 (n int);\n-- migrate:down\ndrop table b2;'
  rm versions/r02* versions/r03*
  sed -i '1a -- labels: bb' versions/b1_*
  expect 0 upgrade heads --yes -l lite-1
  expect 1 downgrade bb@-2 --yes -l lite-1
  sed -i 's/drop table nosuch/drop table b1/' versions/b1_*

  expect 78 resume --yes
  says "lite-1 does not stand where run" "it was to end at a1"
  same "$(printf '%s\n' a1 b1)" "$(lite data/lite_1.db "select version_num from dbfleet_version order by 1")"
}

@test "retry takes what failed, and resume then what was never started" {
  pg past_1 'create table t01 (n integer)'
  expect 3 upgrade head --yes --jobs 1
  pg past_1 'drop table t01'
  expect 0 retry --yes
  says "1 target: 1 done" "goes on with run"
  expect 0 resume --yes
  says "5 done"
  same "$(everywhere "t01 t02 t03")" "$(tables)"
}

@test "a rollback that was interrupted is resumed" {
  expect 0 upgrade head --yes
  upgraded=$("$DBFLEET" runs --format json | jq -r '.[0].run')
  my past_1 'drop table t02'
  expect 1 rollback last --yes --max-failures 9
  says "5 done" "1 failed"
  my past_1 'create table t02 (id integer primary key, name varchar(40) not null)'
  expect 0 resume --yes
  says "rollback $upgraded" "1 target: 1 done"
  same "$(everywhere "")" "$(tables)"
}

@test "upgrade --fill runs what was put in below the heads" {
  expect 0 upgrade head --yes
  revision r00 r01 "spliced" <<'SQL'
-- migrate:up
create table t00 (n integer);
-- migrate:down
drop table t00;
SQL
  sed -i 's/^-- revises: r01/-- revises: r00/' versions/r02_*.sql
  table_revision r04 r03 t04
  expect 1 upgrade head --yes
  says "never-run" "upgrade --fill"
  expect 0 plan upgrade head --fill
  says "up r00" "up r04"
  expect 0 upgrade head --fill --yes
  same "$(everywhere "t00 t01 t02 t03 t04")" "$(tables)"
  expect 0 upgrade head --yes
  says "6 unchanged"
  expect 0 rollback "$("$DBFLEET" runs --format json | jq -r '.[1].run')" --yes
  same "$(everywhere "t01 t02 t03")" "$(tables)"
}

@test "resume wants the variables again that the run was given, since their values are not recorded" {
  revision r04 r03 "variables" <<'SQL'
-- migrate:up
create table t04 (n integer);
insert into t04 values ({{ number | raw }});
insert into nosuch values (1);
-- migrate:down
drop table t04;
SQL
  expect 3 upgrade head --yes -x number=7 -j1
  says "Next: dbfleet resume" "-x number=…"
  sed -i '/nosuch/d' versions/r04_*.sql
  expect 64 resume --yes
  says "was given -x number="
  expect 0 resume --yes -x number=7
}

@test "a run that is at work is neither resumed nor rolled back" {
  revision r04 r03 "slow" <<'SQL'
-- migrate:up postgres
select pg_sleep(3);
-- migrate:up
select 1;
-- migrate:down
select 1;
SQL
  "$DBFLEET" upgrade head --yes -l pg-1 >/dev/null 2>&1 3>&- &
  wait_until test -s .dbfleet/ledger.db
  wait_until sh -c '"$DBFLEET" runs | grep -q running'
  expect 6 resume --yes
  says "is still at work" "dbfleet abort"
  expect 6 rollback last --yes
  wait
  expect 0 rollback last --yes
}

@test "a person's word settles a statement that nobody can tell about, on that target alone" {
  revision r04 r03 "partly" <<'SQL'
-- migrate:up mysql
create table a (n integer);
create table b (n integer);
drop table a, nosuch, b;
create table after_it (n integer);
-- migrate:up
select 1;
-- migrate:down
select 1;
SQL
  expect 1 upgrade head --yes --max-failures 9
  says "drop table a, nosuch, b" "- table a: base table" "--assume-done" "--assume-not-done my-1" "stamp" "4 done"
  expect 1 upgrade head --yes
  says "2 blocked"
  expect 0 explain my-1
  says "undecidable"
  expect 78 resume --assume-done pg-1 --yes
  says "target pg-1 is none of those that run"
  expect 64 resume --assume-done my-1 --assume-not-done my-1 --yes
  expect 0 resume --assume-done my-1 --yes
  says "1 target: 1 done"
  same after_it "$(my past_1 "show tables like 'after_it'")"
  my past_2 'create table a (n integer); create table nosuch (n integer); create table b (n integer)'
  expect 0 resume --assume-not-done my-2 --yes
  same after_it "$(my past_2 "show tables like 'after_it'")"
  same "" "$(my past_2 "show tables like 'nosuch'")"
  expect 0 upgrade head --yes
  says "6 unchanged"
}
