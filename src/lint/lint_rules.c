/* Lint rules: the families' tables put together, and a revision judged by all of them. */
#include "lint/lint_rules.h"
#include "base/suggest.h"
#include "lint/lint_allow_internal.h"
#include "lint/lint_internal.h"
#include "lint/lint_tree_internal.h"

#include <string.h>

/* ---- The table ---- */

static const LintRule *const FAMILIES[] = {
    lint_data_loss_rules,   lint_lock_rules,   lint_compatibility_rules, lint_data_rules,
    lint_transaction_rules, lint_schema_rules, lint_revision_rules,
};

const char *lint_need_name(LintNeed need)
{
    static const char *const names[] = {"text", "trial", "measure", "tree"};
    return names[need];
}

const LintRule *lint_rule_at(guint index)
{
    for (gsize family = 0; family < G_N_ELEMENTS(FAMILIES); family++)
        for (const LintRule *rule = FAMILIES[family]; rule->id; rule++)
            if (index-- == 0)
                return rule;
    return NULL;
}

const LintRule *lint_rule_find(const char *id)
{
    const LintRule *rule = NULL;
    for (guint i = 0; (rule = lint_rule_at(i)) && g_ascii_strcasecmp(rule->id, id) != 0; i++)
        ;
    return rule;
}

const char *lint_rule_suggest(const char *id)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    const LintRule *rule = NULL;
    for (guint i = 0; (rule = lint_rule_at(i)) != NULL; i++)
        g_ptr_array_add(ids, (gpointer)rule->id);
    return suggest_nearest(id, (const char *const *)ids->pdata, ids->len);
}

/* ---- Judging ---- */

/* Whether what the rule needs is there; if not, it is noted. */
static bool can_judge(const LintSink *sink, const LintSection *section)
{
    const char *dialect = dialect_name(section->dialect);
    if (sink->rule->need == LINT_NEEDS_TEXT)
        return true;
    if (sink->rule->need == LINT_NEEDS_TREE) {
        if (!lint_tree_available())
            lint_result_unchecked(sink->result, "%s: libpg_query is not there", sink->rule->id);
        return lint_tree_available();
    }
    if (!section->diff && section->statements->len > 0)
        lint_result_unchecked(sink->result, "revision %s was not tried on %s: only its text was looked at",
                              sink->revision->id, dialect);
    return section->diff != NULL;
}

static bool is_off(const LintSink *sink)
{
    gpointer level;
    if (sink->settings->levels &&
        g_hash_table_lookup_extended(sink->settings->levels, sink->rule->id, NULL, &level))
        return GPOINTER_TO_UINT(level) == FINDING_OK;
    return sink->rule->severity == FINDING_OK;
}

static bool statement_has(const LintSink *sink, const LintStatement *statement)
{
    if (sink->rule->need == LINT_NEEDS_TRIAL)
        return statement->diff != NULL;
    return sink->rule->need != LINT_NEEDS_MEASURE || statement->measured;
}

static void judge_up(LintSink *sink, const LintSection *section)
{
    if (sink->rule->section)
        sink->rule->section(sink, section);
    for (guint i = 0; sink->rule->statement && i < section->statements->len; i++) {
        sink->statement = section->statements->pdata[i];
        if (statement_has(sink, sink->statement))
            sink->rule->statement(sink, sink->statement);
    }
}

static void judge_section(LintSink *sink, const LintSection *section)
{
    sink->section = section;
    sink->statement = NULL;
    if (!(sink->rule->dialects & 1u << section->dialect))
        return;
    if (section->down && sink->rule->down)
        sink->rule->down(sink, section);
    if (!section->down && (sink->rule->section || sink->rule->statement) && can_judge(sink, section))
        judge_up(sink, section);
    sink->statement = NULL;
}

static void judge_rule(LintSink *sink)
{
    for (guint i = 0; i < sink->revision->sections->len; i++)
        judge_section(sink, sink->revision->sections->pdata[i]);
    sink->section = NULL;
    if (sink->rule->revision)
        sink->rule->revision(sink, sink->revision);
}

/* ---- Allows that are wrong ---- */

