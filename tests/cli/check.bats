#!/usr/bin/env bats
# check on SQLite: revisions and schema files are compared object by object, and the exit code says whether they differ.

load ../fleet/lib

setup() {
  new_project
  sed -i '/inventory/d' dbfleet.yaml
  mkdir schema
  table_chain 2
  for table in t01 t02; do
    echo "create table $table (id integer primary key, name varchar(40) not null);"
  done >schema/tables.sql
}

@test "revisions that lead to the schema files exit with 0" {
  expect 0 check
  [[ $output == same*"lead to what the schema files say"* ]]
}

@test "what differs is told object by object, and exits with 2" {
  printf 'create table t02 (id integer primary key, name varchar(50) not null, note text);\ncreate table t03 (a int);\n' >schema/tables.sql
  expect 2 check
  [[ $output == *"column t02.note: missing"* ]]
  [[ $output == *"table t01: extra"* ]]
  [[ $output == *"table t03: missing"* ]]
  [[ $output == *"column t02.name: "*"varchar(40)"*"varchar(50)"* ]]
  [[ $output == *"revision --autogenerate"* ]]
}

@test "as JSON and as annotations for GitHub" {
  echo "create table t01 (id integer primary key, name varchar(40) not null);" >schema/tables.sql
  expect 2 check --format json
  same true "$(json .different)"
  same "extra table t02" "$(json '.dialects[0].differences[] | select(.object == "table") | "\(.kind) \(.object) \(.key)"')"
  expect 2 check --format github
  same "::error title=schema files and revisions differ (sqlite)::table t02: extra" "$output"
}

@test "a hint that no revision has made yet is a difference; one that may be meant is proposed" {
  sed -i 's/name varchar(40) not null);$/title varchar(40) not null);/' schema/tables.sql
  expect 2 check
  [[ $output == *"--rename column:t01.name=title"* ]]
  expect 2 check --rename column:t01.name=title --rename column:t02.name=title --format json
  same "2 0" "$(json '.dialects[0] | "\(.renames | length) \(.differences | length)"')"
}

@test "a target can be compared instead of the revisions, which it is not changed by" {
  sqlite3 live.db "create table t01 (id integer primary key, name varchar(40) not null)"
  echo "targets: [{name: live, url: 'sqlite:live.db'}]" >inventory.yaml
  echo "inventory: inventory.yaml" >>dbfleet.yaml
  before=$(sha256sum live.db)
  expect 2 check --from-target live
  [[ $output == *"table t02: missing"* ]]
  same "$before" "$(sha256sum live.db)"
}

@test "a revision that fails and schema files that do not load are told with file and line" {
  echo "create tabel x (a int);" >schema/tables.sql
  expect 78 check
  says "schema/tables.sql:1"
  echo >schema/tables.sql
  sed -i 's/create table/create tabel/' versions/r02*
  expect 78 check
  says "r02_table_t02.sql:6"
}
