/* Private servers: started from what is installed, apart, and gone afterwards however the process ends. */
#include "dev_fixture.h"

#include "dev/private_server.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A cache of the test's own. */
static void use_cache(const char *folder)
{
    g_setenv("XDG_CACHE_HOME", folder, TRUE);
}

static const Dialect served[] = {DIALECT_POSTGRES, DIALECT_MARIADB};

static PrivateBinaries *find(Dialect dialect)
{
    g_autoptr(GError) error = NULL;
    PrivateBinaries *binaries = private_binaries_find(dialect, NULL, NULL, NULL, &error);
    cr_assert(binaries || g_error_matches(error, DEV_ERROR, DEV_ERROR_NO_SERVER));
    return binaries; /* NULL: not installed here, nothing to test */
}

static char *folder_of(const PrivateServer *server)
{
    const DbUrl *url = private_server_url(server);
    const char *socket = db_url_parameter(url, "socket");
    return socket ? g_path_get_dirname(socket)
                  : g_strdup(url->host ? url->host : db_url_parameter(url, "host"));
}

static Connection *connect_to(const PrivateServer *server)
{
    g_autoptr(GError) error = NULL;
    const ConnectOptions options = {.url = private_server_url(server), .password = ""};
    Connection *connection = connection_open(&options, &error);
    expect_ok(connection != NULL, error, "connect");
    return connection;
}

Test(private, starts_twice_and_is_gone, .timeout = 120)
{
    g_autofree char *cache = g_dir_make_tmp("dbfleet-dev-test-XXXXXX", NULL);
    use_cache(cache);
    g_setenv("MYSQL_PWD", "of another server", TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(served); i++) {
        g_autoptr(PrivateBinaries) binaries = find(served[i]);
        for (int round = 0; binaries && round < 2; round++) {
            g_autoptr(GError) error = NULL;
            PrivateServer *server = private_server_start(binaries, &error);
            expect_ok(server != NULL, error, "start");
            Connection *connection = connect_to(server);
            cr_expect_str_eq(connection->server.version, binaries->version);
            connection_close(connection);
            g_autofree char *folder = folder_of(server);
            struct stat status;
            cr_expect(stat(folder, &status) == 0 && (status.st_mode & 077) == 0, "%s is not private", folder);
            private_server_free(server);
            cr_expect(!g_file_test(folder, G_FILE_TEST_EXISTS), "%s is still there", folder);
        }
    }
    remove_tree(cache);
}

static void damage(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name = NULL; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *inside = g_build_filename(folder, name, "data", "global", "pg_control", NULL);
        if (g_file_test(inside, G_FILE_TEST_EXISTS))
            cr_assert(g_file_set_contents(inside, "", 0, NULL));
    }
}

Test(private, damaged_copy_in_the_cache_is_made_anew, .timeout = 120)
{
    g_autofree char *cache = g_dir_make_tmp("dbfleet-dev-test-XXXXXX", NULL);
    g_autofree char *inside = g_build_filename(cache, "dbfleet", "servers", NULL);
    use_cache(cache);
    g_autoptr(PrivateBinaries) binaries = find(DIALECT_POSTGRES);
    for (int round = 0; binaries && round < 3; round++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(PrivateServer) server = private_server_start(binaries, &error);
        expect_ok(server != NULL, error, "start");
        if (round == 0)
            damage(inside);
    }
    remove_tree(cache);
}

static bool is_another(const char *version, gconstpointer context)
{
    (void)version, (void)context;
    return false;
}

Test(private, missing_programs_and_versions_say_what_to_do, .timeout = 120)
{
    GError *error = NULL;
    g_autoptr(PrivateBinaries) installed = find(DIALECT_POSTGRES);
    cr_expect_null(private_binaries_find(DIALECT_POSTGRES, "PostgreSQL 99.1", is_another, NULL, &error));
    expect_dev_error(error, installed ? DEV_ERROR_VERSION : DEV_ERROR_NO_SERVER, "dev.postgres");
}

/* A process that starts a server and is killed: the guard ends the server and deletes the folder. */
Test(private, killed_process_leaves_nothing, .timeout = 120)
{
    g_autofree char *cache = g_dir_make_tmp("dbfleet-dev-test-XXXXXX", NULL);
    use_cache(cache);
    g_autoptr(PrivateBinaries) binaries = find(DIALECT_POSTGRES);
    int ends[2];
    char folder[256] = "";
    cr_assert_eq(pipe(ends), 0);
    if (!binaries)
        return;
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        PrivateServer *server = private_server_start(binaries, NULL);
        g_autofree char *name = server ? folder_of(server) : g_strdup("?");
        (void)!write(ends[1], name, strlen(name));
        pause();
    }
    cr_assert_gt(read(ends[0], folder, sizeof folder - 1), 1);
    cr_expect(g_file_test(folder, G_FILE_TEST_IS_DIR), "%s", folder);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    for (int i = 0; i < 100 && g_file_test(folder, G_FILE_TEST_EXISTS); i++)
        g_usleep(100000);
    cr_expect(!g_file_test(folder, G_FILE_TEST_EXISTS), "%s is still there", folder);
    remove_tree(cache);
}

Test(private, what_is_left_over_is_found_and_no_other, .timeout = 120)
{
    g_autofree char *folder = g_build_filename(g_get_tmp_dir(), "dbfleet-server-XXXXXX", NULL);
    g_autoptr(GError) error = NULL;
    cr_assert_not_null(g_mkdtemp(folder));
    g_autoptr(GPtrArray) before = private_server_leftovers();
    cr_expect(!g_ptr_array_find_with_equal_func(before, folder, g_str_equal, NULL), "without our lock");
    g_autofree char *lock = g_build_filename(folder, "lock", NULL);
    cr_assert(g_file_set_contents(lock, "", 0, NULL));
    g_autoptr(GPtrArray) after = private_server_leftovers();
    cr_expect(g_ptr_array_find_with_equal_func(after, folder, g_str_equal, NULL));
    expect_ok(private_server_prune(folder, &error), error, "prune");
    cr_expect(!g_file_test(folder, G_FILE_TEST_EXISTS));
}

Test(private, servers_of_a_project_are_started_once, .timeout = 120)
{
    g_autoptr(DevFixture) f = fixture_new();
    g_hash_table_remove_all(f->project->dev);
    for (gsize i = 0; i < G_N_ELEMENTS(served); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(PrivateBinaries) binaries = find(served[i]);
        if (!binaries)
            continue;
        g_autoptr(Scratch) one = scratch_new(f->servers, served[i], NULL, NULL, &error);
        expect_ok(one != NULL, error, "one");
        ScratchLike like = {.version = one->connection->server.version};
        g_autoptr(Scratch) two = scratch_new(f->servers, served[i], &like, NULL, &error);
        expect_ok(two != NULL, error, "two");
        cr_expect_str_eq(one->connection->server.identity, two->connection->server.identity);
    }
}
