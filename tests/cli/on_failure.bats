#!/usr/bin/env bats
# on_failure: what a rollout takes back by itself, whichever command ran it.

load ../fleet/lib

setup() {
  new_project
  cat >inventory.yaml <<'YAML'
groups:
  canary: {targets: [{name: c1, url: 'sqlite:c1.db', create: true}]}
  eu: {targets: [{name: 'e{1..6}', url: 'sqlite:e{1..6}.db', create: true}]}
YAML
  table_chain 1
}

policy() {
  printf 'rollout:\n  on_failure: %s\n  waves: [canary, rest]\n  gates: [{name: ready, exec: [test, -e, ready]}]\n' \
    "$1" >>dbfleet.yaml
}

run_of() { # COMMAND: the newest run of it
  "$DBFLEET" runs --format json | jq -r --arg command "$1" '[.[] | select(.command == $command)][0].run'
}

at_head() {
  "$DBFLEET" current --format json | jq '[.[] | select(.heads | length > 0)] | length'
}

@test "apply takes back the wave that a gate halted, and leaves its report" {
  policy rollback-wave
  expect 0 plan upgrade head -o plan.yaml
  expect 3 apply plan.yaml --yes --report run.json
  says "rollback-wave: of 1 target of wave canary, 1 was taken back by run" "DONE  rollback"
  same upgrade "$(jq -r .command run.json)"
  same 0 "$(at_head)"
}

@test "a run of every kind may end in a rollback: downgrade, resume and retry of one" {
  expect 0 upgrade head --yes
  policy rollback-run
  expect 3 downgrade base --yes
  says "rollback-run: of 1 target of the run, 1 was taken back by run"
  expect 0 report "$(run_of downgrade)" --format json
  same 1 "$(json ".warnings | length")"
  says "1 was taken back by run"
  same 7 "$(at_head)"
  expect 3 resume "$(run_of downgrade)" --yes
  says "1 was taken back by run"
  expect 3 retry "$(run_of downgrade)" --yes
  says "1 was taken back by run"
  same 7 "$(at_head)"
}

@test "a stamp that broke off is gone on with" {
  mkdir e3.db
  expect 4 stamp head --yes
  rmdir e3.db
  expect 0 resume --yes
  same 7 "$(at_head)"
}

@test "resume and retry go on with the run that was taken back, not with the rollback" {
  policy rollback-wave
  expect 3 upgrade head --yes
  same 0 "$(at_head)"
  expect 3 retry --yes
  says "is a rollback by on_failure: going on with run" "HALTED"
  touch ready
  expect 0 resume --yes
  says "is a rollback by on_failure: going on with run"
  same 7 "$(at_head)"
}

@test "a rollback by on_failure that left something is resumed without waves, gates and budgets" {
  cat >gate.sh <<'SH'
[ -e first ] || { touch first; exit 0; }
[ -d e2.db ] || { mv e2.db kept; mkdir e2.db; }
exit 1
SH
  printf 'rollout:\n  on_failure: rollback-run\n  waves: [canary, rest]\n  gates: [{name: g, exec: [sh, gate.sh]}]\n' \
    >>dbfleet.yaml
  expect 3 upgrade head --yes
  says "of 7 targets of the run, 6 were taken back by run" "1 could not be"
  rmdir e2.db
  mv kept e2.db
  same 1 "$(at_head)"
  expect 0 resume --yes
  says "DONE  rollback"
  same 0 "$(at_head)"
}

@test "a run whose rollback was killed says that one began" {
  policy rollback-run
  python3 -c "print('-- revision: r02\\n-- revises: r01\\n-- message: slow\\n\\n-- migrate:up\\ncreate table s (n int);\\n\\n-- migrate:down\\nwith recursive n(i) as (select 1 union all select i + 1 from n limit 300000000) select count(*) from n;')" \
    >versions/r02_slow.sql
  "$DBFLEET" upgrade head --yes >said 2>&1 &
  local pid=$!
  for _ in {1..1000}; do
    grep -q "on_failure: rollback-run" said && break
    sleep 0.1
  done
  sleep 1
  kill -9 "$pid"
  expect 0 report "$(run_of upgrade)" --format json
  says "began to take back the run, and its end was not seen"
}

@test "what an earlier run of the rollout changed is not taken back, and told" {
  policy rollback-run
  touch ready
  mkdir e3.db
  expect 4 upgrade head --yes
  rmdir e3.db
  rm ready
  expect 3 resume --yes
  says "1 was taken back by run" "rollback-run: 6 targets that run" "are not taken back: \"dbfleet rollback"
}
