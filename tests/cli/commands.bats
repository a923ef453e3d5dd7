#!/usr/bin/env bats
# The commands of the revision graph and of one database, with the meaning Alembic gave them.

load ../fleet/lib

setup() {
  new_project
  echo "targets: [{name: a, url: 'sqlite:a.db', create: true}, {name: b, url: 'sqlite:b.db', create: true}]" >inventory.yaml
}

# The revision ids that the last listing names, in its order.
ids() {
  grep -oE '\-> [0-9a-z]+' <<<"$output" | cut -c4- | xargs
}

at() {
  "$DBFLEET" current "$@" --format json | jq -r '.[] | "\(.target) \(.heads | join(","))"' | xargs
}

# Two branches from r01, joined by r05:   r01 - r02 - r04 - r05      r01 - r03 - r05
diamond() {
  table_revision r01 "" t01
  table_revision r02 r01 t02
  table_revision r03 r01 t03
  table_revision r04 r02 t04
  table_revision r05 "r04, r03" t05
}

# ---- Starting, writing revisions -----------------------------------------------------------------------------------

@test "init writes a project that works as it is, and never overwrites one" {
  rm -r ../project/*
  expect 0 init
  for made in dbfleet.yaml inventory/fleet.yaml versions plans schema revision.sql.template; do
    [ -e $made ] || { echo "no $made"; return 1; }
  done
  expect 0 inventory check
  expect 0 revision -m "first"
  expect 0 upgrade head --yes
  before=$(sha256sum dbfleet.yaml)
  expect 78 init
  says "dbfleet.yaml exists"
  same "$before" "$(sha256sum dbfleet.yaml)"
  mkdir -p below/this
  cd below/this
  expect 0 heads
}

@test "revision writes a file on the head, from the project's template" {
  expect 0 revision -m "Create the accounts' table" --rev-id aaa111
  [ -f versions/aaa111_create_the_accounts_table.sql ] || { ls versions; return 1; }
  grep -q "^-- message: Create the accounts' table$" versions/aaa111*
  expect 0 revision -m second --rev-id bbb222
  grep -q '^-- revises: aaa111$' versions/bbb222*
  same "$PWD/versions/bbb222_second.sql" "$output"
  expect 78 revision -m again --rev-id aaa111
  says "aaa111"
  expect 0 revision -m dialects --rev-id ccc333 --sql-dialects postgres,sqlite
  grep -q '^-- migrate:up postgres' versions/ccc333*
  grep -q '^-- migrate:up sqlite' versions/ccc333*
  expect 0 heads
  same "ccc333 (head)" "$output"
}

@test "revision: heads, splices, labels, dependencies, another folder" {
  table_chain 2
  mkdir versions/sub
  expect 78 revision -m x --head r01
  says "--splice"
  expect 0 revision -m spliced --head r01 --splice --rev-id s01
  expect 78 revision -m x
  says "s01" "r02"
  expect 0 revision -m labelled --head base --branch-label shop --rev-id l01
  expect 0 revision -m dependent --head shop@head --depends-on r02 --rev-id l02 --version-path versions/sub
  [ -f versions/sub/l02_dependent.sql ]
  grep -q '^-- depends-on: r02' versions/sub/l02*
  expect 0 show l02
  says "Depends on: r02" "shop"
  expect 0 heads
  same "l02 r02 s01" "$(awk '{print $1}' <<<"$output" | sort | xargs)"
}

@test "merge joins heads; there is one head after it" {
  table_chain 1
  table_revision r02 r01 t02
  table_revision r03 r01 t03
  expect 0 heads
  same 2 "$(wc -l <<<"$output")"
  expect 78 upgrade head --yes
  says "r02" "r03" "heads"
  expect 0 merge -m join heads --rev-id m01
  grep -qE '^-- revises: r0[23], r0[23]$' versions/m01*
  expect 0 heads
  same "m01 (head)" "$(sed 's/ (mergepoint)//' <<<"$output")"
  expect 0 upgrade head --yes
  same "a m01 b m01" "$(at)"
  expect 78 merge -m again heads
}

@test "edit opens the file in the editor, which may fail" {
  table_chain 2
  printf '#!/bin/sh\necho edited >>"$1"\n' >../editor
  chmod +x ../editor
  VISUAL='' EDITOR=true expect 0 edit r01
  VISUAL='' EDITOR=$PWD/../editor expect 0 edit head
  same edited "$(tail -n 1 versions/r02*)"
  VISUAL='' EDITOR=false expect 78 edit r01
  says "false"
  VISUAL='' EDITOR=$PWD/../editor expect 0 revision -m third --edit --rev-id r03
  same edited "$(tail -n 1 versions/r03*)"
}

# ---- Looking at the graph ------------------------------------------------------------------------------------------

@test "history: newest first, ranges, marks, details" {
  table_chain 5
  expect 0 history
  same "r05 r04 r03 r02 r01" "$(ids)"
  says "r04 -> r05 (head), table t05" "<base> -> r01, table t01"
  while read -r range expected; do
    expect 0 history -r "$range"
    same "$expected" "$(ids)" "history -r $range"
  done <<'RANGES'
r02:r04 r04 r03 r02
r03: r05 r04 r03
:r02 r02 r01
base:r02 r02 r01
r03:head r05 r04 r03
r02:+1 r03 r02
:+2 r02 r01
r05:r05 r05
RANGES
  expect 78 history -r r04:r02
  expect 0 history -v
  says "Rev:        r05 (head)" "Parent:     r04" "versions/r05_table_t05.sql"
  expect 0 upgrade r02 --yes
  expect 0 upgrade r03 --yes -l a
  expect 0 history -i
  says "r01 -> r02 (current on 1), table t02" "r02 -> r03 (current on 1), table t03"
  expect 0 history -r current: -l a
  same "r05 r04 r03" "$(ids)"
}

@test "history draws branches and merges" {
  diamond
  expect 0 history
  same "r01 r02 r03 r04 r05" "$(ids | tr ' ' '\n' | sort | xargs)"
  says "(mergepoint)" "(branchpoint)"
  grep -qF '|\' <<<"$output"
  grep -qE '^\| \*|^\* \|' <<<"$output"
  same '* r05
|\
* | r04
* | r02
| * r03
|/
* r01' "$(drawing)"
  expect 0 branches
  says "r01 (branchpoint)" "-> r02" "-> r03"
}

# What the last history draws, and the id behind it.
drawing() {
  sed -E 's/^([*| ]+) (<base>|[0-9a-z, ]+) -> ([0-9a-z]+).*/\1 \3/' <<<"$output"
}

