/* The lock of a SQLite target: who is kept out, when it is free again, and what the file beside the database
 * is. */
#include "sqlite_fixture.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

TestSuite(sqlite_lock, .init = make_folder, .fini = remove_folder, .timeout = 120);

#define KEY "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"

static bool try_lock(Connection *self)
{
    g_autoptr(GError) error = NULL;
    g_auto(BatchResult) result = {0};
    bool held = false;
    bool ok = self->driver->try_lock(self, KEY, NULL, &held, &result, &error);
    expect(ok, "%s", error ? error->message : "no error");
    return held;
}

static void unlock(Connection *self)
{
    self->driver->unlock(self, KEY);
}

static void expect_lock_refused(Connection *self, DbErrorClass error_class, const char *message)
{
    GError *error = NULL;
    g_auto(BatchResult) result = {0};
    bool held = false;
    cr_assert(!self->driver->try_lock(self, KEY, NULL, &held, &result, &error));
    cr_assert(!held);
    cr_assert_not_null(strstr(error->message, message), "%s", error->message);
    expect_class(error, error_class);
}

static struct stat status_of(const char *name)
{
    g_autofree char *path = in_folder(name);
    struct stat status;
    cr_assert_eq(lstat(path, &status), 0, "%s", path);
    return status;
}

/* ---- Who is kept out ---- */

Test(sqlite_lock, two_connections_of_one_process_exclude_each_other)
{
    g_autoptr(Connection) a = open_new("a.db");
    g_autoptr(Connection) b = open_new("a.db");
    cr_assert(try_lock(a));
    cr_assert(!try_lock(b));
    unlock(a);
    cr_assert(try_lock(b));
    cr_assert(!try_lock(a));
}

Test(sqlite_lock, closing_the_connection_frees_it)
{
    g_autoptr(Connection) b = open_new("a.db");
    Connection *a = open_new("a.db");
    cr_assert(try_lock(a));
    connection_close(a);
    cr_assert(try_lock(b));
}

Test(sqlite_lock, files_have_a_lock_each)
{
    g_autoptr(Connection) a = open_new("a.db");
    g_autoptr(Connection) b = open_new("b.db");
    cr_assert(try_lock(a));
    cr_assert(try_lock(b));
}

Test(sqlite_lock, two_names_of_one_file_have_one_lock)
{
    g_autoptr(Connection) a = open_new("a.db");
    g_autofree char *link = in_folder("link.db");
    cr_assert_eq(symlink("a.db", link), 0);
    g_autofree char *other_folder = in_folder("other");
    cr_assert_eq(symlink(".", other_folder), 0);
    g_autoptr(Connection) b = open_with("link.db", (ConnectOptions){0});
    g_autoptr(Connection) c = open_with("other/a.db", (ConnectOptions){0});
    cr_assert(try_lock(a));
    cr_assert(!try_lock(b));
    cr_assert(!try_lock(c));
    cr_assert(!exists("link.db.dbfleet-lock"));
}

