#!/usr/bin/env bats
# What a step says of itself when it stops at an unusual place: nothing is applied twice, nothing is called undone that
# was not, and what a person settled by hand stays settled.

PREFIX=review
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

# one_mysql DATABASE, one_postgres DATABASE: an inventory of that one database, made anew.
one_mysql() {
  make_mysql "$1"
  echo "groups: {my: {$MYSQL_LOGIN, targets: [{name: one, url: '$MYSQL_URL/$1'}]}}" >inventory.yaml
}

one_postgres() {
  make_postgres "$1"
  echo "groups: {pg: {$POSTGRES_LOGIN, targets: [{name: one, url: '$POSTGRES_URL/$1'}]}}" >inventory.yaml
}

# steps_my DATABASE: revision, state and progress of every step.
steps_my() {
  my "$1" "select concat_ws(' ', revision, state, statements_done, statements_total, intent) from dbfleet_version_history
           order by seq"
}

@test "MariaDB: rows inserted by a step whose version write fails are not inserted again" {
  one_mysql review_twice
  table_revision r01 "" a
  revision r02 r01 "insert last" <<'SQL'
-- migrate:up
alter table a add n int;
insert into a (id, name) values (2, 'two');
insert into a (id, name) select id + 10, name from a;
SQL
  expect 0 upgrade r01 --yes
  my review_twice "create trigger no_update before update on dbfleet_version for each row
                   signal sqlstate '45000' set message_text = 'not now'"
  expect 1 upgrade head --yes
  same $'r01 done 2 2 0\nr02 failed 3 3 0' "$(steps_my review_twice)"
  my review_twice "drop trigger no_update"
  expect 0 upgrade head --yes
  same 4 "$(my review_twice 'select count(*) from a')"
}

@test "MariaDB: a failed insert into a table without transactions is left for a person to look at" {
  one_mysql review_myisam
  revision r01 "" "no transactions" <<'SQL'
-- migrate:up
create table m (id int primary key) engine=MyISAM;
insert into m values (1);
insert into m values (1);
SQL
  expect 1 upgrade head --yes
  same 'r01 failed 1 3 3' "$(steps_my review_myisam)"
  expect 1 upgrade head --yes
  says "stopped at statement 3 of 3" "took effect is not known"
  same 1 "$(my review_myisam 'select count(*) from m')"
}