@test "history draws a merge of three parents, a branch that crosses others, and two bases" {
  table_revision r01 "" t01
  table_revision r02 r01 t02
  table_revision r03 r01 t03
  table_revision r04 r01 t04
  table_revision r05 "r02, r03, r04" t05
  table_revision r06 r02 t06
  table_revision x01 "" x01
  expect 0 history
  same '* r05
|\ \
| | | * r06
|_|_|/
* | | r02
| * | r03
| | | * x01
| | * r04
|/ /
* r01' "$(drawing)"
}

@test "show: one revision by id, part of an id, symbol" {
  diamond
  expect 0 show r05
  says "Rev:        r05 (head) (mergepoint)" "Merges:" "r03" "r04"
  expect 0 show r04-1
  says "Rev:        r02"
  expect 78 show head-1
  says "r03" "r04"
  expect 0 show -- head
  says "Rev:        r05"
  expect 78 show nosuch
  says "nosuch"
  expect 64 show
}

@test "every listing is valid JSON" {
  diamond
  expect 0 upgrade r02 --yes
  for listing in "heads" "branches" "history" "history -r r01:r04" "show r05" "current" "status" "plan upgrade heads" "plan downgrade base" \
    "plan stamp heads" "runs" "report" "inventory list" "inventory show" "inventory graph" "inventory check" "inventory show a"; do
    expect 0 $listing --format json
    jq -e . <<<"$output" >/dev/null || { show "$listing: no JSON"; return 1; }
  done
  expect 0 upgrade heads --yes --format json
  same 0 "$(json .exit_code)"
}

# ---- Moving --------------------------------------------------------------------------------------------------------

@test "upgrade and downgrade: relative symbols, typed just so or behind --" {
  table_chain 5
  expect 0 upgrade +2 --yes
  same "a r02 b r02" "$(at)"
  expect 0 upgrade --yes -- +1
  same "a r03 b r03" "$(at)"
  expect 0 downgrade -1 --yes
  same "a r02 b r02" "$(at)"
  expect 0 downgrade --yes -- -1
  same "a r01 b r01" "$(at)"
  expect 0 upgrade r03+1 --yes
  same "a r04 b r04" "$(at)"
  expect 0 downgrade r04-2 --yes
  same "a r02 b r02" "$(at)"
  expect 0 upgrade head --yes
  expect 0 upgrade head --yes
  says "2 unchanged"
  expect 0 downgrade base --yes
  same "a b" "$(at | xargs)"
  same "dbfleet_version dbfleet_version_history" "$(lite a.db .tables | xargs)"
}

@test "a merge goes up and down: where -1 could mean two, it is refused" {
  diamond
  expect 0 upgrade head --yes
  expect 1 downgrade -1 --yes
  says "r04" "r03"
  expect 0 downgrade r04 --yes
  same "a r03,r04 b r03,r04" "$(at)"
  same "t01 t02 t03 t04" "$(lite a.db "select name from sqlite_master where name like 't0%' order by 1" | xargs)"
  expect 0 downgrade r02 --yes -l a
  expect 0 upgrade heads --yes
  same "a r05 b r05" "$(at)"
}

