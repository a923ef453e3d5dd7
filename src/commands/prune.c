/* dbfleet runs prune: deletes old runs from the ledger. What the targets hold stays. */
#include "base/duration.h"
#include "cli/prompt.h"
#include "commands/runs_internal.h"
#include <stdio.h>
#include <string.h>

#define DAY_US (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)

/* What --keep says: a count of runs, or how old one may be. */
typedef struct Keep {
    bool by_age;
    guint count;
    gint64 age_us;
} Keep;

static bool keep_parse(const char *text, Keep *keep)
{
    gint64 milliseconds;
    guint64 count;
    if (g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32, &count, NULL)) {
        *keep = (Keep){.count = (guint)count};
        return true;
    }
    if (!duration_parse(text, &milliseconds))
        return false;
    *keep = (Keep){.by_age = true, .age_us = milliseconds * 1000};
    return true;
}

/* A run without an end may be at work, or waits to be looked at. */
static bool is_protected(const RunSummary *run, gint64 now_us)
{
    if (run->finished_us)
        return false;
    return run->state == RUN_RUNNING || run->state == RUN_PAUSED || now_us - run->started_us < DAY_US;
}

/* The ids to delete of `runs`, newest first. Caller frees. */
static char **old_runs(const GPtrArray *runs, const Keep *keep, gint64 now_us)
{
    g_autoptr(GStrvBuilder) ids = g_strv_builder_new();
    for (guint i = 0; i < runs->len; i++) {
        const RunSummary *run = runs->pdata[i];
        bool old = keep->by_age ? now_us - run->started_us > keep->age_us : i >= keep->count;
        if (old && !is_protected(run, now_us))
            g_strv_builder_add(ids, run->id);
    }
    return g_strv_builder_end(ids);
}

static bool confirm(const Options *options, guint count, guint left, int *exit_code)
{
    if (options_flag(options, "yes"))
        return true;
    if (!prompt_possible()) {
        *exit_code = command_fail(EXIT_USAGE,
                                  "this deletes %u %s from the ledger: give --yes where no terminal "
                                  "is there to ask on",
                                  count, count == 1 ? "run" : "runs");
        return false;
    }
    g_autofree char *question = g_strdup_printf("delete %u %s from the ledger and keep %u?", count,
                                                count == 1 ? "run" : "runs", left);
    if (prompt_confirm(question))
        return true;
    *exit_code = command_fail(EXIT_INTERRUPTED, "not confirmed: nothing was deleted");
    return false;
}

static int delete_runs(const Options *options, Ledger *ledger, char **ids, guint all)
{
    int code = EXIT_DONE;
    GError *error = NULL;
    guint count = g_strv_length(ids);
    if (count > 0 && !confirm(options, count, all - count, &code))
        return code;
    if (count > 0 &&
        (!ledger_delete_runs(ledger, (const char *const *)ids, &error) || !ledger_shrink(ledger, &error)))
        return command_fail_error(EXIT_CONFIGURATION, error);
    fprintf(stderr, "%u %s deleted, %u kept\n", count, count == 1 ? "run" : "runs", all - count);
    return EXIT_DONE;
}

int runs_prune(const Options *options, Ledger *ledger)
{
    Keep keep;
    GError *error = NULL;
    const char *text = options_text(options, "keep");
    if (!text)
        return command_fail(EXIT_USAGE, "runs prune needs --keep: a count of runs (50) or an age (90d)");
    if (!keep_parse(text, &keep))
        return command_fail(EXIT_USAGE, "--keep: \"%s\" is no count of runs (50) and no duration (90d)",
                            text);
    g_autoptr(GPtrArray) runs = ledger_runs(ledger, 0, &error);
    if (!runs)
        return command_fail_error(EXIT_CONFIGURATION, error);
    g_auto(GStrv) ids = old_runs(runs, &keep, g_get_real_time());
    return delete_runs(options, ledger, ids, runs->len);
}
