/* PostgreSQL: grants, default privileges and owners; only where the model was read with them. */
#include "schema/postgres/objects_internal.h"

#include <string.h>

/* ---- What a grant is on ---- */

/* Kind in the model, word of GRANT, word of ALTER … OWNER TO; the first NULL: it has no grants of its own. */
static const struct {
    SchemaKind kind;
    const char *grant;
    const char *owner;
} words[] = {
    {SCHEMA_NAMESPACE, "SCHEMA", "SCHEMA"},
    {SCHEMA_ENUM, "TYPE", "TYPE"},
    {SCHEMA_DOMAIN, "DOMAIN", "DOMAIN"},
    {SCHEMA_COMPOSITE, "TYPE", "TYPE"},
    {SCHEMA_RANGE, "TYPE", "TYPE"},
    {SCHEMA_SEQUENCE, "SEQUENCE", "SEQUENCE"},
    {SCHEMA_TABLE, "TABLE", "TABLE"},
    {SCHEMA_VIEW, "TABLE", "VIEW"},
    {SCHEMA_MATVIEW, "TABLE", "MATERIALIZED VIEW"},
    {SCHEMA_FUNCTION, "FUNCTION", "FUNCTION"},
    {SCHEMA_PROCEDURE, "PROCEDURE", "PROCEDURE"},
    {SCHEMA_AGGREGATE, "FUNCTION", "AGGREGATE"},
    {SCHEMA_STATISTICS, NULL, "STATISTICS"},
    {SCHEMA_EVENT_TRIGGER, NULL, "EVENT TRIGGER"},
    {SCHEMA_PUBLICATION, NULL, "PUBLICATION"},
};

/* "SEQUENCE public.s"; of a column its table. Caller frees; NULL for what has none. */
static char *grant_target(const SchemaObject *on)
{
    if (on->kind == SCHEMA_COLUMN || on->kind == SCHEMA_VIEW_COLUMN)
        return g_strdup_printf("TABLE %s", pg_name(on->parent));
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (words[i].kind == on->kind && words[i].grant)
            return g_strdup_printf("%s %s", words[i].grant, pg_name(on->key));
    return NULL;
}

/* ---- Privileges ---- */

typedef struct GrantText {
    const char *column; /* NULL: all of the object */
    const char *lead;   /* what stands before GRANT and REVOKE, with its space */
    const char *on;
    const char *who;
} GrantText;

static void add_privilege(GString *list, const char *privilege, const char *column)
{
    g_string_append_printf(list, list->len ? ", %s" : "%s", privilege);
    if (column)
        g_string_append_printf(list, " (%s)", column);
}

/* The privileges whose state before and after are so, in one statement; the states NULL: not set. */
static void write_states(const GArray *changes, const GrantText *text, const char *const *states,
                         const char *verb, const char *preposition, const char *behind, ChangeScript *script)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (guint i = 0; i < changes->len; i++) {
        const AttributeChange *change = &g_array_index(changes, AttributeChange, i);
        if (g_strcmp0(change->before, states[0]) == 0 && g_strcmp0(change->after, states[1]) == 0)
            add_privilege(list, change->name, text->column);
    }
    if (list->len)
        change_script_add(script, "%s%s %s ON %s %s %s%s", text->lead, verb, list->str, text->on, preposition,
                          text->who, behind);
}

static const struct {
    const char *states[2];
    const char *verb;
    const char *preposition;
    const char *behind;
} steps[] = {
    {{"granted", NULL}, "REVOKE", "FROM", ""},
    {{"grantable", NULL}, "REVOKE", "FROM", ""},
    {{NULL, "revoked"}, "REVOKE", "FROM", ""},
    {{"granted", "revoked"}, "REVOKE", "FROM", ""},
    {{"grantable", "revoked"}, "REVOKE", "FROM", ""},
    {{"grantable", "granted"}, "REVOKE GRANT OPTION FOR", "FROM", ""},
    {{"revoked", NULL}, "GRANT", "TO", ""},
    {{NULL, "granted"}, "GRANT", "TO", ""},
    {{"revoked", "granted"}, "GRANT", "TO", ""},
    {{NULL, "grantable"}, "GRANT", "TO", " WITH GRANT OPTION"},
    {{"granted", "grantable"}, "GRANT", "TO", " WITH GRANT OPTION"},
    {{"revoked", "grantable"}, "GRANT", "TO", " WITH GRANT OPTION"},
};

