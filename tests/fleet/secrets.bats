#!/usr/bin/env bats
# Passwords appear nowhere: a canary in every place one can come from, looked for in everything that is said or kept.

PREFIX=secrets
load lib

# Every password begins with this; what follows needs quoting in SQL, so that quoted forms are looked for too.
CANARY=CANARYcanary

drop_accounts() {
  local name
  for name in url env file cmd pass; do
    echo "drop role if exists secrets_$name;"
  done | pg_script 2>/dev/null
  my '' "$(printf "drop user if exists secrets_%s;" url env option)"
}

setup_file() {
  use_servers
  drop_databases
  drop_accounts
  for name in url env file cmd pass; do
    echo "create role secrets_$name login password E'$CANARY-$name''\\\\x';"
    echo "create database secrets_$name owner secrets_$name template template0;"
  done | pg_script
  for name in url env option; do
    echo "create user secrets_$name identified by '$CANARY-$name''\\\\x'; create database secrets_$name;
          grant all on secrets_$name.* to secrets_$name;"
  done >"$BATS_FILE_TMPDIR/users.sql"
  my '' "source $BATS_FILE_TMPDIR/users.sql"
}

teardown_file() {
  use_servers
  drop_databases
  drop_accounts
}

setup() {
  use_servers
  new_project
  mkdir -p "$BATS_TEST_TMPDIR/outside/home"
  outside=$BATS_TEST_TMPDIR/outside
  said=$outside/said
}

# say ARG...: runs dbfleet and keeps all it says.
say() {
  run --separate-stderr timeout 60 "$DBFLEET" "$@"
  printf '%s\n' "\$ dbfleet $*" "$output" "$stderr" >>"$said"
}

secret_sources() {
  export SECRET_ENV="$CANARY-env'\\x" SECRET_VAR="$CANARY-var'\\x"
  printf '%s\n' "$CANARY-file'\\x" >"$outside/file"
  printf '%s\n' "$CANARY-cmd'\\x" >"$outside/cmd"
  printf '%s\n' "127.0.0.1:$POSTGRES_PORT:*:secrets_pass:$CANARY-pass'\\\\x" >"$outside/pgpass"
  printf '[client]\nuser=secrets_option\npassword="%s"\n' "$CANARY-option'\\\\x" >"$outside/home/.my.cnf"
  chmod 600 "$outside"/{file,cmd,pgpass,home/.my.cnf}
  export PGPASSFILE=$outside/pgpass HOME=$outside/home
  local pg=postgresql://secrets my=mysql://secrets
  cat >"$outside/inventory.yaml" <<YAML
defaults: {vars: {pw: "\${env:SECRET_VAR}"}}
targets:
  - {name: pg-url, url: "${pg}_url:$CANARY-url%27%5Cx@127.0.0.1:$POSTGRES_PORT/secrets_url"}
  - {name: pg-env, url: "${pg}_env@127.0.0.1:$POSTGRES_PORT/secrets_env", password: "\${env:SECRET_ENV}"}
  - {name: pg-file, url: "${pg}_file@127.0.0.1:$POSTGRES_PORT/secrets_file", password: "\${file:$outside/file}"}
  - {name: pg-cmd, url: "${pg}_cmd@127.0.0.1:$POSTGRES_PORT/secrets_cmd", password: "\${cmd:cat $outside/cmd|ttl=10min}"}
  - {name: pg-pass, url: "${pg}_pass@127.0.0.1:$POSTGRES_PORT/secrets_pass"}
  - {name: my-url, url: "${my}_url:$CANARY-url%27%5Cx@127.0.0.1:$MYSQL_PORT/secrets_url"}
  - {name: my-env, url: "${my}_env@127.0.0.1:$MYSQL_PORT/secrets_env", password: "\${env:SECRET_ENV}"}
  - {name: my-option, url: "mysql://127.0.0.1:$MYSQL_PORT/secrets_option"}
  - {name: file, url: "sqlite:file.db", create: true}
YAML
  sed -i "s|^inventory:.*|inventory: $outside/inventory.yaml|" dbfleet.yaml
}

secret_revisions() {
  revision r01 "" "uses a secret" <<'SQL'
-- migrate:up
create table accounts (name varchar(80) primary key);
-- migrate:up postgres
create table accounts (name varchar(80) primary key);
select pg_sleep(1);
-- migrate:down
drop table accounts;
SQL
  revision r02 r01 "fails with a secret" <<'SQL'
-- migrate:up
insert into accounts values ({{ pw | literal }});
insert into accounts values ({{ pw | literal }});
-- migrate:down
select 1;
SQL
}

# Arguments of all processes and what lies in the project folder, again and again until the process is gone.
watch_processes() {
  while kill -0 "$1" 2>/dev/null; do
    cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' >>"$outside/arguments"
    sleep 0.1
  done
}

