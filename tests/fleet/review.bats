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
  same $'r01 done 2 2 0\nr02 failed 1 3 0' "$(steps_my review_twice)"
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
  says "stopped at statement 3 of 3" "cannot be told"
  same 1 "$(my review_myisam 'select count(*) from m')"
}

@test "MariaDB: a revision undone by hand is settled by a stamp of the rows as they are" {
  one_mysql review_settle
  table_revision r01 "" a
  revision r02 r01 "calls" <<'SQL'
-- migrate:up
create table b (id int);
call nosuch();
SQL
  expect 1 upgrade head --yes
  same $'r01 done 2 2 0\nr02 failed 1 2 2' "$(steps_my review_settle)"
  my review_settle 'drop table b'
  printf -- '-- revision: r02\n-- revises: r01\n-- migrate:up\ncreate table b (id int);\n' >versions/r02_calls.sql
  expect 1 upgrade head --yes
  expect 0 stamp r01 --yes
  says "1 done"
  expect 0 stamp r01 --yes
  says "1 unchanged"
  expect 0 upgrade head --yes
  same $'r01 done 2 2 0\nr02 failed 1 2 2\n done 0 0 0\nr02 done 1 1 0' "$(steps_my review_settle)"
}

@test "MariaDB: a step that failed before it changed anything holds up no other" {
  one_mysql review_nothing
  table_revision r01 "" a
  revision r02 r01 "typo" <<<$'-- migrate:up\ncraete table b (id int);'
  expect 1 upgrade head --yes
  same $'r01 done 2 2 0\nr02 failed 0 1 0' "$(steps_my review_nothing)"
  sed -i 's/craete/create/' versions/r02_typo.sql
  sed -i 's/create table b/alter table nosuch add n int; create table b/' versions/r02_typo.sql
  expect 1 upgrade head --yes
  same $'r01 done 2 2 0\nr02 failed 0 2 0' "$(steps_my review_nothing)"
  expect 0 downgrade base --yes
  same "" "$(my review_nothing 'select * from dbfleet_version')"
}

@test "MariaDB: a step whose connection broke is told as what its journal says" {
  one_mysql review_lost
  revision r01 "" "ends its own connection" <<'SQL'
-- migrate:up
create table a (id int);
kill connection_id();
create table b (id int);
SQL
  expect 1 upgrade head --yes --format json
  same 'failed 1' "$(json '.targets[0].steps[0] | "\(.state) \(.statements_done)"')"
  same undecidable "$(json '.targets[0].failure.class')"
  same 'r01 failed 1 3 2' "$(steps_my review_lost)"
}

@test "PostgreSQL: a refused check says that the step did not start" {
  one_postgres review_check
  revision r01 "" "checked" <<'SQL'
-- migrate:up
create table a (id int);
SQL
  revision r02 r01 "checked" <<'SQL'
-- migrate:up
create table b (id int);
-- migrate:check
select 1 as reason from a right join (select 1) as one on true;
SQL
  expect 1 upgrade head --yes --format json
  same 'done not-started' "$(json '[.targets[0].steps[].state] | join(" ")')"
}

@test "SQLite: foreign_keys:off is not ignored where a section has no transaction" {
  echo 'groups: {lite: {targets: [{name: one, url: "sqlite:one.db", create: true}]}}' >inventory.yaml
  revision r01 "" "parent and child" <<'SQL'
-- migrate:up
create table p (id integer primary key);
create table c (id integer primary key, p integer references p on delete cascade);
insert into p values (1);
insert into c values (1, 1);
SQL
  revision r02 r01 "rebuild" <<'SQL'
-- migrate:up foreign_keys:off transaction:false
create table p2 (id integer primary key, n integer);
insert into p2 select id, 0 from p;
drop table p;
alter table p2 rename to p;
SQL
  expect 78 upgrade head --yes
  says "foreign_keys:off needs the section's transaction"
  sed -i 's/ transaction:false//' versions/r02_rebuild.sql
  expect 0 upgrade head --yes
  same 1 "$(lite one.db 'select count(*) from c')"
}

@test "PostgreSQL: an invalid index that CREATE INDEX CONCURRENTLY left behind is not taken for done" {
  one_postgres review_index
  revision r01 "" "unique" <<'SQL'
-- migrate:up transaction:false
create table "T" (id int);
insert into "T" values (1), (1);
create unique index concurrently if not exists "T_id" on public."T" (id);
SQL
  expect 1 upgrade head --yes
  says "could not create unique index"
  same "" "$(pg review_index 'select indexrelid::regclass from pg_index where not indisvalid')" "the leftover stayed"
  run pg review_index 'create unique index concurrently "T_id" on "T" (id)'
  expect 1 upgrade head --yes
  says 'index public."T_id" is invalid' 'DROP INDEX CONCURRENTLY public."T_id"' "r01_unique.sql:8:1"
  pg review_index 'drop index concurrently public."T_id"'
  pg review_index 'delete from "T"'
  expect 0 upgrade head --yes
  same t "$(pg review_index "select indisvalid from pg_index where indexrelid = '\"T_id\"'::regclass")"
}

