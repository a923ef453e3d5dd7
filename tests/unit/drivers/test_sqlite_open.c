/* Opening SQLite files: which are taken, which are refused and how, and what a session knows of its file. */
#include "sqlite_fixture.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

TestSuite(sqlite_open, .init = make_folder, .fini = remove_folder, .timeout = 120);

static const ConnectOptions plain = {.lock_timeout_ms = 50};
static const ConnectOptions creating = {.create = true, .lock_timeout_ms = 50};
static const ConnectOptions reading = {.read_only = true, .lock_timeout_ms = 50};

static void write_file(const char *name, const char *text)
{
    g_autofree char *path = in_folder(name);
    cr_assert(g_file_set_contents(path, text, -1, NULL));
}

/* ---- Paths ---- */

Test(sqlite_open, a_missing_file_is_refused_and_not_made)
{
    expect_refused("none.db", plain, DB_ERROR_NO_DATABASE, "none.db does not exist");
    cr_assert(!exists("none.db"));
}

Test(sqlite_open, create_makes_a_missing_file)
{
    g_autoptr(Connection) self = open_with("new.db", creating);
    cr_assert(exists("new.db"));
    run(self, "CREATE TABLE t (a)");
}

Test(sqlite_open, a_read_only_session_makes_no_file_even_with_create)
{
    ConnectOptions options = {.create = true, .read_only = true};
    expect_refused("none.db", options, DB_ERROR_NO_DATABASE, "none.db does not exist");
    cr_assert(!exists("none.db"));
}

Test(sqlite_open, create_makes_no_folder)
{
    expect_refused("none/new.db", creating, DB_ERROR_NO_DATABASE, "none/new.db");
    cr_assert(!exists("none"));
}

Test(sqlite_open, a_dangling_link_is_a_missing_file)
{
    g_autofree char *link = in_folder("link.db");
    cr_assert_eq(symlink("none.db", link), 0);
    expect_refused("link.db", plain, DB_ERROR_NO_DATABASE, "link.db does not exist");
}

Test(sqlite_open, a_folder_is_refused)
{
    expect_refused("", creating, DB_ERROR_UNSUPPORTED, "is a folder");
}

Test(sqlite_open, a_pipe_is_refused_at_once)
{
    g_autofree char *path = in_folder("pipe.db");
    cr_assert_eq(mkfifo(path, 0600), 0);
    expect_refused("pipe.db", reading, DB_ERROR_UNSUPPORTED, "is not a regular file");
}

Test(sqlite_open, a_file_that_is_no_database_is_refused)
{
    write_file("text.db", "This is a letter and has more than a hundred bytes, so that the library "
                          "takes the trouble to look at its beginning, which is not its magic text.\n");
    expect_refused("text.db", plain, DB_ERROR_UNSUPPORTED, "text.db: file is not a database");
    expect_refused("text.db", reading, DB_ERROR_UNSUPPORTED, "text.db: file is not a database");
}

Test(sqlite_open, an_empty_file_is_an_empty_database)
{
    write_file("empty.db", "");
    g_autoptr(Connection) self = open_with("empty.db", plain);
    run(self, "CREATE TABLE t (a)");
}

Test(sqlite_open, an_empty_path_is_refused)
{
    expect_refused_path("", creating, DB_ERROR_NO_DATABASE, "names no file");
}

Test(sqlite_open, a_path_longer_than_the_library_takes_is_refused)
{
    g_autofree char *name = g_strnfill(250, 'n');
    g_autofree char *path = g_build_filename(folder, name, name, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_mkdir_with_parents(parent, 0700);
    expect_refused_path(path, creating, DB_ERROR_UNSUPPORTED, "longer than");
}

Test(sqlite_open, names_may_hold_any_byte)
{
    static const char *const names[] = {"größe.db", "名.db", "latin-\xe9.db", "a b%20?x=1&y#.db", "'\".db"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(Connection) self = open_new(names[i]);
        run(self, "CREATE TABLE t (a)");
        cr_assert(exists(names[i]), "%s", names[i]);
        g_autofree char *path = in_folder(names[i]);
        cr_assert_str_eq(self->server.database, path);
    }
}

Test(sqlite_open, a_relative_name_is_never_a_uri)
{
    cr_assert_eq(chdir(folder), 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(Connection) self = open_path("file:x.db", creating, &error);
    cr_assert_not_null(self);
    cr_assert(exists("file:x.db"));
    cr_assert_eq(chdir("/"), 0);
}

/* ---- What a session knows ---- */

Test(sqlite_open, the_server_is_the_library_and_the_canonical_path)
{
    g_autofree char *link = in_folder("link.db");
    g_autofree char *path = in_folder("real.db");
    connection_close(open_new("real.db"));
    cr_assert_eq(symlink("real.db", link), 0);
    g_autoptr(Connection) self = open_with("link.db", plain);
    g_autofree char *client = self->driver->client_version(NULL);
    cr_assert_eq(self->server.dialect, DIALECT_SQLITE);
    cr_assert_str_eq(self->server.version, client);
    cr_assert(g_str_has_prefix(client, "SQLite 3."), "%s", client);
    cr_assert_str_eq(self->server.database, path);
    cr_assert_str_eq(self->server.identity, path);
    cr_assert_str_eq(self->server.schema, "main");
    cr_assert_null(self->server.user);
}

Test(sqlite_open, a_database_in_memory_needs_no_file)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Connection) self = open_path(":memory:", plain, &error);
    cr_assert_not_null(self);
    run(self, "CREATE TABLE t (a)");
    cr_assert_str_eq(self->server.database, ":memory:");
}

