/* Private server: owns its folder, its process, and a guard: a shell that waits for this process to end, by
 * whatever cause, and then ends the server and deletes the folder. */
#include "dev/private_server_internal.h"

#include "base/child.h"
#include "dev/dev_servers_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_TIMEOUT_US (60 * G_USEC_PER_SEC)
#define START_POLL_US (10 * 1000)
#define FOLDER_PREFIX "dbfleet-server-"
#define LONGEST_SOCKET_FOLDER 80 /* a socket's path has room for 107 bytes */

struct PrivateServer {
    const PrivateKind *kind;
    char *folder;
    int lock;    /* descriptor of FOLDER/lock, locked as long as we live; -1 */
    int tether;  /* write end of the pipe that the guard reads; -1 */
    pid_t guard; /* 0: none */
    pid_t process;
    DbUrl *url;
};

/* ---- Folder ---- */

/* Whether a system user can come in: root's folder for temporary files may be root's alone. */
static bool is_open_to_all(const char *folder)
{
    struct stat status;
    g_autofree char *above = g_path_get_dirname(folder);
    return stat(folder, &status) == 0 && (status.st_mode & S_IXOTH) &&
           (g_str_equal(above, folder) || is_open_to_all(above));
}

static const char *parent_folder(void)
{
    const char *folder = g_get_tmp_dir();
    bool usable = strlen(folder) <= LONGEST_SOCKET_FOLDER && (geteuid() != 0 || is_open_to_all(folder));
    return usable ? folder : "/tmp";
}

/* Locked before others can see it by its name. */
static int lock_folder(const char *folder)
{
    g_autofree char *hidden = g_build_filename(folder, "lock.new", NULL);
    g_autofree char *path = g_build_filename(folder, "lock", NULL);
    int descriptor = open(hidden, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor >= 0 && (flock(descriptor, LOCK_EX | LOCK_NB) != 0 || g_rename(hidden, path) != 0)) {
        (void)close(descriptor);
        descriptor = -1;
    }
    return descriptor;
}

static bool make_folder(PrivateServer *self, GError **error)
{
    self->folder = g_build_filename(parent_folder(), FOLDER_PREFIX "XXXXXX", NULL);
    if (!g_mkdtemp_full(self->folder, 0700)) {
        g_set_error(error, DEV_ERROR, DEV_ERROR_NO_SERVER, "no folder can be made in %s: %s", parent_folder(),
                    g_strerror(errno));
        g_clear_pointer(&self->folder, g_free);
        return false;
    }
    self->lock = lock_folder(self->folder);
    if (self->lock < 0)
        g_set_error(error, DEV_ERROR, DEV_ERROR_NO_SERVER, "%s cannot be locked: %s", self->folder,
                    g_strerror(errno));
    return self->lock >= 0;
}

/* ---- Processes ---- */

/* Arguments: folder, process, signal. A word on its input says that the server is gone already. The number
 * may be another's as soon as the server is gone. */
static const char guard_script[] = "is_there() { grep -qaF -- \"$folder\" \"/proc/$process/cmdline\"; }\n"
                                   "folder=$1 process=$2 i=0\n"
                                   "IFS= read -r word\n"
                                   "if [ \"$word\" != stopped ]; then\n"
                                   "  is_there && kill -\"$3\" \"$process\"\n"
                                   "  while is_there && [ $i -lt 50 ]; do sleep 0.1; i=$((i + 1)); done\n"
                                   "  is_there && kill -9 \"$process\"\n"
                                   "fi\n"
                                   "rm -rf --one-file-system -- \"$folder\"\n";

