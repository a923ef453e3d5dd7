/* Explain view: why one target stands where it does, on one screen, and as JSON. Pure. */
#pragma once

#include "report/report.h"
#include "run/doctor/explanation.h"

/* At most about 24 lines unless options->verbose (then the whole path). Caller frees both. */
char *explain_view_text(const Explanation *explanation, const ReportOptions *options);
/* docs/reference/report-json.md documents it. */
char *explain_view_json(const Explanation *explanation);
