/* Paths: the ordered steps from some version rows to a goal in one dialect, checked for everything the files
 * can get wrong. Owns the split scripts through a cache shared by the paths of a plan. Sends nothing. One
 * thread builds; read-only afterwards. */
#include "plans/plan_file.h"
#include "plans/planner_internal.h"
#include "sql/template.h"
#include "sql/words.h"
#include <string.h>

G_DEFINE_QUARK(plan - error - quark, plan_error)

static const char *const command_names[] = {[PLAN_UPGRADE] = "upgrade",
                                            [PLAN_DOWNGRADE] = "downgrade",
                                            [PLAN_STAMP] = "stamp",
                                            [PLAN_ROLLBACK] = "rollback"};

const char *plan_command_name(PlanCommand command)
{
    return command_names[command];
}

GHashTable *script_cache_new(void)
{
    return g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)script_free);
}

static void step_free(gpointer data)
{
    PlanStep *self = data;
    g_clear_pointer(&self->risks, g_ptr_array_unref);
    g_free(self);
}

void plan_path_free(PlanPath *self)
{
    if (!self)
        return;
    move_free(self->move);
    g_clear_pointer(&self->steps, g_ptr_array_unref);
    g_clear_pointer(&self->scripts, g_hash_table_unref);
    g_free(self->applied_before);
    g_free(self->applied_after);
    g_free(self);
}

/* The texts of `left` that `right` lacks. */
static char **strings_without(const char *const *left, const char *const *right)
{
    g_autoptr(GStrvBuilder) rest = g_strv_builder_new();
    for (; *left; left++)
        if (!g_strv_contains(right, *left))
            g_strv_builder_add(rest, *left);
    return g_strv_builder_end(rest);
}

static MoveStep *move_step_between(const Revision *revision, const char *const *before,
                                   const char *const *after)
{
    MoveStep *step = g_new0(MoveStep, 1);
    step->revision = revision;
    step->removed = strings_without(before, after);
    step->added = strings_without(after, before);
    step->before = g_strdupv((char **)before);
    step->after = g_strdupv((char **)after);
    return step;
}

static char **heads_list(const char *heads)
{
    return *heads ? g_strsplit(heads, ",", -1) : g_new0(char *, 1);
}

/* The steps of a run backwards, with the rows that its history tells. */
static Move *undo_move(const RevisionGraph *graph, const char *const *rows, const GPtrArray *undo,
                       GError **error)
{
    g_autoptr(Move) move = move_new(DIRECTION_DOWN);
    move->rows = g_strdupv((char **)rows);
    for (guint i = 0; i < undo->len; i++) {
        const HistoryEntry *entry = undo->pdata[i];
        g_auto(GStrv) before = heads_list(entry->heads_after);
        g_auto(GStrv) after = heads_list(entry->heads_before);
        const Revision *revision = revision_graph_find(graph, entry->revision);
        if (!revision && *entry->revision) {
            g_set_error(error, PLAN_ERROR, PROBLEM_UNKNOWN_REVISION,
                        "revision %s ran here and no file knows it any more; bring the versions folder to "
                        "where it was then",
                        entry->revision);
            return NULL;
        }
        g_ptr_array_add(move->steps,
                        move_step_between(revision, (const char *const *)before, (const char *const *)after));
        g_strfreev(move->rows);
        move->rows = g_strdupv(after);
    }
    return g_steal_pointer(&move);
}

/* The steps of a plan file, with the rows that it tells. */
static Move *exact_move(const RevisionGraph *graph, const char *const *rows, const PathAim *aim,
                        GError **error)
{
    g_autoptr(Move) move = move_new(DIRECTION_UP);
    move->rows = g_strdupv((char **)rows);
    for (guint i = aim->first; i < aim->exact->steps->len; i++) {
        const PlanFileStep *step = aim->exact->steps->pdata[i];
        const Revision *revision = *step->revision ? revision_graph_find(graph, step->revision) : NULL;
        if (!revision && *step->revision) {
            g_set_error(error, PLAN_ERROR, PROBLEM_UNKNOWN_REVISION, "revision %s of the plan is in no file",
                        step->revision);
            return NULL;
        }
        move->direction = step->direction;
        g_ptr_array_add(move->steps, move_step_between(revision, (const char *const *)move->rows,
                                                       (const char *const *)step->after));
        g_strfreev(move->rows);
        move->rows = g_strdupv(step->after);
    }
    return g_steal_pointer(&move);
}

