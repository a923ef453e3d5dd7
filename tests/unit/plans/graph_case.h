/* For the tests of the graph: a graph from a line of text, and answers as text to compare. */
#pragma once

#include "plans/graph.h"

#include <criterion/criterion.h>
#include <string.h>

/* A graph and the revisions under it. */
typedef struct Case {
    GPtrArray *revisions;
    Diagnostics *problems;
    RevisionGraph *graph; /* NULL if refused */
} Case;

static inline char **split(const char *text)
{
    return *text ? g_strsplit(text, ",", -1) : g_new0(char *, 1);
}

/* "id:parents:dependencies:labels", lists with commas, trailing parts left out. */
static inline Revision *revision_of(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", 4);
    unsigned count = g_strv_length(parts);
    g_auto(GStrv) parents = split(count > 1 ? parts[1] : "");
    g_auto(GStrv) dependencies = split(count > 2 ? parts[2] : "");
    g_auto(GStrv) labels = split(count > 3 ? parts[3] : "");

    return revision_new(parts[0], (const char *const *)parents, (const char *const *)dependencies,
                        (const char *const *)labels);
}

/* A graph from words such as "a b:a c:a:b:label". */
static inline Case case_of(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    Case self = {.revisions = g_ptr_array_new_with_free_func((GDestroyNotify)revision_free),
                 .problems = diagnostics_new()};

    for (char **word = words; *word; word++) {
        Revision *revision = revision_of(*word);
        revision->file = g_strdup_printf("versions/%s_%u.sql", revision->id, self.revisions->len + 1);
        revision->places.id = (SourcePlace){revision->file, 1, 14};
        revision->places.revises = (SourcePlace){revision->file, 2, 13};
        revision->places.depends_on = (SourcePlace){revision->file, 3, 16};
        revision->places.labels = (SourcePlace){revision->file, 4, 12};
        g_ptr_array_add(self.revisions, revision);
    }
    self.graph = revision_graph_new(self.revisions, self.problems);
    return self;
}

static inline void case_clear(Case *self)
{
    revision_graph_free(self->graph);
    diagnostics_free(self->problems);
    g_ptr_array_unref(self->revisions);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

static inline char *ids_of(GPtrArray *taken)
{
    g_autoptr(GPtrArray) revisions = taken;
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; revisions && i < revisions->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "",
                               ((const Revision *)g_ptr_array_index(revisions, i))->id);
    return g_string_free(text, FALSE);
}

static inline void expect_ids(GPtrArray *taken, const char *wanted)
{
    g_autofree char *ids = ids_of(taken);

    cr_expect_str_eq(ids, wanted);
}

static inline char **rows_of(const char *text)
{
    return *text ? g_strsplit(text, " ", -1) : g_new0(char *, 1);
}

/* "steps > rows" of a path, or "name: message" of the refusal. */
static inline char *told(Move *taken, const GError *error)
{
    g_autoptr(Move) move = taken;

    if (!move)
        return g_strdup_printf("%s: %s", graph_error_name((GraphError)error->code), error->message);
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < move->steps->len; i++)
        g_string_append_printf(text, "%s ",
                               ((const MoveStep *)g_ptr_array_index(move->steps, i))->revision->id);
    g_autofree char *rows = g_strjoinv(" ", move->rows);
    g_string_append_printf(text, "> %s", rows);
    return g_string_free(text, FALSE);
}

typedef enum Verb { UPGRADE, DOWNGRADE, STAMP, STAMP_PURGE } Verb;

static inline char *run(const Case *self, Verb verb, const char *rows, const char *target)
{
    g_auto(GStrv) now = rows_of(rows);
    g_auto(GStrv) targets = rows_of(target);
    const char *const *from = (const char *const *)now;
    const char *const *to = (const char *const *)targets;
    g_autoptr(GError) error = NULL;
    Move *move = NULL;

    if (verb == UPGRADE)
        move = revision_graph_upgrade(self->graph, from, to, &error);
    else if (verb == DOWNGRADE)
        move = revision_graph_downgrade(self->graph, from, target, &error);
    else
        move = revision_graph_stamp(self->graph, from, to, verb == STAMP_PURGE, &error);
    return told(move, error);
}

/* The path must be as wanted; a wanted text that ends in "*" is how it must begin. */
static inline void expect_move(const Case *self, Verb verb, const char *rows, const char *target,
                               const char *wanted)
{
    g_autofree char *answer = run(self, verb, rows, target);

    cr_expect(g_pattern_match_simple(wanted, answer), "%s from \"%s\"\nwanted: %s\ntold:   %s", target, rows,
              wanted, answer);
}

static inline void expect_resolved(const Case *self, const char *symbol, const char *wanted)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *found = revision_graph_resolve(self->graph, symbol, NULL, &error);
    g_autofree char *answer =
        found ? ids_of(found)
              : g_strdup_printf("%s: %s", graph_error_name((GraphError)error->code), error->message);

    cr_expect(g_pattern_match_simple(wanted, answer), "%s\nwanted: %s\ntold:   %s", symbol, wanted, answer);
}

static inline void expect_range(const Case *self, const char *range, const char *rows, const char *wanted)
{
    g_auto(GStrv) now = rows ? rows_of(rows) : NULL;
    g_autoptr(GError) error = NULL;
    GPtrArray *found = revision_graph_range(self->graph, range, (const char *const *)now, &error);
    g_autofree char *answer =
        found ? ids_of(found)
              : g_strdup_printf("%s: %s", graph_error_name((GraphError)error->code), error->message);

    cr_expect(g_pattern_match_simple(wanted, answer), "%s\nwanted: %s\ntold:   %s", range, wanted, answer);
}
