/* PostgreSQL: row security, policies, rules. */
#include "schema/postgres/objects_internal.h"

#include <string.h>

/* ---- Policies ---- */

static void add_clause(GString *sql, const char *word, const char *value)
{
    if (value)
        g_string_append_printf(sql, " %s %s", word, value);
}

static void add_condition(GString *sql, const char *word, const char *expression)
{
    g_autofree char *condition = expression ? pg_parenthesised(expression) : NULL;
    if (condition)
        g_string_append_printf(sql, "\n    %s %s", word, condition);
}

static void policy_create(PgWriting *self, const SchemaObject *policy)
{
    GString *sql = g_string_new(NULL);
    g_string_printf(sql, "CREATE POLICY %s ON %s", policy->name, pg_name(policy->parent));
    add_clause(sql, "AS", schema_object_get(policy, "restrictive") ? "RESTRICTIVE" : NULL);
    add_clause(sql, "FOR", schema_object_get(policy, "command"));
    add_clause(sql, "TO", schema_object_get(policy, "roles"));
    add_condition(sql, "USING", schema_object_get(policy, "using"));
    add_condition(sql, "WITH CHECK", schema_object_get(policy, "check"));
    change_script_take(self->script, g_string_free(sql, FALSE));
}

static bool is_removed(const SchemaChange *change, const char *attribute)
{
    const AttributeChange *found = schema_change_attribute(change, attribute);
    return found && !found->after;
}

static PgFate policy_fate(G_GNUC_UNUSED const PgWriting *self, const SchemaChange *change)
{
    return (schema_change_attribute(change, "restrictive") || schema_change_attribute(change, "command") ||
            is_removed(change, "using") || is_removed(change, "check"))
               ? PG_REPLACED
               : PG_STAYS;
}

static const char *changed_to(const SchemaChange *change, const char *attribute)
{
    const AttributeChange *found = schema_change_attribute(change, attribute);
    return found ? found->after : NULL;
}

static void policy_alter(PgWriting *self, G_GNUC_UNUSED const SchemaObject *before, const SchemaObject *after,
                         const SchemaChange *change)
{
    const SchemaObject *policy = after;
    GString *sql = g_string_new(NULL);
    g_string_printf(sql, "ALTER POLICY %s ON %s", policy->name, pg_name(policy->parent));
    if (schema_change_attribute(change, "roles"))
        add_clause(sql, "TO", pg_attribute_or(policy, "roles", "PUBLIC"));
    add_condition(sql, "USING", changed_to(change, "using"));
    add_condition(sql, "WITH CHECK", changed_to(change, "check"));
    change_script_take(self->script, g_string_free(sql, FALSE));
}

static void policy_drop(PgWriting *self, const SchemaObject *policy)
{
    change_script_add(self->script, "DROP POLICY %s ON %s", policy->name, pg_name(policy->parent));
}

const PgKind pg_policies = {
    .create = policy_create, .alter = policy_alter, .fate = policy_fate, .drop = policy_drop};

/* ---- Row security ---- */

static void write_row_security(PgWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    static const struct {
        const char *attribute;
        const char *on;
        const char *off;
    } states[] = {{"row_security", "ENABLE", "DISABLE"}, {"row_security_forced", "FORCE", "NO FORCE"}};
    for (gsize i = 0; i < G_N_ELEMENTS(states); i++) {
        bool was = before && schema_object_get(before, states[i].attribute);
        bool is = schema_object_get(after, states[i].attribute);
        if (was != is)
            change_script_add(self->script, "ALTER TABLE %s %s ROW LEVEL SECURITY", pg_name(after->key),
                              is ? states[i].on : states[i].off);
    }
}

void pg_write_row_security(PgWriting *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *table = objects->pdata[i];
        if (table->kind == SCHEMA_TABLE)
            write_row_security(self, pg_comes(self, table) ? NULL : pg_before(self, table), table);
    }
}

/* ---- Rules ---- */

static void rule_set_enabled(PgWriting *self, const SchemaObject *rule)
{
    change_script_add(self->script, "ALTER TABLE %s %s RULE %s", pg_name(rule->parent),
                      pg_attribute_or(rule, "enabled", "ENABLE"), rule->name);
}

static void rule_create(PgWriting *self, const SchemaObject *rule)
{
    change_script_add(self->script, "%s", pg_attribute(rule, "def"));
    if (schema_object_get(rule, "enabled"))
        rule_set_enabled(self, rule);
}

static void rule_alter(PgWriting *self, G_GNUC_UNUSED const SchemaObject *before, const SchemaObject *after,
                       const SchemaChange *change)
{
    const AttributeChange *def = schema_change_attribute(change, "def");
    if (def)
        change_script_add(self->script, "CREATE OR REPLACE %s", def->after + strlen("CREATE "));
    if (schema_change_attribute(change, "enabled"))
        rule_set_enabled(self, after);
}

static void rule_drop(PgWriting *self, const SchemaObject *rule)
{
    change_script_add(self->script, "DROP RULE %s ON %s", rule->name, pg_name(rule->parent));
}

const PgKind pg_rules = {.create = rule_create, .alter = rule_alter, .drop = rule_drop};
