/* Waves: who is in which, and in which order targets start. */
#include "planner_case.h"
#include "plans/waves.h"

TestSuite(waves);

#define FLEET_SIZE 20

/* t00 … t19; those before `at_goal` have nothing to do. */
static Plan *plan_of_twenty(PlanFixture *files, unsigned at_goal)
{
    for (unsigned i = 0; i < FLEET_SIZE; i++) {
        g_autofree char *name = g_strdup_printf("t%02u", i);
        fixture_add(files, name, DIALECT_SQLITE, i < at_goal ? "cc" : "aa");
    }
    return fixture_plan(files, PLAN_UPGRADE, "head");
}

/* The policy of a rollout: mapping. */
static void read_policy(RolloutPolicy *policy, const char *yaml)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(YamlTree) tree = yaml_tree_parse(yaml, strlen(yaml), "dbfleet.yaml", problems);
    rollout_policy_init(policy);
    must(tree, "not YAML");
    rollout_policy_read(policy, yaml_tree_root(tree), "/", problems);
    g_autofree char *told = diagnostics_to_string(problems);
    must(!diagnostics_has_errors(problems), "%s", told);
}

/* Names with commas; "nosuch" is refused. */
static GPtrArray *select_names(gpointer context, const char *selector, GError **error)
{
    const Plan *plan = context;
    g_auto(GStrv) names = g_strsplit(selector, ",", -1);
    if (g_str_equal(selector, "nosuch")) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "no group or target is called nosuch");
        return NULL;
    }
    GPtrArray *found = g_ptr_array_new();
    for (guint i = 0; i < plan->targets->len; i++)
        if (g_strv_contains((const char *const *)names, plan_target_at(plan, i)->target->name))
            g_ptr_array_add(found, (gpointer)plan_target_at(plan, i)->target);
    return found;
}

/* "canary: t05; 10%: t00 t01": the plan's waves with their targets in the order to start. */
static char *waves_text(const Plan *plan)
{
    GString *text = g_string_new(NULL);
    unsigned last = G_MAXUINT;
    for (guint i = 0; i < plan->order->len; i++) {
        const PlanTarget *target = plan_target_at(plan, g_array_index(plan->order, guint, i));
        if (plan->waves && target->wave != last)
            g_string_append_printf(text, "%s%s:", last == G_MAXUINT ? "" : "; ",
                                   ((const PlanWave *)plan->waves->pdata[target->wave])->name);
        last = target->wave;
        g_string_append_printf(text, " %s", target->target->name);
    }
    return g_string_free(text, FALSE);
}

static void take(Plan *plan, const RolloutPolicy *policy)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    bool good = plan_take_waves(plan, policy, select_names, plan, problems);
    g_autofree char *told = diagnostics_to_string(problems);
    must(good, "%s", told);
}

static void expect_waves(unsigned at_goal, const char *yaml, const char *expected, const char *left_out)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = plan_of_twenty(&files, at_goal);
    RolloutPolicy policy;
    read_policy(&policy, yaml);
    take(plan, &policy);
    g_autofree char *text = waves_text(plan);
    g_autofree char *left = plan->left_out ? g_strjoinv(" ", plan->left_out) : NULL;

    cr_expect_str_eq(text, expected);
    cr_expect(g_strcmp0(left, left_out) == 0, "left out: %s", left ? left : "none");
    rollout_policy_clear(&policy);
}

Test(waves, selector_count_share_and_rest_in_their_order)
{
    expect_waves(10, "waves: [\"t15,t12\", 2, 25%, rest]",
                 "t15,t12: t12 t15; 2: t10 t11; 25%: t13 t14 t16; rest: t17 t18 t19", NULL);
}

Test(waves, the_first_that_takes_a_target_has_it)
{
    expect_waves(14, "waves: [{name: a, targets: \"t15,t16\"}, {name: b, targets: \"t16,t17\"}, rest]",
                 "a: t15 t16; b: t17; rest: t14 t18 t19", NULL);
}

Test(waves, counts_leave_those_that_a_later_selector_means)
{
    expect_waves(15, "waves: [1, {name: last, targets: t15}, rest]", "1: t16; last: t15; rest: t17 t18 t19",
                 NULL);
}

Test(waves, what_no_wave_takes_forms_a_last_one)
{
    expect_waves(15, "waves: [2]", "2: t15 t16; leftovers: t17 t18 t19", NULL);
    expect_waves(17, "waves: [{name: leftovers, targets: 2}]", "leftovers: t17 t18; leftovers+: t19", NULL);
}

