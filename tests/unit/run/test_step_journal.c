/* A step where DDL commits by itself, against a scripted driver: the journal's order, what is known after an
 * error in each place, and that a step that is gone on with has every statement exactly once. */
#include "fake_driver.h"

#define UP "-- migrate:up\n"
#define END "START TRANSACTION; version; guard; finish done "
#define RESTORED_END "set restored; " END

TestSuite(journal_order);

static void expect_journal(const char *sections, const char *wanted)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_MARIADB, sections);

    expect_good(&at, step_case_run(&at));
    expect_sent(at.server, wanted);
    cr_expect_eq(at.attempt.done, step_attempt_total(&at.attempt));
    cr_expect_eq(at.attempt.intent, 0);
    cr_expect_str_eq(at.attempt.state, HISTORY_DONE);
}

Test(journal_order, each_ddl_stands_between_intent_and_done)
{
    expect_journal(UP "create table a (n int);\nalter table a add m int;\n",
                   "picture; history running intent 1; create table a (n int); picture; "
                   "progress 1 intent 2; alter table a add m int; " END "2; COMMIT");
}

Test(journal_order, dml_commits_with_its_journal_row)
{
    expect_journal(
        UP "insert into a values (1);\nupdate a set n = 2;\ncreate table b (n int);\n",
        "history running intent 1; START TRANSACTION; insert into a values (1); "
        "update a set n = 2; picture; progress 2 intent 3; COMMIT; create table b (n int); " RESTORED_END
        "3; COMMIT");
}

Test(journal_order, rows_have_an_intent_too)
{
    expect_journal(
        UP "create table a (n int);\ninsert into a values (1);\n",
        "picture; history running intent 1; create table a (n int); progress 1 intent 2; "
        "START TRANSACTION; insert into a values (1); set restored; version; guard; finish done 2; COMMIT");
}

Test(journal_order, a_transaction_of_the_file_holds_its_journal_row)
{
    expect_journal(UP "begin;\ninsert into a values (1);\ncommit;\n",
                   "history running intent 1; begin; insert into a values (1); "
                   "progress 3 intent 0; commit; " RESTORED_END "3; COMMIT");
}

Test(journal_order, one_that_the_file_rolls_back_is_journaled_behind_it)
{
    expect_journal(UP "begin;\ninsert into a values (1);\nrollback;\n",
                   "history running intent 1; begin; insert into a values (1); rollback; "
                   "progress 3 intent 0; " RESTORED_END "3; COMMIT");
}

Test(journal_order, one_that_the_file_leaves_open_is_committed_with_its_journal_row)
{
    expect_journal(UP "begin;\ninsert into a values (1);\n",
                   "history running intent 1; begin; insert into a values (1); "
                   "progress 2 intent 0; COMMIT; " RESTORED_END "2; COMMIT");
}

/* Where a crash before the end would leave a riddle, "done" is written at once. */
Test(journal_order, what_no_picture_settles_is_done_before_the_end)
{
    expect_journal(UP "truncate table a;\n", "history running intent 1; truncate table a; "
                                             "progress 1 intent 0; " RESTORED_END "1; COMMIT");
    expect_journal(UP "call p();\n",
                   "picture; history running intent 1; call p(); progress 1 intent 0; " RESTORED_END
                   "1; COMMIT");
}

/* With autocommit off, putting it back would commit the rows before their journal. */
Test(journal_order, rows_are_one_with_the_end_only_where_no_setting_can_have_changed)
{
    expect_journal(UP "set autocommit = 0;\ninsert into a values (1);\n",
                   "history running intent 1; set autocommit = 0; progress 1 intent 2; START TRANSACTION; "
                   "insert into a values (1); progress 2 intent 0; COMMIT; " RESTORED_END "2; COMMIT");
}

/* What follows a crash could not go on in another session. */
Test(journal_order, behind_a_temporary_table_done_is_written_at_once)
{
    expect_journal(
        UP "create temporary table x (n int);\ncreate table a (n int);\n",
        "history running intent 1; create temporary table x (n int); picture; progress 1 intent 2; "
        "create table a (n int); progress 2 intent 0; " RESTORED_END "2; COMMIT");
}

