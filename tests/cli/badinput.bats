#!/usr/bin/env bats
# Bad input never crashes: whatever is wrong is told with its place, nothing is changed, and the exit code says so.

load ../fleet/lib

setup() {
  new_project
  echo "targets: [{name: a, url: 'sqlite:a.db', create: true}]" >inventory.yaml
  table_revision r01 "" t01
}

teardown() {
  [ -z "${open_folder:-}" ] || { chmod -R u+rwx "$open_folder" && rm -rf "$open_folder"; }
}

# refused TEXT ARG...: dbfleet says the text, ends with an error of its own (no signal, no success), and made no database.
refused() {
  local text=$1
  shift
  run --separate-stderr timeout 100 "$DBFLEET" "$@"
  [ "$status" -gt 0 ] && [ "$status" -lt 124 ] || { show "dbfleet $*: exit code $status"; return 1; }
  says "$text"
  [ ! -e a.db ] || { echo "a database was made"; return 1; }
}

@test "malformed YAML is told with file and line, all of it at once" {
  local at=1
  while IFS= read -r -d '%' yaml; do
    printf '%s' "$yaml" >inventory.yaml
    refused "inventory.yaml:" upgrade head --yes
    same 78 "$status" "$yaml"
    [[ $stderr =~ inventory\.yaml:[0-9]+:[0-9]+:\ error ]] || { show "no place: $yaml"; return 1; }
    at=$((at + 1))
  done < <(printf '%s%%' 'targets: [' 'targets: }' $'\ttargets: []' 'targets: {a: b}' 'targets: [{name: a}]' \
    'targets: [{name: a, url: "sqlite:a.db"}, {name: a, url: "sqlite:b.db"}]' 'targets: [{name: a, url: "sqlite:a.db", name: b}]' \
    'targets: "a' 'a: &x [*x]' 'targets: *none' 'targets: [{name: "a-{3..1", url: "sqlite:a.db"}]' $'targets:\n- {name: a, url: "x:y"}\n  b: c' \
    'targets: [{name: a, url: "sqlite:a.db", per_host: -1}]' 'targets: [{name: a, url: "sqlite:a.db", connect_timeout: soon}]' \
    'defaults: []' 'groups: [a]' '- a' 'targets: [{name: a, url: "postgresql://h:99999/x"}]' $'targets: [{name: "a\x01", url: "sqlite:a.db"}]' \
    $'targets: [{name: "\xff", url: "sqlite:a.db"}]' '!!binary abc' '? [a]' 'groups: {a: {groups: {a: {targets: [{}]}}}}' \
    "$(printf '[%.0s' {1..3000})" "$(printf 'a: {%.0s' {1..3000})")
  [ $at -gt 24 ]
  printf 'targets:\n  - {name: a, urll: "sqlite:a.db"}\n  - {name: b, url: "sqlite:b.db", create: maybe}\n' >inventory.yaml
  refused "inventory.yaml:2:" upgrade head --yes
  says "inventory.yaml:3:" "did you mean"
}

@test "a malformed dbfleet.yaml is told with file and line" {
  for yaml in 'version: 2' 'version: [1]' 'inventry: x' $'version: 1\ntracks: {default: x}' $'version: 1\nrollout: {jobs: many}' \
    $'version: 1\nrollout: {max_failures: 200%}' ': :' '"' $'version: 1\n\tledger: x' 'version: 1e400'; do
    printf '%s\n' "$yaml" >dbfleet.yaml
    refused "dbfleet.yaml:" upgrade head --yes
    same 78 "$status" "$yaml"
    [[ $stderr =~ dbfleet\.yaml:[0-9]+:[0-9]+:\ error ]] || { show "no place: $yaml"; return 1; }
  done
  refused "none.yaml" -c none.yaml status
  refused "a folder" -c versions status
}

