# Shared ground of the tests of the whole program: a project folder, databases on the test servers, a look into them.
# A file that needs servers sets PREFIX, calls drop_databases in setup_file and teardown_file, and names its databases
# PREFIX_something; files may run beside each other.
bats_require_minimum_version 1.5.0

# url_part REGEX URL: what the first group of the expression takes.
url_part() {
  [[ $2 =~ $1 ]] && echo "${BASH_REMATCH[1]}"
}

use_servers() {
  export POSTGRES_PASSWORD MYSQL_SECRET POSTGRES_PORT MYSQL_PORT
  POSTGRES_PORT=$(url_part ':([0-9]+)/' "$DBFLEET_TEST_POSTGRES")
  MYSQL_PORT=$(url_part ':([0-9]+)/' "$DBFLEET_TEST_MYSQL")
  POSTGRES_PASSWORD=$(url_part '//postgres:([^@]*)@' "$DBFLEET_TEST_POSTGRES")
  MYSQL_SECRET=$(url_part '//admin:([^@]*)@' "$DBFLEET_TEST_MYSQL")
  POSTGRES_URL="postgresql://postgres@127.0.0.1:$POSTGRES_PORT"
  MYSQL_URL="mysql://admin@127.0.0.1:$MYSQL_PORT"
  POSTGRES_LOGIN='password: "${env:POSTGRES_PASSWORD}"'
  MYSQL_LOGIN='password: "${env:MYSQL_SECRET}"'
}

# ---- A project -----------------------------------------------------------------------------------------------------

# new_project: makes this test's own folder the current one, with a dbfleet.yaml and an empty versions folder.
new_project() {
  mkdir -p "$BATS_TEST_TMPDIR/project/versions"
  cd "$BATS_TEST_TMPDIR/project"
  printf '%s\n' 'version: 1' 'inventory: inventory.yaml' 'ledger: .dbfleet/ledger.db' >dbfleet.yaml
}

# revision ID PARENTS MESSAGE <SECTIONS
revision() {
  {
    printf -- '-- revision: %s\n-- revises: %s\n-- message: %s\n\n' "$1" "$2" "$3"
    cat
  } >"versions/$1_${3// /_}.sql"
}

# table_revision ID PARENT TABLE: one that makes a table with a row, and drops it.
table_revision() {
  revision "$1" "$2" "table $3" <<SQL
-- migrate:up
create table $3 (id integer primary key, name varchar(40) not null);
insert into $3 (id, name) values (1, '$3');

-- migrate:down
drop table $3;
SQL
}

# table_chain N: revisions r01 to rN, each with its table t01 to tN.
table_chain() {
  local i parent=
  for i in $(seq -f %02g "$1"); do
    table_revision "r$i" "$parent" "t$i"
    parent=r$i
  done
}

# counting SECONDS: how far SQLite counts in that time on this machine; for steps that must last. The quickest of three tries counts: the
# machine may be busier now than later.
counting() {
  local begin end best=0 try
  for try in 1 2 3; do
    begin=${EPOCHREALTIME/[.,]/}
    sqlite3 :memory: 'with recursive n (i) as (select 1 union all select i + 1 from n limit 1000000) select count(*) from n' >/dev/null
    end=${EPOCHREALTIME/[.,]/}
    [ "$best" != 0 ] && [ $((end - begin)) -ge "$best" ] || best=$((end - begin))
  done
  echo $(($1 * 1000000000000 / best))
}

# slow_files COUNT NUMBER: targets t1 to tCOUNT, of whose three revisions the second counts that far.
slow_files() {
  table_revision r01 "" t01
  revision r02 r01 slow <<SQL
-- migrate:up
create table slow (n integer);
insert into slow with recursive n (i) as (select 1 union all select i + 1 from n limit $2) select count(*) from n;
-- migrate:down
drop table slow;
SQL
  table_revision r03 r02 t03
  echo "targets: [$(printf "{name: t%s, url: 'sqlite:t%s.db', create: true}, " $(for i in $(seq "$1"); do echo "$i" "$i"; done))]" >inventory.yaml
}

# ---- Running dbfleet -----------------------------------------------------------------------------------------------

show() {
  printf '%s\n' "$1" "--- stdout" "$(head -n 60 <<<"$output")" "--- stderr" "$(head -n 60 <<<"$stderr")"
}

# expect CODE ARG...: runs dbfleet, which must end with CODE; leaves $output and $stderr.
expect() {
  local code=$1
  shift
  run --separate-stderr timeout --kill-after=5 120 "$DBFLEET" "$@"
  [ "$status" = "$code" ] || { show "dbfleet $*: exit code $status, expected $code"; return 1; }
}

# start ARG...: dbfleet in the background, as $run_pid; teardown kills it if it is still there.
start() {
  "$DBFLEET" "$@" >../out 2>../err 3>&- &
  run_pid=$!
}

