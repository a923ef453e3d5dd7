/* Doctor: looks for what would make a run fail, or its outcome doubtful, before there is one. Gathers from
 * every target in parallel, in read-only sessions, taking no lock; then judges what was gathered, which is
 * pure. */
#pragma once

#include "inventory/project.h"
#include "plans/planner.h"
#include "run/doctor/checkup.h"
#include "run/each_target.h"
#include "run/session.h"

typedef struct DoctorOptions {
    SecretStore *secrets;
    const char *folder;
    const char *version_table;
    bool deep; /* also what reads whole databases */
    EachLimits limits;
} DoctorOptions;

/* What was gathered from one target. */
typedef struct DoctorTarget {
    TargetState *state;
    Examination *examination; /* NULL: no connection could be made */
    char *lock_holder;        /* who holds the target's lock now, for a person; NULL: nobody, or not known */
    gint64 clock_skew_us;     /* how far the server's clock is ahead of ours; 0 where it cannot be told */
} DoctorTarget;
void doctor_target_free(DoctorTarget *self);

/* DoctorTarget * for each target (const Target *), in the same order; NULL for targets that are not active.
 * NULL only if tick stopped it. The array owns them. */
GPtrArray *doctor_gather(GPtrArray *targets, const DoctorOptions *options);

/* What a judgement needs besides what was gathered. */
typedef struct DoctorFacts {
    unsigned jobs; /* of a run */
    unsigned per_host;
    GHashTable *runs_over; /* ids of the runs that the ledger says are over or dead; NULL: no ledger */
} DoctorFacts;

/* Judges. `plan` is an upgrade to the heads over the same targets and the gathered states. The checkup's
 * texts are its own, but targets, states and gathered stay the caller's and outlive it; `local` (findings on
 * this machine) is taken over. Pure. */
Checkup *doctor_judge(const GPtrArray *targets, const GPtrArray *gathered, const Plan *plan,
                      const DoctorFacts *facts, GPtrArray *local);

/* Findings on this machine: ledger, revisions' folder, limits of the process. Main thread. Caller frees. */
GPtrArray *doctor_local(const Project *project, const Track *track, unsigned jobs);
/* Adds findings on the backups that the inventory asks for. `folder`: the inventory's. Main thread. */
void doctor_backups(const GPtrArray *targets, const char *folder, GPtrArray *findings);

/* The run whose session a lock's holder is: "20261122-…" of "…, application dbfleet 20261122-…, …". NULL if
 * the text names none. Caller frees. Pure. */
char *doctor_holder_run(const char *holder);