Test(journal_order, a_section_without_statements_still_moves_the_version)
{
    expect_journal(UP "-- nothing\n", "history running; " END "0; COMMIT");
}

Test(journal_order, a_verify_comes_after_it_took_effect)
{
    expect_journal(UP "create table a (n int);\n-- migrate:verify\nselect 1;\n",
                   "picture; history running intent 1; create table a (n int); progress 1 intent 0 | "
                   "select 1 | " END "1; COMMIT");
}

Test(journal_order, a_verify_that_fails_is_a_state_of_the_step)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_MARIADB, UP "create table a (n int);\n-- migrate:verify\nselect bad;\n");
    at.server->rows_on = "select bad";

    cr_expect_not(step_case_run(&at));
    expect_step_error(&at, STEP_ERROR, STEP_ERROR_VERIFY, "migrate:verify returned 1 row");
    cr_expect_str_eq(at.attempt.state, HISTORY_VERIFY_FAILED);
    cr_expect_str_eq(at.server->kept.state, HISTORY_VERIFY_FAILED);
    cr_expect_eq(at.server->kept.version_writes, 1, "what took effect moves the version");
    cr_expect_eq(at.attempt.done, 1);
}

Test(journal_order, going_on_sends_what_is_left)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_MARIADB,
                   UP "create table a (n int);\ninsert into a values (1);\ncreate table b (n int);\n");
    at.server->fault_on = "create table b*";
    cr_expect_not(step_case_run(&at));
    at.unfinished = step_case_open_row(&at);
    fake_reconnect(at.server);

    expect_good(&at, step_case_run(&at));
    expect_sent(at.server,
                "resume; picture; progress 2 intent 3; create table b (n int); " RESTORED_END "3; COMMIT");
    cr_expect_str_eq(at.server->kept.statements->str,
                     "create table a (n int)\ninsert into a values (1)\ncreate table b (n int)\n");
}

Test(journal_order, going_on_tells_the_session_again_what_it_was_told)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_MARIADB,
                   UP "set names latin1;\nuse other;\ncreate table a (n int);\ncreate table b (n int);\n");
    at.server->fault_on = "create table b*";
    cr_expect_not(step_case_run(&at));
    at.unfinished = step_case_open_row(&at);
    fake_reconnect(at.server);

    expect_good(&at, step_case_run(&at));
    expect_sent(at.server, "set names latin1; use other; resume; picture; progress 3 intent 4; create table "
                           "b (n int); " RESTORED_END "4; COMMIT");
}

/* ---- What is known after an error ---- */

TestSuite(journal_settles);

typedef struct Settling {
    const char *what;
    const char *sections;
    const char *fault_on;
    gint failed; /* index of the statement */
    unsigned done;
    unsigned intent;
} Settling;

static void expect_settled(const Settling *row)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_MARIADB, row->sections);
    at.server->fault_on = row->fault_on;

    cr_expect_not(step_case_run(&at), "%s", row->what);
    if (row->intent)
        expect_step_error(&at, STEP_ERROR, STEP_ERROR_UNDECIDABLE, "the server said no");
    else
        expect_step_error(&at, DB_ERROR, DB_ERROR_STATEMENT, "the server said no");
    cr_expect_eq(at.attempt.failed, row->failed, "%s: failed %d", row->what, at.attempt.failed);
    cr_expect_eq(at.attempt.done, row->done, "%s: done %u", row->what, at.attempt.done);
    cr_expect_eq(at.attempt.intent, row->intent, "%s: intent %u", row->what, at.attempt.intent);
    cr_expect_str_eq(at.attempt.state, HISTORY_FAILED);
    cr_expect_str_eq(at.server->kept.state, HISTORY_FAILED, "%s", row->what);
    cr_expect_eq(at.server->kept.done, row->done, "%s: kept %u", row->what, at.server->kept.done);
    cr_expect_eq(at.server->kept.intent, row->intent, "%s: kept %u", row->what, at.server->kept.intent);
    cr_expect_not(at.server->in_transaction);
}

