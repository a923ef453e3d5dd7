/* The planner: what a target is told does not depend on who else is in the fleet. Fleets drawn at random are
 * planned at once and target by target, and everything that a plan says of a target is compared: verdict,
 * reason, every step, what digests count, and the lines of the plan file. */
#include "drawn_fleet.h"
#include "planner_case.h"
#include "plans/plan_file.h"

#define ROUNDS 1500

/* ---- All that a plan says of a target ---- */

static void add_texts(GString *out, const char *what, char *const *texts)
{
    g_autofree char *list = texts ? g_strjoinv(" ", (char **)texts) : NULL;
    g_string_append_printf(out, " %s [%s]", what, list ? list : "-");
}

static void add_step(GString *out, const PlanStep *step, Dialect dialect)
{
    g_string_append_printf(out, "  %s %s%s%s", step->revision ? step->revision->id : "stamp",
                           direction_name(step->direction), step->fill ? " fill" : "",
                           step->transactional ? " transaction" : "");
    add_texts(out, "before", step->before);
    add_texts(out, "after", step->after);
    g_autofree char **added = rows_without(step->after, step->before);
    g_autofree char **removed = rows_without(step->before, step->after);
    add_texts(out, "added", added);
    add_texts(out, "removed", removed);
    g_string_append_printf(out, " %p %p %p", (const void *)plan_step_section(step),
                           (const void *)plan_step_check(step), (const void *)plan_step_verify(step));
    const Script *script = step->scripts ? fixture_script(step, dialect) : NULL;
    if (script)
        g_string_append_printf(out, " %u %s", script_length(script), script_text(script));
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
        add_step(out, &path->steps->first[i], path->dialect);
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

/* The plan as a file. Caller frees. */
static char *file_text(const Plan *plan, GHashTable *extra)
{
    g_autoptr(PlanFile) file = plan_file_new();

    file->track = g_strdup("default");
    file->version_table = g_strdup("dbfleet_version");
    file->created_by = g_strdup("me");
    file->variables = g_new0(char *, 1);
    plan_file_take(file, plan, extra);
    return plan_file_text(file);
}

/* The lines of a plan file that speak of the target; its path's name, which depends on the others, left out.
 */
static char *file_lines(const Plan *plan, const PlanTarget *target, GHashTable *extra)
{
    g_autofree char *named = g_strdup_printf("  - {name: %s,", target->target->name);
    g_autofree char *text = file_text(plan, extra);
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
    g_autofree char *object =
        g_strdup_printf("%s %s %s", step->revision->id, section_kind_name(plan_step_section(step)->kind),
                        dialect_name(dialect));
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

static void compare_all(const Round *self, const Plan *plan, const PlanRequest *request, unsigned round,
                        Seen *seen)
{
    count_shared(plan, seen);
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanTarget *target = plan_target_at(plan, i);
        compare_target(self, plan, i, *request, round);
        seen->paths += target->path != NULL;
        seen->problems[target->problem]++;
    }
}

/* The rows of a fill at the end are as they are read, or in the order of the files. */
static bool runs_the_same(const PlanPath *left, const PlanPath *right)
{
    bool same = left->steps->len == right->steps->len && rows_are_same(left->rows, right->rows);

    for (guint i = 0; same && i < left->steps->len; i++) {
        const PlanStep *one = &left->steps->first[i], *other = &right->steps->first[i];
        same = one->revision == other->revision && one->section == other->section &&
               one->direction == other->direction && one->check == other->check && one->fill == other->fill &&
               rows_are_same(one->after, other->after);
    }
    return same;
}

/* Applied, the plan's file gives the paths that were planned. */
static void compare_applied(const Round *self, const Plan *plan, PlanRequest request, unsigned round)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *text = file_text(plan, request.variables);
    g_autoptr(PlanFile) file = plan_file_parse(text, strlen(text), "plan.yaml", problems);
    must(file, "round %u: %.2000s", round, text);
    request.file = file;
    g_autoptr(Plan) applied = plan_of(self, self->files.targets, self->files.states, &request);
    for (guint i = 0; i < plan->targets->len; i++) {
        const PlanPath *planned = plan_target_at(plan, i)->path, *again = plan_target_at(applied, i)->path;
        must(!planned || (again && runs_the_same(planned, again)), "round %u, target %u", round, i);
        compare_target(self, applied, i, request, round);
    }
}

static void compare_fleet(const Round *self, const PlanRequest *request, unsigned round, Seen *seen)
{
    g_autoptr(Plan) plan = plan_of(self, self->files.targets, self->files.states, request);

    compare_all(self, plan, request, round, seen);
    if (request->command != PLAN_ROLLBACK && !plan_file_error(plan))
        compare_applied(self, plan, *request, round);
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
