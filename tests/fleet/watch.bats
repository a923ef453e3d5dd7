#!/usr/bin/env bats
# watch: the page of a run at work, over HTTP: what it says while the run goes, when it ends, when it is killed.

load lib

setup() {
  new_project
}

teardown() {
  for pid in "${run_pid:-}" "${watch_pid:-}" "${stream_pid:-}"; do
    [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true
  done
}

# watch ARG...: in the background; leaves its URL in $url.
watch() {
  "$DBFLEET" watch "$@" >../url 2>../watch.err 3>&- &
  watch_pid=$!
  wait_until test -s ../url
  url=$(head -n 1 ../url)
}

# ends SIGNAL: the watch ends by it, with exit code 0.
watch_ends() {
  local status=0
  kill -"$1" "$watch_pid"
  wait "$watch_pid" || status=$?
  watch_pid=
  same 0 "$status" "$(cat ../watch.err)"
}

# listen: the stream's messages into ../events, a line each.
listen() {
  curl -sN "${url}events" 3>&- >../raw &
  stream_pid=$!
}

messages() {
  sed -n 's/^data: //p' ../raw
}

# message FILTER: true of one of them.
message() {
  messages | jq -se "any(.[]; $1)" >/dev/null
}

status_of() {
  curl -s -o /dev/null -w '%{http_code}' "$@"
}

@test "a run is followed from its middle to its end, and the page stays" {
  slow_files 3 "$(counting 3)"
  start upgrade head --yes --jobs 1
  wait_until is_busy t1.db
  wait_until end_is running
  watch last
  [[ $url == http://127.0.0.1:*/ ]]
  listen
  wait_until message '(.targets | length) == 3 and .run.end == "running"'
  wait_until message '.changed[0].outcome == "done"'
  ends_with 0
  wait_until message '.run.end == "finished"'
  wait_until grep -q "is over (finished); the page stays" ../watch.err
  curl -s "$url" >../page
  grep -q '<!doctype html>' ../page
  grep -q '"end": "finished"' ../page
  grep -q 'events' ../page
  local count
  count=$(messages | wc -l)
  sleep 2.5
  same "$count" "$(messages | wc -l)" "messages about a run in which nothing happens"
  watch_ends INT
}

@test "a run that is killed is shown as died" {
  slow_files 2 600000000
  start upgrade head --yes --jobs 1
  wait_until is_busy t1.db
  wait_until end_is running
  watch
  listen
  wait_until message '.run.end == "running"'
  kill -9 "$run_pid"
  wait "$run_pid" || true
  run_pid=
  wait_until message '.run.end == "died"'
  wait_until grep -q "is over (died)" ../watch.err
  watch_ends TERM
}

@test "watch waits for the first run, and goes over to the next" {
  table_chain 2
  echo "targets: [{name: one, url: 'sqlite:one.db', create: true}]" >inventory.yaml
  "$DBFLEET" watch >../url 2>../watch.err 3>&- &
  watch_pid=$!
  wait_until grep -q "waiting for the first" ../watch.err
  expect 0 upgrade r01 --yes
  wait_until test -s ../url
  url=$(cat ../url)
  listen
  wait_until message '.run.goal == "r01"'
  expect 0 upgrade r02 --yes
  wait_until message '.run.goal == "r02" and (.targets | length) == 1'
  grep -q "a newer run began" ../watch.err
  watch_ends INT
}

@test "a run is watched by its id, and stays the one that is watched" {
  table_chain 2
  echo "targets: [{name: one, url: 'sqlite:one.db', create: true}]" >inventory.yaml
  expect 0 upgrade r01 --yes
  id=$("$DBFLEET" runs --format json | jq -r '.[0].run')
  watch "$id"
  listen
  wait_until message '.run.goal == "r01"'
  expect 0 upgrade r02 --yes
  sleep 2
  ! message '.run.goal == "r02"'
  watch_ends INT
  expect 78 watch nosuch
  says 'no run "nosuch"'
}

@test "only this computer may ask, only read, and only what is there" {
  table_chain 1
  echo "targets: [{name: one, url: 'sqlite:one.db', create: true}]" >inventory.yaml
  expect 0 upgrade head --yes
  watch
  same 200 "$(status_of "$url")"
  same 200 "$(status_of -I "$url")"
  same 200 "$(status_of -H 'Host: localhost:9' "$url")"
  same 403 "$(status_of -H 'Host: rebound.example' "$url")"
  same 403 "$(status_of -H 'Host: rebound.example' "${url}events")"
  same 405 "$(status_of -d x=1 "$url")"
  same 405 "$(status_of -X DELETE "$url")"
  same 404 "$(status_of "${url}.dbfleet/ledger.db")"
  same 404 "$(status_of --path-as-is "${url}../dbfleet.yaml")"
  curl -sI "$url" | grep -qi '^cache-control: no-store'
  curl -sI "$url" | grep -qi "frame-ancestors 'none'"
  watch_ends INT
}

@test "beyond this computer a token is asked for" {
  table_chain 1
  echo "targets: [{name: one, url: 'sqlite:one.db', create: true}]" >inventory.yaml
  expect 0 upgrade head --yes
  watch --listen 0.0.0.0:0
  [[ $url =~ :([0-9]+)/\?token=([0-9a-f]{48})$ ]]
  local here=http://127.0.0.1:${BASH_REMATCH[1]} token=${BASH_REMATCH[2]}
  same 200 "$(status_of "$here/?token=$token")"
  same 403 "$(status_of "$here/")"
  same 403 "$(status_of "$here/events")"
  same 403 "$(status_of "$here/?token=${token%?}")"
  same 403 "$(status_of "$here/?token=${token}0")"
  curl -s "$here/?token=$token" | grep -q "events?token=$token"
  ! grep -q "$token" ../watch.err
  watch_ends INT
}

@test "an address that is none, or taken, is told" {
  table_chain 1
  echo "targets: [{name: one, url: 'sqlite:one.db', create: true}]" >inventory.yaml
  expect 0 upgrade head --yes
  expect 64 watch --listen example.org:80
  says '"example.org:80" is no address to listen on'
  watch
  expect 78 watch --listen "$(cut -d/ -f3 <<<"$url")"
  says "cannot listen on" "in use"
  watch_ends INT
}

@test "a ledger that cannot be read for a while is no end" {
  table_chain 1
  echo "targets: [{name: one, url: 'sqlite:one.db', create: true}]" >inventory.yaml
  expect 0 upgrade head --yes
  watch
  mv .dbfleet .gone
  wait_until grep -q "the page stays as it was" ../watch.err
  same 200 "$(status_of "$url")"
  mv .gone .dbfleet
  wait_until grep -q "can be read again" ../watch.err
  watch_ends INT
}