/* Puts the revisions of a fill before the other steps; they move no row. */
static void move_fill(Move *self, const char *const *rows, const GPtrArray *fill)
{
    for (guint i = 0; fill && i < fill->len; i++)
        g_ptr_array_insert(self->steps, (gint)i, move_step_between(fill->pdata[i], rows, rows));
}

static Move *path_move(const RevisionGraph *graph, const char *const *rows, const PlanRequest *request,
                       const PathAim *aim, GError **error)
{
    if (aim->exact)
        return exact_move(graph, rows, aim, error);
    switch (request->command) {
    case PLAN_UPGRADE:
        return revision_graph_upgrade(graph, rows, aim->goals, error);
    case PLAN_DOWNGRADE:
        return revision_graph_downgrade(graph, rows, aim->goals[0], error);
    case PLAN_STAMP:
        return revision_graph_stamp(graph, rows, aim->goals, request->purge, error);
    case PLAN_ROLLBACK:
        return undo_move(graph, rows, aim->undo, error);
    }
    g_assert_not_reached();
}

/* The section's text as it runs; where it uses variables, which differ from target to target, as written.
 * Caller frees. */
static char *section_text(const Section *section, Dialect dialect)
{
    g_autoptr(GHashTable) none = g_hash_table_new(g_str_hash, g_str_equal);
    if (section->variables && section->variables[0])
        return g_strndup(section->text, section->length);
    return sql_template_render(section->text, section->length, dialect, none, NULL);
}

/* The section's script, split on first use. */
static const Script *cached_script(GHashTable *scripts, const Section *section, Dialect dialect,
                                   GError **error)
{
    Script *script = g_hash_table_lookup(scripts, section);
    if (script)
        return script;
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *plain = section_text(section, dialect);
    script = script_split(plain, strlen(plain), dialect, section->place, problems);
    if (!script) {
        g_autofree char *text = diagnostics_to_string(problems);
        g_set_error_literal(error, PLAN_ERROR, PROBLEM_SYNTAX, g_strchomp(text));
        return NULL;
    }
    g_hash_table_insert(scripts, (gpointer)section, script);
    return script;
}

static const Section *step_section(const PlanStep *step, Dialect dialect, GError **error)
{
    const Revision *revision = step->revision;
    SectionKind kind = step->direction == DIRECTION_UP ? SECTION_UP : SECTION_DOWN;
    const Section *section = revision_section(revision, kind, dialect);
    if (section)
        return section;
    const char *file = revision->file ? revision->file : "(memory)";
    if (kind == SECTION_DOWN && !revision_has_section(revision, SECTION_DOWN))
        g_set_error(error, PLAN_ERROR, PROBLEM_IRREVERSIBLE,
                    "%s: revision %s has no \"-- migrate:down\" section, so it cannot be undone", file,
                    revision->id);
    else
        g_set_error(
            error, PLAN_ERROR, PROBLEM_NO_SECTION,
            "%s: revision %s has no \"-- migrate:%s\" section for %s; add one, or one without a dialect",
            file, revision->id, direction_name(step->direction), dialect_name(dialect));
    return NULL;
}

typedef struct StatementRule {
    StatementKind kind;
    const char *word; /* it begins with; NULL: any */
    PlanProblem problem;
    const char *message;
} StatementRule;

