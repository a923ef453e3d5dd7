/* Discovery: owns the items of `discover:`, and how what a source told becomes targets: as data, item by
 * item, each problem with the source and the item's number. It refuses a smaller fleet than was asked for: a
 * source that fails, tells too few or tells something that is not understood is an error. The loading thread
 * only. */
#include "inventory/discover_internal.h"

#include "base/suggest.h"
#include "inventory/secret.h"

#include <string.h>

#define TIMEOUT_MS (30 * 1000)
#define TIMEOUT_MAX_MS (60 * 60 * 1000)
#define SIMPLEST "{sqlite: \"folder/*.db\"}"
/* Items with problems that are told of one source: the others most likely have the same. */
#define BAD_ITEMS_TOLD 10

char *discovery_name(const char *template, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(template, "{name}", -1);
    g_autofree char *text = g_strjoinv(name, parts);
    return inventory_name_from(text);
}

/* --- what is written --- */

static const char *const KIND_KEYS[] = {"sqlite", "sql", "schemas", "http", "exec"};

/* The one key that says where to look; NULL after an error. */
static const char *kind_key(const YamlNode *item, Diagnostics *problems)
{
    const char *found = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(KIND_KEYS); i++) {
        if (yaml_get(item, KIND_KEYS[i]) == NULL)
            continue;
        if (found != NULL) {
            diagnostics_error(problems, yaml_place(item),
                              "this item of discover has '%s' and '%s': make two items of them", found,
                              KIND_KEYS[i]);
            return NULL;
        }
        found = KIND_KEYS[i];
    }
    if (found == NULL)
        diagnostics_error(
            problems, yaml_place(item),
            "this item of discover says nowhere to look: it needs one of sqlite, sql, schemas, http, "
            "exec, as in " SIMPLEST);
    return found;
}

static bool read_template(const YamlNode *item, const char **template, Diagnostics *problems)
{
    const YamlNode *name = yaml_get(item, "name");
    *template = "{name}";
    if (name == NULL)
        return true;
    if (!yaml_as_text(name, "name", template, problems))
        return false;
    if (strstr(*template, "{name}") != NULL)
        return true;
    diagnostics_error(problems, yaml_place(name),
                      "this name has no {name} in it, so that all targets found would have one name");
    return false;
}

static bool read_duration(const YamlNode *item, const char *key, gint64 maximum_ms, gint64 *value,
                          Diagnostics *problems)
{
    const YamlNode *node = yaml_get(item, key);
    if (node == NULL)
        return true;
    if (!yaml_as_duration(node, key, value, problems))
        return false;
    if (*value > 0 && *value <= maximum_ms)
        return true;
    diagnostics_error(problems, yaml_place(node), "%s must be more than nothing and at most %s", key,
                      maximum_ms == TIMEOUT_MAX_MS ? "1h" : "7d");
    return false;
}

static bool read_limits(DiscoverySpec *self, Diagnostics *problems)
{
    const YamlNode *minimum = yaml_get(self->item, "min");
    self->minimum = 1;
    self->timeout_ms = TIMEOUT_MS;
    bool good = minimum == NULL || yaml_as_unsigned(minimum, "min", 0, TARGETS_MAX, &self->minimum, problems);
    good = read_duration(self->item, "cache", G_GINT64_CONSTANT(7) * 24 * 60 * 60 * 1000, &self->cache_ms,
                         problems) &&
           good;
    return read_duration(self->item, "timeout", TIMEOUT_MAX_MS, &self->timeout_ms, problems) && good;
}

static void read_source(Loader *loader, const Scope *scope, const YamlNode *item, const char *key,
                        const char *template)
{
    DiscoverySpec *spec = g_new0(DiscoverySpec, 1);
    *spec = (DiscoverySpec){.kind = discovery_kind_find(key), .scope = scope, .item = item, .name = template};
    bool good = read_limits(spec, loader->problems);
    if (discovery_spec_read(spec, yaml_get(item, key), loader) && good)
        g_ptr_array_add(loader->sources, spec);
    else
        discovery_spec_free(spec);
}

static void read_files(Loader *loader, const Scope *scope, const YamlNode *item, const char *template)
{
    static const char *const OUTSIDE_ONLY[] = {"cache", "timeout", "min"};
    const char *pattern = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(OUTSIDE_ONLY); i++)
        if (yaml_get(item, OUTSIDE_ONLY[i]) != NULL)
            diagnostics_error(loader->problems, yaml_place(yaml_get(item, OUTSIDE_ONLY[i])),
                              "%s says nothing to sqlite, whose files are looked up at once",
                              OUTSIDE_ONLY[i]);
    if (yaml_as_text(yaml_get(item, "sqlite"), "sqlite", &pattern, loader->problems))
        discover_sqlite(loader, scope, item, pattern, template);
}

