/* Risk marks of a section, found in its words alone: no scratch database, no target. What only a trial could
 * tell, such as what a DO block or a procedure does, is not marked; what may happen is, and its reason says
 * "unless". Pure; any thread. */
#pragma once

#include "lint/lint_facts.h"
#include "sql/risk.h"

/* The marks of one section of the revision, in the order of its statements, the step as a whole last; the
 * same of the same object is said once, at the first of its statements. The section's transaction must be as
 * the file says it; of a way down nothing is expected. Of RiskMark *; caller unrefs. */
GPtrArray *lint_risks(const LintRevision *revision, const LintSection *section);
/* The tables that the section changes, locks or refers to and does not make itself, each once, as the dialect
 * looks them up; a name that holds a variable is left out. Of char *; caller unrefs. */
GPtrArray *lint_touched_tables(const LintSection *section);
