/* Plan checks: what the migrate:check sections of a target's path said before anything was changed, as plain
 * values, and what a plan makes of them. Pure; the plan's thread. */
#pragma once

#include "plans/planner.h"

typedef enum CheckAnswer {
    CHECK_PASSED,  /* no row came back */
    CHECK_REFUSED, /* rows came back: each is a reason not to start */
    CHECK_FAILED,  /* it could not be read */
    CHECK_LATER    /* cannot be told yet: it needs what an earlier step of the path makes */
} CheckAnswer;
/* "passed", "rows", "failed", "later": stable names for JSON. */
const char *check_answer_name(CheckAnswer answer);

/* One section asked of one target. */
typedef struct PlanCheck {
    const Revision *revision; /* these two live as long as the graph */
    const Section *section;
    unsigned before; /* steps of the path that come before the check's own */
    CheckAnswer answer;
    char *reason; /* one line; NULL: passed */
    char *detail; /* the first rows that came back, or what else the server said; NULL */
} PlanCheck;
/* Texts are copied; they may be NULL. */
PlanCheck *plan_check_new(const PlanStep *step, unsigned before, CheckAnswer answer, const char *reason,
                          const char *detail);

struct TargetChecks {
    char *unreachable;  /* why there was no session; NULL: there was one */
    GPtrArray *answers; /* of PlanCheck *, in the order of the path */
};
TargetChecks *target_checks_new(void);
void target_checks_free(TargetChecks *self); /* NULL-safe */

/* True if any step of the path has a check. NULL-safe. */
bool plan_path_has_checks(const PlanPath *self);
/* The first check that speaks against starting, or NULL. */
const PlanCheck *plan_target_refusal(const PlanTarget *self);

/* Puts what was found into the plan: `checks` has a TargetChecks *, taken over, or NULL for each of its
 * targets. One with a refusal is blocked, one that could not be reached is unreachable; both lose their path.
 * Counts, paths and digest are those of the plan that is left. */
void plan_take_checks(Plan *self, GPtrArray *checks);