void targets_discover(Loader *loader, const Scope *scope, const YamlNode *item)
{
    Diagnostics *problems = loader->problems;
    if (yaml_kind(item) != YAML_MAPPING) {
        diagnostics_error(problems, yaml_place(item),
                          "an item of discover must be written " SIMPLEST ", not %s",
                          yaml_kind_name(yaml_kind(item)));
        return;
    }
    g_autofree const char **known = inventory_key_names(LEVEL_DISCOVER);
    const char *template = NULL;
    bool good = yaml_check_keys(item, "discover", known, problems);
    const char *key = good ? kind_key(item, problems) : NULL;
    if (!read_template(item, &template, problems) || key == NULL)
        return;
    if (g_str_equal(key, "sqlite"))
        read_files(loader, scope, item, template);
    else
        read_source(loader, scope, item, key, template);
}

/* --- one target --- */

/* An answer while its targets are made. */
typedef struct Answer {
    const DiscoverySpec *spec;
    Loader *loader;
    unsigned number; /* of the item, from 1 */
    bool has_passwords;
} Answer;

/* What a source tells is data: a reference would have it read files, the environment, or run programs here.
 */
static bool refuse_references(const YamlNode *node, Answer *answer)
{
    const char *text = yaml_text(node);
    if (text != NULL && secret_is_reference(text)) {
        diagnostics_error(
            answer->loader->problems, yaml_place(answer->spec->item),
            "a reference ${…} cannot come from a source: what it tells is data; write the reference "
            "into the group, where its targets inherit it");
        return false;
    }
    for (unsigned i = 0; i < yaml_length(node); i++)
        if (!refuse_references(yaml_at(node, i), answer))
            return false;
    return true;
}

static bool is_below(const Scope *scope, const Scope *above)
{
    for (; scope != NULL; scope = scope->parent)
        if (scope == above)
            return true;
    return false;
}

/* `group`: one that the inventory writes, the one that looks or below it. */
static const Scope *scope_of_group(const YamlNode *node, Answer *answer)
{
    const Fleet *fleet = answer->loader->fleet;
    const Scope *own = answer->spec->scope;
    const char *name = NULL;
    SourcePlace place = yaml_place(answer->spec->item);
    if (!yaml_as_text(node, "group", &name, answer->loader->problems))
        return NULL;
    const Scope *scope = g_hash_table_lookup(fleet->groups, name);
    if (scope != NULL && is_below(scope, own))
        return scope;
    guint count = 0;
    g_autofree const char **names = (const char **)g_hash_table_get_keys_as_array(fleet->groups, &count);
    const char *nearest = scope == NULL ? suggest_nearest(name, names, count) : NULL;
    if (scope != NULL)
        diagnostics_error(answer->loader->problems, place,
                          "the group '%s' is not below '%s', which looks for targets here", name,
                          own->group.name);
    else
        diagnostics_error(
            answer->loader->problems, place,
            "there is no group '%s' in the inventory%s%s%s (a new one is written there, if only as %s: {})",
            name, nearest != NULL ? ": did you mean '" : "", nearest != NULL ? nearest : "",
            nearest != NULL ? "'?" : "", name);
    return NULL;
}

/* `groups`, as Ansible has them: of those that the inventory writes, the innermost one. NULL after an error.
 */
static const Scope *scope_of_groups(const YamlNode *groups, const Scope *scope, Answer *answer)
{
    for (unsigned i = 0; i < yaml_length(groups); i++) {
        const char *name = yaml_text(yaml_at(groups, i));
        const Scope *other = name != NULL ? g_hash_table_lookup(answer->loader->fleet->groups, name) : NULL;
        if (other == NULL || is_below(scope, other) || !is_below(other, answer->spec->scope))
            continue;
        if (!is_below(other, scope)) {
            diagnostics_error(
                answer->loader->problems, yaml_place(answer->spec->item),
                "it is in the groups '%s' and '%s' of the inventory, and neither is below the other",
                scope->group.name, name);
            return NULL;
        }
        scope = other;
    }
    return scope;
}

