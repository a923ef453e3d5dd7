/* Lint view: text, JSON and GitHub's annotations. */
#include "report/lint_view.h"
#include "base/json_out.h"
#include "base/terminal.h"
#include "report/lint_view_internal.h"
#include "report/style_internal.h"

#include <string.h>

const char *lint_view_path(const char *file, const char *folder)
{
    gsize length = folder ? strlen(folder) : 0;
    bool inside = file && length > 0 && strncmp(file, folder, length) == 0 && file[length] == '/';
    return inside ? file + length + 1 : file;
}

static StyleColor color_of(FindingLevel level)
{
    return level == FINDING_ERROR ? STYLE_RED : level == FINDING_WARNING ? STYLE_YELLOW : STYLE_PLAIN;
}

/* ---- Text ---- */

static void print_finding(GString *out, const LintFinding *finding, const char *folder,
                          const ReportOptions *options)
{
    const char *file = lint_view_path(finding->file, folder);
    g_autofree char *place = g_strdup_printf("%s:%u:%u: ", file ? file : finding->revision, finding->line,
                                             MAX(finding->column, 1));
    g_string_append(out, place);
    g_autofree char *head = g_strdup_printf("%s: %s", finding_level_name(finding->severity), finding->rule);
    style_append(out, options->color, color_of(finding->severity), head);
    style_append_words(out, (unsigned)(strlen(place) + strlen(head)), 4, options->width, finding->message);
    if (finding->fleet)
        style_append_wrapped(out, 4, options->width, "targets:", finding->fleet);
    if (options->verbose)
        style_append_wrapped(out, 4, options->width, "why:", finding->why);
    style_append_wrapped(out, 4, options->width, "instead:", finding->advice);
}

static void print_totals(GString *out, const LintResult *result, const ReportOptions *options)
{
    unsigned errors = lint_result_count(result, FINDING_ERROR),
             warnings = lint_result_count(result, FINDING_WARNING),
             notes = lint_result_count(result, FINDING_NOTE);
    const StyleCount counts[] = {
        {errors, errors == 1 ? "error" : "errors", STYLE_RED},
        {warnings, warnings == 1 ? "warning" : "warnings", STYLE_YELLOW},
        {notes, notes == 1 ? "note" : "notes", STYLE_PLAIN},
        {result->allowed, "allowed", STYLE_PLAIN},
    };
    g_autofree char *lead = g_strdup_printf(
        "lint: %u %s%s%s%s:", result->revisions, result->revisions == 1 ? "revision" : "revisions",
        result->scope ? " (" : "", result->scope ? result->scope : "", result->scope ? ")" : "");
    bool nothing = result->findings->len == 0 && result->allowed == 0;
    if (nothing)
        style_append_wrapped(out, 0, options->width, lead, "nothing found");
    else
        style_append_counts(out, options, lead, counts, G_N_ELEMENTS(counts));
}

static void print_measured(GString *out, const LintMeasured *seen, const char *folder,
                           const ReportOptions *options)
{
    const char *file = lint_view_path(seen->file, folder);
    g_autofree char *label =
        g_strdup_printf("%s:%u: %s:", file ? file : "", seen->line, dialect_name(seen->dialect));
    g_autofree char *text =
        g_strdup_printf("%s: %s%s%s%s%s", seen->table, seen->lock ? seen->lock : seen->algorithm,
                        seen->lock ? " lock" : "", seen->rewritten ? ", rewritten" : "",
                        seen->scanned ? ", read in full" : "", seen->blocks_writes ? ", writers wait" : "");
    style_append_wrapped(out, 0, options->width, label, text);
}

char *lint_view_text(const LintResult *result, const char *folder, const ReportOptions *options)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < result->findings->len; i++)
        print_finding(out, result->findings->pdata[i], folder, options);
    if (result->findings->len > 0)
        g_string_append_c(out, '\n');
    for (guint i = 0; options->verbose && i < result->measured->len; i++)
        print_measured(out, result->measured->pdata[i], folder, options);
    for (guint i = 0; i < result->unchecked->len; i++)
        style_append_wrapped(out, 0, options->width, "not looked at:", result->unchecked->pdata[i]);
    print_totals(out, result, options);
    return g_string_free(out, FALSE);
}

/* ---- JSON ---- */

static void write_dialects(JsonOut *json, unsigned dialects)
{
    json_out_begin_array(json, "dialects");
    for (unsigned i = 0; i < DIALECT_COUNT; i++)
        if (dialects & 1u << i)
            json_out_string(json, NULL, dialect_name((Dialect)i));
    json_out_end_array(json);
}

