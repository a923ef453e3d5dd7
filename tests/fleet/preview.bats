#!/usr/bin/env bats
# A preview changes nothing: plan, status, current, history -i and --sql leave servers, files and folders as they were,
# take no lock, and need no right but to read.

PREFIX=preview
load lib

setup_file() {
  use_servers
  drop_databases
  drop_readers
  pg postgres "create role preview_reader login password 'reads'"
  my '' "create user preview_reader identified by 'reads'"
}

teardown_file() {
  use_servers
  drop_databases
  drop_readers
}

drop_readers() {
  my '' "drop user if exists preview_reader"
  pg postgres "drop role if exists preview_reader"
}

setup() {
  use_servers
  new_project
  table_chain 3
}

# Every command that looks, in the current project.
look_around() {
  local format
  for format in text json; do
    expect 0 plan upgrade head --format $format "$@"
    expect 0 plan upgrade head -v --format $format "$@"
    expect 0 plan downgrade base --format $format "$@"
    expect 0 plan stamp head --format $format "$@"
    expect 0 status --format $format "$@"
    expect 0 current -v --format $format "$@"
    expect 0 history -i --format $format "$@"
    expect "${DOCTOR:-0}" doctor --deep --format $format "$@"
    expect 0 explain middle --format $format "$@"
  done
  expect 2 current --check-heads "$@"
  expect 2 plan upgrade head --exit-code "$@"
  expect 2 status --exit-code "$@"
  expect 0 upgrade head --sql "$@"
  expect 0 downgrade r03:base --sql "$@"
  expect 0 stamp head --sql "$@"
}

# A fresh database, one in the middle, and one at head.
three_targets() {
  cat >inventory.yaml <<YAML
targets:
  - {name: fresh, url: "$1_fresh${2:-}"$3}
  - {name: middle, url: "$1_middle${2:-}"$3}
  - {name: head, url: "$1_head${2:-}"$3}
YAML
}

bring_up() {
  expect 0 upgrade r02 --yes -l middle
  expect 0 upgrade head --yes -l head
  rm -rf .dbfleet
}

pg_picture() {
  local database
  for database in preview_fresh preview_middle preview_head; do
    pg "$database" "select oid, relname, relnamespace, relfilenode, xmin from pg_class order by oid;
                    select * from dbfleet_version_history" 2>&1
    pg postgres "select datname, tup_inserted, tup_updated, tup_deleted, temp_files from pg_stat_database where datname = '$database'"
  done
}

# The server's counters once its sessions have handed them in: the same twice in a row.
pg_settled() {
  local before=
  until [ "$before" = "$(pg_picture)" ]; do
    before=$(pg_picture)
    sleep 0.3
  done
  echo "$before"
}

@test "PostgreSQL: nothing is written, and a role that may only read is enough" {
  make_postgres preview_{fresh,middle,head}
  three_targets "$POSTGRES_URL/preview" "" ", $POSTGRES_LOGIN"
  bring_up
  for database in preview_{fresh,middle,head}; do
    pg "$database" "grant select on all tables in schema public to preview_reader"
  done
  three_targets "postgresql://preview_reader:reads@127.0.0.1:$POSTGRES_PORT/preview"
  before=$(pg_settled)
  files=$(find . | sort)
  DOCTOR=1 look_around # it lacks the rights of an upgrade
  same "$before" "$(pg_settled)" "the server"
  same "$files" "$(find . | sort)" "the project folder"
}

my_picture() {
  local database
  for database in preview_fresh preview_middle preview_head; do
    my '' "select table_name, auto_increment, create_time, update_time from information_schema.tables
           where table_schema = '$database' order by 1"
    my "$database" "checksum table dbfleet_version, dbfleet_version_history, t01" 2>&1
  done
}

