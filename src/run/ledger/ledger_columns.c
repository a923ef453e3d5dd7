/* Ledger columns: which field of a result stands in which column, as tables; and rows in and out by them. A
 * new field of a result is a line here and a revision in ledger_schema.c. Refuses to send anything. Main
 * thread. */
#include "base/digits.h"
#include "base/intern.h"
#include "run/ledger/ledger_internal.h"

#define STATEMENT_BYTES 200000
#define ROWS_AT_ONCE 8 /* where they are bound, if there are as many */

/* ---- Tables ---- */

#define COLUMN(type, name, kind, member)                                                                     \
    {                                                                                                        \
        name, kind, offsetof(type, member)                                                                   \
    }

static const LedgerColumn run_columns[] = {
    COLUMN(RunResult, "command", LEDGER_TEXT, command),
    COLUMN(RunResult, "of_run", LEDGER_TEXT, of_run),
    COLUMN(RunResult, "plan_file", LEDGER_TEXT, plan_file),
    COLUMN(RunResult, "goal", LEDGER_TEXT, goal),
    COLUMN(RunResult, "track", LEDGER_TEXT, track),
    COLUMN(RunResult, "selector", LEDGER_TEXT, selector),
    COLUMN(RunResult, "operator", LEDGER_TEXT, operator_name),
    COLUMN(RunResult, "host", LEDGER_TEXT, host),
    COLUMN(RunResult, "process", LEDGER_TEXT, process),
    COLUMN(RunResult, "plan_digest", LEDGER_TEXT, plan_digest),
    COLUMN(RunResult, "versions_commit", LEDGER_TEXT, versions_commit),
    COLUMN(RunResult, "dbfleet_version", LEDGER_TEXT, dbfleet_version),
    COLUMN(RunResult, "jobs", LEDGER_COUNT, jobs),
    COLUMN(RunResult, "per_host", LEDGER_COUNT, per_host),
    COLUMN(RunResult, "max_failures", LEDGER_TEXT, max_failures),
    COLUMN(RunResult, "max_unreachable", LEDGER_TEXT, max_unreachable),
    COLUMN(RunResult, "on_halt", LEDGER_TEXT, on_halt),
    COLUMN(RunResult, "on_failure", LEDGER_TEXT, on_failure),
    COLUMN(RunResult, "allow_edited", LEDGER_FLAG, allow_edited),
    COLUMN(RunResult, "purge", LEDGER_FLAG, purge),
    COLUMN(RunResult, "approved_by", LEDGER_LIST, approved_by),
    COLUMN(RunResult, "variables", LEDGER_LIST, variables),
    COLUMN(RunResult, "started_us", LEDGER_NUMBER, started_us),
    COLUMN(RunResult, "heartbeat_us", LEDGER_NUMBER, heartbeat_us),
    COLUMN(RunResult, "finished_us", LEDGER_NUMBER, finished_us),
    COLUMN(RunResult, "estimate_us", LEDGER_NUMBER, estimate_us),
    COLUMN(RunResult, "paused_by", LEDGER_TEXT, paused_by),
    COLUMN(RunResult, "halt_reason", LEDGER_TEXT, halt_reason),
    COLUMN(RunResult, "interrupted", LEDGER_FLAG, interrupted),
};

static const LedgerColumn target_columns[] = {
    COLUMN(TargetResult, "name", LEDGER_TEXT, name),
    COLUMN(TargetResult, "group_name", LEDGER_NAME, group),
    COLUMN(TargetResult, "server", LEDGER_TEXT, server),
    COLUMN(TargetResult, "dialect", LEDGER_NAME, dialect),
    COLUMN(TargetResult, "server_version", LEDGER_NAME, server_version),
    COLUMN(TargetResult, "outcome", LEDGER_OUTCOME, outcome),
    COLUMN(TargetResult, "reason", LEDGER_TEXT, reason),
    COLUMN(TargetResult, "rows_before", LEDGER_LIST, rows_before),
    COLUMN(TargetResult, "rows_after", LEDGER_LIST, rows_after),
    COLUMN(TargetResult, "rows_goal", LEDGER_LIST, rows_goal),
    COLUMN(TargetResult, "steps_planned", LEDGER_COUNT, steps_planned),
    COLUMN(TargetResult, "path", LEDGER_NAME, path),
    COLUMN(TargetResult, "backup", LEDGER_TEXT, backup),
    COLUMN(TargetResult, "wave", LEDGER_COUNT, wave),
    COLUMN(TargetResult, "worker", LEDGER_COUNT, worker),
    COLUMN(TargetResult, "started_us", LEDGER_NUMBER, started_us),
    COLUMN(TargetResult, "duration_us", LEDGER_NUMBER, duration_us),
};

