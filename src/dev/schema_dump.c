/* Schema dump: sorts the objects of a model into files and has each file's statements written by the dialect,
 * as the way from a model without its objects to one with them. */
#include "dev/schema_dump.h"

#include <string.h>

/* ---- Files of objects ---- */

/* Where objects go that are part of no other. */
static const struct {
    SchemaKind kind;
    const char *folder; /* NULL: all into one file of this name: */
    const char *file;
} places[] = {
    {SCHEMA_NAMESPACE, NULL, "schemas"},   {SCHEMA_EXTENSION, NULL, "extensions"},
    {SCHEMA_ENUM, "types", NULL},          {SCHEMA_DOMAIN, "types", NULL},
    {SCHEMA_COMPOSITE, "types", NULL},     {SCHEMA_RANGE, "types", NULL},
    {SCHEMA_SEQUENCE, "sequences", NULL},  {SCHEMA_TABLE, "tables", NULL},
    {SCHEMA_VIEW, "views", NULL},          {SCHEMA_MATVIEW, "views", NULL},
    {SCHEMA_FUNCTION, "functions", NULL},  {SCHEMA_PROCEDURE, "functions", NULL},
    {SCHEMA_AGGREGATE, "functions", NULL}, {SCHEMA_PACKAGE, "packages", NULL},
    {SCHEMA_TRIGGER, "triggers", NULL},    {SCHEMA_EVENT, "events", NULL},
};

typedef struct Sorting {
    const SchemaModel *empty;
    const SchemaModel *model;
    GHashTable *by_key; /* key -> SchemaObject *, of what others can be part of */
    GHashTable *paths;  /* SchemaObject * -> path, owned by `groups` */
    GHashTable *groups; /* path -> GPtrArray * of SchemaObject * */
    GHashTable *names;  /* path in lower case -> name of the root that has it */
    GHashTable *needs;  /* SchemaObject * -> GPtrArray * of SchemaObject * */
} Sorting;

static void fill_keys(Sorting *self)
{
    const GPtrArray *objects = schema_model_objects(self->model);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        if (!g_hash_table_contains(self->by_key, object->key))
            g_hash_table_insert(self->by_key, (gpointer)object->key, (gpointer)object);
    }
}

/* What the object belongs to in a reader's eyes: the table of a column, of a sequence that a column owns. */
static const SchemaObject *root_of(const Sorting *self, const SchemaObject *object)
{
    for (unsigned depth = 0; depth < 8; depth++) {
        const char *owner = object->kind == SCHEMA_SEQUENCE ? schema_object_get(object, "owned_by") : NULL;
        const char *parent = object->parent ? object->parent : owner;
        const SchemaObject *above = parent ? g_hash_table_lookup(self->by_key, parent) : NULL;
        if (!above || above == object)
            return object;
        object = above;
    }
    return object;
}

/* "orders" of public.orders, @.orders and "Orders"; "shop.orders" of another schema; "f" of f(integer).
 * Caller frees. */
static char *file_name(const SchemaObject *root)
{
    static const char *const usual[] = {"public.", "@.", NULL};
    const char *key = root->key;
    for (const char *const *prefix = usual; *prefix; prefix++)
        if (g_str_has_prefix(key, *prefix))
            key += strlen(*prefix);
    g_autofree char *cut = g_strndup(key, strcspn(key, "("));
    GString *name = g_string_new(NULL);
    for (const char *c = cut; *c; c++)
        if (!strchr("\"`[]", *c))
            g_string_append_c(name, g_ascii_isalnum(*c) || strchr("._-", *c) || *c & 0x80 ? *c : '_');
    const char *dot = strrchr(name->str, '.');
    Dialect dialect;
    if (dialect_parse(dot ? dot + 1 : name->str, &dialect)) /* would count for that dialect only */
        g_string_append_c(name, '_');
    return g_string_free(name, FALSE);
}

