/* Rows of risk: what a statement, or one action of an ALTER TABLE, is known for by its words. The rules of
 * lint that need nothing but words read the same rows. Pure. */
#pragma once

#include "lint/lint_internal.h"
#include "sql/risk.h"

/* Where the names stand that a row is about. */
typedef enum RiskNames {
    RISK_NAMES_NONE,
    RISK_NAMES_LIST,  /* behind the phrase: a, b, c */
    RISK_NAMES_ON,    /* one, behind the first ON */
    RISK_NAMES_TABLE, /* of an action: the altered table */
    RISK_NAMES_COLUMN /* … and its column, the last word of the phrase, which `what` goes on from */
} RiskNames;

typedef struct RiskRow {
    unsigned dialects;  /* LINT_… */
    const char *phrase; /* what it begins with, as lint_begins has it; one of several behind semicolons */
    const char *holds;  /* … and what it holds, likewise; NULL: nothing more */
    const char *lacks;  /* none of these; NULL */
    unsigned kinds;     /* 1 << RiskKind; 0: it is known for nothing, and no later row is asked */
    RiskNames names;
    const char *what; /* one line */
    const char *rule; /* the rule of lint that tells it; NULL: that rule looks at a trial instead */
} RiskRow;

/* Both are ended by a row without phrase. The first row that fits counts. */
extern const RiskRow lint_risk_statements[];
extern const RiskRow lint_risk_actions[];

/* The row of a table that fits; NULL if there is none. */
const RiskRow *lint_risk_row(const RiskRow *rows, const LintStatement *statement, Dialect dialect);
/* The same for a statement, if the row is one of this rule; of an ALTER TABLE its actions are looked at. */
const RiskRow *lint_risk_of_rule(const LintStatement *statement, Dialect dialect, const char *rule);

/* Behind the words of the row's phrase with which the statement begins; -1. */
gssize lint_risk_behind(const RiskRow *row, const LintStatement *statement);
/* What the row's names are in the statement; `table` is the altered one. Of char *; caller unrefs. */
GPtrArray *lint_risk_names(const RiskRow *row, const LintStatement *statement, const char *table);

/* The actions of an ALTER TABLE, each as a statement of its own that borrows the words; of LintStatement *.
 * Empty for another statement. Caller unrefs. */
GPtrArray *lint_alter_actions(const LintStatement *self);
/* The altered table; NULL if it cannot be read. Caller frees. */
char *lint_altered_table(const LintStatement *self);
