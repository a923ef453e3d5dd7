/* Risk: names of the kinds, and marks as values. */
#include "sql/risk.h"

static const struct {
    const char *name;
    const char *meaning;
} kinds[] = {
    [RISK_DROPS] = {"drops", "data is lost"},
    [RISK_REWRITES] = {"rewrites", "a table is copied, or may have to be"},
    [RISK_LOCKS] = {"locks", "others wait for as long as the table is large"},
    [RISK_IRREVERSIBLE] = {"irreversible", "no way down brings back what is lost: only a backup does"},
    [RISK_NO_DOWN] = {"no-down", "the revision cannot be taken back"},
    [RISK_NOT_TRANSACTIONAL] = {"non-transactional", "what ran before a failure stays"},
};

const char *risk_kind_name(RiskKind kind)
{
    return kinds[kind].name;
}

const char *risk_kind_meaning(RiskKind kind)
{
    return kinds[kind].meaning;
}

bool risk_kind_parse(const char *name, RiskKind *kind)
{
    for (int i = 0; i < RISK_KIND_COUNT; i++) {
        if (g_strcmp0(kinds[i].name, name) != 0)
            continue;
        *kind = (RiskKind)i;
        return true;
    }
    return false;
}

RiskMark *risk_mark_new(RiskKind kind, unsigned statement, const char *object, const char *reason)
{
    RiskMark *self = g_new0(RiskMark, 1);
    self->kind = kind;
    self->statement = statement;
    self->object = g_strdup(object);
    self->reason = g_strdup(reason);
    return self;
}

RiskMark *risk_mark_copy(const RiskMark *self)
{
    return risk_mark_new(self->kind, self->statement, self->object, self->reason);
}

void risk_mark_free(RiskMark *self)
{
    if (!self)
        return;
    g_free(self->object);
    g_free(self->reason);
    g_free(self);
}

GPtrArray *risk_marks_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)risk_mark_free);
}

bool risk_marks_have(const GPtrArray *marks, RiskKind kind)
{
    for (guint i = 0; marks && i < marks->len; i++)
        if (((const RiskMark *)marks->pdata[i])->kind == kind)
            return true;
    return false;
}
