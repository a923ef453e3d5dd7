/* Throttles: questions that are asked again and again while targets wait, whose answer decides whether more
 * may start on a host. What is at work goes on.
 *
 * Owns a few threads that ask; the main thread sends them what is due, takes their answers, and tells the
 * scheduler which servers it holds. Sql without a url is asked on one of the targets of each host in turn, a
 * program for each host (DBFLEET_HOST), and so is all whose URL has {host} in it; the rest is asked once for
 * all. No answer is no good answer: a host is held until the first one is there, while it cannot be asked,
 * and when a good one is older than twice the interval. Main thread. */
#pragma once

#include "run/clock.h"
#include "run/gates/question.h"
#include "run/scheduler.h"

typedef struct Throttle Throttle;

typedef struct ThrottleOptions {
    const GPtrArray *specs;   /* of GateSpec *; NULL: none */
    const GPtrArray *targets; /* of const Target *: those of the run */
    const GPtrArray *servers; /* of char *, the server of each (server_keys.h) */
    SecretStore *secrets;
    const char *folder; /* as QuestionOptions have them */
    const char *fleet_folder;
    const char *run_id;
    const RunClock *clock;
    /* "held: db2: replica lag: 1 row: …" and, with `held` false, that it is over; once for each */
    void (*tell)(gpointer context, bool held, const char *text);
    gpointer context;
    /* Asks; NULL: question_ask */
    void (*ask)(const GateSpec *spec, const Target *target, const QuestionOptions *options, Answer *answer);
} ThrottleOptions;

/* Everything in the options outlives it. NULL without specs; the functions below take that. */
Throttle *throttle_new(const ThrottleOptions *options);
/* Ends what is being asked. */
void throttle_free(Throttle *self);
/* Takes answers, asks what is due, and holds or frees servers. To be called often, before targets start. */
void throttle_step(Throttle *self, Scheduler *scheduler);
/* What was held for how long, one line for each question that held something for a second or more: added to
 * `warnings` (char *). */
void throttle_sum_up(const Throttle *self, GPtrArray *warnings);
