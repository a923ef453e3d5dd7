/* Judge path: whether the path of one target can run there: ids that fit its version table, transaction:
 * target, variables that it defines. Pure; any thread. */
#include "plans/planner_internal.h"

/* Ids the path would write that do not fit the column. */
static void judge_width(PlanTarget *self)
{
    unsigned width = self->state->version_width;
    if (!width || !self->path || self->path->longest_id <= width)
        return;
    for (guint i = 0; i < self->path->steps->len; i++) {
        const PlanStep *step = &self->path->steps->first[i];
        g_autofree char **added = rows_without(step->after, step->before);
        for (char **id = added; *id; id++) {
            if (g_utf8_strlen(*id, -1) <= (glong)width)
                continue;
            plan_target_block(
                self, PROBLEM_ID_TOO_LONG,
                "revision id %s has %ld characters, the version table's column holds %u; widen the column "
                "or rename "
                "the revision",
                *id, g_utf8_strlen(*id, -1), width);
            return;
        }
    }
}

static void judge_target_transaction(PlanTarget *self)
{
    if (!self->target->settings.transaction_target || self->path->command == PLAN_STAMP)
        return;
    if (!dialect_has_transactional_ddl(self->path->dialect)) {
        plan_target_block(
            self, PROBLEM_TARGET_TRANSACTION,
            "\"transaction: target\" cannot hold on %s, where DDL commits by itself; remove it from the "
            "inventory",
            dialect_name(self->path->dialect));
        return;
    }
    if (self->path->outside)
        plan_target_block(
            self, PROBLEM_TARGET_TRANSACTION,
            "revision %s runs outside a transaction, but the target says \"transaction: target\"; upgrade "
            "in two "
            "goes, or remove that line",
            self->path->outside->revision->id);
}

GHashTable *plan_target_variables(const Target *target, GHashTable *extra)
{
    GHashTable *all = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTable *sources[] = {target ? target->vars : NULL, extra};
    for (gsize i = 0; i < G_N_ELEMENTS(sources); i++) {
        GHashTableIter iter;
        gpointer name, value;
        if (!sources[i])
            continue;
        g_hash_table_iter_init(&iter, sources[i]);
        while (g_hash_table_iter_next(&iter, &name, &value))
            g_hash_table_insert(all, name, value);
    }
    return all;
}

static bool defines(GHashTable *variables, const char *name)
{
    return variables && g_hash_table_contains(variables, name);
}

/* A variable that neither the target nor -x defines. */
static void judge_variables(PlanTarget *self, GHashTable *extra)
{
    const GArray *uses = self->path->variables;
    for (guint i = 0; uses && i < uses->len; i++) {
        const VariableUse *use = &g_array_index(uses, VariableUse, i);
        if (defines(self->target->vars, use->name) || defines(extra, use->name))
            continue;
        plan_target_block(
            self, PROBLEM_UNDEFINED_VARIABLE,
            "%s:%u: revision %s uses {{ %s }}, which target %s does not define; add it to its vars or "
            "give "
            "-x %s=VALUE",
            use->section->place.file, use->section->place.line, use->revision->id, use->name,
            self->target->name, use->name);
        return;
    }
}

void judge_path(PlanTarget *self, const PlanRequest *request)
{
    if (self->problem == PROBLEM_NONE)
        judge_width(self);
    if (self->problem == PROBLEM_NONE)
        judge_target_transaction(self);
    if (self->problem == PROBLEM_NONE)
        judge_variables(self, request->variables);
}
