/* Step groups: which statements of a section share a journal entry. Where DDL commits by itself, each such
 * statement stands alone, and rows go together in a transaction; where it does not, whatever can run in a
 * transaction does. Pure. */
#include "run/step/step_journal_internal.h"
#include "sql/words.h"

bool statement_ends_transaction(StatementKind kind)
{
    return kind == STATEMENT_COMMIT || kind == STATEMENT_ROLLBACK;
}

static bool rolls_back(StatementKind kind, Dialect dialect)
{
    return kind == STATEMENT_DML || kind == STATEMENT_SELECT || kind == STATEMENT_COPY ||
           kind == STATEMENT_SAVEPOINT || kind == STATEMENT_SET || kind == STATEMENT_BEGIN ||
           statement_ends_transaction(kind) ||
           (kind == STATEMENT_DDL && dialect_has_transactional_ddl(dialect));
}

static JournalGroup user_group(const Script *script, unsigned first, Dialect dialect)
{
    JournalGroup group = {.first = first, .by_user = true, .undoable = true};
    for (unsigned i = first; i < script_length(script); i++) {
        StatementKind kind = script_at(script, i)->kind;
        group.count++;
        group.undoable &= rolls_back(kind, dialect);
        if (statement_ends_transaction(kind))
            break;
    }
    group.wants_intent = !group.undoable || !dialect_has_transactional_ddl(dialect);
    return group;
}

static StatementFacts *facts_at(const Script *script, unsigned index, Dialect dialect)
{
    const Statement *statement = script_at(script, index);
    return statement_facts_new(script_text(script) + statement->start, statement->length, statement->kind,
                               dialect);
}

/* Rows need no transaction of their own each. */
static bool shares_transaction(StatementKind kind)
{
    return kind == STATEMENT_DML || kind == STATEMENT_SELECT || kind == STATEMENT_COPY;
}

JournalGroup journal_group_at(const Script *script, unsigned first, Dialect dialect)
{
    StatementKind kind = script_at(script, first)->kind;
    if (kind == STATEMENT_BEGIN)
        return user_group(script, first, dialect);
    g_autoptr(StatementFacts) facts = facts_at(script, first, dialect);
    JournalGroup group = {.first = first, .count = 1};
    if (!facts->can_be_wrapped) {
        group.wants_intent = true;
        group.facts = g_steal_pointer(&facts);
        return group;
    }
    group.wrapped = group.undoable = true;
    group.wants_intent = !dialect_has_transactional_ddl(dialect);
    while (shares_transaction(kind) && first + group.count < script_length(script) &&
           shares_transaction(script_at(script, first + group.count)->kind))
        group.count++;
    return group;
}

void journal_group_clear(JournalGroup *self)
{
    g_clear_pointer(&self->facts, statement_facts_free);
    g_clear_pointer(&self->evidence, g_free);
    picture_clear(&self->picture);
}

/* ---- What an intent carries ---- */

char *journal_statements_hash(const Script *script, unsigned first, unsigned count)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (unsigned i = first; i < first + count; i++)
        plan_hash_statement(sum, script, i);
    return g_strdup(g_checksum_get_string(sum));
}

void journal_group_picture(Picture *picture, const JournalGroup *group, const VersionStore *store)
{
    g_autofree char *history = version_store_history_name(store);
    const char *const hidden[] = {store->table, history, NULL};
    picture_init(picture, group->facts, store->dialect, hidden);
}

void journal_group_prepare(JournalGroup *group, const Script *script, const VersionStore *store)
{
    g_autofree char *hash = journal_statements_hash(script, group->first, group->count);
    g_autofree char *line = g_strdup_printf(JOURNAL_EVIDENCE_FORMAT "\n", hash, group->count);
    g_autofree char *literal = sql_quote_literal(store->dialect, line);
    journal_group_picture(&group->picture, group, store);
    const char *value = group->picture.value;
    if (!value)
        group->evidence = g_steal_pointer(&literal);
    else if (dialect_is_mysql_family(store->dialect))
        group->evidence = g_strdup_printf("CONCAT(%s, COALESCE(%s, '?'))", literal, value);
    else
        group->evidence = g_strdup_printf("%s || COALESCE(%s, '?')", literal, value);
}

/* ---- Outlines ---- */

