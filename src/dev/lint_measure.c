/* Lint measure: walks the graph once, upwards, on one scratch; revisions that are not looked at only run. */
#include "dev/lint_measure.h"
#include "dev/lint_trial_internal.h"
#include "dev/scratch_gate.h"
#include "plans/planner.h"
#include "sql/template.h"

#include <string.h>

typedef struct Walk {
    const LintMeasure *measure;
    Scratch *scratch;
    GHashTable *broken; /* id -> id of the revision below it that fails */
} Walk;

/* ---- Texts ---- */

/* The section's text with its variables filled in, or as it is written where one has no value. */
static char *text_of(const LintMeasure *self, const Section *section, const Revision *revision)
{
    g_autoptr(GHashTable) none = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GError) problem = NULL;
    char *text = sql_template_render(section->text, section->length, self->dialect,
                                     self->variables ? self->variables : none, &problem);
    if (text)
        return text;
    lint_result_unchecked(self->result, "revision %s was not tried on %s: %s", revision->id,
                          dialect_name(self->dialect), problem->message);
    return g_strdup(section->text);
}

static LintSection *add_section(const LintMeasure *self, const LintTask *task, SectionKind kind)
{
    const Section *section = revision_section(task->revision, kind, self->dialect);
    if (!section)
        return NULL;
    g_autofree char *text = text_of(self, section, task->revision);
    LintSection *facts = lint_revision_add(task->facts, text, strlen(text), self->dialect, section->place);
    facts->down = kind == SECTION_DOWN;
    facts->transaction = section->transaction;
    facts->foreign_keys_off = section->foreign_keys_off;
    return facts;
}

static void add_sections(const LintMeasure *self)
{
    for (guint i = 0; i < self->tasks->len; i++) {
        add_section(self, self->tasks->pdata[i], SECTION_UP);
        add_section(self, self->tasks->pdata[i], SECTION_DOWN);
    }
}

/* ---- Walking ---- */

static const LintTask *task_of(const LintMeasure *self, const Revision *revision)
{
    for (guint i = 0; i < self->tasks->len; i++) {
        const LintTask *task = self->tasks->pdata[i];
        if (task->revision == revision)
            return task;
    }
    return NULL;
}

/* The revision below it that fails, or NULL. */
static const char *broken_below(const Walk *self, const Revision *revision)
{
    g_autoptr(GPtrArray) parents = revision_graph_parents(self->measure->graph, revision);
    g_autoptr(GPtrArray) others = revision_graph_dependencies(self->measure->graph, revision);
    g_ptr_array_extend(parents, others, NULL, NULL);
    for (guint i = 0; i < parents->len; i++) {
        const char *below = g_hash_table_lookup(self->broken, ((const Revision *)parents->pdata[i])->id);
        if (below)
            return below;
    }
    return NULL;
}

static void mark_broken(Walk *self, const Revision *revision, const char *by)
{
    g_hash_table_insert(self->broken, revision->id, (gpointer)by);
}

/* An error that only this revision has: what is wrong with it, not with the server. */
static bool is_own_fault(const GError *problem)
{
    return problem->domain == DEV_ERROR || problem->domain == SQL_TEMPLATE_ERROR ||
           problem->domain == PLAN_ERROR;
}

static bool only_run(Walk *self, const Revision *revision, GError **error)
{
    g_autoptr(GError) problem = NULL;
    if (scratch_run_revision(self->scratch, revision, DIRECTION_UP, self->measure->variables, NULL, &problem))
        return true;
    if (!is_own_fault(problem)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    mark_broken(self, revision, revision->id);
    lint_result_unchecked(self->measure->result,
                          "revision %s fails on %s, so what stands on it was not tried: %s", revision->id,
                          dialect_name(self->measure->dialect), problem->message);
    return true;
}

/* What the trial will leave out would be refused. */
static bool reaches_beyond(const Walk *self, const LintSection *facts)
{
    bool beyond = false;
    for (guint i = 0; i < facts->statements->len && !beyond; i++) {
        const LintStatement *statement = facts->statements->pdata[i];
        g_autofree char *why = NULL;
        beyond = !scratch_allows(self->scratch, statement->text, strlen(statement->text), &why);
    }
    return beyond;
}

/* DDL alone does the same in one transaction and in several, but for new values of enums and what goes at the
 * commit. */
static bool may_differ_together(const LintSection *facts)
{
    bool differs = false;
    for (guint i = 0; i < facts->statements->len && !differs; i++) {
        const LintStatement *statement = facts->statements->pdata[i];
        differs = statement->kind != STATEMENT_DDL || strcasestr(statement->text, "value") ||
                  strcasestr(statement->text, "temp") || strcasestr(statement->text, "deferr");
    }
    return differs && facts->statements->len > 1;
}

/* The section in one transaction, on a copy: what the trial of each statement alone does not show. *copy is
 * NULL unless the section ran there. */
static bool prove(Walk *self, const LintTask *task, LintSection *facts, Scratch **copy, GError **error)
{
    g_autoptr(GError) problem = NULL;
    if (!facts->transaction || self->scratch->dialect != DIALECT_POSTGRES || !may_differ_together(facts) ||
        reaches_beyond(self, facts))
        return true;
    g_autoptr(Scratch) one = scratch_copy(self->scratch, &problem);
    if (!one && g_error_matches(problem, DEV_ERROR, DEV_ERROR_NO_COPY))
        return true;
    if (one &&
        scratch_run_revision(one, task->revision, DIRECTION_UP, self->measure->variables, NULL, &problem)) {
        *copy = g_steal_pointer(&one);
        return true;
    }
    if (problem->domain == DEV_ERROR) {
        facts->failure = g_strdup(problem->message);
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&problem));
    return false;
}

