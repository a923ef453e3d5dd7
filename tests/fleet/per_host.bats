#!/usr/bin/env bats
# per_host counts the server, however URLs spell it.

load lib

PREFIX=perhost

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

# overlaps: pairs of targets of the newest run that were at work at the same moment.
overlaps() {
  lite .dbfleet/ledger.db "with t as (select name, started_us as s, started_us + duration_us as e from targets
                                      where run_id = (select id from runs order by started_us desc limit 1))
                           select count(*) from t as a join t as b on a.name < b.name and a.s < b.e and b.s < a.e"
}

@test "two spellings of one server are one server" {
  make_postgres perhost_a perhost_b perhost_c
  make_mysql perhost_a perhost_b
  revision r01 "" sleep <<'SQL'
-- migrate:up postgres
create table slow as select pg_sleep(0.4)::text;
-- migrate:down postgres
drop table slow;
-- migrate:up mysql
create table slow as select sleep(0.4) as n;
-- migrate:down mysql
drop table slow;
SQL
  cat >inventory.yaml <<YAML
targets:
  - {name: p1, url: "postgresql://postgres@127.0.0.1:$POSTGRES_PORT/perhost_a", $POSTGRES_LOGIN}
  - {name: p2, url: "postgresql://postgres@localhost:$POSTGRES_PORT/perhost_b", $POSTGRES_LOGIN}
  - {name: p3, url: "postgresql://postgres@127.0.0.1:$POSTGRES_PORT,localhost:$POSTGRES_PORT/perhost_c", $POSTGRES_LOGIN}
YAML
  expect 0 upgrade head --yes --per-host 1 -j 8
  same 0 "$(overlaps)" "PostgreSQL: at work at the same time"
  cat >inventory.yaml <<YAML
targets:
  - {name: m1, url: "mysql://admin@127.0.0.1:$MYSQL_PORT/perhost_a", $MYSQL_LOGIN}
  - {name: m2, url: "mysql://admin@localhost/perhost_b?socket=$DBFLEET_TEST_MYSQL_SOCKET", $MYSQL_LOGIN}
YAML
  expect 0 upgrade head --yes --per-host 1 -j 8
  same 0 "$(overlaps)" "MariaDB: at work at the same time"
  expect 0 downgrade base --yes -j 8
  expect 0 upgrade head --yes -j 8
  same 1 "$(overlaps)" "without a limit both are at work at once"
}
