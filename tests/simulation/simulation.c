/* Simulation: runs over fleets in memory, on one thread and a virtual clock, where everything that can go
 * wrong with a database goes wrong: every fault once at every place of a small run, then thousands of random
 * fleets, limits, faults and interrupts by seed. After each run the same command runs again until all is
 * quiet; what must hold is checked after every run (truth.h, world.h).
 *
 *   simulation                                        all of it
 *   DBFLEET_SIMULATION="seed 17" simulation           one seed, with every call printed
 *   DBFLEET_SIMULATION="place 0 212 7" simulation     one fault at one place of one track
 *   DBFLEET_SIMULATION_SEEDS=100000 simulation        more seeds
 *   DBFLEET_SIMULATION_PART=8 simulation              an eighth of the places */
#include "truth.h"
#include "waves.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS 1000
#define CLEAN_RUNS 6 /* so many without faults must be enough */
#define SECOND G_GINT64_CONSTANT(1000000)

typedef struct Counts {
    unsigned passed;
    unsigned failed;
    unsigned undecided; /* simulations in which a target was left so */
} Counts;

static bool any_undecided(const World *world)
{
    for (guint i = 0; i < world->databases->len; i++)
        if (truth_is_undecided(world->databases->pdata[i]))
            return true;
    return false;
}

static void count(Counts *self, const World *world, const char *name)
{
    self->passed += !world->wrong;
    self->undecided += any_undecided(world);
    self->failed += world->wrong != NULL;
    if (world->wrong)
        printf("not ok - %s: %s\n   again, with every call: DBFLEET_SIMULATION=\"%s\"\n", name, world->wrong,
               name);
}

/* ---- Runs until all is quiet ---- */

static RunResult *checked_run(World *world, PlanCommand command)
{
    g_autoptr(GArray) before = truth_positions(world);
    RunResult *run = world_run(world, command, command == PLAN_UPGRADE ? "head" : "base");
    truth_check(world, run, before, command);
    return run;
}

static bool is_quiet(const World *world, PlanCommand command)
{
    int goal = command == PLAN_UPGRADE ? TRACK_LENGTH - 1 : -1;
    for (guint i = 0; i < world->databases->len; i++) {
        const Database *database = world->databases->pdata[i];
        if (world_position(world, database) != goal && !truth_is_undecided(database))
            return false;
    }
    return true;
}

/* The same command again, with nothing in its way. */
static void run_until_quiet(World *world, PlanCommand command)
{
    world->oracle = NULL;
    world->interrupt_at[0] = 0;
    sim_waves_none(world);
    for (int i = 0; i < CLEAN_RUNS && !world->wrong && !is_quiet(world, command); i++)
        run_result_free(checked_run(world, command));
    if (!is_quiet(world, command))
        world_complain(world, "not at the goal after %d clean runs", CLEAN_RUNS);
}

/* ---- Every fault at every place ---- */

/* What must come of a target that met it in its first run, if it is not left undecided. */
typedef enum Expected { EXPECT_DONE, EXPECT_FAILED, EXPECT_ANY } Expected;

typedef struct FaultRow {
    Fault fault;
    unsigned places; /* of FaultPlace */
    Expected expected;
} FaultRow;

#define REFUSED(class, where, what)                                                                          \
    {                                                                                                        \
        {FAULT_REFUSED, (class), 0}, (where), (what)                                                         \
    }
#define BREAKS(kind, where, seconds, what)                                                                   \
    {                                                                                                        \
        {(kind), 0, (seconds)*SECOND}, (where), (what)                                                       \
    }

