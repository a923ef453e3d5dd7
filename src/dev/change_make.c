/* Making a change: rounds of writing, running and reading again; stages upwards, then their ways back. */
#include "dev/change_make.h"

#include <string.h>

#define NAMES_SHOWN 20u /* of what still differs, in an error */

/* ---- Stages ---- */

static ChangeStage *stage_new(void)
{
    ChangeStage *self = g_new0(ChangeStage, 1);
    self->up = change_script_new();
    self->down = change_script_new();
    return self;
}

static void stage_free(gpointer data)
{
    ChangeStage *self = data;
    change_script_free(self->up);
    change_script_free(self->down);
    schema_model_free(self->after);
    g_free(self);
}

void change_make_free(ChangeMake *self)
{
    if (!self)
        return;
    schema_model_free(self->before);
    g_ptr_array_unref(self->stages);
    g_ptr_array_unref(self->lines);
    g_ptr_array_unref(self->notes);
    g_ptr_array_unref(self->possible_renames);
    g_free(self);
}

static ChangeMake *make_new(void)
{
    ChangeMake *self = g_new0(ChangeMake, 1);
    self->stages = g_ptr_array_new_with_free_func(stage_free);
    self->lines = g_ptr_array_new_with_free_func(g_free);
    self->notes = g_ptr_array_new_with_free_func(g_free);
    self->possible_renames = g_ptr_array_new_with_free_func(g_free);
    return self;
}

GPtrArray *change_make_data_loss(const ChangeMake *self)
{
    GPtrArray *losses = g_ptr_array_new();
    for (guint i = 0; i < self->stages->len; i++) {
        const ChangeStage *stage = self->stages->pdata[i];
        for (guint j = 0; j < stage->up->statements->len; j++) {
            const ChangeStatement *statement = stage->up->statements->pdata[j];
            if (statement->data_loss)
                g_ptr_array_add(losses, statement->data_loss);
        }
    }
    return losses;
}

/* ---- Walking from model to model ---- */

/* Where a walk stands, and what it ran so far. */
typedef struct Walk {
    Scratch *scratch;
    SchemaReadOptions options;
    const SchemaModel *wanted;
    const SchemaHints *hints;
    ChangeMake *make;           /* takes notes */
    GPtrArray *stages;          /* of ChangeStage *: `up` and `after` of each are filled */
    const SchemaModel *current; /* the last stage's, or where the walk began */
    unsigned passes;
} Walk;

static void add_once(GPtrArray *texts, const char *text)
{
    if (!g_ptr_array_find_with_equal_func(texts, text, g_str_equal, NULL))
        g_ptr_array_add(texts, g_strdup(text));
}

static ChangeStage *stage_for(Walk *self, const ChangePart *part)
{
    ChangeStage *stage = self->stages->len > 0 ? self->stages->pdata[self->stages->len - 1] : NULL;
    if (stage && !part->committed && stage->up_outside == part->outside)
        return stage;
    stage = stage_new();
    stage->up_outside = part->outside;
    g_ptr_array_add(self->stages, stage);
    return stage;
}

/* What was written fails: its own fault, unless the server went away. */
static bool unreached(GError **error)
{
    if (g_error_matches(*error, DB_ERROR, DB_ERROR_CONNECTION_LOST))
        return false;
    GError *told =
        g_error_new(SCHEMA_ERROR, SCHEMA_ERROR_UNREACHED,
                    "a statement that was written fails on the scratch database: %s", (*error)->message);
    g_clear_error(error);
    *error = told;
    return false;
}

/* Runs the first statements of what is left of the script, moves them to their stage, and reads where that
 * led. */
static bool walk_part(Walk *self, ChangeScript *script, ChangePart part, GError **error)
{
    part.first = 0;
    if (!change_part_run(self->scratch->connection, script, &part, error))
        return unreached(error);
    SchemaModel *model = schema_read(self->scratch->connection, &self->options, error);
    if (!model)
        return false;
    ChangeStage *stage = stage_for(self, &part);
    stage->up_keys_off |= part.rebuild;
    for (unsigned i = 0; i < part.count; i++)
        g_ptr_array_add(stage->up->statements, g_ptr_array_steal_index(script->statements, 0));
    schema_model_free(stage->after);
    stage->after = model;
    self->current = model;
    return true;
}

