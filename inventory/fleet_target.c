/* Targets of a fleet: owns the step from one list item (with its ranges) to targets with settings, endpoint
 * and name. It refuses to judge a target by others: fleet_add.c does. The loading thread only. */
#include "inventory/fleet_internal.h"

#include "inventory/range.h"
#include "inventory/secret.h"

#include <string.h>

/* One item while its targets are made. */
typedef struct Item {
    const Scope *scope;
    const YamlNode *node;   /* NULL for a URL from the command line */
    const YamlNode *labels; /* the item's own, if they are mappings */
    const YamlNode *vars;
    const char *name; /* NULL: made from the URL */
    const char *url;
    SourcePlace place;
    SourcePlace url_place;
    char *folder; /* where relative paths start */
    Inherited inherited;
    RangeSet *ranges;
} Item;

static void item_clear(Item *self)
{
    inherited_clear(&self->inherited);
    range_set_free(self->ranges);
    g_free(self->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Item, item_clear)

static Item item_of(const Scope *scope, const YamlNode *node)
{
    return (Item){.scope = scope,
                  .node = node,
                  .place = yaml_place(node),
                  .url_place = yaml_place(node),
                  .inherited = inherited_copy(&scope->inherited),
                  .ranges = range_set_new()};
}

/* --- ranges --- */

static bool ranges_add(Item *item, const char *text, SourcePlace place, Loader *loader)
{
    g_autoptr(GError) error = NULL;
    if (text == NULL || range_set_add(item->ranges, text, TARGETS_MAX, &error))
        return true;
    diagnostics_error(loader->problems, place, "%s", error->message);
    return false;
}

static bool ranges_add_map(Item *item, const YamlNode *map, Loader *loader)
{
    bool good = true;
    for (unsigned i = 0; i < yaml_length(map); i++)
        if (!ranges_add(item, yaml_text(yaml_at(map, i)), yaml_place(yaml_at(map, i)), loader))
            good = false;
    return good;
}

static const YamlNode *own_mapping(const YamlNode *node, const char *key)
{
    const YamlNode *value = yaml_get(node, key);
    return yaml_kind(value) == YAML_MAPPING ? value : NULL;
}

/* Collects the ranges of all texts that follow them; with a name given, each must also be in the name. */
static bool item_collect_ranges(Item *item, Loader *loader)
{
    if (item->name != NULL && !ranges_add(item, item->name, item->place, loader))
        return false;
    unsigned in_name = range_set_variables(item->ranges);
    if (!ranges_add(item, item->url, item->url_place, loader))
        return false;
    if (range_set_variables(item->ranges) == 0)
        return true;
    const YamlNode *schema = yaml_get(item->node, "schema"), *password = yaml_get(item->node, "password");
    const char *reference = secret_is_reference(yaml_text(password)) ? yaml_text(password) : NULL;
    if (!ranges_add(item, yaml_text(schema), yaml_place(schema), loader) ||
        !ranges_add(item, reference, yaml_place(password), loader))
        return false;
    item->labels = own_mapping(item->node, "labels");
    item->vars = own_mapping(item->node, "vars");
    if (!ranges_add_map(item, item->labels, loader) || !ranges_add_map(item, item->vars, loader))
        return false;
    if (item->name == NULL || range_set_variables(item->ranges) == in_name)
        return true;
    diagnostics_error(
        loader->problems, item->place,
        "a range of this target is not in its name, so that %u targets would have one name: repeat the "
        "range in the name '%s'",
        range_set_length(item->ranges), item->name);
    return false;
}

/* --- one target --- */

/* A text of the item for the index-th target, owned by the fleet. */
static char *item_text(const Item *item, Loader *loader, const char *text, unsigned index)
{
    if (text == NULL || range_set_variables(item->ranges) == 0)
        return fleet_intern(loader->fleet, text);
    g_autofree char *expanded = range_set_expand(item->ranges, text, index);
    return fleet_intern(loader->fleet, expanded);
}

/* The same for the value of an inherited key: ranges are read only where the item itself gives the value. */
static char *item_value(const Item *item, Loader *loader, const char *key, const char *text, unsigned index)
{
    bool own = yaml_get(item->node, key) != NULL;
    return own ? item_text(item, loader, text, index) : fleet_intern(loader->fleet, text);
}

/* The inherited labels or vars; a table of the target's own where the item's entries hold ranges. */
static GHashTable *item_map(const Item *item, Loader *loader, GHashTable *inherited, const YamlNode *own,
                            unsigned index)
{
    GHashTable *expanded = NULL;
    for (unsigned i = 0; i < yaml_length(own); i++) {
        const char *text = yaml_text(yaml_at(own, i));
        if (text == NULL || !range_is_in(text))
            continue;
        if (expanded == NULL) {
            GHashTableIter iter;
            gpointer key, value;
            expanded = g_hash_table_new(g_str_hash, g_str_equal);
            g_hash_table_iter_init(&iter, inherited);
            while (g_hash_table_iter_next(&iter, &key, &value))
                g_hash_table_insert(expanded, key, value);
        }
        g_hash_table_insert(expanded, (gpointer)yaml_key_at(own, i), item_text(item, loader, text, index));
    }
    return expanded != NULL ? expanded : g_hash_table_ref(inherited);
}

static bool check_scheme(const DbUrl *url, const Item *item, Loader *loader)
{
    const char *const *known = loader->options->schemes;
    const char *const *with_schemas = loader->options->schema_schemes;
    if (known != NULL && !g_strv_contains(known, url->scheme)) {
        g_autofree char *all = g_strjoinv(", ", (char **)known);
        diagnostics_error(loader->problems, item->url_place,
                          "this dbfleet was built without a driver for %s: it has %s", url->scheme, all);
        return false;
    }
    if (item->inherited.schema == NULL || with_schemas == NULL || g_strv_contains(with_schemas, url->scheme))
        return true;
    const YamlNode *own = yaml_get(item->node, "schema");
    diagnostics_error(
        loader->problems, own != NULL ? yaml_place(own) : item->place,
        "the schema '%s' says nothing to a %s database, which has no schemas: name the database in the URL",
        item->inherited.schema, url->scheme);
    return false;
}

/* A password in the URL: warned of if it is a literal of a file, refused if the item gives another. */
static void check_url_password(const Item *item, const DbUrl *url, const char *reference, Loader *loader)
{
    const YamlNode *other = yaml_get(item->node, "password");
    if (other != NULL && (url->password != NULL || reference != NULL))
        diagnostics_error(loader->problems, yaml_place(other),
                          "the URL of this target has a password already: keep one of the two");
    if (item->node != NULL && url->password != NULL && !target_url_is_reference(item->url))
        diagnostics_warning(loader->problems, item->url_place, LITERAL_PASSWORD);
}

/* Nearest wins: a user or password in the URL outranks any other. */
static void take_credentials(TargetRecord *record, const Item *item, const char *reference, Loader *loader,
                             unsigned index)
{
    Target *target = &record->target;
    const Inherited *values = &item->inherited;
    record->user_in_url = target->url->user != NULL;
    record->password_in_url = reference != NULL || target->url->password != NULL;
    if (db_url_is_sqlite(target->url))
        return;
    if (target->url->user == NULL)
        target->url->user = g_strdup(values->user);
    target->password_reference = fleet_intern(loader->fleet, reference);
    if (record->password_in_url || values->password == NULL)
        return;
    if (secret_is_reference(values->password))
        target->password_reference = item_value(item, loader, "password", values->password, index);
    else
        target->url->password = g_strdup(values->password);
}

static void take_inherited(Target *target, const Item *item, Loader *loader, unsigned index)
{
    const Inherited *values = &item->inherited;
    target->settings = values->settings;
    if (target->settings.backup.folder == NULL) {
        g_autofree char *folder = g_build_filename(loader->fleet->folder, "backups", NULL);
        target->settings.backup.folder = fleet_intern(loader->fleet, folder);
    }
    target->schema = item_value(item, loader, "schema", values->schema, index);
    target->track = fleet_intern(loader->fleet, values->track);
    target->life = values->life;
    target->life_reason = fleet_intern(loader->fleet, values->life_reason);
    target->life_until = fleet_intern(loader->fleet, values->life_until);
    target->labels = item_map(item, loader, values->labels, item->labels, index);
    target->vars = item_map(item, loader, values->vars, item->vars, index);
}

/* Where the target's state is kept, as far as is known. */
static const char *table_of(const Target *target, const FleetOptions *options)
{
    for (gsize i = 0; options->track_tables != NULL && options->tracks[i] != NULL; i++)
        if (g_str_equal(options->tracks[i], target->track))
            return options->track_tables[i];
    return target->track;
}

static void take_endpoint(TargetRecord *record, Loader *loader)
{
    Target *target = &record->target;
    g_autofree char *endpoint = db_url_endpoint(target->url);
    g_autofree char *server = db_url_server(target->url);
    g_autofree char *with_schema =
        target->schema == NULL ? NULL : g_strdup_printf("%s#%s", endpoint, target->schema);
    target->endpoint =
        g_string_chunk_insert(loader->fleet->chunk, with_schema != NULL ? with_schema : endpoint);
    target->server = fleet_intern(loader->fleet, server);
    record->table = fleet_intern(loader->fleet, table_of(target, loader->options));
}

static char *target_name(const Item *item, Loader *loader, const DbUrl *url, unsigned index)
{
    if (item->name != NULL)
        return item_text(item, loader, item->name, index);
    g_autofree char *name = target_url_name(url);
    return fleet_intern(loader->fleet, name);
}

/* The URL of the index-th target, or NULL after an error (a warning where secrets may be missing). */
static DbUrl *item_url(const Item *item, Loader *loader, unsigned index, char **reference)
{
    g_autofree char *text = range_set_expand(item->ranges, item->url, index);
    g_autoptr(GError) error = NULL;
    g_autoptr(DbUrl) url = target_url_read(text, item->folder, reference, &error);
    if (url != NULL)
        return check_scheme(url, item, loader) ? g_steal_pointer(&url) : NULL;
    bool missing = g_error_matches(error, SECRET_ERROR, SECRET_ERROR_UNRESOLVED);
    if (missing && loader->options->allow_missing_environment)
        diagnostics_warning(loader->problems, item->url_place, "this target is not checked: %s",
                            error->message);
    else
        diagnostics_error(loader->problems, item->url_place, "%s", error->message);
    return NULL;
}

static TargetRecord *record_new(const Item *item, DbUrl *url)
{
    TargetRecord *record = g_new0(TargetRecord, 1);
    record->item = item->node;
    record->target.url = url;
    record->target.group = item->scope->group.name == NULL ? NULL : &item->scope->group;
    record->target.place = item->place;
    return record;
}

/* False when the other targets of the item would meet the same problem. */
static bool item_make_target(const Item *item, Loader *loader, unsigned index)
{
    g_autofree char *reference = NULL;
    DbUrl *url = item_url(item, loader, index, &reference);
    if (url == NULL)
        return false;
    if (index == 0)
        check_url_password(item, url, reference, loader);
    TargetRecord *record = record_new(item, url);
    record->target.name = target_name(item, loader, url, index);
    take_credentials(record, item, reference, loader, index);
    take_inherited(&record->target, item, loader, index);
    take_endpoint(record, loader);
    bool named = inventory_name_check(record->target.name, "target", item->place, loader->problems);
    fleet_add(loader, record);
    return named;
}

static void item_make_targets(Item *item, Loader *loader)
{
    if (!item_collect_ranges(item, loader))
        return;
    unsigned length = range_set_length(item->ranges);
    if (loader->fleet->targets->len + length > TARGETS_MAX) {
        diagnostics_error(loader->problems, item->place,
                          "more than %u targets: this is the limit of one inventory", TARGETS_MAX);
        return;
    }
    for (unsigned i = 0; i < length; i++)
        if (!item_make_target(item, loader, i))
            return;
}

/* --- items --- */

static bool read_item_mapping(Item *item, Loader *loader)
{
    const YamlNode *name = yaml_get(item->node, "name"), *url = yaml_get(item->node, "url");
    g_autofree const char **known = inventory_key_names(LEVEL_TARGET);
    yaml_check_keys(item->node, "a target", known, loader->problems);
    inherited_apply(&item->inherited, &item->node, 1, LEVEL_TARGET, "the target", loader);
    if (name != NULL && !yaml_as_text(name, "name", &item->name, loader->problems))
        return false;
    if (url == NULL)
        diagnostics_error(loader->problems, item->place, "the target %s%s has no url",
                          item->name != NULL ? item->name : "", item->name != NULL ? "" : "here");
    if (url == NULL || !yaml_as_text(url, "url", &item->url, loader->problems))
        return false;
    item->place = name != NULL ? yaml_place(name) : item->place;
    item->url_place = yaml_place(url);
    return true;
}

void targets_add_item(Loader *loader, const Scope *scope, const YamlNode *node)
{
    g_auto(Item) item = item_of(scope, node);
    g_autofree char *folder = g_path_get_dirname(item.place.file);
    item.folder = g_canonicalize_filename(folder, NULL);
    item.url = yaml_text(node);
    if (item.url == NULL && yaml_kind(node) != YAML_MAPPING) {
        diagnostics_error(loader->problems, item.place,
                          "a target must be a mapping with name and url, or a URL, not %s",
                          yaml_kind_name(yaml_kind(node)));
        return;
    }
    if (item.url != NULL || read_item_mapping(&item, loader))
        item_make_targets(&item, loader);
}

void targets_add_file(Loader *loader, const Scope *scope, const YamlNode *node, const char *name,
                      const char *path)
{
    g_auto(Item) item = item_of(scope, node);
    g_autoptr(DbUrl) url = db_url_new_sqlite(path);
    if (!check_scheme(url, &item, loader))
        return;
    TargetRecord *record = record_new(&item, g_steal_pointer(&url));
    record->target.name = fleet_intern(loader->fleet, name);
    take_inherited(&record->target, &item, loader, 0);
    take_endpoint(record, loader);
    fleet_add(loader, record);
}

void targets_add_url(Loader *loader, const char *url)
{
    g_auto(Item) item = item_of(g_ptr_array_index(loader->fleet->scopes, 0), NULL);
    item.url = url;
    item.folder = g_strdup(loader->fleet->folder);
    if (loader->options->url_track != NULL)
        item.inherited.track = loader->options->url_track;
    item_make_target(&item, loader, 0);
}

/* --- what a source tells --- */

/* The URL as told is data; one that is written may hold references. */
static DbUrl *found_url(const FoundTarget *found, Item *item, Loader *loader, char **reference)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbUrl) url = target_url_read(found->url, item->folder, reference, &error);
    if (url == NULL) {
        diagnostics_error(loader->problems, item->url_place, "%s", error->message);
        return NULL;
    }
    const char *const *with_schemas = loader->options->schema_schemes;
    bool is_schema = with_schemas == NULL || g_strv_contains(with_schemas, url->scheme);
    if (found->schema != NULL && is_schema)
        item->inherited.schema = found->schema;
    if (found->schema != NULL && !is_schema) {
        g_free(url->database);
        url->database = g_strdup(found->schema);
    }
    return check_scheme(url, item, loader) ? g_steal_pointer(&url) : NULL;
}

