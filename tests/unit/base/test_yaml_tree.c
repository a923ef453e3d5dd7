/* YAML trees: structure, places, aliases, merge keys and typed readers. Errors are in test_yaml_errors.c. */
#include "base/yaml_tree.h"

#include <criterion/criterion.h>
#include <time.h>

static Diagnostics *problems;

static void set_up(void)
{
    problems = diagnostics_new();
}

static void tear_down(void)
{
    diagnostics_free(problems);
}

TestSuite(yaml_tree, .init = set_up, .fini = tear_down);
TestSuite(yaml_read, .init = set_up, .fini = tear_down);

static YamlTree *parse(const char *text)
{
    YamlTree *tree = yaml_tree_parse(text, strlen(text), "t.yaml", problems);
    g_autofree char *errors = diagnostics_to_string(problems);
    cr_assert_not_null(tree, "%s", errors);
    cr_assert_str_empty(errors);
    return tree;
}

static void assert_place(SourcePlace place, unsigned line, unsigned column)
{
    cr_assert_str_eq(place.file, "t.yaml");
    cr_assert_eq(place.line, line, "line %u", place.line);
    cr_assert_eq(place.column, column, "column %u", place.column);
}

static void append_node(GString *text, const YamlNode *node)
{
    YamlKind kind = yaml_kind(node);
    if (kind == YAML_NULL)
        g_string_append(text, "~");
    else if (kind == YAML_SCALAR)
        g_string_append_printf(text, yaml_is_quoted(node) ? "'%s'" : "%s", yaml_text(node));
    if (kind != YAML_SEQUENCE && kind != YAML_MAPPING)
        return;
    g_string_append_c(text, kind == YAML_SEQUENCE ? '[' : '{');
    for (unsigned i = 0; i < yaml_length(node); i++) {
        g_string_append(text, i > 0 ? " " : "");
        if (kind == YAML_MAPPING)
            g_string_append_printf(text, "%s:", yaml_key_at(node, i));
        append_node(text, yaml_at(node, i));
    }
    g_string_append_c(text, kind == YAML_SEQUENCE ? ']' : '}');
}

/* The whole tree on one line. */
static void assert_tree(const char *source, const char *expected)
{
    g_autoptr(YamlTree) tree = parse(source);
    g_autoptr(GString) text = g_string_new(NULL);
    append_node(text, yaml_tree_root(tree));
    cr_assert_str_eq(text->str, expected, "%s gives %s", source, text->str);
}

Test(yaml_tree, reads_structure)
{
    assert_tree("a: 1\nb: [x, 'y', \"z\"]\nc:\n  - d: e\n  - |\n    block\n",
                "{a:1 b:[x 'y' 'z'] c:[{d:e} 'block\n']}");
    assert_tree("[]", "[]");
    assert_tree("{}", "{}");
    assert_tree("just text", "just text");
    assert_tree("? long\n: value\n", "{long:value}");
    assert_tree("%YAML 1.1\n---\na: b\n...\n", "{a:b}");
    assert_tree("a: >\n  folded\n  text\n", "{a:'folded text\n'}");
}

Test(yaml_tree, an_empty_document_is_null)
{
    assert_tree("", "~");
    assert_tree("# only a comment\n", "~");
    assert_tree("---\n", "~");
    assert_tree("\xEF\xBB\xBF", "~");
    g_autoptr(YamlTree) tree = parse("");
    assert_place(yaml_place(yaml_tree_root(tree)), 1, 1);
}

Test(yaml_tree, plain_nulls_are_null_and_quoted_ones_text)
{
    assert_tree("[null, ~, Null, NULL, nULL, '', 'null', \"~\", !!str null, ! ~]",
                "[~ ~ ~ ~ nULL '' 'null' '~' 'null' '~']");
    assert_tree("a:\nb: \n", "{a:~ b:~}");
}

Test(yaml_tree, keys_are_text_whatever_they_look_like)
{
    assert_tree("{1: a, yes: b, null: c, '': d, \"q r\": e, 2.5: f}", "{1:a yes:b null:c :d q r:e 2.5:f}");
}

