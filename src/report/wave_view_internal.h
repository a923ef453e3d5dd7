/* Wave view: the waves of a plan and of a run, as text and JSON. Pure. */
#pragma once

#include "base/json_out.h"
#include "report/plan_view.h"
#include "report/summary_internal.h"

/* Nothing without waves. */
void wave_view_plan(GString *out, const Plan *plan, const ReportOptions *options);
/* Keys "waves" and "left_out" of a plan's document. */
void wave_view_plan_json(JsonOut *json, const Plan *plan);
/* A table of the waves and what their gates saw; nothing without waves. */
void wave_view_run(GString *out, const Summary *summary, const ReportOptions *options);