Test(waves, a_wave_that_takes_none_is_left_out)
{
    expect_waves(18, "waves: [{name: done, targets: \"t01\"}, 5, rest]", "5: t18 t19", "done rest");
    expect_waves(20, "waves: [5, rest]", "", NULL);
}

Test(waves, those_that_cannot_be_reached_are_counted_where_a_selector_means_them)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    fixture_add_unreachable(&files, "far", "no route");
    fixture_add_unreachable(&files, "gone", "no route");
    fixture_add(&files, "t1", DIALECT_SQLITE, "aa");
    fixture_add(&files, "t2", DIALECT_SQLITE, "aa");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    RolloutPolicy policy;
    read_policy(&policy, "waves: [{name: canary, targets: far}, {name: some, targets: \"gone,t1\"}, rest]");
    take(plan, &policy);
    g_autofree char *text = waves_text(plan);
    const PlanWave *canary = plan->waves->pdata[0], *some = plan->waves->pdata[1];

    cr_expect_str_eq(text, "some: t1; rest: t2");
    cr_expect_eq(plan->waves->len, 3);
    cr_expect_str_eq(canary->name, "canary");
    cr_expect_eq(canary->targets, 0);
    cr_expect_eq(canary->unreachable, 1);
    cr_expect_eq(some->targets, 1);
    cr_expect_eq(some->unreachable, 1);
    rollout_policy_clear(&policy);
}

/* A canary in that state, in front of the rest: what speaks against going on. Caller frees. */
static char *hollow_canary(void (*add)(PlanFixture *files), const char *waves)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    add(&files);
    fixture_add(&files, "t1", DIALECT_SQLITE, "aa");
    fixture_add(&files, "t2", DIALECT_SQLITE, "aa");
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    RolloutPolicy policy;
    read_policy(&policy, waves);
    take(plan, &policy);
    char *told = plan_wave_hollow(plan, 0);
    rollout_policy_clear(&policy);
    return told;
}

static void add_unknown(PlanFixture *files)
{
    fixture_add(files, "c1", DIALECT_SQLITE, "zzz");
}

static void add_two_lost(PlanFixture *files)
{
    fixture_add(files, "c1", DIALECT_SQLITE, "zzz");
    fixture_add_unreachable(files, "c2", "no route");
}

static void add_lost_and_done(PlanFixture *files)
{
    fixture_add_unreachable(files, "c2", "no route");
    fixture_add(files, "c1", DIALECT_SQLITE, "cc");
}

Test(waves, a_canary_of_which_nothing_can_be_changed_protects_nothing)
{
    g_autofree char *blocked = hollow_canary(add_unknown, "waves: [{name: canary, targets: c1}, rest]");
    g_autofree char *both = hollow_canary(add_two_lost, "waves: [{name: canary, targets: \"c1,c2\"}, rest]");
    cr_assert_not_null(blocked);
    cr_expect_str_eq(blocked, "wave canary: none of its targets could be changed (1 blocked): nothing is "
                              "known of how the others would do");
    cr_assert_not_null(both);
    cr_expect(strstr(both, "(1 blocked, 1 unreachable)"), "%s", both);
}

Test(waves, one_that_is_tried_or_at_the_goal_or_has_nobody_behind_it_holds_nothing_up)
{
    cr_expect_null(hollow_canary(add_unknown, "waves: [{name: canary, targets: \"c1,t1\"}, rest]"));
    cr_expect_null(hollow_canary(add_lost_and_done, "waves: [{name: canary, targets: \"c1,c2\"}, rest]"));
    cr_expect_null(hollow_canary(add_unknown, "waves: [1, {name: last, targets: c1}, rest]"));
}

Test(waves, a_share_is_rounded_up)
{
    expect_waves(0, "waves: [1%, 35%, rest]",
                 "1%: t00; 35%: t01 t02 t03 t04 t05 t06 t07; rest: t08 t09 t10 t11 t12 t13 t14 t15 t16 t17 "
                 "t18 t19",
                 NULL);
}

Test(waves, without_waves_there_is_an_order_only)
{
    expect_waves(17, "order: inventory", " t17 t18 t19", NULL);
    expect_waves(17, "gates: {exec: [\"true\"]}", "all: t17 t18 t19", NULL);
    expect_waves(20, "gates: {exec: [\"true\"]}", "", NULL);
}

