/* Report forms: every form that a run's report can have, as rows of one table: what "report --format" and
 * "--report FILE" offer. Pure. */
#pragma once

#include "report/report.h"

typedef struct ReportForm {
    const char *name;   /* "markdown": as --format takes it */
    const char *suffix; /* ".md": a file whose name ends so is written in it; NULL: none is */
    bool needs_events;  /* run->events is to be loaded */
    char *(*render)(const RunResult *run, const ReportOptions *options); /* caller frees */
} ReportForm;

/* The names, NULL-terminated, for the table of options. */
extern const char *const report_form_names[];
/* NULL if there is none. */
const ReportForm *report_form_named(const char *name);
const ReportForm *report_form_of_file(const char *path);
/* ".txt, .json, …": for messages. Caller frees. */
char *report_form_suffixes(void);
