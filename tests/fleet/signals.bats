#!/usr/bin/env bats
# Stopping: the first SIGINT or SIGTERM lets running steps end, the second cancels them, the third leaves; a halt does
# with running targets what on_halt says. What was cancelled is rolled back and nothing stays locked.

PREFIX=signals
load lib

setup_file() {
  use_servers
  drop_databases
  make_postgres signals_{drain,cancel,gone,step,target,stop}_{1,2}
  make_mysql signals_{drain,cancel}_{1,2}
}

teardown_file() {
  use_servers
  drop_databases
}

setup() {
  use_servers
  new_project
}

teardown() {
  [ -z "${run_pid:-}" ] || kill -9 "$run_pid" 2>/dev/null || true
}

# chain SECONDS: r01 is quick, r02 takes its time, r03 is quick.
chain() {
  table_revision r01 "" t01
  revision r02 r01 slow <<SQL
-- migrate:up postgres
create table slow (n integer);
select pg_sleep($1);
-- migrate:up mysql
create table slow (n integer);
insert into slow select sleep($1) from t01;
-- migrate:up sqlite
create table slow (n integer);
insert into slow with recursive n (i) as (select 1 union all select i + 1 from n limit $(($1 * 1000000))) select count(*) from n;
-- migrate:down
drop table slow;
SQL
  table_revision r03 r02 t03
}

all_dialects() {
  cat >inventory.yaml <<YAML
targets:
  - {name: pg, url: "$POSTGRES_URL/signals_$1_1", $POSTGRES_LOGIN}
  - {name: my, url: "$MYSQL_URL/signals_$1_1", $MYSQL_LOGIN}
  - {name: file, url: "sqlite:file.db", create: true}
  - {name: pg-waits, url: "$POSTGRES_URL/signals_$1_2", $POSTGRES_LOGIN}
  - {name: my-waits, url: "$MYSQL_URL/signals_$1_2", $MYSQL_LOGIN}
YAML
}

# The run's exit code, which must be this one.
ends_with() {
  status=0
  wait "$run_pid" || status=$?
  output=$(cat ../out) stderr=$(cat ../err)
  same "$1" "$status" "exit code: $output$stderr"
}

pg_sleeps() {
  [ "$(pg postgres "select count(*) from pg_stat_activity where datname = '$1' and wait_event = 'PgSleep'")" = 1 ]
}

my_sleeps() {
  [ "$(my '' "select count(*) from information_schema.processlist where db = '$1' and state = 'User sleep'")" = 1 ]
}

file_is_busy() {
  [ -e file.db ] && ! sqlite3 file.db "pragma busy_timeout = 0; begin immediate" 2>/dev/null
}

all_are_slow() {
  pg_sleeps "signals_$1_1" && my_sleeps "signals_$1_1" && file_is_busy
}

outcomes() {
  "$DBFLEET" report --format json | jq -r '.targets[] | "\(.target) \(.outcome)"' | xargs
}

drains_on() {
  chain 3
  all_dialects drain
  start upgrade head --yes --jobs 3
  wait_until all_are_slow drain
  kill -"$1" "$run_pid"
  ends_with 130
  says "interrupted: running targets end their step" "stopped between two steps"
  same "pg stopped my stopped file stopped pg-waits not-started my-waits not-started" "$(outcomes)"
  same r02 "$(pg signals_drain_1 'select version_num from dbfleet_version')"
  same r02 "$(my signals_drain_1 'select version_num from dbfleet_version')"
  same r02 "$(lite file.db 'select version_num from dbfleet_version')"
  same "" "$(pg signals_drain_2 "select tablename from pg_tables where schemaname = 'public'")" "a target was started after the signal"
  expect 0 upgrade head --yes
  says "5 done"
  expect 0 downgrade base --yes
}

@test "the first SIGINT lets running targets end their step, and starts no other" {
  drains_on INT
}

@test "SIGTERM does the same" {
  pg signals_drain_1 "drop schema public cascade; create schema public"
  pg signals_drain_2 "drop schema public cascade; create schema public"
  my '' "drop database signals_drain_1; create database signals_drain_1; drop database signals_drain_2; create database signals_drain_2"
  drains_on TERM
}

