/* Origins: owns the answer to "where did this value come from", found in the kept YAML when somebody asks
 * instead of being stored for each target. It refuses to show secrets. Any thread. */
#include "inventory/fleet_internal.h"

#include "inventory/secret.h"

#include <string.h>

typedef struct Finder {
    const TargetRecord *record;
    const Scope *scope;
    GPtrArray *rows; /* of TargetOrigin * */
} Finder;

static void origin_free(gpointer data)
{
    TargetOrigin *self = data;
    g_free(self->key);
    g_free(self->value);
    g_free(self->level);
    g_free(self);
}

/* What a source told has no place of its own: that of its `discover:` item is shown. */
static void add_row(Finder *finder, const char *key, const char *value, const char *level, SourcePlace place)
{
    if (g_str_equal(level, "discovered"))
        place = finder->record->target.place;
    TargetOrigin *row = g_new(TargetOrigin, 1);
    *row = (TargetOrigin){
        .key = g_strdup(key), .value = g_strdup(value), .level = g_strdup(level), .place = place};
    g_ptr_array_add(finder->rows, row);
}

static char *scope_level(const Scope *scope)
{
    return scope->parent == NULL ? g_strdup("defaults") : g_strdup_printf("group %s", scope->group.name);
}

/* The value of `key` (of `entry` in it, if not NULL) at one mapping. */
static const YamlNode *value_in(const YamlNode *mapping, const char *key, const char *entry)
{
    const YamlNode *value = yaml_get(mapping, key);
    return entry == NULL ? value : yaml_get(value, entry);
}

/* Where the nearest value of a key stands; NULL, with level "built-in", if nothing gives it. */
static const YamlNode *find_nearest(const Finder *finder, const char *key, const char *entry, char **level)
{
    const YamlNode *value = value_in(finder->record->item, key, entry);
    if (value != NULL) {
        *level = g_strdup(finder->record->target.discovered != NULL ? "discovered" : "target");
        return value;
    }
    for (const Scope *scope = finder->scope; scope != NULL; scope = scope->parent)
        for (guint i = 0; i < scope->mappings->len; i++) {
            value = value_in(g_ptr_array_index(scope->mappings, i), key, entry);
            if (value == NULL)
                continue;
            *level = scope_level(scope);
            return value;
        }
    bool of_group = entry != NULL && g_str_equal(key, "labels"); /* a source's group that is a label here */
    *level = g_strdup(of_group ? "discovered" : "built-in");
    return NULL;
}

static void add_found(Finder *finder, const char *row_key, const char *key, const char *entry,
                      const char *value)
{
    if (value == NULL)
        return;
    g_autofree char *level = NULL;
    const YamlNode *node = find_nearest(finder, key, entry, &level);
    add_row(finder, row_key, value, level, yaml_place(node));
}

/* "***", and the reference that leads to it; a command may itself hold something secret. */
static char *hidden(const char *text)
{
    if (!target_url_is_reference(text))
        return g_strdup("***");
    return g_str_has_prefix(text, "${cmd:") ? g_strdup("*** from ${cmd:…}")
                                            : g_strdup_printf("*** from %s", text);
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

static void add_map(Finder *finder, const char *key, GHashTable *map)
{
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(map), compare_texts);
    for (const GList *at = names; at != NULL; at = at->next) {
        const char *text = g_hash_table_lookup(map, at->data);
        g_autofree char *row_key = g_strdup_printf("%s.%s", key, (const char *)at->data);
        g_autofree char *value = secret_is_reference(text) ? hidden(text) : g_strdup(text);
        add_found(finder, row_key, key, at->data, value);
    }
}

static void add_place(Finder *finder)
{
    const Target *target = &finder->record->target;
    const YamlNode *item = finder->record->item;
    const YamlNode *url = yaml_get(item, "url");
    const char *level = target->discovered != NULL ? "discovered" : item == NULL ? "command line" : "target";
    add_row(finder, "name", target->name, level, target->place);
    if (target->discovered != NULL)
        add_row(finder, "discovered", target->discovered, level, target->place);
    g_autofree char *group_level = scope_level(finder->scope);
    if (target->group != NULL)
        add_row(finder, "group", target->group->name, group_level, target->group->place);
    g_autofree char *shown = db_url_display(target->url);
    add_row(finder, "url", shown, level, url != NULL ? yaml_place(url) : target->place);
}

static void add_credentials(Finder *finder)
{
    const Target *target = &finder->record->target;
    const char *text =
        target->password_reference != NULL ? target->password_reference : target->url->password;
    if (!finder->record->user_in_url)
        add_found(finder, "user", "user", NULL, target->url->user);
    if (text == NULL)
        return;
    g_autofree char *value = hidden(text);
    const YamlNode *url = yaml_get(finder->record->item, "url");
    if (finder->record->password_in_url)
        add_row(finder, "password", value, "url", url != NULL ? yaml_place(url) : target->place);
    else
        add_found(finder, "password", "password", NULL, value);
}

/* How near a level is: 0 for the target itself; far for what is built in. */
static unsigned distance(const Finder *finder, const char *key)
{
    if (yaml_get(finder->record->item, key) != NULL)
        return 0;
    unsigned steps = 1;
    for (const Scope *scope = finder->scope; scope != NULL; scope = scope->parent, steps++)
        for (guint i = 0; i < scope->mappings->len; i++)
            if (yaml_get(g_ptr_array_index(scope->mappings, i), key) != NULL)
                return steps;
    return G_MAXUINT;
}

static void add_life(Finder *finder)
{
    const Target *target = &finder->record->target;
    const char *key =
        target->life == TARGET_QUARANTINED || distance(finder, "quarantine") < distance(finder, "state")
            ? "quarantine"
            : "state";
    g_autoptr(GString) value = g_string_new(target_life_name(target->life));
    if (target->life_until != NULL)
        g_string_append_printf(value, " until %s", target->life_until);
    if (target->life_reason != NULL)
        g_string_append_printf(value, ": %s", target->life_reason);
    add_found(finder, "state", key, NULL, value->str);
}

static void add_settings(Finder *finder)
{
    unsigned count = 0;
    const InventoryKey *keys = inventory_keys(&count);
    for (unsigned i = 0; i < count; i++) {
        if (keys[i].show == NULL)
            continue;
        const char *name = keys[i].name, *parent = keys[i].parent;
        g_autofree char *value = keys[i].show(&keys[i], &finder->record->target.settings);
        g_autofree char *row = parent != NULL ? g_strdup_printf("%s.%s", parent, name) : g_strdup(name);
        add_found(finder, row, parent != NULL ? parent : name, parent != NULL ? name : NULL, value);
    }
}

GPtrArray *fleet_target_origins(const Fleet *self, const Target *target)
{
    Finder finder = {.record = (const TargetRecord *)target,
                     .scope = fleet_scope_of(self, target),
                     .rows = g_ptr_array_new_with_free_func(origin_free)};
    add_place(&finder);
    add_credentials(&finder);
    add_found(&finder, "schema", "schema", NULL, target->schema);
    add_found(&finder, "track", "track", NULL, target->track);
    add_life(&finder);
    add_settings(&finder);
    add_map(&finder, "labels", target->labels);
    add_map(&finder, "vars", target->vars);
    return finder.rows;
}
