/* Plan file, reading: the digest over the bytes first, then what they say. */
#include "plans/plan_file_internal.h"

#include "base/duration.h"
#include "base/yaml_tree.h"
#include <string.h>

typedef struct FileReader {
    PlanFile *plan;
    GHashTable *paths; /* name -> PlanFilePath * */
    GHashTable *waves; /* name -> PlanFileWave * */
    Diagnostics *problems;
} FileReader;

/* ---- Values ---- */

/* What is not there, or is not text, is an error. Caller frees. */
static char *read_text(const FileReader *self, const YamlNode *mapping, const char *key)
{
    const YamlNode *node = yaml_get(mapping, key);
    const char *text = NULL;
    if (node)
        yaml_as_text(node, key, &text, self->problems);
    else
        diagnostics_error(self->problems, yaml_place(mapping), "\"%s\" is missing", key);
    return g_strdup(text);
}

static char *read_optional(const FileReader *self, const YamlNode *mapping, const char *key)
{
    return yaml_get(mapping, key) ? read_text(self, mapping, key) : NULL;
}

static char **read_list(const FileReader *self, const YamlNode *mapping, const char *key)
{
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();
    const YamlNode *node = yaml_get(mapping, key);
    if (!node || yaml_kind(node) != YAML_SEQUENCE)
        diagnostics_error(self->problems, yaml_place(node ? node : mapping), "\"%s\" must be a list", key);
    for (unsigned i = 0; node && i < yaml_length(node); i++) {
        const char *text = "";
        yaml_as_text(yaml_at(node, i), key, &text, self->problems);
        g_strv_builder_add(list, text);
    }
    return g_strv_builder_end(list);
}

static gint64 read_time(const FileReader *self, const YamlNode *mapping, const char *key)
{
    g_autofree char *text = read_optional(self, mapping, key);
    gint64 unix_us = 0;
    if (text && !timestamp_parse(text, &unix_us))
        diagnostics_error(self->problems, yaml_place(yaml_get(mapping, key)),
                          "\"%s\" is no time such as 2026-11-22T16:40:00Z", key);
    return unix_us;
}

static unsigned read_number(const FileReader *self, const YamlNode *mapping, const char *key)
{
    unsigned value = 0;
    const YamlNode *node = yaml_get(mapping, key);
    if (node)
        yaml_as_unsigned(node, key, 0, 1000000, &value, self->problems);
    return value;
}

static bool read_flag(const FileReader *self, const YamlNode *mapping, const char *key)
{
    bool value = false;
    if (yaml_get(mapping, key))
        yaml_as_bool(yaml_get(mapping, key), key, &value, self->problems);
    return value;
}

/* ---- Parts ---- */

/* Who must approve a plan is said where the plan's author does not write: in dbfleet.yaml. */
static void read_rollout(FileReader *self, const YamlNode *node)
{
    static const char *const refused[] = {"approvals", "allowed_signers", "self_approval", NULL};
    if (!node)
        return;
    for (const char *const *key = refused; *key; key++)
        if (yaml_get(node, *key))
            diagnostics_error(self->problems, yaml_place(yaml_get(node, *key)),
                              "a plan file cannot say \"%s\": dbfleet.yaml does", *key);
    rollout_policy_read(&self->plan->rollout, node, "/", self->problems);
}

static void read_wave(FileReader *self, const YamlNode *node)
{
    static const char *const keys[] = {"name", "targets", "at_goal", NULL};
    g_autofree char *name = read_text(self, node, "name");
    if (!yaml_check_keys(node, "wave", keys, self->problems) || !name)
        return;
    PlanFileWave *wave = plan_file_add_wave(self->plan, name);
    if (yaml_get(node, "targets"))
        yaml_as_unsigned(yaml_get(node, "targets"), "targets", 0, G_MAXINT, &wave->targets, self->problems);
    if (yaml_get(node, "at_goal"))
        yaml_as_unsigned(yaml_get(node, "at_goal"), "at_goal", 0, G_MAXINT, &wave->at_goal, self->problems);
    if (!g_hash_table_insert(self->waves, wave->name, wave))
        diagnostics_error(self->problems, yaml_place(node), "two waves are called %s", name);
}

static void read_risk(const FileReader *self, PlanFileStep *step, const YamlNode *node)
{
    static const char *const keys[] = {"kind", "statement", "object", "reason", NULL};
    RiskKind kind;
    if (yaml_kind(node) != YAML_MAPPING || !yaml_check_keys(node, "risk", keys, self->problems))
        return;
    g_autofree char *name = read_text(self, node, "kind");
    g_autofree char *object = read_optional(self, node, "object");
    g_autofree char *reason = read_text(self, node, "reason");
    if (risk_kind_parse(name, &kind))
        g_ptr_array_add(step->risks,
                        risk_mark_new(kind, read_number(self, node, "statement"), object, reason));
    else if (name)
        diagnostics_error(self->problems, yaml_place(node), "\"%s\" is no kind of risk", name);
}

