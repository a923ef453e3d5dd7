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
    const char *sections;        /* what stands below the header instead of empty ones; NULL */
    bool edit;
} NewRevision;

/* The revisions that the new one stands on: the one head unless --head says otherwise. NULL: printed. */
GPtrArray *revision_parents(const Workspace *workspace, int *exit_code);
/* --version-path must lie in the versions folder, or its files would never be read; else printed. */
bool revision_folder_is_inside(const Workspace *workspace, const char *folder);
/* revision --autogenerate. Returns the exit code. */
int revision_autogenerate(const Options *options);

/* Makes the file from the project's template, checks that the folder still loads with it (else it is removed
 * again), prints its path. Returns the exit code. */
int revision_write(const Workspace *workspace, const NewRevision *revision);
/* In parts, for who looks at the text before it is kept. An id of 12 hex digits by chance. Caller frees. */
char *revision_write_id(void);
/* The text and the path that the file will have. NULL and an error if the template is wrong. Caller frees. */
char *revision_write_text(const Workspace *workspace, const NewRevision *revision, const char *id,
                          GError **error);
char *revision_write_path(const Workspace *workspace, const NewRevision *revision, const char *id);
/* Writes all files or none (both lists of char *, NULL-terminated), checks the folder as above and prints the
 * paths. Returns the exit code. */
int revision_write_files(const Workspace *workspace, const char *const *paths, const char *const *texts);
/* Runs the editor on the file and checks the folder afterwards. Returns the exit code. */
int revision_edit_file(const Workspace *workspace, const char *file);

/* The template that init writes; used where the project has none. */
extern const char revision_template[];
#define REVISION_TEMPLATE_FILE "revision.sql.template"
