/* Lint measure: revisions tried statement by statement on scratch databases, and what was seen of each: the
 * schema around it, the locks it took, what it copied and read. One thread. */
#pragma once

#include "dev/dev_servers.h"
#include "lint/lint_facts.h"
#include "lint/lint_result.h"
#include "plans/graph.h"

typedef struct LintTask {
    const Revision *revision;
    LintRevision *facts;
} LintTask;

typedef struct LintMeasure {
    DevServers *servers; /* NULL: nothing is tried, only the texts are read */
    const RevisionGraph *graph;
    GPtrArray
        *tasks; /* of LintTask *: what is looked at; its facts get a section up and down for the dialect */
    Dialect dialect;
    GHashTable *variables; /* resolved values; NULL: none */
    LintResult *result;    /* what could not be tried is noted here */
} LintMeasure;

/* Works through the graph from its bases as far as the tasks reach, on one scratch. A revision that fails
 * there is in its facts, and what stands on it is not tried. False only for what ends all: an interrupt, a
 * lost server. */
bool lint_measure(const LintMeasure *self, GError **error);
