/* Names of backups, and what retention lets go: exactly this target's, never the newest, nothing foreign. */
#include "run/job/backup_files.h"

#include <criterion/criterion.h>

#define NOW "20261122-164000-k3f9"
#define DAY_MS (24 * 60 * 60 * G_GINT64_CONSTANT(1000))

TestSuite(backup_files);

/* What goes, with blanks between. */
static char *expired(const char *target, const BackupSettings *settings, const char *const *names)
{
    g_auto(GStrv) gone = backup_files_expired(names, target, NOW, settings);
    return g_strjoinv(" ", gone);
}

#define expect_expired(target, settings, wanted, ...)                                                        \
    do {                                                                                                     \
        g_autofree char *gone =                                                                              \
            expired(target, &(const BackupSettings)settings, (const char *const[]){__VA_ARGS__, NULL});      \
        cr_expect_str_eq(gone, wanted);                                                                      \
    } while (0)

#define KEEP(count)                                                                                          \
    {                                                                                                        \
        .keep_count = count                                                                                  \
    }
#define KEEP_DAYS(days)                                                                                      \
    {                                                                                                        \
        .keep_ms = days * DAY_MS                                                                             \
    }
#define KEEP_ALL                                                                                             \
    {                                                                                                        \
        0                                                                                                    \
    }

Test(backup_files, names_lead_nowhere_else)
{
    static const char *const cases[][2] = {
        {"acme", "acme-" NOW ".dump"},       {"eu/1", "eu%2F1-" NOW ".dump"},
        {"../x", "%2E.%2Fx-" NOW ".dump"},   {".hidden", "%2Ehidden-" NOW ".dump"},
        {"a%2Fb", "a%252Fb-" NOW ".dump"},   {"m\xC3\xBCnchen", "m%C3%BCnchen-" NOW ".dump"},
        {"a_b.c-d", "a_b.c-d-" NOW ".dump"}, {"-rf", "-rf-" NOW ".dump"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = backup_file_name(cases[i][0], NOW, ".dump");
        cr_expect_str_eq(name, cases[i][1]);
    }
}

Test(backup_files, so_many_are_kept_the_new_one_among_them)
{
    expect_expired("a", KEEP(2), "a-20261120-000000-aaaa.db a-20261119-000000-aaaa.db",
                   "a-20261119-000000-aaaa.db", "a-" NOW ".db", "a-20261121-000000-aaaa.db",
                   "a-20261120-000000-aaaa.db");
    expect_expired("a", KEEP(1), "a-20261121-000000-aaaa.sql", "a-" NOW ".db", "a-20261121-000000-aaaa.sql");
    expect_expired("a", KEEP(1), "", "a-" NOW ".db");
    expect_expired("a", KEEP_ALL, "", "a-" NOW ".db", "a-20200101-000000-aaaa.db");
}

Test(backup_files, the_age_is_that_of_the_run)
{
    expect_expired("a", KEEP_DAYS(14), "a-20261108-163959-aaaa.dump", "a-20261108-163959-aaaa.dump",
                   "a-20261108-164000-aaaa.dump", "a-" NOW ".dump");
}

Test(backup_files, nothing_foreign_goes)
{
    expect_expired("a", KEEP(1), "", "a-20261119-000000-aaaa", "a-20261119-000000-aaaa.tar",
                   "a-20261119-000000-aaaa.db.bak", "A-20261119-000000-aaaa.db", "b-20261119-000000-aaaa.db",
                   "a-20261119-000000-aaaa-20261119-000000-aaaa.db", "a-b-20261119-000000-aaaa.db",
                   "xa-20261119-000000-aaaa.db", "a-20269999-000000-aaaa.db", "a-20261119-000000-AAAA.db",
                   "a-20261119-000000-aaaa.db\n", "a.db");
    expect_expired("a.b", KEEP(1), "", "axb-20261119-000000-aaaa.db");
    expect_expired("a(", KEEP(1), "a%28-20261119-000000-aaaa.db", "a%28-20261119-000000-aaaa.db");
}

Test(backup_files, what_a_dead_run_left_goes_after_a_day)
{
    expect_expired("a", KEEP_ALL, "a-20261121-163959-aaaa.db.partial", "a-20261121-163959-aaaa.db.partial",
                   "a-20261121-164001-aaaa.db.partial", "a-" NOW ".db.partial");
    expect_expired("a", KEEP(1), "", "a-20261122-160000-aaaa.db.partial", "a-" NOW ".db");
}
