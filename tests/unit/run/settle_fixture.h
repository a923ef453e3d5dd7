/* For the tests of settling on real servers: dbfleet dies at a chosen item of what it sends. A driver around
 * the real one lets the first items through and then says that the connection is lost, so that the server
 * keeps just what it would keep. */
#pragma once

#include "../drivers/engine_fixture.h"
#include "../plan_fixture.h"
#include "run/probe.h"
#include "run/step/step_apply.h"

#define NEVER (-1)

typedef struct Crash {
    PlanFixture files;
    PlanPath *path;
    Driver driver; /* the real one, but for execute */
    const Driver *real;
    gint left;           /* items until the connection breaks; NEVER */
    const char *at;      /* … or at the first item that begins so … */
    gint behind;         /* … right before it (0), or behind it (1); NULL: not */
    const char *refused; /* a batch that begins so is; NULL */
    bool interrupts;     /* it is no break: the server says that this item was interrupted */
    bool broken;
    Connection *connection;
    TargetState *state;
    StepContext context;
    StepAttempt attempt;
    GHashTable *variables;
    GError *error;
} Crash;

static Crash *crash; /* for the driver's function; every test is a process */

static inline bool interrupt(GError **error)
{
    GError *interrupted = db_error_new(DB_ERROR_CANCELLED, "1317", "interrupted", NULL, NULL);
    db_error_set_place(interrupted, crash->left - crash->behind, -1);
    crash->left = NEVER;
    crash->interrupts = false;
    g_propagate_error(error, interrupted);
    return false;
}

static inline bool break_off(GError **error)
{
    if (crash->interrupts)
        return interrupt(error);
    crash->broken = true;
    g_propagate_error(error, db_error_new(DB_ERROR_CONNECTION_LOST, NULL, "cut", NULL, NULL));
    return false;
}

/* Sets how many items there are left, if what it is to break at is in this batch. */
static inline void look_for_place(const Batch *batch)
{
    for (gint i = 0; crash->at && i < (gint)batch_length(batch); i++) {
        if (!g_str_has_prefix(batch_at(batch, (unsigned)i)->sql, crash->at))
            continue;
        crash->left = i + crash->behind;
        crash->at = NULL;
    }
}

static inline bool crash_execute(Connection *self, const Batch *batch, BatchResult *result, GError **error)
{
    gint length = (gint)batch_length(batch);
    if (crash->broken)
        return break_off(error);
    look_for_place(batch);
    if (crash->refused && g_str_has_prefix(batch_at(batch, 0)->sql, crash->refused)) {
        g_propagate_error(error, db_error_new(DB_ERROR_CANCELLED, NULL, "cancelled", NULL, NULL));
        return false;
    }
    if (crash->left == NEVER || length <= crash->left) {
        crash->left -= crash->left == NEVER ? 0 : length;
        return crash->real->execute(self, batch, result, error);
    }
    g_autoptr(Batch) head = batch_new();
    for (gint i = 0; i < crash->left; i++)
        batch_add(head, batch_at(batch, (unsigned)i));
    return (crash->left == 0 || crash->real->execute(self, head, result, error)) && break_off(error);
}

static inline void crash_connect(Crash *self)
{
    connection_close(self->connection);
    self->connection = open_plain();
    self->real = self->connection->driver;
    self->driver = *self->real;
    self->driver.execute = crash_execute;
    self->connection->driver = &self->driver;
    self->broken = false;
    self->context = (StepContext){.connection = self->connection,
                                  .store = session_store(self->connection, "dbfleet_version"),
                                  .run_id = "run",
                                  .plan_digest = "digest",
                                  .applied_by = "me",
                                  .assume = self->context.assume,
                                  .variables = self->variables,
                                  .variable_references = self->variables};
}

/* The file's section is replaced: what was there before is what ran so far. */
static inline void crash_file(Crash *self, const char *sections)
{
    static const char *const base[] = {NULL}, *const goals[] = {"head", NULL};
    g_autofree char *text = g_strconcat("-- revision: aa\n-- revises: \n-- message: m\n\n", sections, NULL);
    const char *const texts[] = {text, NULL};
    step_attempt_clear(&self->attempt); /* it holds a script of the path's */
    g_clear_pointer(&self->path, plan_path_free);
    if (self->files.graph)
        plan_fixture_clear(&self->files);
    self->files = plan_fixture(texts);
    self->files.request.goals = goals;
    self->path =
        plan_path_new(self->files.graph, self->connection->server.dialect, base, &self->files.request, NULL);
    cr_assert_not_null(self->path);
}

