/* Mask: takes the secrets that a target's variables held out of what people will read. For the run room only;
 * the worker thread that made it. */
#pragma once

#include "sql/dialect.h"

typedef struct Mask Mask;

Mask *mask_new(Dialect dialect);
void mask_free(Mask *self); /* wipes what it held; NULL-safe */
/* From now on the value is hidden, as it is and as the dialect quotes it. */
void mask_add(Mask *self, const char *secret);
/* The text with *** for every secret, also for the beginning of one that was cut off. `offset` (NULL: none)
 * is a place in the text that moves along. Caller frees. `self` NULL: a copy. */
char *mask_text(const Mask *self, const char *text, gsize length, gsize *offset);
