/* Ansible's --list: owns how groups, hosts and variables become a list of targets. Of a host's variables
 * those that begin with dbfleet_ count; groups are told by name, and what they mean is the fleet's business.
 * Pure; any thread. https://docs.ansible.com/ansible/latest/dev_guide/developing_inventory.html */
#include "inventory/discover_internal.h"

#include "base/json_out.h"

#include <string.h>

#define PREFIX "dbfleet_"

/* Groups that say nothing: every host is in the first, and the second is for those in no other. */
static const char *const EVERYBODY[] = {"all", "ungrouped", NULL};

typedef struct AnsibleGroup {
    const char *name;
    const YamlNode *vars;
    GPtrArray *parents; /* of AnsibleGroup * */
} AnsibleGroup;

typedef struct Host {
    const char *name;
    GPtrArray *groups; /* of AnsibleGroup *: those that list it */
} Host;

typedef struct Ansible {
    GHashTable *groups; /* name -> AnsibleGroup * */
    GHashTable *hosts;  /* name -> Host * */
    GPtrArray *order;   /* of Host *, as they first appear */
    const YamlNode *host_vars;
} Ansible;

/* What one host ends up with; nearer values replace farther ones. */
typedef struct HostValues {
    GPtrArray *keys;      /* of const char *, in order */
    GHashTable *values;   /* key -> const YamlNode * */
    GHashTable *maps[2];  /* entries of labels and vars */
    GHashTable *seen;     /* AnsibleGroup * */
    GPtrArray *in_groups; /* of const char * */
} HostValues;

static const char *const MAPS[] = {"labels", "vars"};

static void group_free(gpointer data)
{
    AnsibleGroup *self = data;
    g_ptr_array_unref(self->parents);
    g_free(self);
}

static void host_free(gpointer data)
{
    Host *self = data;
    g_ptr_array_unref(self->groups);
    g_free(self);
}

static void ansible_clear(Ansible *self)
{
    g_ptr_array_unref(self->order);
    g_hash_table_unref(self->hosts);
    g_hash_table_unref(self->groups);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Ansible, ansible_clear)

/* --- reading --- */

static AnsibleGroup *group_of(Ansible *self, const char *name)
{
    AnsibleGroup *group = g_hash_table_lookup(self->groups, name);
    if (group != NULL)
        return group;
    group = g_new0(AnsibleGroup, 1);
    group->name = name;
    group->parents = g_ptr_array_new();
    g_hash_table_insert(self->groups, (gpointer)name, group);
    return group;
}

static Host *host_of(Ansible *self, const char *name)
{
    Host *host = g_hash_table_lookup(self->hosts, name);
    if (host != NULL)
        return host;
    host = g_new0(Host, 1);
    host->name = name;
    host->groups = g_ptr_array_new();
    g_hash_table_insert(self->hosts, (gpointer)name, host);
    g_ptr_array_add(self->order, host);
    return host;
}

static bool refuse(GError **error, const char *group, const char *what, const char *wanted,
                   const YamlNode *node)
{
    g_set_error(error, ANSWER_ERROR, 0,
                "the answer is neither a list of targets nor Ansible's --list: '%s'%s%s must be %s, not %s",
                group, *what != '\0' ? "." : "", what, wanted, yaml_kind_name(yaml_kind(node)));
    return false;
}

/* A list of names that may be missing. */
static bool check_names(const YamlNode *list, const char *group, const char *what, GError **error)
{
    if (list != NULL && yaml_kind(list) != YAML_SEQUENCE)
        return refuse(error, group, what, "a list of names", list);
    for (unsigned i = 0; i < yaml_length(list); i++)
        if (yaml_text(yaml_at(list, i)) == NULL)
            return refuse(error, group, what, "a list of names", yaml_at(list, i));
    return true;
}

static bool check_mapping(const YamlNode *node, const char *group, const char *what, GError **error)
{
    return node == NULL || yaml_kind(node) == YAML_MAPPING || refuse(error, group, what, "a mapping", node);
}

static bool read_group(Ansible *self, const char *name, const YamlNode *node, GError **error)
{
    bool plain = yaml_kind(node) == YAML_SEQUENCE;
    if (!plain && yaml_kind(node) != YAML_MAPPING)
        return refuse(error, name, "", "a group", node);
    const YamlNode *hosts = plain ? node : yaml_get(node, "hosts");
    const YamlNode *children = yaml_get(node, "children");
    AnsibleGroup *group = group_of(self, name);
    group->vars = yaml_get(node, "vars");
    if (!check_names(hosts, name, "hosts", error) || !check_names(children, name, "children", error) ||
        !check_mapping(group->vars, name, "vars", error))
        return false;
    for (unsigned i = 0; i < yaml_length(hosts); i++)
        g_ptr_array_add(host_of(self, yaml_text(yaml_at(hosts, i)))->groups, group);
    for (unsigned i = 0; i < yaml_length(children); i++)
        g_ptr_array_add(group_of(self, yaml_text(yaml_at(children, i)))->parents, group);
    return true;
}

