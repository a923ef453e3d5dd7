/* The shelf of scripts: one for all who use it at once, and no more than a few that nobody uses. */
#include "../plan_fixture.h"

TestSuite(script_shelf, .timeout = 30);

/* Sections of a made-up folder; the texts are the caller's. */
static Section section_of(char *text)
{
    static char *none[] = {NULL};

    return (Section){.kind = SECTION_UP,
                     .any_dialect = true,
                     .transaction = true,
                     .text = text,
                     .length = strlen(text),
                     .place = {"aa.sql", 1, 1},
                     .variables = none};
}

static void use(ScriptShelf *shelf, const Section *section)
{
    cr_assert_not_null(script_shelf_take(shelf, section, DIALECT_SQLITE, NULL));
    script_shelf_give_back(shelf, section, DIALECT_SQLITE);
}

Test(script_shelf, all_who_use_a_section_at_once_have_one_script_and_each_dialect_its_own)
{
    g_autoptr(ScriptShelf) shelf = script_shelf_new();
    char text[] = "select 1; select 2";
    const Section section = section_of(text);
    const Script *first = script_shelf_take(shelf, &section, DIALECT_SQLITE, NULL);
    const Script *second = script_shelf_take(shelf, &section, DIALECT_SQLITE, NULL);
    const Script *other = script_shelf_take(shelf, &section, DIALECT_POSTGRES, NULL);

    cr_expect_eq(first, second);
    cr_expect_neq(first, other);
    cr_expect_eq(script_length(first), 2);
    script_shelf_give_back(shelf, &section, DIALECT_SQLITE);
    cr_expect_eq(script_shelf_take(shelf, &section, DIALECT_SQLITE, NULL), first, "one of two still uses it");
    script_shelf_give_back(shelf, &section, DIALECT_SQLITE);
    script_shelf_give_back(shelf, &section, DIALECT_SQLITE);
    script_shelf_give_back(shelf, &section, DIALECT_POSTGRES);
    cr_expect_eq(script_shelf_length(shelf), 2);
}

Test(script_shelf, what_nobody_uses_stays_up_to_a_number_and_what_somebody_uses_always_does)
{
    g_autoptr(ScriptShelf) shelf = script_shelf_new();
    char text[] = "select 1";
    Section sections[3 * SCRIPT_SHELF_UNUSED];
    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++)
        sections[i] = section_of(text);
    const Script *held = script_shelf_take(shelf, &sections[0], DIALECT_SQLITE, NULL);

    for (gsize i = 1; i < G_N_ELEMENTS(sections); i++)
        use(shelf, &sections[i]);
    cr_expect_eq(script_shelf_length(shelf), SCRIPT_SHELF_UNUSED + 1);
    cr_expect_eq(script_shelf_take(shelf, &sections[0], DIALECT_SQLITE, NULL), held);
    script_shelf_give_back(shelf, &sections[0], DIALECT_SQLITE);
    script_shelf_give_back(shelf, &sections[0], DIALECT_SQLITE);
    cr_expect_eq(script_shelf_length(shelf), SCRIPT_SHELF_UNUSED);
}

Test(script_shelf, large_scripts_that_nobody_uses_stay_up_to_a_size_and_the_last_one_whatever_it_is)
{
    g_autoptr(ScriptShelf) shelf = script_shelf_new();
    g_autofree char *text = g_strnfill(SCRIPT_SHELF_UNUSED_TEXT, ' ');
    memcpy(text, "select 1", strlen("select 1"));
    const Section sections[] = {section_of(text), section_of(text), section_of(text)};

    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++) {
        use(shelf, &sections[i]);
        cr_expect_eq(script_shelf_length(shelf), 1);
    }
}

Test(script_shelf, a_section_that_cannot_be_split_is_refused_each_time)
{
    g_autoptr(ScriptShelf) shelf = script_shelf_new();
    char text[] = "select 'open";
    const Section section = section_of(text);

    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;
        cr_expect_null(script_shelf_take(shelf, &section, DIALECT_SQLITE, &error));
        cr_assert(g_error_matches(error, PLAN_ERROR, PROBLEM_SYNTAX));
    }
    cr_expect_eq(script_shelf_length(shelf), 0);
}
