#!/usr/bin/env bats
# --sql: scripts that psql, mariadb and sqlite3 run as they are, which leave what an online run leaves, and stop at the
# first error by themselves with the version rows where they were.

PREFIX=offline
load lib

setup_file() {
  use_servers
  drop_databases
  make_postgres offline_{online,script,stop,schema,rows}
  make_mysql offline_{online,script,stop,rows,use,other}
}

teardown_file() {
  use_servers
  drop_databases
}

setup() {
  use_servers
  new_project
  cat >inventory.yaml <<YAML
targets:
  - {name: pg, url: "$POSTGRES_URL/offline_online", $POSTGRES_LOGIN, vars: {who: "O'Hara \\\\ sons"}}
  - {name: my, url: "$MYSQL_URL/offline_online", $MYSQL_LOGIN, vars: {who: "O'Hara \\\\ sons"}}
  - {name: file, url: "sqlite:online.db", create: true, vars: {who: "O'Hara \\\\ sons"}}
YAML
}

# Everything that is hard to cut into statements, and what a client must be told apart from SQL.
hard_revisions() {
  revision r01 "" "items" <<'SQL'
-- migrate:up postgres
create table items (id integer primary key, name text not null, parts integer[] default '{1,2}');
-- a comment; with a semicolon
insert into items (id, name) values (1, 'semi;colon -- no comment'), (2, {{ who | literal }});
create function twice(n integer) returns integer language plpgsql as $body$
begin
  return n * 2; -- ; inside
end
$body$;
create function thrice(n integer) returns integer begin atomic select n * 3; end;
copy items (id, name) from stdin;
3	three\tand a tab
4	\\ backslash; semicolon
\.
set search_path = pg_catalog;
-- migrate:up mysql
create table items (id integer primary key, name varchar(60) not null) engine=InnoDB;
insert into items (id, name) values (1, 'semi;colon -- no comment'), (2, {{ who | literal }});
delimiter //
create procedure twice(in n integer)
begin
  select n * 2;
end //
delimiter ;
create trigger items_insert before insert on items for each row begin set new.name = concat(new.name, ';'); end;
-- migrate:up sqlite
create table items (id integer primary key, name text not null);
insert into items (id, name) values (1, 'semi;colon -- no comment'), (2, {{ who | literal }});
create trigger items_insert after insert on items begin
  update items set name = name || ';' where id = new.id;
end;
-- migrate:verify
select id from items where name = ''
-- migrate:down
drop table items;
-- migrate:down postgres
drop table items;
drop function twice;
drop function thrice;
-- migrate:down mysql
drop table items;
drop procedure twice;
SQL
  revision r02 r01 "owners" <<'SQL'
-- migrate:check
select id from items where name = 'never'
-- migrate:up
create table owners (id integer primary key, item integer references items (id));
insert into owners values (1, 1);
-- migrate:up postgres transaction:false
create table owners (id integer primary key, item integer references items (id));
insert into owners values (1, 1);
create index concurrently owners_item on owners (item);
-- migrate:down
drop table owners;
SQL
  revision r03 r02 "rebuilt" <<'SQL'
-- migrate:up
alter table items add column size integer;
-- migrate:up sqlite foreign_keys:off
create table items_new (id integer primary key, name text not null, size integer);
insert into items_new (id, name) select id, name from items;
drop table items;
alter table items_new rename to items;
-- migrate:down
alter table items drop column size;
SQL
}

run_psql() {
  PGPASSWORD=$POSTGRES_PASSWORD psql -X -q -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d "$1" -f "$2" >../client 2>&1
}

run_mariadb() {
  MYSQL_PWD=$MYSQL_SECRET mariadb --no-defaults -h 127.0.0.1 -P "$MYSQL_PORT" -u admin "$1" <"$2" >../client 2>&1
}

run_sqlite3() {
  sqlite3 -batch -init /dev/null "$1" <"$2" >../client 2>&1
}

# script NAME ARG...: dbfleet's script in a file.
script() {
  local file=$1
  shift
  expect 0 "$@"
  printf '%s\n' "$output" >"$file"
}

