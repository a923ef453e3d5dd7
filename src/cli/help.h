/* Help: what the option table says, as text for a terminal, as a man page, as shell completion and as the reference in
 * Markdown. Pure: table in, text out. */
#pragma once

#include "cli/options.h"

/* `command` NULL: the program's overview, commands by group. Wrapped to `width`. Caller frees all texts. */
char *help_text(const ProgramSpec *program, const CommandSpec *command, unsigned width, bool color);
/* "usage: dbfleet upgrade [options] REVISION": after a usage error. */
char *help_usage(const ProgramSpec *program, const CommandSpec *command);
/* dbfleet(1) in roff's man macros. */
char *help_man_page(const ProgramSpec *program, const char *date);
/* docs/reference/commands.md */
char *help_reference(const ProgramSpec *program);
/* shell: bash, zsh or fish; NULL for another. Operands that are targets, groups or revisions are completed by calling
 * `dbfleet __complete KIND PREFIX` where the table's operands name says so (REVISION, TARGET, RUN). */
char *help_completion(const ProgramSpec *program, const char *shell);
