/* Secrets: references, their values, and silence about them. */
#include "inventory/secret.h"

#include "fleet_fixture.h"
#include "inventory/secret_internal.h"

#include <pthread.h>

/* The resolved text, or "error: MESSAGE". */
static char *resolve(SecretStore *store, const char *text, const char *folder)
{
    g_autoptr(GError) error = NULL;
    char *secret = secret_resolve(store, text, folder, &error);
    if (secret == NULL)
        return g_strdup_printf("error: %s", error->message);
    char *copy = g_strdup(secret);
    secret_free(secret);
    return copy;
}

Test(secret, knows_a_reference)
{
    cr_expect(secret_is_reference("${env:X}"));
    cr_expect(secret_is_reference("a${file:x}b"));
    cr_expect(secret_is_reference("${HOME}"));
    cr_expect_not(secret_is_reference(NULL));
    cr_expect_not(secret_is_reference("plain"));
    cr_expect_not(secret_is_reference("costs 5$ {a} ${5}"));
}

Test(secret, checks_without_resolving)
{
    cr_expect(secret_check("${env:NOT_SET_ANYWHERE}", NULL));
    cr_expect(secret_check("${cmd:exit 1|ttl=5min} and ${file:/nowhere}", NULL));
    cr_expect(secret_check("plain", NULL));
    cr_expect_not(secret_check("${vault:x}", NULL));
    cr_expect_not(secret_check("${env:A} ${env:B", NULL));
    cr_expect_not(secret_check("${env}", NULL));
    cr_expect_not(secret_check("${file: }", NULL));
    cr_expect_not(secret_check("${cmd:x|ttl=5}", NULL));
}

Test(secret, reads_the_environment)
{
    g_autoptr(SecretStore) store = secret_store_new();
    g_setenv("SECRET_TEST", "can{}ary$", TRUE);
    expect_text(resolve(store, "${env:SECRET_TEST}", NULL), "can{}ary$");
    expect_text(resolve(store, "a${env:SECRET_TEST}b${env:SECRET_TEST}", NULL), "acan{}ary$bcan{}ary$");
    expect_text(resolve(store, "plain", NULL), "plain");
    expect_text(resolve(store, "", NULL), "");
    g_unsetenv("SECRET_TEST");
    expect_text(resolve(store, "${env:SECRET_TEST}", NULL),
                "error: ${env:SECRET_TEST}: the environment variable SECRET_TEST is not set");
}

Test(secret, reads_files_from_the_folder)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(SecretStore) store = secret_store_new();
    fixture_write(f, "unix", "canary \n");
    fixture_write(f, "dos", "canary\r\n");
    fixture_write(f, "two", "canary\n\n");
    fixture_write(f, "empty", "");
    g_autofree char *absolute = g_strdup_printf("${file:%s/unix}", f->folder);
    expect_text(resolve(store, "${file:unix}", f->folder), "canary ");
    expect_text(resolve(store, absolute, NULL), "canary ");
    expect_text(resolve(store, "${file:dos}", f->folder), "canary");
    expect_text(resolve(store, "${file:two}", f->folder), "canary\n");
    expect_text(resolve(store, "${file:empty}", f->folder), "");
}

Test(secret, refuses_files_that_hold_no_password)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(SecretStore) store = secret_store_new();
    g_autofree char *large = g_strnfill(SECRET_BYTES_MAX + 1, 'x');
    g_autofree char *nul = g_build_filename(f->folder, "nul", NULL);
    fixture_write(f, "large", large);
    cr_assert(g_file_set_contents(nul, "a\0b", 3, NULL));
    g_autofree char *a = resolve(store, "${file:missing}", f->folder);
    g_autofree char *b = resolve(store, "${file:large}", f->folder);
    g_autofree char *c = resolve(store, "${file:nul}", f->folder);
    g_autofree char *d = resolve(store, "${file:.}", f->folder);
    expect_holds(a, "missing cannot be read: No such file");
    expect_holds(b, "large cannot be read: File too large");
    expect_holds(c, "nul holds a NUL byte");
    expect_holds(d, "cannot be read: Is a directory");
}

Test(secret, runs_commands)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(SecretStore) store = secret_store_new();
    fixture_write(f, "pw", "canary\n");
    expect_text(resolve(store, "${cmd:echo can; echo ary}", NULL), "can\nary");
    expect_text(resolve(store, "${cmd:cat pw}", f->folder), "canary");
    expect_text(resolve(store, "${cmd:echo a b | awk '{print $2}'}", NULL), "b");
    expect_text(resolve(store, "${cmd:cat}", NULL), ""); /* nothing on standard input */
    expect_text(resolve(store, "${cmd: echo x |ttl=1min }", NULL), "x");
}

