/* What "dbfleet runs" is made of. */
#pragma once

#include "commands/commands_internal.h"

/* runs prune --keep N|DURATION. */
int runs_prune(const Options *options, Ledger *ledger);
