/* History shelf: keeps each different history once. Targets of a fleet were taken the same way, so that what
 * their history tables tell is the same for most of them; a thousand rows of each would not fit into memory.
 *
 * Any thread may share; the entries are not to be changed afterwards. */
#pragma once

#include "plans/target_state.h"

typedef struct HistoryShelf HistoryShelf;
HistoryShelf *history_shelf_new(void);
/* NULL-safe. States keep what they share. */
void history_shelf_free(HistoryShelf *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HistoryShelf, history_shelf_free)
/* Gives the state the history of another that is equal in all that is read of it; the first keeps its own. */
void history_shelf_share(HistoryShelf *self, TargetState *state);
