#!/usr/bin/env bats
# Backups before a change: made under the lock before anything is changed, complete or not there, restorable by the
# commands of docs/how-to/back-up-and-restore.md; without one the target is left as it is. No secret in any argument.

PREFIX=backup
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
  table_chain 2
}

# lite_target BACKUP [NAME]: one SQLite file with the mapping of its backup.
lite_target() {
  lite "${2:-one}.db" "create table seen (id integer); insert into seen values (1)"
  printf 'targets:\n  - {name: "%s", url: "sqlite:%s.db", backup: %s}\n' "${2:-one}" "${2:-one}" "$1" >inventory.yaml
}

# program <SCRIPT: ./dump
program() {
  {
    echo '#!/bin/bash'
    cat
  } >dump
  chmod +x dump
}

untouched() {
  same "seen" "$(lite "${1:-one}.db" "select group_concat(name) from sqlite_master")" "the target was touched"
}

# ---- The three engines ---------------------------------------------------------------------------------------------

@test "every engine: a backup of the moment before the change, named in the report; what it holds can be restored" {
  make_postgres backup_pg backup_back
  make_mysql backup_my backup_back
  pg backup_pg "create table seen (id int, note text); insert into seen values (1, 'ä''\"\\')"
  my backup_my "create table seen (id int, data blob); insert into seen values (1, x'00ff27'); create view v as select id from seen; create trigger t before insert on seen for each row set new.id = new.id + 1; create procedure p() select 1; create event e on schedule every 1 day do select 1"
  lite lite.db "create table seen (id integer, data blob); insert into seen values (1, x'00ff27')"
  cat >inventory.yaml <<YAML
defaults: {backup: {folder: kept}}
targets:
  - {name: pg, url: "$POSTGRES_URL/backup_pg", $POSTGRES_LOGIN}
  - {name: my, url: "$MYSQL_URL/backup_my", $MYSQL_LOGIN}
  - {name: lite, url: "sqlite:lite.db"}
YAML
  expect 0 upgrade head --yes --format json
  same "3 600" "$(stat -c %a kept/* | sort | uniq -c | xargs)"
  same 700 "$(stat -c %a kept)"
  same "$(printf '%s\n' "$PWD"/kept/* | sort)" "$(json '.targets[].backup' | sort)"

  PGPASSWORD=$POSTGRES_PASSWORD pg_restore --no-password -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d backup_back kept/pg-*.dump
  same $'1|ä\'"\\' "$(pg backup_back 'select * from seen')"
  same seen "$(pg backup_back "select string_agg(relname, ',') from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")"

  MYSQL_PWD=$MYSQL_SECRET mariadb --no-defaults -h 127.0.0.1 -P "$MYSQL_PORT" -u admin backup_back <kept/my-*.sql
  same "1 00FF27" "$(my backup_back 'select id, hex(data) from seen' | xargs)"
  same "seen,v t p e" "$(my backup_back "select (select group_concat(table_name order by 1) from information_schema.tables where table_schema = 'backup_back'),
    (select trigger_name from information_schema.triggers where trigger_schema = 'backup_back'),
    (select routine_name from information_schema.routines where routine_schema = 'backup_back'),
    (select event_name from information_schema.events where event_schema = 'backup_back')" | xargs)"

  same "1|00FF27 seen" "$(lite kept/lite-*.db 'select id, hex(data) from seen; select name from sqlite_master' | xargs)"
  # what is in front of a downgrade is backed up too, a stamp and a run with nothing to do are not
  expect 0 stamp r01 --yes
  expect 0 upgrade r01 --yes
  says_not "backups:"
}

@test "PostgreSQL: of a target with a schema only that schema is dumped, whatever its name" {
  make_postgres backup_schemas
  pg backup_schemas 'create schema "od""d *"; create table "od""d *".seen (id int); create table public.other (id int); create schema "od"; create table "od".no (id int)'
  cat >inventory.yaml <<YAML
targets:
  - {name: one, url: "$POSTGRES_URL/backup_schemas", schema: 'od"d *', $POSTGRES_LOGIN, backup: {}}
YAML
  expect 0 upgrade head --yes
  run pg_restore --list backups/one-*.dump
  [[ $output == *"TABLE od\"d * seen"* && $output != *other* && $output != *" no "* ]] || { show list; false; }
}

