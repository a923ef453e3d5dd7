#!/usr/bin/env bats
# drift: each target's schema against what its revision says, told in clusters, explained object by object, repaired
# with SQL that was tried; and plan --drift and rollout.require_no_drift, which leave alone what drifted.

PREFIX=drift
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
  export COLUMNS=300
}

# dev_servers: scratch databases are made on the test servers.
dev_servers() {
  cat >>dbfleet.yaml <<YAML
dev:
  postgres: "postgresql://postgres:\${env:POSTGRES_PASSWORD}@127.0.0.1:$POSTGRES_PORT/postgres"
  mariadb: "mysql://admin:\${env:MYSQL_SECRET}@127.0.0.1:$MYSQL_PORT/mysql"
YAML
}

# shop_revisions: tables, an index, a view, a trigger, in two revisions that every dialect takes.
shop_revisions() {
  revision 0001 "" "customers and orders" <<'SQL'
-- migrate:up
create table customers (id bigint primary key, name varchar(60) not null, city varchar(40));
create table orders (
  id bigint primary key,
  customer bigint not null references customers (id),
  total numeric(10,2) default 0 not null,
  placed_on date
);
create index orders_customer on orders (customer);
-- migrate:down
drop table orders;
drop table customers;
SQL
  revision 0002 0001 "large orders" <<'SQL'
-- migrate:up postgres
create view large_orders as select id, total from orders where total > 1000;
create function stamp_order() returns trigger language plpgsql as $$ begin new.placed_on := coalesce(new.placed_on, current_date); return new; end $$;
create trigger orders_stamp before insert on orders for each row execute function stamp_order();
-- migrate:down postgres
drop trigger orders_stamp on orders;
drop function stamp_order;
drop view large_orders;
-- migrate:up mysql
create view large_orders as select id, total from orders where total > 1000;
create trigger orders_stamp before insert on orders for each row set new.placed_on = coalesce(new.placed_on, current_date);
-- migrate:down mysql
drop trigger orders_stamp;
drop view large_orders;
-- migrate:up sqlite
create view large_orders as select id, total from orders where total > 1000;
create trigger orders_stamp after insert on orders when new.placed_on is null begin update orders set placed_on = date('now') where id = new.id; end;
-- migrate:down sqlite
drop trigger orders_stamp;
drop view large_orders;
SQL
}

# lite_fleet COUNT: targets s1 to sCOUNT at the newest revision of two tables.
lite_fleet() {
  shop_revisions
  echo "targets: [$(printf "{name: s%s, url: 'sqlite:s%s.db', create: true}, " $(for i in $(seq "$1"); do echo "$i" "$i"; done))]" >inventory.yaml
  expect 0 upgrade head --yes --quiet
}

# scratches: the scratch databases that are there, of this test or of another that runs beside it.
scratches() {
  pg postgres "select datname from pg_database where datname like 'dbfleet\_dev%'"
  my '' "select schema_name from information_schema.schemata where schema_name like 'dbfleet\\_dev%'"
}

# no_scratch_left: every scratch database that is there now goes away: those of others do when they are done.
no_scratch_left() {
  seen=$(scratches)
  wait_until are_gone || wait_until are_gone || wait_until are_gone
}

are_gone() {
  [ -z "$seen" ] || ! scratches | grep -qxF "$seen"
}

# ---- The demonstration ---------------------------------------------------------------------------------------------

