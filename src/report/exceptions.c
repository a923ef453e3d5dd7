/* Exceptions: one entry for each kind and reason, however many targets share it. */
#include "report/check_view_internal.h"
#include "report/exceptions_internal.h"
#include "report/style_internal.h"

#define NAMES_SHOWN 8

const char *plan_verdict_name(PlanVerdict verdict)
{
    static const char *const names[] = {[PLAN_PENDING] = "pending",
                                        [PLAN_AT_GOAL] = "at-goal",
                                        [PLAN_BLOCKED] = "blocked",
                                        [PLAN_UNREACHABLE] = "unreachable",
                                        [PLAN_INACTIVE] = "inactive"};
    return names[verdict];
}

typedef struct Exception {
    const PlanTarget *example;
    GPtrArray *targets; /* of const PlanTarget * */
} Exception;

static void exception_free(Exception *self)
{
    g_ptr_array_unref(self->targets);
    g_free(self);
}

static const char *kind_of(const PlanTarget *target)
{
    if (target->verdict == PLAN_INACTIVE)
        return target_life_name(target->target->life);
    if (target->problem == PROBLEM_UNREACHABLE && target->state->error_class)
        return target->state->error_class;
    return plan_problem_name(target->problem);
}

/* The same reason on another server reads the same but for names and numbers; a revision's id stays one. */
static char *key_of(const PlanTarget *target)
{
    const char *const names[] = {target->target->name, target->target->url->database, NULL};
    const PlanCheck *refusal = target->problem == PROBLEM_CHECK ? plan_target_refusal(target) : NULL;
    g_autofree char *reason = message_pattern(target->reason ? target->reason : "", names);
    return g_strdup_printf("%s|%s|%s|%s", plan_verdict_name(target->verdict), kind_of(target),
                           refusal ? refusal->revision->id : "", reason);
}

static GPtrArray *collect(const Plan *plan)
{
    GPtrArray *exceptions = g_ptr_array_new_with_free_func((GDestroyNotify)exception_free);
    g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < plan->targets->len; i++) {
        PlanTarget *target = plan->targets->pdata[i];
        if (target->verdict != PLAN_INACTIVE && target->problem == PROBLEM_NONE)
            continue;
        g_autofree char *key = key_of(target);
        Exception *exception = g_hash_table_lookup(by_key, key);
        if (!exception) {
            exception = g_new0(Exception, 1);
            exception->example = target;
            exception->targets = g_ptr_array_new();
            g_hash_table_insert(by_key, g_steal_pointer(&key), exception);
            g_ptr_array_add(exceptions, exception);
        }
        g_ptr_array_add(exception->targets, target);
    }
    return exceptions;
}

static char *names_of(const Exception *exception, bool all)
{
    GString *names = g_string_new(NULL);
    guint shown = all ? exception->targets->len : MIN(exception->targets->len, NAMES_SHOWN);
    for (guint i = 0; i < shown; i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "",
                               ((const PlanTarget *)exception->targets->pdata[i])->target->name);
    if (shown < exception->targets->len)
        g_string_append_printf(names, " and %u more (-v names all)", exception->targets->len - shown);
    return g_string_free(names, FALSE);
}

static StyleColor color_of(const PlanTarget *target)
{
    if (target->verdict == PLAN_BLOCKED)
        return STYLE_RED;
    return target->verdict == PLAN_UNREACHABLE ? STYLE_YELLOW : STYLE_PLAIN;
}

void exceptions_print(GString *out, const Plan *plan, const ReportOptions *options)
{
    g_autoptr(GPtrArray) exceptions = collect(plan);
    for (guint i = 0; i < exceptions->len; i++) {
        const Exception *exception = exceptions->pdata[i];
        g_autofree char *names = names_of(exception, options->verbose);
        g_autofree char *title =
            g_strdup_printf("%u %s", exception->targets->len, kind_of(exception->example));
        g_string_append(out, "  ");
        style_append(out, options->color, color_of(exception->example), title);
        g_string_append_c(out, '\n');
        if (exception->example->reason)
            style_append_wrapped(out, 6, options->width, "", exception->example->reason);
        check_view_refusal(out, exception->example, exception->targets->len > 1, options);
        style_append_wrapped(out, 6, options->width,
                             exception->targets->len == 1 ? "target:" : "targets:", names);
    }
}
