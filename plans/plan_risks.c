/* Plan risks: the marks of each step, put where every view of a plan finds them. Pure: who judges is handed
 * in. */
#include "plans/planner.h"

/* Judgements by section, for each dialect. Most sections have no mark: these share one list. */
typedef struct Judged {
    PlanRisks judge;
    GHashTable *known[DIALECT_COUNT]; /* const Section * -> GPtrArray *; NULL: none yet */
    GPtrArray *nothing;
} Judged;

/* One judgement for all paths that run the section. */
static GPtrArray *known_of(Judged *self, const PlanStep *step, Dialect dialect)
{
    GHashTable **known = &self->known[dialect];
    if (!*known)
        *known = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    GPtrArray *marks = g_hash_table_lookup(*known, plan_step_section(step));
    if (!marks) {
        marks = self->judge(step, dialect);
        if (marks->len == 0) {
            g_ptr_array_unref(marks);
            marks = g_ptr_array_ref(self->nothing);
        }
        g_hash_table_insert(*known, (gpointer)plan_step_section(step), marks);
    }
    return g_ptr_array_ref(marks);
}

static void forget_marks(const Plan *self)
{
    for (guint i = 0; i < self->paths->len; i++) {
        const PlanPath *path = self->paths->pdata[i];
        for (guint j = 0; j < path->steps->len; j++)
            g_clear_pointer(&path->steps->first[j].risks, g_ptr_array_unref);
    }
}

void plan_take_risks(Plan *self, PlanRisks judge)
{
    Judged judged = {.judge = judge, .nothing = risk_marks_new()};
    forget_marks(self);
    for (guint i = 0; i < self->paths->len; i++) {
        const PlanPath *path = self->paths->pdata[i];
        for (guint j = 0; j < path->steps->len; j++) {
            PlanStep *step = &path->steps->first[j];
            if (plan_step_section(step) && !step->risks)
                step->risks = known_of(&judged, step, path->dialect);
        }
    }
    for (int dialect = 0; dialect < DIALECT_COUNT; dialect++)
        g_clear_pointer(&judged.known[dialect], g_hash_table_unref);
    g_ptr_array_unref(judged.nothing);
}
