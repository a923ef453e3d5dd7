#!/usr/bin/env bats
# The reference is what the program says of itself.

setup() {
  cd "$BATS_TEST_TMPDIR"
}

@test "commands.md is what the program prints" {
  "$DBFLEET" __reference >commands.md
  diff -u "$DBFLEET_SOURCE/docs/reference/commands.md" commands.md || {
    echo 'to bring it up to date: dbfleet __reference > docs/reference/commands.md'
    return 1
  }
}

@test "the manual page is one, without a warning, and names every command" {
  "$DBFLEET" __man 2026-01-01 >dbfleet.1
  run groff -man -Tutf8 -ww -z dbfleet.1
  echo "$output"
  [ "$status" = 0 ] && [ -z "$output" ]
  sed -n 's/^## dbfleet //p' "$DBFLEET_SOURCE/docs/reference/commands.md" >expected
  sed -n 's/^\.SS //p' dbfleet.1 | tr -d '\\' >sections
  diff expected sections
}

@test "every command has a manual page of its own, without a warning" {
  local command
  cmake -DPROGRAM="$DBFLEET" -DDATE=2026-01-01 -DFOLDER=man1 -P "$DBFLEET_SOURCE/cmake/manual.cmake"
  for command in $(sed -n 's/^## dbfleet //p' "$DBFLEET_SOURCE/docs/reference/commands.md"); do
    [ -s "man1/dbfleet-$command.1" ] || { echo "no page of $command"; return 1; }
  done
  run groff -man -Tutf8 -ww -z man1/*.1
  echo "$output"
  [ "$status" = 0 ] && [ -z "$output" ]
  if command -v mandoc >/dev/null; then
    run mandoc -T lint -W warning man1/*.1
    echo "$output"
    [ "$status" = 0 ]
  fi
  groff -man -Tutf8 man1/dbfleet-upgrade.1 | grep -q 'dbfleet-upgrade - Bring targets up to a revision'
}

@test "completions are printed for three shells" {
  local shell
  for shell in bash zsh fish; do
    "$DBFLEET" completion $shell >completion
    [ "$(wc -l <completion)" -gt 5 ]
  done
  "$DBFLEET" completion bash >completion.bash
  bash -n completion.bash
}

@test "exit-codes.md has every code that the program documents" {
  local code
  for code in $(sed -n '/^## Exit codes/,$s/^| `\([0-9]*\)` .*/\1/p' "$DBFLEET_SOURCE/docs/reference/commands.md"); do
    grep -q "^| $code |" "$DBFLEET_SOURCE/docs/reference/exit-codes.md" || { echo "$code is missing"; return 1; }
  done
}

# Prints every key of the JSON on stdin once.
keys() {
  jq -r '[.. | objects | keys[]] | unique[]'
}

@test "report-json.md names every key that is printed" {
  "$DBFLEET" init .
  cp "$DBFLEET_SOURCE"/plans/examples/demo/*.sql versions/
  printf '%s\n' 'defaults: {create: true, vars: {plan: standard}}' 'targets:' '  - {name: a, url: "sqlite:../data/a.db"}' \
    '  - {name: b, url: "sqlite:../data/b.db", vars: {plan: enterprise}}' '  - {name: c, url: "sqlite:../no/c.db", create: false}' \
    >inventory/fleet.yaml
  "$DBFLEET" upgrade head --yes --max-failures 5 --format json >report.json || [ $? = 1 ]
  jq -e '.targets[] | select(.target == "b") | .failure.class == "statement"' report.json
  "$DBFLEET" plan downgrade base --format json >plan.json || [ $? = 4 ]
  "$DBFLEET" status --format json >status.json || [ $? = 4 ] # one target cannot be reached
  "$DBFLEET" current --format json >current.json || [ $? = 4 ]
  "$DBFLEET" runs --format json >runs.json
  "$DBFLEET" doctor --format json >doctor.json || [ $? = 4 ]
  sqlite3 data/a.db 'create table drifted (i int)'
  "$DBFLEET" drift --repair-sql - --format json >drift.json || [ $? = 2 ] || [ $? = 1 ]
  jq -e '.clusters[] | select(.verdict == "drifted") | .repair.sql' drift.json
  "$DBFLEET" lint --all --dialects sqlite --format json >lint.json || [ $? = 1 ]
  echo "create table wanted (i int);" >schema/wanted.sql
  "$DBFLEET" check -x plan=standard --dialects sqlite --format json >schema_check.json || [ $? = 2 ]
  "$DBFLEET" test -x plan=standard --dialects sqlite --format json >test.json
  "$DBFLEET" explain b --format json >explain.json
  "$DBFLEET" inventory list --format json >list.json
  "$DBFLEET" inventory show --format json >show.json
  "$DBFLEET" inventory check --format json >check.json
  "$DBFLEET" inventory graph --format json >graph.json
  local key keys missing=0
  keys=$(cat ./*.json | keys)
  [ "$(wc -w <<<"$keys")" -gt 60 ]
  for key in $keys; do
    grep -qF "\`$key\`" "$DBFLEET_SOURCE/docs/reference/report-json.md" || { echo "$key is not in report-json.md"; missing=1; }
  done
  [ $missing = 0 ]
}

# names FILE ARRAY: the texts of a table of names in the source.
names() {
  sed -n "/$2\[[A-Z_]*\] = {/,/^};/p" "$DBFLEET_SOURCE/$1" | grep -o '"[a-z-]*"' | tr -d '"' | grep -vx none
}

@test "report-json.md names every outcome, problem and class of error" {
  local name missing=0
  {
    names src/run/results.c outcome_names
    names src/run/job/failure.c step_error_names
    names plans/planner.c problems
    names drivers/db_error.c class_names
  } >all
  [ "$(wc -l <all)" -gt 45 ]
  while read -r name; do
    grep -qF "\`$name\`" "$DBFLEET_SOURCE"/docs/reference/{report-json,connections}.md || { echo "$name is nowhere"; missing=1; }
  done <all
  [ $missing = 0 ]
}

@test "every relative link in the documents leads somewhere" {
  "$DBFLEET_SOURCE/tests/docs/check-links" "$DBFLEET_SOURCE"
}

@test "report-json.md names every subject of a finding" {
  local name missing=0
  cat "$DBFLEET_SOURCE"/drivers/*/examine*.c "$DBFLEET_SOURCE"/drivers/examination.c "$DBFLEET_SOURCE"/src/run/doctor/doctor_*.c |
    tr -d '\n' | grep -oE '(FINDING_(OK|NOTE|WARNING|ERROR)|FINDING_ERROR : FINDING_[A-Z]+|level), *"[a-z-]+"|query\([^"]*"[a-z-]+"|\[PROBLEM_[A-Z_]+\] = "[a-z-]+"' |
    grep -oE '"[a-z-]+"' | tr -d '"' | sort -u >subjects
  [ "$(wc -l <subjects)" -gt 30 ]
  while read -r name; do
    grep -qF "\`$name\`" "$DBFLEET_SOURCE/docs/reference/report-json.md" || { echo "$name is not in report-json.md"; missing=1; }
  done <subjects
  [ $missing = 0 ]
}