/* Two names that some file systems take for one are told apart by a number. */
static char *own_path(const Sorting *self, const char *folder, const char *name, const char *root)
{
    for (unsigned number = 1;; number++) {
        g_autofree char *tail = number > 1 ? g_strdup_printf("-%u", number) : g_strdup("");
        g_autofree char *path = g_strdup_printf("%s/%s%s.sql", folder, name, tail);
        char *plain = g_utf8_casefold(path, -1);
        const char *taken = g_hash_table_lookup(self->names, plain);
        bool mine = !taken || g_str_equal(taken, root);
        if (mine && !taken)
            g_hash_table_insert(self->names, plain, g_strdup(root));
        else
            g_free(plain);
        if (mine)
            return g_steal_pointer(&path);
    }
}

static char *path_of(const Sorting *self, const SchemaObject *root)
{
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        if (places[i].kind != root->kind)
            continue;
        if (places[i].file)
            return g_strconcat(places[i].file, ".sql", NULL);
        g_autofree char *name = file_name(root);
        g_autofree char *key = g_strndup(root->key, strcspn(root->key, "("));
        return own_path(self, places[i].folder, name, key);
    }
    return g_strdup("database.sql");
}

static void sort_object(Sorting *self, const SchemaObject *object)
{
    g_autofree char *path = path_of(self, root_of(self, object));
    GPtrArray *group = g_hash_table_lookup(self->groups, path);
    if (!group) {
        group = g_ptr_array_new();
        g_hash_table_insert(self->groups, g_strdup(path), group);
    }
    gpointer kept = NULL;
    g_hash_table_lookup_extended(self->groups, path, &kept, NULL);
    g_hash_table_insert(self->paths, (gpointer)object, kept);
    g_ptr_array_add(group, (gpointer)object);
}

static void fill_needs(Sorting *self)
{
    const GArray *dependencies = schema_model_dependencies(self->model);
    for (guint i = 0; i < dependencies->len; i++) {
        const SchemaDependency *each = &g_array_index(dependencies, SchemaDependency, i);
        GPtrArray *needs = g_hash_table_lookup(self->needs, each->from);
        if (!needs) {
            needs = g_ptr_array_new();
            g_hash_table_insert(self->needs, (gpointer)each->from, needs);
        }
        g_ptr_array_add(needs, (gpointer)each->on);
    }
}

static void sorting_clear(Sorting *self)
{
    g_hash_table_unref(self->by_key);
    g_hash_table_unref(self->paths);
    g_hash_table_unref(self->groups);
    g_hash_table_unref(self->names);
    g_hash_table_unref(self->needs);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sorting, sorting_clear)

static void sort_all(Sorting *self, const SchemaModel *empty, const SchemaModel *model)
{
    GDestroyNotify unref = (GDestroyNotify)g_ptr_array_unref;
    self->empty = empty;
    self->model = model;
    self->by_key = g_hash_table_new(g_str_hash, g_str_equal);
    self->paths = g_hash_table_new(NULL, NULL);
    self->groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref);
    self->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    self->needs = g_hash_table_new_full(NULL, NULL, NULL, unref);
    fill_keys(self);
    fill_needs(self);
    const GPtrArray *objects = schema_model_objects(model);
    for (guint i = 0; i < objects->len; i++)
        sort_object(self, objects->pdata[i]);
}

/* ---- The statements of a file ---- */

static void copy_object(SchemaModel *into, const SchemaObject *object)
{
    SchemaObject *copy = schema_model_add(into, object->kind, object->key, object->parent, object->name);
    copy->position = object->position;
    for (guint i = 0; i < object->attributes->len; i++) {
        const SchemaAttribute *attribute = &g_array_index(object->attributes, SchemaAttribute, i);
        schema_model_set(into, copy, attribute->name, attribute->value);
    }
}

static void copy_objects(SchemaModel *into, const GPtrArray *objects, GHashTable *without)
{
    for (guint i = 0; i < objects->len; i++)
        if (!without || !g_hash_table_contains(without, objects->pdata[i]))
            copy_object(into, objects->pdata[i]);
}

