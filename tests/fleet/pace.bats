#!/usr/bin/env bats
# What the targets that are done teach about the rest: the estimate of the end, and who is slow.

load lib

PREFIX=pace

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

teardown() {
  [ -z "${run_pid:-}" ] || kill -9 "$run_pid" 2>/dev/null || true
  [ -z "${holder:-}" ] || kill "$holder" 2>/dev/null || true
}

estimate() {
  "$DBFLEET" report last --format json | jq -r '.estimate // empty'
}

has_estimate() {
  [ -n "$(estimate)" ]
}

@test "once a target is done it is known when the run will likely be over" {
  slow_files 4 "$(counting 2)"
  start upgrade head --yes --jobs 1
  wait_until end_is running
  [ -z "$(estimate)" ] || { echo "before any target is done: $(estimate)"; return 1; }
  wait_until has_estimate
  local left=$(($(date -d "$(estimate)" +%s) - $(date +%s)))
  [ "$left" -ge 1 ] && [ "$left" -le 30 ] || { echo "$left s left"; return 1; }
  expect 0 report last
  says "likely over at 20"
  ends_with 0
  [ -z "$(estimate)" ]
}

@test "a target that is far slower than its like is called out, with what it waits for" {
  make_postgres pace_1 pace_2 pace_3 pace_4
  each_pg 'create table busy (n int)' pace_1 pace_2 pace_3 pace_4
  revision r01 "" widen <<'SQL'
-- migrate:up
alter table busy add column m int;
-- migrate:down
alter table busy drop column m;
SQL
  cat >inventory.yaml <<YAML
defaults: {lock_timeout: 60s}
targets: [{name: "p{1..4}", url: "$POSTGRES_URL/pace_{1..4}", $POSTGRES_LOGIN}]
YAML
  PGAPPNAME=hoarder PGPASSWORD=$POSTGRES_PASSWORD psql -XAtq -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d pace_4 \
    -c 'begin' -c 'lock table busy' -c 'select pg_sleep(10)' >/dev/null 3>&- &
  holder=$!
  is_locked() { ! pg pace_4 "set lock_timeout = 50; select count(*) from busy" 2>/dev/null; }
  wait_until is_locked
  expect 0 upgrade head --yes
  says "p4 is slow: " "in r01 so far, where the median is" "it waits for a lock held by" "hoarder"
  same 1 "$(grep -c "is slow" <<<"$stderr")"
  expect 0 report last --format json
  [[ "$(json '.warnings[]')" == "p4 took "*" in r01, where the median is "*"; it waited for a lock held by "*hoarder* ]] || { json .warnings; return 1; }
  expect 0 report last --events
  says "slow-target"
}
