/* Throttles: see throttle.h. A question is the main thread's but while it is asked: then a thread
 * fills its answer, and the queue hands it back. */
#include "run/gates/throttle.h"

#include "base/duration.h"
#include "run/pool.h"
#include "run/queue.h"
#include "run/server_keys.h"

#include <string.h>

#define THREADS_MAX 8
#define HOST_MARK "{host}"
#define TICK_US (G_USEC_PER_SEC / 10)
#define TOLD_US G_USEC_PER_SEC
#define SLACK_US (2 * G_USEC_PER_SEC) /* for an answer to come, beyond the interval */

/* A server that targets of the run are on. */
typedef struct Host {
    const char *server; /* its key */
    char *name;         /* for people and programs */
    GPtrArray *targets; /* of const Target * */
} Host;

typedef enum Standing { STANDING_UNKNOWN, STANDING_FREE, STANDING_HELD } Standing;

/* One throttle as it is asked of one host, or of all. */
typedef struct Question {
    Throttle *throttle;
    GateSpec *own;        /* its spec with the host filled in; NULL: none of its own */
    const GateSpec *spec; /* what is asked */
    const Host *host;     /* NULL: all */
    guint turn;           /* of the host's targets */
    bool asking;          /* a thread has it */
    gint64 asked_at;      /* 0: never */
    gint64 answered_at;
    Answer answer; /* the thread's while it has it, then the last one */
    Standing standing;
    gint64 held_since;
    gint64 held_us; /* in all, the present time not counted */
    char *reason;   /* the last one that held; NULL: none did */
} Question;

struct Throttle {
    ThrottleOptions options;
    GPtrArray *hosts;     /* of Host * */
    GPtrArray *questions; /* of Question * */
    QuestionStop stop;
    Queue *answers; /* of Question *, asked */
    Pool *pool;
};

static void host_free(gpointer item)
{
    Host *self = item;
    g_free(self->name);
    g_ptr_array_unref(self->targets);
    g_free(self);
}

static void question_free(gpointer item)
{
    Question *self = item;
    answer_clear(&self->answer);
    gate_spec_free(self->own);
    g_free(self->reason);
    g_free(self);
}

/* ---- Who is asked what ---- */

static void collect_hosts(Throttle *self)
{
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < self->options.targets->len; i++) {
        const char *server = self->options.servers->pdata[i];
        Host *host = g_hash_table_lookup(known, server);
        if (!host) {
            host = g_new0(Host, 1);
            host->server = server;
            host->name = server_host_name(self->options.targets->pdata[i]);
            host->targets = g_ptr_array_new();
            g_ptr_array_add(self->hosts, host);
            g_hash_table_insert(known, (gpointer)server, host);
        }
        g_ptr_array_add(host->targets, self->options.targets->pdata[i]);
    }
}

static bool names_host(const GateSpec *spec)
{
    return spec->url && strstr(spec->url, HOST_MARK);
}

static bool is_per_host(const GateSpec *spec)
{
    return question_needs_target(spec) || spec->kind == GATE_EXEC || names_host(spec);
}

static void add_question(Throttle *self, const GateSpec *spec, const Host *host)
{
    Question *question = g_new0(Question, 1);
    question->throttle = self;
    question->host = host;
    question->spec = spec;
    if (host && names_host(spec)) {
        g_auto(GStrv) parts = g_strsplit(spec->url, HOST_MARK, -1);
        question->own = gate_spec_copy(spec);
        g_free(question->own->url);
        question->own->url = g_strjoinv(host->name, parts);
        question->spec = question->own;
    }
    g_ptr_array_add(self->questions, question);
}

static void collect_questions(Throttle *self)
{
    for (guint s = 0; s < self->options.specs->len; s++) {
        const GateSpec *spec = self->options.specs->pdata[s];
        for (guint h = 0; h < self->hosts->len && is_per_host(spec); h++)
            add_question(self, spec, self->hosts->pdata[h]);
        if (!is_per_host(spec))
            add_question(self, spec, NULL);
    }
}

