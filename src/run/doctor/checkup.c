/* Checkup: owns what doctor found. */
#include "run/doctor/checkup.h"
#include "run/doctor/checkup_internal.h"

static void checkup_target_free(CheckupTarget *self)
{
    g_ptr_array_unref(self->findings);
    g_free(self);
}

static void checkup_server_free(CheckupServer *self)
{
    g_ptr_array_unref(self->findings);
    g_free(self);
}

Checkup *checkup_new(void)
{
    Checkup *self = g_new0(Checkup, 1);
    self->servers = g_ptr_array_new_with_free_func((GDestroyNotify)checkup_server_free);
    self->targets = g_ptr_array_new_with_free_func((GDestroyNotify)checkup_target_free);
    return self;
}

void checkup_free(Checkup *self)
{
    if (!self)
        return;
    g_clear_pointer(&self->local, g_ptr_array_unref);
    g_ptr_array_unref(self->servers);
    g_ptr_array_unref(self->targets);
    g_free(self);
}

FindingLevel checkup_target_level(const CheckupTarget *self)
{
    return self->unreachable ? FINDING_ERROR : findings_worst(self->findings);
}