@test "SQLite: a backup is of one moment while others write, in both journal modes" {
  local mode writer
  for mode in delete wal; do
    rm -rf busy.db* backups
    lite busy.db "pragma journal_mode = $mode; create table a (id integer primary key, x blob); create table b (id integer primary key);
      with n(i) as (values (1) union all select i + 1 from n where i < 20000) insert into a select i, randomblob(300) from n; insert into b select id from a" >/dev/null
    echo 'targets: [{name: busy, url: "sqlite:busy.db", lock_timeout: 20s, backup: {}}]' >inventory.yaml
    python3 - busy.db <<'PY' &
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
while True:
    db.execute("begin immediate")
    db.execute("insert into a (x) values (randomblob(300))")
    db.execute("insert into b select max(id) from a")
    db.execute("commit")
    time.sleep(0.002)
PY
    writer=$!
    sleep 0.3
    expect 0 upgrade head --yes
    kill $writer
    wait $writer || true
    same "ok 0" "$(lite "$(echo backups/busy-*.db)" "pragma integrity_check; select count(*) from a where id not in (select id from b)" | xargs)"
    same "a,b" "$(lite "$(echo backups/busy-*.db)" "select group_concat(name) from sqlite_master")"
  done
}

@test "a database that an upgrade makes has an empty backup" {
  echo 'targets: [{name: new, url: "sqlite:new.db", create: true, backup: {}}]' >inventory.yaml
  expect 0 upgrade head --yes
  same "" "$(lite backups/new-*.db .schema)"
}

# ---- Commands ------------------------------------------------------------------------------------------------------

@test "a command has the connection in its environment, and no secret is in any argument of any process" {
  make_postgres backup_env
  make_mysql backup_env
  program <<'SH'
touch "$DBFLEET_TARGET.started"
until [ -e go ]; do sleep 0.05; done
env | grep -E '^(DBFLEET_(TARGET|RUN|HOST|PORT|USER|DATABASE|SCHEMA|BACKUP_FILE|CLIENT_FILE)|PG|MYSQL_)' >"$1.env"
printf '%s\n' "$@" >"$DBFLEET_BACKUP_FILE"
if [ -n "$PGHOST" ]; then psql -XAtqc 'select current_database()' >>"$2"
else mariadb-dump --defaults-file="$DBFLEET_CLIENT_FILE" "$DBFLEET_DATABASE" >/dev/null && echo dumped >>"$2"; fi
stat -c %a "$DBFLEET_CLIENT_FILE" "$(dirname "$DBFLEET_CLIENT_FILE")" >>"$1.env" || true
SH
  cat >inventory.yaml <<YAML
defaults: {backup: {command: [./dump, "{target}", "{file}", "a b{database}", "{nothing}", "{schema}"]}}
targets:
  - {name: pg, url: "$POSTGRES_URL/backup_env?sslmode=prefer&options=-c%20work_mem%3D1MB", $POSTGRES_LOGIN}
  - {name: my, url: "$MYSQL_URL/backup_env", $MYSQL_LOGIN}
YAML
  "$DBFLEET" upgrade head --yes >out 2>&1 &
  local run=$!
  wait_until [ -e pg.started ]
  wait_until [ -e my.started ]
  ! cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' | grep -F "$MYSQL_SECRET"
  touch go
  wait $run
  same $'a bbackup_env\n{nothing}\n\nbackup_env' "$(sed 1,2d backups/pg-*.backup)"
  same dumped "$(tail -1 backups/my-*.backup)"
  grep -qx "PGPASSWORD=$POSTGRES_PASSWORD" pg.env
  grep -qx "PGSSLMODE=prefer" pg.env
  grep -qx "PGOPTIONS=-c work_mem=1MB" pg.env
  grep -qx "PGDATABASE=backup_env" pg.env
  grep -qx "PGPORT=$POSTGRES_PORT" pg.env
  grep -qx "DBFLEET_DATABASE=backup_env" my.env
  grep -qx "DBFLEET_USER=admin" my.env
  grep -qx "MYSQL_TCP_PORT=$MYSQL_PORT" my.env
  same "600 700" "$(tail -2 my.env | xargs)"
  # nothing private is left, and nothing secret was said
  [ ! -e "$(dirname "$(sed -n 's/^DBFLEET_CLIENT_FILE=//p' my.env)")" ]
  ! grep -rF "$MYSQL_SECRET" out .dbfleet
}

