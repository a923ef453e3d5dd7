/* Children: their end is known, in bounded time, and all that they started ends with them. */
#include "base/child.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

TestSuite(child, .timeout = 60);

static bool shell(const char *script, unsigned timeout_ms, bool (*stop)(gpointer), ChildResult *result)
{
    const char *const arguments[] = {"sh", "-c", script, NULL};
    const ChildOptions options = {.arguments = arguments, .timeout_ms = timeout_ms, .stop = stop};
    g_autoptr(GError) error = NULL;
    bool started = child_run(&options, result, &error);
    cr_assert(started, "%s", error ? error->message : "");
    return started;
}

static bool at_once(gpointer context)
{
    (void)context;
    return true;
}

Test(child, exit_code_and_both_outputs_are_told)
{
    g_auto(ChildResult) result = {0};
    shell("echo out; echo err >&2; exit 7", 0, NULL, &result);
    cr_expect_eq(result.end, CHILD_EXITED);
    cr_expect_eq(result.code, 7);
    cr_expect_str_eq(result.output, "out\nerr\n");
}

Test(child, only_the_end_of_much_output_is_kept)
{
    g_auto(ChildResult) result = {0};
    shell("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo last", 0, NULL, &result);
    cr_expect_eq(result.code, 0);
    cr_expect_eq(strlen(result.output), 4096);
    cr_expect(g_str_has_suffix(result.output, "x\nlast\n"));
}

Test(child, a_signal_is_told)
{
    g_auto(ChildResult) result = {0};
    shell("kill -KILL $$", 0, NULL, &result);
    cr_expect_eq(result.end, CHILD_SIGNALED);
    cr_expect_eq(result.code, SIGKILL);
}

Test(child, what_takes_too_long_is_ended_with_all_it_started)
{
    g_auto(ChildResult) result = {0};
    gint64 begin = g_get_monotonic_time();
    shell("sleep 50 & echo $!; sleep 50", 300, NULL, &result);
    cr_expect_eq(result.end, CHILD_TIMED_OUT);
    cr_expect_lt(g_get_monotonic_time() - begin, 10 * G_USEC_PER_SEC);
    pid_t grandchild = (pid_t)g_ascii_strtoll(result.output, NULL, 10);
    cr_assert_gt(grandchild, 0);
    for (int i = 0; i < 100 && kill(grandchild, 0) == 0; i++) {
        g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)grandchild), *stat = NULL;
        if (g_file_get_contents(path, &stat, NULL, NULL) && strstr(stat, ") Z "))
            return;
        g_usleep(20000);
    }
    cr_expect_neq(kill(grandchild, 0), 0);
}

Test(child, one_that_ignores_the_request_to_end_is_killed)
{
    g_auto(ChildResult) result = {0};
    shell("trap '' TERM; while :; do sleep 1; done", 0, at_once, &result);
    cr_expect_eq(result.end, CHILD_STOPPED);
}

Test(child, one_that_cannot_be_started_says_why)
{
    const char *const arguments[] = {"/nowhere/program", NULL};
    const ChildOptions options = {.arguments = arguments};
    g_auto(ChildResult) result = {0};
    g_autoptr(GError) error = NULL;
    cr_expect_not(child_run(&options, &result, &error));
    cr_assert_not_null(error);
    cr_expect_str_eq(error->message, "/nowhere/program cannot be started: No such file or directory");
}

Test(child, folder_and_environment_are_those_given)
{
    const char *const arguments[] = {"sh", "-c", "pwd; echo $WORD$HOME", NULL};
    const char *const environment[] = {"WORD=said", "PATH=/usr/bin:/bin", NULL};
    const ChildOptions options = {.arguments = arguments, .environment = environment, .folder = "/"};
    g_auto(ChildResult) result = {0};
    cr_assert(child_run(&options, &result, NULL));
    cr_expect_str_eq(result.output, "/\nsaid\n");
}

Test(child, nothing_that_is_open_here_is_open_there)
{
    g_auto(ChildResult) result = {0};
    int leaked = dup(STDOUT_FILENO);
    cr_assert_geq(leaked, 3);
    shell("ls /proc/self/fd | wc -l", 0, NULL, &result);
    cr_expect_str_eq(result.output, "4\n", "%s", result.output); /* 0, 1, 2 and the folder that ls reads */
    close(leaked);
}

/* ---- child_read ---- */

static bool answer_of(const char *script, gsize most, char **answer, gsize *length, ChildResult *result,
                      GError **error)
{
    const char *const arguments[] = {"sh", "-c", script, NULL};
    const ChildOptions options = {.arguments = arguments, .timeout_ms = 20000};
    return child_read(&options, most, answer, length, result, error);
}

Test(child, an_answer_is_apart_from_what_is_said_beside_it)
{
    g_auto(ChildResult) result = {0};
    g_autofree char *answer = NULL;
    gsize length = 0;
    cr_assert(
        answer_of("echo one; echo oops >&2; printf 'a\\0b'; exit 3", 100, &answer, &length, &result, NULL));
    cr_expect_eq(length, 7);
    cr_expect_arr_eq(answer, "one\na\0b", 8);
    cr_expect_str_eq(result.output, "oops\n");
    cr_expect_eq(result.code, 3);
}

Test(child, a_long_answer_comes_whole_beside_a_flood_of_errors)
{
    g_auto(ChildResult) result = {0};
    g_autofree char *answer = NULL;
    gsize length = 0;
    cr_assert(
        answer_of("head -c 3000000 /dev/zero | tr '\\0' x & head -c 2000000 /dev/zero | tr '\\0' y >&2; wait",
                  3000000, &answer, &length, &result, NULL));
    cr_expect_eq(length, 3000000);
    cr_expect_eq(strlen(answer), 3000000);
    cr_expect_eq(strlen(result.output), 4096);
}

Test(child, an_answer_that_is_too_long_is_refused_and_its_program_ended)
{
    g_auto(ChildResult) result = {0};
    g_autofree char *answer = NULL;
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    gint64 begin = g_get_monotonic_time();
    cr_expect_not(
        answer_of("while :; do echo xxxxxxxxxxxxxxx; done", 10000, &answer, &length, &result, &error));
    cr_expect_lt(g_get_monotonic_time() - begin, 10 * G_USEC_PER_SEC);
    cr_expect_str_eq(error->message, "sh answered more than 10000 bytes");
    cr_expect_null(answer);
}
