/* What the files of dbfleet lint share. */
#pragma once

#include "commands/commands_internal.h"
#include "lint/lint_rules.h"

/* The revisions to look at, of const Revision *, from the bases up, and in *told why these. NULL with a
 * message printed and *exit_code set. Caller unrefs and frees. */
GPtrArray *lint_scope(const Workspace *workspace, char **told, int *exit_code);
