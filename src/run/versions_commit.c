/* Versions commit: asks git once, with a time limit. Refuses to wait, to lock, to run what a repository's
 * configuration names (hooks, a file system monitor), and to let a GIT_DIR that is meant for another command
 * choose the repository. Main thread. */
#include "run/versions_commit.h"
#include "base/child.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_US (5 * G_USEC_PER_SEC)
#define ANSWER_BYTES (1024u * 1024) /* what is behind that is not looked at */
#define POLL_MS 50
#define NAP_US 100 /* it has said all: most likely it is about to end */
#define LONGEST_NAP_US 5000

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

/* Whether git would find a repository, which takes a fraction of starting it to see. What may be one is left
 * to git to judge (gitrepository-layout(5)). */
static bool may_be_in_repository(const char *folder)
{
    char *path = realpath(folder, NULL);
    bool found = false;
    for (char *end = path ? path + strlen(path) : NULL; end && !found; end = strrchr(path, '/')) {
        *end = '\0';
        g_autofree char *work_tree = g_strconcat(path, "/.git", NULL);
        g_autofree char *bare = g_strconcat(path, "/HEAD", NULL);
        found = access(work_tree, F_OK) == 0 || access(bare, F_OK) == 0;
    }
    free(path);
    return found;
}

/* `arguments`: behind "git -C FOLDER", NULL-terminated. */
static bool start_git(const char *folder, const char *const *arguments, pid_t *pid, int *output)
{
    static const char *const quietly[] = {"-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"};
    int ends[2];
    if (!may_be_in_repository(folder) || pipe2(ends, O_CLOEXEC) != 0)
        return false;
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    g_auto(GStrv) environment = git_environment();
    g_ptr_array_add(all, (gpointer) "git");
    g_ptr_array_add(all, (gpointer) "-C");
    g_ptr_array_add(all, (gpointer)folder);
    for (gsize i = 0; i < G_N_ELEMENTS(quietly); i++)
        g_ptr_array_add(all, (gpointer)quietly[i]);
    for (const char *const *argument = arguments; *argument; argument++)
        g_ptr_array_add(all, (gpointer)*argument);
    g_ptr_array_add(all, NULL);
    const ChildStart start = {.arguments = (const char *const *)all->pdata,
                              .environment = (const char *const *)environment,
                              .output = ends[1]};
    int failure = child_spawn(&start, pid);
    close(ends[1]);
    if (failure != 0)
        close(ends[0]);
    *output = ends[0];
    return failure == 0;
}

/* The beginning of what it says; what is behind that is read and dropped. False when the time is over. */
static bool read_answer(int input, GString *answer, gint64 deadline)
{
    char part[4096];
    while (g_get_monotonic_time() < deadline) {
        struct pollfd ready = {.fd = input, .events = POLLIN};
        if (poll(&ready, 1, POLL_MS) <= 0)
            continue;
        ssize_t got = read(input, part, sizeof part);
        if (got == 0)
            return true;
        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0 && answer->len < ANSWER_BYTES)
            g_string_append_len(answer, part, got);
    }
    return false;
}

