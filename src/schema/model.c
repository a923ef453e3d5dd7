/* Model: the objects, their order, and what is computed over them. */
#include "schema/model.h"

#include <string.h>

static const char *const kind_names[SCHEMA_KIND_COUNT] = {
    [SCHEMA_NAMESPACE] = "schema",
    [SCHEMA_EXTENSION] = "extension",
    [SCHEMA_ENUM] = "enum",
    [SCHEMA_DOMAIN] = "domain",
    [SCHEMA_COMPOSITE] = "composite type",
    [SCHEMA_RANGE] = "range type",
    [SCHEMA_SEQUENCE] = "sequence",
    [SCHEMA_TABLE] = "table",
    [SCHEMA_COLUMN] = "column",
    [SCHEMA_CONSTRAINT] = "constraint",
    [SCHEMA_INDEX] = "index",
    [SCHEMA_VIEW] = "view",
    [SCHEMA_MATVIEW] = "materialized view",
    [SCHEMA_VIEW_COLUMN] = "view column",
    [SCHEMA_FUNCTION] = "function",
    [SCHEMA_PROCEDURE] = "procedure",
    [SCHEMA_AGGREGATE] = "aggregate",
    [SCHEMA_PACKAGE] = "package",
    [SCHEMA_TRIGGER] = "trigger",
    [SCHEMA_EVENT] = "event",
    [SCHEMA_RULE] = "rule",
    [SCHEMA_POLICY] = "policy",
    [SCHEMA_STATISTICS] = "statistics",
    [SCHEMA_EVENT_TRIGGER] = "event trigger",
    [SCHEMA_PUBLICATION] = "publication",
    [SCHEMA_COMMENT] = "comment",
    [SCHEMA_GRANT] = "grant",
    [SCHEMA_DEFAULT_GRANT] = "default grant",
    [SCHEMA_SETTING] = "setting",
    [SCHEMA_OTHER] = "other",
};

struct SchemaModel {
    Dialect dialect;
    char *server;
    GStringChunk *texts;
    GPtrArray *objects;                    /* of SchemaObject * */
    GHashTable *by_key[SCHEMA_KIND_COUNT]; /* key -> SchemaObject * */
    GHashTable *parts[SCHEMA_KIND_COUNT];  /* parent -> GPtrArray of SchemaObject * */
    GPtrArray *pending;                    /* of PendingDependency * */
    GArray *dependencies;                  /* of SchemaDependency */
    GHashTable *needs;                     /* SchemaObject * -> GPtrArray of SchemaObject * */
    char *fingerprint;
    bool finished;
};

typedef struct PendingDependency {
    SchemaKind kind;
    SchemaKind on_kind;
    const char *key;
    const char *on_key;
} PendingDependency;

const char *schema_kind_name(SchemaKind kind)
{
    return kind_names[kind];
}

bool schema_kind_parse(const char *name, SchemaKind *kind)
{
    for (unsigned i = 0; i < SCHEMA_KIND_COUNT; i++) {
        if (!g_str_equal(kind_names[i], name))
            continue;
        *kind = i;
        return true;
    }
    return false;
}

bool schema_attribute_informs(const char *name)
{
    return name[0] == '~';
}

/* ---- Building ---- */

static void object_free(gpointer data, gpointer context)
{
    (void)context;
    SchemaObject *self = data;
    g_array_unref(self->attributes);
    g_free(self);
}

SchemaModel *schema_model_new(Dialect dialect, const char *server)
{
    SchemaModel *self = g_new0(SchemaModel, 1);
    self->dialect = dialect;
    self->server = g_strdup(server);
    self->texts = g_string_chunk_new(4096);
    self->objects = g_ptr_array_new(); /* without a free function: a copy of it must not free the objects */
    self->pending = g_ptr_array_new_with_free_func(g_free);
    self->dependencies = g_array_new(FALSE, FALSE, sizeof(SchemaDependency));
    self->needs = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    for (unsigned i = 0; i < SCHEMA_KIND_COUNT; i++) {
        self->by_key[i] = g_hash_table_new(g_str_hash, g_str_equal);
        self->parts[i] =
            g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
    }
    return self;
}

