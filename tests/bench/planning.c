/* Planning: how long what comes before the first connection and after the last answer of a probe takes.
 * Prints lines of cells between tabs, times in milliseconds, for scripts/bench. Connects to nothing.
 *
 *   planning load FOLDER               revision files read, parsed and hashed, and their graph
 *   planning plan TARGETS REVISIONS    plans from states that are read
 *   planning worst TARGETS REVISIONS   the same where as many paths as can be are taken
 *   planning file TARGETS REVISIONS    its plan file: paths, MB; plan, write, load, check, show, diff */
#include "plans/plan_diff.h"
#include "plans/plan_file.h"
#include "plans/waves.h"
#include "report/plan_file_view.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Fleet {
    GPtrArray *revisions;
    RevisionGraph *graph;
    GPtrArray *targets;
    GPtrArray *states;
    RolloutPolicy policy;
} Fleet;

/* What a case differs in. */
typedef struct BenchCase {
    const char *name;
    unsigned starts; /* how many revisions the fleet is spread over: as many paths */
    bool variables;  /* each section uses one */
    bool waves;
} BenchCase;

static const BenchCase cases[] = {
    {"one path", 1, false, false},
    {"one path, 4 waves, variables", 1, true, true},
    {"50 paths, 4 waves", 50, false, true},
};
static const BenchCase worst_case[] = {{"a path from each revision", G_MAXUINT, false, true}};

/* ---- A fleet in memory ---- */

static char *revision_text(unsigned number, bool variables)
{
    g_autofree char *parent = number > 1 ? g_strdup_printf("r%04u", number - 1) : g_strdup("");
    const char *table = variables ? "{{ name | ident }}" : "t";
    return g_strdup_printf("-- revision: r%04u\n-- revises: %s\n-- message: step %u\n\n-- migrate:up\n"
                           "create table %s_%u (n int);\n\n-- migrate:down\ndrop table %s_%u;\n",
                           number, parent, number, table, number, table, number);
}

static void add_revisions(Fleet *self, unsigned count, bool variables)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    self->revisions = g_ptr_array_new_with_free_func((GDestroyNotify)revision_free);
    for (unsigned i = 1; i <= count; i++) {
        g_autofree char *text = revision_text(i, variables), *path = g_strdup_printf("versions/r%04u.sql", i);
        g_ptr_array_add(self->revisions, revision_parse(text, strlen(text), path, NULL, problems));
    }
    self->graph = revision_graph_new(self->revisions, problems);
    g_assert(self->graph);
}

static void target_free(gpointer data)
{
    Target *self = data;
    g_free(self->name);
    g_free(self->track);
    g_free(self->endpoint);
    g_free(self->server);
    db_url_free(self->url);
    g_hash_table_unref(self->labels);
    g_hash_table_unref(self->vars);
    g_free(self);
}

static Target *target_new(unsigned number)
{
    g_autofree char *url =
        g_strdup_printf("postgresql://migrator@db%02u.eu-west.internal/tenant_%05u", number % 40, number);
    Target *self = g_new0(Target, 1);
    self->name = g_strdup_printf("tenant-%05u", number);
    self->index = number;
    self->url = db_url_parse(url, NULL);
    self->track = g_strdup("default");
    self->labels = g_hash_table_new(g_str_hash, g_str_equal);
    self->vars = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(self->vars, "name", self->name);
    self->endpoint = db_url_endpoint(self->url);
    self->server = db_url_server(self->url);
    return self;
}

static TargetState *state_new(unsigned at)
{
    g_autofree char *row = g_strdup_printf("r%04u", at);
    TargetState *self = target_state_new();
    self->dialect = DIALECT_POSTGRES;
    g_strfreev(self->rows);
    self->rows = at ? g_strsplit(row, " ", -1) : g_new0(char *, 1);
    self->has_version_table = at > 0;
    return self;
}

static void add_wave(Fleet *self, const char *name, WaveKind kind, double share)
{
    WaveSpec *wave = g_new0(WaveSpec, 1);
    *wave = (WaveSpec){.kind = kind, .name = g_strdup(name), .share = share, .soak_ms = -1, .confirm = -1};
    g_ptr_array_add(self->policy.waves, wave);
}

static void fleet_init(Fleet *self, const BenchCase *what, unsigned targets, unsigned steps)
{
    *self = (Fleet){.targets = g_ptr_array_new_with_free_func(target_free),
                    .states = g_ptr_array_new_with_free_func((GDestroyNotify)target_state_free)};
    add_revisions(self, steps, what->variables);
    for (unsigned i = 0; i < targets; i++) {
        g_ptr_array_add(self->targets, target_new(i));
        g_ptr_array_add(self->states, state_new(i % MIN(what->starts, steps)));
    }
    rollout_policy_init(&self->policy);
    self->policy.jobs = 8;
    if (!what->waves)
        return;
    self->policy.waves = g_ptr_array_new_with_free_func((GDestroyNotify)wave_spec_free);
    add_wave(self, "1%", WAVE_SHARE, 1);
    add_wave(self, "10%", WAVE_SHARE, 10);
    add_wave(self, "30%", WAVE_SHARE, 30);
    add_wave(self, "rest", WAVE_REST, 0);
}

