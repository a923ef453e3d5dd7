/* PostgreSQL: constraints of tables and domains. Pure. */
#include "schema/postgres/objects_internal.h"

#include <string.h>

static bool has_type(const SchemaObject *constraint, const char *type)
{
    return g_str_equal(pg_attribute(constraint, "type"), type);
}

bool pg_is_foreign_key(G_GNUC_UNUSED const PgWriting *self, const SchemaObject *constraint)
{
    return constraint->kind == SCHEMA_CONSTRAINT && has_type(constraint, "foreign key");
}

bool pg_is_no_foreign_key(const PgWriting *self, const SchemaObject *constraint)
{
    return !pg_is_foreign_key(self, constraint);
}

/* ---- Clauses ---- */

/* "CHECK ((a > 0))" without the second parentheses. Caller frees. */
static char *plain_check(const char *def)
{
    const char *open = def + strlen("CHECK ");
    const char *close = g_str_has_prefix(def, "CHECK ((") ? pg_closing(open + 1) : NULL;
    if (!close || close[1] != ')')
        return g_strdup(def);
    return g_strdup_printf("CHECK %.*s%s", (int)(close + 1 - open - 1), open + 1, close + 2);
}

/* "PRIMARY KEY (id) DEFERRABLE" with what an index of its own has, which stands in front of the last words.
 */
char *pg_constraint_clause(const SchemaObject *constraint)
{
    g_autofree char *def = plain_check(pg_attribute(constraint, "def"));
    const char *options = schema_object_get(constraint, "options");
    const char *tablespace = schema_object_get(constraint, "tablespace");
    const char *tail = has_type(constraint, "foreign key") ? NULL : strstr(def, ") DEFERRABLE");
    gsize head = tail ? (gsize)(tail + 1 - def) : strlen(def);
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_printf(text, "CONSTRAINT %s %.*s", constraint->name, (int)head, def);
    if (options)
        g_string_append_printf(text, " WITH (%s)", options);
    if (tablespace)
        g_string_append_printf(text, " USING INDEX TABLESPACE %s", tablespace);
    g_string_append(text, def + head);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* ---- In CREATE TABLE ---- */

/* Whether it is there by now, as it shall be. */
static bool is_ready(const PgWriting *self, const SchemaObject *object)
{
    const SchemaObject *table = pg_parent(self->diff->after, object);
    if (pg_comes(self, object))
        return g_hash_table_contains(self->made, object) ||
               (object->kind == SCHEMA_COLUMN && table && g_hash_table_contains(self->made, table));
    const SchemaObject *before = pg_before(self, object);
    return !schema_diff_of(self->diff, object) && pg_fate(self, before) == PG_STAYS;
}

static bool may_reference(const PgWriting *self, const SchemaObject *constraint)
{
    const GPtrArray *needs = pg_needs(self, constraint);
    for (guint i = 0; needs && i < needs->len; i++)
        if (!is_ready(self, needs->pdata[i]))
            return false;
    return true;
}

/* A foreign key that a partition has from its table: made when that one is, or when it is attached. */
static bool comes_with_parent(const PgWriting *self, const SchemaObject *constraint)
{
    const SchemaObject *table = schema_model_find(self->diff->after, SCHEMA_TABLE, constraint->parent);
    return has_type(constraint, "foreign key") && table && schema_object_get(table, "partition_of") &&
           g_str_equal(pg_attribute(constraint, "~inherited"), "true");
}

bool pg_can_be_inline(const PgWriting *self, const SchemaObject *constraint)
{
    if (pg_is_passed_down(self, constraint) || schema_object_get(constraint, "not_valid"))
        return false;
    if (!has_type(constraint, "foreign key"))
        return true;
    return !comes_with_parent(self, constraint) &&
           !pg_before(self, schema_model_find(self->diff->after, SCHEMA_TABLE, constraint->parent)) &&
           may_reference(self, constraint);
}

/* ---- The kind ---- */

static char *without_deferring(const char *def)
{
    const char *tail = strstr(def, " DEFERRABLE");
    return tail ? g_strndup(def, (gsize)(tail - def)) : g_strdup(def);
}

/* When a foreign key is checked can be changed; nothing else of a constraint's text. */
static bool differs_in_deferring(const SchemaChange *change)
{
    const AttributeChange *def = schema_change_attribute(change, "def");
    if (!def || !has_type(change->after, "foreign key") || !has_type(change->before, "foreign key"))
        return false;
    g_autofree char *before = without_deferring(def->before);
    g_autofree char *after = without_deferring(def->after);
    return g_str_equal(before, after);
}

static PgFate constraint_fate(G_GNUC_UNUSED const PgWriting *self, const SchemaChange *change)
{
    const AttributeChange *not_valid = schema_change_attribute(change, "not_valid");
    const AttributeChange *invalid = schema_change_attribute(change, "invalid");
    if (schema_change_attribute(change, "type") || (not_valid && not_valid->after) ||
        (invalid && invalid->before))
        return PG_REPLACED;
    return schema_change_attribute(change, "def") && !differs_in_deferring(change) ? PG_REPLACED : PG_STAYS;
}

static bool has_index(const SchemaObject *constraint)
{
    return has_type(constraint, "primary key") || has_type(constraint, "unique") ||
           has_type(constraint, "exclude");
}

static void constraint_create(PgWriting *self, const SchemaObject *constraint)
{
    bool is_index = schema_object_get(constraint, "partition_of");
    if (g_hash_table_contains(self->made, constraint) || comes_with_parent(self, constraint) ||
        (pg_is_passed_down(self, constraint) && !is_index))
        return;
    g_autofree char *clause = pg_constraint_clause(constraint);
    if (has_index(constraint) && pg_makes_index_alone(self, constraint))
        change_script_add(self->script, "ALTER TABLE ONLY %s ADD %s", pg_name(constraint->parent), clause);
    else
        pg_alter_parent(self, constraint, "ADD %s%s", clause,
                        schema_object_get(constraint, "not_valid") ? " NOT VALID" : "");
}

static void alter_deferring(PgWriting *self, const SchemaObject *after)
{
    const char *tail = strstr(pg_attribute(after, "def"), " DEFERRABLE");
    pg_alter_parent(self, after, "ALTER CONSTRAINT %s%s", after->name, tail ? tail : " NOT DEFERRABLE");
}

static void constraint_alter(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                             const SchemaChange *change)
{
    g_autofree char *index = NULL;
    const AttributeChange *tablespace = change ? schema_change_attribute(change, "tablespace") : NULL;
    if (!change || pg_is_passed_down(self, after))
        return;
    if (schema_change_attribute(change, "def"))
        alter_deferring(self, after);
    if (schema_change_attribute(change, "not_valid"))
        pg_alter_parent(self, after, "VALIDATE CONSTRAINT %s", after->name);
    index = pg_index_name(after);
    g_autofree char *what = g_strdup_printf("INDEX %s", index);
    pg_write_options(self, what, schema_object_get(before, "options"), schema_object_get(after, "options"));
    if (tablespace)
        change_script_add(self->script, "ALTER INDEX %s SET TABLESPACE %s", index,
                          tablespace->after ? tablespace->after : "pg_default");
}

static void constraint_drop(PgWriting *self, const SchemaObject *constraint)
{
    if (!pg_is_passed_down(self, constraint) && !pg_goes_with_index(self, constraint) &&
        !pg_goes_with_column(self, constraint))
        pg_alter_parent(self, constraint, "DROP CONSTRAINT %s", constraint->name);
}

const PgKind pg_constraints = {
    .fate = constraint_fate, .create = constraint_create, .alter = constraint_alter, .drop = constraint_drop};