@test "a backup that fails leaves its target alone, counts as a failure, and says what the program said" {
  make_postgres backup_fails
  program <<'SH'
for i in 1 2 3 4 5 6 7; do echo "line $i of $PGPASSWORD" >&2; done
exit 3
SH
  cat >inventory.yaml <<YAML
targets:
  - {name: one, url: "$POSTGRES_URL/backup_fails", $POSTGRES_LOGIN, backup: {command: [./dump]}}
YAML
  expect 1 upgrade head --yes
  says "1 target failed (backup)" "no backup: dump failed with exit code 3" "detail: line 3 of *** line 4 of ***"
  says_not "$POSTGRES_PASSWORD" "line 2 of" "backups:"
  same "" "$(pg backup_fails "select relname from pg_class where relname like 'dbfleet%' or relname like 't0%'")"
  same "" "$(ls backups)"
  expect 1 upgrade head --yes --format json
  same "failed backup null 0" "$(json '.targets[0] | "\(.outcome) \(.failure.class) \(.backup) \(.steps | length)"')"
  expect 0 upgrade head --yes --no-backup
  says "warning: --no-backup: 1 target is changed without the backup that the inventory asks for"
  same "" "$(ls backups)"
}

@test "no file, an empty file, a missing program, a folder that cannot be: no backup, no change" {
  lite_target '{command: ["true"]}'
  program <<<'rm "$DBFLEET_BACKUP_FILE"'
  expect 1 upgrade head --yes
  says "true ended well, but its file is empty"
  sed -i 's/"true"/.\/dump/' inventory.yaml
  expect 1 upgrade head --yes
  says "dump ended well, but made no file"
  sed -i 's/\.\/dump/.\/nosuch/' inventory.yaml
  expect 1 upgrade head --yes
  says "./nosuch cannot be started: No such file or directory"
  touch file
  lite_target '{folder: file/below}' two
  expect 1 upgrade head --yes
  says "cannot be made: Not a directory"
  untouched
  untouched two
  same "" "$(ls backups)"
}

@test "pg_dump that is not there is named" {
  make_postgres backup_nodump
  cat >inventory.yaml <<YAML
targets:
  - {name: one, url: "$POSTGRES_URL/backup_nodump", $POSTGRES_LOGIN, backup: {}}
YAML
  expect_without_path 1 upgrade head --yes
  says "no backup: there is no pg_dump in PATH"
}

expect_without_path() {
  local code=$1
  shift
  run --separate-stderr env PATH=/nowhere "$DBFLEET" "$@"
  [ "$status" = "$code" ] || { show "exit code $status"; return 1; }
}

@test "what takes too long is ended, with all that it started, and leaves nothing" {
  program <<'SH'
echo $$ >pid
echo half >"$DBFLEET_BACKUP_FILE"
sleep 60 &
echo $! >child
wait
SH
  lite_target '{command: [./dump], timeout: 500ms}'
  expect 1 upgrade head --yes
  says "dump took longer than 0.5 s and was ended"
  untouched
  same "" "$(ls backups)"
  wait_until gone "$(cat child)"
}

gone() {
  ! kill -0 "$1" 2>/dev/null || grep -q ') Z ' "/proc/$1/stat"
}

@test "a full disk: no backup, no half file, no change" {
  lite_target '{}'
  lite one.db "with n(i) as (values (1) union all select i + 1 from n where i < 3000) insert into seen select randomblob(300) from n"
  run --separate-stderr bash -c "trap '' XFSZ; ulimit -f 400; exec '$DBFLEET' upgrade head --yes"
  same 1 "$status"
  says "(backup)" "no backup: the copy" "cannot be written"
  same "" "$(ls backups)"
  untouched
  if [ "$(id -u)" = 0 ] && mkdir full && mount -t tmpfs -o size=300k tmpfs full 2>/dev/null; then
    sed -i 's/{}/{folder: full}/' inventory.yaml
    expect 1 upgrade head --yes
    umount full
    says "no backup: the copy" "full"
    untouched
  fi
}

@test "the first interrupt lets a backup end and then changes nothing; the second ends it" {
  program <<'SH'
echo $$ >pid
until [ -e go ]; do sleep 0.05; done
echo whole >"$DBFLEET_BACKUP_FILE"
SH
  lite_target '{command: [./dump]}'
  "$DBFLEET" upgrade head --yes >out 2>&1 &
  local run=$! code=0
  wait_until [ -s pid ]
  kill -INT $run
  wait_until grep -q "running targets end their step" out
  touch go
  wait $run || code=$?
  same 130 $code
  untouched
  same whole "$(cat backups/one-*)"
  grep -q "backups: 1 file" out

  rm -rf go pid backups
  "$DBFLEET" upgrade head --yes >out 2>&1 &
  run=$! code=0
  wait_until [ -s pid ]
  kill -INT $run
  wait_until grep -q "running targets end their step" out
  kill -INT $run
  wait $run || code=$?
  same 130 $code
  untouched
  same "" "$(ls backups)"
  wait_until gone "$(cat pid)"
  grep -q "1 cancelled" out
}

