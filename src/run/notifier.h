/* Notifier: sends messages about a run to those whom dbfleet.yaml names, each in a thread of its own, so that
 * one who answers slowly holds up neither the run nor the others. What cannot be sent is a warning, whose
 * text holds no secret. Main thread; the threads are its own. */
#pragma once

#include "inventory/project_notify.h"
#include "inventory/secret.h"
#include "net/http_client.h"

/* Messages that may wait for one entry; of more, the oldest are left out. */
#define NOTIFIER_WAITING_MAX 32
/* How long the end of a run waits for messages that are on their way. */
#define NOTIFIER_END_US (30 * G_USEC_PER_SEC)

typedef struct Notifier Notifier;

/* For `entries` (const NotifySpec *); relative secret files are in `folder`. All are borrowed. */
Notifier *notifier_new(const GPtrArray *entries, SecretStore *secrets, const char *folder);
/* Ends at once; what waits is not sent. */
void notifier_free(Notifier *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Notifier, notifier_free)

/* Takes `body` over, for the entry at that place. Does not wait. */
void notifier_send(Notifier *self, guint entry, char *body);
/* Waits until everything is sent or has failed, `limit_us` at most and as long as `go_on` (asked about ten
 * times a second; NULL: always) says; what is left is given up, with a warning. */
void notifier_finish(Notifier *self, gint64 limit_us, bool (*go_on)(gpointer context), gpointer context);
/* Moves what went wrong since the last call behind the texts in `warnings` (char *, owned). */
void notifier_take_warnings(Notifier *self, GPtrArray *warnings);

/* Sends one message now, as a Notifier's thread does. False with an error that names the entry: no reply, or
 * a status but 2xx. `stopped` as HttpRequest has it. */
bool notification_send(const NotifySpec *entry, SecretStore *secrets, const char *folder, const char *body,
                       bool (*stopped)(gconstpointer context), gconstpointer context, GError **error);