Test(yaml_tree, nodes_and_keys_know_their_places)
{
    g_autoptr(YamlTree) tree = parse("groups:\n  größe: {url: x}\n  list:\n    - 'a'\n");
    const YamlNode *groups = yaml_get(yaml_tree_root(tree), "groups");
    const YamlNode *group = yaml_at(groups, 0);
    assert_place(yaml_place(groups), 2, 3);
    assert_place(yaml_key_place_at(groups, 0), 2, 3);
    assert_place(yaml_place(group), 2, 10);
    assert_place(yaml_place(yaml_get(group, "url")), 2, 16);
    assert_place(yaml_place(yaml_at(yaml_get(groups, "list"), 0)), 4, 7);
}

Test(yaml_tree, a_byte_order_mark_does_not_move_columns)
{
    g_autoptr(YamlTree) tree = parse("\xEF\xBB\xBF"
                                     "a: b\n");
    assert_place(yaml_key_place_at(yaml_tree_root(tree), 0), 1, 1);
    assert_place(yaml_place(yaml_get(yaml_tree_root(tree), "a")), 1, 4);
}

Test(yaml_tree, windows_line_ends_count_once)
{
    g_autoptr(YamlTree) tree = parse("a: b\r\nc: d\r\n");
    assert_place(yaml_place(yaml_get(yaml_tree_root(tree), "c")), 2, 4);
    cr_assert_str_eq(yaml_text(yaml_get(yaml_tree_root(tree), "a")), "b");
}

Test(yaml_tree, aliases_share_the_node)
{
    g_autoptr(YamlTree) tree = parse("a: &x {k: v}\nb: *x\nc: [*x]\n");
    const YamlNode *root = yaml_tree_root(tree);
    cr_assert_eq(yaml_get(root, "a"), yaml_get(root, "b"));
    cr_assert_eq(yaml_get(root, "a"), yaml_at(yaml_get(root, "c"), 0));
    assert_place(yaml_place(yaml_get(root, "b")), 1, 4); /* libyaml counts the anchor to the node */
}

Test(yaml_tree, an_anchor_on_a_key_and_an_alias_as_key)
{
    assert_tree("{&k a: 1, b: *k, c: {*k : 2}}", "{a:1 b:a c:{a:2}}");
}

Test(yaml_tree, the_latest_anchor_of_a_name_counts)
{
    assert_tree("[&a 1, *a, &a 2, *a]", "[1 1 2 2]");
}

Test(yaml_tree, merge_keys_add_what_is_missing)
{
    assert_tree("[&a {x: 1, y: 2}, {<<: *a, y: 3, z: 4}]", "[{x:1 y:2} {y:3 z:4 x:1}]");
    assert_tree("[&a {x: 1}, &b {x: 2, y: 2}, {<<: [*a, *b]}]", "[{x:1} {x:2 y:2} {x:1 y:2}]");
    assert_tree("[&a {x: 1}, &b {<<: *a, y: 2}, {<<: *b}]", "[{x:1} {y:2 x:1} {y:2 x:1}]");
    assert_tree("{<<: {x: 1}, y: 2}", "{y:2 x:1}");
    assert_tree("{<<: [], y: 2}", "{y:2}");
    assert_tree("{'<<': 1, y: 2}", "{<<:1 y:2}");
}

Test(yaml_tree, a_merged_key_keeps_its_own_place)
{
    g_autoptr(YamlTree) tree = parse("base: &b\n  x: 1\nuse:\n  <<: *b\n");
    const YamlNode *use = yaml_get(yaml_tree_root(tree), "use");
    assert_place(yaml_key_place_at(use, 0), 2, 3);
    assert_place(yaml_place(use), 4, 3);
}

