# The window in which targets may start: --stop-starting-at and rollout.stop_starting_at.
bats_require_minimum_version 1.5.0

setup() {
  load lib.bash
  new_project
}

teardown() {
  [ -z "${run_pid:-}" ] || kill -KILL "$run_pid" 2>/dev/null || true
}

@test "after the window no target starts, those at work go on to the end of their path, and resume does the rest" {
  slow_files 3 "$(counting 3)"
  expect 3 upgrade head --yes -j 1 --stop-starting-at 1s
  says "the time to start targets was over at" "1 done" "2 not-started" "dbfleet resume"
  same "t01 t03" "$(lite t1.db "select group_concat(name, ' ') from (select name from sqlite_schema where name like 't0_' order by name)")"
  end_is halted
  expect 3 resume --yes -j 1 --stop-starting-at 2020-01-01T00:00:00Z
  says "2 not-started"
  expect 0 resume --yes -j 2
  expect 0 upgrade head --yes
  says "3 unchanged"
}

@test "a window that outlasts the run changes nothing, and one that cannot be read is refused" {
  table_chain 2
  echo "targets: [{name: a, url: 'sqlite:a.db', create: true}]" >inventory.yaml
  expect 64 upgrade head --yes --stop-starting-at soon
  says '--stop-starting-at: "soon" is no time of day (04:30), no duration (3h) and no time'
  [ ! -e a.db ]
  echo 'rollout: {stop_starting_at: 1h}' >>dbfleet.yaml
  expect 0 upgrade head --yes
  says_not "the time to start"
}

@test "the window of dbfleet.yaml counts, and the option wins" {
  table_chain 1
  echo "targets: [{name: a, url: 'sqlite:a.db', create: true}]" >inventory.yaml
  echo 'rollout: {stop_starting_at: "2020-01-01"}' >>dbfleet.yaml
  expect 3 upgrade head --yes
  [ ! -e a.db ]
  expect 0 upgrade head --yes --stop-starting-at 1h
  [ -e a.db ]
}

@test "targets that appear or leave during a run are reported" {
  slow_files 2 "$(counting 2)"
  start upgrade head --yes
  wait_until is_busy t1.db
  echo "targets: [{name: t1, url: 'sqlite:t1.db', create: true}, {name: t7, url: 'sqlite:t7.db'}, {name: t8, url: 'sqlite:t8.db', state: provisioning}]" >inventory.yaml
  ends_with 0
  expect 0 report last --format json
  same "1 target appeared in the inventory during the run and had no part in it: t7
1 target left the inventory during the run: t2" "$(json '.warnings[]')"
  expect 1 upgrade head --yes -l t1:t7 --max-failures 5 || expect 4 upgrade head --yes -l t1:t7
  same 0 "$("$DBFLEET" report last --format json | jq '.warnings | length')"
}

@test "an inventory that cannot be read at the end is told" {
  slow_files 1 "$(counting 2)"
  start upgrade head --yes
  wait_until is_busy t1.db
  echo "targets: [{name: t1, ulr: 'sqlite:t1.db'}]" >inventory.yaml
  ends_with 0
  expect 0 report last --format json
  [[ "$(json '.warnings[]')" == "whether targets appeared during the run is not known"*"could not be read again: "* ]] || { json '.warnings'; return 1; }
}

@test "a tenant that a source names only at the end is reported, though its first answer is kept" {
  slow_files 1 "$(counting 2)"
  echo '[{"name": "t1", "url": "sqlite:t1.db"}]' >tenants.json
  echo 'defaults: {create: true}
discover: [{exec: [cat, tenants.json], cache: 1h}]' >inventory.yaml
  start upgrade head --yes
  wait_until is_busy t1.db
  echo '[{"name": "t1", "url": "sqlite:t1.db"}, {"name": "t2", "url": "sqlite:t2.db"}]' >tenants.json
  ends_with 0
  expect 0 report last --format json
  same "1 target appeared in the inventory during the run and had no part in it: t2" "$(json '.warnings[]')"
}
