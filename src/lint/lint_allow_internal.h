/* Allows: "-- dbfleet:allow LK03 the table has ten rows" above a statement: a person's word that a finding is
 * known and meant, with the reason that the next reader needs. Pure. */
#pragma once

#include "lint/lint_facts.h"

/* The allows in the text between two statements of the script, which is blanks and comments; of LintAllow *.
 * Caller unrefs. */
GPtrArray *lint_allows_read(const Script *script, const char *gap, gsize length);
/* Whether it names this rule. */
bool lint_allow_names(const LintAllow *self, const char *rule);