Test(yaml_tree, finds_every_key_of_small_and_large_mappings)
{
    for (unsigned size = 0; size < 60; size++) {
        g_autoptr(GString) text = g_string_new("{");
        for (unsigned i = 0; i < size; i++)
            g_string_append_printf(text, "k%u: %u, ", i * 37 % 101, i);
        g_string_append_c(text, '}');
        g_autoptr(YamlTree) tree = parse(text->str);
        const YamlNode *root = yaml_tree_root(tree);
        cr_assert_eq(yaml_length(root), size);
        for (unsigned i = 0; i < size; i++) {
            g_autofree char *key = g_strdup_printf("k%u", i * 37 % 101);
            cr_assert_eq(yaml_get(root, key), yaml_at(root, i));
            cr_assert_str_eq(yaml_key_at(root, i), key);
        }
        cr_assert_null(yaml_key_at(root, size));
        cr_assert_null(yaml_at(root, size));
        cr_assert_null(yaml_get(root, ""));
        cr_assert_null(yaml_get(root, "k1000"));
        cr_assert_null(yaml_get(root, "zz"));
    }
}

Test(yaml_tree, questions_about_the_wrong_kind_have_empty_answers)
{
    g_autoptr(YamlTree) tree = parse("{list: [a], text: b}");
    const YamlNode *root = yaml_tree_root(tree);
    const YamlNode *list = yaml_get(root, "list"), *text = yaml_get(root, "text");
    cr_expect_null(yaml_get(list, "a"));
    cr_expect_null(yaml_key_at(list, 0));
    cr_expect_null(yaml_at(list, 1));
    cr_expect_null(yaml_at(text, 0));
    cr_expect_null(yaml_text(list));
    cr_expect_eq(yaml_length(text), 0);
    cr_expect_null(yaml_key_at(root, 2));
    cr_expect_eq(yaml_key_place_at(list, 0).line, 0);
    cr_expect_eq(yaml_kind(NULL), YAML_NULL);
    cr_expect_null(yaml_get(NULL, "a"));
    cr_expect_null(yaml_text(NULL));
    cr_expect_eq(yaml_length(NULL), 0);
    cr_expect_not(yaml_is_quoted(NULL));
    cr_expect_null(yaml_place(NULL).file);
}

Test(yaml_tree, two_hundred_levels_are_read)
{
    g_autofree char *open = g_strnfill(200, '[');
    g_autofree char *close = g_strnfill(200, ']');
    g_autofree char *text = g_strconcat(open, close, NULL);
    g_autoptr(YamlTree) tree = parse(text);
    cr_assert_not_null(tree);
}

Test(yaml_tree, a_fleet_of_ten_thousand_is_read_quickly)
{
    g_autoptr(GString) text = g_string_new("targets:\n");
    for (int i = 0; i < 10000; i++)
        g_string_append_printf(
            text, "  - {name: eu-%05d, url: \"postgresql://m@db%d/eu_%05d\", labels: {region: eu}}\n", i,
            i % 9, i);
    gint64 started = clock();
    g_autoptr(YamlTree) tree = parse(text->str);
    gint64 elapsed = clock() - started;
    cr_assert_eq(yaml_length(yaml_get(yaml_tree_root(tree), "targets")), 10000);
    cr_assert_lt(elapsed, 10 * G_USEC_PER_SEC, "took %" G_GINT64_FORMAT " us",
                 elapsed); /* 20 ms without sanitizers */
}

Test(yaml_tree, ten_thousand_keys_are_no_quadratic_work)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < 50000; i++)
        g_string_append_printf(text, "key%d: v\n", i);
    gint64 started = clock();
    g_autoptr(YamlTree) tree = parse(text->str);
    const YamlNode *root = yaml_tree_root(tree);
    unsigned missing = 0; /* one assertion: each is a message to the test's runner */
    for (unsigned i = 0; i < yaml_length(root); i++)
        missing += yaml_get(root, yaml_key_at(root, i)) == NULL;
    gint64 took = clock() - started;
    cr_assert_eq(missing, 0);
    cr_assert_lt(took, 10 * G_USEC_PER_SEC);
}

