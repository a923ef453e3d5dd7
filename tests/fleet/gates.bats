#!/usr/bin/env bats
# Gates against real servers: SQL on each target and on one URL, HTTP, programs; what they saw, and that none can write.

load lib

PREFIX=gates

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
  [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
}

serve() {
  mkdir -p ../http
  python3 "$BATS_TEST_DIRNAME/health.py" ../http 3>&- &
  server=$!
  wait_until test -e ../http/PORT
  PORT=$(cat ../http/PORT)
}

# rollout GATE: two waves of files a and b, and the gate between them.
rollout() {
  table_chain 1
  echo "targets: [{name: a, url: 'sqlite:a.db', create: true}, {name: b, url: 'sqlite:b.db', create: true}]" >inventory.yaml
  printf '%s\n' 'version: 1' 'inventory: inventory.yaml' 'ledger: .dbfleet/ledger.db' 'rollout:' '  waves: [a, rest]' "  gates: $1" >dbfleet.yaml
}

gate() {
  "$DBFLEET" report last --format json | jq -r ".waves[0].gates[] | $1"
}

@test "HTTP: 2xx passes, with the headers it was given" {
  serve
  export TOKEN=hush-hush-123
  rollout "{name: health, http: 'http://127.0.0.1:$PORT/health?key=\${env:TOKEN}', headers: {Authorization: 'Bearer \${env:TOKEN}'}}"
  expect 0 upgrade head --yes
  same "true HTTP 200" "$(gate '"\(.passed) \(.saw)"')"
  same "/health?key=hush-hush-123 Bearer hush-hush-123" "$(head -1 ../http/REQUESTS)"
}

@test "HTTP: a redirect is no good answer, and is not followed" {
  serve
  echo 302 >../http/STATUS
  rollout "{name: health, http: 'http://127.0.0.1:$PORT/health'}"
  expect 3 upgrade head --yes
  same "false HTTP 302, which leads to https://sso.example/login: redirects are not followed" "$(gate '"\(.passed) \(.saw)"')"
}

@test "HTTP: another status halts after its tries, says what came, and shows no secret" {
  serve
  echo 503 >../http/STATUS
  export TOKEN=hush-hush-123
  rollout "{name: health, http: 'http://127.0.0.1:$PORT/health?key=\${env:TOKEN}', headers: {Authorization: 'Bearer \${env:TOKEN}'}, attempts: 3, retry_wait: 100ms}"
  expect 3 upgrade head --yes
  says "health" "HTTP 503: replica lag is 40 s; you said Bearer ***"
  says_not "hush"
  same "false 3" "$(gate '"\(.passed) \(.tries)"')"
  same 3 "$(wc -l <../http/REQUESTS)"
  [ ! -e b.db ]
  ! grep -aq hush .dbfleet/ledger.db
  rm ../http/STATUS
  expect 0 resume --yes
  [ -e b.db ]
}

@test "HTTP: a service that comes back in time passes; one that hangs or is gone has failed" {
  serve
  echo 404 >../http/STATUS
  rollout "{http: 'http://127.0.0.1:$PORT/health', attempts: 50, retry_wait: 100ms, timeout: 500ms}"
  start upgrade head --yes
  wait_until test -e ../http/REQUESTS
  rm ../http/STATUS
  ends_with 0
  rm -f a.db b.db
  echo hang >../http/STATUS
  sed -i 's/attempts: 50/attempts: 1/' dbfleet.yaml
  expect 3 upgrade head --yes
  says "http://127.0.0.1:$PORT/health: no whole reply in 0.5 s"
  kill "$server"
  rm -f a.db b.db
  expect 3 upgrade head --yes
  [ ! -e b.db ]
}

@test "SQL on each target of the wave: those with rows are named" {
  make_postgres gates_a gates_b
  make_mysql gates_a
  for database in gates_a gates_b; do pg $database 'create table dead (letter varchar(20))'; done
  my gates_a 'create table dead (letter varchar(20)); insert into dead values ("to nobody")'
  table_chain 1
  cat >inventory.yaml <<YAML
targets:
  - {name: p1, url: "$POSTGRES_URL/gates_a", $POSTGRES_LOGIN}
  - {name: m1, url: "$MYSQL_URL/gates_a", $MYSQL_LOGIN}
  - {name: p2, url: "$POSTGRES_URL/gates_b", $POSTGRES_LOGIN}
YAML
  echo 'rollout: {waves: ["p1:m1", rest], gates: {name: dead letters, sql: select letter from dead}}' >>dbfleet.yaml
  expect 3 upgrade head --yes
  same "dead letters m1 false 1 row: letter=to nobody" "$(gate '"\(.gate) \(.target) \(.passed) \(.saw)"')"
  my gates_a 'delete from dead'
  expect 0 resume --yes
}

