/* What reading and writing a rollout policy share. */
#pragma once

#include "inventory/rollout.h"

#define GATE_TIMEOUT_MS (30 * 1000)
#define GATE_WAIT_MS (5 * 1000)

/* ORDER_INVENTORY to ORDER_SIZE by value, NULL-terminated. */
extern const char *const TARGET_ORDER_WORDS[];

/* What a gate without `name:` is called: of a URL without user, password, query and fragment. Caller frees.
 */
char *gate_spec_default_name(const GateSpec *gate);
/* True if a password, or the value of a parameter that lets someone in, is written out in the gate's URL. */
bool gate_spec_url_holds_secret(const GateSpec *gate);
/* An HTTP URL as it is written, references and all, without what may be secret. Caller frees. */
char *gate_url_shown(const char *url);
