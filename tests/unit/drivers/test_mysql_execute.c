/* Batches on MySQL and MariaDB beyond what every driver does: packets and how many results they give, sizes,
 * where a syntax error is, numbers of errors, and what stops a statement. */
#include "drivers/mysql/mysql_internal.h"
#include "mysql_fixture.h"

TestSuite(mysql_execute, .init = use_mysql, .fini = remove_database, .timeout = 120);

/* ---- Which statements may share a packet ---- */

#define BYTES_RECEIVED                                                                                       \
    "SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'Bytes_received'"

Test(mysql_execute, plain_statements_share_one_packet)
{
    g_autoptr(Connection) self = open_plain();
    g_auto(BatchResult) result = {0};
    g_autoptr(Batch) batch = BATCH(BYTES_RECEIVED, "SELECT 1", "CREATE TABLE t (a INT)",
                                   "INSERT INTO t VALUES (1)", BYTES_RECEIVED);
    cr_assert(connection_execute(self, batch, &result, NULL));
    cr_assert_str_eq(batch_result_value(&result, 0), batch_result_value(&result, 4));
}

Test(mysql_execute, terminators_and_comments_at_the_end_hide_no_statement)
{
    g_autoptr(Connection) self = open_plain();
    expect_values(self,
                  BATCH("SELECT 1 -- one", "SELECT 2 # two", "SELECT 3 --", "SELECT 4; ;", "SELECT '5;'"),
                  VALUES("1", "2", "3", "4", "5;"));
}

Test(mysql_execute, items_without_a_statement_count)
{
    g_autoptr(Connection) self = open_plain();
    expect_values(self, BATCH("", "SELECT 1", "-- nothing", " ;\n", "/* nothing */", "SELECT 2", ""),
                  VALUES(NULL, "1", NULL, NULL, NULL, "2", NULL));
}

Test(mysql_execute, versioned_comments_may_hold_a_statement_or_none)
{
    g_autoptr(Connection) self = open_plain();
    expect_values(self,
                  BATCH("SELECT 1", "/*!40101 SET @a = 7 */", "/*!999999 SELECT nothing */",
                        "/*M!100000 SELECT 3 */", "SELECT @a"),
                  VALUES("1", NULL, NULL, "3", "7"));
}

Test(mysql_execute, bodies_with_semicolons_need_no_delimiter)
{
    g_autoptr(Connection) self = open_plain();
    expect_values(self,
                  BATCH("CREATE TABLE t (a INT)",
                        "CREATE PROCEDURE p(n INT) BEGIN DECLARE i INT DEFAULT 0; WHILE i < n DO "
                        "INSERT INTO t VALUES (i); SET i = i + 1; END WHILE; END;",
                        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = NEW.a + 10; END",
                        "CALL p(3)", "SELECT SUM(a) FROM t"),
                  VALUES(NULL, NULL, NULL, NULL, "33"));
}

/* ---- What is waited for ---- */

/* Words that are expected and do not come cost a wait. */
Test(mysql_execute, words_are_expected_only_of_statements_that_always_have_them)
{
    g_autoptr(Connection) self = open_plain();
    const unsigned *told = ((MysqlConnection *)self)->told;
    expect_values(self,
                  BATCH("CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1), (2)",
                        "CREATE INDEX IF NOT EXISTS i ON t (a)", "ALTER TABLE t RENAME TO u", "DO 1"),
                  VALUES(NULL, NULL, NULL, NULL, NULL));
    cr_expect_eq(told[MYSQL_TOLD_UPDATE], 0);
    cr_expect_eq(told[MYSQL_TOLD_ALTER], 0);
    expect_values(self,
                  BATCH("UPDATE u SET a = a + 1", "UPDATE u SET a = 9 WHERE a = 2", "ALTER TABLE u ADD b INT",
                        "DROP INDEX i ON u"),
                  VALUES(NULL, NULL, NULL, NULL));
    cr_expect_eq(told[MYSQL_TOLD_UPDATE], 1 + strlen("Rows matched: 1  Changed: 1  Warnings: 0"));
    cr_expect_eq(told[MYSQL_TOLD_ALTER], 1 + strlen("Records: 0  Duplicates: 0  Warnings: 0"));
}

