/* Check view: one line for what passed; what cannot be told yet once for each revision and reason, however
 * many targets have it ahead. */
#include "report/check_view_internal.h"
#include "report/style_internal.h"

static char *place_of(const PlanCheck *check)
{
    const SourcePlace place = check->section->place;
    return g_strdup_printf("%s:%u", place.file ? place.file : "(memory)", place.line);
}

void check_view_refusal(GString *out, const PlanTarget *target, bool shared, const ReportOptions *options)
{
    const PlanCheck *refusal = target->problem == PROBLEM_CHECK ? plan_target_refusal(target) : NULL;
    if (!refusal)
        return;
    g_autofree char *place = place_of(refusal);
    g_autofree char *label = g_strdup_printf("found on %s:", target->target->name);
    style_append_wrapped(out, 6, options->width, "", place);
    if (refusal->detail)
        style_append_wrapped(out, 6, options->width, shared ? label : "found:", refusal->detail);
}

/* ---- What cannot be told yet ---- */

typedef struct Later {
    const PlanCheck *example;
    unsigned targets;
} Later;

/* The same reason on another target reads the same but for names; another reason is told by itself. */
static char *key_of(const PlanTarget *target, const PlanCheck *check)
{
    const char *const names[] = {target->target->name, target->target->url->database, NULL};
    g_autofree char *reason = message_pattern(check->reason ? check->reason : "", names);
    return g_strdup_printf("%s:%u|%s", check->revision->id, check->section->place.line, reason);
}

static void count_later(const PlanTarget *target, GPtrArray *all, GHashTable *by_key)
{
    for (guint i = 0; i < target->checks->answers->len; i++) {
        const PlanCheck *check = target->checks->answers->pdata[i];
        if (check->answer != CHECK_LATER)
            continue;
        g_autofree char *key = key_of(target, check);
        Later *later = g_hash_table_lookup(by_key, key);
        if (!later) {
            later = g_new0(Later, 1);
            later->example = check;
            g_hash_table_insert(by_key, g_steal_pointer(&key), later);
            g_ptr_array_add(all, later);
        }
        later->targets++;
    }
}

static void print_later(GString *out, const Later *later, const ReportOptions *options)
{
    g_autofree char *place = place_of(later->example);
    g_autofree char *text =
        g_strdup_printf("cannot be told yet on %u %s, and is asked again just before its step: %s (%s)",
                        later->targets, later->targets == 1 ? "target" : "targets",
                        later->example->reason ? later->example->reason : "", place);
    style_append_wrapped(out, 6, options->width, "", text);
}

void check_view_print(GString *out, const Plan *plan, const ReportOptions *options)
{
    g_autoptr(GPtrArray) later = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    unsigned asked = 0, passed = 0;
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanTarget *target = plan->targets->pdata[i];
        if (!target->checks)
            continue;
        asked++;
        passed += target->verdict == PLAN_PENDING;
        count_later(target, later, by_key);
    }
    if (asked == 0)
        return;
    g_autofree char *text = g_strdup_printf("asked on %u %s, nothing against starting on %u", asked,
                                            asked == 1 ? "target" : "targets", passed);
    style_append_wrapped(out, 2, options->width, "checks:", text);
    for (guint i = 0; i < later->len; i++)
        print_later(out, later->pdata[i], options);
}

/* ---- JSON ---- */

static void answer_json(JsonOut *json, const PlanCheck *check)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "revision", check->revision->id);
    json_out_string(json, "file", check->revision->file);
    json_out_int(json, "line", check->section->place.line);
    json_out_string(json, "answer", check_answer_name(check->answer));
    json_out_string(json, "reason", check->reason);
    json_out_string(json, "detail", check->detail);
    json_out_end_object(json);
}

void check_view_json(JsonOut *json, const PlanTarget *target)
{
    if (!target->checks) {
        json_out_null(json, "checks");
        return;
    }
    json_out_begin_array(json, "checks");
    for (guint i = 0; i < target->checks->answers->len; i++)
        answer_json(json, target->checks->answers->pdata[i]);
    json_out_end_array(json);
}
