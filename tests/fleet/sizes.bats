#!/usr/bin/env bats
# plan --sizes: how large the tables are that a plan touches, asked on the targets of three engines.

PREFIX=sizes
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
  drop_databases
  new_project
  make_postgres sizes_{1..3}
  make_mysql sizes_{1..2}
  cat >inventory.yaml <<YAML
groups:
  pg: {$POSTGRES_LOGIN, targets: [{name: "pg-{1..3}", url: "$POSTGRES_URL/sizes_{1..3}"}]}
  my: {$MYSQL_LOGIN, targets: [{name: "my-{1..2}", url: "$MYSQL_URL/sizes_{1..2}"}]}
  file: {create: true, targets: [{name: "file-{1..2}", url: "sqlite:file{1..2}.db"}]}
YAML
  revision r01 "" tables <<'SQL'
-- migrate:up
create table orders (id int primary key, note varchar(100));
create table small (id int primary key);
create table untouched (id int primary key);
-- migrate:down
select 1;
SQL
  "$DBFLEET" upgrade head --yes -q >/dev/null
  revision r02 r01 change <<'SQL'
-- migrate:up
create table fresh (id int primary key);
create index orders_note on orders (note);
insert into fresh select id from small;
delete from small where id > 5;
drop table if exists never_was;
-- migrate:down
select 1;
SQL
}

# Whether anything was changed: rows of our own tables and names of all.
fingerprint() {
  pg sizes_2 "select count(*) from dbfleet_version_history; select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1"
  my sizes_1 "select count(*) from dbfleet_version_history; show tables"
}

# field FILTER EXPECTED: of the last command's JSON.
field() {
  same "$2" "$(json "$1")" "$1"
}

@test "the tables that steps touch, with sums and the largest targets, on every engine" {
  pg sizes_2 "insert into orders select i, repeat('x', 80) from generate_series(1, 5000) i; analyze orders"
  my sizes_1 "insert into orders select seq, repeat('x', 80) from seq_1_to_2000; analyze table orders"
  sqlite3 file1.db "with recursive n(i) as (select 1 union all select i + 1 from n where i < 300) insert into orders select i, 'x' from n"
  before=$(fingerprint)
  expect 0 plan upgrade head --sizes --format json
  field '.sizes | map(.table) | join(" ")' "orders small"
  field '.sizes[0] | [.targets, .unasked, .estimated] | join(" ")' "7 0 true"
  field '.sizes[0].largest | map(.target) | .[0:2] | join(" ")' "pg-2 my-1"
  field '.sizes[0].largest[0].rows' 5000
  [ "$(jq '.sizes[0].rows > 6500 and .sizes[0].rows_max == 5000 and .sizes[0].bytes_max > 400000' <<<"$output")" = true ]
  expect 0 plan upgrade head --sizes
  says "sizes: tables that are touched, largest first, as the servers estimate them" "orders:" "on 7 targets; largest: pg-2 (5,000 rows"
  says_not "untouched:" "fresh:" "never_was: 0"
  [ "$before" = "$(fingerprint)" ]
  expect 0 plan upgrade head --sizes --format json -l file
  field '.sizes[0] | [.table, .rows, .rows_max, .estimated, .largest[0].target] | join(" ")' "orders 300 300 false file-1"
  [ "$(jq '.sizes[0].largest[0].bytes >= 8192' <<<"$output")" = true ]
}

@test "sizes are kept in the plan file and shown in all its forms" {
  expect 0 plan upgrade head --sizes -o plan.yaml
  grep -q '^  - {table: small, targets: 7, rows: ' plan.yaml
  expect 0 plan show plan.yaml
  says "sizes:" "orders:"
  expect 0 plan show plan.yaml --format json
  field '.sizes | length' 2
  expect 0 plan show plan.yaml --format markdown
  says "#### Sizes of the tables (estimates)" "\`orders\`"
  expect 0 apply plan.yaml --yes
  expect 0 plan upgrade head --format json
  field .sizes null
}

@test "a partitioned table is as large as its partitions, and a schema's own tables are asked" {
  pg sizes_1 "create table parts (id int, at date) partition by range (at); create table parts_1 partition of parts for values from ('2026-01-01') to ('2027-01-01'); \
    insert into parts select i, '2026-02-01' from generate_series(1, 3000) i; analyze parts; create table \"Quoted\" (i int); insert into \"Quoted\" select generate_series(1, 100); analyze \"Quoted\""
  revision r03 r02 more <<'SQL'
-- migrate:up
alter table PARTS add column more int;
alter table "Quoted" add column more int;
-- migrate:down
select 1;
SQL
  expect 0 plan upgrade head --sizes --format json -l pg-1
  field '.sizes[] | select(.table == "parts") | .rows' 3000
  field '.sizes[] | select(.table == "\"Quoted\"") | .rows' 100
  [ "$(jq '.sizes[] | select(.table == "parts") | .bytes > 100000' <<<"$output")" = true ]
}
