#!/usr/bin/env bats
# Plan files as a release manager and an operator use them.

load ../fleet/lib

setup() {
  new_project
  echo "targets: [{name: 'a-{1..3}', url: 'sqlite:a{1..3}.db', create: true}]" >inventory.yaml
  table_chain 3
  for file in a1 a2 a3; do sqlite3 $file.db VACUUM; done
}

heads() {
  "$DBFLEET" current --format json | jq -r '.[] | .heads | join(",")' | xargs
}

@test "a plan is written, shown, applied, and then has nothing to do" {
  expect 0 plan upgrade head -o plans/tonight.yaml --expires 24h
  expect 0 plan show plans/tonight.yaml
  says "path p1: 3 targets, sqlite, from base, 3 steps" "expires"
  expect 0 plan show plans/tonight.yaml --format json
  [ "$(json '.paths[0].targets')" = 3 ]
  expect 0 apply plans/tonight.yaml --yes
  says "3 done" "applies plans/tonight.yaml"
  expect 0 apply plans/tonight.yaml --yes
  says "3 unchanged"
}

@test "a plan file is not overwritten, and a touched one is refused" {
  expect 0 plan upgrade head -o plan.yaml
  expect 78 plan upgrade head -o plan.yaml
  says "plan.yaml is there already; give --force"
  sed -i 's/max_failures: "0"/max_failures: "9"/' plan.yaml
  expect 78 apply plan.yaml --yes
  says "the plan was changed after it was made"
  same "" "$(heads)"
}

@test "a changed revision, a moved endpoint and a lost target are refused before anything is changed" {
  expect 0 plan upgrade head -o plan.yaml
  cp -r versions kept
  echo "CREATE TABLE more (n int);" >>"$(ls versions/*2*.sql)"
  sed -i 's/^-- migrate:down/CREATE TABLE other (n int);\n&/' "$(ls versions/*2*.sql)"
  expect 78 apply plan.yaml --yes
  says "was changed since the plan was made"
  rm -r versions && mv kept versions
  echo "targets: [{name: a-1, url: 'sqlite:b.db', create: true}, {name: a-2, url: 'sqlite:a2.db'}]" >inventory.yaml
  expect 78 apply plan.yaml --yes
  says "target a-1 was at sqlite:" "target a-3 of the plan is not in the inventory any more"
  [ ! -e b.db ]
}

@test "a target that moved is stale and left alone, the others go" {
  expect 0 plan upgrade head -o plan.yaml
  expect 0 upgrade +1 -l a-2 --yes
  expect 5 apply plan.yaml --yes
  says "2 done, 1 stale" "it moved since the plan was made: it was at base" "Next: dbfleet explain a-2"
}

