/* Results: names, making, freeing and counting of what a run did. Plain values. */
#include "run/results.h"
#include "base/digits.h"
#include "base/intern.h"
#include <string.h>

static const char *const outcome_names[OUTCOME_COUNT] = {
    [OUTCOME_DONE] = "done",
    [OUTCOME_UNCHANGED] = "unchanged",
    [OUTCOME_FAILED] = "failed",
    [OUTCOME_UNKNOWN] = "outcome-unknown",
    [OUTCOME_UNREACHABLE] = "unreachable",
    [OUTCOME_LOCKED] = "locked",
    [OUTCOME_STALE] = "stale",
    [OUTCOME_BLOCKED] = "blocked",
    [OUTCOME_STOPPED] = "stopped",
    [OUTCOME_CANCELLED] = "cancelled",
    [OUTCOME_NOT_STARTED] = "not-started",
    [OUTCOME_INACTIVE] = "inactive",
};

const char *outcome_name(Outcome outcome)
{
    return outcome_names[outcome];
}

bool outcome_parse(const char *name, Outcome *outcome)
{
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (g_str_equal(outcome_names[i], name)) {
            *outcome = (Outcome)i;
            return true;
        }
    }
    return false;
}

Failure *failure_new(void)
{
    return g_new0(Failure, 1);
}

void failure_free(Failure *self)
{
    if (!self)
        return;
    g_free(self->error_class);
    g_free(self->code);
    g_free(self->message);
    g_free(self->detail);
    g_free(self->hint);
    g_free(self->revision);
    g_free(self->direction);
    g_free(self->file);
    g_free(self->sql);
    g_free(self->excerpt);
    g_free(self->blocker);
    g_free(self->difference);
    g_free(self);
}

static bool is_word(char c)
{
    return g_ascii_isalnum(c) || c == '_' || (guchar)c >= 0x80;
}

/* Length of the name that stands at `at` as a word of its own; 0: none does. */
static gsize name_at(const char *message, const char *at, const char *const *names)
{
    if (at > message && is_word(at[-1]))
        return 0;
    for (; *names; names++) {
        gsize length = strlen(*names);
        if (length > 0 && strncmp(at, *names, length) == 0 && !is_word(at[length]))
            return length;
    }
    return 0;
}

char *message_pattern(const char *message, const char *const *names)
{
    GString *out = g_string_new(NULL);
    for (const char *at = message; *at;) {
        gsize name = name_at(message, at, names), digits = strspn(at, "0123456789");
        if (name > 0)
            g_string_append_c(out, '*');
        else if (digits > 0)
            g_string_append_c(out, '#');
        else
            g_string_append_c(out, *at);
        at += MAX(MAX(name, digits), 1);
    }
    return g_string_free(out, FALSE);
}

char *failure_signature(const Failure *self, const char *target_name)
{
    const char *const names[] = {target_name, NULL};
    g_autofree char *message = message_pattern(self->message ? self->message : "", names);
    return g_strdup_printf("%s|%s|%s|%s|%u|%s", self->error_class ? self->error_class : "",
                           self->code ? self->code : "", self->revision ? self->revision : "",
                           self->direction ? self->direction : "", self->statement, message);
}

/* ---- Steps ----
 *
 * An id is "RUN-0012": the run, which all steps have in common, and the number. */

#define ID_DIGITS 4 /* at least */
#define ID_DIGITS_MOST 9

static const char *id_digits(unsigned number, char room[DIGITS_ROOM])
{
    if (number >= 10000)
        return digits_of(number, room);
    *digits_put(room, number, ID_DIGITS) = '\0';
    return room;
}

char *step_result_id(const StepResult *self)
{
    char room[DIGITS_ROOM];
    if (!self->id_stem || self->id_number == 0)
        return g_strdup(self->id_stem);
    return g_strconcat(self->id_stem, "-", id_digits(self->id_number, room), NULL);
}

/* The number behind the last "-", if step_result_id() would write it as it stands there; else 0. */
static unsigned id_number(const char *dash)
{
    char room[DIGITS_ROOM];
    gsize length = dash ? strlen(dash + 1) : 0;
    if (length < ID_DIGITS || length > ID_DIGITS_MOST || strspn(dash + 1, "0123456789") < length)
        return 0;
    unsigned number = (unsigned)g_ascii_strtoull(dash + 1, NULL, 10);
    return g_str_equal(id_digits(number, room), dash + 1) ? number : 0;
}

