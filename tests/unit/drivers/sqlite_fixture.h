/* What the tests of the SQLite driver share: a folder for each test, sessions on files in it, and errors to
 * expect. Tests of a build without the driver skip themselves. */
#pragma once

#include "drivers/driver.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static char *folder;

/* In a process that a test forked, the framework's own assertions would end nothing. */
static bool in_child;
#define expect(condition, ...)                                                                               \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            if (in_child)                                                                                    \
                _exit(99);                                                                                   \
            cr_assert(false, __VA_ARGS__);                                                                   \
        }                                                                                                    \
    } while (0)

static inline int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

static inline void make_folder(void)
{
    if (!driver_for_scheme("sqlite", NULL))
        cr_skip_test("this build has no SQLite driver");
    folder = g_dir_make_tmp("dbfleet-sqlite-XXXXXX", NULL);
    g_chmod(folder, 0755);
}

static inline void remove_folder(void)
{
    if (geteuid() != getuid())
        cr_assert_eq(seteuid(getuid()), 0);
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    g_free(folder);
}

static inline char *in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

/* Permission bits bind another user than root. */
static inline void become_nobody(void)
{
    if (geteuid() == 0)
        cr_assert_eq(seteuid(NOBODY), 0);
}

static inline Connection *open_path(const char *path, ConnectOptions options, GError **error)
{
    g_autoptr(DbUrl) url = db_url_new_sqlite(path);
    options.url = url;
    options.application_name = options.application_name ? options.application_name : "dbfleet test-run";
    return connection_open(&options, error);
}

/* A file of the folder, made if it is not there. */
static inline Connection *open_with(const char *name, ConnectOptions options)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = in_folder(name);
    Connection *self = open_path(path, options, &error);
    expect(self, "%s: %s", name, error ? error->message : "no error");
    return self;
}

static inline Connection *open_new(const char *name)
{
    return open_with(name, (ConnectOptions){.create = true, .lock_timeout_ms = 50});
}

static inline void run(Connection *self, const char *sql)
{
    g_autoptr(GError) error = NULL;
    expect(connection_run(self, sql, &error), "%s: %s", sql, error ? error->message : "no error");
}

/* The first value of the first row; free it. */
static inline char *ask(Connection *self, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RowSet) rows = connection_query(self, sql, &error);
    cr_assert_not_null(rows, "%s: %s", sql, error ? error->message : "no error");
    cr_assert_gt(rows->rows->len, 0, "%s: no row", sql);
    return g_strdup(((char **)g_ptr_array_index(rows->rows, 0))[0]);
}

static inline void expect_value(Connection *self, const char *sql, const char *value)
{
    g_autofree char *actual = ask(self, sql);
    cr_assert_str_eq(actual, value, "%s: %s, not %s", sql, actual, value);
}

/* Frees the error. */
static inline void expect_class(GError *error, DbErrorClass error_class)
{
    cr_assert_not_null(error, "no error, not %s", db_error_class_name(error_class));
    cr_assert_eq(error->domain, DB_ERROR);
    cr_assert_eq(error->code, (int)error_class, "%s (%s), not %s", error->message,
                 db_error_class_name((DbErrorClass)error->code), db_error_class_name(error_class));
    g_error_free(error);
}

static inline void expect_refused_path(const char *path, ConnectOptions options, DbErrorClass error_class,
                                       const char *message)
{
    GError *error = NULL;
    Connection *self = open_path(path, options, &error);
    cr_assert_null(self, "%s was opened", path);
    cr_assert_not_null(strstr(error->message, message), "\"%s\" does not say \"%s\"", error->message,
                       message);
    expect_class(error, error_class);
}

static inline void expect_refused(const char *name, ConnectOptions options, DbErrorClass error_class,
                                  const char *message)
{
    g_autofree char *path = in_folder(name);
    expect_refused_path(path, options, error_class, message);
}

static inline void expect_failure(Connection *self, const char *sql, DbErrorClass error_class)
{
    GError *error = NULL;
    cr_assert(!connection_run(self, sql, &error), "%s: no failure", sql);
    expect_class(error, error_class);
}

static inline bool exists(const char *name)
{
    g_autofree char *path = in_folder(name);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static inline char *digest(const char *name)
{
    g_autofree char *path = in_folder(name);
    g_autofree char *content = NULL;
    gsize length = 0;
    cr_assert(g_file_get_contents(path, &content, &length, NULL));
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)content, length);
}

/* A child process that ends by itself even where it hangs; 0 in it. */
static inline pid_t fork_child(void)
{
    pid_t child = fork();
    if (child == 0) {
        in_child = true;
        alarm(30);
    }
    return child;
}

/* Runs `act` in a child process, which dies by SIGKILL behind it, and waits for its death. */
static inline void act_and_die(void (*act)(void))
{
    pid_t child = fork_child();
    if (child == 0) {
        act();
        kill(getpid(), SIGKILL);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the child failed: status %d", status);
}

static inline gint64 milliseconds_since(gint64 started)
{
    return (g_get_monotonic_time() - started) / 1000;
}

/* Runs the NULL-terminated texts as one batch, wanting rows of each. */
static inline bool run_batch(Connection *self, const char *const *texts, BatchResult *result, GError **error)
{
    g_autoptr(Batch) batch = batch_new();
    for (; *texts; texts++)
        batch_take(batch, g_strdup(*texts), true);
    return connection_execute(self, batch, result, error);
}