/* The files that what is in this one cannot be without. A set of paths; caller unrefs. */
static GHashTable *context_of(const Sorting *self, const char *path, const GPtrArray *group)
{
    GHashTable *context = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < group->len; i++) {
        const GPtrArray *needs = g_hash_table_lookup(self->needs, group->pdata[i]);
        for (guint n = 0; needs && n < needs->len; n++) {
            const char *other = g_hash_table_lookup(self->paths, needs->pdata[n]);
            if (other && !g_str_equal(other, path))
                g_hash_table_add(context, (gpointer)other);
        }
    }
    return context;
}

static bool is_in(const Sorting *self, const SchemaObject *object, GHashTable *context, const char *path)
{
    const char *own = g_hash_table_lookup(self->paths, object);
    return own && (g_str_equal(own, path) || g_hash_table_contains(context, own));
}

static void copy_dependencies(const Sorting *self, SchemaModel *into, GHashTable *context, const char *path)
{
    const GArray *dependencies = schema_model_dependencies(self->model);
    for (guint i = 0; i < dependencies->len; i++) {
        const SchemaDependency *each = &g_array_index(dependencies, SchemaDependency, i);
        if (is_in(self, each->from, context, path) && is_in(self, each->on, context, path))
            schema_model_depends(into, each->from->kind, each->from->key, each->on->kind, each->on->key);
    }
}

/* Whether what is in one file cannot be without what is in the other, by way of any. */
static bool leads_to(const Sorting *self, const char *from, const char *to, GHashTable *seen)
{
    if (g_str_equal(from, to))
        return true;
    if (!g_hash_table_add(seen, (gpointer)from))
        return false;
    g_autoptr(GHashTable) context = context_of(self, from, g_hash_table_lookup(self->groups, from));
    GHashTableIter iter;
    gpointer next;
    g_hash_table_iter_init(&iter, context);
    while (g_hash_table_iter_next(&iter, &next, NULL))
        if (leads_to(self, next, to, seen))
            return true;
    return false;
}

static bool closes_circle(const Sorting *self, const char *path, const SchemaObject *object)
{
    const GPtrArray *needs = g_hash_table_lookup(self->needs, object);
    for (guint i = 0; needs && i < needs->len; i++) {
        const char *other = g_hash_table_lookup(self->paths, needs->pdata[i]);
        g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
        if (other && !g_str_equal(other, path) && leads_to(self, other, path, seen))
            return true;
    }
    return false;
}

/* Constraints of tables that refer to each other: they are added when the table is there, so that one of the
 * tables can be the first. With what is part of them. A set; caller unrefs. */
static GHashTable *late_objects(const Sorting *self, const char *path, const GPtrArray *group)
{
    GHashTable *late = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) keys = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < group->len; i++) {
        const SchemaObject *object = group->pdata[i];
        if (object->kind == SCHEMA_CONSTRAINT && closes_circle(self, path, object)) {
            g_hash_table_add(late, (gpointer)object);
            g_hash_table_add(keys, (gpointer)object->key);
        }
    }
    for (guint i = 0; i < group->len; i++) {
        const SchemaObject *object = group->pdata[i];
        if (object->parent && g_hash_table_contains(keys, object->parent))
            g_hash_table_add(late, (gpointer)object);
    }
    return late;
}

/* What the file finds, and with `with` what is there behind it. What a new database has as well is as the
 * model says once a file brings it. */