@test "what changes databases needs --yes where no terminal is there to ask on" {
  table_chain 1
  expect 64 upgrade head </dev/null
  says "--yes"
  [ ! -e a.db ]
  DBFLEET_YES=1 expect 0 upgrade head
}

@test "stamp sets rows without SQL, and --purge forgets what no file knows" {
  table_chain 3
  expect 0 stamp r02 --yes
  same "a r02 b r02" "$(at)"
  same "" "$(lite a.db "select name from sqlite_master where name like 't0%'")"
  same "stamp||r02|r01,r02" "$(lite a.db 'select direction, heads_before, heads_after, detail from dbfleet_version_history')"
  expect 0 upgrade head --yes
  same "t03" "$(lite a.db "select name from sqlite_master where name like 't0%'")"
  lite a.db "update dbfleet_version set version_num = 'lost'"
  expect 1 upgrade head --yes -l a
  says "lost" "no revision file here knows"
  expect 1 stamp head --yes -l a
  expect 0 stamp head --purge --yes -l a
  same "a r03 b r03" "$(at)"
  expect 0 stamp base --yes
  same "a b" "$(at | xargs)"
}

@test "current: rows, marks, --check-heads" {
  table_chain 2
  expect 2 current --check-heads
  same "a  base" "$(head -n 1 <<<"$output" | sed 's/ *$//')"
  expect 0 upgrade head --yes -l a
  expect 0 current -v
  says "r02   (head) table t02" "r02_table_t02.sql"
  expect 2 current --check-heads
  expect 0 current --check-heads -l a
}

@test "ensure-version makes the version tables and nothing else" {
  table_chain 1
  expect 0 ensure-version
  same "dbfleet_version dbfleet_version_history" "$(lite a.db .tables | xargs)"
  same "a b" "$(at | xargs)"
  expect 0 ensure-version
  expect 4 ensure-version --url sqlite:missing.db
  [ ! -e missing.db ]
}

@test "one database needs no inventory: --url, DATABASE_URL, and no dbfleet.yaml at all" {
  table_chain 2
  touch one.db
  expect 0 upgrade head --yes --url sqlite:one.db
  same r02 "$(lite one.db 'select * from dbfleet_version')"
  rm dbfleet.yaml inventory.yaml
  touch two.db
  DATABASE_URL=sqlite:two.db expect 0 upgrade r01 --yes
  same r01 "$(lite two.db 'select * from dbfleet_version')"
  expect 78 upgrade head --yes
  says "DATABASE_URL"
}

@test "dbmate's files work as they are" {
  printf -- '-- migrate:up\ncreate table users (id integer);\n\n-- migrate:down\ndrop table users;\n' >versions/20260101120000_create_users.sql
  printf -- '-- migrate:up transaction:false\ncreate table posts (id integer);\n-- migrate:down\ndrop table posts;\n' >versions/20260102120000_posts.sql
  expect 0 history
  same "20260102120000 20260101120000" "$(ids)"
  says "20260101120000 -> 20260102120000 (head)"
  expect 0 upgrade head --yes
  same "a 20260102120000 b 20260102120000" "$(at)"
  expect 0 downgrade -1 --yes
  same "dbfleet_version dbfleet_version_history users" "$(lite a.db .tables | xargs -n 1 | sort | xargs)"
}

@test "--sql: --tag stands in the heading, a range needs no database, a downgrade needs a range" {
  table_chain 3
  expect 0 upgrade r01:r02 --sql --tag "ticket 42"
  says "-- ticket 42" "create table t02"
  says_not "create table t01" "create table t03"
  expect 64 downgrade r01 --sql
  says "FROM:TO"
  expect 0 downgrade r03:r01 --sql
  says "drop table t03" "drop table t02"
  says_not "drop table t01"
  [ ! -e a.db ]
  rm inventory.yaml
  expect 0 upgrade head --sql --dialect postgres
  says 'ON_ERROR_STOP on'
}

@test "a mistyped command, option or value is told what is near; exit code 64" {
  expect 64 upgrad head
  says "upgrade"
  expect 64 upgrade head --max-failure-s 1
  says "--max-failures"
  expect 64 upgrade head --max-failures many --yes
  says "many"
  expect 64 upgrade head --jobs 0
  expect 64 upgrade
  expect 64 status --format yaml
  says "json"
}

@test "runs where nothing ran yet is an empty list with a note, and no error" {
  expect 0 runs
  same "" "$output"
  says "note: ledger" "no run was recorded here yet"
  expect 0 runs --format json
  same "[]" "$output"
  expect 0 runs --quiet
  same "" "$output$stderr"
  mkdir -p .dbfleet
  echo "no database at all, whatever its name says" >.dbfleet/ledger.db
  expect 78 runs
}
