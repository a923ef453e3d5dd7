/* Track schemas: how both scratch databases come to be. */
#include "dev/track_schemas.h"

#include "dev/change_make.h"

/* ---- Where the revisions lead ---- */

static bool go_to_heads(const TrackRequest *request, Scratch *scratch, GError **error)
{
    g_autoptr(GPtrArray) heads = revision_graph_effective_heads(request->graph);
    g_autoptr(GPtrArray) rows = g_ptr_array_new();
    for (guint i = 0; i < heads->len; i++)
        g_ptr_array_add(rows, ((const Revision *)heads->pdata[i])->id);
    g_ptr_array_add(rows, NULL);
    return scratch_upgrade(scratch, request->graph, (const char *const *)rows->pdata, request->variables,
                           error);
}

static bool go_to_reference(const TrackRequest *request, Scratch *scratch, GError **error)
{
    const ChangeRequest change = {.wanted = request->reference, .up_only = true};
    g_autoptr(ChangeMake) make = change_make(scratch, &change, error);
    if (!make)
        g_prefix_error(error, "a scratch database with the schema of the target cannot be made: ");
    return make != NULL;
}

Scratch *track_scratch_at_heads(const TrackRequest *request, Dialect dialect, GError **error)
{
    g_autoptr(Scratch) scratch =
        scratch_new(request->servers, dialect, request->like, request->schema, error);
    if (!scratch)
        return NULL;
    bool good =
        request->reference ? go_to_reference(request, scratch, error) : go_to_heads(request, scratch, error);
    return good ? g_steal_pointer(&scratch) : NULL;
}

/* ---- What the files say ---- */

static bool read_files(TrackSchemas *self, const TrackRequest *request, GError **error)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    self->files = schema_files_read(request->folder, self->dialect, problems);
    if (!self->files) {
        g_autofree char *told = diagnostics_to_string(problems);
        g_set_error(error, SCHEMA_ERROR, SCHEMA_ERROR_FILES, "%s", g_strchomp(told));
        return false;
    }
    self->hints = schema_hints_new();
    self->hints->strict_order = request->strict_order;
    self->hints->allow_recreate = request->allow_recreate;
    schema_hints_add_all(self->hints, schema_files_hints(self->files));
    if (request->more_hints)
        schema_hints_add_all(self->hints, request->more_hints);
    return true;
}

static bool load_files(TrackSchemas *self, const TrackRequest *request, GError **error)
{
    self->desired = scratch_new(request->servers, self->dialect, request->like, request->schema, error);
    return self->desired && schema_files_load(self->files, self->desired, error);
}

/* ---- Both ---- */

bool track_schemas_open(TrackSchemas *self, const TrackRequest *request, Dialect dialect, GError **error)
{
    *self = (TrackSchemas){.dialect = dialect};
    if (!read_files(self, request, error) || !load_files(self, request, error))
        return false;
    self->wanted = scratch_model(self->desired, NULL, error);
    self->head = self->wanted ? track_scratch_at_heads(request, dialect, error) : NULL;
    self->before = self->head ? scratch_model(self->head, NULL, error) : NULL;
    return self->before != NULL;
}

void track_schemas_clear(TrackSchemas *self)
{
    schema_files_free(self->files);
    schema_hints_free(self->hints);
    scratch_free(self->head);
    scratch_free(self->desired);
    schema_model_free(self->before);
    schema_model_free(self->wanted);
    *self = (TrackSchemas){0};
}
