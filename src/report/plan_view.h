/* Plan view: a plan and a fleet's status, before anything runs, as text and JSON. Pure.
 *
 * 800 targets print as a few lines: totals; each path with its number of targets and its revisions; the
 * exceptions, grouped by kind and reason, with names. */
#pragma once

#include "plans/planner.h"
#include "report/report.h"

/* options->verbose: the SQL of every path too. */
char *plan_view_text(const Plan *plan, const ReportOptions *options);
char *plan_view_json(const Plan *plan);

/* Where the fleet stands: a matrix of heads x group with counts; behind, at head, ahead, unknown,
 * unreachable; exceptions. `plan` is an upgrade to heads. */
char *status_view_text(const Plan *plan, const RevisionGraph *graph, const ReportOptions *options);
char *status_view_json(const Plan *plan, const RevisionGraph *graph);
/* True if any target is not at the heads: what `status --exit-code` asks. */
bool status_view_pending(const Plan *plan);
