/* What the tests of scratch databases share: a project whose dev servers are those of the environment
 * (tests/harness/servers starts them: DBFLEET_TEST_POSTGRES, DBFLEET_TEST_MYSQL), a folder of its own, and
 * one row for each dialect. */
#pragma once

#include "dev/dev_servers.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct DevDialect {
    const char *name;
    const char *key;         /* of dev: */
    Dialect dialect;         /* asked for */
    const char *environment; /* NULL: needs no server */
} DevDialect;

static const DevDialect dev_dialects[] = {
    {"sqlite", "sqlite", DIALECT_SQLITE, NULL},
    {"postgres", "postgres", DIALECT_POSTGRES, "DBFLEET_TEST_POSTGRES"},
    {"mariadb", "mariadb", DIALECT_MARIADB, "DBFLEET_TEST_MYSQL"},
};

/* The running test's own; every test is a process. */
typedef struct DevFixture {
    char *folder;
    Project *project;
    SecretStore *secrets;
    DevServers *servers;
} DevFixture;

static inline DevFixture *fixture_new(void)
{
    DevFixture *self = g_new0(DevFixture, 1);
    self->folder = g_dir_make_tmp("dbfleet-dev-test-XXXXXX", NULL);
    self->project = project_default(self->folder);
    g_setenv("XDG_CACHE_HOME", self->folder, TRUE);
    self->secrets = secret_store_new();
    for (gsize i = 0; i < G_N_ELEMENTS(dev_dialects); i++) {
        const DevDialect *row = &dev_dialects[i];
        const char *url = row->environment ? g_getenv(row->environment) : ":memory:";
        if (url)
            g_hash_table_insert(self->project->dev, g_strdup(row->key), g_strdup(url));
    }
    self->servers = dev_servers_new(self->project, self->secrets);
    return self;
}

static inline void remove_tree(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name = NULL; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *inside = g_build_filename(path, name, NULL);
        remove_tree(inside);
    }
    (void)g_remove(path);
}

static inline void fixture_free(DevFixture *self)
{
    dev_servers_free(self->servers);
    secret_store_free(self->secrets);
    project_free(self->project);
    remove_tree(self->folder);
    g_free(self->folder);
    g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DevFixture, fixture_free)

static inline bool can_run(const DevDialect *row)
{
    return !row->environment || g_getenv(row->environment);
}

static inline void expect_ok(bool ok, const GError *error, const char *what)
{
    cr_assert(ok, "%s: %s", what, error ? error->message : "no error");
}

/* Frees the error. */
static inline void expect_dev_error(GError *error, DevError code, const char *words)
{
    cr_assert_not_null(error, "no error");
    cr_assert_eq(error->domain, DEV_ERROR, "another domain: %s", error->message);
    cr_assert_eq(error->code, (int)code, "code %d: %s", error->code, error->message);
    cr_assert_not_null(strstr(error->message, words), "\"%s\" does not say \"%s\"", error->message, words);
    g_error_free(error);
}

static inline Scratch *new_scratch(DevFixture *f, const DevDialect *row, const ScratchLike *like)
{
    g_autoptr(GError) error = NULL;
    Scratch *scratch = scratch_new(f->servers, row->dialect, like, NULL, &error);
    expect_ok(scratch != NULL, error, row->name);
    return scratch;
}

/* The first value; caller frees. */
static inline char *ask(Connection *connection, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RowSet) rows = connection_query(connection, sql, &error);
    expect_ok(rows != NULL, error, sql);
    return rows->rows->len ? g_strdup(((char **)rows->rows->pdata[0])[0]) : NULL;
}

static inline void run(Connection *connection, const char *sql)
{
    g_autoptr(GError) error = NULL;
    expect_ok(connection_run(connection, sql, &error), error, sql);
}

static inline void expect_answer(Connection *connection, const char *sql, const char *answer)
{
    g_autofree char *got = ask(connection, sql);
    cr_expect_str_eq(got ? got : "(null)", answer, "%s: %s, not %s", sql, got ? got : "(null)", answer);
}

/* Writes a file into the fixture's folder, making folders; returns its path, which the caller frees. */
static inline char *write_file(const DevFixture *f, const char *name, const char *text)
{
    char *path = g_build_filename(f->folder, name, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    cr_assert_eq(g_mkdir_with_parents(folder, 0755), 0);
    cr_assert(g_file_set_contents(path, text, -1, NULL));
    return path;
}
