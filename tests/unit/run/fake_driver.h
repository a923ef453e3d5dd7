/* A driver without a database, for the tests of the step machinery: it remembers what it was sent, keeps what
 * a server would keep (DDL commits by itself where the driver has no transactional DDL), and goes wrong on
 * command. */
#pragma once

#include "../plan_fixture.h"
#include "drivers/version_store.h"
#include "run/step/step_apply.h"
#include "sql/template.h"

#include <stdio.h>

/* What is in the database. */
typedef struct FakeKept {
    GString *statements; /* of the user, in the order they took effect, each ended by a newline */
    unsigned version_writes;
    bool has_row; /* the history row of the step */
    char state[16];
    unsigned done;
    unsigned intent;
    char head_hash[65];
    char evidence[256];
} FakeKept;

typedef enum FakeFault {
    FAKE_REFUSES,       /* the server says no; a CALL and a DROP of several objects leave half their effect */
    FAKE_BREAKS_BEFORE, /* the connection breaks and the item was not run */
    FAKE_BREAKS_AFTER   /* it breaks before the answer; the server runs all it was sent */
} FakeFault;

typedef struct FakeServer {
    Driver driver;
    Dialect dialect;
    GPtrArray *batches; /* of char *: the items in brief, with "; " between */
    FakeKept kept;
    FakeKept pending; /* as the open transaction sees it */
    bool in_transaction;
    bool broken;
    /* what is to go wrong, once */
    const char *fault_on; /* the first item that matches this glob; NULL: by number */
    gint fault_at;        /* the item of this number, counted from 0 over all batches; -1: none */
    FakeFault fault;
    gint fault_then;          /* the connection breaks so many items after a refusal; -1: it does not */
    DbErrorClass fault_class; /* of FAKE_REFUSES */
    gssize fault_position;
    gint items;
    /* what SELECTs return: one row for items that match */
    const char *rows_on;
    const char *silent_on; /* glob of what is done but has no result set; NULL: nothing */
    char picture[128];     /* as the last SET left it */
} FakeServer;

typedef struct FakeConnection {
    Connection base;
    FakeServer *server;
} FakeConnection;

static inline void fake_copy(FakeKept *to, const FakeKept *from)
{
    GString *statements = to->statements;

    *to = *from;
    to->statements = g_string_assign(statements, from->statements->str);
}

static inline void fake_commit(FakeServer *self)
{
    fake_copy(&self->kept, &self->pending);
    self->in_transaction = false;
}

static inline void fake_rollback(FakeServer *self)
{
    fake_copy(&self->pending, &self->kept);
    self->in_transaction = false;
}

/* ---- What an item is ---- */

static inline bool fake_is(const char *sql, const char *word)
{
    return g_ascii_strncasecmp(sql, word, strlen(word)) == 0;
}

/* A picture names our tables to leave them out. */
static inline bool fake_computes(const char *sql)
{
    return fake_is(sql, "set @dbfleet") || fake_is(sql, "select pg_catalog.concat_ws");
}

static inline bool fake_is_history(const char *sql)
{
    return !fake_computes(sql) && strstr(sql, "dbfleet_version_history");
}

static inline bool fake_is_version(const char *sql)
{
    return !fake_computes(sql) && strstr(sql, "dbfleet_version") && !fake_is_history(sql);
}

static inline bool fake_is_guard(const char *sql)
{
    return strstr(sql, VERSION_STORE_MOVED) != NULL && (fake_is(sql, "select") || fake_is(sql, "set"));
}

static inline bool fake_opens(const char *sql)
{
    return fake_is(sql, "begin") || fake_is(sql, "start transaction");
}

static inline bool fake_is_ddl(const char *sql)
{
    return fake_is(sql, "create") || fake_is(sql, "drop") || fake_is(sql, "alter");
}

static inline bool fake_changes(const char *sql)
{
    return fake_is_ddl(sql) || fake_is(sql, "insert") || fake_is(sql, "update") || fake_is(sql, "delete") ||
           fake_is(sql, "call") || fake_is(sql, "copy");
}

/* An error of it leaves half of it behind. */
static inline bool fake_leaves_half(const FakeServer *self, const char *sql)
{
    bool several = fake_is(sql, "drop") && strchr(sql, ',');
    return fake_is(sql, "call") || (several && !(self->driver.features & DRIVER_TRANSACTIONAL_DDL));
}

