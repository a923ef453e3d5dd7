/* The commands and what they share. Only this room prints: data to stdout, all else to stderr. Main thread.
 */
#pragma once

#include "base/terminal.h"
#include "cli/options.h"
#include "inventory/fleet.h"
#include "inventory/project.h"
#include "inventory/selector.h"
#include "plans/graph.h"
#include "plans/planner.h"
#include "run/ledger/ledger.h"
#include "run/spare_connections.h"
#include "run/versions_commit.h"
#include <stdio.h>

/* Exit codes (docs/reference/exit-codes.md). Where several apply: 130, 3, 1, 6, 5, 4, 2. */
typedef enum ExitCode {
    EXIT_DONE = 0,
    EXIT_TARGET_FAILED = 1,
    EXIT_DIFFERENT = 2,
    EXIT_HALTED = 3,
    EXIT_UNREACHABLE = 4,
    EXIT_STALE = 5,
    EXIT_LOCKED = 6,
    EXIT_USAGE = 64,
    EXIT_CONFIGURATION = 78,
    EXIT_INTERRUPTED = 130
} ExitCode;

extern const ProgramSpec program_spec;

/* Option sets that several commands take; each ends with a row whose name is NULL. */
extern const OptionSpec global_options[];
extern const OptionSpec selection_options[]; /* --limit, --allow-empty, --url */
extern const OptionSpec parallel_options[];  /* --jobs, --per-host */
extern const OptionSpec format_options[];    /* --format text|json */
extern const OptionSpec policy_options[];    /* --max-failures, --max-unreachable, --on-halt */
extern const OptionSpec wave_options[];      /* --no-waves */
extern const OptionSpec run_options[];       /* --yes, --no-backup */
extern const OptionSpec metrics_options[];   /* --metrics */
extern const OptionSpec variable_options[];  /* -x */
extern const OptionSpec offline_options[];   /* --sql, --tag */

/* ---- Messages ---- */

