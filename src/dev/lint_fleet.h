/* Lint fleet: asks every target what the findings want to know, in read-only sessions and bounded time. Main
 * thread; the asking is done by worker threads. */
#pragma once

#include "lint/lint_question.h"
#include "run/each_target.h"
#include "run/session.h"

typedef struct LintFleet {
    GPtrArray *targets; /* of const Target * */
    SecretStore *secrets;
    const char *folder;
    EachLimits limits;
} LintFleet;

/* A statement that takes longer is given up on that target. */
#define LINT_QUESTION_MS 5000u

/* Asks and sets severities and words of the findings. False if it was interrupted. */
bool lint_fleet_ask(const LintFleet *self, const LintSettings *settings, LintResult *result);
