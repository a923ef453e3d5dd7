#!/usr/bin/env bats
# Discovery on real servers: a control database, schemas, a web server, a program; and what happens when one of them is
# down, slow, or says something else.

PREFIX=disc
load lib

setup_file() {
  use_servers
  drop_databases
  make_postgres disc_control disc_shop disc_one disc_two
  make_mysql disc_my_a disc_my_b disc_my_old
  pg disc_control "create table tenant (name text, url text, plan text, active boolean);
    insert into tenant select 'disc-' || n, 'postgresql://postgres@127.0.0.1:$POSTGRES_PORT/disc_' || n, 'gold', true
    from unnest(array['one', 'two']) n"
  pg disc_shop 'create schema shop_1; create schema shop_2; create schema shop_test; create schema shopping'
  start_web_server
}

teardown_file() {
  kill "$WEB_PID"
  use_servers
  drop_databases
}

setup() {
  use_servers
  new_project
  table_chain 2
}

# On loopback: /list wants a token, /slow takes its time, /html and /half are no lists, /down is down; `seen` has the paths.
start_web_server() {
  export WEB_PID WEB_PORT
  cat >"$BATS_FILE_TMPDIR/web.py" <<'PYTHON'
import http.server, json, sys, time
class Web(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(sys.argv[1], "a") as seen:
            print(self.path, file=seen)
        status, body, length = 200, json.dumps([{"name": "web-a", "url": "sqlite:web-a.db", "labels": {"from": "web"}}]), None
        if self.path == "/list" and self.headers.get("Authorization") != "Bearer canary-token":
            status, body = 401, "who are you, canary-token?"
        if self.path == "/slow":
            time.sleep(5)
        if self.path == "/html":
            body = "<!DOCTYPE html><html>Please log in</html>"
        if self.path == "/half":
            length = len(body) + 100
        if self.path == "/down":
            status, body = 503, "try later"
        self.send_response(status)
        self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body.encode())
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
print(server.server_address[1], flush=True)
server.serve_forever()
PYTHON
  python3 "$BATS_FILE_TMPDIR/web.py" "$BATS_FILE_TMPDIR/seen" >"$BATS_FILE_TMPDIR/port" 2>&1 3>&- &
  WEB_PID=$!
  wait_until grep -q . "$BATS_FILE_TMPDIR/port"
  read -r WEB_PORT <"$BATS_FILE_TMPDIR/port"
}

# discover ITEM...: an inventory of one group that looks there.
discover() {
  {
    printf 'groups:\n  all-of-them:\n    %s\n    discover:\n' "$POSTGRES_LOGIN"
    printf '      - %s\n' "$@"
  } >inventory.yaml
}

listed() {
  expect 0 inventory list --format json
  json 'map(.target) | join(" ")'
}

sql_item() {
  echo "{sql: {url: '$POSTGRES_URL/disc_control', query: \"$1\"}$2}"
}

@test "a fleet from a control database goes up and its report names the targets" {
  discover "$(sql_item "select name, url, plan as label_plan from tenant where active order by name" ", min: 2")"
  expect 0 upgrade head --yes -l plan=gold
  says 'disc-one' 'disc-two' || says '2 done'
  same 2 "$(pg disc_one 'select count(*) from dbfleet_version_history')"
  expect 0 inventory show disc-two
  says "sql postgresql://127.0.0.1:$POSTGRES_PORT/disc_control, row 2" 'inventory.yaml:5' "*** from \${env:POSTGRES_PASSWORD}"
  says_not "$POSTGRES_PASSWORD"
}

@test "the session of a query can only read" {
  discover "$(sql_item "with gone as (delete from tenant returning name, url) select name, url from gone")"
  expect 78 inventory list
  says 'sql postgresql://127.0.0.1' 'read-only transaction'
  same 2 "$(pg disc_control 'select count(*) from tenant')"
}

