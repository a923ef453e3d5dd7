/* dbfleet drift */
#include "base/atomic_file.h"
#include "commands/command_list_internal.h"
#include "commands/drift_internal.h"
#include "report/drift_view.h"
#include <stdio.h>
#include <string.h>

/* ---- Repair ---- */

/* Where the scripts of a run go. */
typedef struct Scripts {
    const Options *options;
    const char *place; /* a folder, or "-" */
    guint count;
    int code;
} Scripts;

/* "2-shop-17.sql": a name that any file system takes. Caller frees. */
static char *script_path(const Scripts *self, const Target *target)
{
    g_autofree char *safe = g_strdup(target->name);
    g_strcanon(safe, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.", '_');
    g_autofree char *name = g_strdup_printf("%u-%s.sql", self->count, safe);
    return g_build_filename(self->place, name, NULL);
}

static bool write_file(Scripts *self, const char *path, const char *script)
{
    GError *error = NULL;
    g_autofree char *said = g_strdup_printf("repair: %s", path);
    (void)g_mkdir_with_parents(self->place, 0777);
    if (atomic_file_replace(path, script, strlen(script), &error)) {
        command_note(self->options, said);
        return true;
    }
    self->code = command_fail_error(EXIT_CONFIGURATION, error);
    return false;
}

/* `target` NULL: one for all of the cluster. */
static bool write_script(Scripts *self, const DriftCluster *cluster, const Target *target)
{
    g_autofree char *script = drift_view_script(cluster, target);
    if (!script)
        return true;
    self->count++;
    if (g_str_equal(self->place, "-")) {
        self->code = command_print(script);
        return self->code == EXIT_DONE;
    }
    g_autofree char *path = script_path(self, target ? target : cluster->targets->pdata[0]);
    return write_file(self, path, script);
}

/* One for each cluster; a target that is a schema has its own, which says the schema. */
static bool write_scripts(Scripts *self, const DriftResult *result)
{
    for (guint i = 0; i < result->clusters->len; i++) {
        const DriftCluster *cluster = result->clusters->pdata[i];
        for (guint t = 0; t < (cluster->one_schema ? cluster->targets->len : 1); t++)
            if (!write_script(self, cluster, cluster->one_schema ? cluster->targets->pdata[t] : NULL))
                return false;
    }
    return true;
}

/* ---- The command ---- */

/* The project's other tracks, with what keeps their graphs alive. */
typedef struct OtherTracks {
    GArray *rows;         /* of DriftTrack */
    GPtrArray *revisions; /* of GPtrArray of Revision * */
    GPtrArray *graphs;    /* of RevisionGraph * */
} OtherTracks;

static void other_tracks_clear(OtherTracks *self)
{
    g_array_unref(self->rows);
    g_ptr_array_unref(self->graphs);
    g_ptr_array_unref(self->revisions);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OtherTracks, other_tracks_clear)

/* One whose files have errors has no graph: targets where it stands cannot be judged, and say so. */
static void add_track(OtherTracks *self, const Track *track, bool before)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    GPtrArray *revisions = revision_load_folder(track->versions, problems);
    RevisionGraph *graph = revisions ? revision_graph_new(revisions, problems) : NULL;
    const DriftTrack row = {track, graph, before};
    if (revisions)
        g_ptr_array_add(self->revisions, revisions);
    if (graph)
        g_ptr_array_add(self->graphs, graph);
    g_array_append_val(self->rows, row);
}

static OtherTracks other_tracks(const Workspace *workspace)
{
    OtherTracks self = {g_array_new(FALSE, FALSE, sizeof(DriftTrack)),
                        g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref),
                        g_ptr_array_new_with_free_func((GDestroyNotify)revision_graph_free)};
    bool before = true;
    for (guint i = 0; i < workspace->project->tracks->len; i++) {
        const Track *track = workspace->project->tracks->pdata[i];
        before = before && track != workspace->track;
        if (!g_str_equal(track->version_table, workspace->track->version_table))
            add_track(&self, track, before);
    }
    return self;
}

DriftResult *drift_of(const Workspace *self, GPtrArray *targets, const DriftOptions *wanted)
{
    g_autoptr(SecretStore) secrets = secret_store_new();
    g_autoptr(RunView) view = run_view_new(self, "comparing", targets->len);
    SchedulerLimits limits = {0};
    g_auto(OtherTracks) others = other_tracks(self);
    DriftOptions options = *wanted;
    options.others = others.rows;
    change_parallel(self, &limits);
    options.project = self->project;
    options.graph = self->graph;
    options.secrets = secrets;
    options.folder = fleet_folder(self->fleet);
    options.version_table = workspace_version_table(self);
    options.variables = options_pairs(self->options, "set");
    options.limits = (EachLimits){limits.jobs, limits.per_host, run_view_probe_tick, view};
    signals_install();
    DriftResult *result = drift_judge(targets, &options);
    signals_restore();
    if (result && result->cache_problem)
        command_note(self->options, result->cache_problem);
    return result;
}

