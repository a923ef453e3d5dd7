/* Plan diff view: changes that are the same for many targets are told once, with their names. */
#include "report/plan_diff_view.h"

#include "base/duration.h"
#include "base/json_out.h"
#include "base/text_table.h"
#include "report/plan_file_summary_internal.h"
#include "report/style_internal.h"
#include <string.h>

#define NAMES_SHOWN 8u

typedef struct View {
    GString *out;
    const GPtrArray *changes;
    const ReportOptions *options;
} View;

/* ---- Lines ---- */

static void print_marked(const View *view, const char *mark, const char *text)
{
    StyleColor color = *mark == '+' ? STYLE_GREEN : *mark == '-' ? STYLE_RED : STYLE_YELLOW;
    g_string_append(view->out, "  ");
    style_append(view->out, view->options->color, color, mark);
    style_append_words(view->out, 3, 4, view->options->width, text);
}

static const char *mark_of(const PlanChange *change)
{
    return !change->before ? "+" : !change->after ? "-" : "~";
}

static const char *field_words(const char *field)
{
    static const struct {
        const char *field;
        const char *words;
    } rows[] = {{"sql", "its SQL changed"},
                {"check", "its migrate:check changed"},
                {"verify", "its migrate:verify changed"}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_strcmp0(field, rows[i].field) == 0)
            return rows[i].words;
    return NULL;
}

static const char *said(const char *text)
{
    return text && *text ? text : "none";
}

/* ---- Head, rollout, waves, steps: one line each ---- */

/* The lines of `left` that `right` lacks. */
static void print_lines(const View *view, const char *mark, const char *left, const char *right)
{
    g_auto(GStrv) lines = g_strsplit(left ? left : "", "\n", -1);
    g_auto(GStrv) others = g_strsplit(right ? right : "", "\n", -1);
    for (char **line = lines; *line; line++) {
        if (!**line || g_strv_contains((const char *const *)others, *line))
            continue;
        g_autofree char *text = text_printable(*line, false);
        g_string_append_printf(view->out, "      %s %s\n", mark, text);
    }
}

static bool is_list(const char *text)
{
    return text && g_str_has_prefix(text, "- ");
}

static void print_change(const View *view, const PlanChange *change)
{
    const char *words = field_words(change->field);
    g_autofree char *text = NULL;
    bool list = is_list(change->before) || is_list(change->after);
    if (list)
        text = g_strdup_printf("%s:", change->name);
    else if (words)
        text = g_strdup_printf("%s: %s", change->name, words);
    else if (change->area == AREA_STEP && !change->field)
        text = g_strdup(change->name);
    else
        text = g_strdup_printf("%s%s%s: %s -> %s", change->name, change->field ? " " : "",
                               change->field ? change->field : "", said(change->before), said(change->after));
    print_marked(view, mark_of(change), text);
    if (list) {
        print_lines(view, "-", change->before, change->after);
        print_lines(view, "+", change->after, change->before);
    }
}

/* ---- Targets and exceptions: what is the same for many once ---- */

typedef struct Cluster {
    const PlanChange *example;
    GPtrArray *changes; /* of const PlanChange * */
} Cluster;

static void cluster_free(gpointer data)
{
    Cluster *self = data;
    g_ptr_array_unref(self->changes);
    g_free(self);
}

static char *cluster_key(const PlanChange *change)
{
    bool own = g_strcmp0(change->field, "endpoint") == 0 || g_strcmp0(change->field, "variables") == 0;
    return g_strdup_printf("%s\n%s\n%s\n%s\n%d%d", change->field ? change->field : "",
                           own ? change->name : "", said(change->before), said(change->after),
                           change->before != NULL, change->after != NULL);
}

static GPtrArray *clusters_of(const GPtrArray *changes, PlanArea area)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *clusters = g_ptr_array_new_with_free_func(cluster_free);
    for (guint i = 0; i < changes->len; i++) {
        const PlanChange *change = changes->pdata[i];
        if (change->area != area)
            continue;
        g_autofree char *key = cluster_key(change);
        Cluster *cluster = g_hash_table_lookup(known, key);
        if (!cluster) {
            cluster = g_new0(Cluster, 1);
            cluster->example = change;
            cluster->changes = g_ptr_array_new();
            g_ptr_array_add(clusters, cluster);
            g_hash_table_insert(known, g_steal_pointer(&key), cluster);
        }
        g_ptr_array_add(cluster->changes, (gpointer)change);
    }
    return clusters;
}

