/* dbfleet watch: the report's page of a run, live. Reads the ledger again and again; writes nothing anywhere.
 */
#include "commands/command_list_internal.h"
#include "net/page_server.h"
#include "report/report_page.h"
#include "run/ledger/ledger.h"
#include "run/signals.h"
#include <stdio.h>

#define POLL_US G_USEC_PER_SEC
#define LOAD_SHARE                                                                                           \
    4 /* a load that takes long makes the next come later: no more than a fourth of the time                 \
       */
#define QUIET_FAILURES 3          /* a ledger may be busy for a moment */
#define EVENTS_EACH_TIME_MAX 1000 /* targets; of larger runs a page that is opened gets the events */

typedef struct Watch {
    const Options *options;
    const Workspace *workspace;
    const char *wanted; /* as typed: an id, its beginning, "last" */
    Ledger *ledger;     /* NULL: to be opened */
    PageServer *server;
    RunResult *run;    /* as it was read last; NULL: not yet */
    char *nothing_new; /* the change that would say what was told already */
    char *ended;       /* id of the run whose end was told in the terminal; NULL: none */
    unsigned failures; /* to read, since it last went well */
} Watch;

static void watch_clear(Watch *self)
{
    page_server_free(self->server);
    ledger_close(self->ledger);
    run_result_free(self->run);
    g_free(self->nothing_new);
    g_free(self->ended);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Watch, watch_clear)

/* ---- Reading ---- */

/* The run as it is now. A ledger that failed is opened anew. */
static RunResult *read_run(Watch *self, GError **error)
{
    if (!self->ledger)
        self->ledger = workspace_ledger(self->workspace, false, error);
    g_autoptr(RunResult) run = self->ledger ? ledger_load(self->ledger, self->wanted, error) : NULL;
    if (run && run->targets->len <= EVENTS_EACH_TIME_MAX && !ledger_load_events(self->ledger, run, error))
        g_clear_pointer(&run, run_result_free);
    if (!run)
        g_clear_pointer(&self->ledger, ledger_close);
    return g_steal_pointer(&run);
}

static bool is_same_run(const RunResult *a, const RunResult *b)
{
    return a && b && g_str_equal(a->id, b->id) && a->targets->len == b->targets->len;
}

/* ---- Telling ---- */

static void note_end(Watch *self)
{
    const RunResult *run = self->run;
    bool over = run->finished_us || run->state == RUN_DIED;
    if (!over) {
        g_clear_pointer(&self->ended, g_free);
        return;
    }
    if (g_strcmp0(self->ended, run->id) == 0)
        return;
    g_free(self->ended);
    self->ended = g_strdup(run->id);
    g_autofree char *text = g_strdup_printf(
        "run %s is over (%s); the page stays", run->id,
        run_end_name(run->finished_us, run->state, run->interrupted, run->halt_reason != NULL));
    command_note(self->options, text);
}

static void tell_pages(Watch *self, const RunResult *before)
{
    bool same = is_same_run(self->run, before);
    g_autofree char *change = same ? report_page_changes(self->run, before) : report_page_json(self->run);
    if (g_strcmp0(change, self->nothing_new) == 0)
        return;
    page_server_tell(self->server, change);
    g_free(self->nothing_new);
    self->nothing_new = report_page_changes(self->run, self->run);
}

/* Takes the run over. */
static void take_run(Watch *self, RunResult *run)
{
    g_autoptr(RunResult) before = g_steal_pointer(&self->run);
    self->run = run;
    if (before && !g_str_equal(before->id, run->id)) {
        g_autofree char *text = g_strdup_printf("a newer run began: watching %s", run->id);
        command_note(self->options, text);
    }
    tell_pages(self, before);
    note_end(self);
}

static void note_failure(Watch *self, GError *error)
{
    if (++self->failures == QUIET_FAILURES)
        command_warn("%s; the page stays as it was, and the ledger is tried again each second",
                     error->message);
    g_error_free(error);
}

static void poll_ledger(Watch *self)
{
    GError *error = NULL;
    RunResult *run = read_run(self, &error);
    if (!run) {
        note_failure(self, error);
        return;
    }
    if (self->failures >= QUIET_FAILURES)
        command_note(self->options, "the ledger can be read again");
    self->failures = 0;
    take_run(self, run);
}

