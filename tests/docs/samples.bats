#!/usr/bin/env bats
# docs/samples is what the program makes of a real run, and each form is what its readers take.

samples=$DBFLEET_SOURCE/docs/samples

@test "the samples are those that scripts/sample-reports writes now" {
  "$DBFLEET_SOURCE/scripts/sample-reports" --check || {
    echo 'to bring them up to date: scripts/sample-reports'
    return 1
  }
}

@test "the samples are of the forms that they stand for" {
  cd "$DBFLEET_SOURCE"
  tests/report/check-json docs/report.schema.json docs/samples/run.json
  tests/report/check-json docs/events.schema.json docs/samples/run.ndjson
  tests/report/check-metrics docs/samples/run.prom >/dev/null
  xmllint --noout --schema tests/report/junit.xsd docs/samples/run.xml
  [[ $(head -c 15 docs/samples/run.html | tr A-Z a-z) == '<!doctype html>' ]]
  [[ $(head -n 1 docs/samples/run.md) == '### HALTED: dbfleet upgrade head'* ]]
}

@test "the samples hold nothing of the machine that made them" {
  ! grep -rlE "$(hostname)|/tmp/|$HOME/" "$samples"
}

@test "there is a sample of each form" {
  cd "$BATS_TEST_TMPDIR"
  "$DBFLEET" report --help | tr -s ' \n' ' ' | grep -oE 'one of [a-z, ]*' | head -n 1 >forms
  local form
  for form in text:txt json:json markdown:md junit:xml html:html metrics:prom ndjson:ndjson; do
    grep -qw "${form%:*}" forms
    [ -s "$samples/run.${form#*:}" ]
    sed -i "s/\b${form%:*}\b//" forms
  done
  grep -qE '^one of [, ]*$' forms || { cat forms; return 1; }
}
