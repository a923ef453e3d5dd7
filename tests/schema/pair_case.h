/* One case of a pair file, run on two scratch databases. */
#pragma once

#include "pair_file.h"
#include "scratch_pool.h"

typedef struct PairBench {
    ScratchSlot from; /* also takes the ways up and down */
    ScratchSlot to;
} PairBench;

typedef enum PairOutcome {
    PAIR_PASSED,
    PAIR_FAILED,
    /* Of cases that expect anything: */
    PAIR_REFUSED,    /* no way is written without a hint */
    PAIR_IN_THE_WAY, /* both ways hold, but not for these rows */
    PAIR_NOT_LOADED  /* the server takes one of the schemas for wrong */
} PairOutcome;
#define PAIR_OUTCOMES (PAIR_NOT_LOADED + 1)

/* Adds to `out` what is wrong, and the statements that were written. */
PairOutcome pair_case_run(const PairCase *pair, PairBench *bench, GString *out);
