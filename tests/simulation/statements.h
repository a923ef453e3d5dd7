/* Statements: what the texts that dbfleet sends do to what a database keeps. For database.c only. */
#pragma once

#include "database.h"

Kept *kept_new(void);
Kept *kept_copy(const Kept *self);
void kept_free(Kept *self);
/* True for what stands in a revision and has an effect. */
bool statement_has_effect(const char *sql);
