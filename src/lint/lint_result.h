/* Lint result: what lint found, as plain values: one row a finding, with where it is, what is the matter,
 * what to do instead, and which targets it holds on. Pure. */
#pragma once

#include "base/diagnostics.h"
#include "base/finding.h"
#include "sql/dialect.h"

/* What a target can be asked about a finding, read-only and in bounded time (lint_question.h). */
typedef enum LintQuestionKind {
    LINT_ASK_NOTHING,
    LINT_ASK_SIZE,       /* how large is the table: decides what a lock or a copy costs */
    LINT_ASK_ROWS,       /* is there any row */
    LINT_ASK_NULLS,      /* does a column hold NULL */
    LINT_ASK_DUPLICATES, /* do columns hold the same values twice */
    LINT_ASK_VIOLATIONS, /* does a row fail an expression */
    LINT_ASK_ORPHANS     /* does a row refer to none */
} LintQuestionKind;

/* Names are as the dialect prints them, quoted where they must be. */
typedef struct LintQuestion {
    LintQuestionKind kind;
    Dialect dialect;
    char *table;
    char *columns;    /* "a, b": of duplicates, NULLs and orphans; NULL */
    char *expression; /* of violations, and of a partial unique index; NULL */
    char *parent;     /* of orphans: the table and the columns referred to */
    char *parent_columns;
} LintQuestion;
void lint_question_free(LintQuestion *self); /* NULL-safe */

typedef struct LintFinding {
    const char *rule; /* "LK03"; static, and so the next two */
    const char *title;
    const char *why;
    FindingLevel severity;
    FindingLevel own; /* … before the targets were asked */
    bool answered;
    unsigned dialects; /* 1 << Dialect of each in which it was found */
    char *revision;
    char *file; /* NULL: of no file */
    unsigned line;
    unsigned column;
    char *object;       /* "table shop.orders"; NULL: of the whole revision */
    char *message;      /* one sentence without a full stop */
    const char *advice; /* what to do instead; static */
    char *fleet;        /* what the targets say to it: "17 of 800 targets hold NULLs in orders.email"; NULL */
    GPtrArray *targets; /* of char *: those on which it holds, as far as they were asked */
    GPtrArray *questions; /* of LintQuestion *: what the targets can be asked; empty */
} LintFinding;
void lint_finding_free(LintFinding *self); /* NULL-safe */

/* What one statement was seen to do to one table. */
typedef struct LintMeasured {
    Dialect dialect;
    char *file; /* NULL: of no file */
    unsigned line;
    char *table;
    const char *lock;      /* PostgreSQL: "ACCESS EXCLUSIVE"; NULL; static, and so the next */
    const char *algorithm; /* MariaDB, MySQL: "COPY"; NULL */
    bool rewritten;
    bool scanned;
    bool blocks_writes;
} LintMeasured;

typedef struct LintResult {
    GPtrArray *findings;  /* of LintFinding *, by file, line, rule */
    GPtrArray *measured;  /* of LintMeasured *, in the order of the statements */
    GPtrArray *unchecked; /* of char *: what could not be looked at, and why */
    char *scope;          /* which revisions were looked at and why those; NULL */
    unsigned revisions;   /* how many */
    unsigned allowed;     /* findings that the files allow */
    unsigned asked;       /* targets that were asked; 0: none */
} LintResult;

LintResult *lint_result_new(void);
void lint_result_free(LintResult *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LintResult, lint_result_free)
/* Takes the finding over; joined with the same one of another dialect, which is returned then, else itself.
 */
LintFinding *lint_result_take(LintResult *self, LintFinding *finding);
/* Notes once what was not looked at. */
void lint_result_unchecked(LintResult *self, const char *format, ...) G_GNUC_PRINTF(2, 3);
void lint_result_sort(LintResult *self);
unsigned lint_result_count(const LintResult *self, FindingLevel severity);
FindingLevel lint_result_worst(const LintResult *self);
