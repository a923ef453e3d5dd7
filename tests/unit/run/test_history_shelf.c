/* History shelf: equal histories become one, whoever reads them; others stay as they are. */
#include "../plan_fixture.h"
#include "run/history_shelf.h"

#include <pthread.h>

/* A state whose history is `count` steps done, the last one in the way that `state` says. */
static TargetState *state_with(unsigned count, const char *state)
{
    TargetState *self = fixture_state_new(DIALECT_SQLITE, "aa");

    for (unsigned i = 0; i < count; i++) {
        g_autofree char *revision = g_strdup_printf("r%u", i);
        const HistoryEntry entry = {.revision = revision,
                                    .direction = (char *)"up",
                                    .state = (char *)(i + 1 == count ? state : "done"),
                                    .heads_before = (char *)"",
                                    .statements_total = 2,
                                    .statements_done = 2};
        g_ptr_array_add(self->history, history_entry_pack(&entry));
    }
    return self;
}

TestSuite(history_shelf);

Test(history_shelf, equal_histories_are_one_object_that_outlives_the_shelf)
{
    HistoryShelf *shelf = history_shelf_new();
    g_autoptr(TargetState) first = state_with(3, "done"), second = state_with(3, "done");

    history_shelf_share(shelf, first);
    history_shelf_share(shelf, second);
    history_shelf_free(shelf);
    cr_expect_eq(first->history, second->history);
    cr_expect_eq(second->history->len, 3);
    cr_expect_str_eq(((const HistoryEntry *)second->history->pdata[2])->revision, "r2");
}

Test(history_shelf, whatever_differs_keeps_them_apart)
{
    g_autoptr(HistoryShelf) shelf = history_shelf_new();
    g_autoptr(GPtrArray) states = g_ptr_array_new_with_free_func((GDestroyNotify)target_state_free);
    g_ptr_array_add(states, state_with(0, ""));
    g_ptr_array_add(states, state_with(3, "done"));
    g_ptr_array_add(states, state_with(2, "done"));
    g_ptr_array_add(states, state_with(3, "failed"));
    for (unsigned i = 0; i < 4; i++) {
        TargetState *state = state_with(3, "done");
        HistoryEntry *last = state->history->pdata[2];
        last->intent = i == 0;
        last->statements_done -= i == 1;
        last->detail = i == 2 ? (char *)"" : NULL;
        last->plan_digest = i == 3 ? (char *)"" : NULL;
        g_ptr_array_add(states, state);
    }
    g_autoptr(GHashTable) different = g_hash_table_new(NULL, NULL);

    for (guint i = 0; i < states->len; i++) {
        history_shelf_share(shelf, states->pdata[i]);
        g_hash_table_add(different, ((TargetState *)states->pdata[i])->history);
    }
    cr_expect_eq(g_hash_table_size(different), states->len);
}

#define THREADS 4
#define STATES 200

typedef struct Reader {
    pthread_t thread;
    HistoryShelf *shelf;
    TargetState *states[STATES];
} Reader;

static void *read_states(void *argument)
{
    Reader *self = argument;

    for (unsigned i = 0; i < STATES; i++) {
        self->states[i] = state_with(i % 5, "done");
        history_shelf_share(self->shelf, self->states[i]);
    }
    return NULL;
}

Test(history_shelf, readers_in_many_threads_share_too)
{
    g_autoptr(HistoryShelf) shelf = history_shelf_new();
    g_autoptr(GHashTable) different = g_hash_table_new(NULL, NULL);
    Reader readers[THREADS] = {0};

    for (unsigned i = 0; i < THREADS; i++) {
        readers[i].shelf = shelf;
        must(pthread_create(&readers[i].thread, NULL, read_states, &readers[i]) == 0, "thread %u", i);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(readers[i].thread, NULL);
    for (unsigned i = 0; i < THREADS * STATES; i++)
        g_hash_table_add(different, readers[i / STATES].states[i % STATES]->history);
    cr_expect_eq(g_hash_table_size(different), 5);
    for (unsigned i = 0; i < THREADS * STATES; i++)
        target_state_free(readers[i / STATES].states[i % STATES]);
}
