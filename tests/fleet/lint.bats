#!/usr/bin/env bats
# lint: what statements do is measured on scratch databases, and the targets are asked how much that matters.

PREFIX=lint
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
  cat >>dbfleet.yaml <<YAML
dev:
  postgres: "postgresql://postgres:\${env:POSTGRES_PASSWORD}@127.0.0.1:$POSTGRES_PORT/postgres"
  mariadb: "mysql://admin:\${env:MYSQL_SECRET}@127.0.0.1:$MYSQL_PORT/mysql"
YAML
  echo "targets: []" >inventory.yaml
  export COLUMNS=300
}

# measure DIALECT <LINES: each line is "EXPECTED … | STATEMENT"; all statements are one revision upon that of versions/. EXPECTED are
# the words of what was measured of table t: for PostgreSQL lock, rewritten, scanned; for MariaDB the algorithm and "blocks".
measure() {
  local dialect=$1 line expected statement number=0 actual wrong=0
  local filter='.measured | map(select(.line == ($line | tonumber) and (.table | test("(^|\\.)" + $table + "$"))))
    | map([(.lock // .algorithm | gsub(" "; "-")), (if .rewritten then "rewritten" else empty end), (if .scanned then "scanned" else empty end),
           (if .algorithm and .blocks_writes then "blocks" else empty end)] | join(" ")) | join(";")'
  local cases=()
  mapfile -t cases
  {
    printf -- '-- revision: 0002\n-- revises: 0001\n-- message: m\n-- migrate:up\n'
    for line in "${cases[@]}"; do
      printf '%s\n' "${line#*| }"
    done
    printf -- '-- migrate:down\nselect 1;\n'
  } >versions/0002.sql
  run --separate-stderr "$DBFLEET" lint -r 0002 --dialects "$dialect" --format json
  [ "$status" -le 1 ] || { show "exit code $status"; return 1; }
  same "" "$(json '[.findings[] | select(.rule == "RV03") | .message] | join(" ")')" "a statement fails"
  for line in "${cases[@]}"; do
    expected=${line%% | *} table=t
    [[ $expected != *@* ]] || { table=${expected#*@} expected=${expected%@*}; }
    [ -n "$expected" ] || { number=$((number + 1)); continue; }
    actual=$(jq -r --arg line $((number + 5)) --arg table "$table" "$filter" <<<"$output")
    [ "$actual" = "$(xargs <<<"$expected")" ] || { echo "${line#*| }"; echo "  expected $expected, was $actual"; wrong=1; }
    number=$((number + 1))
  done
  [ "$wrong" = 0 ]
}

@test "PostgreSQL: the lock, the rewrite and the scan of each kind of change are measured" {
  revision 0001 "" base <<'SQL'
-- migrate:up
create table u (id int primary key);
create table t (id int primary key, a varchar(10), n numeric(8,2), ts timestamp, i int, c int, d int, uid int, x int);
create index t_i on t (i);
create index t_x on t (x);
create table p (id int, day date) partition by range (day);
create table p1 partition of p for values from ('2020-01-01') to ('2021-01-01');
create table q (id int, day date);
create materialized view m as select 1 as one;
create unique index m_one on m (one);
create function f() returns trigger language plpgsql as $$ begin return new; end $$;
-- migrate:down
select 1;
SQL
  measure postgres <<'LINES'
ACCESS-EXCLUSIVE | alter table t add column a1 int;
ACCESS-EXCLUSIVE | alter table t add column a2 int default 5 not null;
ACCESS-EXCLUSIVE rewritten scanned | alter table t add column a3 double precision default random();
ACCESS-EXCLUSIVE rewritten scanned | alter table t add column a4 int generated always as (i + 1) stored;
ACCESS-EXCLUSIVE scanned | alter table t add column a5 int check (a5 > 0);
ACCESS-EXCLUSIVE | alter table t add column a6 int references u;
ACCESS-EXCLUSIVE | alter table t alter column a type varchar(20);
ACCESS-EXCLUSIVE | alter table t alter column a type text;
ACCESS-EXCLUSIVE | alter table t alter column n type numeric(10,2);
ACCESS-EXCLUSIVE rewritten scanned | alter table t alter column n type numeric(10,3);
ACCESS-EXCLUSIVE rewritten scanned | alter table t alter column a type varchar(5);
ACCESS-EXCLUSIVE rewritten scanned | alter table t alter column x type bigint;
ACCESS-EXCLUSIVE rewritten scanned | alter table t alter column ts type timestamptz;
ACCESS-EXCLUSIVE scanned | alter table t alter column c set not null;
ACCESS-EXCLUSIVE scanned | alter table t add constraint d_there check (d is not null);
ACCESS-EXCLUSIVE | alter table t alter column d set not null;
ACCESS-EXCLUSIVE | alter table t add constraint later check (i > 0) not valid;
SHARE-UPDATE-EXCLUSIVE scanned | alter table t validate constraint later;
SHARE-ROW-EXCLUSIVE scanned | alter table t add constraint uid_u foreign key (uid) references u;
SHARE-ROW-EXCLUSIVE@u | alter table t add constraint uid_again foreign key (uid) references u not valid;
SHARE-UPDATE-EXCLUSIVE scanned | alter table t validate constraint uid_again;
ACCESS-EXCLUSIVE scanned | alter table t add unique (i);
SHARE scanned | create index t_c on t (c);
ACCESS-EXCLUSIVE | drop index t_i;
ACCESS-EXCLUSIVE | alter table t rename column uid to who;
SHARE-UPDATE-EXCLUSIVE | alter table t set (fillfactor = 90);
SHARE-UPDATE-EXCLUSIVE | comment on table t is 'x';
SHARE-ROW-EXCLUSIVE | create trigger tr before insert on t for each row execute function f();
ACCESS-EXCLUSIVE@p | alter table p detach partition p1;
SHARE-UPDATE-EXCLUSIVE@p | alter table p attach partition q for values from ('2030-01-01') to ('2031-01-01');
ACCESS-EXCLUSIVE rewritten scanned | truncate t;
ACCESS-EXCLUSIVE rewritten scanned | alter table t set unlogged;
EXCLUSIVE scanned@m | refresh materialized view concurrently m;
LINES
}

@test "MariaDB: the algorithm of each kind of change, and whether writers wait, are measured" {
  revision 0001 "" base <<'SQL'
-- migrate:up
create table u (id int primary key);
create table t (id int primary key, a varchar(10), b varchar(100), e enum('x','y'), n int, uid int, txt text);
-- migrate:down
select 1;
SQL
  measure mariadb <<'LINES'
INSTANT | alter table t add column a1 int;
INSTANT | alter table t add column a2 int first;
INSTANT | alter table t drop column a1;
INSTANT | alter table t modify a varchar(20);
INSTANT | alter table t modify e enum('x','y','z');
INSTANT | alter table t change b bb varchar(100);
INSTANT | alter table t alter column n set default 5;
NOCOPY | alter table t add index (n);
NOCOPY | create index t_bb on t (bb);
NOCOPY | alter table t drop index n;
INPLACE | alter table t modify n int not null;
COPY blocks | alter table t modify n bigint not null;
COPY blocks | alter table t modify a varchar(5);
COPY blocks | alter table t modify e enum('z','y','x');
COPY blocks | alter table t convert to character set latin1;
COPY blocks | alter table t add constraint positive check (n > 0);
COPY blocks | alter table t add constraint uid_u foreign key (uid) references u (id);
COPY blocks | alter table t drop primary key;
LINES
}

@test "the examples of every rule's page are found, and what is to be done instead is not" {
  run "$DBFLEET_SOURCE/tests/harness/lint-examples" "$DBFLEET" "$DBFLEET_SOURCE/docs/reference/lint" "$BATS_TEST_TMPDIR/examples" \
    "$(sed -n '/^dev:/,$p' dbfleet.yaml)"
  [ "$status" = 0 ] || { echo "$output"; return 1; }
}

# ---- What fails, and what stands on it ----

@test "a revision that fails is told with what the server said, and what stands on it is not tried" {
  revision 0001 "" base <<<'-- migrate:up
create table t (id bigint primary key);
-- migrate:down
drop table t;'
  revision 0002 0001 broken <<<'-- migrate:up
alter table t add column a int;
alter table nowhere add column b int;
-- migrate:down
select 1;'
  revision 0003 0002 behind <<<'-- migrate:up
alter table t drop column id;
-- migrate:down
select 1;'
  expect 1 lint --all --dialects postgres,mariadb --format json
  same 2 "$(json '[.findings[] | select(.rule == "RV03")] | length')"
  same "7" "$(json '[.findings[] | select(.rule == "RV03") | .line] | unique | join(" ")')"
  says 'relation \"nowhere\" does not exist' "nowhere' doesn't exist" "revision 0003 was not tried on postgres: revision 0002 below it fails"
  same "" "$(json '.findings[] | select(.rule == "DL02")')"
}

@test "what each statement alone can do and one transaction cannot is found on a copy" {
  revision 0001 "" base <<<"-- migrate:up
create type mood as enum ('sad');
create table t (id bigint primary key, mood mood);
-- migrate:down
select 1;"
  revision 0002 0001 calm <<<"-- migrate:up
alter type mood add value 'calm' after 'sad';
do \$\$ begin execute 'alter table t alter column mood set default ' || quote_literal('cal' || 'm'); end \$\$;
-- migrate:down
select 1;"
  expect 1 lint -r 0002 --dialects postgres --format json
  same "RV03" "$(json '.findings[] | select(.severity == "error") | .rule')"
  says 'unsafe use of new value'
}

@test "what runs only in one transaction is no mistake, and what stands on it is still tried" {
  revision 0001 "" base <<<'-- migrate:up
create table t (id bigint primary key);
-- migrate:down
select 1;'
  revision 0002 0001 temporary <<<'-- migrate:up
create temporary table passing (id int) on commit drop;
insert into passing values (1);
alter table t add column a int;
-- migrate:down
select 1;'
  revision 0003 0002 behind <<<'-- migrate:up
alter table t drop column a;
-- migrate:down
select 1;'
  expect 1 lint --all --dialects postgres --format json
  says "7 and what is behind it runs only in one transaction"
  same "DL02 0003" "$(json '.findings[] | select(.severity == "error") | .rule + " " + .revision')"
}

@test "nothing is left on the dev servers" {
  revision 0001 "" base <<<'-- migrate:up
create table t (id bigint primary key);
-- migrate:down
drop table t;'
  expect 0 lint --all --dialects postgres,mariadb
  same "" "$(pg postgres "select datname from pg_database where datname like 'dbfleet\_dev\_%'")"
  same "" "$(my '' "select schema_name from information_schema.schemata where schema_name like 'dbfleet\\_dev\\_%'")"
}

# ---- The fleet ----

# fleet: three databases of each server with a table of orders: rows are told to the statistics, not written.
fleet() {
  make_postgres lint_a lint_b lint_c
  make_mysql lint_m1 lint_m2
  local table='create table orders (id bigint primary key, email varchar(100), total int, customer bigint);
    create table customers (id bigint primary key)'
  each_pg "$table" lint_a lint_b lint_c
  each_my "$table" lint_m1 lint_m2
  revision 0001 "" base <<SQL
-- migrate:up
$table;
-- migrate:down
select 1;
SQL
  cat >inventory.yaml <<YAML
groups:
  pg:
    $POSTGRES_LOGIN
    targets:
      - {name: a, url: "$POSTGRES_URL/lint_a"}
      - {name: b, url: "$POSTGRES_URL/lint_b"}
      - {name: c, url: "$POSTGRES_URL/lint_c"}
  my:
    $MYSQL_LOGIN
    targets:
      - {name: m1, url: "$MYSQL_URL/lint_m1"}
      - {name: m2, url: "$MYSQL_URL/lint_m2"}
YAML
}

teardown() {
  drop_databases
}

@test "the size of the table on the targets decides what a lock weighs, and who has a large one is named" {
  fleet
  revision 0002 0001 index <<<'-- migrate:up
create index orders_customer on orders (customer);
-- migrate:down
drop index orders_customer;'
  expect 0 lint -r 0002 -l pg --format json
  same "note" "$(json '.findings[] | select(.rule == "LK03") | .severity')"
  same "3" "$(json .targets_asked)"
  pg lint_b "set allow_system_table_mods = on; update pg_class set reltuples = 40000000 where relname = 'orders'"
  expect 1 lint -r 0002 -l pg --format json
  same "error on 1 of 3 targets it has up to 40 million rows: b" "$(json '.findings[] | select(.rule == "LK03") | .severity + " " + .fleet')"
  same "b" "$(json '.findings[] | select(.rule == "LK03") | .targets | join(" ")')"
  expect 0 lint -r 0002 -l 'pg:!b'
  pg lint_c "set allow_system_table_mods = on; update pg_class set reltuples = 50000 where relname = 'orders'"
  expect 0 lint -r 0002 -l 'pg:!b' --format json
  same "warning" "$(json '.findings[] | select(.rule == "LK03") | .severity')"
  expect 0 lint -r 0002 --dialects postgres --format json
  same "warning 0" "$(json '[.findings[] | select(.rule == "LK03")][0].severity + " " + (.targets_asked | tostring)')"
}

@test "whether rows stand in the way is asked of every target" {
  fleet
  each_pg "insert into orders values (1, null, -1, 7), (2, 'x', 1, 7), (3, 'x', 1, null)" lint_a
  each_pg "insert into orders values (1, 'x', 1, null)" lint_b lint_c
  each_my "insert into orders values (1, 'x', 1, 5)" lint_m1 lint_m2
  revision 0002 0001 strict <<'SQL'
-- migrate:up postgres
alter table orders alter column email set not null;
alter table orders add constraint one_email unique (email);
alter table orders add constraint positive check (total > 0);
alter table orders add constraint of_customer foreign key (customer) references customers (id);
alter table orders add column tax int not null;
-- migrate:down postgres
select 1;
-- migrate:up mysql
alter table orders modify email varchar(100) not null;
alter table orders add constraint of_customer foreign key (customer) references customers (id);
-- migrate:down mysql
select 1;
SQL
  expect 1 lint -r 0002 --fleet --format json
  found() { json ".findings[] | select(.rule == \"$1\" and (.dialects | index(\"$2\"))) | .severity + \" \" + .fleet"; }
  same "error 1 of 3 targets holds NULLs in orders.email: a" "$(found DD02 postgres)"
  same "error 1 of 3 targets holds duplicates of \"email\" in orders: a" "$(found DD03 postgres)"
  same "error 3 of 3 targets hold rows in orders: a, b, c" "$(found DD01 postgres)"
  same "error 1 of 3 targets holds rows of orders that break it: a
error 1 of 3 targets holds rows of orders that refer to nothing: a" "$(found DD04 postgres)"
  same "note none of 2 targets holds NULLs in orders.\`email\`" "$(found DD02 mariadb)"
  same "error 2 of 2 targets hold rows of orders that refer to nothing: m1, m2" "$(found DD04 mariadb)"
}

@test "a target that cannot be asked is told and lowers nothing" {
  fleet
  revision 0002 0001 strict <<<'-- migrate:up postgres
alter table orders alter column email set not null;
-- migrate:down postgres
select 1;'
  sed -i 's|/lint_c"|/lint_c?connect_timeout=1"|; s|127.0.0.1:'"$POSTGRES_PORT"'/lint_c|127.0.0.1:1/lint_c|' inventory.yaml
  expect 0 lint -r 0002 -l pg --format json
  same "warning" "$(json '.findings[] | select(.rule == "DD02") | .severity')"
  says "none of 2 targets holds NULLs in orders.email (1 could not be asked:"
}

@test "asking changes nothing, and a question that takes long is given up" {
  fleet
  revision 0002 0001 strict <<<'-- migrate:up postgres
alter table orders add constraint slow check (pg_sleep(0) is not null and total > 0);
-- migrate:down postgres
select 1;'
  each_pg "insert into orders values (1, 'x', 1, 5)" lint_a lint_b lint_c
  before=$(pg lint_a "select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_all_tables where schemaname = 'public'")
  expect 0 lint -r 0002 -l pg
  same "$before" "$(pg lint_a "select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_all_tables where schemaname = 'public'")"
  same "" "$(pg lint_a "select tablename from pg_tables where tablename like 'dbfleet%'")"
}
