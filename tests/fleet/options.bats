#!/usr/bin/env bats
# What a target, a section or a run can be told: transactions, checks, schemas, tables of other tools, variables, limits,
# selectors, tracks; and which exit code wins.

PREFIX=options
load lib

setup_file() {
  use_servers
  drop_databases
  make_postgres options_{whole,verify,concurrently,copy,schemas,alembic,vars}
  make_mysql options_{verify,vars}
}

teardown_file() {
  use_servers
  drop_databases
}

setup() {
  use_servers
  new_project
}

# one_target URL [SETTINGS]
one_target() {
  echo "targets: [{name: one, url: '$1'${2:+, $2}}]" >inventory.yaml
}

files() {
  echo "targets: [$(printf "{name: %s, url: 'sqlite:%s.db', create: true}, " $(for name in "$@"; do echo "$name" "$name"; done))]" >inventory.yaml
}

outcomes() {
  "$DBFLEET" report --format json | jq -r '.targets[] | "\(.target) \(.outcome)"' | xargs
}

# ---- Transactions --------------------------------------------------------------------------------------------------

# The path is three steps, the last of which fails.
whole_path() {
  table_chain 2
  revision r03 r02 wrong <<'SQL'
-- migrate:up
create table t03 (id integer primary key);
insert into t01 (id, name) values (1, 'twice');
-- migrate:down
drop table t03;
SQL
}

@test "transaction: target rolls the whole path back on PostgreSQL and SQLite" {
  whole_path
  for url in "$POSTGRES_URL/options_whole" sqlite:whole.db; do
    one_target "$url" "transaction: target, create: true, $POSTGRES_LOGIN"
    [[ $url != postgres* ]] || one_target "$url" "transaction: target, $POSTGRES_LOGIN"
    expect 1 upgrade head --yes
    says "r03_wrong.sql:7"
    expect 0 current --format json
    same 0 "$(json '.[0].heads | length')" "$url"
    expect 0 upgrade r02 --yes
    expect 0 current --format json
    same r02 "$(json '.[0].heads[0]')"
  done
  same 2 "$(lite whole.db "select count(*) from dbfleet_version_history")" "history rows of what was rolled back"
}

@test "transaction: target is refused on MariaDB and with transaction:false steps" {
  table_chain 1
  one_target "$MYSQL_URL/options_verify" "transaction: target, $MYSQL_LOGIN"
  expect 78 upgrade head --yes
  says "transaction: target" "one"
  revision r02 r01 outside <<<$'-- migrate:up transaction:false\nselect 1;'
  one_target "sqlite:x.db" "transaction: target, create: true"
  expect 78 upgrade head --yes
  says "revision r02 runs outside a transaction"
  [ ! -e x.db ]
}

@test "transaction:false: CREATE INDEX CONCURRENTLY, refused without it; what a failed one left is dropped, what was there is not" {
  table_chain 1
  revision r02 r01 "index" <<'SQL'
-- migrate:up
create unique index concurrently t01_name on t01 (name);
-- migrate:down
drop index t01_name;
SQL
  one_target "$POSTGRES_URL/options_concurrently" "$POSTGRES_LOGIN"
  expect 78 upgrade head --yes
  says "r02_index.sql:6" "transaction:false"
  sed -i 's/^-- migrate:up$/& transaction:false/' versions/r02*
  expect 0 upgrade r01 --yes
  pg options_concurrently "insert into t01 values (2, 't01')"
  expect 1 upgrade head --yes
  says "23505"
  same "" "$(pg options_concurrently "select indexrelid::regclass from pg_index where not indisvalid")" "the leftover stayed"
  run pg options_concurrently "create unique index concurrently t01_name on t01 (name)"
  expect 1 upgrade head --yes
  says "t01_name is invalid" "DROP INDEX CONCURRENTLY public.t01_name"
  pg options_concurrently "drop index t01_name"
  pg options_concurrently "delete from t01 where id = 2"
  expect 0 upgrade head --yes
  same t "$(pg options_concurrently "select indisvalid from pg_index where indexrelid = 't01_name'::regclass")"
}