static bool refused(const ChangeScript *script, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < script->refusals->len; i++)
        g_string_append_printf(text, "%s%s", i ? "\n" : "", (const char *)script->refusals->pdata[i]);
    if (text->len > 0)
        g_set_error_literal(error, SCHEMA_ERROR, SCHEMA_ERROR_REFUSED, text->str);
    return text->len > 0;
}

static bool walk_script(Walk *self, ChangeScript *script, GError **error)
{
    g_autoptr(GArray) parts = change_script_parts(script);
    for (guint i = 0; i < script->notes->len; i++)
        add_once(self->make->notes, script->notes->pdata[i]);
    if (refused(script, error))
        return false;
    for (guint i = 0; i < parts->len; i++)
        if (!walk_part(self, script, g_array_index(parts, ChangePart, i), error))
            return false;
    return true;
}

static bool walk_renames(Walk *self, GError **error)
{
    g_autoptr(ChangeScript) script = self->hints ? schema_write_renames(self->current, self->hints) : NULL;
    return !script || walk_script(self, script, error);
}

static void set_unreached(const SchemaDiff *left, unsigned passes, GError **error)
{
    g_autoptr(GPtrArray) lines = schema_diff_lines(left);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < lines->len && i < NAMES_SHOWN; i++)
        g_string_append_printf(text, "\n%s", (const char *)lines->pdata[i]);
    if (lines->len > NAMES_SHOWN)
        g_string_append_printf(text, "\n… and %u more", lines->len - NAMES_SHOWN);
    g_set_error(error, SCHEMA_ERROR, SCHEMA_ERROR_UNREACHED,
                "after %u %s of statements this still differs from what is wanted:%s", passes,
                passes == 1 ? "round" : "rounds", text->str);
}

/* Rounds until nothing differs. */
static bool walk_on(Walk *self, GError **error)
{
    while (true) {
        g_autoptr(SchemaDiff) diff = schema_diff_new(self->current, self->wanted, self->hints);
        if (schema_diff_is_empty(diff))
            return true;
        g_autoptr(ChangeScript) script = schema_write(diff);
        if (refused(script, error))
            return false;
        if (self->passes >= CHANGE_PASSES_MAX || script->statements->len == 0) {
            set_unreached(diff, self->passes, error);
            return false;
        }
        self->passes++;
        if (!walk_script(self, script, error))
            return false;
    }
}

/* ---- Hints for the way back ---- */

/* True where the name after a rename was there before it, so that nothing was renamed. */
static bool is_stale(const SchemaModel *before, const SchemaRename *inverted)
{
    g_autoptr(SchemaHints) one = schema_hints_new();
    SchemaRename *copy = g_new(SchemaRename, 1);
    *copy = (SchemaRename){inverted->kind, g_strdup(inverted->parent), g_strdup(inverted->before),
                           g_strdup(inverted->after), inverted->place};
    schema_hints_take_rename(one, copy);
    g_autoptr(ChangeScript) script = schema_write_renames(before, one);
    return script->statements->len > 0 || script->refusals->len > 0;
}

/* `renames`: also those back, where the model before did not have the new name. */
static SchemaHints *hints_back(const SchemaHints *hints, const SchemaModel *before, bool renames)
{
    SchemaHints *back = schema_hints_inverted(hints);
    for (guint i = back->renames->len; i > 0; i--)
        if (!renames || is_stale(before, back->renames->pdata[i - 1]))
            g_ptr_array_remove_index(back->renames, i - 1);
    return back;
}

/* ---- Up and down ---- */

static char *possible_rename_text(const PossibleRename *pair)
{
    if (pair->before->kind == SCHEMA_COLUMN)
        return g_strdup_printf("column:%s.%s=%s", pair->before->parent, pair->before->name,
                               pair->after->name);
    return g_strdup_printf("%s:%s=%s", schema_kind_name(pair->before->kind), pair->before->key,
                           pair->after->name);
}

GPtrArray *change_possible_renames(const SchemaDiff *diff)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) renames = schema_diff_possible_renames(diff);
    for (guint i = 0; i < renames->len; i++)
        g_ptr_array_add(texts, possible_rename_text(&g_array_index(renames, PossibleRename, i)));
    return texts;
}