Test(secret, a_command_that_fails_says_so_without_its_output)
{
    g_autoptr(SecretStore) store = secret_store_new();
    g_autofree char *code = resolve(store, "${cmd:echo canary; echo canary >&2; exit 3}", NULL);
    cr_expect_str_eq(
        code,
        "error: ${cmd:echo canary; echo canary >&2; exit 3}: the command failed with exit code 3: run it in "
        "a shell to see why");
    g_autofree char *killed = resolve(store, "${cmd:kill -9 $$}", NULL);
    expect_holds(killed, "the command was ended by signal 9");
    g_autofree char *nul = resolve(store, "${cmd:printf 'a\\0b'}", NULL);
    expect_holds(nul, "the command wrote a NUL byte");
    g_autofree char *large = resolve(store, "${cmd:head -c 100000 /dev/zero}", NULL);
    expect_holds(large, "the command wrote more than 64 KB");
    g_autofree char *folder = resolve(store, "${cmd:true}", "/nonexistent");
    expect_holds(folder, "the command cannot be started");
}

Test(secret, a_command_that_takes_too_long_is_ended_with_its_children, .timeout = 120)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(GError) error = NULL, closed = NULL;
    cr_assert_null(secret_command_run("(sleep 1; echo x > alive) & sleep 60", f->folder, 300, &error));
    cr_expect_str_eq(error->message, "the command gave no answer within 0 s");
    cr_assert_null(secret_command_run("exec >&-; sleep 60", f->folder, 300, &closed));
    cr_expect_str_eq(closed->message, "the command gave no answer within 0 s");
    g_usleep(1300000);
    g_autofree char *path = g_build_filename(f->folder, "alive", NULL);
    cr_expect_not(g_file_test(path, G_FILE_TEST_EXISTS), "a child went on after the end");
}

Test(secret, without_lifetime_a_command_runs_each_time)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(SecretStore) store = secret_store_new();
    expect_text(resolve(store, "${cmd:echo x >> n; grep -c x n}", f->folder), "1");
    expect_text(resolve(store, "${cmd:echo x >> n; grep -c x n}", f->folder), "2");
}

Test(secret, within_its_lifetime_an_answer_is_used_again)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(SecretStore) store = secret_store_new();
    expect_text(resolve(store, "${cmd:echo x >> n; grep -c x n|ttl=1h}", f->folder), "1");
    expect_text(resolve(store, "${cmd:echo x >> n; grep -c x n|ttl=1h}", f->folder), "1");
    expect_text(resolve(store, "${cmd:echo y >> m; grep -c y m|ttl=1ms}", f->folder), "1");
    g_usleep(5000);
    expect_text(resolve(store, "${cmd:echo y >> m; grep -c y m|ttl=1ms}", f->folder), "2");
}

Test(secret, a_failure_is_not_kept)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(SecretStore) store = secret_store_new();
    const char *text = "${cmd:cat later|ttl=1h}";
    g_autofree char *first = resolve(store, text, f->folder);
    expect_holds(first, "error: ");
    fixture_write(f, "later", "canary");
    expect_text(resolve(store, text, f->folder), "canary");
}

typedef struct Asker {
    SecretStore *store;
    const char *text;
    const char *folder;
    char *answer;
    pthread_t thread;
} Asker;

static void *ask(void *data)
{
    Asker *self = data;
    self->answer = resolve(self->store, self->text, self->folder);
    return NULL;
}

/* Two commands of which each ends only when the other has begun. */
#define SAME "${cmd:touch same; until [ -e other ]; do sleep 0.05; done; echo x >> n; grep -c x n|ttl=1h}"
#define OTHER "${cmd:touch other; until [ -e same ]; do sleep 0.05; done; echo other|ttl=1h}"

Test(secret, threads_share_one_run_and_do_not_wait_for_other_commands, .timeout = 120)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(SecretStore) store = secret_store_new();
    Asker askers[4] = {{.text = SAME}, {.text = SAME}, {.text = SAME}, {.text = OTHER}};
    for (gsize i = 0; i < G_N_ELEMENTS(askers); i++) {
        askers[i].store = store;
        askers[i].folder = f->folder;
        cr_assert_eq(pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(askers); i++) {
        pthread_join(askers[i].thread, NULL);
        cr_expect_str_eq(askers[i].answer, i < 3 ? "1" : "other");
        g_free(askers[i].answer);
    }
}