static void read_risks(const FileReader *self, PlanFileStep *step, const YamlNode *list)
{
    if (list && yaml_kind(list) != YAML_SEQUENCE)
        diagnostics_error(self->problems, yaml_place(list), "\"risks\" must be a list");
    for (unsigned i = 0; list && i < yaml_length(list); i++)
        read_risk(self, step, yaml_at(list, i));
}

static void read_step(FileReader *self, PlanFilePath *path, const YamlNode *node)
{
    static const char *const keys[] = {"revision", "direction", "fill",  "after", "checksum",
                                       "check",    "verify",    "risks", NULL};
    PlanFileStep *step = plan_file_step_new();
    g_ptr_array_add(path->steps, step);
    yaml_check_keys(node, "step", keys, self->problems);
    g_autofree char *direction = read_text(self, node, "direction");
    bool stamps = g_strcmp0(direction, "stamp") == 0;
    step->direction = g_strcmp0(direction, "down") == 0 ? DIRECTION_DOWN : DIRECTION_UP;
    step->revision = stamps ? g_strdup("") : read_text(self, node, "revision");
    step->checksum = stamps ? NULL : read_text(self, node, "checksum");
    step->check = read_optional(self, node, "check");
    step->verify = read_optional(self, node, "verify");
    step->after = read_list(self, node, "after");
    read_risks(self, step, yaml_get(node, "risks"));
    step->fill = read_flag(self, node, "fill");
}

static void read_path(FileReader *self, const char *name, const YamlNode *node)
{
    static const char *const keys[] = {"dialect", "from", "digest", "steps", NULL};
    PlanFilePath *path = plan_file_path_new();
    g_ptr_array_add(self->plan->paths, path);
    path->name = g_strdup(name);
    path->place = (SourcePlace){self->plan->file, yaml_place(node).line, 0};
    g_hash_table_insert(self->paths, path->name, path);
    yaml_check_keys(node, "path", keys, self->problems);
    g_autofree char *dialect = read_text(self, node, "dialect");
    if (dialect && !dialect_parse(dialect, &path->dialect))
        diagnostics_error(self->problems, yaml_place(node), "\"%s\" is no dialect", dialect);
    path->from = read_list(self, node, "from");
    path->digest = read_text(self, node, "digest");
    const YamlNode *steps = yaml_get(node, "steps");
    for (unsigned i = 0; steps && i < yaml_length(steps); i++)
        read_step(self, path, yaml_at(steps, i));
    if (path->steps->len == 0)
        diagnostics_error(self->problems, yaml_place(node), "path %s has no steps", name);
}

static void read_target_wave(FileReader *self, PlanFileTarget *target, const YamlNode *node)
{
    g_autofree char *wave = read_optional(self, node, "wave");
    bool pending = target->path && self->plan->waves;
    target->wave = wave ? g_hash_table_lookup(self->waves, wave) : NULL;
    if (wave && !target->wave)
        diagnostics_error(self->problems, yaml_place(node), "target %s is in wave %s, which is not there",
                          target->name, wave);
    else if (pending != (target->wave != NULL))
        diagnostics_error(self->problems, yaml_place(node), "target %s %s", target->name,
                          pending ? "is in no wave" : "has nothing to do and is in a wave");
}

static void read_target(FileReader *self, const YamlNode *node)
{
    static const char *const keys[] = {"name", "endpoint", "path", "wave", "variables", NULL};
    PlanFileTarget *target = g_new0(PlanFileTarget, 1);
    yaml_check_keys(node, "target", keys, self->problems);
    target->name = read_text(self, node, "name");
    target->endpoint = read_text(self, node, "endpoint");
    target->variables = read_optional(self, node, "variables");
    target->place = (SourcePlace){self->plan->file, yaml_place(node).line, 0};
    g_autofree char *path = read_text(self, node, "path");
    if (!target->name)
        target->name = g_strdup("");
    target->path = path ? g_hash_table_lookup(self->paths, path) : NULL;
    if (path && !target->path && !g_str_equal(path, "none"))
        diagnostics_error(self->problems, yaml_place(node), "target %s takes path %s, which is not there",
                          target->name, path);
    read_target_wave(self, target, node);
    plan_file_add_target(self->plan, target);
}

static void read_exception(FileReader *self, const YamlNode *node)
{
    PlanFileException *exception = g_new0(PlanFileException, 1);
    exception->name = read_text(self, node, "name");
    exception->endpoint = read_text(self, node, "endpoint");
    exception->problem = read_text(self, node, "problem");
    exception->reason = read_optional(self, node, "reason");
    if (!exception->name)
        exception->name = g_strdup("");
    g_autofree char *wave = read_optional(self, node, "wave");
    exception->wave = wave ? g_hash_table_lookup(self->waves, wave) : NULL;
    if (wave && !exception->wave)
        diagnostics_error(self->problems, yaml_place(node), "exception %s is in wave %s, which is not there",
                          exception->name, wave);
    g_ptr_array_add(self->plan->exceptions, exception);
}

