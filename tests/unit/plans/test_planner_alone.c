/* The planner: what a target is told does not depend on who else is in the fleet. Fleets drawn at random are
 * planned at once and target by target, and everything that a plan says of a target is compared: verdict,
 * reason, every step, what digests count, and the lines of the plan file. */
#include "planner_case.h"
#include "plans/plan_file.h"

#define ROUNDS 1500
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

static int draw(Round *self, int count)
{
    return count > 0 ? g_rand_int_range(self->random, 0, count) : 0;
}

static bool one_in(Round *self, int count)
{
    return draw(self, count) == 0;
}

static const char *pick(Round *self, const char *const *texts, gsize count)
{
    return texts[draw(self, (int)count)];
}

/* ---- Revisions ---- */

/* Neither in the order of the files, nor of one length. */
static char *revision_id(unsigned number)
{
    return g_strdup_printf("r%03u%s", number * 377 % 1000, number % 5 == 3 ? "longer" : "");
}

static void add_id(GString *text, const char *before, unsigned number)
{
    g_autofree char *id = revision_id(number);
    g_string_append_printf(text, "%s%s", before, id);
}

/* Mostly a chain, since that is what shares; forks, merges, other bases and dependencies in between. */
static void add_header(Round *self, GString *text, unsigned number)
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

static void add_sections(Round *self, GString *text, unsigned number)
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

static PlanFixture draw_files(Round *self)
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

static const Revision *some_revision(Round *self)
{
    return revision_graph_at(self->files.graph, (unsigned)draw(self, REVISIONS));
}

/* ---- What was done in a target ---- */

static HistoryEntry *entry_for(const Round *self, const char *direction, const char *revision, char **before,
                               char **after)
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
static void stop_entry(Round *self, HistoryEntry *entry)
{
    g_free(entry->state);
    entry->state = g_strdup(one_in(self, 2) ? "failed" : "running");
    entry->statements_total = 3;
    entry->statements_done = (unsigned)draw(self, 3);
    entry->intent = one_in(self, 3) ? entry->statements_done + 1 : 0;
}

/* The steps of a move, as far as the draw lets it come. True if it stopped half-way. */
static bool follow_move(Round *self, const Move *move, GPtrArray *track, char ***rows, Dialect dialect)
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

static void follow_stamp(Round *self, const Move *move, GPtrArray *track, char ***rows)
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
static bool draw_command(Round *self, GPtrArray *track, char ***rows, Dialect dialect)
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

static bool is_newest(const GPtrArray *track, guint place)
{
    const HistoryEntry *entry = track->pdata[place];

    for (guint i = place + 1; i < track->len; i++)
        if (g_str_equal(((const HistoryEntry *)track->pdata[i])->revision, entry->revision))
            return false;
    return true;
}

/* What a probe keeps of it. */
static void take_history(TargetState *state, const GPtrArray *track)
{
    for (guint i = 0; i < track->len; i++) {
        const HistoryEntry *entry = track->pdata[i];
        if (is_newest(track, i) || !*entry->revision || !g_str_equal(entry->state, "done"))
            g_ptr_array_add(state->history, history_entry_pack(entry));
    }
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sometimes rows that no dbfleet leaves: one that stands below another, or one that no file knows. */
static void spoil_rows(Round *self, char ***rows)
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

static Target *new_target(Round *self, Dialect dialect, char **rows)
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
static void take_since(TargetState *state, const GPtrArray *track, const char *run_id)
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
static void add_alike(Round *self, Dialect dialect)
{
    guint model = (guint)draw(self, (int)self->files.states->len);
    const TargetState *alike = self->files.states->pdata[model];

    new_target(self, dialect, alike->rows);
    TargetState *state = fixture_last_state(&self->files);
    g_ptr_array_unref(state->history);
    state->history = g_ptr_array_ref(alike->history);
    g_ptr_array_add(self->tracks, g_ptr_array_ref(self->tracks->pdata[model]));
}

static void add_own(Round *self, Dialect dialect)
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
static const char *draw_symbol(Round *self, PlanCommand command, char **made)
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

static char **draw_goals(Round *self, PlanCommand command)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    do {
        g_autofree char *made = NULL;
        g_strv_builder_add(builder, draw_symbol(self, command, &made));
    } while (one_in(self, 12));
    return g_strv_builder_end(builder);
}

static void draw_round(Round *self, GRand *random)
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

static void round_clear(Round *self)
{
    plan_fixture_clear(&self->files);
    g_ptr_array_unref(self->tracks);
    g_ptr_array_unref(self->goals);
    g_hash_table_unref(self->assume);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Round, round_clear)

/* ---- All that a plan says of a target ---- */

static void add_texts(GString *out, const char *what, char *const *texts)
{
    g_autofree char *list = texts ? g_strjoinv(" ", (char **)texts) : NULL;
    g_string_append_printf(out, " %s [%s]", what, list ? list : "-");
}

