/* Drift view: clusters of equal schemas, what differs, and what could not be judged. */
#include "report/drift_view.h"
#include "base/finding.h"
#include "base/terminal.h"
#include "base/text_table.h"
#include "report/style_internal.h"
#include <string.h>

#define NAMES_SHOWN 8
#define DIFFERENCES_SHOWN 20

typedef struct View {
    GString *out;
    const DriftResult *result;
    const ReportOptions *options;
} View;

static StyleColor color_of(DriftVerdict verdict)
{
    static const StyleColor colors[DRIFT_VERDICT_COUNT] = {
        [DRIFT_NONE] = STYLE_GREEN,         [DRIFT_FOUND] = STYLE_RED,    [DRIFT_UNJUDGED] = STYLE_YELLOW,
        [DRIFT_UNREACHABLE] = STYLE_YELLOW, [DRIFT_ABSENT] = STYLE_PLAIN, [DRIFT_INACTIVE] = STYLE_PLAIN,
    };
    return colors[verdict];
}

static void print_totals(const View *view)
{
    static const char *const labels[DRIFT_VERDICT_COUNT] = {
        [DRIFT_NONE] = "clean",           [DRIFT_FOUND] = "drifted",
        [DRIFT_UNJUDGED] = "not judged",  [DRIFT_UNREACHABLE] = "unreachable",
        [DRIFT_ABSENT] = "not there yet", [DRIFT_INACTIVE] = "not looked at (inactive)",
    };
    StyleCount rows[DRIFT_VERDICT_COUNT];
    guint targets = view->result->targets->len;
    for (int i = 0; i < DRIFT_VERDICT_COUNT; i++)
        rows[i] = (StyleCount){view->result->counts[i], labels[i], color_of((DriftVerdict)i)};
    g_autofree char *lead = g_strdup_printf("drift: %u %s:", targets, targets == 1 ? "target" : "targets");
    style_append_counts(view->out, view->options, lead, rows, G_N_ELEMENTS(rows));
}

/* "  1 drifted (PostgreSQL 15, at 0003)" */
static void print_title(const View *view, DriftVerdict verdict, guint count, const char *what)
{
    g_autofree char *title = g_strdup_printf("%u %s", count, drift_verdict_name(verdict));
    g_string_append(view->out, "  ");
    style_append(view->out, view->options->color, color_of(verdict), title);
    if (what)
        style_append_words(view->out, 2 + terminal_text_width(title), 4, view->options->width, what);
    else
        g_string_append_c(view->out, '\n');
}

/* Of const Target *. */
static void print_names(const View *view, const GPtrArray *targets)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < targets->len; i++)
        g_ptr_array_add(names, ((const Target *)targets->pdata[i])->name);
    g_autofree char *list = finding_names(names, view->options->verbose ? names->len : NAMES_SHOWN);
    style_append_wrapped(view->out, 6, view->options->width, names->len == 1 ? "target:" : "targets:", list);
}

/* ---- Clusters ---- */

static char *cluster_text(const DriftCluster *self)
{
    g_autofree char *heads = self->heads[0] ? g_strjoinv(", ", self->heads) : g_strdup("base");
    g_autofree char *others =
        self->other_tracks ? g_strdup_printf(" with %s", self->other_tracks) : g_strdup("");
    return g_strdup_printf("(%s, at %s%s%s%s)", self->server, heads, others,
                           self->one_schema ? ", one schema each" : "",
                           self->basis == DRIFT_BY_PEERS ? ", compared with its peers" : "");
}

static void print_differences(const View *view, const DriftCluster *cluster)
{
    g_autoptr(GPtrArray) lines = drift_lines(cluster->differences);
    guint shown = view->options->verbose ? lines->len : MIN(lines->len, DIFFERENCES_SHOWN);
    for (guint i = 0; i < shown; i++) {
        g_string_append(view->out, "      - ");
        style_append_words(view->out, 8, 8, view->options->width, lines->pdata[i]);
    }
    if (shown < lines->len)
        g_string_append_printf(view->out, "      … and %u more (-v shows all)\n", lines->len - shown);
}