@test "a query that fails, a column that is none, NULLs and too few rows are errors that say so" {
  discover "$(sql_item "select nme from tenant")"
  expect 78 plan upgrade head
  says 'column "nme" does not exist' 'nothing was changed'
  discover "$(sql_item "select name, url, plan from tenant")"
  expect 78 plan upgrade head
  says "the query's column 'plan' is none that a target has" 'label_plan'
  discover "$(sql_item "select name, null as url from tenant order by name")"
  expect 78 plan upgrade head
  says 'row 1 (disc-one): it has no url' 'row 2 (disc-two): it has no url'
  discover "$(sql_item "select name, url from tenant" ", min: 3")"
  expect 78 plan upgrade head
  says 'told 2 targets, fewer than min: 3'
  discover "{sql: {url: 'postgresql://postgres@127.0.0.1:1/x', query: select 1}}"
  expect 78 plan upgrade head
  says 'sql postgresql://127.0.0.1:1/x: ' 'refused'
}

@test "a slow query is given up in time" {
  discover "$(sql_item "select pg_sleep(300)::text as name, '' as url" ", timeout: 1s")"
  local begin=$SECONDS
  expect 78 inventory list
  says 'statement timeout'
  [ $((SECONDS - begin)) -lt 60 ]
}

@test "each schema is a target, and on MariaDB each database" {
  discover "{schemas: {url: '$POSTGRES_URL/disc_shop', like: 'shop\\_%', exclude: [shop_test]}}"
  same 'shop_1 shop_2' "$(listed)"
  expect 0 upgrade head --yes
  same 't01' "$(pg disc_shop "select table_name from information_schema.tables where table_schema = 'shop_2' and table_name = 't01'")"
  same '' "$(pg disc_shop "select table_name from information_schema.tables where table_schema = 'shop_test'")"
  cat >inventory.yaml <<YAML
$MYSQL_LOGIN
discover: [{schemas: {url: "$MYSQL_URL", like: 'disc\\_my\\_%', exclude: '%old'}, name: "tenant-{name}"}]
YAML
  sed -i '1s/^/defaults: {/;1s/$/}/' inventory.yaml
  same 'tenant-disc_my_a tenant-disc_my_b' "$(listed)"
  expect 0 upgrade head --yes
  same t01 "$(my disc_my_b "show tables like 't01'")"
  same '' "$(my disc_my_old "show tables")"
}

@test "a web server is asked with the token of a secret, which is never shown" {
  export TOKEN=canary-token
  discover "{http: {url: 'http://127.0.0.1:$WEB_PORT/list', headers: {Authorization: 'Bearer \${env:TOKEN}'}}}"
  same 'web-a' "$(listed)"
  expect 0 inventory list -l from=web
  export TOKEN=canary-wrong
  expect 78 inventory list
  says "http http://127.0.0.1:$WEB_PORT/list: the server answered with HTTP 401"
  says_not canary
  discover "{http: {url: 'http://127.0.0.1:1/\${env:TOKEN}?key=\${env:TOKEN}'}}"
  expect 78 inventory list
  says "http http://127.0.0.1:1/"
  says_not canary
  unset TOKEN
  expect 78 inventory list
  says '${env:TOKEN}: the environment variable TOKEN is not set'
}

@test "HTML, half an answer, a server that is down or slow: an error each" {
  local page
  for page in html:'HTML or XML' half:'http http://127.0.0.1' down:'HTTP 503'; do
    discover "{http: {url: 'http://127.0.0.1:$WEB_PORT/${page%%:*}'}}"
    expect 78 inventory list
    says "${page#*:}"
    says_not 'web-a'
  done
  local begin=$SECONDS
  discover "{http: {url: 'http://127.0.0.1:$WEB_PORT/slow'}, timeout: 500ms}"
  expect 78 inventory list
  says 'http http://127.0.0.1'
  [ $((SECONDS - begin)) -lt 12 ]
}