Test(sqlite_open, foreign_keys_are_as_the_target_says)
{
    for (int on = 0; on <= 1; on++) {
        g_autoptr(Connection) self =
            open_with("a.db", (ConnectOptions){.create = true, .foreign_keys = on != 0});
        expect_value(self, "PRAGMA foreign_keys", on ? "1" : "0");
    }
}

Test(sqlite_open, what_a_user_sets_is_put_back)
{
    g_autoptr(Connection) self = open_with("a.db", (ConnectOptions){.create = true, .foreign_keys = true});
    run(self, "PRAGMA foreign_keys = 0; PRAGMA recursive_triggers = 1; PRAGMA writable_schema = 1;"
              "PRAGMA query_only = 1");
    g_autoptr(Batch) batch = batch_new();
    g_auto(BatchResult) result = {0};
    self->driver->add_restore(self, batch);
    cr_assert(connection_execute(self, batch, &result, NULL));
    expect_value(self, "PRAGMA foreign_keys", "1");
    expect_value(self, "PRAGMA recursive_triggers", "0");
    expect_value(self, "PRAGMA writable_schema", "0");
    expect_value(self, "PRAGMA query_only", "0");
}

Test(sqlite_open, extensions_cannot_be_loaded)
{
    g_autoptr(Connection) self = open_new("a.db");
    expect_failure(self, "SELECT load_extension('nothing')", DB_ERROR_STATEMENT);
    GError *error = NULL;
    connection_run(self, "SELECT load_extension('nothing')", &error);
    cr_assert_str_eq(error->message, "not authorized");
    g_error_free(error);
}

/* ---- Write protection ---- */

