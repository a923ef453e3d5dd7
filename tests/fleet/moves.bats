#!/usr/bin/env bats
# A session that has read one MariaDB database reads the next one of its server, where target, user and settings leave it that.

PREFIX=moves
load lib

setup_file() {
  use_servers
  drop_databases
  make_mysql $(names 40 moves_) moves_Case '`moves_da-sh`'
  my '' "$(for user in moves_u moves_v; do
    printf "drop user if exists %s; create user %s identified by 'moved'; grant all on \`moves\\_%%\`.* to %s; " $user $user $user
  done)"
}

teardown_file() {
  use_servers
  drop_databases
  my '' "drop user if exists moves_u, moves_v, moves_few"
}

setup() {
  use_servers
  new_project
  export MOVED=moved
  link=
  table_chain 2
}

teardown() {
  stop_link
}

# target NAME USER DATABASE [MORE]: a line of the inventory; MORE may have another password.
target() {
  local more=${4:-}
  [[ $more == *password:* ]] || more="password: \"\${env:MOVED}\"${more:+, $more}"
  printf '  - {name: %s, url: "mysql://%s@127.0.0.1:%s/%s?sslmode=disable", %s}\n' "$1" "$2" "$MYSQL_PORT" "$3" "$more"
}

# forty [MORE]: the inventory of all databases.
forty() {
  echo "targets: [{name: \"m{01..40}\", url: \"$MYSQL_URL/moves_{01..40}?sslmode=disable\", $MYSQL_LOGIN${1:+, $1}}]" >inventory.yaml
}

connections() {
  wc -l <counts
}

# told [OPTION...]: what status says of each target, in the order of their names.
told() {
  "$DBFLEET" status --format json "$@" 2>/dev/null |
    jq -r '.targets | sort_by(.target)[] | "\(.target) \(.standing) \(.heads) \(.problem) \(.reason)"'
}

# told_alone NAME...: the same where each is read by a command of its own.
told_alone() {
  local name
  for name in "$@"; do
    told -l "$name"
  done
}

@test "forty databases are read over as many connections as there are jobs" {
  forty
  expect 0 upgrade head --yes
  run trips "$MYSQL_PORT" "$DBFLEET" status -j 4
  echo "$output round trips over $(connections) connections"
  [ "$(connections)" -le 4 ]
  [ "$output" -le $((40 + 4 * 4)) ]
  forty
  run trips "$MYSQL_PORT" "$DBFLEET" upgrade head --yes -j 4
  echo "an empty run: $output round trips over $(connections) connections"
  [ "$(connections)" -le 4 ]
  forty
  expect 0 status --format json -j 4
  same 40 "$(json '[.targets[] | select(.heads == ["r02"])] | length')" "targets at r02"
}

@test "a run's targets have a connection each, which the reading made" {
  forty
  expect 0 stamp r01 --yes
  each_my "drop table if exists t02" $(names 40 moves_)
  run trips "$MYSQL_PORT" "$DBFLEET" upgrade head --yes -j 4
  [ "$status" = 0 ]
  echo "$(connections) connections"
  [ "$(connections)" -le 45 ]
  forty
  expect 0 status --format json
  same 40 "$(json '[.targets[] | select(.heads == ["r02"])] | length')" "targets at r02"
}

# Good ones stand between, so that a session is there to be moved.
@test "what is wrong with one of a server's databases is told as of a target that is alone" {
  forty
  expect 0 upgrade head --yes
  my '' "drop user if exists moves_few; create user moves_few identified by 'moved'; grant all on \`moves\_1_\`.* to moves_few;
    grant create on moves_21.* to moves_few; grant select on moves_22.dbfleet_version to moves_few;
    drop table moves_18.dbfleet_version, moves_18.dbfleet_version_history"
  {
    echo targets:
    target good1 moves_few moves_11
    target missing moves_few moves_1x
    target unseen moves_few moves_none
    target good2 moves_few moves_12
    target no-right moves_few moves_02
    target good3 moves_few moves_13
    target no-table-right moves_few moves_21
    target good4 moves_few moves_14
    target no-history-right moves_few moves_22
    target good5 moves_few moves_15
    target wrong-password moves_few moves_16 "password: wrong"
    target good6 moves_few moves_17
    target no-tables moves_few moves_18
    target good7 moves_few moves_19
  } >inventory.yaml
  told_alone good{1..7} missing unseen no-{right,table-right,history-right,tables} wrong-password >alone
  same "$(sort alone)" "$(told -j 1 | sort)" "told by one command"
  same "$(sort alone)" "$(told -j 3 | sort)" "told by one command with three jobs"
  cat alone
  same 7 "$(grep -c '^good. at head' alone)" "targets that were read"
  my '' "drop user moves_few"
}

@test "another user, password or time limit has a session of its own" {
  {
    echo targets:
    target a1 moves_u moves_01
    target a2 moves_u moves_02
    target b1 moves_v moves_03
    target b2 moves_v moves_04
    target c1 moves_u moves_05 "lock_timeout: 7s"
    target c2 moves_u moves_06 "lock_timeout: 7s"
    target d1 moves_u moves_07 "statement_timeout: 7s"
    target e1 moves_u moves_08 "connect_timeout: 7s"
    target e2 moves_u moves_09 "connect_timeout: 7s"
  } >inventory.yaml
  cp inventory.yaml whole.yaml
  run trips "$MYSQL_PORT" "$DBFLEET" status -j 1
  [ "$status" = 0 ]
  same 5 "$(connections)" connections
  cp whole.yaml inventory.yaml
  run trips "$MYSQL_PORT" "$DBFLEET" status -j 8
  [ "$(connections)" -ge 5 ]
}

@test "a session that the server ends between two targets costs no target" {
  cat >end_sessions <<SH
#!/bin/sh
export MYSQL_PWD='$MYSQL_SECRET'
my() { mariadb --no-defaults -h 127.0.0.1 -P $MYSQL_PORT -u admin -N -B -e "\$1"; }
ids=\$(my "select id from information_schema.processlist where user = 'moves_u'")
for id in \$ids; do my "kill \$id"; done
echo "\$ids" >>ended
sleep 0.2
echo moved
SH
  chmod +x end_sessions
  {
    echo targets:
    target a1 moves_u moves_01
    target a2 moves_u moves_02 'password: "${cmd:./end_sessions}"'
    target a3 moves_u moves_03
  } >inventory.yaml
  expect 0 status --format json -j 1
  same 3 "$(json '[.targets[] | select(.problem == null)] | length')" "targets that were read"
  [ "$(wc -w <ended)" = 1 ]
}

@test "names with signs and capitals are read as they are" {
  {
    echo targets:
    target a1 moves_u moves_01
    target a2 moves_u moves_Case
    target a3 moves_u moves_da-sh
    target a4 moves_u moves_02
  } >inventory.yaml
  expect 0 stamp r01 --yes
  revision r03 r02 three <<<$'-- migrate:up\nselect 1;\n'
  cp inventory.yaml whole.yaml
  run trips "$MYSQL_PORT" "$DBFLEET" status -j 1
  same 1 "$(connections)" connections
  cp whole.yaml inventory.yaml
  expect 0 status --format json -j 1
  same "r01 r01 r01 r01" "$(json '.targets[].heads[]' | xargs)"
}

@test "with a limit for each server no more sessions are there than it says" {
  forty
  run trips "$MYSQL_PORT" "$DBFLEET" status -j 8 --per-host 1
  [ "$status" = 0 ]
  same 1 "$(connections)" connections
}
