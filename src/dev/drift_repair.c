/* Drift's repair: the statements that lead from what a target has to what is expected, tried on a scratch
 * that is first given what the target has. Sends nothing to a target. Main thread. */
#include "dev/change_make.h"
#include "dev/drift_internal.h"

#include <string.h>

/* ---- The text ---- */

typedef struct RepairText {
    GString *text;
    Dialect dialect;
    DriftRepair *repair;
} RepairText;

static void add_part(const RepairText *self, const ChangeScript *script, const ChangePart *part)
{
    bool transaction = dialect_has_transactional_ddl(self->dialect) && !part->outside;
    g_autofree char *statements = change_script_text(script, self->dialect, part->first, part->count);
    if (self->text->len > 0)
        g_string_append_c(self->text, '\n');
    if (part->rebuild)
        g_string_append(self->text, "PRAGMA foreign_keys = OFF;\n");
    g_string_append_printf(self->text, "%s%s%s", transaction ? "BEGIN;\n\n" : "", statements,
                           transaction ? "\nCOMMIT;\n" : "");
}

static void add_script(const RepairText *self, const ChangeScript *script)
{
    g_autoptr(GArray) parts = change_script_parts(script);
    for (guint i = 0; i < parts->len; i++)
        add_part(self, script, &g_array_index(parts, ChangePart, i));
    for (guint i = 0; i < script->statements->len; i++)
        self->repair->data_loss += ((ChangeStatement *)script->statements->pdata[i])->data_loss != NULL;
    self->repair->statements += script->statements->len;
}

/* ---- On a scratch ---- */

/* What leads from what the target has to what is expected, or NULL. */
static ChangeMake *make_on_scratch(Scratch *scratch, const SchemaReadOptions *options,
                                   const SchemaModel *found, const SchemaModel *expected, GError **error)
{
    const ChangeRequest load = {.wanted = found, .options = options, .up_only = true};
    const ChangeRequest way = {.wanted = expected, .options = options, .up_only = true};
    g_autoptr(ChangeMake) loaded = change_make(scratch, &load, error);
    if (!loaded) {
        g_prefix_error(error, "a scratch database with the schema of the target cannot be made: ");
        return NULL;
    }
    return change_make(scratch, &way, error);
}

static void take_proven(DriftRepair *self, Dialect dialect, const ChangeMake *make)
{
    const RepairText text = {g_string_new(NULL), dialect, self};
    for (guint i = 0; i < make->stages->len; i++)
        add_script(&text, ((const ChangeStage *)make->stages->pdata[i])->up);
    self->sql = g_string_free(text.text, FALSE);
    self->is_proven = true;
}

/* ---- Without one ---- */

static char *joined(const GPtrArray *texts)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(text, "%s%s", i ? "; " : "", (const char *)texts->pdata[i]);
    return g_string_free(text, FALSE);
}

static void take_written(DriftRepair *self, const SchemaModel *found, const SchemaModel *expected)
{
    g_autoptr(SchemaDiff) diff = schema_diff_new(found, expected, NULL);
    g_autoptr(ChangeScript) script = schema_write(diff);
    if (script->refusals->len > 0) {
        g_free(self->problem);
        self->problem = joined(script->refusals);
    }
    if (script->refusals->len > 0 || script->statements->len == 0)
        return;
    const RepairText text = {g_string_new(NULL), schema_model_dialect(found), self};
    add_script(&text, script);
    self->sql = g_string_free(text.text, FALSE);
}

DriftRepair *drift_repair(const Drift *drift, const Target *target, const DriftReading *reading,
                          const SchemaModel *found, const SchemaModel *expected)
{
    static const char *const nothing[] = {NULL};
    g_autoptr(GError) error = NULL;
    DriftRepair *self = g_new0(DriftRepair, 1);
    Dialect dialect = reading->state->dialect;
    const SchemaReadOptions options = drift_read_options(drift->options, NULL, nothing);
    g_autoptr(Scratch) scratch = scratch_new(drift->servers, dialect, &reading->like, target->schema, &error);
    g_autoptr(ChangeMake) make = scratch ? make_on_scratch(scratch, &options, found, expected, &error) : NULL;
    if (make) {
        take_proven(self, dialect, make);
        return self;
    }
    self->problem = g_strdup(error->message);
    take_written(self, found, expected);
    return self;
}
