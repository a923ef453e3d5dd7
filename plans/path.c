/* Paths: the sections and scripts of their steps, checked for everything the files can get wrong. Scripts are
 * on a shelf shared by the paths of a plan. Sends nothing. One thread builds; read-only afterwards. */
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

/* Whether what a section holds can be split, and for `rules` whether it may stand there: found out once a
 * plan. */
static bool section_is_sound(const Section *section, Dialect dialect, bool rules, ScriptShelf *scripts,
                             GError **error)
{
    if (script_shelf_is_sound(scripts, section, dialect))
        return true;
    const Script *script = script_shelf_take(scripts, section, dialect, error);
    if (!script)
        return false;
    bool sound =
        !rules || (check_rules(section, script, dialect, error) && check_rebuild(section, dialect, error));
    script_shelf_give_back(scripts, section, dialect);
    if (sound)
        script_shelf_note_sound(scripts, section, dialect);
    return sound;
}

static const Section *section_at(const PlanStep *step, guint place)
{
    return place ? step->revision->sections->pdata[place - 1] : NULL;
}

const Section *plan_step_section(const PlanStep *self)
{
    return section_at(self, self->section);
}

const Section *plan_step_check(const PlanStep *self)
{
    return section_at(self, self->check);
}

const Section *plan_step_verify(const PlanStep *self)
{
    return section_at(self, self->verify);
}

bool plan_step_moves_rows(const PlanStep *self)
{
    return !rows_are_same(self->before, self->after) || !rows_are_same(self->after, self->before);
}

/* Counted from 1; 0: `section` is NULL. A file has a handful of them. */
static guint16 section_place(const Revision *revision, const Section *section)
{
    guint place = 0;
    bool found = section && g_ptr_array_find(revision->sections, section, &place);
    return found ? (guint16)(place + 1) : 0;
}

bool step_take_sections(PlanStep *step, Dialect dialect, ScriptShelf *scripts, GError **error)
{
    const Section *section = step_section(step, dialect, error);
    if (!section)
        return false;
    step->section = section_place(step->revision, section);
    if (step->direction == DIRECTION_UP) {
        step->check = section_place(step->revision, revision_section(step->revision, SECTION_CHECK, dialect));
        step->verify =
            section_place(step->revision, revision_section(step->revision, SECTION_VERIFY, dialect));
    }
    const Section *check = plan_step_check(step), *verify = plan_step_verify(step);
    step->transactional = section->transaction && dialect_has_transactional_ddl(dialect);
    if ((check && !section_is_sound(check, dialect, false, scripts, error)) ||
        (verify && !section_is_sound(verify, dialect, false, scripts, error)) ||
        !section_is_sound(section, dialect, true, scripts, error))
        return false;
    step->scripts = section->variables[0] ? NULL : scripts;
    return true;
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