@test "PostgreSQL: a section that stopped half-way without a transaction is not run from its beginning in one" {
  one_postgres review_marked
  revision r01 "" "first without" <<'SQL'
-- migrate:up transaction:false
create table a (id int);
insert into a values (1);
create table b (id int references nosuch);
SQL
  expect 1 upgrade head --yes
  sed -i 's/ transaction:false//; s/ references nosuch//' versions/r01_first_without.sql
  expect 1 upgrade head --yes
  says "mark its section transaction:false again"
  sed -i 's/migrate:up/migrate:up transaction:false/' versions/r01_first_without.sql
  expect 0 upgrade head --yes
  same 1 "$(pg review_marked 'select count(*) from a')"
}

@test "PostgreSQL: a halt that cancels what runs is a halt, although no target was left to start" {
  make_postgres review_halt_{1..2}
  echo "groups: {pg: {$POSTGRES_LOGIN, targets: [{name: 'pg-{1..2}', url: '$POSTGRES_URL/review_halt_{1..2}'}]}}" >inventory.yaml
  revision r01 "" "slow" <<<$'-- migrate:up\ncreate table a (id int);\nselect pg_sleep(60);'
  pg review_halt_1 "create table a ()"
  expect 3 upgrade head --yes --on-halt cancel
  [[ $output == *"1 failed, 1 cancelled"* || $output == *"1 failed, 1 not-started"* ]] # the failure may come before the second begins
  same "" "$(pg review_halt_2 "select to_regclass('a')")"
}

@test "SQLite: a database without history that another tool moved since the plan is left alone" {
  table_chain 3
  echo 'groups: {lite: {targets: [{name: one, url: "sqlite:one.db", lock_wait: 20s}]}}' >inventory.yaml
  lite one.db "create table dbfleet_version (version_num varchar(32) primary key); insert into dbfleet_version values ('r01')"
  exec 8>one.db.dbfleet-lock
  flock 8
  "$DBFLEET" upgrade head --yes --format json >out.json 2>err.txt 8>&- &
  wait_until test -s .dbfleet/ledger.db
  lite one.db "update dbfleet_version set version_num = 'r02'"
  flock -u 8
  wait $! && code=0 || code=$?
  same 5 $code
  same stale "$(jq -r '.targets[0].outcome' out.json)"
  expect 0 upgrade head --yes
  same r01,r02 "$(lite one.db "select detail from dbfleet_version_history where direction = 'baseline'")"
}

@test "ensure-version makes what is missing, needs no more rights than that, and claims no table that is not there" {
  one_postgres review_ensure
  pg review_ensure "drop role if exists review_limited; create role review_limited login password 'limited'"
  expect 0 ensure-version
  pg review_ensure "revoke create on schema public from public;
                    grant select on dbfleet_version, dbfleet_version_history to review_limited"
  expect 0 ensure-version --url "postgresql://review_limited:limited@127.0.0.1:$POSTGRES_PORT/review_ensure"
  pg review_ensure "drop owned by review_limited; drop role review_limited"

  echo 'groups: {lite: {targets: [{name: one, url: "sqlite:nosuch/one.db", create: true}]}}' >inventory.yaml
  expect 4 ensure-version
  says_not "the version tables are there"
}

@test "PostgreSQL: DISCARD ALL, which would give up the lock, is refused" {
  one_postgres review_discard
  revision r01 "" "discards" <<<$'-- migrate:up transaction:false\ncreate table a (id int);\nDiscard all;'
  expect 78 upgrade head --yes
  says 'r01_discards.sql:7:1' '"Discard all" would give up'
}

@test "MariaDB: rows of a verify that are no text do not keep its outcome from being recorded; an error that is over is not kept" {
  one_mysql review_bytes
  revision r01 "" "bytes" <<'SQL'
-- migrate:up
create table a (id int);
alter table a add nosuch_type nosuch;
-- migrate:verify
select x'41ff42' as bytes;
SQL
  expect 1 upgrade head --yes
  sed -i 's/nosuch_type nosuch/n int/' versions/r01_bytes.sql
  expect 1 upgrade head --yes
  says "migrate:verify returned 1 row"
  same 'r01 verify-failed 2 2 0' "$(steps_my review_bytes)"
  same 1 "$(my review_bytes "select detail like 'migrate:verify returned 1 row%' from dbfleet_version_history")"
}

@test "PostgreSQL: a verify that meets a lock, after its step took effect, is told as such" {
  one_postgres review_locked
  pg review_locked "create table held (id int)"
  sed -i 's/url:/lock_timeout: 300ms, url:/' inventory.yaml
  revision r01 "" "verify meets a lock" <<'SQL'
-- migrate:up transaction:false
create table a (id int);
-- migrate:verify
select id from held;
SQL
  pg review_locked "begin; lock table held; select pg_sleep(60)" &>/dev/null &
  local holder=$!
  wait_until pg_holds
  expect 1 upgrade head --yes
  pg postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'review_locked'" >/dev/null
  wait $holder || true
  says "migrate:verify could not be read: canceling statement due to lock"
  same "r01|verify-failed" "$(pg review_locked 'select revision, state from dbfleet_version_history')"
}

pg_holds() {
  [ "$(pg review_locked "select count(*) from pg_locks where relation = 'held'::regclass and granted")" = 1 ]
}
