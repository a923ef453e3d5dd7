/* Trials: one section run statement by statement on a scratch, each dialect in its own way. */
#pragma once

#include "dev/dev_servers_internal.h"
#include "dev/scratch_revisions.h"
#include "lint/lint_facts.h"

typedef struct LintTrial LintTrial;

/* How a dialect is tried: a row of functions. */
typedef struct LintTrialWay {
    /* Around the section; NULL: nothing. */
    bool (*begin)(LintTrial *self, GError **error);
    bool (*end)(LintTrial *self, GError **error);
    /* Runs a statement and notes what it did. False with the server's error if it failed; then everything
     * that belongs to it alone is undone. */
    bool (*run)(LintTrial *self, guint index, GError **error);
} LintTrialWay;

extern const LintTrialWay lint_trial_postgres, lint_trial_mysql, lint_trial_sqlite;

struct LintTrial {
    const LintTrialWay *way;
    Scratch *scratch;
    const Section *source;
    const Script *script;
    LintSection *section;
    bool has_control; /* it begins and ends transactions by itself */
    char *seen;       /* the precheck of the newest model; NULL: not known */
    GPtrArray *local; /* of char *: SET LOCAL statements so far (PostgreSQL) */
};

/* Tries the section; what happened is in it. False only for what ends all trials. */
bool lint_trial_run(Scratch *scratch, const Section *source, const Script *script, LintSection *section,
                    GError **error);

/* ---- For the ways ---- */

LintStatement *trial_statement(const LintTrial *self, guint index);
/* The statement as it stands in the script, with its inline data. */
bool trial_send(LintTrial *self, guint index, GError **error);
bool trial_send_text(LintTrial *self, const char *sql, GError **error);
