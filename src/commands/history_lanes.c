/* History lanes: a lane waits for one revision id. Lanes that wait for the same one join above it; a merge
 * opens a lane for each of its other parents. Lane number i stands in column 2 * i; what leads from column to
 * column is drawn on a line between two rows. */
#include "commands/history_lanes_internal.h"

#include <string.h>

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

static char *blank_line(guint lanes)
{
    char *line = g_malloc(2 * (gsize)lanes + 1);
    memset(line, ' ', 2 * (gsize)lanes);
    line[2 * (gsize)lanes] = '\0';
    return line;
}

static bool waits_for(const HistoryLanes *self, guint lane, const char *id)
{
    return g_str_equal(self->waiting->pdata[lane], id);
}

/* The leftmost lane that waits for the revision; a head has none yet. */
static guint own_lane(HistoryLanes *self, char *id)
{
    guint own = 0;
    if (!g_ptr_array_find_with_equal_func(self->waiting, id, g_str_equal, &own)) {
        own = self->waiting->len;
        g_ptr_array_add(self->waiting, id);
    }
    return own;
}

/* Lanes that go straight on between `own` and one that joins it are crossed. */
static void cross_lanes(char *line, guint own, guint lane)
{
    for (guint i = own + 1; i < lane; i++)
        if (line[2 * i] == '|')
            line[2 * i - 1] = '_';
}

/* Lanes right of `own` that wait for the same revision end in it, and those right of them move up. NULL if
 * there are none. */
static char *join_lanes(HistoryLanes *self, const char *id, guint own)
{
    guint joined = 0;
    g_autofree char *line = blank_line(self->waiting->len);
    for (guint i = 0; i < self->waiting->len; i++) {
        bool joins = i > own && waits_for(self, i, id);
        joined += joins;
        line[joined ? 2 * i - 1 : 2 * i] = joined ? '/' : '|';
        if (joins)
            cross_lanes(line, own, i);
    }
    for (guint i = self->waiting->len; i-- > own + 1;)
        if (waits_for(self, i, id))
            g_ptr_array_remove_index(self->waiting, i);
    return joined ? g_strchomp(g_steal_pointer(&line)) : NULL;
}

static char *draw_row(const HistoryLanes *self, guint own)
{
    GString *row = g_string_new(NULL);
    for (guint i = 0; i < self->waiting->len; i++)
        g_string_append(row, i == own ? "* " : "| ");
    return g_string_free(row, FALSE);
}

/* A base: the lanes right of it move up. */
static char *end_lane(HistoryLanes *self, guint own)
{
    bool last = own + 1 == self->waiting->len;
    g_autofree char *line = blank_line(self->waiting->len);
    for (guint i = 0; i < self->waiting->len; i++)
        if (i != own)
            line[i < own ? 2 * i : 2 * i - 1] = i < own ? '|' : '/';
    g_ptr_array_remove_index(self->waiting, own);
    return last ? NULL : g_strchomp(g_steal_pointer(&line));
}

/* The lane goes on to the first parent, and one opens for each other; those right of them move on. */
static char *open_lanes(HistoryLanes *self, const Revision *revision, guint own)
{
    if (!revision->revises[0])
        return end_lane(self, own);
    self->waiting->pdata[own] = revision->revises[0];
    guint opened = 0;
    for (char **parent = revision->revises + 1; *parent; parent++)
        g_ptr_array_insert(self->waiting, (gint)(own + ++opened), *parent);
    g_autofree char *line = blank_line(self->waiting->len);
    for (guint i = 0; i < self->waiting->len; i++)
        line[i <= own ? 2 * i : 2 * i - 1] = i <= own ? '|' : '\\';
    return opened ? g_strchomp(g_steal_pointer(&line)) : NULL;
}

char *history_lanes_next(HistoryLanes *self, const Revision *revision, char **before, char **after)
{
    guint own = own_lane(self, revision->id);
    *before = join_lanes(self, revision->id, own);
    char *row = draw_row(self, own);
    *after = open_lanes(self, revision, own);
    return row;
}
