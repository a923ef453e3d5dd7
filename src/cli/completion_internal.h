/* Completion rules: what may stand where on a command line, as globs over what was typed before. The three
 * shells differ only in how they say it. Private to this room. Pure. */
#pragma once

#include "cli/options.h"

typedef enum CompletionSource {
    COMPLETE_WORDS, /* the words of the rule */
    COMPLETE_ASK,   /* `dbfleet __complete -- KIND PREFIX` */
    COMPLETE_FILES,
    COMPLETE_FOLDERS,
    COMPLETE_NOTHING /* a free text */
} CompletionSource;

/* What one word may be. */
typedef struct CompletionItem {
    CompletionSource source;
    char *word; /* COMPLETE_WORDS: the word; COMPLETE_ASK: the kind; else NULL */
} CompletionItem;

/* Where a word stands, and what it may be. `pattern` is a shell glob over "N COMMAND OPERAND…" for operands
 * (N operands stand before the word) and over "COMMAND OPTION" for arguments, OPTION as typed with its
 * dashes. */
typedef struct CompletionRule {
    char *pattern;
    GArray *items; /* of CompletionItem */
} CompletionRule;

/* Elements are `CompletionRule *`; the first whose pattern fits counts. The caller frees the arrays. */
GPtrArray *completion_operand_rules(const ProgramSpec *program);
GPtrArray *completion_argument_rules(const ProgramSpec *program);
/* What the option's argument may be; items as above, the caller frees. */
GArray *completion_argument_items(const OptionSpec *spec);

/* --- writing scripts: what the shells have in common --- */

typedef enum ShellQuoting { QUOTING_POSIX, QUOTING_FISH } ShellQuoting;

/* Appends `text` in single quotes, as bash and zsh or as fish read it. */
void completion_append_quoted(GString *out, const char *text, ShellQuoting quoting);
/* The words among the items, blanks between them. Caller frees. */
char *completion_words(const GArray *items);
/* Appends items as quoted calls, 'words text json' 'ask TARGET' 'files' 'folders': every script has functions
 * of these names behind its prefix. */
void completion_append_calls(GString *out, const GArray *items, ShellQuoting quoting);
/* Appends a function for bash and zsh that sets `offers` to the calls of the first rule that fits "$1", and
 * fails if none does. */
void completion_append_case(GString *out, const char *function, const GPtrArray *rules);
/* Appends the names of the program's options with an argument as patterns, "-c", "--config", with `between`.
 */
void completion_append_settings(GString *out, const ProgramSpec *program, const char *between);
/* Appends the names of the commands that are shown, a blank before each. */
void completion_append_commands(GString *out, const ProgramSpec *program);
/* A script from its parts; PROGRAM in it is replaced by the program's name. Takes `out`; the caller frees. */
char *completion_finish(GString *out, const ProgramSpec *program);

char *completion_bash(const ProgramSpec *program);
char *completion_zsh(const ProgramSpec *program);
char *completion_fish(const ProgramSpec *program);
