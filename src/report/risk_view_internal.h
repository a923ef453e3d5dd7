/* Risk view: the marks of steps in every form of a plan: words behind the step, then what they mean and where
 * they come from, once, and only where there are any. Pure. */
#pragma once

#include "base/json_out.h"
#include "plans/plan_file.h"
#include "report/report.h"

/* One step whose marks are shown. Everything is borrowed. */
typedef struct RiskStep {
    const char *revision;
    Direction direction;
    Dialect dialect;
    const GPtrArray *marks; /* of RiskMark *; NULL: none */
} RiskStep;

/* "drops, locks": each kind once. NULL without marks. Caller frees. */
char *risk_view_words(const GPtrArray *marks);
/* A step's line: the text and behind it the words in brackets, on a line of their own, indented further,
 * where both do not fit. Ends the line. */
void risk_view_line(GString *out, const char *line, unsigned indent, const GPtrArray *marks,
                    const ReportOptions *options);
/* The steps of all paths that have marks, each once; of RiskStep *. Caller unrefs. */
GPtrArray *risk_view_steps(const Plan *plan);
GPtrArray *risk_view_file_steps(const PlanFile *file);
/* By kind: what it means, and each statement with its reason. Nothing without marks. */
void risk_view_print(GString *out, const GPtrArray *steps, const ReportOptions *options);
/* "risks": a list, empty without marks. */
void risk_view_json(JsonOut *json, const GPtrArray *marks);