@test "MariaDB: nothing is written, and a user who may only read is enough" {
  make_mysql preview_{fresh,middle,head}
  three_targets "$MYSQL_URL/preview" "" ", $MYSQL_LOGIN"
  bring_up
  my '' "grant select on \`preview\_%\`.* to preview_reader"
  three_targets "mysql://preview_reader:reads@127.0.0.1:$MYSQL_PORT/preview"
  before=$(my_picture)
  files=$(find . | sort)
  DOCTOR=1 look_around
  same "$before" "$(my_picture)" "the server"
  same "$files" "$(find . | sort)" "the project folder"
}

# Names, sizes, times and contents of everything in the project.
file_picture() {
  find . -printf '%p %s %T@ %i %m\n' | sort
  find . -type f -exec sha256sum {} + | sort
}

@test "SQLite: no file is made or touched, no lock file either" {
  three_targets "sqlite:preview" .db ", create: true"
  bring_up
  rm -f preview_*.dbfleet-lock
  cp preview_head.db untouched.db
  file_picture >../before
  look_around
  file_picture >../after
  diff ../before ../after
  [ ! -e preview_fresh.db ]
}

@test "SQLite: a database in WAL mode and one with a hot journal keep their contents" {
  echo "targets: [{name: wal, url: 'sqlite:wal.db'}, {name: hot, url: 'sqlite:hot.db'}]" >inventory.yaml
  sqlite3 wal.db "pragma journal_mode = wal; create table a (x); insert into a values (1)" ".shell kill -9 \$PPID" || true
  sqlite3 hot.db "create table a (x); insert into a values (1)"
  sqlite3 hot.db "pragma cache_size = 1" "pragma synchronous = off" "begin" \
    "with recursive n (i) as (select 1 union all select i + 1 from n where i < 5000) insert into a select hex(randomblob(50)) from n" \
    ".shell kill -9 \$PPID" || true
  [ -s wal.db-wal ]
  [ -s hot.db-journal ]
  before=$(sha256sum wal.db wal.db-wal hot.db hot.db-journal)
  run --separate-stderr "$DBFLEET" status
  says "needs-recovery" "hot"
  run --separate-stderr "$DBFLEET" plan upgrade head
  says "1 to do"
  same "$before" "$(sha256sum wal.db wal.db-wal hot.db hot.db-journal)"
  expect 0 upgrade head --yes -l wal
  same 1 "$(lite wal.db 'select x from a')"
  expect 0 upgrade head --yes -l hot
  same 1 "$(lite hot.db 'select count(*) from a')"
}

@test "looking waits for no lock: plan, status, current, doctor and explain answer while an upgrade holds the targets" {
  make_postgres preview_busy
  make_mysql preview_busy
  cat >inventory.yaml <<YAML
targets:
  - {name: pg, url: "$POSTGRES_URL/preview_busy", $POSTGRES_LOGIN}
  - {name: my, url: "$MYSQL_URL/preview_busy", $MYSQL_LOGIN}
  - {name: file, url: "sqlite:busy.db", create: true}
YAML
  revision r04 r03 slow <<'SQL'
-- migrate:up postgres
select pg_sleep(5);
-- migrate:up mysql
do sleep(5);
-- migrate:up sqlite
create table slow (n);
insert into slow with recursive n (i) as (select 1 union all select i + 1 from n where i < 4000000) select max(i) from n;
SQL
  expect 0 upgrade r03 --yes
  "$DBFLEET" upgrade head --yes >../upgrade 2>&1 3>&- &
  local upgrade=$!
  wait_until at_work
  for look in "plan upgrade head" status current doctor "explain pg"; do
    run --separate-stderr timeout 60 "$DBFLEET" $look
    [ "$status" -lt 5 ]
    says_not "locked"
  done
  expect 0 plan upgrade head -l my
  says "1 to do" "busy" "another dbfleet is at work on this target"
  at_work
  wait $upgrade || { cat ../upgrade; return 1; }
}

at_work() {
  [ "$(pg postgres "select count(*) from pg_stat_activity where datname = 'preview_busy' and query like '%pg_sleep%'")" = 1 ]
}
