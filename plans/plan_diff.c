/* Plan diff: owns what counts as the same: paths by their digest, whatever they are called, and steps by
 * revision, direction and dialect. */
#include "plans/plan_diff.h"

#include "base/duration.h"
#include <string.h>

const char *plan_area_name(PlanArea area)
{
    static const char *const names[AREA_COUNT] = {"plan", "rollout", "wave", "step", "target", "exception"};
    return names[area];
}

static void change_free(gpointer data)
{
    PlanChange *self = data;
    g_free(self->name);
    g_free(self->before);
    g_free(self->after);
    g_free(self);
}

/* A change, if the two differ. */
static void compare(GPtrArray *changes, PlanArea area, const char *name, const char *field,
                    const char *before, const char *after)
{
    if (g_strcmp0(before, after) == 0)
        return;
    PlanChange *change = g_new0(PlanChange, 1);
    *change = (PlanChange){area, g_strdup(name), field, g_strdup(before), g_strdup(after)};
    g_ptr_array_add(changes, change);
}

/* ---- Tables of things with a name ---- */

/* Things by name, and their names in the order of the file. */
typedef struct NamedThings {
    GHashTable *by_name; /* owns the names */
    GPtrArray *names;
} NamedThings;

static void things_init(NamedThings *self)
{
    self->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->names = g_ptr_array_new();
}

static void things_clear(NamedThings *self)
{
    g_hash_table_unref(self->by_name);
    g_ptr_array_unref(self->names);
}

/* Takes the name over; the first thing with it stays. */
static void things_add(NamedThings *self, char *name, gpointer thing)
{
    if (g_hash_table_contains(self->by_name, name)) {
        g_free(name);
        return;
    }
    g_hash_table_insert(self->by_name, name, thing);
    g_ptr_array_add(self->names, name);
}

typedef void (*CompareThings)(GPtrArray *changes, const char *name, gconstpointer before,
                              gconstpointer after);

/* Those of `after` in its order, one of them NULL where a side lacks it; then what is only in `before`. */
static void compare_things(GPtrArray *changes, const NamedThings *before, const NamedThings *after,
                           CompareThings compare_two)
{
    for (guint i = 0; i < after->names->len; i++) {
        const char *name = after->names->pdata[i];
        compare_two(changes, name, g_hash_table_lookup(before->by_name, name),
                    g_hash_table_lookup(after->by_name, name));
    }
    for (guint i = 0; i < before->names->len; i++) {
        const char *name = before->names->pdata[i];
        if (!g_hash_table_contains(after->by_name, name))
            compare_two(changes, name, g_hash_table_lookup(before->by_name, name), NULL);
    }
}

/* Both files' things, collected by `collect`, compared by `compare_two`. */
static void compare_files(GPtrArray *changes, const PlanFile *before, const PlanFile *after,
                          void (*collect)(NamedThings *things, const PlanFile *file),
                          CompareThings compare_two)
{
    NamedThings then, now;
    things_init(&then);
    things_init(&now);
    collect(&then, before);
    collect(&now, after);
    compare_things(changes, &then, &now, compare_two);
    things_clear(&then);
    things_clear(&now);
}

/* ---- Head ---- */

static void compare_times(GPtrArray *changes, const char *name, gint64 before_us, gint64 after_us)
{
    g_autofree char *before = before_us ? timestamp_format(before_us) : NULL;
    g_autofree char *after = after_us ? timestamp_format(after_us) : NULL;
    compare(changes, AREA_HEAD, name, NULL, before, after);
}

static void compare_lists(GPtrArray *changes, const char *name, char **before, char **after)
{
    g_autofree char *then = g_strjoinv(" ", before), *now = g_strjoinv(" ", after);
    compare(changes, AREA_HEAD, name, NULL, then, now);
}

static void compare_flags(GPtrArray *changes, const char *name, bool before, bool after)
{
    compare(changes, AREA_HEAD, name, NULL, before ? "true" : "false", after ? "true" : "false");
}

