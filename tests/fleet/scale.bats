#!/usr/bin/env bats
# A fleet goes up and down: ten revisions on many databases of each kind, to head, and back to nothing.
# DBFLEET_TEST_FULL=1 takes 300 PostgreSQL, 300 MariaDB and 1,000 SQLite databases.

PREFIX=scale
load lib

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
  table_chain 10
}

# What every database must say: the version row, then one history row for each step.
at_head() {
  echo r10
  seq -f 'r%02g up done 2/2' 10
}

at_base() {
  seq -f 'r%02g up done 2/2' 10
  seq -f 'r%02g down done 1/1' 10 -1 1
}

# goes_up_and_down COUNT each_KIND CONCATENATED-STEP TABLES-QUERY DATABASE...
goes_up_and_down() {
  local count=$1 each=$2 step=$3 tables=$4
  local look="select version_num from dbfleet_version; select $step from dbfleet_version_history order by seq"
  shift 4
  expect 0 upgrade head --yes --jobs 16
  says "$count targets: $count done"
  everywhere "$count" "$(at_head)" "$("$each" "$look" "$@")"

  expect 0 upgrade head --yes
  says "$count targets: $count unchanged"
  everywhere "$count" "$(at_head)" "$("$each" "$look" "$@")"

  expect 0 downgrade base --yes --jobs 16
  everywhere "$count" "$(at_base)" "$("$each" "$look" "$@")"
  everywhere "$count" $'dbfleet_version\ndbfleet_version_history' "$("$each" "$tables" "$@")"
}

# everywhere COUNT LINES ANSWERS: the answers are these lines, as often as there are databases.
everywhere() {
  diff <(for _ in $(seq "$1"); do echo "$2"; done) <(echo "$3") >differences ||
    { echo "not so in every database:" && head -n 20 differences && return 1; }
}

@test "PostgreSQL databases go to head and back to nothing" {
  local count databases
  count=${DBFLEET_TEST_FULL:+300}
  count=${count:-30}
  mapfile -t databases < <(names "$count" scale_)
  make_postgres "${databases[@]}"
  cat >inventory.yaml <<YAML
defaults: {$POSTGRES_LOGIN}
targets: [{name: "pg-{${databases[0]#scale_}..$count}", url: "$POSTGRES_URL/scale_{${databases[0]#scale_}..$count}"}]
YAML
  goes_up_and_down "$count" each_pg "concat(revision, ' ', direction, ' ', state, ' ', statements_done, '/', statements_total)" \
    "select tablename from pg_tables where schemaname = 'public' order by 1" "${databases[@]}"
}

@test "MariaDB databases go to head and back to nothing" {
  local count databases
  count=${DBFLEET_TEST_FULL:+300}
  count=${count:-30}
  mapfile -t databases < <(names "$count" scale_)
  make_mysql "${databases[@]}"
  cat >inventory.yaml <<YAML
defaults: {$MYSQL_LOGIN}
targets: [{name: "my-{${databases[0]#scale_}..$count}", url: "$MYSQL_URL/scale_{${databases[0]#scale_}..$count}"}]
YAML
  goes_up_and_down "$count" each_my "concat(revision, ' ', direction, ' ', state, ' ', statements_done, '/', statements_total)" \
    "show tables" "${databases[@]}"
}

@test "SQLite files go to head and back to nothing" {
  local count databases
  count=${DBFLEET_TEST_FULL:+1000}
  count=${count:-200}
  mapfile -t databases < <(names "$count" data/scale_)
  mkdir data
  cat >inventory.yaml <<YAML
defaults: {create: true}
targets: [{name: "file-{${databases[0]#data/scale_}..$count}", url: "sqlite:data/scale_{${databases[0]#data/scale_}..$count}"}]
YAML
  goes_up_and_down "$count" each_lite "revision || ' ' || direction || ' ' || state || ' ' || statements_done || '/' || statements_total" \
    "select name from sqlite_master where type = 'table' order by 1" "${databases[@]}"
}