static void add_step(GString *out, const PlanStep *step)
{
    g_string_append_printf(out, "  %s %s%s%s", step->revision ? step->revision->id : "stamp",
                           direction_name(step->direction), step->fill ? " fill" : "",
                           step->transactional ? " transaction" : "");
    add_texts(out, "before", step->move->before);
    add_texts(out, "after", step->move->after);
    add_texts(out, "added", step->move->added);
    add_texts(out, "removed", step->move->removed);
    g_string_append_printf(out, " %p %p %p", (const void *)step->section, (const void *)step->check,
                           (const void *)step->verify);
    if (step->script)
        g_string_append_printf(out, " %u %s", script_length(step->script), script_text(step->script));
    for (guint i = 0; step->risks && i < step->risks->len; i++)
        g_string_append_printf(out, " risk %s", ((const RiskMark *)step->risks->pdata[i])->object);
    g_string_append_c(out, '\n');
}

static void add_path(GString *out, const PlanPath *path)
{
    g_string_append_printf(out, " %s %s %s %u %s %s", path->digest, dialect_name(path->dialect),
                           plan_command_name(path->command), path->longest_id,
                           path->outside ? path->outside->revision->id : "-",
                           path->applied_after ? path->applied_after : "-");
    add_texts(out, "rows", path->rows);
    for (guint i = 0; path->variables && i < path->variables->len; i++) {
        const VariableUse *use = &g_array_index(path->variables, VariableUse, i);
        g_string_append_printf(out, " {%s %s %p}", use->name, use->revision->id, (const void *)use->section);
    }
    g_string_append_c(out, '\n');
    for (guint i = 0; i < path->steps->len; i++)
        add_step(out, path->steps->pdata[i]);
}

static char *all_of_target(const PlanTarget *target)
{
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, "%s: %d %s (%s)", target->target->name, (int)target->verdict,
                           plan_problem_name(target->problem), target->reason ? target->reason : "-");
    if (target->path)
        add_path(out, target->path);
    return g_string_free(out, FALSE);
}

/* The part between two texts, the first of them included. Caller frees; NULL if it is not there. */
static char *part_of(const char *text, const char *from, const char *to)
{
    const char *start = strstr(text, from);
    const char *end = start ? strstr(start + strlen(from), to) : NULL;

    return end ? g_strndup(start, (gsize)(end - start)) : NULL;
}

/* The lines of a plan file that speak of the target; its path's name, which depends on the others, left out.
 */
static char *file_lines(const Plan *plan, const PlanTarget *target, GHashTable *extra)
{
    g_autoptr(PlanFile) file = plan_file_new();
    g_autofree char *named = g_strdup_printf("  - {name: %s,", target->target->name);

    file->track = g_strdup("default");
    file->version_table = g_strdup("dbfleet_version");
    file->created_by = g_strdup("me");
    file->variables = g_new0(char *, 1);
    plan_file_take(file, plan, extra);
    g_autofree char *text = plan_file_text(file);
    g_autofree char *line = part_of(text, named, "\n");
    must(line, "%s is not in %s", target->target->name, text);
    if (!target->path)
        return g_steal_pointer(&line);
    const char *name = strstr(line, "path: p");
    must(name, "%s", line);
    name += strlen("path: ");
    gsize length = strcspn(name, ",}");
    g_autofree char *heading = g_strdup_printf("\n  %.*s:\n", (int)length, name);
    g_autofree char *steps = part_of(text, heading, "\n  p");
    g_autofree char *last = part_of(text, heading, "\ntargets:");
    const char *path = steps && (!last || strlen(steps) < strlen(last)) ? steps : last;
    must(path, "%s", text);
    return g_strdup_printf("%.*s%s\n%s", (int)(name - line), line, name + length, path + strlen(heading));
}

/* ---- At once and alone ---- */

static GPtrArray *made_risks(const PlanStep *step, Dialect dialect)
{
    GPtrArray *marks = risk_marks_new();
    g_autofree char *object = g_strdup_printf("%s %s %s", step->revision->id,
                                              section_kind_name(step->section->kind), dialect_name(dialect));
    g_ptr_array_add(marks, risk_mark_new(RISK_DROPS, 1, object, "made"));
    return marks;
}

static Plan *plan_of(const Round *self, const GPtrArray *targets, const GPtrArray *states,
                     const PlanRequest *request)
{
    Plan *plan = plan_build(self->files.graph, targets, states, request);

    plan_take_risks(plan, made_risks);
    return plan;
}

static void must_be_alike(const char *fleet, const char *alone, unsigned round)
{
    must(g_str_equal(fleet, alone), "round %u\nin the fleet: %.2000s\nalone: %.2000s", round, fleet, alone);
}

/* A path that targets share asks for a baseline as soon as one of them needs it. */
static void compare_baselines(const PlanPath *fleet, const PlanPath *alone)
{
    if (!alone || !alone->needs_baseline)
        return;
    g_autofree char *shared = plan_path_applied_before(fleet), *own = plan_path_applied_before(alone);
    must(fleet->needs_baseline, "%s", fleet->digest);
    must(g_strcmp0(shared, own) == 0, "%s and %s", shared, own);
}

