/* Moves: the steps of a path as what they do to the version rows. Owns the lists of rows, which steps share:
 * what stands behind one step is what the next one begins with. One thread builds; read-only afterwards. */
#include "base/intern.h"
#include "plans/graph_internal.h"

#include <string.h>

#define BLOCK_IDS 512
#define BLOCK_STEPS_FIRST 8

/* Steps, and lists of ids, one behind the other. */
struct RowLists {
    GPtrArray *blocks; /* of ids, owned */
    char **free;
    gsize left;             /* ids that fit there */
    GPtrArray *step_blocks; /* of steps, owned; each as long as all before it */
    MoveStep *free_steps;
    unsigned steps_left; /* that fit there */
    unsigned steps_room; /* of the newest block of them */
};

Move *move_new(Direction direction)
{
    Move *self = g_new0(Move, 1);

    self->direction = direction;
    self->steps = g_ptr_array_new();
    self->lists = g_new0(RowLists, 1);
    self->lists->blocks = g_ptr_array_new_with_free_func(g_free);
    self->lists->step_blocks = g_ptr_array_new_with_free_func(g_free);
    return self;
}

void move_drop_steps(Move *self)
{
    g_clear_pointer(&self->steps, g_ptr_array_unref);
    g_clear_pointer(&self->lists->step_blocks, g_ptr_array_unref);
}

void move_free(Move *self)
{
    if (!self)
        return;
    move_drop_steps(self);
    g_ptr_array_unref(self->lists->blocks);
    g_free(self->lists);
    g_free(self);
}

MoveStep *move_step_room(Move *self)
{
    RowLists *lists = self->lists;

    if (lists->steps_left == 0) {
        lists->steps_room = MAX(2 * lists->steps_room, BLOCK_STEPS_FIRST);
        lists->steps_left = lists->steps_room;
        lists->free_steps = g_new(MoveStep, lists->steps_room);
        g_ptr_array_add(lists->step_blocks, lists->free_steps);
    }
    lists->steps_left--;
    return lists->free_steps++;
}

char **move_list(Move *self, gsize length)
{
    RowLists *lists = self->lists;

    if (lists->left <= length) {
        lists->left = MAX(BLOCK_IDS, length + 1);
        lists->free = g_new(char *, lists->left);
        g_ptr_array_add(lists->blocks, lists->free);
    }
    char **list = lists->free;
    list[length] = NULL;
    lists->free += length + 1;
    lists->left -= length + 1;
    return list;
}

char **move_list_of(Move *self, const char *const *ids)
{
    gsize length = g_strv_length((char **)ids);
    char **list = move_list(self, length);

    for (gsize i = 0; i < length; i++)
        list[i] = (char *)intern_text(ids[i]);
    return list;
}

char **rows_without(char *const *left, char *const *right)
{
    GPtrArray *rest = g_ptr_array_new();

    for (char *const *id = left; *id; id++)
        if (!g_strv_contains((const char *const *)right, *id))
            g_ptr_array_add(rest, *id);
    g_ptr_array_add(rest, NULL);
    return (char **)g_ptr_array_free(rest, FALSE);
}

/* The same in the move's own room: all of them are the list itself. */
static char **without(Move *self, char **left, char **right)
{
    g_autofree char **rest = rows_without(left, right);
    gsize length = g_strv_length(rest);

    if (length > 0 && !left[length])
        return left;
    char **list = move_list(self, length);
    memcpy(list, rest, length * sizeof *list);
    return list;
}

MoveStep *move_step_between(Move *self, const Revision *revision, char **before, char **after)
{
    MoveStep *step = move_step_room(self);

    *step = (MoveStep){revision, without(self, before, after), without(self, after, before), before, after};
    return step;
}
