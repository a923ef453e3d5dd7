/* Report page: puts the page's files and a run's data together into one document. */
#include "report/report_page.h"
#include "report/page_parts_internal.h"

/* In the order in which they are run: each may use what those before it define. */
static const char *const scripts[] = {"page_text.js",     "page_model.js",     "page_filter.js",
                                      "page_overview.js", "page_waves.js",     "page_failures.js",
                                      "page_matrix.js",   "page_durations.js", "page_timeline.js",
                                      "page_targets.js",  "page_detail.js",    "page_start.js"};

char *report_page_html(const RunResult *run, const char *live_url)
{
    g_autofree char *template = page_file_text("page.html");
    g_autofree char *style = page_file_text("page.css");
    g_autofree char *script = page_script(scripts, G_N_ELEMENTS(scripts));
    g_autofree char *policy = page_policy(style, script, live_url != NULL);
    g_autofree char *title = g_markup_printf_escaped("%s %s (%s)", run->command, run->goal, run->id);
    g_autofree char *live = g_markup_escape_text(live_url ? live_url : "", -1);
    g_autofree char *json = report_page_json(run), *data = page_data(json);
    const PageFilling fillings[] = {{"policy", policy},
                                    {"title", title},
                                    {"style", style},
                                    {"live", live},
                                    {"data", data},
                                    {"script", script},
                                    {0}};
    return page_fill(template, fillings);
}
