/* Plan file: what it is made of, from a plan, and what holds against today's revisions. */
#include "plans/plan_file_internal.h"
#include "plans/waves.h"

#include <string.h>

/* ---- Members ---- */

static void step_free(gpointer data)
{
    PlanFileStep *self = data;
    g_free(self->revision);
    g_free(self->checksum);
    g_free(self->check);
    g_free(self->verify);
    g_strfreev(self->after);
    g_ptr_array_unref(self->risks);
    g_free(self);
}

PlanFileStep *plan_file_step_new(void)
{
    PlanFileStep *self = g_new0(PlanFileStep, 1);
    self->risks = risk_marks_new();
    return self;
}

static void path_free(gpointer data)
{
    PlanFilePath *self = data;
    g_free(self->name);
    g_strfreev(self->from);
    g_ptr_array_unref(self->takers);
    g_ptr_array_unref(self->steps);
    g_free(self->digest);
    g_free(self);
}

PlanFilePath *plan_file_path_new(void)
{
    PlanFilePath *self = g_new0(PlanFilePath, 1);
    self->steps = g_ptr_array_new_with_free_func(step_free);
    self->takers = g_ptr_array_new();
    return self;
}

static void target_free(gpointer data)
{
    PlanFileTarget *self = data;
    g_free(self->name);
    g_free(self->endpoint);
    g_free(self->variables);
    g_free(self);
}

static void wave_free(gpointer data)
{
    PlanFileWave *self = data;
    g_free(self->name);
    g_free(self);
}

static void exception_free(gpointer data)
{
    PlanFileException *self = data;
    g_free(self->name);
    g_free(self->endpoint);
    g_free(self->problem);
    g_free(self->reason);
    g_free(self);
}

PlanFile *plan_file_new(void)
{
    PlanFile *self = g_new0(PlanFile, 1);
    self->paths = g_ptr_array_new_with_free_func(path_free);
    self->targets = g_ptr_array_new_with_free_func(target_free);
    self->exceptions = g_ptr_array_new_with_free_func(exception_free);
    self->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    return self;
}

void plan_file_free(PlanFile *self)
{
    if (!self)
        return;
    g_hash_table_unref(self->by_name);
    g_clear_pointer(&self->approvals, g_ptr_array_unref);
    g_clear_pointer(&self->sizes, g_ptr_array_unref);
    g_ptr_array_unref(self->exceptions);
    g_ptr_array_unref(self->targets);
    g_ptr_array_unref(self->paths);
    g_strfreev(self->goals);
    g_strfreev(self->variables);
    g_free(self->track);
    g_free(self->version_table);
    g_free(self->created_by);
    g_clear_pointer(&self->waves, g_ptr_array_unref);
    rollout_policy_clear(&self->rollout);
    g_free(self->file);
    g_free(self);
}

static const WaveSpec *wave_rules(const PlanFile *self, const char *name)
{
    for (guint i = 0; self->rollout.waves && i < self->rollout.waves->len; i++) {
        const WaveSpec *rules = self->rollout.waves->pdata[i];
        if (g_strcmp0(rules->name, name) == 0)
            return rules;
    }
    return NULL;
}

PlanFileWave *plan_file_add_wave(PlanFile *self, const char *name)
{
    PlanFileWave *wave = g_new0(PlanFileWave, 1);
    wave->name = g_strdup(name);
    wave->rules = wave_rules(self, name);
    if (!self->waves)
        self->waves = g_ptr_array_new_with_free_func(wave_free);
    g_ptr_array_add(self->waves, wave);
    return wave;
}

void plan_file_add_target(PlanFile *self, PlanFileTarget *target)
{
    g_ptr_array_add(self->targets, target);
    if (target->path)
        g_ptr_array_add(target->path->takers, target);
    g_hash_table_insert(self->by_name, target->name, target);
}

const PlanFileTarget *plan_file_target(const PlanFile *self, const char *name)
{
    return g_hash_table_lookup(self->by_name, name);
}

