/* Notification view: what webhooks are told of a run. Pure. docs/reference/notifications.md documents it. */
#pragma once

#include "run/results.h"

typedef struct Notification {
    const char *event; /* "started", "wave", …, "test" */
    gint64 time_us;    /* since 1970 */
    const char *text;  /* why, in one line; NULL: nothing to add */
    const RunResult *run;
    const WaveResult *wave; /* that the event is about; NULL: none */
} Notification;

/* Everything a program may want to know; docs/notification.schema.json. Caller frees. */
char *notification_json(const Notification *self);
/* {"text": …}, as Slack, Mattermost, Rocket.Chat and Teams' incoming webhooks take it. Caller frees. */
char *notification_slack(const Notification *self);
