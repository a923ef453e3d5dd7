/* Target variables: a target's vars and -x with their secrets resolved, and a mask over those. Worker thread.
 */
#pragma once

#include "inventory/secret.h"
#include "plans/planner.h"
#include "run/mask_internal.h"

typedef struct TargetVariables {
    GHashTable *references; /* as written: what a digest covers */
    GHashTable *values;     /* resolved; wiped when freed */
    Mask *mask;             /* over the secrets among them */
} TargetVariables;

/* Resolves all of them; `extra` are -x, or NULL. False with an error that names the variable; what there is
 * then is cleared as ever. */
bool target_variables_init(TargetVariables *self, const Target *target, GHashTable *extra, Dialect dialect,
                           SecretStore *secrets, const char *folder, GError **error);
/* A zeroed one may be cleared. */
void target_variables_clear(TargetVariables *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TargetVariables, target_variables_clear)
