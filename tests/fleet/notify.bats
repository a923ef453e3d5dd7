#!/usr/bin/env bats
# Notifications of real runs: who is told what, that no webhook holds up or fails a run, and that nothing secret is said.

load lib

setup() {
  new_project
  python3 "$DBFLEET_SOURCE/tests/fleet/webhook.py" "$BATS_TEST_TMPDIR" 3>&- &
  webhook_pid=$!
  wait_until test -s ../PORT
  HOOK=http://127.0.0.1:$(cat ../PORT)
}

teardown() {
  kill "$webhook_pid"
  [ -z "${run_pid:-}" ] || kill -9 "$run_pid" 2>/dev/null || true
}

# notify ENTRY...: YAML of each.
notify() {
  printf 'notify:\n' >>dbfleet.yaml
  printf '  - %s\n' "$@" >>dbfleet.yaml
}

files() {
  echo "targets: [$(printf "{name: t%s, url: 'sqlite:t%s.db', create: true}, " $(for i in $(seq "$1"); do echo "$i" "$i"; done))]" >inventory.yaml
}

told() {
  jq -r "$1" ../BODIES | xargs
}

@test "a run tells what it was asked to tell, in its order" {
  table_chain 1
  files 3
  lite t2.db 'create table t01 (x integer)'
  export HOOK_TOKEN=hush-hush
  notify "{url: '$HOOK/json', on: [started, failed, halted, finished], headers: {Authorization: 'Bearer \${env:HOOK_TOKEN}'}}"
  expect 3 upgrade head --yes --jobs 1
  same "started failed halted finished" "$(told .event)"
  same "3 1 1 1" "$(told '.outcomes["not-started"]')"
  same "null null null 3" "$(told .exit_code)"
  same "running running running halted" "$(told .end)"
  jq -se '.[3].next | startswith("dbfleet resume ")' ../BODIES
  jq -se '.[3].failures[0] | .names == ["t2"] and .class == "statement"' ../BODIES
  grep -q "'Authorization': 'Bearer hush-hush'" ../HEADERS
  expect 0 report --format json
  same 0 "$(json '.warnings | length')"
  ! grep -aqr hush-hush .dbfleet
}

@test "each wave is told when it is over, and the run that takes back what it did" {
  table_chain 1
  files 3
  lite t3.db 'create table t01 (x integer)'
  printf 'rollout: {waves: [t1, rest], max_failures: 0, on_failure: rollback-wave}\n' >>dbfleet.yaml
  notify "{url: '$HOOK/json', on: [wave, finished]}" "{url: '$HOOK/chat', on: wave, template: slack}"
  run --separate-stderr "$DBFLEET" upgrade head --yes --jobs 1
  same "wave wave finished finished" "$(told 'select(.event) | .event')"
  same "t1 done rest halted" "$(told 'select(.wave) | .wave | .name, .state')"
  same "upgrade rollback" "$(told 'select(.event == "finished") | .command')"
  jq -se 'map(select(.wave))[1] | .text | startswith("1 target failed")' ../BODIES
  grep -q 'WAVE HALTED' ../BODIES
}

@test "a chat is told in words" {
  table_chain 1
  files 2
  notify "{url: '$HOOK/chat', template: slack, on: finished}"
  expect 0 upgrade head --yes
  same 1 "$(wc -l <../BODIES)"
  [[ $(told .text) == "*DONE* upgrade "*"head"*"2 targets: 2 done" ]] || { told .text; return 1; }
}

@test "a webhook that fails is a warning, in the ledger too, and never shows its path or a secret" {
  table_chain 1
  files 1
  export HOOK_URL="$HOOK/404/hush-hush?hush-hush"
  notify "{url: '\${env:HOOK_URL}', on: finished}" "{url: '$HOOK/500/hush-hush', on: [started, finished], attempts: 2, name: ops}" \
    "{url: 'http://127.0.0.1:1/hush-hush', on: finished, attempts: 1}" "{url: '\${env:HOOK_NOT_SET}', on: finished}"
  expect 0 upgrade head --yes
  says 'warning: a notification was not sent: ${env:HOOK_URL}: HTTP 404' "ops: HTTP 500, 2 tries" "http://127.0.0.1:1: " \
    '${env:HOOK_NOT_SET}: the environment'
  says_not hush-hush
  expect 0 report --format json
  same 4 "$(json '.warnings | length')"
  says_not hush-hush
  ! grep -aqr hush-hush .dbfleet
}

@test "a webhook that hangs holds nobody up: the run is recorded, then it is waited for, and an interrupt ends the wait" {
  table_chain 1
  files 8
  notify "{url: '$HOOK/slow', timeout: 60s}"
  start upgrade head --yes
  wait_until end_is finished
  kill -0 "$run_pid"
  kill -INT "$run_pid"
  ends_with 0
  says "8 done" "1 notification to $HOOK was left out: no answer"
}

@test "a pause, its end, and an interrupt are told" {
  slow_files 3 "$(counting 3)"
  notify "{url: '$HOOK/json', on: [paused, continued, interrupted, finished]}"
  start upgrade head --yes --jobs 1
  wait_until is_busy t1.db
  wait_until end_is running
  expect 0 pause last
  wait_until end_is paused
  expect 0 continue last
  wait_until end_is running
  kill -INT "$run_pid"
  ends_with 130
  same "paused continued interrupted finished" "$(told .event)"
  same "paused running running interrupted" "$(told .end)"
  jq -se '.[0] | .next == "dbfleet continue " + .run' ../BODIES
}

@test "notify lists who is told, and tries each" {
  notify "{url: '$HOOK/json/hush-hush'}" "{url: '$HOOK/403', name: chat, template: slack, on: [failed], attempts: 1}"
  expect 0 notify
  says "$HOOK" chat slack "halted, finished"
  says_not hush-hush
  [ ! -e ../BODIES ]
  expect 1 notify --test --format json
  same "true false" "$(json '.[].sent' | xargs)"
  same "chat: HTTP 403" "$(json '.[1].problem')"
  says "not sent: chat: HTTP 403"
  same "test" "$(told '.event // empty')"
  says_not hush-hush
}

@test "notify without entries says so" {
  expect 78 notify
  says "nobody is told of runs"
}
