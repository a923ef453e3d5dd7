/* Risk: what a reviewer should know of a step before it runs, as plain values: one mark for each reason. Who
 * finds them is lint (lint/risk.h); plans carry them. Pure; any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum RiskKind {
    RISK_DROPS,        /* data is lost */
    RISK_REWRITES,     /* a table is copied, or may have to be */
    RISK_LOCKS,        /* others wait for as long as a table is large */
    RISK_IRREVERSIBLE, /* no way down brings back what is lost */
    RISK_NO_DOWN,      /* the revision has no way down */
    RISK_NOT_TRANSACTIONAL,
    RISK_KIND_COUNT
} RiskKind;
/* "drops", "rewrites", "locks", "irreversible", "no-down", "non-transactional": stable names. */
const char *risk_kind_name(RiskKind kind);
bool risk_kind_parse(const char *name, RiskKind *kind);
/* For people: "data is lost". */
const char *risk_kind_meaning(RiskKind kind);

typedef struct RiskMark {
    RiskKind kind;
    unsigned statement; /* number in the section, from 1; 0: the step as a whole */
    char *object;       /* the table, or what else the statement names, as written without quotes; NULL */
    char *reason;       /* one line */
} RiskMark;
/* Texts are copied. */
RiskMark *risk_mark_new(RiskKind kind, unsigned statement, const char *object, const char *reason);
RiskMark *risk_mark_copy(const RiskMark *self);
void risk_mark_free(RiskMark *self); /* NULL-safe */
/* An empty array of RiskMark * that owns them. */
GPtrArray *risk_marks_new(void);
/* Whether there is a mark of the kind; marks NULL: no. */
bool risk_marks_have(const GPtrArray *marks, RiskKind kind);
