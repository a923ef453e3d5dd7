/* Run request: asks a run at work, in this shell or another, here or on another computer, to do something, by
 * a row in the ledger that it looks for once a second. Main thread. */
#include "base/duration.h"
#include "commands/run_request_internal.h"
#include <stdio.h>

#define POLL_US (G_USEC_PER_SEC / 10)
#define WAIT_US (10 * G_USEC_PER_SEC)

static int refuse(const RunResult *run, const char *what)
{
    g_autofree char *seen = timestamp_format(run->heartbeat_us ? run->heartbeat_us : run->started_us);
    if (run->finished_us)
        return command_fail(
            EXIT_CONFIGURATION, "run %s is over (%s): there is nothing to %s", run->id,
            run_end_name(run->finished_us, run->state, run->interrupted, run->halt_reason != NULL), what);
    return command_fail(EXIT_CONFIGURATION,
                        "run %s looks dead: it was on %s and last gave a sign at %s; \"dbfleet resume %s\" "
                        "goes on with what is left",
                        run->id, run->host ? run->host : "a host that is not known", seen, run->id);
}

/* True once the run has taken the request. */
static bool wait_for_run(Ledger *ledger, const char *request, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + WAIT_US;
    for (bool seen = false; g_get_monotonic_time() < deadline; g_usleep(POLL_US)) {
        if (!ledger_request_seen(ledger, request, &seen, error))
            return false;
        if (seen)
            return true;
    }
    return false;
}

static int ask(Ledger *ledger, const RunResult *run, ControlAction action, const char *told)
{
    GError *error = NULL;
    g_autofree char *who = command_operator();
    g_autofree char *request = ledger_request(ledger, run->id, action, who, &error);
    bool seen = request && wait_for_run(ledger, request, &error);
    if (error)
        return command_fail_error(EXIT_CONFIGURATION, error);
    if (seen)
        fprintf(stderr, "run %s: %s\n", run->id, told);
    else
        command_warn("run %s was asked, and has not looked yet: \"dbfleet runs\" shows whether it is at work",
                     run->id);
    return EXIT_DONE;
}

int run_request(const Options *options, ControlAction action, const char *what, const char *told)
{
    int code = EXIT_DONE;
    GError *error = NULL;
    g_auto(Workspace) workspace = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_PROJECT, &code))
        return code;
    g_autoptr(Ledger) ledger = workspace_ledger(&workspace, false, &error);
    g_autoptr(RunResult) run = ledger ? ledger_find(ledger, options_operand(options, 0), &error) : NULL;
    if (!run)
        return command_fail_error(EXIT_CONFIGURATION, error);
    if (run->state != RUN_RUNNING && run->state != RUN_PAUSED)
        return refuse(run, what);
    return ask(ledger, run, action, told);
}
