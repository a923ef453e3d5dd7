/* Plan diff view: what changed between two plan files, for a person and for a program. Pure. */
#pragma once

#include "plans/plan_diff.h"
#include "report/report.h"

/* `changes`: of plan_diff(before, after). options->verbose: every target's name. Caller frees. */
char *plan_diff_view_text(const PlanFile *before, const PlanFile *after, const GPtrArray *changes,
                          const ReportOptions *options);
char *plan_diff_view_json(const PlanFile *before, const PlanFile *after, const GPtrArray *changes);
