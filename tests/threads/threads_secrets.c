/* Secrets asked for by 64 threads at once: every one gets the right value, and a command with a lifetime runs
 * once for all of them. */
#include "check.h"
#include "inventory/secret.h"

#include <glib/gstdio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define THREADS 64
#define ROUNDS 20

typedef struct Asking {
    SecretStore *store;
    const char *folder;
    atomic_uint wrong;
} Asking;

static const struct {
    const char *text;
    const char *value;
} references[] = {
    {"${env:DBFLEET_TEST_SECRET}", "from the environment"},
    {"${file:secret.txt}", "from a file"},
    {"${cmd:cat answer.txt; echo ran >>runs.txt|ttl=10min}", "from a command"},
    {"a ${env:DBFLEET_TEST_SECRET} b ${file:secret.txt} c", "a from the environment b from a file c"},
};

static void *ask(void *argument)
{
    Asking *self = argument;
    for (unsigned i = 0; i < ROUNDS; i++) {
        gsize row = i % G_N_ELEMENTS(references);
        char *value = secret_resolve(self->store, references[row].text, self->folder, NULL);
        if (!value || !g_str_equal(value, references[row].value))
            atomic_fetch_add(&self->wrong, 1);
        secret_free(value);
    }
    return NULL;
}

/* One that fails must fail for everyone, and leave the store usable. */
static void *ask_in_vain(void *argument)
{
    Asking *self = argument;
    GError *error = NULL;
    char *value = secret_resolve(self->store, "${cmd:exit 3|ttl=10min}", self->folder, &error);
    if (value || !error)
        atomic_fetch_add(&self->wrong, 1);
    secret_free(value);
    g_clear_error(&error);
    return NULL;
}

static unsigned ask_with(Asking *self, void *(*how)(void *), unsigned threads)
{
    pthread_t asking[THREADS];
    atomic_store(&self->wrong, 0);
    for (unsigned i = 0; i < threads; i++)
        pthread_create(&asking[i], NULL, how, self);
    for (unsigned i = 0; i < threads; i++)
        pthread_join(asking[i], NULL);
    return atomic_load(&self->wrong);
}

static void put(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_file_set_contents(path, text, -1, NULL);
}

static bool ran_once(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "runs.txt", NULL);
    g_autofree char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) && g_str_equal(text, "ran\n");
}

static void remove_files(const char *folder)
{
    static const char *const names[] = {"secret.txt", "answer.txt", "runs.txt"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        g_remove(path);
    }
    g_rmdir(folder);
}

int main(void)
{
    Checks checks = {0};
    g_autofree char *folder = g_dir_make_tmp("dbfleet-secrets-XXXXXX", NULL);
    Asking asking = {.store = secret_store_new(), .folder = folder};
    g_setenv("DBFLEET_TEST_SECRET", "from the environment", TRUE);
    put(folder, "secret.txt", "from a file\n");
    put(folder, "answer.txt", "from a command\n");
    check(&checks, ask_with(&asking, ask, THREADS) == 0, "every thread gets the right values");
    check(&checks, ran_once(folder), "a command with a lifetime runs once");
    check(&checks, ask_with(&asking, ask_in_vain, 8) == 0, "a command that fails fails for everyone");
    check(&checks, ask_with(&asking, ask, THREADS) == 0, "and nothing else is the worse for it");
    secret_store_free(asking.store);
    remove_files(folder);
    return checks_end(&checks);
}
