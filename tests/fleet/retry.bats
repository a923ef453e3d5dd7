#!/usr/bin/env bats
# What failed for the moment is tried again as the target's `retry` says: lock timeouts, broken connections, busy servers;
# the report tells how often, and nobody who wants to stop has to wait for it.

PREFIX=retry
load lib

setup_file() {
  use_servers
  drop_databases
  make_postgres retry_{locked,never,whole,drain,killed,busy,idle,idle2}
  make_mysql retry_locked
  pg postgres "create role retry_guest login password 'guest' connection limit 1"
  pg postgres "alter database retry_busy owner to retry_guest"
}

teardown_file() {
  use_servers
  drop_databases
  pg postgres "drop role if exists retry_guest"
}

setup() {
  use_servers
  new_project
  holder=
}

teardown() {
  [ -z "$holder" ] || kill "$holder" 2>/dev/null || true
  [ -z "${run_pid:-}" ] || kill -9 "$run_pid" 2>/dev/null || true
}

# one URL LOGIN SETTINGS
one() {
  echo "targets: [{name: one, url: \"$1\", lock_timeout: 200ms, $3, $2}]" >inventory.yaml
}

insert_into_held() {
  table_revision r01 "" t01
  revision r02 r01 "fills held" <<'SQL'
-- migrate:up
insert into held values (1);
-- migrate:down
delete from held;
SQL
}

# pg_hold DATABASE SECONDS: locks the table held there for so long.
pg_hold() {
  pg "$1" "create table if not exists held (id int)"
  pg "$1" "begin; lock table held; select pg_sleep($2)" &>/dev/null &
  holder=$!
  wait_until pg_holds "$1"
}

pg_holds() {
  [ "$(pg "$1" "select count(*) from pg_locks where relation = 'held'::regclass and granted and mode = 'AccessExclusiveLock'")" = 1 ]
}

# tries REVISION: as the report in $output says.
tries() {
  json '.targets[0].steps[] | select(.revision == "'"$1"'") | .tries'
}

# tried REVISION LEAST MOST
tried() {
  local count
  count=$(tries "$1")
  [ "$count" -ge "$2" ] && [ "$count" -le "$3" ] || { echo "$1 took $count tries"; return 1; }
}

@test "PostgreSQL: a step that waited too long for a lock is tried until it gets it" {
  insert_into_held
  one "$POSTGRES_URL/retry_locked" "$POSTGRES_LOGIN" "retry: {attempts: 50, initial: 200ms, maximum: 400ms}"
  pg_hold retry_locked 2
  expect 0 upgrade head --yes --format json
  tried r02 3 49
  same 1 "$(tries r01)"
  same 1 "$(pg retry_locked "select count(*) from held")"
}

my_holds() {
  [ "$(my '' "select count(*) from information_schema.processlist where db = 'retry_locked' and state = 'User sleep'")" = 1 ]
}

@test "MariaDB: a row lock that is held for a while is waited for" {
  insert_into_held
  one "$MYSQL_URL/retry_locked" "$MYSQL_LOGIN" "retry: {attempts: 50, initial: 200ms, maximum: 400ms}"
  my retry_locked "create table held (id int primary key); insert into held values (7)"
  my retry_locked "begin; select * from held for update; select sleep(3)" &>/dev/null &
  holder=$!
  wait_until my_holds
  expect 0 upgrade head --yes --format json
  tried r02 2 49
  same 2 "$(my retry_locked "select count(*) from held")"
}

@test "attempts: 1 tries nothing again" {
  insert_into_held
  one "$POSTGRES_URL/retry_never" "$POSTGRES_LOGIN" "retry: {attempts: 1}"
  pg_hold retry_never 30
  expect 1 upgrade head --yes --format json
  same 1 "$(tries r02)"
  pg postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'retry_never'" >/dev/null
}

@test "total ends what attempts would go on with" {
  insert_into_held
  one "$POSTGRES_URL/retry_never" "$POSTGRES_LOGIN" "retry: {attempts: 100, initial: 100ms, maximum: 200ms, total: 1s}"
  pg_hold retry_never 30
  expect 1 upgrade head --yes --format json
  tried r02 2 12
  pg postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'retry_never'" >/dev/null
}

@test "transaction: target is tried again as a whole" {
  insert_into_held
  one "$POSTGRES_URL/retry_whole" "$POSTGRES_LOGIN" "transaction: target, retry: {attempts: 50, initial: 200ms, maximum: 400ms}"
  pg_hold retry_whole 2
  expect 0 upgrade head --yes --format json
  tried r01 3 49
  same "$(tries r01)" "$(tries r02)"
  same "1 1" "$(pg retry_whole "select (select count(*) from held) || ' ' || (select count(*) from t01)")"
}

