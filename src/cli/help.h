/* Help: what the option table says, as text for a terminal, as a man page, as shell completion and as the
 * reference in Markdown. Pure: table in, text out. */
#pragma once

#include "cli/options.h"

/* `command` NULL: the program's overview, commands by group. Wrapped to `width`. Caller frees all texts. */
char *help_text(const ProgramSpec *program, const CommandSpec *command, unsigned width, bool color);
/* "usage: dbfleet upgrade [options] REVISION": after a usage error. */
char *help_usage(const ProgramSpec *program, const CommandSpec *command);
/* dbfleet(1) in roff's man macros, or with a command dbfleet-COMMAND(1). */
char *help_man_page(const ProgramSpec *program, const CommandSpec *command, const char *date);
/* docs/reference/commands.md */
char *help_reference(const ProgramSpec *program);
/* shell: bash, zsh or fish; NULL for another. Caller frees.
 *
 * Operands are completed by how the row's operands are written: in "list|show [TARGET...]" lower-case words
 * stand for themselves, FILE, FOLDER and their like are paths, and what only the project knows (REVISION,
 * TARGET, GROUP, TRACK, RUN, SELECTOR) is asked for by calling `dbfleet [global options] __complete -- KIND
 * PREFIX`, which prints one candidate a line, with a tab and a few words about it if there are any, and
 * nothing when something is wrong. An option's argument is completed by the same words. */
char *help_completion(const ProgramSpec *program, const char *shell);
