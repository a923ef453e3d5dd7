#!/usr/bin/env bats
# A canary that cannot be worked on: neither a run nor a plan file goes past it.

load ../fleet/lib

setup() {
  new_project
  printf '%s\n' 'rollout:' '  waves: [canary, rest]' >>dbfleet.yaml
  fleet_with sqlite:c1.db
  table_chain 1
}

# fleet_with URL: one canary there, six others.
fleet_with() {
  cat >inventory.yaml <<YAML
groups:
  canary: {targets: [{name: c1, url: "$1", create: true}]}
  eu: {targets: [{name: "e{1..6}", url: "sqlite:e{1..6}.db", create: true}]}
YAML
}

block() {
  expect 0 ensure-version -l c1
  sqlite3 c1.db "INSERT INTO dbfleet_version VALUES ('zzz')"
}

changed() {
  "$DBFLEET" current --format json | jq -r '[.[] | select(.heads != null and .heads != [] and .target != "c1")] | length'
}

@test "one that could not be reached when the file was made counts for the run's and the wave's budget" {
  fleet_with postgresql://x@127.0.0.1:1/x
  sed -i 's/\[canary,/[{targets: canary, max_unreachable: 0},/' dbfleet.yaml
  expect 4 plan upgrade head -o p.yaml
  grep -q 'name: c1, .*problem: unreachable, .*wave: canary' p.yaml
  expect 3 apply p.yaml --yes
  says "wave canary: 1 target could not be reached, max_unreachable is 0" "1 unreachable, 6 not-started"
  same 0 "$(changed)"
  printf '%s\n' 'version: 1' 'inventory: inventory.yaml' 'ledger: .dbfleet/ledger.db' >dbfleet.yaml
  expect 4 plan upgrade head --max-unreachable 0 -o q.yaml
  expect 3 apply q.yaml --yes
  says "1 target could not be reached, max_unreachable is 0"
  same 0 "$(changed)"
}

@test "one that is blocked or cannot be reached halts the run, the plan says so, --no-waves goes past it" {
  block
  expect 1 plan upgrade head -o p.yaml
  says "warning: wave canary: none of its targets could be changed (1 blocked)"
  expect 0 plan show p.yaml
  says "a run halts"
  expect 3 upgrade head --yes
  says "wave canary: none of its targets could be changed (1 blocked)" "6 not-started"
  expect 3 resume --yes
  expect 3 apply p.yaml --yes
  says "1 blocked, 6 not-started"
  fleet_with postgresql://x@127.0.0.1:1/x
  expect 3 upgrade head --yes
  says "(1 unreachable)"
  same 0 "$(changed)"
  expect 4 upgrade head --yes --no-waves
  same 6 "$(changed)"
}

@test "one that moved since the file was made halts it" {
  expect 0 plan upgrade head -o p.yaml
  block
  expect 3 apply p.yaml --yes
  says "wave canary: none of its targets could be changed (1 stale)"
  same 0 "$(changed)"
}

@test "one that is at the goal is a canary, also in the file" {
  expect 0 upgrade head -l c1 --yes
  sed -i 's/name: c1, url/name: c0, url: "postgresql:\/\/x@127.0.0.1:1\/x"}, {name: c1, url/' inventory.yaml
  expect 4 plan upgrade head -o p.yaml
  grep -q 'name: canary, targets: 0, at_goal: 1' p.yaml
  expect 4 apply p.yaml --yes
  says "6 done, 1 unreachable"
}

@test "-l that goes past waves says which" {
  expect 0 plan upgrade head -o p.yaml
  expect 0 apply p.yaml -l e6 --yes
  says "-l leaves out wave canary: their gates are not asked"
  expect 0 apply p.yaml -l c1 --yes
  ! grep -q "leaves out" <<<"$stderr" || false
}

@test "a share of the file is of the targets that are left, whatever --max-failures says" {
  sed -i 's/waves: .*/max_failures: 20%/' dbfleet.yaml
  expect 0 plan upgrade head -o p.yaml
  expect 0 apply p.yaml -l e1,e2,e3 --yes
  for name in c1 e4 e5 e6; do sqlite3 $name.db "CREATE VIEW $(table_of_file) AS SELECT 1"; done
  expect 3 apply p.yaml -j 1 --max-failures 1 --yes
  says "1 target failed, max_failures is 0"
}

table_of_file() {
  grep -ohiE 'CREATE TABLE [a-z_0-9]+' versions/*.sql | head -1 | awk '{print $3}'
}
