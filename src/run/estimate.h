/* Estimate: how long what is left of a run will take, and how long a revision usually takes, from the targets
 * that are done. The canary pays for what is known of the rest. Pure: values in, values out. */
#pragma once

#include "run/results.h"

typedef struct Estimate Estimate;
Estimate *estimate_new(void);
void estimate_free(Estimate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Estimate, estimate_free)

/* What a target that is done took, in all and for each of its steps. Others teach nothing. */
void estimate_learn(Estimate *self, const TargetResult *target);

/* Median of the targets that took a revision, if there are at least `least` of them; -1: not known. */
gint64 estimate_revision(Estimate *self, const char *revision, unsigned least);
/* What a target with this path will take: the median of its path; while nobody took that, the sum of its
 * revisions, or as long as a target takes at all. -1: not known. `path` NULL: any. */
gint64 estimate_target(Estimate *self, const RunPath *path, const char *digest);

/* A target that is at work or has not started. */
typedef struct EstimateWork {
    gint64 us;          /* that it still takes */
    const char *server; /* "" or NULL: none that limits */
    unsigned per_host;  /* of that server; 0: no limit */
} EstimateWork;

/* How long `count` of them take, `jobs` at once: no less than the longest takes, nor than a server needs that
 * does only so many at once. */
gint64 estimate_work_us(const EstimateWork *work, guint count, unsigned jobs);
