/* Explanation: owns its texts. */
#include "run/doctor/explanation.h"

void trail_entry_free(TrailEntry *self)
{
    char *texts[] = {self->revision, self->direction,  self->state,    self->checksum, self->run_id,
                     self->started,  self->applied_by, self->finished, self->detail};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(self);
}

void explained_run_free(ExplainedRun *self)
{
    g_free(self->id);
    g_free(self->command);
    g_free(self->reason);
    g_free(self);
}

Explanation *explanation_new(void)
{
    Explanation *self = g_new0(Explanation, 1);
    self->trail = g_ptr_array_new_with_free_func((GDestroyNotify)trail_entry_free);
    self->details = g_ptr_array_new_with_free_func(g_free);
    self->runs = g_ptr_array_new_with_free_func((GDestroyNotify)explained_run_free);
    self->next = g_ptr_array_new_with_free_func(g_free);
    return self;
}

void explanation_free(Explanation *self)
{
    if (!self)
        return;
    GPtrArray *lists[] = {self->trail, self->details, self->runs, self->next};
    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
        g_ptr_array_unref(lists[i]);
    g_strfreev(self->goal_rows);
    g_free(self->lock_holder);
    g_free(self->statement);
    g_free(self);
}
