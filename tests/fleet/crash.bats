#!/usr/bin/env bats
# dbfleet dies, or its connection does, in the middle of a statement that commits by itself: the next attempt finds out from
# the target whether it took effect, and only where that cannot be told a person must say.

PREFIX=crash
load lib

setup_file() {
  use_servers
  drop_databases
  make_mysql crash_{long,held,cut,part,sure}
  make_postgres crash_{index,left}
}

teardown_file() {
  use_servers
  drop_databases
}

setup() {
  use_servers
  new_project
  holder= run_pid=
}

teardown() {
  [ -z "$holder" ] || kill "$holder" 2>/dev/null || true
  [ -z "$run_pid" ] || kill -9 "$run_pid" 2>/dev/null || true
}

one_my() {
  echo "targets: [{name: one, url: \"$MYSQL_URL/$1\", lock_wait: 60s, lock_timeout: 60s, $MYSQL_LOGIN}]" >inventory.yaml
}

one_pg() {
  echo "targets: [{name: one, url: \"$POSTGRES_URL/$1\", lock_wait: 60s, lock_timeout: 60s, $POSTGRES_LOGIN}]" >inventory.yaml
}

# Rows that change once and once only, and an ALTER that takes a while between them.
long_alter() {
  revision r01 "" "long alter" <<'SQL'
-- migrate:up mysql
create table big (id int primary key, n int, r double) as select seq id, 0 n, rand() r from seq_1_to_300000;
update big set n = n + 1;
alter table big add key (r), algorithm=copy;
update big set n = n + 1;
-- migrate:up postgres transaction:false
create table big (id int, n int);
insert into big values (1, 0);
update big set n = n + 1;
create index concurrently big_n on big (n);
update big set n = n + 1;
SQL
}

begin() {
  "$DBFLEET" upgrade head --yes >run.log 2>&1 &
  run_pid=$!
}

my_runs() { # LIKE
  [ -n "$(my '' "select 1 from information_schema.processlist where info like '$1' and id <> connection_id()")" ]
}

my_id() {
  my '' "select id from information_schema.processlist where info like '$1' and id <> connection_id()"
}

pg_runs() {
  [ -n "$(pg postgres "select 1 from pg_stat_activity where datname = '$1' and query ilike '$2' and state = 'active'")" ]
}

killed() {
  kill -9 "$run_pid"
  wait "$run_pid" 2>/dev/null || true
  run_pid=
}

my_result() {
  my "$1" "select min(n), max(n), count(*), (select count(*) from information_schema.statistics where table_schema = '$1'
    and table_name = 'big' and column_name = 'r') from big"
}

@test "kill -9 while the server works on: the upgrade goes on behind the statement" {
  one_my crash_long
  long_alter
  begin
  wait_until my_runs 'alter table big%'
  killed
  expect 0 plan upgrade head
  says "another dbfleet is at work on this target"
  expect 0 upgrade head --yes
  same "$(printf '2\t2\t300000\t1')" "$(my_result crash_long)"
  same "$(printf 'done\t4\t0\tNULL')" "$(my crash_long 'select state, statements_done, intent, evidence from dbfleet_version_history')"
}

@test "kill -9 while it waits for a lock: the upgrade runs it again" {
  one_my crash_held
  long_alter
  my crash_held 'create table first (n int)'
  revision r02 r01 "waits" <<'SQL'
-- migrate:up
alter table first add m int;
insert into first values (1, 1);
SQL
  # `select … , sleep` keeps the table in use for the whole of its transaction.
  my crash_held 'begin; select * from first; select sleep(60)' &>/dev/null &
  holder=$!
  expect 0 upgrade r01 --yes
  begin
  wait_until my_runs 'alter table first%'
  killed
  expect 0 status
  my '' "kill $(my_id 'select sleep%')"
  expect 0 upgrade head --yes
  same "1	1" "$(my crash_held 'select * from first')"
}

