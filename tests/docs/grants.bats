#!/usr/bin/env bats
# The scripts in docs/grants give what dbfleet needs on a real server, and no more than they say.

setup() {
  unset DBFLEET_CONFIG DATABASE_URL
  postgres_port=${DBFLEET_TEST_POSTGRES##*:}
  postgres_port=${postgres_port%%/*}
  mysql_port=${DBFLEET_TEST_MYSQL##*:}
  mysql_port=${mysql_port%%/*}
  database=grants_$BATS_TEST_NUMBER
  drop_users="drop user if exists dbfleet_migrator@'%', dbfleet_reader@'%'"
  cd "$BATS_TEST_TMPDIR"
  mkdir versions
  cat >versions/1_tables.sql <<'SQL'
-- migrate:up
create table a (id int primary key, note varchar(20));
create table b (id int primary key, a_id int references a (id));
create index b_a on b (a_id);
insert into a (id, note) values (1, 'x');

-- migrate:down
drop table b;
drop table a;
SQL
  cat >versions/2_alter.sql <<'SQL'
-- migrate:up
alter table a add column extra int;
update a set extra = 2;
delete from a where id = 7;

-- migrate:down
alter table a drop column extra;
SQL
}

psql_admin() {
  psql -X -q -v ON_ERROR_STOP=1 "${DBFLEET_TEST_POSTGRES%/*}/$1" "${@:2}"
}

mariadb_admin() {
  mariadb --no-defaults -h 127.0.0.1 -P "$mysql_port" -u admin -pdbfleet-test "$@"
}

# up_and_down MIGRATOR READER: all that the roles are for.
up_and_down() {
  "$DBFLEET" ensure-version --url "$1"
  grant
  "$DBFLEET" plan upgrade head --url "$2"
  "$DBFLEET" upgrade head --url "$1" --yes
  run "$DBFLEET" status --url "$2"
  echo "$output"
  [[ "$output" == *"1 target: 1 at head"* ]]
  "$DBFLEET" downgrade -1 --url "$1" --yes
  "$DBFLEET" downgrade base --url "$1" --yes
  "$DBFLEET" stamp 1 --url "$1" --yes
  "$DBFLEET" stamp base --url "$1" --yes
  "$DBFLEET" current --url "$2"
}

reader_changes_nothing() {
  run "$DBFLEET" upgrade head --url "$1" --yes
  echo "$output"
  [ "$status" = 1 ]
  [[ "$output" == *"(permission)"* ]]
}

@test "postgres.sql: the migrator goes up and down, the reader reads and changes nothing" {
  grant() { psql_admin "$database" -f "$DBFLEET_SOURCE/docs/grants/postgres.sql"; }
  psql_admin postgres -c "drop database if exists $database" -c "create database $database"
  psql_admin "$database" -c 'revoke all on schema public from public'
  grant
  psql_admin postgres -c "alter role dbfleet_migrator password 'm'" -c "alter role dbfleet_reader password 'r'"
  local at=@127.0.0.1:$postgres_port/$database
  up_and_down "postgresql://dbfleet_migrator:m$at" "postgresql://dbfleet_reader:r$at"
  reader_changes_nothing "postgresql://dbfleet_reader:r$at"
  psql_admin postgres -c "drop database $database"
}

@test "mysql.sql: the migrator goes up and down, the reader reads and changes nothing" {
  grant() { mariadb_admin "$database" <"$DBFLEET_SOURCE/docs/grants/mysql.sql"; }
  mariadb_admin -e "drop database if exists $database; create database $database; $drop_users"
  grant
  mariadb_admin -e "set password for dbfleet_migrator@'%' = password('m'); set password for dbfleet_reader@'%' = password('r')"
  local at=@127.0.0.1:$mysql_port/$database
  up_and_down "mysql://dbfleet_migrator:m$at" "mysql://dbfleet_reader:r$at"
  reader_changes_nothing "mysql://dbfleet_reader:r$at"
  mariadb_admin -e "drop database $database; $drop_users"
}