/* Exit code 0: it could be taken. */
static int lock_in_child(void)
{
    pid_t child = fork_child();
    if (child == 0) {
        Connection *self = open_new("a.db");
        bool held = try_lock(self);
        _exit(held ? 0 : 1);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

Test(sqlite_lock, another_process_is_kept_out)
{
    g_autoptr(Connection) self = open_new("a.db");
    cr_assert_eq(lock_in_child(), 0);
    cr_assert(try_lock(self));
    cr_assert_eq(lock_in_child(), 1);
    unlock(self);
    cr_assert_eq(lock_in_child(), 0);
}

static void lock_and_write(void)
{
    Connection *self = open_new("a.db");
    expect(try_lock(self), "the lock is held");
    run(self, "BEGIN IMMEDIATE; CREATE TABLE t (a)");
}

Test(sqlite_lock, the_dead_hold_none)
{
    act_and_die(lock_and_write);
    g_autoptr(Connection) self = open_new("a.db");
    cr_assert(try_lock(self));
    expect_failure(self, "SELECT * FROM t", DB_ERROR_UNDEFINED_TABLE);
}

/* A program that we start must not keep the lock when we are gone. */
Test(sqlite_lock, programs_that_are_started_do_not_inherit_it)
{
    g_autoptr(Connection) self = open_new("a.db");
    cr_assert(try_lock(self));
    char target[4096];
    for (int descriptor = 3; descriptor < 256; descriptor++) {
        g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", descriptor);
        ssize_t length = readlink(link, target, sizeof(target) - 1);
        target[MAX(length, 0)] = '\0';
        if (g_str_has_suffix(target, "a.db.dbfleet-lock")) {
            cr_assert(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
            return;
        }
    }
    cr_assert(false, "no descriptor of the lock file");
}

Test(sqlite_lock, a_child_that_outlives_the_unlock_does_not_keep_it)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autoptr(Connection) other = open_new("a.db");
    cr_assert(try_lock(self));
    pid_t child = fork_child();
    if (child == 0) {
        pause();
        _exit(0);
    }
    unlock(self);
    bool held = try_lock(other);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    cr_assert(held);
}

Test(sqlite_lock, a_database_in_memory_is_nobody_elses)
{
    g_autoptr(Connection) a = open_path(":memory:", (ConnectOptions){0}, NULL);
    g_autoptr(Connection) b = open_path(":memory:", (ConnectOptions){0}, NULL);
    cr_assert(try_lock(a));
    cr_assert(try_lock(b));
    cr_assert_null(a->driver->lock_holder(a, KEY));
    unlock(a);
}

/* ---- The batch behind it ---- */

Test(sqlite_lock, a_batch_runs_once_the_lock_is_held)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autoptr(Connection) other = open_new("a.db");
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    bool held = false;
    batch_take(batch, g_strdup("SELECT 7"), true);
    cr_assert(self->driver->try_lock(self, KEY, batch, &held, &result, NULL));
    cr_assert(held);
    cr_assert_str_eq(batch_result_value(&result, 0), "7");
    batch_result_clear(&result);
    cr_assert(other->driver->try_lock(other, KEY, batch, &held, &result, NULL));
    cr_assert(!held);
    cr_assert_eq(result.completed, 0);
}

Test(sqlite_lock, a_batch_that_fails_leaves_the_lock_held)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autoptr(Connection) other = open_new("a.db");
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    GError *error = NULL;
    bool held = false;
    batch_take(batch, g_strdup("SELECT * FROM nosuch"), true);
    cr_assert(!self->driver->try_lock(self, KEY, batch, &held, &result, &error));
    expect_class(error, DB_ERROR_UNDEFINED_TABLE);
    cr_assert(held);
    cr_assert(!try_lock(other));
}

/* ---- Who holds it ---- */

Test(sqlite_lock, the_holder_is_told)
{
    g_autoptr(Connection) self =
        open_with("a.db", (ConnectOptions){.create = true, .application_name = "dbfleet run\n1"});
    g_autoptr(Connection) other = open_new("a.db");
    cr_assert_null(other->driver->lock_holder(other, KEY));
    cr_assert(try_lock(self));
    g_autofree char *holder = other->driver->lock_holder(other, KEY);
    g_autofree char *start = g_strdup_printf("pid %d, application dbfleet run 1, user ", (int)getpid());
    cr_assert(g_str_has_prefix(holder, start), "%s", holder);
    cr_assert_not_null(strstr(holder, ", on host "), "%s", holder);
    cr_assert_not_null(strstr(holder, ", since 20"), "%s", holder);
    cr_assert_null(strchr(holder, '\n'));
    unlock(self);
    cr_assert_null(other->driver->lock_holder(other, KEY));
}

Test(sqlite_lock, a_shorter_holder_leaves_nothing_of_the_one_before)
{
    g_autofree char *name = g_strnfill(300, 'x');
    act_and_die(lock_and_write);
    g_autoptr(Connection) first = open_with("a.db", (ConnectOptions){.application_name = name});
    cr_assert(try_lock(first));
    unlock(first);
    g_autoptr(Connection) second = open_with("a.db", (ConnectOptions){.application_name = "y"});
    cr_assert(try_lock(second));
    g_autofree char *path = in_folder("a.db.dbfleet-lock");
    g_autofree char *content = NULL;
    cr_assert(g_file_get_contents(path, &content, NULL, NULL));
    cr_assert_null(strstr(content, "xxx"));
    cr_assert(g_str_has_suffix(content, "\nkey " KEY "\n"), "%s", content);
}

Test(sqlite_lock, a_file_of_something_else_names_nobody)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autofree char *path = in_folder("a.db.dbfleet-lock");
    cr_assert(g_file_set_contents(path, "\xff\xfe nonsense", -1, NULL));
    cr_assert_null(self->driver->lock_holder(self, KEY));
    cr_assert(try_lock(self));
}

