/* Testing revisions: each is run up, down and up again on a scratch database that stands at what it stands
 * on, with seeded rows in every table; the schema must be the same after each up, and the one before after
 * the down. The thread that calls; main thread for servers that are started. */
#pragma once

#include "dev/revision_test_result.h"
#include "dev/scratch_revisions.h"

typedef struct RevisionTestRequest {
    DevServers *servers;
    const RevisionGraph *graph;
    const GPtrArray *revisions; /* of const Revision *: to be tested, ancestors first */
    Dialect dialect;
    const char *schema;    /* the schema that stands for a target's own; NULL: the whole database */
    GHashTable *variables; /* NULL: none */
    bool together;         /* also: all heads on one database */
    /* Told before each one; NULL. */
    void (*progress)(gpointer context, const Revision *revision, guint index);
    gpointer context;
} RevisionTestRequest;

/* What is wrong with a revision is in the result. False and an error where no test could be made: no scratch
 * database, a lost connection, an interrupt. */
bool revision_test_run(const RevisionTestRequest *request, RevisionTestResult *result, GError **error);
