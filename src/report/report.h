/* Report: what a run did, as text for people and as JSON for programs. Pure: results in, text out; no
 * terminal, clock or disk.
 *
 * Order of the text: verdict and totals; per group; failures clustered by signature, most targets first, each
 * with one full example (file, line, statement, caret, server message, detail, hint) and the names of its
 * targets; what was not started and why; slowest targets; durations per revision (percentiles); the exact
 * command to type next. Fits 80 columns and uses 200. */
#pragma once

#include "run/results.h"

typedef struct ReportOptions {
    unsigned width; /* columns */
    bool color;
    bool verbose;        /* every target on a line of its own */
    const char *project; /* its name, for metrics; NULL: none */
} ReportOptions;

/* Caller frees. */
char *report_text(const RunResult *run, const ReportOptions *options);
/* The same in pieces, as they are made: however many steps there were, they are never in memory all at once.
 */
typedef void (*ReportWrite)(gpointer context, const char *text, gsize length);
void report_text_write(const RunResult *run, const ReportOptions *options, ReportWrite write,
                       gpointer context);
/* docs/reference/report-json.md documents it; every number in the text is in it. Caller frees. */
char *report_json(const RunResult *run);
/* For the comment of a pull request or an issue: verdict, next command, waves, groups, failures with their
 * SQL; at most `max_bytes` long, and what was left out for that is said. Caller frees. */
char *report_markdown(const RunResult *run, gsize max_bytes);
#define REPORT_MARKDOWN_MAX 60000 /* GitHub takes 65,536 characters in a comment */
/* JUnit's XML, as CI servers read it: a suite for each group and one for gates, a case for each target. What
 * counts against the run's exit code is a failure or an error there. Caller frees. */
char *report_junit(const RunResult *run);
/* What to type next: "dbfleet resume RUN" where targets were held back, "dbfleet retry RUN" where some only
 * failed, with the names of the variables to give again; NULL when nothing is left to do. Caller frees. */
char *report_next_command(const RunResult *run);