static SchemaModel *model_with(const Sorting *self, GHashTable *context, const char *path_of_with,
                               const GPtrArray *with, GHashTable *without)
{
    SchemaModel *model =
        schema_model_new(schema_model_dialect(self->model), schema_model_server(self->model));
    GHashTableIter iter;
    gpointer path;
    if (with)
        copy_objects(model, with, without);
    g_hash_table_iter_init(&iter, context);
    while (g_hash_table_iter_next(&iter, &path, NULL))
        copy_objects(model, g_hash_table_lookup(self->groups, path), NULL);
    const GPtrArray *fresh = schema_model_objects(self->empty);
    for (guint i = 0; i < fresh->len; i++) {
        const SchemaObject *object = fresh->pdata[i];
        const SchemaObject *wanted = schema_model_find(self->model, object->kind, object->key);
        const char *of = wanted ? g_hash_table_lookup(self->paths, wanted) : NULL;
        bool brought = of && (g_hash_table_contains(context, of) || (with && g_str_equal(of, path_of_with)));
        if (!brought)
            copy_object(model, object);
    }
    copy_dependencies(self, model, context, path_of_with);
    schema_model_finish(model);
    return model;
}

static void take_texts(GPtrArray *into, const GPtrArray *texts, const char *path)
{
    for (guint i = 0; i < texts->len; i++)
        g_ptr_array_add(into, g_strdup_printf("%s: %s", path, (const char *)texts->pdata[i]));
}

static void append_way(GString *text, const char *path, const SchemaModel *before, const SchemaModel *after,
                       GPtrArray *warnings)
{
    g_autoptr(SchemaDiff) diff = schema_diff_new(before, after, NULL);
    g_autoptr(ChangeScript) script = schema_write(diff);
    take_texts(warnings, script->refusals, path);
    if (script->statements->len == 0)
        return;
    g_autofree char *part =
        change_script_text(script, schema_model_dialect(before), 0, script->statements->len);
    g_string_append_printf(text, "%s%s", text->len ? "\n" : "", part);
}

/* NULL: nothing is to be said. */
static char *group_text(const Sorting *self, const char *path, const GPtrArray *group, GPtrArray *warnings)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GHashTable) context = context_of(self, path, group);
    g_autoptr(GHashTable) late = late_objects(self, path, group);
    g_autoptr(SchemaModel) before = model_with(self, context, path, NULL, NULL);
    g_autoptr(SchemaModel) without = model_with(self, context, path, group, late);
    append_way(text, path, before, without, warnings);
    if (g_hash_table_size(late) > 0) {
        g_autoptr(SchemaModel) after = model_with(self, context, path, group, NULL);
        append_way(text, path, without, after, warnings);
    }
    return text->len ? g_strdup(text->str) : NULL;
}

/* ---- The dump ---- */

static void dump_file_free(gpointer data)
{
    SchemaDumpFile *self = data;
    g_free(self->path);
    g_free(self->text);
    g_free(self);
}

void schema_dump_free(SchemaDump *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->files);
    g_ptr_array_unref(self->warnings);
    g_free(self);
}

static int compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

SchemaDump *schema_dump_new(const SchemaModel *empty, const SchemaModel *model)
{
    SchemaDump *self = g_new0(SchemaDump, 1);
    g_auto(Sorting) sorting = {0};
    self->files = g_ptr_array_new_with_free_func(dump_file_free);
    self->warnings = g_ptr_array_new_with_free_func(g_free);
    sort_all(&sorting, empty, model);
    GList *paths = g_list_sort(g_hash_table_get_keys(sorting.groups), compare_texts);
    for (GList *each = paths; each; each = each->next) {
        const char *path = each->data;
        const GPtrArray *group = g_hash_table_lookup(sorting.groups, path);
        char *text = group_text(&sorting, path, group, self->warnings);
        if (!text)
            continue;
        SchemaDumpFile *file = g_new0(SchemaDumpFile, 1);
        *file = (SchemaDumpFile){.path = g_strdup(path), .text = text};
        g_ptr_array_add(self->files, file);
    }
    g_list_free(paths);
    return self;
}

char *schema_dump_text(const SchemaModel *empty, const SchemaModel *model)
{
    g_autoptr(SchemaDiff) diff = schema_diff_new(empty, model, NULL);
    g_autoptr(ChangeScript) script = schema_write(diff);
    return change_script_text(script, schema_model_dialect(model), 0, script->statements->len);
}
