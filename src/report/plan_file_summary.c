/* Plan file summary: owns what is counted and gathered; writes nothing. Any thread. */
#include "report/plan_file_summary_internal.h"

#include "base/duration.h"
#include <string.h>

/* ---- Words ---- */

const char *plan_file_step_word(const PlanFileStep *step)
{
    return *step->revision ? direction_name(step->direction) : "stamp";
}

char *plan_file_rows_text(char *const *rows)
{
    return rows[0] ? g_strjoinv(" ", (char **)rows) : g_strdup("base");
}

char *const *plan_file_path_end(const PlanFilePath *path)
{
    return ((const PlanFileStep *)path->steps->pdata[path->steps->len - 1])->after;
}

char *plan_file_title(const PlanFile *file)
{
    g_autofree char *goals = g_strjoinv(" ", file->goals);
    return g_strdup_printf("%s %s", plan_command_name(file->command), goals);
}

/* Targets and exceptions both begin with their name. */
char *plan_file_names(const GPtrArray *named, unsigned shown)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < named->len && i < shown; i++)
        g_string_append_printf(out, "%s%s", i ? ", " : "", *(char *const *)named->pdata[i]);
    if (named->len > shown)
        g_string_append_printf(out, " and %u more", named->len - shown);
    return g_string_free(out, FALSE);
}

/* ---- The rollout in words ---- */

static void add_part(GString *out, const char *between, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void add_part(GString *out, const char *between, const char *format, ...)
{
    va_list arguments;
    g_string_append(out, out->len ? between : "");
    va_start(arguments, format);
    g_string_append_vprintf(out, format, arguments);
    va_end(arguments);
}

static void add_gates(GString *out, const char *what, const GPtrArray *gates)
{
    for (guint i = 0; gates && i < gates->len; i++) {
        const GateSpec *gate = gates->pdata[i];
        if (i == 0)
            add_part(out, "; ", "%s: %s", what, gate->name);
        else
            add_part(out, ", ", "%s", gate->name);
    }
}

/* As waves.h has it, of what the file holds. */
static bool is_hollow(const PlanFile *file, const PlanFileWave *wave)
{
    bool can_be = wave->rules && wave->rules->kind == WAVE_SELECTOR && wave->targets + wave->at_goal == 0;
    for (guint i = 0; can_be && i < file->exceptions->len; i++)
        if (((const PlanFileException *)file->exceptions->pdata[i])->wave == wave)
            return true;
    return false;
}

char *plan_file_wave_rules(const PlanFile *file, const PlanFileWave *wave)
{
    const WaveSpec *rules = wave->rules;
    const RolloutPolicy *policy = &file->rollout;
    bool first = file->waves->pdata[0] == wave, last = file->waves->pdata[file->waves->len - 1] == wave;
    bool confirm = !first && (rules && rules->confirm >= 0 ? rules->confirm > 0 : policy->confirm);
    gint64 soak_ms = rules && rules->soak_ms >= 0 ? rules->soak_ms : last ? 0 : policy->soak_ms;
    GString *out = g_string_new(NULL);
    if (!rules && policy->waves)
        add_part(out, "; ", "what no other wave takes");
    if (confirm)
        add_part(out, "; ", "asks before it");
    if (rules && rules->max_failures)
        add_part(out, "; ", "max_failures %s", rules->max_failures);
    if (rules && rules->max_unreachable)
        add_part(out, "; ", "max_unreachable %s", rules->max_unreachable);
    if (soak_ms > 0) {
        g_autofree char *soak = duration_spell(soak_ms);
        add_part(out, "; ", "then soaks %s", soak);
    }
    add_gates(out, "gates", rules && rules->gates ? rules->gates : policy->gates);
    if (is_hollow(file, wave) && !last)
        add_part(out, "; ", "warning: none of its targets can be changed, a run halts there");
    return g_string_free(out, FALSE);
}

char *plan_file_limits_text(const PlanFile *file)
{
    const RolloutPolicy *policy = &file->rollout;
    g_autofree char *order = rollout_order_text(policy);
    GString *out = g_string_new(NULL);
    const struct {
        const char *key;
        const char *value;
    } rows[] = {
        {"max_failures", policy->max_failures},
        {"max_unreachable", policy->max_unreachable},
        {"on_halt", policy->on_halt},
        {"order", policy->order != ORDER_INVENTORY ? order : NULL},
        {"halt_on", policy->halt_on_new_error ? "new-error" : NULL},
        {"on_failure", policy->on_failure != FAILURE_HALT ? on_failure_name(policy->on_failure) : NULL},
        {"stop_starting_at", policy->stop_starting_at},
        {"require_no_drift", policy->require_no_drift ? "true" : NULL},
        {"allow_edited", file->allow_edited ? "true" : NULL},
        {"fill", file->fill ? "true" : NULL}};
    add_part(out, ", ", "jobs %u", policy->jobs);
    if (policy->per_host)
        add_part(out, ", ", "per_host %u", policy->per_host);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].value)
            add_part(out, ", ", "%s %s", rows[i].key, rows[i].value);
    add_gates(out, "throttle", policy->throttles);
    return g_string_free(out, FALSE);
}

