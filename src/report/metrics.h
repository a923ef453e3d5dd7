/* Metrics: what a run did, and where a fleet stands, for Prometheus: docs/reference/metrics.md has every
 * name. Pure. */
#pragma once

#include "plans/planner.h"
#include "report/report.h"

/* `options->project` becomes a label, so that several projects can share one node exporter. Caller frees. */
char *run_metrics(const RunResult *run, const ReportOptions *options);
/* `plan` is an upgrade to heads, made at `now_us` (since 1970) from what was read then. Caller frees. */
char *status_metrics(const Plan *plan, const RevisionGraph *graph, const char *project, const char *track,
                     gint64 now_us);
