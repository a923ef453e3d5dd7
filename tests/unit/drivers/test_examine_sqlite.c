/* What an examination finds in a SQLite file and around it. */
#include "examine_support.h"

#include <sys/stat.h>

static void use_sqlite(void)
{
    use_engine(ENGINE_SQLITE);
}

TestSuite(examine_sqlite, .init = use_sqlite, .fini = remove_database, .timeout = 120);

Test(examine_sqlite, a_plain_file_has_nothing_to_tell)
{
    g_autoptr(Examination) seen = examine();
    g_autofree char *all = all_of(seen);
    cr_assert_eq(seen->findings->len, 0, "%s", all);
}

Test(examine_sqlite, our_tables_without_a_key_or_with_columns_missing)
{
    g_autoptr(Connection) own = open_plain();
    run(own, "CREATE TABLE dbfleet_version (version_num varchar(64))");
    run(own, "CREATE TABLE dbfleet_version_history (SEQ int, run_id text)");
    g_autoptr(Examination) seen = examine();
    expect_found(seen, FINDING_WARNING, "version-table", "no primary key");
    expect_found(seen, FINDING_ERROR, "history", "lacks column step_id");
}

Test(examine_sqlite, foreign_keys_that_nobody_checks)
{
    g_autoptr(Connection) own = open_plain();
    run(own, "CREATE TABLE a (id integer primary key)");
    run(own, "CREATE TABLE b (a_id int references a (id))");
    g_autoptr(Examination) seen = examine();
    expect_found(seen, FINDING_NOTE, "foreign-keys", "b");
    g_autoptr(Examination) checked = examine_as(NULL, NULL, (ExamineOptions){.foreign_keys = true});
    expect_not_found(checked, "foreign-keys");
}

Test(examine_sqlite, files_and_folders_that_cannot_be_written)
{
    if (geteuid() == 0)
        cr_skip_test("root may write everything");
    g_autofree char *lock = g_strconcat(fixture.url->database, ".dbfleet-lock", NULL);
    g_file_set_contents(lock, "", 0, NULL);
    chmod(lock, 0444);
    chmod(fixture.url->database, 0444);
    chmod(fixture.folder, 0555);
    g_autoptr(Examination) seen = examine();
    chmod(fixture.folder, 0755);
    expect_found(seen, FINDING_ERROR, "privileges", "test.db cannot be written");
    expect_found(seen, FINDING_ERROR, "privileges", "folder ");
    expect_found(seen, FINDING_ERROR, "lock", "dbfleet-lock cannot be written");
}

Test(examine_sqlite, damage_is_found_by_a_deep_look_only)
{
    g_autoptr(Connection) own = open_plain();
    run(own, "CREATE TABLE t (a text)");
    run(own,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000) INSERT INTO t SELECT "
        "'row ' || i FROM n");
    connection_close(g_steal_pointer(&own));
    FILE *file = fopen(fixture.url->database, "r+b");
    cr_assert_not_null(file);
    fseek(file, 3 * 4096, SEEK_SET);
    for (int i = 0; i < 4096; i++)
        fputc(0xAA, file);
    fclose(file);
    g_autoptr(Examination) shallow = examine();
    expect_not_found(shallow, "integrity");
    g_autoptr(Examination) deep = examine_as(NULL, NULL, (ExamineOptions){.deep = true});
    cr_assert_not_null(find(deep, "integrity", ""));
}

Test(examine_sqlite, a_lock_file_left_by_a_dead_process_names_nobody)
{
    g_autofree char *lock = g_strconcat(fixture.url->database, ".dbfleet-lock", NULL);
    g_autofree char *dead = g_strdup_printf(
        "pid 4194303, application dbfleet 1, user me, on host %s, since x\n", g_get_host_name());
    g_autofree char *alive = g_strdup_printf("pid %d, application dbfleet 1, user me, on host %s, since x\n",
                                             (int)getpid(), g_get_host_name());
    g_autoptr(Connection) own = open_plain();
    g_file_set_contents(lock, dead, -1, NULL);
    g_autofree char *nobody = own->driver->lock_holder(own, "");
    cr_assert_null(nobody, "%s", nobody);
    g_file_set_contents(lock, alive, -1, NULL);
    g_autofree char *somebody = own->driver->lock_holder(own, "");
    cr_assert_not_null(somebody);
    g_file_set_contents(lock, "pid 4194303, application dbfleet 1, user me, on host elsewhere, since x\n", -1,
                        NULL);
    g_autofree char *elsewhere = own->driver->lock_holder(own, "");
    cr_assert_not_null(elsewhere, "a process of another machine cannot be known to be gone");
}