static char *cluster_names(const Cluster *cluster, unsigned shown)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < cluster->changes->len; i++)
        g_ptr_array_add(names, &((PlanChange *)cluster->changes->pdata[i])->name);
    return plan_file_names(names, shown);
}

static void print_cluster(const View *view, const Cluster *cluster)
{
    const PlanChange *change = cluster->example;
    g_autofree char *names = cluster_names(cluster, view->options->verbose ? G_MAXUINT : NAMES_SHOWN);
    g_autofree char *what = NULL;
    if (g_strcmp0(change->field, "variables") == 0)
        what = g_strdup("its variables changed");
    else if (!change->before || !change->after)
        what = g_strdup(said(change->before ? change->before : change->after));
    else
        what = g_strdup_printf("%s%s%s => %s", change->field ? change->field : "", change->field ? ": " : "",
                               said(change->before), said(change->after));
    g_autofree char *text = g_strdup_printf("%u %s: %s: %s", cluster->changes->len,
                                            cluster->changes->len == 1 ? "target" : "targets", what, names);
    print_marked(view, mark_of(change), text);
}

/* ---- The whole ---- */

static void print_area(const View *view, PlanArea area, const char *title)
{
    bool many = area == AREA_TARGET || area == AREA_EXCEPTION;
    g_autoptr(GPtrArray) clusters = clusters_of(view->changes, area);
    if (clusters->len == 0)
        return;
    g_string_append_printf(view->out, "\n%s\n", title);
    for (guint i = 0; many && i < clusters->len; i++)
        print_cluster(view, clusters->pdata[i]);
    for (guint i = 0; !many && i < view->changes->len; i++)
        if (((const PlanChange *)view->changes->pdata[i])->area == area)
            print_change(view, view->changes->pdata[i]);
}

static void print_file(const View *view, const char *label, const PlanFile *file)
{
    g_autofree char *title = plan_file_title(file), *time = timestamp_format(file->created_us);
    g_autofree char *text =
        g_strdup_printf("%s: %s, made %s by %s, digest %.12s", file->file ? file->file : "", title, time,
                        file->created_by, file->digest);
    style_append_wrapped(view->out, 2, view->options->width, label, text);
}

char *plan_diff_view_text(const PlanFile *before, const PlanFile *after, const GPtrArray *changes,
                          const ReportOptions *options)
{
    static const char *const titles[AREA_COUNT] = {
        "plan:", "rollout:", "waves:", "steps:", "targets:", "left alone:"};
    const View view = {g_string_new(NULL), changes, options};
    print_file(&view, "-", before);
    print_file(&view, "+", after);
    for (int area = 0; area < AREA_COUNT; area++)
        print_area(&view, (PlanArea)area, titles[area]);
    if (changes->len == 0)
        g_string_append(view.out, g_str_equal(before->digest, after->digest)
                                      ? "\nthe same plan\n"
                                      : "\nthe same plan, made at another time or by someone else\n");
    return g_string_free(view.out, FALSE);
}

static void file_json(JsonOut *json, const char *key, const PlanFile *file)
{
    json_out_begin_object(json, key);
    json_out_string(json, "file", file->file);
    json_out_string(json, "digest", file->digest);
    json_out_end_object(json);
}

char *plan_diff_view_json(const PlanFile *before, const PlanFile *after, const GPtrArray *changes)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_object(json, NULL);
    json_out_int(json, "format", 1);
    file_json(json, "before", before);
    file_json(json, "after", after);
    json_out_bool(json, "different", changes->len > 0);
    json_out_begin_array(json, "changes");
    for (guint i = 0; i < changes->len; i++) {
        const PlanChange *change = changes->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "area", plan_area_name(change->area));
        json_out_string(json, "name", change->name);
        json_out_string(json, "field", change->field);
        json_out_string(json, "before", change->before);
        json_out_string(json, "after", change->after);
        json_out_end_object(json);
    }
    json_out_end_array(json);
    json_out_end_object(json);
    return json_out_steal(json);
}