static const LedgerColumn failure_columns[] = {
    COLUMN(Failure, "error_class", LEDGER_TEXT, error_class),
    COLUMN(Failure, "code", LEDGER_TEXT, code),
    COLUMN(Failure, "message", LEDGER_TEXT, message),
    COLUMN(Failure, "detail", LEDGER_TEXT, detail),
    COLUMN(Failure, "hint", LEDGER_TEXT, hint),
    COLUMN(Failure, "revision", LEDGER_TEXT, revision),
    COLUMN(Failure, "direction", LEDGER_TEXT, direction),
    COLUMN(Failure, "file", LEDGER_TEXT, file),
    COLUMN(Failure, "line", LEDGER_COUNT, line),
    COLUMN(Failure, "column_number", LEDGER_COUNT, column),
    COLUMN(Failure, "statement", LEDGER_COUNT, statement),
    COLUMN(Failure, "sql", LEDGER_TEXT, sql),
    COLUMN(Failure, "excerpt", LEDGER_TEXT, excerpt),
    COLUMN(Failure, "blocker", LEDGER_TEXT, blocker),
    COLUMN(Failure, "difference", LEDGER_TEXT, difference),
};

static const LedgerColumn step_columns[] = {
    COLUMN(StepResult, "step_run", LEDGER_NAME, id_stem),
    COLUMN(StepResult, "step_number", LEDGER_COUNT, id_number),
    COLUMN(StepResult, "revision", LEDGER_NAME, revision),
    COLUMN(StepResult, "message", LEDGER_NAME, message),
    {"direction", LEDGER_STEP_DIRECTION, 0},
    {"state", LEDGER_STEP_STATE, 0},
    COLUMN(StepResult, "started_us", LEDGER_NUMBER, started_us),
    COLUMN(StepResult, "duration_us", LEDGER_NUMBER, duration_us),
    COLUMN(StepResult, "statements_total", LEDGER_COUNT, statements_total),
    COLUMN(StepResult, "statements_done", LEDGER_COUNT, statements_done),
    COLUMN(StepResult, "tries", LEDGER_TRIES, tries),
    COLUMN(StepResult, "event_number", LEDGER_COUNT, event_number),
};

static const LedgerColumn path_columns[] = {
    COLUMN(RunPath, "dialect", LEDGER_TEXT, dialect),
};

static const LedgerColumn path_step_columns[] = {
    COLUMN(RunPathStep, "revision", LEDGER_NAME, revision),
    COLUMN(RunPathStep, "direction", LEDGER_NAME, direction),
    COLUMN(RunPathStep, "checksum", LEDGER_NAME, checksum),
};

static const LedgerColumn event_columns[] = {
    COLUMN(RunEvent, "time_us", LEDGER_NUMBER, time_us),
    COLUMN(RunEvent, "kind", LEDGER_NAME, kind),
    COLUMN(RunEvent, "target", LEDGER_NAME, target),
    COLUMN(RunEvent, "text", LEDGER_TEXT, text),
};

static const LedgerColumn wave_columns[] = {
    COLUMN(WaveResult, "name", LEDGER_TEXT, name),
    COLUMN(WaveResult, "state", LEDGER_WAVE_STATE, state),
    COLUMN(WaveResult, "targets", LEDGER_COUNT, targets),
    COLUMN(WaveResult, "started_us", LEDGER_NUMBER, started_us),
    COLUMN(WaveResult, "finished_us", LEDGER_NUMBER, finished_us),
    COLUMN(WaveResult, "soak_until_us", LEDGER_NUMBER, soak_until_us),
    COLUMN(WaveResult, "halt_reason", LEDGER_TEXT, halt_reason),
};

