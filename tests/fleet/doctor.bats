#!/usr/bin/env bats
# doctor and explain: what would make a run fail before there is one, and why one target stands where it does.

PREFIX=doctor
load lib

setup_file() {
  use_servers
  drop_databases
  drop_roles
  pg postgres "create role doctor_weak login password 'weak'"
}

teardown_file() {
  use_servers
  drop_databases
  drop_roles
}

drop_roles() {
  pg postgres "drop role if exists doctor_weak"
}

setup() {
  use_servers
  new_project
  table_chain 3
}

teardown() {
  [ -z "${holder:-}" ] || kill -9 "$holder" 2>/dev/null || true
}

many_files() {
  cat >inventory.yaml <<'YAML'
targets:
  - {name: "t_{001..120}", url: "sqlite:t_{001..120}.db", create: true}
YAML
}

# No line of the last output is wider.
fits() {
  local wide
  wide=$(awk -v width="$1" 'length($0) > width' <<<"$output")
  [ -z "$wide" ] || { show "wider than $1: $wide"; return 1; }
}

# ---- doctor --------------------------------------------------------------------------------------------------------

@test "a healthy fleet is a few lines, changes nothing and exits with 0" {
  many_files
  expect 0 upgrade head --yes
  local before after
  before=$(ls -l --time-style=full-iso ./*.db*)
  expect 0 doctor
  after=$(ls -l --time-style=full-iso ./*.db*)
  same "$before" "$after" 'files'
  says 'doctor: 120 targets: 120 ok' '  ok       120 targets with nothing to tell'
  [ "$(wc -l <<<"$output")" -lt 16 ] || { show 'too long'; return 1; }
  fits 80
  expect 0 doctor -v
  says '  ok       t_120: sqlite:'
}

@test "a role without rights, an unfinished index and an unreachable server, each with what to do" {
  make_postgres doctor_weak doctor_index
  pg doctor_index 'create table t (a int); insert into t values (1), (1)'
  ! pg doctor_index 'create unique index concurrently t_once on t (a)' 2>/dev/null
  cat >inventory.yaml <<YAML
targets:
  - {name: weak, url: "postgresql://doctor_weak:weak@127.0.0.1:$POSTGRES_PORT/doctor_weak"}
  - {name: index, url: "$POSTGRES_URL/doctor_index", $POSTGRES_LOGIN}
  - {name: gone, url: "postgresql://me@127.0.0.1:1/gone"}
YAML
  expect 1 doctor
  says 'privileges: role "doctor_weak" may create nothing in schema "public"' 'GRANT CREATE ON SCHEMA' \
    'invalid-index' 't_once on t' '1 unreachable' 'target: gone'
  fits 80
  COLUMNS=200 expect 1 doctor
  fits 200
  expect 1 doctor --format json
  same error "$(json .level)"
  same 'GRANT CREATE ON SCHEMA "public" TO "doctor_weak".' \
    "$(json '.targets[] | select(.target == "weak") | .findings[] | select(.level == "error") | .advice')"
  expect 0 doctor -l index
  says '1 with warnings'
  expect 4 doctor -l gone:index
}

@test "what is a server's is told once; connections are counted over its targets" {
  make_mysql doctor_a doctor_b doctor_c
  cat >inventory.yaml <<YAML
defaults: {$MYSQL_LOGIN}
targets:
  - {name: a, url: "$MYSQL_URL/doctor_a"}
  - {name: b, url: "$MYSQL_URL/doctor_b"}
  - {name: c, url: "$MYSQL_URL/doctor_c"}
YAML
  expect 0 doctor --format json
  same 1 "$(json '.servers | length')"
  same 3 "$(json '.servers[0].targets')"
  same 3 "$(json '.servers[0].connections.wanted')"
  same 1 "$(json '[.servers[0].findings[] | select(.subject == "metadata-locks")] | length')"
  expect 0 doctor -j 2 --format json
  same 2 "$(json '.servers[0].connections.wanted')"
}

@test "a target that another dbfleet works on, by name; rows, history and files that do not agree" {
  revision r04 r03 slow <<'SQL'
-- migrate:up
select pg_sleep(60);
SQL
  make_postgres doctor_held
  cat >inventory.yaml <<YAML
targets:
  - {name: held, url: "$POSTGRES_URL/doctor_held", $POSTGRES_LOGIN}
  - {name: edited, url: "sqlite:edited.db", create: true}
  - {name: ahead, url: "sqlite:ahead.db", create: true}
YAML
  expect 0 upgrade r02 --yes
  lite ahead.db "update dbfleet_version set version_num = 'r99'"
  lite edited.db "update dbfleet_version_history set checksum = 'other' where revision = 'r01'"
  "$DBFLEET" upgrade head -l held --yes >../holder 2>&1 3>&- &
  holder=$!
  wait_until held_by_step
  expect 1 doctor
  says "another dbfleet holds the target's lock (pid" 'r99' 'was edited after it was applied'
  expect 0 explain held
  says 'lock      held by pid' 'application dbfleet'
  says_not stale
  kill -9 "$holder"
  wait "$holder" || true
  expect 0 doctor -l held
  says "stale: the run that took the target's lock is over or its" 'end that session on the'
  expect 0 explain held
  says 'it has steps to do, and they wait for its lock' 'stale: its run is over' 'upgrade head: died'
}

held_by_step() {
  [ "$(pg postgres "select count(*) from pg_stat_activity where datname = 'doctor_held' and query like '%pg_sleep%' and pid <> pg_backend_pid()")" != 0 ]
}

@test "a deep look finds a damaged file" {
  echo 'targets: [{name: t, url: "sqlite:t.db", create: true}]' >inventory.yaml
  expect 0 upgrade head --yes
  lite t.db "create table big (a text); with recursive n (i) as (select 1 union all select i + 1 from n limit 5000) insert into big select 'row ' || i from n"
  dd if=/dev/urandom of=t.db bs=4096 seek=12 count=2 conv=notrunc status=none
  expect 0 doctor
  expect 1 doctor --deep
  says 'integrity: quick_check' 'Restore the file from a backup'
}

# ---- explain -------------------------------------------------------------------------------------------------------

@test "explain on one screen: pending, at the goal, and back" {
  echo 'targets: [{name: t, url: "sqlite:t.db", create: true}]' >inventory.yaml
  expect 0 explain t
  says 't is pending' '  path      3 steps' '  next      dbfleet upgrade heads -l t'
  expect 0 explain t r01
  says '  goal      r01 = r01' '  path      1 step' '  next      dbfleet upgrade r01 -l t'
  expect 0 upgrade head --yes
  expect 0 explain t
  says 't is at the goal' '  why       nothing is left to do' 'upgrade head: done'
  says_not '  next'
}

@test "explain an edited revision, an unknown one, an unfinished one" {
  make_mysql doctor_half
  cat >inventory.yaml <<YAML
targets:
  - {name: t, url: "sqlite:t.db", create: true}
  - {name: half, url: "$MYSQL_URL/doctor_half", $MYSQL_LOGIN}
YAML
  expect 0 upgrade r02 --yes
  sed -i 's/create table t01 (/create table t01 (more integer, /' versions/r01_*.sql
  expect 0 explain t
  says 't is blocked: edited' 'r01: ' "applied it 20" '--allow-edited -l t'
  fits 80
  [ "$(wc -l <<<"$output")" -le 24 ]
  sed -i 's/more integer, //' versions/r01_*.sql
  lite t.db "update dbfleet_version set version_num = 'r0X'"
  expect 0 explain t
  says 't is blocked: unknown-revision' 'no file here has revision r0X; the nearest is r0'
  revision r04 r03 half <<'SQL'
-- migrate:up
create table half_one (n integer);
insert into nosuch
  select 1;
SQL
  expect 1 upgrade head --yes -l half
  expect 0 explain half
  says 'half is pending: unfinished' 'it stopped at statement 2:' 'insert into nosuch' 'upgrade head: failed'
  fits 80
  [ "$(wc -l <<<"$output")" -le 24 ]
  expect 0 explain half --format json
  same 'insert into nosuch' "$(json .statement | head -n 1)"
  same r04 "$(json '.history[0].revision')"
  same failed "$(json '.runs[0].outcome')"
}

@test "explain a target that is skipped, one that cannot be reached, one of another track, and a name that is none" {
  mkdir audit
  printf -- '-- revision: a1\n-- revises:\n-- message: audit\n\n-- migrate:up\ncreate table x (n integer);\n' >audit/a1_audit.sql
  cat >dbfleet.yaml <<'YAML'
version: 1
inventory: inventory.yaml
tracks:
  default: {versions: versions/}
  audit: {versions: audit/, version_table: audit_version}
YAML
  cat >inventory.yaml <<'YAML'
targets:
  - {name: sold, url: "sqlite:sold.db", state: retired}
  - {name: gone, url: "sqlite:nowhere/gone.db"}
  - {name: log, url: "sqlite:log.db", create: true, track: audit}
YAML
  expect 0 explain sold
  says 'sold is skipped: retired' 'inventory.yaml:2 says so'
  expect 0 explain gone
  says 'gone is unreachable' 'error class: no-database' 'dbfleet doctor -l gone'
  expect 0 explain log
  says 'log is pending' 'up a1' 'dbfleet upgrade heads -l log -n audit'
  expect 78 explain lg
  says 'there is no target "lg"' 'did you mean "log"?'
}

@test "explain and doctor with --url" {
  lite one.db 'create table x (n)'
  expect 0 doctor --url sqlite:one.db
  says 'doctor: 1 target: 1 ok with notes'
  expect 0 explain one --url sqlite:one.db
  says 'one is pending'
}

@test "what explain proposes is for the same project and inventory" {
  table_chain 1
  mv inventory.yaml "other one.yaml" 2>/dev/null || true
  echo "targets: [{name: one, url: 'sqlite:one.db', create: true}]" >"other one.yaml"
  expect 0 explain one --inventory "other one.yaml" --format json
  same "dbfleet upgrade heads -l one --inventory 'other one.yaml'" "$(json '.next[0]')"
}
