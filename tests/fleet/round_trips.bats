#!/usr/bin/env bats
# What a target costs that no machine makes cheaper: round trips to its server, statements of a MariaDB step, and fsyncs of a SQLite
# file. Each revision may add one round trip and no more; what a target costs besides is a number that does not grow.

PREFIX=trips
load lib

setup_file() {
  use_servers
  drop_databases
  make_postgres trips_{2,8}
  make_mysql trips_{2,8}
}

teardown_file() {
  use_servers
  drop_databases
}

setup() {
  use_servers
  new_project
  link=
}

teardown() {
  stop_link
}

# upgrade_trips URL LOGIN PORT PREFIX: how many round trips 2 and 8 revisions take, each on a database that has its tables
upgrade_trips() {
  for count in 2 8; do
    rm -f versions/*
    table_chain "$count"
    echo "targets: [{name: one, url: \"$1/trips_$count?sslmode=disable\", $2}]" >inventory.yaml
    "$DBFLEET" ensure-version >/dev/null 2>&1
    trips "$3" "$DBFLEET" upgrade head --yes
  done
}

# expect_trips MOST: two counts, of 2 and of 8 revisions; beside the revisions there may be that many
expect_trips() {
  [ "$status" = 0 ] || { echo "$output"; false; }
  [ $((lines[1] - lines[0])) = 6 ] || { echo "$output"; false; }
  echo "beside the revisions: $((lines[0] - 2))"
  [ $((lines[0] - 2)) -le "$1" ]
}

# Three to connect (SCRAM), one that sets the session up and reads, one that locks and reads, and the goodbye; and one for the server,
# which is asked how many connections it has free.
@test "PostgreSQL: a target is connected to once, and a revision is one round trip" {
  run upgrade_trips "$POSTGRES_URL" "$POSTGRES_LOGIN" "$POSTGRES_PORT"
  expect_trips 7
  [ "$(wc -l <counts)" = 1 ]
}

@test "MariaDB: a target is connected to once, and a revision is one round trip" {
  run upgrade_trips "$MYSQL_URL" "$MYSQL_LOGIN" "$MYSQL_PORT"
  expect_trips 5
  [ "$(wc -l <counts)" = 1 ]
}

# idle_trips URL LOGIN PORT COMMAND...: the round trips of a command that finds its one target at the head
idle_trips() {
  local url=$1 login=$2 port=$3
  shift 3
  echo "targets: [{name: one, url: \"$url/trips_2?sslmode=disable\", $login}]" >inventory.yaml
  trips "$port" "$DBFLEET" "$@"
}

# expect_idle URL LOGIN PORT: nothing to do, up or down, is a round trip no more than status is.
expect_idle() {
  local read up down
  rm -f versions/*
  table_chain 2
  echo "targets: [{name: one, url: \"$1/trips_2?sslmode=disable\", $2}]" >inventory.yaml
  expect 0 upgrade head --yes
  read=$(idle_trips "$@" status)
  up=$(idle_trips "$@" upgrade head --yes)
  echo "targets: [{name: one, url: \"$1/trips_2?sslmode=disable\", $2}]" >inventory.yaml
  expect 0 downgrade base --yes
  down=$(idle_trips "$@" downgrade base --yes)
  same "$read $read" "$up $down" "round trips"
}

@test "PostgreSQL: a run that has nothing to do on a target leaves it as status does" {
  expect_idle "$POSTGRES_URL" "$POSTGRES_LOGIN" "$POSTGRES_PORT"
}

@test "MariaDB: a run that has nothing to do on a target leaves it as status does" {
  expect_idle "$MYSQL_URL" "$MYSQL_LOGIN" "$MYSQL_PORT"
}

# column_chain N: revisions r01 to rN, each with a column.
column_chain() {
  local i parent=r00
  revision r00 "" table <<<$'-- migrate:up\ncreate table wide (id integer primary key);\n'
  for i in $(seq -f %02g "$1"); do
    revision "r$i" "$parent" "column $i" <<<$'-- migrate:up\nalter table wide add column c'"$i"$' integer;\n'
    parent=r$i
  done
}

# statements CHAIN: how many statements the server runs for 2 and for 8 revisions, by its own count of a user who does nothing else
statements() {
  local count
  my '' 'set global userstat = 1'
  for count in 2 8; do
    rm -f versions/*
    "$1" "$count"
    my '' "drop database if exists trips_$count; create database trips_$count; drop user if exists trips_$count;
      create user trips_$count identified by 'counted'; grant all on trips_$count.* to trips_$count"
    echo "targets: [{name: one, url: \"mysql://trips_$count:counted@127.0.0.1:$MYSQL_PORT/trips_$count?sslmode=disable\"}]" >inventory.yaml
    "$DBFLEET" ensure-version >/dev/null 2>&1
    my '' "flush user_statistics"
    "$DBFLEET" upgrade head --yes >run.out 2>&1 || { cat run.out; return 1; }
    my '' "select SELECT_COMMANDS + UPDATE_COMMANDS + OTHER_COMMANDS
      from information_schema.USER_STATISTICS where USER = 'trips_$count'"
    my '' "drop user trips_$count"
  done
  my '' 'set global userstat = 0'
}

# The picture (two, with three inside of them), the row with its intent, the statement; BEGIN, version row, its check, "done", COMMIT.
@test "MariaDB: a column that is added makes ten statements more" {
  run statements column_chain
  [ "$status" = 0 ] || { echo "$output"; false; }
  echo "2 revisions: ${lines[0]}, 8 revisions: ${lines[1]}"
  [ $((lines[1] - lines[0])) = $((6 * 11)) ]
}

# Beside those: "done" of the first with the intent of the rows, and three that put the session back.
@test "MariaDB: a DDL statement and rows make eleven statements more" {
  run statements table_chain
  [ "$status" = 0 ] || { echo "$output"; false; }
  echo "2 revisions: ${lines[0]}, 8 revisions: ${lines[1]}"
  [ $((lines[1] - lines[0])) = $((6 * 13)) ]
}

fsyncs() {
  rm -f versions/* one.db* counts
  table_chain "$1"
  echo 'targets: [{name: one, url: "sqlite:one.db", create: true}]' >inventory.yaml
  strace -f -qq -e trace=fsync,fdatasync -e signal=none -P "$PWD/one.db" -P "$PWD/one.db-journal" -P "$PWD" -o trace "$DBFLEET" upgrade head --yes >/dev/null 2>&1
  grep -c sync trace
}

# The journal twice, the database, and the folder that the journal is in; the making of the two tables is one transaction more.
@test "SQLite: a revision syncs no more often than its transaction has to" {
  local two eight
  two=$(fsyncs 2)
  eight=$(fsyncs 8)
  echo "2 revisions: $two, 8 revisions: $eight"
  [ "$two" = $((3 * 4)) ]
  [ "$eight" = $((9 * 4)) ]
}
