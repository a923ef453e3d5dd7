/* What client programs are told: the server and database that the connection reached, by environment and
 * private files; real programs are asked where that leads them. */
#include "engine_fixture.h"

#include <sys/stat.h>

static void use_postgres(void)
{
    use_engine(ENGINE_POSTGRES);
}

static void use_mysql(void)
{
    use_engine(ENGINE_MYSQL);
}

TestSuite(client_postgres, .init = use_postgres, .fini = remove_database, .timeout = 120);
TestSuite(client_mysql, .init = use_mysql, .fini = remove_database, .timeout = 120);

static void add_parameter(DbUrl *url, const char *name, const char *value)
{
    DbUrlParameter parameter = {.name = g_strdup(name), .value = g_strdup(value)};
    g_array_append_val(url->parameters, parameter);
}

static void give_access(Connection *self, ClientAccess *access)
{
    g_autoptr(GError) error = NULL;
    access->environment = g_get_environ();
    expect_ok(self->driver->client_access(self, fixture.folder, access, &error), error, "client_access");
}

/* What a program says with that environment. Caller frees. */
static char *program_says(const ClientAccess *access, const char *const *arguments)
{
    char *output = NULL;
    int status = 0;
    g_autoptr(GError) error = NULL;
    bool ran = g_spawn_sync(NULL, (char **)arguments, access->environment, G_SPAWN_SEARCH_PATH, NULL, NULL,
                            &output, NULL, &status, &error);
    expect_ok(ran && g_spawn_check_wait_status(status, &error), error, arguments[0]);
    return g_strchomp(output);
}
#define program_says_of(access, ...) program_says(access, (const char *const[]){__VA_ARGS__, NULL})

static void expect_told(const ClientAccess *access, const char *name, const char *value)
{
    const char *told = g_environ_getenv(access->environment, name);
    cr_expect(g_strcmp0(told, value) == 0, "%s is %s, not %s", name, told, value);
}

/* ---- PostgreSQL ---- */

Test(client_postgres, psql_comes_to_the_same_database_as_the_same_user)
{
    g_autoptr(Connection) self = open_plain();
    g_auto(ClientAccess) access = {0};
    give_access(self, &access);
    g_autofree char *said =
        program_says_of(&access, "psql", "-XAtqc", "select current_database() || ' ' || current_user");
    g_autofree char *wanted = g_strdup_printf("%s %s", fixture.url->database, fixture.url->user);
    cr_expect_str_eq(said, wanted);
    cr_expect_str_eq(access.secret, fixture.url->password);
    cr_expect_null(access.file);
    expect_told(&access, "PGPORT", fixture.url->port);
    cr_expect_str_eq(access.port, fixture.url->port);
}

Test(client_postgres, of_several_hosts_it_is_the_one_that_was_reached)
{
    char closed[8];
    closed_port(closed);
    g_autofree char *ports = g_strjoin(",", closed, fixture.url->port, NULL);
    g_autoptr(DbUrl) url = url_at("127.0.0.1,127.0.0.1", ports);
    add_parameter(url, "target_session_attrs", "any");
    add_parameter(url, "options", "-c work_mem=77kB");
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url, .connect_timeout_ms = 1000});
    g_auto(ClientAccess) access = {0};
    give_access(self, &access);
    expect_told(&access, "PGHOST", "127.0.0.1");
    expect_told(&access, "PGPORT", fixture.url->port);
    expect_told(&access, "PGCLIENTENCODING", NULL);
    g_autofree char *said = program_says_of(&access, "psql", "-XAtqc", "show work_mem");
    cr_expect_str_eq(said, "77kB");
}

Test(client_postgres, what_a_service_file_said_is_resolved_and_the_service_is_not_passed_on)
{
    g_autofree char *services =
        g_strdup_printf("[fleet]\nhost=127.0.0.1\nport=%s\nuser=postgres\ndbname=postgres\n"
                        "password=%s\n",
                        fixture.url->port, fixture.url->password);
    g_autofree char *file = g_build_filename(fixture.folder, "services", NULL);
    cr_assert(g_file_set_contents(file, services, -1, NULL));
    g_setenv("PGSERVICEFILE", file, TRUE);
    g_setenv("PGSERVICE", "fleet", TRUE);
    g_autofree char *text = g_strdup_printf("postgresql:///%s?service=fleet", fixture.url->database);
    g_autoptr(DbUrl) url = db_url_parse(text, NULL);
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url});
    g_auto(ClientAccess) access = {0};
    give_access(self, &access);
    expect_told(&access, "PGSERVICE", NULL);
    g_autofree char *said = program_says_of(&access, "psql", "-XAtqc", "select current_database()");
    cr_expect_str_eq(said, fixture.url->database);
}

Test(client_postgres, a_key_with_a_password_is_refused)
{
    g_autoptr(DbUrl) url = url_at(NULL, NULL);
    add_parameter(url, "sslpassword", "canary");
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url});
    g_auto(ClientAccess) access = {.environment = g_get_environ()};
    GError *error = NULL;
    cr_assert_not(self->driver->client_access(self, fixture.folder, &access, &error));
    cr_expect_null(strstr(error->message, "canary"));
    expect_error(error, DB_ERROR_UNSUPPORTED, "sslpassword");
}

