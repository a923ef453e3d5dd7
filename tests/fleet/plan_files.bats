#!/usr/bin/env bats
# Plan files on real servers: what was reviewed runs, target by target, or does not; whatever dies, the same file goes on.

PREFIX=planfile
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
  holder= run_pid=
  drop_databases
}

teardown() {
  [ -z "$holder" ] || kill "$holder" 2>/dev/null || true
  [ -z "$run_pid" ] || kill -9 "$run_pid" 2>/dev/null || true
}

# two of each kind and a file, two revisions
mixed_fleet() {
  make_postgres planfile_{1,2}
  make_mysql planfile_{1,2}
  cat >inventory.yaml <<YAML
groups:
  pg: {targets: [{name: "pg-{1..2}", url: "$POSTGRES_URL/planfile_{1..2}", $POSTGRES_LOGIN}]}
  my: {targets: [{name: "my-{1..2}", url: "$MYSQL_URL/planfile_{1..2}", $MYSQL_LOGIN}]}
targets: [{name: file, url: "sqlite:file.db", create: true}]
YAML
  table_chain 2
}

rows_of() {
  { each_pg "select version_num from dbfleet_version" planfile_{1,2}; each_my "select version_num from dbfleet_version" planfile_{1,2}
    sqlite3 file.db "select version_num from dbfleet_version"; } | sort | uniq -c | xargs
}

digest_of() {
  sed -n 's/^digest: "\?\([0-9a-f]*\)"\?$/\1/p' "$1"
}

@test "every kind of target runs the file's steps, in its waves, and its history says which plan it was" {
  mixed_fleet
  echo "rollout: {waves: [pg, rest], order: name}" >>dbfleet.yaml
  expect 0 plan upgrade head -o plan.yaml
  expect 0 apply plan.yaml --yes
  says "5 done"
  same "5 r02" "$(rows_of)"
  same "$(digest_of plan.yaml)" "$(pg planfile_1 "select distinct plan_digest from dbfleet_version_history where revision = 'r02'")"
  expect 0 report --format json
  same "pg 2 rest 3" "$(json '[.waves[] | .wave // .name, .targets] | join(" ")')"
  expect 0 apply plan.yaml --yes
  says "5 unchanged"
}

@test "a moved target is left alone on each kind of server, and the others go" {
  mixed_fleet
  expect 0 plan upgrade head -o plan.yaml
  expect 0 upgrade r01 -l 'pg-2:my-1' --yes
  expect 5 apply plan.yaml --yes
  says "3 done, 2 stale"
  same "2 r01 3 r02" "$(rows_of)"
}

@test "every refusal comes before anything is changed" {
  mixed_fleet
  expect 0 plan upgrade head -o plan.yaml
  cp inventory.yaml kept.yaml
  sed -i 's/planfile_{1..2}", password: "${env:MYSQL/planfile_{3..4}", password: "${env:MYSQL/' inventory.yaml
  expect 78 apply plan.yaml --yes
  says "target my-1 was at mysql://"
  cp kept.yaml inventory.yaml
  sed -i '/^targets:/d' inventory.yaml
  expect 78 apply plan.yaml --yes
  says "target file of the plan is not in the inventory any more"
  cp kept.yaml inventory.yaml
  sed -i 's/r02/r92/' plan.yaml
  expect 78 apply plan.yaml --yes
  says "its digest does not match"
  sed -i 's/r92/r02/' plan.yaml
  mv versions/r02_* .
  expect 78 apply plan.yaml --yes
  says "revision r02 of the plan is in no file any more"
  mv r02_* versions/
  for looser in "-j 9" "--max-failures 1" "--on-halt target"; do
    expect 64 apply plan.yaml --yes $looser
    says "a run of it can only be stricter"
  done
  expect 0 plan upgrade head -o old.yaml --expires 2026-01-01
  expect 5 apply old.yaml --yes
  says "expired at 2026-01-01"
  same "0" "$(pg planfile_1 "select count(*) from pg_tables where schemaname = 'public'")"
  same "0" "$(my '' "select count(*) from information_schema.tables where table_schema = 'planfile_1'")"
}

@test "the scripts of plan show leave what apply leaves" {
  mixed_fleet
  expect 0 plan upgrade head -o plan.yaml
  "$DBFLEET" plan show plan.yaml --format sql -l pg-1 >pg.sql
  "$DBFLEET" plan show plan.yaml --format sql -l my-1 >my.sql
  PGPASSWORD=$POSTGRES_PASSWORD psql -XAtq -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d planfile_1 -f pg.sql >/dev/null
  MYSQL_PWD=$MYSQL_SECRET mariadb --no-defaults -h 127.0.0.1 -P "$MYSQL_PORT" -u admin planfile_1 <my.sql >/dev/null
  expect 0 apply plan.yaml --yes
  says "3 done, 2 unchanged"
  same "5 r02" "$(rows_of)"
}