/* ---- Steps ---- */

static const Section *section_as_planned(const StepSummary *self)
{
    SectionKind kind = self->step->direction == DIRECTION_UP ? SECTION_UP : SECTION_DOWN;
    const Section *section = self->revision ? revision_section(self->revision, kind, self->dialect) : NULL;
    return section && g_strcmp0(section->checksum, self->step->checksum) == 0 ? section : NULL;
}

static StepSummary *step_summary_new(const PlanFileStep *step, Dialect dialect, const RevisionGraph *graph)
{
    StepSummary *self = g_new0(StepSummary, 1);
    self->step = step;
    self->dialect = dialect;
    self->revision = graph && *step->revision ? revision_graph_find(graph, step->revision) : NULL;
    self->section = section_as_planned(self);
    return self;
}

static void take_steps(PlanFileSummary *self, const PlanFilePath *path, GHashTable *known)
{
    for (guint i = 0; i < path->steps->len; i++) {
        const PlanFileStep *step = path->steps->pdata[i];
        g_autofree char *key =
            g_strdup_printf("%s %d %d", step->revision, (int)step->direction, (int)path->dialect);
        StepSummary *summary = g_hash_table_lookup(known, key);
        if (!summary) {
            summary = step_summary_new(step, path->dialect, self->graph);
            g_ptr_array_add(self->steps, summary);
            g_hash_table_insert(known, g_steal_pointer(&key), summary);
        }
        summary->targets += path->takers->len;
    }
}

/* ---- Exceptions ---- */

static void exception_summary_free(gpointer data)
{
    ExceptionSummary *self = data;
    g_ptr_array_unref(self->exceptions);
    g_free(self);
}

static void take_exception(PlanFileSummary *self, const PlanFileException *exception, GHashTable *known)
{
    g_autofree char *key =
        g_strdup_printf("%s\n%s", exception->problem, exception->reason ? exception->reason : "");
    ExceptionSummary *summary = g_hash_table_lookup(known, key);
    if (!summary) {
        summary = g_new0(ExceptionSummary, 1);
        summary->problem = exception->problem;
        summary->reason = exception->reason;
        summary->exceptions = g_ptr_array_new();
        g_ptr_array_add(self->exceptions, summary);
        g_hash_table_insert(known, g_steal_pointer(&key), summary);
    }
    g_ptr_array_add(summary->exceptions, (gpointer)exception);
}

/* g_ptr_array_sort is not stable: among those of as many targets, by problem and reason. */
static gint compare_exceptions(gconstpointer a, gconstpointer b)
{
    const ExceptionSummary *left = *(const ExceptionSummary *const *)a,
                           *right = *(const ExceptionSummary *const *)b;
    if (left->exceptions->len != right->exceptions->len)
        return left->exceptions->len < right->exceptions->len ? 1 : -1;
    int problem = strcmp(left->problem, right->problem);
    return problem ? problem : g_strcmp0(left->reason, right->reason);
}

/* ---- The whole ---- */

PlanFileSummary *plan_file_summary_new(const PlanFile *file, const RevisionGraph *graph)
{
    g_autoptr(GHashTable) steps = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) exceptions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    PlanFileSummary *self = g_new0(PlanFileSummary, 1);
    self->file = file;
    self->graph = graph;
    self->steps = g_ptr_array_new_with_free_func(g_free);
    self->exceptions = g_ptr_array_new_with_free_func(exception_summary_free);
    for (guint i = 0; i < file->paths->len; i++) {
        self->pending += ((const PlanFilePath *)file->paths->pdata[i])->takers->len;
        take_steps(self, file->paths->pdata[i], steps);
    }
    self->at_goal = file->targets->len - self->pending;
    for (guint i = 0; i < file->exceptions->len; i++)
        take_exception(self, file->exceptions->pdata[i], exceptions);
    g_ptr_array_sort(self->exceptions, compare_exceptions);
    return self;
}

void plan_file_summary_free(PlanFileSummary *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->steps);
    g_ptr_array_unref(self->exceptions);
    g_free(self);
}
