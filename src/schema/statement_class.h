/* Statement classes: what is known beforehand of a statement whose outcome may one day be open: which objects
 * it names, which parts of them show whether it took effect, and what follows when their picture is the same
 * as before it, or another. One row of const data for each class; what no row lists is a person's to decide.
 * Pure; any thread. */
#pragma once

#include "sql/script.h"

/* What the answer to "did it take effect?" is. */
typedef enum SettleRule {
    SETTLE_ASK,            /* cannot be told: a person decides */
    SETTLE_DONE,           /* it took effect */
    SETTLE_REPEAT,         /* it did not, or running it again does no harm */
    SETTLE_GONE_OR_ASK,    /* done if none of its objects is left, else a person decides */
    SETTLE_GONE_OR_REPEAT, /* done if none of its objects is left, else it runs again */
    SETTLE_MADE,           /* done if all its objects are there, else it runs again */
    SETTLE_INDEX,   /* PostgreSQL: a new valid index is done; a new invalid one is dropped and made again */
    SETTLE_REINDEX, /* PostgreSQL: new invalid indexes are leftovers: dropped, then it runs again */
    SETTLE_DETACH   /* PostgreSQL: a pending detach is for a person to finalize */
} SettleRule;

typedef enum ObjectKind {
    OBJECT_TABLE, /* tables, views and sequences share their names */
    OBJECT_INDEX, /* PostgreSQL: named by itself */
    OBJECT_TRIGGER,
    OBJECT_ROUTINE,
    OBJECT_EVENT,
    OBJECT_DATABASE,
    OBJECT_TABLESPACE,
    OBJECT_EVERYTHING /* the whole schema, one line an object */
} ObjectKind;

typedef struct ObjectName {
    ObjectKind kind;
    char *schema; /* NULL: the session's */
    char *name;   /* NULL: OBJECT_EVERYTHING */
    char *table;  /* a trigger's, where the statement says it; NULL */
    char *index;  /* the one to be made on this table; NULL: none, or the server names it */
} ObjectName;

/* Parts of a table's picture; a table without any is its existence and kind. */
typedef enum PicturePart {
    PICTURE_OPTIONS = 1 << 0, /* engine, character set, comment, … */
    PICTURE_COLUMNS = 1 << 1,
    PICTURE_INDEXES = 1 << 2,
    PICTURE_CONSTRAINTS = 1 << 3,
    PICTURE_PARTITIONS = 1 << 4,
    PICTURE_TRIGGERS = 1 << 5,
    PICTURE_VIEW = 1 << 6, /* a view's text */
    PICTURE_ALL = (1 << 7) - 1
} PicturePart;

/* A column or an index of the first object that a statement names. */
typedef struct PartName {
    PicturePart part; /* PICTURE_COLUMNS, PICTURE_INDEXES */
    char *name;
} PartName;

typedef struct StatementClass {
    const char *name;   /* "create table": as the documentation calls it */
    const char *source; /* where the rule comes from */
    SettleRule equal;   /* the picture is the same as before */
    SettleRule differs;
    bool failed_is_clean; /* refused by the server it leaves nothing behind, unless the picture says so */
} StatementClass;

/* What one statement says about itself. */
typedef struct StatementFacts {
    const StatementClass *class;
    GPtrArray *objects;   /* of ObjectName *; empty: its evidence needs no picture */
    unsigned parts;       /* of PicturePart */
    GPtrArray *expected;  /* of char *: how lines of the picture begin that are there ("+") or not ("-") once
                             it took effect; another change is somebody else's */
    GPtrArray *witnesses; /* of PartName *: those that are expected, one of which at least comes or goes for
                             sure, so that they tell by themselves; empty: only whole parts tell */
    SettleRule equal;     /* as the class says, or stricter */
    SettleRule differs;
    bool can_be_wrapped; /* it runs in a transaction and is rolled back with it */
    bool leaves_session; /* it can change no setting of its session: it runs nothing that a user wrote */
} StatementFacts;

StatementFacts *statement_facts_new(const char *text, gsize length, StatementKind kind, Dialect dialect);
void statement_facts_free(StatementFacts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StatementFacts, statement_facts_free)

/* The table, row by row: NULL behind the last. */
const StatementClass *statement_class_at(gsize index);
