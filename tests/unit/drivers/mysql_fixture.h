/* What the tests of the MySQL driver share besides the engines' fixture: errors by their number, URLs with
 * parameters, and rows of a batch. */
#pragma once

#include "engine_fixture.h"

static inline void use_mysql(void)
{
    use_engine(ENGINE_MYSQL);
}

/* Frees the error. `number` NULL: it is not the server's. */
static inline void expect_number(GError *error, DbErrorClass error_class, const char *number,
                                 const char *words)
{
    cr_assert_not_null(error);
    cr_assert_eq(g_strcmp0(db_error_detail(error)->code, number), 0, "number %s: %s",
                 db_error_detail(error)->code, error->message);
    expect_error(error, error_class, words);
}

static inline void expect_failing(Connection *self, const char *sql, DbErrorClass error_class,
                                  const char *number)
{
    GError *error = NULL;
    cr_assert(!connection_run(self, sql, &error), "%s: no failure", sql);
    expect_number(error, error_class, number, "");
}

static inline Connection *open_text(const char *text, ConnectOptions options, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(DbUrl) url = db_url_parse(text, &problem);
    expect_ok(url != NULL, problem, text);
    options.url = url;
    options.connect_timeout_ms = options.connect_timeout_ms ? options.connect_timeout_ms : 10000;
    return try_open(options, error);
}

static inline Connection *open_at(const char *text)
{
    g_autoptr(GError) error = NULL;
    Connection *self = open_text(text, (ConnectOptions){0}, &error);
    expect_ok(self != NULL, error, text);
    return self;
}

static inline void expect_refusal(const char *text, DbErrorClass error_class, const char *number,
                                  const char *words)
{
    GError *error = NULL;
    cr_assert_null(open_text(text, (ConnectOptions){0}, &error), "%s was opened", text);
    expect_number(error, error_class, number, words);
}

/* The URL of the test's database by another name of its host (NULL: as it is) with these query parameters. */
static inline char *text_with(const char *host, const char *parameters)
{
    return g_strdup_printf("mysql://%s:%s@%s:%s/%s?%s", fixture.url->user, fixture.url->password,
                           host ? host : fixture.url->host, fixture.url->port, fixture.url->database,
                           parameters);
}

/* The batch fails at this item, after all before it. Frees the batch. */
static inline void expect_failed_item(Connection *self, Batch *batch, unsigned item, DbErrorClass error_class,
                                      const char *number)
{
    g_autoptr(Batch) owned = batch;
    g_auto(BatchResult) result = {0};
    GError *error = NULL;
    cr_assert(!connection_execute(self, owned, &result, &error));
    cr_assert_eq(db_error_detail(error)->item, (gssize)item, "item %zd: %s", db_error_detail(error)->item,
                 error->message);
    cr_assert_eq(result.completed, item);
    expect_number(error, error_class, number, "");
}

/* The batch succeeds and its items gave these values; NULL: that one is not looked at. Frees the batch. */
static inline void expect_values(Connection *self, Batch *batch, const char *const *values)
{
    g_autoptr(Batch) owned = batch;
    g_auto(BatchResult) result = {0};
    g_autoptr(GError) error = NULL;
    expect_ok(connection_execute(self, owned, &result, &error), error, "batch");
    cr_assert_eq(result.completed, batch_length(owned));
    for (unsigned i = 0; i < batch_length(owned); i++) {
        const char *value = batch_result_value(&result, i);
        cr_assert(!values[i] || g_strcmp0(value, values[i]) == 0, "item %u: %s, not %s", i, value, values[i]);
    }
}
#define VALUES(...) ((const char *const[]){__VA_ARGS__})

/* Until the server runs a statement like this one, in whatever database. */
static inline void await_statement(Connection *watcher, const char *like)
{
    g_autofree char *sql = g_strdup_printf("SELECT COUNT(*) FROM information_schema.processlist WHERE id <> "
                                           "CONNECTION_ID() AND info LIKE '%s'",
                                           like);
    for (int i = 0; i < 1000; i++) {
        g_autofree char *count = ask(watcher, sql);
        if (!g_str_equal(count, "0"))
            return;
        g_usleep(10000);
    }
    cr_assert_fail("no statement like %s", like);
}
