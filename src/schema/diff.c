/* Diff: two sorted lists merged, and what they say to a person. */
#include "schema/diff_internal.h"

#include <string.h>

#define VALUE_SHOWN 60u /* bytes of a value in a line for people */

const char *change_kind_name(ChangeKind kind)
{
    static const char *const names[] = {"create", "drop", "alter"};
    return names[kind];
}

/* ---- Merging ---- */

static void change_free(gpointer data)
{
    SchemaChange *self = data;
    g_array_unref(self->attributes);
    g_free(self);
}

static SchemaChange *change_new(ChangeKind kind, const SchemaObject *before, const SchemaObject *after)
{
    SchemaChange *self = g_new0(SchemaChange, 1);
    self->kind = kind;
    self->before = before;
    self->after = after;
    self->attributes = g_array_new(FALSE, FALSE, sizeof(AttributeChange));
    return self;
}

static void take_change(SchemaDiff *self, SchemaChange *change)
{
    g_ptr_array_add(self->changes, change);
    if (change->before)
        g_hash_table_insert(self->by_object, (gpointer)change->before, change);
    if (change->after)
        g_hash_table_insert(self->by_object, (gpointer)change->after, change);
}

static void add_attribute(GArray *changes, const SchemaAttribute *before, const SchemaAttribute *after,
                          bool strict_order)
{
    const char *name = before ? before->name : after->name;
    AttributeChange change = {name, before ? before->value : NULL, after ? after->value : NULL};
    bool compared =
        !schema_attribute_informs(name) || (strict_order && g_str_equal(name, SCHEMA_ORDER_ATTRIBUTE));
    if (compared && g_strcmp0(change.before, change.after) != 0)
        g_array_append_val(changes, change);
}

static const SchemaAttribute *attribute_at(const GArray *attributes, guint index)
{
    return index < attributes->len ? &g_array_index(attributes, SchemaAttribute, index) : NULL;
}

/* Less than 0: only the left one is there. */
static int compare_names(const char *left, const char *right)
{
    if (!left || !right)
        return left ? -1 : 1;
    return strcmp(left, right);
}

static GArray *changed_attributes(const SchemaObject *before, const SchemaObject *after, bool strict_order)
{
    GArray *changes = g_array_new(FALSE, FALSE, sizeof(AttributeChange));
    guint i = 0;
    guint j = 0;
    while (i < before->attributes->len || j < after->attributes->len) {
        const SchemaAttribute *left = attribute_at(before->attributes, i);
        const SchemaAttribute *right = attribute_at(after->attributes, j);
        int order = compare_names(left ? left->name : NULL, right ? right->name : NULL);
        add_attribute(changes, order <= 0 ? left : NULL, order >= 0 ? right : NULL, strict_order);
        i += order <= 0;
        j += order >= 0;
    }
    return changes;
}

static void compare_objects(SchemaDiff *self, const SchemaObject *before, const SchemaObject *after)
{
    g_autoptr(GArray) attributes =
        changed_attributes(before, after, self->hints && self->hints->strict_order);
    if (attributes->len == 0)
        return;
    SchemaChange *change = change_new(CHANGE_ALTER, before, after);
    g_array_append_vals(change->attributes, attributes->data, attributes->len);
    take_change(self, change);
}

static int compare_keys(const SchemaObject *left, const SchemaObject *right)
{
    if (!left || !right)
        return left ? -1 : 1;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    return strcmp(left->key, right->key);
}

static void merge(SchemaDiff *self)
{
    const GPtrArray *before = schema_model_objects(self->before);
    const GPtrArray *after = schema_model_objects(self->after);
    guint i = 0;
    guint j = 0;
    while (i < before->len || j < after->len) {
        const SchemaObject *left = i < before->len ? before->pdata[i] : NULL;
        const SchemaObject *right = j < after->len ? after->pdata[j] : NULL;
        int order = compare_keys(left, right);
        if (order == 0)
            compare_objects(self, left, right);
        else if (order < 0)
            take_change(self, change_new(CHANGE_DROP, left, NULL));
        else
            take_change(self, change_new(CHANGE_CREATE, NULL, right));
        i += order <= 0;
        j += order >= 0;
    }
}