static void read_each(FileReader *self, const YamlNode *list,
                      void (*read)(FileReader *self, const YamlNode *node))
{
    for (unsigned i = 0; list && i < yaml_length(list); i++)
        read(self, yaml_at(list, i));
}

/* ---- The whole ---- */

static bool read_command(FileReader *self, const YamlNode *root)
{
    g_autofree char *name = read_text(self, root, "command");
    for (int i = PLAN_UPGRADE; name && i <= PLAN_STAMP; i++) {
        self->plan->command = (PlanCommand)i;
        if (g_str_equal(name, plan_command_name((PlanCommand)i)))
            return true;
    }
    diagnostics_error(self->problems, yaml_place(root), "\"command\" must be upgrade, downgrade or stamp");
    return false;
}

static void read_document(FileReader *self, const YamlNode *root)
{
    static const char *const keys[] = {"version",      "command",    "goals",   "track",      "version_table",
                                       "created",      "created_by", "expires", "not_before", "variables",
                                       "allow_edited", "fill",       "rollout", "waves",      "paths",
                                       "targets",      "exceptions", "sizes",   "digest",     NULL};
    PlanFile *plan = self->plan;
    if (yaml_kind(root) != YAML_MAPPING || !yaml_check_keys(root, "plan file", keys, self->problems) ||
        !read_command(self, root))
        return;
    g_autofree char *version = read_text(self, root, "version");
    if (g_strcmp0(version, PLAN_FILE_VERSION) != 0)
        diagnostics_error(
            self->problems, yaml_place(root),
            "plan files of version %s are not known to this dbfleet; it writes version " PLAN_FILE_VERSION,
            version ? version : "?");
    plan->goals = read_list(self, root, "goals");
    plan->track = read_text(self, root, "track");
    plan->version_table = read_text(self, root, "version_table");
    plan->created_us = read_time(self, root, "created");
    plan->created_by = read_text(self, root, "created_by");
    plan->expires_us = read_time(self, root, "expires");
    plan->not_before_us = read_time(self, root, "not_before");
    plan->variables = read_list(self, root, "variables");
    plan->allow_edited = read_flag(self, root, "allow_edited");
    plan->fill = read_flag(self, root, "fill");
    read_rollout(self, yaml_get(root, "rollout"));
    read_each(self, yaml_get(root, "waves"), read_wave);
    const YamlNode *paths = yaml_get(root, "paths");
    for (unsigned i = 0; paths && yaml_kind(paths) == YAML_MAPPING && i < yaml_length(paths); i++)
        read_path(self, yaml_key_at(paths, i), yaml_at(paths, i));
    read_each(self, yaml_get(root, "targets"), read_target);
    read_each(self, yaml_get(root, "exceptions"), read_exception);
    plan->sizes = plan_file_sizes_read(yaml_get(root, "sizes"), self->problems);
}

/* The digest stands on the last line and covers everything above it. */
static bool check_digest(PlanFile *self, const char *text, Diagnostics *problems)
{
    const char *line = g_strrstr(text, PLAN_FILE_DIGEST_LINE);
    g_autofree char *told = line ? g_strdup(line + strlen(PLAN_FILE_DIGEST_LINE)) : NULL;
    if (line)
        plan_file_sum(text, (gsize)(line + 1 - text), self->digest);
    if (told && strchr(told, '\n') && g_str_equal(g_strchomp(told), self->digest))
        return true;
    diagnostics_error(problems, (SourcePlace){self->file, 0, 0},
                      line ? "the plan was changed after it was made: its digest does not match; plan again"
                           : "this is no plan file, or its end is missing: it has no digest");
    return false;
}

PlanFile *plan_file_parse(const char *text, gsize length, const char *path, Diagnostics *problems)
{
    g_autoptr(PlanFile) plan = plan_file_new();
    plan->file = g_strdup(path);
    if (!check_digest(plan, text, problems))
        return NULL;
    g_autoptr(YamlTree) tree = yaml_tree_parse(text, length, path, problems);
    if (!tree)
        return NULL;
    g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);
    unsigned before = diagnostics_count(problems, DIAGNOSTIC_ERROR);
    g_autoptr(GHashTable) waves = g_hash_table_new(g_str_hash, g_str_equal);
    FileReader reader = {plan, paths, waves, problems};
    read_document(&reader, yaml_tree_root(tree));
    return diagnostics_count(problems, DIAGNOSTIC_ERROR) == before ? g_steal_pointer(&plan) : NULL;
}

PlanFile *plan_file_load(const char *path, Diagnostics *problems)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    gsize length = 0;
    if (g_file_get_contents(path, &text, &length, &error))
        return plan_file_parse(text, length, path, problems);
    diagnostics_error(problems, (SourcePlace){0}, "%s", error->message);
    return NULL;
}
