/* One case of a pair file, run on two scratch databases. */
#pragma once

#include "pair_file.h"
#include "scratch_pool.h"

typedef struct PairBench {
    ScratchSlot from; /* also takes the ways up and down */
    ScratchSlot to;
} PairBench;

/* True if the case passes. Adds to `out` what is wrong, and the statements that were written. */
bool pair_case_run(const PairCase *pair, PairBench *bench, GString *out);
