#!/usr/bin/env bats
# What programs are given fits the schemas that are published for them, whatever a run comes to.
load ../fleet/lib

setup() {
  new_project
  table_chain 2
  cat >inventory.yaml <<'YAML'
defaults: {create: true, vars: {id: 2}}
groups:
  canary: {targets: [{name: acme, url: "sqlite:acme.db"}, {name: bad, url: "sqlite:bad.db", vars: {id: 1}}]}
  eu: {targets: [{name: lost, url: "sqlite:no/lost.db", create: false}, {name: "t{1..3}", url: "sqlite:t{1..3}.db"}]}
targets: [{name: old, url: "sqlite:old.db", state: retired}]
YAML
}

# Runs and keeps all that the run leaves for programs.
run_and_keep() {
  "$DBFLEET" "$@" --yes --quiet --report "report_$BATS_TEST_NUMBER.json" --events events.ndjson --format json >"stdout.json" || true
  cmp "report_$BATS_TEST_NUMBER.json" stdout.json
  fits report "report_$BATS_TEST_NUMBER.json"
}

fits() {
  "$DBFLEET_SOURCE/tests/report/check-json" "$DBFLEET_SOURCE/docs/$1.schema.json" "${@:2}"
}

fails_on_some() {
  revision r03 r02 'fails on some' <<'SQL'
-- migrate:up
insert into t01 (id, name) values ({{ id | raw }}, 'x');
-- migrate:down
delete from t01 where id > 1;
-- migrate:check
select name from t01 where name = 'never';
SQL
}

@test "runs that are done, fail, are halted, go on and are taken back" {
  run_and_keep stamp base
  run_and_keep upgrade r02
  run_and_keep upgrade r02
  fails_on_some
  run_and_keep upgrade head -j1
  same halted "$(jq -r .end stdout.json)"
  run_and_keep upgrade head --max-failures 5 -x id=7
  run_and_keep rollback last
  same rollback "$(jq -r .command stdout.json)"
  run_and_keep downgrade -1
  fits events events.ndjson
  "$DBFLEET" report --events --format json >again.json
  fits report again.json
  jq -e '.events | length > 2' again.json
}

@test "runs in waves with gates" {
  cat >>dbfleet.yaml <<'YAML'
rollout:
  waves:
    - canary
    - {name: some, targets: 2, gates: [{name: smoke, exec: ["sh", "-c", "echo no; exit 1"]}]}
    - rest
  gates: [{name: always, exec: ["true"]}]
YAML
  run_and_keep upgrade head --max-failures 5 --max-unreachable 5
  jq -e '[.waves[].gates[]] | length > 1 and (map(.passed) | unique == [false, true])' stdout.json
  fits events events.ndjson
  jq -es 'map(.type) | index("wave-started") and index("gate-asked")' events.ndjson
  "$DBFLEET" report -o junit.xml
  xmllint --noout --schema "$DBFLEET_SOURCE/tests/report/junit.xsd" junit.xml
  same 1 "$(xmllint --xpath 'count(//testsuite[@name="dbfleet.gates"]//failure)' junit.xml)"
  "$DBFLEET" report --format markdown | grep -q '\*\*smoke failed:\*\* '
}

@test "plans, with checks, waves and what is in the way" {
  cat >>dbfleet.yaml <<'YAML'
rollout: {waves: [canary, 50%, rest]}
YAML
  "$DBFLEET" plan upgrade head --format json >plan1.json || true
  run_and_keep upgrade r02 --max-failures 5 --max-unreachable 5
  fails_on_some
  "$DBFLEET" plan upgrade head --check --format json >plan2.json || true
  jq -e '[.targets[].checks | select(.)] | length > 0' plan2.json
  "$DBFLEET" plan downgrade base --format json >plan3.json || true
  "$DBFLEET" plan upgrade head --sizes --format json >plan5.json || true
  jq -e '.sizes | length > 0' plan5.json
  jq -e '.since' plan5.json
  "$DBFLEET" upgrade head --yes -j1 --quiet >report.txt || true
  "$DBFLEET" resume --dry-run --format json >plan4.json || true
  fits plan plan1.json plan2.json plan3.json plan4.json plan5.json
  jq -e '.waves | length > 0' plan1.json
}

@test "a schema refuses what it should" {
  run_and_keep upgrade r02
  local change
  for change in '.end = "great"' 'del(.outcomes.failed)' '.targets[0].surprise = 1' '.started = "yesterday"' '.exit_code = 2'; do
    jq "$change" stdout.json >wrong.json
    if fits report wrong.json; then
      echo "passes: $change"
      return 1
    fi
  done
}