void schema_model_free(SchemaModel *self)
{
    if (!self)
        return;
    for (unsigned i = 0; i < SCHEMA_KIND_COUNT; i++) {
        g_hash_table_unref(self->by_key[i]);
        g_hash_table_unref(self->parts[i]);
    }
    g_hash_table_unref(self->needs);
    g_array_unref(self->dependencies);
    g_ptr_array_unref(self->pending);
    g_ptr_array_foreach(self->objects, object_free, NULL);
    g_ptr_array_unref(self->objects);
    g_string_chunk_free(self->texts);
    g_free(self->server);
    g_free(self->fingerprint);
    g_free(self);
}

static const char *keep(SchemaModel *self, const char *text)
{
    return text ? g_string_chunk_insert_const(self->texts, text) : NULL;
}

SchemaObject *schema_model_add(SchemaModel *self, SchemaKind kind, const char *key, const char *parent,
                               const char *name)
{
    SchemaObject *object = g_hash_table_lookup(self->by_key[kind], key);
    if (object)
        return object;
    g_assert(!self->finished);
    object = g_new0(SchemaObject, 1);
    object->kind = kind;
    object->key = keep(self, key);
    object->parent = keep(self, parent);
    object->name = keep(self, name);
    object->attributes = g_array_new(FALSE, FALSE, sizeof(SchemaAttribute));
    g_ptr_array_add(self->objects, object);
    g_hash_table_insert(self->by_key[kind], (gpointer)object->key, object);
    return object;
}

void schema_model_set(SchemaModel *self, SchemaObject *object, const char *attribute, const char *value)
{
    if (!value)
        return;
    for (guint i = 0; i < object->attributes->len; i++) {
        SchemaAttribute *old = &g_array_index(object->attributes, SchemaAttribute, i);
        if (g_str_equal(old->name, attribute)) {
            old->value = keep(self, value);
            return;
        }
    }
    SchemaAttribute new = {keep(self, attribute), keep(self, value)};
    g_array_append_val(object->attributes, new);
}

void schema_model_depends(SchemaModel *self, SchemaKind kind, const char *key, SchemaKind on_kind,
                          const char *on_key)
{
    PendingDependency *pending = g_new(PendingDependency, 1);
    *pending = (PendingDependency){kind, on_kind, keep(self, key), keep(self, on_key)};
    g_ptr_array_add(self->pending, pending);
}

/* ---- Finishing ---- */

static gint by_kind_and_key(gconstpointer a, gconstpointer b)
{
    const SchemaObject *left = *(SchemaObject *const *)a;
    const SchemaObject *right = *(SchemaObject *const *)b;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    return strcmp(left->key, right->key);
}

static gint by_position(gconstpointer a, gconstpointer b)
{
    const SchemaObject *left = *(SchemaObject *const *)a;
    const SchemaObject *right = *(SchemaObject *const *)b;
    if (left->position != right->position)
        return left->position < right->position ? -1 : 1;
    return strcmp(left->key, right->key);
}

static gint by_attribute(gconstpointer a, gconstpointer b)
{
    return strcmp(((const SchemaAttribute *)a)->name, ((const SchemaAttribute *)b)->name);
}

static GPtrArray *list_in(GHashTable *lists, gconstpointer key)
{
    GPtrArray *list = g_hash_table_lookup(lists, key);
    if (!list) {
        list = g_ptr_array_new();
        g_hash_table_insert(lists, (gpointer)key, list);
    }
    return list;
}

static void add_dependencies(SchemaModel *self)
{
    for (guint i = 0; i < self->pending->len; i++) {
        const PendingDependency *pending = self->pending->pdata[i];
        SchemaDependency found = {schema_model_find(self, pending->kind, pending->key),
                                  schema_model_find(self, pending->on_kind, pending->on_key)};
        if (!found.from || !found.on || found.from == found.on)
            continue;
        g_array_append_val(self->dependencies, found);
        g_ptr_array_add(list_in(self->needs, found.from), (gpointer)found.on);
    }
}

