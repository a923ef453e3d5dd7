/* Summary: groups, clusters and orders a run's targets once, for every renderer. */
#include "report/summary_internal.h"
#include <math.h>
#include <string.h>

bool summary_is_bad(Outcome outcome)
{
    return outcome != OUTCOME_DONE && outcome != OUTCOME_UNCHANGED && outcome != OUTCOME_INACTIVE &&
           outcome != OUTCOME_NOT_STARTED;
}

static void cluster_free(FailureCluster *self)
{
    g_free(self->signature);
    g_ptr_array_unref(self->targets);
    g_free(self);
}

void summary_free(Summary *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->groups);
    g_array_unref(self->waves);
    g_ptr_array_unref(self->clusters);
    g_array_unref(self->revisions);
    g_free(self->done);
    g_ptr_array_unref(self->slowest);
    g_free(self);
}

static void add_to_group(Summary *self, GHashTable *by_name, const TargetResult *target)
{
    GroupSummary *group = g_hash_table_lookup(by_name, target->group);
    if (!group) {
        group = g_new0(GroupSummary, 1);
        group->name = target->group;
        g_hash_table_insert(by_name, (gpointer)target->group, group);
        g_ptr_array_add(self->groups, group);
    }
    group->targets++;
    group->counts[target->outcome]++;
}

static GArray *empty_waves(const RunResult *run)
{
    GArray *waves = g_array_new(FALSE, TRUE, sizeof(WaveCounts));
    return g_array_set_size(waves, run->waves->len);
}

static void add_to_wave(Summary *self, const TargetResult *target)
{
    if (target->wave > 0 && target->wave <= self->waves->len)
        g_array_index(self->waves, WaveCounts, target->wave - 1).counts[target->outcome]++;
}

/* Failures without an error of their own (stopped, locked, stale) cluster by outcome and reason. */
static char *signature_of(const TargetResult *target)
{
    if (target->failure)
        return failure_signature(target->failure, target->name);
    const char *const names[] = {target->name, NULL};
    return message_pattern(target->reason ? target->reason : "", names);
}

static void add_to_cluster(Summary *self, GHashTable *by_signature, const TargetResult *target)
{
    g_autofree char *plain = signature_of(target);
    g_autofree char *signature = g_strdup_printf("%s|%s", outcome_name(target->outcome), plain);
    FailureCluster *cluster = g_hash_table_lookup(by_signature, signature);
    if (!cluster) {
        cluster = g_new0(FailureCluster, 1);
        cluster->signature = g_steal_pointer(&signature);
        cluster->outcome = target->outcome;
        cluster->example = target;
        cluster->targets = g_ptr_array_new();
        g_hash_table_insert(by_signature, cluster->signature, cluster);
        g_ptr_array_add(self->clusters, cluster);
    }
    g_ptr_array_add(cluster->targets, (gpointer)target);
}

/* ---- Revisions ---- */

static const StepResult *step_at(const Summary *self, const StepPlace *place)
{
    const TargetResult *target = self->run->targets->pdata[place->target];
    return &target->steps[place->step];
}

static bool is_done(const StepResult *step)
{
    return g_strcmp0(step_result_state(step), "done") == 0;
}

static guint done_steps(const RunResult *run)
{
    guint count = 0;
    for (guint i = 0; i < run->targets->len; i++) {
        const TargetResult *target = run->targets->pdata[i];
        for (guint s = 0; s < target->step_count; s++)
            count += is_done(&target->steps[s]);
    }
    return count;
}

static void list_done_steps(Summary *self)
{
    guint count = 0;
    self->done = g_new(StepPlace, done_steps(self->run));
    for (guint i = 0; i < self->run->targets->len; i++) {
        const TargetResult *target = self->run->targets->pdata[i];
        for (guint s = 0; s < target->step_count; s++)
            if (is_done(&target->steps[s]))
                self->done[count++] = (StepPlace){i, s};
    }
    self->done_count = count;
}

static int compare_places(const StepPlace *left, const StepPlace *right)
{
    if (left->target != right->target)
        return left->target < right->target ? -1 : 1;
    return left->step < right->step ? -1 : left->step > right->step;
}