void step_result_set_id(StepResult *self, const char *id)
{
    const char *dash = id ? strrchr(id, '-') : NULL;
    self->id_number = id_number(dash);
    g_autofree char *stem = self->id_number ? g_strndup(id, (gsize)(dash - id)) : g_strdup(id);
    self->id_stem = intern_text(stem);
}

/* A step has their places in these lists: there may be thousands of steps for each target. */
static const char *const directions[] = {NULL, "up", "down", "stamp"};
static const char *const states[] = {
    NULL, "running", "done", "failed", "verify-failed", "rolled-back", "not-started", "outcome-unknown"};

static guint8 place_in(const char *const *words, guint8 count, const char *word)
{
    for (guint8 i = 1; word && i < count; i++)
        if (g_str_equal(words[i], word))
            return i;
    g_warn_if_fail(!word);
    return 0;
}

const char *step_result_direction(const StepResult *self)
{
    return directions[self->direction_place];
}

const char *step_result_state(const StepResult *self)
{
    return states[self->state_place];
}

void step_result_set_direction(StepResult *self, const char *direction)
{
    self->direction_place = place_in(directions, G_N_ELEMENTS(directions), direction);
}

void step_result_set_state(StepResult *self, const char *state)
{
    self->state_place = place_in(states, G_N_ELEMENTS(states), state);
}

/* ---- Targets ---- */

TargetResult *target_result_new(void)
{
    return g_new0(TargetResult, 1);
}

void target_result_fit_steps(TargetResult *self, unsigned count)
{
    self->steps = g_renew(StepResult, self->steps, count);
    self->step_room = count;
}

StepResult *target_result_add_step(TargetResult *self)
{
    if (self->step_count == self->step_room)
        target_result_fit_steps(self, MAX(2 * self->step_room, 4));
    StepResult *step = &self->steps[self->step_count++];
    *step = (StepResult){0};
    return step;
}

void target_result_free(TargetResult *self)
{
    if (!self)
        return;
    g_free(self->name);
    g_free(self->server);
    g_free(self->reason);
    g_strfreev(self->rows_before);
    g_strfreev(self->rows_after);
    g_strfreev(self->rows_goal);
    g_free(self->steps);
    failure_free(self->failure);
    g_free(self->backup);
    g_free(self);
}

RunPath *run_path_new(void)
{
    RunPath *self = g_new0(RunPath, 1);
    self->loaded = g_array_new(FALSE, FALSE, sizeof(RunPathStep));
    return self;
}

RunPath *run_path_of(const PlanPath *planned)
{
    RunPath *self = run_path_new();
    self->planned = *planned->steps;
    self->holds = plan_path_hold_steps(planned);
    return self;
}

guint run_path_length(const RunPath *self)
{
    return self->holds ? self->planned.len : self->loaded->len;
}

RunPathStep run_path_step(const RunPath *self, guint place)
{
    if (!self->holds)
        return g_array_index(self->loaded, RunPathStep, place);
    const PlanStep *step = &self->planned.first[place];
    return (RunPathStep){step->revision ? step->revision->id : "",
                         step->revision ? direction_name(step->direction) : "stamp",
                         plan_step_section(step) ? plan_step_section(step)->checksum : NULL};
}

void run_path_add_step(RunPath *self, const RunPathStep *step)
{
    g_array_append_val(self->loaded, *step);
}

void run_path_free(RunPath *self)
{
    if (!self)
        return;
    g_free(self->digest);
    g_free(self->dialect);
    g_array_unref(self->loaded);
    plan_path_release_steps(self->holds);
    g_free(self);
}

char *step_started_text(const char *revision, const char *message)
{
    bool is_stamp = !revision || !*revision;
    return g_strchomp(g_strconcat(is_stamp ? "stamp" : revision, " ", message ? message : "", NULL));
}

RunEvent *run_event_new(guint64 number, gint64 time_us, const char *kind, const char *target,
                        const char *text)
{
    RunEvent *self = g_new(RunEvent, 1);
    *self = (RunEvent){number, time_us, intern_text(kind), intern_text(target), g_strdup(text)};
    return self;
}

void run_event_free(RunEvent *self)
{
    if (!self)
        return;
    g_free(self->text);
    g_free(self);
}

/* ---- Waves ---- */