/* ---- Asking: a thread ---- */

static void ask(gpointer item, gpointer context)
{
    Throttle *self = context;
    Question *question = item;
    const GPtrArray *targets = question->host ? question->host->targets : NULL;
    const Target *target =
        question_needs_target(question->spec) ? targets->pdata[question->turn % targets->len] : NULL;
    const QuestionOptions options = {.secrets = self->options.secrets,
                                     .folder = self->options.folder,
                                     .fleet_folder = self->options.fleet_folder,
                                     .run_id = self->options.run_id,
                                     .host = question->host ? question->host->name : NULL,
                                     .stop = &self->stop};
    answer_clear(&question->answer);
    self->options.ask(question->spec, target, &options, &question->answer);
    queue_push(self->answers, question);
}

/* ---- What holds ---- */

static gint64 now(const Throttle *self)
{
    return run_clock_now(self->options.clock);
}

/* Past it a good answer says nothing any more. */
static gint64 answer_expires(const Question *self)
{
    return (self->answered_at ? self->answered_at : self->asked_at) + self->spec->every_ms * 1000 * 2 +
           SLACK_US;
}

static char *silence(const Question *self)
{
    gint64 since = self->answered_at ? self->answered_at : self->asked_at;
    g_autofree char *time = duration_format(now(self->throttle) - since);
    return g_strdup_printf("no answer for %s", time);
}

static void tell(const Question *self, const char *what, const char *reason)
{
    const ThrottleOptions *options = &self->throttle->options;
    g_auto(GStrv) lines = g_strsplit(reason ? reason : "", "\n", 2);
    g_autofree char *text =
        g_strdup_printf("%s: %s: %s%s%s", what, self->host ? self->host->name : "all hosts", self->spec->name,
                        reason ? ": " : "", lines[0] ? lines[0] : "");
    options->tell(options->context, self->standing == STANDING_HELD, text);
}

/* `reason` NULL: free. Taken over. */
static void settle(Question *self, char *reason)
{
    bool was_held = self->standing == STANDING_HELD;
    self->standing = reason ? STANDING_HELD : STANDING_FREE;
    if (reason) {
        g_free(self->reason);
        self->reason = reason;
    }
    if (reason && !was_held) {
        self->held_since = now(self->throttle);
        tell(self, "held", reason);
    } else if (!reason && was_held) {
        self->held_us += now(self->throttle) - self->held_since;
        tell(self, "no longer held", NULL);
    }
}

static char *reason_of(const Answer *answer)
{
    return answer->kind == ANSWER_REASON ? g_strdup(answer->text)
                                         : g_strdup_printf("it cannot be asked: %s", answer->text);
}

static bool has_waiting(const Question *self, const Scheduler *scheduler)
{
    return scheduler_waits_on(scheduler, self->host ? self->host->server : NULL);
}

static void take_answer(Question *self, const Scheduler *scheduler)
{
    self->asking = false;
    self->answered_at = now(self->throttle);
    if (self->answer.kind == ANSWER_STOPPED || !has_waiting(self, scheduler))
        return;
    self->turn += self->answer.kind == ANSWER_NONE; /* another of its targets may answer */
    settle(self, self->answer.kind == ANSWER_GOOD ? NULL : reason_of(&self->answer));
}

/* ---- What is due ---- */

static void ask_if_due(Question *self)
{
    Throttle *throttle = self->throttle;
    gint64 next = self->answered_at ? self->answered_at + self->spec->every_ms * 1000 : 0;
    if (self->asking || now(throttle) < next)
        return;
    self->asking = true;
    self->asked_at = now(throttle);
    pool_submit(throttle->pool, self);
}

