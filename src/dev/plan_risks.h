/* Plan risks: the risk marks of a plan's steps, from what lint knows of words. Connects to nothing. Pure. */
#pragma once

#include "plans/planner.h"

/* What plan_take_risks asks: the marks of one step in one dialect. Variables stand in object names as they
 * are written; what a raw one brings is not seen. Of RiskMark *; caller unrefs. */
GPtrArray *plan_step_risks(const PlanStep *step, Dialect dialect);
/* The tables that the step touches (lint_touched_tables), of char *; caller unrefs. */
GPtrArray *plan_step_tables(const PlanStep *step, Dialect dialect);
