#!/usr/bin/env bats
# Throttles: while one has a reason, no further target starts on the host.

load lib

PREFIX=throttle

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
}

events() {
  "$DBFLEET" report last --events --format json | jq -r '.events[] | [.kind, .target // empty, .text // empty] | join(" ")'
}

held() {
  events | grep -q "^held"
}

files() {
  table_chain 1
  echo "targets: [$(printf "{name: t%s, url: 'sqlite:t%s.db', create: true}, " $(for i in $(seq "$1"); do echo "$i" "$i"; done))]" >inventory.yaml
}

policy() {
  { echo 'rollout:'; cat; } >>dbfleet.yaml
}

@test "a program that fails holds the fleet until it passes; what it says is shown and stays in the report" {
  files 3
  policy <<'YAML'
  throttle: {name: load, exec: [sh, -c, 'echo "$DBFLEET_HOST of $DBFLEET_RUN is busy"; test -e go'], every: 200ms}
YAML
  start upgrade head --yes
  wait_until held
  [ ! -e t1.db ] || { echo "started while it was held"; return 1; }
  touch go
  ends_with 0
  says "held: localhost: load: sh failed with exit code 1: localhost of 2" "no longer held: localhost: load" "3 done"
  expect 0 report last --format json
  [[ "$(json '.warnings[0]')" == "no target could start on localhost for "*": load: sh failed with exit code 1"* ]]
  events | grep -q "^released no longer held: localhost: load"
}

@test "an interrupt ends a run that is held, with nothing started" {
  files 2
  policy <<'YAML'
  throttle: {name: load, exec: ["false"], every: 200ms}
YAML
  start upgrade head --yes
  wait_until held
  kill -INT "$run_pid"
  ends_with 130
  says "2 not-started"
  [ ! -e t1.db ]
}

@test "abort, and the end of the window, end a run that is held" {
  files 2
  policy <<'YAML'
  throttle: {name: load, exec: [sleep, "60"], every: 200ms, timeout: 90s}
YAML
  start upgrade head --yes
  wait_until end_is running
  expect 0 abort last
  ends_with 3
  says "aborted by" "2 not-started"
  expect 3 upgrade head --yes --stop-starting-at 1s
  says "the time to start targets was over at"
}

@test "SQL is asked on a target of each host; a host whose answer has rows is held, and the other goes on" {
  make_postgres throttle_a throttle_b
  make_mysql throttle_a
  my throttle_a 'create table busy (why varchar(40)); insert into busy values ("replica lag 40 s")'
  pg throttle_a 'create table busy (why varchar(40))'
  pg throttle_b 'create table busy (why varchar(40))'
  table_chain 1
  cat >inventory.yaml <<YAML
targets:
  - {name: p1, url: "$POSTGRES_URL/throttle_a", $POSTGRES_LOGIN}
  - {name: p2, url: "$POSTGRES_URL/throttle_b", $POSTGRES_LOGIN}
  - {name: m1, url: "$MYSQL_URL/throttle_a", $MYSQL_LOGIN}
YAML
  policy <<'YAML'
  throttle: [{name: replica lag, sql: select why from busy, every: 200ms}]
YAML
  start upgrade head --yes
  wait_until held
  done_on_postgres() { [ "$(pg throttle_a "select count(*) from t01" 2>/dev/null)" = 1 ] && [ "$(pg throttle_b "select count(*) from t01" 2>/dev/null)" = 1 ]; }
  wait_until done_on_postgres
  sleep 0.5
  [ -z "$(my throttle_a "show tables like 't01'")" ] || { echo "started on the host that is held"; return 1; }
  my throttle_a 'delete from busy'
  ends_with 0
  says "held: 127.0.0.1: replica lag: 1 row: why=replica lag 40 s" "3 done"
}

@test "SQL that would write is refused by every server, and holds" {
  make_postgres throttle_w
  make_mysql throttle_w
  pg throttle_w "create table t (n int); create function sneak() returns int language sql as 'insert into t values (1) returning n'"
  my throttle_w "create table t (n int)"
  printf 'delimiter //\ncreate function sneak() returns int modifies sql data begin insert into t values (1); return 1; end//\n' |
    MYSQL_PWD=$MYSQL_SECRET mariadb --no-defaults -h 127.0.0.1 -P "$MYSQL_PORT" -u admin -D throttle_w
  table_chain 1
  for target in "$POSTGRES_URL/throttle_w $POSTGRES_LOGIN" "$MYSQL_URL/throttle_w $MYSQL_LOGIN"; do
    echo "targets: [{name: w, url: '${target%% *}', ${target#* }}]" >inventory.yaml
    printf '%s\n' 'version: 1' 'inventory: inventory.yaml' 'ledger: .dbfleet/ledger.db' >dbfleet.yaml
    policy <<'YAML'
  stop_starting_at: 1s
  throttle: {name: sneaky, sql: select sneak() as n, every: 200ms}
YAML
    expect 3 upgrade head --yes
    says "held: 127.0.0.1: sneaky: it cannot be asked" ; [[ $stderr == *[Rr][Ee][Aa][Dd]*[Oo][Nn][Ll][Yy]* ]]
  done
  same 0 "$(pg throttle_w 'select count(*) from t')"
  same 0 "$(my throttle_w 'select count(*) from t')"
}