static JournalGroup prepared_group(const Script *script, unsigned first, const VersionStore *store)
{
    JournalGroup group = journal_group_at(script, first, store->dialect);
    if (group.wants_intent)
        journal_group_prepare(&group, script, store);
    return group;
}

static bool last_is_certain(const JournalOutline *self, const Script *script)
{
    const JournalGroup *last =
        self->groups->len ? &g_array_index(self->groups, JournalGroup, self->groups->len - 1) : NULL;
    return last && last->facts && settlement_is_certain(last->facts) &&
           step_session_is_replaceable(script, self->dialect, last->first, "", NULL);
}

JournalOutline *journal_outline_new(const Script *script, unsigned first, const VersionStore *store)
{
    JournalOutline *self = g_new0(JournalOutline, 1);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    self->dialect = store->dialect;
    self->table = g_strdup(store->table);
    self->groups = g_array_new(FALSE, FALSE, sizeof(JournalGroup));
    self->hashes = g_ptr_array_new_with_free_func(g_free);
    g_array_set_clear_func(self->groups, (GDestroyNotify)journal_group_clear);
    for (unsigned i = 0; i < first; i++)
        plan_hash_statement(sum, script, i);
    for (unsigned i = first; script && i < script_length(script);) {
        JournalGroup group = prepared_group(script, i, store);
        g_array_append_val(self->groups, group);
        for (unsigned end = i + group.count; i < end; i++)
            plan_hash_statement(sum, script, i);
        g_autoptr(GChecksum) so_far = g_checksum_copy(sum);
        g_ptr_array_add(self->hashes, g_strdup(g_checksum_get_string(so_far)));
    }
    self->ends_certain = last_is_certain(self, script);
    return self;
}

void journal_outline_free(JournalOutline *self)
{
    if (!self)
        return;
    g_array_unref(self->groups);
    g_ptr_array_unref(self->hashes);
    g_free(self->table);
    g_free(self);
}

const JournalOutline *journal_outline_of(const Script *script, const VersionStore *store)
{
    const JournalOutline *noted = script ? script_noted(script) : NULL;
    if (script && !noted)
        noted =
            script_note(script, journal_outline_new(script, 0, store), (GDestroyNotify)journal_outline_free);
    return noted && noted->dialect == store->dialect && g_str_equal(noted->table, store->table) ? noted
                                                                                                : NULL;
}

/* ---- What is told again ---- */

/* SELECT [pg_catalog.]set_config(…), as dumps of PostgreSQL begin. */
static bool sets_by_query(const char *text, gsize length, Dialect dialect)
{
    g_autoptr(GPtrArray) words = sql_words(text, length, dialect);
    guint name = words && words->len > 3 && sql_word_is(words->pdata[1], "pg_catalog") ? 3 : 1;
    return words && name < words->len && sql_word_is(words->pdata[name], "set_config");
}

/* SET, USE, PRAGMA; and on SQLite ATTACH and DETACH. */
static bool is_told_again(const Script *script, unsigned index, Dialect dialect)
{
    const Statement *statement = script_at(script, index);
    const char *text = script_text(script) + statement->start;
    return statement->kind == STATEMENT_SET ||
           (statement->kind == STATEMENT_SELECT && dialect == DIALECT_POSTGRES &&
            sets_by_query(text, statement->length, dialect)) ||
           (statement->kind == STATEMENT_NOT_IN_TRANSACTION &&
            (g_ascii_strncasecmp(text, "attach", 6) == 0 || g_ascii_strncasecmp(text, "detach", 6) == 0));
}

/* What a transaction of the section set and then rolled back was never so, on PostgreSQL. */
static bool is_rolled_back(const Script *script, const JournalGroup *group, Dialect dialect)
{
    const Statement *last = script_at(script, group->first + group->count - 1);
    return group->by_user && dialect == DIALECT_POSTGRES && last->kind == STATEMENT_ROLLBACK;
}

void journal_add_replay(const StepAttempt *attempt, const StepContext *context, StepBatch *batch)
{
    Dialect dialect = context->store.dialect;
    for (unsigned i = 0; i < attempt->first;) {
        g_auto(JournalGroup) group = journal_group_at(attempt->script, i, dialect);
        unsigned end = MIN(i + group.count, attempt->first);
        bool undone = is_rolled_back(attempt->script, &group, dialect);
        for (; i < end; i++)
            if (!undone && is_told_again(attempt->script, i, dialect))
                step_batch_statement(batch, attempt->script, i);
    }
}
