/* World: a fleet of simulated databases and the runs over it. Watches each run from outside: who is started
 * when, whether the limits hold, whether anything starts after a halt. One thread. */
#pragma once

#include "network.h"
#include "track.h"

typedef struct World {
    const Track *track;
    GRand *random;
    VirtualTime *time;
    Network *network;
    SecretStore *secrets;
    GPtrArray *groups;    /* of Group * */
    GPtrArray *targets;   /* of Target * */
    GPtrArray *databases; /* of Database *, one for each; the network's */
    RunExecutor executor; /* the virtual time's, watched */
    /* how it runs; changed between runs */
    SchedulerLimits limits;
    OnHalt on_halt;
    gint64 interrupt_at[2]; /* after the run's begin; 0: never */
    bool faults_in_probes;
    FaultOracle oracle;
    gpointer oracle_context;
    bool has_rollout; /* waves.h */
    RolloutPolicy rollout;
    double gates_fail; /* so likely */
    /* of the run at work */
    gint64 began_at;
    unsigned interrupts;
    unsigned running;
    unsigned most_running;
    unsigned failed;
    bool halted;
    bool gate_failed;
    const Plan *plan;
    GArray *waves;          /* what is counted of them, by index; waves.c */
    GHashTable *running_in; /* server name or Group * -> how many */
    unsigned runs;
    char *wrong; /* the first thing that must never happen; NULL */
} World;

World *world_new(const Track *track, guint32 seed);
void world_free(World *self);
Group *world_add_group(World *self, const Group *parent, unsigned concurrency);
/* With the built-in settings; whole: transaction: target. */
Target *world_add_target(World *self, Dialect dialect, const char *server, const Group *group, bool whole);
void world_complain(World *self, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Probes, plans, runs; then all that lingers has ended. Caller frees. */
RunResult *world_run(World *self, PlanCommand command, const char *goal);
/* Where a database stands on the track: -1 at its base, -2 nowhere. */
int world_position(const World *self, const Database *database);