/* ---- MySQL and MariaDB ---- */

Test(client_mysql, a_client_with_the_option_file_comes_to_the_same_server)
{
    g_autoptr(Connection) self = open_plain();
    g_auto(ClientAccess) access = {0};
    struct stat status;
    give_access(self, &access);
    cr_assert_eq(stat(access.file, &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0600);
    g_autofree char *defaults = g_strconcat("--defaults-file=", access.file, NULL);
    g_autofree char *here = ask(self, "SELECT CONCAT(@@port, ' ', SUBSTRING_INDEX(CURRENT_USER(), '@', 1))");
    g_autofree char *said =
        program_says_of(&access, "mariadb", defaults, "-NBe",
                        "SELECT CONCAT(@@port, ' ', SUBSTRING_INDEX(CURRENT_USER(), '@', 1))");
    cr_expect_str_eq(said, here);
    expect_told(&access, "MYSQL_PWD", fixture.url->password);
}

Test(client_mysql, a_password_of_any_signs_arrives)
{
    static const char *const password = "a\"b\\c'd#e;f g%\\n\xC3\xA4=[x]";
    g_autofree char *user = g_strconcat(fixture.url->database, "_u", NULL);
    g_autofree char *make =
        g_strdup_printf("CREATE USER '%s' IDENTIFIED BY 'a\"b\\\\c''d#e;f g%%\\\\n\xC3\xA4=[x]'", user);
    g_autofree char *grant = g_strdup_printf("GRANT SELECT ON `%s`.* TO '%s'", fixture.url->database, user);
    g_autofree char *drop = g_strdup_printf("DROP USER '%s'", user);
    g_autoptr(Connection) admin = open_plain();
    run(admin, make);
    run(admin, grant);
    g_autoptr(DbUrl) url = url_at(NULL, NULL);
    fixture_set_part(&url->user, user);
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url, .password = password});
    g_auto(ClientAccess) access = {0};
    give_access(self, &access);
    g_autofree char *defaults = g_strconcat("--defaults-file=", access.file, NULL);
    g_autofree char *said = program_says_of(&access, "mariadb", defaults, "-NBe", "SELECT 'in'");
    cr_expect_str_eq(said, "in");
    run(admin, drop);
}

/* The words of both families are in it, and those of the one do not keep the other from working. */
Test(client_mysql, what_is_said_of_tls_is_kept)
{
    g_autofree char *authority = g_build_filename(g_getenv("DBFLEET_TEST_TLS"), "ca.pem", NULL);
    g_autoptr(DbUrl) url = url_at(NULL, NULL);
    add_parameter(url, "sslmode", "verify-full");
    add_parameter(url, "sslrootcert", authority);
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url});
    g_auto(ClientAccess) access = {0};
    give_access(self, &access);
    g_autofree char *defaults = g_strconcat("--defaults-file=", access.file, NULL);
    g_autofree char *said =
        program_says_of(&access, "mariadb", defaults, "-NBe", "SHOW STATUS LIKE 'Ssl_cipher'");
    cr_expect_gt(strlen(said), strlen("Ssl_cipher\t"));
    g_autofree char *text = NULL;
    cr_assert(g_file_get_contents(access.file, &text, NULL, NULL));
    cr_expect_not_null(
        strstr(text, "loose-ssl-mode=VERIFY_IDENTITY\n[client-mariadb]\nssl-verify-server-cert\n"));
    cr_expect_not_null(strstr(text, "ssl-ca=\"/"));
}

Test(client_mysql, a_file_that_is_there_already_is_not_written_over)
{
    g_autoptr(Connection) self = open_plain();
    g_auto(ClientAccess) access = {.environment = g_get_environ()};
    g_autofree char *path = g_build_filename(fixture.folder, "client.cnf", NULL);
    GError *error = NULL;
    cr_assert(g_file_set_contents(path, "other", -1, NULL));
    cr_assert_not(self->driver->client_access(self, fixture.folder, &access, &error));
    expect_error(error, DB_ERROR_STATEMENT, "cannot be written");
}

Test(client_mysql, dump_arguments_hold_no_secret_and_no_option_in_place_of_a_name)
{
    g_autoptr(Connection) self = open_plain();
    g_auto(ClientAccess) access = {0};
    give_access(self, &access);
    g_auto(GStrv) arguments = self->driver->dump_arguments(self, "mariadb-dump", &access, NULL, "/f");
    guint count = g_strv_length(arguments);
    g_autofree char *all = g_strjoinv(" ", arguments);
    cr_expect_null(strstr(all, fixture.url->password));
    cr_expect(g_str_has_prefix(arguments[1], "--defaults-file="));
    cr_expect_str_eq(arguments[count - 2], "--");
    cr_expect_str_eq(arguments[count - 1], fixture.url->database);
}