# The canary is nowhere in the project (revisions, ledger, locks), nor in what was said or seen. SQLite's own file is data.
nowhere() {
  local where
  rm -f file.db file.db-*
  where=$(grep -rlaF "$CANARY" . "$said" "$outside/arguments" || true)
  [ -z "$where" ] || { echo "the canary is in $where:"; grep -aF -m 5 "$CANARY" $where; return 1; }
  # as MySQL's hex form
  where=$(grep -rlaiF "$(printf %s "$CANARY" | od -An -tx1 | tr -d ' \n')" . "$said" "$outside/arguments" || true)
  [ -z "$where" ] || { echo "the canary is in $where in hexadecimal"; return 1; }
}

@test "no password is said, kept or seen, whatever it comes from" {
  secret_sources
  secret_revisions
  touch "$outside/arguments"
  "$DBFLEET" upgrade r01 --yes -v >"$outside/first" 2>&1 3>&- &
  watch_processes $!
  cat "$outside/first" >>"$said"
  grep -q "9 targets: 9 done" "$outside/first" || { cat "$outside/first"; return 1; }
  grep -qF "dbfleet upgrade r01" "$outside/arguments"

  say plan upgrade head -v
  say plan upgrade head --format json
  say upgrade head --yes -vv --max-failures 100%
  [[ $output == *"9 targets: 9 failed"* && $output == *'***'* ]]
  sed -i 's/^insert into accounts values.*/create nonsense {{ pw | literal }} {{ pw | ident }} {{ pw | raw }};/' versions/r02*
  say upgrade head --yes -vv --max-failures 100%
  [[ $output == *"9 targets: 9 failed"* ]]
  printf '%s\n' '-- migrate:verify' 'select name from accounts' >>versions/r02*
  sed -i -e '0,/^create nonsense.*/s//insert into accounts values ({{ pw | literal }});/' -e 's/^create nonsense.*//' versions/r02*
  say upgrade head --yes -vv --max-failures 100%
  [[ $output == *"9 targets: 9 failed"* && $output == *"name=***"* ]]
  say report -v
  say report --format json
  say runs --format json
  say status -v
  say status --format json
  say current -v
  say current --format json
  say inventory list
  say inventory list --format json
  say inventory show pg-url pg-env pg-cmd my-url
  say inventory show --format json
  say inventory graph
  say inventory check
  [[ $stderr == *"inventory.yaml:3:"*"this password can be read"* ]]
  say upgrade head --sql -l file
  [ "$status" = 78 ]
  say upgrade head --yes -l my-env --url "mysql://secrets_env@127.0.0.1:$MYSQL_PORT/secrets_env"
  nowhere
  same "" "$(my secrets_env 'select detail from dbfleet_version_history' | grep -F "$CANARY")" "history of the target"
}

@test "a wrong password and a mistake around one show none" {
  secret_sources
  secret_revisions
  sed -i -e "s/^  - {name: file.*//" -e "s/$CANARY-url/$CANARY-wrong/" "$outside/inventory.yaml"
  export SECRET_ENV=$CANARY-wrong
  echo "$CANARY-wrong" | tee "$outside/file" >"$outside/cmd"
  sed -i "s/$CANARY/$CANARY-wrong/" "$outside/pgpass" "$outside/home/.my.cnf"
  say upgrade head --yes -vv
  [ "$status" = 4 ]
  [[ $output == *"8 targets: 8 unreachable"* ]]
  say status --format json

  local bad
  for bad in "postgresql://u:$CANARY@x@127.0.0.1/db" "postgresql://u:$CANARY@127.0.0.1:port/db" "nosuch://u:$CANARY@h/db" \
    "postgresql://u:$CANARY%zz@h/db" "postgresql://h/db?password=$CANARY&nosuch=1" "postgresql://u:$CANARY/db" \
    "mysql://u:$CANARY@h/db?nosuch=$CANARY" "u:$CANARY@h/db"; do
    say current --url "$bad"
    [ "$status" = 78 ] || [ "$status" = 64 ] || { echo "$bad: $status"; return 1; }
    echo "targets: [{name: a, url: \"$bad\"}, {name: b, url: 'sqlite:b.db', pasword: '$CANARY'}]" >"$outside/inventory.yaml"
    say inventory check
    [ "$status" = 78 ]
  done
  sed -i 's/^\$ dbfleet current --url.*//' "$said"
  nowhere
}

@test "the password of --url is not left among the process's arguments" {
  secret_revisions
  touch "$outside/arguments"
  echo 'drop database secrets_url; create database secrets_url owner secrets_url template template0;' | pg_script
  "$DBFLEET" upgrade r01 --yes --url "postgresql://secrets_url:$CANARY-url%27%5Cx@127.0.0.1:$POSTGRES_PORT/secrets_url" \
    -x "pw=x" >"$said" 2>&1 3>&- &
  local process=$!
  wait_until is_connected || { cat "$said"; return 1; }
  watch_processes $process
  wait $process
  grep -qF "dbfleet upgrade r01" "$outside/arguments"
  nowhere
}

is_connected() {
  [ "$(pg postgres "select count(*) from pg_stat_activity where datname = 'secrets_url' and state = 'active'")" = 1 ]
}
