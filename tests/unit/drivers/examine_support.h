/* What the tests of examinations share: one of the test's database, and what must be found in it. */
#pragma once

#include "engine_fixture.h"

/* As `user` (NULL: the one of the server's URL) in a read-only session. */
static inline Examination *examine_as(const char *user, const char *password, ExamineOptions options)
{
    static const char *const columns[] = {"seq", "step_id", "run_id", NULL};
    g_autoptr(DbUrl) url = db_url_copy(fixture.url);
    if (user)
        fixture_set_part(&url->user, user);
    if (user)
        fixture_set_part(&url->password, password);
    g_autoptr(Connection) connection = open_session((ConnectOptions){
        .url = url, .read_only = true, .application_name = "dbfleet", .connect_timeout_ms = 10000});
    Examination *examination = examination_new();
    options.version_table = options.version_table ? options.version_table : "dbfleet_version";
    options.history_table = options.history_table ? options.history_table : "dbfleet_version_history";
    options.history_columns = columns;
    connection_examine(connection, &options, examination);
    return examination;
}

static inline Examination *examine(void)
{
    return examine_as(NULL, NULL, (ExamineOptions){.old_minutes = 5});
}

/* The first finding on the subject whose text holds `words`; NULL. */
static inline const Finding *find(const Examination *self, const char *subject, const char *words)
{
    for (guint i = 0; i < self->findings->len; i++) {
        const Finding *finding = self->findings->pdata[i];
        if (g_str_equal(finding->subject, subject) && strstr(finding->found, words))
            return finding;
    }
    return NULL;
}

static inline char *all_of(const Examination *self)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < self->findings->len; i++) {
        const Finding *finding = self->findings->pdata[i];
        g_string_append_printf(text, "%s %s: %s\n", finding_level_name(finding->level), finding->subject,
                               finding->found);
    }
    return g_string_free(text, FALSE);
}

static inline void expect_found(const Examination *self, FindingLevel level, const char *subject,
                                const char *words)
{
    const Finding *finding = find(self, subject, words);
    g_autofree char *all = all_of(self);
    cr_assert_not_null(finding, "no %s with \"%s\" in:\n%s", subject, words, all);
    cr_assert_eq(finding->level, level, "%s: %s", finding_level_name(finding->level), finding->found);
}

static inline void expect_not_found(const Examination *self, const char *subject)
{
    const Finding *finding = find(self, subject, "");
    cr_assert_null(finding, "%s: %s", subject, finding ? finding->found : "");
}