static bool start_guard(PrivateServer *self, GError **error)
{
    g_autofree char *process = g_strdup_printf("%d", (int)self->process);
    g_autofree char *number = g_strdup_printf("%d", self->kind->stop_signal);
    const char *const arguments[] = {"/bin/sh",    "-c",    guard_script, "dbfleet-guard",
                                     self->folder, process, number,       NULL};
    int ends[2], nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int failure = nowhere < 0 || pipe2(ends, O_CLOEXEC) != 0 ? errno : 0;
    if (failure == 0) {
        const ChildStart start = {.arguments = arguments, .folder = "/", .input = ends[0], .output = nowhere};
        failure = child_spawn(&start, &self->guard);
        (void)close(ends[0]);
        self->tether = ends[1];
    }
    if (nowhere >= 0)
        (void)close(nowhere);
    if (failure != 0)
        g_set_error(error, DEV_ERROR, DEV_ERROR_NO_SERVER, "/bin/sh cannot be started: %s",
                    g_strerror(failure));
    return failure == 0;
}

static void write_process(const PrivateServer *self)
{
    g_autofree char *path = g_build_filename(self->folder, "process", NULL);
    g_autofree char *text = g_strdup_printf("%d\n", (int)self->process);
    (void)g_file_set_contents(path, text, -1, NULL);
}

static bool start_process(PrivateServer *self, const PrivateBinaries *binaries, GError **error)
{
    g_autofree char *log = g_build_filename(self->folder, "log", NULL);
    g_autoptr(GPtrArray) arguments =
        private_arguments(self->kind, binaries->server, self->kind->run, self->folder, error);
    if (!arguments)
        return false;
    int output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const ChildStart start = {
        .arguments = (const char *const *)arguments->pdata, .folder = "/", .output = output, .errors = true};
    int failure = output < 0 ? errno : child_spawn(&start, &self->process);
    if (output >= 0)
        (void)close(output);
    if (failure != 0) {
        self->process = 0;
        g_set_error(error, DEV_ERROR, DEV_ERROR_NO_SERVER, "%s cannot be started: %s", binaries->server,
                    g_strerror(failure));
        return false;
    }
    write_process(self);
    return start_guard(self, error);
}

static bool has_ended(PrivateServer *self)
{
    if (self->process && waitpid(self->process, NULL, WNOHANG) == self->process)
        self->process = 0;
    return self->process == 0;
}

/* ---- Readiness ---- */

static bool answers(const PrivateServer *self)
{
    const ConnectOptions options = {
        .url = self->url, .password = "", .connect_timeout_ms = 5000, .application_name = "dbfleet dev"};
    g_autoptr(Connection) connection = connection_open(&options, NULL);
    return connection != NULL;
}

/* The end of what the server said, on one line. Caller frees. */
static char *log_end(const PrivateServer *self)
{
    g_autofree char *path = g_build_filename(self->folder, "log", NULL);
    char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return g_strdup("it left no word");
    g_autofree char *end = private_last_lines(text);
    g_free(text);
    return g_steal_pointer(&end);
}

static bool wait_until_ready(PrivateServer *self, const PrivateBinaries *binaries, GError **error)
{
    for (gint64 end = g_get_monotonic_time() + START_TIMEOUT_US; g_get_monotonic_time() < end;
         g_usleep(START_POLL_US)) {
        if (!scratch_may_go_on(error))
            return false;
        if (answers(self))
            return true;
        if (has_ended(self))
            break;
    }
    g_autofree char *said = log_end(self);
    g_set_error(error, DEV_ERROR, DEV_ERROR_NO_SERVER, "the private %s (%s) %s: %s", binaries->version,
                binaries->server, self->process ? "does not answer" : "did not start", said);
    return false;
}

/* ---- The whole ---- */

static DbUrl *url_in(const PrivateKind *kind, const char *folder, GError **error)
{
    g_autofree char *escaped = g_uri_escape_string(folder, "/", TRUE);
    g_auto(GStrv) parts = g_strsplit(kind->url, "{folder}", -1);
    g_autofree char *text = g_strjoinv(escaped, parts);
    return db_url_parse(text, error);
}

static PrivateServer *start_once(const PrivateBinaries *binaries, char **cached, GError **error)
{
    g_autoptr(PrivateServer) self = g_new0(PrivateServer, 1);
    self->kind = binaries->kind;
    self->lock = self->tether = -1;
    if (!make_folder(self, error) || !private_data_make(binaries, self->folder, cached, error))
        return NULL;
    self->url = url_in(self->kind, self->folder, error);
    if (!self->url || !start_process(self, binaries, error) || !wait_until_ready(self, binaries, error))
        return NULL;
    return g_steal_pointer(&self);
}

