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
