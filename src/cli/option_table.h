/* Option table: finding things in the rows of a program, for the parser and for everything that is made of
 * the rows besides (help, man page, completion, reference). Private to this room. Pure. */
#pragma once

#include "cli/options.h"

/* The rows that hold for `command`: its own, then the program's, then --help and --version. `command` NULL:
 * the last two only. Elements are `const OptionSpec *`; the caller frees the array. */
GPtrArray *option_rows(const ProgramSpec *program, const CommandSpec *command);
/* The command's own rows. */
GPtrArray *option_command_rows(const CommandSpec *command);
/* The program's rows, then --help and --version. */
GPtrArray *option_global_rows(const ProgramSpec *program);

/* True unless the option is one that is given by its name alone. */
bool option_takes_argument(const OptionSpec *spec);
/* True if the option may be given several times and each time counts. */
bool option_repeats(const OptionSpec *spec);
/* "DBFLEET_MAX_FAILURES"; NULL for --help and --version. Caller frees. */
char *option_environment_name(const ProgramSpec *program, const OptionSpec *spec);
/* "-j, --jobs N", and with `aligned` blanks in place of a missing letter. Caller frees. */
char *option_synopsis(const OptionSpec *spec, bool aligned);
/* What the row says besides its help: "1 to 64", "one of text, json", "may be repeated"; "" for nothing.
 * Caller frees. */
char *option_limits(const OptionSpec *spec);

/* NULL if there is none of that name. */
const CommandSpec *command_find(const ProgramSpec *program, const char *name);
/* A name that begins with "__" is for scripts: it works and is not shown. */
bool command_is_hidden(const CommandSpec *command);
/* "upgrade [options] REVISION". Caller frees. */
char *command_synopsis(const CommandSpec *command);
/* "fleet", "revisions", …: over a group of commands. */
const char *command_group_title(CommandGroup group);
