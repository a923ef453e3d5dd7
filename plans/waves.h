/* Waves: which part of a fleet goes first. Pure: assigns the targets of a plan that have something to do to
 * the waves of a rollout policy, and says in which order they start. The first wave whose selector, count or
 * share takes a target has it; what no wave takes forms a last one of its own, and the plan says so. Counts
 * and shares take targets in the policy's order from those that no selector of any wave means; a share is of
 * all targets that have something to do, rounded up. A wave that takes none is left out, and the plan says
 * that too; one whose targets cannot be reached or are blocked stays, without any. Waves are the last thing
 * that a plan gets: what makes exceptions of targets (plan_take_checks()) comes before. */
#pragma once

#include "inventory/rollout.h"
#include "plans/planner.h"

/* What a run that is gone on with left undone behind a wave. */
typedef enum WaveRemainder {
    REMAINDER_NONE,
    REMAINDER_SOAK, /* its soak was not over: until soak_until_us, 0: the whole of it; then its gates */
    REMAINDER_GATES /* its gates have not passed */
} WaveRemainder;

typedef struct PlanWave {
    char *name;
    const WaveSpec *spec; /* borrowed; NULL: leftovers, a wave that the policy no longer has, or a run without
                             waves */
    unsigned targets;
    unsigned unreachable; /* that it would have taken: they count for its max_unreachable */
    unsigned blocked;     /* that it would have taken; those that are stale are not among them */
    unsigned stale;
    unsigned at_goal;  /* that its selector means and have nothing to do */
    bool is_passed;    /* restored: the run that is gone on with went on to waves behind it */
    bool is_leftovers; /* of what no wave of the policy takes */
    bool is_over;      /* restored: done before; what is left of it now is done again with all behind it */
    WaveRemainder remainder; /* then `targets` may be 0 */
    gint64 soak_until_us;    /* since 1970 */
    GPtrArray *done_before;  /* of const Target *, borrowed: what that run did in this wave; NULL: none. Its
                                gates are asked there too */
} PlanWave;

/* The targets that a selector means: const Target *, caller unrefs; NULL and an error. */
typedef GPtrArray *(*WaveSelect)(gpointer context, const char *selector, GError **error);

/* Fills plan->waves, plan->order, plan->left_out and each pending PlanTarget.wave, anew if they were filled.
 * Without `waves` in the policy plan->waves stays NULL, but for one wave "all" where the policy has gates.
 * `policy` outlives the plan. False when a selector cannot be read: then every problem was added, and the
 * plan is as it was. */
bool plan_take_waves(Plan *plan, const RolloutPolicy *policy, WaveSelect select, gpointer context,
                     Diagnostics *problems);

/* The name of the wave that a target was given before, by a plan file or by the run that is gone on with;
 * NULL: none. */
typedef const char *(*WaveOf)(gpointer context, const Target *target);
/* The same, with waves that were given before: all of `names` (NULL-terminated), in that order, with the
 * specs that the policy has for these names, even where none of their targets is pending. Targets that have
 * none of them form a last wave. No `names`: no waves. */
void plan_restore_waves(Plan *plan, const RolloutPolicy *policy, const char *const *names, WaveOf wave_of,
                        gpointer context);

/* What nothing can be learnt from: a selector means targets, and none of them is changed, has been, or is at
 * the goal. No wave starts behind it. Caller frees "wave canary: none of its targets could be changed
 * (1 blocked): …"; NULL: not so. */
char *plan_wave_hollow(const Plan *plan, guint index);

/* The wave's settings, with those of the policy where it says nothing. */
bool plan_wave_confirms(const PlanWave *self, const RolloutPolicy *policy);
gint64 plan_wave_soak_ms(const PlanWave *self, const RolloutPolicy *policy);
const GPtrArray *plan_wave_gates(const PlanWave *self, const RolloutPolicy *policy); /* NULL: none */
/* The wave with this name; NULL: none. */
PlanWave *plan_wave_find(const Plan *plan, const char *name);