static void fleet_clear(Fleet *self)
{
    rollout_policy_clear(&self->policy);
    g_ptr_array_unref(self->states);
    g_ptr_array_unref(self->targets);
    revision_graph_free(self->graph);
    g_ptr_array_unref(self->revisions);
}

/* ---- Measuring ---- */

static double lap_ms(gint64 *since)
{
    gint64 now = g_get_monotonic_time();
    double milliseconds = (double)(now - *since) / 1000;
    *since = now;
    return milliseconds;
}

static PlanFile *file_of(Fleet *fleet, const Plan *plan)
{
    PlanFile *file = plan_file_new();
    file->track = g_strdup("default");
    file->version_table = g_strdup("dbfleet_version");
    file->created_by = g_strdup("release@ci");
    file->created_us = g_get_real_time();
    file->variables = g_new0(char *, 1);
    rollout_policy_copy(&file->rollout, &fleet->policy);
    plan_file_take(file, plan, NULL);
    return file;
}

static Plan *plan_of(const Fleet *fleet)
{
    const char *const goals[] = {"head", NULL};
    const PlanRequest request = {.command = PLAN_UPGRADE, .goals = goals, .version_table = "dbfleet_version"};
    g_autoptr(Diagnostics) problems = diagnostics_new();
    Plan *plan = plan_build(fleet->graph, fleet->targets, fleet->states, &request);
    plan_take_waves(plan, &fleet->policy, NULL, NULL, problems);
    return plan;
}

static bool measure_plan(const BenchCase *what, Fleet *fleet)
{
    gint64 since = g_get_monotonic_time();
    g_autoptr(Plan) plan = plan_of(fleet);
    printf("%s\t%.1f\n", what->name, lap_ms(&since));
    return plan->paths->len == MIN(what->starts, revision_graph_length(fleet->graph));
}

static bool measure_file(const BenchCase *what, Fleet *fleet)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *path = g_strdup_printf("plan-bench-%d.yaml", (int)getpid());
    gint64 since = g_get_monotonic_time();
    g_autoptr(Plan) plan = plan_of(fleet);
    double made = lap_ms(&since);
    g_autoptr(PlanFile) file = file_of(fleet, plan);
    g_autofree char *text = plan_file_text(file);
    gboolean saved = g_file_set_contents(path, text, -1, NULL);
    double written = lap_ms(&since);
    g_autoptr(PlanFile) back = plan_file_load(path, problems);
    double loaded = lap_ms(&since);
    bool good = saved && back && plan_file_check_revisions(back, fleet->graph, problems);
    double checked = lap_ms(&since);
    g_autofree char *markdown = good ? plan_file_view_markdown(back, fleet->graph, 60000) : NULL;
    double shown = lap_ms(&since);
    g_autoptr(GPtrArray) changes = good ? plan_diff(file, back) : NULL;
    double compared = lap_ms(&since);
    g_unlink(path);
    printf("%s\t%u\t%.2f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\n", what->name, plan->paths->len,
           (double)strlen(text) / 1e6, made, written, loaded, checked, shown, compared);
    return good && markdown && changes->len == 0;
}

typedef bool (*Measure)(const BenchCase *what, Fleet *fleet);

static int measure_cases(Measure measure, const BenchCase *what, gsize count, char *const *sizes)
{
    bool good = true;
    for (gsize i = 0; good && i < count; i++) {
        Fleet fleet;
        fleet_init(&fleet, &what[i], (unsigned)atoi(sizes[0]), (unsigned)atoi(sizes[1]));
        good = measure(&what[i], &fleet);
        fleet_clear(&fleet);
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int measure_load(const char *folder)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    gint64 since = g_get_monotonic_time();
    g_autoptr(GPtrArray) revisions = revision_load_folder(folder, problems);
    double loaded = lap_ms(&since);
    g_autoptr(RevisionGraph) graph = revisions ? revision_graph_new(revisions, problems) : NULL;
    printf("%u files read, parsed and hashed\t%.1f\ntheir graph\t%.1f\n", revisions ? revisions->len : 0,
           loaded, lap_ms(&since));
    return graph ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    if (argc == 3 && g_str_equal(argv[1], "load"))
        return measure_load(argv[2]);
    if (argc == 4 && g_str_equal(argv[1], "plan"))
        return measure_cases(measure_plan, cases, G_N_ELEMENTS(cases), argv + 2);
    if (argc == 4 && g_str_equal(argv[1], "worst"))
        return measure_cases(measure_plan, worst_case, 1, argv + 2);
    if (argc == 4 && g_str_equal(argv[1], "file"))
        return measure_cases(measure_file, cases, G_N_ELEMENTS(cases), argv + 2);
    fputs("usage: planning load FOLDER | planning plan|worst|file TARGETS REVISIONS\n", stderr);
    return 64;
}
