/* Notifications of a run: what happens in it, to those whom dbfleet.yaml names. */
#pragma once

#include "commands/commands_internal.h"
#include "inventory/project_notify.h"
#include "inventory/secret.h"
#include "report/notification_view.h"
#include "run/fleet_run.h"

/* In the form that the entry wants. Caller frees. */
char *notification_body(const NotifySpec *entry, const Notification *notification);

typedef struct Notifications Notifications;

/* NULL if nobody is to be told. `secrets` and the workspace are borrowed. */
Notifications *notifications_new(const Workspace *workspace, SecretStore *secrets);
/* What a run tells; NULL for NULL. */
const RunListener *notifications_listener(const Notifications *self);
void notifications_free(Notifications *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Notifications, notifications_free)
