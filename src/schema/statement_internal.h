/* Reading a statement's words: shared by the files that say what a statement is and what it names. */
#pragma once

#include "schema/statement_class.h"
#include "sql/words.h"

typedef struct WordReader {
    const GPtrArray *words; /* of SqlWord * */
    guint at;
    Dialect dialect;
} WordReader;

/* The word `ahead` of the next one, or NULL behind the end. */
const SqlWord *reader_peek(const WordReader *self, guint ahead);
/* Moves over the word if it is this one. */
bool reader_take(WordReader *self, const char *word);
/* … one of several, "a|b|c". */
bool reader_take_one(WordReader *self, const char *alternatives);
bool reader_take_sign(WordReader *self, char sign);
/* Moves behind the next such word outside of parentheses; false and at the end if there is none. */
bool reader_skip_past(WordReader *self, const char *word);
/* Whether the word stands anywhere from here on. */
bool reader_has(const WordReader *self, const char *word);
/* Moves over IF EXISTS or IF NOT EXISTS; true if it was there. */
bool reader_take_if_exists(WordReader *self);
/* A name, perhaps with its schema before a dot; NULL if none is here. Caller frees. */
ObjectName *reader_take_name(WordReader *self, ObjectKind kind);
/* One part of a name as the server keeps it. Caller frees; NULL if none is here. */
char *reader_take_ident(WordReader *self);
void object_name_free(ObjectName *self);

/* How a statement names its objects. */
typedef enum NameStyle {
    NAMES_NONE,
    NAMES_ONE,
    NAMES_LIST,
    NAMES_RENAME,   /* a TO b, c TO d */
    NAMES_INDEX_ON, /* [name] ON table: the table is what shows */
    NAMES_INDEX_MADE,
    NAMES_INDEX_DROPPED,
    NAMES_TRIGGER, /* name … ON table */
    NAMES_ALTER,   /* table, actions */
    NAMES_REINDEX,
    NAMES_EVERYTHING
} NameStyle;

/* Fills objects, and for NAMES_ALTER and NAMES_RENAME parts and rules; false if the names cannot be read. */
bool statement_names(StatementFacts *facts, WordReader *reader, NameStyle style, ObjectKind kind);
/* Once it took effect the picture has ('+') or lacks ('-') a line that begins so. */
void facts_expect(StatementFacts *facts, char sign, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* … of a column or an index of the first object, which thereby is a witness, too. */
void facts_expect_part(StatementFacts *facts, char sign, PicturePart part, const char *name);
/* Nothing is expected any more. */
void facts_expect_nothing(StatementFacts *facts);
/* The actions of an ALTER TABLE, behind the table's name. */
void alter_actions(StatementFacts *facts, WordReader *reader);
