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

typedef struct SequenceType {
    const char *name;
    const char *least;
    const char *most;
} SequenceType;

static const SequenceType types[] = {{"bigint", "-9223372036854775808", "9223372036854775807"},
                                     {"integer", "-2147483648", "2147483647"},
                                     {"smallint", "-32768", "32767"}};

static const SequenceType *type_of(const SchemaObject *object)
{
    const char *type = pg_attribute(object, "type");
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_equal(types[i].name, type))
            return &types[i];
    return &types[0];
}

static bool goes_down(const SchemaObject *object)
{
    return pg_attribute(object, "increment")[0] == '-';
}

static const char *least_of(const SchemaObject *object)
{
    return pg_attribute_or(object, "minvalue", goes_down(object) ? type_of(object)->least : "1");
}

static const char *most_of(const SchemaObject *object)
{
    return pg_attribute_or(object, "maxvalue", goes_down(object) ? "-1" : type_of(object)->most);
}

static const char *start_of(const SchemaObject *object)
{
    return pg_attribute_or(object, "start", goes_down(object) ? most_of(object) : least_of(object));
}

static bool is_less(const char *left, const char *right)
{
    return g_ascii_strtoll(left, NULL, 10) < g_ascii_strtoll(right, NULL, 10);
}

/* True if no value of the one can be one of the other. */
static bool are_apart(const SchemaObject *before, const SchemaObject *after)
{
    return is_less(most_of(before), least_of(after)) || is_less(most_of(after), least_of(before));
}

/* ---- Changing ---- */

/* A direction that turns moves the bounds that nobody told, so they are written, too. */
static bool is_changed(const SchemaObject *before, const SchemaObject *after, const char *attribute)
{
    if (g_str_equal(attribute, "start"))
        return !g_str_equal(start_of(before), start_of(after));
    if (g_str_has_suffix(attribute, "value") && goes_down(before) != goes_down(after))
        return true;
    return g_strcmp0(schema_object_get(before, attribute), schema_object_get(after, attribute)) != 0;
}

char *pg_sequence_changes(const SchemaObject *before, const SchemaObject *after, const char *lead)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
        const char *new = schema_object_get(after, options[i].attribute);
        if (!is_changed(before, after, options[i].attribute))
            continue;
        if (new || !options[i].unset)
            g_string_append_printf(text, " %s%s %s", lead, options[i].word, new ? new : start_of(after));
        else
            g_string_append_printf(text, " %s%s", lead, options[i].unset);
    }
    const char *old_cycle = schema_object_get(before, "cycle");
    const char *new_cycle = schema_object_get(after, "cycle");
    if (g_strcmp0(old_cycle, new_cycle) != 0)
        g_string_append_printf(text, " %s%s", lead, new_cycle ? "CYCLE" : "NO CYCLE");
    if (are_apart(before, after))
        g_string_append(text, " RESTART");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* A counter that stands before its new bounds moves to where it would begin; one that is beyond them does
 * not, for it would give values a second time: there the server refuses. */
void pg_write_sequence_bounds(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                              const char *name)
{
    bool down = goes_down(after);
    bool moves = down ? is_less(most_of(after), most_of(before)) : is_less(least_of(before), least_of(after));
    g_autofree char *literal = sql_quote_literal(DIALECT_POSTGRES, name);
    if (!moves || down != goes_down(before) || are_apart(before, after))
        return;
    ChangeStatement *statement = change_script_add(
        self->script, "SELECT setval(%s, %s, false) FROM %s WHERE last_value %c %s", literal, start_of(after),
        name, down ? '>' : '<', down ? most_of(after) : least_of(after));
    statement->comment = g_strdup("a counter before its new bounds moves to where they begin");
}