@test "four outliers of four kinds among 60 mixed targets are found, named, explained and repaired" {
  dev_servers
  shop_revisions
  make_postgres $(names 14 drift_pg_) drift_tenants
  make_mysql $(names 20 drift_my_)
  cat >inventory.yaml <<YAML
groups:
  pg:
    targets:
      - {name: "pg-{01..14}", url: "$POSTGRES_URL/drift_pg_{01..14}", $POSTGRES_LOGIN}
      - {name: "tenant-{01..06}", url: "$POSTGRES_URL/drift_tenants", schema: "tenant_{01..06}", create_schema: true, $POSTGRES_LOGIN}
  my:
    targets:
      - {name: "my-{01..20}", url: "$MYSQL_URL/drift_my_{01..20}", $MYSQL_LOGIN}
  lite:
    targets:
      - {name: "lite-{01..20}", url: "sqlite:lite_{01..20}.db", create: true}
YAML
  expect 0 upgrade head --yes --quiet
  expect 0 drift
  says "drift: 60 targets: 60 clean" "14 clean (PostgreSQL" "6 clean (PostgreSQL" "20 clean (MariaDB" "20 clean (SQLite"

  pg drift_pg_07 'drop index orders_customer'
  my drift_my_13 'alter table orders modify total decimal(8,2) not null default 0'
  pg drift_tenants 'create table tenant_04.orders_backup (id int, note text)'
  lite lite_19.db "drop trigger orders_stamp; drop view large_orders; create view large_orders as select id, total from orders where total > 500;"

  expect 2 drift --format json
  same '4 56' "$(json '"\(.totals.drifted) \(.totals.clean)"')"
  same '["lite-19","my-13","pg-07","tenant-04"]' "$(json '[.targets[] | select(.verdict == "drifted") | .target] | sort | tojson')"
  same 'missing index public.orders_customer' "$(json '.clusters[] | select(.targets == ["pg-07"]) | .differences[] | "\(.kind) \(.object) \(.key)"')"
  same 'changed column orders.total decimal(10,2) decimal(8,2)' \
    "$(json '.clusters[] | select(.targets == ["my-13"]) | .differences[] | "\(.kind) \(.object) \(.key) \(.attributes[0].expected) \(.attributes[0].found)"')"
  same 'extra table @.orders_backup' "$(json '.clusters[] | select(.targets == ["tenant-04"]) | .differences[] | select(.with_parent | not) | "\(.kind) \(.object) \(.key)"')"
  same 'changed view large_orders,missing trigger orders_stamp' \
    "$(json '[.clusters[] | select(.targets == ["lite-19"]) | .differences[] | "\(.kind) \(.object) \(.key)"] | sort | join(",")' | sed 's/orders\.orders_stamp/orders_stamp/')"

  expect 2 drift --repair-sql repair
  says "13 clean (PostgreSQL" "target: pg-07" "- index public.orders_customer: missing" \
    "- column orders.total: type is decimal(8,2), expected decimal(10,2)" "- table @.orders_backup: extra" \
    "tried on a scratch database"
  same 4 "$(ls repair | wc -l)"
  PGPASSWORD=$POSTGRES_PASSWORD psql -Xq -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d drift_pg_07 -f repair/*pg-07.sql
  PGPASSWORD=$POSTGRES_PASSWORD psql -Xq -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d drift_tenants -f repair/*tenant-04.sql
  MYSQL_PWD=$MYSQL_SECRET mariadb --no-defaults -h 127.0.0.1 -P "$MYSQL_PORT" -u admin drift_my_13 <repair/*my-13.sql
  sqlite3 -bail lite_19.db <repair/*lite-19.sql
  expect 0 drift
  says "drift: 60 targets: 60 clean"
  no_scratch_left
}

# ---- What is compared with -----------------------------------------------------------------------------------------

@test "with --against peers what most have counts, and without a majority nobody is judged" {
  lite_fleet 5
  lite s4.db 'drop index orders_customer'
  expect 2 drift --against peers
  says "5 targets: 4 clean, 1 drifted" "compared with its peers" "target: s4" "- index orders_customer: missing"
  lite s1.db 'create table own1 (i int)'
  lite s2.db 'create table own2 (i int)'
  expect 1 drift --against peers
  says "5 targets: 5 not judged" "5 targets at the same heads have 4 different schemas, and none of them is that of more than half"
  expect 1 drift --against peers -l s3
  says "no other target of this kind stands at the same heads"
}

@test "without a dev server most peers count, and that is said" {
  shop_revisions
  make_mysql $(names 3 drift_peer_)
  cat >inventory.yaml <<YAML
targets:
  - {name: "my{1..3}", url: "$MYSQL_URL/drift_peer_{1..3}", $MYSQL_LOGIN}
YAML
  expect 0 upgrade head --yes --quiet
  my drift_peer_2 'drop trigger orders_stamp'
  mkdir empty
  run --separate-stderr env PATH="$PWD/empty" "$DBFLEET" drift --repair-sql repair # a server's installer is nowhere
  [ "$status" = 2 ] || { show "drift without a dev server: $status"; return 1; }
  says "2 clean" "compared with its peers" "peers, because" "target: my2" "trigger orders_stamp: missing" "not tried:"
  grep -qi 'CREATE TRIGGER `orders_stamp`' repair/1-my2.sql
}

@test "targets at different revisions are each compared with their own" {
  lite_fleet 4
  expect 0 downgrade -1 -l 's1:s2' --yes --quiet
  expect 0 drift
  says "2 clean (SQLite 3, at 0001)" "2 clean (SQLite 3, at 0002)"
  expect 0 downgrade base -l s1 --yes --quiet
  expect 0 drift
  says "1 clean (SQLite 3, at base)"
  lite s1.db 'create table left_over (i int)'
  expect 2 drift
  says "- table left_over: extra"
}

@test "the same schema by another route is no drift" {
  dev_servers
  shop_revisions
  make_postgres drift_route_1 drift_route_2
  make_mysql drift_route_1 drift_route_2
  cat >inventory.yaml <<YAML
targets:
  - {name: "pg{1..2}", url: "$POSTGRES_URL/drift_route_{1..2}", $POSTGRES_LOGIN}
  - {name: "my{1..2}", url: "$MYSQL_URL/drift_route_{1..2}", $MYSQL_LOGIN}
  - {name: "s{1..2}", url: "sqlite:s{1..2}.db", create: true}
YAML
  expect 0 upgrade head --yes --quiet
  pg drift_route_2 "alter table orders add scrap int; alter table orders drop scrap; drop index orders_customer;
    insert into customers values (1, 'a', 'b'); analyze; create index orders_customer on orders (customer); update customers set city = null;
    alter table customers alter city type varchar(200); alter table customers alter city type varchar(40);
    create or replace view large_orders as select id, total from orders where total > 1000"
  my drift_route_2 "alter table orders add scrap int; alter table orders drop scrap; insert into customers values (1, 'a', 'b'); analyze table customers;
    alter table customers modify city varchar(200); alter table customers modify city varchar(40);
    create or replace view large_orders as select id, total from orders where total > 1000"
  lite s2.db "insert into customers values (1, 'a', 'b'); drop index orders_customer;
    CREATE   INDEX orders_customer ON orders (customer); alter table customers add column scrap int; alter table customers drop column scrap; vacuum;"
  expect 0 drift
  says "6 targets: 6 clean"
}

@test "a value that differs from target to target is not taken for drift" {
  revision 0001 "" limits <<'SQL'
-- migrate:up
create table limits (id integer primary key, amount integer check (amount < {{ maximum | raw }}));
-- migrate:down
drop table limits;
SQL
  cat >inventory.yaml <<'YAML'
targets:
  - {name: a, url: "sqlite:a.db", create: true, vars: {maximum: 10}}
  - {name: b, url: "sqlite:b.db", create: true, vars: {maximum: 20}}
  - {name: c, url: "sqlite:c.db", create: true, vars: {maximum: "${env:SECRET_MAXIMUM}"}}
YAML
  export SECRET_MAXIMUM=765432
  expect 0 upgrade head --yes --quiet
  expect 0 drift
  says "3 targets: 3 clean"
  SECRET_MAXIMUM='765432 syntax error' expect 1 drift --no-cache -l c
  says "1 not judged"
  says_not 765432
}

@test "what another track made in the same database is expected there" {
  printf '%s\n' 'tracks:' '  default: {versions: versions}' '  audit: {versions: audit, version_table: audit_version}' >>dbfleet.yaml
  table_revision m1 "" main
  mkdir audit
  printf -- '-- revision: u1\n-- revises:\n-- migrate:up\ncreate table audit (i int);\n' >audit/u1.sql
  cat >inventory.yaml <<'YAML'
targets:
  - {name: both, url: "sqlite:both.db", create: true}
  - {name: both-audit, url: "sqlite:both.db", create: true, track: audit}
  - {name: alone, url: "sqlite:alone.db", create: true}
YAML
  expect 0 upgrade head --yes --quiet
  expect 0 upgrade head --yes --quiet -n audit
  expect 0 drift
  says "2 clean" "1 clean (SQLite 3, at m1 with audit at u1)" "1 clean (SQLite 3, at m1)"
  expect 0 drift -n audit
  says "1 clean (SQLite 3, at u1 with default at m1)"
  lite both.db 'create table extra (i int)'
  expect 2 drift
  says "- table extra: extra"
  echo 'broken' >audit/u1.sql
  expect 1 drift
  says "1 not judged" "track audit in the same database: its revision files have errors"
}

@test "a secret that a revision wrote into a definition is not shown" {
  revision 0001 "" keys <<'SQL'
-- migrate:up
create table keys (id integer primary key, code text check (code <> {{ api_key | literal }}));
create view api as select {{ api_key | literal }} as code, 1 as n;
-- migrate:down
drop view api;
drop table keys;
SQL
  echo 'targets: [{name: a, url: "sqlite:a.db", create: true, vars: {api_key: "${env:API_KEY}"}}]' >inventory.yaml
  export API_KEY=geheim123
  expect 0 upgrade head --yes --quiet
  lite a.db "drop view api; create view api as select 'geheim123' as code, 2 as n"
  expect 2 drift --repair-sql repair
  says "view api" "***" "it would hold a secret"
  says_not geheim123
  expect 2 drift --repair-sql - --format json
  says_not geheim123
  [ ! -e repair ]
}

# ---- The cache -----------------------------------------------------------------------------------------------------

@test "what was not touched is not read again, and a change made by hand is found all the same" {
  dev_servers
  shop_revisions
  make_postgres drift_warm
  make_mysql drift_warm
  cat >inventory.yaml <<YAML
targets:
  - {name: pg, url: "$POSTGRES_URL/drift_warm", $POSTGRES_LOGIN}
  - {name: my, url: "$MYSQL_URL/drift_warm", $MYSQL_LOGIN}
  - {name: lite, url: "sqlite:lite.db", create: true}
YAML
  expect 0 upgrade head --yes --quiet
  expect 0 drift --format json
  same false,false,false "$(json '[.targets[].from_cache] | join(",")')"
  expect 0 drift --format json
  same true,true "$(json '[.targets[] | select(.target != "my") | .from_cache] | join(",")')"
  pg drift_warm 'alter table orders alter total set default 1'
  my drift_warm 'alter table orders alter total set default 1'
  lite lite.db 'drop index orders_customer'
  expect 2 drift --format json
  same drifted,drifted,drifted "$(json '[.targets[].verdict] | join(",")')"
  same false,false,false "$(json '[.targets[].from_cache] | join(",")')"
  expect 2 drift --format json
  same drifted,drifted,drifted "$(json '[.targets[].verdict] | join(",")')"
  same true,true "$(json '[.targets[] | select(.target != "my") | .from_cache] | join(",")')"
  expect 2 drift --no-cache --format json
  same false,false,false "$(json '[.targets[].from_cache] | join(",")')"
}

@test "a damaged cache is not believed, and one that cannot be written is told" {
  lite_fleet 2
  expect 0 drift
  lite s2.db 'drop index orders_customer'
  expect 2 drift
  local file
  for file in .dbfleet/cache/*; do
    sed -i 's/orders_customer/orders_xustomer/; s/[0-9a-f]\{8\}/00000000/2' "$file"
  done
  expect 2 drift
  says "target: s2" "- index orders_customer: missing"
  for file in .dbfleet/cache/*; do truncate -s 40 "$file"; done
  expect 2 drift
  says "target: s2" "- index orders_customer: missing"
  rm -r .dbfleet/cache && touch .dbfleet/cache
  expect 2 drift
  says "target: s2" "note: cannot write"
}

@test "another database under the same name is read anew" {
  lite_fleet 2
  expect 0 drift
  cp s1.db kept.db
  lite s1.db 'drop index orders_customer'
  expect 2 drift -l s1
  mv kept.db s1.db
  expect 0 drift -l s1
}

@test "edited revisions are run anew" {
  lite_fleet 2
  expect 0 drift
  sed -i 's/> 1000/> 2000/' versions/0002_large_orders.sql
  expect 2 drift
  says "2 drifted" "view large_orders"
}

# ---- What cannot be judged -----------------------------------------------------------------------------------------

@test "a target that is down is told, and is never clean" {
  lite_fleet 2
  sed -i "s/^targets: \[/targets: [{name: gone, url: 'postgresql:\/\/nobody@127.0.0.1:1\/none'}, /" inventory.yaml
  expect 4 drift
  says "3 targets: 2 clean, 1 unreachable" "target: gone"
  lite s1.db 'drop index orders_customer'
  expect 2 drift
  says "1 drifted" "1 unreachable"
}

@test "what may not be read is not judged" {
  dev_servers
  shop_revisions
  make_postgres drift_rights
  make_mysql drift_rights
  cat >inventory.yaml <<YAML
targets:
  - {name: pg, url: "$POSTGRES_URL/drift_rights", $POSTGRES_LOGIN}
  - {name: my, url: "$MYSQL_URL/drift_rights", $MYSQL_LOGIN}
YAML
  expect 0 upgrade head --yes --quiet
  pg postgres "drop role if exists drift_reader; create role drift_reader login password 'reader'"
  my '' "create or replace user drift_reader@'%' identified by 'reader'; grant select on drift_rights.dbfleet_version to drift_reader@'%';
         grant select on drift_rights.dbfleet_version_history to drift_reader@'%'; grant select on drift_rights.orders to drift_reader@'%'"
  cat >inventory.yaml <<YAML
targets:
  - {name: pg, url: "postgresql://drift_reader:reader@127.0.0.1:$POSTGRES_PORT/drift_rights"}
  - {name: my, url: "mysql://drift_reader:reader@127.0.0.1:$MYSQL_PORT/drift_rights"}
YAML
  expect 1 drift
  says "2 not judged" "permission denied for table dbfleet_version" "a privilege is missing for tables (SELECT), views (SHOW VIEW), triggers (TRIGGER)"
  pg drift_rights "grant select on dbfleet_version, dbfleet_version_history to drift_reader"
  my '' "grant select, show view, trigger, execute, event on drift_rights.* to drift_reader@'%'"
  expect 0 drift
  says "2 clean"
  my '' "drop user drift_reader@'%'"
  pg drift_rights "drop owned by drift_reader; drop role drift_reader"
}

@test "a revision that no file knows, and a step that stopped half-way, are no verdict" {
  lite_fleet 3
  lite s1.db "update dbfleet_version set version_num = 'other'"
  lite s2.db "update dbfleet_version_history set state = 'failed', statements_done = 1 where revision = '0002'"
  expect 1 drift
  says "1 clean" "2 not judged" "version row other is in no revision file" "step up 0002 stopped half-way"
}

@test "revisions that do not run on a scratch database are told with file and line" {
  lite_fleet 2
  sed -i 's/create index orders_customer/create index no_such_table_here on nothing (i); create index orders_customer/' versions/0001_*.sql
  expect 1 drift
  says "2 not judged" "0001_customers_and_orders.sql" "nothing"
}

@test "drift changes nothing on a target, and a database that is not there is not made" {
  lite_fleet 2
  sed -i "s/^targets: \[/targets: [{name: new, url: 'sqlite:new.db', create: true}, /" inventory.yaml
  local before
  before=$(sha256sum s1.db s2.db)
  chmod 444 s1.db
  expect 0 drift
  says "2 clean" "1 not there yet"
  same "$before" "$(sha256sum s1.db s2.db)"
  [ ! -e new.db ]
}

@test "an interrupt ends it, and leaves no scratch database" {
  dev_servers
  make_postgres drift_slow
  revision 0001 "" "slow" <<'SQL'
-- migrate:up
create table slow (i int);
-- migrate:down
drop table slow;
SQL
  echo "targets: [{name: pg, url: '$POSTGRES_URL/drift_slow', $POSTGRES_LOGIN}]" >inventory.yaml
  expect 0 upgrade head --yes --quiet
  sed -i 's/^create table slow/select pg_sleep(0.5); select pg_sleep(0.5); select pg_sleep(0.5); select pg_sleep(0.5); create table slow/' versions/0001_slow.sql
  start drift
  wait_until eval '[ -n "$(pg postgres "select datname from pg_database where datname like '"'dbfleet\\_dev%'"'")" ]'
  kill -INT "$run_pid"
  ends_with 130
  no_scratch_left
}

# ---- Plans ---------------------------------------------------------------------------------------------------------

@test "plan --drift makes exceptions of what drifted, with the first difference" {
  lite_fleet 3
  expect 0 downgrade -1 --yes --quiet
  lite s2.db 'drop index orders_customer; create table junk (i int)'
  expect 0 plan upgrade head
  expect 1 plan upgrade head --drift
  says "2 to do" "1 blocked" "1 drifted" "and 1 more" '"dbfleet drift -l s2" shows all'
  expect 1 plan upgrade head --drift --format json
  same 'blocked drifted' "$(json '.targets[] | select(.target == "s2") | "\(.verdict) \(.problem)"')"
  sed -i 's/create index orders_customer/create index x on nothing (i); create index orders_customer/' versions/0001_*.sql
  expect 1 plan upgrade head --drift --allow-edited
  says "3 drift-unknown" "cannot be told"
}

@test "require_no_drift lets no run touch what drifted" {
  lite_fleet 3
  expect 0 downgrade -1 --yes --quiet
  printf '%s\n' 'rollout:' '  require_no_drift: true' >>dbfleet.yaml
  lite s2.db 'drop index orders_customer'
  expect 1 upgrade head --yes --max-failures 100%
  says "drifted" "index orders_customer: missing"
  same 0001 "$(lite s2.db 'select version_num from dbfleet_version')"
  same 0002 "$(lite s3.db 'select version_num from dbfleet_version')"
  lite s2.db 'create index orders_customer on orders (customer)'
  expect 0 upgrade head --yes
  same 0002 "$(lite s2.db 'select version_num from dbfleet_version')"
  lite s1.db 'create table junk (i int)'
  expect 1 downgrade -1 --yes --max-failures 100%
  says "table junk: extra"
  same 0002 "$(lite s1.db 'select version_num from dbfleet_version')"
  expect 0 stamp 0001 -l s1 --yes
}

@test "plan names the revision files that are not committed" {
  lite_fleet 1
  expect 0 downgrade base --yes --quiet
  expect 0 plan upgrade head --format json
  git init -q
  git add versions/0001_*.sql
  git -c user.name=t -c user.email=t@t commit -qm first
  expect 0 plan upgrade head
  says "1 revision file of this plan is not committed to git: 0002_large_orders.sql"
  expect 0 plan upgrade 0001
  says_not "not committed"
  echo '-- more' >>versions/0001_customers_and_orders.sql
  git add versions/0001_*.sql
  expect 0 plan upgrade head --format json
  same '0001_customers_and_orders.sql 0002_large_orders.sql' "$(json '[.uncommitted[] | split("/") | last] | sort | join(" ")')"
}
