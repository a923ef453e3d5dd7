#!/usr/bin/env bats
# Plan files that are gone on with: after a halt, with resume and retry, and what is refused then.

load ../fleet/lib

setup() {
  new_project
  cat >>dbfleet.yaml <<'YAML'
rollout:
  waves: [canary, 50%, rest]
  gates: [{name: ready, exec: [./ready]}]
YAML
  printf '#!/bin/sh\necho "$DBFLEET_WAVE" >>asked\ntest -e ok\n' >ready
  chmod +x ready
  cat >inventory.yaml <<'YAML'
groups:
  canary: {targets: [{name: a-1, url: "sqlite:a1.db", create: true}]}
  eu: {targets: [{name: "b-{1..4}", url: "sqlite:b{1..4}.db", create: true}]}
YAML
  table_chain 2
}

asked() {
  xargs <asked
}

@test "waves and their order are the file's, whatever dbfleet.yaml and the inventory say by then" {
  touch ok
  sed -i 's/^rollout:/rollout:\n  order: shuffle(3)/' dbfleet.yaml
  expect 0 plan upgrade head -o plan.yaml
  order=$(grep -o 'name: [ab]-.' plan.yaml | xargs)
  printf '%s\n' 'version: 1' 'inventory: inventory.yaml' 'ledger: .dbfleet/ledger.db' >dbfleet.yaml
  sed -i 's/canary:/europe:/' inventory.yaml
  expect 0 apply plan.yaml --yes -j 1
  [ "$(asked)" = "canary 50% rest" ]
  [ "$(grep -oE '(done) [ab]-.' <<<"$stderr" | sed 's/done /name: /' | xargs)" = "$order" ]
}

@test "a gate that failed is asked again by the same file, before the next wave" {
  expect 0 plan upgrade head -o plan.yaml
  expect 3 apply plan.yaml --yes
  says "a gate behind wave canary failed" "Next: dbfleet apply plan.yaml"
  expect 3 apply plan.yaml --yes
  touch ok
  expect 0 apply plan.yaml --yes
  says "4 done, 1 unchanged"
  [ "$(asked)" = "canary canary canary 50% rest" ]
  expect 0 apply plan.yaml --yes
  [ "$(asked)" = "canary canary canary 50% rest" ]
}

@test "resume goes on with the file as it was, and nothing else" {
  expect 0 plan upgrade head -o plan.yaml
  expect 3 apply plan.yaml --yes
  touch ok
  mv plan.yaml kept.yaml
  expect 78 resume --yes
  says "applied plan.yaml, and only as it was then"
  sed 's/jobs: 8/jobs: 9/' kept.yaml >plan.yaml
  expect 78 resume --yes
  says "the plan was changed after it was made"
  rm plan.yaml
  expect 1 plan upgrade +1 -o plan.yaml
  expect 78 resume --yes
  says "only as it was then"
  mv kept.yaml plan.yaml
  table_revision r03 r02 t03
  expect 64 resume --yes --max-failures 9
  says "--max-failures: the plan says 0"
  expect 64 resume --yes --allow-edited
  expect 64 resume --yes --no-waves
  says "which says by itself"
  expect 0 resume --yes
  says "4 done" "applies plan.yaml"
  [ "$(sqlite3 b1.db "SELECT version_num FROM dbfleet_version")" = r02 ]
}

@test "resume and retry refuse what apply refuses" {
  expect 0 plan upgrade head -o plan.yaml
  expect 3 apply plan.yaml --yes
  sed -i 's/b{1..4}.db/c{1..4}.db/' inventory.yaml
  expect 78 resume --yes
  says "target b-1 was at sqlite:"
  [ ! -e c1.db ]
}

@test "a downgrade of one branch of several goes on by the file's exact steps" {
  touch ok
  rm versions/*
  revision r01 "" "one" <<<'-- migrate:up
CREATE TABLE t01 (n int);
-- migrate:down
DROP TABLE t01;'
  for step in "x1 r01 side" "x2 x1 -" "y1 r01 -"; do
    read -r id parent label <<<"$step"
    revision "$id" "$parent" "$id" <<<"-- migrate:up
CREATE TABLE t$id (n int);
-- migrate:down
DROP TABLE t$id;"
    [ "$label" = - ] || sed -i "s/^-- message/-- labels: $label\n-- message/" versions/"$id"_*.sql
  done
  expect 0 upgrade heads --yes
  : >asked
  expect 0 plan downgrade side@-1 -o plan.yaml
  rm ok
  expect 3 apply plan.yaml --yes
  touch ok
  expect 0 resume --yes
  expect 0 current --format json
  same "x1,y1" "$(jq -r '[.[] | .heads | sort | join(",")] | unique | join(" ")' <<<"$output")"
}

@test "on_halt can only be made stricter" {
  expect 0 plan upgrade head -o plan.yaml
  expect 64 apply plan.yaml --yes --on-halt target
  says "--on-halt: the plan says step"
  touch ok
  expect 0 apply plan.yaml --yes --on-halt cancel
}

@test "resume asks for the approvals that apply asks for" {
  expect 0 plan upgrade head -o plan.yaml
  expect 3 apply plan.yaml --yes
  touch ok signers
  sed -i 's/^rollout:/&\n  approvals: 1\n  allowed_signers: signers/' dbfleet.yaml
  expect 78 resume --yes
  expect 78 apply plan.yaml --yes
  says "approval"
  [ ! -e b1.db ]
}
