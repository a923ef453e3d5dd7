/* Check targets: one read-only session for each target, every check of its path in it. What a check of a
 * later step asks for may not be there before the steps ahead of it ran: a refusal of the statement itself is
 * no answer then, and the check is asked again just before its step. */
#include "run/check_targets.h"
#include "run/session.h"
#include "run/step/step_apply.h"
#include "run/target_variables.h"

typedef struct Checker {
    const CheckOptions *options;
    GHashTable *planned; /* Target * -> const PlanTarget * */
} Checker;

/* One target at work. */
typedef struct Asking {
    const PlanTarget *planned;
    TargetChecks *checks;
    TargetVariables variables;
    Connection *connection;
} Asking;

/* ---- Answers ---- */

static char *shown(const Asking *self, const char *text)
{
    g_autofree char *line = text ? g_strdelimit(g_strdup(text), "\r\n\t", ' ') : NULL;
    return line ? target_variables_masked(&self->variables, line) : NULL;
}

static void add_answer(Asking *self, guint index, CheckAnswer answer, const char *reason, const char *detail)
{
    const PlanStep *step = &self->planned->path->steps->first[index];
    g_autofree char *safe_reason = shown(self, reason), *safe_detail = shown(self, detail);
    g_ptr_array_add(self->checks->answers, plan_check_new(step, index, answer, safe_reason, safe_detail));
}

/* What the statement needs may be made by the steps before it. */
static bool may_be_made(const GError *error)
{
    static const DbErrorClass classes[] = {DB_ERROR_UNDEFINED_TABLE, DB_ERROR_NO_DATABASE,
                                           DB_ERROR_PERMISSION, DB_ERROR_STATEMENT};
    for (gsize i = 0; i < G_N_ELEMENTS(classes); i++)
        if (g_error_matches(error, DB_ERROR, (gint)classes[i]))
            return true;
    return false;
}

static void add_refusal(Asking *self, guint index, const GError *error)
{
    const PlanStep *step = &self->planned->path->steps->first[index];
    g_autofree char *message = step_error_message(error);
    g_autoptr(GString) reason = g_string_new(NULL);
    g_string_append_printf(reason, "revision %s: %s", step->revision->id, message);
    if (index > 0)
        g_string_append_printf(reason, "; if an earlier step of its path mends that, upgrade to %s first",
                               self->planned->path->steps->first[index - 1].revision->id);
    add_answer(self, index, CHECK_REFUSED, reason->str, step_error_detail(error));
}

static void add_error(Asking *self, guint index, const GError *error)
{
    const PlanStep *step = &self->planned->path->steps->first[index];
    const DbErrorDetail *detail = db_error_detail(error);
    bool later = index > 0 && may_be_made(error);
    g_autofree char *reason = g_strdup_printf("revision %s: %s", step->revision->id, error->message);
    add_answer(self, index, later ? CHECK_LATER : CHECK_FAILED, reason,
               detail && detail->detail ? detail->detail
               : detail                 ? detail->hint
                                        : NULL);
}

/* ---- Asking ---- */

/* A step that is gone on with was let in by its check when it began. */
static bool is_half_done(const Asking *self, guint index)
{
    const HistoryEntry *open = target_state_unfinished(self->planned->state);
    const PlanStep *step = &self->planned->path->steps->first[index];
    return index == 0 && history_entry_has_begun(open) && g_str_equal(open->revision, step->revision->id) &&
           g_str_equal(open->direction, direction_name(step->direction));
}

static bool is_asked(const Asking *self, guint index)
{
    const PlanStep *step = &self->planned->path->steps->first[index];
    return step->check && !is_half_done(self, index);
}

static void fail_all(Asking *self, CheckAnswer answer, const char *reason)
{
    for (guint i = 0; i < self->planned->path->steps->len; i++)
        if (is_asked(self, i))
            add_answer(self, i, answer, reason, NULL);
}