/* Neighbours that came or went leave changes of nothing. */
static void remove_unchanged(SchemaDiff *self)
{
    for (guint i = self->changes->len; i-- > 0;) {
        const SchemaChange *change = self->changes->pdata[i];
        if (change->kind != CHANGE_ALTER || change->attributes->len > 0)
            continue;
        g_hash_table_remove(self->by_object, change->before);
        g_hash_table_remove(self->by_object, change->after);
        g_ptr_array_remove_index(self->changes, i);
    }
}

/* What holds parts: the kinds that a parent's key may be of. */
static const SchemaKind parent_kinds[] = {SCHEMA_TABLE,  SCHEMA_VIEW,     SCHEMA_MATVIEW,
                                          SCHEMA_DOMAIN, SCHEMA_ENUM,     SCHEMA_COMPOSITE,
                                          SCHEMA_RANGE,  SCHEMA_SEQUENCE, SCHEMA_NAMESPACE};

static bool parent_changes_as(const SchemaDiff *self, const char *parent, ChangeKind kind)
{
    for (gsize i = 0; parent && i < G_N_ELEMENTS(parent_kinds); i++) {
        const SchemaChange *change = schema_diff_find(self, parent_kinds[i], parent);
        if (change && change->kind == kind)
            return true;
    }
    return false;
}

SchemaDiff *schema_diff_new(const SchemaModel *before, const SchemaModel *after, const SchemaHints *hints)
{
    SchemaDiff *self = g_new0(SchemaDiff, 1);
    self->before = before;
    self->after = after;
    self->hints = hints;
    self->changes = g_ptr_array_new_with_free_func(change_free);
    self->by_object = g_hash_table_new(NULL, NULL);
    merge(self);
    diff_settle_order(self);
    remove_unchanged(self);
    for (guint i = 0; i < self->changes->len; i++) {
        SchemaChange *change = self->changes->pdata[i];
        change->with_parent = change->kind != CHANGE_ALTER &&
                              parent_changes_as(self, schema_change_object(change)->parent, change->kind);
    }
    return self;
}

void schema_diff_free(SchemaDiff *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->changes);
    g_hash_table_unref(self->by_object);
    g_free(self);
}

bool schema_diff_is_empty(const SchemaDiff *self)
{
    return self->changes->len == 0;
}

const SchemaChange *schema_diff_of(const SchemaDiff *self, const SchemaObject *object)
{
    return object ? g_hash_table_lookup(self->by_object, object) : NULL;
}

const SchemaChange *schema_diff_find(const SchemaDiff *self, SchemaKind kind, const char *key)
{
    const SchemaObject *after = schema_model_find(self->after, kind, key);
    return schema_diff_of(self, after ? after : schema_model_find(self->before, kind, key));
}

const SchemaObject *schema_change_object(const SchemaChange *self)
{
    return self->after ? self->after : self->before;
}

const AttributeChange *schema_change_attribute(const SchemaChange *self, const char *name)
{
    for (guint i = 0; i < self->attributes->len; i++) {
        const AttributeChange *change = &g_array_index(self->attributes, AttributeChange, i);
        if (g_str_equal(change->name, name))
            return change;
    }
    return NULL;
}

/* ---- For people ---- */

/* The value from a little before `start`, on one line and cut. Caller frees. */
static char *shown_value(const char *value, gsize start)
{
    if (!value)
        return g_strdup("none");
    const char *from = value + (start > 12 && strlen(value) > VALUE_SHOWN ? start - 12 : 0);
    while (from > value && (*from & 0xc0) == 0x80)
        from--;
    const char *end = from;
    while (*end && (gsize)(end - from) < VALUE_SHOWN)
        end = g_utf8_next_char(end);
    g_autofree char *part = g_strndup(from, end - from);
    g_strdelimit(part, "\n\t\r", ' ');
    return g_strdup_printf("%s%s%s", from > value ? "…" : "", part, *end ? "…" : "");
}

static gsize common_prefix(const char *left, const char *right)
{
    gsize length = 0;
    while (left && right && left[length] && left[length] == right[length])
        length++;
    return length;
}

