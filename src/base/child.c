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
    int output;          /* our end of the pipe for what is kept; -1: closed */
    int answers;         /* … for its standard output alone; -1: none, or closed */
    GString *kept;       /* the end of what it says */
    GString *answer;     /* child_read: its standard output; NULL: that is kept too */
    gsize most;          /* bytes of an answer */
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
    else if (start->error_output)
        posix_spawn_file_actions_adddup2(&actions, start->error_output, STDERR_FILENO);
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

static void close_end(int *descriptor)
{
    if (*descriptor >= 0)
        (void)close(*descriptor);
    *descriptor = -1;
}

/* A pipe whose reading end does not block; 0, or an errno. */
static int open_pipe(int *ours, int *theirs)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *ours = ends[0];
    *theirs = ends[1];
    return 0;
}

/* 0, or an errno. */
static int spawn(Child *self)
{
    int said = -1, answered = -1;
    int failure = open_pipe(&self->output, &said);
    if (failure == 0 && self->answer)
        failure = open_pipe(&self->answers, &answered);
    const ChildStart start = {.arguments = self->options->arguments,
                              .environment = self->options->environment,
                              .folder = self->options->folder,
                              .input = self->options->input,
                              .output = self->answer ? answered : said,
                              .errors = !self->answer,
                              .error_output = said};
    if (failure == 0)
        failure = child_spawn(&start, &self->pid);
    close_end(&said);
    close_end(&answered);
    return failure;
}

static bool child_start(Child *self, GError **error)
{
    int failure = spawn(self);
    if (failure == 0)
        return true;
    close_end(&self->output);
    close_end(&self->answers);
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(failure), "%s cannot be started: %s",
                self->options->arguments[0], g_strerror(failure));
    return false;
}

/* ---- What it says ---- */

/* Appends what is there, and closes at the end. No more than `most` is taken in, and a byte to tell. */
static void read_pipe(int *descriptor, GString *into, gsize most)
{
    char buffer[OUTPUT_KEPT];
    gssize got = 0;
    while (*descriptor >= 0 && into->len <= most && (got = read(*descriptor, buffer, sizeof buffer)) > 0)
        g_string_append_len(into, buffer, got);
    if (got == 0 && into->len <= most)
        close_end(descriptor);
}

/* Of what is kept, the last part is. */
static void read_output(Child *self)
{
    while (self->output >= 0) {
        gsize before = self->kept->len;
        read_pipe(&self->output, self->kept, before + OUTPUT_KEPT);
        bool more = self->kept->len > before + OUTPUT_KEPT;
        if (self->kept->len > OUTPUT_KEPT)
            g_string_erase(self->kept, 0, (gssize)(self->kept->len - OUTPUT_KEPT));
        if (!more)
            break;
    }
    if (self->answer)
        read_pipe(&self->answers, self->answer, self->most);
}

static bool is_too_long(const Child *self)
{
    return self->answer && self->answer->len > self->most;
}

/* poll() passes over what is closed. */
static void wait_a_tick(Child *self)
{
    struct pollfd ready[] = {{.fd = self->output, .events = POLLIN}, {.fd = self->answers, .events = POLLIN}};
    bool open = self->output >= 0 || (self->answers >= 0 && !is_too_long(self));
    poll(ready, is_too_long(self) ? 1 : 2, open ? TICK_MS : CLOSED_TICK_MS);
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
        else if (is_too_long(self) || (self->options->stop && self->options->stop(self->options->context)))
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

static bool run_to_end(Child *self, ChildResult *result, GError **error)
{
    *result = (ChildResult){0};
    if (!child_start(self, error))
        return false;
    if (self->options->timeout_ms)
        self->deadline = g_get_monotonic_time() + (gint64)self->options->timeout_ms * 1000;
    int status = child_wait(self);
    close_end(&self->output);
    close_end(&self->answers);
    describe_end(self, status, result);
    return true;
}

bool child_is_there(const char *program, const char *folder)
{
    bool relative = strchr(program, '/') && !g_path_is_absolute(program);
    g_autofree char *path =
        relative ? g_build_filename(folder, program, NULL) : g_find_program_in_path(program);
    return path && g_file_test(path, G_FILE_TEST_IS_EXECUTABLE);
}

bool child_run(const ChildOptions *options, ChildResult *result, GError **error)
{
    g_autoptr(GString) kept = g_string_new(NULL);
    Child self = {.options = options, .output = -1, .answers = -1, .kept = kept};
    return run_to_end(&self, result, error);
}

bool child_read(const ChildOptions *options, gsize most, char **answer, gsize *length, ChildResult *result,
                GError **error)
{
    g_autoptr(GString) kept = g_string_new(NULL);
    g_autoptr(GString) all = g_string_new(NULL);
    Child self = {.options = options, .output = -1, .answers = -1, .kept = kept, .answer = all, .most = most};
    if (!run_to_end(&self, result, error))
        return false;
    if (is_too_long(&self)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                    "%s answered more than %" G_GSIZE_FORMAT " bytes", options->arguments[0], most);
        child_result_clear(result);
        return false;
    }
    *length = all->len;
    *answer = g_string_free(g_steal_pointer(&all), FALSE);
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