@test "foreign_keys:off rebuilds a table without losing rows that refer to it; a broken key is rolled back" {
  revision r01 "" tables <<'SQL'
-- migrate:up
create table parent (id integer primary key, old text);
create table child (id integer primary key, parent integer not null references parent (id) on delete cascade);
insert into parent values (1, 'a'), (2, 'b');
insert into child values (1, 1), (2, 2);
SQL
  revision r02 r01 rebuild <<'SQL'
-- migrate:up foreign_keys:off
create table parent_new (id integer primary key);
insert into parent_new select id from parent;
drop table parent;
alter table parent_new rename to parent;
SQL
  one_target sqlite:rebuild.db "create: true"
  expect 0 upgrade r01 --yes
  sed -i 's/from parent;/from parent where id = 1;/' versions/r02*
  expect 1 upgrade head --yes
  says "foreign_key_check" "child"
  same "a b" "$(lite rebuild.db 'select old from parent' | xargs)"
  sed -i 's/ where id = 1//' versions/r02*
  expect 0 upgrade head --yes
  same 2 "$(lite rebuild.db 'select count(*) from child')"
  same "CREATE TABLE child (id integer primary key, parent integer not null references parent (id) on delete cascade)" \
    "$(lite rebuild.db "select sql from sqlite_master where name = 'child'" | sed 's/create table/CREATE TABLE/')"
}

@test "COPY FROM stdin takes inline data" {
  revision r01 "" copy <<'SQL'
-- migrate:up
create table copied (id integer, text text);
copy copied from stdin;
1	one; with a semicolon
2	two\ttab 'quote
\.
copy copied (id) from stdin with (format csv);
3
\.
insert into copied values (4, 'after');
SQL
  one_target "$POSTGRES_URL/options_copy" "$POSTGRES_LOGIN"
  expect 0 upgrade head --yes
  same "1|one; with a semicolon 2|two"$'\t'"tab 'quote 3| 4|after" "$(pg options_copy 'select * from copied order by id' | tr '\n' ' ' | sed 's/ $//')"
  printf -- '-- revision: r02\n-- revises: r01\n-- migrate:up\ncopy copied from stdin;\nnumber\n\\.\n' >versions/r02.sql
  expect 1 upgrade head --yes
  says "r02.sql:4" "number"
}

# ---- Checks --------------------------------------------------------------------------------------------------------

@test "migrate:check: a row is a reason not to start" {
  table_chain 1
  revision r02 r01 checked <<'SQL'
-- migrate:check
select id, name from t01 where name = 't01'
-- migrate:up
create table t02 (id integer);
SQL
  files one
  expect 1 upgrade head --yes
  says "migrate:check" "id=1, name=t01"
  same r01 "$(lite one.db 'select * from dbfleet_version')"
  lite one.db "update t01 set name = 'good'"
  expect 0 upgrade head --yes
}

verified() {
  table_revision r01 "" t01
  revision r02 r01 verified <<'SQL'
-- migrate:up
create table t02 (id integer primary key);
insert into t02 values (1), (2);
-- migrate:verify
select id as too_much from t02 where id > 1
-- migrate:down
drop table t02;
SQL
}

@test "migrate:verify: a row rolls the step back on PostgreSQL and SQLite, and is verify-failed on MariaDB" {
  verified
  one_target "$POSTGRES_URL/options_verify" "$POSTGRES_LOGIN"
  expect 1 upgrade head --yes
  says "migrate:verify" "too_much=2"
  same "r01 " "$(pg options_verify "select version_num || ' ' || coalesce(to_regclass('t02')::text, '') from dbfleet_version")"
  files one
  expect 1 upgrade head --yes
  same "r01" "$(lite one.db 'select * from dbfleet_version')"
  same "" "$(lite one.db "select name from sqlite_master where name = 't02'")"
  one_target "$MYSQL_URL/options_verify" "$MYSQL_LOGIN"
  expect 1 upgrade head --yes
  says "too_much=2"
  same "r02 verify-failed" "$(my options_verify "select concat((select * from dbfleet_version), ' ', state) from dbfleet_version_history where revision = 'r02'")"
  table_revision r03 r02 t03
  expect 1 upgrade head --yes
  says "verify-failed" "r02"
  expect 0 downgrade r01 --yes
  same r01 "$(my options_verify 'select * from dbfleet_version')"
}

# ---- Places --------------------------------------------------------------------------------------------------------

