/* Report page: a run as one HTML page that needs nothing else: no server, no file, no network. Its markup,
 * style and script are the files in src/report/page/, embedded at build time. Pure. */
#pragma once

#include "run/results.h"

/* What the page draws, as JSON on one line: what report_json() says and what a picture needs besides (waves,
 * gates, workers), compact, for this page alone: who writes programs reads report_json(). A live page gets
 * the same again and again. Caller frees. */
char *report_page_json(const RunResult *run);
/* The same with only those targets that differ from `before`, an earlier load of the same run; a live page
 * puts them in the place of those it has. Caller frees. */
char *report_page_changes(const RunResult *run, const RunResult *before);
/* The whole page with the data in it. `live_url` NULL: as it is; else where the page asks for server-sent
 * events: a URL of its own origin (its policy allows no other), best relative to it, as "events?token=…". The
 * data of each unnamed event is report_page_json(), as that of the first of each connection must be, or
 * report_page_changes(). The browser connects again by itself when a connection is lost; once it has had the
 * end of the run, the page asks no more after that, and stays as it is. Caller frees. */
char *report_page_html(const RunResult *run, const char *live_url);
