/* dbfleet inventory list|show|check|graph */
#include "base/json_out.h"
#include "base/text_table.h"
#include "commands/command_list_internal.h"
#include <string.h>

/* ---- list ---- */

static const TextColumn list_columns[] = {
    {"target", ALIGN_LEFT, 8, false},        {"group", ALIGN_LEFT, 5, true},
    {"state", ALIGN_LEFT, 6, false},         {"track", ALIGN_LEFT, 5, true},
    {"url", ALIGN_LEFT, 20, SHRINKS_MIDDLE}, {"schema", ALIGN_LEFT, 3, true},
};

static void list_json(const Workspace *workspace, JsonOut *json)
{
    json_out_begin_array(json, NULL);
    for (guint i = 0; i < workspace->targets->len; i++) {
        const Target *target = workspace->targets->pdata[i];
        g_autofree char *url = db_url_display(target->url);
        json_out_begin_object(json, NULL);
        json_out_string(json, "target", target->name);
        json_out_string(json, "group", target->group ? target->group->name : NULL);
        json_out_string(json, "state", target_life_name(target->life));
        json_out_string(json, "track", target->track);
        json_out_string(json, "url", url);
        json_out_string(json, "schema", target->schema);
        json_out_string(json, "discovered", target->discovered);
        json_out_begin_object(json, "labels");
        GHashTableIter iter;
        gpointer name, value;
        g_hash_table_iter_init(&iter, target->labels);
        while (g_hash_table_iter_next(&iter, &name, &value))
            json_out_string(json, name, value);
        json_out_end_object(json);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static bool has_schemas(const GPtrArray *targets)
{
    for (guint i = 0; i < targets->len; i++)
        if (((const Target *)targets->pdata[i])->schema)
            return true;
    return false;
}

static char *list_text(const Workspace *workspace)
{
    /* the last column, schema, only where there is one */
    unsigned columns = G_N_ELEMENTS(list_columns) - (has_schemas(workspace->targets) ? 0 : 1);
    g_autoptr(TextTable) table = text_table_new(list_columns, columns);
    for (guint i = 0; i < workspace->targets->len; i++) {
        const Target *target = workspace->targets->pdata[i];
        g_autofree char *url = db_url_display(target->url);
        const char *cells[] = {target->name,
                               target->group ? target->group->name : "",
                               target_life_name(target->life),
                               target->track,
                               url,
                               target->schema};
        text_table_add(table, cells);
    }
    return text_table_render(table, 0, command_table_width());
}

static char *inventory_list(const Workspace *workspace)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    if (!command_wants_json(workspace->options))
        return list_text(workspace);
    list_json(workspace, json);
    return json_out_steal(json);
}

/* ---- show ---- */

static const TextColumn show_columns[] = {{"key", ALIGN_LEFT, 10, false},
                                          {"value", ALIGN_LEFT, 16, SHRINKS_MIDDLE},
                                          {"from", ALIGN_LEFT, 8, true},
                                          {NULL, ALIGN_LEFT, 10, false}};

/* Relative to the current folder where the file is below it, so that the line fits. */
static char *place_text(SourcePlace place)
{
    g_autofree char *folder = g_get_current_dir();
    gsize length = strlen(folder);
    if (!place.file)
        return g_strdup("");
    bool below = g_str_has_prefix(place.file, folder) && place.file[length] == '/';
    return g_strdup_printf("%s:%u", below ? place.file + length + 1 : place.file, place.line);
}

static void show_target(const Workspace *workspace, const Target *target, TextTable *table, JsonOut *json)
{
    g_autoptr(GPtrArray) origins = fleet_target_origins(workspace->fleet, target);
    json_out_begin_object(json, NULL);
    json_out_string(json, "target", target->name);
    json_out_begin_array(json, "values");
    for (guint i = 0; i < origins->len; i++) {
        const TargetOrigin *origin = origins->pdata[i];
        g_autofree char *place = place_text(origin->place);
        const char *cells[] = {origin->key, origin->value, origin->level, place};
        text_table_add(table, cells);
        json_out_begin_object(json, NULL);
        json_out_string(json, "key", origin->key);
        json_out_string(json, "value", origin->value);
        json_out_string(json, "level", origin->level);
        json_out_string(json, "file", origin->place.file);
        json_out_int(json, "line", origin->place.line);
        json_out_end_object(json);
    }
    json_out_end_array(json);
    json_out_end_object(json);
}

static char *inventory_show(const Workspace *workspace)
{
    GString *out = g_string_new(NULL);
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_array(json, NULL);
    for (guint i = 0; i < workspace->targets->len; i++) {
        const Target *target = workspace->targets->pdata[i];
        g_autoptr(TextTable) table = text_table_new(show_columns, G_N_ELEMENTS(show_columns));
        show_target(workspace, target, table, json);
        g_autofree char *rows = text_table_render(table, 2, command_table_width());
        g_string_append_printf(out, "%s%s\n%s", i ? "\n" : "", target->name, rows);
    }
    json_out_end_array(json);
    if (!command_wants_json(workspace->options))
        return g_string_free(out, FALSE);
    g_string_free(out, TRUE);
    return json_out_steal(json);
}

/* ---- check ---- */

static char *inventory_check(const Workspace *workspace)
{
    unsigned active = 0;
    for (guint i = 0; i < workspace->targets->len; i++)
        active += ((const Target *)workspace->targets->pdata[i])->life == TARGET_ACTIVE;
    unsigned unasked = fleet_unasked_count(workspace->fleet);
    g_autofree char *besides = unasked == 0 ? g_strdup("")
                                            : g_strdup_printf("; %u %s of discover: not asked", unasked,
                                                              unasked == 1 ? "source" : "sources");
    if (!command_wants_json(workspace->options))
        return g_strdup_printf("%u targets, %u active, %u groups: the inventory is right%s\n",
                               workspace->targets->len, active, fleet_group_count(workspace->fleet), besides);
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_object(json, NULL);
    json_out_int(json, "targets", workspace->targets->len);
    json_out_int(json, "active", active);
    json_out_int(json, "groups", fleet_group_count(workspace->fleet));
    json_out_int(json, "sources_not_asked", unasked);
    json_out_end_object(json);
    return json_out_steal(json);
}

/* ---- graph ---- */

static unsigned own_targets(const Workspace *workspace, const Group *group)
{
    unsigned count = 0;
    for (guint i = 0; i < workspace->targets->len; i++)
        count += ((const Target *)workspace->targets->pdata[i])->group == group;
    return count;
}

static void graph_text(const Workspace *workspace, const Group *parent, unsigned depth, GString *out)
{
    for (unsigned i = 0; i < fleet_group_count(workspace->fleet); i++) {
        const Group *group = fleet_group_at(workspace->fleet, i);
        if (group->parent != parent)
            continue;
        unsigned targets = own_targets(workspace, group);
        g_string_append_printf(out, "%*s%s  %u %s\n", (int)depth * 2, "", group->name, targets,
                               targets == 1 ? "target" : "targets");
        graph_text(workspace, group, depth + 1, out);
    }
}

static void graph_json(const Workspace *workspace, const Group *parent, JsonOut *json)
{
    json_out_begin_array(json, parent ? "groups" : NULL);
    for (unsigned i = 0; i < fleet_group_count(workspace->fleet); i++) {
        const Group *group = fleet_group_at(workspace->fleet, i);
        if (group->parent != parent)
            continue;
        json_out_begin_object(json, NULL);
        json_out_string(json, "group", group->name);
        json_out_int(json, "targets", own_targets(workspace, group));
        graph_json(workspace, group, json);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static char *inventory_graph(const Workspace *workspace)
{
    if (command_wants_json(workspace->options)) {
        g_autoptr(JsonOut) json = json_out_new(2);
        graph_json(workspace, NULL, json);
        return json_out_steal(json);
    }
    GString *out = g_string_new(NULL);
    unsigned alone = own_targets(workspace, NULL);
    if (alone)
        g_string_append_printf(out, "(no group)  %u %s\n", alone, alone == 1 ? "target" : "targets");
    graph_text(workspace, NULL, 0, out);
    return g_string_free(out, FALSE);
}

/* ---- The command ---- */

static const struct {
    const char *name;
    unsigned parts; /* of WorkspaceParts, besides all targets */
    char *(*render)(const Workspace *workspace);
} views[] = {{"list", 0, inventory_list},
             {"show", 0, inventory_show},
             {"check", WORKSPACE_WRITTEN, inventory_check},
             {"graph", 0, inventory_graph}};

/* `show TARGET...` narrows the selection to those names. */
static int narrow(Workspace *workspace)
{
    const Options *options = workspace->options;
    g_autoptr(GPtrArray) named = g_ptr_array_new();
    for (unsigned i = 1; i < options_operand_count(options); i++) {
        int code = EXIT_DONE;
        const Target *target = workspace_find_target(workspace, options_operand(options, i), &code);
        if (!target)
            return code;
        g_ptr_array_add(named, (gpointer)target);
    }
    if (named->len > 0) {
        g_ptr_array_unref(workspace->targets);
        workspace->targets = g_steal_pointer(&named);
    }
    return EXIT_DONE;
}

static int inventory_run(const Options *options)
{
    int code = EXIT_DONE;
    const char *name = options_operand(options, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(views); i++) {
        g_auto(Workspace) workspace = {0};
        if (!g_str_equal(views[i].name, name))
            continue;
        if (options_operand_count(options) > 1 && !g_str_equal(name, "show"))
            return command_fail(EXIT_USAGE, "inventory %s takes no operand; choose targets with -l", name);
        if (!workspace_open(&workspace, options, WORKSPACE_FLEET | WORKSPACE_ALL_TRACKS | views[i].parts,
                            &code))
            return code;
        code = narrow(&workspace);
        if (code != EXIT_DONE)
            return code;
        g_autofree char *text = views[i].render(&workspace);
        return command_page(options, text);
    }
    static const char *const words[] = {"list", "show", "check", "graph", NULL};
    return command_fail_word("inventory", name, words);
}

static const OptionSpec own_options[] = {
    {.name = "refresh",
     .kind = OPTION_FLAG,
     .help = "Ask every source of discover: anew, also where its answer is kept (cache)"},
    {0}};

static const OptionSpec *const option_sets[] = {selection_options, own_options, format_options, NULL};

const CommandSpec inventory_command = {
    .name = "inventory",
    .group = COMMANDS_INVENTORY,
    .operands = "list|show|check|graph [TARGET...]",
    .min_operands = 1,
    .max_operands = G_MAXUINT,
    .summary = "Print what the inventory resolves to, and where each value came from",
    .description = "list: every target with its group, state, track and URL. show: every value of the "
                   "targets named, or selected with -l, with the level, file and line "
                   "it came from. check: whether what is written is right, connecting to nothing and "
                   "asking no source of discover:. graph: the "
                   "groups as a tree. "
                   "Secrets are shown as ***.",
    .example =
        "dbfleet inventory list -l 'eu:!legacy'\ndbfleet inventory show acme\ndbfleet inventory check\n"
        "dbfleet inventory list --refresh",
    .option_sets = option_sets,
    .run = inventory_run,
};
