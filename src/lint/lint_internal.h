/* What the families of rules share: how they say what they found, read words and look at schemas. */
#pragma once

#include "lint/lint_rules.h"
#include "lint/lint_schema_internal.h"
#include "sql/words.h"

enum {
    LINT_PG = 1 << DIALECT_POSTGRES,
    LINT_MY = 1 << DIALECT_MYSQL | 1 << DIALECT_MARIADB,
    LINT_LITE = 1 << DIALECT_SQLITE,
    LINT_ALL = LINT_PG | LINT_MY | LINT_LITE
};

/* The families' rows, each ended by a row without id. */
extern const LintRule lint_data_loss_rules[];
extern const LintRule lint_lock_rules[];
extern const LintRule lint_compatibility_rules[];
extern const LintRule lint_data_rules[];
extern const LintRule lint_transaction_rules[];
extern const LintRule lint_schema_rules[];
extern const LintRule lint_revision_rules[];

struct LintSink {
    const LintRule *rule;
    const LintSettings *settings;
    const LintRevision *revision;
    const LintSection *section;     /* NULL while a whole revision is judged */
    const LintStatement *statement; /* where the finding is; NULL: the section's or file's beginning */
    LintResult *result;
    GHashTable *used; /* LintAllow * that allowed something */
};

/* Tells a finding of the sink's rule, at its statement; `object` NULL: of the whole revision. Returns it
 * while it may be added to, or NULL where it is allowed or the rule is off. */
LintFinding *lint_tell(LintSink *sink, const char *object, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The same, of one severity unless the settings say another. */
LintFinding *lint_tell_as(LintSink *sink, FindingLevel severity, const char *object, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
/* The same of an object of a model: "table shop.orders". */
LintFinding *lint_tell_of(LintSink *sink, const SchemaObject *object, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* Adds what the targets can be asked about it; finding NULL: nothing. Texts are copied. */
void lint_ask(LintFinding *finding, const LintSink *sink, LintQuestion question);

/* ---- Words ---- */

/* Whether the statement begins with these words, or holds them anywhere: "create [unique] index|table * on":
 * a word, one of several, one that may be missing, any one. */
bool lint_begins(const LintStatement *self, const char *phrase);
bool lint_holds(const LintStatement *self, const char *phrase);
/* The index of the word behind the phrase, or -1. */
gssize lint_behind(const LintStatement *self, guint from, const char *phrase);
gssize lint_find(const LintStatement *self, const char *phrase);
/* The text of a word; "" behind the last. */
const char *lint_word(const LintStatement *self, gssize index);
/* "a.b" or "b" of the name that begins at this word, without quotes. Caller frees; NULL if there is none. */
char *lint_name_at(const LintStatement *self, gssize index);
/* Whether a word, or a quoted name or string, of the statement is this text. */
bool lint_names(const LintStatement *self, const char *text);

/* ---- Statements of a section ---- */

/* The table was there before the section began. */
bool lint_is_old_table(const LintSection *section, const char *key);
/* The same of any object. */
bool lint_is_old(const LintSection *section, SchemaKind kind, const char *key);
/* The first statement whose own diff has such a change of the object; NULL. */
const LintStatement *lint_statement_of(const LintSection *section, ChangeKind change, SchemaKind kind,
                                       const char *key);
/* The statement renames something. */
bool lint_is_rename(const LintStatement *self);
/* Why there is no way down from this section of the revision; NULL: there is one, or nothing to take back. */
const char *lint_no_way_down(const LintRevision *revision, const LintSection *up);
/* The object was renamed away or came by a rename. */
bool lint_was_renamed(const LintSection *section, const SchemaChange *change);
