/* PostgreSQL: domains, composite types, ranges, and types that take the place of others. */
#include "schema/postgres/objects_internal.h"

#include <string.h>

/* ---- Domains ---- */

static void add_word(GString *sql, const char *word, const char *value)
{
    if (value)
        g_string_append_printf(sql, " %s %s", word, value);
}

/* With its constraints, but for those that are not valid. */
static void domain_create(PgWriting *self, const SchemaObject *domain)
{
    g_autoptr(GPtrArray) constraints = schema_model_parts(self->diff->after, domain->key, SCHEMA_CONSTRAINT);
    GString *sql = g_string_new(NULL);
    g_string_printf(sql, "CREATE DOMAIN %s AS %s", pg_name(domain->key), pg_attribute(domain, "type"));
    add_word(sql, "COLLATE", schema_object_get(domain, "collation"));
    add_word(sql, "DEFAULT", schema_object_get(domain, "default"));
    if (schema_object_get(domain, "notnull"))
        g_string_append(sql, " NOT NULL");
    for (guint i = 0; i < constraints->len; i++) {
        const SchemaObject *constraint = constraints->pdata[i];
        g_autofree char *clause = pg_constraint_clause(constraint);
        if (schema_object_get(constraint, "not_valid"))
            continue;
        g_string_append_printf(sql, "\n    %s", clause);
        g_hash_table_add(self->made, (gpointer)constraint);
    }
    change_script_take(self->script, g_string_free(sql, FALSE));
}

static PgFate domain_fate(G_GNUC_UNUSED const PgWriting *self, const SchemaChange *change)
{
    bool anew = schema_change_attribute(change, "type") || schema_change_attribute(change, "collation");
    return anew ? PG_REPLACED : PG_STAYS;
}

/* A default that needs something which goes was dropped before it went. */
static void domain_alter(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                         const SchemaChange *change)
{
    bool set_again =
        pg_fate(self, before) == PG_DETACHED || (change && schema_change_attribute(change, "default"));
    bool notnull = change && schema_change_attribute(change, "notnull");
    const char *value = schema_object_get(after, "default");
    const char *name = pg_name(after->key);
    if (set_again && value)
        change_script_add(self->script, "ALTER DOMAIN %s SET DEFAULT %s", name, value);
    else if (set_again && pg_fate(self, before) != PG_DETACHED)
        change_script_add(self->script, "ALTER DOMAIN %s DROP DEFAULT", name);
    if (notnull)
        change_script_add(self->script, "ALTER DOMAIN %s %s NOT NULL", name,
                          schema_object_get(after, "notnull") ? "SET" : "DROP");
}

const PgKind pg_domains = {
    .fate = domain_fate, .create = domain_create, .alter = domain_alter, .drop = pg_type_drop};

/* ---- Ranges ---- */

static void add_option(GString *sql, const SchemaObject *type, const char *attribute, const char *word)
{
    const char *value = schema_object_get(type, attribute);
    if (value)
        g_string_append_printf(sql, "%s%s = %s", g_str_has_suffix(sql->str, "(") ? "" : ", ", word, value);
}

static void range_create(PgWriting *self, const SchemaObject *type)
{
    GString *sql = g_string_new(NULL);
    g_string_printf(sql, "CREATE TYPE %s AS RANGE (", pg_name(type->key));
    add_option(sql, type, "subtype", "SUBTYPE");
    add_option(sql, type, "subtype_opclass", "SUBTYPE_OPCLASS");
    add_option(sql, type, "collation", "COLLATION");
    add_option(sql, type, "canonical", "CANONICAL");
    add_option(sql, type, "subtype_diff", "SUBTYPE_DIFF");
    add_option(sql, type, "multirange", "MULTIRANGE_TYPE_NAME");
    g_string_append_c(sql, ')');
    change_script_take(self->script, g_string_free(sql, FALSE));
}

static PgFate range_fate(G_GNUC_UNUSED const PgWriting *self, G_GNUC_UNUSED const SchemaChange *change)
{
    return PG_REPLACED;
}

const PgKind pg_ranges = {.fate = range_fate, .create = range_create, .drop = pg_type_drop};

/* ---- Aggregates ---- */

static void aggregate_write(PgWriting *self, const SchemaObject *aggregate, const char *verb)
{
    g_auto(GStrv) options = pg_list_elements(pg_attribute(aggregate, "def"));
    g_autofree char *lines = g_strjoinv(",\n    ", options);
    change_script_add(self->script, "%s AGGREGATE %s (\n    %s\n)", verb, pg_name(aggregate->key), lines);
}

static void aggregate_create(PgWriting *self, const SchemaObject *aggregate)
{
    aggregate_write(self, aggregate, "CREATE");
}

/* The option of that word, with it; "" if there is none. */
static const char *option_of(const GStrv options, const char *word)
{
    for (char **option = options; *option; option++)
        if (g_str_has_prefix(*option, word))
            return *option;
    return "";
}

/* What may change the type of the result, or the kind. */
static PgFate aggregate_fate(const PgWriting *self, const SchemaChange *change)
{
    static const char *const words[] = {"STYPE =", "FINALFUNC =", "HYPOTHETICAL"};
    g_auto(GStrv) before = pg_list_elements(pg_attribute(change->before, "def"));
    g_auto(GStrv) after = pg_list_elements(pg_attribute(change->after, "def"));
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (!g_str_equal(option_of(before, words[i]), option_of(after, words[i])))
            return PG_REPLACED;
    return pg_major(self) < 12 ? PG_REPLACED : PG_STAYS;
}

static void aggregate_alter(PgWriting *self, G_GNUC_UNUSED const SchemaObject *before,
                            const SchemaObject *after, const SchemaChange *change)
{
    if (schema_change_attribute(change, "def"))
        aggregate_write(self, after, "CREATE OR REPLACE");
}

static void aggregate_drop(PgWriting *self, const SchemaObject *aggregate)
{
    change_script_add(self->script, "DROP AGGREGATE %s", pg_name(aggregate->key));
}

const PgKind pg_aggregates = {
    .create = aggregate_create, .alter = aggregate_alter, .fate = aggregate_fate, .drop = aggregate_drop};
