/* For the tests of the planner: what it must say of one target. */
#pragma once

#include "../plan_fixture.h"

static inline void expect_verdict(const Plan *plan, unsigned index, PlanVerdict verdict, PlanProblem problem,
                                  const char *reason)
{
    const PlanTarget *target = plan_target_at(plan, index);

    cr_expect_eq(target->verdict, verdict, "%s: verdict %d", target->target->name, (int)target->verdict);
    cr_expect_str_eq(plan_problem_name(target->problem), plan_problem_name(problem));
    if (!reason)
        cr_expect_null(target->reason, "%s", target->reason);
    else
        cr_expect(target->reason && strstr(target->reason, reason), "wanted: %s\ntold: %s", reason,
                  target->reason ? target->reason : "(nothing)");
}

/* The verdict on one SQLite target whose history the caller has filled in: an upgrade to head. */
static inline void expect_upgrade(PlanFixture *files, PlanVerdict verdict, PlanProblem problem,
                                  const char *reason)
{
    g_autoptr(Plan) plan = fixture_plan(files, PLAN_UPGRADE, "head");

    expect_verdict(plan, 0, verdict, problem, reason);
}
