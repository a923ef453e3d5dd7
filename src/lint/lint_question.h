/* Questions: what a target is asked about a finding, as one SELECT that reads as little as it can; and what
 * the answers of a fleet make of the finding. Pure: who asks, and with what bounds, is not known here. */
#pragma once

#include "lint/lint_rules.h"

/* One statement. Of LINT_ASK_SIZE the row is how many rows the table has, as the server estimates it, and how
 * many bytes; no row: there is no such table. Of the others any row means yes. NULL: there is nothing to ask.
 * Caller frees. */
char *lint_question_sql(const LintQuestion *self, Dialect dialect);

/* One target's answer to one question. */
typedef struct LintAnswer {
    bool asked; /* false: it could not be, and `why` says so */
    bool yes;   /* it holds on this target; of a size: the table is there */
    gint64 rows;
    gint64 bytes;
    char *why;
} LintAnswer;

/* What a fleet said to a finding; the answers are of the targets that were asked. */
typedef struct LintAnswers {
    const GPtrArray *names;    /* of char *, of the targets */
    const LintAnswer *answers; /* one for each name */
} LintAnswers;
/* Sets severity, words and targets of the finding by what the fleet said to a question of it. */
void lint_finding_answer(LintFinding *self, const LintQuestion *question, const LintAnswers *answers,
                         const LintSettings *settings);