/* What may not stand in a section that runs in one transaction. */
static const StatementRule transactional_rules[] = {
    {STATEMENT_BEGIN, NULL, PROBLEM_TRANSACTION_CONTROL,
     "opens a transaction, but the section already runs in one; remove it or mark the section "
     "transaction:false"},
    {STATEMENT_COMMIT, NULL, PROBLEM_TRANSACTION_CONTROL,
     "would commit half a step; remove it or mark the section transaction:false"},
    {STATEMENT_ROLLBACK, NULL, PROBLEM_TRANSACTION_CONTROL,
     "would undo half a step; remove it or mark the section transaction:false"},
    {STATEMENT_NOT_IN_TRANSACTION, NULL, PROBLEM_NEEDS_NO_TRANSACTION,
     "cannot run inside a transaction; move it to a revision whose section is marked transaction:false"},
};

/* What may not stand in any section. */
static const StatementRule general_rules[] = {
    {STATEMENT_LOCK_TABLES, NULL, PROBLEM_LOCK_TABLES,
     "LOCK TABLES would shut dbfleet out of its own tables; remove it"},
    {STATEMENT_NOT_IN_TRANSACTION, "discard", PROBLEM_LOCK_TABLES,
     "would give up dbfleet's lock on the target; write what it is for: RESET ALL, DISCARD TEMP, DISCARD "
     "PLANS"},
};

static bool rule_is_about(const StatementRule *rule, const Script *script, const Statement *statement)
{
    const char *text = script_text(script) + statement->start;
    gsize length = rule->word ? strlen(rule->word) : 0;
    return rule->kind == statement->kind && statement->length >= length &&
           g_ascii_strncasecmp(text, rule->word ? rule->word : "", length) == 0;
}

static bool follows_rules(const Script *script, const StatementRule *rules, gsize count, GError **error)
{
    for (unsigned i = 0; i < script_length(script); i++) {
        const Statement *statement = script_at(script, i);
        for (gsize r = 0; r < count; r++) {
            if (!rule_is_about(&rules[r], script, statement))
                continue;
            SourcePlace place = script_place_of(script, statement->start);
            g_autofree char *first =
                sql_first_lines(script_text(script) + statement->start, statement->length, 1, 40);
            g_set_error(error, PLAN_ERROR, (gint)rules[r].problem, "%s:%u:%u: \"%s\" %s", place.file,
                        place.line, place.column, g_strchomp(first), rules[r].message);
            return false;
        }
    }
    return true;
}

/* DO RELEASE_ALL_LOCKS() and its like: the lock is one of them. */
static bool keeps_lock(const Script *script, Dialect dialect, GError **error)
{
    for (unsigned i = 0; i < script_length(script); i++) {
        const Statement *statement = script_at(script, i);
        const char *text = script_text(script) + statement->start;
        g_autoptr(GPtrArray) words = sql_words(text, statement->length, dialect);
        for (guint w = 0; words && statement->kind != STATEMENT_DDL && w < words->len; w++) {
            const SqlWord *word = words->pdata[w];
            if (!sql_word_is(word, "release_all_locks") && !sql_word_is(word, "pg_advisory_unlock_all"))
                continue;
            SourcePlace place = script_place_of(script, statement->start);
            g_set_error(
                error, PLAN_ERROR, PROBLEM_LOCK_TABLES,
                "%s:%u:%u: %s would give up dbfleet's lock on the target; release the lock that you mean by "
                "its name",
                place.file, place.line, place.column, word->text);
            return false;
        }
    }
    return true;
}

/* True if the section may hold these statements in this dialect. */
static bool check_rules(const Section *section, const Script *script, Dialect dialect, GError **error)
{
    bool transactional = section->transaction && dialect_has_transactional_ddl(dialect);
    return follows_rules(script, general_rules, G_N_ELEMENTS(general_rules), error) &&
           keeps_lock(script, dialect, error) &&
           (!transactional ||
            follows_rules(script, transactional_rules, G_N_ELEMENTS(transactional_rules), error));
}

/* What foreign_keys:off stands for ends with a check before COMMIT; ignoring it would let DROP TABLE delete
 * the rows that refer to the table. */
