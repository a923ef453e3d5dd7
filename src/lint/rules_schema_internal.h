/* What the rules of schema share: which objects a section made, and those rules that are about keys. */
#pragma once

#include "lint/lint_internal.h"

/* Calls `visit` for each object of the kind that the section made, at the statement that made it. */
void lint_each_made(LintSink *sink, SchemaKind kind,
                    void (*visit)(LintSink *sink, const SchemaObject *object));

/* Judges of sections. */
void keys_without_primary(LintSink *sink, const LintSection *section);
void keys_without_index(LintSink *sink, const LintSection *section);
void keys_redundant(LintSink *sink, const LintSection *section);
void keys_without_parent(LintSink *sink, const LintSection *section);
void keys_wide(LintSink *sink, const LintSection *section);
