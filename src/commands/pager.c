/* Pager: long listings on a terminal go through less, or what PAGER names, as with git. Never where standard
 * output is no terminal; a pager that does not start changes nothing but how the text is seen. Main thread.
 */
#include "base/terminal.h"
#include "commands/commands_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGER_ELSE "less"
/* What a shell ends with when there is no such program, or it cannot be started. */
#define NOT_RUNNABLE 126

extern char **environ;

/* The pager's command line; NULL: none is wanted. */
static const char *pager_command(const Options *options)
{
    const char *own = g_getenv("DBFLEET_PAGER");
    const char *any = g_getenv("PAGER");
    const char *command = own ? own : any ? any : PAGER_ELSE;
    bool none = *command == '\0' || g_str_equal(command, "cat");
    return none || options_flag(options, "no-pager") ? NULL : command;
}

/* Whether the text is higher than the terminal; colours make a line seem longer than it is, which at worst
 * starts a pager that ends at once. */
static bool is_higher(const char *text, unsigned rows, unsigned columns)
{
    unsigned height = 0;
    for (const char *at = text; *at && height < rows; at += *at == '\n') {
        gsize length = strcspn(at, "\n");
        g_autofree char *line = g_strndup(at, length);
        height += 1 + (terminal_text_width(line) > 0 ? (terminal_text_width(line) - 1) / columns : 0);
        at += length;
    }
    return height >= rows; /* the prompt takes a line too */
}

static void write_whole(int descriptor, const char *text)
{
    for (gsize left = strlen(text); left > 0;) {
        gssize written = write(descriptor, text, left);
        if (written < 0 && errno != EINTR)
            return; /* whoever reads has seen enough */
        text += written > 0 ? written : 0;
        left -= written > 0 ? (gsize)written : 0;
    }
}

/* What git gives its pager: end at once where all fits on one screen, keep colours, leave the screen as it
 * is. */
static char **pager_environment(void)
{
    char **environment = g_get_environ();
    environment = g_environ_setenv(environment, "LESS", "FRX", FALSE);
    return g_environ_setenv(environment, "LV", "-c", FALSE);
}

/* Starts it in our process group, since it reads the keys. 0, or an errno. */
static int start_pager(const char *command, int input, pid_t *pid)
{
    const char *const arguments[] = {"sh", "-c", command, NULL};
    g_auto(GStrv) environment = pager_environment();
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGQUIT);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int failure = posix_spawn(pid, "/bin/sh", &actions, &attributes, (char **)arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

static bool ran_well(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return !WIFEXITED(status) || WEXITSTATUS(status) < NOT_RUNNABLE;
}

/* False: nothing was shown. An interrupt is the pager's to take. */
static bool show_paged(const char *command, const char *text)
{
    int ends[2];
    pid_t pid = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
    void (*quit)(int) = signal(SIGQUIT, SIG_IGN);
    int failure = start_pager(command, ends[0], &pid);
    (void)close(ends[0]);
    if (failure == 0)
        write_whole(ends[1], text);
    (void)close(ends[1]);
    bool shown = failure == 0 && ran_well(pid);
    (void)signal(SIGINT, interrupt);
    (void)signal(SIGQUIT, quit);
    return shown;
}

int command_page(const Options *options, const char *text)
{
    const char *command = terminal_is_tty(STDOUT_FILENO) ? pager_command(options) : NULL;
    bool dumb = g_strcmp0(g_getenv("TERM"), "dumb") == 0;
    unsigned rows = terminal_rows(STDOUT_FILENO, 0);
    if (command && !dumb && rows > 0 && is_higher(text, rows, terminal_columns(STDOUT_FILENO, 80)) &&
        show_paged(command, text))
        return EXIT_DONE;
    return command_print(text);
}