const PlanFileException *plan_file_exception(const PlanFile *self, const char *name)
{
    for (guint i = 0; i < self->exceptions->len; i++) {
        const PlanFileException *exception = self->exceptions->pdata[i];
        if (g_str_equal(exception->name, name))
            return exception;
    }
    return NULL;
}

/* ---- From a plan ---- */

static char *checksum_of(const Section *section)
{
    return section ? g_strdup(section->checksum) : NULL;
}

static PlanFileStep *step_from(const PlanStep *step)
{
    PlanFileStep *self = plan_file_step_new();
    self->revision = g_strdup(step->revision ? step->revision->id : "");
    self->direction = step->direction;
    self->checksum = checksum_of(plan_step_section(step));
    self->check = checksum_of(plan_step_check(step));
    self->verify = checksum_of(plan_step_verify(step));
    self->after = g_strdupv(step->after);
    for (guint i = 0; step->risks && i < step->risks->len; i++)
        g_ptr_array_add(self->risks, risk_mark_copy(step->risks->pdata[i]));
    self->fill = step->fill;
    return self;
}

static PlanFilePath *path_from(const PlanPath *path, unsigned number)
{
    PlanFilePath *self = plan_file_path_new();
    const PlanStep *first = &path->steps->first[0];
    self->name = g_strdup_printf("p%u", number);
    self->dialect = path->dialect;
    self->from = g_strdupv(first->before);
    self->digest = g_strdup(path->digest);
    for (guint i = 0; i < path->steps->len; i++)
        g_ptr_array_add(self->steps, step_from(&path->steps->first[i]));
    return self;
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

char *plan_variables_digest(const Target *target, GHashTable *extra)
{
    g_autoptr(GHashTable) all = plan_target_variables(target, extra);
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(all), compare_texts);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (const GList *name = names; name; name = name->next) {
        const char *value = g_hash_table_lookup(all, name->data);
        g_checksum_update(sum, name->data, (gssize)strlen(name->data) + 1);
        g_checksum_update(sum, (const guchar *)value, (gssize)strlen(value) + 1);
    }
    return g_strdup(g_checksum_get_string(sum));
}

static void take_target(PlanFile *self, const PlanTarget *planned, PlanFilePath *path, GHashTable *extra)
{
    PlanFileTarget *target = g_new0(PlanFileTarget, 1);
    target->name = g_strdup(planned->target->name);
    target->endpoint = g_strdup(planned->target->endpoint);
    target->path = path;
    if (path && planned->path->variables)
        target->variables = plan_variables_digest(planned->target, extra);
    if (path && self->waves) {
        PlanFileWave *wave = self->waves->pdata[planned->wave];
        target->wave = wave;
        wave->targets++;
    }
    plan_file_add_target(self, target);
}

static void take_exception(PlanFile *self, const PlanTarget *planned)
{
    PlanFileException *exception = g_new0(PlanFileException, 1);
    exception->name = g_strdup(planned->target->name);
    exception->endpoint = g_strdup(planned->target->endpoint);
    exception->problem =
        g_strdup(planned->problem == PROBLEM_NONE ? "inactive" : plan_problem_name(planned->problem));
    exception->reason = g_strdup(planned->reason);
    exception->wave = self->waves && planned->in_wave ? self->waves->pdata[planned->wave] : NULL;
    g_ptr_array_add(self->exceptions, exception);
}

static bool is_fleet_order(const GArray *order)
{
    for (guint i = 1; order && i < order->len; i++)
        if (g_array_index(order, guint, i) < g_array_index(order, guint, i - 1))
            return false;
    return true;
}