static void write_texts(JsonOut *json, const char *key, const GPtrArray *texts)
{
    json_out_begin_array(json, key);
    for (guint i = 0; i < texts->len; i++)
        json_out_string(json, NULL, texts->pdata[i]);
    json_out_end_array(json);
}

static void write_finding(JsonOut *json, const LintFinding *finding, const char *folder)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "rule", finding->rule);
    json_out_string(json, "severity", finding_level_name(finding->severity));
    json_out_string(json, "revision", finding->revision);
    json_out_string(json, "file", lint_view_path(finding->file, folder));
    json_out_int(json, "line", finding->line);
    json_out_int(json, "column", finding->column);
    json_out_string(json, "object", finding->object);
    json_out_string(json, "message", finding->message);
    json_out_string(json, "advice", finding->advice);
    json_out_string(json, "fleet", finding->fleet);
    write_texts(json, "targets", finding->targets);
    write_dialects(json, finding->dialects);
    json_out_end_object(json);
}

static void write_measured(JsonOut *json, const LintMeasured *seen, const char *folder)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "file", lint_view_path(seen->file, folder));
    json_out_int(json, "line", seen->line);
    json_out_string(json, "dialect", dialect_name(seen->dialect));
    json_out_string(json, "table", seen->table);
    json_out_string(json, "lock", seen->lock);
    json_out_string(json, "algorithm", seen->algorithm);
    json_out_bool(json, "rewritten", seen->rewritten);
    json_out_bool(json, "scanned", seen->scanned);
    json_out_bool(json, "blocks_writes", seen->blocks_writes);
    json_out_end_object(json);
}

char *lint_view_json(const LintResult *result, const char *folder)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_object(json, NULL);
    json_out_int(json, "revisions", result->revisions);
    json_out_string(json, "scope", result->scope);
    json_out_int(json, "errors", lint_result_count(result, FINDING_ERROR));
    json_out_int(json, "warnings", lint_result_count(result, FINDING_WARNING));
    json_out_int(json, "notes", lint_result_count(result, FINDING_NOTE));
    json_out_int(json, "allowed", result->allowed);
    json_out_int(json, "targets_asked", result->asked);
    json_out_begin_array(json, "findings");
    for (guint i = 0; i < result->findings->len; i++)
        write_finding(json, result->findings->pdata[i], folder);
    json_out_end_array(json);
    json_out_begin_array(json, "measured");
    for (guint i = 0; i < result->measured->len; i++)
        write_measured(json, result->measured->pdata[i], folder);
    json_out_end_array(json);
    write_texts(json, "unchecked", result->unchecked);
    json_out_end_object(json);
    return json_out_steal(json);
}

/* ---- GitHub ---- */

/* Percent, line ends, and in properties also colon and comma are escaped (actions/toolkit, "Workflow
 * commands"). */
static void append_escaped(GString *out, const char *text, bool property)
{
    for (const char *at = text; *at; at++) {
        bool special = *at == '%' || *at == '\r' || *at == '\n' || (property && (*at == ':' || *at == ','));
        if (special)
            g_string_append_printf(out, "%%%02X", (unsigned)*at);
        else
            g_string_append_c(out, *at);
    }
}

static void append_annotation(GString *out, const LintFinding *finding, const char *folder)
{
    static const char *const commands[] = {"notice", "notice", "warning", "error"};
    const char *file = lint_view_path(finding->file, folder);
    g_string_append_printf(out, "::%s ", commands[finding->severity]);
    if (file) {
        g_string_append(out, "file=");
        append_escaped(out, file, true);
        g_string_append_printf(out, ",line=%u,col=%u,", finding->line, MAX(finding->column, 1));
    }
    g_string_append(out, "title=");
    g_autofree char *title = g_strdup_printf("%s: %s", finding->rule, finding->title);
    append_escaped(out, title, true);
    g_string_append(out, "::");
    g_autofree char *message = g_strdup_printf("%s%s%s\n%s", finding->message, finding->fleet ? "\n" : "",
                                               finding->fleet ? finding->fleet : "", finding->advice);
    append_escaped(out, message, false);
    g_string_append_c(out, '\n');
}

char *lint_view_github(const LintResult *result, const char *folder)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < result->findings->len; i++)
        append_annotation(out, result->findings->pdata[i], folder);
    for (guint i = 0; i < result->unchecked->len; i++) {
        g_string_append(out, "::notice title=not looked at::");
        append_escaped(out, result->unchecked->pdata[i], false);
        g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}
