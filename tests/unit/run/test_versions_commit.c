/* The git commit of a versions folder: found, marked where it was changed, and never waited for. */
#include "run/versions_commit.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>

static char *folder;

static void run(const char *command)
{
    g_autofree char *script = g_strdup_printf("cd '%s' && %s", folder, command);
    char *arguments[] = {(char *)"/bin/sh", (char *)"-c", script, NULL};
    int status = -1;

    cr_assert(g_spawn_sync(NULL, arguments, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                           NULL, NULL, NULL, NULL, &status, NULL));
    cr_assert_eq(status, 0, "%s", command);
}

static void make_folder(void)
{
    g_autofree char *git = g_find_program_in_path("git");
    if (!git)
        cr_skip_test("git is not installed");
    folder = g_dir_make_tmp("dbfleet-commit-XXXXXX", NULL);
    g_setenv("GIT_CEILING_DIRECTORIES", g_get_tmp_dir(), TRUE);
}

static void remove_folder(void)
{
    run("cd / && rm -rf \"$OLDPWD\"");
    g_free(folder);
}

TestSuite(versions_commit, .init = make_folder, .fini = remove_folder);

static char *ask(void)
{
    g_autofree char *versions = g_build_filename(folder, "versions", NULL);

    return versions_commit(versions);
}

#define COMMIT "git add -A && git -c user.name=t -c user.email=t@t commit -qm t"

Test(versions_commit, is_none_outside_of_a_repository_and_before_the_first_commit)
{
    run("mkdir versions && touch versions/a.sql");
    cr_expect_null(ask());
    run("git init -q");
    cr_expect_null(ask());
    cr_expect_null(versions_commit("/nonexistent"));
}

Test(versions_commit, is_dirty_only_where_the_folder_is)
{
    run("git init -q && mkdir versions && touch versions/a.sql && " COMMIT);
    g_autofree char *clean = ask();
    run("touch other && git add other");
    g_autofree char *elsewhere = ask();
    run("touch versions/b.sql");
    g_autofree char *unknown = ask();
    run("rm versions/b.sql && echo x > versions/a.sql");
    g_autofree char *changed = ask();

    cr_assert(clean && strlen(clean) == 40, "%s", clean);
    cr_expect_str_eq(elsewhere, clean);
    g_autofree char *dirty = g_strconcat(clean, "-dirty", NULL);
    cr_expect_str_eq(unknown, dirty);
    cr_expect_str_eq(changed, dirty);
}

Test(versions_commit, is_not_asked_of_the_repository_of_a_hook)
{
    run("git init -q && mkdir versions && touch versions/a.sql && " COMMIT);
    g_autofree char *clean = ask();
    g_setenv("GIT_DIR", "/nonexistent", TRUE);
    g_autofree char *same = ask();

    cr_expect_str_eq(same, clean);
}

Test(versions_commit, runs_no_file_system_monitor)
{
    run("git init -q && mkdir versions && touch versions/a.sql && " COMMIT);
    run("printf '#!/bin/sh\\ntouch %s/ran\\n' \"$PWD\" > monitor && chmod +x monitor && "
        "git config core.fsmonitor \"$PWD/monitor\"");
    g_autofree char *commit = ask();
    g_autofree char *ran = g_build_filename(folder, "ran", NULL);

    cr_expect_not_null(commit);
    cr_expect_not(g_file_test(ran, G_FILE_TEST_EXISTS));
}

Test(versions_commit, is_given_up_when_git_hangs)
{
    run("git init -q && mkdir bin && printf '#!/bin/sh\\nsleep 60 & wait\\n' > bin/git && chmod +x bin/git");
    g_autofree char *path = g_strdup_printf("%s/bin:%s", folder, g_getenv("PATH"));
    g_setenv("PATH", path, TRUE);
    gint64 begin = g_get_monotonic_time();

    cr_expect_null(versions_commit(folder));
    cr_expect_lt(g_get_monotonic_time() - begin, 10 * G_USEC_PER_SEC);
}

static void expect_uncommitted(const char *wanted)
{
    g_autofree char *versions = g_build_filename(folder, "versions", NULL);
    g_auto(GStrv) files = versions_uncommitted(versions);
    g_autoptr(GString) names = g_string_new(NULL);

    cr_assert_not_null(files);
    for (char **file = files; *file; file++) {
        cr_assert(g_str_has_prefix(*file, versions), "%s", *file);
        g_string_append_printf(names, "%s ", *file + strlen(versions) + 1);
    }
    cr_expect_str_eq(names->str, wanted);
}

/* A git that says the same of every folder. */
static void set_git(void)
{
    run("mkdir bin && printf '#!/bin/sh\\necho \"# branch.oid %040d\"\\n' > bin/git && chmod +x bin/git");
    g_autofree char *path = g_strdup_printf("%s/bin:%s", folder, g_getenv("PATH"));
    g_setenv("PATH", path, TRUE);
}

Test(versions_commit, is_asked_only_where_a_repository_may_be)
{
    static const char *const repositories[] = {"touch HEAD", "rm HEAD && touch .git"};
    set_git();
    run("mkdir -p a/b && ln -s a/b versions");
    cr_expect_null(ask());
    for (gsize i = 0; i < G_N_ELEMENTS(repositories); i++) {
        run(repositories[i]);
        g_autofree char *commit = ask();
        cr_expect_str_eq(commit, "0000000000000000000000000000000000000000");
    }
    run("mv .git elsewhere && cd / && mv \"$OLDPWD\"/elsewhere \"$OLDPWD\"/a/.git");
    g_autofree char *linked = ask();
    cr_expect_not_null(linked, "the folder that the link leads to is in one");
}

Test(versions_commit, names_each_file_that_is_not_committed)
{
    g_autofree char *versions = g_build_filename(folder, "versions", NULL);
    run("mkdir versions && touch versions/a.sql");
    cr_expect_null(versions_uncommitted(versions));
    run("git init -q && " COMMIT);
    expect_uncommitted("");
    run("touch other && git add other && mkdir versions/sub && touch 'versions/sub/b \"c\".sql' && "
        "echo x > versions/a.sql && touch versions/staged.sql && git add versions/staged.sql");
    expect_uncommitted("a.sql staged.sql sub/b \"c\".sql ");
    run("echo '*.sql' > .gitignore && git rm -q --cached versions/staged.sql");
    expect_uncommitted("a.sql ");
}