static void set_unreachable(Asking *self, const GError *error)
{
    g_autoptr(TargetState) state = target_state_new();
    session_state_fail(state, self->planned->target, error, false);
    self->checks->unreachable = shown(self, state->reason);
}

/* False once there is no session left to ask in. */
static bool ask(Asking *self, guint index)
{
    const PlanStep *step = &self->planned->path->steps->first[index];
    const StepContext context = {.connection = self->connection,
                                 .store.dialect = self->connection->server.dialect,
                                 .variables = self->variables.values};
    g_autoptr(GError) error = NULL;
    if (step_check(&context, step, &error)) {
        add_answer(self, index, CHECK_PASSED, NULL, NULL);
        return true;
    }
    if (g_error_matches(error, DB_ERROR, DB_ERROR_CONNECTION_LOST)) {
        set_unreachable(self, error);
        return false;
    }
    connection_rollback(self->connection);
    if (step_error_detail(error))
        add_refusal(self, index, error);
    else
        add_error(self, index, error);
    return true;
}

static void ask_all(Asking *self, const CheckOptions *options)
{
    if (self->planned->state->lock_holder) {
        fail_all(self, CHECK_LATER, "another dbfleet is at work on the target");
        return;
    }
    const Target *target = self->planned->target;
    const SessionOptions session = {
        .secrets = options->secrets, .folder = options->folder, .read_only = true};
    g_autoptr(GError) error = NULL;
    self->connection = session_open(target, &session, &error);
    bool missing = g_error_matches(error, DB_ERROR, DB_ERROR_NO_DATABASE);
    if (missing && (target->settings.create || target->settings.create_schema)) {
        fail_all(self, CHECK_LATER, "the database is made by the run");
        return;
    }
    if (!self->connection) {
        set_unreachable(self, error);
        return;
    }
    for (guint i = 0; i < self->planned->path->steps->len; i++)
        if (is_asked(self, i) && !ask(self, i))
            break;
    connection_close(self->connection);
}

static gpointer check_work(const Target *target, gpointer context)
{
    const Checker *checker = context;
    const CheckOptions *options = checker->options;
    Asking self = {.planned = g_hash_table_lookup(checker->planned, target), .checks = target_checks_new()};
    g_autoptr(GError) error = NULL;
    if (target_variables_init(&self.variables, target, options->variables, self.planned->path->dialect,
                              options->secrets, options->folder, &error))
        ask_all(&self, options);
    else
        fail_all(&self, CHECK_FAILED, error->message);
    target_variables_clear(&self.variables);
    return self.checks;
}

/* ---- The fleet ---- */

static bool has_to_be_asked(const PlanTarget *planned)
{
    return planned->verdict == PLAN_PENDING && plan_path_has_checks(planned->path);
}

unsigned check_targets_count(const Plan *plan)
{
    unsigned count = 0;
    for (guint i = 0; i < plan->targets->len; i++)
        count += has_to_be_asked(plan->targets->pdata[i]);
    return count;
}

GPtrArray *check_targets(const Plan *plan, const CheckOptions *options)
{
    g_autoptr(GPtrArray) targets = g_ptr_array_new();
    g_autoptr(GHashTable) planned = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < plan->targets->len; i++) {
        PlanTarget *target = plan->targets->pdata[i];
        if (!has_to_be_asked(target))
            continue;
        g_ptr_array_add(targets, (gpointer)target->target);
        g_hash_table_insert(planned, (gpointer)target->target, target);
    }
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)target_checks_free);
    g_ptr_array_set_size(all, (gint)plan->targets->len);
    if (targets->len == 0)
        return all;
    Checker checker = {options, planned};
    g_autoptr(GPtrArray) found =
        each_target(targets, check_work, &checker, &options->limits, (GDestroyNotify)target_checks_free);
    if (!found)
        g_clear_pointer(&all, g_ptr_array_unref);
    for (guint i = 0, next = 0; found && i < plan->targets->len; i++)
        if (has_to_be_asked(plan->targets->pdata[i]))
            all->pdata[i] = g_steal_pointer(&found->pdata[next++]);
    return all;
}
