/* What a section says of its journal, made once for all targets. */
#include "run/step/step_journal_internal.h"
#include <criterion/criterion.h>
#include <string.h>

TestSuite(journal_outline);

/* What is made once for all targets must be right for each of them. */
Test(journal_outline, is_shared_by_targets_with_the_same_version_table)
{
    static const char SQL[] = "create table a (n int);\ninsert into a values (1);\n";
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Script) script =
        script_split(SQL, strlen(SQL), DIALECT_MARIADB, (SourcePlace){.file = "test"}, problems);
    const VersionStore one = {DIALECT_MARIADB, "s1", "dbfleet_version"},
                       two = {DIALECT_MARIADB, "s2", "dbfleet_version"},
                       other = {DIALECT_MARIADB, "s1", "alembic_version"},
                       mysql = {DIALECT_MYSQL, "s1", "dbfleet_version"};
    const JournalOutline *outline = journal_outline_of(script, &one);
    cr_assert(outline);
    cr_expect_eq(journal_outline_of(script, &two), outline);
    cr_expect_null(journal_outline_of(script, &other));
    cr_expect_null(journal_outline_of(script, &mysql));
    for (guint i = 0; i < outline->groups->len; i++) {
        const JournalGroup *group = &g_array_index(outline->groups, JournalGroup, i);
        g_autofree char *hash = journal_statements_hash(script, group->first, group->count);
        cr_expect(group->wants_intent && strstr(group->evidence, hash), "%s", group->evidence);
    }
}