static const LedgerColumn gate_columns[] = {
    COLUMN(GateResult, "name", LEDGER_TEXT, name),
    COLUMN(GateResult, "kind", LEDGER_TEXT, kind),
    COLUMN(GateResult, "target", LEDGER_TEXT, target),
    COLUMN(GateResult, "passed", LEDGER_FLAG, passed),
    COLUMN(GateResult, "saw", LEDGER_TEXT, saw),
    COLUMN(GateResult, "tries", LEDGER_COUNT, tries),
    COLUMN(GateResult, "started_us", LEDGER_NUMBER, started_us),
    COLUMN(GateResult, "duration_us", LEDGER_NUMBER, duration_us),
};

/* A warning is its text: the field is the pointer itself. */
static const LedgerColumn warning_columns[] = {{"text", LEDGER_TEXT, 0}};

#define PART(columns)                                                                                        \
    {                                                                                                        \
        columns, G_N_ELEMENTS(columns)                                                                       \
    }

static const char *const run_keys[] = {"id", NULL};
static const char *const target_keys[] = {"run_id", "position", NULL};
static const char *const step_keys[] = {"run_id", "target", "position", NULL};
static const char *const path_keys[] = {"run_id", "digest", NULL};
static const char *const path_step_keys[] = {"run_id", "digest", "position", NULL};
static const char *const wave_keys[] = {"run_id", "position", NULL};
static const char *const gate_keys[] = {"run_id", "wave", "position", NULL};
static const char *const event_keys[] = {"run_id", "number", NULL};

const LedgerTable ledger_runs_table = {"runs", run_keys, "started_us DESC, id DESC", {PART(run_columns)}};
const LedgerTable ledger_targets_table = {
    "targets", target_keys, "position", {PART(target_columns), PART(failure_columns)}};
const LedgerTable ledger_steps_table = {"steps", step_keys, "target, position", {PART(step_columns)}};
const LedgerTable ledger_paths_table = {"paths", path_keys, "digest", {PART(path_columns)}};
const LedgerTable ledger_path_steps_table = {
    "path_steps", path_step_keys, "digest, position", {PART(path_step_columns)}};
const LedgerTable ledger_events_table = {"events", event_keys, "number", {PART(event_columns)}};
const LedgerTable ledger_waves_table = {"waves", wave_keys, "position", {PART(wave_columns)}};
const LedgerTable ledger_gates_table = {"gates", gate_keys, "wave, position", {PART(gate_columns)}};
const LedgerTable ledger_warnings_table = {"warnings", wave_keys, "position", {PART(warning_columns)}};

guint ledger_key_count(const LedgerTable *table)
{
    return g_strv_length((char **)table->keys);
}

typedef void (*EachName)(GString *out, const char *name);

static void each_column(const LedgerTable *table, GString *out, EachName each)
{
    for (gsize p = 0; p < LEDGER_PARTS_MAX; p++)
        for (guint i = 0; i < table->parts[p].length; i++)
            each(out, table->parts[p].columns[i].name);
}

static void add_name(GString *out, const char *name)
{
    g_string_append_printf(out, ", %s", name);
}

static void add_replacement(GString *out, const char *name)
{
    bool first = out->str[out->len - 1] == ' ';
    g_string_append_printf(out, "%s%s = excluded.%s", first ? "" : ", ", name, name);
}

char *ledger_column_list(const LedgerTable *table)
{
    g_autofree char *keys = g_strjoinv(", ", (char **)table->keys);
    GString *out = g_string_new(keys);
    each_column(table, out, add_name);
    return g_string_free(out, FALSE);
}

/* ---- Into the ledger ---- */