static gint by_revision(gconstpointer a, gconstpointer b, gpointer summary)
{
    const char *left = step_at(summary, a)->revision, *right = step_at(summary, b)->revision;
    int order = left == right ? 0 : strcmp(left, right);
    return order ? order : compare_places(a, b);
}

static gint by_duration(gconstpointer a, gconstpointer b, gpointer summary)
{
    gint64 left = step_at(summary, a)->duration_us, right = step_at(summary, b)->duration_us;
    return left < right ? -1 : left > right;
}

static gint by_appearance(gconstpointer a, gconstpointer b, gpointer summary)
{
    const RevisionSummary *left = a, *right = b;
    const Summary *self = summary;
    return compare_places(&self->done[left->start], &self->done[right->start]);
}

/* Mostly nothing is left to sort, which would take room for a copy: of one target, steps and ids are in one
 * order. */
static void sort(Summary *self, gpointer items, guint count, gsize size, GCompareDataFunc compare)
{
    const char *item = items;
    for (guint i = 1; i < count; i++, item += size)
        if (compare(item, item + size, self) > 0) {
            g_qsort_with_data(items, (gint)count, size, compare, self);
            return;
        }
}

/* Steps of one revision stand side by side, the quickest first. */
static void add_revisions(Summary *self)
{
    list_done_steps(self);
    sort(self, self->done, self->done_count, sizeof *self->done, by_revision);
    for (guint i = 0; i < self->done_count; i++) {
        RevisionSummary *last =
            self->revisions->len ? &g_array_index(self->revisions, RevisionSummary, self->revisions->len - 1)
                                 : NULL;
        const StepResult *step = step_at(self, &self->done[i]);
        const RevisionSummary one = {step, i, 1};
        if (last && g_str_equal(last->first->revision, step->revision))
            last->count++;
        else
            g_array_append_val(self->revisions, one);
    }
    sort(self, self->revisions->data, self->revisions->len, sizeof(RevisionSummary), by_appearance);
    for (guint i = 0; i < self->revisions->len; i++) {
        const RevisionSummary *one = summary_revision(self, i);
        sort(self, self->done + one->start, one->count, sizeof *self->done, by_duration);
    }
}

/* ---- Orders ---- */

static gint most_targets_first(gconstpointer a, gconstpointer b)
{
    const FailureCluster *left = *(FailureCluster *const *)a, *right = *(FailureCluster *const *)b;
    if (left->targets->len != right->targets->len)
        return left->targets->len < right->targets->len ? 1 : -1;
    return strcmp(left->example->name, right->example->name);
}

static gint slowest_first(gconstpointer a, gconstpointer b)
{
    const TargetResult *left = *(TargetResult *const *)a, *right = *(TargetResult *const *)b;
    if (left->duration_us != right->duration_us)
        return left->duration_us < right->duration_us ? 1 : -1;
    return strcmp(left->name, right->name);
}

static void order(Summary *self)
{
    g_ptr_array_sort(self->clusters, most_targets_first);
    g_ptr_array_sort(self->slowest, slowest_first);
    g_ptr_array_set_size(self->slowest, (gint)MIN(self->slowest->len, SUMMARY_SLOWEST));
}

Summary *summary_new(const RunResult *run)
{
    g_autoptr(GHashTable) groups = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) clusters = g_hash_table_new(g_str_hash, g_str_equal);
    Summary *self = g_new0(Summary, 1);
    self->run = run;
    self->groups = g_ptr_array_new_with_free_func(g_free);
    self->waves = empty_waves(run);
    self->clusters = g_ptr_array_new_with_free_func((GDestroyNotify)cluster_free);
    self->revisions = g_array_new(FALSE, FALSE, sizeof(RevisionSummary));
    self->slowest = g_ptr_array_new();
    for (guint i = 0; i < run->targets->len; i++) {
        const TargetResult *target = run->targets->pdata[i];
        self->counts[target->outcome]++;
        add_to_group(self, groups, target);
        add_to_wave(self, target);
        if (summary_is_bad(target->outcome))
            add_to_cluster(self, clusters, target);
        if (target->step_count > 0)
            g_ptr_array_add(self->slowest, (gpointer)target);
    }
    add_revisions(self);
    order(self);
    return self;
}

