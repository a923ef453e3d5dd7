/* History lanes: the drawn graph beside a history, newest first, one lane for each line of descent. Pure. */
#pragma once

#include "plans/graph.h"

typedef struct HistoryLanes HistoryLanes;

HistoryLanes *history_lanes_new(void);
void history_lanes_free(HistoryLanes *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HistoryLanes, history_lanes_free)

/* The drawing for the next revision's own line, "| * ". Lines that stand above and below it: lanes that join
 * it ("|/") and that begin there ("|\\"); NULL for none. Caller frees all. */
char *history_lanes_next(HistoryLanes *self, const Revision *revision, char **before, char **after);