/* What is to be told of the difference once the renames are made. */
static void tell(Walk *self)
{
    g_autoptr(SchemaDiff) diff = schema_diff_new(self->current, self->wanted, self->hints);
    g_autoptr(GPtrArray) lines = schema_diff_lines(diff);
    for (guint i = 0; i < lines->len; i++)
        g_ptr_array_add(self->make->lines, g_strdup(lines->pdata[i]));
    g_ptr_array_unref(self->make->possible_renames);
    self->make->possible_renames = change_possible_renames(diff);
}

/* The renames are all that ran so far. */
static void tell_renames(Walk *self)
{
    for (guint i = 0; i < self->stages->len; i++) {
        const ChangeStage *stage = self->stages->pdata[i];
        for (guint j = 0; j < stage->up->statements->len; j++) {
            const ChangeStatement *statement = stage->up->statements->pdata[j];
            g_ptr_array_add(self->make->lines, g_strdup_printf("renamed: %s", statement->sql));
        }
    }
}

static bool make_up(Walk *self, GError **error)
{
    if (!walk_renames(self, error))
        return false;
    tell_renames(self);
    tell(self);
    return walk_on(self, error);
}

static Walk walk_of(Scratch *scratch, const ChangeRequest *request, ChangeMake *make)
{
    Walk walk = {.scratch = scratch, .make = make, .hints = request->hints, .wanted = request->wanted};
    if (request->options)
        walk.options = *request->options;
    if (!walk.options.schema)
        walk.options.schema = scratch->schema;
    return walk;
}

static void take_down(ChangeStage *self, GPtrArray *parts)
{
    for (guint i = 0; i < parts->len; i++) {
        ChangeStage *part = parts->pdata[i];
        self->down_keys_off |= part->up_keys_off;
        self->down_outside |= part->up_outside || parts->len > 1;
        while (part->up->statements->len > 0)
            g_ptr_array_add(self->down->statements, g_ptr_array_steal_index(part->up->statements, 0));
    }
}

/* The way back from one stage to the one below it. Names go back in the first, where they were changed. */
static bool make_down(Scratch *scratch, const ChangeRequest *request, ChangeMake *make, guint index,
                      GError **error)
{
    ChangeStage *stage = make->stages->pdata[index];
    ChangeStage *below = index > 0 ? make->stages->pdata[index - 1] : NULL;
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(stage_free);
    g_autoptr(SchemaHints) none = schema_hints_new();
    g_autoptr(SchemaHints) hints =
        hints_back(request->hints ? request->hints : none, make->before, index == 0);
    Walk walk = walk_of(scratch, request, make);
    walk.hints = hints;
    walk.wanted = below ? below->after : make->before;
    walk.current = stage->after;
    walk.stages = parts;
    if (!walk_renames(&walk, error) || !walk_on(&walk, error)) {
        g_prefix_error(error, "the way back: ");
        return false;
    }
    make->down_passes = MAX(make->down_passes, walk.passes);
    take_down(stage, parts);
    return true;
}

static bool make_both(Walk *self, const ChangeRequest *request, GError **error)
{
    ChangeMake *make = self->make;
    self->stages = make->stages;
    self->current = make->before;
    if (!make_up(self, error))
        return false;
    make->passes = self->passes;
    for (guint i = request->up_only ? 0 : make->stages->len; i > 0; i--)
        if (!make_down(self->scratch, request, make, i - 1, error))
            return false;
    return true;
}

static bool are_comparable(const SchemaModel *before, const SchemaModel *wanted, GError **error)
{
    if (g_str_equal(schema_model_server(before), schema_model_server(wanted)))
        return true;
    g_set_error(error, SCHEMA_ERROR, SCHEMA_ERROR_INCOMPARABLE,
                "the schema of %s cannot be compared with one of %s: they print it differently",
                schema_model_server(before), schema_model_server(wanted));
    return false;
}

ChangeMake *change_make(Scratch *scratch, const ChangeRequest *request, GError **error)
{
    g_autoptr(ChangeMake) make = make_new();
    Walk walk = walk_of(scratch, request, make);
    make->before = schema_read(scratch->connection, &walk.options, error);
    if (!make->before || !are_comparable(make->before, request->wanted, error) ||
        !make_both(&walk, request, error))
        return NULL;
    return g_steal_pointer(&make);
}
