/* Rules of schema about keys: primary and foreign ones, and indexes. */
#include "lint/rules_schema_internal.h"

#include <string.h>

void lint_each_made(LintSink *sink, SchemaKind kind,
                    void (*visit)(LintSink *sink, const SchemaObject *object))
{
    for (guint i = 0; i < sink->section->diff->changes->len; i++) {
        const SchemaChange *change = sink->section->diff->changes->pdata[i];
        if (change->kind != CHANGE_CREATE || change->after->kind != kind)
            continue;
        sink->statement = lint_statement_of(sink->section, CHANGE_CREATE, kind, change->after->key);
        if (!sink->statement || !lint_is_rename(sink->statement))
            visit(sink, change->after);
    }
}

static const SchemaModel *after(const LintSink *sink)
{
    return sink->section->after;
}

static bool holds_columns(const LintKey *key, const GPtrArray *columns)
{
    if (key->columns->len < columns->len)
        return false;
    for (guint i = 0; i < columns->len; i++)
        if (g_ascii_strcasecmp(key->columns->pdata[i], columns->pdata[i]) != 0)
            return false;
    return true;
}

/* ---- Keys ---- */

static void no_primary_key(LintSink *sink, const SchemaObject *table)
{
    g_autoptr(GPtrArray) keys = lint_keys_of(after(sink), table->key, LINT_KEY_PRIMARY);
    const char *kind = schema_object_get(table, "kind");
    bool other =
        g_strcmp0(kind, "foreign") == 0 || lint_is_partition(table) || schema_object_get(table, "inherits");
    const char *text = lint_definition(table);
    bool inline_key = strcasestr(text, "primary key") || g_ascii_strncasecmp(text, "create virtual", 14) == 0;
    if (keys->len == 0 && !other && !inline_key)
        lint_tell_of(sink, table, "table %s has no primary key", table->key);
}

void keys_without_primary(LintSink *sink, const LintSection *section)
{
    (void)section;
    lint_each_made(sink, SCHEMA_TABLE, no_primary_key);
}

static void unindexed_foreign(LintSink *sink, const SchemaObject *object)
{
    g_auto(LintKey) key = {0};
    lint_key_read(&key, after(sink), object);
    if (key.kind != LINT_KEY_FOREIGN || key.columns->len == 0 || !key.table)
        return;
    g_autoptr(GPtrArray) keys = lint_keys_of(after(sink), key.table, LINT_KEY_OTHER);
    for (guint i = 0; i < keys->len; i++) {
        const LintKey *other = keys->pdata[i];
        if (other->kind != LINT_KEY_FOREIGN && other->kind != LINT_KEY_CHECK && !other->special &&
            !other->expression && holds_columns(other, key.columns))
            return;
    }
    g_autofree char *columns = lint_key_columns(key.columns);
    lint_tell_of(sink, object, "no index of %s begins with %s: a delete in %s reads the whole table",
                 key.table, columns, key.parent ? key.parent : "the other table");
}

void keys_without_index(LintSink *sink, const LintSection *section)
{
    (void)section;
    lint_each_made(sink, SCHEMA_CONSTRAINT, unindexed_foreign);
}

/* `other` serves every query that `key` serves. */
static bool covers(const LintKey *other, const LintKey *key)
{
    bool alike = g_strcmp0(other->expression, key->expression) == 0 && !other->special && !key->special;
    bool both =
        other->kind == LINT_KEY_INDEX || other->kind == LINT_KEY_UNIQUE || other->kind == LINT_KEY_PRIMARY;
    return both && alike && key->columns->len > 0 && holds_columns(other, key->columns) &&
           !g_ptr_array_find_with_equal_func(key->columns, "(…)", g_str_equal, NULL);
}

static void redundant_index(LintSink *sink, const SchemaObject *object)
{
    g_auto(LintKey) key = {0};
    lint_key_read(&key, after(sink), object);
    if (key.kind != LINT_KEY_INDEX || !key.table)
        return;
    g_autoptr(GPtrArray) keys = lint_keys_of(after(sink), key.table, LINT_KEY_OTHER);
    unsigned covered = 0;
    const LintKey *by = NULL;
    for (guint i = 0; i < keys->len; i++) {
        bool one = covers(keys->pdata[i], &key);
        covered += one;
        if (one && (((LintKey *)keys->pdata[i])->columns->len > key.columns->len ||
                    ((LintKey *)keys->pdata[i])->kind != LINT_KEY_INDEX))
            by = keys->pdata[i];
    }
    if (covered < 2) /* itself is among them */
        return;
    g_autofree char *columns = lint_key_columns(by ? by->columns : key.columns);
    lint_tell_of(sink, object, "index %s does what another index on (%s) does already", object->key, columns);
}

void keys_redundant(LintSink *sink, const LintSection *section)
{
    (void)section;
    lint_each_made(sink, SCHEMA_INDEX, redundant_index);
}

static void parentless_foreign(LintSink *sink, const SchemaObject *object)
{
    g_auto(LintKey) key = {0};
    lint_key_read(&key, after(sink), object);
    if (key.kind != LINT_KEY_FOREIGN || !key.parent)
        return;
    g_autofree char *parent = lint_bare_name(key.parent);
    const SchemaObject *table = schema_model_find(after(sink), SCHEMA_TABLE, parent);
    table = table ? table : schema_model_find(after(sink), SCHEMA_TABLE, key.parent);
    if (!table) {
        lint_tell_of(sink, object, "the table %s that it refers to is not there", key.parent);
        return;
    }
    g_autoptr(GPtrArray) keys = lint_keys_of(after(sink), table->key, LINT_KEY_OTHER);
    for (guint i = 0; i < keys->len; i++) {
        const LintKey *other = keys->pdata[i];
        if ((other->kind == LINT_KEY_PRIMARY || other->kind == LINT_KEY_UNIQUE) &&
            (key.parent_columns->len == 0 || holds_columns(other, key.parent_columns)))
            return;
    }
    g_autofree char *columns = lint_key_columns(key.parent_columns);
    if (!strcasestr(lint_definition(table), "primary key") && !strcasestr(lint_definition(table), "unique"))
        lint_tell_of(sink, object, "%s (%s) has no unique key to refer to", key.parent, columns);
}

void keys_without_parent(LintSink *sink, const LintSection *section)
{
    (void)section;
    lint_each_made(sink, SCHEMA_CONSTRAINT, parentless_foreign);
}

static void wide_index(LintSink *sink, const SchemaObject *object)
{
    g_auto(LintKey) key = {0};
    lint_key_read(&key, after(sink), object);
    if (key.kind == LINT_KEY_INDEX && !key.special && key.columns->len > 3)
        lint_tell_of(sink, object, "index %s has %u columns", object->key, key.columns->len);
}

void keys_wide(LintSink *sink, const LintSection *section)
{
    (void)section;
    lint_each_made(sink, SCHEMA_INDEX, wide_index);
}
