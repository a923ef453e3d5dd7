/* For the tests of planner, run and report: revisions from texts, targets and states in memory, a plan over
 * them. Nothing is read from disk and nothing is connected. */
#pragma once

#include "plans/planner.h"

#include <criterion/criterion.h>
#include <string.h>

/* An assertion that is silent while it holds: Criterion sends every one to its parent, and tens of thousands
 * choke it. */
#define must(condition, ...)                                                                                 \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            cr_assert(false, __VA_ARGS__);                                                                   \
    } while (0)

/* A revision file; `sections` is what follows the header. */
#define REVISION_FILE(id, revises, sections)                                                                 \
    "-- revision: " id "\n-- revises: " revises "\n-- message: add " id "\n\n" sections

/* A revision file with a table made and dropped. */
#define TABLE_FILE(id, revises)                                                                              \
    REVISION_FILE(id, revises,                                                                               \
                  "-- migrate:up\ncreate table t_" id " (n int);\n\n-- migrate:down\ndrop table t_" id       \
                  ";\n")

/* Three revisions in a row. */
#define THREE_FILES TABLE_FILE("aa", ""), TABLE_FILE("bb", "aa"), TABLE_FILE("cc", "bb")

/* The files of one track and the fleet that stands on them. */
typedef struct PlanFixture {
    GPtrArray *revisions; /* of Revision * */
    RevisionGraph *graph;
    GPtrArray *targets; /* of Target * */
    GPtrArray *states;  /* of TargetState *, NULL for inactive targets */
    GPtrArray *groups;  /* of Group * */
    GHashTable *variables;
    PlanRequest request; /* for the next plan */
} PlanFixture;

static inline void fixture_target_free(Target *self)
{
    g_free(self->name);
    g_free(self->track);
    g_free(self->schema);
    g_free(self->life_reason);
    g_free(self->endpoint);
    g_free(self->server);
    db_url_free(self->url);
    g_hash_table_unref(self->labels);
    g_hash_table_unref(self->vars);
    g_free(self);
}

static inline void fixture_group_free(Group *self)
{
    g_free(self->name);
    g_free(self);
}

static inline Revision *fixture_revision(const char *text)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_auto(GStrv) words = g_strsplit_set(text, " \n", 4);
    g_autofree char *path = g_strdup_printf("versions/%s.sql", words[2]);
    Revision *revision = revision_parse(text, strlen(text), path, NULL, problems);
    g_autofree char *told = diagnostics_to_string(problems);

    must(revision, "%s", told);
    return revision;
}

/* The texts are a NULL-terminated list. */
static inline PlanFixture plan_fixture(const char *const *texts)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    PlanFixture self = {.revisions = g_ptr_array_new_with_free_func((GDestroyNotify)revision_free),
                        .targets = g_ptr_array_new_with_free_func((GDestroyNotify)fixture_target_free),
                        .states = g_ptr_array_new_with_free_func((GDestroyNotify)target_state_free),
                        .groups = g_ptr_array_new_with_free_func((GDestroyNotify)fixture_group_free),
                        .variables = g_hash_table_new(g_str_hash, g_str_equal)};

    for (; *texts; texts++)
        g_ptr_array_add(self.revisions, fixture_revision(*texts));
    self.graph = revision_graph_new(self.revisions, problems);
    g_autofree char *told = diagnostics_to_string(problems);
    must(self.graph, "%s", told);
    self.request = (PlanRequest){.command = PLAN_UPGRADE, .version_table = "dbfleet_version"};
    return self;
}

/* plan_fixture_of(TEXT, …) */
#define plan_fixture_of(...) plan_fixture((const char *const[]){__VA_ARGS__, NULL})

static inline void plan_fixture_clear(PlanFixture *self)
{
    revision_graph_free(self->graph);
    g_ptr_array_unref(self->revisions);
    g_ptr_array_unref(self->states);
    g_ptr_array_unref(self->targets);
    g_ptr_array_unref(self->groups);
    g_hash_table_unref(self->variables);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PlanFixture, plan_fixture_clear)

/* The script of a step without variables. It stays on its shelf for a while though nobody uses it. */
static inline const Script *fixture_script(const PlanStep *step, Dialect dialect)
{
    const Script *script = script_shelf_take(step->scripts, plan_step_section(step), dialect, NULL);

    script_shelf_give_back(step->scripts, plan_step_section(step), dialect);
    return script;
}

static inline Group *fixture_group(PlanFixture *self, const char *name, const Group *parent,
                                   unsigned concurrency)
{
    Group *group = g_new0(Group, 1);

    group->name = g_strdup(name);
    group->parent = parent;
    group->concurrency = concurrency;
    g_ptr_array_add(self->groups, group);
    return group;
}

