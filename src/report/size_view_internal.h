/* Size view: how large the tables are that a plan touches, in every form of a plan. Pure. */
#pragma once

#include "base/json_out.h"
#include "plans/table_size.h"
#include "report/report.h"

/* "12,000 rows, 3.1 MB": "at least" and "unknown size" where it is so. Caller frees. */
char *size_view_amount(gint64 rows, gint64 bytes, bool at_least);
/* The tables, largest first. Nothing for NULL. */
void size_view_print(GString *out, const GPtrArray *sizes, const ReportOptions *options);
/* "sizes": a list, or null. */
void size_view_json(JsonOut *json, const GPtrArray *sizes);