/* Servers refuse text that is not UTF-8; a file keeps what a target's server said. */
static void put_text(const LedgerRows *self, const char *value)
{
    if (self->values) {
        BoundValue bound = {.text = value};
        g_array_append_val(self->values, bound);
        return;
    }
    g_autofree char *valid = value ? g_utf8_make_valid(value, -1) : NULL;
    g_autofree char *literal = sql_quote_literal(self->dialect, valid);
    g_string_append(self->sql, literal);
}

static void put_list(const LedgerRows *self, char *const *list)
{
    g_autofree char *text = list ? g_strjoinv(",", (char **)list) : NULL;
    put_text(self, text ? batch_keep(self->batch, text) : NULL);
}

static void put_number(const LedgerRows *self, gint64 number)
{
    if (self->values) {
        BoundValue bound = {.is_number = true, .number = number};
        g_array_append_val(self->values, bound);
        return;
    }
    char room[DIGITS_ROOM];
    g_string_append(self->sql, digits_of(number, room));
}

static void put_field(const LedgerRows *self, const LedgerColumn *column, gconstpointer object)
{
    gconstpointer field = (const char *)object + column->offset;
    switch (column->kind) {
    case LEDGER_TEXT:
    case LEDGER_NAME:
        put_text(self, *(char *const *)field);
        break;
    case LEDGER_LIST:
        put_list(self, *(char **const *)field);
        break;
    case LEDGER_OUTCOME:
        put_text(self, outcome_name(*(const Outcome *)field));
        break;
    case LEDGER_WAVE_STATE:
        put_text(self, wave_state_name(*(const WaveState *)field));
        break;
    case LEDGER_NUMBER:
        put_number(self, *(const gint64 *)field);
        break;
    case LEDGER_COUNT:
        put_number(self, *(const unsigned *)field);
        break;
    case LEDGER_FLAG:
        put_number(self, *(const bool *)field);
        break;
    case LEDGER_TRIES:
        put_number(self, *(const guint16 *)field);
        break;
    case LEDGER_STEP_DIRECTION:
        put_text(self, step_result_direction(field));
        break;
    case LEDGER_STEP_STATE:
        put_text(self, step_result_state(field));
        break;
    }
}

static void put_part(const LedgerRows *self, const LedgerPart *part, gconstpointer object)
{
    for (guint i = 0; i < part->length; i++) {
        if (self->sql)
            g_string_append_c(self->sql, ',');
        if (object)
            put_field(self, &part->columns[i], object);
        else
            put_text(self, NULL);
    }
}

static void put_keys(const LedgerRows *self, const BoundValue *keys)
{
    for (gsize i = 0; self->table->keys[i]; i++) {
        if (self->sql && i > 0)
            g_string_append_c(self->sql, ',');
        if (keys[i].is_number)
            put_number(self, keys[i].number);
        else
            put_text(self, keys[i].text);
    }
}

void ledger_rows_begin(LedgerRows *self, Batch *batch, const Connection *connection, const LedgerTable *table)
{
    bool bound = connection->driver->features & DRIVER_BOUND_ROWS;
    *self = (LedgerRows){.batch = batch,
                         .dialect = connection->server.dialect,
                         .table = table,
                         .values = bound ? g_array_new(FALSE, FALSE, sizeof(BoundValue)) : NULL};
}

/* "INSERT INTO runs (id, command, …) VALUES (" */
static GString *insert_into(const LedgerTable *table)
{
    GString *sql = g_string_new(NULL);
    g_autofree char *columns = ledger_column_list(table);
    g_string_append_printf(sql, "INSERT INTO %s (%s) VALUES (", table->name, columns);
    return sql;
}

static char *finish_insert(GString *sql, const LedgerTable *table)
{
    g_autofree char *keys = g_strjoinv(", ", (char **)table->keys);
    g_string_append_printf(sql, " ON CONFLICT (%s) DO UPDATE SET ", keys);
    each_column(table, sql, add_replacement);
    return g_string_free(sql, FALSE);
}

