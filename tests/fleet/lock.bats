#!/usr/bin/env bats
# One dbfleet at a time on a target: a second one waits, then says who holds it; the lock dies with its holder, and what
# the dead one left is found out, not guessed.

PREFIX=lock
load lib

setup_file() {
  use_servers
  drop_databases
  make_postgres lock_{wait,kill,concurrently,tracks,moved}
  make_mysql lock_{wait,kill}
}

teardown_file() {
  use_servers
  drop_databases
}

setup() {
  use_servers
  new_project
  table_revision r01 "" t01
  revision r02 r01 slow <<'SQL'
-- migrate:up postgres
create table slow (n integer);
select pg_sleep(3);
insert into slow values (1);
-- migrate:up mysql
create table slow (n integer);
do sleep(3);
insert into slow values (1);
-- migrate:up sqlite
create table slow (n integer);
insert into slow with recursive n (i) as (select 1 union all select i + 1 from n limit 300000000) select count(*) from n;
-- migrate:down
drop table slow;
SQL
}

teardown() {
  [ -z "${holder:-}" ] || kill -9 "$holder" 2>/dev/null || true
}

# target URL [LOGIN] [LOCK-WAIT]
target() {
  cat >inventory.yaml <<YAML
defaults: {lock_wait: ${3:-1s}}
targets: [{name: target, url: "$1", create: ${create:-false}${2:+, $2}}]
YAML
}

# The first dbfleet, in the middle of its slow step.
hold() {
  expect 0 upgrade r01 --yes
  "$DBFLEET" upgrade head --yes >../holder 2>&1 3>&- &
  holder=$!
  wait_until "$@"
}

pg_sleeps() {
  [ "$(pg "$1" "select count(*) from pg_stat_activity where datname = '$1' and query like '%pg_sleep%' and wait_event = 'PgSleep'")" = 1 ]
}

my_sleeps() {
  [ "$(my '' "select count(*) from information_schema.processlist where db = '$1' and info like '%sleep%' and state = 'User sleep'")" = 1 ]
}

file_is_busy() {
  ! flock -n file.db.dbfleet-lock true && ! sqlite3 file.db "pragma busy_timeout = 0; begin immediate" 2>/dev/null
}

# The second dbfleet waits its second, and says who and what holds the target.
waits_and_tells() {
  local begin=${EPOCHREALTIME/./}
  expect 6 upgrade head --yes
  local took=$((${EPOCHREALTIME/./} - begin))
  [ $took -gt 1000000 ] || { echo "did not wait: $took us"; return 1; }
  says "1 locked" "another dbfleet works on this target" "waited 1.0 s" "$@"
}

holder_ends_well() {
  wait "$holder" || { cat ../holder; return 1; }
  grep -q "1 target: 1 done" ../holder
}

@test "PostgreSQL: a second dbfleet waits lock_wait, then names the holder; the first is not disturbed" {
  target "$POSTGRES_URL/lock_wait" "$POSTGRES_LOGIN"
  hold pg_sleeps lock_wait
  waits_and_tells "application dbfleet 20" "user postgres"
  holder_ends_well
  same r02 "$(pg lock_wait 'select version_num from dbfleet_version')"
}

@test "MariaDB: a second dbfleet waits lock_wait, then names the holder; the first is not disturbed" {
  target "$MYSQL_URL/lock_wait" "$MYSQL_LOGIN"
  hold my_sleeps lock_wait
  waits_and_tells "connection " "admin"
  holder_ends_well
  same r02 "$(my lock_wait 'select version_num from dbfleet_version')"
}

@test "SQLite: a second dbfleet waits lock_wait, then names the holder" {
  create=true target sqlite:file.db
  hold file_is_busy
  waits_and_tells "pid $holder"
}

# One row for the step, whichever dbfleet wrote it, and its SQL ran once.
once() {
  same "r02 1 1" "$("$@" "select concat((select version_num from dbfleet_version), ' ', (select count(*) from slow), ' ',
    (select count(*) from dbfleet_version_history where revision = 'r02'))")"
}