/* True if it ended well in time; else it is killed with all it started. */
static bool reap(pid_t pid, gint64 deadline)
{
    int status = 0;
    pid_t ended;
    for (gulong nap = NAP_US;
         (ended = waitpid(pid, &status, WNOHANG)) == 0 && g_get_monotonic_time() < deadline;
         nap = MIN(2 * nap, LONGEST_NAP_US))
        g_usleep(nap);
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

/* What git, which was started, says; or NULL. Caller frees. */
static GString *hear_git(pid_t pid, int output)
{
    gint64 deadline = g_get_monotonic_time() + TIMEOUT_US;
    GString *answer = g_string_new(NULL);
    bool complete = read_answer(output, answer, deadline);
    close(output);
    bool good = reap(pid, complete ? deadline : 0);
    if (!complete || !good) {
        g_string_free(answer, TRUE);
        return NULL;
    }
    return answer;
}

/* What git says, or NULL. Caller frees. */
static GString *ask_git(const char *folder, const char *const *arguments)
{
    pid_t pid;
    int output;
    return start_git(folder, arguments, &pid, &output) ? hear_git(pid, output) : NULL;
}

/* ---- Which commit ---- */

struct VersionsQuestion {
    char *folder;
    bool is_open; /* git is at work, or has said what nobody has read */
    pid_t pid;
    int output;
    char *answer;
};

VersionsQuestion *versions_question_new(const char *folder)
{
    static const char *const status[] = {"status",
                                         "--porcelain=v2",
                                         "--branch",
                                         "--ignore-submodules=all",
                                         "--untracked-files=normal",
                                         "--",
                                         ".",
                                         NULL};
    VersionsQuestion *self = g_new0(VersionsQuestion, 1);
    self->folder = g_strdup(folder);
    self->is_open = start_git(folder, status, &self->pid, &self->output);
    return self;
}

static void hear(VersionsQuestion *self)
{
    g_autoptr(GString) answer = self->is_open ? hear_git(self->pid, self->output) : NULL;
    self->is_open = false;
    if (answer)
        self->answer = commit_from(answer->str);
}

char *versions_question_answer(VersionsQuestion *self, const char *folder)
{
    if (!self || !g_str_equal(self->folder, folder))
        return versions_commit(folder);
    hear(self);
    return g_strdup(self->answer);
}

void versions_question_free(VersionsQuestion *self)
{
    if (!self)
        return;
    if (self->is_open) {
        close(self->output);
        reap(self->pid, 0);
    }
    g_free(self->folder);
    g_free(self->answer);
    g_free(self);
}

char *versions_commit(const char *folder)
{
    VersionsQuestion *question = versions_question_new(folder);
    char *commit = versions_question_answer(question, folder);
    versions_question_free(question);
    return commit;
}

/* ---- Which files ---- */

/* The folder's path in its repository, "db/versions/" or "". Caller frees. */
static char *prefix_of(const char *folder)
{
    static const char *const show[] = {"rev-parse", "--show-prefix", NULL};
    g_autoptr(GString) answer = ask_git(folder, show);
    if (!answer)
        return NULL;
    return g_strchomp(g_strdup(answer->str));
}

/* Entries "XY path", zero bytes between them, paths from the top of the repository (git-status(1), "-z"). */
static char **files_from(const GString *answer, const char *prefix, const char *folder)
{
    g_autoptr(GStrvBuilder) files = g_strv_builder_new();
    const char *end = answer->str + answer->len;
    for (const char *entry = answer->str; entry < end; entry += strlen(entry) + 1) {
        if (strlen(entry) < 4 || !g_str_has_prefix(entry + 3, prefix))
            continue;
        g_autofree char *path = g_build_filename(folder, entry + 3 + strlen(prefix), NULL);
        g_strv_builder_add(files, path);
    }
    return g_strv_builder_end(files);
}

char **versions_uncommitted(const char *folder)
{
    static const char *const status[] = {"status",
                                         "--porcelain=v1",
                                         "-z",
                                         "--no-renames",
                                         "--ignore-submodules=all",
                                         "--untracked-files=all",
                                         "--",
                                         ".",
                                         NULL};
    g_autofree char *prefix = prefix_of(folder);
    g_autoptr(GString) answer = prefix ? ask_git(folder, status) : NULL;
    return answer ? files_from(answer, prefix, folder) : NULL;
}

/* Entries that are paths, zero bytes between them, from the folder on. */
static void add_paths(GStrvBuilder *files, const GString *answer, const char *folder)
{
    const char *end = answer->str + answer->len;
    for (const char *entry = answer->str; entry < end; entry += strlen(entry) + 1) {
        g_autofree char *path = g_build_filename(folder, entry, NULL);
        g_strv_builder_add(files, path);
    }
}

char **versions_changed_since(const char *folder, const char *ref)
{
    const char *const diff[] = {"diff",       "--name-only",      "-z", "--no-renames", "--no-ext-diff",
                                "--relative", "--end-of-options", ref,  "--",           ".",
                                NULL};
    static const char *const others[] = {"ls-files", "-z", "--others", "--exclude-standard", "--", ".", NULL};
    g_autoptr(GString) changed = ask_git(folder, diff);
    g_autoptr(GString) unknown = changed ? ask_git(folder, others) : NULL;
    if (!unknown)
        return NULL;
    g_autoptr(GStrvBuilder) files = g_strv_builder_new();
    add_paths(files, changed, folder);
    add_paths(files, unknown, folder);
    return g_strv_builder_end(files);
}