void ledger_rows_add(LedgerRows *self, const BoundValue *keys, gconstpointer const *objects)
{
    if (self->sql)
        g_string_append(self->sql, ", (");
    else if (!self->values)
        self->sql = insert_into(self->table);
    put_keys(self, keys);
    for (gsize p = 0; p < LEDGER_PARTS_MAX && self->table->parts[p].length; p++)
        put_part(self, &self->table->parts[p], objects[p]);
    self->count++;
    if (self->sql)
        g_string_append_c(self->sql, ')');
    if (self->sql && self->sql->len > STATEMENT_BYTES)
        ledger_rows_end(self);
}

static guint column_count(const LedgerTable *table)
{
    guint count = ledger_key_count(table);
    for (gsize p = 0; p < LEDGER_PARTS_MAX; p++)
        count += table->parts[p].length;
    return count;
}

/* One execution takes `rows` of them: its cursor stays where the last row went, and the next one mostly goes
 * behind it. Takes over the values. */
static void take_bound(const LedgerRows *self, GArray *values, guint rows)
{
    guint columns = column_count(self->table);
    GString *sql = insert_into(self->table);
    for (guint i = 0; i < rows * columns; i++)
        g_string_append(sql, i == 0 ? "?" : i % columns ? ",?" : "),(?");
    g_string_append_c(sql, ')');
    batch_take_bound(self->batch, finish_insert(sql, self->table), values, rows * columns);
}

static void end_bound(LedgerRows *self)
{
    guint together = column_count(self->table) * ROWS_AT_ONCE;
    guint whole = self->values->len - self->values->len % together;
    GArray *rest = g_array_new(FALSE, FALSE, sizeof(BoundValue));
    g_array_append_vals(rest, &g_array_index(self->values, BoundValue, whole), self->values->len - whole);
    g_array_set_size(self->values, whole);
    if (whole > 0)
        take_bound(self, g_steal_pointer(&self->values), ROWS_AT_ONCE);
    if (rest->len > 0)
        take_bound(self, g_steal_pointer(&rest), 1);
    g_clear_pointer(&rest, g_array_unref);
}

void ledger_rows_end(LedgerRows *self)
{
    if (self->sql)
        batch_take(self->batch, finish_insert(g_steal_pointer(&self->sql), self->table), false);
    else if (self->values && self->values->len > 0)
        end_bound(self);
    g_clear_pointer(&self->values, g_array_unref);
}

/* ---- Out of the ledger ---- */

static char **list_from(const char *text)
{
    if (!text)
        return NULL;
    return *text ? g_strsplit(text, ",", -1) : g_new0(char *, 1);
}

static void fill_field(const LedgerColumn *column, const char *value, gpointer object)
{
    gpointer field = (char *)object + column->offset;
    gint64 number = value ? g_ascii_strtoll(value, NULL, 10) : 0;
    switch (column->kind) {
    case LEDGER_TEXT:
        *(char **)field = g_strdup(value);
        break;
    case LEDGER_NAME:
        *(const char **)field = intern_text(value);
        break;
    case LEDGER_LIST:
        *(char ***)field = list_from(value);
        break;
    case LEDGER_OUTCOME:
        if (!value || !outcome_parse(value, field))
            *(Outcome *)field = OUTCOME_NOT_STARTED;
        break;
    case LEDGER_WAVE_STATE:
        if (!value || !wave_state_parse(value, field))
            *(WaveState *)field = WAVE_NOT_STARTED;
        break;
    case LEDGER_NUMBER:
        *(gint64 *)field = number;
        break;
    case LEDGER_COUNT:
        *(unsigned *)field = (unsigned)number;
        break;
    case LEDGER_FLAG:
        *(bool *)field = number != 0;
        break;
    case LEDGER_TRIES:
        *(guint16 *)field = (guint16)CLAMP(number, 0, G_MAXUINT16);
        break;
    case LEDGER_STEP_DIRECTION:
        step_result_set_direction(field, value);
        break;
    case LEDGER_STEP_STATE:
        step_result_set_state(field, value);
        break;
    }
}

void ledger_fill(const LedgerPart *part, char *const *row, gpointer object)
{
    for (guint i = 0; i < part->length; i++)
        fill_field(&part->columns[i], row[i], object);
}