static void check_rules(LintSink *sink, const LintAllow *allow, bool *fine)
{
    g_auto(GStrv) rules = g_strsplit(allow->rules, ",", -1);
    for (char **rule = rules; *rule; rule++) {
        if (lint_rule_find(*rule))
            continue;
        const char *near = lint_rule_suggest(*rule);
        *fine = false;
        if (!**rule)
            lint_tell(sink, NULL, "line %u allows no rule: write '-- dbfleet:allow RULE reason'",
                      allow->line);
        else
            lint_tell(sink, NULL, "line %u allows %s, which is no rule%s%s%s", allow->line, *rule,
                      near ? ": did you mean " : "", near ? near : "", near ? "?" : "");
    }
}

static void check_allow(LintSink *sink, const LintAllow *allow)
{
    bool fine = true;
    sink->rule = lint_rule_find("RV04");
    check_rules(sink, allow, &fine);
    if (fine && !*allow->reason)
        lint_tell(sink, NULL, "line %u allows %s without a reason, so it allows nothing", allow->line,
                  allow->rules);
    sink->rule = lint_rule_find("RV05");
    if (fine && *allow->reason && !g_hash_table_contains(sink->used, allow))
        lint_tell(sink, NULL, "line %u allows %s, and there is nothing of that to allow", allow->line,
                  allow->rules);
}

static void check_allows(LintSink *sink, const GPtrArray *allows)
{
    for (guint i = 0; i < allows->len; i++)
        check_allow(sink, allows->pdata[i]);
}

/* The same text is there once for each dialect: an allow that is of use in one of them is of use. */
static bool is_used_elsewhere(const LintSink *sink, const LintAllow *allow)
{
    GHashTableIter all;
    gpointer used;
    g_hash_table_iter_init(&all, sink->used);
    while (g_hash_table_iter_next(&all, &used, NULL))
        if (((const LintAllow *)used)->line == allow->line)
            return true;
    return false;
}

static void spread_use(LintSink *sink, const GPtrArray *allows)
{
    for (guint i = 0; i < allows->len; i++)
        if (is_used_elsewhere(sink, allows->pdata[i]))
            g_hash_table_add(sink->used, allows->pdata[i]);
}

static void each_allows(LintSink *sink, void (*visit)(LintSink *sink, const GPtrArray *allows))
{
    for (guint s = 0; s < sink->revision->sections->len; s++) {
        const LintSection *section = sink->revision->sections->pdata[s];
        sink->section = section;
        for (guint i = 0; i < section->statements->len; i++) {
            sink->statement = section->statements->pdata[i];
            visit(sink, sink->statement->allows);
        }
        sink->statement = NULL;
        visit(sink, section->allows);
    }
}

/* ---- What was measured ---- */

static void take_measured(const LintRevision *revision, const LintSection *section,
                          const LintStatement *statement, LintResult *result)
{
    for (guint i = 0; statement->measured && i < statement->tables->len; i++) {
        const LintTable *table = statement->tables->pdata[i];
        bool postgres = section->dialect == DIALECT_POSTGRES;
        LintMeasured *seen = g_new0(LintMeasured, 1);
        *seen = (LintMeasured){.dialect = section->dialect,
                               .file = g_strdup(revision->file),
                               .line = statement->place.line,
                               .table = g_strdup(table->key),
                               .lock = postgres ? lint_lock_name(table->lock) : NULL,
                               .algorithm = postgres ? NULL : lint_algorithm_name(statement->algorithm),
                               .rewritten = table->rewritten,
                               .scanned = table->scanned,
                               .blocks_writes =
                                   postgres ? table->lock >= LINT_LOCK_SHARE : statement->blocks_writes};
        g_ptr_array_add(result->measured, seen);
    }
}

static void take_all_measured(const LintRevision *revision, LintResult *result)
{
    for (guint s = 0; s < revision->sections->len; s++) {
        const LintSection *section = revision->sections->pdata[s];
        for (guint i = 0; i < section->statements->len; i++)
            take_measured(revision, section, section->statements->pdata[i], result);
    }
}

void lint_revision_judge(const LintRevision *revision, const LintSettings *settings, LintResult *result)
{
    g_autoptr(GHashTable) used = g_hash_table_new(NULL, NULL);
    LintSink sink = {.settings = settings, .revision = revision, .result = result, .used = used};
    for (guint i = 0; (sink.rule = lint_rule_at(i)) != NULL; i++)
        if (!is_off(&sink))
            judge_rule(&sink);
    each_allows(&sink, spread_use);
    each_allows(&sink, check_allows);
    take_all_measured(revision, result);
    result->revisions++;
}
