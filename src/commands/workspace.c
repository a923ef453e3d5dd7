/* Workspace: project, revisions and fleet as the options of one command line ask for them. Everything that is
 * wrong is printed here, in one go, before anything is connected. */
#include "base/suggest.h"
#include "commands/commands_internal.h"
#include "drivers/driver.h"
#include "run/discovery.h"
#include "run/fleet_run.h"
#include "run/ledger/ledger.h"
#include <string.h>

bool workspace_without_waves(const Workspace *self)
{
    return options_knows(self->options, "no-waves") && options_flag(self->options, "no-waves");
}

static bool open_project(Workspace *self, Diagnostics *problems)
{
    const char *config = options_text(self->options, "config");
    g_autofree char *folder = g_get_current_dir();
    g_autofree char *found = config ? g_strdup(config) : project_find(folder);
    self->project = found ? project_load(found, folder, problems) : project_default(folder);
    if (self->project && workspace_without_waves(self))
        rollout_policy_drop_waves(&self->project->rollout);
    return self->project != NULL;
}

/* `track` NULL: the one that was typed, or the default. */
static bool choose_track(Workspace *self, const char *track, int *exit_code)
{
    const char *name = track ? track : options_text(self->options, "track");
    self->track = project_track(self->project, name ? name : "default");
    if (self->track)
        return true;
    g_auto(GStrv) names = project_track_names(self->project);
    g_autofree char *known = g_strjoinv(", ", names);
    const char *near = name ? suggest_nearest(name, (const char *const *)names, g_strv_length(names)) : NULL;
    *exit_code =
        command_fail(EXIT_CONFIGURATION, "there is no track \"%s\"; %s has: %s%s%s%s",
                     name ? name : "default", self->project->file ? self->project->file : "this folder",
                     known, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return false;
}

static bool load_revisions(Workspace *self, Diagnostics *problems)
{
    self->revisions = revision_load_folder(self->track->versions, problems);
    if (self->revisions)
        self->graph = revision_graph_new(self->revisions, problems);
    return self->graph != NULL;
}

/* URL schemes of the drivers that were built in and have all these features, NULL-terminated; caller frees
 * the list, not its texts. */
static const char **schemes_with(unsigned features)
{
    GPtrArray *schemes = g_ptr_array_new();
    for (const Driver *const *driver = drivers_all(); *driver; driver++) {
        for (const char *const *scheme = (*driver)->schemes; *scheme; scheme++)
            if (((*driver)->features & features) == features)
                g_ptr_array_add(schemes, (gpointer)*scheme);
    }
    g_ptr_array_add(schemes, NULL);
    return (const char **)g_ptr_array_free(schemes, FALSE);
}

static const char *text_if_known(const Options *options, const char *name)
{
    return options_knows(options, name) ? options_text(options, name) : NULL;
}

static bool has_fleet(const Workspace *self)
{
    return text_if_known(self->options, "url") || options_text(self->options, "inventory") ||
           self->project->inventory || g_getenv("DATABASE_URL");
}

static Fleet *load_source(const Workspace *self, const FleetOptions *load, Diagnostics *problems)
{
    const char *url = text_if_known(self->options, "url");
    const char *path = options_text(self->options, "inventory");
    const char *environment = g_getenv("DATABASE_URL");
    if (!path)
        path = self->project->inventory;
    if (url || (!path && environment))
        return fleet_from_url(url ? url : environment, load, problems);
    if (path)
        return fleet_load(path, load, problems);
    diagnostics_error(
        problems, (SourcePlace){0},
        "no inventory: name one in dbfleet.yaml (\"dbfleet init\" writes one), or give --inventory, "
        "--url or DATABASE_URL");
    return NULL;
}

/* A URL parameter that no driver knows is a mistake in the inventory, told before anything is connected. */
static bool check_parameters(const Fleet *fleet, Diagnostics *problems)
{
    bool good = true;
    for (unsigned i = 0; i < fleet_length(fleet); i++) {
        g_autoptr(GError) error = NULL;
        const Target *target = fleet_at(fleet, i);
        const Driver *driver = driver_for_scheme(target->url->scheme, NULL);
        if (!driver || driver_accepts_url(driver, target->url, &error))
            continue;
        diagnostics_error(problems, target->place, "%s. %s", error->message, db_error_detail(error)->hint);
        good = false;
    }
    return good;
}

/* Whether sources outside are asked for targets. A command that can do without a fleet asks only for targets
 * that were chosen. */
static bool asks_sources(const Workspace *self, unsigned parts)
{
    if (parts & WORKSPACE_WRITTEN)
        return false;
    return (parts & WORKSPACE_FLEET) || text_if_known(self->options, "limit");
}

/* Beside the ledger's usual place. */
static char *cache_folder(const Workspace *self, unsigned parts)
{
    bool remembers = asks_sources(self, parts) || (parts & WORKSPACE_REMEMBERED);
    return remembers ? g_build_filename(self->project->folder, ".dbfleet", "discovery", NULL) : NULL;
}

static bool load_fleet(Workspace *self, unsigned parts, Diagnostics *problems)
{
    g_autoptr(SecretStore) secrets = secret_store_new();
    g_autofree char *cache = cache_folder(self, parts);
    const DiscoverySources sources = discovery_sources(secrets);
    g_auto(GStrv) tracks = project_track_names(self->project);
    g_auto(GStrv) tables = project_track_tables(self->project);
    g_autofree const char **schemes = schemes_with(0);
    g_autofree const char **schema_schemes = schemes_with(DRIVER_SCHEMAS);
    const FleetOptions load = {
        .sources = asks_sources(self, parts) ? &sources : NULL,
        .cache_folder = cache,
        .renew = (parts & WORKSPACE_RENEWED) ||
                 (options_knows(self->options, "refresh") && options_flag(self->options, "refresh")),
        .now_unix_us = g_get_real_time(),
        .schemes = schemes,
        .schema_schemes = schema_schemes,
        .tracks = (const char *const *)tracks,
        .track_tables = (const char *const *)tables,
        .url_track = self->track->name,
        .allow_missing_environment = parts & (WORKSPACE_ALL_TRACKS | WORKSPACE_FLEET_IF_ANY)};
    self->fleet = load_source(self, &load, problems);
    return self->fleet && check_parameters(self->fleet, problems);
}

bool workspace_fleet_is_as_written(const Workspace *self)
{
    const char *path = options_text(self->options, "inventory");
    if (!path)
        path = self->project->inventory;
    return path && !text_if_known(self->options, "url") && fleet_is_as_written(self->fleet, path);
}

Fleet *workspace_reload_fleet(const Workspace *self, Diagnostics *problems)
{
    Workspace again = *self;
    again.fleet = NULL;
    if (load_fleet(&again, WORKSPACE_FLEET | WORKSPACE_RENEWED, problems))
        return again.fleet;
    fleet_free(again.fleet);
    return NULL;
}

Ledger *workspace_ledger(const Workspace *self, bool create, GError **error)
{
    return ledger_open(self->project->ledger, self->project->folder, create, error);
}

const Target *workspace_find_target(const Workspace *self, const char *name, int *exit_code)
{
    const Target *target = fleet_find(self->fleet, name);
    if (target)
        return target;
    unsigned count = fleet_length(self->fleet);
    g_autofree const char **names = g_new0(const char *, count + 1);
    for (unsigned i = 0; i < count; i++)
        names[i] = fleet_at(self->fleet, i)->name;
    const char *near = suggest_nearest(name, names, count);
    *exit_code = command_fail(EXIT_CONFIGURATION, "there is no target \"%s\"%s%s%s", name,
                              near ? "; did you mean \"" : " (\"dbfleet inventory list\" shows all)",
                              near ? near : "", near ? "\"?" : "");
    return NULL;
}

/* ---- Selecting ---- */

static bool is_wanted(const TargetResult *target, const char *state)
{
    if (g_str_equal(state, "unreachable"))
        return target->outcome == OUTCOME_UNREACHABLE;
    return target->outcome != OUTCOME_DONE && target->outcome != OUTCOME_UNCHANGED &&
           target->outcome != OUTCOME_INACTIVE && target->outcome != OUTCOME_NOT_STARTED &&
           target->outcome != OUTCOME_UNREACHABLE;
}

/* @failed:RUN and @unreachable:RUN, from the ledger. */
static char **lookup_run(void *context, const char *state, const char *run, GError **error)
{
    const Workspace *self = context;
    g_autoptr(Ledger) ledger = workspace_ledger(self, false, error);
    g_autoptr(RunResult) result = ledger ? ledger_load(ledger, run, error) : NULL;
    if (!result)
        return NULL;
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    for (guint i = 0; i < result->targets->len; i++) {
        const TargetResult *target = result->targets->pdata[i];
        if (is_wanted(target, state))
            g_strv_builder_add(names, target->name);
    }
    return g_strv_builder_end(names);
}

/* Keeps the targets of this track. */
static GPtrArray *of_track(GPtrArray *targets, const char *track)
{
    GPtrArray *mine = g_ptr_array_new();
    for (guint i = 0; i < targets->len; i++)
        if (g_str_equal(((const Target *)targets->pdata[i])->track, track))
            g_ptr_array_add(mine, targets->pdata[i]);
    return mine;
}

static bool select_targets(Workspace *self, bool all_tracks, bool any, int *exit_code)
{
    GError *error = NULL;
    const char *limit = text_if_known(self->options, "limit");
    g_autoptr(GPtrArray) selected = fleet_select(self->fleet, limit, lookup_run, self, &error);
    if (!selected) {
        *exit_code = command_fail_error(EXIT_CONFIGURATION, error);
        return false;
    }
    self->targets = all_tracks ? g_ptr_array_ref(selected) : of_track(selected, self->track->name);
    if (self->targets->len > 0 || any || options_flag(self->options, "allow-empty"))
        return true;
    if (selected->len > 0)
        *exit_code = command_fail(EXIT_CONFIGURATION,
                                  "none of the %u targets selected is of track \"%s\"; choose one with -n",
                                  selected->len, self->track->name);
    else
        *exit_code = command_fail(EXIT_CONFIGURATION, "%s%s%s selects no target (--allow-empty accepts that)",
                                  limit ? "-l \"" : "the inventory", limit ? limit : "", limit ? "\"" : "");
    return false;
}

GPtrArray *workspace_select_again(const Workspace *self, const Fleet *fleet, GError **error)
{
    const char *limit = text_if_known(self->options, "limit");
    g_autoptr(GPtrArray) selected = fleet_select(fleet, limit, lookup_run, (gpointer)self, error);
    return selected ? of_track(selected, self->track->name) : NULL;
}

GPtrArray *workspace_select(const Workspace *self, const char *selector, GError **error)
{
    return fleet_select(self->fleet, selector, lookup_run, (gpointer)self, error);
}

/* ---- The whole ---- */

static bool wants_fleet(const Workspace *self, unsigned parts)
{
    return (parts & WORKSPACE_FLEET) || ((parts & WORKSPACE_FLEET_IF_ANY) && has_fleet(self));
}

/* A fleet given by --url alone has no versions folder to be found missing before the URL is known to be
 * right. */
static bool load_parts(Workspace *self, unsigned parts, const char *track, Diagnostics *problems,
                       int *exit_code)
{
    bool good = open_project(self, problems);
    if (good && !choose_track(self, track, exit_code))
        return false;
    if (good && (parts & WORKSPACE_REVISIONS))
        good &= load_revisions(self, problems);
    if (self->track && wants_fleet(self, parts))
        good &= load_fleet(self, parts, problems);
    if (!good)
        *exit_code = EXIT_CONFIGURATION;
    return good;
}

/* While a person is asked, nothing stays open. */
static bool runs_at_once(const Options *options)
{
    return options_knows(options, "yes") && options_flag(options, "yes");
}

bool workspace_open_track(Workspace *self, const Options *options, unsigned parts, const char *track,
                          int *exit_code)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    *self = (Workspace){.options = options};
    if (runs_at_once(options)) {
        g_autofree char *run_id = run_id_new();
        self->spare = spare_connections_new(run_id);
    }
    bool good = load_parts(self, parts, track, problems, exit_code);
    command_print_problems(problems);
    if (good && runs_at_once(options) && (parts & WORKSPACE_REVISIONS))
        self->commit = versions_question_new(self->track->versions);
    if (good && self->fleet)
        good = select_targets(self, parts & WORKSPACE_ALL_TRACKS,
                              parts & (WORKSPACE_FLEET_IF_ANY | WORKSPACE_WRITTEN), exit_code);
    return good;
}

