/* Revisions on a scratch database: sections run there statement by statement as a target would run them (one
 * transaction, or none), without locks, version tables and journal. */
#pragma once

#include "dev/dev_servers.h"
#include "plans/planner.h"
#include "schema/schema_dialect.h"

/* Told around each statement of a section; NULL members are not called. False ends the section with that
 * error. */
typedef struct SectionObserver {
    bool (*before)(gpointer context, Scratch *scratch, const Script *script, unsigned index, GError **error);
    bool (*after)(gpointer context, Scratch *scratch, const Script *script, unsigned index, GError **error);
    gpointer context;
} SectionObserver;

/* Runs one section. `variables`: resolved values; NULL: none. False with DEV_ERROR_STATEMENT: file, line,
 * what the server said; a transaction is rolled back. */
bool scratch_run_section(Scratch *scratch, const Section *section, GHashTable *variables,
                         const SectionObserver *observer, GError **error);
/* One direction of one revision. DEV_ERROR_REVISION if it has no such section for the dialect. */
bool scratch_run_revision(Scratch *scratch, const Revision *revision, Direction direction,
                          GHashTable *variables, const SectionObserver *observer, GError **error);
/* An empty scratch to where these version rows stand (NULL-terminated; empty: nothing to do): every revision
 * below them, in order, upwards. */
bool scratch_upgrade(Scratch *scratch, const RevisionGraph *graph, const char *const *rows,
                     GHashTable *variables, GError **error);
/* The schema there, with no table of ours to hide. */
SchemaModel *scratch_model(Scratch *scratch, const SchemaReadOptions *options, GError **error);
