/* PostgreSQL: functions and procedures. Pure. */
#include "schema/postgres/write_internal.h"

#include <string.h>

/* ---- What CREATE OR REPLACE may change ---- */

/* "a integer DEFAULT 1" without its default; whether it has one. Caller frees. */
static char *bare_argument(const char *argument, bool *has_default)
{
    const char *value = strstr(argument, " DEFAULT ");
    *has_default = value != NULL;
    return value ? g_strndup(argument, (gsize)(value - argument)) : g_strdup(argument);
}

/* Names of arguments stay, and a default may come but not go (manual page of CREATE FUNCTION). */
static bool may_replace_argument(const char *before, const char *after)
{
    bool had_default;
    bool has_default;
    g_autofree char *old = bare_argument(before, &had_default);
    g_autofree char *new = bare_argument(after, &has_default);
    return g_str_equal(old, new) && (!had_default || has_default);
}

static bool may_replace(const SchemaObject *before, const SchemaObject *after)
{
    g_auto(GStrv) old = pg_list_elements(pg_attribute(before, "~arguments"));
    g_auto(GStrv) new = pg_list_elements(pg_attribute(after, "~arguments"));
    bool same = g_strv_length(old) == g_strv_length(new) &&
                g_str_equal(pg_attribute(before, "~result"), pg_attribute(after, "~result"));
    for (guint i = 0; same && old[i]; i++)
        same = may_replace_argument(old[i], new[i]);
    return same;
}

static PgFate function_fate(G_GNUC_UNUSED const PgWriting *self, const SchemaChange *change)
{
    return may_replace(change->before, change->after) ? PG_STAYS : PG_REPLACED;
}

/* ---- The kinds ---- */

static const char *word_of(const SchemaObject *function)
{
    return function->kind == SCHEMA_PROCEDURE ? "PROCEDURE" : "FUNCTION";
}

static void write_function(PgWriting *self, const SchemaObject *function, const char *verb)
{
    g_autofree char *prefix = pg_schema_prefix(function);
    change_script_add(self->script, "%s %s %s%s", verb, word_of(function), prefix,
                      pg_attribute(function, "def"));
}

static void function_create(PgWriting *self, const SchemaObject *function)
{
    if (pg_body_runs_ahead(self, function) && !self->bodies_unchecked) {
        self->bodies_unchecked = true;
        change_script_add(self->script, "SET LOCAL check_function_bodies = off")->comment =
            g_strdup("functions that tables need name tables that are made after them");
    }
    write_function(self, function, "CREATE");
}

static void function_alter(PgWriting *self, G_GNUC_UNUSED const SchemaObject *before,
                           const SchemaObject *after, const SchemaChange *change)
{
    if (change && schema_change_attribute(change, "def"))
        write_function(self, after, "CREATE OR REPLACE");
}

static void function_drop(PgWriting *self, const SchemaObject *function)
{
    change_script_add(self->script, "DROP %s %s", word_of(function), pg_name(function->key));
}

const PgKind pg_functions = {
    .fate = function_fate, .create = function_create, .alter = function_alter, .drop = function_drop};
const PgKind pg_procedures = {
    .fate = function_fate, .create = function_create, .alter = function_alter, .drop = function_drop};
