/* What heads, branches, history and show share: one revision as a line, a paragraph, or JSON. */
#pragma once

#include "base/json_out.h"
#include "commands/commands_internal.h"

/* "(label1, label2) (effective head) (branchpoint) (mergepoint)": what is special about it. Caller frees. */
char *revision_marks(const RevisionGraph *graph, const Revision *revision);
/* "9c2e77aa01b3, 4b1f…" or "<base>". Caller frees. */
char *revision_parents_text(const Revision *revision);
/* Alembic's long form: Rev, Parent, Merges, Labels, Depends on, Path, message, created. Caller frees. */
char *revision_paragraph(const RevisionGraph *graph, const Revision *revision);
/* An object with everything about it. */
void revision_json(JsonOut *json, const RevisionGraph *graph, const Revision *revision);
