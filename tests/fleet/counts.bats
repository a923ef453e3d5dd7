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
