/* Selectors: Ansible's algebra over this inventory. */
#include "fleet_fixture.h"

#include "inventory/glob_match.h"

static const char *const INVENTORY =
    "targets: [{name: solo, url: \"sqlite:solo.db\"}]\n"
    "groups:\n"
    "  eu:\n"
    "    labels: {region: eu}\n"
    "    targets:\n"
    "      - {name: \"eu-{1..3}\", url: \"sqlite:eu{1..3}.db\"}\n"
    "      - {name: legacy, url: \"sqlite:legacy.db\", labels: {region: us, tier: \"1.0\"}}\n"
    "    groups: {paid: {targets: [{name: gold, url: \"sqlite:gold.db\"}]}}\n"
    "  us: {labels: {region: us}, targets: [{name: us-1, url: \"sqlite:us1.db\"}]}\n";

static char **lookup(void *context, const char *state, const char *run, GError **error)
{
    (void)context;
    g_autofree char *known = g_strdup_printf("%s %s", state, run);
    if (g_str_equal(known, "failed r1"))
        return g_strsplit("eu-2 gone us-1", " ", -1);
    if (g_str_equal(known, "unreachable r1"))
        return g_strsplit("", " ", -1);
    g_set_error(error, SELECTOR_ERROR, SELECTOR_ERROR_UNKNOWN, "no run '%s'", run);
    return NULL;
}

/* Names joined by blanks, or the error's message. */
static char *selected(const Fleet *fleet, const char *expression)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) targets = fleet_select(fleet, expression, lookup, NULL, &error);
    if (targets == NULL)
        return g_strdup(error->message);
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < targets->len; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? " " : "",
                               ((const Target *)g_ptr_array_index(targets, i))->name);
    return g_string_free(g_steal_pointer(&names), FALSE);
}

#define ALL "solo eu-1 eu-2 eu-3 legacy us-1 gold"
#define EU "eu-1 eu-2 eu-3 legacy gold"

static const struct {
    const char *expression;
    const char *expected;
} CASES[] = {
    {NULL, "solo eu-1 eu-2 eu-3 legacy gold us-1"},
    {"all", "solo eu-1 eu-2 eu-3 legacy gold us-1"},
    {"*", "solo eu-1 eu-2 eu-3 legacy gold us-1"},
    {"eu", EU},
    {"paid", "gold"},
    {"solo", "solo"},
    {"solo:us", "solo us-1"},
    {"us,solo", "solo us-1"},
    {" solo , us ", "solo us-1"},
    {"solo::us", "solo us-1"},
    /* intersections and exclusions, whatever their order */
    {"eu:&region=us", "legacy"},
    {"&region=us:eu", "legacy"},
    {"eu:!paid", "eu-1 eu-2 eu-3 legacy"},
    {"!paid:eu", "eu-1 eu-2 eu-3 legacy"},
    {"!eu", "solo us-1"},
    {"&eu", EU},
    {"&eu:!paid:!legacy", "eu-1 eu-2 eu-3"},
    {"!eu-1:eu-1:us", "us-1"},
    {"eu:us:&region=us:!legacy", "us-1"},
    {"! eu", "solo us-1"},
    {"us:&eu", ""},
    /* globs */
    {"eu-*", "eu-1 eu-2 eu-3"},
    {"eu*", "eu-1 eu-2 eu-3"},
    {"?u-1", "eu-1"},
    {"?[us]-1", "eu-1 us-1"},
    {"eu-[12]", "eu-1 eu-2"},
    {"eu-[!12]", "eu-3"},
    {"eu-[^12]", "eu-3"},
    {"[]x]*", ""},
    {"eu-[3-1]", ""},
    {"eu-[1-]", "eu-1"},
    {"*-[1-2],!us*", "eu-1 eu-2"},
    {"[", "no group or target '[' in the inventory: 'dbfleet inventory list' shows what there is"},
    {"nothing*", ""},
    /* regular expressions, anchored at the start as Ansible's */
    {"~eu", "eu-1 eu-2 eu-3"},
    {"~u", "us-1"},
    {"~.*-1$", "eu-1 us-1"},
    {"~(?:eu|us)-[1,2]:!us", "eu-1 eu-2"},
    {"~eu-\\d{1,2}$:&all", "eu-1 eu-2 eu-3"},
    {"&~(eu|us)-1", "eu-1 us-1"},
    {"~[(]x:solo", "solo"},
    /* labels */
    {"region=eu", "eu-1 eu-2 eu-3 gold"},
    {"region=*", EU " us-1"},
    {"region=[!e]*", "legacy us-1"},
    {"tier=1.0", "legacy"},
    {"tier=1?0", "legacy"},
    {"tier=100", ""},
    {"!region=eu", "solo legacy us-1"},
    /* past runs; what left the inventory is passed over */
    {"@failed:r1", "eu-2 us-1"},
    {"@failed:r1:&eu", "eu-2"},
    {"eu:!@failed:r1", "eu-1 eu-3 legacy gold"},
    {"@unreachable:r1", ""},
    /* errors */
    {"eu-9", "no group or target 'eu-9' in the inventory: did you mean 'eu-1'?"},
    {"!pai", "no group or target 'pai' in the inventory: did you mean 'paid'?"},
    {"regoin=eu", "no label 'regoin' in the inventory: did you mean 'region'?"},
    {"@failed:r2", "no run 'r2'"},
    {"@failed:", "'@failed:' names no run: write @failed:RUN"},
    {"@failed", "'@failed' names no run: write @failed:RUN"},
    {"@", "'@' names no file: write @FILE, @failed:RUN or @unreachable:RUN"},
    {"eu:&", "'&' has nothing behind it in the selector"},
    {"!", "'!' has nothing behind it in the selector"},
    {"=x", "'=x' names no label: write label=value"},
    {":,", "the selector ':,' names nothing"},
    {"", "the selector '' names nothing"},
    {"@/nonexistent/file", "@/nonexistent/file cannot be read: "},
    {"~(", "'~(' is no regular expression: "},
    {"~(eu:us", "'~(eu:us' is no regular expression: "},
};

