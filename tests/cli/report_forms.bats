#!/usr/bin/env bats
# The forms of a run's report, in files and again from the ledger, over SQLite.
load ../fleet/lib

setup() {
  new_project
  table_chain 2
}

# A fleet with one target of each kind: good, failing, unreachable, not started.
broken_fleet() {
  revision r03 r02 'fails on some' <<'SQL'
-- migrate:up
insert into t01 (id, name) values ({{ id | raw }}, 'x');
-- migrate:down
delete from t01 where id > 1;
SQL
  cat >inventory.yaml <<'YAML'
defaults: {create: true, vars: {id: 2}}
groups:
  canary: {targets: [{name: acme, url: "sqlite:acme.db"}, {name: "<b>|`", url: "sqlite:bad.db", vars: {id: 1}}]}
  eu: {targets: [{name: lost, url: "sqlite:no/lost.db", create: false}, {name: last, url: "sqlite:last.db"}]}
YAML
}

# The JUnit page is well-formed, of the form that CI servers read, and its counts are those of its cases.
is_junit() {
  xmllint --noout --schema "$DBFLEET_SOURCE/tests/report/junit.xsd" "$1"
  same "$(xmllint --xpath 'count(//testcase)' "$1")" "$(xmllint --xpath 'string(/testsuites/@tests)' "$1")" tests
  same "$(xmllint --xpath 'count(//failure)' "$1")" "$(xmllint --xpath 'string(/testsuites/@failures)' "$1")" failures
  same "$(xmllint --xpath 'count(//error)' "$1")" "$(xmllint --xpath 'string(/testsuites/@errors)' "$1")" errors
}

@test "--report writes each form, however the run ends, with folders as needed" {
  broken_fleet
  expect 3 upgrade head --yes -j1 --report a.txt --report out/new/b.json --report c.md --report d.xml --report e.html
  same HALTED "$(head -n1 a.txt | cut -d' ' -f1)"
  same 3 "$(jq .exit_code out/new/b.json)"
  [[ $(head -n1 c.md) == '### HALTED: dbfleet upgrade head'* ]]
  is_junit d.xml
  same '1 1 1' "$(for tag in failure error skipped; do xmllint --xpath "count(//$tag)" d.xml; done | xargs)"
}

@test "report shows the same forms again, on standard output and in files" {
  broken_fleet
  expect 3 upgrade head --yes -j1 --report a.txt --report b.json --report c.md --report d.xml --report e.html
  expect 0 report --format json
  same "$(cat b.json)" "$output"
  expect 0 report --format markdown
  same "$(cat c.md)" "$output"
  expect 0 report --format junit
  same "$(cat d.xml)" "$output"
  expect 0 report --format html
  same "$(cat e.html)" "$output"
  expect 0 report -o again.xml
  cmp d.xml again.xml
  expect 0 report --format json -o again.xml
  cmp b.json again.xml
  expect 0 report last -o again.txt
  cmp a.txt again.txt
}

@test "a place that cannot be written is found before anything is changed" {
  echo 'targets: [{name: a, url: "sqlite:a.db", create: true}]' >inventory.yaml
  expect 64 upgrade head --yes --report report.pdf
  says '--report: report.pdf' '.txt, .json, .md, .xml'
  expect 78 upgrade head --yes --report inventory.yaml/report.json
  says 'inventory.yaml/report.json'
  mkdir folder.json
  expect 78 upgrade head --yes --report good.md --report folder.json
  says 'folder.json' 'nothing was changed'
  [ ! -e a.db ] && [ ! -e good.md ]
  same '.dbfleet-*' "$(echo .dbfleet-*)" 'left behind'
}

@test "a report that cannot be written in the end is a warning, and the others are written" {
  rm versions/*
  slow_files 1 "$(counting 1)"
  start upgrade head --yes --report place/report.json --report other.md
  wait_until is_busy t1.db
  mkdir place/report.json
  ends_with 0
  says 'warning: cannot write place/report.json' 'dbfleet report'
  [[ $(head -n1 other.md) == '### DONE'* ]]
}

@test "a run that is interrupted leaves its report too" {
  rm versions/*
  slow_files 2 "$(counting 2)"
  start upgrade head --yes -j1 --report report.json --report junit.xml
  wait_until is_busy t1.db
  kill -INT "$run_pid"
  ends_with 130
  same 'interrupted 130' "$(jq -r '"\(.end) \(.exit_code)"' report.json)"
  is_junit junit.xml
  same 1 "$(xmllint --xpath 'count(//skipped)' junit.xml)"
}

@test "what was there keeps its rights, and is replaced as a whole" {
  echo 'targets: [{name: a, url: "sqlite:a.db", create: true}]' >inventory.yaml
  echo old >report.json
  chmod 640 report.json
  ln -s report.json link.json
  expect 0 upgrade head --yes --report link.json
  same DONE "$(jq -r '.outcomes | if .done == 1 then "DONE" else . end' report.json)"
  same 640 "$(stat -c %a report.json)"
  [ -L link.json ]
}
