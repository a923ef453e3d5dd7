/* Notifications of a run: from its events to messages on their way. Main thread; who sends is notifier.h. */
#include "commands/notifications_internal.h"
#include "run/notifier.h"
#include "run/signals.h"
#include <string.h>

struct Notifications {
    const GPtrArray *entries; /* of const NotifySpec * */
    Notifier *notifier;
    RunListener listener;
    bool failure_told;
    unsigned signals_seen;
};

/* ---- From a run's event to one of those that dbfleet.yaml names ---- */

static bool is_failure(const char *text)
{
    g_autofree char *word = g_strndup(text ? text : "", strcspn(text ? text : "", ":"));
    Outcome outcome;
    return outcome_parse(word, &outcome) && (outcome == OUTCOME_FAILED || outcome == OUTCOME_UNKNOWN);
}

/* False: nobody is told of that. */
static bool notify_event_of(Notifications *self, const RunEvent *event, NotifyEvent *kind)
{
    static const struct {
        const char *name;
        NotifyEvent kind;
    } kinds[] = {{"began", NOTIFY_STARTED},     {"wave-finished", NOTIFY_WAVE},
                 {"halted", NOTIFY_HALTED},     {"aborted", NOTIFY_HALTED},
                 {"paused", NOTIFY_PAUSED},     {"continued", NOTIFY_CONTINUED},
                 {"finished", NOTIFY_FINISHED}, {"interrupted", NOTIFY_INTERRUPTED}};
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(kinds[i].name, event->kind)) {
            *kind = kinds[i].kind;
            return true;
        }
    if (self->failure_told || !g_str_equal(event->kind, "target-finished") || !is_failure(event->text))
        return false;
    self->failure_told = true;
    *kind = NOTIFY_FAILED;
    return true;
}

static const WaveResult *last_wave_over(const RunResult *run)
{
    for (guint i = run->waves->len; i > 0; i--) {
        const WaveResult *wave = run->waves->pdata[i - 1];
        if (wave->state == WAVE_DONE || wave->state == WAVE_HALTED)
            return wave;
    }
    return NULL;
}

/* What the message does not say anyway; NULL: nothing. Caller frees. */
static char *text_of(const RunResult *run, const WaveResult *wave, NotifyEvent kind, const RunEvent *event)
{
    if (kind == NOTIFY_STARTED || kind == NOTIFY_WAVE)
        return wave ? g_strdup(wave->halt_reason) : NULL;
    if (kind == NOTIFY_FINISHED)
        return g_strdup(run->halt_reason);
    return g_strjoin(event->target ? ": " : NULL, event->target ? event->target : event->text,
                     event->target ? event->text : NULL, NULL);
}

char *notification_body(const NotifySpec *entry, const Notification *notification)
{
    return entry->template == NOTIFY_SLACK ? notification_slack(notification)
                                           : notification_json(notification);
}

static void on_event(gpointer context, const RunResult *run, const RunEvent *event)
{
    Notifications *self = context;
    NotifyEvent kind;
    if (!notify_event_of(self, event, &kind))
        return;
    const WaveResult *wave = kind == NOTIFY_WAVE ? last_wave_over(run) : NULL;
    g_autofree char *text = text_of(run, wave, kind, event);
    const Notification notification = {
        .event = notify_event_name(kind), .time_us = event->time_us, .text = text, .run = run, .wave = wave};
    for (guint i = 0; i < self->entries->len; i++) {
        const NotifySpec *entry = self->entries->pdata[i];
        if (entry->events & 1U << kind)
            notifier_send(self->notifier, i, notification_body(entry, &notification));
    }
}

/* ---- The end ---- */

/* Whoever interrupts now has waited long enough. */
static bool go_on(gpointer context)
{
    return signals_count() == ((const Notifications *)context)->signals_seen;
}

static void on_end(gpointer context, RunResult *run)
{
    Notifications *self = context;
    self->signals_seen = signals_count();
    notifier_finish(self->notifier, NOTIFIER_END_US, go_on, self);
    notifier_take_warnings(self->notifier, run->warnings);
}

/* ---- The whole ---- */

Notifications *notifications_new(const Workspace *workspace, SecretStore *secrets)
{
    const GPtrArray *entries = workspace->project->notify;
    if (entries->len == 0)
        return NULL;
    Notifications *self = g_new0(Notifications, 1);
    self->entries = entries;
    self->notifier = notifier_new(entries, secrets, workspace->project->folder);
    self->listener = (RunListener){.context = self, .event = on_event, .ended = on_end};
    return self;
}

const RunListener *notifications_listener(const Notifications *self)
{
    return self ? &self->listener : NULL;
}

void notifications_free(Notifications *self)
{
    if (!self)
        return;
    notifier_free(self->notifier);
    g_free(self);
}