static bool check_rebuild(const Section *section, Dialect dialect, GError **error)
{
    if (dialect != DIALECT_SQLITE || !section->foreign_keys_off || section->transaction)
        return true;
    g_set_error(error, PLAN_ERROR, PROBLEM_TRANSACTION_CONTROL,
                "%s:%u: foreign_keys:off needs the section's transaction; remove transaction:false, or write "
                "PRAGMA foreign_keys = OFF in the section",
                section->place.file, section->place.line);
    return false;
}

static bool step_fill(PlanStep *step, Dialect dialect, GHashTable *scripts, GError **error)
{
    step->section = step_section(step, dialect, error);
    if (!step->section)
        return false;
    if (step->direction == DIRECTION_UP) {
        step->check = revision_section(step->revision, SECTION_CHECK, dialect);
        step->verify = revision_section(step->revision, SECTION_VERIFY, dialect);
    }
    step->transactional = step->section->transaction && dialect_has_transactional_ddl(dialect);
    if ((step->check && !cached_script(scripts, step->check, dialect, error)) ||
        (step->verify && !cached_script(scripts, step->verify, dialect, error)))
        return false;
    const Script *script = cached_script(scripts, step->section, dialect, error);
    if (!script || !check_rules(step->section, script, dialect, error) ||
        !check_rebuild(step->section, dialect, error))
        return false;
    step->script = step->section->variables[0] ? NULL : script;
    return true;
}

static void digest_strings(GChecksum *sum, const char *const *texts)
{
    for (; *texts; texts++)
        g_checksum_update(sum, (const guchar *)*texts, (gssize)strlen(*texts) + 1);
    g_checksum_update(sum, (const guchar *)"\n", 1);
}

static const char *checksum_of(const Section *section)
{
    return section ? section->checksum : "";
}

static void path_digest(PlanPath *self, const char *const *rows)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    const char *head[] = {dialect_name(self->dialect), plan_command_name(self->command), NULL};
    digest_strings(sum, head);
    digest_strings(sum, rows);
    for (guint i = 0; i < self->steps->len; i++) {
        const PlanStep *step = self->steps->pdata[i];
        const char *line[] = {step->revision ? step->revision->id : "",
                              direction_name(step->direction),
                              checksum_of(step->section),
                              checksum_of(step->check),
                              checksum_of(step->verify),
                              NULL};
        digest_strings(sum, line);
        digest_strings(sum, (const char *const *)step->move->after);
    }
    digest_strings(sum, (const char *const *)self->move->rows);
    g_strlcpy(self->digest, g_checksum_get_string(sum), sizeof self->digest);
}

/* A stamp is one step without a revision that replaces the rows. Where they are already so, it still writes
 * what is assumed applied from now on. */
static void path_add_stamp(PlanPath *self, const char *const *rows)
{
    MoveStep *move = move_step_between(NULL, rows, (const char *const *)self->move->rows);
    g_ptr_array_set_size(self->move->steps, 0);
    g_ptr_array_add(self->move->steps, move);
    PlanStep *step = g_new0(PlanStep, 1);
    step->move = move;
    step->transactional = true;
    g_ptr_array_add(self->steps, step);
}

/* What is taken back runs in the direction opposite to the one that it ran in. */
static Direction step_direction(const PlanPath *self, const PathAim *aim, guint index)
{
    if (!aim->undo)
        return self->move->direction;
    const HistoryEntry *entry = aim->undo->pdata[index];
    return g_str_equal(entry->direction, "up") ? DIRECTION_DOWN : DIRECTION_UP;
}

static bool is_fill(const PathAim *aim, guint index)
{
    const PlanFileStep *exact = aim->exact ? aim->exact->steps->pdata[aim->first + index] : NULL;
    return exact ? exact->fill : aim->fill && index < aim->fill->len;
}

