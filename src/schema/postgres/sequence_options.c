/* Options of sequences, alone or behind an identity column. Only what differs from what the server would
 * choose is an attribute. Pure. */
#include "schema/postgres/write_internal.h"

#include <string.h>

static const struct {
    const char *attribute;
    const char *word;
    const char *unset; /* puts it back to what the server would choose; NULL: a value must be told */
} options[] = {
    {"increment", "INCREMENT BY", "INCREMENT BY 1"},
    {"minvalue", "MINVALUE", "NO MINVALUE"},
    {"maxvalue", "MAXVALUE", "NO MAXVALUE"},
    {"start", "START WITH", NULL},
    {"cache", "CACHE", "CACHE 1"},
};

char *pg_sequence_options(const SchemaObject *object)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
        const char *value = schema_object_get(object, options[i].attribute);
        if (value)
            g_string_append_printf(text, " %s %s", options[i].word, value);
    }
    if (schema_object_get(object, "cycle"))
        g_string_append(text, " CYCLE");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* ---- Bounds and start ---- */

static bool goes_down(const SchemaObject *object)
{
    return pg_attribute(object, "increment")[0] == '-';
}

static const char *bound(const SchemaObject *object, const char *attribute, const char *default_value)
{
    const char *value = schema_object_get(object, attribute);
    return value ? value : default_value;
}

static const char *start_of(const SchemaObject *object)
{
    if (goes_down(object))
        return bound(object, "start", bound(object, "maxvalue", "-1"));
    return bound(object, "start", bound(object, "minvalue", "1"));
}

/* ---- Changing ---- */

char *pg_sequence_changes(const SchemaObject *before, const SchemaObject *after, const char *lead)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
        const char *old = schema_object_get(before, options[i].attribute);
        const char *new = schema_object_get(after, options[i].attribute);
        bool is_start = g_str_equal(options[i].attribute, "start");
        if (is_start ? g_str_equal(start_of(before), start_of(after)) : g_strcmp0(old, new) == 0)
            continue;
        if (new || is_start)
            g_string_append_printf(text, " %s%s %s", lead, options[i].word, new ? new : start_of(after));
        else
            g_string_append_printf(text, " %s%s", lead, options[i].unset);
    }
    const char *old_cycle = schema_object_get(before, "cycle");
    const char *new_cycle = schema_object_get(after, "cycle");
    if (g_strcmp0(old_cycle, new_cycle) != 0)
        g_string_append_printf(text, " %s%s", lead, new_cycle ? "CYCLE" : "NO CYCLE");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* A bound that moved is refused by the server while the counter stands beyond it. */
void pg_write_sequence_bounds(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                              const char *name)
{
    static const char *const bounds[][2] = {{"minvalue", "<"}, {"maxvalue", ">"}};
    g_autofree char *literal = sql_quote_literal(DIALECT_POSTGRES, name);
    for (gsize i = 0; i < G_N_ELEMENTS(bounds); i++) {
        const char *old = schema_object_get(before, bounds[i][0]);
        const char *new = schema_object_get(after, bounds[i][0]);
        if (!new || g_strcmp0(old, new) == 0)
            continue;
        ChangeStatement *statement =
            change_script_add(self->script, "SELECT setval(%s, %s, false) FROM %s WHERE last_value %s %s",
                              literal, start_of(after), name, bounds[i][1], new);
        statement->comment = g_strdup("a counter beyond its new bounds begins anew");
    }
}
