/* What only the PostgreSQL driver does with sessions: schemas, roles, settings, refusals, TLS. */
#include "engine_fixture.h"

static void use_postgres(void)
{
    use_engine(ENGINE_POSTGRES);
}

TestSuite(postgres, .init = use_postgres, .fini = remove_database, .timeout = 120);

static void expect_refused(ConnectOptions options, DbErrorClass error_class, const char *words)
{
    GError *error = NULL;
    options.connect_timeout_ms = options.connect_timeout_ms ? options.connect_timeout_ms : 10000;
    Connection *self = try_open(options, &error);
    cr_assert_null(self, "connected, not %s", db_error_class_name(error_class));
    expect_error(error, error_class, words);
}

static void add_parameter(DbUrl *url, const char *name, const char *value)
{
    DbUrlParameter parameter = {.name = g_strdup(name), .value = g_strdup(value)};
    g_array_append_val(url->parameters, parameter);
}

/* A variable of the environment that the servers' start prints. */
static const char *environment(const char *name)
{
    const char *value = g_getenv(name);
    cr_assert_not_null(value, "%s is not set: eval \"$(tests/harness/servers start DIR)\"", name);
    return value;
}

/* ---- Schemas ---- */

Test(postgres, a_missing_schema_is_named)
{
    expect_refused((ConnectOptions){.schema = "tenant 7"}, DB_ERROR_NO_DATABASE,
                   "schema \"tenant 7\" does not exist");
    expect_refused((ConnectOptions){.schema = "tenant 7", .create_schema = true, .read_only = true},
                   DB_ERROR_NO_DATABASE, "schema \"tenant 7\" does not exist");
}

Test(postgres, a_schema_is_made_and_worked_in)
{
    const char *name = "Mandant \"7\" ü";
    g_autoptr(Connection) self = open_session((ConnectOptions){.schema = name, .create_schema = true});
    cr_assert_str_eq(self->server.schema, name);
    run(self, "CREATE TABLE t (a int)");
    g_autoptr(Connection) again = open_session((ConnectOptions){.schema = name, .create_schema = true});
    expect_value(again, "SELECT count(*) FROM t", "0");
    g_autoptr(Connection) outside = open_plain();
    expect_failure(outside, "SELECT a FROM t", DB_ERROR_UNDEFINED_TABLE);
}

Test(postgres, nothing_of_other_schemas_is_seen_from_one)
{
    g_autoptr(Connection) outside = open_plain();
    run(outside, "CREATE TABLE public.t (a int)");
    g_autoptr(Connection) self = open_session((ConnectOptions){.schema = "tenant", .create_schema = true});
    expect_failure(self, "DROP TABLE t", DB_ERROR_UNDEFINED_TABLE);
}

Test(postgres, a_search_path_without_any_schema_is_refused)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "DROP SCHEMA public");
    expect_refused((ConnectOptions){0}, DB_ERROR_NO_DATABASE, "no schema of the search_path");
}

/* A role of this test's own, dropped with what it owns. */
static char *make_role(Connection *self, const char *attributes)
{
    char *role = g_strdup_printf("%s_role", fixture.url->database);
    g_autofree char *sql =
        g_strdup_printf("CREATE ROLE %s LOGIN PASSWORD 'dbfleet-test-password-role' %s", role, attributes);
    run(self, sql);
    return role;
}

static void run_with(Connection *self, const char *before, const char *name, const char *after)
{
    g_autofree char *sql = g_strconcat(before, name, after, NULL);
    run(self, sql);
}

static void drop_role(Connection *self, const char *role)
{
    run_with(self, "DROP OWNED BY ", role, "");
    run_with(self, "DROP ROLE ", role, "");
}

static DbUrl *url_as(const char *role)
{
    DbUrl *url = db_url_copy(fixture.url);
    fixture_set_part(&url->user, role);
    fixture_set_part(&url->password, "dbfleet-test-password-role");
    return url;
}

