/* Proof of revisions: their text as written is run on a scratch database with seeded rows in every table, up
 * and down again, and where that leads is compared with where it should. Changes the scratch. The thread that
 * owns it. */
#pragma once

#include "dev/scratch_revisions.h"

typedef struct ProofRequest {
    /* A scratch where the revisions start; a new one for each attempt. Owned by who asked. */
    Scratch *(*fresh)(gpointer context, GError **error);
    gpointer context;
    const GPtrArray *revisions; /* of const Revision *, upwards */
    Scratch *desired;           /* a database as it shall be, whose constraints the rows hold too; NULL */
    const SchemaModel *before;
    const SchemaModel *wanted;
    const SchemaHints *hints; /* renames on the way up; NULL */
    const GPtrArray *losses;  /* of const char *: data that is declared to be lost; NULL */
    GHashTable *variables;
    bool no_down; /* the way back is left out */
} ProofRequest;

typedef struct RevisionProof {
    unsigned rows;       /* that went up and down with it; 0: none */
    char *needs_no_rows; /* what the server said when it was tried with rows, where it goes only without; NULL
                          */
    GPtrArray *empty;    /* of char *: tables that no row was found for, and why */
} RevisionProof;
void revision_proof_clear(RevisionProof *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RevisionProof, revision_proof_clear)

/* False and SCHEMA_ERROR_UNREACHED where it does not lead where it should, or rows are lost that are not
 * declared to be; other errors as they come. */
bool revision_proof_run(const ProofRequest *request, RevisionProof *proof, GError **error);
