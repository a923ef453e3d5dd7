/* Schema check view: a heading for each dialect, a line for each difference. */
#include "report/schema_check_view.h"

#include "report/drift_view.h"
#include "report/style_internal.h"

/* ---- Text ---- */

static void dialect_head(GString *out, const SchemaCheckDialect *self, unsigned lines,
                         const ReportOptions *options)
{
    bool differs = schema_check_differs(self);
    unsigned count = lines + self->renames->len;
    style_append(out, options->color, differs ? STYLE_YELLOW : STYLE_GREEN, differs ? "differs" : "same");
    g_string_append_printf(out, "  %s (%s): ", dialect_name(self->dialect), self->server);
    if (differs)
        g_string_append_printf(out, "%u %s between the revisions and the schema files\n", count,
                               count == 1 ? "difference" : "differences");
    else
        g_string_append(out, "the revisions lead to what the schema files say\n");
}

static void dialect_text(GString *out, const SchemaCheckDialect *self, const ReportOptions *options)
{
    g_autoptr(GPtrArray) lines = drift_lines(self->differences);
    dialect_head(out, self, lines->len, options);
    for (guint i = 0; i < self->renames->len; i++)
        style_append_wrapped(out, 2, options->width, "to be renamed:", self->renames->pdata[i]);
    for (guint i = 0; i < lines->len; i++)
        style_append_wrapped(out, 2, options->width, "", lines->pdata[i]);
    for (guint i = 0; i < self->possible_renames->len; i++)
        style_append_wrapped(out, 2, options->width, "if it is a rename: --rename",
                             self->possible_renames->pdata[i]);
}

char *schema_check_view_text(const SchemaCheckResult *result, const ReportOptions *options)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < result->dialects->len; i++)
        dialect_text(out, result->dialects->pdata[i], options);
    if (schema_check_result_differs(result))
        g_string_append(out, "\nNext: dbfleet revision --autogenerate -m '…' writes the revision that is "
                             "missing\n");
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

char *schema_check_view_json(const SchemaCheckResult *result)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_object(json, NULL);
    json_out_int(json, "format", 1);
    json_out_bool(json, "different", schema_check_result_differs(result));
    json_out_string(json, "schema", result->folder);
    json_out_begin_array(json, "dialects");
    for (guint i = 0; i < result->dialects->len; i++) {
        const SchemaCheckDialect *dialect = result->dialects->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "dialect", dialect_name(dialect->dialect));
        json_out_string(json, "server", dialect->server);
        json_out_bool(json, "different", schema_check_differs(dialect));
        strings_json(json, "renames", dialect->renames);
        drift_view_differences_json(json, dialect->differences);
        strings_json(json, "possible_renames", dialect->possible_renames);
        json_out_end_object(json);
    }
    json_out_end_array(json);
    json_out_end_object(json);
    return json_out_steal(json);
}

/* ---- GitHub ---- */

/* Data of a workflow command: %, CR and LF are written %25, %0D and %0A. */
static void annotate(GString *out, const SchemaCheckDialect *self, const char *text)
{
    g_autoptr(GString) data = g_string_new(text);
    g_string_replace(data, "%", "%25", 0);
    g_string_replace(data, "\r", "%0D", 0);
    g_string_replace(data, "\n", "%0A", 0);
    g_string_append_printf(out, "::error title=schema files and revisions differ (%s)::%s\n",
                           dialect_name(self->dialect), data->str);
}

char *schema_check_view_github(const SchemaCheckResult *result)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < result->dialects->len; i++) {
        const SchemaCheckDialect *dialect = result->dialects->pdata[i];
        g_autoptr(GPtrArray) lines = drift_lines(dialect->differences);
        for (guint j = 0; j < dialect->renames->len; j++)
            annotate(out, dialect, dialect->renames->pdata[j]);
        for (guint j = 0; j < lines->len; j++)
            annotate(out, dialect, lines->pdata[j]);
    }
    return g_string_free(out, FALSE);
}