static char *repair_text(const DriftRepair *self)
{
    g_autoptr(GString) text = g_string_new(NULL);
    if (!self->sql)
        return g_strdup_printf("cannot be written: %s", self->problem);
    g_string_append_printf(text, "%u %s", self->statements,
                           self->statements == 1 ? "statement" : "statements");
    if (self->data_loss > 0)
        g_string_append_printf(text, ", %u of them with loss of data", self->data_loss);
    if (self->is_proven)
        g_string_append(text, "; tried on a scratch database, where nothing differed afterwards");
    else
        g_string_append_printf(text, "; not tried: %s", self->problem);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void print_cluster(const View *view, const DriftCluster *cluster)
{
    g_autofree char *what = cluster_text(cluster);
    print_title(view, cluster->verdict, cluster->targets->len, what);
    print_names(view, cluster->targets);
    if (cluster->reason)
        style_append_wrapped(
            view->out, 6, view->options->width,
            cluster->basis == DRIFT_BY_PEERS && cluster->verdict != DRIFT_UNJUDGED ? "peers, because" : "",
            cluster->reason);
    print_differences(view, cluster);
    if (!cluster->repair)
        return;
    g_autofree char *repair = repair_text(cluster->repair);
    style_append_wrapped(view->out, 6, view->options->width, "repair:", repair);
}

/* ---- What has no schema to show ---- */

/* Targets with the same reason. */
typedef struct Unread {
    const DriftTarget *example;
    GPtrArray *targets; /* of const Target * */
} Unread;

static void unread_free(gpointer item)
{
    Unread *self = item;
    g_ptr_array_unref(self->targets);
    g_free(self);
}

static const char *life_or_class(const DriftTarget *self)
{
    if (self->verdict == DRIFT_INACTIVE)
        return target_life_name(self->target->life);
    return self->error_class ? self->error_class : "";
}

static char *key_of(const DriftTarget *self)
{
    const char *const names[] = {self->target->name, self->target->url->database, self->target->schema, NULL};
    g_autofree char *pattern = message_pattern(self->reason ? self->reason : "", names);
    return g_strdup_printf("%d %s %s", (int)self->verdict, life_or_class(self), pattern);
}

static GPtrArray *collect_unread(const DriftResult *result)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(unread_free);
    g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < result->targets->len; i++) {
        const DriftTarget *target = result->targets->pdata[i];
        if (target->cluster)
            continue;
        char *key = key_of(target);
        Unread *unread = g_hash_table_lookup(by_key, key);
        if (!unread) {
            unread = g_new0(Unread, 1);
            *unread = (Unread){target, g_ptr_array_new()};
            g_ptr_array_add(all, unread);
            g_hash_table_insert(by_key, g_strdup(key), unread);
        }
        g_ptr_array_add(unread->targets, (gpointer)target->target);
        g_free(key);
    }
    return all;
}

static void print_unread(const View *view, const Unread *unread)
{
    const char *kind = life_or_class(unread->example);
    g_autofree char *what = *kind ? g_strdup_printf("(%s)", kind) : NULL;
    print_title(view, unread->example->verdict, unread->targets->len, what);
    if (unread->example->reason)
        style_append_wrapped(view->out, 6, view->options->width, "", unread->example->reason);
    print_names(view, unread->targets);
}

char *drift_view_text(const DriftResult *result, const ReportOptions *options)
{
    const View view = {g_string_new(NULL), result, options};
    g_autoptr(GPtrArray) unread = collect_unread(result);
    print_totals(&view);
    for (guint i = 0; i < result->clusters->len; i++)
        print_cluster(&view, result->clusters->pdata[i]);
    for (guint i = 0; i < unread->len; i++)
        print_unread(&view, unread->pdata[i]);
    return g_string_free(view.out, FALSE);
}

/* ---- Scripts ---- */

static void add_comment(GString *out, const char *text)
{
    g_autofree char *blank = g_strdelimit(g_strdup(text), "\r\n", ' ');
    g_autofree char *line = text_printable(blank, false);
    g_string_append_printf(out, "-- %s\n", line);
}

static void add_target(GString *out, const Target *target)
{
    g_autofree char *line = g_strdup_printf("  %s  %s", target->name, target->endpoint);
    add_comment(out, line);
}

/* What it is for, what differs, whether it was tried. */
static void add_heading(GString *out, const DriftCluster *cluster, const Target *target)
{
    g_autoptr(GPtrArray) lines = drift_lines(cluster->differences);
    g_autofree char *kind = cluster_text(cluster);
    g_autofree char *about = g_strdup_printf("Repair of drift %s, for:", kind);
    g_autofree char *tried = repair_text(cluster->repair);
    add_comment(out, about);
    for (guint i = 0; i < cluster->targets->len; i++)
        if (!target || target == cluster->targets->pdata[i])
            add_target(out, cluster->targets->pdata[i]);
    add_comment(out, "What differs:");
    for (guint i = 0; i < lines->len; i++) {
        g_autofree char *line = g_strdup_printf("  %s", (const char *)lines->pdata[i]);
        add_comment(out, line);
    }
    add_comment(out, tried);
    g_string_append_c(out, '\n');
}

/* What names without a schema mean, as they were written for. */
static void add_session(GString *out, const DriftCluster *cluster, const Target *target)
{
    if (cluster->dialect != DIALECT_POSTGRES)
        return;
    g_autofree char *schema =
        sql_quote_ident(cluster->dialect, target && target->schema ? target->schema : "public");
    g_string_append_printf(out, "SET client_encoding = 'UTF8';\nSET search_path = %s;\n\n", schema);
}

char *drift_view_script(const DriftCluster *cluster, const Target *target)
{
    const DriftRepair *repair = cluster->repair;
    if (!repair || !repair->sql)
        return NULL;
    GString *out = g_string_new(NULL);
    add_heading(out, cluster, target);
    add_session(out, cluster, target);
    g_string_append(out, repair->sql);
    return g_string_free(out, FALSE);
}