static bool read_all(Ansible *self, const YamlNode *root, GError **error)
{
    const YamlNode *meta = yaml_get(root, "_meta");
    self->host_vars = yaml_get(meta, "hostvars");
    if (!check_mapping(meta, "_meta", "", error) ||
        !check_mapping(self->host_vars, "_meta", "hostvars", error))
        return false;
    for (unsigned i = 0; i < yaml_length(root); i++)
        if (!g_str_equal(yaml_key_at(root, i), "_meta") &&
            !read_group(self, yaml_key_at(root, i), yaml_at(root, i), error))
            return false;
    for (unsigned i = 0; i < yaml_length(self->host_vars); i++)
        (void)host_of(self, yaml_key_at(self->host_vars, i));
    return true;
}

/* --- one host --- */

static void take_entries(HostValues *values, unsigned map, const YamlNode *node)
{
    for (unsigned i = 0; i < yaml_length(node); i++)
        g_hash_table_insert(values->maps[map], (gpointer)yaml_key_at(node, i), (gpointer)yaml_at(node, i));
}

static void take_value(HostValues *values, const char *key, const YamlNode *node)
{
    for (unsigned map = 0; map < G_N_ELEMENTS(MAPS); map++)
        if (g_str_equal(key, MAPS[map]) && yaml_kind(node) == YAML_MAPPING)
            take_entries(values, map, node);
    if (!g_hash_table_contains(values->values, key))
        g_ptr_array_add(values->keys, (gpointer)key);
    g_hash_table_insert(values->values, (gpointer)key, (gpointer)node);
}

static void take_vars(HostValues *values, const YamlNode *vars)
{
    for (unsigned i = 0; i < yaml_length(vars); i++)
        if (g_str_has_prefix(yaml_key_at(vars, i), PREFIX))
            take_value(values, yaml_key_at(vars, i) + strlen(PREFIX), yaml_at(vars, i));
}

/* Those above a group come before it, and so does what they say. A circle of groups ends at the first that
 * was seen. */
static void take_group(HostValues *values, const AnsibleGroup *group)
{
    if (!g_hash_table_add(values->seen, (gpointer)group))
        return;
    for (guint i = 0; i < group->parents->len; i++)
        take_group(values, group->parents->pdata[i]);
    take_vars(values, group->vars);
    if (!g_strv_contains(EVERYBODY, group->name))
        g_ptr_array_add(values->in_groups, (gpointer)group->name);
}

static gint compare_keys(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

static void write_map(JsonOut *json, const char *key, GHashTable *map)
{
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(map), compare_keys);
    json_out_begin_object(json, key);
    for (const GList *name = names; name != NULL; name = name->next)
        answer_write_node(json, name->data, g_hash_table_lookup(map, name->data));
    json_out_end_object(json);
}

static char *line_of_host(const Host *host, const HostValues *values)
{
    g_autoptr(JsonOut) json = json_out_new(0);
    json_out_begin_object(json, NULL);
    if (!g_hash_table_contains(values->values, "name"))
        json_out_string(json, "name", host->name);
    for (guint i = 0; i < values->keys->len; i++) {
        const char *key = values->keys->pdata[i];
        const YamlNode *node = g_hash_table_lookup(values->values, key);
        unsigned map = g_str_equal(key, MAPS[0]) ? 0 : g_str_equal(key, MAPS[1]) ? 1 : G_N_ELEMENTS(MAPS);
        if (map < G_N_ELEMENTS(MAPS) && yaml_kind(node) == YAML_MAPPING)
            write_map(json, key, values->maps[map]);
        else
            answer_write_node(json, key, node);
    }
    json_out_begin_array(json, "groups");
    for (guint i = 0; i < values->in_groups->len; i++)
        json_out_string(json, NULL, values->in_groups->pdata[i]);
    json_out_end_array(json);
    json_out_end_object(json);
    return json_out_steal(json);
}

static char *line_of(const Ansible *self, const Host *host)
{
    HostValues values = {
        .keys = g_ptr_array_new(),
        .values = g_hash_table_new(g_str_hash, g_str_equal),
        .maps = {g_hash_table_new(g_str_hash, g_str_equal), g_hash_table_new(g_str_hash, g_str_equal)},
        .seen = g_hash_table_new(NULL, NULL),
        .in_groups = g_ptr_array_new()};
    const AnsibleGroup *everybody = g_hash_table_lookup(self->groups, "all");
    if (everybody != NULL)
        take_group(&values, everybody);
    for (guint i = 0; i < host->groups->len; i++)
        take_group(&values, host->groups->pdata[i]);
    take_vars(&values, yaml_get(self->host_vars, host->name));
    char *line = line_of_host(host, &values);
    g_ptr_array_unref(values.keys);
    g_ptr_array_unref(values.in_groups);
    g_hash_table_unref(values.values);
    g_hash_table_unref(values.maps[0]);
    g_hash_table_unref(values.maps[1]);
    g_hash_table_unref(values.seen);
    return line;
}

char *answer_from_ansible(const YamlNode *root, GError **error)
{
    g_auto(Ansible) ansible = {.groups = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, group_free),
                               .hosts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, host_free),
                               .order = g_ptr_array_new()};
    if (!read_all(&ansible, root, error))
        return NULL;
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < ansible.order->len; i++)
        g_ptr_array_add(lines, line_of(&ansible, ansible.order->pdata[i]));
    return answer_list(lines);
}