@test "an interrupted plan goes on from the same file" {
  revision r9 "$(basename "$(ls versions/*3*.sql)" | cut -d_ -f1)" "unique" <<'SQL'
-- migrate:up
CREATE UNIQUE INDEX one ON keep (n);
-- migrate:down
DROP INDEX one;
SQL
  sqlite3 a2.db "CREATE TABLE keep (n int); INSERT INTO keep VALUES (1), (1)"
  for file in a1 a3; do sqlite3 $file.db "CREATE TABLE keep (n int)"; done
  expect 0 plan upgrade head -o plan.yaml --max-failures 1
  expect 1 apply plan.yaml --yes
  says "2 done, 1 failed" "Next: dbfleet apply plan.yaml"
  sqlite3 a2.db "DELETE FROM keep WHERE rowid = 2"
  expect 0 apply plan.yaml --yes
  says "1 done, 2 unchanged"
}

@test "a plan has its time, its variables and its limits" {
  expect 0 plan upgrade head -o late.yaml --not-before 1h
  expect 5 apply late.yaml --yes
  says "is not to be applied before"
  expect 0 plan upgrade head -o old.yaml --expires 2020-01-01T00:00:00Z
  expect 5 apply old.yaml --yes
  says "expired at 2020-01-01T00:00:00Z; plan again"
  expect 0 plan upgrade head -o plan.yaml -x who=me -j 2
  expect 64 apply plan.yaml --yes
  says "made with -x who=…"
  expect 64 apply plan.yaml --yes -x who=me -j 3
  says "--jobs: the plan says 2"
  expect 64 apply plan.yaml --yes -x who=me --max-failures 3
  says "--max-failures: the plan says 0"
  expect 64 plan upgrade head -o x.yaml --expires soon
  says "neither a duration (24h) nor a time"
  expect 0 apply plan.yaml --yes -x who=me -j 1 -l a-1
  says "1 target" "1 done"
}

@test "the window of a plan can be made shorter, not longer" {
  expect 64 plan upgrade head --stop-starting-at soon
  expect 64 plan upgrade head -o x.yaml --stop-starting-at soon
  says '--stop-starting-at: "soon" is no time of day'
  expect 0 plan upgrade head -o plan.yaml --stop-starting-at 2h
  expect 64 apply plan.yaml --yes --stop-starting-at 3h
  says "--stop-starting-at: the plan says 2h, and a run of it can only be stricter"
  expect 3 apply plan.yaml --yes --stop-starting-at 2020-01-01
  says "the time to start targets was over at 2020-01-01T00:00:00Z" "3 not-started"
  expect 0 apply plan.yaml --yes
  expect 0 plan downgrade -1 -o closed.yaml --stop-starting-at 2020-01-01
  expect 3 apply closed.yaml --yes
}

@test "a file that is no plan is told so" {
  echo "version: 1" >plan.yaml
  expect 78 apply plan.yaml --yes
  says "this is no plan file"
  expect 78 plan show missing.yaml
  says "missing.yaml"
}

@test "a plan is shown as Markdown, and as the scripts that do what apply does" {
  expect 0 plan upgrade head -o plan.yaml
  expect 0 plan show plan.yaml --format markdown
  says "### Plan: dbfleet upgrade head" "**3 targets to do**" '```sql'
  expect 0 plan upgrade head --format markdown
  says "### Plan: dbfleet upgrade head"
  "$DBFLEET" plan show plan.yaml --format sql >script.sql
  "$DBFLEET" plan show plan.yaml --format sql --path p1 | cmp - script.sql
  sqlite3 a1.db <script.sql >/dev/null
  expect 0 apply plan.yaml --yes
  says "2 done, 1 unchanged"
  expect 64 plan show plan.yaml --format sql --path p9
  says "the plan has no path p9"
  echo "SELECT 1;" >>"$(ls versions/*3*.sql)"
  sed -i 's/^-- migrate:down/CREATE TABLE other (n int);\n&/' "$(ls versions/*3*.sql)"
  expect 78 plan show plan.yaml --format sql
  says "was changed since the plan was made"
  expect 0 plan show plan.yaml --format markdown
  says "**1 section is not as planned any more**"
}

@test "SQL with variables is shown for one target" {
  revision r9 "$(basename "$(ls versions/*3*.sql)" | cut -d_ -f1)" "own" <<'SQL'
-- migrate:up
CREATE TABLE {{ who | ident }} (n int);
-- migrate:down
DROP TABLE {{ who | ident }};
SQL
  echo "targets: [{name: a-1, url: 'sqlite:a1.db', vars: {who: me}}, {name: a-2, url: 'sqlite:a2.db', vars: {who: you}}]" >inventory.yaml
  expect 0 plan upgrade head -o plan.yaml
  expect 64 plan show plan.yaml --format sql
  says "path p1 uses {{ who }}" "choose one of its targets with -l"
  expect 0 plan show plan.yaml --format sql -l a-2
  says 'CREATE TABLE "you"'
  sed -i 's/you/they/' inventory.yaml
  expect 78 plan show plan.yaml --format sql -l a-2
  says "the variables of target a-2 are not those of the plan"
}

@test "two plans are compared" {
  expect 0 plan upgrade +1 -o before.yaml
  expect 0 plan upgrade +2 -o after.yaml --max-failures 2
  expect 0 plan diff before.yaml after.yaml
  says 'max_failures: "0" -> "2"' "3 targets: path:"
  expect 2 plan diff before.yaml after.yaml --exit-code
  expect 0 plan diff before.yaml before.yaml --exit-code
  says "the same plan"
  expect 0 plan diff before.yaml after.yaml --format json
  [ "$(json '.different')" = true ]
  expect 64 plan diff before.yaml after.yaml --format markdown
  expect 64 plan diff before.yaml
}

@test "one revision more changes one line, not one for each target" {
  expect 0 plan upgrade +1 -o before.yaml
  expect 0 plan upgrade +2 -o after.yaml
  changed=$(diff before.yaml after.yaml | grep '^[<>]' | grep -vcE '^. (created|goals|digest|    digest)')
  [ "$changed" -le 1 ]
}

@test "a secret written out in a gate is in no plan file" {
  cat >>dbfleet.yaml <<'YAML'
rollout: {gates: [{http: "https://h/ok", headers: {Authorization: "Bearer abc"}}]}
YAML
  expect 78 plan upgrade head -o plan.yaml
  says "the header Authorization of a gate or throttle holds a secret"
  [ ! -e plan.yaml ]
}

@test "a password in the URL of a gate is in no plan file, and not in the name of the gate" {
  cat >>dbfleet.yaml <<'YAML'
rollout: {gates: [{http: "https://ops:hush-hush@mon/api/health?page=1"}]}
YAML
  expect 78 plan upgrade head -o plan.yaml
  says "the URL of a gate or throttle" "this password can be read by whoever reads the file"
  [ ! -e plan.yaml ]
  sed -i 's/hush-hush/${env:MON}/' dbfleet.yaml
  expect 0 plan upgrade head -o plan.yaml
  expect 0 plan show plan.yaml --format markdown
  ! [[ $output == *ops:* ]]
}

@test "a plan is one HTML page that asks for nothing" {
  expect 0 plan upgrade head -o plan.yaml
  "$DBFLEET" plan show plan.yaml --format html >plan.html
  grep -q '<title>Plan: upgrade head' plan.html
  grep -q "CREATE TABLE\|create table" plan.html
  ! grep -oE '(src|href)="(https?:)?//[^"]*"' plan.html
}

@test "every key of the JSON of plan files is in their reference" {
  cat >>dbfleet.yaml <<<'rollout: {waves: [a-1, rest]}'
  expect 0 plan upgrade +1 -o before.yaml
  expect 0 plan upgrade head -o after.yaml
  { "$DBFLEET" plan show after.yaml --format json | jq 'del(.rollout)'; "$DBFLEET" plan diff before.yaml after.yaml --format json; } |
    jq -r '[paths | .[-1] | strings] | unique | .[]' | sort -u >keys
  [ "$(wc -l <keys)" -gt 30 ]
  while read -r key; do
    grep -qE "[\`.]$key[\`[]" "$DBFLEET_SOURCE/docs/reference/plan-files.md" || { echo "not documented: $key"; return 1; }
  done <keys
}