static int exit_code_of(const DriftResult *result)
{
    if (result->counts[DRIFT_UNJUDGED] > 0)
        return EXIT_TARGET_FAILED;
    if (result->counts[DRIFT_FOUND] > 0)
        return EXIT_DIFFERENT;
    return result->counts[DRIFT_UNREACHABLE] > 0 ? EXIT_UNREACHABLE : EXIT_DONE;
}

static int print_result(const Options *options, const DriftResult *result)
{
    int code = EXIT_DONE;
    const char *place = options_text(options, "repair-sql");
    bool json = command_wants_json(options);
    bool scripts_only = place && g_str_equal(place, "-") && !json;
    const ReportOptions view = {.width = command_width(),
                                .color = command_color(options, scripts_only ? 2 : 1),
                                .verbose = options_count(options, "verbose") > 0};
    g_autofree char *text = json ? drift_view_json(result) : drift_view_text(result, &view);
    if (scripts_only)
        fputs(text, stderr);
    else
        code = command_page(options, text);
    Scripts scripts = {options, place, 0, EXIT_DONE};
    bool in_json = place && g_str_equal(place, "-") && json;
    if (code == EXIT_DONE && place && !in_json && !write_scripts(&scripts, result))
        return scripts.code;
    if (code != EXIT_DONE)
        return code;
    return exit_code_of(result);
}

static int drift_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_REVISIONS | WORKSPACE_FLEET, &code))
        return code;
    const DriftOptions wanted = {
        .against =
            g_str_equal(options_text(options, "against"), "peers") ? DRIFT_BY_PEERS : DRIFT_BY_REVISIONS,
        .privileges = options_flag(options, "privileges"),
        .owners = options_flag(options, "owners"),
        .names = options_flag(options, "strict-names"),
        .no_cache = options_flag(options, "no-cache"),
        .repair = options_given(options, "repair-sql"),
    };
    g_autoptr(DriftResult) result = drift_of(&workspace, workspace.targets, &wanted);
    return result ? print_result(options, result) : EXIT_INTERRUPTED;
}

static const char *const bases[] = {"revisions", "peers", NULL};

static const OptionSpec own_options[] = {
    {.name = "against",
     .kind = OPTION_CHOICE,
     .argument = "WHAT",
     .choices = bases,
     .fallback = "revisions",
     .help = "Compare with what the revisions make on a scratch database, or with most targets at the same "
             "heads"},
    {.name = "repair-sql",
     .kind = OPTION_TEXT,
     .argument = "FOLDER|-",
     .help = "Write what would bring back those that drifted: a file for each schema, or all to stdout (with "
             "--format json: in it). Nothing of it is run on a target"},
    {.name = "privileges", .kind = OPTION_FLAG, .help = "Compare grants too"},
    {.name = "owners", .kind = OPTION_FLAG, .help = "Compare who owns what too"},
    {.name = "strict-names",
     .kind = OPTION_FLAG,
     .help = "Compare names that the server made up for constraints too"},
    {.name = "no-cache",
     .kind = OPTION_FLAG,
     .help = "Read every schema in full and run the revisions again, whatever is known from before"},
    {0}};

static const OptionSpec *const option_sets[] = {selection_options, parallel_options, own_options,
                                                variable_options,  format_options,   NULL};

const CommandSpec drift_command = {
    .name = "drift",
    .group = COMMANDS_FLEET,
    .operands = "",
    .summary = "Compare each target's schema with what its revision says",
    .description =
        "Reads the schema of every selected target in parallel, in read-only sessions, without a lock. What "
        "it "
        "should be is found by running the revisions below the target's heads on a scratch database of the "
        "same kind and version (see dev in dbfleet.yaml), once for all targets alike; without such a server "
        "the majority of the targets at the same heads counts.\n\n"
        "Targets with the same schema are told once, with their number; what differs stands object by "
        "object. "
        "A target whose catalogs were not touched since the last time is not read again.\n\n"
        "Exits with 0 when nothing differs, 2 when something does, 4 when targets could only not be reached, "
        "1 when one was reached and could not be judged.",
    .example = "dbfleet drift\ndbfleet drift -l eu --repair-sql repair/\ndbfleet drift --format json | jq "
               "'.clusters[] | select(.verdict == \"drifted\")'",
    .option_sets = option_sets,
    .run = drift_run,
};