/* As long whatever it says. */
#define BYTES_SENT                                                                                           \
    "SELECT LPAD(variable_value, 9, '0') FROM information_schema.session_status "                            \
    "WHERE variable_name = 'Bytes_sent'"

/* How many bytes more than a bare OK the second item of the batch was answered with. */
static unsigned bytes_beyond_ok(Connection *self, const char *sql)
{
    gint64 sent[2];
    for (int i = 0; i < 2; i++) {
        g_auto(BatchResult) result = {0};
        g_autoptr(Batch) batch = BATCH(BYTES_SENT, i ? sql : "DO 1", BYTES_SENT);
        cr_assert(connection_execute(self, batch, &result, NULL));
        sent[i] = g_ascii_strtoll(batch_result_value(&result, 2), NULL, 10) -
                  g_ascii_strtoll(batch_result_value(&result, 0), NULL, 10);
    }
    return (unsigned)(sent[1] - sent[0]);
}

Test(mysql_execute, what_is_said_of_settings_that_are_put_back_is_known_to_the_byte)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Batch) restore = batch_new();
    const unsigned *told = ((MysqlConnection *)self)->told;
    connection_add_restore(self, restore);
    const char *const settings = batch_at(restore, 0)->sql, *const use = batch_at(restore, 2)->sql;
    unsigned by_settings = bytes_beyond_ok(self, settings), by_use = bytes_beyond_ok(self, use);
    cr_assert_gt(by_settings, 40);
    cr_expect_eq(told[MYSQL_TOLD_SETTINGS], by_settings);
    cr_assert_gt(by_use, 4);
    cr_expect_eq(told[MYSQL_TOLD_DATABASE], by_use);
}

/* What is awaited and does not come costs a wait, once. */
Test(mysql_execute, a_session_that_is_told_no_state_awaits_none)
{
    g_autoptr(Connection) self = open_plain();
    const unsigned *told = ((MysqlConnection *)self)->told;
    for (int i = 0; i < 2; i++) {
        g_autoptr(Batch) restore = batch_new();
        g_auto(BatchResult) result = {0};
        connection_add_restore(self, restore);
        cr_assert(connection_execute(self, restore, &result, NULL));
        cr_expect_eq(told[MYSQL_TOLD_SETTINGS] > 0, i == 0);
        cr_expect_eq(told[MYSQL_TOLD_DATABASE] > 0, i == 0);
        run(self, "SET session_track_system_variables = '', session_track_schema = 0");
    }
}

#define SEVERAL_RESULTS "CREATE PROCEDURE p() BEGIN SELECT 'a'; SELECT 'b'; SELECT 'c'; END"

Test(mysql_execute, a_call_with_several_results_shifts_no_count)
{
    g_autoptr(Connection) self = open_plain();
    expect_failed_item(self,
                       BATCH("CREATE TABLE t (a INT PRIMARY KEY)", SEVERAL_RESULTS,
                             "INSERT INTO t VALUES (1)", "CALL p()", "SELECT 5", "INSERT INTO t VALUES (1)",
                             "DROP TABLE t"),
                       5, DB_ERROR_STATEMENT, "1062");
    expect_value(self, "SELECT COUNT(*) FROM t", "1");
}

Test(mysql_execute, an_error_inside_a_call_is_the_calls)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = "
              "'no'; END");
    expect_failed_item(self, BATCH("SELECT 1", "CALL p()", "SELECT 2"), 1, DB_ERROR_STATEMENT, "1644");
}

Test(mysql_execute, prepared_and_compound_statements_shift_no_count)
{
    g_autoptr(Connection) self = open_plain();
    run(self, SEVERAL_RESULTS);
    expect_failed_item(
        self,
        BATCH("PREPARE s FROM 'CALL p()'", "EXECUTE s", "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END",
              "IF 1 THEN SELECT 1; SELECT 2; END IF", "SET STATEMENT max_statement_time = 1 FOR CALL p()",
              "EXECUTE IMMEDIATE 'CALL p()'", "(SELECT 'last')", "SELECT nosuch"),
        7, DB_ERROR_STATEMENT, "1054");
}