@test "schema: a schema for each tenant of one database, made if create_schema says so" {
  table_chain 2
  cat >inventory.yaml <<YAML
defaults: {$POSTGRES_LOGIN}
targets: [{name: "tenant-{01..12}", url: "$POSTGRES_URL/options_schemas", schema: "Tenant {01..12}", create_schema: true}]
YAML
  expect 0 plan upgrade head
  says "12 to do"
  same 0 "$(pg options_schemas "select count(*) from pg_namespace where nspname like 'Tenant%'")"
  expect 0 upgrade head --yes --jobs 6
  same "12 12 12 0" "$(pg options_schemas "select count(*) filter (where tablename = 'dbfleet_version') || ' ' || count(*) filter (where tablename = 't01')
    || ' ' || count(*) filter (where tablename = 't02') || ' ' || count(*) filter (where schemaname = 'public') from pg_tables
    where schemaname like 'Tenant%' or schemaname = 'public'")"
  expect 0 downgrade r01 --yes -l tenant-07
  same "r01 r02" "$(pg options_schemas 'select version_num from "Tenant 07".dbfleet_version union all select version_num from "Tenant 08".dbfleet_version' | xargs)"
  one_target "$POSTGRES_URL/options_schemas" "schema: none, $POSTGRES_LOGIN"
  expect 4 plan upgrade head
  says 'schema "none"'
}

@test "version_table: an alembic_version that Alembic made is read and written" {
  table_chain 3
  printf 'tracks: {default: {versions: versions, version_table: alembic_version}}\n' >>dbfleet.yaml
  pg options_alembic "create table alembic_version (version_num varchar(32) not null, constraint alembic_version_pkc primary key (version_num));
    insert into alembic_version values ('r01'); create table t01 (id integer primary key, name varchar(40) not null)"
  one_target "$POSTGRES_URL/options_alembic" "$POSTGRES_LOGIN"
  expect 0 current
  says "r01"
  expect 0 upgrade head --yes
  same "r03" "$(pg options_alembic 'select version_num from alembic_version')"
  same "alembic_version alembic_version_history t01 t02 t03" "$(pg options_alembic "select tablename from pg_tables where schemaname = 'public' order by 1" | xargs)"
  same "baseline:r01 up: up:" "$(pg options_alembic "select direction || ':' || coalesce(detail, '') from alembic_version_history order by seq" | xargs)"
  table_revision r04_an_id_that_is_longer_than_its_column_holds r03 t04
  expect 78 upgrade head --yes
  says "r04_an_id_that_is_longer_than_its_column_holds" "32"
}

@test "tracks: each with its versions and its table, chosen with -n" {
  table_chain 2
  mkdir reports
  mv versions/r02* reports/
  sed -i 's/revises: r01/revises:/' reports/r02*
  printf 'tracks: {default: {versions: versions}, reports: {versions: reports, version_table: reports_version}}\n' >>dbfleet.yaml
  cat >inventory.yaml <<YAML
defaults: {create: true}
targets: [{name: a, url: "sqlite:a.db"}, {name: a-reports, url: "sqlite:a.db", track: reports}, {name: b, url: "sqlite:b.db", track: reports}]
YAML
  expect 0 upgrade head --yes
  says "1 target: 1 done"
  expect 0 upgrade head --yes -n reports
  says "2 targets: 2 done"
  same "r01 r02" "$(lite a.db 'select version_num from dbfleet_version union all select version_num from reports_version' | xargs)"
  expect 78 upgrade head --yes -n nosuch
  says "default" "reports"
  expect 78 upgrade head --yes -l b
  says "-n"
}

# ---- Variables -----------------------------------------------------------------------------------------------------