Test(postgres, a_schema_that_the_role_may_not_use_is_a_matter_of_permission)
{
    g_autoptr(Connection) admin = open_plain();
    run(admin, "CREATE SCHEMA closed");
    g_autofree char *role = make_role(admin, "");
    g_autoptr(DbUrl) url = url_as(role);
    expect_refused((ConnectOptions){.url = url, .schema = "closed"}, DB_ERROR_PERMISSION,
                   "may not use schema \"closed\"");
    expect_refused((ConnectOptions){.url = url, .schema = "none", .create_schema = true}, DB_ERROR_PERMISSION,
                   "");
    drop_role(admin, role);
}

Test(postgres, a_plain_role_sees_identity_and_lock_holder)
{
    g_autoptr(Connection) admin = open_plain();
    g_autofree char *role = make_role(admin, "");
    g_autoptr(DbUrl) url = url_as(role);
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url});
    cr_assert_str_eq(self->server.identity, admin->server.identity);
    cr_assert_str_eq(self->server.user, role);
    g_autofree char *key = lock_key(&admin->server, "v");
    g_autoptr(Batch) then = batch_new();
    g_auto(BatchResult) result = {0};
    bool held = false;
    cr_assert(admin->driver->try_lock(admin, key, then, &held, &result, NULL) && held);
    g_autofree char *holder = self->driver->lock_holder(self, key);
    cr_assert_not_null(strstr(holder, "application dbfleet test-run"), "%s", holder);
    connection_close(g_steal_pointer(&self));
    drop_role(admin, role);
}

Test(postgres, without_the_system_identifier_a_server_is_known_by_its_address)
{
    g_autoptr(Connection) admin = open_plain();
    run(admin, "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC");
    g_autofree char *role = make_role(admin, "");
    g_autoptr(DbUrl) url = url_as(role);
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url, .lock_timeout_ms = 1234});
    g_autofree char *address = g_strdup_printf("127.0.0.1:%s", url->port);
    cr_assert_str_eq(self->server.identity, address);
    expect_value(self, "SHOW lock_timeout", "1234ms");
    connection_close(g_steal_pointer(&self));
    drop_role(admin, role);
}

/* ---- Settings ---- */

Test(postgres, what_a_section_set_is_put_back)
{
    g_autoptr(Connection) self = open_session((ConnectOptions){.schema = "s",
                                                               .create_schema = true,
                                                               .lock_timeout_ms = 1500,
                                                               .statement_timeout_ms = 90000,
                                                               .application_name = "dbfleet run-1"});
    g_autofree char *user = ask(self, "SELECT current_user");
    run_batch(self, BATCH("SET lock_timeout = 0", "SET statement_timeout = 0", "SET search_path = public",
                          "SET application_name = 'x'", "SET standard_conforming_strings = off",
                          "SET ROLE dbfleet_cert", "SET work_mem = '1MB'"));
    g_autoptr(Batch) restore = batch_new();
    connection_add_restore(self, restore);
    run_batch(self, g_steal_pointer(&restore));
    expect_value(self, "SHOW lock_timeout", "1500ms");
    expect_value(self, "SHOW statement_timeout", "90s");
    expect_value(self, "SHOW search_path", "s");
    expect_value(self, "SHOW application_name", "dbfleet run-1");
    expect_value(self, "SHOW standard_conforming_strings", "on");
    expect_value(self, "SELECT current_setting('work_mem') <> '1MB'", "t");
    expect_value(self, "SELECT current_user", user);
}

/* Three RESETs: the session began with all else. */
#define USUAL_RESTORE 3
/* Where it could only be told by SET: keepalive of the socket and the two timeouts. */
#define RESTORE_BY_SET 8

static unsigned restored_count(Connection *self)
{
    g_autoptr(Batch) restore = batch_new();
    connection_add_restore(self, restore);
    unsigned count = batch_length(restore);
    run_batch(self, g_steal_pointer(&restore));
    return count;
}

Test(postgres, what_reset_gives_back_is_not_set_again)
{
    g_autoptr(Connection) self = open_plain();
    cr_assert_eq(restored_count(self), USUAL_RESTORE);
    expect_value(self, "SHOW client_encoding", "UTF8");
    expect_value(self, "SHOW application_name", "dbfleet test-run");
}