# ---- Files ---------------------------------------------------------------------------------------------------------

@test "retention removes only this target's own files, and only after a new backup is complete" {
  lite_target '{retention: 2}' 'a.b'
  mkdir backups
  touch backups/a.b-2025010{1,2,3}-000000-aaaa.db backups/a.b-20250101-000000-aaaa.db.partial \
    backups/axb-20250101-000000-aaaa.db backups/a.b-c-20250101-000000-aaaa.db backups/a.b-notes.db
  program <<<'exit 1'
  sed -i 's/{retention: 2}/{retention: 2, command: [.\/dump]}/' inventory.yaml
  expect 1 upgrade head --yes
  same 7 "$(ls backups | wc -l)"
  sed -i 's/, command: \[.\/dump\]//' inventory.yaml
  expect 0 upgrade head --yes -v
  says "backups: 1 file in $PWD/backups" "$PWD/backups/a.b-$(date -u +%Y)"
  same "a.b-20250103-000000-aaaa.db a.b-c-20250101-000000-aaaa.db a.b-notes.db axb-20250101-000000-aaaa.db" \
    "$(ls backups | grep -v "$(date -u +%Y)" | xargs)"
  same 5 "$(ls backups | wc -l)"
}

@test "names with slashes stay in the folder, and resume and rollback make backups of their own" {
  lite one.db "create table seen (id integer)"
  echo 'targets: [{name: "eu/one", url: "sqlite:one.db", backup: {}}]' >inventory.yaml
  expect 0 upgrade head --yes
  [ -e backups/eu%2Fone-*.db ]
  expect 0 runs --format json
  expect 0 rollback "$(json '.[0].run')" --yes
  same 2 "$(ls backups | wc -l)"
  same "" "$(lite one.db "select * from dbfleet_version")"
}

@test "inventory show tells what holds, and its errors have a place" {
  lite_target '{retention: 14d, folder: kept}'
  expect 0 inventory show one
  says "backup" "auto, into $PWD/kept, keeps 336 h, at most 3600 s"
  sed -i 's/14d/often/' inventory.yaml
  expect 78 upgrade head --yes
  says "inventory.yaml:2:" "backup.retention must be a number of files such as 7, or an age such as 14d"
}

# ---- What the documents say ----------------------------------------------------------------------------------------

@test "the rights of the how-to are enough for dumps" {
  make_postgres backup_rights
  make_mysql backup_rights
  pg backup_rights "create table seen (id serial); create role backup_reader login password 'reads'; grant create, usage on schema public to backup_reader; grant pg_read_all_data to backup_reader"
  my backup_rights "create table seen (id int); create view v as select id from seen; create trigger t before insert on seen for each row set new.id = 1; create procedure p() select 1; create event e on schedule every 1 day do select 1;
    create user backup_reader identified by 'reads'; grant create, select, insert, update, delete, alter, drop, index on backup_rights.* to backup_reader;
    grant show view, trigger, event on backup_rights.* to backup_reader; grant select on mysql.proc to backup_reader"
  cat >inventory.yaml <<YAML
defaults: {user: backup_reader, password: "\${env:READS}", backup: {}}
targets:
  - {name: pg, url: "postgresql://127.0.0.1:$POSTGRES_PORT/backup_rights"}
  - {name: my, url: "mysql://127.0.0.1:$MYSQL_PORT/backup_rights"}
YAML
  READS=reads expect 0 upgrade head --yes
  same 1 "$(grep -c 'PROCEDURE `p`' backups/my-*.sql)"
  pg backup_rights "drop table if exists dbfleet_version, dbfleet_version_history, t01, t02; drop owned by backup_reader; drop role backup_reader"
  my '' "drop user backup_reader"
}