pg_dump_of() {
  PGPASSWORD=$POSTGRES_PASSWORD pg_dump -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres --inserts -T '*_history' "$1" | grep -v '^\\\(un\)\?restrict'
}

my_dump_of() {
  MYSQL_PWD=$MYSQL_SECRET mariadb-dump --no-defaults -h 127.0.0.1 -P "$MYSQL_PORT" -u admin --routines --skip-comments \
    --skip-extended-insert --ignore-table="$1.dbfleet_version_history" "$1"
}

lite_dump_of() {
  lite "$1" .dump | grep -v 'INSERT INTO "\?dbfleet_version_history'
}

HISTORY="select revision, direction, checksum, vars_digest, heads_before, heads_after, statements_total, statements_done, state, applied_by
  from dbfleet_version_history order by seq"

# same_as_online DUMP QUERY ONLINE SCRIPT
same_as_online() {
  diff <("$1" "$3") <("$1" "$4")
  diff <("$2" "$3" "$HISTORY") <("$2" "$4" "$HISTORY")
}

# up_and_down NAME CLIENT DUMP QUERY ONLINE SCRIPT
up_and_down() {
  local name=$1 client=$2 online=$5 copy=$6
  hard_revisions
  expect 0 upgrade r01 --yes -l "$name"
  expect 0 upgrade head --yes -l "$name"
  script first.sql upgrade r01 --sql -l "$name"
  script rest.sql upgrade r01:head --sql -l "$name"
  "$client" "$copy" first.sql || { cat ../client; return 1; }
  "$client" "$copy" rest.sql || { cat ../client; return 1; }
  same_as_online "$3" "$4" "$online" "$copy"

  # Online goes on where the script left it, and the other way round.
  expect 0 downgrade base --yes -l "$name"
  script down.sql downgrade head:base --sql -l "$name"
  "$client" "$copy" down.sql || { cat ../client; return 1; }
  same_as_online "$3" "$4" "$online" "$copy"
}

@test "psql: a script leaves the schema, rows and history of an online run, up and down" {
  up_and_down pg run_psql pg_dump_of pg offline_online offline_script
}

@test "mariadb: a script leaves the schema, rows and history of an online run, up and down" {
  up_and_down my run_mariadb my_dump_of my offline_online offline_script
}

@test "sqlite3: a script leaves the schema, rows and history of an online run, up and down" {
  up_and_down file run_sqlite3 lite_dump_of lite online.db script.db
}

# The third statement of r02 is wrong.
broken_revisions() {
  table_revision r01 "" t01
  revision r02 r01 broken <<'SQL'
-- migrate:up
create table t02 (id integer primary key);
insert into t02 values (1);
insert into nosuch values (1);
insert into t02 values (2);
-- migrate:down
drop table t02;
SQL
  table_revision r03 r02 t03
}

# stops CLIENT QUERY DATABASE: the script fails, at r01.
stops() {
  local status=0
  "$1" "$3" script.sql || status=$?
  [ $status != 0 ] || { echo "the client went on"; cat ../client; return 1; }
  grep -q nosuch ../client
  same r01 "$("$2" "$3" 'select version_num from dbfleet_version')"
  same r01 "$("$2" "$3" "select revision from dbfleet_version_history where state = 'done'")"
}

@test "a script stops at the first error by itself, and its step is not recorded" {
  broken_revisions
  script script.sql upgrade head --sql -l pg
  stops run_psql pg offline_stop
  same "t01" "$(pg offline_stop "select tablename from pg_tables where tablename like 't0_'")"
  script script.sql upgrade head --sql -l file
  stops run_sqlite3 lite stop.db
  same "t01" "$(lite stop.db "select name from sqlite_master where name like 't0_'")"
  script script.sql upgrade head --sql -l my
  stops run_mariadb my offline_stop
  same "" "$(my offline_stop "show tables like 't03'")"
}

# refuses CLIENT QUERY DATABASE [ROW]
refuses() {
  local status=0
  "$1" "$3" script.sql || status=$?
  [ $status != 0 ] || { echo "the client went on"; cat ../client; return 1; }
  same "${4:-}" "$("$2" "$3" 'select version_num from dbfleet_version')"
}