Test(sqlite_open, a_read_only_session_changes_nothing)
{
    {
        g_autoptr(Connection) writer = open_new("a.db");
        run(writer, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    }
    g_autofree char *before = digest("a.db");
    g_autoptr(Connection) self = open_with("a.db", reading);
    expect_value(self, "SELECT a FROM t", "1");
    expect_failure(self, "INSERT INTO t VALUES (2)", DB_ERROR_READ_ONLY);
    expect_failure(self, "CREATE TABLE u (a)", DB_ERROR_READ_ONLY);
    g_autofree char *after = digest("a.db");
    cr_assert_str_eq(before, after);
}

Test(sqlite_open, a_write_protected_file_can_only_be_read)
{
    g_autofree char *path = in_folder("a.db");
    connection_close(open_new("a.db"));
    g_chmod(path, 0444);
    become_nobody();
    expect_refused("a.db", plain, DB_ERROR_READ_ONLY, "a.db cannot be written: Permission denied");
    g_autoptr(Connection) self = open_with("a.db", reading);
    expect_value(self, "SELECT 1", "1");
}

Test(sqlite_open, a_file_that_may_not_be_read_is_a_matter_of_permission)
{
    g_autofree char *path = in_folder("a.db");
    connection_close(open_new("a.db"));
    g_chmod(path, 0);
    become_nobody();
    expect_refused("a.db", plain, DB_ERROR_PERMISSION, "a.db");
    expect_refused("a.db", reading, DB_ERROR_PERMISSION, "a.db");
}

Test(sqlite_open, a_folder_that_may_not_be_entered_is_a_matter_of_permission)
{
    connection_close(open_new("a.db"));
    g_chmod(folder, 0);
    become_nobody();
    expect_refused("a.db", plain, DB_ERROR_PERMISSION, "a.db");
    cr_assert_eq(seteuid(getuid()), 0);
    g_chmod(folder, 0700);
}

Test(sqlite_open, a_file_on_a_read_only_device_can_only_be_read)
{
    connection_close(open_new("a.db"));
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(folder, folder, NULL, MS_BIND, NULL) != 0)
        cr_skip_test("this user cannot mount");
    cr_assert_eq(mount(NULL, folder, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
    expect_refused("a.db", plain, DB_ERROR_READ_ONLY, "Read-only file system");
    connection_close(open_with("a.db", reading));
    cr_assert_eq(umount(folder), 0);
}

/* ---- What a dead writer left ---- */

/* Its cache holds little, so that changed pages are in the file before the transaction ends. */
static void write_half_a_transaction(void)
{
    Connection *self = open_new("a.db");
    run(self, "CREATE TABLE t (a, b);"
              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
              "INSERT INTO t SELECT i, zeroblob(200) FROM n");
    run(self, "PRAGMA cache_size = 5; BEGIN IMMEDIATE; UPDATE t SET a = -1");
}

Test(sqlite_open, a_hot_journal_needs_recovery)
{
    act_and_die(write_half_a_transaction);
    g_autofree char *before = digest("a.db");
    expect_refused("a.db", reading, DB_ERROR_NEEDS_RECOVERY, "a.db");
    g_autofree char *after = digest("a.db");
    cr_assert_str_eq(before, after);
    cr_assert(exists("a.db-journal"));
}

Test(sqlite_open, a_session_that_may_write_recovers)
{
    act_and_die(write_half_a_transaction);
    {
        g_autoptr(Connection) self = open_with("a.db", plain);
        expect_value(self, "SELECT count(*) FROM t WHERE a > 0", "2000");
    }
    g_autoptr(Connection) reader = open_with("a.db", reading);
    expect_value(reader, "SELECT count(*) FROM t WHERE a > 0", "2000");
}

static void write_and_die_with_a_log(void)
{
    Connection *self = open_new("a.db");
    run(self, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a);"
              "INSERT INTO t VALUES (1); BEGIN IMMEDIATE; INSERT INTO t VALUES (2)");
}

Test(sqlite_open, a_write_ahead_log_is_read_and_left)
{
    act_and_die(write_and_die_with_a_log);
    g_autofree char *before = digest("a.db");
    g_autofree char *log_before = digest("a.db-wal");
    {
        g_autoptr(Connection) self = open_with("a.db", reading);
        expect_value(self, "SELECT group_concat(a) FROM t", "1");
    }
    g_autofree char *after = digest("a.db");
    g_autofree char *log_after = digest("a.db-wal");
    cr_assert_str_eq(before, after);
    cr_assert_str_eq(log_before, log_after);
}

static void close_folder(void)
{
    g_chmod(folder, 0555);
    become_nobody();
}

/* The index beside the log is there and can be read, so the library reads through it. */
Test(sqlite_open, a_log_in_a_folder_that_may_not_be_written_is_read)
{
    act_and_die(write_and_die_with_a_log);
    close_folder();
    g_autoptr(Connection) self = open_with("a.db", reading);
    expect_value(self, "SELECT group_concat(a) FROM t", "1");
}

/* Not to be read as if there were no log. */
Test(sqlite_open, a_log_without_its_index_is_refused_where_none_can_be_made)
{
    act_and_die(write_and_die_with_a_log);
    g_autofree char *index = in_folder("a.db-shm");
    g_unlink(index);
    close_folder();
    expect_refused("a.db", reading, DB_ERROR_READ_ONLY, "-shm");
}

Test(sqlite_open, a_database_in_wal_mode_is_refused_where_no_log_can_be_made)
{
    {
        g_autoptr(Connection) self = open_new("a.db");
        run(self, "PRAGMA journal_mode = WAL; CREATE TABLE t (a)");
    }
    cr_assert(!exists("a.db-wal"));
    close_folder();
    expect_refused("a.db", reading, DB_ERROR_READ_ONLY, "-shm");
}

Test(sqlite_open, a_journal_that_may_not_be_read_is_taken_for_a_hot_one)
{
    act_and_die(write_half_a_transaction);
    g_autofree char *path = in_folder("a.db");
    g_autofree char *journal = in_folder("a.db-journal");
    g_chmod(path, 0666);
    g_chmod(journal, 0);
    become_nobody();
    expect_refused("a.db", reading, DB_ERROR_NEEDS_RECOVERY, "left a journal");
    expect_refused("a.db", plain, DB_ERROR_PERMISSION, "-journal");
}

/* ---- Other writers ---- */

Test(sqlite_open, a_file_locked_for_writing_is_waited_for_and_given_up)
{
    g_autoptr(Connection) holder = open_new("a.db");
    run(holder, "BEGIN EXCLUSIVE");
    gint64 started = g_get_monotonic_time();
    expect_refused("a.db", (ConnectOptions){.lock_timeout_ms = 200}, DB_ERROR_LOCK_TIMEOUT, "locked");
    gint64 waited = (g_get_monotonic_time() - started) / 1000;
    cr_assert(waited >= 200 && waited < 60000, "%d ms", (int)waited);
}

Test(sqlite_open, connecting_takes_no_longer_than_its_own_timeout)
{
    g_autoptr(Connection) holder = open_new("a.db");
    run(holder, "BEGIN EXCLUSIVE");
    expect_refused("a.db", (ConnectOptions){.connect_timeout_ms = 100}, DB_ERROR_LOCK_TIMEOUT, "locked");
    expect_refused("a.db", (ConnectOptions){.connect_timeout_ms = 100, .lock_timeout_ms = 3600000},
                   DB_ERROR_LOCK_TIMEOUT, "locked");
}