/* What is said to make one result goes with the others, and an error behind it finds its item. */
Test(mysql_execute, a_compound_statement_of_ours_shares_a_message)
{
    g_autoptr(Connection) self = open_plain();
    Batch *batch = batch_new();
    batch_take_own(batch, g_strdup("BEGIN NOT ATOMIC\nSET @a = 1;\nSET @b = 2;\nEND"));
    batch_take_own(batch, g_strdup("SET STATEMENT lock_wait_timeout = 0 FOR BEGIN NOT ATOMIC\n"
                                   "DECLARE EXIT HANDLER FOR SQLEXCEPTION SET @c = 3;\n"
                                   "SET @d = (SELECT nosuch FROM nowhere);\nEND"));
    batch_take(batch, g_strdup("SELECT @a + @b + @c"), true);
    batch_take(batch, g_strdup("SELECT nosuch"), true);
    g_autoptr(MysqlPacket) packet = mysql_packet_new(batch, 0, 65536);
    cr_expect_eq(packet->count, 4);
    expect_failed_item(self, batch, 3, DB_ERROR_STATEMENT, "1054");
}

Test(mysql_execute, two_statements_in_one_item_are_not_taken_for_one)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Batch) batch = BATCH("SELECT 1", "SELECT 2; SELECT 3", "SELECT 4");
    g_auto(BatchResult) result = {0};
    GError *error = NULL;
    cr_assert(!connection_execute(self, batch, &result, &error));
    expect_number(error, DB_ERROR_STATEMENT, NULL, "number of results");
    expect_value(self, "SELECT 5", "5");
}

Test(mysql_execute, begin_and_begin_work_open_a_transaction)
{
    g_autoptr(Connection) self = open_plain();
    run_batch(self, BATCH("BEGIN", "ROLLBACK", "BEGIN /* so */ WORK -- too", "SELECT 1"));
    cr_assert(self->driver->in_transaction(self));
}

/* ---- Names ---- */

Test(mysql_execute, names_may_have_any_letters)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE TABLE `таблица ä``x` (`spalte größe` VARCHAR(20)) DEFAULT CHARSET latin1");
    run(self, "INSERT INTO `таблица ä``x` VALUES ('Größe')");
    expect_value(self, "SELECT `spalte größe` FROM `таблица ä``x`", "Größe");
    expect_value(self, "SELECT HEX(`spalte größe`) FROM `таблица ä``x`", "4772F6DF65");
}

/* ---- Size ---- */

Test(mysql_execute, a_batch_may_exceed_max_allowed_packet)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Batch) batch = BATCH("CREATE TABLE t (a LONGTEXT)");
    g_autofree char *blob = g_strnfill(3 * 1024 * 1024, 'x');
    for (int i = 0; i < 8; i++)
        batch_take(batch, g_strdup_printf("INSERT INTO t VALUES ('%s')", blob), false);
    run_batch(self, g_steal_pointer(&batch));
    expect_value(self, "SELECT SUM(LENGTH(a)) FROM t", "25165824");
}

Test(mysql_execute, a_statement_that_is_too_large_is_refused_and_the_connection_lives)
{
    g_autoptr(Connection) self = open_plain();
    g_autofree char *limit = ask(self, "SELECT @@max_allowed_packet");
    g_autofree char *filler = g_strnfill(g_ascii_strtoull(limit, NULL, 10), ' ');
    g_autofree char *large = g_strdup_printf("SELECT%s1", filler);
    g_autofree char *fitting = g_strdup_printf("SELECT%s1", filler + 32);
    expect_failed_item(self, BATCH("SET @a = 1", large, "SET @a = 2"), 1, DB_ERROR_STATEMENT, "1153");
    expect_value(self, "SELECT @a", "1");
    cr_assert(connection_run(self, fitting, NULL)); /* Criterion stands no message of that size */
}

