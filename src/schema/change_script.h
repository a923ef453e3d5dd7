/* Change script: the statements that take a database from one model to another, in order. Written by each
 * dialect (schema_dialect.h), judged on a scratch database by who asked for it. Pure; any thread. */
#pragma once

#include "schema/diff.h"

typedef struct ChangeStatement {
    char *sql;       /* without terminator; may hold several lines */
    char *comment;   /* one line, why it is so, where a decision was taken; NULL */
    char *data_loss; /* "column shop.orders.note": what is gone for good once it ran; NULL */
    bool outside;    /* cannot run in a transaction: it goes into a revision of its own */
    bool
        must_commit; /* what was done before it must be committed first (a new enum label about to be used) */
    bool rebuild;    /* SQLite: needs foreign_keys:off around its section */
} ChangeStatement;

typedef struct ChangeScript {
    GPtrArray *statements; /* of ChangeStatement * */
    GPtrArray *refusals; /* of char *: what cannot be done without a hint, and which; empty if all is there */
    GPtrArray *notes;    /* of char *: for a person: a drop and a create that may be meant as a rename, … */
} ChangeScript;

ChangeScript *change_script_new(void);
void change_script_free(ChangeScript *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ChangeScript, change_script_free)
/* Adds a statement, taking `sql` over; the caller sets its other members. Owned by the script. */
ChangeStatement *change_script_take(ChangeScript *self, char *sql);
ChangeStatement *change_script_add(ChangeScript *self, const char *format, ...) G_GNUC_PRINTF(2, 3);
void change_script_refuse(ChangeScript *self, const char *format, ...) G_GNUC_PRINTF(2, 3);
void change_script_note(ChangeScript *self, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The text of a section, each statement ended as the dialect wants it (DELIMITER where a body needs it), a
 * blank line between them, comments and "-- dbfleet:data-loss …" above. `first` and `count` statements of it.
 * Caller frees. */
char *change_script_text(const ChangeScript *self, Dialect dialect, unsigned first, unsigned count);