/* The text between `before` and the next quote; "" if there is none. */
static inline char *fake_quoted(const char *sql, const char *before)
{
    const char *start = strstr(sql, before);
    if (!start)
        return g_strdup("");
    start += strlen(before);
    return g_strndup(start, strcspn(start, "'"));
}

/* "history running", "history running intent 1", "progress 1 intent 2", "finish failed 1", "resume": a write
 * of the history row. */
static inline char *fake_brief_history(const char *sql)
{
    unsigned done = 0, intent = 0;
    const char *progress = strstr(sql, "SET statements_done");
    g_autofree char *state = fake_quoted(sql, "state = '");

    if (fake_is(sql, "select"))
        return g_strdup("read step");
    if (fake_is(sql, "insert"))
        return g_strdup(!strstr(sql, "'running'") ? "history done"
                        : strstr(sql, "'sha256 ") ? "history running intent 1"
                                                  : "history running");
    if (strstr(sql, "statements_total = "))
        return g_strdup("resume");
    sscanf(progress, "SET statements_done = %u, intent = %u", &done, &intent);
    return *state ? g_strdup_printf("finish %s %u", state, done)
                  : g_strdup_printf("progress %u intent %u", done, intent);
}

static inline bool fake_is_picture(const char *sql);

/* NULL: not worth telling. */
static inline char *fake_brief(const char *sql)
{
    if (fake_is_picture(sql) && !fake_is_history(sql))
        return strstr(sql, "group_concat_max_len") || fake_is(sql, "begin not atomic")
                   ? NULL
                   : g_strdup(fake_is(sql, "set") ? "picture" : "now");
    if (fake_is_guard(sql))
        return g_strdup("guard");
    if (fake_is_history(sql))
        return fake_brief_history(sql);
    return g_strdup(fake_is_version(sql) ? "version" : sql);
}

/* ---- Pictures ---- */

static inline bool fake_is_picture(const char *sql)
{
    return strstr(sql, "@dbfleet_picture") || strstr(sql, "group_concat_max_len");
}

/* What the picture of a statement's objects is: a table that was dropped is absent, else how much was kept so
 * far. `sql` holds the line that says "absent". */
