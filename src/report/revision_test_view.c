/* Revision test view: what failed in full, what is irreversible or lossy in a line or two. */
#include "report/revision_test_view.h"

#include "base/json_out.h"
#include "base/markup.h"
#include "report/style_internal.h"

#define LINES_SHOWN 10u

/* ---- Text ---- */

static bool has_news(const RevisionTest *self)
{
    return self->verdict != TEST_PASSED || self->lost->len > 0 || self->needs_no_rows || self->empty->len > 0;
}

static void add_lines(GString *out, const char *label, const GPtrArray *lines, const ReportOptions *options)
{
    for (guint i = 0; i < lines->len && (i < LINES_SHOWN || options->verbose); i++)
        style_append_wrapped(out, 4, options->width, label, lines->pdata[i]);
    if (lines->len > LINES_SHOWN && !options->verbose) {
        g_autofree char *more = g_strdup_printf("… and %u more (-v)", lines->len - LINES_SHOWN);
        style_append_wrapped(out, 4, options->width, label, more);
    }
}

static void add_head(GString *out, const RevisionTest *self, const ReportOptions *options)
{
    static const StyleColor colors[TEST_VERDICT_COUNT] = {STYLE_GREEN, STYLE_YELLOW, STYLE_RED};
    g_autofree char *rest =
        g_strdup_printf("%s  %s%s%s", dialect_name(self->dialect), self->revision ? self->revision : "",
                        self->revision && *self->message ? "  " : "", self->message);
    style_append(out, options->color, colors[self->verdict], test_verdict_name(self->verdict));
    g_string_append(out, "  ");
    style_append_words(out, 14, 4, options->width, rest);
}

static void add_test(GString *out, const RevisionTest *self, const ReportOptions *options)
{
    if (!options->verbose && !has_news(self))
        return;
    add_head(out, self, options);
    if (self->verdict == TEST_FAILED) {
        g_autofree char *label = g_strdup_printf("%s:", self->step);
        style_append_wrapped(out, 4, options->width, label, self->reason);
    }
    if (self->verdict == TEST_IRREVERSIBLE)
        style_append_wrapped(out, 4, options->width, "",
                             self->declared ? "has no way down, and says so" : "has no way down");
    add_lines(out, "", self->differences, options);
    if (self->needs_no_rows)
        style_append_wrapped(out, 4, options->width, "fails where there are rows:", self->needs_no_rows);
    add_lines(out, "lost between up and down:", self->lost, options);
    add_lines(out, "tried without rows:", self->empty, options);
}

char *revision_test_view_text(const RevisionTestResult *result, const ReportOptions *options)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < result->tests->len; i++)
        add_test(out, result->tests->pdata[i], options);
    const StyleCount counts[] = {
        {result->counts[TEST_PASSED], "passed", STYLE_GREEN},
        {result->counts[TEST_IRREVERSIBLE], "irreversible", STYLE_YELLOW},
        {result->lossy, "of these lossy", STYLE_YELLOW},
        {result->only_without_rows, "of these only where tables are empty", STYLE_YELLOW},
        {result->counts[TEST_FAILED], "failed", STYLE_RED}};
    if (result->tests->len == 0)
        g_string_append(out, "no revision to test\n");
    else
        style_append_counts(out, options, "revisions:", counts, G_N_ELEMENTS(counts));
    return g_string_free(out, FALSE);
}

/* ---- JSON ---- */

static void strings_json(JsonOut *json, const char *key, const GPtrArray *texts)
{
    json_out_begin_array(json, key);
    for (guint i = 0; i < texts->len; i++)
        json_out_string(json, NULL, texts->pdata[i]);
    json_out_end_array(json);
}

static void test_json(JsonOut *json, const RevisionTest *self)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "dialect", dialect_name(self->dialect));
    json_out_string(json, "revision", self->revision);
    json_out_string(json, "message", self->message);
    json_out_string(json, "file", self->file);
    json_out_string(json, "verdict", test_verdict_name(self->verdict));
    json_out_bool(json, "declared", self->declared);
    json_out_string(json, "step", self->step);
    json_out_string(json, "reason", self->reason);
    strings_json(json, "differences", self->differences);
    strings_json(json, "lost", self->lost);
    json_out_string(json, "needs_no_rows", self->needs_no_rows);
    strings_json(json, "empty_tables", self->empty);
    json_out_int(json, "rows", self->rows);
    json_out_double(json, "seconds", (double)self->duration_us / 1e6);
    json_out_end_object(json);
}