/* ---- Errors ---- */

Test(mysql_execute, an_error_after_the_first_rows_is_not_missed)
{
    g_autoptr(Connection) self = open_plain();
    g_auto(BatchResult) result = {0};
    GError *error = NULL;
    run(self, "CREATE TABLE t (a INT)");
    run(self, "INSERT INTO t VALUES (1), (2), (9000)");
    g_autoptr(Batch) batch = BATCH("SELECT 1", "SELECT EXP(a) FROM t ORDER BY a", "DROP TABLE t");
    cr_assert(!connection_execute(self, batch, &result, &error));
    cr_assert_eq(result.completed, 1);
    cr_assert_eq(db_error_detail(error)->item, 1);
    cr_assert_null(batch_result_rows(&result, 1));
    expect_number(error, DB_ERROR_STATEMENT, "1690", "out of range");
    expect_value(self, "SELECT COUNT(*) FROM t", "3");
}

/* `sql` with a mark ^ where the error is expected; without one the position is not known. */
static void expect_position(Connection *self, const char *sql)
{
    const char *mark = strchr(sql, '^');
    g_auto(GStrv) parts = g_strsplit(sql, "^", 2);
    g_autofree char *text = g_strjoinv("", parts);
    g_autoptr(Batch) batch = BATCH("SELECT 1", text, "SELECT 'after it'");
    g_auto(BatchResult) result = {0};
    g_autoptr(GError) error = NULL;
    cr_assert(!connection_execute(self, batch, &result, &error), "%s", text);
    cr_assert_eq(db_error_detail(error)->item, 1);
    cr_assert_eq(db_error_detail(error)->position, mark ? mark - sql : -1, "%s: %zd in %s", error->message,
                 db_error_detail(error)->position, text);
}

Test(mysql_execute, a_syntax_error_has_its_place)
{
    g_autoptr(Connection) self = open_plain();
    expect_position(self, "^SELEC 1");
    expect_position(self, "  \n\n ^SELEC 1");
    expect_position(self, "SELECT 'ä€🐘',\n  2 FRM ^t t2");
    expect_position(self, "SELECT 1 FROM (^");
    expect_position(self, "CREATE TABLE t (a INT,^)");
    expect_position(self, "SELECT 1 FRM ^t t2, t t2; ");
    expect_position(self, "SELECT 1 AS `near '' at line 9` ^FRM t t2");
}

Test(mysql_execute, other_errors_have_no_place)
{
    g_autoptr(Connection) self = open_plain();
    expect_position(self, "SELECT nosuch");
    expect_position(self, "SELECT * FROM nosuch");
    expect_position(self, "SELECT 'not closed");
}

#define LONG_TEXT                                                                                            \
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"

Test(mysql_execute, a_rest_that_the_server_cut_is_found_by_its_line)
{
    g_autoptr(Connection) self = open_plain();
    expect_position(self, "SELECT " LONG_TEXT " AS x,\n " LONG_TEXT " AS y\n ^x " LONG_TEXT " AS z");
    expect_position(self, "SELECT 1\nAS x ^'é" LONG_TEXT "\n, 'é" LONG_TEXT);
    expect_position(self, "SELECT 1 AS x 1 " LONG_TEXT " AS x, 1 " LONG_TEXT " AS x"); /* two places fit */
}

Test(mysql_execute, classes_of_errors)
{
    g_autoptr(Connection) self = open_plain();
    expect_failing(self, "SELEC 1", DB_ERROR_STATEMENT, "1064");
    expect_failing(self, "USE nosuch", DB_ERROR_UNDEFINED_TABLE, "1049");
    expect_failing(self, "DROP TABLE nosuch", DB_ERROR_UNDEFINED_TABLE, "1051");
    expect_failing(self, "CREATE TABLE nosuch.t (a INT)", DB_ERROR_UNDEFINED_TABLE, "1049");
    expect_failing(self, "SELECT EXP(9000)", DB_ERROR_STATEMENT, "1690");
    run(self, "SET max_heap_table_size = 16384");
    run(self, "CREATE TABLE m (a CHAR(250)) ENGINE = MEMORY");
    expect_failing(
        self,
        "INSERT INTO m WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) "
        "SELECT 'x' FROM n",
        DB_ERROR_DISK_FULL, "1114");
}