static void compare_target(const Round *self, const Plan *plan, guint place, PlanRequest request,
                           unsigned round)
{
    g_autoptr(GPtrArray) targets = g_ptr_array_new(), states = g_ptr_array_new();
    const char *const *own[] = {self->goals->pdata[place]};
    const PlanTarget *target = plan_target_at(plan, place);

    request.target_goals = own;
    g_ptr_array_add(targets, self->files.targets->pdata[place]);
    g_ptr_array_add(states, self->files.states->pdata[place]);
    g_autoptr(Plan) alone = plan_of(self, targets, states, &request);
    const PlanTarget *single = plan_target_at(alone, 0);
    g_autofree char *left = all_of_target(target), *right = all_of_target(single);
    must_be_alike(left, right, round);
    g_autofree char *lines = file_lines(plan, target, request.variables);
    g_autofree char *own_lines = file_lines(alone, single, request.variables);
    must_be_alike(lines, own_lines, round);
    compare_baselines(target->path, single->path);
}

/* What was drawn, so that the test cannot come to compare nothing. */
typedef struct Seen {
    unsigned paths;  /* targets that have one */
    unsigned shared; /* paths that are a part of another's steps */
    unsigned problems[PROBLEM_STATE + 1];
} Seen;

/* Files with such a problem are of another test. */
static bool never_drawn(PlanProblem problem)
{
    return problem == PROBLEM_LOCK_TABLES || problem == PROBLEM_NEEDS_NO_TRANSACTION;
}

static void count_shared(const Plan *plan, Seen *seen)
{
    g_autoptr(GHashTable) lists = g_hash_table_new(NULL, NULL);

    for (guint i = 0; i < plan->paths->len; i++)
        seen->shared += !g_hash_table_add(lists, ((const PlanPath *)plan->paths->pdata[i])->list);
}

static void compare_fleet(const Round *self, const PlanRequest *request, unsigned round, Seen *seen)
{
    g_autoptr(Plan) plan = plan_of(self, self->files.targets, self->files.states, request);

    count_shared(plan, seen);
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanTarget *target = plan_target_at(plan, i);
        compare_target(self, plan, i, *request, round);
        seen->paths += target->path != NULL;
        seen->problems[target->problem]++;
    }
}

static void draw_own_goals(Round *self, PlanCommand command)
{
    for (unsigned i = 0; i < TARGETS; i++)
        if (one_in(self, 4))
            self->goals->pdata[i] = draw_goals(self, command);
}

static void draw_since(Round *self, const char *run_id)
{
    for (unsigned i = 0; i < TARGETS; i++)
        take_since(self->files.states->pdata[i], self->tracks->pdata[i], run_id);
}

static PlanCommand draw_planned(Round *self)
{
    static const PlanCommand commands[] = {PLAN_UPGRADE, PLAN_UPGRADE,   PLAN_UPGRADE, PLAN_UPGRADE,
                                           PLAN_STAMP,   PLAN_DOWNGRADE, PLAN_ROLLBACK};
    return commands[draw(self, G_N_ELEMENTS(commands))];
}

static void run_round(Round *self, unsigned round, Seen *seen)
{
    PlanRequest request = self->files.request;
    request.command = draw_planned(self);
    g_auto(GStrv) goals = draw_goals(self, request.command);
    g_autofree char *run_id = g_strdup_printf("run%d", 1 + draw(self, (int)self->runs));

    request.run_id = run_id;
    request.goals = (const char *const *)goals;
    request.fill = request.command == PLAN_UPGRADE && one_in(self, 6);
    request.purge = request.command == PLAN_STAMP && one_in(self, 4);
    request.allow_edited = one_in(self, 3);
    request.assume = one_in(self, 2) ? self->assume : NULL;
    request.variables = self->files.variables;
    if (one_in(self, 2))
        g_hash_table_insert(self->files.variables, (gpointer) "other", (gpointer) "given");
    if (one_in(self, 2))
        draw_own_goals(self, request.command);
    if (request.command == PLAN_ROLLBACK)
        draw_since(self, run_id);
    request.target_goals = (const char *const *const *)self->goals->pdata;
    compare_fleet(self, &request, round, seen);
}

TestSuite(planner_alone);

Test(planner_alone, what_a_target_is_told_does_not_depend_on_the_others, .timeout = 120)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(623868);
    Seen seen = {0};

    for (unsigned round = 0; round < ROUNDS; round++) {
        g_auto(Round) self;
        draw_round(&self, random);
        run_round(&self, round, &seen);
    }
    cr_expect_gt(seen.paths, 1500, "%u targets had something to do", seen.paths);
    cr_expect_gt(seen.shared, 250, "%u paths were part of another's list", seen.shared);
    for (PlanProblem problem = PROBLEM_NONE; problem <= PROBLEM_BUSY; problem++)
        cr_expect(seen.problems[problem] || never_drawn(problem), "no target was %s",
                  plan_problem_name(problem));
}