static void compare_heads(GPtrArray *changes, const PlanFile *before, const PlanFile *after)
{
    compare(changes, AREA_HEAD, "command", NULL, plan_command_name(before->command),
            plan_command_name(after->command));
    compare_lists(changes, "goals", before->goals, after->goals);
    compare(changes, AREA_HEAD, "track", NULL, before->track, after->track);
    compare(changes, AREA_HEAD, "version_table", NULL, before->version_table, after->version_table);
    compare_times(changes, "expires", before->expires_us, after->expires_us);
    compare_times(changes, "not_before", before->not_before_us, after->not_before_us);
    compare_lists(changes, "variables", before->variables, after->variables);
    compare_flags(changes, "allow_edited", before->allow_edited, after->allow_edited);
    compare_flags(changes, "fill", before->fill, after->fill);
}

/* ---- Rollout: by the keys as they are written ---- */

static void collect_rollout(NamedThings *things, const PlanFile *file)
{
    g_autoptr(GString) text = g_string_new(NULL);
    GString *value = NULL;
    rollout_policy_yaml(&file->rollout, "", text);
    g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
    for (char **line = lines; *line; line++) {
        const char *colon = strchr(*line, ':');
        if (g_ascii_isalpha(**line) && colon) {
            value = g_string_new(*colon && colon[1] ? colon + 2 : "");
            things_add(things, g_strndup(*line, (gsize)(colon - *line)), value);
        } else if (value && **line) {
            g_string_append_printf(value, "%s%s", value->len ? "\n" : "", g_strstrip(*line));
        }
    }
}

static void compare_keys(GPtrArray *changes, const char *name, gconstpointer before, gconstpointer after)
{
    const GString *then = before, *now = after;
    compare(changes, AREA_ROLLOUT, name, NULL, then ? then->str : NULL, now ? now->str : NULL);
}

static void free_values(NamedThings *things)
{
    for (guint i = 0; i < things->names->len; i++)
        g_string_free(g_hash_table_lookup(things->by_name, things->names->pdata[i]), TRUE);
    things_clear(things);
}

static void compare_rollouts(GPtrArray *changes, const PlanFile *before, const PlanFile *after)
{
    NamedThings then, now;
    things_init(&then);
    things_init(&now);
    collect_rollout(&then, before);
    collect_rollout(&now, after);
    compare_things(changes, &then, &now, compare_keys);
    free_values(&then);
    free_values(&now);
}

/* ---- Waves ---- */

static void collect_waves(NamedThings *things, const PlanFile *file)
{
    for (guint i = 0; file->waves && i < file->waves->len; i++) {
        PlanFileWave *wave = file->waves->pdata[i];
        things_add(things, g_strdup(wave->name), wave);
    }
}

static char *count_text(const PlanFileWave *wave)
{
    return wave ? g_strdup_printf("%u %s", wave->targets, wave->targets == 1 ? "target" : "targets") : NULL;
}

static void compare_waves(GPtrArray *changes, const char *name, gconstpointer before, gconstpointer after)
{
    g_autofree char *then = count_text(before), *now = count_text(after);
    compare(changes, AREA_WAVE, name, NULL, then, now);
}

/* ---- Steps ---- */

static void collect_steps(NamedThings *things, const PlanFile *file)
{
    for (guint i = 0; i < file->paths->len; i++) {
        const PlanFilePath *path = file->paths->pdata[i];
        for (guint j = 0; j < path->steps->len; j++) {
            PlanFileStep *step = path->steps->pdata[j];
            const char *word = *step->revision ? direction_name(step->direction) : "stamp";
            things_add(things,
                       g_strdup_printf("%s %s%s(%s)", word, step->revision, *step->revision ? " " : "",
                                       dialect_name(path->dialect)),
                       step);
        }
    }
}

static char *risks_text(const PlanFileStep *step)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < step->risks->len; i++) {
        const RiskMark *mark = step->risks->pdata[i];
        g_string_append_printf(out, "%s%s: %s", i ? "; " : "", risk_kind_name(mark->kind), mark->reason);
    }
    return g_string_free(out, FALSE);
}

static void compare_steps(GPtrArray *changes, const char *name, gconstpointer before, gconstpointer after)
{
    const PlanFileStep *then = before, *now = after;
    if (!then || !now) {
        compare(changes, AREA_STEP, name, NULL, then ? name : NULL, now ? name : NULL);
        return;
    }
    g_autofree char *risks_then = risks_text(then), *risks_now = risks_text(now);
    compare(changes, AREA_STEP, name, "sql", then->checksum, now->checksum);
    compare(changes, AREA_STEP, name, "check", then->check, now->check);
    compare(changes, AREA_STEP, name, "verify", then->verify, now->verify);
    compare(changes, AREA_STEP, name, "risks", risks_then, risks_now);
}

