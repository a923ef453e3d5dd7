/* What an examination finds in a MariaDB database and its server; what the lines of SHOW GRANTS give. */
#include "drivers/mysql/grants.h"
#include "examine_support.h"

static void use_mysql_server(void)
{
    use_engine(ENGINE_MYSQL);
}

static char *user(void)
{
    return g_strconcat(strrchr(fixture.url->database, '_') + 1, "_weak", NULL);
}

static void remove_all(void)
{
    g_autofree char *name = fixture.url && fixture.admin ? user() : NULL;
    if (name)
        run_as_admin("DROP USER IF EXISTS '", name, "'");
    remove_database();
}

TestSuite(examine_mysql, .init = use_mysql_server, .fini = remove_all, .timeout = 120);

static char *make_user(const char *grant)
{
    char *name = user();
    g_autofree char *sql = g_strdup_printf("GRANT %s ON `%s`.* TO '%s'", grant, fixture.url->database, name);
    run_as_admin("CREATE USER '", name, "' IDENTIFIED BY 'dbfleet-weak'");
    run_as_admin(sql, "", "");
    return name;
}

Test(examine_mysql, an_administrator_on_an_empty_database_lacks_nothing)
{
    g_autoptr(Examination) seen = examine();
    const char *const absent[] = {"privileges", "version-table", "history",  "engine", "read-only",
                                  "sql-mode",   "tls",           "activity", "server", "old-transaction"};
    for (gsize i = 0; i < G_N_ELEMENTS(absent); i++)
        expect_not_found(seen, absent[i]);
    expect_found(seen, FINDING_NOTE, "metadata-locks", "metadata_lock_info");
    cr_assert_gt(seen->connections_max, 10);
    cr_assert_lt(ABS(seen->clock_us - g_get_real_time()), 60 * G_USEC_PER_SEC);
}

Test(examine_mysql, what_a_weak_user_lacks_is_listed)
{
    g_autofree char *name = make_user("SELECT, INSERT, CREATE");
    g_autoptr(Examination) seen = examine_as(name, "dbfleet-weak", (ExamineOptions){0});
    expect_found(seen, FINDING_ERROR, "privileges", "lacks UPDATE, DELETE on database");
    expect_found(seen, FINDING_WARNING, "privileges", "lacks ALTER, DROP, INDEX on database");
    expect_found(seen, FINDING_NOTE, "activity", name);
}

Test(examine_mysql, what_a_user_has_on_the_database_is_not_missing)
{
    g_autofree char *name = make_user("ALL PRIVILEGES");
    g_autoptr(Examination) seen = examine_as(name, "dbfleet-weak", (ExamineOptions){0});
    expect_not_found(seen, "privileges");
}

Test(examine_mysql, tables_without_transactions_are_told)
{
    g_autoptr(Connection) admin = open_plain();
    run(admin, "CREATE TABLE old_log (n int) ENGINE=MyISAM");
    run(admin, "CREATE TABLE dbfleet_version (version_num varchar(64)) ENGINE=MyISAM");
    run(admin, "CREATE TABLE dbfleet_version_history (seq int, run_id int)");
    g_autoptr(Examination) seen = examine();
    expect_found(seen, FINDING_WARNING, "engine", "1 table is in an engine without transactions");
    expect_found(seen, FINDING_WARNING, "engine", "old_log (MyISAM)");
    expect_found(seen, FINDING_ERROR, "version-table", "dbfleet_version (MyISAM)");
    expect_found(seen, FINDING_WARNING, "version-table", "no primary key");
    expect_found(seen, FINDING_ERROR, "history", "step_id");
}

Test(examine_mysql, a_session_may_be_closed_while_a_long_statement_runs)
{
    g_autoptr(Examination) seen =
        examine_as(NULL, NULL, (ExamineOptions){.statement_timeout_ms = 40000 * 1000u});
    expect_found(seen, FINDING_NOTE, "wait-timeout", "28800 s");
    g_autoptr(Examination) brief = examine_as(NULL, NULL, (ExamineOptions){.statement_timeout_ms = 900000});
    expect_not_found(brief, "wait-timeout");
}

Test(examine_mysql, an_old_transaction_is_named_and_a_young_one_is_not)
{
    g_autoptr(Connection) young = open_plain();
    run(young, "CREATE TABLE t (a int)");
    run(young, "BEGIN");
    run(young, "INSERT INTO t VALUES (1)");
    g_usleep(1100000); /* its start is known in seconds */
    g_autoptr(Examination) seen = examine();
    expect_not_found(seen, "old-transaction");
    g_autoptr(Examination) strict = examine_as(NULL, NULL, (ExamineOptions){.old_minutes = 0});
    expect_found(strict, FINDING_WARNING, "old-transaction", "open since");
}

/* ---- Grants ---- */

TestSuite(grants);

static RowSet *grants_of(const char *const *lines)
{
    static const char *const names[] = {"Grants"};
    RowSet *rows = rowset_new(1, names);
    for (; *lines; lines++)
        rowset_add(rows, lines);
    return rows;
}

static void expect_missing(const char *line, const char *database, const char *expected)
{
    static const char *const wanted[] = {"SELECT", "CREATE", NULL};
    g_autoptr(RowSet) rows = grants_of((const char *const[]){"GRANT USAGE ON *.* TO `me`@`%`", line, NULL});
    g_autoptr(GPtrArray) missing = mysql_grants_missing(rows, database, wanted);
    g_autofree char *list = finding_names(missing, missing->len);
    cr_assert_str_eq(list, expected, "%s on %s: \"%s\", not \"%s\"", line, database, list, expected);
}

Test(grants, lines_of_show_grants)
{
    expect_missing("GRANT SELECT, CREATE ON `shop`.* TO `me`@`%`", "shop", "");
    expect_missing("GRANT SELECT, CREATE ON `shop`.* TO `me`@`%`", "shopping", "SELECT, CREATE");
    expect_missing("GRANT ALL PRIVILEGES ON *.* TO `me`@`%` WITH GRANT OPTION", "shop", "");
    expect_missing("GRANT SELECT ON `shop_%`.* TO `me`@`%`", "shop_12", "CREATE");
    expect_missing("GRANT SELECT ON `shop\\_1`.* TO `me`@`%`", "shopx1", "SELECT, CREATE");
    expect_missing("GRANT SELECT ON `shop\\_1`.* TO `me`@`%`", "shop_1", "CREATE");
    expect_missing("GRANT SELECT ON `a``b`.* TO `me`@`%`", "a`b", "CREATE");
    expect_missing("GRANT SELECT, CREATE ON `shop`.`orders` TO `me`@`%`", "shop", "SELECT, CREATE");
    expect_missing("GRANT CREATE VIEW, SELECT (id) ON `shop`.* TO `me`@`%`", "shop", "SELECT, CREATE");
    expect_missing("GRANT `role` TO `me`@`%`", "shop", "SELECT, CREATE");
    expect_missing("GRANT PROXY ON ''@'%' TO 'root'@'localhost'", "shop", "SELECT, CREATE");
}

Test(grants, global_ones)
{
    const char *const lines[] = {"GRANT SELECT, PROCESS ON *.* TO `me`@`%`",
                                 "GRANT INSERT ON `shop`.* TO `me`@`%`", NULL};
    g_autoptr(RowSet) rows = grants_of(lines);
    cr_assert(mysql_grants_global(rows, "PROCESS"));
    cr_assert(!mysql_grants_global(rows, "INSERT"));
}
