#!/usr/bin/env bats
# A rollout by waves, on PostgreSQL, MariaDB and SQLite at once: who goes first, what is waited for and asked behind it, and
# what becomes of the others when it does not go well.

PREFIX=waves
load lib

setup_file() {
  use_servers
  drop_databases
  make_postgres waves_{c,1,2,3}
  make_mysql waves_{c,1,2,3}
}

teardown_file() {
  use_servers
  drop_databases
}

setup() {
  use_servers
  new_project
  run_pid=
  wipe
}

teardown() {
  [ -z "$run_pid" ] || kill -KILL "$run_pid" 2>/dev/null || true
}

wipe() {
  each_pg "drop schema public cascade; create schema public" waves_{c,1,2,3}
  local database
  for database in waves_{c,1,2,3}; do
    my '' "drop database $database; create database $database"
  done
}

# fleet: a group canary and two others, one target of each kind in every one of them.
fleet() {
  {
    echo 'groups:'
    local group
    for group in canary:c first:1 second:2 third:3; do
      echo "  ${group%:*}:"
      echo "    targets:"
      echo "      - {name: pg-${group#*:}, url: \"$POSTGRES_URL/waves_${group#*:}\", $POSTGRES_LOGIN}"
      echo "      - {name: my-${group#*:}, url: \"$MYSQL_URL/waves_${group#*:}\", $MYSQL_LOGIN}"
      echo "      - {name: lite-${group#*:}, url: 'sqlite:${group#*:}.db', create: true}"
    done
  } >inventory.yaml
}

rollout() {
  { echo 'rollout:'; sed 's/^/  /'; } >>dbfleet.yaml
}

# fussy: a revision that fails where a table "refuses" has rows, and can be taken back.
fussy() {
  table_revision r01 "" t01
  revision r02 r01 fussy <<'SQL'
-- migrate:up
create table fussy (n integer not null unique);
insert into fussy (n) select 1 from refuses;
-- migrate:down
drop table fussy;
SQL
  each_pg "create table refuses (n int)" waves_{c,1,2,3}
  each_my "create table refuses (n int)" waves_{c,1,2,3}
  each_lite "create table refuses (n int)" {c,1,2,3}.db
}

# at TARGET...: the heads of each.
at() {
  "$DBFLEET" current --format json | jq -r '[.[] | "\(.target)=\(.heads | join(","))"] | join(" ")'
}

waves_of() {
  "$DBFLEET" report last --format json | jq -r '[.waves[] | "\(.wave)=\(.state)/\(.targets)"] | join(" ")'
}

@test "waves go one after the other, each after the soak and the gates of the one ahead" {
  fleet
  table_chain 1
  rollout <<'YAML'
waves: [canary, 2, {name: most, targets: 50%}, rest]
soak: 1s
gates:
  - {name: still there, sql: "select 'gone' where not exists (select 1 from t01)"}
  - {name: told, exec: [sh, -c, 'echo "$DBFLEET_WAVE" >>asked']}
YAML
  expect 0 plan upgrade head
  says "1. canary: 3 targets" "2. 2: 2 targets" "3. most: 6 targets" "4. rest: 1 target" "soak 1.0 s"
  expect 0 upgrade head --yes
  says "wave 1 of 4, canary: 3 targets" "wave 4 of 4, rest: its gates passed" "gate still there passed: no rows on 3 targets"
  same "canary=done/3 2=done/2 most=done/6 rest=done/1" "$(waves_of)"
  same "canary 2 most rest" "$(xargs <asked)"
  expect 0 report last --format json
  same true "$(json '[.waves[:-1], .waves[1:]] | transpose | all(.[1].started > .[0].finished)')" "order"
  same 12 "$(json '[.targets[] | select(.worker > 0 and .wave > 0)] | length')"
  # behind the last one nothing is waited for
  same null "$(json '.waves[-1].soak_until')"
}

@test "a canary that fails leaves the others untouched" {
  fleet
  fussy
  pg waves_c "insert into refuses values (1), (1)"
  rollout <<'YAML'
waves: [canary, rest]
YAML
  expect 3 upgrade head --yes
  says "1 target failed, max_failures is 0"
  same "canary=halted/3 rest=not-started/9" "$(waves_of)"
  same "" "$(pg waves_1 "select to_regclass('t01')")"
  same 0 "$(my '' "select count(*) from information_schema.tables where table_schema = 'waves_1' and table_name = 't01'")"
  pg waves_c "delete from refuses"
  expect 0 resume --yes
  [[ $(waves_of) == canary=done/[123]" rest=done/9" ]] # those of the canary beside the one that failed may have ended their path or only a step
}