bool workspace_open(Workspace *self, const Options *options, unsigned parts, int *exit_code)
{
    return workspace_open_track(self, options, parts, NULL, exit_code);
}

/* An earlier run that was pruned hides what only it left; the rest can be gone on with. */
static bool is_pruned(const RunResult *run, const char *earlier, GError **error)
{
    if (!g_error_matches(*error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return false;
    g_clear_error(error);
    command_warn("run %s went on with run %s, which is no longer in the ledger: targets that only that one "
                 "took are not taken (\"dbfleet status\" shows where they stand)",
                 run->id, earlier);
    return true;
}

static const char *wave_name(const RunResult *run, unsigned wave)
{
    return wave > 0 && wave <= run->waves->len ? ((const WaveResult *)run->waves->pdata[wave - 1])->name
                                               : NULL;
}

/* A target that had nothing to do any more still is of the wave that it was done in. */
static void take_earlier_wave(TargetResult *target, const RunResult *run, const TargetResult *then,
                              const RunResult *earlier)
{
    const char *name = wave_name(run, then->wave);
    if (target->wave == 0 && target->outcome == OUTCOME_UNCHANGED && name &&
        g_strcmp0(name, wave_name(earlier, then->wave)) == 0)
        target->wave = then->wave;
}

bool workspace_take_earlier(RunResult *run, Ledger *ledger, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autofree char *id = g_str_equal(run->command, "rollback") ? NULL : g_strdup(run->of_run);
    for (guint i = 0; i < run->targets->len; i++)
        g_hash_table_insert(seen, ((TargetResult *)run->targets->pdata[i])->name, run->targets->pdata[i]);
    while (id) {
        g_autoptr(RunResult) earlier = ledger_load(ledger, id, error);
        if (!earlier)
            return is_pruned(run, id, error);
        while (earlier->targets->len > 0) {
            TargetResult *target = g_ptr_array_steal_index(earlier->targets, 0);
            TargetResult *known = g_hash_table_lookup(seen, target->name);
            if (!known) {
                g_hash_table_insert(seen, target->name, target);
                g_ptr_array_add(run->targets, target);
                continue;
            }
            take_earlier_wave(known, run, target, earlier);
            target_result_free(target);
        }
        g_free(id);
        id = g_strdup(earlier->of_run);
    }
    return true;
}

static RunResult *load_run(const Workspace *self, const char *id, bool with_earlier, int *exit_code)
{
    GError *error = NULL;
    g_autoptr(Ledger) ledger = workspace_ledger(self, false, &error);
    g_autoptr(RunResult) run = ledger ? ledger_load(ledger, id, &error) : NULL;
    if (run && with_earlier && !workspace_take_earlier(run, ledger, &error))
        g_clear_pointer(&run, run_result_free);
    const char *track = options_text(self->options, "track");
    if (!run) {
        *exit_code = command_fail_error(EXIT_CONFIGURATION, error);
        if (!ledger)
            command_note(self->options,
                         "the targets know too: the command of that run, typed again, goes on with it; "
                         "\"dbfleet rollback RUN --from-targets\" takes it back");
        return NULL;
    }
    if (track && !g_str_equal(track, run->track)) {
        *exit_code = command_fail(EXIT_USAGE, "run %s was on track %s, not on %s; leave -n out", run->id,
                                  run->track, track);
        return NULL;
    }
    return g_steal_pointer(&run);
}

bool workspace_open_run(Workspace *self, const Options *options, const char *id, bool with_earlier,
                        RunResult **run, int *exit_code)
{
    g_auto(Workspace) project = {0};
    *run = NULL;
    if (!workspace_open_track(&project, options, WORKSPACE_PROJECT, NULL, exit_code))
        return false;
    g_autoptr(RunResult) found = load_run(&project, id, with_earlier, exit_code);
    if (!found ||
        !workspace_open_track(self, options, WORKSPACE_REVISIONS | WORKSPACE_FLEET, found->track, exit_code))
        return false;
    *run = g_steal_pointer(&found);
    return true;
}

bool workspace_use_track(Workspace *self, const char *name, int *exit_code)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    self->track = project_track(self->project, name);
    g_clear_pointer(&self->graph, revision_graph_free);
    g_clear_pointer(&self->revisions, g_ptr_array_unref);
    bool good = load_revisions(self, problems);
    command_print_problems(problems);
    if (!good)
        *exit_code = EXIT_CONFIGURATION;
    return good;
}

void workspace_close(Workspace *self)
{
    g_clear_pointer(&self->spare, spare_connections_free);
    g_clear_pointer(&self->commit, versions_question_free);
    g_clear_pointer(&self->targets, g_ptr_array_unref);
    g_clear_pointer(&self->graph, revision_graph_free);
    g_clear_pointer(&self->revisions, g_ptr_array_unref);
    g_clear_pointer(&self->fleet, fleet_free);
    g_clear_pointer(&self->project, project_free);
}

const char *workspace_version_table(const Workspace *self)
{
    return self->track->version_table;
}

char *workspace_project_name(const Workspace *self)
{
    return g_path_get_basename(self->project->folder);
}
