/* Lint facts: what is known of a revision before it is judged: its statements as words, and, where they were
 * tried on a scratch database, the schema around each, the locks it took and what it copied. Facts are
 * gathered by others (dev/lint_measure.h) and never changed by a rule. Built by one thread; then any may
 * read. */
#pragma once

#include "schema/diff.h"
#include "sql/script.h"

/* PostgreSQL's table locks, weakest first (manual 13.3.1). */
typedef enum LintLock {
    LINT_LOCK_NONE,
    LINT_LOCK_ACCESS_SHARE,
    LINT_LOCK_ROW_SHARE,
    LINT_LOCK_ROW_EXCLUSIVE,
    LINT_LOCK_SHARE_UPDATE_EXCLUSIVE,
    LINT_LOCK_SHARE, /* from here on writers wait */
    LINT_LOCK_SHARE_ROW_EXCLUSIVE,
    LINT_LOCK_EXCLUSIVE,
    LINT_LOCK_ACCESS_EXCLUSIVE /* readers too */
} LintLock;
/* "ACCESS EXCLUSIVE". */
const char *lint_lock_name(LintLock lock);
/* From pg_locks.mode, "AccessExclusiveLock"; LINT_LOCK_NONE if unknown. */
LintLock lint_lock_parse(const char *mode);

/* How MariaDB or MySQL carries out an ALTER: the cheapest way that the server agreed to. */
typedef enum LintAlgorithm {
    LINT_ALGORITHM_UNKNOWN,
    LINT_ALGORITHM_INSTANT,
    LINT_ALGORITHM_NOCOPY,
    LINT_ALGORITHM_INPLACE,
    LINT_ALGORITHM_COPY
} LintAlgorithm;
const char *lint_algorithm_name(LintAlgorithm algorithm); /* "INSTANT" */

/* What a statement did to a table that was there before it. */
typedef struct LintTable {
    char *key; /* of the SCHEMA_TABLE or SCHEMA_MATVIEW */
    LintLock lock;
    bool rewritten;
    bool scanned;
} LintTable;

typedef struct LintAllow {
    char *rules;  /* "LK03" or "LK03,DL01"; "" if there is none */
    char *reason; /* "" if none is given */
    unsigned line;
} LintAllow;

typedef struct LintStatement {
    char *text;
    GPtrArray *words; /* of SqlWord *; empty where it cannot be read as words */
    StatementKind kind;
    SourcePlace place; /* place.file belongs to the revision */
    GPtrArray *allows; /* of LintAllow *: in the comments above it */
    bool in_transaction;
    bool ran;                 /* on a scratch database, without error */
    char *failure;            /* what the server said there; NULL */
    char *untried;            /* why it was left out of the trial; NULL */
    const SchemaModel *after; /* the schema behind it; NULL: it did not run */
    SchemaDiff *diff;         /* to there from the statement before; NULL likewise */
    bool measured;            /* locks, rewrites and scans, or the algorithm, were observed */
    GPtrArray *tables;        /* of LintTable * */
    LintAlgorithm algorithm;
    bool blocks_writes; /* MySQL family: the server refuses LOCK=NONE */
    bool lax;           /* MySQL family: it runs where sql_mode holds no STRICT_… */
} LintStatement;

typedef struct LintSection {
    Dialect dialect;
    bool down;
    bool transaction;
    bool foreign_keys_off;
    SourcePlace place;
    GPtrArray *statements;     /* of LintStatement * */
    GPtrArray *allows;         /* of LintAllow * behind the last statement */
    GPtrArray *models;         /* of SchemaModel *: keeps those of the statements alive */
    const SchemaModel *before; /* NULL: it was not tried */
    const SchemaModel *after;  /* behind the last statement that ran */
    SchemaDiff *diff;          /* of these two; NULL */
    char *failure;             /* why it was not tried to its end, beyond one statement's failure; NULL */
} LintSection;

typedef struct LintRevision {
    char *id;
    char *message;
    char *file;          /* NULL: made in memory */
    bool irreversible;   /* it says so: "-- dbfleet:irreversible" */
    bool merge;          /* of several parents, and nothing to do */
    GPtrArray *sections; /* of LintSection *: up and down for each dialect that was asked for */
} LintRevision;

LintRevision *lint_revision_new(const char *id, const char *message, const char *file);
void lint_revision_free(LintRevision *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LintRevision, lint_revision_free)
/* Splits a section's text into statements with their words and allows; it is added to the revision, which
 * owns it. A text that cannot be split has no statements and a failure that says why. */
LintSection *lint_revision_add(LintRevision *self, const char *text, gsize length, Dialect dialect,
                               SourcePlace place);
/* The section of one direction in one dialect; NULL if it has none. */
const LintSection *lint_revision_section(const LintRevision *self, Dialect dialect, bool down);

/* Where the trial begins; the model is taken over. */
void lint_section_begin(LintSection *self, SchemaModel *before);
/* The statement ran and left this behind: a model that is taken over, or NULL if nothing changed. */
void lint_section_ran(LintSection *self, guint statement, SchemaModel *after);
/* No more statements will run. */
void lint_section_end(LintSection *self);
/* Notes what was seen of one table. */
LintTable *lint_statement_table(LintStatement *self, const char *key);
