/* Judge path: whether the path of one target can run there: ids that fit its version table, transaction:
 * target, variables that it defines. Pure; any thread. */
#include "plans/planner_internal.h"

/* Ids the path would write that do not fit the column. */
static void judge_width(PlanTarget *self)
{
    unsigned width = self->state->version_width;
    if (!width || !self->path)
        return;
    for (guint i = 0; i < self->path->steps->len; i++) {
        const PlanStep *step = self->path->steps->pdata[i];
        for (char **id = step->move->added; *id; id++) {
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
    for (guint i = 0; i < self->path->steps->len; i++) {
        const PlanStep *step = self->path->steps->pdata[i];
        if (step->transactional && !step->section->foreign_keys_off)
            continue;
        plan_target_block(
            self, PROBLEM_TARGET_TRANSACTION,
            "revision %s runs outside a transaction, but the target says \"transaction: target\"; upgrade "
            "in two "
            "goes, or remove that line",
            step->revision->id);
        return;
    }
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

/* The first variable of the section that the table lacks, or NULL. */
static const char *undefined_variable(const Section *section, GHashTable *variables)
{
    for (char **name = section ? section->variables : NULL; name && *name; name++)
        if (!g_hash_table_contains(variables, *name))
            return *name;
    return NULL;
}

static void judge_variables(PlanTarget *self, GHashTable *extra)
{
    g_autoptr(GHashTable) variables = plan_target_variables(self->target, extra);
    for (guint i = 0; i < self->path->steps->len && self->problem == PROBLEM_NONE; i++) {
        const PlanStep *step = self->path->steps->pdata[i];
        const Section *sections[] = {step->section, step->check, step->verify};
        for (gsize s = 0; s < G_N_ELEMENTS(sections) && self->problem == PROBLEM_NONE; s++) {
            const char *name = undefined_variable(sections[s], variables);
            if (!name)
                continue;
            plan_target_block(
                self, PROBLEM_UNDEFINED_VARIABLE,
                "%s:%u: revision %s uses {{ %s }}, which target %s does not define; add it to its vars or "
                "give "
                "-x %s=VALUE",
                sections[s]->place.file, sections[s]->place.line, step->revision->id, name,
                self->target->name, name);
        }
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