@test "a connection that is cut inside a statement: the same run finds out and goes on" {
  one_my crash_cut
  long_alter
  begin
  wait_until my_runs 'alter table big%'
  my '' "kill $(my_id 'alter table big%')"
  wait "$run_pid" || { cat run.log; false; }
  run_pid=
  same "$(printf '2\t2\t300000\t1')" "$(my_result crash_cut)"
}

@test "a DROP that failed half-way blocks its target with the difference, until a person says" {
  one_my crash_part
  revision r01 "" "drops" <<'SQL'
-- migrate:up
create table a (n int);
create table b (n int);
drop table a, nosuch, b;
create table c (n int);
SQL
  expect 1 upgrade head --yes
  says "blocked" "undecidable" "(drop table a, nosuch, b)" "- table a: base table" "+ table b: absent" "statement 3"
  expect 1 upgrade head --yes --format json
  same blocked "$(json '.targets[0].outcome')"
  same undecidable "$(json '.targets[0].failure.class')"
  same 3 "$(json '.targets[0].failure.statement')"
  [[ $(json '.targets[0].failure.difference') == *"+ table a: absent"* ]]
  [[ $(json '.targets[0].failure.hint') == *"resume "*" --assume-done one"*"resume "*" --assume-not-done one"*"stamp REVISION -l one"* ]]
  expect 1 plan upgrade head
  says "undecidable"
  expect 0 resume --assume-done one --yes
  same c "$(my crash_part "show tables like 'c'")"
  expect 0 status --exit-code
}

@test "what a person takes for not done runs again" {
  one_my crash_sure
  revision r01 "" "calls" <<'SQL'
-- migrate:up
create table a (n int);
create procedure adds() begin insert into a values (1); signal sqlstate '45000' set message_text = 'too early'; end;
call adds();
SQL
  expect 1 upgrade head --yes
  says "undecidable" "too early"
  my crash_sure 'delete from a; drop procedure adds; create procedure adds() insert into a values (7)'
  expect 1 upgrade head --yes
  expect 0 resume --assume-not-done one --yes
  same 7 "$(my crash_sure 'select * from a')"
}

@test "PostgreSQL: kill -9 while an index is made concurrently" {
  one_pg crash_index
  long_alter
  pg crash_index 'create table other (n int)'
  pg crash_index "begin isolation level repeatable read; select * from other; select pg_sleep(60)" &>/dev/null &
  holder=$!
  wait_until pg_runs crash_index '%pg_sleep(60)'
  begin
  wait_until pg_runs crash_index 'create index concurrently%'
  killed
  pg postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'crash_index' and query ilike '%pg_sleep(60)'"
  expect 0 upgrade head --yes
  same "2|t" "$(pg crash_index "select n, indisvalid from big, pg_index where indexrelid = 'big_n'::regclass")"
}

@test "PostgreSQL: the invalid index that a broken connection leaves is dropped and made again" {
  one_pg crash_left
  long_alter
  pg crash_left 'create table other (n int)'
  pg crash_left "begin isolation level repeatable read; select * from other; select pg_sleep(60)" &>/dev/null &
  holder=$!
  wait_until pg_runs crash_left '%pg_sleep(60)'
  begin
  wait_until pg_runs crash_left 'create index concurrently%'
  sleep 0.5
  pg postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'crash_left' and query ilike 'create index concurrently%'"
  wait_until pg_runs crash_left '%index concurrently%'
  pg postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'crash_left' and query ilike '%pg_sleep(60)'"
  wait "$run_pid" || { cat run.log; false; }
  run_pid=
  same "2|t" "$(pg crash_left "select n, indisvalid from big, pg_index where indexrelid = 'big_n'::regclass")"
  same "1" "$(pg crash_left "select count(*) from pg_index where indrelid = 'big'::regclass")"
  same "dropped the invalid index public.big_n that a try before had left behind" \
    "$(pg crash_left 'select detail from dbfleet_version_history')"
}
