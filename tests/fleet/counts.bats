#!/usr/bin/env bats
# What dbfleet does besides the databases' work, as counts that no machine changes: how often the ledger reaches the disk, what
# is allocated for a step, which libraries a run loads.

load lib

setup() {
  new_project
  table_chain 2
}

# files N: an inventory of so many SQLite files, which need not be there.
files() {
  printf 'defaults: {create: true}\ntargets: [{name: "t{1..%s}", url: "sqlite:t{1..%s}.db"}]\n' "$1" "$1" >inventory.yaml
}

# ledger_syncs COMMAND...: how often files in the ledger's folder, and that itself, were synced; ../trace keeps the opening of the ledger too.
ledger_syncs() {
  strace -f -y -qq -e trace=fsync,fdatasync,openat -e signal=none -o ../trace "$DBFLEET" "$@" >../out 2>&1 || return 1
  grep -cE 'sync\([0-9]+<.*/\.dbfleet(/|>)' ../trace
}

# Two for a new write-ahead log and its folder's entry, one for the commit, two when it goes into the ledger at the end.
@test "an empty run opens the ledger once and commits once, however many targets it has" {
  local count
  for count in 2 40; do
    files "$count"
    expect 0 upgrade head --yes
    same 5 "$(ledger_syncs upgrade head --yes)" "syncs with $count targets"
    same 1 "$(grep -cE 'openat\(.*/ledger\.db", .*O_RDWR' ../trace)" "openings with $count targets"
  done
}

@test "a run commits to the ledger at its beginning, at its end and once a second, however many targets it has" {
  local count begin syncs
  for count in 2 40; do
    files "$count"
    rm -f t*.db*
    expect 0 upgrade +1 --yes
    begin=$SECONDS
    syncs=$(ledger_syncs upgrade head --yes)
    echo "$count targets: $syncs syncs in $((SECONDS - begin)) s"
    [ "$syncs" -ge 6 ]
    [ "$syncs" -le $((6 + SECONDS - begin + 1)) ]
  done
}

# allocations STEPS: of an upgrade of one new file by so many steps.
allocations() {
  rm -rf versions/* one.db* .dbfleet
  table_chain "$1"
  valgrind --leak-check=no --log-file=../heap "$DBFLEET" upgrade head --yes >/dev/null 2>&1 || return 1
  sed -n 's/.*total heap usage: \([0-9,]*\) allocs.*/\1/p' ../heap | tr -d ,
}

# The library's own grow a little with the schema.
@test "what a step allocates does not grow with the steps before it" {
  local few some many
  echo 'targets: [{name: one, url: "sqlite:one.db", create: true}]' >inventory.yaml
  few=$(allocations 10)
  some=$(allocations 30)
  many=$(allocations 90)
  echo "10 steps: $few, 30: $some, 90: $many allocations"
  [ "$few" -gt 1000 ]
  [ $((10 * (many - some) / 60)) -le $((11 * (some - few) / 20)) ]
}

# row_chain N: revisions r001 to rN: a table, then a row each.
row_chain() {
  local i parent= sql='create table grown (id integer primary key)'
  rm -rf versions/*
  for i in $(seq -f %03g "$1"); do
    printf -- '-- revision: r%s\n-- revises: %s\n\n-- migrate:up\n%s;\n' "$i" "$parent" "$sql" >"versions/r$i.sql"
    parent=r$i sql="insert into grown default values"
  done
}

# peak REVISION: "bytes blocks" of the heap at its largest, in an upgrade of one new file.
peak() {
  rm -rf one.db* .dbfleet
  valgrind --tool=dhat --dhat-out-file=/dev/null --log-file=../heap "$DBFLEET" upgrade "$1" --yes -q >/dev/null 2>&1 || return 1
  sed -n 's/.*At t-gmax: \([0-9,]*\) bytes in \([0-9,]*\) blocks.*/\1 \2/p' ../heap | tr -d ,
}

# The same files are read. A step leaves its place in the plan and its result; SQLite's pages, which are given back between steps, have
# an end, and a third of what is left here are marks of risk, since no step has a way back. 270 to 360 bytes, by what waits for
# the ledger's next second, and 43 tenths of a block when this was written.
@test "a step leaves next to nothing in memory" {
  local few many bytes blocks
  row_chain 1000
  echo 'targets: [{name: one, url: "sqlite:one.db", create: true}]' >inventory.yaml
  few=$(peak r150)
  many=$(peak r950)
  bytes=$(((${many% *} - ${few% *}) / 800))
  blocks=$(((${many#* } - ${few#* }) * 10 / 800))
  echo "at the peak: $few (bytes, blocks) with 150 steps, $many with 950: $bytes bytes and $blocks tenths of a block a step"
  [ "${few% *}" -gt 100000 ]
  [ "$bytes" -le 400 ]
  [ "$blocks" -le 46 ]
}

# Lines come with targets, not one by one; the run's beginning and end, and a turn of the loop in between, have writes of their own.
@test "events are written many at a time" {
  local writes
  files 40
  row_chain 30
  strace -f -y -qq -e trace=write -e signal=none -o ../trace "$DBFLEET" upgrade head --yes --quiet --events events.ndjson >../out 2>&1
  writes=$(grep -c 'write([0-9]*<.*/events\.ndjson' ../trace)
  echo "$(wc -l <events.ndjson) lines in $writes writes"
  [ "$(wc -l <events.ndjson)" -ge 1200 ]
  [ "$writes" -le 200 ]
}

# Each file has its name only when it is on disk, and when all names of a folder are there, that is flushed once.
@test "reports are flushed one by one, their folder once" {
  local flush last
  files 40
  mkdir elsewhere
  strace -f -y -qq -e trace=fsync,rename -e signal=none -o ../trace "$DBFLEET" upgrade head --yes --quiet --report run.html     --report run.json --report run.md --report elsewhere/run.xml --metrics run.prom >../out 2>&1
  same 5 "$(grep -cE 'fsync\([0-9]+<.*/\.dbfleet-' ../trace)" "flushes of files"
  same 5 "$(grep -c '^[0-9]* *rename(.*/\.dbfleet-' ../trace)" "names"
  same 1 "$(grep -cE "fsync\([0-9]+<$PWD>" ../trace)" "flushes of the folder"
  same 1 "$(grep -cE "fsync\([0-9]+<$PWD/elsewhere>" ../trace)" "flushes of the other folder"
  last=$(grep -n 'rename' ../trace | tail -n 1 | cut -d: -f1)
  flush=$(grep -nE "fsync\([0-9]+<$PWD(/elsewhere)?>" ../trace | head -n 1 | cut -d: -f1)
  [ "$flush" -gt "$last" ]
}

# loaded COMMAND...: which libraries of databases and networks were opened.
loaded() {
  strace -f -qq -e trace=openat -e signal=none -o ../trace "$DBFLEET" "$@" >../out 2>&1 || return 1
  grep -v ENOENT ../trace | grep -oE 'lib(pq|mariadb|mysqlclient|curl|microhttpd|pg_query|ssl|crypto|gnutls|gio)\b' | sort -u | xargs
}

@test "a run over SQLite files loads no other database's library, and nothing for networks" {
  files 3
  same "" "$(loaded upgrade head --yes)" "an upgrade"
  same "" "$(loaded status)" status
  same "" "$(loaded upgrade head --yes)" "an empty run"
  [[ "$(loaded --version)" == *libmariadb*libpq* ]]
}
