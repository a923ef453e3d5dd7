/* For the tests of the planner: a fleet drawn at random, its files, where each target stands and what was
 * done in it, and commands for it. From a seed, so the same every time. */
#pragma once

#include "../plan_fixture.h"

#define REVISIONS 12
#define TARGETS 14

/* One round: its files, its fleet, and what the targets are asked for. */
typedef struct Round {
    GRand *random;
    PlanFixture files;
    GPtrArray *tracks; /* of GPtrArray * of HistoryEntry *: all that was done in each target, by seq */
    GPtrArray *goals;  /* of char ** (NULL: the request's): of each target */
    GHashTable *assume;
    unsigned runs;
    int calm; /* how much rarer than usual what breaks a chain is */
} Round;

static inline int draw(Round *self, int count)
{
    return count > 0 ? g_rand_int_range(self->random, 0, count) : 0;
}

static inline bool one_in(Round *self, int count)
{
    return draw(self, count) == 0;
}

static inline const char *pick(Round *self, const char *const *texts, gsize count)
{
    return texts[draw(self, (int)count)];
}

/* ---- Revisions ---- */

/* Neither in the order of the files, nor of one length. */
static inline char *revision_id(unsigned number)
{
    return g_strdup_printf("r%03u%s", number * 377 % 1000, number % 5 == 3 ? "longer" : "");
}

static inline void add_id(GString *text, const char *before, unsigned number)
{
    g_autofree char *id = revision_id(number);
    g_string_append_printf(text, "%s%s", before, id);
}

/* Mostly a chain, since that is what shares; forks, merges, other bases and dependencies in between. */
static inline void add_header(Round *self, GString *text, unsigned number)
{
    int parent = number > 0 && !one_in(self, 10 * self->calm)
                     ? (int)number - 1 - (one_in(self, 5 * self->calm) ? draw(self, 3) : 0)
                     : -1;
    add_id(text, "-- revision: ", number);
    g_string_append(text, "\n-- revises:");
    if (parent >= 0)
        add_id(text, " ", (unsigned)parent);
    if (parent > 0 && one_in(self, 6 * self->calm))
        add_id(text, ", ", (unsigned)draw(self, parent));
    if (number > 0 && one_in(self, 7 * self->calm))
        add_id(text, "\n-- depends-on: ", (unsigned)draw(self, (int)number));
    if (one_in(self, 8))
        g_string_append_printf(text, "\n-- labels: label%u", number);
    g_string_append(text, "\n\n");
}

static inline void add_sections(Round *self, GString *text, unsigned number)
{
    static const char *const ups[] = {
        "-- migrate:up\nselect %u, '{{ name | raw }}';\n",
        "-- migrate:up\nselect %u;\nselect '{{ other | raw }}', '{{ name | raw }}';\n",
        "-- migrate:up transaction:false\nselect %u;\n",
        "-- migrate:up foreign_keys:off\nselect %u;\n",
        "-- migrate:up sqlite\nselect %u;\n\n-- migrate:up postgres\nselect 1, %u;\n",
        "-- migrate:up\nselect '\\'; select %u; --';\n",
        "-- migrate:check\nselect 1 where '{{ other | raw }}' = '';\n\n-- migrate:up\nselect %u;\n",
        "-- migrate:up\nselect %u;\n\n-- migrate:verify\nselect 1 where 1 = 0;\n",
    };
    static const char *const wrong[] = {
        "-- migrate:up\nselect %u;\ncommit;\n",
        "-- migrate:up\nselect 'open %u;\n",
        "-- migrate:up sqlite\nselect %u;\n",
    };
    const char *up = one_in(self, 40)  ? pick(self, wrong, G_N_ELEMENTS(wrong))
                     : one_in(self, 3) ? pick(self, ups, G_N_ELEMENTS(ups))
                                       : "-- migrate:up\nselect %u;\n";
    g_auto(GStrv) parts = g_strsplit(up, "%u", -1);
    g_autofree char *digits = g_strdup_printf("%u", number);
    g_autofree char *filled = g_strjoinv(digits, parts);
    g_string_append(text, filled);
    if (!one_in(self, 12))
        g_string_append_printf(text, "\n-- migrate:down%s\nselect 2, %u;\n",
                               one_in(self, 9) ? " transaction:false" : "", number);
}

static inline PlanFixture draw_files(Round *self)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

    for (unsigned i = 0; i < REVISIONS; i++) {
        GString *text = g_string_new(NULL);
        add_header(self, text, i);
        add_sections(self, text, i);
        g_ptr_array_add(texts, g_string_free(text, FALSE));
    }
    g_ptr_array_add(texts, NULL);
    return plan_fixture((const char *const *)texts->pdata);
}

static inline const Revision *some_revision(Round *self)
{
    return revision_graph_at(self->files.graph, (unsigned)draw(self, REVISIONS));
}

/* ---- What was done in a target ---- */