/* The item that a source's target, or the source itself, is made as. */
static Item outside_item(Loader *loader, const Scope *scope, const YamlNode *node, const YamlNode *discover,
                         const char *url)
{
    Item item = item_of(scope, node);
    item.place = item.url_place = yaml_place(discover);
    item.folder = g_strdup(loader->fleet->folder);
    item.url = url;
    return item;
}

/* Groups of the source that the inventory does not write: what they tell apart can be selected all the same.
 */
static void add_group_labels(Item *item, const YamlNode *groups, const Loader *loader)
{
    for (unsigned i = 0; i < yaml_length(groups); i++) {
        const char *name = yaml_text(yaml_at(groups, i));
        if (name != NULL && *name != '\0' && strpbrk(name, "=:,") == NULL &&
            !g_hash_table_contains(loader->fleet->groups, name))
            inherited_add_label(&item->inherited, name, "true");
    }
}

bool targets_add_found(Loader *loader, const Scope *scope, const FoundTarget *found, bool *has_password)
{
    unsigned errors_before = diagnostics_count(loader->problems, DIAGNOSTIC_ERROR);
    g_autofree char *reference = NULL;
    g_auto(Item) item = outside_item(loader, scope, found->node, found->item, found->url);
    if (found->node != NULL)
        inherited_apply(&item.inherited, &found->node, 1, LEVEL_FOUND, "the target", loader);
    add_group_labels(&item, yaml_get(found->node, "groups"), loader);
    DbUrl *url = found_url(found, &item, loader, &reference);
    if (url == NULL)
        return false;
    *has_password = !found->url_is_written && url->password != NULL;
    TargetRecord *record = record_new(&item, url);
    record->item = found->node != NULL ? found->node : found->item;
    record->target.discovered = fleet_intern(loader->fleet, found->discovered);
    record->target.name = fleet_intern(loader->fleet, found->name);
    take_credentials(record, &item, reference, loader, 0);
    take_inherited(&record->target, &item, loader, 0);
    take_endpoint(record, loader);
    fleet_add(loader, record);
    return diagnostics_count(loader->problems, DIAGNOSTIC_ERROR) == errors_before;
}

TargetRecord *targets_make_source(Loader *loader, const Scope *scope, const YamlNode *discover,
                                  const YamlNode *url_node)
{
    g_autofree char *reference = NULL;
    g_auto(Item) item = outside_item(loader, scope, NULL, discover, yaml_text(url_node));
    item.inherited.schema = NULL; /* of the targets, not of what tells them */
    item.url_place = yaml_place(url_node);
    item.node = discover;
    DbUrl *url = item_url(&item, loader, 0, &reference);
    if (url == NULL)
        return NULL;
    check_url_password(&item, url, reference, loader);
    TargetRecord *record = record_new(&item, url);
    record->target.name = fleet_intern(loader->fleet, "source");
    take_credentials(record, &item, reference, loader, 0);
    take_inherited(&record->target, &item, loader, 0);
    take_endpoint(record, loader);
    return record;
}
