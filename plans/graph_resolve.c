/* Symbols: from what a person types (ids, prefixes, labels, head, heads, base, L@…, walks) to revisions.
 * docs/explanation/revision-graph.md, "Symbols". Refuses what is unknown or could mean several things, and
 * says what to type instead. Knows rows only as the place where a walk starts. Pure: any thread. */
#include "base/suggest.h"
#include "plans/graph_internal.h"

#include <stdlib.h>
#include <string.h>

#define PARTIAL_MIN 4 /* a name shorter than this is found by its whole length only */

void symbol_clear(Symbol *self)
{
    g_clear_pointer(&self->branch, g_free);
    g_clear_pointer(&self->name, g_free);
}

static bool refuse_symbol(const char *typed, GError **error)
{
    g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_UNKNOWN_REVISION,
                "\"%s\" names no revision; type an id or the start of one, a label, head, heads, base, "
                "LABEL@head, or a walk such as +1, -1, "
                "ID+2 or LABEL@-1",
                typed);
    return false;
}

/* The walk's "+N" or "-N". */
static bool parse_steps(const char *text, Symbol *self)
{
    char *end;

    if (!g_ascii_isdigit(text[1]))
        return false;
    guint64 steps = g_ascii_strtoull(text + 1, &end, 10);
    self->walks = true;
    self->negative = text[0] == '-';
    self->steps = (unsigned)MIN(steps, G_MAXINT);
    return *end == '\0';
}

bool symbol_parse(const char *typed, Symbol *self, GError **error)
{
    const char *at = strchr(typed, '@');
    const char *name = at ? at + 1 : typed;
    const char *sign = strpbrk(name, "+-");

    *self = (Symbol){.typed = typed};
    if (at == typed || strchr(name, '@') || strchr(typed, ':') ||
        (at && strpbrk(typed, "+-") < at && strpbrk(typed, "+-")))
        return refuse_symbol(typed, error);
    if (sign && !parse_steps(sign, self))
        return refuse_symbol(typed, error);
    if (*name == '\0')
        return refuse_symbol(typed, error);
    if (at)
        self->branch = g_strndup(typed, (gsize)(at - typed));
    if (sign != name)
        self->name = sign ? g_strndup(name, (gsize)(sign - name)) : g_strdup(name);
    return true;
}

/* What partial names are looked for among: ids and labels, in load order, each with its revision. */
typedef struct Candidates {
    GPtrArray *names;
    GArray *indices;
} Candidates;

static void candidates_clear(Candidates *self)
{
    g_ptr_array_unref(self->names);
    g_array_unref(self->indices);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Candidates, candidates_clear)

static void add_candidate(Candidates *self, const char *name, const char *prefix, unsigned index)
{
    if (strlen(name) >= PARTIAL_MIN && g_str_has_prefix(name, prefix)) {
        g_ptr_array_add(self->names, (gpointer)name);
        g_array_append_val(self->indices, index);
    }
}

static void collect_candidates(const RevisionGraph *self, const char *prefix, const IndexSet *lineage,
                               Candidates *found)
{
    *found = (Candidates){.names = g_ptr_array_new(), .indices = index_list_new()};
    for (unsigned i = 0; i < self->count && *prefix; i++) {
        const Revision *revision = graph_revision(self, i);

        if (lineage && !index_set_has(lineage, i))
            continue;
        add_candidate(found, revision->id, prefix, i);
        for (char **label = revision->labels; *label; label++)
            add_candidate(found, *label, prefix, i);
    }
}

static void refuse_ambiguous(const Candidates *found, const char *name, GError **error)
{
    g_autofree char *list = g_strjoinv(", ", (char **)found->names->pdata);

    g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_UNKNOWN_REVISION,
                "\"%s\" could be any of %s; type enough of one to tell it from the others", name, list);
}

static void refuse_unknown(const RevisionGraph *self, const char *name, const char *typed, bool on_branch,
                           GError **error)
{
    g_autofree const char **known = (const char **)g_hash_table_get_keys_as_array(self->names, NULL);
    const char *near = suggest_nearest(name, known, g_hash_table_size(self->names));
    g_autofree char *within =
        strcmp(name, typed) == 0 ? g_strdup("") : g_strdup_printf(" (in \"%s\")", typed);
    g_autofree char *hint = near ? g_strdup_printf("did you mean %s?", near)
                                 : g_strdup("\"dbfleet history\" lists what there is");

    g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_UNKNOWN_REVISION,
                "no revision or label is or starts with \"%s\"%s%s; %s", name, within,
                on_branch ? " on that branch" : "", hint);
}