@test "kill -9 between two steps: the same file goes on" {
  make_postgres planfile_kill
  echo "targets: [{name: one, url: \"$POSTGRES_URL/planfile_kill\", lock_wait: 30s, $POSTGRES_LOGIN}]" >inventory.yaml
  table_chain 1
  revision r02 r01 "slow" <<'SQL'
-- migrate:up
create table slow as select 1 as n from pg_sleep(3);
SQL
  table_revision r03 r02 t03
  expect 0 plan upgrade head -o plan.yaml
  start apply plan.yaml --yes
  wait_until eval '[ "$(pg planfile_kill "select version_num from dbfleet_version" 2>/dev/null)" = r01 ]'
  kill -9 "$run_pid"
  wait "$run_pid" 2>/dev/null || true
  run_pid=
  expect 0 apply plan.yaml --yes
  says "1 done"
  same "r01 r02 r03" "$(pg planfile_kill "select revision from dbfleet_version_history where state = 'done' order by seq" | xargs)"
}

@test "kill -9 inside a transaction:false section: the same file settles it and goes on behind it" {
  make_mysql planfile_journal
  echo "targets: [{name: one, url: \"$MYSQL_URL/planfile_journal\", lock_wait: 60s, $MYSQL_LOGIN}]" >inventory.yaml
  revision r01 "" "long alter" <<'SQL'
-- migrate:up
create table big (id int primary key, n int, r double) as select seq id, 0 n, rand() r from seq_1_to_300000;
update big set n = n + 1;
alter table big add key (r), algorithm=copy;
update big set n = n + 1;
SQL
  table_revision r02 r01 t02
  expect 0 plan upgrade head -o plan.yaml
  start apply plan.yaml --yes
  wait_until eval '[ -n "$(my "" "select 1 from information_schema.processlist where info like '"'alter table big%'"' and id <> connection_id()")" ]'
  kill -9 "$run_pid"
  wait "$run_pid" 2>/dev/null || true
  run_pid=
  expect 0 apply plan.yaml --yes
  says "1 done"
  same "$(printf '2\t2\t300000')" "$(my planfile_journal "select min(n), max(n), count(*) from big")"
  same "$(printf '4\t4')" "$(my planfile_journal "select statements_total, statements_done from dbfleet_version_history where revision = 'r01'")"
  same "$(digest_of plan.yaml)" "$(my planfile_journal "select distinct plan_digest from dbfleet_version_history")"
}

@test "what --fill runs is in the file, runs once, and is marked" {
  make_postgres planfile_fill
  echo "targets: [{name: one, url: \"$POSTGRES_URL/planfile_fill\", $POSTGRES_LOGIN}]" >inventory.yaml
  table_revision r01 "" t01
  table_revision r03 r01 t03
  expect 0 upgrade head --yes
  table_revision r02 r01 t02
  sed -i 's/^-- revises: r01/-- revises: r02/' versions/r03_*
  table_revision r04 r03 t04
  expect 1 plan upgrade head
  expect 0 plan upgrade head --fill -o plan.yaml
  grep -q 'revision: r02, direction: up, fill: true' plan.yaml
  expect 0 apply plan.yaml --yes
  expect 0 apply plan.yaml --yes
  says "1 unchanged"
  same "r01 r03 r02 r04" "$(pg planfile_fill "select revision from dbfleet_version_history where state = 'done' order by seq" | xargs)"
}

@test "no secret is in a plan file, whatever the inventory and the gates hold" {
  mixed_fleet
  cat >>dbfleet.yaml <<YAML
rollout:
  gates: [{name: lag, sql: select 1 where false, url: "postgresql://postgres:\${env:POSTGRES_PASSWORD}@127.0.0.1:$POSTGRES_PORT/postgres"}]
YAML
  expect 0 plan upgrade head -o plan.yaml
  for form in text json markdown html; do "$DBFLEET" plan show plan.yaml --format $form; done >shown
  ! grep -rF "$POSTGRES_PASSWORD" plan.yaml shown
  grep -qF '${env:POSTGRES_PASSWORD}' plan.yaml
  expect 0 apply plan.yaml --yes
  says "lag passed"
}