static inline void fake_picture(const FakeServer *self, const char *sql, char *picture, gsize size)
{
    g_autoptr(GRegex) line = g_regex_new("'table (\\w+): absent'", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_snprintf(picture, size, "kept %zu bytes", strlen(self->pending.statements->str));
    if (!g_regex_match(line, sql, 0, &match))
        return;
    g_autofree char *table = g_match_info_fetch(match, 1);
    g_autofree char *drop = g_strdup_printf("drop table %s\n", table);
    if (strstr(self->pending.statements->str, drop))
        g_snprintf(picture, size, "table %s: absent", table);
}

/* The evidence that an UPDATE of the history writes: its first line, and the picture where it has one. */
static inline void fake_write_evidence(FakeServer *self, const char *sql)
{
    char picture[128] = "";
    const char *line = strstr(sql, "'sha256 ");
    g_autofree char *first = line ? g_strndup(line + 1, strcspn(line + 1, "\n'")) : NULL;

    if (strstr(sql, "COALESCE(@dbfleet_picture"))
        g_strlcpy(picture, self->picture, sizeof picture);
    else if (strstr(sql, "COALESCE("))
        fake_picture(self, sql, picture, sizeof picture);
    if (line)
        g_snprintf(self->pending.evidence, sizeof self->pending.evidence, "%s\n%s", first, picture);
    else if (strstr(sql, "evidence = NULL"))
        *self->pending.evidence = '\0';
}

/* ---- What an item does ---- */

static inline void fake_write_history(FakeKept *row, const char *sql)
{
    const char *progress = strstr(sql, "SET statements_done");
    g_autofree char *state = fake_quoted(sql, "state = '");
    g_autofree char *hash = fake_quoted(sql, "head_hash = '");

    if (fake_is(sql, "select"))
        return;
    if (fake_is(sql, "insert")) {
        row->has_row = true;
        row->done = 0;
        row->intent = strstr(sql, "'sha256 ") != NULL; /* of the first statement */
        g_strlcpy(row->state, strstr(sql, "'running'") ? "running" : "done", sizeof row->state);
        return;
    }
    if (progress)
        sscanf(progress, "SET statements_done = %u, intent = %u", &row->done, &row->intent);
    else
        row->intent = 0;
    if (!progress)
        sscanf(strstr(sql, "SET statements_total"), "SET statements_total = %*u, statements_done = %u",
               &row->done);
    if (*state)
        g_strlcpy(row->state, state, sizeof row->state);
    if (*hash)
        g_strlcpy(row->head_hash, hash, sizeof row->head_hash);
}

static inline void fake_apply(FakeServer *self, const char *sql)
{
    if (fake_opens(sql)) {
        fake_commit(self);
        self->in_transaction = true;
    } else if (fake_is(sql, "commit")) {
        fake_commit(self);
    } else if (fake_is(sql, "rollback")) {
        fake_rollback(self);
    } else if (fake_is_history(sql)) {
        fake_write_history(&self->pending, sql);
        fake_write_evidence(self, sql);
    } else if (fake_is(sql, "set @dbfleet_picture")) {
        fake_picture(self, sql, self->picture, sizeof self->picture);
    } else if (fake_is_version(sql)) {
        self->pending.version_writes++;
    } else if (fake_changes(sql)) {
        g_string_append_printf(self->pending.statements, "%s\n", sql);
    }
    bool commits = fake_is_ddl(sql) && !(self->driver.features & DRIVER_TRANSACTIONAL_DDL);
    if (!self->in_transaction || commits)
        fake_commit(self);
}

static inline bool fake_goes_wrong(FakeServer *self, const char *sql)
{
    bool now = self->fault_on ? g_pattern_match_simple(self->fault_on, sql) : self->items == self->fault_at;

    self->items++;
    if (now) {
        self->fault_on = NULL;
        self->fault_at = -1;
    }
    return now;
}

static inline bool fake_break(FakeServer *self, gssize item, GError **error)
{
    GError *lost = db_error_new(DB_ERROR_CONNECTION_LOST, NULL, "server closed the connection", NULL, NULL);

    self->broken = true;
    fake_rollback(self);
    db_error_set_place(lost, item, -1);
    g_propagate_error(error, lost);
    return false;
}

static inline bool fake_fail(FakeServer *self, const Batch *batch, unsigned item, GError **error)
{
    const char *sql = batch_at(batch, item)->sql;
    g_autofree char *text = g_strndup(sql, batch_at(batch, item)->length);

    if (self->fault == FAKE_BREAKS_AFTER) {
        for (unsigned i = item; i < batch_length(batch); i++) {
            g_autofree char *rest = g_strndup(batch_at(batch, i)->sql, batch_at(batch, i)->length);
            fake_apply(self, rest);
        }
    }
    if (self->fault != FAKE_REFUSES)
        return fake_break(self, item, error);
    if (self->fault_then >= 0) {
        self->fault = FAKE_BREAKS_BEFORE;
        self->fault_at = self->items + self->fault_then;
        self->fault_then = -1;
    }
    if (fake_leaves_half(self, text)) {
        g_string_append_printf(self->pending.statements, "half of %s\n", text);
        fake_commit(self);
    }
    GError *refusal = db_error_new(self->fault_class, "1064", "the server said no", NULL, NULL);
    db_error_set_place(refusal, item, self->fault_position);
    g_propagate_error(error, refusal);
    return false;
}

/* ---- The driver's functions ---- */

static inline char *fake_batch_text(const Batch *batch)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < batch_length(batch); i++) {
        g_autofree char *sql = g_strndup(batch_at(batch, i)->sql, batch_at(batch, i)->length);
        g_autofree char *brief = fake_brief(sql);
        if (brief)
            g_string_append_printf(text, "%s%s", text->len ? "; " : "", brief);
    }
    return g_string_free(text, FALSE);
}

static inline bool fake_asks_for_evidence(const char *sql)
{
    return fake_is(sql, "select") &&
           (fake_is_history(sql) || fake_is_picture(sql) || strstr(sql, "pg_catalog.concat_ws") ||
            strstr(sql, "information_schema"));
}

/* As the server sends a picture. */
static inline void fake_hex(const char *text, char *hex, gsize size)
{
    for (*hex = '\0'; *text && size > 2; text++, hex += 2, size -= 2)
        g_snprintf(hex, size, "%02X", (unsigned char)*text);
}

