#!/usr/bin/env bats
# A ledger in a PostgreSQL database that several machines share: two projects stand for them.

PREFIX=shared_ledger
load lib

setup_file() {
  use_servers
  drop_databases
  make_postgres shared_ledger_{both,cut,gone,empty,control,role}
}

teardown_file() {
  use_servers
  drop_databases
}

setup() {
  use_servers
}

teardown() {
  [ -z "${run_pid:-}" ] || kill -9 "$run_pid" 2>/dev/null || true
}

# machine NAME DATABASE TARGETS [COUNT]: a project of its own, as the current folder, with a slow second revision.
machine() {
  mkdir -p "$BATS_TEST_TMPDIR/$1/versions"
  cd "$BATS_TEST_TMPDIR/$1"
  local url="postgresql://postgres:\${env:POSTGRES_PASSWORD}@127.0.0.1:$POSTGRES_PORT/$2"
  printf '%s\n' 'version: 1' 'inventory: inventory.yaml' "ledger: \"$url\"" >dbfleet.yaml
  table_revision r01 "" t01
  revision r02 r01 slow <<SQL
-- migrate:up
create table slow (n integer);
insert into slow with recursive n (i) as (select 1 union all select i + 1 from n limit ${4:-10}) select count(*) from n;
-- migrate:down
drop table slow;
SQL
  table_revision r03 r02 t03
  echo "targets: [$(printf "{name: $1-%s, url: 'sqlite:t%s.db', create: true}, " $(for i in $(seq "$3"); do echo "$i" "$i"; done))]" >inventory.yaml
}

@test "two machines write at the same time, the first time too, and each sees the other's runs" {
  machine one shared_ledger_both 30
  start upgrade head --yes
  machine two shared_ledger_both 30
  expect 0 upgrade head --yes
  ends_with 0
  expect 0 runs --format json
  same "30 finished 30 finished" "$(json '.[] | "\(.targets) \(.end)"' | xargs)"
  for target in one-1 two-1; do
    run_of=$(pg shared_ledger_both "select run_id from dbfleet_ledger.targets where name = '$target'")
    expect 0 report "$run_of" --events --format json
    same 30 "$(json '.outcomes.done')" "$target"
    same 30 "$(json '[.events[] | select(.kind == "target-finished")] | length')"
  done
  cd ../one
  expect 0 downgrade base --yes
  expect 0 upgrade head --yes -l '@failed:last' --allow-empty
  expect 0 rollback "$(pg shared_ledger_both "select id from dbfleet_ledger.runs where command = 'downgrade'")" --yes
  says "30 done"
  expect 0 runs prune --keep 1 --yes
  says "1 kept"
  [ ! -e .dbfleet ]
}

@test "pause and abort reach a run on another machine" {
  machine one shared_ledger_control 3 "$(counting 6)"
  start upgrade head --yes --jobs 1
  wait_until is_busy t1.db
  machine two shared_ledger_control 1
  wait_until end_is running
  expect 0 pause last
  wait_until end_is paused
  expect 0 continue last
  expect 0 abort last
  ends_with 3
  says "aborted by"
  wait_until end_is halted
}

@test "the ledger's connection is cut: it is made again, and nothing is missing" {
  machine one shared_ledger_cut 3 "$(counting 2)"
  start upgrade head --yes --jobs 1
  wait_until is_busy t1.db
  pg postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'shared_ledger_cut' and application_name = 'dbfleet ledger'"
  ends_with 0
  expect 0 report --events --format json
  same 3 "$(json '.outcomes.done')"
  same finished "$(json '.events[-1].kind')"
  same "$(json '.events | length')" "$(json '[.events[].time] | length')"
}

@test "a ledger whose database is gone stops new targets" {
  machine one shared_ledger_gone 3 "$(counting 5)"
  start upgrade head --yes --jobs 1 --format json
  wait_until is_busy t1.db
  pg postgres "drop database shared_ledger_gone with (force)"
  ends_with 3
  [[ $(json .halt_reason) == "the ledger cannot be written"* ]] || { json .halt_reason; return 1; }
  says "the end of the run could not be recorded"
  same "one-1 stopped one-2 not-started one-3 not-started" "$(json '.targets[] | "\(.target) \(.outcome)"' | xargs)"
}

@test "no run was recorded there, no password, no such database: told, and without secrets" {
  machine one shared_ledger_empty 1
  expect 0 runs
  says "no run was recorded here yet"
  same "" "$output"
  sed -i 's/shared_ledger_empty/shared_ledger_missing/' dbfleet.yaml
  expect 78 runs
  says "shared_ledger_missing"
  expect 78 upgrade head --yes
  says_not "$POSTGRES_PASSWORD"
  [ ! -e t1.db ]
  sed -i 's/POSTGRES_PASSWORD/NO_SUCH_VARIABLE/' dbfleet.yaml
  expect 78 upgrade head --yes
  says "NO_SUCH_VARIABLE"
  sed -i "s/\${env:NO_SUCH_VARIABLE}/$POSTGRES_PASSWORD/" dbfleet.yaml
  expect 78 upgrade head --yes
  says "this password can be read by whoever reads the file"
  says_not "$POSTGRES_PASSWORD"
  expect 64 pause
}

@test "postgres-ledger.sql: its role is enough, and may do nothing else there" {
  PGPASSWORD=$POSTGRES_PASSWORD psql -XAtq -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d shared_ledger_role \
    -f "$DBFLEET_SOURCE/docs/grants/postgres-ledger.sql"
  pg shared_ledger_role "alter role dbfleet_ledger password 'role-canary'"
  machine one shared_ledger_role 2
  sed -i -e 's|//postgres:|//dbfleet_ledger:|' -e 's/POSTGRES_PASSWORD/ROLE_PASSWORD/' dbfleet.yaml
  export ROLE_PASSWORD=role-canary
  expect 0 runs
  expect 0 upgrade head --yes
  expect 0 downgrade base --yes
  expect 0 runs prune --keep 1 --yes
  same 1 "$(pg shared_ledger_role 'select count(*) from dbfleet_ledger.runs')"
  same dbfleet_ledger "$(pg shared_ledger_role "select distinct schemaname from pg_tables where tableowner = 'dbfleet_ledger'")"
}