static const FaultRow fault_rows[] = {
    REFUSED(DB_ERROR_LOCK_TIMEOUT, AT_STATEMENT | AT_CONNECT, EXPECT_DONE),
    REFUSED(DB_ERROR_DEADLOCK, AT_STATEMENT, EXPECT_DONE),
    REFUSED(DB_ERROR_BUSY, AT_CONNECT, EXPECT_DONE),
    REFUSED(DB_ERROR_UNREACHABLE, AT_CONNECT, EXPECT_FAILED),
    REFUSED(DB_ERROR_AUTHENTICATION, AT_CONNECT, EXPECT_FAILED),
    REFUSED(DB_ERROR_NO_DATABASE, AT_CONNECT, EXPECT_FAILED),
    REFUSED(DB_ERROR_UNSUPPORTED, AT_CONNECT, EXPECT_FAILED),
    REFUSED(DB_ERROR_TIMEOUT, AT_STATEMENT, EXPECT_ANY),
    REFUSED(DB_ERROR_CANCELLED, AT_STATEMENT, EXPECT_ANY),
    REFUSED(DB_ERROR_READ_ONLY, AT_STATEMENT | AT_CONNECT, EXPECT_ANY),
    REFUSED(DB_ERROR_PERMISSION, AT_STATEMENT, EXPECT_ANY),
    REFUSED(DB_ERROR_UNDEFINED_TABLE, AT_STATEMENT, EXPECT_ANY),
    REFUSED(DB_ERROR_HEADS_MOVED, AT_STATEMENT, EXPECT_ANY),
    REFUSED(DB_ERROR_DISK_FULL, AT_STATEMENT, EXPECT_ANY),
    REFUSED(DB_ERROR_STATEMENT, AT_STATEMENT, EXPECT_ANY),
    {{FAULT_HANGS, 0, 0}, AT_STATEMENT | AT_CONNECT, EXPECT_ANY},
    BREAKS(FAULT_NEVER_ARRIVED, AT_CALL, 0, EXPECT_DONE),
    BREAKS(FAULT_NEVER_ARRIVED, AT_CALL, 10, EXPECT_DONE),
    BREAKS(FAULT_NEVER_ARRIVED, AT_CALL, 100, EXPECT_ANY),
    BREAKS(FAULT_BROKEN, AT_STATEMENT, 0, EXPECT_DONE),
    BREAKS(FAULT_BROKEN, AT_STATEMENT, 10, EXPECT_DONE),
    BREAKS(FAULT_BROKEN, AT_STATEMENT, 100, EXPECT_ANY),
    BREAKS(FAULT_UNANSWERED, AT_CALL | AT_STATEMENT, 0, EXPECT_DONE),
    BREAKS(FAULT_UNANSWERED, AT_CALL | AT_STATEMENT, 10, EXPECT_DONE),
    BREAKS(FAULT_UNANSWERED, AT_CALL | AT_STATEMENT, 100, EXPECT_ANY),
    BREAKS(FAULT_CRASH, AT_CALL | AT_STATEMENT, 0, EXPECT_DONE),
    BREAKS(FAULT_CRASH, AT_CALL | AT_STATEMENT, 60, EXPECT_ANY),
    BREAKS(FAULT_CRASH, AT_CALL | AT_STATEMENT, 300, EXPECT_ANY),
};

/* One fault at one place, counted from the run's first. */
typedef struct OnePlace {
    unsigned wanted;
    unsigned seen;
    Fault fault;
    GArray *places; /* of FaultPlace: all that were asked about; NULL: not wanted */
} OnePlace;

static Fault one_place(gpointer context, FaultPlace place)
{
    OnePlace *self = context;
    if (self->places)
        g_array_append_val(self->places, place);
    return self->seen++ == self->wanted ? self->fault : (Fault){0};
}

/* One of each kind. */
static World *small_world(const Track *track)
{
    World *world = world_new(track, 1);
    world_add_target(world, DIALECT_POSTGRES, "one", NULL, false);
    world_add_target(world, DIALECT_MARIADB, "two", NULL, false);
    world_add_target(world, DIALECT_SQLITE, "", NULL, false);
    if (track->whole)
        world_add_target(world, DIALECT_POSTGRES, "one", NULL, true);
    return world;
}

static GArray *places_of(const Track *track)
{
    World *world = small_world(track);
    OnePlace oracle = {.wanted = G_MAXUINT, .places = g_array_new(FALSE, FALSE, sizeof(FaultPlace))};
    world->oracle = one_place;
    world->oracle_context = &oracle;
    run_result_free(checked_run(world, PLAN_UPGRADE));
    g_assert(!world->wrong && is_quiet(world, PLAN_UPGRADE));
    world_free(world);
    return oracle.places;
}

