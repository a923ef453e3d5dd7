#!/usr/bin/env bats
# --events: what happens in a run as lines of JSON, for whoever reads them, however slowly.
load ../fleet/lib

setup() {
  new_project
  table_chain 2
  cat >inventory.yaml <<'YAML'
defaults: {create: true}
targets: [{name: "t{1..3}", url: "sqlite:t{1..3}.db"}, {name: lost, url: "sqlite:no/lost.db", create: false}]
YAML
}

fits_the_schema() {
  "$DBFLEET_SOURCE/tests/report/check-json" "$DBFLEET_SOURCE/docs/events.schema.json" "$@"
}

@test "the lines of a file fit the schema and are those of the ledger" {
  expect 4 upgrade head --yes --events events.ndjson
  fits_the_schema events.ndjson
  same 'began target-finished' "$(jq -rs '[.[0].type, .[-2].type] | join(" ")' events.ndjson)"
  same '3 6 4' "$(jq -rs '[(map(select(.type == "target-started")) | length), (map(select(.type == "step-started")) | length),
    (map(select(.type == "finished"))[0].exit_code)] | join(" ")' events.ndjson)"
  same '1 2 3' "$(jq -rs '[.[:3][].number] | join(" ")' events.ndjson)"
  expect 0 report --format ndjson
  same "$(cat events.ndjson)" "$output"
}

@test "a second run adds to the file, and its lines carry its own id" {
  expect 4 upgrade head --yes --events events.ndjson
  expect 4 downgrade base --yes --events events.ndjson
  fits_the_schema events.ndjson
  same 2 "$(jq -r .run events.ndjson | sort -u | wc -l)"
  same 'upgrade downgrade' "$(jq -r 'select(.type == "began").command' events.ndjson | xargs)"
}

@test "with - standard output is the stream and the report goes to standard error" {
  expect 4 upgrade head --yes --quiet --events -
  printf '%s\n' "$output" >events.ndjson
  fits_the_schema events.ndjson
  [[ $stderr == INCOMPLETE* ]]
  expect 64 upgrade head --yes --events - --format json
  says '--report FILE.json'
}

@test "a place that cannot be written is found before anything is changed" {
  expect 78 upgrade head --yes --events nosuch/events.ndjson
  says 'nothing was changed' 'nosuch/events.ndjson'
  [ ! -e t1.db ]
}

@test "a full disk is a warning of the run, not its failure" {
  expect 0 upgrade head --yes -l 't*' --events /dev/full
  says 'warning: --events: /dev/full: No space left on device'
  expect 0 report --format json
  same '--events: /dev/full: No space left on device' "$(json '.warnings[0]' | cut -d';' -f1)"
}

@test "a reader that leaves is a warning, and one that never comes too" {
  mkfifo fifo
  timeout 100 head -n 1 fifo >first &
  expect 0 upgrade head --yes -l 't*' --events fifo
  wait
  same began "$(jq -r .type first)"
  expect 0 downgrade base --yes -l 't*' --events fifo
  says 'fifo: nobody reads it' 'did not arrive'
}

@test "a reader that is stuck does not stop a run, and is told what it missed" {
  local i
  for i in $(seq 1 400); do echo "  - {name: many_$i, url: \"sqlite:many_$i.db\", create: true}"; done |
    { echo targets:; cat; } >inventory.yaml
  mkfifo fifo
  timeout 100 sleep 100 <fifo & # holds it open and reads nothing
  local sleeper=$!
  expect 0 upgrade head --yes --quiet -j4 --events fifo
  kill "$sleeper"
  says 'its reader is too slow'
  expect 0 report --format json
  same 400 "$(json .outcomes.done)"
}

@test "the variable of --events is not that of report --events" {
  DBFLEET_EVENTS=events.ndjson expect 4 upgrade head --yes
  [ -s events.ndjson ]
  DBFLEET_EVENTS=events.ndjson expect 0 report --format markdown
  says INCOMPLETE
}
