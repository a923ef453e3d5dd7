/* Question: one try at what a gate or a throttle asks, and its answer in words for a person, without a secret
 * in them. SQL is asked as one SELECT in a read-only session and a read-only transaction, HTTP is a GET, a
 * program runs in the project's folder. Any thread, several at a time. For gates and throttles only. */
#pragma once

#include "drivers/driver.h"
#include "inventory/fleet.h"
#include "inventory/rollout.h"
#include "inventory/secret.h"
#include "sql/script.h"
#include <pthread.h>
#include <stdatomic.h>

/* Ends what is being asked, from another thread: sessions are cancelled, the rest looks at `raised`. */
typedef struct QuestionStop {
    pthread_mutex_t mutex;  /* guards the following */
    GPtrArray *connections; /* of Connection *, those at work */
    gint64 cancelled_us;    /* when they were last cancelled, by the monotonic clock; 0: never */
    atomic_bool raised;
} QuestionStop;
void question_stop_init(QuestionStop *self);
void question_stop_clear(QuestionStop *self);
/* To be raised again until nothing is asked any more: what began to work meanwhile is cancelled too, once a
 * second at most, since a cancel may be a connection. */
void question_stop_raise(QuestionStop *self);

typedef struct QuestionOptions {
    SecretStore *secrets;
    const char *folder;       /* where programs run and relative paths of a question start */
    const char *fleet_folder; /* … and those of a target's secrets; NULL: `folder` */
    const char *run_id;       /* DBFLEET_RUN */
    const char *wave;         /* DBFLEET_WAVE; NULL: none */
    const char *host;         /* DBFLEET_HOST; NULL: none */
    QuestionStop *stop;
} QuestionOptions;

typedef enum AnswerKind {
    ANSWER_GOOD,   /* nothing speaks against going on */
    ANSWER_REASON, /* the text says what does */
    ANSWER_NONE,   /* it could not be asked: the text says why */
    ANSWER_STOPPED
} AnswerKind;

typedef struct Answer {
    AnswerKind kind;
    char *text; /* never NULL once asked */
} Answer;
void answer_clear(Answer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, answer_clear)

/* `target`: whom sql without a url is asked of; NULL for all else. `answer` is empty. */
void question_ask(const GateSpec *spec, const Target *target, const QuestionOptions *options, Answer *answer);
/* True for sql without a url. */
bool question_needs_target(const GateSpec *spec);

/* What sql asks as the dialect reads it; NULL, and why was added, unless it is one SELECT. Caller frees.
 * `place` is where it stands; its file outlives the script. */
Script *question_select(const GateSpec *spec, Dialect dialect, SourcePlace place, Diagnostics *problems);
/* Of question_sql.c. */
void question_ask_sql(const GateSpec *spec, const Target *target, const QuestionOptions *options,
                      Answer *answer);
/* Takes `text` over, masked of `values` (char *; NULL: none) and made fit for a line. */
void answer_take(Answer *self, AnswerKind kind, char *text, const GPtrArray *values);
