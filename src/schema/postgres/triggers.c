/* PostgreSQL: triggers, and whether they fire. Pure. */
#include "schema/postgres/write_internal.h"

#include <string.h>

static PgFate trigger_fate(G_GNUC_UNUSED const PgWriting *self, const SchemaChange *change)
{
    return schema_change_attribute(change, "def") ? PG_REPLACED : PG_STAYS;
}

static void write_state(PgWriting *self, const SchemaObject *trigger)
{
    const char *state = schema_object_get(trigger, "enabled");
    pg_alter_parent(self, trigger, "%s TRIGGER %s", state ? state : "ENABLE", trigger->name);
}

static void trigger_create(PgWriting *self, const SchemaObject *trigger)
{
    change_script_add(self->script, "%s", pg_attribute(trigger, "def"));
    if (schema_object_get(trigger, "enabled"))
        write_state(self, trigger);
}

static void trigger_alter(PgWriting *self, G_GNUC_UNUSED const SchemaObject *before,
                          const SchemaObject *after, const SchemaChange *change)
{
    if (change && schema_change_attribute(change, "enabled"))
        write_state(self, after);
}

static void trigger_drop(PgWriting *self, const SchemaObject *trigger)
{
    change_script_add(self->script, "DROP TRIGGER %s ON %s", trigger->name, pg_name(trigger->parent));
}

const PgKind pg_triggers = {
    .fate = trigger_fate, .create = trigger_create, .alter = trigger_alter, .drop = trigger_drop};
