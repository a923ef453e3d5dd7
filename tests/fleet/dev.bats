#!/usr/bin/env bats
# Scratch databases and private servers as commands use them: schema dump and what it writes, nothing left behind after
# interrupts and kills, dev prune, and what is said when a dev server cannot be had.

PREFIX=dev
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
  sed -i '/inventory/d' dbfleet.yaml
  # A system user must be able to come in, which bats' own folder does not allow.
  export COLUMNS=300 XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache TMPDIR
  TMPDIR=$(mktemp -d /tmp/dbfleet-bats-XXXXXX)
  chmod 755 "$TMPDIR"
}

teardown() {
  [ -z "${run_pid:-}" ] || kill -9 "$run_pid" 2>/dev/null || true
  rm -rf "$TMPDIR"
}

# dev_servers: scratch databases are made on the test servers.
dev_servers() {
  cat >>dbfleet.yaml <<YAML
dev:
  postgres: "postgresql://postgres:\${env:POSTGRES_PASSWORD}@127.0.0.1:$POSTGRES_PORT/postgres"
  mariadb: "mysql://admin:\${env:MYSQL_SECRET}@127.0.0.1:$MYSQL_PORT/mysql"
YAML
}

# shop: a revision that each dialect takes in its own way.
shop() {
  revision 0001 "" shop <<'SQL'
-- migrate:up postgres
create type mood as enum ('glad', 'sad');
create schema app;
create table customers (id serial primary key, m mood default 'sad', best bigint);
create table orders (id bigint generated always as identity primary key, customer int not null references customers, total numeric(10,2));
alter table customers add foreign key (best) references orders (id);
create index on orders (customer) where total > 0;
create table app."Log" (id int, at timestamptz) partition by range (at);
create table app.log_1 partition of app."Log" for values from ('2020-01-01') to ('2021-01-01');
create view big as select * from orders where total > 100;
create materialized view counts as select count(*) as n from big;
create function f(a int) returns int language sql as 'select a + 1';
create function f(a text) returns text language sql as $$ select a || ';' $$;
create function stamp() returns trigger language plpgsql as $$ begin new.total := 1; return new; end $$;
create trigger stamp before insert on orders for each row execute function stamp();
comment on table orders is 'what was ordered';
alter table orders enable row level security;
create policy p on orders to dev_bats_reader using (total > 5);
-- migrate:up mysql
create table customers (id int auto_increment primary key, name varchar(60) not null, best bigint);
create table orders (id bigint primary key, customer int not null, total decimal(10,2), key (customer), constraint fk foreign key (customer) references customers (id));
alter table customers add constraint best foreign key (best) references orders (id);
create view big as select id from orders where total > 100;
create trigger stamp before insert on orders for each row set new.total = 1;
delimiter //
create function f(a int) returns int deterministic begin return a + 1; end //
delimiter ;
create event nightly on schedule every 1 day do delete from orders;
-- migrate:up sqlite
create table customers (id integer primary key, name text not null);
create table orders (id integer primary key, customer integer references customers, total numeric);
create index orders_customer on orders (customer);
create view big as select id from orders where total > 100;
create trigger stamp after insert on orders begin update orders set total = 1 where id = new.id; end;
SQL
}

# slow_revision DIALECT SQL
slow_revision() {
  revision 0001 "" slow <<SQL
-- migrate:up $1
create table t (i int);
$2;
SQL
}

nothing_left() {
  [ -z "$(ls -A "$TMPDIR")" ] || { ls -l "$TMPDIR"; return 1; }
}

scratch_exists() {
  [ "$(pg postgres "select count(*) from pg_database where datname like 'dbfleet\_dev\_$1\_%'")" -gt 0 ]
}

no_scratch() {
  ! scratch_exists "$1"
}

# ---- schema dump ---------------------------------------------------------------------------------------------------

@test "schema dump writes files for each dialect, on private servers, that lead to the same schema" {
  shop
  for dialect in sqlite postgres mariadb; do
    expect 0 schema dump --dialects $dialect -o "$dialect"
    says "files written from the revisions of track default"
    expect 0 schema dump --dialects $dialect -o again
    diff -r "$dialect" again
    rm -r again
    nothing_left
  done
  [ -e postgres/tables/orders.sql ] && [ -e postgres/tables/app.Log.sql ] && [ -e postgres/views/big.sql ]
  [ -e mariadb/events/nightly.sql ] && [ -e mariadb/functions/f.sql ] && [ -e sqlite/tables/orders.sql ]
  grep -q "create policy\|CREATE POLICY" postgres/tables/orders.sql
}

@test "what is dumped into the schema folder is what check asks for" {
  shop
  expect 0 schema dump --dialects sqlite
  expect 0 check --dialects sqlite
  echo "create table more (i int);" >schema/more.sql
  expect 2 check --dialects sqlite
}

@test "schema dump overwrites only with --force, and removes what is gone" {
  table_revision 0001 "" one
  expect 0 schema dump
  expect 78 schema dump
  says "schema has schema files already"
  mv schema/tables/one.sql schema/tables/gone.sql
  expect 0 schema dump --force
  says "gone.sql removed"
  [ -e schema/tables/one.sql ] && [ ! -e schema/tables/gone.sql ]
}