Test(waves, a_shuffle_is_the_same_with_the_same_seed)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = plan_of_twenty(&files, 0);
    g_autofree char *texts[3] = {NULL};
    static const char *const orders[] = {"order: shuffle(7)", "order: shuffle(7)", "order: shuffle(8)"};
    for (int i = 0; i < 3; i++) {
        RolloutPolicy policy;
        read_policy(&policy, orders[i]);
        take(plan, &policy);
        texts[i] = waves_text(plan);
        rollout_policy_clear(&policy);
    }
    cr_expect_str_eq(texts[0], texts[1]);
    cr_expect_str_neq(texts[0], texts[2]);
    cr_expect(!g_str_has_prefix(texts[0], " t00 t01 t02"), "%s", texts[0]);
    g_free(texts[1]);
    g_free(texts[2]);
}

Test(waves, smallest_databases_first_and_unknown_ones_last)
{
    static const gint64 sizes[] = {900, -1, 10, 1000000000000, 90, 0};
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *name = g_strdup_printf("t%zu", i);
        fixture_add(&files, name, DIALECT_SQLITE, "aa");
        fixture_last_state(&files)->size_bytes = sizes[i];
    }
    g_autoptr(Plan) plan = fixture_plan(&files, PLAN_UPGRADE, "head");
    RolloutPolicy policy;
    read_policy(&policy, "{order: size, waves: [3, rest]}");
    take(plan, &policy);
    g_autofree char *text = waves_text(plan);

    cr_expect_str_eq(text, "3: t5 t2 t4; rest: t0 t3 t1");
    rollout_policy_clear(&policy);
}

Test(waves, every_selector_that_cannot_be_read_is_told_and_nothing_changes)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = plan_of_twenty(&files, 0);
    g_autoptr(Diagnostics) problems = diagnostics_new();
    RolloutPolicy policy;
    read_policy(&policy, "waves: [nosuch, {name: other, targets: nosuch}]");

    cr_expect_not(plan_take_waves(plan, &policy, select_names, plan, problems));
    cr_expect_eq(diagnostics_count(problems, DIAGNOSTIC_ERROR), 2);
    cr_expect_null(plan->waves);
    cr_expect_null(plan->order);
    rollout_policy_clear(&policy);
}

Test(waves, taken_again_they_are_as_new)
{
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = plan_of_twenty(&files, 17);
    RolloutPolicy waved, plain;
    read_policy(&waved, "waves: [1, rest]");
    read_policy(&plain, "{}");
    take(plan, &waved);
    take(plan, &plain);

    cr_expect_null(plan->waves);
    cr_expect_eq(plan_target_at(plan, 19)->wave, 0);
    rollout_policy_clear(&waved);
    rollout_policy_clear(&plain);
}

/* ---- As before ---- */

/* t17 was in "first", t18 in "second", t19 in one that is no more. */
static const char *was_in(gpointer context, const Target *target)
{
    (void)context;
    return g_str_equal(target->name, "t17")   ? "first"
           : g_str_equal(target->name, "t18") ? "second"
           : g_str_equal(target->name, "t19") ? "third"
                                              : NULL;
}

Test(waves, those_of_a_run_that_is_gone_on_with)
{
    static const char *const names[] = {"zeroth", "second", "first", NULL};
    g_auto(PlanFixture) files = plan_fixture_of(THREE_FILES);
    g_autoptr(Plan) plan = plan_of_twenty(&files, 16);
    RolloutPolicy policy;
    read_policy(&policy,
                "{soak: 1min, confirm: true, waves: [{name: second, targets: 50%, soak: 5s, confirm: "
                "false, gates: []}, rest], gates: {exec: [\"true\"]}}");
    plan_restore_waves(plan, &policy, names, was_in, NULL);
    g_autofree char *text = waves_text(plan);
    const PlanWave *second = plan->waves->pdata[1], *first = plan->waves->pdata[2];

    cr_expect_str_eq(text, "second: t18; first: t17; leftovers: t16 t19");
    cr_expect_null(plan->left_out);
    cr_expect_eq(plan_wave_soak_ms(second, &policy), 5000);
    cr_expect_not(plan_wave_confirms(second, &policy));
    cr_expect_eq(plan_wave_gates(second, &policy)->len, 0);
    cr_expect_eq(plan_wave_soak_ms(first, &policy), 60000);
    cr_expect(plan_wave_confirms(first, &policy));
    cr_expect_eq(plan_wave_gates(first, &policy)->len, 1);
    cr_expect_eq(plan_wave_find(plan, "first"), first);
    cr_expect_eq(plan_wave_find(plan, "zeroth")->targets, 0);
    cr_expect_null(plan_wave_find(plan, "third"));
    rollout_policy_clear(&policy);
}
