/* Folders of revision files: order, subfolders, what cannot be read. */
#include "plans/revision.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MINIMAL "-- revision: a1\n\n-- migrate:up\nselect 1;\n"

static void expect_list(char **list, const char *joined)
{
    g_autofree char *text = g_strjoinv("|", list);

    cr_expect_str_eq(text, joined);
}

/* A folder that goes away with the test. */
typedef struct Folder {
    char *path;
} Folder;

static Folder folder_new(void)
{
    return (Folder){g_dir_make_tmp("dbfleet-revisions-XXXXXX", NULL)};
}

static void folder_clear(Folder *self)
{
    g_autofree char *quoted = g_shell_quote(self->path);
    g_autofree char *command = g_strconcat("chmod -R u+rwx ", quoted, " && rm -rf ", quoted, NULL);

    cr_expect_eq(system(command), 0);
    g_free(self->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Folder, folder_clear)

static void folder_write(const Folder *self, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(self->path, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);

    cr_assert_eq(g_mkdir_with_parents(parent, 0755), 0);
    cr_assert(g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
}

static char *folder_faults(const Folder *self)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(GPtrArray) revisions = revision_load_folder(self->path, problems);

    cr_expect_null(revisions);
    return diagnostics_to_string(problems);
}

TestSuite(revision_folder);

Test(revision_folder, files_come_sorted_with_those_of_subfolders)
{
    g_auto(Folder) folder = folder_new();
    g_autoptr(Diagnostics) problems = diagnostics_new();

    folder_write(&folder, "b.sql", "-- revision: b\n-- migrate:up\n");
    folder_write(&folder, "2026/c.sql", "-- revision: c\n-- migrate:up\n");
    folder_write(&folder, "a.sql", "-- revision: a\n-- migrate:up\n");
    folder_write(&folder, "README.md", "no revision");
    folder_write(&folder, ".hidden.sql", "no revision");
    folder_write(&folder, ".git/x.sql", "no revision");
    g_autoptr(GPtrArray) revisions = revision_load_folder(folder.path, problems);

    cr_assert_not_null(revisions);
    cr_assert_eq(revisions->len, 3);
    cr_expect_str_eq(((Revision *)g_ptr_array_index(revisions, 0))->id, "c");
    cr_expect_str_eq(((Revision *)g_ptr_array_index(revisions, 1))->id, "a");
    cr_expect_str_eq(((Revision *)g_ptr_array_index(revisions, 2))->id, "b");
}

Test(revision_folder, dbmate_files_form_a_chain)
{
    g_auto(Folder) folder = folder_new();
    g_autoptr(Diagnostics) problems = diagnostics_new();

    folder_write(&folder, "003_c.sql", "-- migrate:up\n");
    folder_write(&folder, "001_a.sql", "-- migrate:up\n");
    folder_write(&folder, "002_b.sql", "-- migrate:up\n");
    g_autoptr(GPtrArray) revisions = revision_load_folder(folder.path, problems);

    cr_assert_eq(revisions->len, 3);
    expect_list(((Revision *)g_ptr_array_index(revisions, 0))->revises, "");
    expect_list(((Revision *)g_ptr_array_index(revisions, 1))->revises, "001");
    expect_list(((Revision *)g_ptr_array_index(revisions, 2))->revises, "002");
}

Test(revision_folder, an_empty_folder_is_an_empty_set)
{
    g_auto(Folder) folder = folder_new();
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(GPtrArray) revisions = revision_load_folder(folder.path, problems);

    cr_assert_not_null(revisions);
    cr_expect_eq(revisions->len, 0);
}

Test(revision_folder, problems_of_all_files_are_told)
{
    g_auto(Folder) folder = folder_new();

    folder_write(&folder, "a.sql", "-- migrate:up\n");
    folder_write(&folder, "b.sql", "-- revision: b\n");
    folder_write(&folder, "c.sql", "-- revision: c\n-- migrate:up\n");
    g_autofree char *told = folder_faults(&folder);

    cr_expect(strstr(told, "/a.sql: error:"), "%s", told);
    cr_expect(strstr(told, "/b.sql: error:"), "%s", told);
    cr_expect_not(strstr(told, "/c.sql"), "%s", told);
}

Test(revision_folder, a_missing_folder_is_an_error)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(GPtrArray) revisions = revision_load_folder("/nowhere/at/all", problems);
    g_autofree char *told = diagnostics_to_string(problems);

    cr_expect_null(revisions);
    cr_expect(strstr(told, "/nowhere/at/all: error: the folder cannot be read"), "%s", told);
}

