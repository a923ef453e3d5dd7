/* Settling: judges an open statement by the rule of its class and two pictures. Where the rule has no answer
 * the answer is a person's. Pure. */
#include "schema/settle.h"

#include <string.h>

#define MOST_LINES 20
#define HINT_FINALIZE                                                                                        \
    "A detach that was interrupted is pending: ALTER TABLE … DETACH PARTITION … FINALIZE ends it, then " \
    "--assume-done."

/* What the judging looks at. */
typedef struct Evidence {
    const StatementFacts *facts;
    const char *before;
    const char *now;
    Settlement *out;
} Evidence;

static unsigned count_absent(const StatementFacts *facts, const char *picture)
{
    unsigned absent = 0;
    for (guint i = 0; i < facts->objects->len; i++) {
        g_autofree char *line = picture_absent_line(facts->objects->pdata[i]);
        absent += picture_has_line(picture, line);
    }
    return absent;
}

static bool all_absent(const StatementFacts *facts, const char *picture)
{
    return count_absent(facts, picture) == facts->objects->len;
}

/* ---- PostgreSQL's indexes ---- */

/* Fields of an index line. */
enum { FIELD_KIND, FIELD_VALIDITY, FIELD_QUALIFIED, FIELD_NAME, FIELD_COUNT };

typedef bool (*IndexFilter)(const Evidence *evidence, char *const *fields);

static bool is_the_one(const Evidence *evidence, char *const *fields)
{
    const ObjectName *table = evidence->facts->objects->pdata[0];
    return !table->index || g_str_equal(table->index, fields[FIELD_NAME]);
}

static bool is_leftover(const Evidence *evidence, char *const *fields)
{
    (void)evidence;
    return g_regex_match_simple("_cc(new|old)[0-9]*$", fields[FIELD_NAME], 0, 0);
}

/* Indexes of that validity which were not there before and which the filter takes: their qualified names. */
static GPtrArray *new_indexes(const Evidence *evidence, const char *validity, IndexFilter filter)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) lines = g_strsplit(evidence->now, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, "\t", -1);
        if (g_strv_length(fields) >= FIELD_COUNT && g_str_equal(fields[FIELD_KIND], "index") &&
            g_str_equal(fields[FIELD_VALIDITY], validity) && !picture_has_line(evidence->before, *line) &&
            filter(evidence, fields))
            g_ptr_array_add(found, g_strdup(fields[FIELD_QUALIFIED]));
    }
    return found;
}

/* Without a name in the statement several new ones leave open which is its own. */
static Verdict judge_index(const Evidence *evidence)
{
    g_autoptr(GPtrArray) valid = new_indexes(evidence, "valid", is_the_one);
    g_autoptr(GPtrArray) invalid = new_indexes(evidence, "invalid", is_the_one);
    if (valid->len + invalid->len != 1)
        return VERDICT_ASK;
    if (valid->len == 1)
        return VERDICT_DONE;
    g_ptr_array_unref(evidence->out->remains);
    evidence->out->remains = g_steal_pointer(&invalid);
    return VERDICT_REPEAT;
}

static Verdict judge_reindex(const Evidence *evidence)
{
    g_ptr_array_unref(evidence->out->remains);
    evidence->out->remains = new_indexes(evidence, "invalid", is_leftover);
    return VERDICT_REPEAT;
}

static Verdict judge_detach(const Evidence *evidence)
{
    if (!strstr(evidence->now, ": detach pending"))
        return VERDICT_DONE;
    evidence->out->hint = HINT_FINALIZE;
    return VERDICT_ASK;
}

/* ---- Rules ---- */

static bool has_line_like(const char *picture, const char *prefix)
{
    g_auto(GStrv) lines = g_strsplit(picture, "\n", -1);
    for (char **line = lines; *line; line++)
        if (g_ascii_strncasecmp(*line, prefix, strlen(prefix)) == 0)
            return true;
    return false;
}

/* What changed must be what the statement changes: somebody else may have been at work, too. */
static Verdict judge_expected(const Evidence *evidence)
{
    const GPtrArray *expected = evidence->facts->expected;
    for (guint i = 0; expected && i < expected->len; i++) {
        const char *line = expected->pdata[i];
        if (has_line_like(evidence->now, line + 1) != (*line == '+'))
            return VERDICT_ASK;
    }
    return VERDICT_DONE;
}

