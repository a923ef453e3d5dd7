/* Findings: what an examination found, each with what to do about it, as plain values. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum FindingLevel {
    FINDING_OK,
    FINDING_NOTE,    /* worth knowing; nothing has to be done */
    FINDING_WARNING, /* works now, and may not when it matters */
    FINDING_ERROR    /* an upgrade would fail, or must not be trusted */
} FindingLevel;
/* "ok", "note", "warning", "error". */
const char *finding_level_name(FindingLevel level);

typedef struct Finding {
    FindingLevel level;
    bool of_server;      /* the same for every target on that server: told once */
    const char *subject; /* "privileges", "lock-timeout", …: stable, static */
    char *found;         /* one sentence without a full stop */
    char *advice;        /* what to do; NULL: nothing */
} Finding;

void finding_free(Finding *self);
/* A list that owns its findings. Caller frees with g_ptr_array_unref. */
GPtrArray *findings_new(void);
/* Adds a finding on a target, or on its server. `advice` is copied; the rest makes `found`. */
void findings_add(GPtrArray *self, FindingLevel level, const char *subject, const char *advice,
                  const char *format, ...) G_GNUC_PRINTF(5, 6);
void findings_add_of_server(GPtrArray *self, FindingLevel level, const char *subject, const char *advice,
                            const char *format, ...) G_GNUC_PRINTF(5, 6);
/* The worst level in a list of Finding *; FINDING_OK for an empty one. */
FindingLevel findings_worst(const GPtrArray *self);
/* "a, b, c" of the first `shown` texts, "a, b and 7 more" where there are more. Caller frees. */
char *finding_names(const GPtrArray *names, guint shown);
