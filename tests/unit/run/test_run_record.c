/* What of a run is on its way to the ledger: each event comes back once, wherever it is kept. */
#include "ledger_fixture.h"
#include "run/ledger/run_record.h"

TestSuite(run_record, .init = make_folder, .fini = remove_folder);

typedef struct Ground {
    Revision *revisions[2];
    PlanStep steps[3]; /* aa, bb, and a stamp */
    Ledger *ledger;
    RunResult *run;
    RunRecord record;
} Ground;

static void ground_init(Ground *self)
{
    static const char *const ids[] = {"aa", "bb"};
    *self = (Ground){.ledger = open_ledger(true), .run = fixture_run("run")};
    for (guint i = 0; i < G_N_ELEMENTS(ids); i++) {
        self->revisions[i] = revision_new(ids[i], NULL, NULL, NULL);
        g_free(self->revisions[i]->message);
        self->revisions[i]->message = g_strdup_printf("add %s", ids[i]);
        self->steps[i].revision = self->revisions[i];
    }
    fixture_result(self->run, "a", "", OUTCOME_NOT_STARTED);
    fixture_result(self->run, "b", "", OUTCOME_NOT_STARTED);
    run_record_init(&self->record, self->ledger, self->run, run_clock_system());
    cr_assert(run_record_begin(&self->record, NULL));
}

static void ground_clear(Ground *self)
{
    run_record_clear(&self->record);
    run_result_free(self->run);
    ledger_close(self->ledger);
    for (guint i = 0; i < G_N_ELEMENTS(self->revisions); i++)
        revision_free(self->revisions[i]);
}

static void write_now(Ground *self)
{
    run_record_hurry(&self->record);
    cr_assert(run_record_tick(&self->record), "%s", self->record.failure);
}

/* A step of the target at that place, begun and in its result. */
static void take_step(Ground *self, guint place, guint number, gint64 time_us)
{
    const PlanStep *planned = &self->steps[number];
    StepResult *step = fixture_step(self->run->targets->pdata[place],
                                    planned->revision ? planned->revision->id : "", "done", 1);
    if (!planned->revision)
        step->message = g_intern_string("");
    step->started_us = time_us;
    run_record_step(&self->record, place, time_us, planned);
}

static void finish(Ground *self, guint place)
{
    run_record_found(&self->record, place, self->run->targets->pdata[place]);
    run_record_target(&self->record, place);
    run_record_event(&self->record, EVENT_TARGET_FINISHED, "a", "done");
}

/* "target-started a; step-started a aa add aa; …" of the ledger's run. Caller frees. */
static char *events_text(void)
{
    g_autoptr(Ledger) ledger = open_ledger(false);
    g_autoptr(RunResult) run = ledger_load(ledger, "run", NULL);
    cr_assert(run && ledger_load_events(ledger, run, NULL));
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < run->events->len; i++) {
        const RunEvent *event = run->events->pdata[i];
        cr_expect_eq(event->number, i + 1);
        g_string_append_printf(text, "%s%s %s", i ? "; " : "", event->target, event->text);
    }
    return g_string_free(text, FALSE);
}

static void expect_rows_of_events(const char *count)
{
    g_autoptr(DbUrl) url = db_url_new_sqlite(path);
    g_autoptr(Connection) connection = connection_open(&(ConnectOptions){.url = url}, NULL);
    g_autoptr(RowSet) rows = connection_query(connection, "SELECT count(*) FROM events", NULL);
    cr_expect_str_eq(((char **)rows->rows->pdata[0])[0], count);
}

Test(run_record, steps_of_a_target_that_is_done_say_themselves_that_they_began)
{
    Ground ground;
    ground_init(&ground);
    take_step(&ground, 0, 1, 11);
    take_step(&ground, 1, 0, 12);
    take_step(&ground, 0, 2, 13);
    finish(&ground, 0);
    write_now(&ground);
    g_autofree char *text = events_text();

    cr_expect_str_eq(text, "a bb add bb; b aa add aa; a stamp; a done");
    expect_rows_of_events("2");
    ground_clear(&ground);
}

Test(run_record, a_step_that_was_told_while_its_target_was_at_work_is_told_once)
{
    Ground ground;
    ground_init(&ground);
    take_step(&ground, 0, 0, 11);
    write_now(&ground);
    write_now(&ground);
    g_autofree char *at_work = events_text();
    take_step(&ground, 0, 1, 12);
    finish(&ground, 0);
    cr_assert(run_record_end(&ground.record));
    g_autofree char *done = events_text();

    cr_expect_str_eq(at_work, "a aa add aa");
    cr_expect_str_eq(done, "a aa add aa; a bb add bb; a done");
    expect_rows_of_events("2");
    ground_clear(&ground);
}

Test(run_record, a_step_that_no_result_has_stays_an_event)
{
    Ground ground;
    ground_init(&ground);
    take_step(&ground, 0, 0, 11);
    run_record_step(&ground.record, 0, 12, &ground.steps[1]);
    take_step(&ground, 0, 0, 13);
    ((TargetResult *)ground.run->targets->pdata[0])->steps[0].started_us = 10;
    finish(&ground, 0);
    write_now(&ground);
    g_autofree char *text = events_text();

    cr_expect_str_eq(text, "a aa add aa; a bb add bb; a aa add aa; a done");
    expect_rows_of_events("4");
    ground_clear(&ground);
}

static void keep_text(gpointer context, const RunEvent *event)
{
    g_string_append_printf(context, "%" G_GUINT64_FORMAT " %s %s %s;", event->number, event->kind,
                           event->target, event->text);
}

Test(run_record, who_listens_hears_of_a_step_at_once)
{
    g_autoptr(GString) heard = g_string_new(NULL);
    Ground ground;
    ground_init(&ground);
    ground.record.tell = keep_text;
    ground.record.tell_context = heard;
    take_step(&ground, 1, 0, 11);

    cr_expect_str_eq(heard->str, "1 step-started b aa add aa;");
    ground_clear(&ground);
}
