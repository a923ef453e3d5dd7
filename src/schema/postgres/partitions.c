/* PostgreSQL: what stands under what. Partitions, children that inherit, indexes of partitions.
 *
 * A partition is made as a table of its own, gets its indexes and constraints, and is attached then: so its
 * columns keep their order, and the server takes the indexes that fit instead of making its own. */
#include "schema/postgres/objects_internal.h"

#include "sql/words.h"
#include <string.h>

static bool is_same(const SchemaObject *before, const SchemaObject *after, const char *attribute)
{
    return g_strcmp0(schema_object_get(before, attribute), schema_object_get(after, attribute)) == 0;
}

/* ---- Keys ---- */

bool pg_is_partition_key(const PgWriting *self, const SchemaObject *column)
{
    const SchemaObject *table = schema_model_find(self->diff->before, SCHEMA_TABLE, column->parent);
    const char *key = table ? schema_object_get(table, "partition_key") : NULL;
    g_autofree char *name = pg_unquoted(column->name);
    g_autoptr(GPtrArray) words = key ? sql_words(key, strlen(key), DIALECT_POSTGRES) : NULL;
    for (guint i = 1; words && i < words->len; i++) {
        const SqlWord *word = words->pdata[i];
        if (sql_word_is_name(word) && g_str_equal(word->text, name))
            return true;
    }
    return false;
}

/* ---- Leaving ---- */

static void detach(PgWriting *self, const SchemaObject *table)
{
    change_script_add(self->script, "ALTER TABLE %s DETACH PARTITION %s",
                      pg_name(pg_attribute(table, "partition_of")), pg_name(table->key));
}

static void leave_partitions(PgWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    if (schema_object_get(before, "partition_of") && !is_same(before, after, "partition_of"))
        detach(self, before);
}

static GStrv parents_of(const SchemaObject *table)
{
    return g_strsplit(pg_attribute(table, "inherits"), ", ", -1);
}

/* How many parents both have in front, in the same order: what is behind is left and joined again. */
static guint common_parents(GStrv before, GStrv after)
{
    guint count = 0;
    while (before[count] && after[count] && g_str_equal(before[count], after[count]))
        count++;
    return count;
}

static void leave_inherited(PgWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    g_auto(GStrv) old = parents_of(before);
    g_auto(GStrv) new = parents_of(after);
    for (guint i = common_parents(old, new); old[i]; i++)
        change_script_add(self->script, "ALTER TABLE %s NO INHERIT %s", pg_name(after->key), pg_name(old[i]));
}

/* Calls for each table that is in both models and stays. */
static void each_staying_table(PgWriting *self, void (*visit)(PgWriting *self, const SchemaObject *before,
                                                              const SchemaObject *after))
{
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *after = objects->pdata[i];
        if (after->kind == SCHEMA_TABLE && !pg_comes(self, after))
            visit(self, pg_before(self, after), after);
    }
}

void pg_leave_parents(PgWriting *self)
{
    each_staying_table(self, leave_partitions);
    each_staying_table(self, leave_inherited);
}

/* ---- Joining ---- */

static bool is_default(const SchemaObject *table)
{
    return g_str_equal(pg_attribute(table, "partition_bound"), "DEFAULT");
}

static bool must_attach(const PgWriting *self, const SchemaObject *after)
{
    if (!schema_object_get(after, "partition_of"))
        return false;
    const SchemaObject *before = pg_before(self, after);
    return pg_comes(self, after) || !is_same(before, after, "partition_of") ||
           !is_same(before, after, "partition_bound");
}

static void detach_rebound(PgWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    if (schema_object_get(before, "partition_of") && is_same(before, after, "partition_of") &&
        !is_same(before, after, "partition_bound"))
        detach(self, before);
}

static bool gets_partitions(const PgWriting *self, const char *parent)
{
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *after = objects->pdata[i];
        if (after->kind == SCHEMA_TABLE && g_strcmp0(schema_object_get(after, "partition_of"), parent) == 0 &&
            must_attach(self, after))
            return true;
    }
    return false;
}

/* Partitions that go for good, but later, leave their place to those that come. */
static void detach_going(PgWriting *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->before);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *table = objects->pdata[i];
        const char *parent = table->kind == SCHEMA_TABLE ? schema_object_get(table, "partition_of") : NULL;
        if (parent && pg_goes(self, table) && !g_hash_table_contains(self->first, table) &&
            gets_partitions(self, parent))
            detach(self, table);
    }
}

