#!/usr/bin/env bats
# A lock of somebody else is in the way of a step: the run says who holds it while it waits, and the report says it again.

PREFIX=blocker
load lib

setup_file() {
  use_servers
  drop_databases
  make_postgres blocker_{row,table,goes,weak}
  make_mysql blocker_{row,table,weak}
}

teardown_file() {
  use_servers
  drop_databases
  pg postgres "drop role if exists blocker_weak"
  my '' "drop user if exists blocker_weak"
}

setup() {
  use_servers
  new_project
  table_revision r01 "" t01
  revision r02 r01 row <<'SQL'
-- migrate:up
update t01 set name = 'new' where id = 1;
-- migrate:down
update t01 set name = 'old' where id = 1;
SQL
}

teardown() {
  [ -z "${holder:-}" ] || kill "$holder" 2>/dev/null || true
}

# target URL LOGIN [SETTINGS]
target() {
  cat >inventory.yaml <<YAML
defaults: {lock_timeout: 1s, retry: {attempts: 2, initial: 50ms}}
targets: [{name: shop-7, url: "$1", $2${3:+, $3}}]
YAML
}

alter_instead() {
  rm versions/r02*
  revision r02 r01 "table lock" <<'SQL'
-- migrate:up
alter table t01 add column n integer;
-- migrate:down
alter table t01 drop column n;
SQL
}

# hold_pg DATABASE SQL [SECONDS]: a session in whose open transaction that SQL ran, until it is killed or the time is over.
hold_pg() {
  local app="shop web"
  { printf 'begin;\n%s;\n\\echo held\n' "$2"; empty_lines "${3:-30}"; } 3>&- |
    PGAPPNAME=$app PGPASSWORD=$POSTGRES_PASSWORD psql -XAtq -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d "$1" >../held 2>&1 3>&- &
  holder=$!
  wait_until grep -q held ../held
}

hold_my() {
  { printf "begin;\n%s;\nselect 'held';\n" "$2"; empty_lines "${3:-30}"; } 3>&- |
    MYSQL_PWD=$MYSQL_SECRET mariadb --no-defaults -n -h 127.0.0.1 -P "$MYSQL_PORT" -u admin -N -B -D "$1" >../held 2>&1 3>&- &
  holder=$!
  wait_until grep -q held ../held
}

@test "PostgreSQL: a row lock's holder is in the progress, the report and its JSON: pid, user, application, age, no value" {
  target "$POSTGRES_URL/blocker_row" "$POSTGRES_LOGIN"
  expect 0 upgrade r01 --yes
  hold_pg blocker_row "update t01 set name = 'hush' where id = 1"
  expect 1 upgrade head --yes
  pid=$(pg blocker_row "select pid from pg_stat_activity where application_name = 'shop web' and datname = 'blocker_row'")
  says "shop-7 waits for a lock held by pid $pid, user postgres, application shop web, from 127.0.0.1"
  says "lock held by: pid $pid" "(lock-timeout)"
  says_not hush
  expect 0 report
  says "lock held by: pid $pid"
  expect 1 upgrade head --yes --format json
  [[ $(json '.targets[0].failure.blocker') =~ ^pid\ $pid,\ user\ postgres,\ application\ shop\ web,\ from\ 127.0.0.1,\ idle\ in\ a\ transaction\ for\ .*,\ last\ statement\ update\ t01\ …$ ]] ||
    { json '.targets[0].failure.blocker'; return 1; }
}

@test "PostgreSQL: a reader in an open transaction is named to a step that alters its table" {
  alter_instead
  target "$POSTGRES_URL/blocker_table" "$POSTGRES_LOGIN"
  expect 0 upgrade r01 --yes
  hold_pg blocker_table "select count(*) from t01"
  expect 1 upgrade head --yes
  says "lock held by: pid " "application shop web" "idle in a transaction for"
}

@test "PostgreSQL: a holder that goes away in time is named once, and the step succeeds" {
  target "$POSTGRES_URL/blocker_goes" "$POSTGRES_LOGIN" "lock_timeout: 20s"
  expect 0 upgrade r01 --yes
  hold_pg blocker_goes "update t01 set name = 'hush' where id = 1" 3
  expect 0 upgrade head --yes
  same 1 "$(grep -c 'shop-7 waits for a lock held by pid ' <<<"$stderr")"
  says "1 done"
  says_not "lock held by:"
  same 1 "$(lite .dbfleet/ledger.db "select count(*) from events where kind = 'lock-wait' and text like '%held by pid%'")"
}

@test "PostgreSQL: a role that may not see others' statements is told which right it lacks" {
  pg blocker_weak "create role blocker_weak login password 'weak'"
  pg blocker_weak "alter schema public owner to blocker_weak"
  target "postgresql://blocker_weak:weak@127.0.0.1:$POSTGRES_PORT/blocker_weak" "labels: {}"
  expect 0 upgrade r01 --yes
  hold_pg blocker_weak "update t01 set name = 'hush' where id = 1"
  expect 1 upgrade head --yes
  says "lock held by: pid " "application shop web" "hidden" "pg_read_all_stats"
}

@test "MariaDB: a row lock's holder is in the progress, the report and its JSON: connection, user, age" {
  target "$MYSQL_URL/blocker_row" "$MYSQL_LOGIN"
  expect 0 upgrade r01 --yes
  hold_my blocker_row "update t01 set name = 'hush' where id = 1"
  expect 1 upgrade head --yes
  id=$(my '' "select id from information_schema.processlist where db = 'blocker_row'")
  says "shop-7 waits for a lock held by connection $id, user admin, from 127.0.0.1" "lock held by: connection $id"
  expect 1 upgrade head --yes --format json
  [[ $(json '.targets[0].failure.blocker') == *"idle in a transaction for "* ]]
}

# Another test may have loaded the plugin that makes a certainty of it.
@test "MariaDB: a reader in an open transaction is named to a step that alters its table" {
  alter_instead
  target "$MYSQL_URL/blocker_table" "$MYSQL_LOGIN"
  expect 0 upgrade r01 --yes
  hold_my blocker_table "select count(*) from t01"
  expect 1 upgrade head --yes
  id=$(my '' "select id from information_schema.processlist where db = 'blocker_table'")
  says "connection $id, user admin" "idle in a transaction for"
  [[ $stderr$output == *"perhaps connection $id"*"metadata_lock_info"* || $stderr$output == *"held by connection $id"* ]]
}

@test "MariaDB: a user without PROCESS is told so" {
  my '' "create user blocker_weak identified by 'weak'; grant all on blocker_weak.* to blocker_weak"
  target "mysql://blocker_weak:weak@127.0.0.1:$MYSQL_PORT/blocker_weak" "labels: {}"
  expect 0 upgrade r01 --yes
  hold_my blocker_weak "update t01 set name = 'hush' where id = 1"
  expect 1 upgrade head --yes
  says "lock held by: unknown: to see who holds it" "PROCESS privilege"
}

@test "SQLite: who holds the file is not told by the database, and that is said" {
  cat >inventory.yaml <<YAML
defaults: {lock_timeout: 1s, retry: {attempts: 1}}
targets: [{name: shop-7, url: "sqlite:file.db", create: true}]
YAML
  expect 0 upgrade r01 --yes
  { printf 'begin immediate;\n'; echo ".print held"; empty_lines 30; } 3>&- | sqlite3 -batch -init /dev/null file.db >../held 2>&1 3>&- &
  holder=$!
  wait_until grep -q held ../held
  expect 1 upgrade head --yes
  says "lock held by: unknown: the database does not tell"
}
