#include "base/json_tree.h"

#include <criterion/criterion.h>

static void count_member(const char *key, const JsonNode *value, gpointer context)
{
    unsigned *counts = context;
    counts[key ? 0 : 1]++;
    json_each(value, count_member, context);
}

Test(json_tree, is_walked_by_name_and_index)
{
    g_autoptr(JsonTree) tree = json_tree_parse("{\"a\": [1, \"x\", {\"b\": true}], \"c\": -5}", NULL);
    const JsonNode *root = json_tree_root(tree);
    unsigned counts[2] = {0, 0};
    cr_assert_not_null(tree);
    cr_expect_eq(json_length(json_get(root, "a")), 3);
    cr_expect_eq(json_number(json_at(json_get(root, "a"), 0)), 1);
    cr_expect_str_eq(json_text(json_at(json_get(root, "a"), 1)), "x");
    cr_expect_eq(json_number(json_get(root, "c")), -5);
    json_each(root, count_member, counts);
    cr_expect_eq(counts[0], 3);
    cr_expect_eq(counts[1], 3);
}

Test(json_tree, nothing_is_answered_for_what_is_not_there)
{
    g_autoptr(JsonTree) tree = json_tree_parse("[]", NULL);
    cr_expect_null(json_get(json_tree_root(tree), "a"));
    cr_expect_null(json_text(json_get(NULL, "a")));
    cr_expect_eq(json_length(NULL), 0);
    cr_expect_null(json_at(json_tree_root(tree), 7));
    cr_expect_eq(json_number(NULL), 0);
}

Test(json_tree, what_is_no_json_is_told_with_its_line)
{
    g_autofree char *why = NULL;
    cr_expect_null(json_tree_parse("{\n\"a\": }", &why));
    cr_expect(g_str_has_prefix(why, "line 2: "), "%s", why);
}