@test "variables of defaults, group, target and -x: quoted for each dialect; the nearest wins" {
  revision r01 "" vars <<'SQL'
-- migrate:up
create table {{ table | ident }} (v varchar(100), n integer);
insert into {{ table | ident }} values ({{ text | literal }}, {{ number | raw }});
SQL
  cat >inventory.yaml <<YAML
defaults: {vars: {table: 'a table', text: 'it''s \\ 100%; -- "x"', number: "1"}}
groups:
  near:
    vars: {number: "2"}
    targets:
      - {name: pg, url: "$POSTGRES_URL/options_vars", $POSTGRES_LOGIN}
      - {name: my, url: "$MYSQL_URL/options_vars", $MYSQL_LOGIN, vars: {number: "3"}}
  far: {targets: [{name: file, url: "sqlite:vars.db", create: true}, {name: typed, url: "sqlite:typed.db", create: true}]}
YAML
  expect 0 upgrade head --yes -l '!typed'
  same "it's \\ 100%; -- \"x\"|2" "$(pg options_vars 'select * from "a table"')"
  same "it's \\\\ 100%; -- \"x\" 3" "$(my options_vars 'select * from `a table`' | tr '\t' ' ')"
  same "it's \\ 100%; -- \"x\"|1" "$(lite vars.db 'select * from "a table"')"
  expect 0 upgrade head --yes -l typed -x number=7 -x text=typed
  same "typed|7" "$(lite typed.db 'select * from "a table"')"
  sed -i 's/number: "1"/other: "1"/' inventory.yaml
  rm vars.db*
  expect 78 upgrade head --yes -l file
  says "r01_vars.sql" "number" "-x number="
  [ ! -e vars.db ]
}

# ---- Limits --------------------------------------------------------------------------------------------------------

# A revision that notes how many of its kind it saw at work beside each other at most; the first three wait until it is three.
crowd_revision() {
  revision r01 "" crowd <<'SQL'
-- migrate:up
do $$
declare
  now integer;
  most integer := 0;
begin
  for i in 1 .. {{ looks | raw }} loop
    perform pg_stat_clear_snapshot();
    select count(*) into now from pg_stat_activity
      where application_name like 'dbfleet 2%' and datname = current_database() and state = 'active';
    most := greatest(most, now);
    exit when now >= 3 and i > 5;
    perform pg_sleep(0.05);
  end loop;
  execute format('create table seen as select %s as most', most);
end
$$;
SQL
}

# at_once ARG...: an upgrade of all nine, in which three are at work at once, never more.
at_once() {
  expect 0 upgrade head --yes "$@"
  same "9 3" "$(pg options_schemas "select count(*) || ' ' || max(most) from ($(printf 'select most from limit%s.seen union all ' {1..9}) select 0) s
    where most > 0")" "$*"
  pg options_schemas "$(printf 'drop schema limit%s cascade;' {1..9})" 2>/dev/null
}

@test "jobs, per_host and concurrency hold back no more and no less than they say" {
  crowd_revision
  cat >inventory.yaml <<YAML
defaults: {$POSTGRES_LOGIN, create_schema: true}
groups:
  many: {targets: [{name: "s{1..3}", url: "$POSTGRES_URL/options_schemas", schema: "limit{1..3}", vars: {looks: "200"}},
    {name: "s{4..9}", url: "$POSTGRES_URL/options_schemas", schema: "limit{4..9}", vars: {looks: "5"}}]}
YAML
  at_once --jobs 3
  at_once --jobs 9 --per-host 3
  sed -i 's/many: {targets/many: {per_host: 3, targets/' inventory.yaml
  at_once --jobs 9 --per-host 5
  sed -i 's/many: {per_host: 3, targets/many: {concurrency: 3, targets/' inventory.yaml
  at_once --jobs 9
}

# ---- Selecting -----------------------------------------------------------------------------------------------------

@test "targets that are not active are listed, not planned" {
  table_chain 1
  cat >inventory.yaml <<'YAML'
defaults: {create: true}
targets:
  - {name: active, url: "sqlite:active.db"}
  - {name: suspended, url: "sqlite:suspended.db", state: suspended}
  - {name: retired, url: "sqlite:retired.db", state: retired}
  - {name: coming, url: "sqlite:coming.db", state: provisioning}
  - {name: sick, url: "sqlite:sick.db", quarantine: {until: 2999-01-01, reason: "disk replaced"}}
  - {name: well, url: "sqlite:well.db", quarantine: {until: 2001-01-01, reason: "was replaced"}}
YAML
  expect 0 plan upgrade head
  says "2 to do, 4 inactive" "suspended" "retired" "provisioning" "quarantined" "disk replaced"
  expect 0 upgrade head --yes
  says "2 done, 4 inactive"
  same "active.db well.db" "$(echo *.db)"
  expect 0 status
  says "4 inactive"
}

