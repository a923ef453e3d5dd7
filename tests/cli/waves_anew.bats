#!/usr/bin/env bats
# A rollout by waves that is begun anew while the one before it is at work, or behind what that one still owes.

load ../fleet/lib

setup() {
  new_project
  cat >>dbfleet.yaml <<'YAML'
rollout:
  waves: [canary, rest]
  gates: [{name: ready, exec: [sh, -c, "test $DBFLEET_WAVE != canary || test -e ok || { echo too slow; false; }"]}]
YAML
  cat >inventory.yaml <<'YAML'
groups:
  canary: {targets: [{name: c1, url: "sqlite:c1.db", create: true}]}
  eu: {targets: [{name: "e{1..3}", url: "sqlite:e{1..3}.db", create: true}]}
YAML
  table_chain 1
  run_pid=
}

teardown() {
  [ -z "$run_pid" ] || kill -KILL "$run_pid" 2>/dev/null || true
}

soaking() {
  "$DBFLEET" runs >/dev/null && "$DBFLEET" report last --format json | grep -q '"soaking"'
}

# begin_soak: a run that soaks behind canary for an hour.
begin_soak() {
  sed -i 's/^rollout:/rollout:\n  soak: 1h/' dbfleet.yaml
  start upgrade head --yes
  wait_until soaking
}

@test "a gate that failed is not passed over by the same command typed again" {
  expect 3 upgrade head --yes
  run=$("$DBFLEET" runs --format json | jq -r '.[0].run')
  for again in "upgrade head" "upgrade head -l eu" "upgrade r01"; do
    expect 3 $again --yes
    says "run $run ended behind wave canary: its gate ready failed" "too slow" "dbfleet resume $run" "--anew" "nothing was changed"
  done
  [ ! -e e1.db ]
  same 1 "$("$DBFLEET" runs --format json | jq length)"
  expect 3 resume --yes
  expect 3 upgrade head --yes
  says "its gate ready failed"
  touch ok
  expect 0 resume --yes
  expect 0 upgrade head --yes
}

@test "--anew, or no ledger, begins the rollout anew" {
  expect 3 upgrade head --yes
  expect 0 upgrade head --yes --anew
  [ -e e3.db ]
  rm -f ./*.db
  expect 3 upgrade head --yes
  rm -r .dbfleet
  expect 0 upgrade head --yes
}

@test "what was taken back, or has more to do, is not passed over and not refused" {
  expect 3 upgrade head --yes
  expect 0 rollback last --yes --no-waves
  expect 3 upgrade head --yes
  says "a gate behind wave canary failed"
  table_revision r02 r01 t02
  expect 3 upgrade head --yes
  says "a gate behind wave canary failed"
  touch ok
  expect 0 resume --yes
  [ "$(sqlite3 e3.db "SELECT version_num FROM dbfleet_version")" = r02 ]
}

@test "a run that soaks is not begun beside; one that was killed there is gone on with" {
  begin_soak
  expect 6 upgrade head --yes
  says "is still at work"
  expect 6 downgrade base --yes --anew
  kill -KILL "$run_pid"
  wait "$run_pid" || true
  run_pid=
  expect 3 upgrade head --yes
  says "ended behind wave canary" "its soak and gates were not gone through"
  [ ! -e e1.db ]
}

@test "a gate that one run did not pass is asked by those behind the next one" {
  expect 3 upgrade head --yes
  expect 3 resume --yes --stop-starting-at 2020-01-01T00:00:00Z
  expect 3 resume --yes
  says "a gate behind wave canary failed"
  [ ! -e e1.db ]
}

# events KIND: the waves that these events tell of.
events() {
  jq -r "select(.type == \"$1\") | .text" events | cut -d: -f1 | xargs
}

@test "a wave that never began is not told as one that ended" {
  touch ok
  sed -i 's/waves: .*/waves: [canary, {targets: rest, confirm: true}]/' dbfleet.yaml
  expect 3 upgrade head --yes --events events
  same "canary" "$(events wave-finished)"
}

@test "a wave whose turn comes after the time to start targets does not begin" {
  touch ok
  sed -i 's/exec: .*/exec: [sleep, "2"]}]/' dbfleet.yaml
  expect 3 upgrade head --yes --events events --stop-starting-at 1s
  same "canary" "$(events wave-started)"
  [ ! -e e1.db ]
}

@test "without the ledger, gates of a plan file are asked on what was done before too" {
  sed -i 's/e{1..3}", url: "sqlite:e{1..3}/c{2..4}", url: "sqlite:c{2..4}/; s/eu:/canary2:/' inventory.yaml
  sed -i 's/waves: .*/waves: [c1:c2, rest]/; s/exec: .*/sql: select 1 where 0}]/' dbfleet.yaml
  expect 0 plan upgrade head -o plan.yaml
  expect 0 apply plan.yaml --yes -l c1
  rm -r .dbfleet
  expect 0 apply plan.yaml --yes
  same "no rows on 2 targets" "$("$DBFLEET" report last --format json | jq -r '.waves[0].gates[0].saw')"
}
