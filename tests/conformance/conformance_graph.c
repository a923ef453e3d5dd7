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
    bool adds_up; /* each step begins with the rows that the one before it left, and chains are ones */
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

static bool same_step(const MoveStep *a, const MoveStep *b)
{
    return a->revision == b->revision && same_set(a->before, b->before) && same_set(a->after, b->after);
}

static bool is_rest(const Move *rest, const Move *move, unsigned first)
{
    if (rest->steps->len != move->steps->len - first || !same_set(rest->rows, move->rows))
        return false;
    for (unsigned i = 0; i < rest->steps->len; i++)
        if (!same_step(rest->steps->pdata[i], move->steps->pdata[first + i]))
            return false;
    return true;
}

/* From behind each chained step the path must be the rest of this one, which has Alembic's answer. */
static bool chain_holds(const RevisionGraph *graph, const Move *move, const char *target)
{
    const char *const targets[] = {target, NULL};

    if (revision_symbol_is_relative(target))
        return true;
    for (unsigned i = 0; i < move->chained; i++) {
        const MoveStep *step = move->steps->pdata[i];
        g_autoptr(Move) rest = revision_graph_upgrade(graph, (const char *const *)step->after, targets, NULL);
        if (!rest || !is_rest(rest, move, i + 1))
            return false;
    }
    return true;
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
    g_autoptr(Move) move = taken;

    if (!move)
        return NULL;
    Answer *answer = g_new0(Answer, 1);
    answer->direction = move->direction;
    answer->adds_up = steps_add_up(move, rows);
    answer->rows = g_strdupv(move->rows);
    answer->steps = g_new0(char *, move->steps->len + 1);
    for (unsigned i = 0; i < move->steps->len; i++)
        answer->steps[i] = g_strdup(((const MoveStep *)g_ptr_array_index(move->steps, i))->revision->id);
    return answer;
}

static Answer *answer_of_range(GPtrArray *taken)
{
    g_autoptr(GPtrArray) revisions = taken;

    if (!revisions)
        return NULL;
    Answer *answer = g_new0(Answer, 1);
    answer->direction = DIRECTION_DOWN;
    answer->adds_up = true;
    answer->steps = g_new0(char *, revisions->len + 1);
    for (unsigned i = 0; i < revisions->len; i++)
        answer->steps[i] = g_strdup(((const Revision *)g_ptr_array_index(revisions, i))->id);
    return answer;
}

static Answer *answer_of_upgrade(const RevisionGraph *graph, GStrv rows, const char *target, GError **error)
{
    const char *const targets[] = {target, NULL};
    Move *move = revision_graph_upgrade(graph, (const char *const *)rows, targets, error);
    bool holds = !move || chain_holds(graph, move, target);
    Answer *answer = answer_of_move(move, rows);

    if (answer)
        answer->adds_up &= holds;
    return answer;
}

static Answer *run_command(const RevisionGraph *graph, const char *command, GStrv rows, const char *target,
                           GError **error)
{
    const char *targets[] = {target, NULL};
    const char *const *now = (const char *const *)rows;

    if (strcmp(command, "upgrade") == 0)
        return answer_of_upgrade(graph, rows, target, error);
    if (strcmp(command, "downgrade") == 0)
        return answer_of_move(revision_graph_downgrade(graph, now, target, error), rows);
    if (strcmp(command, "stamp") == 0)
        return answer_of_move(revision_graph_stamp(graph, now, targets, false, error), rows);
    if (strcmp(command, "history") == 0)
        return answer_of_range(revision_graph_range(graph, target, now, error));
    g_error("no such command: %s", command);
}

/* Whether any of the revisions comes later in the list than position `at`. */
static bool any_later(GStrv ids, unsigned at, const GPtrArray *revisions)
{
    for (unsigned i = 0; i < revisions->len; i++) {
        const Revision *revision = g_ptr_array_index(revisions, i);
        if (g_strv_contains((const char *const *)ids + at + 1, revision->id))
            return true;
    }
    return false;
}

static GStrv reversed(GStrv ids)
{
    unsigned count = g_strv_length(ids);
    GStrv list = g_new0(char *, count + 1);

    for (unsigned i = 0; i < count; i++)
        list[i] = g_strdup(ids[count - 1 - i]);
    return list;
}

/* Whether no revision comes before one that it stands on (up) or that stands on it (down). */
static bool is_topological(const RevisionGraph *graph, GStrv steps, Direction direction)
{
    g_auto(GStrv) ids = direction == DIRECTION_UP ? g_strdupv(steps) : reversed(steps);

    for (unsigned i = 0; ids[i]; i++) {
        const Revision *revision = revision_graph_find(graph, ids[i]);
        g_autoptr(GPtrArray) parents = revision_graph_parents(graph, revision);
        g_autoptr(GPtrArray) dependencies = revision_graph_dependencies(graph, revision);
        if (any_later(ids, i, parents) || any_later(ids, i, dependencies))
            return false;
    }
    return true;
}

static bool same_steps(const RevisionGraph *graph, const Answer *answer, const json_t *expect)
{
    g_auto(GStrv) wanted = string_list(json_object_get(expect, "steps"));

    if (strcmp(json_string_value(json_object_get(expect, "order")), "exact") == 0)
        return g_strv_equal((const char *const *)answer->steps, (const char *const *)wanted);
    return same_set(answer->steps, wanted) && is_topological(graph, answer->steps, answer->direction);
}

static bool same_answer(const RevisionGraph *graph, const Answer *answer, const GError *error,
                        const json_t *expect)
{
    const char *refused = json_string_value(json_object_get(expect, "refused"));
    g_auto(GStrv) wanted = string_list(json_object_get(expect, "rows"));

    if (refused || !answer)
        return refused && error && error->domain == GRAPH_ERROR &&
               strcmp(graph_error_name((GraphError)error->code), refused) == 0;
    if (json_object_get(expect, "steps") && !same_steps(graph, answer, expect))
        return false;
    return answer->adds_up && (!answer->rows || same_set(answer->rows, wanted));
}

static void print_answer(const Answer *answer, const GError *error, const char *line)
{
    printf("differs: %s  here: ", line);
    if (!answer) {
        printf("%s\n", error ? error->message : "refused without an error");
        return;
    }
    g_autofree char *steps = g_strjoinv(" ", answer->steps);
    g_autofree char *rows = answer->rows ? g_strjoinv(" ", answer->rows) : NULL;
    printf("steps %s, rows %s\n", steps, rows ? rows : "-");
}

static bool run_case(const char *line)
{
    json_t *test = json_loads(line, 0, NULL);
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(GError) error = NULL;

    if (!test) {
        printf("no JSON: %s", line);
        return false;
    }
    g_autoptr(GPtrArray) revisions = read_revisions(json_object_get(test, "revisions"));
    g_autoptr(RevisionGraph) graph = revision_graph_new(revisions, problems);
    g_auto(GStrv) rows = string_list(json_object_get(test, "current"));
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
    if (ran < least)
        printf("%u cases ran, at least %u were to\n", ran, least);
    printf("%u passed, %u failed\n", ran - differ, differ);
    return differ > 0 || ran < least;
}
