/* What revision.c and revision_parse.c share. */
#pragma once

#include "plans/revision.h"

void section_free(Section *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Section, section_free)