@test "a program is asked; its exit code and last words are told when it fails" {
  discover '{exec: [sh, -c, "echo looking >&2; echo [{name: x, url: \"sqlite:x.db\"}]"]}'
  same x "$(listed)"
  discover '{exec: [sh, -c, "echo [{name: x, url: \"sqlite:x.db\"}]; echo no route to host >&2; exit 7"]}'
  expect 78 inventory list
  says 'exec sh: sh failed with exit code 7: no route to host'
  discover '{exec: [./nowhere]}'
  expect 78 inventory list
  says 'exec ./nowhere: ./nowhere cannot be started'
  discover '{exec: [sleep, 60], timeout: 500ms}'
  expect 78 inventory list
  says 'sleep took longer than'
}

@test "an answer is kept for its time: the source may be down meanwhile, and completion asks nobody" {
  local item="{http: {url: 'http://127.0.0.1:$WEB_PORT/kept'}, cache: 10min}"
  discover "$item" '{exec: [touch, asked]}'
  expect 0 __complete TARGET
  says_not web-a
  [ ! -e asked ]
  discover "$item"
  same web-a "$(listed)"
  same web-a "$(listed)"
  same 1 "$(grep -c /kept "$BATS_FILE_TMPDIR/seen")" 'times asked'
  discover "$item" '{exec: [touch, asked]}'
  expect 0 __complete TARGET
  same web-a "$output"
  [ ! -e asked ]
  discover "$item"
  expect 0 inventory list --refresh
  same 2 "$(grep -c /kept "$BATS_FILE_TMPDIR/seen")" 'times asked'
  same 600 "$(stat -c %a .dbfleet/discovery/*.json)"
}

@test "inventory check asks nobody and says so; lint does not need to" {
  discover '{exec: [touch, asked]}'
  expect 0 inventory check
  says '1 source of discover: not asked'
  expect 0 lint
  [ ! -e asked ]
}

@test "ten thousand rows are a fleet within seconds" {
  discover "$(sql_item "select 't' || i as name, 'postgresql://127.0.0.1:1/t' || i as url, i % 7 as label_week from generate_series(1, 10000) i")"
  local begin=$SECONDS
  expect 0 inventory list -l week=3 --format json
  [ $((SECONDS - begin)) -lt 60 ]
  same 1429 "$(json length)"
}

@test "a plan says which targets came, went and moved since the last run of the same selection" {
  cat >inventory.yaml <<YAML
groups:
  odd: {targets: [{name: a, url: "sqlite:a.db", create: true}, {name: c, url: "sqlite:c.db", create: true}]}
  even: {targets: [{name: b, url: "sqlite:b.db", create: true}, {name: d, url: "sqlite:d.db", create: true}]}
YAML
  export COLUMNS=200
  expect 0 plan upgrade head
  says_not 'is not that of run'
  same null "$("$DBFLEET" plan upgrade head --format json | jq -c .since)"
  expect 0 upgrade r01 --yes
  local run
  run=$("$DBFLEET" runs --last 1 --format json | jq -r '.[0].run')
  expect 0 plan upgrade head
  says_not 'is not that of run'
  same '{"run":"'"$run"'","new":[],"gone":[],"moved":[]}' "$("$DBFLEET" plan upgrade head --format json | jq -c .since)"
  sed -i 's/sqlite:c.db/sqlite:elsewhere.db/; s/name: b,/name: bee,/' inventory.yaml
  expect 0 plan upgrade head
  says "the fleet is not that of run $run: 1 new (bee), 1 gone (b), 1 at another place (c)"
  expect 0 plan upgrade head -l odd
  says '1 at another' '(c)'
  says_not 'gone' 'new ('
  expect 0 upgrade r01 --yes -l odd
  says 'at another'
  expect 0 plan upgrade head -l odd
  says_not 'is not that of run'
  expect 0 resume last --yes
  says_not 'is not that of run'
}