@test "an interrupt ends the wait at once" {
  insert_into_held
  one "$POSTGRES_URL/retry_drain" "$POSTGRES_LOGIN" "retry: {attempts: 9, initial: 1h, maximum: 1h, total: 0s}"
  pg_hold retry_drain 60
  "$DBFLEET" upgrade head --yes --format json >../out 2>../err 3>&- &
  run_pid=$!
  # waits between two tries: the session is there and does nothing
  wait_until waits_idle retry_drain
  kill -INT "$run_pid"
  local begin=$SECONDS status=0
  wait "$run_pid" || status=$?
  same 130 "$status"
  [ $((SECONDS - begin)) -lt 60 ]
  output=$(cat ../out)
  same 1 "$(tries r02)"
  pg postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'retry_drain'" >/dev/null
}

waits_idle() {
  [ "$(pg postgres "select count(*) from pg_stat_activity where datname = '$1' and application_name like 'dbfleet 2%'
       and state = 'idle' and state_change < now() - interval '500 ms'")" -ge 1 ] &&
    [ "$(pg "$1" "select count(*) from dbfleet_version")" = 1 ]
}

@test "PostgreSQL: a step whose session is killed is done again, once" {
  table_revision r01 "" t01
  revision r02 r01 "slow" <<'SQL'
-- migrate:up
insert into t01 (id, name) values (2, 'slow');
select pg_sleep(2);
-- migrate:down
delete from t01 where id = 2;
SQL
  one "$POSTGRES_URL/retry_killed" "$POSTGRES_LOGIN" "retry: {initial: 100ms}"
  "$DBFLEET" upgrade head --yes >../out 2>../err 3>&- &
  run_pid=$!
  wait_until kill_sleeper
  local status=0
  wait "$run_pid" || status=$?
  output=$(cat ../out) stderr=$(cat ../err)
  same 0 "$status" "$output$stderr"
  says "Tried again" "one: r02 in 2 tries"
  same 2 "$(pg retry_killed "select count(*) from t01")"
}

kill_sleeper() {
  [ "$(pg postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'retry_killed'
       and application_name like 'dbfleet 2%' and wait_event = 'PgSleep'")" = t ]
}

# Each target's step ends what the reading left of the other.
@test "a connection that the server ended between reading and run is made again, and nothing is said to be tried again" {
  revision r01 "" "ends the others" <<'SQL'
-- migrate:up
create table t (id int);
with others as materialized (
  select pid from pg_stat_activity where datname like 'retry_idle%' and datname <> current_database() and application_name like 'dbfleet %')
insert into t select pid from others where pg_terminate_backend(pid);
-- migrate:down
drop table t;
SQL
  cat >inventory.yaml <<YAML
defaults: {retry: {attempts: 1}, $POSTGRES_LOGIN}
targets:
  - {name: one, url: "$POSTGRES_URL/retry_idle"}
  - {name: two, url: "$POSTGRES_URL/retry_idle2"}
YAML
  expect 0 upgrade head --yes --jobs 1 --format json
  same '[1,1]' "$(jq -c '[.targets[].steps[0].tries]' <<<"$output")"
  same 1 "$(pg retry_idle "select count(*) from t")"
  same 0 "$(pg retry_idle2 "select count(*) from t")"
}

@test "a server that takes no more connections is asked again, when it is read and when its turn comes" {
  table_revision r01 "" t01
  echo "targets: [{name: one, url: 'postgresql://retry_guest:guest@127.0.0.1:$POSTGRES_PORT/retry_busy',
                   retry: {attempts: 50, initial: 200ms, maximum: 400ms}}]" >inventory.yaml
  PGPASSWORD=guest psql -XAtq -h 127.0.0.1 -p "$POSTGRES_PORT" -U retry_guest -d retry_busy -c "select pg_sleep(2)" &>/dev/null &
  holder=$!
  wait_until guest_is_there
  expect 0 upgrade head --yes
  same 1 "$(pg retry_busy "select count(*) from t01")"
}

guest_is_there() {
  [ "$(pg postgres "select count(*) from pg_stat_activity where usename = 'retry_guest'")" = 1 ]
}

@test "a busy server is unreachable once its attempts are used up" {
  table_revision r01 "" t01
  echo "targets: [{name: one, url: 'postgresql://retry_guest:guest@127.0.0.1:$POSTGRES_PORT/retry_busy', retry: {attempts: 2}}]" >inventory.yaml
  PGPASSWORD=guest psql -XAtq -h 127.0.0.1 -p "$POSTGRES_PORT" -U retry_guest -d retry_busy -c "select pg_sleep(30)" &>/dev/null &
  holder=$!
  wait_until guest_is_there
  expect 4 status --format json
  says "too many connections"
}
