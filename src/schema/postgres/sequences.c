/* PostgreSQL: sequences, and whose they are. Those inside identity columns are written with the column. */
#include "schema/postgres/objects_internal.h"

/* ---- Sequences ---- */

static void sequence_create(PgWriting *self, const SchemaObject *sequence)
{
    const char *type = schema_object_get(sequence, "type");
    g_autofree char *text = pg_sequence_options(sequence);
    change_script_add(self->script, "CREATE %sSEQUENCE %s%s%s%s",
                      schema_object_get(sequence, "persistence") ? "UNLOGGED " : "", pg_name(sequence->key),
                      type ? " AS " : "", type ? type : "", text);
}

static void sequence_alter(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                           const SchemaChange *change)
{
    const char *name = pg_name(after->key);
    g_autofree char *text = pg_sequence_changes(before, after, "");
    bool retyped = change && schema_change_attribute(change, "type");
    pg_write_sequence_bounds(self, before, after, name);
    if (retyped || *text)
        change_script_add(self->script, "ALTER SEQUENCE %s%s%s%s", name, retyped ? " AS " : "",
                          retyped ? pg_attribute_or(after, "type", "bigint") : "", text);
    if (change && schema_change_attribute(change, "persistence"))
        change_script_add(self->script, "ALTER SEQUENCE %s SET %s", name,
                          schema_object_get(after, "persistence") ? "UNLOGGED" : "LOGGED");
}

/* With the column that owns it, it goes by itself; and what it counted is in that column. */
static void sequence_drop(PgWriting *self, const SchemaObject *sequence)
{
    const char *owner = schema_object_get(sequence, "owned_by");
    const SchemaObject *column = owner ? schema_model_find(self->diff->before, SCHEMA_COLUMN, owner) : NULL;
    if (column && pg_goes(self, column))
        return;
    ChangeStatement *statement = change_script_add(self->script, "DROP SEQUENCE %s", pg_name(sequence->key));
    if (!column)
        pg_mark_loss(statement, sequence);
}

const PgKind pg_sequences = {.create = sequence_create, .alter = sequence_alter, .drop = sequence_drop};

/* ---- Whose they are ---- */

/* A column that is there already may hold values: the sequence goes on behind them. */
static void go_on(PgWriting *self, const SchemaObject *sequence, const SchemaObject *column)
{
    g_autofree char *literal = sql_quote_literal(DIALECT_POSTGRES, pg_name(sequence->key));
    ChangeStatement *statement = change_script_add(
        self->script, "SELECT pg_catalog.setval(%s, %s(%s)) FROM %s", literal,
        *pg_attribute(sequence, "increment") == '-' ? "min" : "max", column->name, pg_name(column->parent));
    statement->comment = g_strdup("goes on behind the values that are there");
}

static const SchemaObject *owner_of(const SchemaModel *model, const SchemaObject *sequence)
{
    const char *owner = schema_object_get(sequence, "owned_by");
    return owner ? schema_model_find(model, SCHEMA_COLUMN, owner) : NULL;
}

/* Whether OWNED BY must be written of a sequence that comes, or stays while its owner is another or comes
 * again.
 */
static bool is_given(const PgWriting *self, const SchemaObject *after)
{
    const SchemaObject *owner = after->kind == SCHEMA_SEQUENCE ? owner_of(self->diff->after, after) : NULL;
    const SchemaObject *before = owner ? pg_before(self, after) : NULL;
    if (!owner || !before)
        return owner;
    return pg_comes(self, owner) || g_strcmp0(schema_object_get(before, "owned_by"), owner->key) != 0;
}

void pg_own_sequences(PgWriting *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *sequence = objects->pdata[i];
        if (!is_given(self, sequence))
            continue;
        const SchemaObject *owner = owner_of(self->diff->after, sequence);
        change_script_add(self->script, "ALTER SEQUENCE %s OWNED BY %s", pg_name(sequence->key),
                          pg_name(owner->key));
        if (!pg_before(self, sequence) && pg_before(self, owner))
            go_on(self, sequence, owner);
    }
}

void pg_disown_sequences(PgWriting *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->before);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *sequence = objects->pdata[i];
        const SchemaObject *owner =
            sequence->kind == SCHEMA_SEQUENCE ? owner_of(self->diff->before, sequence) : NULL;
        const SchemaObject *after = owner ? pg_after(self, sequence) : NULL;
        if (after &&
            (pg_goes(self, owner) || g_strcmp0(schema_object_get(after, "owned_by"), owner->key) != 0))
            change_script_add(self->script, "ALTER SEQUENCE %s OWNED BY NONE", pg_name(sequence->key));
    }
}

/* The sequence of an identity has the name of one that comes. */
static bool is_in_the_way(const PgWriting *self, const SchemaObject *column)
{
    const char *name = schema_object_get(column, "~sequence");
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    for (guint i = 0; name && i < objects->len; i++) {
        const SchemaObject *sequence = objects->pdata[i];
        if (sequence->kind == SCHEMA_SEQUENCE && g_str_equal(pg_name(sequence->key), name))
            return true;
    }
    return false;
}

bool pg_loses_identity_early(const PgWriting *self, const SchemaObject *before)
{
    const SchemaObject *after = pg_after(self, before);
    return before->kind == SCHEMA_COLUMN && after && !pg_goes(self, before) &&
           schema_object_get(before, "identity") && !schema_object_get(after, "identity") &&
           !pg_is_passed_down(self, after) && is_in_the_way(self, before);
}

void pg_drop_identities(PgWriting *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->before);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *column = objects->pdata[i];
        if (pg_loses_identity_early(self, column))
            pg_alter_parent(self, column, "ALTER COLUMN %s DROP IDENTITY", column->name);
    }
}

bool pg_makes_way_for_identity(const PgWriting *self, const SchemaObject *before)
{
    const char *owner = before->kind == SCHEMA_SEQUENCE ? schema_object_get(before, "owned_by") : NULL;
    const SchemaObject *column = owner ? schema_model_find(self->diff->after, SCHEMA_COLUMN, owner) : NULL;
    return column && schema_object_get(column, "identity");
}