/* "dbfleet: error: …" on stderr, control characters made visible. Returns the code, for "return fail(…)". */
int command_fail(ExitCode code, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The same from an error; frees it. */
int command_fail_error(ExitCode code, GError *error);
/* A word that is none of the NULL-terminated `known`, with the nearest: "plan: \"upgrad\" is none of …; did
 * you mean upgrade?". Returns EXIT_USAGE. */
int command_fail_word(const char *what, const char *word, const char *const *known);
/* The names of all dialects, NULL-terminated. */
extern const char *const command_dialects[];
void command_warn(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* What is no mistake but good to know; nothing with --quiet. */
void command_note(const Options *options, const char *text);
/* Prints what a loader found, and says how many errors. */
void command_print_problems(const Diagnostics *problems);
/* Data to stdout: a failure to write (a full disk, a closed pipe) is told. Returns EXIT_DONE or
 * EXIT_CONFIGURATION. */
int command_print(const char *text);
/* The same in pieces: print_piece() (a ReportWrite) as often as there are some, then the end. */
typedef struct Printing {
    FILE *file;
    int fault; /* errno of the first piece that could not be written; 0 */
} Printing;
void print_piece(gpointer self, const char *text, gsize length);
int command_print_end(const Printing *printing);
/* The same for a listing that may be long: through a pager on a terminal that is too small for it. Not for
 * the end of a run, which must not wait for a key. */
int command_page(const Options *options, const char *text);

/* ---- Workspace: what most commands begin with ---- */

typedef enum WorkspaceParts {
    WORKSPACE_PROJECT = 0,
    WORKSPACE_REVISIONS = 1 << 0,  /* load the track's revisions and build the graph */
    WORKSPACE_FLEET = 1 << 1,      /* load the inventory and select */
    WORKSPACE_ALL_TRACKS = 1 << 2, /* targets of every track (inventory commands) */
    /* Load the inventory and select if there is one; no targets are none too many. The command need not have
     * selection_options. */
    WORKSPACE_FLEET_IF_ANY = 1 << 3,
    WORKSPACE_WRITTEN = 1 << 4,    /* no source of discover: is asked */
    WORKSPACE_REMEMBERED = 1 << 5, /* … but answers that are kept count */
    WORKSPACE_RENEWED = 1 << 6     /* answers that are kept do not count */
} WorkspaceParts;

typedef struct Workspace {
    const Options *options;
    Project *project;
    const Track *track;
    GPtrArray *revisions;
    RevisionGraph *graph;
    Fleet *fleet;
    GPtrArray *targets; /* of const Target *: the selection, of this track */
    VersionsQuestion
        *commit;             /* which one the revisions are of, asked early for such a run; NULL: not asked */
    SpareConnections *spare; /* what a probe leaves for the run that follows at once (--yes); NULL: nothing */
} Workspace;

/* Loads what was asked for; on false everything wrong has been printed and *exit_code says why. */
bool workspace_open(Workspace *self, const Options *options, unsigned parts, int *exit_code);
/* The same on this track, whatever was typed; NULL: the one that was typed, or the default. */
bool workspace_open_track(Workspace *self, const Options *options, unsigned parts, const char *track,
                          int *exit_code);
/* The same for what goes on with a run or takes it back: revisions and fleet, on the track of the run that
 * the ledger knows as `id`, which is handed out and is the caller's to free. The selection is not narrowed to
 * it. `with_earlier`: with the targets of the runs that it went on with, where it did not take them itself.
 */
bool workspace_open_run(Workspace *self, const Options *options, const char *id, bool with_earlier,
                        RunResult **run, int *exit_code);
/* Gives the run the targets of the runs that it went on with, where it did not take them: what is left of the
 * first is left of the last. A rollback begins anew. */
bool workspace_take_earlier(RunResult *run, Ledger *ledger, GError **error);
void workspace_close(Workspace *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Workspace, workspace_close)

/* Goes over to another track: its revisions are loaded, the targets stay. On false everything wrong has been
 * printed. */
bool workspace_use_track(Workspace *self, const char *name, int *exit_code);
/* --no-waves, where the command has it. */
bool workspace_without_waves(const Workspace *self);
/* The targets of the fleet that a selector means, whatever was selected: const Target *, caller unrefs. */
GPtrArray *workspace_select(const Workspace *self, const char *selector, GError **error);
/* True if reading the inventory again would tell nothing new. */
bool workspace_fleet_is_as_written(const Workspace *self);
/* The inventory as it is now, read as it was at first, but with answers of its sources that are not kept
 * ones; NULL, and why was added. Caller frees. */
Fleet *workspace_reload_fleet(const Workspace *self, Diagnostics *problems);
/* What was selected at first, of another state of the fleet: const Target *, caller unrefs. */
GPtrArray *workspace_select_again(const Workspace *self, const Fleet *fleet, GError **error);
/* The target of this name; NULL: there is none, and that was told, with the nearest. */
const Target *workspace_find_target(const Workspace *self, const char *name, int *exit_code);
/* The project's ledger, made if `create`. */
Ledger *workspace_ledger(const Workspace *self, bool create, GError **error);
/* The folder of dbfleet.yaml by its last name, for metrics. Caller frees. */
char *workspace_project_name(const Workspace *self);
/* The version table: --version-table is not an option; the track says it. */
const char *workspace_version_table(const Workspace *self);
/* Columns of stdout (80 for a pipe), and whether colour is wanted there. */
unsigned command_width(void);
/* The same for lists whose cells other programs read: 0, as wide as needed, where stdout is no terminal. */
unsigned command_table_width(void);
bool command_color(const Options *options, int descriptor);
bool command_wants_json(const Options *options);
/* "user@host": who runs this. Caller frees. */
char *command_operator(void);

/* Probes the selection with a quiet progress line on a terminal. NULL after an interrupt. */
GPtrArray *workspace_probe(const Workspace *self);
/* The same, and what each target's history holds since that run. */
GPtrArray *workspace_probe_since(const Workspace *self, const char *run_id);
/* Makes missing version tables, then reads as workspace_probe does. */
GPtrArray *workspace_ensure_tables(const Workspace *self);