# ends_with CODE: waits for what was started; leaves $output and $stderr.
ends_with() {
  status=0
  wait "$run_pid" || status=$?
  run_pid=
  output=$(cat ../out) stderr=$(cat ../err)
  same "$1" "$status" "exit code: $output$stderr"
}

# end_is END: what "runs" says of the newest run.
end_is() {
  [ "$("$DBFLEET" runs --last 1 --format json | jq -r '.[0].end')" = "$1" ]
}

# is_busy FILE: somebody writes to that SQLite database.
is_busy() {
  [ -e "$1" ] && ! sqlite3 "$1" "pragma busy_timeout = 0; begin immediate" 2>/dev/null
}

# says TEXT...: each text is in what the last command printed.
says() {
  local text
  for text in "$@"; do
    [[ $output$'\n'$stderr == *"$text"* ]] || { show "not said: $text"; return 1; }
  done
}

# says_not TEXT...
says_not() {
  local text
  for text in "$@"; do
    [[ $output$'\n'$stderr != *"$text"* ]] || { show "said, though it must not be: $text"; return 1; }
  done
}

# same EXPECTED ACTUAL [WHAT]
same() {
  [ "$1" = "$2" ] || { printf '%s\nexpected: %s\nactual:   %s\n' "${3:-differs}" "$1" "$2"; return 1; }
}

# json FILTER: of the last command's output.
json() {
  jq -r "$1" <<<"$output"
}

# wait_until COMMAND...: polls for at most two minutes.
wait_until() {
  local deadline=$((SECONDS + 120))
  until "$@"; do
    [ $SECONDS -lt $deadline ] || { echo "did not come true: $*"; return 1; }
    sleep 0.05
  done
}

# empty_lines SECONDS: one every 0.2 seconds; ends at once with who reads them, where a sleep would hold up the end of the file.
empty_lines() {
  local i
  for ((i = 0; i < $1 * 5; i++)); do
    sleep 0.2
    echo
  done
}

# ---- The servers ---------------------------------------------------------------------------------------------------

# pg DATABASE SQL
pg() {
  PGPASSWORD=$POSTGRES_PASSWORD psql -XAtq -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d "$1" -c "$2"
}

# my DATABASE SQL; DATABASE may be empty
my() {
  MYSQL_PWD=$MYSQL_SECRET mariadb --no-defaults -h 127.0.0.1 -P "$MYSQL_PORT" -u admin -N -B ${1:+-D "$1"} -e "$2"
}

# lite FILE SQL
lite() {
  sqlite3 -batch -init /dev/null "$1" "$2"
}

# each_pg SQL DATABASE...: the same query in every database, over one psql.
each_pg() {
  local sql=$1 database
  shift
  for database in "$@"; do
    printf '\\connect %s\n%s;\n' "$database" "$sql"
  done | pg_script
}

# each_my SQL DATABASE...
each_my() {
  local sql=$1 database
  shift
  my '' "$(for database in "$@"; do printf 'use %s; %s;\n' "$database" "$sql"; done)"
}

# each_lite SQL FILE...
each_lite() {
  local sql=$1 file
  shift
  for file in "$@"; do
    printf '.open "%s"\n%s;\n' "$file" "$sql"
  done | sqlite3 -batch -bail -init /dev/null
}

pg_script() {
  PGPASSWORD=$POSTGRES_PASSWORD psql -XAtq -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d postgres
}

make_postgres() {
  printf 'create database %s template template0;\n' "$@" | pg_script
}

make_mysql() {
  my '' "$(printf 'create database %s;' "$@")"
}

# trips PORT COMMAND...: the round trips of all connections that the command made, with $link_port in place of PORT in inventory.yaml;
# ./counts has a line for each connection. The file's setup empties $link, its teardown calls stop_link.
trips() {
  local port=$1
  shift
  rm -f link.port
  python3 "$DBFLEET_SOURCE/tests/bench/slow_link.py" "$port" --counts counts >link.port &
  link=$!
  for _ in $(seq 600); do
    [ -s link.port ] && break
    sleep 0.1
  done
  sed -i "s/:$port\//:$(cat link.port)\//" inventory.yaml
  "$@" >run.out 2>&1 || { cat run.out; return 1; }
  kill -TERM "$link"
  wait "$link"
  link=
  awk '{ sum += $1 } END { print sum }' counts
}

stop_link() {
  [ -z "$link" ] || kill "$link" 2>/dev/null || true
}

# names COUNT STEM: STEM with a number as wide as COUNT, as an inventory's range {001..COUNT} writes them.
names() {
  seq -f "$2%0${#1}g" "$1"
}

drop_databases() {
  pg postgres "select format('drop database %I with (force);', datname) from pg_database where datname like '${PREFIX}\_%'" |
    pg_script
  local drops
  drops=$(my '' "select concat('drop database \`', schema_name, '\`;') from information_schema.schemata
                 where schema_name like '${PREFIX}\\_%'")
  [ -z "$drops" ] || my '' "$drops"
}
