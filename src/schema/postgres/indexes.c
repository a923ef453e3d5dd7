/* PostgreSQL: indexes, and the new names of indexes and constraints. Pure. */
#include "schema/postgres/objects_internal.h"

#include <string.h>

/* The index of a constraint is called like it, in the schema of its table. */
char *pg_index_name(const SchemaObject *constraint)
{
    const char *table = pg_name(constraint->parent);
    const char *name = pg_name(constraint->key);
    gsize table_length = strlen(name) - strlen(constraint->name) - 1;
    const char *dot = table;
    for (const char *c = table; c < table + table_length; c++)
        if (*c == '"')
            c = strchr(c + 1, '"') ? strchr(c + 1, '"') : c;
        else if (*c == '.')
            dot = c + 1;
    return g_strdup_printf("%.*s%s", (int)(dot - table), table, constraint->name);
}

/* ---- The kind ---- */

#define PLAIN_METHOD "USING btree "

static PgFate index_fate(G_GNUC_UNUSED const PgWriting *self, const SchemaChange *change)
{
    static const char *const made_with[] = {"def", "unique", "table"};
    const AttributeChange *invalid = schema_change_attribute(change, "invalid");
    for (gsize i = 0; i < G_N_ELEMENTS(made_with); i++)
        if (schema_change_attribute(change, made_with[i]))
            return PG_REPLACED;
    return invalid && invalid->before ? PG_REPLACED : PG_STAYS;
}

/* "1 500, 2 100": number of a column of the index, and its target. */
static void write_statistics(PgWriting *self, const SchemaObject *index, const char *before,
                             const char *after)
{
    g_auto(GStrv) old = g_strsplit(before ? before : "", ", ", -1);
    g_auto(GStrv) new = g_strsplit(after ? after : "", ", ", -1);
    for (char **target = old; *target; target++)
        if (!g_strv_contains((const char *const *)new, *target))
            change_script_add(self->script, "ALTER INDEX %s ALTER COLUMN %.*s SET STATISTICS -1",
                              pg_name(index->key), (int)strcspn(*target, " "), *target);
    for (char **target = new; *target; target++)
        if (!g_strv_contains((const char *const *)old, *target))
            change_script_add(self->script, "ALTER INDEX %s ALTER COLUMN %.*s SET STATISTICS%s",
                              pg_name(index->key), (int)strcspn(*target, " "), *target, strchr(*target, ' '));
}

static void index_create(PgWriting *self, const SchemaObject *index)
{
    const char *def = pg_attribute(index, "def");
    const char *tablespace = schema_object_get(index, "tablespace");
    if (g_str_has_prefix(def, PLAIN_METHOD))
        def += strlen(PLAIN_METHOD);
    if (g_hash_table_contains(self->made, index))
        return;
    change_script_add(self->script, "CREATE %sINDEX %s ON %s%s %s",
                      schema_object_get(index, "unique") ? "UNIQUE " : "", index->name,
                      pg_makes_index_alone(self, index) ? "ONLY " : "", pg_name(index->parent), def);
    if (tablespace)
        change_script_add(self->script, "ALTER INDEX %s SET TABLESPACE %s", pg_name(index->key), tablespace);
    write_statistics(self, index, NULL, schema_object_get(index, "statistics"));
}

static void index_alter(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                        const SchemaChange *change)
{
    const AttributeChange *tablespace = change ? schema_change_attribute(change, "tablespace") : NULL;
    if (tablespace)
        change_script_add(self->script, "ALTER INDEX %s SET TABLESPACE %s", pg_name(after->key),
                          tablespace->after ? tablespace->after : "pg_default");
    write_statistics(self, after, schema_object_get(before, "statistics"),
                     schema_object_get(after, "statistics"));
}

static void index_drop(PgWriting *self, const SchemaObject *index)
{
    if (!pg_goes_with_index(self, index) && !pg_goes_with_column(self, index))
        change_script_add(self->script, "DROP INDEX %s", pg_name(index->key));
}

const PgKind pg_indexes = {
    .fate = index_fate, .create = index_create, .alter = index_alter, .drop = index_drop};

/* ---- Other names ---- */

static bool is_alike(const SchemaObject *left, const SchemaObject *right)
{
    guint compared = 0;
    for (guint i = 0; i < left->attributes->len; i++) {
        const SchemaAttribute *attribute = &g_array_index(left->attributes, SchemaAttribute, i);
        bool informs = schema_attribute_informs(attribute->name);
        if (!informs && g_strcmp0(schema_object_get(right, attribute->name), attribute->value) != 0)
            return false;
        compared += !informs;
    }
    for (guint i = 0; i < right->attributes->len; i++)
        compared -= !schema_attribute_informs(g_array_index(right->attributes, SchemaAttribute, i).name);
    return compared == 0;
}

/* What differs from it by the name alone, is new, and is no other one's already. */
static const SchemaObject *find_partner(const PgWriting *self, const SchemaObject *before)
{
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaChange *change = self->diff->changes->pdata[i];
        if (change->kind == CHANGE_CREATE && !change->with_parent && change->after->kind == before->kind &&
            g_strcmp0(change->after->parent, before->parent) == 0 && is_alike(before, change->after) &&
            !g_hash_table_contains(self->partners, change->after))
            return change->after;
    }
    return NULL;
}

/* A sequence that a column owns keeps its counter. */
static bool may_be_renamed(const SchemaObject *object)
{
    return object->kind == SCHEMA_CONSTRAINT || object->kind == SCHEMA_INDEX ||
           (object->kind == SCHEMA_SEQUENCE && schema_object_get(object, "owned_by"));
}

void pg_find_renamed(PgWriting *self)
{
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaChange *change = self->diff->changes->pdata[i];
        if (change->kind != CHANGE_DROP || change->with_parent || !may_be_renamed(change->before))
            continue;
        const SchemaObject *partner = find_partner(self, change->before);
        if (!partner)
            continue;
        g_hash_table_insert(self->partners, (gpointer)change->before, (gpointer)partner);
        g_hash_table_insert(self->partners, (gpointer)partner, (gpointer)change->before);
    }
}

void pg_write_renamed(PgWriting *self)
{
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaChange *change = self->diff->changes->pdata[i];
        const SchemaObject *after =
            change->before ? g_hash_table_lookup(self->partners, change->before) : NULL;
        if (!after || change->kind != CHANGE_DROP || pg_goes(self, change->before) ||
            (pg_is_passed_down(self, change->before) && !schema_object_get(after, "partition_of")))
            continue;
        if (after->kind == SCHEMA_CONSTRAINT)
            pg_alter_parent(self, after, "RENAME CONSTRAINT %s TO %s", change->before->name, after->name);
        else
            change_script_add(self->script, "ALTER %s %s RENAME TO %s",
                              after->kind == SCHEMA_INDEX ? "INDEX" : "SEQUENCE",
                              pg_name(change->before->key), after->name);
    }
}
