/* Project: dbfleet.yaml, found by walking up from the current folder. Immutable after loading. Paths are made
 * absolute from the file's folder. Format: docs/reference/dbfleet-yaml.md. */
#pragma once

#include "inventory/rollout.h"

typedef struct Track {
    char *name;
    char *versions;      /* absolute folder */
    char *schema;        /* absolute folder of schema files; may not exist */
    char *version_table; /* default "dbfleet_version" */
    SourcePlace place;
} Track;

/* One line of lint.rules, as written: which rules there are is lint's business. */
typedef struct LintLevel {
    char *rule;
    char *level; /* off | note | warning | error */
    SourcePlace place;
} LintLevel;

typedef struct LintPolicy {
    GPtrArray *levels;    /* of LintLevel * */
    unsigned max_changes; /* 0: not said, and so the next two */
    unsigned tiny_rows;
    unsigned big_rows;
    char *naming;   /* a regular expression; NULL: not said */
    char **engines; /* NULL: any */
    char **charsets;
} LintPolicy;

typedef struct Project {
    char *file;                /* dbfleet.yaml; NULL when there is none (--url with ./versions) */
    char *folder;              /* where relative paths start */
    char *inventory;           /* absolute; NULL: not said */
    char *plans;               /* absolute folder for plan files */
    char *ledger;              /* absolute path of the SQLite ledger, or a postgresql:// URL as written */
    GPtrArray *tracks;         /* of Track *, "default" always there */
    GHashTable *dev;           /* dialect name -> where its scratch databases are: project_dev.h */
    bool create_missing_roles; /* on a dev server that is not private */
    RolloutPolicy rollout;
    LintPolicy lint;
    GPtrArray *notify; /* of NotifySpec * (project_notify.h), in their order; may be empty */
} Project;

/* `path` NULL: dbfleet.yaml in the current folder or the nearest one above. NULL when anything is wrong. */
Project *project_load(const char *path, const char *current_folder, Diagnostics *problems);
/* The project of a folder without dbfleet.yaml: one track "default" with versions/, ledger
 * .dbfleet/ledger.db. */
Project *project_default(const char *folder);
void project_free(Project *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Project, project_free)

/* Path of the dbfleet.yaml that would be used, or NULL. Caller frees. */
char *project_find(const char *current_folder);
const Track *project_track(const Project *self, const char *name);
/* The names of all tracks, NULL-terminated; caller frees (g_strfreev). */
char **project_track_names(const Project *self);
/* Their version tables in the same order, for FleetOptions.track_tables; caller frees (g_strfreev). */
char **project_track_tables(const Project *self);