@test "SQL on one URL, with its password a reference; a failed login shows no password" {
  make_postgres gates_mon
  pg gates_mon 'create table alerts (service varchar(20), firing boolean)'
  rollout "{name: alerts, sql: select service from alerts where firing, url: 'postgresql://postgres:\${env:POSTGRES_PASSWORD}@127.0.0.1:$POSTGRES_PORT/gates_mon'}"
  expect 0 upgrade head --yes
  same "null true no rows" "$(gate '"\(.target) \(.passed) \(.saw)"')"
  rm -f a.db b.db
  pg gates_mon "insert into alerts values ('shop', true)"
  expect 3 upgrade head --yes
  says "1 row: service=shop"
  rm -f a.db b.db
  POSTGRES_PASSWORD=not-the-password-1 expect 3 upgrade head --yes
  says_not "not-the-password-1"
}

@test "SQL that would write fails on every server, and nothing is written" {
  make_postgres gates_w
  make_mysql gates_w
  pg gates_w "create table t (n int); create function sneak() returns int language sql as 'insert into t values (1) returning n'"
  my gates_w 'create table t (n int)'
  printf 'delimiter //\ncreate function sneak() returns int modifies sql data begin insert into t values (1); return 1; end//\n' |
    MYSQL_PWD=$MYSQL_SECRET mariadb --no-defaults -h 127.0.0.1 -P "$MYSQL_PORT" -u admin -D gates_w
  lite w.db 'create table t (n int)'
  local url sql
  for url in "postgresql://postgres:\${env:POSTGRES_PASSWORD}@127.0.0.1:$POSTGRES_PORT/gates_w" \
    "mysql://admin:\${env:MYSQL_SECRET}@127.0.0.1:$MYSQL_PORT/gates_w" "sqlite:w.db"; do
    for sql in 'select sneak()' 'insert into t values (1) returning n' 'select 1; insert into t values (1)' 'drop table t' 'commit'; do
      [[ $url != sqlite* || $sql != *sneak* ]] || continue
      rm -f a.db b.db
      rollout "{sql: '$sql', url: '$url'}"
      if [[ $sql == *sneak* ]]; then expect 3 upgrade head --yes; else expect 78 upgrade head --yes; fi
    done
  done
  same "0 0 0" "$(pg gates_w 'select count(*) from t') $(my gates_w 'select count(*) from t') $(lite w.db 'select count(*) from t')"
}

@test "paths start at dbfleet.yaml, those of the inventory at the inventory" {
  make_postgres gates_paths
  mkdir fleet secrets fleet/secrets
  echo hush-hush-9 >secrets/token
  printf %s "$POSTGRES_PASSWORD" >fleet/secrets/password
  printf '#!/bin/sh\ntest "$(cat secrets/token)" = hush-hush-9\n' >smoke
  chmod +x smoke
  table_chain 1
  serve
  cat >fleet/fleet.yaml <<YAML
targets: [{name: p, url: "$POSTGRES_URL/gates_paths", password: '\${file:secrets/password}'}]
YAML
  cat >dbfleet.yaml <<YAML
version: 1
inventory: fleet
ledger: .dbfleet/ledger.db
rollout:
  waves: [rest]
  throttle: [{sql: select 1 where false, every: 200ms}, {exec: [./smoke], every: 200ms}]
  gates:
    - {sql: select 1 where false}
    - {exec: [./smoke]}
    - {http: 'http://127.0.0.1:$PORT/', headers: {Authorization: '\${file:secrets/token}'}}
YAML
  expect 0 upgrade head --yes
  same "true true true" "$("$DBFLEET" report last --format json | jq -r '[.waves[0].gates[].passed | tostring] | join(" ")')"
  same "/ hush-hush-9" "$(tail -1 ../http/REQUESTS)"
}

@test "what can be seen to fail is refused before anything is changed" {
  rollout "[{sql: 'delete from t'}, {exec: [./nosuch]}]"
  echo "  throttle: {name: lag, sql: 'select 1; select 2', url: 'mysql://db/x'}" >>dbfleet.yaml
  expect 78 upgrade head --yes
  says 'dbfleet.yaml:6:' 'the sql of "sql delete from t" must be one SELECT, which only reads' 'there is no program ./nosuch' \
    'the sql of "lag" must be one SELECT'
  [ ! -e a.db ]
  expect 78 plan upgrade head -o plan.yaml
  says 'there is no program ./nosuch'
  [ ! -e plan.yaml ]
}

@test "a program that does not end is ended with all it started; an interrupt ends it at once" {
  rollout "{name: smoke, exec: [sh, -c, 'echo looking; (sleep 3; touch late) & sleep 60'], timeout: 500ms}"
  expect 3 upgrade head --yes
  says "smoke" "sh took longer than 0.5 s and was ended: looking"
  sleep 3.5
  [ ! -e late ]
  rm -f a.db b.db
  rollout "{name: smoke, exec: [sh, -c, 'touch asked; exec sleep 60']}"
  start upgrade head --yes
  wait_until test -e asked
  local begin=$SECONDS
  kill -INT "$run_pid"
  ends_with 130
  [ $((SECONDS - begin)) -lt 50 ]
  [ ! -e b.db ]
}