char *revision_test_view_json(const RevisionTestResult *result)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_object(json, NULL);
    json_out_int(json, "format", 1);
    json_out_begin_object(json, "totals");
    for (int verdict = 0; verdict < TEST_VERDICT_COUNT; verdict++)
        json_out_int(json, test_verdict_name((TestVerdict)verdict), result->counts[verdict]);
    json_out_int(json, "lossy", result->lossy);
    json_out_int(json, "only_without_rows", result->only_without_rows);
    json_out_end_object(json);
    json_out_begin_array(json, "tests");
    for (guint i = 0; i < result->tests->len; i++)
        test_json(json, result->tests->pdata[i]);
    json_out_end_array(json);
    json_out_end_object(json);
    return json_out_steal(json);
}

/* ---- JUnit ---- */

static void add_body(GString *out, const char *tag, const char *title, const GPtrArray *lines)
{
    g_autofree char *head = xml_escape(title);
    g_string_append_printf(out, "      <%s message=\"%s\">", tag, head);
    for (guint i = 0; i < lines->len; i++) {
        g_autofree char *line = xml_escape(lines->pdata[i]);
        g_string_append_printf(out, "%s%s", i ? "\n" : "", line);
    }
    g_string_append_printf(out, "</%s>\n", tag);
}

static void add_output(GString *out, const RevisionTest *self)
{
    if (self->lost->len == 0 && !self->needs_no_rows)
        return;
    g_string_append(out, "      <system-out>");
    for (guint i = 0; i < self->lost->len; i++) {
        g_autofree char *line = xml_escape(self->lost->pdata[i]);
        g_string_append_printf(out, "lost between up and down: %s\n", line);
    }
    if (self->needs_no_rows) {
        g_autofree char *line = xml_escape(self->needs_no_rows);
        g_string_append_printf(out, "fails where there are rows: %s\n", line);
    }
    g_string_append(out, "</system-out>\n");
}

static void add_case(GString *out, const RevisionTest *self)
{
    g_autofree char *name = g_strdup_printf("%s%s%s", self->revision ? self->revision : "",
                                            self->revision && *self->message ? " " : "", self->message);
    g_autofree char *safe = xml_escape(name);
    g_autofree char *title =
        self->verdict == TEST_FAILED ? g_strdup_printf("%s: %s", self->step, self->reason) : NULL;
    g_string_append_printf(out, "    <testcase classname=\"dbfleet.%s\" name=\"%s\" time=\"%.3f\">\n",
                           dialect_name(self->dialect), safe, (double)self->duration_us / 1e6);
    if (title)
        add_body(out, "failure", title, self->differences);
    else if (self->verdict == TEST_IRREVERSIBLE)
        g_string_append(out, "      <skipped message=\"it has no way down\"/>\n");
    add_output(out, self);
    g_string_append(out, "    </testcase>\n");
}

static void add_suite(GString *out, const RevisionTestResult *result, Dialect dialect)
{
    unsigned counts[TEST_VERDICT_COUNT] = {0};
    unsigned tests = 0;
    gint64 duration_us = 0;
    for (guint i = 0; i < result->tests->len; i++) {
        const RevisionTest *test = result->tests->pdata[i];
        if (test->dialect != dialect)
            continue;
        tests++;
        counts[test->verdict]++;
        duration_us += test->duration_us;
    }
    if (tests == 0)
        return;
    g_string_append_printf(out,
                           "  <testsuite name=\"dbfleet %s\" tests=\"%u\" failures=\"%u\" errors=\"0\" "
                           "skipped=\"%u\" time=\"%.3f\">\n",
                           dialect_name(dialect), tests, counts[TEST_FAILED], counts[TEST_IRREVERSIBLE],
                           (double)duration_us / 1e6);
    for (guint i = 0; i < result->tests->len; i++)
        if (((const RevisionTest *)result->tests->pdata[i])->dialect == dialect)
            add_case(out, result->tests->pdata[i]);
    g_string_append(out, "  </testsuite>\n");
}

char *revision_test_view_junit(const RevisionTestResult *result)
{
    GString *out = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (int dialect = 0; dialect < DIALECT_COUNT; dialect++)
        add_suite(out, result, (Dialect)dialect);
    g_string_append(out, "</testsuites>\n");
    return g_string_free(out, FALSE);
}