# bad_revision TEXT <FILE-CONTENT: a second revision that is refused.
bad_revision() {
  cat >versions/r02_bad.sql
  refused "r02_bad.sql:" upgrade head --yes
  same 78 "$status" "$1"
  says "$1"
  [[ $output$stderr =~ r02_bad\.sql:[0-9]+: ]] || { show "no line"; return 1; }
}

@test "malformed revision files are told with file and line" {
  local head=$'-- revision: r02\n-- revises: r01\n-- message: bad\n'
  bad_revision "nosuch" <<<$'-- revision: r02\n-- revises: nosuch\n-- migrate:up\nselect 1;'
  bad_revision "r01" <<<$'-- revision: r01\n-- revises:\n-- migrate:up\nselect 1;'
  bad_revision "r02" <<<$'-- revision: r02\n-- revises: r02\n-- migrate:up\nselect 1;'
  bad_revision "" <<<"$head"$'-- migrate:up oracle\nselect 1;'
  bad_revision "" <<<"$head"$'-- migrate:up transaction:maybe\nselect 1;'
  bad_revision "" <<<"$head"$'-- migrate:up\nselect 1;\n-- migrate:up\nselect 2;'
  bad_revision "" <<<"$head"$'-- migrate:up\ninsert into t01 values (\'open);'
  bad_revision "" <<<"$head"$'-- migrate:up\nselect 1; /* open'
  bad_revision "COMMIT" <<<"$head"$'-- migrate:up\nselect 1;\nCOMMIT;'
  bad_revision "" <<<"$head"$'-- migrate:up\nselect {{ name }};'
  bad_revision "name" <<<"$head"$'-- migrate:up\nselect {{ name | literal }};'
  bad_revision "" <<<"$head"$'-- migrate:up\nselect 1;\n-- migrate:check\ndelete from t01;'
  bad_revision "" < <(printf '%s-- migrate:up\nselect \xff\xfe;\n' "$head")
  bad_revision "" < <(printf '%s-- migrate:up\nselect 1;\0select 2;\n' "$head")
  printf -- '-- revision: r02\n-- revises: r03\n-- migrate:up\nselect 1;\n' >versions/r02_bad.sql
  printf -- '-- revision: r03\n-- revises: r02\n-- migrate:up\nselect 1;\n' >versions/r03_bad.sql
  refused "r03" upgrade head --yes
  rm versions/r0[23]*
  printf -- '-- revision: r02\n-- revises: r01\n-- migrate:down\nselect 1;\n' >versions/r02_bad.sql
  refused "r02_bad.sql" upgrade head --yes
}

@test "malformed URLs are told and never taken for another database" {
  for url in "" " " ":" "//" "sqlite" "sqlite:" "x" "http://h/db" "postgresql:" "postgresql://" "postgresql://h:p:q/db" "postgresql://[::1/db" \
    "postgresql://h/%zz" "mysql://u@/" "sqlite:a.db?nosuch=1" "sqlite:%00" "postgresql://h/db?sslmode" "mysql://h/db?port=x" \
    "postgresql://h/\${env:NO_SUCH_VARIABLE}" "postgresql://\${env:" "sqlite:/dev/null" "sqlite:/dev/zero" "sqlite:." \
    "sqlite:$(printf 'x%.0s' {1..9000})" $'sqlite:\x01\xff'; do
    refused "" upgrade head --yes --url "$url"
    [ -n "$stderr" ]
  done
}

@test "malformed symbols are told with what may be typed" {
  for symbol in "" + - @ head@ @head a:b:c r01+ r01- r01-99 -99999999999999999999 nosuch r01@nosuch $'\x01\xff' '%s%n' head+1 base-1 : \
    r01:r02 ../../etc/passwd "$(head -c 100000 /dev/zero | tr '\0' x)"; do
    refused "" upgrade --yes -- "$symbol"
    refused "" downgrade --yes -- "$symbol"
    refused "" show -- "$symbol"
    run "$DBFLEET" history -r "$symbol:"
    [ "$status" -lt 124 ]
  done
  for selector in ":" "&" "!" "nosuch" "~(" "~[" "=" "x=" "@" "@nosuch" "@failed:" "@failed:nosuch" "&&" "$(printf 'a:%.0s' {1..5000})b"; do
    refused "" status -l "$selector"
  done
}

