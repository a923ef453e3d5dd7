/* Project notify: who is told of a run, as `notify:` in dbfleet.yaml says it. Plain values; nothing is
 * resolved and nobody is asked. Format: docs/reference/notifications.md. */
#pragma once

#include "base/diagnostics.h"
#include "base/yaml_tree.h"

typedef enum NotifyEvent {
    NOTIFY_STARTED, /* the run began */
    NOTIFY_WAVE,    /* a wave is over */
    NOTIFY_FAILED,  /* the first target failed */
    NOTIFY_HALTED,  /* no further target is started */
    NOTIFY_PAUSED,  /* by a person */
    NOTIFY_CONTINUED,
    NOTIFY_INTERRUPTED, /* by a signal */
    NOTIFY_FINISHED,    /* the run is over, however it ended */
    NOTIFY_EVENT_COUNT
} NotifyEvent;
const char *notify_event_name(NotifyEvent event); /* "started", "wave", … */

typedef enum NotifyTemplate { NOTIFY_JSON, NOTIFY_SLACK } NotifyTemplate;
const char *notify_template_name(NotifyTemplate value); /* "json", "slack" */

/* One who is told. Texts hold secret references as written. */
typedef struct NotifySpec {
    char *name;      /* for messages: `name:`, else scheme and host of the URL, or the reference it is */
    char *url;       /* its path is taken for a secret */
    char **headers;  /* "Name: value", NULL-terminated; NULL: none */
    unsigned events; /* bit 1 << NotifyEvent for each */
    NotifyTemplate template;
    gint64 timeout_ms; /* of one try; default 5 s */
    unsigned attempts; /* the first included; default 3 */
} NotifySpec;
void notify_spec_free(NotifySpec *self);

/* Reads `notify:`; every problem is added with its place. Elements NotifySpec *; caller unrefs. */
GPtrArray *notify_read(const YamlNode *node, Diagnostics *problems);
/* The keys of one, NULL-terminated; caller frees the array only. */
const char **notify_key_names(void);