static void expect(World *world, const RunResult *run, Expected expected)
{
    if (expected == EXPECT_FAILED && run_result_count(run, OUTCOME_DONE) == world->targets->len)
        world_complain(world, "a fault that does not pass was tried again");
    for (guint i = 0; i < run->targets->len && expected == EXPECT_DONE; i++) {
        const TargetResult *result = run->targets->pdata[i];
        const Database *database = world->databases->pdata[i];
        bool only_unverified = world_position(world, database) == TRACK_LENGTH - 1 && result->failure &&
                               strstr(result->failure->message, "migrate:verify could not be read");
        if (result->outcome != OUTCOME_DONE && !only_unverified && !truth_is_undecided(database))
            world_complain(world, "a fault that passes was not overcome: %s %s: %s", result->name,
                           outcome_name(result->outcome), result->reason);
    }
}

static void one_fault(Counts *counts, const Track *track, TrackKind kind, unsigned place, unsigned row,
                      bool traced)
{
    g_autofree char *name = g_strdup_printf("place %d %u %u", kind, place, row);
    World *world = small_world(track);
    OnePlace oracle = {.wanted = place, .fault = fault_rows[row].fault};
    world->oracle = one_place;
    world->oracle_context = &oracle;
    if (traced)
        network_trace(world->network);
    g_autoptr(RunResult) run = checked_run(world, PLAN_UPGRADE);
    expect(world, run, fault_rows[row].expected);
    run_until_quiet(world, PLAN_UPGRADE);
    count(counts, world, name);
    world_free(world);
}

/* Where nothing depends on which class a refusal is of, the first statement of a call gets them all, and the
 * others a third each. */
static bool is_worth_it(const GArray *places, unsigned place, unsigned row)
{
    FaultPlace where = g_array_index(places, FaultPlace, place);
    const FaultRow *fault = &fault_rows[row];
    bool alike = fault->fault.kind == FAULT_REFUSED && fault->expected == EXPECT_ANY;
    bool first = where != AT_STATEMENT || g_array_index(places, FaultPlace, place - 1) == AT_CALL;
    return fault->places & where && (!alike || first || place % 3 == row % 3);
}