Test(selector, means_what_the_table_says)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(f, INVENTORY);
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *actual = selected(fleet, CASES[i].expression);
        bool prefix = g_str_has_suffix(CASES[i].expected, ": ");
        cr_expect(prefix ? g_str_has_prefix(actual, CASES[i].expected)
                         : g_str_equal(actual, CASES[i].expected),
                  "'%s' gave '%s', wanted '%s'", CASES[i].expression, actual, CASES[i].expected);
    }
}

Test(selector, files_hold_parts)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(f, INVENTORY);
    fixture_write(f, "list", "# the first wave\neu-1   # comment\r\n\n  us\n!eu-3\n");
    fixture_write(f, "only-not", "!eu\n");
    fixture_write(f, "empty", "# nothing\n");
    fixture_write(f, "unknown", "solo\nsoho\n");
    fixture_write(f, "syntax", "solo\n&\n");
    fixture_write(f, "loop", "@loop\n");
    fixture_write(f, "nested", "@list\nsolo\n");
    cr_assert_eq(g_chdir(f->folder), 0);
    expect_text(selected(fleet, "@list"), "eu-1 us-1");
    expect_text(selected(fleet, "@list:eu-3"), "eu-1 us-1");
    expect_text(selected(fleet, "@nested"), "solo eu-1 us-1");
    expect_text(selected(fleet, "eu:&@list"), "eu-1");
    expect_text(selected(fleet, "eu:!@list"), "eu-2 eu-3 legacy gold");
    expect_text(selected(fleet, "@only-not"), "solo us-1");
    expect_text(selected(fleet, "solo:!@only-not"), "");
    expect_text(selected(fleet, "@empty"), "the selector '@empty' names nothing");
    expect_text(selected(fleet, "eu:!@empty"), "@empty selects nothing: it is empty");
    expect_text(selected(fleet, "@unknown"),
                "no group or target 'soho' in the inventory: did you mean 'solo'?");
    expect_text(selected(fleet, "@syntax"), "syntax:2: '&' has nothing behind it in the selector");
    g_autofree char *loop = selected(fleet, "@loop");
    expect_holds(loop, "files of selectors name each other more than 8 deep");
}

Test(selector, without_runs_they_are_refused)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(GError) error = NULL;
    cr_assert_null(fleet_select(fixture_good(f, INVENTORY), "@failed:r1", NULL, NULL, &error));
    cr_expect(g_error_matches(error, SELECTOR_ERROR, SELECTOR_ERROR_SYNTAX));
    expect_holds(error->message, "there are no past runs");
}

Test(selector, tells_syntax_from_unknown_names)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(f, INVENTORY);
    g_autoptr(GError) unknown = NULL, syntax = NULL, bytes = NULL;
    cr_assert_null(fleet_select(fleet, "nobody", NULL, NULL, &unknown));
    cr_assert_null(fleet_select(fleet, "eu:!", NULL, NULL, &syntax));
    cr_assert_null(fleet_select(fleet, "\xff*", NULL, NULL, &bytes));
    cr_expect(g_error_matches(unknown, SELECTOR_ERROR, SELECTOR_ERROR_UNKNOWN));
    cr_expect(g_error_matches(syntax, SELECTOR_ERROR, SELECTOR_ERROR_SYNTAX));
    cr_expect(g_error_matches(bytes, SELECTOR_ERROR, SELECTOR_ERROR_SYNTAX));
}

Test(selector, a_pattern_without_end_is_an_error_not_a_miss)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(
        f, "targets: [{name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-b, url: \"sqlite:x.db\"}]\n");
    g_autofree char *actual = selected(fleet, "~(a+)+$");
    expect_holds(actual, "is too expensive");
}

Test(selector, a_glob_never_takes_long)
{
    static const struct {
        const char *glob;
        const char *text;
        bool matches;
    } GLOBS[] = {{"*a*a*a*a*a*a*a*a*a*a*a*a*b",
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
                 {"****************************e",
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
                 {"a*b*c", "a-b-b-c-c", true},
                 {"a*b*c", "a-c-b", false},
                 {"*", "", true},
                 {"?", "", false},
                 {"", "", true},
                 {"", "a", false},
                 {"a**", "a", true},
                 {"[!a]", "a", false},
                 {"*[!ü]z", "üz", false},
                 {"[a", "[a", true}};
    gint64 start = g_get_monotonic_time();
    for (gsize i = 0; i < G_N_ELEMENTS(GLOBS); i++)
        cr_expect_eq(glob_matches(GLOBS[i].glob, GLOBS[i].text), GLOBS[i].matches, "%s", GLOBS[i].glob);
    cr_expect_lt(g_get_monotonic_time() - start, 20 * G_USEC_PER_SEC);
}

Test(selector, globs_count_characters_not_bytes)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet =
        fixture_good(f, "targets: [{name: zürich, url: \"sqlite:z.db\"}, {name: a.b, url: \"sqlite:a.db\"}, "
                        "{name: axb, url: \"sqlite:x.db\"}]\n");
    expect_text(selected(fleet, "z?rich"), "zürich");
    expect_text(selected(fleet, "z[üu]rich"), "zürich");
    expect_text(selected(fleet, "a.?"), "a.b");
}
