/* Check view: what the migrate:check sections said before anything was changed, in a plan's text and JSON.
 * Pure. */
#pragma once

#include "base/json_out.h"
#include "plans/plan_checks.h"
#include "report/report.h"

/* Where the check stands and what it found, as lines of an exception; `shared`: several targets say the same,
 * and this one's rows stand for theirs. */
void check_view_refusal(GString *out, const PlanTarget *target, bool shared, const ReportOptions *options);
/* How many targets were asked, and which checks cannot be told yet. Nothing if none was asked. */
void check_view_print(GString *out, const Plan *plan, const ReportOptions *options);
/* "checks": the answers of one target, or null. */
void check_view_json(JsonOut *json, const PlanTarget *target);