static inline char *fixture_url(Dialect dialect, const char *name)
{
    static const char *const patterns[DIALECT_COUNT] = {
        [DIALECT_POSTGRES] = "postgresql://migrator@db1.internal/",
        [DIALECT_MYSQL] = "mysql://migrator@db2.internal/",
        [DIALECT_MARIADB] = "mariadb://migrator@db3.internal/",
        [DIALECT_SQLITE] = "sqlite:/data/",
    };

    g_autofree char *database = g_strcanon(g_strdup(name), G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-", '_');
    return g_strconcat(patterns[dialect], database, NULL);
}

static inline Target *fixture_target_new(const char *name, Dialect dialect)
{
    g_autofree char *url = fixture_url(dialect, name);
    Target *target = g_new0(Target, 1);

    target->name = g_strdup(name);
    target->url = db_url_parse(url, NULL);
    must(target->url, "%s", url);
    target->track = g_strdup("default");
    target->labels = g_hash_table_new(g_str_hash, g_str_equal);
    target->vars = g_hash_table_new(g_str_hash, g_str_equal);
    target->endpoint = db_url_endpoint(target->url);
    target->server = db_url_server(target->url);
    return target;
}

static inline TargetState *fixture_state_new(Dialect dialect, const char *rows)
{
    TargetState *state = target_state_new();

    state->dialect = dialect;
    state->has_version_table = state->has_history = true;
    state->server_version = g_strdup("Server 1.0");
    g_strfreev(state->rows);
    state->rows = *rows ? g_strsplit(rows, " ", -1) : g_new0(char *, 1);
    return state;
}

/* A target that was reached and stands at `rows` (ids with blanks between). Returns it. */
static inline Target *fixture_add(PlanFixture *self, const char *name, Dialect dialect, const char *rows)
{
    Target *target = fixture_target_new(name, dialect);

    target->index = self->targets->len;
    g_ptr_array_add(self->targets, target);
    g_ptr_array_add(self->states, fixture_state_new(dialect, rows));
    return target;
}

static inline TargetState *fixture_last_state(const PlanFixture *self)
{
    return self->states->pdata[self->states->len - 1];
}

/* A target of the last state's kind that could not be reached. */
static inline Target *fixture_add_unreachable(PlanFixture *self, const char *name, const char *reason)
{
    Target *target = fixture_add(self, name, DIALECT_POSTGRES, "");
    TargetState *state = fixture_last_state(self);

    state->outcome = PROBE_UNREACHABLE;
    state->error_class = g_strdup("unreachable");
    state->reason = g_strdup(reason);
    return target;
}

/* A target that is not part of any plan: it has no state. */
static inline Target *fixture_add_inactive(PlanFixture *self, const char *name, TargetLife life,
                                           const char *reason)
{
    Target *target = fixture_add(self, name, DIALECT_POSTGRES, "");

    target->life = life;
    target->life_reason = g_strdup(reason);
    g_clear_pointer(&self->states->pdata[self->states->len - 1], target_state_free);
    return target;
}

/* The checksum of a revision's section as the files have it now; NULL if there is none. */
static inline const char *fixture_checksum(const PlanFixture *self, const char *id, SectionKind kind)
{
    const Revision *revision = revision_graph_find(self->graph, id);
    const Section *section = revision ? revision_section(revision, kind, DIALECT_SQLITE) : NULL;

    return section ? section->checksum : NULL;
}

/* One history row of the last target: "up aa done", with the checksum that the files have now and, of an up
 * of a revision without parents, no heads before. Returns it, to be changed. */
static inline HistoryEntry *fixture_history(PlanFixture *self, const char *text)
{
    TargetState *state = fixture_last_state(self);
    g_auto(GStrv) words = g_strsplit(text, " ", 3);
    const Revision *revision = revision_graph_find(self->graph, words[1]);
    SectionKind kind = g_str_equal(words[0], "down") ? SECTION_DOWN : SECTION_UP;
    HistoryEntry *entry = history_entry_new();

    entry->step_id = g_strdup_printf("run-%04u", state->history->len + 1);
    entry->run_id = g_strdup("run");
    entry->direction = g_strdup(words[0]);
    entry->revision = g_strdup(words[1]);
    entry->state = g_strdup(words[2]);
    entry->checksum = g_strdup(fixture_checksum(self, words[1], kind));
    entry->heads_before = g_strdup(revision && revision->revises[0] ? revision->revises[0] : "");
    entry->heads_after = g_strdup(words[1]);
    g_ptr_array_add(state->history, entry);
    return entry;
}

/* A stamp or baseline of the last target that assumes these ids applied (with commas between). */
static inline HistoryEntry *fixture_assume(PlanFixture *self, const char *direction, const char *ids)
{
    g_autofree char *text = g_strconcat(direction, "  done", NULL);
    HistoryEntry *entry = fixture_history(self, text);

    entry->detail = g_strdup(ids);
    return entry;
}

/* The plan of the request, with these goals (blanks between). The goals live as long as the plan's copy. */
static inline Plan *fixture_plan(PlanFixture *self, PlanCommand command, const char *goals)
{
    g_auto(GStrv) words = g_strsplit(goals, " ", -1);

    self->request.command = command;
    self->request.goals = (const char *const *)words;
    self->request.variables = self->variables;
    Plan *plan = plan_build(self->graph, self->targets, self->states, &self->request);
    self->request.goals = NULL;
    return plan;
}

static inline const PlanTarget *plan_target_at(const Plan *plan, unsigned index)
{
    return plan->targets->pdata[index];
}