@test "selectors: groups, globs, regular expressions, labels, algebra, @file; nothing selected is an error" {
  table_chain 1
  cat >inventory.yaml <<'YAML'
defaults: {create: true}
groups:
  eu: {labels: {region: eu}, targets: [{name: "eu-{1..3}", url: "sqlite:eu{1..3}.db"}]}
  us: {labels: {region: us}, targets: [{name: "us-{1..3}", url: "sqlite:us{1..3}.db"}]}
YAML
  printf 'eu-1\n# a comment\n\nus-2\n' >list
  while read -r selector expected; do
    expect 0 inventory list -l "$selector" --format json
    same "$expected" "$(json '.[].target' | xargs)" "-l $selector"
  done <<'SELECTORS'
eu eu-1 eu-2 eu-3
*-2 eu-2 us-2
~^u.*[13]$ us-1 us-3
region=us us-1 us-2 us-3
eu:us-1 eu-1 eu-2 eu-3 us-1
eu:!eu-2 eu-1 eu-3
all:&*-3 eu-3 us-3
@list eu-1 us-2
SELECTORS
  expect 78 upgrade head --yes -l nosuch
  says "nosuch"
  expect 78 upgrade head --yes -l 'eu:&us'
  says "--allow-empty"
  expect 0 upgrade head --yes -l 'eu:&us' --allow-empty
  [ ! -e eu1.db ]
}

@test "@failed:RUN selects what a run did not finish" {
  table_chain 1
  files one two three
  expect 0 upgrade head --yes
  revision r02 r01 unique <<<$'-- migrate:up\ncreate unique index u on t01 (name);'
  lite two.db "insert into t01 values (2, 't01')"
  expect 1 upgrade head --yes --max-failures 1
  run_id=$("$DBFLEET" runs --format json | jq -r '.[0].run')
  says "Next: dbfleet retry $run_id"
  lite two.db "delete from t01 where id = 2"
  expect 0 upgrade head --yes -l "@failed:$run_id"
  says "1 target: 1 done"
  expect 0 current --check-heads
}

# ---- What wins -----------------------------------------------------------------------------------------------------

@test "exit codes: a failure wins over a lock, a lock over unreachable, a halt over them" {
  table_chain 1
  cat >inventory.yaml <<'YAML'
defaults: {create: true, lock_wait: 0s}
targets:
  - {name: bad, url: "sqlite:bad.db"}
  - {name: good, url: "sqlite:good.db"}
  - {name: locked, url: "sqlite:locked.db"}
  - {name: gone, url: "sqlite:gone.db", create: false}
YAML
  exec 9>locked.db.dbfleet-lock
  flock 9
  expect 0 plan upgrade head -l good
  expect 4 upgrade head --yes -l good:gone
  expect 6 upgrade head --yes -l locked
  expect 6 upgrade head --yes -l good:gone:locked --max-failures 5
  lite bad.db "create table t01 (a)"
  expect 1 upgrade head --yes --max-failures 5
  same "bad failed good unchanged locked locked gone unreachable" "$(outcomes)"
  rm good.db*
  expect 3 upgrade head --yes --jobs 1
  same "bad failed good not-started locked not-started gone unreachable" "$(outcomes)"
  expect 1 upgrade head --yes -l bad
  exec 9>&-
  lite bad.db "drop table t01"
  expect 4 upgrade head --yes
  expect 0 upgrade head --yes -l '!gone'
}

@test "an edited revision holds up what has steps to do, until --allow-edited or a stamp" {
  table_chain 2
  files one two
  expect 0 upgrade r01 --yes
  sed -i "s/^create table t01/create  table t01/" versions/r01*
  expect 0 upgrade r01 --yes
  expect 1 upgrade head --yes
  says "edited" "r01_table_t01.sql" "--allow-edited"
  same "r01" "$(lite one.db 'select * from dbfleet_version')"
  expect 0 upgrade head --yes -l one --allow-edited
  expect 0 stamp r01 --yes -l two
  expect 0 upgrade head --yes -l two
  same "r02 r02" "$(each_lite 'select * from dbfleet_version' one.db two.db | xargs)"
}

@test "a revision put below the heads afterwards is told, not taken for applied" {
  table_chain 2
  files one
  expect 0 upgrade head --yes
  table_revision r01b r01 t01b
  sed -i 's/revises: r01/revises: r01b/' versions/r02*
  table_revision r03 r02 t03
  expect 1 upgrade head --yes --allow-edited
  says "r01b" "never ran"
  expect 0 stamp r02 --yes
  expect 0 upgrade head --yes
}
