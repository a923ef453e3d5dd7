#!/usr/bin/env bats
# What the tutorial and the README show is what the program prints.

@test "the tutorial's commands print what it shows" {
  "$DBFLEET_SOURCE/tests/docs/run-document" "$DBFLEET_SOURCE/docs/tutorial.md"
}

@test "the README's commands print what it shows" {
  "$DBFLEET_SOURCE/tests/docs/run-document" "$DBFLEET_SOURCE/README.md"
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