/* The step's row, the picture now, or that every table has transactions. */
static inline RowSet *fake_evidence_rows(const FakeServer *self, const char *sql)
{
    const char *names[HISTORY_COLUMNS], *values[HISTORY_COLUMNS] = {0};
    char picture[128] = "", hex[257];

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        names[i] = "c";
    RowSet *rows = rowset_new(G_N_ELEMENTS(names), names);
    if (strstr(sql, "pg_catalog.concat_ws"))
        fake_picture(self, sql, picture, sizeof picture);
    fake_hex(strstr(sql, "@dbfleet_picture") ? self->picture : picture, hex, sizeof hex);
    values[0] = fake_is_history(sql) || !*hex ? NULL : hex;
    values[HISTORY_EVIDENCE] = *self->kept.evidence ? self->kept.evidence : NULL;
    rowset_add(rows, values);
    return rows;
}

static inline void fake_answer(const FakeServer *self, BatchResult *result, unsigned item, const char *sql)
{
    static const char *const names[] = {"id", "note"};
    static const char *const values[] = {"7", NULL};
    RowSet *rows = rowset_new(G_N_ELEMENTS(names), names);

    if (fake_asks_for_evidence(sql)) {
        rowset_free(rows);
        rows = fake_evidence_rows(self, sql);
    } else if (self->rows_on && g_pattern_match_simple(self->rows_on, sql))
        rowset_add(rows, values);
    batch_result_take(result, item, rows);
}

static inline bool fake_execute(Connection *base, const Batch *batch, BatchResult *result, GError **error)
{
    FakeServer *self = ((FakeConnection *)base)->server;

    g_ptr_array_add(self->batches, fake_batch_text(batch));
    if (self->broken)
        return fake_break(self, -1, error);
    for (unsigned i = 0; i < batch_length(batch); i++) {
        const BatchItem *item = batch_at(batch, i);
        g_autofree char *sql = g_strndup(item->sql, item->length);
        if (fake_goes_wrong(self, sql))
            return fake_fail(self, batch, i, error);
        fake_apply(self, sql);
        if (item->wants_rows && !(self->silent_on && g_pattern_match_simple(self->silent_on, sql)))
            fake_answer(self, result, i, sql);
        result->completed = i + 1;
    }
    return true;
}

static inline bool fake_in_transaction(Connection *base)
{
    return ((FakeConnection *)base)->server->in_transaction;
}

static inline void fake_add_restore(Connection *base, Batch *batch)
{
    (void)base;
    batch_take(batch, g_strdup("set restored"), false);
}

static inline FakeServer *fake_server_new(Dialect dialect)
{
    FakeServer *self = g_new0(FakeServer, 1);
    bool transactional = dialect_has_transactional_ddl(dialect);

    self->dialect = dialect;
    self->driver = (Driver){.name = "fake",
                            .begin = dialect == DIALECT_SQLITE ? "BEGIN IMMEDIATE" : "START TRANSACTION",
                            .execute = fake_execute,
                            .in_transaction = fake_in_transaction,
                            .add_restore = fake_add_restore,
                            .features = DRIVER_STOPS_AT_ERROR};
    if (transactional)
        self->driver.features |= DRIVER_TRANSACTIONAL_DDL;
    if (dialect == DIALECT_SQLITE)
        self->driver.features |= DRIVER_TABLE_REBUILD;
    self->batches = g_ptr_array_new_with_free_func(g_free);
    self->kept.statements = g_string_new(NULL);
    self->pending.statements = g_string_new(NULL);
    self->fault_at = self->fault_then = -1;
    self->fault_class = DB_ERROR_STATEMENT;
    self->fault_position = -1;
    return self;
}

static inline void fake_server_free(FakeServer *self)
{
    g_ptr_array_unref(self->batches);
    g_string_free(self->kept.statements, TRUE);
    g_string_free(self->pending.statements, TRUE);
    g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FakeServer, fake_server_free)

/* A new connection to a server that lost its last one. */
static inline void fake_reconnect(FakeServer *self)
{
    self->broken = self->in_transaction = false;
    self->fault_on = NULL;
    self->fault_at = -1;
    g_ptr_array_set_size(self->batches, 0);
}

