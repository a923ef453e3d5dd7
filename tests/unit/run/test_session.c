/* What a session reads of a target, and what it need not read again. */
#include "../plan_fixture.h"
#include "run/session.h"

typedef struct Place {
    Connection *connection; /* to a file of its own */
    VersionStore store;
    DbUrl *url;
    TargetState *known; /* what was read first; NULL: nothing yet */
} Place;

static void run_text(const Place *at, char *sql)
{
    g_autofree char *owned = sql;
    GError *error = NULL;
    cr_assert(connection_run(at->connection, owned, &error), "%s", error ? error->message : "");
}

static void add_step(const Place *at, const char *step, const char *revision, const char *state)
{
    const HistoryRow row = {.step_id = step,
                            .run_id = "run",
                            .revision = revision,
                            .direction = "up",
                            .heads_before = "",
                            .heads_after = revision,
                            .statements_total = 1,
                            .state = state};
    run_text(at, version_store_insert_history(&at->store, &row));
}

static void place_init(Place *at)
{
    g_autofree char *folder = g_dir_make_tmp("session-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "t.db", NULL);
    at->url = db_url_new_sqlite(path);
    at->connection = connection_open(&(ConnectOptions){.url = at->url, .create = true}, NULL);
    cr_assert_not_null(at->connection);
    at->store = (VersionStore){DIALECT_SQLITE, NULL, "dbfleet_version"};
    g_autoptr(GPtrArray) creates = version_store_create(&at->store);
    for (guint i = 0; i < creates->len; i++)
        run_text(at, g_strdup(creates->pdata[i]));
}

static TargetState *read_state(const Place *at)
{
    TargetState *state = target_state_new();
    GError *error = NULL;
    cr_assert(session_read_state(at->connection, &at->store, state, &error), "%s",
              error ? error->message : "");
    return state;
}

/* Reads as under the lock. */
static TargetState *read_again(const Place *at)
{
    TargetState *state = target_state_new();
    g_autoptr(Batch) batch = session_state_batch(&at->store, at->known);
    g_auto(BatchResult) result = {0};
    GError *error = NULL;
    cr_assert(connection_execute(at->connection, batch, &result, &error));
    cr_assert(session_take_state(at->connection, &at->store, at->known, &result, state, &error));
    return state;
}

static void place_clear(Place *at)
{
    connection_close(at->connection);
    db_url_free(at->url);
    target_state_free(at->known);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

/* The last step of the history. */
static const HistoryEntry *last_of(const TargetState *state)
{
    return state->history->pdata[state->history->len - 1];
}

TestSuite(session);

Test(session, rows_are_sorted_and_the_history_is_by_number_whatever_order_they_lie_in)
{
    g_auto(Place) at = {0};
    place_init(&at);
    add_step(&at, "s1", "bb", HISTORY_DONE);
    add_step(&at, "s2", "aa", HISTORY_DONE);
    run_text(&at, g_strdup("update dbfleet_version_history set seq = 7 where seq = 1"));
    run_text(&at, g_strdup("insert into dbfleet_version values ('bb'), ('aa')"));
    at.known = read_state(&at);
    cr_expect_str_eq(at.known->rows[0], "aa");
    cr_expect_str_eq(at.known->rows[1], "bb");
    cr_expect_str_eq(last_of(at.known)->revision, "bb");
    cr_expect_eq(at.known->last_seq, 7);
}

Test(session, a_history_that_did_not_grow_is_the_one_that_was_read)
{
    g_auto(Place) at = {0};
    place_init(&at);
    add_step(&at, "s1", "aa", HISTORY_DONE);
    at.known = read_state(&at);
    run_text(&at, g_strdup("insert into dbfleet_version values ('aa')"));
    g_autoptr(TargetState) again = read_again(&at);
    cr_expect_eq(again->history, at.known->history);
    cr_expect_eq(again->last_seq, 1);
    cr_expect(again->has_history);
    cr_expect_str_eq(again->rows[0], "aa");
}

Test(session, a_history_that_grew_is_read_again)
{
    g_auto(Place) at = {0};
    place_init(&at);
    at.known = read_state(&at);
    add_step(&at, "s1", "aa", HISTORY_DONE);
    add_step(&at, "s2", "bb", HISTORY_RUNNING);
    g_autoptr(TargetState) again = read_again(&at);
    cr_assert_eq(again->history->len, 2);
    cr_expect_str_eq(last_of(again)->state, HISTORY_RUNNING);
    cr_expect_eq(again->last_seq, 2);
}

/* Its row changes without a number of its own. */
Test(session, a_history_with_an_open_step_is_read_again)
{
    g_auto(Place) at = {0};
    place_init(&at);
    add_step(&at, "s1", "aa", HISTORY_RUNNING);
    at.known = read_state(&at);
    run_text(&at, version_store_finish_history(&at.store, "s1", HISTORY_DONE, 1, NULL, NULL));
    g_autoptr(TargetState) again = read_again(&at);
    cr_assert_eq(again->history->len, 1);
    cr_expect_str_eq(last_of(again)->state, HISTORY_DONE);
}

Test(session, a_table_that_is_gone_is_told_from_one_without_newer_rows)
{
    g_auto(Place) at = {0};
    place_init(&at);
    add_step(&at, "s1", "aa", HISTORY_DONE);
    at.known = read_state(&at);
    run_text(&at, g_strdup("drop table dbfleet_version_history"));
    g_autoptr(TargetState) again = target_state_new();
    g_autoptr(Batch) batch = session_state_batch(&at.store, at.known);
    g_auto(BatchResult) result = {0};
    g_autoptr(GError) missing = NULL;
    cr_expect_not(connection_execute(at.connection, batch, &result, &missing));
    cr_expect(g_error_matches(missing, DB_ERROR, DB_ERROR_UNDEFINED_TABLE));
    cr_expect(session_take_state(at.connection, &at.store, at.known, &result, again, NULL));
    cr_expect_not(again->has_history);
    cr_expect_eq(again->history->len, 0);
}