/* Where nobody waits nobody is asked, and the last answer is forgotten. */
static void step_question(Question *self, const Scheduler *scheduler)
{
    if (!has_waiting(self, scheduler)) {
        if (self->standing == STANDING_HELD)
            self->held_us += now(self->throttle) - self->held_since;
        self->standing = STANDING_UNKNOWN;
        self->answered_at = 0;
        return;
    }
    ask_if_due(self);
    bool silent = self->asking && now(self->throttle) > answer_expires(self);
    if (silent && self->standing != STANDING_HELD)
        settle(self, silence(self));
}

static void hold_hosts(const Throttle *self, Scheduler *scheduler)
{
    for (guint h = 0; h < self->hosts->len; h++) {
        const Host *host = self->hosts->pdata[h];
        bool held = false;
        for (guint q = 0; q < self->questions->len && !held; q++) {
            const Question *question = self->questions->pdata[q];
            held = (!question->host || question->host == host) && question->standing != STANDING_FREE;
        }
        scheduler_hold(scheduler, host->server, held);
    }
}

void throttle_step(Throttle *self, Scheduler *scheduler)
{
    if (!self)
        return;
    for (Question *question; (question = queue_pop(self->answers, 0));)
        take_answer(question, scheduler);
    if (scheduler_halted(scheduler))
        return; /* nothing starts anyway */
    for (guint i = 0; i < self->questions->len; i++)
        step_question(self->questions->pdata[i], scheduler);
    hold_hosts(self, scheduler);
}

/* ---- The whole ---- */

Throttle *throttle_new(const ThrottleOptions *options)
{
    if (!options->specs || options->specs->len == 0 || options->targets->len == 0)
        return NULL;
    g_autoptr(GError) error = NULL;
    Throttle *self = g_new0(Throttle, 1);
    self->options = *options;
    if (!self->options.ask)
        self->options.ask = question_ask;
    self->hosts = g_ptr_array_new_with_free_func(host_free);
    self->questions = g_ptr_array_new_with_free_func(question_free);
    question_stop_init(&self->stop);
    self->answers = queue_new();
    collect_hosts(self);
    collect_questions(self);
    self->pool = pool_new(MIN(self->questions->len, THREADS_MAX), ask, self, &error);
    if (!self->pool)
        g_error("%s", error->message); /* not one thread: the process cannot go on */
    return self;
}

static bool is_asking(const Throttle *self)
{
    for (guint i = 0; i < self->questions->len; i++)
        if (((const Question *)self->questions->pdata[i])->asking)
            return true;
    return false;
}

/* One that had just begun when the others were cancelled is cancelled in a later turn. */
static void end_questions(Throttle *self)
{
    while (is_asking(self)) {
        question_stop_raise(&self->stop);
        Question *question = queue_pop(self->answers, TICK_US);
        if (question)
            question->asking = false;
    }
}

void throttle_free(Throttle *self)
{
    if (!self)
        return;
    end_questions(self);
    pool_free(self->pool);
    queue_free(self->answers);
    question_stop_clear(&self->stop);
    g_ptr_array_unref(self->questions);
    g_ptr_array_unref(self->hosts);
    g_free(self);
}

static void sum_up_question(const Question *self, GPtrArray *warnings)
{
    gint64 held = self->held_us;
    if (self->standing == STANDING_HELD)
        held += now(self->throttle) - self->held_since;
    if (held < TOLD_US || !self->reason)
        return;
    g_autofree char *time = duration_format(held);
    g_auto(GStrv) lines = g_strsplit(self->reason, "\n", 2);
    g_ptr_array_add(warnings, g_strdup_printf("no target could start on %s for %s: %s: %s",
                                              self->host ? self->host->name : "any host", time,
                                              self->spec->name, lines[0]));
}

void throttle_sum_up(const Throttle *self, GPtrArray *warnings)
{
    for (guint i = 0; self && i < self->questions->len; i++)
        sum_up_question(self->questions->pdata[i], warnings);
}
