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

@test "a file whose run is still at work is not applied beside it" {
  touch ok
  sed -i 's/^rollout:/rollout:\n  soak: 1h/' dbfleet.yaml
  expect 0 plan upgrade head -o plan.yaml
  "$DBFLEET" apply plan.yaml --yes >first 2>&1 3>&- &
  for i in $(seq 1000); do "$DBFLEET" runs --format json 2>/dev/null | grep -q running && [ -e a1.db ] && break; sleep 0.1; done
  expect 6 apply plan.yaml --yes
  says "is still at work"
  [ ! -e b1.db ]
  expect 0 abort last
  wait $! || true
}

@test "what a wave owes is owed by the runs behind the next one too" {
  expect 0 plan upgrade head -o plan.yaml
  expect 3 apply plan.yaml --yes
  expect 3 apply plan.yaml --yes --stop-starting-at 2020-01-01T00:00:00Z
  expect 3 apply plan.yaml --yes
  says "a gate behind wave canary failed"
  [ ! -e b1.db ]
  touch ok
  expect 0 apply plan.yaml --yes
}

@test "resume asks the gate of the last wave again, on the targets that it was about" {
  sed -i 's/exec: .*/sql: "select 1 where not exists (select 1 from sqlite_master where name = \x27ok\x27)"}]/; s/waves: .*/waves: [{targets: canary, gates: []}, rest]/' dbfleet.yaml
  expect 3 upgrade head --yes
  for run in 1 2 3; do
    expect 3 resume --yes
    says "failed: ready on b-1"
  done
  for i in 1 2 3 4; do sqlite3 b$i.db 'create table ok (n)'; done
  expect 0 resume --yes
  expect 0 resume --yes
  says "left to do"
}
