/* Event line: what happened in a run as lines of JSON, one an event (NDJSON): what --events writes while it
 * happens and "report --format ndjson" prints again from the ledger, the same bytes. docs/events.schema.json
 * is their schema. Pure. */
#pragma once

#include "report/report.h"

/* The version of the lines: keys and types may be added to it, none taken away or changed. */
#define EVENT_LINE_VERSION 1

/* With its newline. `run` is looked at for what began and finished say of it. Caller frees. */
char *event_line(const RunResult *run, const RunEvent *event);
/* Instead of `count` events that a slow reader did not take in time. Caller frees. */
char *event_line_dropped(const RunResult *run, gint64 time_us, guint count);
/* All of run->events, which are loaded. Caller frees. */
char *event_lines(const RunResult *run);
