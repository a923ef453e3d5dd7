#!/usr/bin/env bats
# One inventory of all three engines; a revision that fails on some targets halts the run, is fixed, and finishes.
# On MariaDB, where DDL commits by itself, a revision that failed in the middle goes on behind what is done.

PREFIX=mixed
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
}

# Sections by dialect: each target must get its own, and the last statement is what fails on targets with duplicates.
mixed_revisions() {
  table_revision r01 "" customers
  revision r02 r01 "engine of each" <<'SQL'
-- migrate:up postgres
create table engine as select 'postgres' as name, jsonb_build_object('a', 1) as document;
-- migrate:up mysql
create table engine (name varchar(20) not null) engine=InnoDB;
insert into engine values ('mysql');
-- migrate:up sqlite
create table engine (name text) strict;
insert into engine values ('sqlite');
-- migrate:down
drop table engine;
SQL
  revision r03 r02 "unique names" <<'SQL'
-- migrate:up
create unique index customers_name on customers (name);

-- migrate:down postgres
drop index customers_name;
-- migrate:down mysql
drop index customers_name on customers;
-- migrate:down sqlite
drop index customers_name;
SQL
}

mixed_inventory() {
  mkdir -p data
  make_postgres mixed_{01..20}
  make_mysql mixed_{01..20}
  cat >inventory.yaml <<YAML
groups:
  pg: {$POSTGRES_LOGIN, targets: [{name: "pg-{01..20}", url: "$POSTGRES_URL/mixed_{01..20}"}]}
  my: {$MYSQL_LOGIN, targets: [{name: "my-{01..20}", url: "$MYSQL_URL/mixed_{01..20}"}]}
  file: {create: true, targets: [{name: "file-{01..20}", url: "sqlite:data/mixed_{01..20}.db"}]}
YAML
}

BAD="insert into customers values (2, 'customers')"
CURE="delete from customers where id = 2;"

@test "60 targets of three engines: a failing revision halts, its failures are clustered, the fixed one finishes" {
  mixed_inventory
  mixed_revisions
  expect 0 upgrade r02 --yes --jobs 16
  says "60 targets: 60 done"
  same postgres "$(pg mixed_07 'select name from engine')"
  same mysql "$(my mixed_07 'select name from engine')"
  same sqlite "$(lite data/mixed_07.db 'select name from engine')"

  pg mixed_02 "$BAD"
  pg mixed_04 "$BAD"
  my mixed_02 "$BAD"
  my mixed_03 "$BAD"
  lite data/mixed_02.db "$BAD"
  expect 3 upgrade head --yes --max-failures 2 --jobs 2 # both meet a bad one of MariaDB: no worker runs away meanwhile
  says "HALTED" "3 targets failed, max_failures is 2" "2 targets failed: revision r03, up" "targets: pg-02, pg-04" \
    "r03_unique_names.sql:6:1" "23505" "create unique index customers_name" "Not started"
  expect 0 report --format json
  report=$output
  [ "$(json '[.targets[] | select(.outcome == "not-started")] | length')" -gt 20 ]
  same "" "$(json '.targets[] | select(.outcome == "not-started" and (.steps | length) > 0) | .name')" "started after the halt"
  same 60 "$(json '.targets | length')"

  # What the report says is what the targets say.
  each_pg "select current_database(), version_num from dbfleet_version" mixed_{01..20} >versions.txt
  while IFS='|' read -r database row; do
    outcome=$(jq -r --arg name "pg-${database#mixed_}" '.targets[] | select(.target == $name) | .outcome' <<<"$report")
    case $outcome in
      done) same r03 "$row" "$database" ;;
      *) same r02 "$row" "$database, which is $outcome" ;;
    esac
  done <versions.txt

  sed -i "s/^create unique index/$CURE\n&/" versions/r03*.sql
  expect 0 upgrade head --yes --jobs 16
  says "DONE" "unchanged"
  same 20 "$(each_pg 'select version_num from dbfleet_version' mixed_{01..20} | grep -cx r03)"
  same 20 "$(each_my 'select version_num from dbfleet_version' mixed_{01..20} | grep -cx r03)"
  same 20 "$(each_lite 'select version_num from dbfleet_version' data/*.db | grep -cx r03)"
  same 20 "$(each_pg "select 1 from dbfleet_version_history where revision = 'r03' and state = 'done'" mixed_{01..20} | wc -l)"
}

half_applied() {
  database=mixed_$1
  make_mysql "$database"
  cat >inventory.yaml <<YAML
targets: [{name: half, $MYSQL_LOGIN, url: "$MYSQL_URL/$database"}]
YAML
  table_revision r01 "" log
  revision r02 r01 "three statements" <<'SQL'
-- migrate:up
create table counted (id integer primary key auto_increment, at timestamp(6) default current_timestamp(6));
alter table missing add column x int;
insert into counted values ();
-- migrate:down
drop table counted;
SQL
  expect 1 upgrade head --yes
  says "r02_three_statements.sql:7:1" "statement 2" "1146" "$database.missing"
}

@test "MariaDB: a half-applied file goes on behind its first statement once the tail is fixed" {
  half_applied tail
  same "failed 1 3" "$(my "$database" "select state, statements_done, statements_total from dbfleet_version_history where revision = 'r02'" | tr '\t' ' ')"
  same r01 "$(my "$database" 'select * from dbfleet_version')"
  created=$(my "$database" "select create_time from information_schema.tables where table_schema = '$database' and table_name = 'counted'")
  expect 0 status
  says "r02 stopped after 1 of 3 statements"

  sed -i 's/^alter table missing .*/alter table log add column x int;/' versions/r02*.sql
  expect 0 upgrade head --yes
  same r02 "$(my "$database" 'select * from dbfleet_version')"
  same 1 "$(my "$database" 'select count(*) from counted')" "rows of the third statement"
  same 1 "$(my "$database" "select count(*) from dbfleet_version_history where revision = 'r02' and state = 'done' and statements_done = 3")" "one row for the step"
  same "$created" "$(my "$database" "select create_time from information_schema.tables where table_schema = '$database' and table_name = 'counted'")" "statement 1 ran once"
  expect 0 downgrade base --yes
  same "dbfleet_version dbfleet_version_history" "$(my "$database" 'show tables' | xargs)"
}

@test "MariaDB: what ran of a half-applied file may not be edited" {
  half_applied head
  sed -i -e 's/^create table counted (id/create table counted (other int, id/' -e 's/^alter table missing/alter table log/' versions/r02*.sql
  expect 1 upgrade head --yes
  says "r02" "edited" "statement 1"
  same "" "$(my "$database" "select column_name from information_schema.columns where table_schema = '$database' and table_name = 'log' and column_name = 'x'")" "nothing of the tail ran"
  same r01 "$(my "$database" 'select * from dbfleet_version')"

  sed -i 's/counted (other int, id/counted (id/' versions/r02*.sql
  expect 0 upgrade head --yes
}
