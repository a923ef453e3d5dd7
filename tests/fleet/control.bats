#!/usr/bin/env bats
# A run at work, watched and directed from another shell: pause, continue, abort; and what "runs" and "report" say of
# it meanwhile, and after it was killed.

load lib

setup() {
  new_project
}

teardown() {
  [ -z "${run_pid:-}" ] || kill -9 "$run_pid" 2>/dev/null || true
}

outcomes() {
  "$DBFLEET" report --format json | jq -r '.targets[] | "\(.target) \(.outcome)"' | xargs
}

events() {
  "$DBFLEET" report "${1:-last}" --events --format json | jq -r '.events[] | [.kind, .target // empty] | join(" ")'
}

done_count() {
  [ "$(outcomes | grep -o ' done' | wc -l)" -ge "$1" ]
}

@test "pause: who is at work goes on to the end, no other starts; continue: the rest is done" {
  slow_files 4 "$(counting 5)"
  start upgrade head --yes --jobs 1
  wait_until is_busy t1.db
  wait_until end_is running
  expect 0 pause last
  says "paused; targets at work go on"
  wait_until end_is paused
  wait_until done_count 1
  sleep 2.5
  same "t1 done t2 not-started t3 not-started t4 not-started" "$(outcomes)"
  [ ! -e t2.db ] || { echo "a target was started while the run was paused"; return 1; }
  expect 0 report last
  says "PAUSED" "paused by" "$(id -un)@"
  expect 0 status
  sed -i 's/limit [0-9]*/limit 8/' versions/r02*
  expect 0 continue last
  says "goes on"
  ends_with 0
  says "paused by" "continued by" "4 done"
  same "began paused continued finished" "$(events | grep -v target | grep -v step | xargs)"
  same "paused" "$(events | grep -E "^(paused|target-finished)" | head -1)" # at once, not when a target ends
  events | grep -q "target-started t1"
  events | grep -q "target-finished t4"
  end_is finished
  expect 78 pause last
  says "is over (finished): there is nothing to pause"
}

@test "an interrupt ends a paused run" {
  slow_files 3 "$(counting 5)"
  start upgrade head --yes --jobs 1
  wait_until is_busy t1.db
  wait_until end_is running
  expect 0 pause last
  wait_until done_count 1
  sleep 1
  [ ! -e t2.db ] || { echo "a target was started while the run was paused"; return 1; }
  kill -INT "$run_pid"
  ends_with 130
  same "t1 done t2 not-started t3 not-started" "$(outcomes)"
  expect 0 resume --yes
  says "2 targets: 2 done"
}

@test "abort: targets at work end their step, and nothing more is started" {
  slow_files 3 "$(counting 5)"
  start upgrade head --yes --jobs 1
  wait_until is_busy t1.db
  wait_until end_is running
  id=$("$DBFLEET" runs --format json | jq -r '.[0].run')
  expect 0 abort "${id:0:17}"
  ends_with 3
  says "HALTED" "aborted by $(id -un)@"
  same "t1 stopped t2 not-started t3 not-started" "$(outcomes)"
  same r02 "$(lite t1.db 'select version_num from dbfleet_version')"
  expect 0 runs --format json
  same "halted" "$(json '.[0].end')"
}

@test "abort --now: what runs is cancelled and rolled back" {
  slow_files 2 600000000
  start upgrade head --yes --jobs 1
  wait_until is_busy t1.db
  wait_until end_is running
  sleep 1.2
  expect 0 abort last --now
  ends_with 3
  same "t1 cancelled t2 not-started" "$(outcomes)"
  same r01 "$(lite t1.db 'select version_num from dbfleet_version')"
  flock -n t1.db.dbfleet-lock true
}

@test "a run that was killed is shown as died, its targets at work as in progress, and cannot be directed" {
  slow_files 3 600000000
  start upgrade head --yes --jobs 1
  wait_until is_busy t1.db
  sleep 2
  kill -9 "$run_pid"
  wait "$run_pid" || true
  end_is died
  expect 0 report
  says "DIED" "in progress when the run died"
  same "t1 not-started t2 not-started t3 not-started" "$(outcomes)"
  expect 78 pause last
  says "looks dead" "dbfleet resume"
  expect 78 abort nosuch
  says 'no run "nosuch"'
}

@test "events tell what was tried again, and why" {
  table_revision r01 "" t01
  echo "targets: [{name: one, url: 'sqlite:one.db', create: true, lock_timeout: 200ms}]" >inventory.yaml
  expect 0 upgrade head --yes
  table_revision r02 r01 t02
  sqlite3 one.db "begin immediate; select 1;" ".shell sleep 2" >/dev/null 3>&- &
  wait_until is_busy one.db
  expect 0 upgrade head --yes
  wait
  expect 0 report --events
  says "retried" "Events"
}

# ---- runs prune ----------------------------------------------------------------------------------------------------

@test "runs without a ledger: nothing, and no error" {
  echo "targets: []" >inventory.yaml
  expect 0 runs
  same "" "$output"
  says "no run was recorded here yet"
  expect 0 runs --format json
  same "[]" "$output"
  expect 0 runs prune --keep 1 --yes
  [ ! -e .dbfleet ]
}

@test "what went on with a run that was pruned can be gone on with" {
  table_chain 1
  printf '%s\n' 'targets:' "  - {name: one, url: 'sqlite:one.db', create: true}" "  - {name: two, url: 'sqlite:no/two.db', create: true}" >inventory.yaml
  expect 4 upgrade head --yes
  expect 4 retry --yes
  expect 0 runs prune --keep 1 --yes
  says "1 run deleted, 1 kept"
  mkdir no
  expect 0 resume --yes
  says "which is no longer in the ledger" "1 done"
}

@test "runs prune keeps the newest, and what has no end" {
  table_chain 1
  echo "targets: [{name: one, url: 'sqlite:one.db', create: true}]" >inventory.yaml
  for _ in 1 2 3; do
    expect 0 upgrade head --yes
    expect 0 downgrade base --yes
  done
  lite .dbfleet/ledger.db "update runs set finished_us = 0 where id = (select id from runs order by started_us limit 1)"
  expect 64 runs prune
  says "needs --keep"
  expect 64 runs prune --keep soon
  expect 64 runs prune --keep 2
  says "--yes"
  expect 0 runs prune --keep 2 --yes
  says "3 runs deleted, 3 kept"
  same 3 "$(lite .dbfleet/ledger.db 'select count(*) from runs')"
  for table in targets steps events paths path_steps; do
    same 0 "$(lite .dbfleet/ledger.db "select count(*) from $table where run_id not in (select id from runs)")" "$table"
  done
  expect 0 runs prune --keep 1d --yes
  says "0 runs deleted, 3 kept"
  lite .dbfleet/ledger.db "update runs set started_us = started_us - 90000000000, heartbeat_us = 0"
  expect 0 runs prune --keep 1d --yes
  says "3 runs deleted, 0 kept"
}