/* As the fleet has them; else the pending ones as they start, then the others. Caller unrefs. */
static GPtrArray *in_order(const Plan *plan)
{
    bool as_fleet = is_fleet_order(plan->order);
    GPtrArray *targets = g_ptr_array_sized_new(plan->targets->len);
    for (guint i = 0; !as_fleet && i < plan->order->len; i++)
        g_ptr_array_add(targets, plan->targets->pdata[g_array_index(plan->order, guint, i)]);
    for (guint i = 0; i < plan->targets->len; i++) {
        PlanTarget *target = plan->targets->pdata[i];
        if (as_fleet || target->verdict != PLAN_PENDING)
            g_ptr_array_add(targets, target);
    }
    return targets;
}

void plan_file_take(PlanFile *self, const Plan *plan, GHashTable *extra)
{
    g_autoptr(GHashTable) paths = g_hash_table_new(NULL, NULL);
    g_autoptr(GPtrArray) targets = in_order(plan);
    self->command = plan->command;
    self->goals = g_strdupv(plan->goals);
    self->sizes = plan->sizes ? g_ptr_array_ref(plan->sizes) : NULL;
    for (guint i = 0; i < plan->paths->len; i++) {
        PlanFilePath *path = path_from(plan->paths->pdata[i], i + 1);
        g_ptr_array_add(self->paths, path);
        g_hash_table_insert(paths, plan->paths->pdata[i], path);
    }
    for (guint i = 0; plan->waves && i < plan->waves->len; i++) {
        const PlanWave *wave = plan->waves->pdata[i];
        plan_file_add_wave(self, wave->name)->at_goal = wave->at_goal;
    }
    for (guint i = 0; i < targets->len; i++) {
        const PlanTarget *planned = targets->pdata[i];
        if (planned->verdict == PLAN_PENDING || planned->verdict == PLAN_AT_GOAL)
            take_target(self, planned, g_hash_table_lookup(paths, planned->path), extra);
        else
            take_exception(self, planned);
    }
}

/* ---- Against today's revisions ---- */

static void check_section(const PlanFile *self, const PlanFilePath *path, const Revision *revision,
                          SectionKind kind, const char *then, Diagnostics *problems)
{
    const Section *section = revision_section(revision, kind, path->dialect);
    const char *now = section ? section->checksum : NULL;
    if (g_strcmp0(then, now) == 0)
        return;
    diagnostics_error(
        problems, (SourcePlace){self->file, path->place.line, 0},
        "the %s section of revision %s for %s %s since the plan was made; plan again, or bring %s back",
        section_kind_name(kind), revision->id, dialect_name(path->dialect),
        !now    ? "is gone"
        : !then ? "was added"
                : "was changed",
        revision->file ? revision->file : "it");
}

static void check_step(const PlanFile *self, const PlanFilePath *path, const PlanFileStep *step,
                       const RevisionGraph *graph, Diagnostics *problems)
{
    const Revision *revision = revision_graph_find(graph, step->revision);
    bool up = step->direction == DIRECTION_UP;
    if (!*step->revision)
        return;
    if (!revision) {
        diagnostics_error(
            problems, (SourcePlace){self->file, path->place.line, 0},
            "revision %s of the plan is in no file any more; plan again, or bring its file back",
            step->revision);
        return;
    }
    check_section(self, path, revision, up ? SECTION_UP : SECTION_DOWN, step->checksum, problems);
    if (!up)
        return;
    check_section(self, path, revision, SECTION_CHECK, step->check, problems);
    check_section(self, path, revision, SECTION_VERIFY, step->verify, problems);
}

bool plan_file_check_revisions(const PlanFile *self, const RevisionGraph *graph, Diagnostics *problems)
{
    unsigned before = diagnostics_count(problems, DIAGNOSTIC_ERROR);
    for (guint i = 0; i < self->paths->len; i++) {
        const PlanFilePath *path = self->paths->pdata[i];
        for (guint j = 0; j < path->steps->len; j++)
            check_step(self, path, path->steps->pdata[j], graph, problems);
    }
    return diagnostics_count(problems, DIAGNOSTIC_ERROR) == before;
}