/* ---- The file ---- */

Test(sqlite_lock, the_file_stays)
{
    g_autoptr(Connection) self = open_new("a.db");
    cr_assert(!exists("a.db.dbfleet-lock"));
    cr_assert(try_lock(self));
    ino_t inode = status_of("a.db.dbfleet-lock").st_ino;
    unlock(self);
    cr_assert(try_lock(self));
    cr_assert_eq(status_of("a.db.dbfleet-lock").st_ino, inode);
}

Test(sqlite_lock, the_file_has_the_mode_of_the_database)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autofree char *path = in_folder("a.db");
    g_chmod(path, 0660);
    mode_t mask = umask(077);
    cr_assert(try_lock(self));
    umask(mask);
    cr_assert_eq(status_of("a.db.dbfleet-lock").st_mode & 07777, 0660);
}

Test(sqlite_lock, root_makes_the_file_for_the_owner_of_the_database)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autofree char *path = in_folder("a.db");
    if (chown(path, NOBODY, NOBODY) != 0)
        cr_skip_test("only root gives files away");
    cr_assert(try_lock(self));
    cr_assert_eq(status_of("a.db.dbfleet-lock").st_uid, NOBODY);
}

Test(sqlite_lock, a_symbolic_link_is_not_followed)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autofree char *link = in_folder("a.db.dbfleet-lock");
    cr_assert_eq(symlink("victim", link), 0);
    expect_lock_refused(self, DB_ERROR_STATEMENT, "a.db.dbfleet-lock");
    cr_assert(!exists("victim"));
}

Test(sqlite_lock, a_folder_in_its_place_is_told)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autofree char *path = in_folder("a.db.dbfleet-lock");
    g_mkdir(path, 0700);
    expect_lock_refused(self, DB_ERROR_STATEMENT, "a.db.dbfleet-lock cannot be opened");
}

Test(sqlite_lock, a_folder_that_may_not_be_written_is_told)
{
    g_autofree char *path = in_folder("a.db");
    connection_close(open_new("a.db"));
    g_chmod(path, 0666);
    g_chmod(folder, 0555);
    become_nobody();
    g_autoptr(Connection) self = open_with("a.db", (ConnectOptions){0});
    expect_lock_refused(self, DB_ERROR_PERMISSION, "Permission denied");
    cr_assert_eq(seteuid(getuid()), 0);
    g_chmod(folder, 0755);
}

Test(sqlite_lock, a_file_that_somebody_removed_is_made_anew)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autoptr(Connection) other = open_new("a.db");
    g_autofree char *path = in_folder("a.db.dbfleet-lock");
    cr_assert(try_lock(self));
    unlock(self);
    g_unlink(path);
    cr_assert(try_lock(other));
    cr_assert(!try_lock(self));
}

Test(sqlite_lock, a_database_that_was_replaced_is_not_worked_on)
{
    g_autoptr(Connection) self = open_new("a.db");
    g_autofree char *path = in_folder("a.db");
    g_autofree char *old = in_folder("old.db");
    cr_assert_eq(g_rename(path, old), 0);
    g_autoptr(Connection) other = open_new("a.db");
    expect_lock_refused(self, DB_ERROR_CONNECTION_LOST, "a.db was moved or replaced");
    cr_assert(try_lock(other));
}

/* True if a process other than this one would find the library's lock for writing taken
 * (https://www.sqlite.org/fileformat2.html#the_lock_byte_page: the byte behind the pending byte). */
static bool is_locked_for_writing(const char *name)
{
    g_autofree char *path = in_folder(name);
    pid_t child = fork_child();
    if (child == 0) {
        int descriptor = open(path, O_RDWR);
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000001, .l_len = 1};
        _exit(fcntl(descriptor, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? 1 : 0);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/* Closing a descriptor on a database drops all locks that its process has on it. */
Test(sqlite_lock, taking_it_leaves_the_librarys_own_locks_alone)
{
    g_autoptr(Connection) writer = open_new("a.db");
    g_autoptr(Connection) other = open_new("a.db");
    cr_assert(!is_locked_for_writing("a.db"));
    run(writer, "BEGIN IMMEDIATE; CREATE TABLE t (a)");
    cr_assert(try_lock(other));
    g_free(other->driver->lock_holder(other, KEY));
    unlock(other);
    cr_assert(is_locked_for_writing("a.db"));
}
