/* Since view: how a plan's fleet differs from that of an earlier run, as text and JSON. Pure. */
#pragma once

#include "base/json_out.h"
#include "plans/fleet_since.h"
#include "report/report.h"

/* A note of a line or two; nothing where nothing differs. */
void since_view_print(GString *out, const FleetSince *since, const ReportOptions *options);
/* The key "since"; NULL: null. */
void since_view_json(JsonOut *json, const FleetSince *since);