bool graph_find_name(const RevisionGraph *self, const char *name, const char *typed, const IndexSet *lineage,
                     unsigned *index, GError **error)
{
    gpointer exact = g_hash_table_lookup(self->names, name);
    g_auto(Candidates) found;

    collect_candidates(self, exact ? "" : name, lineage, &found);
    if (exact && lineage && !index_set_has(lineage, GPOINTER_TO_UINT(exact) - 1)) {
        g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_UNKNOWN_REVISION,
                    "%s is on another branch than \"%s\" says; type %s alone, or the branch it is on", name,
                    typed, name);
        return false;
    }
    if (!exact && found.names->len == 0) {
        refuse_unknown(self, name, typed, lineage != NULL, error);
        return false;
    }
    if (!exact && found.names->len > 1) {
        g_ptr_array_add(found.names, NULL);
        refuse_ambiguous(&found, name, error);
        return false;
    }
    *index = exact ? GPOINTER_TO_UINT(exact) - 1 : index_list_at(found.indices, 0);
    return true;
}

IndexSet *graph_branch_lineage(const RevisionGraph *self, const char *branch, const char *typed,
                               unsigned *owner, GError **error)
{
    unsigned index;

    if (!graph_find_name(self, branch, typed, NULL, &index, error))
        return NULL;
    if (owner)
        *owner = index;
    return graph_lineage(self, index, EDGES_PARENTS);
}

static bool check_one_head(const RevisionGraph *self, const GArray *heads, const char *typed, GError **error)
{
    if (heads->len <= 1)
        return true;
    g_autofree char *list = index_list_display(heads, self);
    g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_MULTIPLE_HEADS,
                "\"%s\" could be any of %u heads: %s; type one of these, LABEL@head, or heads for all", typed,
                heads->len, list);
    return false;
}

/* heads, head, L@heads and L@head. */
static GArray *resolve_heads(const RevisionGraph *self, const Symbol *symbol, const IndexSet *lineage,
                             bool all, GError **error)
{
    g_autoptr(GArray) every = graph_heads(self, all && !lineage ? EDGES_ALL : EDGES_PARENTS);
    g_autoptr(GArray) heads = lineage ? index_list_within(every, lineage) : g_array_ref(every);

    if (!all && !check_one_head(self, heads, symbol->typed, error))
        return NULL;
    return g_steal_pointer(&heads);
}

GArray *graph_resolve_name(const RevisionGraph *self, const Symbol *symbol, GError **error)
{
    g_autoptr(IndexSet) lineage = NULL;
    unsigned index;

    if (symbol->branch) {
        lineage = graph_branch_lineage(self, symbol->branch, symbol->typed, NULL, error);
        if (!lineage)
            return NULL;
    }
    if (strcmp(symbol->name, "heads") == 0 || strcmp(symbol->name, "head") == 0)
        return resolve_heads(self, symbol, lineage, symbol->name[4] == 's', error);
    if (strcmp(symbol->name, "base") == 0)
        return index_list_new();
    if (!graph_find_name(self, symbol->name, symbol->typed, lineage, &index, error))
        return NULL;
    return index_list_of(index);
}

bool graph_resolve_single(const RevisionGraph *self, const Symbol *symbol, unsigned *index, GError **error)
{
    g_autoptr(GArray) list = graph_resolve_name(self, symbol, error);

    if (!list || !check_one_head(self, list, symbol->typed, error))
        return false;
    *index = list->len > 0 ? index_list_at(list, 0) : GRAPH_BASE;
    return true;
}

/* Where one step can go. One step down from a base is to GRAPH_BASE; below that and above heads there is
 * nothing. */
static GArray *neighbours_on_walk(const RevisionGraph *self, const Walk *walk, unsigned index)
{
    g_autoptr(GArray) list = walk->down ? graph_parents_of(self, index) : graph_children_of(self, index);

    if (walk->down || !walk->lineage)
        return g_steal_pointer(&list);
    return index_list_within(list, walk->lineage);
}

static const char *place_name(const RevisionGraph *self, unsigned index)
{
    return index == GRAPH_BASE ? "base" : graph_revision(self, index)->id;
}

