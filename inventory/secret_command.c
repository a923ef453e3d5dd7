/* Running a command for a secret: owns the child process, its time limit and the bytes on their way. It
 * refuses to show what the command writes. Any thread. */
#include "inventory/secret_internal.h"

#include "base/child.h"
#include "inventory/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often a child that has closed its output is asked whether it has ended. */
#define REAP_POLL_MS 10

static int remaining_ms(gint64 deadline_us)
{
    gint64 left = (deadline_us - g_get_monotonic_time() + 999) / 1000;
    return (int)CLAMP(left, 0, G_MAXINT);
}

/* Everything up to the end of the output; -1 with errno, ETIMEDOUT when the time is over. */
static gssize read_output(int input, char *buffer, gint64 deadline_us)
{
    gsize length = 0;
    while (length <= SECRET_BYTES_MAX) {
        struct pollfd ready = {.fd = input, .events = POLLIN};
        int count = poll(&ready, 1, remaining_ms(deadline_us));
        if (count == 0)
            errno = ETIMEDOUT;
        if (count == 0 || (count < 0 && errno != EINTR))
            return -1;
        ssize_t got = count < 0 ? -1 : read(input, buffer + length, SECRET_BYTES_MAX + 1 - length);
        if (got == 0)
            return (gssize)length;
        if (got < 0 && errno != EINTR)
            return -1;
        length += got > 0 ? (gsize)got : 0;
    }
    errno = EFBIG;
    return -1;
}

/* The exit status, or -1 with ETIMEDOUT; a child that does not end in time is killed with its group. */
static int reap(pid_t pid, gint64 deadline_us, bool *exited)
{
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(pid, &status, WNOHANG)) == 0 && remaining_ms(deadline_us) > 0)
        poll(NULL, 0, REAP_POLL_MS);
    *exited = ended == pid;
    if (*exited)
        return status;
    kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static char *explain(int status, bool exited, int read_error, unsigned timeout_ms)
{
    if (!exited || read_error == ETIMEDOUT)
        return g_strdup_printf("the command gave no answer within %u s", timeout_ms / 1000);
    if (read_error == EFBIG)
        return g_strdup("the command wrote more than 64 KB, which is no password");
    if (read_error != 0)
        return g_strdup_printf("the command's answer cannot be read: %s", g_strerror(read_error));
    if (WIFSIGNALED(status))
        return g_strdup_printf("the command was ended by signal %d", WTERMSIG(status));
    return g_strdup_printf("the command failed with exit code %d: run it in a shell to see why",
                           WEXITSTATUS(status));
}

/* Reads the child's output and its end. */
static char *collect(pid_t pid, int input, unsigned timeout_ms, GError **error)
{
    gint64 deadline_us = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
    char *buffer = g_malloc0(SECRET_BYTES_MAX + 2);
    gssize length = read_output(input, buffer, deadline_us);
    int read_error = length < 0 ? errno : 0;
    bool exited = false;
    int status = reap(pid, read_error == 0 ? deadline_us : 0, &exited);
    char *value = NULL;
    if (read_error != 0 || !exited || status != 0) {
        g_autofree char *reason = explain(status, exited || read_error != 0, read_error, timeout_ms);
        g_set_error_literal(error, SECRET_ERROR, SECRET_ERROR_UNRESOLVED, reason);
    } else if (strlen(buffer) != (gsize)length) {
        g_set_error_literal(error, SECRET_ERROR, SECRET_ERROR_UNRESOLVED,
                            "the command wrote a NUL byte, which is no password");
    } else {
        value = g_strdup(buffer);
    }
    secret_wipe(buffer, SECRET_BYTES_MAX + 2);
    return value;
}

char *secret_command_run(const char *command, const char *folder, unsigned timeout_ms, GError **error)
{
    int ends[2];
    pid_t pid = 0;
    int failure = pipe2(ends, O_CLOEXEC) != 0 ? errno : 0;
    if (failure == 0) {
        const char *const arguments[] = {"/bin/sh", "-c", command, NULL};
        const ChildStart start = {.arguments = arguments, .folder = folder, .output = ends[1]};
        failure = child_spawn(&start, &pid);
        (void)close(ends[1]);
        if (failure != 0)
            (void)close(ends[0]);
    }
    if (failure != 0) {
        g_set_error(error, SECRET_ERROR, SECRET_ERROR_UNRESOLVED, "the command cannot be started: %s",
                    g_strerror(failure));
        return NULL;
    }
    char *value = collect(pid, ends[0], timeout_ms, error);
    (void)close(ends[0]);
    return value;
}