@test "binary files are told, not read as what they are not" {
  cp "$DBFLEET" versions/r02_binary.sql
  refused "r02_binary.sql" upgrade head --yes
  rm versions/r02*
  head -c 100000 /dev/urandom >inventory.yaml
  refused "inventory.yaml" upgrade head --yes
  head -c 100000 /dev/urandom >dbfleet.yaml
  refused "dbfleet.yaml" upgrade head --yes
}

@test "a file that is no database is left as it is" {
  head -c 20000 /dev/urandom >random.db
  cp random.db before.db
  echo "targets: [{name: a, url: 'sqlite:random.db', create: true}]" >inventory.yaml
  refused "random.db: file is not a" upgrade head --yes
  expect 4 status
  says "1 unreachable"
  cmp random.db before.db
  echo "targets: [{name: a, url: 'sqlite:versions', create: true}]" >inventory.yaml
  refused "is a folder" plan upgrade head
}

@test "a revision file of 100 MB runs, a configuration of 100 MB is refused" {
  {
    printf -- '-- revision: r02\n-- revises: r01\n-- message: big\n\n-- migrate:up\n'
    yes "insert into t01 (name) values ('$(printf 'x%.0s' {1..2100})');" | head -n 50000
    printf -- '-- migrate:down\ndelete from t01 where id > 1;\n'
  } >versions/r02_big.sql
  [ "$(stat -c %s versions/r02_big.sql)" -gt 100000000 ]
  expect 0 upgrade head --yes
  same 50001 "$(lite a.db 'select count(*) from t01')"
  rm a.db
  sed -i '30000s/insert/inzert/' versions/r02_big.sql
  expect 1 upgrade head --yes
  says "r02_big.sql:30000:1" "inzert" "statement 29995"
  rm a.db
  yes '# a comment that says nothing, again and again and again' | head -c 100000000 >inventory.yaml
  refused "inventory.yaml" upgrade head --yes
  mv inventory.yaml dbfleet.yaml
  refused "dbfleet.yaml" upgrade head --yes
}

# A folder that a user without rights can enter, and a copy of the program there.
unprivileged_project() {
  open_folder=$(mktemp -d "${TMPDIR:-/tmp}/badinput.XXXXXX")
  cp -r . "$open_folder/project"
  cp "$DBFLEET" "$open_folder/dbfleet"
  chmod -R a+rX "$open_folder"
  cd "$open_folder/project"
}

# unprivileged ARG...: dbfleet as a user who may not do everything.
unprivileged() {
  if [ "$(id -u)" = 0 ]; then
    run --separate-stderr setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups "$open_folder/dbfleet" "$@"
  else
    run --separate-stderr "$open_folder/dbfleet" "$@"
  fi
  [ "$status" -gt 0 ] && [ "$status" -lt 124 ] || { show "dbfleet $*: exit code $status"; return 1; }
}

@test "what may not be read or written is told by name" {
  unprivileged_project
  chmod a-rwx versions
  unprivileged upgrade head --yes
  says "versions" "ermission denied"
  chmod a+rx versions
  chmod a-r versions/r01*
  unprivileged upgrade head --yes
  says "r01_table_t01.sql" "ermission denied"
  chmod a+r versions/r01*
  chmod a-r inventory.yaml
  unprivileged upgrade head --yes
  says "inventory.yaml" "ermission denied"
  chmod a+r inventory.yaml
  chmod a-w . # neither a database nor a ledger can be made here
  unprivileged upgrade head --yes
  says "ledger" "project"
  unprivileged revision -m "cannot be written"
  says "versions"
  [ -z "$(find . -name '*.db' -o -name '*cannot*')" ]
}

