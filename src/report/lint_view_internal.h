/* What the renderers of lint share. */
#pragma once

#include "lint/lint_result.h"

/* The finding's file from the folder on, or as it is; NULL if it is of none. */
const char *lint_view_file(const LintFinding *finding, const char *folder);