Test(mysql_execute, what_a_role_may_not_do_is_a_permission_error)
{
    g_autoptr(Connection) admin = open_plain();
    g_autofree char *user = g_strdup_printf("u%d", (int)getpid());
    g_autofree char *create = g_strdup_printf("CREATE USER %s", user);
    g_autofree char *grant =
        g_strdup_printf("GRANT SELECT, INSERT ON %s.* TO %s", fixture.url->database, user);
    g_autofree char *drop = g_strdup_printf("DROP USER %s", user);
    run(admin, "CREATE TABLE t (a INT)");
    run(admin, create);
    run(admin, grant);
    g_autofree char *text = g_strdup_printf("mysql://%s@%s:%s/%s", user, fixture.url->host, fixture.url->port,
                                            fixture.url->database);
    g_autoptr(Connection) self = open_at(text);
    run(admin, drop);
    expect_failing(self, "DROP TABLE t", DB_ERROR_PERMISSION, "1142");
    expect_failing(self, "CREATE DATABASE nosuch", DB_ERROR_PERMISSION, "1044");
    expect_failing(self, "SET GLOBAL read_only = 1", DB_ERROR_PERMISSION, "1227");
    expect_failing(self, "CALL nosuch()", DB_ERROR_PERMISSION, "1370");
}

Test(mysql_execute, local_files_are_not_sent)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE TABLE t (a TEXT)");
    expect_failing(self, "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE t", DB_ERROR_STATEMENT, "4166");
    expect_value(self, "SELECT COUNT(*) FROM t", "0");
}

/* ---- Version writes ---- */

Test(mysql_execute, a_version_check_is_told_from_other_overflows)
{
    g_autoptr(Connection) self = open_plain();
    run(self, "CREATE TABLE t (a INT)");
    expect_failed_item(
        self,
        BATCH("UPDATE t SET a = 1",
              "SET @dbfleet_moved = EXP(IF(ROW_COUNT() = 1, 0, 999 + LENGTH('" VERSION_STORE_MOVED "')))",
              "INSERT INTO t VALUES (1)"),
        1, DB_ERROR_HEADS_MOVED, "1690");
    expect_failed_item(self, BATCH("UPDATE t SET a = 1", "SELECT EXP(IF(ROW_COUNT() = 1, 0, 999))"), 1,
                       DB_ERROR_STATEMENT, "1690");
    expect_value(self, "SELECT COUNT(*) FROM t", "0");
}

/* ---- Waiting and stopping ---- */

Test(mysql_execute, waiting_for_a_metadata_lock_has_an_end)
{
    g_autoptr(Connection) holder = open_plain();
    g_autoptr(Connection) self = open_session((ConnectOptions){.lock_timeout_ms = 300});
    run_batch(holder, BATCH("CREATE TABLE t (a INT)", "BEGIN", "SELECT * FROM t"));
    gint64 start = g_get_monotonic_time();
    expect_failing(self, "ALTER TABLE t ADD COLUMN b INT", DB_ERROR_LOCK_TIMEOUT, "1205");
    cr_assert_leq(milliseconds_since(start), 60000);
}

Test(mysql_execute, deadlocks_have_a_class_and_end_the_transaction)
{
    g_autoptr(Connection) a = open_plain();
    g_autoptr(Connection) b = open_plain();
    g_autoptr(Connection) watcher = open_plain();
    run_batch(a, BATCH("CREATE TABLE t (i INT PRIMARY KEY, n INT)", "INSERT INTO t VALUES (1, 0), (2, 0)",
                       "BEGIN", "UPDATE t SET n = 1 WHERE i = 1"));
    run_batch(b, BATCH("BEGIN", "UPDATE t SET n = 2 WHERE i = 2"));
    Runner other;
    runner_start(&other, a, BATCH("UPDATE t SET n = 77 WHERE i = 2"));
    await_statement(watcher, "UPDATE t SET n = 77 WHERE i = 2");
    GError *error = NULL;
    bool ok = connection_run(b, "UPDATE t SET n = 2 WHERE i = 1", &error);
    GError *other_error = runner_wait(&other);
    Connection *loser = ok ? a : b;
    cr_assert(ok != other.ok);
    expect_number(ok ? other_error : error, DB_ERROR_DEADLOCK, "1213", "");
    cr_assert(!loser->driver->in_transaction(loser));
}

