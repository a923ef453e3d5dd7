/* Settling: what became of a statement whose outcome is open, from the picture of its objects before it and
 * now. Pure: it says what to do, the run does it. */
#pragma once

#include "schema/picture.h"

typedef enum Verdict {
    VERDICT_DONE,   /* it took effect: go on behind it */
    VERDICT_REPEAT, /* it did not, or may be run again */
    VERDICT_ASK     /* undecidable: a person must look */
} Verdict;

typedef struct Settlement {
    Verdict verdict;
    GPtrArray *remains; /* VERDICT_REPEAT: names, quoted, of invalid indexes to drop concurrently before; of
                           char *; may be empty */
    char *difference;   /* lines "- " before, "+ " now; NULL: none */
    const char *hint;   /* more to say to a person; NULL */
} Settlement;

/* `before` and `now` NULL: there is no picture. `refused`: the server reported an error of the statement. */
void settlement_judge(Settlement *self, const StatementFacts *facts, const char *before, const char *now,
                      bool refused);
void settlement_clear(Settlement *self);
/* True if a statement that took effect, with nobody else at work on its objects, is never a person's to
 * judge. */
bool settlement_is_certain(const StatementFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Settlement, settlement_clear)