@test "schema dump of a live database reads it and changes nothing" {
  lite shop.db "create table customers (id integer primary key); create view v as select * from customers"
  sum=$(sha256sum shop.db)
  expect 0 schema dump --url sqlite:shop.db -o dump
  same "$sum" "$(sha256sum shop.db)"
  [ -e dump/tables/customers.sql ] && [ -e dump/views/v.sql ]
  make_postgres dev_live
  pg dev_live "create table t (i int); create table \"T\" (i int); insert into t values (1)"
  expect 0 schema dump --url "postgresql://postgres:$POSTGRES_PASSWORD@127.0.0.1:$POSTGRES_PORT/dev_live" -o live
  same 2 "$(ls live/tables | tr a-z A-Z | sort -u | wc -l)"
  expect 0 schema dump --url "postgresql://postgres:$POSTGRES_PASSWORD@127.0.0.1:$POSTGRES_PORT/dev_live" -o -
  says 'CREATE TABLE "T"'
  says_not "$POSTGRES_PASSWORD"
}

# ---- The end of a command ------------------------------------------------------------------------------------------

@test "an interrupt ends the private server and deletes its folder" {
  slow_revision postgres "select pg_sleep(3)"
  for signal in INT TERM; do
    start schema dump --dialects postgres -o out
    wait_until compgen -G "$TMPDIR/dbfleet-server-*/data/postmaster.pid"
    sleep 0.5
    kill -$signal "$run_pid"
    ends_with 130
    nothing_left
    [ ! -e out ]
  done
}

@test "a kill -9 leaves no private server behind" {
  slow_revision postgres "select pg_sleep(60)"
  start schema dump --dialects postgres -o out
  wait_until compgen -G "$TMPDIR/dbfleet-server-*/data/postmaster.pid"
  kill -9 "$run_pid"
  wait_until nothing_left
}

@test "an interrupt drops the scratch databases of a configured server" {
  dev_servers
  slow_revision postgres "select pg_sleep(3)"
  start schema dump --dialects postgres -o out
  wait_until scratch_exists "$run_pid"
  pid=$run_pid
  kill -INT "$run_pid"
  ends_with 130
  no_scratch "$pid"
}

@test "dev prune removes what a kill -9 left on a configured server, and nothing that lives" {
  dev_servers
  slow_revision postgres "select pg_sleep(10)"
  start schema dump --dialects postgres -o out
  wait_until scratch_exists "$run_pid"
  pid=$run_pid
  expect 0 dev prune
  says_not "dbfleet_dev_${pid}_"
  kill -9 "$pid"
  pg postgres "select pg_terminate_backend(pid) from pg_stat_activity where datname like 'dbfleet\_dev\_${pid}\_%' or (application_name = 'dbfleet dev' and query like '%dbfleet_dev_${pid}_%')"
  expect 0 dev prune --dry-run
  says "postgres dbfleet_dev_${pid}_"
  scratch_exists "$pid"
  expect 0 dev prune
  no_scratch "$pid"
}

@test "two commands at once do not meet" {
  dev_servers
  shop
  cat >>dbfleet.yaml <<<"  create_missing_roles: true"
  "$DBFLEET" schema dump --dialects postgres -o one 2>one.err &
  first=$!
  expect 0 schema dump --dialects postgres -o two
  wait $first || { cat one.err; return 1; }
  diff -r one two
  pg postgres "drop role dev_bats_reader"
}

# ---- What is said --------------------------------------------------------------------------------------------------

@test "a wrong password, a server that is down and a role without CREATEDB are told" {
  table_revision 0001 "" one
  printf 'dev:\n  postgres: "postgresql://postgres:canary@127.0.0.1:%s/postgres"\n' "$POSTGRES_PORT" >>dbfleet.yaml
  expect 78 schema dump --dialects postgres
  says "dev server postgresql://postgres:***@" "password authentication failed"
  says_not canary
  sed -i "s|postgresql://.*|postgresql://postgres@127.0.0.1:1/postgres\"|" dbfleet.yaml
  expect 78 schema dump --dialects postgres
  says "dev server postgresql://postgres@127.0.0.1:1/postgres"
  pg postgres "create role dev_bats_weak login password 'weak'"
  sed -i "s|postgresql://.*|postgresql://dev_bats_weak:weak@127.0.0.1:$POSTGRES_PORT/postgres\"|" dbfleet.yaml
  expect 78 schema dump --dialects postgres
  says "ALTER ROLE … CREATEDB"
  pg postgres "drop role dev_bats_weak"
}

@test "roles and other databases are left alone on a configured server" {
  dev_servers
  revision 0001 "" roles <<'SQL'
-- migrate:up
create role dev_bats_never;
SQL
  expect 78 schema dump --dialects postgres
  says "0001_roles.sql:6: CREATE ROLE: roles belong to the whole server" "auto"
}

@test "a failing revision is told with file and line" {
  revision 0001 "" wrong <<'SQL'
-- migrate:up
create table t (i int);
create tabel u (i int);
SQL
  expect 78 schema dump
  says "0001_wrong.sql:7: "
  nothing_left
}

@test "a disk that is full at the start of a private server is told, and nothing is left" {
  [ "$(id -u)" = 0 ] || skip "needs root to mount a small disk"
  table_revision 0001 "" one
  mount -t tmpfs -o size=8m,mode=755 small "$TMPDIR" || skip "mount is not allowed here"
  expect 78 schema dump --dialects postgres || { umount "$TMPDIR"; return 1; }
  left=$(ls -A "$TMPDIR")
  umount "$TMPDIR"
  says "No space left on device"
  same "" "$left"
}
