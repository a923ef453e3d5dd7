/* Step lists: the ordered steps from some version rows to a goal in one dialect, and the paths that are a
 * part of one: all of it, or what is left of it behind some of its steps. Owns steps, order and what digests
 * count. Refuses what the graph and the sections refuse. One thread builds; read-only afterwards.
 *
 * Targets of a fleet stand at many places of one chain of revisions. Their paths end alike, so that a list is
 * filled from its end, as far as a path needs, and each of its steps is there once however many paths it
 * stands in. */
#include "plans/plan_file.h"
#include "plans/planner_internal.h"
#include <string.h>

/* What is to know of all steps from one on. The places are those of a list; its length: none. */
typedef struct Outlook {
    unsigned longest_id;
    unsigned templated; /* the next one that uses a variable */
    unsigned outside;   /* the next one that "transaction: target" cannot hold */
} Outlook;

#define DIGEST_BYTES 32

typedef struct Refusal {
    unsigned place;
    GError *error;
} Refusal;

struct StepList {
    guint references;
    const RevisionGraph *graph;
    Dialect dialect;
    PlanCommand command;
    Move *move;
    ScriptShelf *scripts;
    unsigned length;
    unsigned filled; /* steps from here on have their sections, outlook and text */
    PlanStep *steps;
    Outlook *outlook;   /* of each step, and a last one behind them */
    GArray *refusals;   /* of Refusal: what is wrong with the files, the last step's first */
    GChecksum *sum;     /* of one thing after the other; NULL: sealed */
    guint8 *digests;    /* DIGEST_BYTES of each filled step, and of what stands behind the last */
    GHashTable *places; /* const Revision * -> its place + 1; NULL: nobody asked yet */
};

/* ---- Digests ----
 *
 * A path's digest covers dialect, command, the rows that it begins with, and its first step's digest; that
 * one the step and the next one's digest; the last one the rows at the end. So all paths that end alike cost
 * one digest for each step, however many they are. */

static void add_strings(GString *text, const char *const *strings)
{
    for (; *strings; strings++)
        g_string_append_len(text, *strings, (gssize)strlen(*strings) + 1);
    g_string_append_c(text, '\n');
}

static const char *checksum_of(const Section *section)
{
    return section ? section->checksum : "";
}

static void add_step_text(GString *text, const PlanStep *step)
{
    const char *line[] = {step->revision ? step->revision->id : "", direction_name(step->direction),
                          checksum_of(plan_step_section(step)),     checksum_of(plan_step_check(step)),
                          checksum_of(plan_step_verify(step)),      NULL};
    add_strings(text, line);
    add_strings(text, (const char *const *)step->after);
}

static guint8 *digest_at(const StepList *self, unsigned place)
{
    return self->digests + (gsize)place * DIGEST_BYTES;
}

static void sum_text(const StepList *self, const GString *text)
{
    g_checksum_reset(self->sum);
    g_checksum_update(self->sum, (const guchar *)text->str, (gssize)text->len);
}

static void keep_digest(const StepList *self, unsigned place)
{
    gsize length = DIGEST_BYTES;
    g_checksum_get_digest(self->sum, digest_at(self, place), &length);
}

static void digest_end(const StepList *self)
{
    g_autoptr(GString) text = g_string_new(NULL);
    add_strings(text, (const char *const *)self->move->rows);
    sum_text(self, text);
    keep_digest(self, self->length);
}

/* Of a step whose next one has its own. `text` is room for what it says. */
static void digest_step(const StepList *self, unsigned place, GString *text)
{
    g_string_truncate(text, 0);
    add_step_text(text, &self->steps[place]);
    sum_text(self, text);
    g_checksum_update(self->sum, digest_at(self, place + 1), DIGEST_BYTES);
    keep_digest(self, place);
}

static void digest_path(const StepList *self, unsigned first, const char *const *rows, char digest[65])
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *kind[] = {dialect_name(self->dialect), plan_command_name(self->command), NULL};
    add_strings(text, kind);
    add_strings(text, rows);
    sum_text(self, text);
    g_checksum_update(self->sum, digest_at(self, first), DIGEST_BYTES);
    g_strlcpy(digest, g_checksum_get_string(self->sum), 65);
}

/* ---- The list ---- */

/* What is taken back runs in the direction opposite to the one that it ran in. */
static Direction step_direction(const StepList *self, const PathAim *aim, unsigned place)
{
    if (!aim->undo)
        return self->move->direction;
    const HistoryEntry *entry = aim->undo->pdata[place];
    return g_str_equal(entry->direction, "up") ? DIRECTION_DOWN : DIRECTION_UP;
}

static bool is_fill(const PathAim *aim, unsigned place)
{
    const PlanFileStep *exact = aim->exact ? aim->exact->steps->pdata[aim->first + place] : NULL;
    return exact ? exact->fill : aim->fill && place < aim->fill->len;
}