Test(revision_folder, a_link_to_a_folder_above_ends)
{
    g_auto(Folder) folder = folder_new();
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *loop = g_build_filename(folder.path, "loop", NULL);

    folder_write(&folder, "a.sql", MINIMAL);
    cr_assert_eq(symlink(folder.path, loop), 0);
    g_autoptr(GPtrArray) revisions = revision_load_folder(folder.path, problems);

    cr_assert_not_null(revisions);
    cr_expect_eq(revisions->len, 1);
}

Test(revision_folder, what_is_no_plain_file_is_refused)
{
    g_auto(Folder) folder = folder_new();
    g_autofree char *pipe_path = g_build_filename(folder.path, "p.sql", NULL);
    g_autofree char *dangling = g_build_filename(folder.path, "d.sql", NULL);

    cr_assert_eq(mkfifo(pipe_path, 0600), 0);
    cr_assert_eq(symlink("/nowhere", dangling), 0);
    g_autofree char *told = folder_faults(&folder);

    cr_expect(strstr(told, "/p.sql: error: is no plain file"), "%s", told);
    cr_expect(strstr(told, "/d.sql: error: cannot be read"), "%s", told);
}

Test(revision_folder, a_file_over_the_limit_is_refused_unread)
{
    g_auto(Folder) folder = folder_new();
    g_autofree char *path = g_build_filename(folder.path, "a.sql", NULL);

    folder_write(&folder, "a.sql", MINIMAL);
    cr_assert_eq(truncate(path, (off_t)REVISION_FILE_MAX + 1), 0);
    g_autofree char *told = folder_faults(&folder);

    cr_expect(strstr(told, "is larger than 256 MB"), "%s", told);
}

Test(revision_folder, what_may_not_be_read_is_told)
{
    if (geteuid() == 0)
        cr_skip_test("root may read everything");
    g_auto(Folder) folder = folder_new();
    g_autofree char *path = g_build_filename(folder.path, "a.sql", NULL);

    folder_write(&folder, "a.sql", MINIMAL);
    folder_write(&folder, "shut/b.sql", MINIMAL);
    g_autofree char *shut = g_build_filename(folder.path, "shut", NULL);
    cr_assert_eq(g_chmod(path, 0), 0);
    cr_assert_eq(g_chmod(shut, 0), 0);
    g_autofree char *told = folder_faults(&folder);

    cr_expect(strstr(told, "/a.sql: error: cannot be read"), "%s", told);
    cr_expect(strstr(told, "/shut: error: the folder cannot be read"), "%s", told);
}

Test(revision_folder, five_thousand_files_load_in_well_under_a_second)
{
    g_auto(Folder) folder = folder_new();
    g_autoptr(Diagnostics) problems = diagnostics_new();

    for (unsigned i = 0; i < 5000; i++) {
        g_autofree char *name = g_strdup_printf("%04u_step.sql", i);
        folder_write(&folder, name,
                     "-- migrate:up\ncreate table t (a int);\n-- migrate:down\ndrop table t;\n");
    }
    clock_t start = clock();
    g_autoptr(GPtrArray) revisions = revision_load_folder(folder.path, problems);
    double took = (double)(clock() - start) / CLOCKS_PER_SEC;

    cr_assert_eq(revisions->len, 5000);
    cr_expect_lt(took, 10.0, "took %f s of processor time", took);
}
