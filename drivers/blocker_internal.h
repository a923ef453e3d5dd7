/* Blocker: a session that holds a lock another one waits for, as one line for a person. Pure; any thread. */
#pragma once

#include "sql/dialect.h"

typedef enum BlockerActivity {
    BLOCKER_RUNS,    /* a statement */
    BLOCKER_IDLES,   /* outside of a transaction */
    BLOCKER_DAWDLES, /* inside of one, between two statements */
    BLOCKER_HIDDEN   /* we may not see it */
} BlockerActivity;

/* Texts may be NULL or empty where nothing is known. */
typedef struct Blocker {
    const char *name; /* "pid 4711", "connection 12" */
    const char *user;
    const char *application;
    const char *from;    /* host or address */
    const char *seconds; /* whole ones since it began what it does; NULL: unknown */
    const char *sql;     /* that statement, or the last one; only its first words are shown */
    const char *missing; /* BLOCKER_HIDDEN: the right that would show it */
    BlockerActivity activity;
    bool waits; /* for a lock itself */
    Dialect dialect;
} Blocker;

/* "pid 4711, user app, application psql, from 10.0.0.5, idle in a transaction for 3m 05s, last statement
 * UPDATE invoices …" */
void blocker_append(GString *text, const Blocker *self);