Test(mysql_execute, a_statement_of_any_kind_has_its_time)
{
    g_autoptr(Connection) self = open_session((ConnectOptions){.statement_timeout_ms = 300});
    gint64 start = g_get_monotonic_time();
    expect_failed_item(self, BATCH("SELECT 1", "SELECT SLEEP(120)", "SELECT 2"), 1, DB_ERROR_TIMEOUT, "1969");
    expect_failing(self, "CREATE TABLE t AS SELECT SLEEP(120)", DB_ERROR_TIMEOUT, "1969");
    cr_assert_leq(milliseconds_since(start), 100000);
}

Test(mysql_execute, what_follows_a_cancelled_statement_does_not_run)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Connection) watcher = open_plain();
    run(self, "CREATE TABLE t (a INT)");
    Runner runner;
    runner_start(&runner, self, BATCH("SELECT SLEEP(31)", "INSERT INTO t VALUES (1)", "CALL nosuch()"));
    await_statement(watcher, "SELECT SLEEP(31)%");
    connection_cancel(self);
    expect_number(runner_wait(&runner), DB_ERROR_CANCELLED, "1317", "");
    expect_value(self, "SELECT COUNT(*) FROM t", "0");
}

Test(mysql_execute, cancel_of_an_idle_connection_does_nothing)
{
    g_autoptr(Connection) self = open_plain();
    connection_cancel(self);
    expect_value(self, "SELECT 1", "1");
}

Test(mysql_execute, a_killed_query_was_not_cancelled_by_us)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Connection) watcher = open_plain();
    g_autofree char *id = ask(self, "SELECT CONNECTION_ID()");
    g_autofree char *kill_sql = g_strdup_printf("KILL QUERY %s", id);
    Runner runner;
    runner_start(&runner, self, BATCH("SELECT SLEEP(32)"));
    await_statement(watcher, "SELECT SLEEP(32)%");
    run(watcher, kill_sql);
    expect_number(runner_wait(&runner), DB_ERROR_STATEMENT, "1317", "interrupted");
}

/* What the driver knows of a transaction it cannot ask for when the connection is gone. */
Test(mysql_execute, a_lost_connection_has_no_transaction)
{
    g_autoptr(Connection) self = open_plain();
    g_autoptr(Connection) watcher = open_plain();
    g_autofree char *id = ask(self, "SELECT CONNECTION_ID()");
    g_autofree char *kill_sql = g_strdup_printf("KILL %s", id);
    Runner runner;
    runner_start(&runner, self, BATCH("BEGIN", "SELECT SLEEP(33)"));
    await_statement(watcher, "SELECT SLEEP(33)%");
    run(watcher, kill_sql);
    GError *error = runner_wait(&runner);
    cr_assert_eq(db_error_detail(error)->item, 1);
    expect_error(error, DB_ERROR_CONNECTION_LOST, "");
    cr_assert(!self->driver->in_transaction(self));
}

Test(mysql_execute, in_transaction_tells_the_truth_after_an_implicit_commit)
{
    g_autoptr(Connection) self = open_plain();
    expect_failed_item(self, BATCH("BEGIN", "CREATE TABLE t (a INT)", "SELEC"), 2, DB_ERROR_STATEMENT,
                       "1064");
    cr_assert(!self->driver->in_transaction(self));
    expect_failed_item(self, BATCH("BEGIN", "ALTER TABLE nosuch ADD a INT"), 1, DB_ERROR_UNDEFINED_TABLE,
                       "1146");
    cr_assert(!self->driver->in_transaction(self));
}
