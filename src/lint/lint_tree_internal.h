/* Tree: what only PostgreSQL's own parser can tell of a statement, through libpg_query where it is built in.
 * Its grammar is PostgreSQL 15's: what it does not know is passed over. Pure; any thread. */
#pragma once

#include "lint/lint_facts.h"

bool lint_tree_available(void);
/* The tables that the statement names without a schema, other than those of its own WITH; of char *, each
 * once. NULL if it cannot be parsed. Caller unrefs. */
GPtrArray *lint_tree_unqualified(const LintStatement *statement);
/* The columns that the statement names twice where once is allowed (CREATE TABLE, INSERT, UPDATE SET); of
 * char
 * *. NULL if it cannot be parsed. Caller unrefs. */
GPtrArray *lint_tree_duplicates(const LintStatement *statement);