/* Each text ends with a zero byte, so that two of them never read as one. */
static void sum_text(GChecksum *sum, const char *text)
{
    g_checksum_update(sum, (const guchar *)text, strlen(text) + 1);
}

static void sum_object(GChecksum *sum, const SchemaObject *object)
{
    sum_text(sum, kind_names[object->kind]);
    sum_text(sum, object->key);
    for (guint i = 0; i < object->attributes->len; i++) {
        const SchemaAttribute *attribute = &g_array_index(object->attributes, SchemaAttribute, i);
        if (schema_attribute_informs(attribute->name))
            continue;
        sum_text(sum, attribute->name);
        sum_text(sum, attribute->value);
    }
    sum_text(sum, "");
}

void schema_model_finish(SchemaModel *self)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_ptr_array_sort(self->objects, by_kind_and_key);
    for (guint i = 0; i < self->objects->len; i++) {
        SchemaObject *object = self->objects->pdata[i];
        g_array_sort(object->attributes, by_attribute);
        sum_object(sum, object);
        if (object->parent)
            g_ptr_array_add(list_in(self->parts[object->kind], object->parent), object);
    }
    for (unsigned i = 0; i < SCHEMA_KIND_COUNT; i++) {
        GHashTableIter iter;
        gpointer list;
        g_hash_table_iter_init(&iter, self->parts[i]);
        while (g_hash_table_iter_next(&iter, NULL, &list))
            g_ptr_array_sort(list, by_position);
    }
    add_dependencies(self);
    self->fingerprint = g_strdup(g_checksum_get_string(sum));
    self->finished = true;
}

/* ---- Reading ---- */

Dialect schema_model_dialect(const SchemaModel *self)
{
    return self->dialect;
}

const char *schema_model_server(const SchemaModel *self)
{
    return self->server;
}

const GPtrArray *schema_model_objects(const SchemaModel *self)
{
    return self->objects;
}

const SchemaObject *schema_model_find(const SchemaModel *self, SchemaKind kind, const char *key)
{
    return g_hash_table_lookup(self->by_key[kind], key);
}

GPtrArray *schema_model_parts(const SchemaModel *self, const char *parent, SchemaKind kind)
{
    GPtrArray *list = g_hash_table_lookup(self->parts[kind], parent);
    return list ? g_ptr_array_copy(list, NULL, NULL) : g_ptr_array_new();
}

const GArray *schema_model_dependencies(const SchemaModel *self)
{
    return self->dependencies;
}

const char *schema_object_get(const SchemaObject *self, const char *attribute)
{
    for (guint i = 0; i < self->attributes->len; i++) {
        const SchemaAttribute *found = &g_array_index(self->attributes, SchemaAttribute, i);
        if (g_str_equal(found->name, attribute))
            return found->value;
    }
    return NULL;
}

const char *schema_model_fingerprint(const SchemaModel *self)
{
    return self->fingerprint;
}

/* ---- Order ---- */

typedef struct OrderWalk {
    const SchemaModel *model;
    GHashTable *wanted; /* set of objects */
    GHashTable *seen;
    GPtrArray *ordered;
} OrderWalk;

/* Depth is bounded by the longest chain of dependencies, which the servers themselves walk when they drop
 * with CASCADE. */
static void walk(OrderWalk *self, const SchemaObject *object)
{
    if (!g_hash_table_add(self->seen, (gpointer)object))
        return;
    const GPtrArray *needs = g_hash_table_lookup(self->model->needs, object);
    for (guint i = 0; needs && i < needs->len; i++)
        walk(self, needs->pdata[i]);
    if (g_hash_table_contains(self->wanted, object))
        g_ptr_array_add(self->ordered, (gpointer)object);
}

GPtrArray *schema_model_in_order(const SchemaModel *self, GPtrArray *objects)
{
    g_autoptr(GHashTable) wanted = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    OrderWalk order = {self, wanted, seen, g_ptr_array_new()};
    for (guint i = 0; i < objects->len; i++)
        g_hash_table_add(wanted, objects->pdata[i]);
    for (guint i = 0; i < objects->len; i++)
        walk(&order, objects->pdata[i]);
    return order.ordered;
}
