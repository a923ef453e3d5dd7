/* Exceptions: the targets of a plan that are left alone, grouped by kind and reason. Shared by the plan and
 * status views. Pure. */
#pragma once

#include "report/plan_view.h"

void exceptions_print(GString *out, const Plan *plan, const ReportOptions *options);
/* "pending", "at-goal", "blocked", "unreachable", "inactive". */
const char *plan_verdict_name(PlanVerdict verdict);