/* Its place in the inventory; NULL after an error. */
static const Scope *scope_of(const YamlNode *node, Answer *answer)
{
    const YamlNode *group = yaml_get(node, "group"), *groups = yaml_get(node, "groups");
    const Scope *scope = group != NULL ? scope_of_group(group, answer) : answer->spec->scope;
    if (groups == NULL || scope == NULL)
        return scope;
    if (yaml_kind(groups) == YAML_SEQUENCE)
        return scope_of_groups(groups, scope, answer);
    diagnostics_error(answer->loader->problems, yaml_place(answer->spec->item),
                      "groups must be a list of names");
    return NULL;
}

/* A text that must be there and say something. */
static const char *needed_text(const YamlNode *node, const char *key, Answer *answer)
{
    const char *text = NULL;
    const YamlNode *value = yaml_get(node, key);
    SourcePlace place = yaml_place(answer->spec->item);
    if (value != NULL && !yaml_as_text(value, key, &text, answer->loader->problems))
        return NULL;
    if (text != NULL && *text != '\0')
        return text;
    diagnostics_error(answer->loader->problems, place, "it has no %s%s", key,
                      g_str_equal(key, "url") && yaml_get(node, "groups") != NULL ? " (dbfleet_url)" : "");
    return NULL;
}

static bool add_mapping(const YamlNode *node, FoundTarget *found, Answer *answer)
{
    g_autofree const char **known = inventory_key_names(LEVEL_FOUND);
    if (yaml_kind(node) != YAML_MAPPING) {
        diagnostics_error(answer->loader->problems, found->place, "it is %s, not a mapping with name and url",
                          yaml_kind_name(yaml_kind(node)));
        return false;
    }
    bool good = refuse_references(node, answer) &&
                yaml_check_keys(node, "a target that is found", known, answer->loader->problems);
    const char *name = needed_text(node, "name", answer), *url = needed_text(node, "url", answer);
    const Scope *scope = good && name != NULL && url != NULL ? scope_of(node, answer) : NULL;
    if (scope == NULL)
        return false;
    g_autofree char *shown = discovery_name(answer->spec->name, name);
    bool has_password = false;
    found->node = node;
    found->name = shown;
    found->url = url;
    good = targets_add_found(answer->loader, scope, found, &has_password);
    answer->has_passwords |= has_password;
    return good;
}

static bool add_schema(const YamlNode *node, FoundTarget *found, Answer *answer)
{
    bool has_password = false;
    g_autofree char *shown = discovery_name(answer->spec->name, yaml_text(node));
    found->name = shown;
    found->url = answer->spec->url;
    found->url_is_written = true;
    found->schema = yaml_text(node);
    return targets_add_found(answer->loader, answer->spec->scope, found, &has_password);
}

/* --- an answer --- */

/* "row 7 (acme)". Caller frees. */
static char *item_shown(const YamlNode *node, const Answer *answer)
{
    const char *name = yaml_kind(node) == YAML_MAPPING ? yaml_text(yaml_get(node, "name")) : yaml_text(node);
    return g_strdup_printf("%s %u%s%s%s", discovery_kind_word(answer->spec->kind), answer->number,
                           name != NULL ? " (" : "", name != NULL ? name : "", name != NULL ? ")" : "");
}

/* Hands the problems of one item on, with the source and the item in front. */
static void tell_problems(const Diagnostics *own, const char *shown, const Answer *answer,
                          Diagnostics *problems)
{
    const GPtrArray *list = diagnostics_list(own);
    SourcePlace place = yaml_place(answer->spec->item);
    for (guint i = 0; i < list->len; i++) {
        const Diagnostic *problem = list->pdata[i];
        if (problem->level == DIAGNOSTIC_ERROR)
            diagnostics_error(problems, place, "%s, %s: %s", answer->spec->shown, shown, problem->message);
        else
            diagnostics_warning(problems, place, "%s, %s: %s", answer->spec->shown, shown, problem->message);
    }
}

/* False after an error. */
static bool add_item(const YamlNode *node, Answer *answer)
{
    Loader *loader = answer->loader;
    Diagnostics *problems = loader->problems;
    g_autoptr(Diagnostics) own = diagnostics_new();
    g_autofree char *shown = item_shown(node, answer);
    g_autofree char *discovered = g_strdup_printf("%s, %s %u", answer->spec->shown,
                                                  discovery_kind_word(answer->spec->kind), answer->number);
    FoundTarget found = {
        .item = answer->spec->item, .discovered = discovered, .place = yaml_place(answer->spec->item)};
    loader->problems = own;
    bool good = discovery_finds_schemas(answer->spec) ? add_schema(node, &found, answer)
                                                      : add_mapping(node, &found, answer);
    loader->problems = problems;
    tell_problems(own, shown, answer, problems);
    return good;
}

