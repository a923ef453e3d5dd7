#!/usr/bin/env bats
# The pages of lint's rules are what the table of rules says.

setup() {
  cd "$BATS_TEST_TMPDIR"
}

pages() {
  echo "$DBFLEET_SOURCE/docs/reference/lint"
}

@test "the index has the table of rules as the program prints it" {
  "$DBFLEET" __reference lint >table
  grep '^|' "$(pages)/README.md" >index
  diff -u index table
}

@test "every rule has its page, which begins as the program says, with an example and a source" {
  local rule missing=0 page
  for rule in $("$DBFLEET" __reference lint | sed -n 's/^| \[\([A-Z0-9]*\)\].*/\1/p'); do
    page=$(pages)/$rule.md
    "$DBFLEET" __reference "$rule" >head
    cmp -s <(head -c "$(wc -c <head)" "$page") head || { echo "$page does not begin as dbfleet __reference $rule prints"; missing=1; }
    grep -q '^```sql found' "$page" && grep -q '^```sql fine' "$page" && grep -q '^Source: ' "$page" || { echo "$page lacks an example or its source"; missing=1; }
  done
  [ $missing = 0 ]
}

@test "there is no page without a rule" {
  local page
  for page in "$(pages)"/[A-Z][A-Z][0-9][0-9].md; do
    "$DBFLEET" __reference "$(basename "$page" .md)" >/dev/null
  done
}