/* --- typed readers --- */

static void assert_problems(const char *expected)
{
    g_autofree char *text = diagnostics_to_string(problems);
    cr_assert_str_eq(text, expected);
}

Test(yaml_read, text_is_any_scalar)
{
    g_autoptr(YamlTree) tree = parse("[a, 5, true, '', \"x\"]");
    static const char *const EXPECTED[] = {"a", "5", "true", "", "x"};
    for (unsigned i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
        const char *value = NULL;
        cr_assert(yaml_as_text(yaml_at(yaml_tree_root(tree), i), "it", &value, problems));
        cr_assert_str_eq(value, EXPECTED[i]);
    }
}

Test(yaml_read, text_is_no_list_no_mapping_and_not_nothing)
{
    g_autoptr(YamlTree) tree = parse("- [a]\n- {a: b}\n-\n");
    const char *value = "unchanged";
    for (unsigned i = 0; i < 3; i++)
        cr_assert_not(yaml_as_text(yaml_at(yaml_tree_root(tree), i), "name", &value, problems));
    cr_assert_not(yaml_as_text(NULL, "url", &value, problems));
    cr_assert_str_eq(value, "unchanged");
    assert_problems("error: url is empty: it must be text\n"
                    "t.yaml:1:3: error: name must be text, not a list\n"
                    "t.yaml:2:3: error: name must be text, not a mapping\n"
                    "t.yaml:3:2: error: name is empty: it must be text\n");
}

Test(yaml_read, booleans_are_yaml_words)
{
    g_autoptr(YamlTree) tree = parse("[true, Yes, ON, false, No, off]");
    for (unsigned i = 0; i < 6; i++) {
        bool value = i >= 3;
        cr_assert(yaml_as_bool(yaml_at(yaml_tree_root(tree), i), "it", &value, problems));
        cr_assert_eq(value, i < 3);
    }
}

Test(yaml_read, other_booleans_are_refused)
{
    g_autoptr(YamlTree) tree = parse("- 'Yes'\n- 1\n- y\n- []\n- truely\n");
    bool value = true;
    for (unsigned i = 0; i < 5; i++)
        cr_assert_not(yaml_as_bool(yaml_at(yaml_tree_root(tree), i), "create", &value, problems));
    cr_assert(value);
    assert_problems("t.yaml:1:3: error: create must be true or false: write yes without quotes\n"
                    "t.yaml:2:3: error: create must be true or false, not '1'\n"
                    "t.yaml:3:3: error: create must be true or false, not 'y'\n"
                    "t.yaml:4:3: error: create must be true or false, not a list\n"
                    "t.yaml:5:3: error: create must be true or false, not 'truely'\n");
}

Test(yaml_read, numbers_within_bounds)
{
    g_autoptr(YamlTree) tree = parse("[0, 8, 4294967295]");
    unsigned value = 1;
    cr_assert(yaml_as_unsigned(yaml_at(yaml_tree_root(tree), 0), "it", 0, 5, &value, problems));
    cr_assert_eq(value, 0);
    cr_assert(yaml_as_unsigned(yaml_at(yaml_tree_root(tree), 1), "it", 8, 8, &value, problems));
    cr_assert_eq(value, 8);
    cr_assert(yaml_as_unsigned(yaml_at(yaml_tree_root(tree), 2), "it", 0, G_MAXUINT, &value, problems));
    cr_assert_eq(value, G_MAXUINT);
}

Test(yaml_read, other_numbers_are_refused)
{
    static const char *const CASES[] = {
        "0", "101", "-1", "+5", "1.5", "010", "0x10", "1_0", "ten", "5s", "99999999999999999999"};
    unsigned value = 77;
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(YamlTree) tree = yaml_tree_parse(CASES[i], strlen(CASES[i]), CASES[i], problems);
        cr_expect_not(yaml_as_unsigned(yaml_tree_root(tree), "jobs", 1, 100, &value, problems), "%s",
                      CASES[i]);
        const GPtrArray *list = diagnostics_list(problems);
        cr_expect_eq(list->len, i + 1);
    }
    cr_assert_eq(value, 77);
}

