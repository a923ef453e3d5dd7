/* PostgreSQL: enums. Labels are added in place; a list that loses labels or their order is a new type, which
 * takes the old one's place (replaced.c). */
#include "schema/postgres/objects_internal.h"

#include <string.h>

static GStrv labels_of(const SchemaObject *type)
{
    return pg_list_elements(pg_attribute(type, "labels"));
}

/* The labels that only the first of two types has, parted by commas. Caller frees. */
static char *labels_gone(const SchemaObject *old, const SchemaObject *new)
{
    g_auto(GStrv) before = labels_of(old);
    g_auto(GStrv) after = labels_of(new);
    GString *gone = g_string_new(NULL);
    for (char **label = before; *label; label++)
        if (!g_strv_contains((const char *const *)after, *label))
            g_string_append_printf(gone, "%s%s", gone->len ? ", " : "", *label);
    return g_string_free(gone, FALSE);
}

static void enum_create(PgWriting *self, const SchemaObject *type)
{
    const SchemaObject *before = pg_before(self, type);
    g_autofree char *gone = before ? labels_gone(before, type) : g_strdup("");
    ChangeStatement *statement = change_script_add(self->script, "CREATE TYPE %s AS ENUM (%s)",
                                                   pg_name(type->key), pg_attribute(type, "labels"));
    if (*gone)
        statement->data_loss = g_strdup_printf("enum %s: labels %s; rows that hold one stop the change",
                                               pg_name(type->key), gone);
}

/* ---- Growing ---- */

bool pg_enum_grows(const SchemaObject *old, const SchemaObject *new)
{
    g_auto(GStrv) before = labels_of(old);
    g_auto(GStrv) after = labels_of(new);
    char **next = before;
    for (char **label = after; *label; label++)
        next += *next && g_str_equal(*next, *label);
    return !*next;
}

static PgFate enum_fate(G_GNUC_UNUSED const PgWriting *self, const SchemaChange *change)
{
    return pg_enum_grows(change->before, change->after) ? PG_STAYS : PG_REPLACED;
}

/* Each behind the label before it, which is there by then; those in front before the first old one. */
static void enum_alter(PgWriting *self, const SchemaObject *before, const SchemaObject *after,
                       G_GNUC_UNUSED const SchemaChange *change)
{
    g_auto(GStrv) old = labels_of(before);
    g_auto(GStrv) new = labels_of(after);
    for (char **label = new; *label; label++) {
        if (g_strv_contains((const char *const *)old, *label))
            continue;
        const char *side = label > new ? " AFTER " : " BEFORE ";
        const char *beside = label > new ? label[-1] : old[0];
        ChangeStatement *statement =
            change_script_add(self->script, "ALTER TYPE %s ADD VALUE %s%s%s", pg_name(after->key), *label,
                              beside ? side : "", beside ? beside : "");
        statement->outside = pg_major(self) < 12;
    }
}

const PgKind pg_enums = {.fate = enum_fate, .create = enum_create, .alter = enum_alter, .drop = pg_type_drop};

/* ---- Labels that are used in the script that adds them ---- */

/* Literals of labels that the diff adds to types which stay; of char *. */
static GPtrArray *added_labels(const SchemaDiff *diff)
{
    GPtrArray *added = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < diff->changes->len; i++) {
        const SchemaChange *change = diff->changes->pdata[i];
        if (change->kind != CHANGE_ALTER || change->after->kind != SCHEMA_ENUM ||
            !pg_enum_grows(change->before, change->after))
            continue;
        g_auto(GStrv) before = labels_of(change->before);
        g_auto(GStrv) after = labels_of(change->after);
        for (char **label = after; *label; label++)
            if (!g_strv_contains((const char *const *)before, *label))
                g_ptr_array_add(added, g_strdup(*label));
    }
    return added;
}

/* Alone, or in the literal of an array or a row. One that only looks so costs a commit. */
static bool uses_label(const char *sql, const char *label)
{
    if (strstr(sql, label))
        return true;
    g_autofree char *bare = g_strndup(label + 1, strlen(label) - 2);
    return (strstr(sql, "'{") || strstr(sql, "'(")) && strstr(sql, bare);
}

static bool adds_label(const ChangeStatement *statement)
{
    return g_str_has_prefix(statement->sql, "ALTER TYPE ") && strstr(statement->sql, " ADD VALUE ");
}

static bool uses_any_label(const char *sql, const GPtrArray *labels)
{
    for (guint i = 0; i < labels->len; i++)
        if (uses_label(sql, labels->pdata[i]))
            return true;
    return false;
}

void pg_mark_commits(PgWriting *self)
{
    g_autoptr(GPtrArray) labels = added_labels(self->diff);
    bool added = false;
    for (guint i = 0; labels->len > 0 && i < self->script->statements->len; i++) {
        ChangeStatement *statement = self->script->statements->pdata[i];
        if (adds_label(statement)) {
            added = true;
        } else if (added && uses_any_label(statement->sql, labels)) {
            statement->must_commit = true;
            return;
        }
    }
}

/* ---- Renamed labels ---- */

static bool is_named(const SchemaObject *type, const char *written)
{
    gsize length = strlen(written);
    gsize whole = strlen(type->key);
    if (g_str_equal(type->key, written))
        return true;
    return whole > length && type->key[whole - length - 1] == '.' &&
           g_str_equal(type->key + whole - length, written);
}

static void rename_label(const SchemaObject *type, const SchemaRename *rename, ChangeScript *script)
{
    g_auto(GStrv) labels = labels_of(type);
    g_autofree char *before = sql_quote_literal(DIALECT_POSTGRES, rename->before);
    g_autofree char *after = sql_quote_literal(DIALECT_POSTGRES, rename->after);
    bool has_before = g_strv_contains((const char *const *)labels, before);
    bool has_after = g_strv_contains((const char *const *)labels, after);
    if (has_before && has_after)
        change_script_refuse(script,
                             "enum %s has both %s and %s: the label cannot be renamed; take the hint away",
                             type->key, before, after);
    else if (has_before)
        change_script_add(script, "ALTER TYPE %s RENAME VALUE %s TO %s", pg_name(type->key), before, after);
}

void pg_rename_labels(const SchemaModel *model, const SchemaHints *hints, ChangeScript *script)
{
    const GPtrArray *objects = schema_model_objects(model);
    for (guint i = 0; i < hints->renames->len; i++) {
        const SchemaRename *rename = hints->renames->pdata[i];
        for (guint j = 0; rename->kind == SCHEMA_ENUM && rename->parent && j < objects->len; j++) {
            const SchemaObject *type = objects->pdata[j];
            if (type->kind == SCHEMA_ENUM && is_named(type, rename->parent))
                rename_label(type, rename, script);
        }
    }
}
