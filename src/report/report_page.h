/* Report page: a run as one HTML page that needs nothing else: no server, no file, no network. Its markup,
 * style and script are the files in src/report/page/, embedded at build time. Pure. */
#pragma once

#include "run/results.h"

/* What the page draws, as JSON: the data of report_json() and what a picture needs besides (waves, gates,
 * workers, events). A live page gets the same again and again. Caller frees. */
char *report_page_json(const RunResult *run);
/* The whole page with the data in it. `live_url` NULL: as it is; else the page asks there for server-sent
 * events, each of which is report_page_json() or a change of it. Caller frees. */
char *report_page_html(const RunResult *run, const char *live_url);
