#!/usr/bin/env bats
# Metrics for Prometheus, of a run and of where the fleet stands.
load ../fleet/lib

setup() {
  new_project
  table_chain 2
  cat >inventory.yaml <<'YAML'
defaults: {create: true}
groups:
  eu: {targets: [{name: "t{1..3}", url: "sqlite:t{1..3}.db"}, {name: lost, url: "sqlite:no/lost.db", create: false}]}
targets: [{name: 'a"b', url: "sqlite:a.db"}, {name: old, url: "sqlite:old.db", state: retired}]
YAML
}

# metrics FILE: checks it, and keeps its samples.
metrics() {
  samples=$("$DBFLEET_SOURCE/tests/report/check-metrics" "$1") || { echo "$samples"; return 1; }
}

# value NAME LABELS
value() {
  awk -v name="$1" -v labels="$2" '$1 == name && (labels == "" || index("," $2 ",", "," labels ",")) {print $NF}' <<<"$samples"
}

@test "of a run, with the exit code, outcomes, durations and each target" {
  expect 4 upgrade head --yes --metrics run.prom
  metrics run.prom
  same 4 "$(value dbfleet_run_exit_code '')"
  same 4 "$(value dbfleet_run_targets outcome=done)"
  same 1 "$(value dbfleet_run_targets outcome=unreachable)"
  same 1 "$(value dbfleet_run_target_at_goal target=t1)"
  same 0 "$(value dbfleet_run_target_at_goal target=lost)"
  same 1 "$(value dbfleet_run_target_at_goal 'target=a"b')"
  same '' "$(value dbfleet_run_target_at_goal target=old)"
  same 4 "$(value dbfleet_run_step_duration_seconds_count revision=r02)"
  same 0 "$(value dbfleet_run_halted '')"
  grep -q 'project="project",track="default",command="upgrade"' run.prom
  expect 0 report --format metrics
  same "$(cat run.prom)" "$output"
  expect 0 report -o again.prom
  cmp run.prom again.prom
}

@test "of a run that is halted" {
  revision r03 r02 fails <<'SQL'
-- migrate:up
create table t01 (i int);
SQL
  expect 3 upgrade head --yes -j1 --max-unreachable 5 --metrics run.prom
  metrics run.prom
  same 3 "$(value dbfleet_run_exit_code '')"
  same 1 "$(value dbfleet_run_halted '')"
  same 1 "$(value dbfleet_run_targets outcome=failed)"
}

@test "of where the fleet stands" {
  expect 0 upgrade r01 --yes -l t1:t2
  expect 0 upgrade r02 --yes -l t1
  expect 4 status --metrics status.prom
  metrics status.prom
  same 1 "$(value dbfleet_target_up_to_date target=t1)"
  same 0 "$(value dbfleet_target_up_to_date target=t2)"
  same 1 "$(value dbfleet_target_steps_behind target=t2)"
  same 2 "$(value dbfleet_target_steps_behind target=t3)"
  same 0 "$(value dbfleet_target_reachable target=lost)"
  same '' "$(value dbfleet_target_steps_behind target=lost)"
  same 1 "$(value dbfleet_status_targets standing=unreachable)"
  same 1 "$(value dbfleet_status_targets standing=at_head)"
}

@test "a place that cannot be written: told before a run, an error of status" {
  expect 78 upgrade head --yes --metrics inventory.yaml/x.prom
  says 'nothing was changed'
  [ ! -e t1.db ]
  expect 78 status --metrics inventory.yaml/x.prom
  says 'cannot write inventory.yaml/x.prom'
}

@test "every metric is in metrics.md, and nothing else" {
  expect 4 upgrade head --yes --metrics run.prom
  expect 4 status --metrics status.prom
  { sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' ./*.prom; echo dbfleet_run_gates; } | sort -u >printed
  grep -o '^| `dbfleet_[a-z_]*`' "$DBFLEET_SOURCE/docs/reference/metrics.md" | tr -d '|` ' | sort -u >documented
  diff printed documented
}
