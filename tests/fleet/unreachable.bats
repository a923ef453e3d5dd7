#!/usr/bin/env bats
# Targets that cannot be reached: each has its own reason, the rest is done, and it ends in bounded time.

PREFIX=unreach
load lib

setup_file() {
  use_servers
  drop_databases
  make_postgres unreach_good
  make_mysql unreach_good
  start_black_holes
}

teardown_file() {
  kill "$HOLES_PID"
  use_servers
  drop_databases
}

setup() {
  use_servers
  new_project
  table_chain 2
}

# Three ports on loopback: one where nothing listens, one that takes connections and never says a word, and one whose
# queue is full, so that connecting itself never ends.
start_black_holes() {
  export HOLES_PID CLOSED_PORT SILENT_PORT FULL_PORT
  cat >"$BATS_FILE_TMPDIR/holes.py" <<'PYTHON'
import socket, time
closed = socket.create_server(("127.0.0.1", 0))
silent = socket.create_server(("127.0.0.1", 0), backlog=1024)
full = socket.create_server(("127.0.0.1", 0), backlog=0)
held = [socket.socket() for _ in range(4)]
for one in held:
    one.setblocking(False)
    one.connect_ex(full.getsockname())
print(*(s.getsockname()[1] for s in (closed, silent, full)), flush=True)
closed.close()
time.sleep(600)
PYTHON
  python3 "$BATS_FILE_TMPDIR/holes.py" >"$BATS_FILE_TMPDIR/ports" 2>&1 3>&- &
  HOLES_PID=$!
  wait_until grep -q . "$BATS_FILE_TMPDIR/ports"
  read -r CLOSED_PORT SILENT_PORT FULL_PORT <"$BATS_FILE_TMPDIR/ports"
}

# 200 that cannot be reached, 20 for each way and engine, and four good ones.
inventory_of_holes() {
  mkdir -p data
  export WRONG=wrong-password
  cat >inventory.yaml <<YAML
defaults: {connect_timeout: 1s, password: "\${env:POSTGRES_PASSWORD}"}
groups:
  closed:
    targets:
      - {name: "pg-closed-{01..20}", url: "postgresql://postgres@127.0.0.1:$CLOSED_PORT/a_{01..20}"}
      - {name: "my-closed-{01..20}", url: "mysql://admin@127.0.0.1:$CLOSED_PORT/a_{01..20}"}
  black-hole:
    targets:
      - {name: "pg-silent-{01..10}", url: "postgresql://postgres@127.0.0.1:$SILENT_PORT/a_{01..10}"}
      - {name: "my-silent-{01..10}", url: "mysql://admin@127.0.0.1:$SILENT_PORT/a_{01..10}"}
      - {name: "pg-full-{01..10}", url: "postgresql://postgres@127.0.0.1:$FULL_PORT/a_{01..10}"}
      - {name: "my-full-{01..10}", url: "mysql://admin@127.0.0.1:$FULL_PORT/a_{01..10}"}
  wrong-password:
    password: "\${env:WRONG}"
    connect_timeout: 10s
    targets:
      - {name: "pg-password-{01..20}", url: "$POSTGRES_URL/a_{01..20}"}
      - {name: "my-password-{01..20}", url: "$MYSQL_URL/a_{01..20}"}
  missing:
    connect_timeout: 10s
    targets:
      - {name: "pg-missing-{01..20}", url: "$POSTGRES_URL/unreach_missing_{01..20}"}
      - {name: "my-missing-{01..20}", url: "$MYSQL_URL/unreach_missing_{01..20}", $MYSQL_LOGIN}
      - {name: "file-missing-{01..40}", url: "sqlite:data/missing_{01..40}.db"}
  good:
    connect_timeout: 10s
    targets:
      - {name: pg-good, url: "$POSTGRES_URL/unreach_good"}
      - {name: my-good, url: "$MYSQL_URL/unreach_good", $MYSQL_LOGIN}
      - {name: "file-good-{1..2}", url: "sqlite:data/good_{1..2}.db", create: true}
YAML
}

# reason NAME: of one target in the last JSON plan.
reason() {
  json ".targets[] | select(.target == \"$1\") | .reason"
}

@test "200 unreachable targets: each has its own reason, the rest is done, the exit code is 4" {
  inventory_of_holes
  begin=$SECONDS
  expect 4 plan upgrade head --jobs 32 --format json
  [ $((SECONDS - begin)) -lt 40 ]
  same "4 200" "$(json '"\(.totals.pending) \(.totals.unreachable)"')"
  [[ $(reason pg-closed-07) == *refused* ]]
  [[ $(reason my-closed-07) == *refused* ]]
  for name in pg-silent-03 my-silent-03 pg-full-03 my-full-03; do
    [[ $(reason $name) == *"timed out"* ]] || { reason $name; return 1; }
  done
  [[ $(reason pg-password-05) == *"password authentication failed"* ]]
  [[ $(reason my-password-05) == *"Access denied"* ]]
  [[ $(reason pg-missing-09) == *'"unreach_missing_09" does not exist'* ]]
  [[ $(reason my-missing-09) == *"unreach_missing_09"* ]]
  [[ $(reason file-missing-09) == *"missing_09.db does not exist"* ]]

  begin=$SECONDS
  expect 4 upgrade head --yes --jobs 32 --max-failures 0
  [ $((SECONDS - begin)) -lt 40 ]
  says "INCOMPLETE" "204 targets: 4 done, 200 unreachable" "20 targets unreachable (authentication)" \
    "20 targets unreachable (unreachable)" "Next: dbfleet retry"
  says_not "wrong-password " "30 targets"
  same r02 "$(pg unreach_good 'select version_num from dbfleet_version')"
  same r02 "$(my unreach_good 'select version_num from dbfleet_version')"
  same "r02 r02" "$(each_lite 'select version_num from dbfleet_version' data/good_1.db data/good_2.db | xargs)"
  same "" "$(find data -name 'missing*')" "missing files were made"
}

@test "an unreachable target and a failed one: the exit code is 1" {
  echo "targets: [{name: gone, url: 'sqlite:gone.db'}, {name: here, url: 'sqlite:here.db', create: true}]" >inventory.yaml
  sed -i 's/^insert into t02/insert into t2/' versions/r02*.sql
  expect 1 upgrade head --yes
  says "1 failed, 1 unreachable"
}

@test "more unreachable targets than --max-unreachable: nothing is started" {
  echo "targets: [{name: 'gone-{1..3}', url: 'sqlite:gone-{1..3}.db'}, {name: here, url: 'sqlite:here.db', create: true}]" >inventory.yaml
  expect 3 upgrade head --yes --max-unreachable 2
  says "3 targets could not be reached, max_unreachable is 2"
  [ ! -e here.db ]
  expect 4 upgrade head --yes --max-unreachable 3
  same r02 "$(lite here.db 'select version_num from dbfleet_version')"
}

@test "the targets a run could not reach are what @unreachable selects" {
  echo "targets: [{name: 'late-{1..2}', url: 'sqlite:late-{1..2}.db'}, {name: here, url: 'sqlite:here.db', create: true}]" >inventory.yaml
  expect 4 upgrade head --yes
  run_id=$("$DBFLEET" runs --format json | jq -r '.[0].run // .runs[0].run')
  lite late-1.db "create table mine (a)"
  expect 4 upgrade head --yes -l "@unreachable:$run_id"
  says "2 targets: 1 done, 1 unreachable"
}
