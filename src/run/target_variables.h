/* Target variables: a target's vars and -x with their secrets resolved, and a mask over those. The thread
 * that made it. */
#pragma once

#include "inventory/secret.h"
#include "plans/planner.h"

typedef struct Mask Mask;

typedef struct TargetVariables {
    GHashTable *references; /* as written: what a digest covers */
    GHashTable *values;     /* resolved; wiped when freed */
    Mask *mask;             /* over the secrets among them */
} TargetVariables;

/* Resolves all of them; `extra` are -x, or NULL. False with an error that names the variable; what there is
 * then is cleared as ever. */
bool target_variables_init(TargetVariables *self, const Target *target, GHashTable *extra, Dialect dialect,
                           SecretStore *secrets, const char *folder, GError **error);
/* The text with *** for every secret. Caller frees. */
char *target_variables_masked(const TargetVariables *self, const char *text);
/* A zeroed one may be cleared. */
void target_variables_clear(TargetVariables *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TargetVariables, target_variables_clear)
