/* Runs the conformance cases of the revision graph: FILE holds one case a line, with the answer that
 * Alembic 1.8.1 gives.
 *
 *   conformance_graph FILE [LEAST]
 *
 * Prints each case that differs and how many ran; fails when one differs or fewer than LEAST ran. Refuses no
 * input but a file it cannot read; a line that is no case is a failure. */
#include "plans/graph.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static GStrv string_list(const json_t *array)
{
    GStrvBuilder *builder = g_strv_builder_new();
    size_t i;
    json_t *item;

    json_array_foreach(array, i, item)
    {
        g_strv_builder_add(builder, json_string_value(item));
    }
    GStrv list = g_strv_builder_end(builder);
    g_strv_builder_unref(builder);
    return list;
}

static GPtrArray *read_revisions(const json_t *array)
{
    GPtrArray *revisions = g_ptr_array_new_with_free_func((GDestroyNotify)revision_free);
    size_t i;
    json_t *item;

    json_array_foreach(array, i, item)
    {
        g_auto(GStrv) revises = string_list(json_object_get(item, "revises"));
        g_auto(GStrv) depends_on = string_list(json_object_get(item, "depends_on"));
        g_auto(GStrv) labels = string_list(json_object_get(item, "labels"));

        g_ptr_array_add(revisions, revision_new(json_string_value(json_object_get(item, "id")),
                                                (const char *const *)revises, (const char *const *)depends_on,
                                                (const char *const *)labels));
    }
    return revisions;
}

/* What a command gives: the revisions in order, and the rows afterwards (NULL where there are none to speak
 * of). */
typedef struct Answer {
    Direction direction;
    GStrv steps;
    GStrv rows;
    bool adds_up; /* each step begins with the rows that the one before it left */
} Answer;

static void answer_free(Answer *self)
{
    g_strfreev(self->steps);
    g_strfreev(self->rows);
    g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Answer, answer_free)

static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool same_set(GStrv a, GStrv b)
{
    g_auto(GStrv) left = g_strdupv(a);
    g_auto(GStrv) right = g_strdupv(b);

    qsort(left, g_strv_length(left), sizeof(char *), compare_ids);
    qsort(right, g_strv_length(right), sizeof(char *), compare_ids);
    return g_strv_equal((const char *const *)left, (const char *const *)right);
}

/* The rows that the steps say they leave must be those that the move says it ends at. */
static bool steps_add_up(const Move *move, GStrv rows)
{
    char **now = rows;

    for (unsigned i = 0; i < move->steps->len; i++) {
        const MoveStep *step = g_ptr_array_index(move->steps, i);
        if (!same_set(step->before, now))
            return false;
        now = step->after;
    }
    return move->steps->len == 0 || same_set(now, move->rows);
}

static Answer *answer_of_move(Move *taken, GStrv rows)
{
    const char *command = json_string_value(json_object_get(test, "command"));
    const char *target = json_string_value(json_object_get(test, "target"));
    g_autoptr(Answer) answer = graph ? run_command(graph, command, rows, target, &error) : NULL;
    bool same = graph && same_answer(graph, answer, error, json_object_get(test, "expect"));
    if (!same)
        print_answer(answer, error, line);
    json_decref(test);
    return same;
}

int main(int argc, char **argv)
{
    g_autofree char *line = NULL;
    size_t size = 0;
    unsigned ran = 0, differ = 0, least = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
    FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;

    if (!file) {
        fprintf(stderr, "usage: conformance_graph FILE [LEAST]\n");
        return 2;
    }
    while (getline(&line, &size, file) > 0) {
        ran++;
        differ += !run_case(line);
    }
    fclose(file);
    printf("%u cases ran, %u differ\n", ran, differ);
    return differ > 0 || ran < least;
}