@test "a read-only database and a read-only ledger are told" {
  expect 0 upgrade head --yes
  table_revision r02 r01 t02
  unprivileged_project
  chmod -R a+rX .
  [ "$(id -u)" = 0 ] || chmod a-w a.db .dbfleet/ledger.db .dbfleet
  unprivileged upgrade head --yes
  says "ledger.db"
  sed -i "s,^ledger:.*,ledger: $open_folder/own/ledger.db," dbfleet.yaml
  mkdir -m 777 "$open_folder/own"
  unprivileged upgrade head --yes
  says "a.db cannot be written"
  same r01 "$(lite a.db 'select version_num from dbfleet_version')"
}

@test "a full disk under the ledger: nothing starts, or no more does" {
  sed -i 's,^ledger:.*,ledger: /dev/full,' dbfleet.yaml
  refused "/dev/full" upgrade head --yes
  sed -i 's,^ledger:.*,ledger: .dbfleet/ledger.db,' dbfleet.yaml
  run --separate-stderr bash -c 'ulimit -f 16; exec "$0" upgrade head --yes' "$DBFLEET"
  same 78 "$status" "$stderr"
  says "ledger"
  [ ! -e a.db ]

  # Targets are small, the ledger grows with every one of them: at some size the run begins and cannot be recorded.
  echo "targets: [{name: 'a{001..600}', url: 'sqlite:data/a{001..600}.db', create: true}]" >inventory.yaml
  mkdir data
  for limit in 100 200 300 400 450 500 600; do
    rm -rf .dbfleet data/*
    run --separate-stderr bash -c 'ulimit -f '$limit'; exec "$0" upgrade head --yes -q' "$DBFLEET"
    [ "$status" = 78 ] || break
    says "cannot be"
    same "" "$(ls data)"
  done
  case $status in
    3) says "the ledger cannot be written" "not-started" ;;
    0) says "could not be recorded" ;; # all was done before the first second was over
    *) show "exit code $status" && return 1 ;;
  esac
}

@test "a full disk under the database: its step is rolled back and told" {
  revision r02 r01 big <<'SQL'
-- migrate:up
create table big (x blob);
insert into big values (zeroblob(3000000));
SQL
  expect 0 upgrade r01 --yes
  run --separate-stderr bash -c 'ulimit -f 1000; exec "$0" upgrade head --yes' "$DBFLEET"
  same 1 "$status" "$stderr"
  says "r02_big.sql:7"
  same r01 "$(lite a.db 'select version_num from dbfleet_version')"
  expect 0 upgrade head --yes
}

@test "output that cannot be written is an error" {
  for command in "plan upgrade head" status current "history" "inventory list" "heads" "status --format json"; do
    run --separate-stderr bash -c '"$0" '"$command"' >/dev/full' "$DBFLEET"
    [ "$status" -gt 0 ] && [ "$status" -lt 124 ] || { show "$command: exit code $status"; return 1; }
    says "standard output cannot be written"
  done
  run --separate-stderr bash -c '"$0" history | true; exit ${PIPESTATUS[0]}' "$DBFLEET"
  [ "$status" -lt 124 ]
}

@test "a word with a slip gets the nearest one that exists" {
  while IFS='|' read -r meant words; do
    refused "$meant" $words
  done <<'CASES'
did you mean 'upgrade'?|upgrad head
did you mean --max-failures?|upgrade --max-failurs 3
did you mean upgrade?|plan upgrad head
did you mean list?|inventory lst
did you mean fish?|completion fissh
did you mean r01?|plan upgrade r0l
did you mean default?|-n defualt heads
did you mean sqlite?|upgrade r01 --sql --dialect sqlit
CASES
  printf '%s\n' 'groups: {canary: {targets: [{name: acme-1, url: "sqlite:b.db"}, {name: acme-2, url: "sqlite:c.db"}]}}' >inventory.yaml
  refused 'did you mean' status -l cannary
  refused 'did you mean "acme-1"?' inventory show acne-1
  refused 'did you mean "acme-2"?' explain amce-2
}