static void refuse_fork(const RevisionGraph *self, const Walk *walk, const char *typed, unsigned at,
                        const GArray *ways, GError **error)
{
    g_autofree char *list = index_list_display(ways, self);

    g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_AMBIGUOUS_WALK,
                "\"%s\" can go %u ways %s %s: %s; type the revision you mean%s", typed, ways->len,
                walk->down ? "down from" : "up from", place_name(self, at), list,
                walk->down ? "" : ", or the branch as in LABEL@+1");
}

bool graph_walk(const RevisionGraph *self, const Walk *walk, const char *typed, unsigned *end, GError **error)
{
    unsigned at = walk->start;

    for (unsigned step = 0; step < walk->steps; step++) {
        g_autoptr(GArray) ways = neighbours_on_walk(self, walk, at);

        if (ways->len > 1) {
            refuse_fork(self, walk, typed, at, ways, error);
            return false;
        }
        if (ways->len == 0 && walk->clamps)
            break;
        if (ways->len == 0) {
            g_set_error(error, GRAPH_ERROR, walk->too_far,
                        "\"%s\" leads off the graph: %u of %u steps reach %s, the %s", typed, step,
                        walk->steps, place_name(self, at), walk->down ? "bottom" : "top");
            return false;
        }
        at = index_list_at(ways, 0);
    }
    *end = at;
    return true;
}

static void refuse_direction(const Symbol *symbol, const char *way, GError **error)
{
    g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_RELATIVE_SHORT,
                "\"%s\" does not lead %s from where the database is; %s", symbol->typed, way,
                strcmp(way, "up") == 0 ? "upgrade takes +1, +2, …" : "downgrade takes -1, -2, …");
}

static void refuse_several_rows(const RevisionGraph *self, const Symbol *symbol, const GArray *rows,
                                GError **error)
{
    g_autofree char *list = index_list_display(rows, self);

    g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_AMBIGUOUS_RELATIVE,
                "\"%s\" could start at any of %u rows: %s; type the branch as in LABEL@%s%u, or the revision "
                "to go to",
                symbol->typed, rows->len, list, symbol->negative ? "-" : "+", symbol->steps);
}

/* The rows that share the lineage, else the applied tips that do; all rows without a lineage. */
static GArray *start_rows(const RevisionGraph *self, const GArray *rows, const IndexSet *lineage)
{
    if (!lineage)
        return g_array_ref((GArray *)rows);
    g_autoptr(GArray) on_branch = index_list_within(rows, lineage);
    if (on_branch->len > 0)
        return g_steal_pointer(&on_branch);
    g_autoptr(IndexSet) applied = graph_with_ancestors(self, rows, EDGES_ALL);
    index_set_intersect(applied, lineage);
    return graph_tips(self, applied);
}

/* +N and L@+N: from the rows. */
static GArray *upgrade_from_rows(const RevisionGraph *self, const Symbol *symbol, const GArray *rows,
                                 bool clamps, GError **error)
{
    g_autoptr(IndexSet) lineage = NULL;
    unsigned end;

    if (symbol->branch) {
        lineage = graph_branch_lineage(self, symbol->branch, symbol->typed, NULL, error);
        if (!lineage)
            return NULL;
    }
    g_autoptr(GArray) starts = start_rows(self, rows, lineage);
    if (starts->len > 1) {
        refuse_several_rows(self, symbol, starts, error);
        return NULL;
    }
    Walk walk = {.start = starts->len > 0 ? index_list_at(starts, 0) : GRAPH_BASE,
                 .steps = symbol->steps,
                 .lineage = lineage,
                 .clamps = clamps,
                 .too_far = GRAPH_ERROR_RELATIVE_SHORT};
    return graph_walk(self, &walk, symbol->typed, &end, error) ? index_list_of(end) : NULL;
}

/* rev±N and L@rev±N, wherever the database is. Upwards the branch is which way to go at a fork, downwards it
 * must hold the revision. */
static bool walk_from_name(const RevisionGraph *self, const Symbol *symbol, bool clamps, unsigned *end,
                           GError **error)
{
    g_autoptr(IndexSet) lineage = NULL;
    Symbol from = *symbol;
    Walk walk = {.down = symbol->negative,
                 .steps = symbol->steps,
                 .clamps = clamps,
                 .too_far = GRAPH_ERROR_WALKED_TOO_FAR};

    if (symbol->branch && !symbol->negative && symbol->steps > 0) {
        lineage = graph_branch_lineage(self, symbol->branch, symbol->typed, NULL, error);
        if (!lineage)
            return false;
        from.branch = NULL;
    }
    walk.lineage = lineage;
    return graph_resolve_single(self, &from, &walk.start, error) &&
           graph_walk(self, &walk, symbol->typed, end, error);
}