@test "budgets of a wave hold besides those of the run" {
  fleet
  fussy
  pg waves_c "insert into refuses values (1), (1)"
  my waves_c "insert into refuses values (1), (1)"
  pg waves_1 "insert into refuses values (1), (1)"
  rollout <<'YAML'
max_failures: 5
waves: [{targets: canary, max_failures: 2}, {targets: first, max_failures: 0}, rest]
YAML
  expect 3 upgrade head --yes
  says "wave first: 1 target failed, max_failures is 0"
  same "canary=done/3 first=halted/3 rest=not-started/6" "$(waves_of)"
}

@test "a canary that cannot be reached: the plan says so, and max_unreachable lets nothing begin without it" {
  fleet
  table_chain 1
  sed -i '/name: pg-c/s|/waves_c|/waves_none|' inventory.yaml
  rollout <<'YAML'
waves: [{targets: pg-c, name: canary, max_unreachable: 0}, rest]
YAML
  expect 4 plan upgrade head
  says "1. canary: none of its 1 targets can be reached; max_unreachable 0" "warning: wave canary: none of its targets"
  expect 3 upgrade head --yes
  says "wave canary: 1 target could not be reached, max_unreachable is 0" "11 not-started"
  same "canary=not-started/0 rest=not-started/11" "$(waves_of)"
  sed -i 's/, max_unreachable: 0//' dbfleet.yaml
  expect 3 upgrade head --yes
  says "wave canary: none of its targets could be changed (1 unreachable)" "11 not-started"
  same "canary=not-started/0 rest=not-started/11" "$(waves_of)"
  expect 4 upgrade head --yes --no-waves
}

@test "an error that no earlier wave had halts the run, whatever the budgets allow" {
  fleet
  fussy
  pg waves_c "insert into refuses values (1), (1)"
  pg waves_1 "insert into refuses values (1), (1)"
  pg waves_2 "alter table refuses rename to refused"
  rollout <<'YAML'
max_failures: 100%
halt_on: new-error
waves: [canary, first, second, rest]
YAML
  expect 3 upgrade head --yes
  says 'wave second: pg-2 failed as nothing did in an earlier wave: relation "refuses" does not exist'
  same "canary=done/3 first=done/3 second=halted/3 rest=not-started/3" "$(waves_of)"
}

@test "a gate that fails halts, and a resume asks it again before it goes on" {
  fleet
  table_chain 1
  rollout <<'YAML'
waves: [canary, rest]
gates: {name: ready, exec: [test, -e, ready]}
YAML
  expect 3 upgrade head --yes
  says "a gate behind wave canary failed: ready" "gate ready failed"
  expect 3 resume --yes
  same "canary=halted/0 rest=not-started/9" "$(waves_of)"
  touch ready
  expect 0 resume --yes
  same "canary=done/0 rest=done/9" "$(waves_of)"
}

@test "--no-waves: all at once, with nothing between" {
  fleet
  table_chain 1
  rollout <<'YAML'
waves: [{targets: canary, confirm: true}, rest]
soak: 1h
confirm: true
gates: {name: ready, exec: ["false"]}
YAML
  expect 0 plan upgrade head --no-waves
  says_not "Waves" "ready"
  expect 0 upgrade head --yes --no-waves
  says "12 done"
  same "" "$(waves_of)"
  sed -i 's/soak: 1h/soak: 1s/' dbfleet.yaml
  expect 3 rollback last --yes
  expect 0 rollback "$("$DBFLEET" runs --format json | jq -r '[.[] | select(.command == "upgrade")][0].run')" --yes --no-waves
  same "" "$(at | xargs -n1 | cut -d= -f2 | xargs)"
}

@test "a gate behind the last wave is a reason not to call the run done" {
  fleet
  table_chain 1
  rollout <<'YAML'
gates: {name: ready, exec: [test, -e, ready]}
YAML
  expect 3 upgrade head --yes
  says "HALTED" "12 done" "a gate behind wave all failed: ready"
}

@test "rollback-wave takes back what the wave did, and resume does it again" {
  fleet
  fussy
  pg waves_1 "insert into refuses values (1), (1)"
  rollout <<'YAML'
on_failure: rollback-wave
waves: [canary, first, rest]
YAML
  expect 3 upgrade head --yes -j 1
  says "rollback-wave: of 1 target of wave first, 1 was taken back by run" "HALTED" "DONE  rollback"
  same "lite-c=r02 my-c=r02 pg-c=r02" "$(at | xargs -n1 | grep -- -c= | sort | xargs)"
  same "" "$(at | xargs -n1 | grep -- -1= | cut -d= -f2 | xargs)"
  pg waves_1 "delete from refuses"
  expect 0 resume "$("$DBFLEET" runs --format json | jq -r '[.[] | select(.command == "upgrade")][0].run')" --yes
  same 12 "$(at | xargs -n1 | grep -c =r02)"
}

