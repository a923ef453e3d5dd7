#!/usr/bin/env bats
# Schema as code on all three engines: revision --autogenerate, check and test with scratch databases on real servers, and a fleet that
# is upgraded with what was written.

PREFIX=autogen
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
  mkdir schema
  cat >>dbfleet.yaml <<YAML
dev:
  postgres: "postgresql://postgres:\${env:POSTGRES_PASSWORD}@127.0.0.1:$POSTGRES_PORT/postgres"
  mysql: "mysql://admin:\${env:MYSQL_SECRET}@127.0.0.1:$MYSQL_PORT"
  sqlite: ":memory:"
YAML
}

# generate ARG...: a revision from the schema files; its text is in $file.
generate() {
  run --separate-stderr "$DBFLEET" revision --autogenerate "$@"
  [ "$status" = 0 ] || { show "exit code $status"; return 1; }
  file=$(head -n 1 <<<"$output")
}

has() { grep -qF -- "$1" "$file" || { cat "$file"; echo "lacks: $1"; return 1; }; }
lacks() { ! grep -qF -- "$1" "$file" || { cat "$file"; echo "has: $1"; return 1; }; }

shop() {
  cat >schema/shop.sql <<'SQL'
CREATE TABLE orders (
  id int NOT NULL PRIMARY KEY,
  total numeric(8,2) DEFAULT 0 NOT NULL,
  customer int NOT NULL
);
CREATE TABLE customers (
  id int NOT NULL PRIMARY KEY,
  name varchar(50) NOT NULL
);
CREATE INDEX orders_customer ON orders (customer);
SQL
}

# A target of each engine, empty.
fleet() {
  make_postgres "${PREFIX}_a"
  make_mysql "${PREFIX}_a"
  cat >inventory.yaml <<YAML
targets:
  - {name: pg, url: "$POSTGRES_URL/${PREFIX}_a", $POSTGRES_LOGIN}
  - {name: my, url: "$MYSQL_URL/${PREFIX}_a", $MYSQL_LOGIN}
  - {name: lite, url: "sqlite:a.db", create: true}
YAML
}

@test "a fleet of three engines goes up with what was written, and down to where it was" {
  shop
  fleet
  generate -m "the shop"
  has "-- migrate:up postgres"
  has "-- migrate:up mysql"
  has "-- migrate:up sqlite"
  expect 0 check
  expect 0 upgrade head --yes
  expect 0 drift
  pg "${PREFIX}_a" "insert into customers values (1, 'x')"
  my "${PREFIX}_a" "insert into customers values (1, 'x')"
  lite a.db "insert into customers values (1, 'x')"
  sed -i 's/name varchar(50) NOT NULL/name varchar(80) NOT NULL,\n  mail varchar(60)/' schema/shop.sql
  echo "CREATE VIEW big AS SELECT id FROM orders WHERE total > 100;" >schema/views.sql
  generate -m "mail and big orders"
  expect 0 upgrade head --yes
  expect 0 drift
  same "1|x|" "$(pg "${PREFIX}_a" "select * from customers")"
  same "1|x|" "$(lite a.db "select * from customers")"
  expect 0 downgrade -1 --yes
  expect 0 drift
  same "1|x" "$(pg "${PREFIX}_a" "select * from customers")"
  same "1 x" "$(my "${PREFIX}_a" "select * from customers" | xargs)"
  expect 0 downgrade base --yes
  same "" "$(pg "${PREFIX}_a" "select tablename from pg_tables where schemaname = 'public' and tablename not like 'dbfleet%'")"
  expect 0 test --format json
  same "6 passed" "$(json '"\(.totals.passed) passed"')"
}

@test "a live target can be where it begins; a scratch database is made as that one was" {
  make_mysql "${PREFIX}_live"
  my "" "alter database ${PREFIX}_live character set latin1 collate latin1_swedish_ci"
  my "${PREFIX}_live" "create table customers (id int primary key, name varchar(50) not null, old int) character set latin1"
  cat >inventory.yaml <<YAML
targets:
  - {name: live, url: "$MYSQL_URL/${PREFIX}_live", $MYSQL_LOGIN}
YAML
  printf 'CREATE TABLE customers (id int NOT NULL PRIMARY KEY, name varchar(50) NOT NULL);\n' >schema/customers.sql
  generate -m trim --from-target live
  has 'DROP COLUMN `old`'
  lacks "utf8mb4"
}

@test "what a dialect alone needs is written for it alone" {
  sed -i '/inventory/d' dbfleet.yaml
  shop
  generate -m one
  echo "CREATE INDEX orders_big ON orders (id) WHERE total > 100;" >schema/orders.postgres.sql
  generate -m two
  has "CREATE INDEX orders_big"
  has "-- nothing to do"
  expect 0 check
}

@test "a label that is used at once goes into a revision before the one that uses it" {
  sed -i '/inventory/d; /mysql:/d; /sqlite:/d' dbfleet.yaml
  printf "CREATE TYPE mood AS ENUM ('sad', 'ok');\nCREATE TABLE t (id int PRIMARY KEY, m mood DEFAULT 'ok');\n" >schema/t.sql
  generate -m one
  printf "CREATE TYPE mood AS ENUM ('sad', 'ok', 'fine');\nCREATE TABLE t (id int PRIMARY KEY, m mood DEFAULT 'fine');\n" >schema/t.sql
  generate -m two
  same 2 "$(wc -l <<<"$output")"
  has "ADD VALUE 'fine'"
  lacks "SET DEFAULT 'fine'"
  file=$(tail -n 1 <<<"$output")
  has "SET DEFAULT 'fine'"
  has "Goes on with the one before it, whose changes must be committed first"
  expect 0 check
  expect 0 test --format json
  same 3 "$(json .totals.passed)"
}

@test "a schema of a database is compared whatever it is called" {
  make_postgres "${PREFIX}_tenants"
  cat >inventory.yaml <<YAML
targets:
  - {name: one, url: "$POSTGRES_URL/${PREFIX}_tenants", $POSTGRES_LOGIN, schema: tenant_one, create_schema: true}
  - {name: two, url: "$POSTGRES_URL/${PREFIX}_tenants", $POSTGRES_LOGIN, schema: tenant_two, create_schema: true}
YAML
  echo "CREATE TABLE t (id int PRIMARY KEY);" >schema/t.sql
  generate -m one
  has "CREATE TABLE t ("
  lacks "tenant_"
  expect 0 upgrade head --yes
  expect 0 drift
  expect 0 check
}

@test "no scratch database is left on the servers, whatever the end" {
  sed -i '/inventory/d' dbfleet.yaml
  shop
  generate -m one
  echo "CREATE TABLE broken (" >schema/broken.sql
  run bash -c 'echo $$ >pid; exec "$DBFLEET" check'
  same 78 "$status"
  same "" "$(pg postgres "select datname from pg_database where datname like 'dbfleet\_dev\_$(cat pid)\_%'")"
}