Test(postgres, what_the_database_has_otherwise_is_set_again)
{
    g_autoptr(Connection) admin = open_plain();
    g_autofree char *isolation = g_strdup_printf(
        "ALTER DATABASE %s SET default_transaction_isolation = 'serializable'", fixture.url->database);
    g_autofree char *strings =
        g_strdup_printf("ALTER DATABASE %s SET standard_conforming_strings = off", fixture.url->database);
    run(admin, isolation);
    run(admin, strings);
    g_autofree char *idle =
        g_strdup_printf("ALTER DATABASE %s SET idle_session_timeout = '1h'", fixture.url->database);
    run(admin, idle);
    g_autoptr(Connection) self = open_plain();
    cr_assert_eq(restored_count(self), USUAL_RESTORE + 1);
    expect_value(self, "SHOW default_transaction_isolation", "read committed");
    expect_value(self, "SHOW standard_conforming_strings", "on");
    expect_value(self, "SHOW idle_session_timeout", "0");
}

static void expect_settings(Connection *self)
{
    expect_value(self, "SHOW lock_timeout", "1500ms");
    expect_value(self, "SHOW statement_timeout", "90s");
    expect_value(self, "SHOW default_transaction_isolation", "read committed");
    expect_value(self, "SHOW idle_in_transaction_session_timeout", "0");
    expect_value(self, "SHOW tcp_keepalives_idle", "30");
    expect_value(self, "SHOW tcp_keepalives_count", "3");
}

Test(postgres, a_session_begins_with_its_settings_and_with_the_options_of_the_url)
{
    g_autoptr(DbUrl) url = db_url_copy(fixture.url);
    add_parameter(url, "options", "-c work_mem=1MB -c lock_timeout=1h");
    g_autoptr(Connection) self =
        open_session((ConnectOptions){.url = url, .lock_timeout_ms = 1500, .statement_timeout_ms = 90000});
    expect_settings(self);
    expect_value(self, "SHOW work_mem", "1MB");
    run(self, "RESET ALL");
    expect_settings(self);
    expect_value(self, "SHOW work_mem", "1MB");
}

Test(postgres, a_session_that_only_reads_is_put_back_to_one)
{
    g_autoptr(Connection) self = open_session((ConnectOptions){.read_only = true, .lock_timeout_ms = 1500});
    run(self, "SET default_transaction_read_only = off");
    run(self, "RESET ALL");
    cr_assert_eq(restored_count(self), USUAL_RESTORE + 1);
    expect_value(self, "SHOW transaction_read_only", "on");
    expect_value(self, "SHOW lock_timeout", "1500ms");
}

Test(postgres, options_of_the_environment_are_kept)
{
    g_setenv("PGOPTIONS", "-c work_mem=2MB", TRUE);
    g_autoptr(Connection) self =
        open_session((ConnectOptions){.lock_timeout_ms = 1500, .statement_timeout_ms = 90000});
    expect_settings(self);
    expect_value(self, "SHOW work_mem", "2MB");
}

/* What a backslash at the end, or "--", would do to options of ours behind it. */
Test(postgres, options_that_nothing_can_stand_behind_are_kept)
{
    static const char *const said[] = {"-c work_mem=2MB -c a.b=1\\", "-c work_mem=2MB -- "};
    for (gsize i = 0; i < G_N_ELEMENTS(said); i++) {
        g_setenv("PGOPTIONS", said[i], TRUE);
        g_autoptr(Connection) self =
            open_session((ConnectOptions){.lock_timeout_ms = 1500, .statement_timeout_ms = 90000});
        expect_settings(self);
        expect_value(self, "SHOW work_mem", "2MB");
        cr_assert_eq(restored_count(self), RESTORE_BY_SET);
        expect_settings(self);
    }
}

