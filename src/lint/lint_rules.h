/* Lint rules: one row of const data each, judged over facts. Pure; any thread. */
#pragma once

#include "lint/lint_facts.h"
#include "lint/lint_result.h"

/* What a rule cannot do without. */
typedef enum LintNeed {
    LINT_NEEDS_TEXT,    /* the statements' words */
    LINT_NEEDS_TRIAL,   /* the schema around each statement */
    LINT_NEEDS_MEASURE, /* locks, rewrites and scans, or the algorithm */
    LINT_NEEDS_TREE     /* PostgreSQL's own parser (libpg_query) */
} LintNeed;
const char *lint_need_name(LintNeed need); /* "text", "trial", "measure", "tree" */

typedef struct LintSink LintSink;

typedef struct LintRule {
    const char *id;
    const char *title;     /* a few words */
    FindingLevel severity; /* FINDING_OK: off unless it is turned on */
    unsigned dialects;     /* 1 << Dialect */
    LintNeed need;
    const char *why;
    const char *safer;
    /* Each may be NULL. Sections are those upwards; `down` those downwards. */
    void (*statement)(LintSink *sink, const LintStatement *statement);
    void (*section)(LintSink *sink, const LintSection *section);
    void (*down)(LintSink *sink, const LintSection *section);
    void (*revision)(LintSink *sink, const LintRevision *revision);
} LintRule;

/* Row by row, in the order of the documentation; NULL behind the last. */
const LintRule *lint_rule_at(guint index);
/* NULL if there is none. */
const LintRule *lint_rule_find(const char *id);
/* The id that was probably meant, or NULL. */
const char *lint_rule_suggest(const char *id);
/* "all", or "PostgreSQL, MariaDB". Caller frees. */
char *lint_dialect_names(unsigned dialects);

/* ---- Settings ---- */

typedef struct LintSettings {
    GHashTable *levels;   /* rule id -> GUINT_TO_POINTER(FindingLevel); NULL or no entry: the rule's own */
    unsigned max_changes; /* RV01: objects changed by one revision */
    unsigned tiny_rows;   /* a table of no more rows than this makes a lock a note */
    unsigned big_rows;    /* … of this many an error */
    const char *naming;   /* SC08: regular expression for new names; NULL: lower case */
    const char *const *engines;  /* SC09; NULL: any */
    const char *const *charsets; /* SC09; NULL: any */
} LintSettings;
#define LINT_MAX_CHANGES 8u
#define LINT_TINY_ROWS 10000u
#define LINT_BIG_ROWS 1000000u

/* Judges all sections of a revision. What could not be looked at is noted. */
void lint_revision_judge(const LintRevision *revision, const LintSettings *settings, LintResult *result);
/* The whole table for people and tests, as Markdown: the index of docs/reference/lint. Caller frees. */
char *lint_rules_markdown(void);
/* How the page of one rule begins. */
char *lint_rule_markdown(const LintRule *rule);