static inline HistoryEntry *entry_for(const Round *self, const char *direction, const char *revision,
                                      char **before, char **after)
{
    HistoryEntry *entry = history_entry_new();

    entry->step_id = g_strdup_printf("run%u-%s", self->runs, revision);
    entry->run_id = g_strdup_printf("run%u", self->runs);
    entry->plan_digest = g_strdup("plan");
    entry->direction = g_strdup(direction);
    entry->revision = g_strdup(revision);
    entry->state = g_strdup("done");
    entry->heads_before = g_strjoinv(",", before);
    entry->heads_after = g_strjoinv(",", after);
    return entry;
}

/* Stopped half-way: a step that did not move the rows. */
static inline void stop_entry(Round *self, HistoryEntry *entry)
{
    g_free(entry->state);
    entry->state = g_strdup(one_in(self, 2) ? "failed" : "running");
    entry->statements_total = 3;
    entry->statements_done = (unsigned)draw(self, 3);
    entry->intent = one_in(self, 3) ? entry->statements_done + 1 : 0;
}

/* The steps of a move, as far as the draw lets it come. True if it stopped half-way. */
static inline bool follow_move(Round *self, const Move *move, GPtrArray *track, char ***rows, Dialect dialect)
{
    for (guint i = 0; i < move->steps->len && !one_in(self, 6); i++) {
        const MoveStep *step = move->steps->pdata[i];
        SectionKind kind = move->direction == DIRECTION_UP ? SECTION_UP : SECTION_DOWN;
        const Section *section = revision_section(step->revision, kind, dialect);
        HistoryEntry *entry =
            entry_for(self, direction_name(move->direction), step->revision->id, step->before, step->after);
        entry->checksum = one_in(self, 40) ? g_strdup("edited")
                          : section        ? g_strdup(section->checksum)
                                           : NULL;
        g_ptr_array_add(track, entry);
        if (one_in(self, 25)) {
            stop_entry(self, entry);
            return true;
        }
        if (one_in(self, 60)) {
            g_free(entry->state);
            entry->state = g_strdup("verify-failed");
        }
        g_strfreev(*rows);
        *rows = g_strdupv(step->after);
    }
    return false;
}

static inline void follow_stamp(Round *self, const Move *move, GPtrArray *track, char ***rows)
{
    HistoryEntry *entry = entry_for(self, "stamp", "", *rows, move->rows);
    g_autoptr(GPtrArray) applied =
        revision_graph_applied(self->files.graph, (const char *const *)move->rows, NULL);
    GString *ids = g_string_new(NULL);

    for (guint i = 0; i < applied->len; i++)
        g_string_append_printf(ids, "%s%s", i ? "," : "", ((const Revision *)applied->pdata[i])->id);
    entry->detail = g_string_free(ids, FALSE);
    g_ptr_array_add(track, entry);
    g_strfreev(*rows);
    *rows = g_strdupv(move->rows);
}

/* One command of the past. True if it stopped half-way. */
static inline bool draw_command(Round *self, GPtrArray *track, char ***rows, Dialect dialect)
{
    const char *const goals[] = {one_in(self, 4) ? "heads" : some_revision(self)->id, NULL};
    const char *const *now = (const char *const *)*rows;
    const RevisionGraph *graph = self->files.graph;
    bool stamps = one_in(self, 8), down = !stamps && one_in(self, 4);

    self->runs++;
    g_autoptr(Move) move =
        stamps ? revision_graph_stamp(graph, now, goals, false, NULL)
        : down ? revision_graph_downgrade(graph, now, one_in(self, 5) ? "base" : goals[0], NULL)
               : revision_graph_upgrade(graph, now, goals, NULL);
    if (!move)
        return false;
    if (!stamps)
        return follow_move(self, move, track, rows, dialect);
    follow_stamp(self, move, track, rows);
    return false;
}

static inline bool is_newest(const GPtrArray *track, guint place)
{
    const HistoryEntry *entry = track->pdata[place];

    for (guint i = place + 1; i < track->len; i++)
        if (g_str_equal(((const HistoryEntry *)track->pdata[i])->revision, entry->revision))
            return false;
    return true;
}

/* What a probe keeps of it. */
static inline void take_history(TargetState *state, const GPtrArray *track)
{
    for (guint i = 0; i < track->len; i++) {
        const HistoryEntry *entry = track->pdata[i];
        if (is_newest(track, i) || !*entry->revision || !g_str_equal(entry->state, "done"))
            g_ptr_array_add(state->history, history_entry_pack(entry));
    }
}

static inline gint compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sometimes rows that no dbfleet leaves: one that stands below another, or one that no file knows. */
static inline void spoil_rows(Round *self, char ***rows)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    const char *other = one_in(self, 3) ? "unheard" : some_revision(self)->id;

    g_strv_builder_addv(builder, (const char **)*rows);
    if (!g_strv_contains((const char *const *)*rows, other))
        g_strv_builder_add(builder, other);
    g_strfreev(*rows);
    *rows = g_strv_builder_end(builder);
}

/* ---- Targets ---- */