static const char *const wave_state_names[WAVE_STATE_COUNT] = {
    [WAVE_WAITING] = "waiting", [WAVE_CONFIRMING] = "confirming",   [WAVE_RUNNING] = "running",
    [WAVE_SOAKING] = "soaking", [WAVE_GATING] = "gating",           [WAVE_DONE] = "done",
    [WAVE_HALTED] = "halted",   [WAVE_NOT_STARTED] = "not-started",
};

const char *wave_state_name(WaveState state)
{
    return wave_state_names[state];
}

bool wave_state_parse(const char *name, WaveState *state)
{
    for (int i = 0; i < WAVE_STATE_COUNT; i++) {
        if (g_str_equal(wave_state_names[i], name)) {
            *state = (WaveState)i;
            return true;
        }
    }
    return false;
}

GateResult *gate_result_new(void)
{
    return g_new0(GateResult, 1);
}

void gate_result_free(GateResult *self)
{
    if (!self)
        return;
    g_free(self->name);
    g_free(self->kind);
    g_free(self->target);
    g_free(self->saw);
    g_free(self);
}

WaveResult *wave_result_new(void)
{
    WaveResult *self = g_new0(WaveResult, 1);
    self->gates = g_ptr_array_new_with_free_func((GDestroyNotify)gate_result_free);
    return self;
}

void wave_result_free(WaveResult *self)
{
    if (!self)
        return;
    g_free(self->name);
    g_free(self->halt_reason);
    g_ptr_array_unref(self->gates);
    g_free(self);
}

/* ---- Runs ---- */

RunResult *run_result_new(void)
{
    RunResult *self = g_new0(RunResult, 1);
    self->targets = g_ptr_array_new_with_free_func((GDestroyNotify)target_result_free);
    self->paths = g_ptr_array_new_with_free_func((GDestroyNotify)run_path_free);
    self->waves = g_ptr_array_new_with_free_func((GDestroyNotify)wave_result_free);
    self->warnings = g_ptr_array_new_with_free_func(g_free);
    return self;
}

void run_result_free(RunResult *self)
{
    if (!self)
        return;
    g_free(self->id);
    g_free(self->command);
    g_free(self->of_run);
    g_free(self->plan_file);
    g_strfreev(self->approved_by);
    g_free(self->goal);
    g_free(self->track);
    g_free(self->selector);
    g_free(self->operator_name);
    g_free(self->host);
    g_free(self->process);
    g_free(self->plan_digest);
    g_free(self->versions_commit);
    g_free(self->dbfleet_version);
    g_free(self->max_failures);
    g_free(self->max_unreachable);
    g_free(self->on_halt);
    g_strfreev(self->variables);
    g_free(self->paused_by);
    g_free(self->halt_reason);
    g_free(self->broken);
    g_ptr_array_unref(self->targets);
    g_ptr_array_unref(self->paths);
    g_ptr_array_unref(self->waves);
    g_clear_pointer(&self->events, g_ptr_array_unref);
    g_free(self->on_failure);
    g_ptr_array_unref(self->warnings);
    g_free(self);
}

unsigned run_result_count(const RunResult *self, Outcome outcome)
{
    unsigned count = 0;
    for (guint i = 0; i < self->targets->len; i++)
        count += ((const TargetResult *)self->targets->pdata[i])->outcome == outcome;
    return count;
}

const char *run_end_name(gint64 finished_us, RunState state, bool interrupted, bool halted)
{
    static const char *const open_names[] = {[RUN_ENDED] = "not finished",
                                             [RUN_RUNNING] = "running",
                                             [RUN_PAUSED] = "paused",
                                             [RUN_DIED] = "died"};
    if (!finished_us)
        return open_names[state];
    return interrupted ? "interrupted" : halted ? "halted" : "finished";
}

int run_result_exit_code(const RunResult *self)
{
    static const struct {
        Outcome outcome;
        int code;
    } rows[] = {
        /* in the order of precedence: 1, 6, 5, 4 */
        {OUTCOME_FAILED, 1},  {OUTCOME_UNKNOWN, 1},   {OUTCOME_BLOCKED, 1},
        {OUTCOME_STOPPED, 1}, {OUTCOME_CANCELLED, 1}, {OUTCOME_NOT_STARTED, 1},
        {OUTCOME_LOCKED, 6},  {OUTCOME_STALE, 5},     {OUTCOME_UNREACHABLE, 4},
    };
    if (self->interrupted)
        return 130;
    if (self->halt_reason)
        return 3;
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (run_result_count(self, rows[i].outcome) > 0)
            return rows[i].code;
    return 0;
}