@test "rollback-run takes back what the run did, and says what could not be" {
  fleet
  fussy
  pg waves_1 "insert into refuses values (1), (1)"
  rollout <<'YAML'
on_failure: rollback-run
waves: [canary, first, rest]
YAML
  sed -i '/migrate:down/,$d' versions/r01*.sql
  expect 3 upgrade head --yes -j 1
  says "rollback-run: of 4 targets of the run, 0 were taken back by run" "4 could not be" "irreversible"
  table_revision r01 "" t01
}

@test "rollback RUN --wave takes back that wave alone" {
  fleet
  table_chain 1
  rollout <<'YAML'
waves: [canary, first, rest]
YAML
  expect 0 upgrade head --yes
  expect 64 rollback last --wave nosuch
  says 'has no wave "nosuch"; its waves are: canary, first, rest'
  expect 64 rollback last --wave canary --from-targets
  expect 0 rollback last --wave canary --wave first --yes
  same 6 "$(at | xargs -n1 | grep -c =r01)"
  same "" "$(at | xargs -n1 | grep -- '-[c1]=' | cut -d= -f2 | xargs)"
}

@test "smallest databases go first where the order says so" {
  fleet
  table_chain 1
  pg waves_c "create table big as select g, repeat('x', 100) from generate_series(1, 20000) g"
  my waves_c "create table big as select seq, repeat('x', 100) from seq_1_to_20000; analyze table big" >/dev/null
  lite c.db "create table big as with recursive n(i) as (select 1 union all select i + 1 from n limit 20000) select i from n"
  rollout <<'YAML'
order: size
waves: [{name: small, targets: 6}, rest]
YAML
  expect 0 plan upgrade head --format json
  same "rest" "$(json '.waves as $w | [.targets[] | select(.target == "pg-c") | $w[.wave - 1].wave][0]')" "largest PostgreSQL"
  same "" "$(json '.waves as $w | [.targets[] | select(.target | startswith("my-")) | select($w[.wave - 1].wave == "rest") | .target] | map(select(. != "my-c")) | join(" ")')" "small MariaDB"
}

@test "a wave that is to be confirmed is not begun where nobody can be asked; resume is the answer" {
  fleet
  table_chain 1
  rollout <<'YAML'
waves: [canary, {targets: first, confirm: true}, rest]
YAML
  expect 3 upgrade head --yes
  says "wave first was not confirmed: no terminal is there to ask on" "dbfleet resume"
  same "canary=done/3 first=not-started/3 rest=not-started/6" "$(waves_of)"
  expect 0 resume --yes
  same "canary=done/0 first=done/3 rest=done/6" "$(waves_of)"
}

soaks() {
  [ "$("$DBFLEET" report last --format json 2>/dev/null | jq -r '.waves[0].state')" = soaking ]
}

@test "killed in the middle of a soak: resume waits for the rest of it and asks the gates before it goes on" {
  fleet
  table_chain 1
  rollout <<'YAML'
waves: [canary, rest]
soak: 6s
gates: {name: told, exec: [sh, -c, 'echo "$DBFLEET_RUN $DBFLEET_WAVE" >>asked']}
YAML
  start upgrade head --yes
  wait_until soaks
  local until
  until=$("$DBFLEET" report last --format json | jq -r '.waves[0].soak_until | fromdate')
  kill -KILL "$run_pid"
  wait "$run_pid" || true
  run_pid=
  expect 1 report last || true
  says "DIED" "the run died while this wave was soaking"
  expect 0 resume --yes
  same "canary=done/0 rest=done/9" "$(waves_of)"
  same "canary rest" "$(cut -d' ' -f2 asked | xargs)"
  expect 0 report last --format json
  same true "$(json ".waves[1].started | fromdate >= $until")" "the soak was cut short"
}

@test "in a soak the run is alive: pause and continue do not cut it short, abort ends it" {
  fleet
  table_chain 1
  rollout <<'YAML'
waves: [canary, rest]
soak: 5s
YAML
  start upgrade head --yes
  wait_until soaks
  expect 0 pause last
  expect 0 continue last
  soaks
  ends_with 0
  same true "$("$DBFLEET" report last --format json | jq '(.waves[1].started | fromdate) >= (.waves[0].soak_until | fromdate)')"
  sed -i 's/soak: 5s/soak: 1h/' dbfleet.yaml
  wipe
  rm -f ./*.db
  start upgrade head --yes
  wait_until soaks
  expect 0 abort last
  ends_with 3
  same "canary=halted/3 rest=not-started/9" "$(waves_of)"
}

@test "interrupted in a soak the run ends at once" {
  fleet
  table_chain 1
  rollout <<'YAML'
waves: [canary, rest]
soak: 1h
YAML
  start upgrade head --yes
  wait_until soaks
  kill -INT "$run_pid"
  ends_with 130
  says "INTERRUPTED" "dbfleet resume"
}
