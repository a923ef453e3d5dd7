/* YAML out: whatever is written is read as the same text again. */
#include "base/yaml_out.h"
#include "base/yaml_tree.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect_round_trip(const char *text)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(GString) out = g_string_new("[{k: v");
    const char *read = NULL;
    yaml_out_member(out, "text", text);
    g_string_append(out, "}]\n");
    cr_expect_null(strchr(out->str + 1, '\n')[1] ? out->str : NULL, "more than one line: %s", out->str);
    g_autoptr(YamlTree) tree = yaml_tree_parse(out->str, out->len, "test", problems);
    g_autofree char *told = diagnostics_to_string(problems);
    cr_assert_not_null(tree, "%s: %s", out->str, told);
    cr_assert(yaml_as_text(yaml_get(yaml_at(yaml_tree_root(tree), 0), "text"), "text", &read, problems));
    cr_expect_str_eq(read, text);
}

Test(yaml_out, whatever_is_written_is_read_again)
{
    static const char *const texts[] = {"plain",
                                        "",
                                        " ",
                                        "null",
                                        "NO",
                                        "y",
                                        "3",
                                        "3.5",
                                        "2%",
                                        "a: b",
                                        "- a",
                                        "#x",
                                        "{a}",
                                        "\"",
                                        "\\",
                                        "'",
                                        "a\nb",
                                        "a\tb",
                                        "\x01\x7f",
                                        "\u2028 and \xc2\x85",
                                        "\u202e turned",
                                        "\ufeff",
                                        "\U0001f600",
                                        "grün",
                                        "*a",
                                        "&a",
                                        "!a",
                                        "~",
                                        "a\r\nb",
                                        ", key: value"};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        expect_round_trip(texts[i]);
}

Test(yaml_out, words_stay_plain_and_lists_are_lists)
{
    g_autoptr(GString) out = g_string_new(NULL);
    char *texts[] = {"a", "b c", NULL};
    yaml_out_list(out, texts);
    cr_expect_str_eq(out->str, "[a, \"b c\"]");
    yaml_out_member(out, "none", NULL);
    cr_expect_str_eq(out->str, "[a, \"b c\"]");
}

Test(yaml_out, what_is_not_utf_8_is_replaced)
{
    g_autoptr(GString) out = g_string_new(NULL);
    yaml_out_text(out, "a\xff");
    cr_expect_str_eq(out->str, "\"a\xef\xbf\xbd\"");
}
