/* Options: one table of commands and options, from which the parser, --help, completion, the man page and the
 * reference are all made. This room knows how to read such a table; the rows stand in commands/.
 *
 * Sources for the conventions: POSIX Utility Syntax Guidelines, GNU "Command-Line Interfaces". Environment
 * twins: option --max-failures is DBFLEET_MAX_FAILURES, the command line wins. Pure but for getenv. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum OptionKind {
    OPTION_FLAG,  /* --yes, --no-yes is not made */
    OPTION_COUNT, /* -v -vv */
    OPTION_TEXT,
    OPTION_UNSIGNED, /* with minimum and maximum */
    OPTION_DURATION, /* milliseconds */
    OPTION_CHOICE,
    OPTION_LIST, /* may be given several times; the environment twin is split at commas */
    OPTION_PAIRS /* -x name=value, several times */
} OptionKind;

typedef struct OptionSpec {
    const char *name; /* "max-failures" */
    char letter;      /* 'j'; 0: none */
    OptionKind kind;
    const char *argument;       /* "N", "FILE": as help shows it; NULL for flags */
    const char *help;           /* one sentence, no full stop; help wraps it */
    const char *const *choices; /* OPTION_CHOICE: NULL-terminated */
    guint64 minimum;
    guint64 maximum;      /* OPTION_UNSIGNED; 0: no limit */
    const char *fallback; /* the default as text; NULL: none. Shown in help */
    bool typed_only;      /* no DBFLEET_* twin: that is another command's option of this name */
} OptionSpec;

typedef struct Options Options; /* the values of one command line */

typedef enum CommandGroup {
    COMMANDS_FLEET,
    COMMANDS_REVISIONS,
    COMMANDS_INVENTORY,
    COMMANDS_OTHER
} CommandGroup;

typedef struct CommandSpec {
    const char *name; /* "upgrade"; a name that begins with "__" works but is not shown; "inventory list" is
                         the command "inventory" with an operand */
    CommandGroup group;
    const char *operands; /* "REVISION", "[TARGET...]", as help shows them; "" for none */
    unsigned min_operands;
    unsigned max_operands;   /* G_MAXUINT: any number */
    bool relative_operands;  /* "-1" and "+1" are operands, not options (upgrade, downgrade, history, show,
                                plan, …) */
    const char *summary;     /* one line: "Bring targets up to a revision" */
    const char *description; /* paragraphs for --help, man page and reference: separated by empty lines,
                                wrapped; one whose first line is indented stays as it is */
    const char *example;     /* a command line or several, one a line; NULL: none */
    const OptionSpec *const
        *option_sets; /* NULL-terminated list of arrays that each end with a row whose name is NULL */
    /* Runs the command; returns the exit code. */
    int (*run)(const Options *options);
} CommandSpec;

/* A program: its commands and the options that every command takes. --help (-h) and --version need no row:
 * every program has them, and they have no environment twin. */
typedef struct ProgramSpec {
    const char *name;
    const char *version;
    const char *summary;
    const char *description; /* paragraphs for man page and reference; NULL: none */
    const char *const
        *environment; /* variables that are no option's twin, pairs "NO_COLOR", "…", NULL; NULL: none */
    const char *const *exit_codes; /* pairs "0", "done", …, NULL: for help, man page and reference */
    const OptionSpec
        *global_options; /* ends with a row whose name is NULL; accepted before and after the command */
    const CommandSpec *const *commands; /* NULL-terminated */
} ProgramSpec;

#define OPTIONS_ERROR (options_error_quark())
GQuark options_error_quark(void);
typedef enum OptionsError { OPTIONS_ERROR_USAGE } OptionsError;

/* Reads argv (argv[0] is the program) and the DBFLEET_* environment. NULL and a usage error that says what is
 * wrong, where and what is near
 * ("did you mean --max-failures?"). `--` ends options. "help COMMAND" is "COMMAND --help". Long options may
 * be shortened to a unique prefix; "--name=value" and "--name value", "-j8",
 * "-j 8" and grouped flags "-qy" all work. `--help`/`-h` anywhere and `--version` win over other errors. */
Options *options_parse(const ProgramSpec *program, int argc, char *const *argv, GError **error);
void options_free(Options *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Options, options_free)

/* NULL when only --help or --version of the program itself was asked for, or nothing was typed. */
const CommandSpec *options_command(const Options *self);
bool options_wants_help(const Options *self);
bool options_wants_version(const Options *self);

unsigned options_operand_count(const Options *self);
const char *options_operand(const Options *self, unsigned index); /* NULL past the end */
const char *const *options_operands(const Options *self);         /* NULL-terminated */

/* For a test of the tables: no name or letter twice where both hold, arguments and choices named, defaults
 * that fit, texts there. False and the first mistake. */
bool options_check_tables(const ProgramSpec *program, GError **error);

/* Values: the command line's, else the environment's, else the row's default. Asking for a name that the
 * command's tables lack, or with the wrong kind, is a programming error (g_error). */
bool options_flag(const Options *self, const char *name);
unsigned options_count(const Options *self, const char *name);
/* True if the command has such an option. */
bool options_knows(const Options *self, const char *name);
const char *options_text(const Options *self,
                         const char *name); /* also OPTION_CHOICE; NULL: not given, no default */
bool options_given(const Options *self, const char *name); /* by command line or environment */
guint64 options_unsigned(const Options *self, const char *name);
gint64 options_duration(const Options *self, const char *name); /* milliseconds; -1: not given, no default */
const char *const *options_list(const Options *self, const char *name); /* NULL-terminated, never NULL */
/* name -> value; the last of a repeated name wins. Owned by self. */
GHashTable *options_pairs(const Options *self, const char *name);
