/* Plan file view: a plan file for those who review it. Pure.
 *
 * Markdown and HTML show the SQL of steps where `graph` (NULL: revisions were not read) has their sections as
 * they were planned. */
#pragma once

#include "plans/plan_file.h"
#include "report/report.h"

/* options->verbose: every target too. */
char *plan_file_view_text(const PlanFile *file, const ReportOptions *options);
char *plan_file_view_json(const PlanFile *file);
/* The comment of a pull request: at most `max_bytes` long (8,000 or more), and what was left out for that is
 * said. Caller frees. */
char *plan_file_view_markdown(const PlanFile *file, const RevisionGraph *graph, gsize max_bytes);
/* One page that needs no server, no file and no network. Caller frees. */
char *plan_file_view_html(const PlanFile *file, const RevisionGraph *graph);
