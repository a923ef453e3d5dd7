/* What the conformance suites share: each test is written once and runs for every driver, as a test of
 * SUITE_postgres, SUITE_mysql and SUITE_sqlite. What a driver cannot do its feature bits say. */
#pragma once

#include "engine_fixture.h"

#define CONFORMANCE_SUITE(suite)                                                                             \
    TestSuite(suite##_postgres, .fini = remove_database, .timeout = 120);                                    \
    TestSuite(suite##_mysql, .fini = remove_database, .timeout = 120);                                       \
    TestSuite(suite##_sqlite, .fini = remove_database, .timeout = 120)

#define CONFORMANCE_TEST_ON(suite, engine, name)                                                             \
    Test(suite, name)                                                                                        \
    {                                                                                                        \
        use_engine(engine);                                                                                  \
        name();                                                                                              \
    }
#define SERVER_CONFORMANCE_TEST(suite, name)                                                                 \
    static void name(void);                                                                                  \
    CONFORMANCE_TEST_ON(suite##_postgres, ENGINE_POSTGRES, name)                                             \
    CONFORMANCE_TEST_ON(suite##_mysql, ENGINE_MYSQL, name)                                                   \
    static void name(void)
#define CONFORMANCE_TEST(suite, name)                                                                        \
    static void name(void);                                                                                  \
    CONFORMANCE_TEST_ON(suite##_sqlite, ENGINE_SQLITE, name)                                                 \
    SERVER_CONFORMANCE_TEST(suite, name)

/* Runs a batch that must fail; frees the batch. */
static inline GError *fail_batch(Connection *self, Batch *batch, BatchResult *result)
{
    g_autoptr(Batch) owned = batch;
    GError *error = NULL;
    cr_assert(!connection_execute(self, owned, result, &error), "no failure");
    cr_assert_eq(error->domain, DB_ERROR);
    return error;
}