GArray *graph_upgrade_targets(const RevisionGraph *self, const Symbol *symbol, const GArray *rows,
                              bool clamps, GError **error)
{
    unsigned end;

    if (!symbol->walks)
        return graph_resolve_name(self, symbol, error);
    if (symbol->name)
        return walk_from_name(self, symbol, clamps, &end, error) ? index_list_of(end) : NULL;
    if (symbol->negative || symbol->steps == 0) {
        refuse_direction(symbol, "up", error);
        return NULL;
    }
    return upgrade_from_rows(self, symbol, rows, clamps, error);
}

/* -N and L@-N: from the rows. */
static bool downgrade_from_rows(const RevisionGraph *self, const Symbol *symbol, const GArray *rows,
                                bool clamps, Destination *destination, GError **error)
{
    g_autoptr(IndexSet) lineage = NULL;
    unsigned owner = GRAPH_BASE;

    if (symbol->branch) {
        lineage = graph_branch_lineage(self, symbol->branch, symbol->typed, &owner, error);
        if (!lineage)
            return false;
    }
    g_autoptr(GArray) starts = start_rows(self, rows, lineage);
    if (starts->len > 1) {
        refuse_several_rows(self, symbol, starts, error);
        return false;
    }
    if (starts->len == 0) {
        g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_RELATIVE_SHORT,
                    "\"%s\" has nowhere to start: nothing%s is applied", symbol->typed,
                    lineage ? " on that branch" : "");
        return false;
    }
    Walk walk = {.start = index_list_at(starts, 0),
                 .down = true,
                 .steps = symbol->steps,
                 .clamps = clamps,
                 .too_far = GRAPH_ERROR_RELATIVE_SHORT};
    destination->branch = symbol->branch ? owner : walk.start;
    return graph_walk(self, &walk, symbol->typed, &destination->target, error);
}

bool graph_downgrade_target(const RevisionGraph *self, const Symbol *symbol, const GArray *rows, bool clamps,
                            Destination *destination, GError **error)
{
    Symbol alone = *symbol;

    *destination = (Destination){.target = GRAPH_BASE, .branch = GRAPH_BASE};
    if (!symbol->name && (!symbol->negative || symbol->steps == 0)) {
        refuse_direction(symbol, "down", error);
        return false;
    }
    if (!symbol->name)
        return downgrade_from_rows(self, symbol, rows, clamps, destination, error);
    if (symbol->branch &&
        !graph_find_name(self, symbol->branch, symbol->typed, NULL, &destination->branch, error))
        return false;
    if (symbol->walks)
        return walk_from_name(self, symbol, clamps, &destination->target, error);
    alone.branch = NULL;
    return graph_resolve_single(self, &alone, &destination->target, error);
}

GArray *graph_resolve_symbol(const RevisionGraph *self, const Symbol *symbol, const GArray *rows,
                             GError **error)
{
    Destination destination;

    if (symbol->walks && !symbol->name && symbol->negative)
        return graph_downgrade_target(self, symbol, rows, false, &destination, error)
                   ? index_list_of(destination.target)
                   : NULL;
    return graph_upgrade_targets(self, symbol, rows, false, error);
}

bool revision_symbol_is_relative(const char *symbol)
{
    g_auto(Symbol) parsed = {0};

    return !symbol_parse(symbol, &parsed, NULL) || (parsed.walks && !parsed.name);
}

GPtrArray *revision_graph_resolve(const RevisionGraph *self, const char *symbol, const char *const *rows,
                                  GError **error)
{
    g_auto(Symbol) parsed = {0};

    if (!symbol_parse(symbol, &parsed, error))
        return NULL;
    if (!rows && parsed.walks && !parsed.name) {
        g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_RELATIVE_SHORT,
                    "\"%s\" starts where a database is, and none is asked here; type the revision to start "
                    "from as in ID%s",
                    symbol, strpbrk(symbol, "+-"));
        return NULL;
    }
    g_autoptr(GArray) here = graph_rows(self, rows, error);
    if (!here)
        return NULL;
    g_autoptr(GArray) list = rows && strcmp(symbol, "current") == 0
                                 ? g_array_ref(here)
                                 : graph_resolve_symbol(self, &parsed, here, error);
    return list ? index_list_revisions(list, self) : NULL;
}
