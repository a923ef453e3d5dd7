/* Plan risks: the marks of each step, put where every view of a plan finds them. Pure: who judges is handed
 * in. */
#include "plans/planner.h"

/* One judgement for all paths that run the section. */
static GPtrArray *known_of(GHashTable *known, const PlanStep *step, Dialect dialect, PlanRisks judge)
{
    g_autofree char *key = g_strdup_printf("%d %p", (int)dialect, (const void *)step->section);
    GPtrArray *marks = g_hash_table_lookup(known, key);
    if (!marks) {
        marks = judge(step, dialect);
        g_hash_table_insert(known, g_steal_pointer(&key), marks);
    }
    return g_ptr_array_ref(marks);
}

static void forget_marks(const Plan *self)
{
    for (guint i = 0; i < self->paths->len; i++) {
        const PlanPath *path = self->paths->pdata[i];
        for (guint j = 0; j < path->steps->len; j++)
            g_clear_pointer(&path->steps->pdata[j]->risks, g_ptr_array_unref);
    }
}

void plan_take_risks(Plan *self, PlanRisks judge)
{
    g_autoptr(GHashTable) known =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    forget_marks(self);
    for (guint i = 0; i < self->paths->len; i++) {
        const PlanPath *path = self->paths->pdata[i];
        for (guint j = 0; j < path->steps->len; j++) {
            PlanStep *step = path->steps->pdata[j];
            if (step->section && !step->risks)
                step->risks = known_of(known, step, path->dialect, judge);
        }
    }
}