static void attach(PgWriting *self, bool defaults)
{
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *table = objects->pdata[i];
        if (table->kind == SCHEMA_TABLE && must_attach(self, table) && is_default(table) == defaults)
            change_script_add(self->script, "ALTER TABLE %s ATTACH PARTITION %s %s",
                              pg_name(pg_attribute(table, "partition_of")), pg_name(table->key),
                              pg_attribute(table, "partition_bound"));
    }
}

static void join_inherited(PgWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    g_auto(GStrv) old = parents_of(before);
    g_auto(GStrv) new = parents_of(after);
    for (guint i = common_parents(old, new); new[i]; i++)
        change_script_add(self->script, "ALTER TABLE %s INHERIT %s", pg_name(after->key), pg_name(new[i]));
}

void pg_join_parents(PgWriting *self)
{
    each_staying_table(self, detach_rebound);
    detach_going(self);
    attach(self, false);
    attach(self, true);
    each_staying_table(self, join_inherited);
}

/* ---- Indexes ---- */

static bool is_under(const SchemaObject *index, const SchemaObject *above)
{
    return index->kind == above->kind && g_strcmp0(schema_object_get(index, "partition_of"), above->key) == 0;
}

/* The indexes right under one; of const SchemaObject *. Caller unrefs. */
static GPtrArray *indexes_under(const SchemaModel *model, const SchemaObject *above)
{
    GPtrArray *found = g_ptr_array_new();
    const GPtrArray *objects = schema_model_objects(model);
    for (guint i = 0; i < objects->len; i++)
        if (is_under(objects->pdata[i], above))
            g_ptr_array_add(found, objects->pdata[i]);
    return found;
}

/* True if all below are new and called as the server calls them, of tables that are partitions by now. */
static bool can_recurse(const PgWriting *self, const SchemaObject *above)
{
    g_autoptr(GPtrArray) under = indexes_under(self->diff->after, above);
    for (guint i = 0; i < under->len; i++) {
        const SchemaObject *index = under->pdata[i];
        const SchemaObject *table = schema_model_find(self->diff->after, SCHEMA_TABLE, index->parent);
        if (!table || must_attach(self, table) || !pg_comes(self, index) ||
            !pg_is_named_by_server(self->diff->after, index) || !can_recurse(self, index))
            return false;
    }
    return true;
}

static void mark_made(PgWriting *self, const SchemaObject *above)
{
    g_autoptr(GPtrArray) under = indexes_under(self->diff->after, above);
    for (guint i = 0; i < under->len; i++) {
        g_hash_table_add(self->made, under->pdata[i]);
        g_hash_table_add(self->joined, under->pdata[i]);
        mark_made(self, under->pdata[i]);
    }
}

bool pg_makes_index_alone(PgWriting *self, const SchemaObject *index)
{
    const SchemaObject *table = schema_model_find(self->diff->after, SCHEMA_TABLE, index->parent);
    if (!table || !schema_object_get(table, "partition_key"))
        return false;
    if (!can_recurse(self, index))
        return true;
    mark_made(self, index);
    return false;
}

bool pg_goes_with_index(const PgWriting *self, const SchemaObject *before)
{
    const char *parent = schema_object_get(before, "partition_of");
    const SchemaObject *above = parent ? schema_model_find(self->diff->before, before->kind, parent) : NULL;
    return above && pg_goes(self, above);
}

/* An index or constraint of a partition that is not under its parent's yet: made on its own, or its parent's
 * is new. What a new partition has was taken when it was attached. */
static bool must_join(const PgWriting *self, const SchemaObject *index)
{
    const char *parent = schema_object_get(index, "partition_of");
    const SchemaObject *table = schema_model_find(self->diff->after, SCHEMA_TABLE, index->parent);
    const SchemaObject *above = parent ? schema_model_find(self->diff->after, index->kind, parent) : NULL;
    if (!above || !table || must_attach(self, table) || g_hash_table_contains(self->joined, index))
        return false;
    return pg_comes(self, index) || pg_comes(self, above) ||
           !is_same(pg_before(self, index), index, "partition_of");
}

static char *index_name(const SchemaObject *index)
{
    return index->kind == SCHEMA_CONSTRAINT ? pg_index_name(index) : g_strdup(pg_name(index->key));
}

void pg_join_indexes(PgWriting *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *index = objects->pdata[i];
        bool is_index = index->kind == SCHEMA_CONSTRAINT || index->kind == SCHEMA_INDEX;
        if (!is_index || !must_join(self, index))
            continue;
        g_autofree char *above = index_name(
            schema_model_find(self->diff->after, index->kind, pg_attribute(index, "partition_of")));
        g_autofree char *name = index_name(index);
        change_script_add(self->script, "ALTER INDEX %s ATTACH PARTITION %s", above, name);
    }
}
