/* Plan file view: a plan file for those who review it, as text and JSON. Pure. */
#pragma once

#include "plans/plan_file.h"
#include "report/report.h"

/* options->verbose: every target too. */
char *plan_file_view_text(const PlanFile *file, const ReportOptions *options);
char *plan_file_view_json(const PlanFile *file);
