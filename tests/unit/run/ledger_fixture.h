/* For the tests of the ledger: a folder of its own for each, and what is recorded and read in it. */
#pragma once

#include "../run_fixture.h"
#include "drivers/driver.h"
#include "run/ledger/ledger.h"
#include "run/liveness.h"

#include <glib/gstdio.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder;
static char *path; /* of the ledger */

static inline void make_folder(void)
{
    if (!driver_for_scheme("sqlite", NULL))
        cr_skip_test("this build has no SQLite driver");
    folder = g_dir_make_tmp("dbfleet-ledger-XXXXXX", NULL);
    path = g_build_filename(folder, "sub", "deeper", "ledger.db", NULL);
}

static inline void remove_folder(void)
{
    const char *const suffixes[] = {"", "-wal", "-shm", ".dbfleet-lock", NULL};
    for (const char *const *suffix = suffixes; *suffix; suffix++) {
        g_autofree char *file = g_strconcat(path, *suffix, NULL);
        g_remove(file);
    }
    g_autofree char *deeper = g_path_get_dirname(path);
    g_autofree char *sub = g_path_get_dirname(deeper);
    g_rmdir(deeper);
    g_rmdir(sub);
    cr_expect_eq(g_rmdir(folder), 0, "the ledger left files of its own");
    g_free(path);
    g_free(folder);
}

static inline Ledger *open_ledger(bool create)
{
    GError *error = NULL;
    Ledger *ledger = ledger_open(path, NULL, create, &error);

    cr_assert_not_null(ledger, "%s", error ? error->message : "");
    return ledger;
}

/* `targets` and `events` may be NULL. */
static inline void record_more(Ledger *ledger, const RunResult *run, const GPtrArray *targets,
                               const GPtrArray *events)
{
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(guint));
    const LedgerNews news = {.places = places, .events = events};
    GError *error = NULL;

    for (guint i = 0, place; targets && i < targets->len; i++)
        if (g_ptr_array_find(run->targets, targets->pdata[i], &place))
            g_array_append_val(places, place);
    cr_assert(ledger_record(ledger, run, &news, &error), "%s", error ? error->message : "");
}

static inline void record(const RunResult *run)
{
    g_autoptr(Ledger) ledger = open_ledger(true);

    cr_assert(ledger_begin(ledger, run, NULL, NULL));
    record_more(ledger, run, NULL, NULL);
}

static inline RunResult *load(const char *id)
{
    g_autoptr(Ledger) ledger = open_ledger(false);
    GError *error = NULL;
    RunResult *run = ledger_load(ledger, id, &error);

    cr_assert_not_null(run, "%s", error ? error->message : "");
    return run;
}

static inline void expect_text(const char *left, const char *right, const char *what)
{
    cr_expect_eq(g_strcmp0(left, right), 0, "%s: %s | %s", what, left ? left : "NULL",
                 right ? right : "NULL");
}

/* Four runs, the third the newest by its time. */
static inline void record_some(void)
{
    static const struct {
        const char *id;
        gint64 age;
    } runs[] = {{"20261120-1", 5}, {"20261121-1", 4}, {"20261121-11", 1}, {"20261122-2", 3}};
    for (gsize i = 0; i < G_N_ELEMENTS(runs); i++) {
        g_autoptr(RunResult) run = fixture_run(runs[i].id);
        run->started_us -= runs[i].age * SECOND_US;
        for (gsize t = 0; t <= i; t++)
            fixture_result(run, runs[t].id, "", t % 2 ? OUTCOME_FAILED : OUTCOME_DONE);
        record(run);
    }
}

static inline void expect_found(const char *typed, const char *id)
{
    g_autoptr(RunResult) run = load(typed);

    cr_expect_str_eq(run->id, id);
}
