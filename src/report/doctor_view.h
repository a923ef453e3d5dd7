/* Doctor view: a checkup as text and JSON. Pure.
 *
 * 400 healthy targets are one line; the same finding on many targets is one entry with their number and the
 * first names; what is a server's is told once, under that server. */
#pragma once

#include "report/report.h"
#include "run/doctor/checkup.h"

/* options->verbose: every target on a line of its own too, and all names. Caller frees both. */
char *doctor_view_text(const Checkup *checkup, const ReportOptions *options);
/* docs/reference/report-json.md documents it. */
char *doctor_view_json(const Checkup *checkup);
