/* Gates check: whether the questions of a rollout can be asked at all. Reads no database. */
#include "base/child.h"
#include "run/gates/gates.h"
#include "run/gates/question.h"

typedef struct GatesCheck {
    const char *folder;
    bool dialects[DIALECT_COUNT]; /* that targets have */
    Diagnostics *problems;
} GatesCheck;

/* A reference may stand for any database; only its server knows. */
static bool dialect_of_url(const char *url, Dialect *dialect)
{
    g_autofree char *scheme = g_strndup(url, strcspn(url, ":"));
    return dialect_from_scheme(scheme, dialect);
}

static void check_sql(const GatesCheck *self, const GateSpec *spec)
{
    Dialect own;
    bool known = spec->url && dialect_of_url(spec->url, &own);
    for (int dialect = 0; dialect < DIALECT_COUNT; dialect++) {
        bool asked = spec->url ? known && (int)own == dialect : self->dialects[dialect];
        if (asked)
            script_free(question_select(spec, (Dialect)dialect, spec->place, self->problems));
    }
}

static void check_spec(const GatesCheck *self, const GateSpec *spec)
{
    if (spec->kind == GATE_SQL)
        check_sql(self, spec);
    else if (spec->kind == GATE_EXEC && !child_is_there(spec->command[0], self->folder))
        diagnostics_error(self->problems, spec->place, "\"%s\" cannot be asked: there is no program %s",
                          spec->name, spec->command[0]);
}

static void check_specs(const GatesCheck *self, const GPtrArray *specs)
{
    for (guint i = 0; specs && i < specs->len; i++)
        check_spec(self, specs->pdata[i]);
}

bool gates_check(const RolloutPolicy *policy, const GPtrArray *targets, const char *folder,
                 Diagnostics *problems)
{
    GatesCheck self = {.folder = folder, .problems = problems};
    for (guint i = 0; i < targets->len; i++) {
        Dialect dialect;
        if (dialect_from_scheme(((const Target *)targets->pdata[i])->url->scheme, &dialect))
            self.dialects[dialect] = true;
    }
    unsigned before = diagnostics_count(problems, DIAGNOSTIC_ERROR);
    check_specs(&self, policy->gates);
    check_specs(&self, policy->throttles);
    for (guint i = 0; policy->waves && i < policy->waves->len; i++)
        check_specs(&self, ((const WaveSpec *)policy->waves->pdata[i])->gates);
    return diagnostics_count(problems, DIAGNOSTIC_ERROR) == before;
}
