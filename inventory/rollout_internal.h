/* What reading and writing a rollout policy share. */
#pragma once

#include "inventory/rollout.h"

#define GATE_TIMEOUT_MS (30 * 1000)
#define GATE_WAIT_MS (5 * 1000)

/* ORDER_INVENTORY to ORDER_SIZE by value, NULL-terminated. */
extern const char *const TARGET_ORDER_WORDS[];

/* What a gate without `name:` is called. Caller frees. */
char *gate_spec_default_name(const GateSpec *gate);
