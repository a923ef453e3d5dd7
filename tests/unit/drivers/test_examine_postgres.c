/* What an examination finds in a PostgreSQL database and its server. */
#include "examine_support.h"

static void use_postgres(void)
{
    use_engine(ENGINE_POSTGRES);
}

/* Roles are the whole server's: named after the database. */
static char *role(void)
{
    return g_strconcat(fixture.url->database, "_weak", NULL);
}

static void remove_all(void)
{
    g_autofree char *name = fixture.url ? role() : NULL;
    remove_database();
    if (!name)
        return;
    fixture.url = NULL;
    g_autoptr(DbUrl) admin = db_url_parse(g_getenv(engines[ENGINE_POSTGRES].environment), NULL);
    fixture.admin = admin;
    run_as_admin("DROP ROLE IF EXISTS ", name, "");
}

TestSuite(examine_postgres, .init = use_postgres, .fini = remove_all, .timeout = 120);

static char *make_role(void)
{
    char *name = role();
    run_as_admin("CREATE ROLE ", name, " LOGIN PASSWORD 'dbfleet-weak'");
    return name;
}

Test(examine_postgres, a_superuser_on_an_empty_database_lacks_nothing)
{
    g_autoptr(Examination) seen = examine();
    const char *const absent[] = {
        "privileges", "owner",    "version-table", "history", "invalid-index",        "read-only",
        "pooler",     "activity", "tls",           "server",  "prepared-transaction", "old-transaction"};
    for (gsize i = 0; i < G_N_ELEMENTS(absent); i++)
        expect_not_found(seen, absent[i]);
    cr_assert_gt(seen->connections_max, 10);
    cr_assert_lt(seen->connections_in_use, seen->connections_max);
    cr_assert_lt(ABS(seen->clock_us - g_get_real_time()), 60 * G_USEC_PER_SEC);
}

Test(examine_postgres, a_weak_role_may_create_nothing_and_see_nobody)
{
    g_autofree char *name = make_role();
    g_autoptr(Examination) seen = examine_as(name, "dbfleet-weak", (ExamineOptions){0});
    expect_found(seen, FINDING_ERROR, "privileges", "not even dbfleet's tables");
    cr_assert_not_null(strstr(find(seen, "privileges", "")->advice, "GRANT CREATE ON SCHEMA \"public\""));
    expect_found(seen, FINDING_NOTE, "activity", name);
    cr_assert(find(seen, "activity", "")->of_server);
}

Test(examine_postgres, rights_on_our_tables_and_owners_of_others_are_told)
{
    g_autofree char *name = make_role();
    g_autoptr(Connection) admin = open_plain();
    run(admin, "CREATE TABLE dbfleet_version (version_num varchar(64) PRIMARY KEY)");
    run(admin, "CREATE TABLE dbfleet_version_history (seq int, step_id text, run_id text)");
    run(admin, "GRANT SELECT ON dbfleet_version TO PUBLIC");
    g_autoptr(Examination) seen = examine_as(name, "dbfleet-weak", (ExamineOptions){0});
    expect_found(seen, FINDING_WARNING, "privileges", "revisions that make tables will fail");
    expect_found(seen, FINDING_ERROR, "privileges",
                 "INSERT/UPDATE/DELETE on dbfleet_version, SELECT/INSERT/UPDATE on dbfleet_version_history");
    expect_found(seen, FINDING_NOTE, "owner", "dbfleet_version, dbfleet_version_history");
}

Test(examine_postgres, a_role_s_own_limit_of_connections_is_the_nearer_one)
{
    g_autofree char *name = make_role();
    run_as_admin("ALTER ROLE ", name, " CONNECTION LIMIT 3");
    g_autoptr(Examination) seen = examine_as(name, "dbfleet-weak", (ExamineOptions){0});
    cr_assert_eq(seen->connections_max, 3);
    cr_assert_eq(seen->connections_in_use, 0, "our own session is not another's");
}

Test(examine_postgres, read_only_roles_and_durability_are_told)
{
    g_autofree char *name = make_role();
    run_as_admin("ALTER ROLE ", name, " SET default_transaction_read_only = on");
    run_as_admin("ALTER ROLE ", name, " SET lock_timeout = '7s'");
    g_autoptr(Examination) seen = examine_as(name, "dbfleet-weak", (ExamineOptions){0});
    expect_found(seen, FINDING_ERROR, "read-only", name);
    expect_found(seen, FINDING_NOTE, "lock-timeout", "to 7s;");
    g_autoptr(Examination) other = examine();
    expect_not_found(other, "read-only");
    expect_not_found(other, "lock-timeout");
}

