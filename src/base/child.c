/* Child: owns the process, its pipe and its end. What is asked to end gets SIGTERM and a little time, then
 * SIGKILL, each for the whole group. */
#include "base/child.h"
#include "base/duration.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define TICK_MS 100
#define CLOSED_TICK_MS 10 /* it has closed its output: most likely it is about to end */
#define GRACE_US (2 * G_USEC_PER_SEC)
#define OUTPUT_KEPT 4096

typedef struct Child {
    const ChildOptions *options;
    pid_t pid;
    int output; /* our end of the pipe; -1: closed */
    GString *kept;
    gint64 deadline;     /* monotonic; 0: none */
    gint64 terminate_at; /* when SIGTERM was sent; 0: not */
    bool ended_by_us;
    ChildEnd reason;
} Child;

void child_result_clear(ChildResult *self)
{
    g_free(self->output);
    *self = (ChildResult){0};
}

/* ---- Starting ---- */

int child_spawn(const ChildStart *start, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    if (start->input)
        posix_spawn_file_actions_adddup2(&actions, start->input, STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, start->output, STDOUT_FILENO);
    if (start->errors)
        posix_spawn_file_actions_adddup2(&actions, start->output, STDERR_FILENO);
    else
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    /* A socket that a library left open in it would keep a session alive that died with us, and its lock. */
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    if (start->folder)
        posix_spawn_file_actions_addchdir_np(&actions, start->folder);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    char **environment = start->environment ? (char **)start->environment : environ;
    int failure =
        posix_spawnp(pid, start->arguments[0], &actions, &attributes, (char **)start->arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

int child_attend(const char *const *arguments, int *status)
{
    pid_t pid = 0;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    int failure = posix_spawnp(&pid, arguments[0], &actions, NULL, (char **)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    while (failure == 0 && waitpid(pid, status, 0) < 0)
        if (errno != EINTR)
            failure = errno;
    return failure;
}

static bool child_start(Child *self, GError **error)
{
    int ends[2];
    int failure = pipe2(ends, O_CLOEXEC) != 0 ? errno : 0;
    if (failure == 0) {
        const ChildStart start = {.arguments = self->options->arguments,
                                  .environment = self->options->environment,
                                  .folder = self->options->folder,
                                  .input = self->options->input,
                                  .output = ends[1],
                                  .errors = true};
        failure = child_spawn(&start, &self->pid);
        (void)close(ends[1]);
        self->output = ends[0];
        if (failure != 0)
            (void)close(ends[0]);
    }
    if (failure != 0)
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(failure), "%s cannot be started: %s",
                    self->options->arguments[0], g_strerror(failure));
    else
        (void)fcntl(self->output, F_SETFL, O_NONBLOCK);
    return failure == 0;
}

/* ---- What it says ---- */

/* Reads what is there; the last part is kept. */
static void read_output(Child *self)
{
    char buffer[OUTPUT_KEPT];
    gssize got = 0;
    while (self->output >= 0 && (got = read(self->output, buffer, sizeof buffer)) > 0) {
        g_string_append_len(self->kept, buffer, got);
        if (self->kept->len > OUTPUT_KEPT)
            g_string_erase(self->kept, 0, (gssize)(self->kept->len - OUTPUT_KEPT));
    }
    if (got == 0 && self->output >= 0) {
        (void)close(self->output);
        self->output = -1;
    }
}

static void wait_a_tick(Child *self)
{
    struct pollfd ready = {.fd = self->output, .events = POLLIN};
    poll(&ready, 1, self->output >= 0 ? TICK_MS : CLOSED_TICK_MS);
    read_output(self);
}

/* ---- Its end ---- */

static void end_it(Child *self, ChildEnd reason)
{
    if (!self->ended_by_us) {
        self->ended_by_us = true;
        self->reason = reason;
        self->terminate_at = g_get_monotonic_time();
        kill(-self->pid, SIGTERM);
    } else if (g_get_monotonic_time() - self->terminate_at > GRACE_US) {
        kill(-self->pid, SIGKILL);
    }
}

static int child_wait(Child *self)
{
    int status = 0;
    while (waitpid(self->pid, &status, WNOHANG) == 0) {
        if (self->ended_by_us)
            end_it(self, self->reason);
        else if (self->deadline && g_get_monotonic_time() >= self->deadline)
            end_it(self, CHILD_TIMED_OUT);
        else if (self->options->stop && self->options->stop(self->options->context))
            end_it(self, CHILD_STOPPED);
        wait_a_tick(self);
    }
    if (self->ended_by_us)
        kill(-self->pid, SIGKILL); /* what it started and left behind */
    read_output(self);
    return status;
}

static void describe_end(const Child *self, int status, ChildResult *result)
{
    bool exited = WIFEXITED(status);
    result->end = self->ended_by_us ? self->reason : exited ? CHILD_EXITED : CHILD_SIGNALED;
    result->code = exited ? WEXITSTATUS(status) : WTERMSIG(status);
    result->output = g_utf8_make_valid(self->kept->str, (gssize)self->kept->len);
}

bool child_run(const ChildOptions *options, ChildResult *result, GError **error)
{
    g_autoptr(GString) kept = g_string_new(NULL);
    Child self = {.options = options, .output = -1, .kept = kept};
    *result = (ChildResult){0};
    if (!child_start(&self, error))
        return false;
    if (options->timeout_ms)
        self.deadline = g_get_monotonic_time() + (gint64)options->timeout_ms * 1000;
    int status = child_wait(&self);
    if (self.output >= 0)
        (void)close(self.output);
    describe_end(&self, status, result);
    return true;
}

/* ---- For messages ---- */

char *child_end_text(const char *program, const ChildResult *result, unsigned timeout_ms)
{
    g_autofree char *name = g_path_get_basename(program);
    g_autofree char *limit = duration_format((gint64)timeout_ms * 1000);
    if (result->end == CHILD_TIMED_OUT)
        return g_strdup_printf("%s took longer than %s and was ended", name, limit);
    if (result->end == CHILD_SIGNALED)
        return g_strdup_printf("%s was ended by signal %d", name, result->code);
    return g_strdup_printf("%s failed with exit code %d", name, result->code);
}

char *child_last_lines(const ChildResult *result, unsigned lines)
{
    g_autofree char *text = g_strchomp(g_strdup(result->output));
    const char *from = text + strlen(text);
    for (unsigned passed = 0; from > text; from--)
        if (from[-1] == '\n' && ++passed == lines)
            break;
    return g_strdup(from);
}