@test "the commands of the how-to restore a target as it was, and dbfleet knows where it is" {
  make_postgres backup_shop
  make_mysql backup_shop
  pg backup_shop "create schema shop_7; create table shop_7.seen (id int); insert into shop_7.seen values (7)"
  lite edge.db "create table seen (id integer); insert into seen values (1)"
  cat >inventory.yaml <<YAML
defaults: {backup: {}}
targets:
  - {name: shop, url: "$POSTGRES_URL/backup_shop", $POSTGRES_LOGIN}
  - {name: shop-7, url: "$POSTGRES_URL/backup_shop", schema: shop_7, $POSTGRES_LOGIN}
  - {name: my, url: "$MYSQL_URL/backup_shop", $MYSQL_LOGIN}
  - {name: edge, url: "sqlite:edge.db"}
YAML
  expect 0 upgrade r01 --yes --no-backup
  expect 0 upgrade r02 --yes
  export PGHOST=127.0.0.1 PGPORT=$POSTGRES_PORT PGUSER=postgres PGPASSWORD=$POSTGRES_PASSWORD
  psql -Xqd backup_shop -c 'alter schema shop_7 rename to shop_7_broken'
  pg_restore --dbname=backup_shop --exit-on-error backups/shop-7-2*.dump
  same 7 "$(pg backup_shop 'select id from shop_7.seen')"
  createdb -T template0 backup_restored
  pg_restore --dbname=backup_restored --exit-on-error $(ls backups/shop-*.dump | grep -v shop-7)
  psql -Xqd postgres -c 'alter database backup_shop rename to backup_broken' -c 'alter database backup_restored rename to backup_shop'
  my '' 'drop database backup_shop; create database backup_shop'
  MYSQL_PWD=$MYSQL_SECRET mariadb --no-defaults -h 127.0.0.1 -P "$MYSQL_PORT" -u admin backup_shop <backups/my-*.sql
  sqlite3 edge.db ".restore $(echo backups/edge-*.db)"
  unset PGHOST PGPORT PGUSER PGPASSWORD
  expect 0 current -l 'shop:my:edge' --format json
  same "r01 r01 r01" "$(json '[.. | .heads? // empty | .[]] | join(" ")')"
  expect 0 upgrade head --yes -l 'shop:my:edge'
}

@test "doctor tells beforehand what would keep backups from being made" {
  lite_target '{}'
  expect 0 doctor
  says "what makes the backups of 1 target is there, and can write"
  lite_target '{command: [./nosuch, "{file}"]}' two
  expect 1 doctor
  says "error" "backup: 1 target: ./nosuch, which makes their backup, is not there"
  touch file
  lite_target '{folder: file/below}' three
  expect 1 doctor --format json
  same "1 target: $PWD/file/below, the folder of their backups, cannot be written" \
    "$(json '.local[] | select(.subject == "backup") | .found')"
}

@test "the report of an earlier run names its backups too" {
  lite_target '{}'
  expect 0 upgrade head --yes
  expect 0 report -v
  says "backups: 1 file in $PWD/backups" "$PWD/backups/one-"
  expect 0 report --format json
  same "$PWD/$(echo backups/one-*)" "$(json '.targets[0].backup')"
}

@test "nor is a secret in the arguments of the programs that auto runs" {
  make_postgres backup_argv
  make_mysql backup_argv
  cat >inventory.yaml <<YAML
defaults: {backup: {}}
targets:
  - {name: pg, url: "$POSTGRES_URL/backup_argv", $POSTGRES_LOGIN}
  - {name: my, url: "$MYSQL_URL/backup_argv", $MYSQL_LOGIN}
YAML
  mkdir bin
  local name
  for name in pg_dump mariadb-dump; do
    printf '#!/bin/bash\ntouch %q\nuntil [ -e %q ]; do sleep 0.05; done\nexec %s "$@"\n' "$PWD/$name.started" "$PWD/go" "$(command -v $name)" >bin/$name
    chmod +x bin/$name
  done
  PATH=$PWD/bin:$PATH "$DBFLEET" upgrade head --yes >out 2>&1 &
  local run=$!
  wait_until [ -e pg_dump.started ]
  wait_until [ -e mariadb-dump.started ]
  # Those of this run only: another suite beside it may show the same password.
  for arguments in /proc/[0-9]*/cmdline; do
    { tr '\0' ' ' <"$arguments"; echo; } 2>/dev/null || true
  done | grep -F "$PWD" >seen
  touch go
  wait $run
  grep -q -- "--result-file=$PWD/backups/my-" seen
  ! grep -F "$MYSQL_SECRET" seen
}
