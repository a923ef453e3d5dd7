/* PostgreSQL: comments. */
#include "schema/postgres/objects_internal.h"

#include <string.h>

/* How COMMENT ON names an object of each kind: the word, and whether by its name "ON" its table. */
static const struct {
    const char *kind; /* of the model, in ~kind */
    const char *word;
    bool on_parent;
} forms[] = {
    {"schema", "SCHEMA", false},
    {"extension", "EXTENSION", false},
    {"enum", "TYPE", false},
    {"domain", "DOMAIN", false},
    {"composite type", "TYPE", false},
    {"range type", "TYPE", false},
    {"sequence", "SEQUENCE", false},
    {"table", "TABLE", false},
    {"column", "COLUMN", false},
    {"view column", "COLUMN", false},
    {"constraint", "CONSTRAINT", true},
    {"index", "INDEX", false},
    {"view", "VIEW", false},
    {"materialized view", "MATERIALIZED VIEW", false},
    {"function", "FUNCTION", false},
    {"procedure", "PROCEDURE", false},
    {"aggregate", "AGGREGATE", false},
    {"trigger", "TRIGGER", true},
    {"rule", "RULE", true},
    {"policy", "POLICY", true},
    {"statistics", "STATISTICS", false},
    {"event trigger", "EVENT TRIGGER", false},
    {"publication", "PUBLICATION", false},
};

/* "TABLE orders", "CONSTRAINT positive ON DOMAIN price". Caller frees; NULL for what cannot be named. */
static char *comment_target(const SchemaModel *model, const SchemaObject *comment)
{
    const SchemaObject *on = pg_parent(model, comment);
    const char *kind = pg_attribute(comment, "~kind");
    if (on && g_str_equal(kind, "field"))
        return g_strdup_printf("COLUMN %s.%s", pg_name(on->key), comment->name);
    for (gsize i = 0; on && i < G_N_ELEMENTS(forms); i++) {
        if (!g_str_equal(forms[i].kind, kind))
            continue;
        if (!forms[i].on_parent)
            return g_strdup_printf("%s %s", forms[i].word, pg_name(on->key));
        bool of_domain = schema_model_find(model, SCHEMA_DOMAIN, on->parent);
        return g_strdup_printf("%s %s ON %s%s", forms[i].word, on->name, of_domain ? "DOMAIN " : "",
                               pg_name(on->parent));
    }
    return NULL;
}

static void comment_write(PgWriting *self, const SchemaModel *model, const SchemaObject *comment,
                          const char *text)
{
    g_autofree char *target = comment_target(model, comment);
    g_autofree char *literal = sql_quote_literal(DIALECT_POSTGRES, text);
    if (target)
        change_script_add(self->script, "COMMENT ON %s IS %s", target, literal);
    else
        change_script_refuse(
            self->script,
            "comment on %s: dbfleet writes no statements for this class of objects; write a revision "
            "by hand that does it",
            comment->parent);
}

static void comment_create(PgWriting *self, const SchemaObject *comment)
{
    comment_write(self, self->diff->after, comment, schema_object_get(comment, "text"));
}

static void comment_alter(PgWriting *self, G_GNUC_UNUSED const SchemaObject *before,
                          const SchemaObject *after, G_GNUC_UNUSED const SchemaChange *change)
{
    comment_create(self, after);
}

static void comment_drop(PgWriting *self, const SchemaObject *comment)
{
    comment_write(self, self->diff->before, comment, NULL);
}

const PgKind pg_comments = {.create = comment_create, .alter = comment_alter, .drop = comment_drop};
