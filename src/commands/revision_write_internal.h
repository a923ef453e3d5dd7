/* Writing new revision files: what revision and merge share. */
#pragma once

#include "commands/commands_internal.h"

typedef struct NewRevision {
    const char *id;           /* NULL: a random one of 12 hex digits */
    const char *message;      /* may be empty */
    const GPtrArray *parents; /* of const Revision * */
    const char *const *depends_on;
    const char *const *labels;
    const char *folder;          /* NULL: the track's versions folder */
    const char *const *dialects; /* sections to make; empty: one without a dialect */
    bool edit;
} NewRevision;

/* Makes the file from the project's template, checks that the folder still loads with it (else it is removed
 * again), prints its path. Returns the exit code. */
int revision_write(const Workspace *workspace, const NewRevision *revision);
/* Runs the editor on the file and checks the folder afterwards. Returns the exit code. */
int revision_edit_file(const Workspace *workspace, const char *file);

/* The template that init writes; used where the project has none. */
extern const char revision_template[];
#define REVISION_TEMPLATE_FILE "revision.sql.template"