static void give_page(Watch *self)
{
    if (!self->run->events && self->ledger)
        ledger_load_events(self->ledger, self->run, NULL);
    g_autofree char *page = report_page_html(self->run, page_server_stream(self->server));
    g_autofree char *message = report_page_json(self->run);
    page_server_give(self->server, page, message);
}

/* ---- The loop ---- */

static void serve(Watch *self)
{
    while (signals_count() == 0) {
        gint64 began = g_get_monotonic_time();
        poll_ledger(self);
        gint64 took = g_get_monotonic_time() - began;
        gint64 next = began + MAX(POLL_US, took * LOAD_SHARE);
        for (gint64 now; signals_count() == 0 && (now = g_get_monotonic_time()) < next;)
            if (page_server_wait(self->server, MIN(next - now, POLL_US / 5)))
                give_page(self);
    }
}

static bool is_missing(const GError *error)
{
    return g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* "last" may be a run that is still to come. False with an exit code. */
static bool find_run(Watch *self, int *exit_code)
{
    bool may_come = g_str_equal(self->wanted, "last"), told = false;
    for (GError *error = NULL; signals_count() == 0; g_clear_error(&error)) {
        self->run = read_run(self, &error);
        if (self->run)
            return true;
        if (!may_come || !is_missing(error)) {
            *exit_code = command_fail_error(EXIT_CONFIGURATION, error);
            return false;
        }
        if (!told)
            command_note(self->options, "no run was recorded here yet: waiting for the first");
        told = true;
        g_usleep(POLL_US / 2);
    }
    *exit_code = EXIT_DONE;
    return false;
}

static int print_url(const Watch *self)
{
    g_autofree char *line = g_strconcat(page_server_url(self->server), "\n", NULL);
    g_autofree char *text = g_strdup_printf("watching run %s; Ctrl-C ends this, not the run", self->run->id);
    int code = command_print(line);
    fflush(stdout);
    command_note(self->options, text);
    return code;
}

static int watch(Watch *self)
{
    int code = EXIT_DONE;
    GError *error = NULL;
    if (!find_run(self, &code))
        return code;
    self->server = page_server_new(options_text(self->options, "listen"), &error);
    if (!self->server)
        return command_fail_error(g_error_matches(error, PAGE_SERVER_ERROR, PAGE_SERVER_ERROR_ADDRESS)
                                      ? EXIT_USAGE
                                      : EXIT_CONFIGURATION,
                                  error);
    code = print_url(self);
    if (code == EXIT_DONE)
        serve(self);
    return code;
}

static int watch_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_PROJECT, &code))
        return code;
    g_auto(Watch) self = {.options = options,
                          .workspace = &workspace,
                          .wanted = options_operand_count(options) ? options_operand(options, 0) : "last"};
    signals_install();
    code = watch(&self);
    signals_restore();
    return code;
}

static const OptionSpec own_options[] = {
    {.name = "listen",
     .kind = OPTION_TEXT,
     .argument = "ADDRESS:PORT",
     .fallback = "127.0.0.1:0",
     .help = "Serve the page there; port 0 is a free one. Beyond this computer (0.0.0.0:8080) only to those "
             "who have the token in the printed URL"},
    {0}};

static const OptionSpec *const option_sets[] = {own_options, NULL};

const CommandSpec watch_command = {
    .name = "watch",
    .group = COMMANDS_FLEET,
    .operands = "[RUN]",
    .max_operands = 1,
    .summary = "Show a run on a web page, live",
    .description = "Serves the report's page of RUN (an id or its beginning; the newest run without RUN) and "
                   "prints its URL. "
                   "The page follows the run by the ledger, about once a second, from any shell and any "
                   "computer that has the "
                   "same ledger, and stays when the run is over. Without RUN it goes over to the next run "
                   "when that begins, "
                   "and waits for the first. It is read-only, and for this computer alone unless --listen "
                   "says otherwise: "
                   "then its URL holds a token, without which nothing is answered. There is no encryption: "
                   "put a proxy with "
                   "TLS in front, or use ssh -L. Ctrl-C ends the page, never the run.",
    .example = "dbfleet watch\ndbfleet watch 20261122-164000-k3f9 --listen 127.0.0.1:8080",
    .option_sets = option_sets,
    .run = watch_run,
};