/* A copy in the cache may have been damaged: it is made anew, once. */
PrivateServer *private_server_start(const PrivateBinaries *binaries, GError **error)
{
    g_autofree char *cached = NULL;
    g_autoptr(GError) problem = NULL;
    PrivateServer *self = start_once(binaries, &cached, &problem);
    if (self)
        return self;
    if (cached && g_error_matches(problem, DEV_ERROR, DEV_ERROR_NO_SERVER)) {
        private_delete(cached);
        g_clear_pointer(&cached, g_free);
        return start_once(binaries, &cached, error);
    }
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}

static void stop_process(PrivateServer *self)
{
    if (has_ended(self))
        return;
    (void)kill(self->process, self->kind->stop_signal);
    for (gint64 end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
         !has_ended(self) && g_get_monotonic_time() < end;)
        g_usleep(2000);
    if (self->process) {
        (void)kill(self->process, SIGKILL);
        (void)waitpid(self->process, NULL, 0);
    }
}

static void release_guard(PrivateServer *self)
{
    static const char word[] = "stopped\n";
    if (self->tether >= 0) {
        (void)!write(self->tether, word, strlen(word));
        (void)close(self->tether);
    }
    if (self->guard)
        (void)waitpid(self->guard, NULL, 0);
}

void private_server_free(PrivateServer *self)
{
    if (!self)
        return;
    stop_process(self);
    if (self->folder)
        private_delete(self->folder);
    release_guard(self);
    if (self->lock >= 0)
        (void)close(self->lock);
    db_url_free(self->url);
    g_free(self->folder);
    g_free(self);
}

const DbUrl *private_server_url(const PrivateServer *self)
{
    return self->url;
}

/* ---- Leftovers ---- */

/* A lock that can be had is held by nobody. */
static bool is_left_over(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "lock", NULL);
    int descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    bool free_lock = descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    if (descriptor >= 0)
        (void)close(descriptor);
    return free_lock;
}

static void add_leftovers(GPtrArray *found, const char *parent)
{
    g_autoptr(GDir) dir = g_dir_open(parent, 0, NULL);
    for (const char *name = NULL; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *folder = g_build_filename(parent, name, NULL);
        if (g_str_has_prefix(name, FOLDER_PREFIX) && is_left_over(folder))
            g_ptr_array_add(found, g_steal_pointer(&folder));
    }
}

GPtrArray *private_server_leftovers(void)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    add_leftovers(found, parent_folder());
    if (!g_str_equal(parent_folder(), "/tmp"))
        add_leftovers(found, "/tmp");
    return found;
}

/* The process of the folder, if the one of that number has the folder among its arguments: the number may be
 * another's by now. 0: none. */
static pid_t process_in(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "process", NULL);
    g_autofree char *number = NULL, *arguments = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &number, NULL, NULL))
        return 0;
    g_autofree char *of = g_strdup_printf("/proc/%d/cmdline", atoi(number));
    if (atoi(number) <= 1 || !g_file_get_contents(of, &arguments, &length, NULL))
        return 0;
    return memmem(arguments, length, folder, strlen(folder)) ? atoi(number) : 0;
}

bool private_server_prune(const char *folder, GError **error)
{
    if (!is_left_over(folder))
        return true;
    pid_t process = process_in(folder);
    if (process && kill(process, SIGKILL) != 0 && errno != ESRCH) {
        g_set_error(error, DEV_ERROR, DEV_ERROR_NO_SERVER, "process %d of %s cannot be ended: %s",
                    (int)process, folder, g_strerror(errno));
        return false;
    }
    private_delete(folder);
    if (!g_file_test(folder, G_FILE_TEST_EXISTS))
        return true;
    g_set_error(error, DEV_ERROR, DEV_ERROR_NO_SERVER, "%s cannot be deleted", folder);
    return false;
}
