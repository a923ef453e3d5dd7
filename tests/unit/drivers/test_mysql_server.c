/* What needs a MySQL server of a test's own: one that is read-only, one that dies, and a node of a cluster.
 */
#include "mysql_fixture.h"

#include <signal.h>
#include <stdlib.h>

#define HARNESS TEST_DATA "/harness/servers"

static DbUrl *own; /* of the test's own server */

/* Its standard output. */
static char *harness(const char *verb)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_build_filename(fixture.folder, "own", NULL);
    const char *const argv[] = {HARNESS, verb, folder, "mariadb", NULL};
    char *output = NULL;
    int status = -1;
    bool ok = g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, &output, NULL, &status, &error);
    expect_ok(ok, error, HARNESS);
    cr_assert_eq(status, 0);
    return output;
}

static void start_own(void)
{
    g_chmod(fixture.folder, 0755);
    g_autofree char *output = harness("start");
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, "export DBFLEET_TEST_MYSQL="))
            own = db_url_parse(strchr(*line, '=') + 1, NULL);
    cr_assert_not_null(own);
}

static void start_server(void)
{
    use_mysql(); /* where the other server tests are skipped, so are these */
    start_own();
}

static void stop_server(void)
{
    if (own)
        g_free(harness("stop"));
    db_url_free(own);
    remove_database();
}

TestSuite(mysql_server, .init = start_server, .fini = stop_server, .timeout = 120);

static Connection *open_own(ConnectOptions options)
{
    options.url = own;
    return open_session(options);
}

/* ---- Read-only ---- */

static Connection *open_own_as(const char *user)
{
    g_autofree char *text = g_strdup_printf("mysql://%s@%s:%s/mysql", user, own->host, own->port);
    return open_at(text);
}

Test(mysql_server, a_read_only_server_is_for_previews)
{
    g_autoptr(Connection) admin = open_own((ConnectOptions){0});
    run(admin, "CREATE USER app");
    run(admin, "GRANT ALL ON mysql.* TO app");
    g_autoptr(Connection) app = open_own_as("app");
    run(admin, "SET GLOBAL read_only = 1");
    GError *error = NULL;
    cr_assert_null(try_open((ConnectOptions){.url = own}, &error));
    expect_number(error, DB_ERROR_READ_ONLY, NULL, "read_only");
    expect_failing(app, "CREATE TABLE t (a INT)", DB_ERROR_READ_ONLY, "1290");
    g_autoptr(Connection) reader = open_own((ConnectOptions){.read_only = true});
    expect_value(reader, "SELECT 1", "1");
}

/* ---- A server that goes away ---- */

static pid_t server_pid(void)
{
    g_autofree char *path = g_build_filename(fixture.folder, "own", "mariadb.pid", NULL);
    g_autofree char *text = NULL;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    return atoi(text);
}

static void expect_lost(int signal_number)
{
    g_autoptr(Connection) self = open_own((ConnectOptions){0});
    g_autoptr(Connection) watcher = open_own((ConnectOptions){0});
    Runner runner;
    runner_start(&runner, self, BATCH("SELECT 1", "SELECT SLEEP(60)"));
    await_statement(watcher, "SELECT SLEEP(60)%");
    cr_assert_eq(kill(server_pid(), signal_number), 0);
    GError *error = runner_wait(&runner);
    cr_assert_eq(db_error_detail(error)->item, 1);
    expect_error(error, DB_ERROR_CONNECTION_LOST, "");
    cr_assert(!self->driver->in_transaction(self));
    connection_rollback(self);
}

Test(mysql_server, a_server_that_dies_is_a_lost_connection)
{
    expect_lost(SIGKILL);
}

Test(mysql_server, a_server_that_shuts_down_is_a_lost_connection)
{
    expect_lost(SIGTERM);
}

/* ---- A node of a cluster ---- */

/* The harness finds "mariadbd" by PATH: this one adds to its arguments what makes it a Galera node. */
#define NODE                                                                                                 \
    "#!/bin/sh\nexec %s \"$@\" --wsrep-on=ON --wsrep-provider=%s --wsrep-cluster-address=gcomm:// "          \
    "--wsrep-node-address=127.0.0.1:%s --wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:%s "      \
    "--binlog-format=ROW --innodb-autoinc-lock-mode=2 --wsrep-new-cluster\n"

static const char *galera_library(void)
{
    static const char *const paths[] = {"/usr/lib/galera/libgalera_smm.so",
                                        "/usr/lib64/galera/libgalera_smm.so",
                                        "/usr/lib64/galera-4/libgalera_smm.so"};
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
        if (g_file_test(paths[i], G_FILE_TEST_EXISTS))
            return paths[i];
    return NULL;
}

static void write_node(const char *folder)
{
    g_autofree char *search = g_strconcat(g_getenv("PATH"), ":/usr/sbin:/usr/local/sbin", NULL);
    g_setenv("PATH", search, TRUE);
    g_autofree char *server = g_find_program_in_path("mariadbd");
    g_autofree char *path = g_build_filename(folder, "mariadbd", NULL);
    char port[8];
    closed_port(port);
    g_autofree char *text = g_strdup_printf(NODE, server, galera_library(), port, port);
    cr_assert_eq(g_mkdir(folder, 0755), 0);
    cr_assert(g_file_set_contents(path, text, -1, NULL));
    cr_assert_eq(g_chmod(path, 0755), 0);
}

static void start_node(void)
{
    use_mysql();
    if (!galera_library())
        cr_skip_test("Galera is not installed");
    g_autofree char *folder = g_build_filename(fixture.folder, "bin", NULL);
    write_node(folder);
    g_autofree char *search = g_strconcat(folder, ":", g_getenv("PATH"), NULL);
    g_setenv("PATH", search, TRUE);
    start_own();
}

TestSuite(mysql_cluster, .init = start_node, .fini = stop_server, .timeout = 120);

Test(mysql_cluster, a_node_is_used_only_if_it_is_the_one_writer)
{
    GError *error = NULL;
    cr_assert_null(try_open((ConnectOptions){.url = own}, &error));
    expect_number(error, DB_ERROR_UNSUPPORTED, NULL, "Galera");
    g_autoptr(Connection) self = open_own((ConnectOptions){.galera_single_writer = true});
    expect_value(self, "SELECT @@wsrep_on", "1");
}
