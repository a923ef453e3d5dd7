/* Target variables: owns resolved values for as long as one target is worked on. */
#include "run/target_variables.h"
#include "run/mask_internal.h"
#include <string.h>

bool target_variables_init(TargetVariables *self, const Target *target, GHashTable *extra, Dialect dialect,
                           SecretStore *secrets, const char *folder, GError **error)
{
    self->references = plan_target_variables(target, extra);
    self->values = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)secret_free);
    self->mask = mask_new(dialect);
    GHashTableIter iter;
    gpointer name, text;
    g_hash_table_iter_init(&iter, self->references);
    while (g_hash_table_iter_next(&iter, &name, &text)) {
        bool secret = secret_is_reference(text);
        char *value = secret ? secret_resolve(secrets, text, folder, error) : g_strdup(text);
        if (!value) {
            g_prefix_error(error, "variable %s: ", (const char *)name);
            return false;
        }
        g_hash_table_insert(self->values, name, value);
        if (secret)
            mask_add(self->mask, value);
    }
    return true;
}

char *target_variables_masked(const TargetVariables *self, const char *text)
{
    return mask_text(self->mask, text, strlen(text), NULL);
}

void target_variables_clear(TargetVariables *self)
{
    g_clear_pointer(&self->values, g_hash_table_unref);
    g_clear_pointer(&self->references, g_hash_table_unref);
    g_clear_pointer(&self->mask, mask_free);
}
