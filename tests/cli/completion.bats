#!/usr/bin/env bats
# Completion in the shells themselves: what a person types and presses Tab behind.

bats_require_minimum_version 1.5.0

setup() {
  mkdir -p "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/project/versions"
  ln -s "$DBFLEET" "$BATS_TEST_TMPDIR/bin/dbfleet"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH
  cd "$BATS_TEST_TMPDIR/project"
  printf '%s\n' 'version: 1' 'inventory: inventory.yaml' 'tracks: {default: {versions: versions}, audit: {versions: audit}}' >dbfleet.yaml
  mkdir audit
  cat >inventory.yaml <<'YAML'
groups:
  canaries: {targets: [{name: acme, url: "sqlite:acme.db", create: true}]}
  europe:
    targets: [{name: zebra, url: "sqlite:zebra.db", create: true}]
    discover: [{exec: [touch, asked]}]
YAML
  printf -- '-- revision: 4b1f0c27a9de\n-- revises:\n\n-- migrate:up\ncreate table t (i int);\n' >versions/4b1f0c27a9de_t.sql
}

# tab SHELL TEXT: what the line is after Tab.
tab() {
  case $1 in
  fish) fish --no-config -c 'dbfleet completion fish | source; complete -C $argv[1]' "$2" | cut -f1 | tr '\n' ' ' ;;
  *) timeout 60 python3 "$DBFLEET_SOURCE/tests/cli/type_in_shell.py" "$1" "$2" ;;
  esac
}

# completes SHELL TEXT WORD
completes() {
  local line
  line=$(tab "$1" "$2")
  [[ $line == *"$3"* ]] || { echo "$1: \"$2\" became: $line; wanted $3"; return 1; }
}

needs() {
  command -v "$1" >/dev/null || skip "$1 is not installed"
}

all_completions() {
  needs "$1"
  completes "$1" 'dbfleet upg' upgrade
  completes "$1" 'dbfleet upgrade --max-unr' --max-unreachable
  completes "$1" 'dbfleet upgrade 4b1' 4b1f0c27a9de
  completes "$1" 'dbfleet upgrade -l can' canaries
  completes "$1" 'dbfleet inventory show zeb' zebra
  completes "$1" 'dbfleet -n au' audit
  sed -i '/discover/d' inventory.yaml
  dbfleet upgrade head --yes >/dev/null 2>&1
  completes "$1" 'dbfleet report 20' "$(dbfleet runs --format json | jq -r '.[0].run')"
  [ ! -e asked ] || { echo 'a source was asked'; return 1; }
}

@test "bash completes commands, options, revisions, groups, targets, tracks and runs" {
  all_completions bash
}

@test "zsh completes commands, options, revisions, groups, targets, tracks and runs" {
  all_completions zsh
}

@test "fish completes commands, options, revisions, groups, targets, tracks and runs" {
  all_completions fish
}

@test "completion is silent, whatever is wrong" {
  echo 'targets: [' >inventory.yaml
  run --separate-stderr timeout 60 dbfleet __complete -- TARGET a
  [ -z "$output$stderr" ]
  echo 'nonsense' >dbfleet.yaml
  run --separate-stderr timeout 60 dbfleet __complete -- REVISION a
  [ -z "$output$stderr" ]
  cd /
  run --separate-stderr timeout 60 dbfleet __complete -- RUN a
  [ -z "$output$stderr" ]
}