/* ---- Targets ---- */

static void collect_targets(NamedThings *things, const PlanFile *file)
{
    for (guint i = 0; i < file->targets->len; i++) {
        PlanFileTarget *target = file->targets->pdata[i];
        things_add(things, g_strdup(target->name), target);
    }
}

/* "base -> r05, 5 steps". Caller frees. */
static char *path_text(const PlanFilePath *path)
{
    if (!path)
        return g_strdup("nothing to do");
    const PlanFileStep *last = path->steps->pdata[path->steps->len - 1];
    g_autofree char *from = g_strjoinv(" ", path->from), *to = g_strjoinv(" ", last->after);
    return g_strdup_printf("%s -> %s, %u %s", *from ? from : "base", *to ? to : "base", path->steps->len,
                           path->steps->len == 1 ? "step" : "steps");
}

static char *whole_target(const PlanFileTarget *target)
{
    g_autofree char *path = path_text(target->path);
    return g_strdup_printf("%s%s%s", path, target->wave ? ", wave " : "",
                           target->wave ? target->wave->name : "");
}

/* Two that lead from the same to the same by other steps are told apart by their digest. */
static void compare_paths(GPtrArray *changes, const char *name, const PlanFilePath *before,
                          const PlanFilePath *after)
{
    if (g_strcmp0(before ? before->digest : NULL, after ? after->digest : NULL) == 0)
        return;
    g_autofree char *then = path_text(before), *now = path_text(after);
    if (!g_str_equal(then, now)) {
        compare(changes, AREA_TARGET, name, "path", then, now);
        return;
    }
    g_autofree char *then_whole = g_strdup_printf("%s (%.12s)", then, before->digest);
    g_autofree char *now_whole = g_strdup_printf("%s (%.12s)", now, after->digest);
    compare(changes, AREA_TARGET, name, "path", then_whole, now_whole);
}

static void compare_targets(GPtrArray *changes, const char *name, gconstpointer before, gconstpointer after)
{
    const PlanFileTarget *then = before, *now = after;
    if (!then || !now) {
        g_autofree char *whole = whole_target(then ? then : now);
        compare(changes, AREA_TARGET, name, NULL, then ? whole : NULL, now ? whole : NULL);
        return;
    }
    compare(changes, AREA_TARGET, name, "endpoint", then->endpoint, now->endpoint);
    compare_paths(changes, name, then->path, now->path);
    compare(changes, AREA_TARGET, name, "wave", then->wave ? then->wave->name : NULL,
            now->wave ? now->wave->name : NULL);
    compare(changes, AREA_TARGET, name, "variables", then->variables, now->variables);
}

/* ---- Exceptions ---- */

static void collect_exceptions(NamedThings *things, const PlanFile *file)
{
    for (guint i = 0; i < file->exceptions->len; i++) {
        PlanFileException *exception = file->exceptions->pdata[i];
        things_add(things, g_strdup(exception->name), exception);
    }
}

static char *exception_text(const PlanFileException *exception)
{
    return exception
               ? g_strconcat(exception->problem, exception->reason ? ": " : NULL, exception->reason, NULL)
               : NULL;
}

static const char *exception_wave(const PlanFileException *exception)
{
    return exception->wave ? exception->wave->name : NULL;
}

static void compare_exceptions(GPtrArray *changes, const char *name, gconstpointer before,
                               gconstpointer after)
{
    g_autofree char *then = exception_text(before), *now = exception_text(after);
    compare(changes, AREA_EXCEPTION, name, NULL, then, now);
    if (before && after)
        compare(changes, AREA_EXCEPTION, name, "wave", exception_wave(before), exception_wave(after));
}

GPtrArray *plan_diff(const PlanFile *before, const PlanFile *after)
{
    GPtrArray *changes = g_ptr_array_new_with_free_func(change_free);
    compare_heads(changes, before, after);
    compare_rollouts(changes, before, after);
    compare_files(changes, before, after, collect_waves, compare_waves);
    compare_files(changes, before, after, collect_steps, compare_steps);
    compare_files(changes, before, after, collect_targets, compare_targets);
    compare_files(changes, before, after, collect_exceptions, compare_exceptions);
    return changes;
}