@test "the second SIGINT cancels statements: all is rolled back and unlocked, long before they would end" {
  chain 600
  all_dialects cancel
  start upgrade head --yes --jobs 3
  wait_until all_are_slow cancel
  kill -INT "$run_pid"
  wait_until grep -q "interrupt again to cancel" ../err
  all_are_slow cancel
  kill -INT "$run_pid"
  ends_with 130
  says "interrupted again"
  [[ $(outcomes) == "pg cancelled my cancelled file cancelled pg-waits not-started my-waits not-started" ]] || { outcomes; return 1; }
  same r01 "$(pg signals_cancel_1 'select version_num from dbfleet_version')"
  same "" "$(pg signals_cancel_1 "select 1 from pg_tables where tablename = 'slow'")"
  same 0 "$(pg postgres "select count(*) from pg_stat_activity where datname like 'signals_cancel%'")" "sessions left"
  same r01 "$(lite file.db 'select version_num from dbfleet_version')"
  same "" "$(lite file.db "select 1 from sqlite_master where name = 'slow'")"
  flock -n file.db.dbfleet-lock true
  same r01 "$(my signals_cancel_1 'select version_num from dbfleet_version')"
  same 0 "$(my '' "select count(*) from information_schema.processlist where db like 'signals_cancel%'")" "sessions left"

  # MariaDB kept the first statement, and goes on behind it.
  sed -i -e 's/sleep(600)/sleep(0)/' -e 's/limit 600000000/limit 10/' versions/r02*
  expect 0 upgrade head --yes
  says "5 done"
}

@test "the third signal leaves at once, and the targets are whole all the same" {
  chain 3
  echo "targets: [{name: pg, url: '$POSTGRES_URL/signals_gone_1', $POSTGRES_LOGIN, lock_wait: 30s}]" >inventory.yaml
  expect 0 upgrade r01 --yes
  start upgrade head --yes
  wait_until pg_sleeps signals_gone_1
  kill -INT "$run_pid"
  wait_until grep -q "interrupt again" ../err
  kill -INT "$run_pid"
  kill -INT "$run_pid" 2>/dev/null || true
  ends_with 130
  expect 0 upgrade head --yes
  same r03 "$(pg signals_gone_1 'select version_num from dbfleet_version')"
}

# Two targets: the slow one is in its long step when the other fails.
halting() {
  table_revision r01 "" t01
  revision r02 r01 "slow or wrong" <<SQL
-- migrate:up
select pg_sleep({{ seconds | raw }});
insert into t01 values ({{ id | raw }}, 'x');
-- migrate:down
select 1;
SQL
  table_revision r03 r02 t03
  cat >inventory.yaml <<YAML
defaults: {$POSTGRES_LOGIN, vars: {seconds: "0", id: "2"}}
targets:
  - {name: slow, url: "$POSTGRES_URL/signals_$1_1", vars: {seconds: "$2"}}
  - {name: wrong, url: "$POSTGRES_URL/signals_$1_2", vars: {seconds: "0.5", id: "1"}}
  - {name: late, url: "sqlite:late.db", create: true}
YAML
}

@test "on_halt step: a running target ends its step and no more" {
  halting step 2
  expect 3 upgrade head --yes --jobs 2
  says "halted: 1 target failed, max_failures is 0" "no further target is started"
  same "slow stopped wrong failed late not-started" "$(outcomes)"
  same r02 "$(pg signals_step_1 'select version_num from dbfleet_version')"
  [ ! -e late.db ]
}

@test "on_halt target: a running target goes on to the end of its path" {
  halting target 2
  printf 'rollout: {on_halt: target}\n' >>dbfleet.yaml
  expect 3 upgrade head --yes --jobs 2
  same "slow done wrong failed late not-started" "$(outcomes)"
  same r03 "$(pg signals_target_1 'select version_num from dbfleet_version')"
}

@test "on_halt cancel: a running target's step is cancelled and rolled back" {
  halting stop 600
  expect 3 upgrade head --yes --jobs 2 --on-halt cancel
  same "slow cancelled wrong failed late not-started" "$(outcomes)"
  same r01 "$(pg signals_stop_1 'select version_num from dbfleet_version')"
}

@test "a signal while targets are probed: nothing was done" {
  python3 -c 'import socket, time; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True); time.sleep(60)' >../port 3>&- &
  local server=$!
  chain 1
  wait_until grep -q . ../port
  echo "targets: [{name: silent, url: 'postgresql://u@127.0.0.1:$(cat ../port)/db', connect_timeout: 3s}, {name: file, url: 'sqlite:file.db', create: true}]" >inventory.yaml
  start upgrade head --yes
  sleep 1
  kill -INT "$run_pid"
  ends_with 130
  kill $server
  [ ! -e file.db ]
  same "" "$output"
}
