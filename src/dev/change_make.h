/* Making a change: the way from what a scratch database holds to a wanted model, and the way back, each tried
 * there statement by statement until nothing differs any more. What comes out has led where it should at
 * least once. Changes the scratch, and leaves it at its beginning; writes no file. The thread that owns the
 * scratch. */
#pragma once

#include "dev/dev_servers.h"
#include "schema/schema_dialect.h"

/* Differences that a first round of statements leaves (a view that went with its column) are written in
 * another: so many rounds at most. */
#define CHANGE_PASSES_MAX 4u

/* ---- Parts ---- */

/* Neighbouring statements of a script that run in one transaction, or outside of any. */
typedef struct ChangePart {
    unsigned first;
    unsigned count;
    bool outside;
    bool committed; /* what is before must be committed first */
    bool rebuild;   /* foreign keys off around it, and looked at before the commit */
} ChangePart;
/* Elements ChangePart, in order; none for an empty script. Pure. Caller unrefs. */
GArray *change_script_parts(const ChangeScript *script);
/* Runs a part: in a transaction where DDL is part of one and the part is not outside. A failure is of
 * DB_ERROR, with the statement in its message, and rolled back where that is possible. */
bool change_part_run(Connection *connection, const ChangeScript *script, const ChangePart *part,
                     GError **error);
/* All parts of a script. */
bool change_script_run(Connection *connection, const ChangeScript *script, GError **error);

/* ---- Making ---- */

typedef struct ChangeRequest {
    const SchemaModel *wanted;
    const SchemaHints *hints;         /* NULL: none */
    const SchemaReadOptions *options; /* as `wanted` was read; NULL: defaults */
    bool up_only; /* no way back is made: `down` stays empty, and the scratch where the way up led */
} ChangeRequest;

/* What one revision can do: statements of one transaction, or none that needs one. */
typedef struct ChangeStage {
    ChangeScript *up;
    ChangeScript *down;
    SchemaModel *after; /* what is there behind `up` */
    bool up_outside;    /* cannot run in a transaction */
    bool down_outside;  /* not in one transaction */
    bool up_keys_off;   /* SQLite: foreign_keys:off */
    bool down_keys_off;
} ChangeStage;

typedef struct ChangeMake {
    SchemaModel *before;         /* where the scratch stood */
    GPtrArray *stages;           /* of ChangeStage *, upwards; empty: nothing differs */
    unsigned passes;             /* rounds that the way up took; 0: nothing differs */
    unsigned down_passes;        /* the most that a way down took */
    GPtrArray *lines;            /* of char *: schema_diff_lines(), the renames first */
    GPtrArray *notes;            /* of char *: of both ways, each once */
    GPtrArray *possible_renames; /* of char *: drops and creates that may be meant so, as --rename takes them
                                  */
} ChangeMake;

/* Errors: SCHEMA_ERROR_REFUSED (each refusal a line), SCHEMA_ERROR_UNREACHED (a statement that was written
 * failed, or what still differs), SCHEMA_ERROR_INCOMPARABLE, DB_ERROR of reading. The scratch is anywhere
 * then. */
ChangeMake *change_make(Scratch *scratch, const ChangeRequest *request, GError **error);
void change_make_free(ChangeMake *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ChangeMake, change_make_free)
/* Drops and creates of a diff that may be meant as renames, as --rename takes them; of char *. Caller unrefs.
 */
GPtrArray *change_possible_renames(const SchemaDiff *diff);
/* The statements marked so of all ways up; of const char *. Caller unrefs. */
GPtrArray *change_make_data_loss(const ChangeMake *self);
