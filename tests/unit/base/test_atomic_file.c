/* Atomic files: what is on disk after success, after refusal and after a write that fails half-way. */
#include "base/atomic_file.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static void set_up(void)
{
    folder = g_dir_make_tmp("dbfleet-atomic-XXXXXX", NULL);
    cr_assert_not_null(folder);
}

static unsigned entries(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    unsigned count = 0;
    while (g_dir_read_name(dir) != NULL)
        count++;
    return count;
}

static void tear_down(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir)) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        (void)g_remove(path);
    }
    (void)g_rmdir(folder);
    g_free(folder);
}

TestSuite(atomic_file, .init = set_up, .fini = tear_down);

static char *in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void assert_content(const char *path, const char *expected)
{
    g_autofree char *content = NULL;
    cr_assert(g_file_get_contents(path, &content, NULL, NULL), "%s is missing", path);
    cr_assert_str_eq(content, expected);
}

static mode_t mode_of(const char *path)
{
    struct stat facts;
    cr_assert_eq(lstat(path, &facts), 0);
    return facts.st_mode;
}

Test(atomic_file, creates_what_is_not_there)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = in_folder("new.sql");
    umask(022);
    cr_assert(atomic_file_create(path, "select 1;\n", &error));
    cr_assert_null(error);
    assert_content(path, "select 1;\n");
    cr_assert_eq(mode_of(path) & 07777, 0644, "as any new file, by the umask");
    cr_assert_eq(entries(), 1, "nothing else is left");
}

Test(atomic_file, creates_parent_folders)
{
    g_autofree char *path = in_folder("a/b/c.sql");
    cr_assert(atomic_file_create(path, "x", NULL));
    assert_content(path, "x");
    g_remove(path);
    g_autofree char *b = in_folder("a/b");
    cr_assert_eq(g_rmdir(b), 0);
}

Test(atomic_file, create_never_overwrites)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = in_folder("old");
    cr_assert(atomic_file_create(path, "old", NULL));
    cr_assert_not(atomic_file_create(path, "new", &error));
    cr_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_EXIST));
    cr_assert_not_null(strstr(error->message, path));
    assert_content(path, "old");
    cr_assert_eq(entries(), 1);
}

Test(atomic_file, create_does_not_follow_a_dangling_link)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = in_folder("link");
    g_autofree char *elsewhere = in_folder("elsewhere");
    cr_assert_eq(symlink(elsewhere, path), 0);
    cr_assert_not(atomic_file_create(path, "new", &error));
    cr_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_EXIST));
    cr_assert_not(g_file_test(elsewhere, G_FILE_TEST_EXISTS));
}

Test(atomic_file, create_fails_below_a_file)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *file = in_folder("file");
    g_autofree char *path = in_folder("file/below");
    cr_assert(atomic_file_create(file, "x", NULL));
    cr_assert_not(atomic_file_create(path, "y", &error));
    cr_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR) ||
              g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_EXIST));
}

Test(atomic_file, replaces_with_any_bytes)
{
    g_autofree char *path = in_folder("plan.yaml");
    g_autofree char *content = NULL;
    gsize length = 0;
    cr_assert(atomic_file_replace(path, "first", 5, NULL));
    cr_assert(atomic_file_replace(path, "a\0b", 3, NULL));
    cr_assert(g_file_get_contents(path, &content, &length, NULL));
    cr_assert_eq(length, 3);
    cr_assert_eq(memcmp(content, "a\0b", 3), 0);
    cr_assert_eq(entries(), 1);
}

Test(atomic_file, replacing_keeps_mode_and_link)
{
    g_autofree char *path = in_folder("plan.yaml");
    g_autofree char *link = in_folder("link.yaml");
    cr_assert(atomic_file_create(path, "old", NULL));
    cr_assert_eq(chmod(path, 0600), 0);
    cr_assert_eq(symlink("plan.yaml", link), 0);
    cr_assert(atomic_file_replace(link, "new", 3, NULL));
    assert_content(path, "new");
    cr_assert(S_ISLNK(mode_of(link)));
    cr_assert_eq(mode_of(path) & 07777, 0600);
}

Test(atomic_file, several_files_share_the_flush_of_their_folder)
{
    g_autofree char *first = in_folder("run.json"), *second = in_folder("run.html"),
                    *gone = in_folder("gone/run.md");
    cr_assert(atomic_file_put(first, "{}", 2, NULL));
    cr_assert(atomic_file_put(second, "<p>", 3, NULL));
    atomic_file_flush_names((const char *const[]){first, second, gone, NULL});
    assert_content(first, "{}");
    assert_content(second, "<p>");
    cr_assert_eq(entries(), 2);
}
Test(atomic_file, replaces_only_regular_files)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *fifo = in_folder("fifo");
    cr_assert_eq(mkfifo(fifo, 0600), 0);
    cr_assert_not(atomic_file_replace(fifo, "x", 1, NULL));
    cr_assert(S_ISFIFO(mode_of(fifo)));
    cr_assert_not(atomic_file_replace(folder, "x", 1, &error));
    cr_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_ISDIR));
    cr_assert_not(atomic_file_replace("/dev/null", "x", 1, NULL));
    cr_assert(S_ISCHR(mode_of("/dev/null")));
}

Test(atomic_file, replace_wants_the_folder)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = in_folder("no/such/plan.yaml");
    cr_assert_not(atomic_file_replace(path, "x", 1, &error));
    cr_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
}

/* Writes past so many bytes fail from here on, as on a full disk. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = MIN(bytes, limit.rlim_max);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

Test(atomic_file, a_failed_write_leaves_the_old_content_and_nothing_else)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = in_folder("plan.yaml");
    g_autofree char *created = in_folder("new.yaml");
    g_autofree char *large = g_strnfill(5000, 'x');
    cr_assert(atomic_file_replace(path, "old", 3, NULL));
    limit_files(1000);
    cr_assert_not(atomic_file_replace(path, large, 5000, &error));
    cr_assert_not_null(strstr(error->message, "File too large"));
    cr_assert_not(atomic_file_create(created, large, NULL));
    limit_files(RLIM_INFINITY); /* coverage data is written at exit */
    assert_content(path, "old");
    cr_assert_eq(entries(), 1);
}
