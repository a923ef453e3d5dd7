/* History lanes: a lane waits for one revision id; branches join where several lanes wait for the same id,
 * merges open one more. */
#include "commands/history_lanes_internal.h"

struct HistoryLanes {
    GPtrArray *waiting; /* of const char *: the id each lane leads to */
};

HistoryLanes *history_lanes_new(void)
{
    HistoryLanes *self = g_new0(HistoryLanes, 1);
    self->waiting = g_ptr_array_new();
    return self;
}

void history_lanes_free(HistoryLanes *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->waiting);
    g_free(self);
}

static bool lane_of(const HistoryLanes *self, const char *id, guint *lane)
{
    return g_ptr_array_find_with_equal_func(self->waiting, id, g_str_equal, lane);
}

static char *draw_row(const HistoryLanes *self, guint own)
{
    GString *row = g_string_new(NULL);
    for (guint i = 0; i < self->waiting->len; i++)
        g_string_append(row, i == own ? "* " : "| ");
    return g_string_free(row, FALSE);
}

/* Lanes right of `own` that wait for the same revision end here. True if any did. */
static bool join_lanes(HistoryLanes *self, const char *id, guint own)
{
    bool joined = false;
    for (guint i = self->waiting->len; i-- > own + 1;) {
        if (!g_str_equal(self->waiting->pdata[i], id))
            continue;
        g_ptr_array_remove_index(self->waiting, i);
        joined = true;
    }
    return joined;
}

/* The lane goes on to the first parent; a merge opens a lane for each other parent that no lane leads to yet.
 */
static bool open_lanes(HistoryLanes *self, const Revision *revision, guint own)
{
    bool opened = false;
    if (!revision->revises[0]) {
        g_ptr_array_remove_index(self->waiting, own);
        return false;
    }
    self->waiting->pdata[own] = revision->revises[0];
    for (char **parent = revision->revises + 1; *parent; parent++) {
        if (lane_of(self, *parent, NULL))
            continue;
        g_ptr_array_insert(self->waiting, (gint)++own, *parent);
        opened = true;
    }
    return opened;
}

static char *draw_change(guint lanes, guint at, char mark)
{
    GString *row = g_string_new(NULL);
    for (guint i = 0; i < lanes; i++) {
        g_string_append_c(row, '|');
        g_string_append_c(row, i == at ? mark : ' ');
    }
    return g_string_free(row, FALSE);
}

/* What stands between two rows when a lane joined another below it. */
char *history_lanes_next(HistoryLanes *self, const Revision *revision, char **after)
{
    guint own = 0;
    *after = NULL;
    if (!lane_of(self, revision->id, &own)) {
        own = self->waiting->len;
        g_ptr_array_add(self->waiting, revision->id);
    }
    bool joined = join_lanes(self, revision->id, own);
    char *row = draw_row(self, own);
    guint lanes = self->waiting->len;
    bool opened = open_lanes(self, revision, own);
    if (opened)
        *after = draw_change(lanes, own, '\\');
    else if (joined && lanes > 1)
        *after = draw_change(lanes, own, '/');
    return row;
}