Test(postgres, empty_options_of_the_url_leave_those_of_the_environment)
{
    g_setenv("PGOPTIONS", "-c work_mem=2MB", TRUE);
    g_autoptr(DbUrl) url = db_url_copy(fixture.url);
    add_parameter(url, "options", "");
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url});
    expect_value(self, "SHOW work_mem", "2MB");
    cr_assert_eq(restored_count(self), USUAL_RESTORE);
}

Test(postgres, a_service_may_have_options_of_its_own)
{
    g_autofree char *path = NULL;
    int file = g_file_open_tmp("dbfleet-service-XXXXXX", &path, NULL);
    close(file);
    cr_assert(g_file_set_contents(path, "[here]\noptions=-c work_mem=3MB\n", -1, NULL));
    g_setenv("PGSERVICEFILE", path, TRUE);
    g_autoptr(DbUrl) url = db_url_copy(fixture.url);
    add_parameter(url, "service", "here");
    g_autoptr(Connection) self =
        open_session((ConnectOptions){.url = url, .lock_timeout_ms = 1500, .statement_timeout_ms = 90000});
    g_unlink(path);
    expect_settings(self);
    expect_value(self, "SHOW work_mem", "3MB");
    cr_assert_eq(restored_count(self), RESTORE_BY_SET);
    expect_settings(self);
}

Test(postgres, the_role_that_a_login_takes_on_is_taken_on_again)
{
    g_autoptr(Connection) admin = open_plain();
    g_autofree char *role = make_role(admin, "");
    run_with(admin, "GRANT dbfleet_cert TO ", role, "");
    run_with(admin, "ALTER ROLE ", role, " SET role = dbfleet_cert");
    g_autoptr(DbUrl) url = url_as(role);
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url});
    cr_assert_str_eq(self->server.user, "dbfleet_cert");
    run(self, "RESET SESSION AUTHORIZATION");
    g_autoptr(Batch) restore = batch_new();
    connection_add_restore(self, restore);
    run_batch(self, g_steal_pointer(&restore));
    expect_value(self, "SELECT current_user", "dbfleet_cert");
    connection_close(g_steal_pointer(&self));
    drop_role(admin, role);
}

Test(postgres, timeouts_of_the_role_do_not_end_our_sessions)
{
    g_autoptr(Connection) admin = open_plain();
    g_autofree char *role = make_role(admin, "");
    run_with(admin, "ALTER ROLE ", role, " SET idle_session_timeout = '100ms'");
    run_with(admin, "ALTER ROLE ", role, " SET default_transaction_isolation = 'serializable'");
    g_autoptr(DbUrl) url = url_as(role);
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url});
    g_usleep(300000);
    expect_value(self, "SHOW transaction_isolation", "read committed");
    connection_close(g_steal_pointer(&self));
    drop_role(admin, role);
}

Test(postgres, somebody_elses_cancel_is_no_timeout)
{
    g_autoptr(Connection) self = open_session((ConnectOptions){.statement_timeout_ms = 60000});
    g_autofree char *pid = ask(self, "SELECT pg_backend_pid()");
    g_autofree char *sql = g_strdup_printf("SELECT pg_sleep(0.3), pg_cancel_backend(%s)", pid);
    expect_failure(self, sql, DB_ERROR_CANCELLED);
}

/* ---- Servers that are refused ---- */

Test(postgres, a_standby_is_refused_by_name_and_may_be_read)
{
    g_autoptr(DbUrl) url = db_url_parse(environment("DBFLEET_TEST_POSTGRES_STANDBY"), NULL);
    expect_refused((ConnectOptions){.url = url}, DB_ERROR_READ_ONLY, "is a standby");
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url, .read_only = true});
    g_autoptr(Connection) primary = open_plain();
    cr_assert_str_eq(self->server.identity, primary->server.identity);
    expect_failure(self, "CREATE TABLE t (a int)", DB_ERROR_READ_ONLY);
    GError *refusal = NULL;
    cr_assert(!self->driver->promote(self, &refusal));
    expect_error(refusal, DB_ERROR_READ_ONLY, "is a standby");
}