@test "a script refuses a database that stands elsewhere, rows that speak against a step, and a broken foreign key" {
  table_revision r01 "" t01
  table_revision r02 r01 t02
  for name in pg my file; do
    script script.sql upgrade r01:r02 --sql -l $name
    case $name in
      pg) refuses run_psql pg offline_rows ;;
      my) refuses run_mariadb my offline_rows ;;
      file) refuses run_sqlite3 lite rows.db ;;
    esac
  done
  printf -- '-- migrate:check\nselect 1 where 1 = 2; -- one\n-- migrate:verify\nselect id, name from t02 -- and why\n' >>versions/r02*
  for name in pg my file; do
    script script.sql upgrade head --sql -l $name
    case $name in
      pg)
        refuses run_psql pg offline_rows r01
        same "" "$(pg offline_rows "select 1 from pg_tables where tablename = 't02'")"
        ;;
      my) refuses run_mariadb my offline_rows r02 ;; # DDL commits by itself: verified after the fact, as online
      file) refuses run_sqlite3 lite rows.db r01 ;;
    esac
  done
  rm versions/r02*
  revision r02 r01 rebuilt <<'SQL'
-- migrate:up foreign_keys:off
create table child (id integer primary key, t integer references t01 (id));
insert into child values (1, 99);
-- migrate:down
drop table child;
SQL
  script script.sql upgrade r01:r02 --sql -l file
  refuses run_sqlite3 lite rows.db r01
}

@test "mariadb: SQL that goes to another database leaves our rows where the script was begun" {
  table_revision r01 "" t01
  revision r02 r01 elsewhere <<'SQL'
-- migrate:up
use offline_other;
create table elsewhere (n integer);
-- migrate:down
drop table offline_other.elsewhere;
SQL
  table_revision r03 r02 t03
  echo "targets: [{name: my, url: '$MYSQL_URL/offline_use', $MYSQL_LOGIN}]" >inventory.yaml
  script script.sql upgrade head --sql -l my
  run_mariadb offline_use script.sql || { cat ../client; return 1; }
  same "r03 t03" "$(my offline_use "select concat(version_num, ' ', (select name from t03)) from dbfleet_version")"
  same "3" "$(my offline_use "select count(*) from dbfleet_version_history")"
  same "elsewhere" "$(my offline_other "show tables")"
  expect 78 upgrade head --sql --dialect mariadb
  says "revision r02 says USE" "-l"
}

@test "a script for a schema: target works in that schema; several need one choice" {
  table_chain 1
  cat >inventory.yaml <<YAML
defaults: {create_schema: true, $POSTGRES_LOGIN}
targets:
  - {name: one, url: "$POSTGRES_URL/offline_schema", schema: Tenant-1}
  - {name: two, url: "$POSTGRES_URL/offline_schema", schema: two}
YAML
  expect 64 upgrade head --sql
  says "one" "Tenant-1" "-l"
  script script.sql upgrade head --sql -l one
  run_psql offline_schema script.sql || { cat ../client; return 1; }
  same "Tenant-1.dbfleet_version Tenant-1.dbfleet_version_history Tenant-1.t01" \
    "$(pg offline_schema "select schemaname || '.' || tablename from pg_tables where schemaname in ('public', 'Tenant-1', 'two') order by 1" | xargs)"
  expect 0 current -l one
  says "r01"
}

@test "variables of a script come from its one target and -x; secrets are refused" {
  revision r01 "" vars <<'SQL'
-- migrate:up
create table {{ name | ident }} (a integer);
SQL
  expect 78 upgrade head --sql --dialect sqlite
  says "name"
  expect 0 upgrade head --sql --dialect sqlite -x name='a "b'
  says 'create table "a ""b" (a integer)'
  echo 'targets: [{name: file, url: "sqlite:x.db", vars: {name: "${env:HOME}"}}]' >inventory.yaml
  expect 78 upgrade head --sql
  says "secret" '${env:HOME}' "-x name="
  says_not "$HOME"
  expect 0 upgrade head --sql -x name=given
  says 'create table "given"'
}