void schema_values_shown(const char *before, const char *after, char **before_shown, char **after_shown)
{
    gsize start = common_prefix(before, after);
    *before_shown = shown_value(before, start);
    *after_shown = shown_value(after, start);
}

static char *attribute_line(const SchemaObject *object, const AttributeChange *change)
{
    g_autofree char *before = NULL, *after = NULL;
    schema_values_shown(change->before, change->after, &before, &after);
    return g_strdup_printf("%s %s: %s %s -> %s", schema_kind_name(object->kind), object->key, change->name,
                           before, after);
}

GPtrArray *schema_diff_lines(const SchemaDiff *self)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < self->changes->len; i++) {
        const SchemaChange *change = self->changes->pdata[i];
        const SchemaObject *object = schema_change_object(change);
        for (guint j = 0; j < change->attributes->len; j++)
            g_ptr_array_add(lines,
                            attribute_line(object, &g_array_index(change->attributes, AttributeChange, j)));
        if (change->kind != CHANGE_ALTER && !change->with_parent)
            g_ptr_array_add(lines, g_strdup_printf("%s %s: %s", schema_kind_name(object->kind), object->key,
                                                   change->kind == CHANGE_CREATE ? "created" : "dropped"));
    }
    return lines;
}

/* ---- Renames that may be meant ---- */

static bool are_alike(const SchemaObject *left, const SchemaObject *right)
{
    g_autoptr(GArray) changes = changed_attributes(left, right, false);
    return changes->len == 0;
}

/* The only change of that kind among the columns of a table that stays; NULL: none or several. */
static const SchemaObject *only_column(const SchemaDiff *self, const char *table, ChangeKind kind)
{
    const SchemaObject *only = NULL;
    for (guint i = 0; i < self->changes->len; i++) {
        const SchemaChange *change = self->changes->pdata[i];
        const SchemaObject *object = schema_change_object(change);
        if (change->kind != kind || change->with_parent || object->kind != SCHEMA_COLUMN ||
            g_strcmp0(object->parent, table) != 0)
            continue;
        if (only)
            return NULL;
        only = object;
    }
    return only;
}

/* At least four of five columns of the larger one are in both, alike. */
static bool tables_are_alike(const SchemaDiff *self, const SchemaObject *before, const SchemaObject *after)
{
    g_autoptr(GPtrArray) left = schema_model_parts(self->before, before->key, SCHEMA_COLUMN);
    g_autoptr(GPtrArray) right = schema_model_parts(self->after, after->key, SCHEMA_COLUMN);
    guint alike = 0;
    for (guint i = 0; i < left->len; i++)
        for (guint j = 0; j < right->len; j++) {
            const SchemaObject *a = left->pdata[i];
            const SchemaObject *b = right->pdata[j];
            alike += g_str_equal(a->name, b->name) && are_alike(a, b);
        }
    return alike > 0 && alike * 5 >= MAX(left->len, right->len) * 4;
}

static const SchemaObject *table_like(const SchemaDiff *self, const SchemaObject *before)
{
    for (guint i = 0; i < self->changes->len; i++) {
        const SchemaChange *change = self->changes->pdata[i];
        if (change->kind == CHANGE_CREATE && change->after->kind == SCHEMA_TABLE &&
            tables_are_alike(self, before, change->after))
            return change->after;
    }
    return NULL;
}

GArray *schema_diff_possible_renames(const SchemaDiff *self)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(PossibleRename));
    for (guint i = 0; i < self->changes->len; i++) {
        const SchemaChange *change = self->changes->pdata[i];
        PossibleRename pair = {change->before, NULL};
        if (change->kind != CHANGE_DROP || change->with_parent)
            continue;
        if (pair.before->kind == SCHEMA_TABLE)
            pair.after = table_like(self, pair.before);
        else if (pair.before->kind == SCHEMA_COLUMN &&
                 only_column(self, pair.before->parent, CHANGE_DROP) == pair.before)
            pair.after = only_column(self, pair.before->parent, CHANGE_CREATE);
        if (pair.after && (pair.before->kind == SCHEMA_TABLE || are_alike(pair.before, pair.after)))
            g_array_append_val(found, pair);
    }
    return found;
}
