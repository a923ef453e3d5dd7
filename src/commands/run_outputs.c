/* Run outputs: the files that a run leaves, and the stream of its events. */
#include "base/atomic_file.h"
#include "base/line_stream.h"
#include "commands/run_outputs_internal.h"
#include "report/event_line.h"
#include "report/report_forms.h"
#include "run/pool.h"
#include <string.h>

#define FILE_WIDTH 100           /* columns of a text report in a file */
#define EVENTS_WAITING (4 << 20) /* bytes that may wait for who reads the events: those of some 20,000 */
#define EVENTS_END_US (2 * G_USEC_PER_SEC)

#define SIDE_BY_SIDE 8           /* reports: while one waits for the disk, others are made */
#define SIDE_BY_SIDE_STEPS 20000 /* of a larger run one report after the other is in memory */

/* A file that is written at the end. */
typedef struct Place {
    const char *path;
    const ReportForm *form;
    GError *problem; /* why it was not */
} Place;

/* What the reports are made of. */
typedef struct Making {
    const RunResult *run;
    RunResult with_events; /* the same run */
    ReportOptions view;
} Making;

struct RunOutputs {
    const Options *options;
    char *project;      /* its name */
    GArray *places;     /* of Place */
    Making making;      /* from the end of the run on */
    Pool *makers;       /* at work; NULL: none */
    LineStream *events; /* NULL: nobody wants them */
    GPtrArray *kept;    /* of RunEvent *, for the reports; NULL: none shows them */
    RunListener listener;
};

/* ---- Events ---- */

static void keep_event(GPtrArray *kept, const RunEvent *event)
{
    g_ptr_array_add(kept,
                    run_event_new(event->number, event->time_us, event->kind, event->target, event->text));
}

static void write_event(const RunOutputs *self, const RunResult *run, const RunEvent *event)
{
    guint dropped = line_stream_take_dropped(self->events);
    g_autofree char *gap = dropped ? event_line_dropped(run, event->time_us, dropped) : NULL;
    g_autofree char *line = event_line(run, event);
    if (gap)
        line_stream_keep(self->events, gap);
    line_stream_keep(self->events, line);
}

static void on_event(gpointer context, const RunResult *run, const RunEvent *event)
{
    const RunOutputs *self = context;
    if (self->events)
        write_event(self, run, event);
    if (self->kept)
        keep_event(self->kept, event);
}

static void on_end(gpointer context, RunResult *run)
{
    const RunOutputs *self = context;
    g_autofree char *problem = self->events ? line_stream_end(self->events, EVENTS_END_US) : NULL;
    if (!problem)
        return;
    command_warn("--events: %s; \"dbfleet report %s --format ndjson\" has them", problem, run->id);
    g_ptr_array_add(run->warnings, g_strdup_printf("--events: %s", problem));
}

void run_outputs_listen(RunOutputs *self, GPtrArray *listeners)
{
    self->listener = (RunListener){.context = self, .event = on_event, .ended = on_end};
    if (self->events || self->kept)
        g_ptr_array_add(listeners, &self->listener);
}

void run_outputs_tick(RunOutputs *self)
{
    if (self->events)
        line_stream_flush(self->events);
}

bool run_outputs_has_stdout(const RunOutputs *self)
{
    return self->events && g_str_equal(options_text(self->options, "events"), "-");
}

static bool open_events(RunOutputs *self, int *exit_code)
{
    GError *error = NULL;
    const char *place = options_text(self->options, "events");
    if (place && g_str_equal(place, "-") && command_wants_json(self->options)) {
        *exit_code = command_fail(EXIT_USAGE, "--events - has standard output for itself: the report as JSON "
                                              "goes into a file, --report FILE.json");
        return false;
    }
    self->events = place ? line_stream_open(place, EVENTS_WAITING, &error) : NULL;
    if (!error)
        return true;
    g_prefix_error(&error, "nothing was changed: ");
    *exit_code = command_fail_error(EXIT_CONFIGURATION, error);
    return false;
}

/* ---- Reports ---- */

