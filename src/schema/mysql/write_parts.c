/* Keys, checks, periods, versioning and options of a table that stays. */
#include "schema/mysql/write_internal.h"

#include <string.h>

/* ---- Keys ---- */

static bool names_recreated(const TableAlter *self, const SchemaObject *part)
{
    g_autoptr(GHashTable) names = text_names(attribute_or_empty(part, ATTRIBUTE_DEFINITION));
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, self->recreated);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        if (g_hash_table_contains(names, name))
            return true;
    return false;
}

/* The other side's key that is the same under another name, and comes or goes; NULL. */
static const SchemaObject *renamed_key(const TableAlter *self, const SchemaModel *in,
                                       const SchemaObject *index)
{
    const SchemaDiff *diff = self->writing->diff;
    g_autoptr(GPtrArray) indexes = schema_model_parts(in, index->parent, SCHEMA_INDEX);
    for (guint i = 0; i < indexes->len; i++) {
        const SchemaChange *change = schema_diff_of(diff, indexes->pdata[i]);
        if (change && change->kind != CHANGE_ALTER && !names_recreated(self, index) &&
            same_attribute(indexes->pdata[i], index, ATTRIBUTE_DEFINITION))
            return indexes->pdata[i];
    }
    return NULL;
}

/* Pairs are of one to one: where several keys are alike, the first of each. */
static bool is_renamed(const TableAlter *self, const SchemaModel *own, const SchemaModel *other,
                       const SchemaObject *index)
{
    const SchemaObject *pair = renamed_key(self, other, index);
    return pair && renamed_key(self, own, pair) == index;
}

static const struct {
    const char *state;
    const char *set[2]; /* without it and with it */
} key_states[] = {
    {" IGNORED", {"NOT IGNORED", "IGNORED"}},
    {" /*!80000 INVISIBLE */", {"VISIBLE", "INVISIBLE"}},
};

/* What only switches a key off or on; NULL. */
static const char *switched_state(const SchemaObject *before, const SchemaObject *after)
{
    const char *old = attribute_or_empty(before, ATTRIBUTE_DEFINITION);
    const char *new = attribute_or_empty(after, ATTRIBUTE_DEFINITION);
    for (gsize i = 0; i < G_N_ELEMENTS(key_states); i++) {
        bool had = g_str_has_suffix(old, key_states[i].state);
        bool has = g_str_has_suffix(new, key_states[i].state);
        gsize length = strlen(had ? old : new) - strlen(key_states[i].state);
        if (had != has && strncmp(old, new, length) == 0 && strlen(had ? new : old) == length)
            return key_states[i].set[has];
    }
    return NULL;
}

static bool has_primary_key(const SchemaModel *model, const char *table)
{
    g_autofree char *key = g_strconcat(table, ".PRIMARY", NULL);
    return schema_model_find(model, SCHEMA_INDEX, key) != NULL;
}

/* While a table has no primary key, the server takes a unique one for it, which it does not switch off. */
static bool stands_for_primary(const TableAlter *self, const SchemaObject *index)
{
    const SchemaDiff *diff = self->writing->diff;
    return g_str_has_prefix(attribute_or_empty(index, ATTRIBUTE_DEFINITION), "UNIQUE") &&
           !(has_primary_key(diff->before, self->before->key) &&
             has_primary_key(diff->after, self->after->key));
}

static bool key_is_made_anew(const TableAlter *self, const SchemaObject *before, const SchemaObject *after)
{
    return names_recreated(self, after) ||
           (schema_diff_of(self->writing->diff, after) &&
            (!switched_state(before, after) || stands_for_primary(self, after)));
}

static void drop_key(TableAlter *self, const SchemaObject *index)
{
    if (g_str_has_prefix(attribute_or_empty(index, ATTRIBUTE_DEFINITION), "PRIMARY"))
        alter_add(self, "DROP PRIMARY KEY");
    else
        alter_add(self, "DROP KEY %s", index->name);
}

void alter_drop_keys(TableAlter *self)
{
    const SchemaDiff *diff = self->writing->diff;
    g_autoptr(GPtrArray) indexes = schema_model_parts(diff->before, self->before->key, SCHEMA_INDEX);
    for (guint i = 0; i < indexes->len; i++) {
        const SchemaObject *index = indexes->pdata[i];
        const SchemaObject *after = schema_model_find(diff->after, SCHEMA_INDEX, index->key);
        if (after ? key_is_made_anew(self, index, after)
                  : !is_renamed(self, diff->before, diff->after, index))
            drop_key(self, index);
    }
}

static void add_key(TableAlter *self, const SchemaObject *index)
{
    const SchemaDiff *diff = self->writing->diff;
    const SchemaObject *before = schema_model_find(diff->before, SCHEMA_INDEX, index->key);
    g_autofree char *text = index_text(index);
    if (!before && is_renamed(self, diff->after, diff->before, index))
        alter_add(self, "RENAME KEY %s TO %s", renamed_key(self, diff->before, index)->name, index->name);
    else if (!before || key_is_made_anew(self, before, index))
        alter_add(self, "ADD %s", text);
    else if (schema_diff_of(diff, index))
        alter_add(self, "ALTER %s %s %s", self->writing->is_mariadb ? "KEY" : "INDEX", index->name,
                  switched_state(before, index));
}

void alter_add_keys(TableAlter *self)
{
    g_autoptr(GPtrArray) indexes =
        schema_model_parts(self->writing->diff->after, self->after->key, SCHEMA_INDEX);
    for (guint i = 0; i < indexes->len; i++)
        add_key(self, indexes->pdata[i]);
}

/* ---- Checks ---- */

