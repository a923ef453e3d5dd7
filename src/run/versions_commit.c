/* Versions commit: asks git once, with a time limit. Refuses to wait, to lock, to run what a repository's
 * configuration names (hooks, a file system monitor), and to let a GIT_DIR that is meant for another command
 * choose the repository. Main thread. */
#include "run/versions_commit.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_US (5 * G_USEC_PER_SEC)
#define ANSWER_BYTES 4096
#define POLL_MS 5

/* https://git-scm.com/docs/git-status: "Branch Headers" of --porcelain=v2. */
#define COMMIT_LINE "# branch.oid "

static char **git_environment(void)
{
    char **environment = g_get_environ();
    static const char *const settings[][2] = {
        {"GIT_OPTIONAL_LOCKS", "0"}, {"GIT_TERMINAL_PROMPT", "0"}, {"GIT_ASKPASS", "true"}, {"LC_ALL", "C"}};
    static const char *const others[] = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_NAMESPACE",
                                         "GIT_TRACE"};
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++)
        environment = g_environ_setenv(environment, settings[i][0], settings[i][1], TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        environment = g_environ_unsetenv(environment, others[i]);
    return environment;
}

/* In the child: a group of its own, so that whatever git starts can be ended with it. */
static void in_child(gpointer nothing)
{
    (void)nothing;
    setpgid(0, 0);
}

static bool start_git(const char *folder, GPid *pid, int *output)
{
    const char *arguments[] = {"git",
                               "-C",
                               folder,
                               "-c",
                               "core.fsmonitor=false",
                               "-c",
                               "core.hooksPath=/dev/null",
                               "status",
                               "--porcelain=v2",
                               "--branch",
                               "--ignore-submodules=all",
                               "--untracked-files=normal",
                               "--",
                               ".",
                               NULL};
    g_auto(GStrv) environment = git_environment();
    return g_spawn_async_with_pipes(NULL, (char **)arguments, environment,
                                    G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
                                        G_SPAWN_STDERR_TO_DEV_NULL,
                                    in_child, NULL, pid, NULL, output, NULL, NULL);
}

/* The beginning of what it says; what is behind that is read and dropped. False when the time is over. */
static bool read_answer(int input, char *answer, gint64 deadline)
{
    gsize length = 0;
    char rest[ANSWER_BYTES];
    while (g_get_monotonic_time() < deadline) {
        struct pollfd ready = {.fd = input, .events = POLLIN};
        if (poll(&ready, 1, POLL_MS * 10) <= 0)
            continue;
        bool full = length == ANSWER_BYTES - 1;
        ssize_t got =
            read(input, full ? rest : answer + length, full ? sizeof rest : ANSWER_BYTES - 1 - length);
        if (got == 0)
            return true;
        if (got < 0 && errno != EINTR)
            return false;
        length += got > 0 && !full ? (gsize)got : 0;
    }
    return false;
}

/* True if it ended well in time; else it is killed with all it started. */
static bool reap(GPid pid, gint64 deadline)
{
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(pid, &status, WNOHANG)) == 0 && g_get_monotonic_time() < deadline)
        poll(NULL, 0, POLL_MS);
    if (ended == pid)
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return false;
}

static bool is_commit(const char *text, gsize length)
{
    return length >= 40 && strspn(text, "0123456789abcdef") == length;
}

static char *commit_from(const char *answer)
{
    g_auto(GStrv) lines = g_strsplit(answer, "\n", -1);
    const char *commit = NULL;
    bool dirty = false;
    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, COMMIT_LINE))
            commit = *line + strlen(COMMIT_LINE);
        else if (**line && **line != '#')
            dirty = true;
    if (!commit || !is_commit(commit, strlen(commit)))
        return NULL; /* "(initial)" */
    return g_strconcat(commit, dirty ? "-dirty" : "", NULL);
}

char *versions_commit(const char *folder)
{
    GPid pid;
    int output;
    char answer[ANSWER_BYTES] = {0};
    gint64 deadline = g_get_monotonic_time() + TIMEOUT_US;
    if (!start_git(folder, &pid, &output))
        return NULL;
    bool complete = read_answer(output, answer, deadline);
    close(output);
    bool good = reap(pid, complete ? deadline : 0);
    g_spawn_close_pid(pid);
    return complete && good ? commit_from(answer) : NULL;
}