Test(journal_settles, an_error_of_the_files_statements)
{
    static const Settling rows[] = {
        {"first DDL", UP "create table a (n int);\n", "create*", 0, 0, 0},
        {"second DDL", UP "create table a (n int);\ncreate table b (n int);\n", "create table b*", 1, 1, 0},
        {"second of two DML", UP "insert into a values (1);\ninsert into a values (2);\n", "*(2)", 1, 0, 0},
        {"DML after DDL", UP "create table a (n int);\ninsert into a values (1);\n", "insert into a *", 1, 1,
         0},
        {"DDL after DML", UP "insert into a values (1);\ncreate table b (n int);\n", "create*", 1, 1, 0},
        {"CALL", UP "create table a (n int);\ncall p();\n", "call*", 1, 1, 2},
        {"DROP of one", UP "drop table a;\n", "drop*", 0, 0, 0},
        {"DROP of several", UP "drop table a, b;\n", "drop*", 0, 0, 1},
        {"in the file's transaction", UP "begin;\ninsert into a values (1);\ncommit;\n", "insert into a *", 1,
         0, 0},
        {"at its COMMIT", UP "begin;\ninsert into a values (1);\ncommit;\n", "commit", 2, 0, 0},
        {"after its COMMIT", UP "begin;\ninsert into a values (1);\ncommit;\ncreate table b (n int);\n",
         "create*", 3, 3, 0},
        {"with DDL in it", UP "begin;\ncreate table a (n int);\ninsert into a values (1);\ncommit;\n",
         "insert into a *", 2, 0, 3},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        expect_settled(&rows[i]);
}

Test(journal_settles, an_error_of_our_own_statements)
{
    static const Settling rows[] = {
        {"the first row", UP "create table a (n int);\n", "INSERT INTO *_history*", -1, 0, 0},
        {"done of a DDL", UP "create table a (n int);\n", "*statements_done = 1, intent = 0,*", -1, 1, 0},
        {"done of a CALL", UP "call p();\n", "*statements_done = 1, intent = 0,*", -1, 1, 0},
        {"done of DML", UP "insert into a values (1);\n", "*statements_done = 1, intent = 0,*", -1, 0, 0},
        {"COMMIT of DML", UP "insert into a values (1);\n", "COMMIT", -1, 0, 0},
        {"what opens DML", UP "create table a (n int);\ninsert into a values (1);\n", "START*", -1, 1, 0},
        {"done in the file's transaction", UP "begin;\ninsert into a values (1);\ncommit;\n",
         "*statements_done = 3*", -1, 0, 0},
        {"the ending after DDL", UP "create table a (n int);\n", "SET @dbfleet_moved*", -1, 1, 0},
        {"the ending that is one with DML", UP "create table a (n int);\ninsert into a values (1);\n",
         "SET @dbfleet_moved*", -1, 1, 0},
        {"the ending after DML", UP "set names latin1;\ninsert into a values (1);\n", "SET @dbfleet_moved*",
         -1, 2, 0},
        {"the ending after the file's transaction", UP "begin;\ninsert into a values (1);\ncommit;\n",
         "SET @dbfleet_moved*", -1, 3, 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        expect_settled(&rows[i]);
}

Test(journal_settles, the_ending_after_a_verify)
{
    static const Settling row = {"the ending",
                                 UP "insert into a values (1);\n-- migrate:verify\nselect 1;\n",
                                 "SET @dbfleet_moved*",
                                 -1,
                                 1,
                                 0};

    expect_settled(&row);
}

Test(journal_settles, nothing_is_claimed_when_the_connection_is_lost)
{
    g_auto(StepCase) at = {0};
    step_case_init(&at, DIALECT_MARIADB, UP "create table a (n int);\ncreate table b (n int);\n");
    at.server->fault_on = "create table b*";
    at.server->fault = FAKE_BREAKS_BEFORE;

    cr_expect_not(step_case_run(&at));
    expect_step_error(&at, DB_ERROR, DB_ERROR_CONNECTION_LOST, "closed");
    cr_expect_null(at.attempt.state);
    cr_expect_eq(at.server->batches->len, 1, "nothing more is sent");
    cr_expect_eq(at.server->kept.intent, 2, "the target itself says that statement 2 is open");
}

/* ---- Exactly once, whatever goes wrong ---- */

TestSuite(journal_exactly_once);

/* Parts of a random section; %u is a number of its own. */
static const struct {
    const char *text;
    unsigned statements;
    bool rolled_back;
    bool undoable; /* an error leaves nothing behind */
} parts[] = {
    {"create table t%1$u (n int);\n", 1, false, true},
    {"insert into t values (%1$u);\n", 1, false, true},
    {"set x = %1$u;\n", 1, false, true},
    {"select %1$u;\n", 1, false, true},
    {"drop table d%1$u;\n", 1, false, true},
    {"call p(%1$u);\n", 1, false, false},
    {"drop table a%1$u, b%1$u;\n", 1, false, false},
    {"begin;\ninsert into u values (%1$u);\nupdate u set n = %1$u;\ncommit;\n", 4, false, true},
    {"begin;\ninsert into u values (%1$u);\nrollback;\n", 3, true, true},
    {"begin;\ninsert into u values (%1$u);\ncreate table u%1$u (n int);\ncommit;\n", 4, false, false},
};
/* May end a section. */
static const char open_part[] = "begin;\ninsert into u values (0);\n";

typedef struct Simulation {
    GRand *random;
    GString *sections;
    GPtrArray *wanted; /* of char *: what is kept when so many statements are done; NULL inside a part */
    bool undoable;     /* no part can leave half of it */
    StepCase at;
} Simulation;

/* The statements of a part that change something, each ended by a newline. */
static char *changes_of(const char *text, bool rolled_back)
{
    g_auto(GStrv) lines = g_strsplit(text, ";\n", -1);
    GString *changes = g_string_new(NULL);

    for (char **line = lines; *line && !rolled_back; line++)
        if (fake_changes(*line))
            g_string_append_printf(changes, "%s\n", *line);
    return g_string_free(changes, FALSE);
}

static void add_part(Simulation *self, unsigned number)
{
    gsize kind = (gsize)g_rand_int_range(self->random, 0, G_N_ELEMENTS(parts));
    g_autofree char *numbered = g_strdup_printf("%u", number);
    g_auto(GStrv) pieces = g_strsplit(parts[kind].text, "%1$u", -1);
    g_autofree char *text = g_strjoinv(numbered, pieces);
    g_autofree char *changes = changes_of(text, parts[kind].rolled_back);
    const char *before = self->wanted->pdata[self->wanted->len - 1];

    g_string_append(self->sections, text);
    for (unsigned i = 1; i < parts[kind].statements; i++)
        g_ptr_array_add(self->wanted, NULL);
    g_ptr_array_add(self->wanted, g_strconcat(before, changes, NULL));
    self->undoable &= parts[kind].undoable;
}

static void simulation_init(Simulation *self, GRand *random, Dialect dialect)
{
    static const char *const heads[] = {"-- migrate:up\n", "-- migrate:up transaction:false\n"};

    *self = (Simulation){.random = random,
                         .sections = g_string_new(heads[dialect == DIALECT_POSTGRES]),
                         .wanted = g_ptr_array_new_with_free_func(g_free),
                         .undoable = true};
    g_ptr_array_add(self->wanted, g_strdup(""));
    for (int i = g_rand_int_range(random, 1, 7); i > 0; i--)
        add_part(self, (unsigned)i);
    if (g_rand_int_range(random, 0, 5) == 0) {
        const char *before = self->wanted->pdata[self->wanted->len - 1];
        g_string_append(self->sections, open_part);
        g_ptr_array_add(self->wanted, NULL);
        g_ptr_array_add(self->wanted, g_strconcat(before, "insert into u values (0)\n", NULL));
    }
    if (g_rand_boolean(random))
        g_string_append(self->sections, "-- migrate:verify\nselect 1;\n");
    step_case_init(&self->at, dialect, self->sections->str);
}

static void simulation_clear(Simulation *self)
{
    step_case_clear(&self->at);
    g_string_free(self->sections, TRUE);
    g_ptr_array_unref(self->wanted);
}

/* So many statements are said to be done: what is kept must be just what they do. */
static bool keeps_just(const Simulation *self, unsigned done)
{
    const char *wanted = done < self->wanted->len ? self->wanted->pdata[done] : NULL;
    return wanted && g_str_equal(self->at.server->kept.statements->str, wanted);
}

/* Whatever may have happened with the open one, what is said to be done is. */
static bool keeps_at_least(const Simulation *self, unsigned done)
{
    const char *wanted = done < self->wanted->len ? self->wanted->pdata[done] : NULL;
    return wanted && g_str_has_prefix(self->at.server->kept.statements->str, wanted);
}

static void set_fault(Simulation *self)
{
    FakeServer *server = self->at.server;

    server->fault = (FakeFault)g_rand_int_range(self->random, FAKE_REFUSES, FAKE_BREAKS_AFTER + 1);
    server->fault_at = server->items + g_rand_int_range(self->random, 0, 60);
    server->fault_then = g_rand_boolean(self->random) ? g_rand_int_range(self->random, 0, 6) : -1;
}

typedef enum Verdict { GO_ON, FINISHED, UNDECIDABLE, WRONG } Verdict;

/* What the target says after an attempt, as the next one would read it. */
static Verdict judge(Simulation *self, bool good)
{
    StepCase *at = &self->at;
    unsigned total = step_attempt_total(&at->attempt);

    if (good || g_str_equal(at->server->kept.state, HISTORY_DONE) ||
        g_str_equal(at->server->kept.state, HISTORY_VERIFY_FAILED))
        return keeps_just(self, total) && at->server->kept.version_writes == 1 ? FINISHED : WRONG;
    if (at->server->kept.version_writes != 0)
        return WRONG;
    g_clear_pointer(&at->unfinished, history_entry_free);
    at->unfinished = step_case_open_row(at);
    if (!at->unfinished)
        return keeps_just(self, 0) ? GO_ON : WRONG;
    if (at->unfinished->intent && !keeps_at_least(self, at->unfinished->statements_done))
        return WRONG;
    if (at->unfinished->intent)
        return g_str_equal(at->unfinished->state, HISTORY_FAILED) ? UNDECIDABLE : GO_ON;
    return keeps_just(self, at->unfinished->statements_done) ? GO_ON : WRONG;
}

/* Attempts until the step is done or a person must look: how it ended. */
static Verdict simulate(Simulation *self)
{
    for (unsigned attempt = 0; attempt < 20; attempt++) {
        if (attempt < 19)
            set_fault(self);
        bool good = step_case_run(&self->at);
        bool refused = !good && !g_error_matches(self->at.error, DB_ERROR, DB_ERROR_CONNECTION_LOST);
        bool broke_later = self->at.server->broken && refused;
        Verdict verdict = judge(self, good);
        if (verdict == UNDECIDABLE && refused && !broke_later && self->undoable)
            return WRONG; /* an error that leaves nothing behind is never a riddle */
        if (verdict != GO_ON)
            return verdict;
        fake_reconnect(self->at.server);
    }
    return WRONG;
}

/* Only what is wrong: Criterion sends every assertion to its parent, and thousands of them choke it. */
static void tell(const Simulation *self, guint32 seed)
{
    const FakeKept *kept = &self->at.server->kept;
    cr_expect(false, "seed %u: done %u intent %u state %s\nkept:\n%s\nof:\n%s%s", seed, kept->done,
              kept->intent, kept->state, kept->statements->str, self->sections->str,
              self->at.error ? self->at.error->message : "");
}

static void expect_simulations(Dialect dialect, guint32 seed, unsigned rounds)
{
    unsigned ended[WRONG + 1] = {0};
    for (unsigned i = 0; i < rounds; i++) {
        GRand *random = g_rand_new_with_seed(seed + i);
        Simulation simulation;
        simulation_init(&simulation, random, dialect);
        Verdict verdict = simulate(&simulation);
        ended[verdict]++;
        if (verdict == WRONG)
            tell(&simulation, seed + i);
        simulation_clear(&simulation);
        g_rand_free(random);
        if (ended[WRONG] > 2)
            break;
    }
    cr_expect(ended[FINISHED] > rounds / 4, "%u finished", ended[FINISHED]);
    cr_expect(ended[UNDECIDABLE] > rounds / 400, "%u undecidable", ended[UNDECIDABLE]);
}

Test(journal_exactly_once, on_mariadb)
{
    expect_simulations(DIALECT_MARIADB, 1, 4000);
}

Test(journal_exactly_once, on_postgres_without_a_transaction)
{
    expect_simulations(DIALECT_POSTGRES, 100001, 4000);
}