static void write_privileges(const GArray *changes, const GrantText *text, ChangeScript *script)
{
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
        write_states(changes, text, steps[i].states, steps[i].verb, steps[i].preposition, steps[i].behind,
                     script);
}

/* All of an object's attributes as if they came (or went). Caller unrefs. */
static GArray *as_changes(const SchemaObject *grant, bool come)
{
    GArray *changes = g_array_new(FALSE, FALSE, sizeof(AttributeChange));
    for (guint i = 0; i < grant->attributes->len; i++) {
        const SchemaAttribute *attribute = &g_array_index(grant->attributes, SchemaAttribute, i);
        AttributeChange change = {attribute->name, come ? NULL : attribute->value,
                                  come ? attribute->value : NULL};
        if (!schema_attribute_informs(attribute->name))
            g_array_append_val(changes, change);
    }
    return changes;
}

/* ---- Grants ---- */

static void grant_write(PgWriting *self, const SchemaModel *model, const SchemaObject *grant,
                        const GArray *changes)
{
    const SchemaObject *on = pg_parent(model, grant);
    g_autofree char *target = on ? grant_target(on) : NULL;
    if (!target)
        return;
    bool of_column = on->kind == SCHEMA_COLUMN || on->kind == SCHEMA_VIEW_COLUMN;
    GrantText text = {of_column ? on->name : NULL, "", target, grant->name};
    write_privileges(changes, &text, self->script);
}

static void grant_create(PgWriting *self, const SchemaObject *grant)
{
    g_autoptr(GArray) changes = as_changes(grant, true);
    grant_write(self, self->diff->after, grant, changes);
}

static void grant_alter(PgWriting *self, G_GNUC_UNUSED const SchemaObject *before, const SchemaObject *after,
                        const SchemaChange *change)
{
    grant_write(self, self->diff->after, after, change->attributes);
}

static void grant_drop(PgWriting *self, const SchemaObject *grant)
{
    g_autoptr(GArray) changes = as_changes(grant, false);
    grant_write(self, self->diff->before, grant, changes);
}

const PgKind pg_grants = {.create = grant_create, .alter = grant_alter, .drop = grant_drop};

/* ---- Default privileges ---- */

static void default_grant_write(PgWriting *self, const SchemaObject *grant, const GArray *changes)
{
    const char *schema = schema_object_get(grant, "~schema");
    g_autofree char *in_schema = schema ? g_strdup_printf(" IN SCHEMA %s", schema) : g_strdup("");
    g_autofree char *lead =
        g_strdup_printf("ALTER DEFAULT PRIVILEGES FOR ROLE %s%s ", pg_attribute(grant, "~role"), in_schema);
    GrantText text = {NULL, lead, pg_attribute(grant, "~objects"), grant->name};
    write_privileges(changes, &text, self->script);
}

static void default_grant_create(PgWriting *self, const SchemaObject *grant)
{
    g_autoptr(GArray) changes = as_changes(grant, true);
    default_grant_write(self, grant, changes);
}

static void default_grant_alter(PgWriting *self, G_GNUC_UNUSED const SchemaObject *before,
                                const SchemaObject *after, const SchemaChange *change)
{
    default_grant_write(self, after, change->attributes);
}

static void default_grant_drop(PgWriting *self, const SchemaObject *grant)
{
    g_autoptr(GArray) changes = as_changes(grant, false);
    default_grant_write(self, grant, changes);
}

const PgKind pg_default_grants = {
    .create = default_grant_create, .alter = default_grant_alter, .drop = default_grant_drop};

/* ---- Owners ---- */

static void alter_owner(PgWriting *self, const SchemaObject *after, const char *owner)
{
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (words[i].kind == after->kind)
            change_script_add(self->script, "ALTER %s %s OWNER TO %s", words[i].owner, pg_name(after->key),
                              owner);
}

void pg_alter_owners(PgWriting *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *after = objects->pdata[i];
        const SchemaObject *before = pg_comes(self, after) ? NULL : pg_before(self, after);
        const char *owner = schema_object_get(after, "owner");
        if (owner && (!before || g_strcmp0(schema_object_get(before, "owner"), owner) != 0))
            alter_owner(self, after, owner);
    }
}
