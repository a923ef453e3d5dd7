#!/usr/bin/env bats
# A session that has read one MariaDB database reads the next one of its server, and one that has read a schema of a PostgreSQL
# database the next schema of it, where user and settings leave it that.

PREFIX=moves
load lib

setup_file() {
  use_servers
  drop_databases
  make_postgres moves_schemas moves_other
  pg moves_schemas "$(printf 'create schema tenant_%s; ' $(names 20 '')) create schema \"Ten\"\"ant\"; create schema closed;"
  pg moves_schemas "drop role if exists moves_r; create role moves_r login password 'moved'"
  make_mysql $(names 40 moves_) moves_Case '`moves_da-sh`'
  my '' "$(for user in moves_u moves_v; do
    printf "drop user if exists %s; create user %s identified by 'moved'; grant all on \`moves\\_%%\`.* to %s; " $user $user $user
  done)"
}

teardown_file() {
  use_servers
  drop_databases
  my '' "drop user if exists moves_u, moves_v, moves_few, moves_one"
  pg postgres "drop role if exists moves_r"
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

# The second target's session would need the place that the first one's idle one has.
@test "a server that takes no more connections gets idle sessions back" {
  my '' "drop user if exists moves_one; create user moves_one identified by 'moved' with max_user_connections 1;
    grant all on \`moves\_%\`.* to moves_one"
  {
    echo targets:
    target a1 moves_one moves_01
    target a2 moves_one moves_02 "lock_timeout: 7s, retry: {attempts: 3, initial: 200ms}, password: \"\${cmd:sleep 1; echo moved}\""
  } >inventory.yaml
  expect 0 status --format json -j 2
  same 2 "$(json '[.targets[] | select(.problem == null)] | length')" "targets that were read"
  my '' "drop user moves_one"
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

# ---- Schemas of a PostgreSQL database ----

# schema NAME SCHEMA [MORE]: a line of the inventory.
schema() {
  local more=${3:-}
  [[ $more == *password:* ]] || more="$POSTGRES_LOGIN${more:+, $more}"
  printf '  - {name: %s, url: "%s/%s?sslmode=disable", schema: %s, %s}\n' "$1" "${url:-$POSTGRES_URL}" "${database:-moves_schemas}" "$2" "$more"
}

# twenty: the inventory of all tenants.
twenty() {
  echo "targets: [{name: \"s{01..20}\", url: \"$POSTGRES_URL/moves_schemas?sslmode=disable\", schema: \"tenant_{01..20}\", $POSTGRES_LOGIN}]" >inventory.yaml
}

@test "PostgreSQL: the schemas of a database are read over as many connections as there are jobs" {
  twenty
  expect 0 upgrade head --yes
  twenty
  run trips "$POSTGRES_PORT" "$DBFLEET" status -j 2
  echo "$output round trips over $(connections) connections"
  [ "$(connections)" -le 2 ]
  [ "$output" -le $((20 + 2 * 5)) ]
  twenty
  expect 0 status --format json -j 2
  same 20 "$(json '[.targets[] | select(.heads == ["r02"])] | length')" "targets at r02"
  expect 0 downgrade r01 --yes
  twenty
  expect 0 upgrade head --yes -j 2
  expect 0 status --format json -j 1
  same 20 "$(json '[.targets[] | select(.heads == ["r02"])] | length')" "targets at r02"
}

@test "PostgreSQL: what is wrong with one of a database's schemas is told as of a target that is alone" {
  twenty
  expect 0 upgrade head --yes
  pg moves_schemas "grant usage on schema tenant_01, tenant_02, tenant_03, tenant_04, tenant_05, tenant_06, \"Ten\"\"ant\" to moves_r;
    grant select on all tables in schema tenant_01, tenant_02, tenant_03, tenant_04 to moves_r"
  {
    echo targets:
    url=${POSTGRES_URL/postgres@/moves_r@} POSTGRES_LOGIN='password: "${env:MOVED}"'
    schema good1 tenant_01
    schema missing nowhere
    schema good2 tenant_02
    schema closed closed
    schema good3 tenant_03
    schema no-table-right tenant_05
    schema good4 tenant_04
    schema no-tables '"Ten\"ant"'
  } >inventory.yaml
  told_alone good{1..4} missing closed no-{tables,table-right} >alone
  cat alone
  same 4 "$(grep -c '^good. at head' alone)" "targets that were read"
  same "$(sort alone)" "$(told -j 1 | sort)" "told by one command"
  same "$(sort alone)" "$(told -j 3 | sort)" "told by one command with three jobs"
  pg moves_schemas "drop owned by moves_r"
}

@test "PostgreSQL: another database, time limit or no schema has a session of its own" {
  pg moves_other 'create schema tenant_01'
  {
    echo targets:
    schema a1 tenant_01
    schema a2 tenant_02
    database=moves_other schema b1 tenant_01
    schema c1 tenant_03 "lock_timeout: 7s"
    schema c2 tenant_04 "lock_timeout: 7s"
    echo "  - {name: d1, url: \"$POSTGRES_URL/moves_schemas?sslmode=disable\", $POSTGRES_LOGIN}"
    schema e1 tenant_05
  } >inventory.yaml
  run trips "$POSTGRES_PORT" "$DBFLEET" status -j 1
  [ "$status" = 0 ]
  same 5 "$(connections)" connections
}