static bool path_add_steps(PlanPath *self, const PathAim *aim, GError **error)
{
    for (guint i = 0; i < self->move->steps->len; i++) {
        const MoveStep *move = self->move->steps->pdata[i];
        PlanStep *step = g_new0(PlanStep, 1);
        g_ptr_array_add(self->steps, step);
        step->revision = move->revision;
        step->direction = step_direction(self, aim, i);
        step->move = move;
        step->fill = is_fill(aim, i);
        if (!step_fill(step, self->dialect, self->scripts, error))
            return false;
    }
    return true;
}

char *applied_text(const RevisionGraph *graph, const char *const *rows)
{
    g_autoptr(GPtrArray) applied = revision_graph_applied(graph, rows, NULL);
    GString *text = g_string_new(NULL);
    for (guint i = 0; applied && i < applied->len; i++)
        g_string_append_printf(text, "%s%s", i ? "," : "", ((const Revision *)applied->pdata[i])->id);
    return g_string_free(text, FALSE);
}

/* A run is either all stamps or has none. */
static PlanCommand path_command(const PlanRequest *request, const PathAim *aim)
{
    const HistoryEntry *undone = aim->undo && aim->undo->len ? aim->undo->pdata[0] : NULL;
    return undone && g_str_equal(undone->direction, "stamp") ? PLAN_STAMP : request->command;
}

PlanPath *path_build(const RevisionGraph *graph, Dialect dialect, const char *const *rows,
                     const PlanRequest *request, const PathAim *aim, GHashTable *scripts, GError **error)
{
    g_autoptr(Move) move = path_move(graph, rows, request, aim, error);
    if (!move)
        return NULL;
    move_fill(move, rows, aim->fill);
    g_autoptr(PlanPath) self = g_new0(PlanPath, 1);
    self->dialect = dialect;
    self->command = path_command(request, aim);
    self->move = g_steal_pointer(&move);
    self->steps = g_ptr_array_new_with_free_func(step_free);
    self->scripts = g_hash_table_ref(scripts);
    if (self->command == PLAN_STAMP) {
        path_add_stamp(self, rows);
        self->applied_after = applied_text(graph, (const char *const *)self->move->rows);
    } else if (!path_add_steps(self, aim, error)) {
        return NULL;
    }
    path_digest(self, rows);
    return g_steal_pointer(&self);
}

PlanPath *plan_path_new(const RevisionGraph *graph, Dialect dialect, const char *const *rows,
                        const PlanRequest *request, GError **error)
{
    g_autoptr(GHashTable) scripts = script_cache_new();
    const PathAim aim = {.goals = request->goals};
    return path_build(graph, dialect, rows, request, &aim, scripts, error);
}

Script *plan_section_script(const Section *self, Dialect dialect, GHashTable *variables, GError **error)
{
    g_autofree char *text = sql_template_render(self->text, self->length, dialect, variables, error);
    if (!text)
        return NULL;
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Script) script = script_split(text, strlen(text), dialect, self->place, problems);
    if (!script) {
        g_autofree char *what = diagnostics_to_string(problems);
        g_set_error(error, PLAN_ERROR, PROBLEM_SYNTAX, "with the target's variables filled in: %s",
                    g_strchomp(what));
        return NULL;
    }
    return check_rules(self, script, dialect, error) ? g_steal_pointer(&script) : NULL;
}

void plan_hash_statement(GChecksum *sum, const Script *script, unsigned index)
{
    const Statement *statement = script_at(script, index);
    g_checksum_update(sum, (const guchar *)script_text(script) + statement->start, (gssize)statement->length);
    if (statement->data_length)
        g_checksum_update(sum, (const guchar *)script_text(script) + statement->data_start,
                          (gssize)statement->data_length);
    g_checksum_update(sum, (const guchar *)"", 1);
}

char *plan_head_hash(const Script *script, unsigned count)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (unsigned i = 0; i < count; i++)
        plan_hash_statement(sum, script, i);
    return g_strdup(g_checksum_get_string(sum));
}
