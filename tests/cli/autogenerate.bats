#!/usr/bin/env bats
# revision --autogenerate on SQLite, which needs no server: what is written leads to the schema files and back, and nothing is kept
# that does not.

load ../fleet/lib

setup() {
  cd "$BATS_TEST_TMPDIR" && mkdir versions schema
  echo "version: 1" >dbfleet.yaml
  : >a.db
}

# generate ARG...: a revision from the schema files; its text is in $file.
generate() {
  run --separate-stderr "$DBFLEET" revision --autogenerate "$@"
  [ "$status" = 0 ] || { show "exit code $status"; return 1; }
  file=$(head -n 1 <<<"$output")
}

# refuses CODE TEXT ARG...: it ends with that code and says the text, and no file is left.
refuses() {
  local code=$1 text=$2 before
  shift 2
  before=$(ls versions)
  run --separate-stderr "$DBFLEET" revision --autogenerate "$@"
  same "$code" "$status"
  says "$text"
  same "$before" "$(ls versions)"
}

has() { grep -qF -- "$1" "$file" || { cat "$file"; echo "lacks: $1"; return 1; }; }
lacks() { ! grep -qF -- "$1" "$file" || { cat "$file"; echo "has: $1"; return 1; }; }

schema_of() { sqlite3 "$1" "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'dbfleet%' AND name NOT LIKE 'sqlite%' ORDER BY 1, 2"; }

@test "a first revision makes the schema, in an order that works, and takes it away again" {
  cat >schema/b.sql <<'SQL'
CREATE VIEW large AS SELECT id FROM orders WHERE total > 100;
CREATE TABLE orders (id INTEGER PRIMARY KEY, total NUMERIC NOT NULL, customer INT NOT NULL REFERENCES customers (id));
SQL
  echo "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);" >schema/a.sql
  generate -m "orders and customers"
  has "-- message: orders and customers"
  has "--   table orders: created"
  "$DBFLEET" upgrade head --url sqlite:a.db --yes
  sqlite3 b.db <schema/a.sql && sqlite3 b.db <schema/b.sql
  same "$(schema_of b.db)" "$(schema_of a.db)"
  "$DBFLEET" downgrade base --url sqlite:a.db --yes
  same "" "$(schema_of a.db)"
}

@test "nothing to do is said, nothing is written, and the exit code is 0" {
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY);" >schema/t.sql
  generate -m one
  generate -m two
  same "" "$output"
  says "nothing to do"
  same 1 "$(ls versions | wc -l)"
}

@test "what loses data is marked where it happens and told above; without a way back if that is asked for" {
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);" >schema/t.sql
  generate -m one
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);" >schema/t.sql
  generate -m two
  has "-- dbfleet:data-loss column t.b"
  has "-- Gone for good once it ran:"
  has "-- migrate:down"
  rm "$file"
  generate -m two --no-down-for-data-loss
  has "-- dbfleet:irreversible column t.b"
  lacks "-- migrate:down"
}

@test "a rename is never guessed: it is proposed, and made when it is typed" {
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY, old TEXT);" >schema/t.sql
  generate -m one
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY, new TEXT);" >schema/t.sql
  generate -m two
  says "--rename column:t.old=new"
  has "DROP COLUMN"
  rm "$file"
  generate -m two --rename column:t.old=new
  has "RENAME COLUMN old TO new"
  lacks "DROP COLUMN"
  lacks "data-loss"
}

# on_a_terminal ANSWER ARG...: the command with a terminal to ask on.
on_a_terminal() {
  local answer=$1
  shift
  run bash -c "(sleep 0.5; printf '$answer') | script -qec '$DBFLEET revision --autogenerate $*' /dev/null"
}

@test "on a terminal it is asked; the answer decides, and an interrupt writes nothing" {
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY, old TEXT);" >schema/t.sql
  generate -m one
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY, new TEXT);" >schema/t.sql
  on_a_terminal '\003' -m two
  same 130 "$status"
  same 1 "$(ls versions | wc -l)"
  on_a_terminal 'y\n' -m two
  [[ $output == *"is column t.old renamed to new?"* ]]
  grep -q "RENAME COLUMN old TO new" versions/*two.sql
  rm versions/*two.sql
  on_a_terminal 'n\n' -m two
  grep -q "DROP COLUMN old" versions/*two.sql
}

@test "a hint in a schema file is a rename that was said; once made it stays without effect" {
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY, old TEXT);" >schema/t.sql
  generate -m one
  printf 'CREATE TABLE t (id INTEGER PRIMARY KEY,\n  new TEXT -- dbfleet:renamed-from old\n);\n' >schema/t.sql
  generate -m two
  has "RENAME COLUMN old TO new"
  generate -m three
  says "nothing to do"
}

@test "a table that is made anew keeps its rows, up and down" {
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);" >schema/t.sql
  generate -m one
  "$DBFLEET" upgrade head --url sqlite:a.db --yes
  sqlite3 a.db "INSERT INTO t VALUES (1, 'x'), (2, 'y')"
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL CHECK (a <> ''));" >schema/t.sql
  generate -m two
  has "foreign_keys:off"
  "$DBFLEET" upgrade head --url sqlite:a.db --yes
  same "1|x 2|y" "$(sqlite3 a.db 'SELECT * FROM t' | xargs)"
  "$DBFLEET" downgrade -1 --url sqlite:a.db --yes
  same "1|x 2|y" "$(sqlite3 a.db 'SELECT * FROM t' | xargs)"
}

@test "what only goes without rows is told, in the file too" {
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY);" >schema/t.sql
  generate -m one
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL);" >schema/t.sql
  generate -m two
  says "fails where tables have rows: NOT NULL"
  has "--   fails where tables have rows: NOT NULL"
}

@test "a target can be where it begins" {
  sqlite3 live.db "CREATE TABLE t (id INTEGER PRIMARY KEY, extra TEXT)"
  echo "targets: [{name: live, url: 'sqlite:live.db'}]" >inventory.yaml
  echo "inventory: inventory.yaml" >>dbfleet.yaml
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY);" >schema/t.sql
  generate -m trim --from-target live
  has "DROP COLUMN extra"
  lacks "CREATE TABLE t"
  same "CREATE TABLE t (id INTEGER PRIMARY KEY, extra TEXT)" "$(sqlite3 live.db 'SELECT sql FROM sqlite_schema')"
  refuses 78 "no target nobody" -m x --from-target nobody
}

@test "one dialect is a section without a name" {
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY);" >schema/t.sql
  generate -m one --dialects sqlite
  has "-- migrate:up"
  lacks "migrate:up sqlite"
}

@test "schema files that do not load are told with file and line" {
  printf 'CREATE TABLE t (id INTEGER PRIMARY KEY);\nCREATE VIEW v AS SELECT nothing FROM nowhere;\n' >schema/t.sql
  refuses 78 "t.sql:2" -m one
  rm -r schema
  refuses 78 "schema dump" -m one
}

@test "options that make no sense are refused before anything is tried" {
  refuses 64 "--dialects does" -m x --sql-dialects sqlite
  refuses 64 "column:TABLE.OLD=NEW" -m x --rename nonsense
  echo "CREATE TABLE t (id INTEGER PRIMARY KEY);" >schema/t.sql
  refuses 78 "nothing of the old name" -m x --rename column:t.a=b
}

@test "text that looks like a variable stays text" {
  printf "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT '{{ b | raw }}');\n" >schema/t.sql
  generate -m one
  "$DBFLEET" upgrade head --url sqlite:a.db --yes
  [[ $(schema_of a.db) == *"'{{ b | raw }}'"* ]]
}