static Verdict judge_rule(const Evidence *evidence, SettleRule rule)
{
    switch (rule) {
    case SETTLE_DONE:
        return judge_expected(evidence);
    case SETTLE_REPEAT:
        return VERDICT_REPEAT;
    case SETTLE_GONE_OR_ASK:
        return all_absent(evidence->facts, evidence->now) ? VERDICT_DONE : VERDICT_ASK;
    case SETTLE_GONE_OR_REPEAT:
        return all_absent(evidence->facts, evidence->now) ? VERDICT_DONE : VERDICT_REPEAT;
    case SETTLE_MADE:
        return count_absent(evidence->facts, evidence->now) == 0 ? VERDICT_DONE : VERDICT_REPEAT;
    case SETTLE_INDEX:
        return judge_index(evidence);
    case SETTLE_REINDEX:
        return judge_reindex(evidence);
    case SETTLE_DETACH:
        return judge_detach(evidence);
    case SETTLE_ASK:
        break;
    }
    return VERDICT_ASK;
}

/* Nothing to lose: what it would replace is not there. */
static bool replaces_nothing(const Evidence *evidence)
{
    return evidence->facts->differs == SETTLE_MADE && all_absent(evidence->facts, evidence->now);
}

/* The server refused it, and yet something changed: only leftovers that can be dropped, or what going on
 * ends, are no riddle. */
static Verdict judge_refused(const Evidence *evidence, bool same)
{
    const StatementFacts *facts = evidence->facts;
    if (facts->differs == SETTLE_GONE_OR_REPEAT)
        return VERDICT_REPEAT;
    if (!facts->class->failed_is_clean)
        return VERDICT_ASK;
    if (same)
        return VERDICT_REPEAT;
    if (facts->differs != SETTLE_INDEX && facts->differs != SETTLE_REINDEX)
        return VERDICT_ASK;
    return judge_rule(evidence, facts->differs) == VERDICT_REPEAT ? VERDICT_REPEAT : VERDICT_ASK;
}

static Verdict judge_pictures(const Evidence *evidence, bool refused)
{
    bool same = g_str_equal(evidence->before, evidence->now);
    if (refused)
        return judge_refused(evidence, same);
    if (same)
        return replaces_nothing(evidence) ? VERDICT_REPEAT : judge_rule(evidence, evidence->facts->equal);
    return judge_rule(evidence, evidence->facts->differs);
}

void settlement_judge(Settlement *self, const StatementFacts *facts, const char *before, const char *now,
                      bool refused)
{
    const Evidence evidence = {facts, before, now, self};
    *self = (Settlement){.verdict = VERDICT_ASK, .remains = g_ptr_array_new_with_free_func(g_free)};
    bool pictured = before && now && facts->objects->len > 0;
    if (facts->equal == SETTLE_REPEAT && facts->differs == SETTLE_REPEAT)
        self->verdict = VERDICT_REPEAT;
    else if (pictured)
        self->verdict = judge_pictures(&evidence, refused);
    else if (refused && facts->objects->len == 0 && facts->class->failed_is_clean)
        self->verdict = VERDICT_REPEAT;
    if (pictured)
        self->difference = picture_difference(before, now, MOST_LINES);
}

static bool rule_answers(SettleRule rule)
{
    return rule == SETTLE_DONE || rule == SETTLE_REPEAT || rule == SETTLE_MADE ||
           rule == SETTLE_GONE_OR_REPEAT || rule == SETTLE_GONE_OR_ASK;
}

/* Without objects there is no picture that could tell. */
bool settlement_is_certain(const StatementFacts *facts)
{
    bool repeats = facts->equal == SETTLE_REPEAT && facts->differs == SETTLE_REPEAT;
    return repeats || (facts->objects->len > 0 && rule_answers(facts->equal) && rule_answers(facts->differs));
}

void settlement_clear(Settlement *self)
{
    g_clear_pointer(&self->remains, g_ptr_array_unref);
    g_clear_pointer(&self->difference, g_free);
}