static void add_step(StepList *self, const PathAim *aim, unsigned place)
{
    PlanStep *step = &self->steps[place];
    const MoveStep *move = self->move->steps->pdata[place];
    step->before = move->before;
    step->after = move->after;
    if (self->command == PLAN_STAMP) {
        step->transactional = true;
        return;
    }
    step->revision = move->revision;
    step->direction = step_direction(self, aim, place);
    step->fill = is_fill(aim, place);
}

/* A run is either all stamps or has none. */
static PlanCommand path_command(const PlanRequest *request, const PathAim *aim)
{
    const HistoryEntry *undone = aim->undo && aim->undo->len ? aim->undo->pdata[0] : NULL;
    return undone && g_str_equal(undone->direction, "stamp") ? PLAN_STAMP : request->command;
}

static void refusal_clear(gpointer self)
{
    g_clear_error(&((Refusal *)self)->error);
}

StepList *step_list_new(const RevisionGraph *graph, Dialect dialect, const char *const *rows,
                        const PlanRequest *request, const PathAim *aim, ScriptShelf *scripts, GError **error)
{
    g_autoptr(Move) move = path_move(graph, rows, request, aim, error);
    if (!move)
        return NULL;
    move_fill(move, rows, aim->fill);
    StepList *self = g_new0(StepList, 1);
    self->references = 1;
    self->graph = graph;
    self->dialect = dialect;
    self->command = path_command(request, aim);
    if (self->command == PLAN_STAMP)
        move_become_stamp(move, rows);
    self->length = self->filled = move->steps->len;
    self->move = g_steal_pointer(&move);
    self->scripts = script_shelf_ref(scripts);
    self->steps = g_new0(PlanStep, self->length);
    for (unsigned place = 0; place < self->length; place++)
        add_step(self, aim, place);
    move_drop_steps(self->move); /* a plan step has what it needs of its own */
    self->outlook = g_new0(Outlook, self->length + 1);
    self->outlook[self->length] = (Outlook){.templated = self->length, .outside = self->length};
    self->refusals = g_array_new(FALSE, FALSE, sizeof(Refusal));
    g_array_set_clear_func(self->refusals, refusal_clear);
    self->sum = g_checksum_new(G_CHECKSUM_SHA256);
    self->digests = g_malloc(((gsize)self->length + 1) * DIGEST_BYTES);
    digest_end(self);
    return self;
}

StepList *step_list_ref(StepList *self)
{
    self->references++;
    return self;
}

void step_list_unref(StepList *self)
{
    if (!self || --self->references > 0)
        return;
    for (unsigned place = 0; place < self->length; place++)
        g_clear_pointer(&self->steps[place].risks, g_ptr_array_unref);
    step_list_seal(self);
    move_free(self->move);
    script_shelf_unref(self->scripts);
    g_free(self->steps);
    g_array_unref(self->refusals);
    g_free(self);
}

void step_list_seal(StepList *self)
{
    g_clear_pointer(&self->sum, g_checksum_free);
    g_clear_pointer(&self->digests, g_free);
    g_clear_pointer(&self->places, g_hash_table_unref);
    g_clear_pointer(&self->outlook, g_free);
}

/* ---- Where a target stands on it ---- */

static void find_places(StepList *self)
{
    self->places = g_hash_table_new(NULL, NULL);
    for (unsigned place = 0; place < self->length; place++)
        g_hash_table_insert(self->places, (gpointer)self->steps[place].revision, GUINT_TO_POINTER(place + 1));
}

/* The same ids, whatever their order; each once. */
static bool are_rows(const char *const *rows, char *const *wanted)
{
    return rows_are_same((char **)rows, wanted) && rows_are_same(wanted, (char **)rows);
}

/* Behind which step these rows would come to be: behind the last of those that made one of them. */
static unsigned place_behind(const StepList *self, const char *const *rows)
{
    unsigned behind = 0;
    for (; *rows; rows++) {
        const Revision *revision = revision_graph_find(self->graph, *rows);
        if (revision)
            behind = MAX(behind, GPOINTER_TO_UINT(g_hash_table_lookup(self->places, revision)));
    }
    return behind;
}

gint step_list_place(StepList *self, const char *const *rows)
{
    if (!self->places)
        find_places(self);
    unsigned place = place_behind(self, rows);
    if (place > self->move->chained || self->length == 0)
        return -1;
    char *const *there = place ? self->steps[place - 1].after : self->steps[0].before;
    return are_rows(rows, there) ? (gint)place : -1;
}

/* ---- Filling ---- */

static bool uses_variables(const PlanStep *step)
{
    const Section *sections[] = {plan_step_section(step), plan_step_check(step), plan_step_verify(step)};
    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++)
        if (sections[i] && sections[i]->variables[0])
            return true;
    return false;
}

static void look_out(StepList *self, unsigned place)
{
    const PlanStep *step = &self->steps[place];
    Outlook *outlook = &self->outlook[place];
    *outlook = self->outlook[place + 1];
    g_autofree char **added = rows_without(step->after, step->before);
    for (char **id = added; *id; id++)
        outlook->longest_id = MAX(outlook->longest_id, (unsigned)g_utf8_strlen(*id, -1));
    if (uses_variables(step))
        outlook->templated = place;
    if (!step->transactional || (plan_step_section(step) && plan_step_section(step)->foreign_keys_off))
        outlook->outside = place;
}

