/* Leftovers: what a killed process left is found and removed; what a living one holds, and what is not ours,
 * is not. */
#include "dev_fixture.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process that holds a scratch of each server; its id, once it has them. It asserts nothing: Criterion
 * hears only the processes that it started. */
static pid_t start_holder(DevFixture *f)
{
    int ends[2];
    char ready = 0;
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        DevServers *servers = dev_servers_new(f->project, f->secrets);
        for (gsize i = 1; i < G_N_ELEMENTS(dev_dialects); i++)
            if (can_run(&dev_dialects[i]))
                scratch_new(servers, dev_dialects[i].dialect, NULL, NULL, NULL);
        (void)!write(ends[1], "", 1);
        pause();
    }
    cr_assert_eq(read(ends[0], &ready, 1), 1);
    return child;
}

static unsigned count_of(DevFixture *f, pid_t process, GPtrArray **found)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *mark = g_strdup_printf(" dbfleet_dev_%d_", (int)process);
    g_autoptr(GPtrArray) all = dev_servers_leftovers(f->servers, &error);
    unsigned count = 0;
    expect_ok(all != NULL, error, "leftovers");
    for (guint i = 0; i < all->len; i++)
        count += strstr(all->pdata[i], mark) != NULL;
    if (found)
        *found = g_steal_pointer(&all);
    return count;
}

Test(leftovers, of_a_killed_process_are_removed, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    unsigned servers = can_run(&dev_dialects[1]) + can_run(&dev_dialects[2]);
    g_autoptr(GPtrArray) found = NULL;
    g_autoptr(GError) error = NULL;
    pid_t holder = start_holder(f);
    cr_expect_eq(count_of(f, holder, NULL), 0, "what lives is passed over");
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
    for (int i = 0; i < 50 && count_of(f, holder, NULL) < servers; i++)
        g_usleep(100000); /* until the servers have noticed */
    cr_expect_eq(count_of(f, holder, &found), servers);
    expect_ok(dev_servers_prune(f->servers, found, &error), error, "prune");
    cr_expect_eq(count_of(f, holder, NULL), 0);
}

Test(leftovers, others_and_our_own_are_passed_over, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_autoptr(GError) error = NULL;
    if (!can_run(&dev_dialects[1]))
        return;
    g_autoptr(Scratch) own = new_scratch(f, &dev_dialects[1], NULL);
    connection_run(own->connection, "CREATE DATABASE dbfleet_dev_of_somebody", NULL);
    g_autoptr(GPtrArray) found = dev_servers_leftovers(f->servers, &error);
    expect_ok(found != NULL, error, "leftovers");
    for (guint i = 0; i < found->len; i++) {
        cr_expect_null(strstr(found->pdata[i], own->name), "%s", (char *)found->pdata[i]);
        cr_expect_null(strstr(found->pdata[i], "somebody"), "%s", (char *)found->pdata[i]);
    }
    run(own->connection, "DROP DATABASE dbfleet_dev_of_somebody");
}

Test(leftovers, files_of_dead_processes_are_deleted, .timeout = 60)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_autoptr(GError) error = NULL;
    g_hash_table_insert(f->project->dev, g_strdup("sqlite"), g_strconcat("sqlite:", f->folder, NULL));
    g_autofree char *alive_name = g_strdup_printf("dbfleet_dev_%d_0123abcd_1.db", (int)getpid());
    g_autofree char *dead = write_file(f, "dbfleet_dev_2147483646_0123abcd_1.db", "");
    g_autofree char *alive = write_file(f, alive_name, "");
    g_autofree char *other = write_file(f, "dbfleet_dev_2147483646.db", "");
    g_autoptr(GPtrArray) found = dev_servers_leftovers(f->servers, &error);
    expect_ok(found != NULL, error, "leftovers");
    expect_ok(dev_servers_prune(f->servers, found, &error), error, "prune");
    cr_expect(!g_file_test(dead, G_FILE_TEST_EXISTS));
    cr_expect(g_file_test(alive, G_FILE_TEST_EXISTS));
    cr_expect(g_file_test(other, G_FILE_TEST_EXISTS));
}
