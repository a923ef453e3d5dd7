/* Report page: puts the page's files and a run's data together into one document. */
#include "report/report_page.h"
#include "report/page_files.h"
#include <gio/gio.h>
#include <string.h>

/* In the order in which they are run: each may use what those before it define. */
static const char *const scripts[] = {"page_text.js",     "page_model.js",     "page_filter.js",
                                      "page_overview.js", "page_waves.js",     "page_failures.js",
                                      "page_matrix.js",   "page_durations.js", "page_timeline.js",
                                      "page_targets.js",  "page_detail.js",    "page_start.js"};

static void append_file(GString *out, const char *name)
{
    g_autofree char *path = g_strconcat("/dbfleet/page/", name, NULL);
    g_autoptr(GBytes) bytes =
        g_resource_lookup_data(page_files_get_resource(), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    gsize length = 0;
    const char *text = g_bytes_get_data(bytes, &length);
    g_string_append_len(out, text, (gssize)length);
}

static char *whole_script(void)
{
    GString *out = g_string_new("(() => {\n\"use strict\";\n");
    for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++)
        append_file(out, scripts[i]);
    g_string_append(out, "})();\n");
    return g_string_free(out, FALSE);
}

static char *file_text(const char *name)
{
    GString *out = g_string_new(NULL);
    append_file(out, name);
    return g_string_free(out, FALSE);
}

/* 'sha256-…' as Content Security Policy Level 3, section 2.3.1, writes it. Caller frees. */
static char *policy_hash(const char *text)
{
    guint8 digest[32];
    gsize length = sizeof digest;
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, (const guchar *)text, -1);
    g_checksum_get_digest(sum, digest, &length);
    g_autofree char *base64 = g_base64_encode(digest, length);
    return g_strdup_printf("'sha256-%s'", base64);
}

/* Nothing may be loaded, run or sent but what the page holds itself; a live page may ask its own server. */
static char *policy_text(const char *style, const char *script, bool live)
{
    g_autofree char *style_hash = policy_hash(style);
    g_autofree char *script_hash = policy_hash(script);
    return g_strdup_printf("default-src 'none'; style-src %s; script-src %s; img-src data:; connect-src %s; "
                           "base-uri 'none'; form-action 'none'",
                           style_hash, script_hash, live ? "'self'" : "'none'");
}

/* JSON for a <script>: no "</script" nor "<!--" can be in it (HTML, section 4.12.1.3). Caller frees. */
static char *data_text(const RunResult *run)
{
    GString *data = g_string_new(NULL);
    g_autofree char *json = report_page_json(run);
    const char *from = json;
    for (const char *at = strchr(from, '<'); at; at = strchr(from, '<')) {
        g_string_append_len(data, from, at - from);
        g_string_append(data, "\\u003c");
        from = at + 1;
    }
    g_string_append(data, from);
    return g_string_free(data, FALSE);
}

typedef struct Filling {
    const char *mark; /* in page.html, between {{ and }} */
    const char *text;
} Filling;

static const char *filling_of(const Filling *fillings, const char *mark, gsize length)
{
    for (; fillings->mark; fillings++)
        if (strlen(fillings->mark) == length && memcmp(fillings->mark, mark, length) == 0)
            return fillings->text;
    g_assert_not_reached();
}

/* Goes over the template once: what is filled in is not looked at again. */
static char *fill(const char *template, const Filling *fillings)
{
    GString *out = g_string_new(NULL);
    for (const char *open = strstr(template, "{{"); open; open = strstr(template, "{{")) {
        const char *close = strstr(open, "}}");
        g_string_append_len(out, template, open - template);
        g_string_append(out, filling_of(fillings, open + 2, (gsize)(close - open - 2)));
        template = close + 2;
    }
    g_string_append(out, template);
    return g_string_free(out, FALSE);
}

char *report_page_html(const RunResult *run, const char *live_url)
{
    g_autofree char *template = file_text("page.html");
    g_autofree char *style = file_text("page.css");
    g_autofree char *script = whole_script();
    g_autofree char *policy = policy_text(style, script, live_url != NULL);
    g_autofree char *title = g_markup_printf_escaped("%s %s (%s)", run->command, run->goal, run->id);
    g_autofree char *live = g_markup_escape_text(live_url ? live_url : "", -1);
    g_autofree char *data = data_text(run);
    const Filling fillings[] = {{"policy", policy},
                                {"title", title},
                                {"style", style},
                                {"live", live},
                                {"data", data},
                                {"script", script},
                                {0}};
    return fill(template, fillings);
}
