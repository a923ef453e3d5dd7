/* Compound: tells, token by token, whether a statement of MySQL or MariaDB is inside a compound body, where a
 * ";" does not end it. Used where no DELIMITER is set. One thread. */
#pragma once

#include "sql/lexer_internal.h"

typedef struct Compound Compound;

Compound *compound_new(void);
void compound_free(Compound *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Compound, compound_free)

/* A new statement begins. */
void compound_reset(Compound *self);
/* The next token of the statement, except ";" . */
void compound_follow(Compound *self, const Lexer *lexer, const Token *token);
/* A ";" inside the statement. */
void compound_semicolon(Compound *self);
bool compound_is_open(const Compound *self);
/* Where the outermost open block begins. */
gsize compound_start(const Compound *self);
