/* Lint view: SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0): sections 3.13 sarifLog, 3.14 run, 3.27
 * result, 3.49 reportingDescriptor. */
#include "base/json_out.h"
#include "report/lint_view.h"
#include "report/lint_view_internal.h"

#define SCHEMA_URI                                                                                           \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

static const char *level_of(FindingLevel level)
{
    return level == FINDING_NOTE ? "note" : finding_level_name(level);
}

static void write_message(JsonOut *json, const char *key, const char *text)
{
    json_out_begin_object(json, key);
    json_out_string(json, "text", text);
    json_out_end_object(json);
}

static void write_rule(JsonOut *json, const LintFinding *finding)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "id", finding->rule);
    write_message(json, "shortDescription", finding->title);
    write_message(json, "fullDescription", finding->why);
    write_message(json, "help", finding->advice);
    json_out_end_object(json);
}

/* The rules that found something, each once. */
static void write_rules(JsonOut *json, const LintResult *result)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    json_out_begin_array(json, "rules");
    for (guint i = 0; i < result->findings->len; i++) {
        const LintFinding *finding = result->findings->pdata[i];
        if (g_hash_table_add(seen, (gpointer)finding->rule))
            write_rule(json, finding);
    }
    json_out_end_array(json);
}

static void write_location(JsonOut *json, const LintFinding *finding, const char *folder)
{
    const char *file = lint_view_path(finding->file, folder);
    g_autofree char *uri = file ? g_uri_escape_string(file, "/", FALSE) : NULL;
    json_out_begin_array(json, "locations");
    if (uri) {
        json_out_begin_object(json, NULL);
        json_out_begin_object(json, "physicalLocation");
        json_out_begin_object(json, "artifactLocation");
        json_out_string(json, "uri", uri);
        json_out_end_object(json);
        json_out_begin_object(json, "region");
        json_out_int(json, "startLine", MAX(finding->line, 1));
        json_out_int(json, "startColumn", MAX(finding->column, 1));
        json_out_end_object(json);
        json_out_end_object(json);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static void write_result(JsonOut *json, const LintFinding *finding, const char *folder)
{
    g_autofree char *text = g_strdup_printf("%s%s%s. %s", finding->message, finding->fleet ? "; " : "",
                                            finding->fleet ? finding->fleet : "", finding->advice);
    json_out_begin_object(json, NULL);
    json_out_string(json, "ruleId", finding->rule);
    json_out_string(json, "level", level_of(finding->severity));
    write_message(json, "message", text);
    write_location(json, finding, folder);
    json_out_end_object(json);
}

static void write_tool(JsonOut *json, const LintResult *result)
{
    json_out_begin_object(json, "tool");
    json_out_begin_object(json, "driver");
    json_out_string(json, "name", "dbfleet lint");
    json_out_string(json, "version", DBFLEET_VERSION);
    write_rules(json, result);
    json_out_end_object(json);
    json_out_end_object(json);
}

char *lint_view_sarif(const LintResult *result, const char *folder)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_object(json, NULL);
    json_out_string(json, "$schema", SCHEMA_URI);
    json_out_string(json, "version", "2.1.0");
    json_out_begin_array(json, "runs");
    json_out_begin_object(json, NULL);
    write_tool(json, result);
    json_out_string(json, "columnKind", "unicodeCodePoints");
    json_out_begin_array(json, "results");
    for (guint i = 0; i < result->findings->len; i++)
        write_result(json, result->findings->pdata[i], folder);
    json_out_end_array(json);
    json_out_end_object(json);
    json_out_end_array(json);
    json_out_end_object(json);
    return json_out_steal(json);
}
