/* The step journal's parts: what goes together under one journal entry, what an intent carries, and what
 * became of one that was left open. Worker thread. */
#pragma once

#include "run/step/step_apply.h"
#include "schema/picture.h"
#include "schema/settle.h"

#define JOURNAL_EVIDENCE_FORMAT "sha256 %s %u"

/* Statements that succeed or fail together, with one journal entry. */
typedef struct JournalGroup {
    unsigned first;
    unsigned count;
    bool wrapped;  /* in a transaction of ours, together with their journal row */
    bool by_user;  /* between BEGIN and COMMIT of the section itself */
    bool undoable; /* a transaction whose rollback leaves nothing behind, tables without transactions aside */
    bool wants_intent;     /* a crash may leave its outcome open */
    StatementFacts *facts; /* of a statement alone; NULL: a transaction */
    /* Of a group in an outline that wants an intent. The evidence is an SQL expression for "sha256 HEX COUNT"
     * over its statements and below it the picture, whose prelude must have run. */
    Picture picture;
    char *evidence;
} JournalGroup;

/* What a section's statements say of its journal, whatever the target. Immutable. */
typedef struct JournalOutline {
    Dialect dialect;
    char *table;       /* version table, which no picture shows */
    GArray *groups;    /* of JournalGroup */
    GPtrArray *hashes; /* running hash at the end of each group */
    /* The last group is one statement of which evidence tells for sure whether it took effect, and then
     * another session can write the end: a crash behind it leaves no riddle. */
    bool ends_certain;
} JournalOutline;

/* From the statement `first` on. */
JournalOutline *journal_outline_new(const Script *script, unsigned first, const VersionStore *store);
void journal_outline_free(JournalOutline *self); /* NULL-safe */
/* Of the whole section, made once for all targets; NULL if it was made for another dialect or version table.
 */
const JournalOutline *journal_outline_of(const Script *script, const VersionStore *store);

/* The group that begins with this statement, without evidence. */
JournalGroup journal_group_at(const Script *script, unsigned first, Dialect dialect);
void journal_group_clear(JournalGroup *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(JournalGroup, journal_group_clear)
bool statement_ends_transaction(StatementKind kind);

/* Adds what the session was told by the statements before attempt->first, so that names mean what they meant.
 */
void journal_add_replay(const StepAttempt *attempt, const StepContext *context, StepBatch *batch);

/* Fills in what its intent carries: evidence and picture. */
void journal_group_prepare(JournalGroup *group, const Script *script, const VersionStore *store);
/* Over these statements. Caller frees. */
char *journal_statements_hash(const Script *script, unsigned first, unsigned count);
/* The picture of what a statement alone will change; none of other groups. */
void journal_group_picture(Picture *picture, const JournalGroup *group, const VersionStore *store);

/* An intent that an earlier attempt left open: afterwards the attempt begins where it must, or an error says
 * why that is not known (STEP_ERROR_UNDECIDABLE, recorded in the history row; or the database's). */
bool journal_settle_open(StepAttempt *attempt, const StepContext *context, GError **error);
/* After an error of the group's statement that the server reported: NULL if nothing of it stayed; else the
 * error to report instead, STEP_ERROR_UNDECIDABLE, with attempt->intent set. `left`: rows of tables without
 * transactions stayed. */
GError *journal_settle_refused(StepAttempt *attempt, const StepContext *context, const JournalGroup *group,
                               const GError *refusal, bool left);
/* Records in the history row that a person must say what became of the statement attempt->intent. */
void journal_record_undecidable(const StepAttempt *attempt, const StepContext *context, const GError *error);