static unsigned number_from(const char *variable, unsigned otherwise)
{
    const char *text = g_getenv(variable);
    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void every_place(Counts *counts, const Track *track, TrackKind kind)
{
    g_autoptr(GArray) places = places_of(track);
    unsigned part = MAX(number_from("DBFLEET_SIMULATION_PART", 1), 1);
    for (unsigned place = 0; place < places->len; place++)
        for (unsigned row = 0; row < G_N_ELEMENTS(fault_rows); row++)
            if ((place + row) % part == 0 && is_worth_it(places, place, row))
                one_fault(counts, track, kind, place, row, false);
}

/* ---- Seeds ---- */

/* Faults by chance. */
typedef struct Chances {
    GRand *random;
    double chance;
} Chances;

static Fault by_chance(gpointer context, FaultPlace place)
{
    const Chances *self = context;
    if (g_rand_double(self->random) >= self->chance)
        return (Fault){0};
    const FaultRow *row = &fault_rows[g_rand_int_range(self->random, 0, (gint32)G_N_ELEMENTS(fault_rows))];
    return row->places & place ? row->fault : (Fault){0};
}

static unsigned pick(World *world, unsigned least, unsigned most)
{
    return (unsigned)g_rand_int_range(world->random, (gint32)least, (gint32)most + 1);
}

static void random_groups(World *world)
{
    for (unsigned i = 0, length = pick(world, 0, 4); i < length; i++) {
        const Group *parent = i && pick(world, 0, 1) ? world->groups->pdata[pick(world, 0, i - 1)] : NULL;
        world_add_group(world, parent, pick(world, 0, 3));
    }
}

static void random_targets(World *world)
{
    static const char *const servers[] = {"one", "two", "three"};
    static const Dialect dialects[] = {DIALECT_POSTGRES, DIALECT_MARIADB, DIALECT_SQLITE};
    for (unsigned i = 0, length = pick(world, 1, 16); i < length; i++) {
        Dialect dialect = dialects[pick(world, 0, 2)];
        bool whole = world->track->whole && dialect != DIALECT_MARIADB && pick(world, 0, 3) == 0;
        guint groups = world->groups->len;
        const Group *group =
            groups && pick(world, 0, 2) ? world->groups->pdata[pick(world, 0, groups - 1)] : NULL;
        Target *target = world_add_target(world, dialect, servers[pick(world, 0, 2)], group, whole);
        target->settings.per_host = pick(world, 0, 1) ? pick(world, 1, 3) : 0;
        target->settings.retry = (RetrySettings){.attempts = pick(world, 1, 5),
                                                 .initial_ms = pick(world, 0, 2000),
                                                 .maximum_ms = pick(world, 0, 5000),
                                                 .total_ms = pick(world, 1000, 200000)};
        Database *database = world->databases->pdata[i];
        database->rival_until = pick(world, 0, 9) ? 0 : pick(world, 1, 60) * SECOND;
    }
}

static void random_run(World *world)
{
    world->limits.jobs = pick(world, 1, 8);
    world->limits.per_host = pick(world, 0, 1) ? pick(world, 1, 4) : 0;
    if (pick(world, 0, 1))
        world->limits.max_failures = (Budget){.value = pick(world, 0, 3)};
    else
        world->limits.max_failures = (Budget){.is_share = true, .value = 100};
    world->on_halt = (OnHalt)pick(world, HALT_STEP, HALT_CANCEL);
    bool stops = pick(world, 0, 3) == 0;
    world->interrupt_at[0] = stops ? pick(world, 1, 100) * SECOND / 20 : 0;
    world->interrupt_at[1] = stops && pick(world, 0, 1) ? world->interrupt_at[0] + SECOND / 2 : 0;
    world->faults_in_probes = pick(world, 0, 3) == 0;
    if (pick(world, 0, 1))
        sim_waves_random(world);
    else
        sim_waves_none(world);
}

static void storm(World *world, Chances *chances, PlanCommand command)
{
    for (unsigned i = 0, runs = pick(world, 1, 3); i < runs && !world->wrong; i++) {
        random_run(world);
        chances->chance = pick(world, 1, 60) / 1000.0;
        world->oracle = by_chance;
        world->oracle_context = chances;
        run_result_free(checked_run(world, command));
    }
    if (!world->wrong) {
        world->limits.max_failures = (Budget){.is_share = true, .value = 100};
        run_until_quiet(world, command);
    }
}

static void one_seed(Counts *counts, Track *const *tracks, guint32 seed, bool traced)
{
    g_autofree char *name = g_strdup_printf("seed %u", seed);
    World *world = world_new(tracks[seed % TRACK_COUNT], seed);
    Chances chances = {.random = world->random};
    if (traced)
        network_trace(world->network);
    random_groups(world);
    random_targets(world);
    storm(world, &chances, PLAN_UPGRADE);
    if (!world->wrong && !any_undecided(world))
        storm(world, &chances, PLAN_DOWNGRADE);
    count(counts, world, name);
    world_free(world);
}

/* ---- The whole ---- */

static void one_again(Counts *counts, Track *const *tracks, const char *which)
{
    unsigned kind = 0, place = 0, row = 0;
    if (sscanf(which, "seed %u", &place) == 1)
        one_seed(counts, tracks, place, true);
    else if (sscanf(which, "place %u %u %u", &kind, &place, &row) == 3 && kind < TRACK_COUNT &&
             row < G_N_ELEMENTS(fault_rows))
        one_fault(counts, tracks[kind], (TrackKind)kind, place, row, true);
}

static void everything(Counts *counts, Track *const *tracks)
{
    guint32 seeds = number_from("DBFLEET_SIMULATION_SEEDS", SEEDS);
    for (int kind = 0; kind < TRACK_COUNT; kind++)
        every_place(counts, tracks[kind], (TrackKind)kind);
    printf("every fault at every place: %u simulations\n", counts->passed + counts->failed);
    for (guint32 seed = 0; seed < seeds; seed++)
        one_seed(counts, tracks, seed, false);
}

int main(void)
{
    Track *tracks[TRACK_COUNT];
    Counts counts = {0};
    const char *which = g_getenv("DBFLEET_SIMULATION");
    for (int kind = 0; kind < TRACK_COUNT; kind++)
        tracks[kind] = track_new((TrackKind)kind);
    if (which)
        one_again(&counts, tracks, which);
    else
        everything(&counts, tracks);
    for (int kind = 0; kind < TRACK_COUNT; kind++)
        track_free(tracks[kind]);
    printf("left undecided: %u simulations\n", counts.undecided);
    printf("%u passed, %u failed\n", counts.passed, counts.failed);
    return counts.failed || !counts.passed;
}