static inline Target *new_target(Round *self, Dialect dialect, char **rows)
{
    g_autofree char *name = g_strdup_printf("t%02u", self->files.targets->len);
    g_autofree char *text = g_strjoinv(" ", rows);
    Target *target = fixture_add(&self->files, name, dialect, text);
    TargetState *state = fixture_last_state(&self->files);

    qsort(state->rows, g_strv_length(state->rows), sizeof(char *), compare_texts);
    if (!one_in(self, 10))
        g_hash_table_insert(target->vars, (gpointer) "name", target->name);
    if (!one_in(self, 5))
        g_hash_table_insert(target->vars, (gpointer) "other", (gpointer) "value");
    target->settings.transaction_target = one_in(self, 5);
    state->version_width = one_in(self, 4) ? 5 : 64;
    state->lock_holder = one_in(self, 12) ? g_strdup("somebody") : NULL;
    if (one_in(self, 6))
        g_hash_table_insert(self->assume, target->name, (gpointer)(one_in(self, 2) ? "done" : "not-done"));
    return target;
}

/* What a rollback of a run reads. */
static inline void take_since(TargetState *state, const GPtrArray *track, const char *run_id)
{
    bool begun = false;

    state->since_run = g_ptr_array_new_with_free_func((GDestroyNotify)history_entry_free);
    for (guint i = 0; i < track->len; i++) {
        const HistoryEntry *entry = track->pdata[i];
        begun |= g_str_equal(entry->run_id, run_id);
        if (begun)
            g_ptr_array_add(state->since_run, history_entry_pack(entry));
    }
}

/* A target with the rows and the very history of one before, maybe on a server of another kind. */
static inline void add_alike(Round *self, Dialect dialect)
{
    guint model = (guint)draw(self, (int)self->files.states->len);
    const TargetState *alike = self->files.states->pdata[model];

    new_target(self, dialect, alike->rows);
    TargetState *state = fixture_last_state(&self->files);
    g_ptr_array_unref(state->history);
    state->history = g_ptr_array_ref(alike->history);
    g_ptr_array_add(self->tracks, g_ptr_array_ref(self->tracks->pdata[model]));
}

static inline void add_own(Round *self, Dialect dialect)
{
    GPtrArray *track = g_ptr_array_new_with_free_func((GDestroyNotify)history_entry_free);
    g_auto(GStrv) rows = g_new0(char *, 1);
    bool stopped = false;

    for (int i = draw(self, 5); i > 0 && !stopped; i--)
        stopped = draw_command(self, track, &rows, dialect);
    if (one_in(self, 15))
        spoil_rows(self, &rows);
    new_target(self, dialect, rows);
    if (!one_in(self, 6))
        take_history(fixture_last_state(&self->files), track);
    g_ptr_array_add(self->tracks, track);
}

/* Symbols as a person types them for the command, now and then one that does not fit. */
static inline const char *draw_symbol(Round *self, PlanCommand command, char **made)
{
    const char *id = some_revision(self)->id;
    static const char *const walks[] = {"%s+1", "%s@heads", "%s@+2", "%s@head"};
    static const char *const up[] = {"heads", "heads", "heads", "head", "+1", "+2"};
    static const char *const down[] = {"-1", "-2", "base"};

    if (one_in(self, 3))
        return id;
    if (command != PLAN_DOWNGRADE && one_in(self, 3)) {
        g_auto(GStrv) around = g_strsplit(pick(self, walks, G_N_ELEMENTS(walks)), "%s", 2);
        *made = g_strconcat(id, around[1], NULL);
        return *made;
    }
    if (command == PLAN_DOWNGRADE || one_in(self, 30))
        return pick(self, down, G_N_ELEMENTS(down));
    return command == PLAN_STAMP ? "heads" : pick(self, up, G_N_ELEMENTS(up));
}

static inline char **draw_goals(Round *self, PlanCommand command)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    do {
        g_autofree char *made = NULL;
        g_strv_builder_add(builder, draw_symbol(self, command, &made));
    } while (one_in(self, 12));
    return g_strv_builder_end(builder);
}

static inline void draw_round(Round *self, GRand *random)
{
    *self = (Round){.random = random,
                    .tracks = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref),
                    .goals = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev),
                    .assume = g_hash_table_new(g_str_hash, g_str_equal)};
    self->calm = one_in(self, 2) ? 1 : 6;
    self->files = draw_files(self);
    for (unsigned i = 0; i < TARGETS; i++) {
        static const Dialect dialects[] = {DIALECT_SQLITE, DIALECT_SQLITE, DIALECT_SQLITE, DIALECT_POSTGRES,
                                           DIALECT_MARIADB};
        Dialect dialect = dialects[draw(self, G_N_ELEMENTS(dialects))];
        if (i > 0 && one_in(self, 4))
            add_alike(self, dialect);
        else
            add_own(self, dialect);
        g_ptr_array_add(self->goals, NULL);
    }
}

static inline void round_clear(Round *self)
{
    plan_fixture_clear(&self->files);
    g_ptr_array_unref(self->tracks);
    g_ptr_array_unref(self->goals);
    g_hash_table_unref(self->assume);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Round, round_clear)
