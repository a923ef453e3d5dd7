/* Statements: what the texts that dbfleet sends do to what a database keeps. For database.c only. */
#pragma once

#include "database.h"

Kept *kept_new(void);
Kept *kept_copy(const Kept *self);
void kept_free(Kept *self);
/* What gives a session's lock back. */
#define STATEMENT_UNLOCK "unlock"
/* True for what stands in a revision and has an effect. */
bool statement_has_effect(const char *sql);
/* True for an expression, or a query, that asks what objects look like. */
bool expression_is_picture(const char *text);
/* Its value. Caller frees. */
char *picture_of(const Kept *kept, const char *expression);
/* Where a statement puts one into the session's variable. */
void picture_keep(Kept *kept, const char *sql);