/* Gives steps their sections, down to this one. */
static void step_list_fill(StepList *self, unsigned first)
{
    g_autoptr(GString) text = g_string_new(NULL);
    while (self->filled > first) {
        unsigned place = --self->filled;
        PlanStep *step = &self->steps[place];
        Refusal refusal = {.place = place};
        if (step->revision && !step_take_sections(step, self->dialect, self->scripts, &refusal.error))
            g_array_append_val(self->refusals, refusal);
        look_out(self, place);
        digest_step(self, place, text);
    }
}

/* The first of the steps from here on that cannot run; NULL: they all can. */
static const GError *first_refusal(const StepList *self, unsigned first)
{
    for (guint i = self->refusals->len; i-- > 0;) {
        const Refusal *refusal = &g_array_index(self->refusals, Refusal, i);
        if (refusal->place >= first)
            return refusal->error;
    }
    return NULL;
}

/* ---- Paths ---- */

static void add_uses(GArray *uses, GHashTable *known, const PlanStep *step)
{
    const Section *sections[] = {plan_step_section(step), plan_step_check(step), plan_step_verify(step)};
    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++)
        for (char **name = sections[i] ? sections[i]->variables : NULL; name && *name; name++) {
            VariableUse use = {*name, sections[i], step->revision};
            if (g_hash_table_add(known, *name))
                g_array_append_val(uses, use);
        }
}

static GArray *variables_used(const StepList *self, unsigned first)
{
    if (self->outlook[first].templated == self->length)
        return NULL;
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    GArray *uses = g_array_new(FALSE, FALSE, sizeof(VariableUse));
    for (unsigned place = first; (place = self->outlook[place].templated) < self->length; place++)
        add_uses(uses, known, &self->steps[place]);
    return uses;
}

static char *applied_text(const RevisionGraph *graph, const char *const *rows)
{
    g_autoptr(GPtrArray) applied = revision_graph_applied(graph, rows, NULL);
    GString *text = g_string_new(NULL);
    for (guint i = 0; applied && i < applied->len; i++) {
        g_string_append(text, i ? "," : "");
        g_string_append(text, ((const Revision *)applied->pdata[i])->id);
    }
    return g_string_free(text, FALSE);
}

char *plan_path_applied_before(const PlanPath *self)
{
    const PlanStep *first = self->steps->len ? &self->steps->first[0] : NULL;
    if (!self->needs_baseline || !first)
        return NULL;
    return applied_text(self->list->graph, (const char *const *)first->before);
}

PlanPath *step_list_path(StepList *self, unsigned first, const char *const *rows, GError **error)
{
    step_list_fill(self, first);
    const GError *refusal = first_refusal(self, first);
    if (refusal) {
        g_propagate_error(error, g_error_copy(refusal));
        return NULL;
    }
    const Outlook *outlook = &self->outlook[first];
    PlanPath *path = g_new0(PlanPath, 1);
    path->dialect = self->dialect;
    path->command = self->command;
    path->list = step_list_ref(self);
    path->part = (PlanSteps){self->steps + first, self->length - first};
    path->steps = &path->part;
    path->rows = self->move->rows;
    path->variables = variables_used(self, first);
    path->longest_id = outlook->longest_id;
    path->outside = outlook->outside < self->length ? &self->steps[outlook->outside] : NULL;
    if (self->command == PLAN_STAMP)
        path->applied_after = applied_text(self->graph, (const char *const *)path->rows);
    digest_path(self, first, rows, path->digest);
    return path;
}

void plan_path_free(PlanPath *self)
{
    if (!self)
        return;
    g_clear_pointer(&self->variables, g_array_unref);
    g_free(self->applied_after);
    step_list_unref(self->list);
    g_free(self);
}

StepList *plan_path_hold_steps(const PlanPath *self)
{
    return step_list_ref(self->list);
}

void plan_path_release_steps(StepList *held)
{
    step_list_unref(held);
}

PlanPath *path_build(const RevisionGraph *graph, Dialect dialect, const char *const *rows,
                     const PlanRequest *request, const PathAim *aim, ScriptShelf *scripts, GError **error)
{
    StepList *list = step_list_new(graph, dialect, rows, request, aim, scripts, error);
    PlanPath *path = list ? step_list_path(list, 0, rows, error) : NULL;
    if (path)
        step_list_seal(list);
    step_list_unref(list);
    return path;
}

PlanPath *plan_path_new(const RevisionGraph *graph, Dialect dialect, const char *const *rows,
                        const PlanRequest *request, GError **error)
{
    g_autoptr(ScriptShelf) scripts = script_shelf_new();
    const PathAim aim = {.goals = request->goals};
    return path_build(graph, dialect, rows, request, &aim, scripts, error);
}
