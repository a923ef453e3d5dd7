/* Checking schemas: renames first, then the diff. */
#include "dev/schema_check.h"

#include "dev/change_make.h"

static void dialect_free(gpointer data)
{
    SchemaCheckDialect *self = data;
    g_free(self->server);
    g_ptr_array_unref(self->renames);
    g_clear_pointer(&self->differences, g_ptr_array_unref);
    g_clear_pointer(&self->possible_renames, g_ptr_array_unref);
    g_free(self);
}

SchemaCheckResult *schema_check_result_new(const char *folder)
{
    SchemaCheckResult *self = g_new0(SchemaCheckResult, 1);
    self->folder = g_strdup(folder);
    self->dialects = g_ptr_array_new_with_free_func(dialect_free);
    return self;
}

void schema_check_result_free(SchemaCheckResult *self)
{
    if (!self)
        return;
    g_free(self->folder);
    g_ptr_array_unref(self->dialects);
    g_free(self);
}

bool schema_check_differs(const SchemaCheckDialect *self)
{
    return self->renames->len > 0 || self->differences->len > 0;
}

bool schema_check_result_differs(const SchemaCheckResult *self)
{
    for (guint i = 0; i < self->dialects->len; i++)
        if (schema_check_differs(self->dialects->pdata[i]))
            return true;
    return false;
}

/* What is there once the renames are made; NULL where there are none to make, or with an error. */
static SchemaModel *renamed(SchemaCheckDialect *self, const TrackSchemas *schemas, GError **error)
{
    g_autoptr(ChangeScript) script = schema_write_renames(schemas->before, schemas->hints);
    if (script->refusals->len > 0) {
        g_set_error_literal(error, SCHEMA_ERROR, SCHEMA_ERROR_REFUSED, script->refusals->pdata[0]);
        return NULL;
    }
    for (guint i = 0; i < script->statements->len; i++)
        g_ptr_array_add(self->renames, g_strdup(((ChangeStatement *)script->statements->pdata[i])->sql));
    if (script->statements->len == 0 || !change_script_run(schemas->head->connection, script, error))
        return NULL;
    return scratch_model(schemas->head, NULL, error);
}

bool schema_check_add(SchemaCheckResult *self, const TrackSchemas *schemas, GError **error)
{
    GError *problem = NULL;
    SchemaCheckDialect *found = g_new0(SchemaCheckDialect, 1);
    found->dialect = schemas->dialect;
    found->server = g_strdup(schema_model_server(schemas->before));
    found->renames = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(self->dialects, found);
    g_autoptr(SchemaModel) after_renames = renamed(found, schemas, &problem);
    if (problem) {
        g_propagate_error(error, problem);
        return false;
    }
    const SchemaModel *before = after_renames ? after_renames : schemas->before;
    g_autoptr(SchemaDiff) forward = schema_diff_new(before, schemas->wanted, schemas->hints);
    g_autoptr(SchemaDiff) diff = schema_diff_new(schemas->wanted, before, schemas->hints);
    found->differences = drift_differences(diff);
    found->possible_renames = change_possible_renames(forward);
    return true;
}
