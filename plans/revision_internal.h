/* What the files of the revision reader share. */
#pragma once

#include "plans/revision.h"

void section_free(Section *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Section, section_free)

/* Only UTF-8 text without zero bytes goes further; what else a file may be is said. */
bool revision_text_check(const char *text, gsize length, const char *path, Diagnostics *problems);
/* A copy with every line end as \n and without a byte order mark. The caller frees it. */
GString *revision_text_normalise(const char *text, gsize length);

/* Fills in checksums and variables, and sees to it that checks and verifications only read. */
void revision_finish_sections(Revision *revision, Diagnostics *problems);