static inline void crash_init(Crash *self, const char *sections)
{
    g_autoptr(GError) error = NULL;
    *self = (Crash){.left = NEVER, .state = target_state_new()};
    self->variables = g_hash_table_new(g_str_hash, g_str_equal);
    crash = self;
    crash_connect(self);
    expect_ok(probe_complete_tables(self->connection, &self->context.store, self->state, &error), error,
              "tables");
    crash_file(self, sections);
}

static inline void crash_clear(Crash *self)
{
    step_attempt_clear(&self->attempt);
    connection_close(self->connection);
    plan_path_free(self->path);
    plan_fixture_clear(&self->files);
    target_state_free(self->state);
    g_hash_table_unref(self->variables);
    g_clear_error(&self->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Crash, crash_clear)

/* An attempt as a new dbfleet makes it, that dies after so many items. */
static inline bool crash_attempt(Crash *self, gint left)
{
    g_autoptr(GError) error = NULL;
    g_clear_error(&self->error);
    step_attempt_clear(&self->attempt);
    self->left = NEVER;
    expect_ok(session_read_state(self->connection, &self->context.store, self->state, &error), error,
              "state");
    self->left = left;
    bool good = step_attempt_init(&self->attempt, &self->context, &self->path->steps->first[0], 1,
                                  target_state_unfinished(self->state), &self->error) &&
                step_apply(&self->attempt, &self->context, &self->error);
    self->left = NEVER;
    if (self->broken)
        crash_connect(self);
    return good;
}

/* Arguments of an assertion that holds are evaluated too. */
static inline const char *told(const Crash *self)
{
    return self->error ? self->error->message : "no error";
}

static inline void expect_finished(Crash *self)
{
    cr_assert(crash_attempt(self, NEVER), "%s\n%s", told(self),
              self->attempt.difference ? self->attempt.difference : "");
}

static inline void expect_undecidable(Crash *self, unsigned statement, const char *words)
{
    cr_assert_not(crash_attempt(self, NEVER), "went on");
    cr_assert(g_error_matches(self->error, STEP_ERROR, STEP_ERROR_UNDECIDABLE), "%s", told(self));
    cr_expect_not_null(strstr(told(self), words), "%s", told(self));
    cr_expect_eq(self->attempt.intent, statement, "statement %u", self->attempt.intent);
}

/* The row says it, so that plans and the next run know. */
static inline void expect_row(Crash *self, const char *state, unsigned done, unsigned intent)
{
    g_autofree char *wanted = g_strdup_printf("%s %u %u", state, done, intent);
    bool mysql = dialect_is_mysql_family(self->connection->server.dialect);
    expect_value(self->connection,
                 mysql
                     ? "select concat(state, ' ', statements_done, ' ', intent) from dbfleet_version_history"
                     : "select state || ' ' || statements_done || ' ' || intent from dbfleet_version_history",
                 wanted);
}

static inline void start_over(Crash *self)
{
    g_autoptr(GError) error = NULL;
    bool sqlite = self->connection->server.dialect == DIALECT_SQLITE;
    if (sqlite) {
        connection_close(g_steal_pointer(&self->connection));
        g_unlink(fixture.url->database);
        connection_close(open_session((ConnectOptions){.create = true}));
    } else if (self->connection->server.dialect == DIALECT_POSTGRES) {
        run(self->connection, "drop schema public cascade");
        run(self->connection, "create schema public");
    } else {
        g_autofree char *drop = g_strconcat("drop database ", fixture.url->database, NULL);
        g_autofree char *create = g_strconcat("create database ", fixture.url->database, NULL);
        run(self->connection, drop);
        run(self->connection, create);
    }
    target_state_free(self->state);
    self->state = target_state_new();
    crash_connect(self);
    expect_ok(probe_complete_tables(self->connection, &self->context.store, self->state, &error), error,
              "tables");
}

/* Dies right before (0) or behind (1) the statement that begins so. */
static inline void cut_at(Crash *self, const char *statement, gint behind)
{
    self->at = statement;
    self->behind = behind;
    cr_assert_not(crash_attempt(self, NEVER), "%s was not met", statement);
    cr_assert(g_error_matches(self->error, DB_ERROR, DB_ERROR_CONNECTION_LOST), "%s", told(self));
}

static inline void expect_riddle(const char *sections, const char *statement, unsigned number)
{
    for (gint behind = 0; behind < 2; behind++) {
        g_auto(Crash) self = {0};
        crash_init(&self, sections);
        start_over(&self);
        cut_at(&self, statement, behind);
        expect_row(&self, "running", number - 1, number);
        expect_undecidable(&self, number, "cannot be told");
        expect_row(&self, "failed", number - 1, number);
    }
}