Test(examine_postgres, the_lock_timeout_is_that_of_the_role_which_logs_in)
{
    g_autofree char *name = make_role();
    g_autofree char *worn = g_strconcat(name, "_worn", NULL);
    run_as_admin("CREATE ROLE ", worn, "");
    g_autofree char *grant = g_strconcat(worn, " TO ", name, NULL);
    run_as_admin("GRANT ", grant, "");
    g_autofree char *role = g_strconcat(name, " SET role = ", worn, NULL);
    run_as_admin("ALTER ROLE ", role, "");
    run_as_admin("ALTER ROLE ", worn, " SET lock_timeout = '9s'");
    run_as_admin("ALTER ROLE ", name, " SET lock_timeout = 2000");
    g_autoptr(Examination) seen = examine_as(name, "dbfleet-weak", (ExamineOptions){0});
    run_as_admin("ALTER ROLE ", name, " SET lock_timeout = '0s'");
    g_autoptr(Examination) none = examine_as(name, "dbfleet-weak", (ExamineOptions){0});
    run_as_admin("DROP ROLE ", worn, "");
    expect_found(seen, FINDING_NOTE, "lock-timeout", "to 2000 ms;");
    expect_not_found(none, "lock-timeout");
}

Test(examine_postgres, our_tables_without_a_key_or_with_columns_missing)
{
    g_autoptr(Connection) admin = open_plain();
    run(admin, "CREATE TABLE dbfleet_version (version_num varchar(64))");
    run(admin, "CREATE TABLE dbfleet_version_history (seq int, run_id text)");
    g_autoptr(Examination) seen = examine();
    expect_found(seen, FINDING_WARNING, "version-table", "no primary key");
    expect_found(seen, FINDING_ERROR, "history", "lacks column step_id");
}

Test(examine_postgres, an_index_that_was_not_finished_is_named)
{
    g_autoptr(Connection) admin = open_plain();
    run(admin, "CREATE TABLE t (a int)");
    run(admin, "INSERT INTO t VALUES (1), (1)");
    expect_failure(admin, "CREATE UNIQUE INDEX CONCURRENTLY t_once ON t (a)", DB_ERROR_STATEMENT);
    g_autoptr(Examination) seen = examine();
    expect_found(seen, FINDING_WARNING, "invalid-index", "t_once on t");
}

Test(examine_postgres, an_old_transaction_is_named_and_a_young_one_is_not)
{
    g_autoptr(Connection) young = open_plain();
    run(young, "BEGIN");
    run(young, "SELECT 1");
    g_autoptr(Examination) seen = examine();
    expect_not_found(seen, "old-transaction");
    g_autoptr(Examination) strict = examine_as(NULL, NULL, (ExamineOptions){.old_minutes = 0});
    expect_found(strict, FINDING_WARNING, "old-transaction",
                 "application dbfleet test-run, idle in transaction");
}

Test(examine_postgres, a_pooler_that_the_inventory_allows_is_told)
{
    const char *pooler = g_getenv("DBFLEET_TEST_POSTGRES_POOLER");
    if (!pooler)
        cr_skip_test("no pooler");
    g_autoptr(GError) error = NULL;
    g_autoptr(DbUrl) url = db_url_parse(pooler, &error);
    static const char *const columns[] = {NULL};
    const ExamineOptions options = {
        "dbfleet_version", "dbfleet_version_history", columns, 0, 5, false, false};
    g_autoptr(Connection) connection = open_session(
        (ConnectOptions){.url = url, .read_only = true, .pooler_session = true, .connect_timeout_ms = 10000});
    g_autoptr(Examination) seen = examination_new();
    connection_examine(connection, &options, seen);
    expect_found(seen, FINDING_WARNING, "pooler", "through a pooler");
}

Test(examine_postgres, a_standby_is_an_error)
{
    const char *standby = g_getenv("DBFLEET_TEST_POSTGRES_STANDBY");
    if (!standby)
        cr_skip_test("no standby");
    g_autoptr(GError) error = NULL;
    DbUrl *own = fixture.url;
    fixture.url = db_url_parse(standby, &error);
    g_autoptr(Examination) seen = examine();
    db_url_free(fixture.url);
    fixture.url = own;
    expect_found(seen, FINDING_ERROR, "read-only", "standby");
}