Test(postgres, a_list_of_hosts_leads_to_the_one_that_can_be_written)
{
    g_autoptr(DbUrl) standby = db_url_parse(environment("DBFLEET_TEST_POSTGRES_STANDBY"), NULL);
    char silent_port[8], closed[8];
    int silent = silent_socket(silent_port);
    closed_port(closed);
    g_autofree char *ports = g_strjoin(",", closed, silent_port, standby->port, fixture.url->port, NULL);
    g_autoptr(DbUrl) url = url_at("127.0.0.1,127.0.0.1,127.0.0.1,127.0.0.1", ports);
    g_autoptr(DbUrl) none = url_at("127.0.0.1,127.0.0.1", "1,2");
    fixture_set_part(&url->database, "postgres"); /* the standby may not have the test's own yet */
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url, .connect_timeout_ms = 1000});
    expect_value(self, "SELECT pg_is_in_recovery()", "f");
    expect_refused((ConnectOptions){.url = none}, DB_ERROR_UNREACHABLE, "port 1 failed");
    expect_refused((ConnectOptions){.url = none}, DB_ERROR_UNREACHABLE, "port 2 failed");
    close(silent);
}

Test(postgres, what_the_last_of_several_addresses_said_counts)
{
    char closed[8];
    closed_port(closed);
    g_autofree char *ports = g_strjoin(",", closed, fixture.url->port, NULL);
    g_autoptr(DbUrl) url = url_at("a,b", ports);
    add_parameter(url, "hostaddr", "127.0.0.1,127.0.0.1");
    connection_close(open_session((ConnectOptions){.url = url}));
    expect_refused((ConnectOptions){.url = url, .password = "dbfleet-test-password-wrong"},
                   DB_ERROR_AUTHENTICATION, "password authentication failed");
}

Test(postgres, a_read_only_role_is_refused_by_name)
{
    g_autoptr(Connection) admin = open_plain();
    g_autofree char *role = make_role(admin, "");
    run_with(admin, "ALTER ROLE ", role, " SET default_transaction_read_only = on");
    g_autoptr(DbUrl) url = url_as(role);
    expect_refused((ConnectOptions){.url = url}, DB_ERROR_READ_ONLY, role);
    drop_role(admin, role);
}

Test(postgres, a_role_without_the_right_to_connect_is_an_authentication_error)
{
    g_autoptr(Connection) admin = open_plain();
    g_autofree char *role = make_role(admin, "");
    run_with(admin, "REVOKE CONNECT ON DATABASE ", fixture.url->database, " FROM PUBLIC");
    g_autoptr(DbUrl) url = url_as(role);
    GError *error = NULL;
    cr_assert_null(try_open((ConnectOptions){.url = url}, &error));
    cr_assert_str_eq(db_error_detail(error)->code, "42501");
    cr_assert_null(strstr(error->message, "LOCATION"));
    expect_error(error, DB_ERROR_AUTHENTICATION, "permission denied for database");
    drop_role(admin, role);
}

Test(postgres, too_many_connections_make_a_server_busy)
{
    g_autoptr(Connection) admin = open_plain();
    g_autofree char *role = make_role(admin, "CONNECTION LIMIT 0");
    g_autoptr(DbUrl) url = url_as(role);
    expect_refused((ConnectOptions){.url = url}, DB_ERROR_BUSY, "too many connections");
    drop_role(admin, role);
}

/* ---- Ways to connect ---- */

Test(postgres, a_unix_socket_is_a_host_parameter)
{
    g_autoptr(DbUrl) url = url_at("ignored.invalid", NULL);
    add_parameter(url, "host", environment("DBFLEET_TEST_POSTGRES_SOCKET"));
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url});
    expect_value(self, "SELECT inet_server_addr() IS NULL", "t");
}