static bool has_failed(const LintSection *facts)
{
    for (guint i = 0; i < facts->statements->len; i++)
        if (((const LintStatement *)facts->statements->pdata[i])->failure)
            return true;
    return facts->failure != NULL;
}

/* A statement's own failure says it better than the same one told by the proof. */
static void settle_failure(LintSection *facts)
{
    for (guint i = 0; i < facts->statements->len; i++)
        if (((const LintStatement *)facts->statements->pdata[i])->failure)
            g_clear_pointer(&facts->failure, g_free);
}

/* What ran in one transaction and not in several (a temporary table that goes at the commit) is no mistake of
 * the revision: the walk goes on with the copy. */
static void take_proof(Walk *self, LintSection *facts, Scratch **copy)
{
    for (guint i = 0; i < facts->statements->len && *copy; i++) {
        LintStatement *statement = facts->statements->pdata[i];
        if (!statement->failure)
            continue;
        lint_result_unchecked(
            self->measure->result,
            "%s:%u and what is behind it runs only in one transaction, so it was not measured on %s",
            statement->place.file ? statement->place.file : "statement", statement->place.line,
            dialect_name(facts->dialect));
        g_clear_pointer(&statement->failure, g_free);
        Scratch *spoilt = self->scratch;
        self->scratch = g_steal_pointer(copy);
        scratch_free(spoilt);
    }
}

static void note_untried(const Walk *self, const LintSection *facts)
{
    for (guint i = 0; i < facts->statements->len; i++) {
        const LintStatement *statement = facts->statements->pdata[i];
        if (statement->untried)
            lint_result_unchecked(self->measure->result, "%s:%u was not tried on %s: %s",
                                  statement->place.file ? statement->place.file : "statement",
                                  statement->place.line, dialect_name(facts->dialect), statement->untried);
    }
}

static bool try_task(Walk *self, const LintTask *task, GError **error)
{
    const Section *section = revision_section(task->revision, SECTION_UP, self->measure->dialect);
    LintSection *facts = (LintSection *)lint_revision_section(task->facts, self->measure->dialect, false);
    g_autoptr(GHashTable) none = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTable *variables = self->measure->variables ? self->measure->variables : none;
    g_autoptr(Script) script =
        facts->failure ? NULL : plan_section_script(section, self->measure->dialect, variables, NULL);
    if (!script) {
        mark_broken(self, task->revision, task->revision->id);
        return true;
    }
    g_autoptr(Scratch) copy = NULL;
    if (!prove(self, task, facts, &copy, error) ||
        !lint_trial_run(self->scratch, section, script, facts, error))
        return false;
    take_proof(self, facts, &copy);
    settle_failure(facts);
    note_untried(self, facts);
    if (has_failed(facts))
        mark_broken(self, task->revision, task->revision->id);
    return true;
}

static bool take_step(Walk *self, const Revision *revision, GError **error)
{
    const LintTask *task = task_of(self->measure, revision);
    const char *below = broken_below(self, revision);
    const char *dialect = dialect_name(self->measure->dialect);
    bool has_section = revision_section(revision, SECTION_UP, self->measure->dialect) != NULL;
    if (below) {
        mark_broken(self, revision, below);
        if (task)
            lint_result_unchecked(self->measure->result,
                                  "revision %s was not tried on %s: revision %s below it fails", revision->id,
                                  dialect, below);
        return true;
    }
    if (!has_section) {
        mark_broken(self, revision, revision->id);
        lint_result_unchecked(self->measure->result, "revision %s has no migrate:up section for %s",
                              revision->id, dialect);
        return true;
    }
    return task ? try_task(self, task, error) : only_run(self, revision, error);
}

/* From the bases to all tasks. */
static Move *way_up(const LintMeasure *self, GError **error)
{
    static const char *const nothing[] = {NULL};
    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    for (guint i = 0; i < self->tasks->len; i++)
        g_ptr_array_add(ids, ((const LintTask *)self->tasks->pdata[i])->revision->id);
    g_ptr_array_add(ids, NULL);
    g_autoptr(GPtrArray) below = revision_graph_applied(self->graph, (const char *const *)ids->pdata, error);
    g_auto(GStrv) rows = below ? revision_graph_rows(self->graph, below) : NULL;
    return rows ? revision_graph_upgrade(self->graph, nothing, (const char *const *)rows, error) : NULL;
}

/* On the scratch that was made: MariaDB and MySQL are told apart only then. */
static bool measure_on(const LintMeasure *self, Scratch **scratch, const Move *move, GError **error)
{
    LintMeasure told = *self;
    told.dialect = (*scratch)->dialect;
    add_sections(&told);
    g_autoptr(GHashTable) broken = g_hash_table_new(g_str_hash, g_str_equal);
    Walk walk = {&told, g_steal_pointer(scratch), broken};
    bool good = true;
    for (guint i = 0; good && i < move->steps->len; i++)
        good = take_step(&walk, ((const MoveStep *)move->steps->pdata[i])->revision, error);
    *scratch = walk.scratch;
    return good;
}

bool lint_measure(const LintMeasure *self, GError **error)
{
    if (self->tasks->len == 0)
        return true;
    g_autoptr(Move) move = self->servers ? way_up(self, error) : NULL;
    g_autoptr(Scratch) scratch = move ? scratch_new(self->servers, self->dialect, NULL, NULL, error) : NULL;
    if (scratch)
        return measure_on(self, &scratch, move, error);
    add_sections(self);
    return self->servers == NULL;
}
