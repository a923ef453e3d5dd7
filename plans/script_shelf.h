/* Script shelf: the split scripts of sections, each there once for all who use it at the same time, however
 * many paths and targets that are. Those that nobody uses stay for a while: the last ones, up to a number and
 * a size that do not depend on how many steps a plan has. Any thread. */
#pragma once

#include "plans/revision.h"
#include "sql/script.h"

#define SCRIPT_SHELF_UNUSED 64 /* scripts that stay though nobody uses them */
#define SCRIPT_SHELF_UNUSED_TEXT                                                                             \
    (1u << 20) /* … and bytes of SQL in them; the last one stays whatever its size */

typedef struct ScriptShelf ScriptShelf;

ScriptShelf *script_shelf_new(void);
/* Its sections outlive the shelf. References are the business of one thread. */
ScriptShelf *script_shelf_ref(ScriptShelf *self);
void script_shelf_unref(ScriptShelf *self); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScriptShelf, script_shelf_unref)

/* The section's script in a dialect, as it is written: variables are not filled in. To be given back. NULL
 * and an error (PLAN_ERROR, PROBLEM_SYNTAX) if it cannot be split, which depends on nothing but the section.
 */
const Script *script_shelf_take(ScriptShelf *self, const Section *section, Dialect dialect, GError **error);
void script_shelf_give_back(ScriptShelf *self, const Section *section, Dialect dialect);

/* What was found of a section once a plan: its statements break no rule. */
void script_shelf_note_sound(ScriptShelf *self, const Section *section, Dialect dialect);
bool script_shelf_is_sound(ScriptShelf *self, const Section *section, Dialect dialect);
/* Lets go of that: no plan is made any more. */
void script_shelf_forget_sound(ScriptShelf *self);

/* How many scripts there are, used or not: for tests. */
unsigned script_shelf_length(ScriptShelf *self);
