/* Track: the revisions of a simulation, one after the other, with every statement known by its text.
 * Immutable once made. */
#pragma once

#include "plans/graph.h"

#define TRACK_LENGTH 4
#define STATEMENTS_MOST 6

typedef struct TrackRevision {
    const char *id;
    bool no_transaction;
    const char *up[STATEMENTS_MOST]; /* NULL at the end */
    const char *down[STATEMENTS_MOST];
    const char *rest; /* further sections; NULL */
} TrackRevision;

typedef struct Track {
    const TrackRevision *revisions; /* TRACK_LENGTH of them */
    bool whole;                     /* transaction: target works with it */
    GPtrArray *parsed;              /* of Revision * */
    RevisionGraph *graph;
} Track;

typedef enum TrackKind { TRACK_PLAIN, TRACK_JOURNALED, TRACK_COUNT } TrackKind;

Track *track_new(TrackKind kind);
void track_free(Track *self);
/* Position of a revision, -1 for the base (NULL), -2 if it is none of them. */
int track_position(const Track *self, const char *id);