const unsigned *summary_wave_counts(const Summary *self, guint index)
{
    return g_array_index(self->waves, WaveCounts, index).counts;
}

const RevisionSummary *summary_revision(const Summary *self, guint index)
{
    return &g_array_index(self->revisions, RevisionSummary, index);
}

gint64 summary_duration(const Summary *self, const RevisionSummary *revision, guint index)
{
    return step_at(self, &self->done[revision->start + index])->duration_us;
}

gint64 summary_percentile(const Summary *self, const RevisionSummary *revision, double share)
{
    guint rank = (guint)ceil(share * revision->count);
    return summary_duration(self, revision, CLAMP(rank, 1, revision->count) - 1);
}

const char *summary_end(const RunResult *run)
{
    return run_end_name(run->finished_us, run->state, run->interrupted, run->halt_reason != NULL);
}

const char *summary_verdict(const RunResult *run)
{
    static const char *const open_words[] = {[RUN_ENDED] = "NOT FINISHED",
                                             [RUN_RUNNING] = "RUNNING",
                                             [RUN_PAUSED] = "PAUSED",
                                             [RUN_DIED] = "DIED"};
    if (!run->finished_us)
        return open_words[run->state];
    if (run->interrupted)
        return "INTERRUPTED";
    if (run->halt_reason)
        return "HALTED";
    int code = run_result_exit_code(run);
    return code == 0 ? "DONE" : code == 1 ? "FAILED" : "INCOMPLETE";
}

char *summary_place(const Failure *failure)
{
    if (!failure->file)
        return NULL;
    GString *place = g_string_new(failure->file);
    if (failure->line)
        g_string_append_printf(place, ":%u", failure->line);
    if (failure->column)
        g_string_append_printf(place, ":%u", failure->column);
    if (failure->statement)
        g_string_append_printf(place, ", statement %u", failure->statement);
    return g_string_free(place, FALSE);
}

char *summary_message(const Failure *failure)
{
    bool both = failure->code && failure->message;
    return g_strconcat(failure->code ? failure->code : "", both ? " " : "",
                       failure->message ? failure->message : "", NULL);
}

/* What the same again would only say again. */
static bool is_for_a_person(const char *error_class)
{
    static const char *const classes[] = {"undecidable",   "edited", "never-run", "unknown-revision",
                                          "verify-failed", "moved",  "stale",     NULL};
    return error_class && g_strv_contains(classes, error_class);
}

/* Where nothing goes on before a person has answered, its first target; else NULL. */
static const TargetResult *only_for_a_person(const RunResult *run)
{
    const TargetResult *first = NULL;
    for (guint i = 0; i < run->targets->len; i++) {
        const TargetResult *target = run->targets->pdata[i];
        if (!summary_is_bad(target->outcome))
            continue;
        if (!target->failure || !is_for_a_person(target->failure->error_class))
            return NULL;
        first = first ? first : target;
    }
    return first;
}

char *report_next_command(const RunResult *run)
{
    unsigned left = run_result_count(run, OUTCOME_NOT_STARTED) + run_result_count(run, OUTCOME_STOPPED);
    unsigned bad = 0;
    if (run->state == RUN_PAUSED)
        return g_strdup_printf("dbfleet continue %s", run->id);
    if (run->state == RUN_RUNNING)
        return NULL; /* nobody else is to begin while it is at work */
    for (guint i = 0; i < run->targets->len; i++)
        bad += summary_is_bad(((const TargetResult *)run->targets->pdata[i])->outcome);
    if (left + bad == 0)
        return NULL;
    const TargetResult *asked = left == 0 ? only_for_a_person(run) : NULL;
    if (asked)
        return g_strdup_printf("dbfleet explain %s", asked->name);
    GString *command = g_string_new("dbfleet ");
    if (run->plan_file)
        g_string_append_printf(command, "apply %s", run->plan_file);
    else
        g_string_append_printf(command, "%s %s", left > 0 ? "resume" : "retry", run->id);
    for (char **name = run->variables; name && *name; name++)
        g_string_append_printf(command, " -x %s=…", *name);
    return g_string_free(command, FALSE);
}
