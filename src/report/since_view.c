/* Since view: owns the words for what came, went and moved since an earlier run. Pure. */
#include "report/since_view_internal.h"

#include "base/finding.h"
#include "report/style_internal.h"

#define NAMES_SHOWN 5

static void append_names(GString *text, const GPtrArray *names, const char *what,
                         const ReportOptions *options)
{
    if (names->len == 0)
        return;
    g_autofree char *list = finding_names(names, options->verbose ? names->len : NAMES_SHOWN);
    g_string_append_printf(text, "%s %u %s (%s)", text->str[text->len - 1] == ':' ? "" : ",", names->len,
                           what, list);
}

void since_view_print(GString *out, const FleetSince *since, const ReportOptions *options)
{
    if (!since || fleet_since_is_empty(since))
        return;
    g_autoptr(GPtrArray) moved = g_ptr_array_new();
    for (guint i = 0; i < since->moved->len; i++)
        g_ptr_array_add(moved, ((const FleetMove *)since->moved->pdata[i])->target);
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "the fleet is not that of run %s:", since->run);
    append_names(text, since->added, "new", options);
    append_names(text, since->gone, "gone", options);
    append_names(text, moved, "at another place", options);
    style_append_wrapped(out, 2, options->width, "note:", text->str);
}

static void names_json(JsonOut *json, const char *key, const GPtrArray *names)
{
    json_out_begin_array(json, key);
    for (guint i = 0; i < names->len; i++)
        json_out_string(json, NULL, names->pdata[i]);
    json_out_end_array(json);
}

void since_view_json(JsonOut *json, const FleetSince *since)
{
    if (!since) {
        json_out_null(json, "since");
        return;
    }
    json_out_begin_object(json, "since");
    json_out_string(json, "run", since->run);
    names_json(json, "new", since->added);
    names_json(json, "gone", since->gone);
    json_out_begin_array(json, "moved");
    for (guint i = 0; i < since->moved->len; i++) {
        const FleetMove *move = since->moved->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "target", move->target);
        json_out_string(json, "was", move->was);
        json_out_string(json, "is", move->is);
        json_out_end_object(json);
    }
    json_out_end_array(json);
    json_out_end_object(json);
}