static bool add_items(const YamlNode *list, Answer *answer)
{
    Loader *loader = answer->loader;
    unsigned bad = 0;
    for (unsigned i = 0; i < yaml_length(list) && bad < BAD_ITEMS_TOLD; i++) {
        answer->number = i + 1;
        if (loader->fleet->targets->len >= TARGETS_MAX) {
            diagnostics_error(loader->problems, yaml_place(answer->spec->item),
                              "more than %u targets: this is the limit of one inventory", TARGETS_MAX);
            return false;
        }
        bad += !add_item(yaml_at(list, i), answer);
    }
    if (bad == BAD_ITEMS_TOLD && answer->number < yaml_length(list))
        diagnostics_error(loader->problems, yaml_place(answer->spec->item),
                          "%s: only the first %u with problems are told; %u more were not looked at",
                          answer->spec->shown, bad, yaml_length(list) - answer->number);
    return bad == 0;
}

/* The tree stays with the fleet, whose texts are in it. NULL: an answer that was kept was written by
 * something else. */
static const YamlNode *parse(const char *text, Loader *loader)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    YamlTree *tree = yaml_tree_parse(text, strlen(text), "answer", problems);
    if (tree == NULL) {
        const Diagnostic *first = diagnostics_list(problems)->pdata[0];
        diagnostics_error(loader->problems, (SourcePlace){0}, "%s", first->message);
        return NULL;
    }
    g_ptr_array_add(loader->fleet->trees, tree);
    return yaml_tree_root(tree);
}

static bool take_answer(const char *text, Answer *answer)
{
    const DiscoverySpec *spec = answer->spec;
    const YamlNode *list = parse(text, answer->loader);
    unsigned count = yaml_length(list);
    if (list == NULL)
        return false;
    if (count < spec->minimum) {
        diagnostics_error(answer->loader->problems, yaml_place(spec->item),
                          "%s told %u %s, fewer than min: %u%s", spec->shown, count,
                          count == 1 ? "target" : "targets", spec->minimum,
                          yaml_get(spec->item, "min") == NULL ? " (min: 0 says that none may be right)" : "");
        return false;
    }
    return add_items(list, answer);
}

/* --- asking --- */

static void keep_answer(const char *folder, const char *digest, const char *text, const Answer *answer)
{
    const Loader *loader = answer->loader;
    g_autoptr(GError) error = NULL;
    SourcePlace place = yaml_place(answer->spec->item);
    if (answer->has_passwords)
        diagnostics_warning(loader->problems, place,
                            "%s told passwords in its URLs: its answer is not kept (cache)",
                            answer->spec->shown);
    else if (!answer_cache_write(folder, digest, text, loader->options->now_unix_us, &error))
        diagnostics_warning(loader->problems, place, "the answer of %s could not be kept: %s",
                            answer->spec->shown, error->message);
}

/* What the source tells now, or told a short while ago; NULL after an error, or where nobody can ask. */
static char *answer_of(const DiscoverySpec *spec, const char *folder, const char *digest, Loader *loader,
                       bool *is_new)
{
    const FleetOptions *options = loader->options;
    g_autoptr(GError) error = NULL;
    char *kept = folder != NULL && !options->renew
                     ? answer_cache_read(folder, digest, spec->cache_ms, options->now_unix_us)
                     : NULL;
    if (kept != NULL)
        return kept;
    if (options->sources == NULL || !discovery_can_be_asked(spec)) {
        loader->fleet->unasked++;
        return NULL;
    }
    *is_new = true;
    char *told = discovery_ask(spec, loader, &error);
    if (told == NULL)
        diagnostics_error(loader->problems, yaml_place(spec->item), "%s: %s", spec->shown, error->message);
    return told;
}

static void ask_source(const DiscoverySpec *spec, Loader *loader)
{
    bool is_new = false;
    const char *folder = spec->cache_ms > 0 ? loader->options->cache_folder : NULL;
    g_autofree char *digest = folder != NULL ? discovery_digest(spec, loader) : NULL;
    g_autofree char *text = answer_of(spec, folder, digest, loader, &is_new);
    Answer answer = {.spec = spec, .loader = loader};
    if (text != NULL && take_answer(text, &answer) && is_new && folder != NULL)
        keep_answer(folder, digest, text, &answer);
}

void targets_ask_sources(Loader *loader)
{
    for (guint i = 0; i < loader->sources->len; i++)
        ask_source(loader->sources->pdata[i], loader);
}