static void write_file(const char *name, const char *text, char **path)
{
    *path = g_build_filename(fixture.folder, name, NULL);
    cr_assert(g_file_set_contents_full(*path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

Test(postgres, service_and_password_files_are_read)
{
    g_autofree char *services =
        g_strdup_printf("[fleet]\nhost=127.0.0.1\nport=%s\nuser=postgres\n", fixture.url->port);
    g_autofree char *passwords =
        g_strdup_printf("*:%s:*:postgres:%s\n", fixture.url->port, fixture.url->password);
    g_autofree char *service_file = NULL;
    g_autofree char *password_file = NULL;
    write_file("services", services, &service_file);
    write_file("passwords", passwords, &password_file);
    g_setenv("PGSERVICEFILE", service_file, TRUE);
    g_setenv("PGPASSFILE", password_file, TRUE);
    g_autofree char *text = g_strdup_printf("postgresql:///%s?service=fleet", fixture.url->database);
    g_autoptr(DbUrl) url = db_url_parse(text, NULL);
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url});
    expect_value(self, "SELECT current_user", "postgres");
    expect_value(self, "SELECT current_database()", fixture.url->database);
}

Test(postgres, a_missing_password_is_an_authentication_error)
{
    g_unsetenv("PGPASSWORD");
    g_setenv("PGPASSFILE", "/nonexistent", TRUE);
    g_autoptr(DbUrl) url = db_url_copy(fixture.url);
    g_clear_pointer(&url->password, g_free);
    expect_refused((ConnectOptions){.url = url}, DB_ERROR_AUTHENTICATION, "password");
}

Test(postgres, another_client_encoding_is_refused)
{
    g_autoptr(DbUrl) latin = db_url_copy(fixture.url);
    add_parameter(latin, "client_encoding", "LATIN1");
    expect_refused((ConnectOptions){.url = latin}, DB_ERROR_UNSUPPORTED, "LATIN1");
    g_autoptr(DbUrl) same = db_url_copy(fixture.url);
    add_parameter(same, "client_encoding", "utf8");
    connection_close(open_session((ConnectOptions){.url = same}));
}

Test(postgres, the_urls_own_connect_timeout_counts_too)
{
    char port[8];
    int silent = silent_socket(port);
    g_autoptr(DbUrl) url = url_at(NULL, port);
    add_parameter(url, "connect_timeout", "1");
    gint64 start = g_get_monotonic_time();
    expect_refused((ConnectOptions){.url = url, .connect_timeout_ms = 60000}, DB_ERROR_UNREACHABLE,
                   "timed out");
    cr_assert_leq(milliseconds_since(start), 30000);
    close(silent);
}

static DbUrl *tls_url(const char *mode, const char *root)
{
    DbUrl *url = db_url_copy(fixture.url);
    g_autofree char *path = g_build_filename(environment("DBFLEET_TEST_TLS"), root, NULL);
    add_parameter(url, "sslmode", mode);
    add_parameter(url, "sslrootcert", path);
    return url;
}

Test(postgres, tls_verifies_the_server)
{
    g_autoptr(DbUrl) good = tls_url("verify-full", "ca.pem");
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = good});
    expect_value(self, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", "t");
    g_autoptr(DbUrl) other = tls_url("verify-full", "other-ca.pem");
    expect_refused((ConnectOptions){.url = other}, DB_ERROR_UNREACHABLE, "certificate verify failed");
}

Test(postgres, a_client_certificate_is_shown)
{
    g_autoptr(DbUrl) url = tls_url("verify-full", "ca.pem");
    fixture_set_part(&url->user, "dbfleet_cert");
    g_clear_pointer(&url->password, g_free);
    expect_refused((ConnectOptions){.url = url}, DB_ERROR_AUTHENTICATION, "certificate");
    g_autofree char *certificate = g_build_filename(environment("DBFLEET_TEST_TLS"), "client.pem", NULL);
    g_autofree char *key = g_build_filename(environment("DBFLEET_TEST_TLS"), "client.key", NULL);
    add_parameter(url, "sslcert", certificate);
    add_parameter(url, "sslkey", key);
    g_autoptr(Connection) self = open_session((ConnectOptions){.url = url});
    expect_value(self, "SELECT current_user", "dbfleet_cert");
}