@test "PostgreSQL: the lock dies with a killed holder, and its step is there once" {
  target "$POSTGRES_URL/lock_kill" "$POSTGRES_LOGIN" 30s
  hold pg_sleeps lock_kill
  kill -9 "$holder"
  expect 0 upgrade head --yes
  once pg lock_kill
}

@test "MariaDB: the lock dies with a killed holder, and its step is there once" {
  target "$MYSQL_URL/lock_kill" "$MYSQL_LOGIN" 30s
  hold my_sleeps lock_kill
  kill -9 "$holder"
  expect 0 upgrade head --yes
  once my lock_kill
}

@test "SQLite: the lock dies with a killed holder at once, and its step is rolled back" {
  create=true target sqlite:file.db "" 5s
  hold file_is_busy
  kill -9 "$holder"
  wait "$holder" || true
  same "r01" "$(lite file.db 'select version_num from dbfleet_version')"
  sed -i 's/limit 300000000/limit 30/' versions/r02*
  expect 0 upgrade head --yes
  same "r02 1 1" "$(lite file.db "select (select version_num from dbfleet_version) || ' ' || (select count(*) from slow) || ' ' ||
    (select count(*) from dbfleet_version_history where revision = 'r02')")"
}

@test "PostgreSQL: one that waits does not hold up the holder's CREATE INDEX CONCURRENTLY" {
  target "$POSTGRES_URL/lock_concurrently" "$POSTGRES_LOGIN" 20s
  revision r02 r01 "index concurrently" <<'SQL'
-- migrate:up transaction:false
select pg_sleep(2);
create index concurrently t01_name on t01 (name);
-- migrate:down
drop index t01_name;
SQL
  rm versions/r02_slow.sql
  hold pg_sleeps lock_concurrently
  expect 0 upgrade head --yes
  says "reached the goal meanwhile"
  holder_ends_well
  same 1 "$(pg lock_concurrently "select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid where relname = 't01_name' and indisvalid")"
}

@test "a target that moved elsewhere while one waited for it is left alone, with exit code 5" {
  target "$POSTGRES_URL/lock_moved" "$POSTGRES_LOGIN" 20s
  rm versions/r02*
  sed -i 's/^drop table/select pg_sleep(3); &/' versions/r01*
  table_revision r02 r01 t02
  table_revision r03 r02 t03
  expect 0 upgrade r02 --yes
  "$DBFLEET" downgrade base --yes >../holder 2>&1 3>&- &
  holder=$!
  wait_until pg_sleeps lock_moved
  pg_at_r01() { [ "$(pg lock_moved 'select version_num from dbfleet_version')" = r01 ]; }
  wait_until pg_at_r01
  expect 5 upgrade head --yes
  says "1 stale" "moved since it was planned"
  holder_ends_well
  same "" "$(pg lock_moved 'select version_num from dbfleet_version')"
  expect 0 upgrade head --yes
}

@test "two tracks of one database do not wait for each other" {
  mkdir other
  mv versions/r01* other/
  sed -i 's/revises: r01/revises:/' versions/r02*
  echo 'tracks: {default: {versions: versions}, other: {versions: other, version_table: other_version}}' >>dbfleet.yaml
  cat >inventory.yaml <<YAML
defaults: {lock_wait: 0s, $POSTGRES_LOGIN}
targets:
  - {name: first, url: "$POSTGRES_URL/lock_tracks"}
  - {name: second, url: "$POSTGRES_URL/lock_tracks", track: other}
YAML
  "$DBFLEET" upgrade head --yes >../holder 2>&1 3>&- &
  holder=$!
  wait_until pg_sleeps lock_tracks
  expect 0 upgrade head --yes -n other
  pg_sleeps lock_tracks
  holder_ends_well
  same "r02 r01" "$(pg lock_tracks "select (select version_num from dbfleet_version) || ' ' || (select version_num from other_version)")"
}
