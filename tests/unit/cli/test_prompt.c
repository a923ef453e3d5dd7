/* The question before databases are changed: only a clear yes is one. */
#include "cli/prompt.h"

#include <criterion/criterion.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Puts a pipe in the place of stdin; returns its other end. */
static int input_pipe(void)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    return ends[1];
}

/* Puts a pipe in the place of stderr; returns its other end. */
static int output_pipe(void)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    return ends[0];
}

static bool answered(const char *answer)
{
    int input = input_pipe();
    cr_assert_eq(write(input, answer, strlen(answer)), (ssize_t)strlen(answer));
    close(input);
    return prompt_confirm("?");
}

Test(prompt, only_yes_is_yes)
{
    static const char *const YES[] = {"y\n", "Y\n", "yes\n", " YES \n", "Yes\r\n"};
    static const char *const NO[] = {"n\n",    "no\n",   "\n",  "",       "y",      "yes",
                                     "yess\n", "ye s\n", "1\n", "\xff\n", "no\ny\n"};
    output_pipe();
    for (gsize i = 0; i < G_N_ELEMENTS(YES); i++)
        cr_expect(answered(YES[i]), "%s", YES[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(NO); i++)
        cr_expect_not(answered(NO[i]), "%s", NO[i]);
}

Test(prompt, the_question_goes_to_stderr_with_controls_made_visible)
{
    int output = output_pipe();
    cr_expect(answered("y\n"));
    cr_expect_not(answered(""));
    input_pipe();
    char text[200] = "";
    cr_assert_gt(read(output, text, sizeof text - 1), 0);
    cr_expect_str_eq(text, "? [y/N] ? [y/N] \n");
}

Test(prompt, nothing_behind_the_line_is_taken)
{
    output_pipe();
    int input = input_pipe();
    cr_assert_eq(write(input, "y\nrest", 6), 6);
    cr_expect(prompt_confirm("Upgrade \033[2J?"));
    char rest[10] = "";
    cr_assert_eq(read(STDIN_FILENO, rest, sizeof rest), 4);
    cr_expect_str_eq(rest, "rest");
}

Test(prompt, an_interrupt_is_no_and_has_no_other_effect)
{
    static const int SIGNALS[] = {SIGINT, SIGTERM};
    output_pipe();
    for (gsize i = 0; i < G_N_ELEMENTS(SIGNALS); i++) {
        sigset_t set, before, after;
        sigemptyset(&set);
        sigaddset(&set, SIGNALS[i]);
        sigprocmask(SIG_BLOCK, &set, &before);
        raise(SIGNALS[i]);
        cr_expect_not(answered("y\n"));
        sigpending(&set);
        cr_expect_not(sigismember(&set, SIGNALS[i]), "the signal is still pending");
        sigprocmask(SIG_SETMASK, &before, &after);
        cr_expect(sigismember(&after, SIGNALS[i]), "the mask was not put back");
    }
}

Test(prompt, an_interrupt_ends_the_wait, .timeout = 120)
{
    output_pipe();
    input_pipe();
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        g_usleep(100000);
        kill(parent, SIGINT);
        _exit(0);
    }
    cr_expect_not(prompt_confirm("?"));
    waitpid(child, NULL, 0);
}

static void on_resize(int number)
{
    (void)number;
}

Test(prompt, a_resized_window_is_no_answer, .timeout = 120)
{
    const struct sigaction action = {.sa_handler = on_resize};
    sigaction(SIGWINCH, &action, NULL);
    output_pipe();
    int input = input_pipe();
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        g_usleep(50000);
        kill(parent, SIGWINCH);
        g_usleep(50000);
        _exit(write(input, "yes\n", 4) == 4 ? 0 : 1);
    }
    cr_expect(prompt_confirm("?"));
    waitpid(child, NULL, 0);
}

Test(prompt, nobody_can_be_asked_through_a_pipe)
{
    input_pipe();
    cr_expect_not(prompt_possible());
}

/* ---- A question that stands ---- */

Test(prompt, one_that_stands_waits_for_a_whole_line_and_for_nothing_else)
{
    output_pipe();
    int input = input_pipe();
    Prompt *prompt = prompt_begin("go on?");
    cr_expect_eq(prompt_poll(prompt), PROMPT_WAITING);
    cr_assert_eq(write(input, "ye", 2), 2);
    cr_expect_eq(prompt_poll(prompt), PROMPT_WAITING);
    cr_assert_eq(write(input, "s\nrest", 6), 6);
    cr_expect_eq(prompt_poll(prompt), PROMPT_YES);
    cr_expect_eq(prompt_poll(prompt), PROMPT_YES);
    char rest[10] = "";
    cr_assert_eq(read(STDIN_FILENO, rest, sizeof rest), 4);
    cr_expect_str_eq(rest, "rest");
    prompt_end(prompt);
    prompt_end(NULL);
}

Test(prompt, the_end_of_input_is_no_yes_to_one_that_stands)
{
    int output = output_pipe();
    int input = input_pipe();
    Prompt *prompt = prompt_begin("go on \033[2J?");
    cr_assert_eq(write(input, "yes", 3), 3);
    close(input);
    cr_expect_eq(prompt_poll(prompt), PROMPT_NOTHING);
    prompt_end(prompt);
    char text[200] = "";
    cr_assert_gt(read(output, text, sizeof text - 1), 0);
    cr_expect(g_str_has_prefix(text, "go on ") && g_str_has_suffix(text, "? [y/N] \n"), "%s", text);
    cr_expect_null(strchr(text, '\033'));
}
