/* Drift view: what comparing a selection with its revisions has found, as text and JSON. Pure.
 *
 * 800 targets without drift are a few lines: targets of the same schema are one entry with their number and
 * the first names; what differs stands object by object under those it differs on. */
#pragma once

#include "base/json_out.h"
#include "dev/drift_result.h"
#include "report/report.h"

/* options->verbose: all names and all differences. Caller frees all. */
char *drift_view_text(const DriftResult *result, const ReportOptions *options);
/* docs/reference/report-json.md documents it. */
char *drift_view_json(const DriftResult *result);
/* The script that repairs the targets of a cluster, or one of them (`target` not NULL: where each is a schema
 * of its own): what it is for, what differs, whether it was tried, and its statements. NULL if there is none.
 */
char *drift_view_script(const DriftCluster *cluster, const Target *target);

/* "differences": of DriftDifference *, in JSON; shared with what else compares schemas. */
void drift_view_differences_json(JsonOut *json, const GPtrArray *differences);