/* All batches, with " | " between. */
static inline void expect_sent(const FakeServer *self, const char *wanted)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < self->batches->len; i++)
        g_string_append_printf(text, "%s%s", i ? " | " : "", (const char *)self->batches->pdata[i]);
    cr_expect_str_eq(text->str, wanted, "wanted: %s\nsent:   %s", wanted, text->str);
    g_string_free(text, TRUE);
}

/* ---- One step on it ---- */

typedef struct StepCase {
    PlanFixture files;
    PlanPath *path;
    FakeServer *server;
    FakeConnection connection;
    GHashTable *variables;
    StepContext context;
    StepAttempt attempt;
    HistoryEntry *unfinished;
    GError *error;
} StepCase;

/* The upgrade from base to head of one file with these sections. The result must not move: its context points
 * into it. */
static inline void step_case_init(StepCase *self, Dialect dialect, const char *sections)
{
    static const char *const base[] = {NULL}, *const goals[] = {"head", NULL};
    g_autofree char *text = g_strconcat("-- revision: aa\n-- revises: \n-- message: m\n\n", sections, NULL);
    const char *const texts[] = {text, NULL};

    *self = (StepCase){.files = plan_fixture(texts), .server = fake_server_new(dialect)};
    self->files.request.goals = goals;
    self->path = plan_path_new(self->files.graph, dialect, base, &self->files.request, &self->error);
    must(self->path, "%s", self->error ? self->error->message : "");
    self->connection = (FakeConnection){.base = {.driver = &self->server->driver}, .server = self->server};
    self->connection.base.server = (ServerInfo){.dialect = dialect, .identity = (char *)"fake"};
    self->variables = g_hash_table_new(g_str_hash, g_str_equal);
    self->context = (StepContext){.connection = &self->connection.base,
                                  .store = {dialect, "s", "dbfleet_version"},
                                  .run_id = "run",
                                  .plan_digest = "digest",
                                  .applied_by = "me",
                                  .variables = self->variables,
                                  .variable_references = self->variables};
}

static inline void step_case_clear(StepCase *self)
{
    step_attempt_clear(&self->attempt);
    plan_path_free(self->path);
    plan_fixture_clear(&self->files);
    fake_server_free(self->server);
    g_hash_table_unref(self->variables);
    history_entry_free(self->unfinished);
    g_clear_error(&self->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StepCase, step_case_clear)

static inline const PlanStep *step_of(const StepCase *self)
{
    return &self->path->steps->first[0];
}

static inline const Script *script_of(const StepCase *self)
{
    return fixture_script(step_of(self), self->context.store.dialect);
}

/* One attempt from the beginning, or from where the history row says. */
static inline bool step_case_run(StepCase *self)
{
    g_clear_error(&self->error);
    step_attempt_clear(&self->attempt);
    return step_attempt_init(&self->attempt, &self->context, step_of(self), 1, self->unfinished,
                             &self->error) &&
           step_apply(&self->attempt, &self->context, &self->error);
}

/* What a probe would read of the step's history row; NULL if there is none or it is done. */
static inline HistoryEntry *step_case_open_row(const StepCase *self)
{
    const FakeKept *row = &self->server->kept;
    if (!row->has_row || g_str_equal(row->state, "done"))
        return NULL;
    HistoryEntry *entry = history_entry_new();
    entry->step_id = g_strdup("run-0001");
    entry->revision = g_strdup("aa");
    entry->direction = g_strdup("up");
    entry->state = g_strdup(row->state);
    entry->head_hash = *row->head_hash ? g_strdup(row->head_hash) : NULL;
    entry->evidence = *row->evidence ? g_strdup(row->evidence) : NULL;
    entry->statements_done = row->done;
    entry->intent = row->intent;
    return entry;
}

static inline void expect_good(const StepCase *self, bool good)
{
    must(good, "%s", self->error ? self->error->message : "no error said");
}

static inline void expect_step_error(const StepCase *self, GQuark domain, gint code, const char *message)
{
    cr_assert_not_null(self->error);
    cr_expect(g_error_matches(self->error, domain, code), "%s", self->error->message);
    cr_expect(strstr(self->error->message, message), "wanted: %s\ntold: %s", message, self->error->message);
}