Test(yaml_read, messages_on_numbers_say_what_is_wanted)
{
    g_autoptr(YamlTree) tree = parse("- '8'\n- 200\n- many\n-\n");
    unsigned value = 77;
    for (unsigned i = 0; i < 4; i++)
        (void)yaml_as_unsigned(yaml_at(yaml_tree_root(tree), i), "jobs", 1, 100, &value, problems);
    (void)yaml_as_unsigned(yaml_at(yaml_tree_root(tree), 2), "cap", 1, G_MAXUINT, &value, problems);
    assert_problems("t.yaml:1:3: error: jobs must be a whole number: write it without quotes\n"
                    "t.yaml:2:3: error: jobs must be a whole number from 1 to 100, not '200'\n"
                    "t.yaml:3:3: error: jobs must be a whole number from 1 to 100, not 'many'\n"
                    "t.yaml:3:3: error: cap must be a whole number of at least 1, not 'many'\n"
                    "t.yaml:4:2: error: jobs is empty: it must be a whole number\n");
}

Test(yaml_read, durations)
{
    g_autoptr(YamlTree) tree = parse("- 15min\n- '2h'\n- 5\n- soon\n- {}\n");
    const YamlNode *root = yaml_tree_root(tree);
    gint64 value = 0;
    cr_assert(yaml_as_duration(yaml_at(root, 0), "lock_timeout", &value, problems));
    cr_assert_eq(value, 900000);
    cr_assert(yaml_as_duration(yaml_at(root, 1), "lock_timeout", &value, problems));
    cr_assert_eq(value, 7200000);
    for (unsigned i = 2; i < 5; i++)
        cr_assert_not(yaml_as_duration(yaml_at(root, i), "lock_timeout", &value, problems));
    cr_assert_eq(value, 7200000);
    assert_problems(
        "t.yaml:3:3: error: lock_timeout has no unit: write 5ms, 5s, 5min, 5h or 5d\n"
        "t.yaml:4:3: error: lock_timeout must be a duration such as 500ms, 5s, 15min, 2h or 1d, not 'soon'\n"
        "t.yaml:5:3: error: lock_timeout must be a duration such as 500ms, 5s, 15min, 2h or 1d, not a "
        "mapping\n");
}

Test(yaml_read, a_long_value_is_shown_in_part)
{
    g_autoptr(YamlTree) tree = parse("ääääääääääääääääääääääääääääääääääääääääääää");
    bool value = false;
    cr_assert_not(yaml_as_bool(yaml_tree_root(tree), "x", &value, problems));
    assert_problems(
        "t.yaml:1:1: error: x must be true or false, not 'ääääääääääääääääääääääääääääääääääääääää…'\n");
}

Test(yaml_read, unknown_keys_are_all_reported)
{
    static const char *const KNOWN[] = {"name", "url", "per_host", NULL};
    g_autoptr(YamlTree) tree = parse("name: a\nulr: b\nper-host: 3\nzone: x\n");
    cr_assert_not(yaml_check_keys(yaml_tree_root(tree), "a target", KNOWN, problems));
    assert_problems(
        "t.yaml:2:1: error: unknown key 'ulr' in a target: did you mean 'url'?\n"
        "t.yaml:3:1: error: unknown key 'per-host' in a target: did you mean 'per_host'?\n"
        "t.yaml:4:1: error: unknown key 'zone' in a target: known keys are name, url, per_host\n");
}

Test(yaml_read, known_keys_and_other_kinds_pass)
{
    static const char *const KNOWN[] = {"name", NULL};
    g_autoptr(YamlTree) tree = parse("[{name: a}, {}, [x], text]");
    for (unsigned i = 0; i < 4; i++)
        cr_assert(yaml_check_keys(yaml_at(yaml_tree_root(tree), i), "it", KNOWN, problems));
    assert_problems("");
}