static bool is_check(const SchemaObject *constraint)
{
    return g_str_has_prefix(attribute_or_empty(constraint, ATTRIBUTE_DEFINITION), "CHECK");
}

static bool check_is_made_anew(const TableAlter *self, const SchemaObject *constraint)
{
    return is_check(constraint) &&
           (schema_diff_of(self->writing->diff, constraint) || names_recreated(self, constraint));
}

void alter_drop_checks(TableAlter *self)
{
    g_autoptr(GPtrArray) parts =
        schema_model_parts(self->writing->diff->before, self->before->key, SCHEMA_CONSTRAINT);
    for (guint i = 0; i < parts->len; i++) {
        const SchemaObject *check = parts->pdata[i];
        if (check_is_made_anew(self, check) && !write_unnamed_drop(self->writing, self->before, check))
            alter_add(self, "DROP CONSTRAINT %s", check->name);
    }
}

void alter_add_checks(TableAlter *self)
{
    g_autoptr(GPtrArray) parts =
        schema_model_parts(self->writing->diff->after, self->after->key, SCHEMA_CONSTRAINT);
    for (guint i = 0; i < parts->len; i++) {
        g_autofree char *text = constraint_text(parts->pdata[i]);
        if (check_is_made_anew(self, parts->pdata[i]))
            alter_add(self, "ADD %s", text);
    }
}

/* ---- Periods and versioning ---- */

char *period_name(const char *attribute)
{
    const char *name = attribute + strlen(ATTRIBUTE_PERIOD);
    return g_str_equal(name, "SYSTEM_TIME") ? g_strdup(name) : text_quoted(name);
}

static void alter_period(TableAlter *self, const AttributeChange *change)
{
    g_autofree char *name = period_name(change->name);
    bool with_versioning = g_str_equal(name, "SYSTEM_TIME") && !change->after;
    if (change->before && !with_versioning)
        alter_add(self, "DROP PERIOD FOR %s", name);
    if (change->after)
        alter_add(self, "ADD PERIOD FOR %s %s", name, change->after);
}

/* The columns and the period of a history go with it. */
static void alter_versioning(TableAlter *self, const AttributeChange *change)
{
    if (!self->versioned_first)
        alter_add(self, "%s SYSTEM VERSIONING", change->after ? "ADD" : "DROP");
    if (!change->after)
        alter_lose(self, "table %s: its history", self->after->key);
}

/* ---- Options ---- */

/* What an option is set to where nothing is said; others are refused. */
static const struct {
    const char *option;
    const char *none;
} option_defaults[] = {
    {"comment", "''"},
    {"row_format", "DEFAULT"},
    {"key_block_size", "0"},
    {"checksum", "0"},
    {"page_checksum", "DEFAULT"},
    {"stats_persistent", "DEFAULT"},
    {"pack_keys", "DEFAULT"},
    {"stats_auto_recalc", "DEFAULT"},
    {"stats_sample_pages", "DEFAULT"},
    {"min_rows", "0"},
    {"max_rows", "0"},
    {"avg_row_length", "0"},
    {"delay_key_write", "0"},
    {"transactional", "DEFAULT"},
    {"insert_method", "NO"},
    {"union", "()"},
    {"connection", "''"},
    {"encryption", "'N'"},
    {"compression", "''"},
};

static const char *option_default(const char *option)
{
    if (*option == '`')
        return "DEFAULT";
    for (gsize i = 0; i < G_N_ELEMENTS(option_defaults); i++)
        if (g_str_equal(option_defaults[i].option, option))
            return option_defaults[i].none;
    return NULL;
}

static void alter_option(TableAlter *self, const AttributeChange *change)
{
    const char *value = change->after ? change->after : option_default(change->name);
    g_autofree char *option = *change->name == '`' ? g_strdup(change->name) : g_ascii_strup(change->name, -1);
    if (!value)
        change_script_refuse(
            self->writing->script,
            "table %s: option %s cannot be taken back by ALTER TABLE; write that revision by "
            "hand",
            self->after->key, option);
    else
        alter_add(self, "%s=%s", option, value);
    if (g_str_equal(change->name, "engine") && g_str_equal(value, "BLACKHOLE"))
        alter_lose(self, "table %s", self->after->key);
}

static void alter_charset(TableAlter *self)
{
    const char *collation = schema_object_get(self->after, "collation");
    alter_add(self, "DEFAULT CHARACTER SET %s%s%s", attribute_or_empty(self->after, "character set"),
              collation ? " COLLATE " : "", collation ? collation : "");
}

static void refuse_clause(TableAlter *self, const AttributeChange *change)
{
    change_script_refuse(
        self->writing->script,
        "table %s: \"%s\" is not known to this version of dbfleet; write that revision by hand",
        self->after->key, change->after ? change->after : change->before);
}

static void alter_attribute(TableAlter *self, const AttributeChange *change)
{
    if (g_str_has_prefix(change->name, ATTRIBUTE_PERIOD))
        alter_period(self, change);
    else if (g_str_has_prefix(change->name, ATTRIBUTE_UNKNOWN))
        refuse_clause(self, change);
    else if (g_str_equal(change->name, ATTRIBUTE_VERSIONING))
        alter_versioning(self, change);
    else if (!g_str_has_prefix(change->name, "partition") && !g_str_equal(change->name, "character set") &&
             !g_str_equal(change->name, "collation"))
        alter_option(self, change);
}

void alter_options(TableAlter *self)
{
    const SchemaChange *change = schema_diff_of(self->writing->diff, self->after);
    if (!change)
        return;
    if (change_has(change, "character set") || change_has(change, "collation"))
        alter_charset(self);
    for (guint i = 0; i < change->attributes->len; i++)
        alter_attribute(self, &g_array_index(change->attributes, AttributeChange, i));
}
