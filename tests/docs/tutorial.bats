#!/usr/bin/env bats
# What the tutorial and the README show is what the program prints.

@test "the tutorial's commands print what it shows" {
  "$DBFLEET_SOURCE/tests/docs/run-document" "$DBFLEET_SOURCE/docs/tutorial.md"
}

@test "the README's commands print what it shows" {
  "$DBFLEET_SOURCE/tests/docs/run-document" "$DBFLEET_SOURCE/README.md"
}

@test "the how-to of a night that goes wrong prints what it shows" {
  "$DBFLEET_SOURCE/tests/docs/run-document" "$DBFLEET_SOURCE/docs/how-to/when-a-night-goes-wrong.md"
}

@test "the how-to of the nightly upgrade prints what it shows" {
  "$DBFLEET_SOURCE/tests/docs/run-document" "$DBFLEET_SOURCE/docs/how-to/nightly-upgrade.md"
}

# fenced FILE LANGUAGE START: the block of that language whose text has START.
fenced() {
  awk -v fence="\`\`\`$2" -v start="$3" '$0 == fence { text = ""; on = 1; next } /^```/ { if (on && index(text, start)) printf "%s", text; on = 0 } on { text = text $0 "\n" }' "$1"
}

@test "the inventory, the project, the units and the job of the nightly upgrade are ones" {
  cd "$BATS_TEST_TMPDIR"
  mkdir inventory versions
  local page=$DBFLEET_SOURCE/docs/how-to/nightly-upgrade.md
  fenced "$page" yaml '# dbfleet.yaml' >dbfleet.yaml
  fenced "$page" yaml '# inventory/eu.yaml' >inventory/eu.yaml
  export SLACK_WEBHOOK=http://127.0.0.1:1/
  "$DBFLEET" inventory check
  fenced "$page" yaml 'kind: CronJob' >job.yaml
  grep -q 'concurrencyPolicy: Forbid' job.yaml
  if python3 -c 'import yaml' 2>/dev/null; then
    python3 -c 'import yaml; yaml.safe_load(open("job.yaml"))'
  fi
  fenced "$page" ini dbfleet-nightly.service | sed 's|^ExecStart=.*|ExecStart=/bin/true|;s|^OnFailure=.*||' >dbfleet-nightly.service
  fenced "$page" ini dbfleet-nightly.timer >dbfleet-nightly.timer
  grep -q OnCalendar dbfleet-nightly.timer
  if command -v systemd-analyze >/dev/null; then
    run systemd-analyze verify --man=no ./dbfleet-nightly.service ./dbfleet-nightly.timer
    [[ $output != *dbfleet-nightly*:[0-9]*:* ]] || { echo "$output"; return 1; }
  fi
}

@test "a document whose commands print something else is noticed" {
  printf '```console\n$ dbfleet --version\ndbfleet 99.0\n```\n' >"$BATS_TEST_TMPDIR/wrong.md"
  run "$DBFLEET_SOURCE/tests/docs/run-document" "$BATS_TEST_TMPDIR/wrong.md"
  [ "$status" = 1 ]
  [[ "$output" == *"99.0"*"1 commands, 1 print something else"* ]]
}

@test "a document without commands is noticed" {
  echo 'no blocks' >"$BATS_TEST_TMPDIR/empty.md"
  run "$DBFLEET_SOURCE/tests/docs/run-document" "$BATS_TEST_TMPDIR/empty.md"
  [ "$status" = 1 ]
}
