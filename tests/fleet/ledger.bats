#!/usr/bin/env bats
# The ledger in trouble: deleted, replaced, locked, on a full disk, in a folder that cannot be written. No new target is
# started, those at work end, the report is there, and the targets know what they are at.

load lib

setup() {
  new_project
}

teardown() {
  [ -z "${run_pid:-}" ] || kill -9 "$run_pid" 2>/dev/null || true
  [ -z "${holder:-}" ] || kill "$holder" 2>/dev/null || true
  ! mountpoint -q "$BATS_TEST_TMPDIR/disk" || umount "$BATS_TEST_TMPDIR/disk"
}

# begin_slow_run: three targets, the first of them in its slow step, and written to the ledger as such.
begin_slow_run() {
  slow_files 3 "$1"
  start upgrade head --yes --jobs 1 --format json
  wait_until is_busy t1.db
}

# halted_in_json WHY: the report came from memory; t1 ended its step, the others were not started.
halted_in_json() {
  local reason
  reason=$(json .halt_reason)
  [[ $reason == "the ledger cannot be written: "*"$1"* ]] || { echo "$reason"; return 1; }
  [[ $stderr == *"the end of the run could not be recorded"* ]] || { echo "$stderr"; return 1; }
  same "t1 stopped t2 not-started t3 not-started" "$(json '.targets[] | "\(.target) \(.outcome)"' | xargs)"
  same r02 "$(lite t1.db 'select version_num from dbfleet_version')"
  [ ! -e t2.db ]
}

@test "a ledger that is deleted while the run is at work" {
  begin_slow_run "$(counting 4)"
  rm -r .dbfleet
  ends_with 3
  halted_in_json "was deleted, moved or replaced"
  expect 0 upgrade head --yes
  says "3 targets: 3 done"
}

@test "a ledger that is replaced by another is not written to" {
  begin_slow_run "$(counting 4)"
  rm .dbfleet/ledger.db*
  echo "select 1; create table other (n);" | sqlite3 .dbfleet/ledger.db >/dev/null
  ends_with 3
  halted_in_json "was deleted, moved or replaced"
  same "other" "$(lite .dbfleet/ledger.db "select name from sqlite_master")"
}

@test "a ledger that another program keeps locked" {
  slow_files 3 "$(counting 25)"
  start upgrade head --yes --jobs 1 --format json
  wait_until is_busy t1.db
  (echo "begin immediate;"; empty_lines 60) 3>&- | sqlite3 .dbfleet/ledger.db 3>&- &
  holder=$!
  ends_with 3
  halted_in_json "locked"
}

@test "a full disk under the ledger" {
  mkdir ../disk
  mount -t tmpfs -o size=2m none ../disk 2>/dev/null || skip "needs root for a small tmpfs"
  sed -i 's|^ledger:.*|ledger: ../disk/ledger.db|' dbfleet.yaml
  begin_slow_run "$(counting 4)"
  head -c 4000000 /dev/zero >../disk/filler 2>/dev/null || true
  ends_with 3
  halted_in_json "full"
  rm ../disk/filler
  expect 0 upgrade head --yes
  says "3 targets: 3 done"
  expect 0 runs
}

@test "a ledger that cannot be written at all: nothing is started" {
  slow_files 1 10
  mkdir ../disk
  mount -t tmpfs -o ro,size=256k none ../disk 2>/dev/null || skip "needs root for a read-only tmpfs"
  sed -i 's|^ledger:.*|ledger: ../disk/ledger.db|' dbfleet.yaml
  expect 78 upgrade head --yes
  says "ledger" "disk/ledger.db"
  [ ! -e t1.db ]
}

@test "commands read the ledger while a run writes it, and two runs share it" {
  table_chain 2
  echo "targets: [$(printf "{name: t%s, url: 'sqlite:t%s.db', create: true}, " $(for i in $(seq 20); do echo "$i" "$i"; done))]" >inventory.yaml
  start upgrade head --yes -l t1:t2:t3:t4:t5:t6:t7:t8
  "$DBFLEET" upgrade head --yes -l '!t1:!t2:!t3:!t4:!t5:!t6:!t7:!t8' >../other 2>&1
  for _ in 1 2 3; do
    expect 0 runs --format json
  done
  ends_with 0
  same 2 "$("$DBFLEET" runs --format json | jq '[.[] | select(.end == "finished")] | length')"
}