static const ReportForm *form_of(const char *path, int *exit_code)
{
    const ReportForm *form = report_form_of_file(path);
    g_autofree char *suffixes = form ? NULL : report_form_suffixes();
    if (!form)
        *exit_code = command_fail(
            EXIT_USAGE, "--report: %s: the form of a report is told by the end of its name, one of %s", path,
            suffixes);
    return form;
}

static bool add_place(RunOutputs *self, const char *path, const ReportForm *form, int *exit_code)
{
    GError *error = NULL;
    const Place place = {path, form, NULL};
    if (!atomic_file_check(path, &error)) {
        g_prefix_error(&error, "nothing was changed: ");
        *exit_code = command_fail_error(EXIT_CONFIGURATION, error);
        return false;
    }
    if (form->needs_events && !self->kept)
        self->kept = g_ptr_array_new_with_free_func((GDestroyNotify)run_event_free);
    g_array_append_val(self->places, place);
    return true;
}

static bool add_places(RunOutputs *self, int *exit_code)
{
    const char *metrics = options_text(self->options, "metrics");
    for (const char *const *path = options_list(self->options, "report"); *path; path++) {
        const ReportForm *form = form_of(*path, exit_code);
        if (!form || !add_place(self, *path, form, exit_code))
            return false;
    }
    return !metrics || add_place(self, metrics, report_form_named("metrics"), exit_code);
}

static void make_report(gpointer job, gpointer context)
{
    Place *place = job;
    const Making *making = context;
    g_autofree char *text =
        place->form->render(place->form->needs_events ? &making->with_events : making->run, &making->view);
    atomic_file_put(place->path, text, strlen(text), &place->problem);
}

static gsize steps_of(const RunResult *run)
{
    gsize steps = 0;
    for (guint i = 0; i < run->targets->len; i++)
        steps += ((const TargetResult *)run->targets->pdata[i])->step_count;
    return steps;
}

/* Threads that make reports, as many as there are of them, since much of their time is the disk's; NULL:
 * there is nothing for them to do, too much would be in memory at once, or there are none to be had. */
static Pool *makers_new(RunOutputs *self)
{
    unsigned threads = MIN(self->places->len, SIDE_BY_SIDE);
    bool large = threads > 0 && steps_of(self->making.run) > SIDE_BY_SIDE_STEPS;
    return threads == 0 || large ? NULL : pool_new(threads, make_report, &self->making, NULL);
}

void run_outputs_begin(RunOutputs *self, const RunResult *run)
{
    self->making = (Making){run, *run,
                            (ReportOptions){.width = FILE_WIDTH,
                                            .verbose = options_count(self->options, "verbose") > 0,
                                            .project = self->project}};
    self->making.with_events.events = self->kept;
    self->makers = makers_new(self);
    for (guint i = 0; self->makers && i < self->places->len; i++)
        pool_submit(self->makers, &g_array_index(self->places, Place, i));
}

void run_outputs_finish(RunOutputs *self)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new();
    for (guint i = 0; !self->makers && i < self->places->len; i++)
        make_report(&g_array_index(self->places, Place, i), &self->making);
    g_clear_pointer(&self->makers, pool_free);
    for (guint i = 0; i < self->places->len; i++) {
        Place *place = &g_array_index(self->places, Place, i);
        if (place->problem)
            command_warn("%s; \"dbfleet report\" has the report", place->problem->message);
        else
            g_ptr_array_add(paths, (gpointer)place->path);
        g_clear_error(&place->problem);
    }
    g_ptr_array_add(paths, NULL);
    atomic_file_flush_names((const char *const *)paths->pdata);
}

/* ---- The whole ---- */

RunOutputs *run_outputs_open(const Workspace *workspace, int *exit_code)
{
    g_autoptr(RunOutputs) self = g_new0(RunOutputs, 1);
    self->options = workspace->options;
    self->project = workspace_project_name(workspace);
    self->places = g_array_new(FALSE, FALSE, sizeof(Place));
    return add_places(self, exit_code) && open_events(self, exit_code) ? g_steal_pointer(&self) : NULL;
}

void run_outputs_free(RunOutputs *self)
{
    if (!self)
        return;
    pool_free(self->makers);
    line_stream_free(self->events);
    g_clear_pointer(&self->kept, g_ptr_array_unref);
    g_clear_pointer(&self->places, g_array_unref);
    g_free(self->project);
    g_free(self);
}
