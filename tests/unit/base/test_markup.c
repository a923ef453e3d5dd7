/* Texts of others in XML and Markdown: they stand for themselves, whatever they hold. */
#include "base/markup.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect(char *actual, const char *expected)
{
    cr_expect_str_eq(actual, expected, "%s instead of %s", actual, expected);
    g_free(actual);
}

Test(markup, xml_stands_for_itself)
{
    expect(xml_escape("a < b & \"c\" > 'd'"), "a &lt; b &amp; &quot;c&quot; &gt; &apos;d&apos;");
    expect(xml_escape("two\r\nlines\tand more"), "two\nlines\tand more");
}

Test(markup, what_xml_does_not_allow_is_shown)
{
    expect(xml_escape("\x01\x1b[2J\x7f"), "\\x01\\x1b[2J\\x7f");
    expect(xml_escape("no utf-8: \xff"), "no utf-8: \\xff");
    expect(xml_escape("\xef\xbf\xbe and \xef\xbf\xbf"), "\xef\xbf\xbd and \xef\xbf\xbd");
}

Test(markup, markdown_stands_for_itself)
{
    expect(markdown_escape("a|b *c* _d_ `e` [f](g) <h> &amp; # ~"),
           "a\\|b \\*c\\* \\_d\\_ \\`e\\` \\[f\\](g) &lt;h&gt; &amp;amp; \\# \\~");
    expect(markdown_escape("two\nlines\r\nof it\x1b"), "two lines  of it\\\\x1b");
}

Test(markup, nobody_is_mentioned)
{
    expect(markdown_escape("@team and (@you), me@here"), "@\xe2\x80\x8bteam and (@\xe2\x80\x8byou), me@here");
}

Test(markup, code_holds_backticks)
{
    expect(markdown_code("acme"), "`acme`");
    expect(markdown_code("a`b"), "``a`b``");
    expect(markdown_code("`a``"), "``` `a`` ```");
    expect(markdown_code("a|b"), "a\\|b");
    expect(markdown_code(""), "");
    expect(markdown_code("a\nb"), "`a b`");
}

static void expect_fence(const char *text, unsigned max_lines, const char *expected)
{
    g_autoptr(GString) out = g_string_new(NULL);
    markdown_fence(out, "sql", text, max_lines);
    cr_expect_str_eq(out->str, expected, "%s instead of %s", out->str, expected);
}

Test(markup, fences_are_longer_than_what_they_hold)
{
    expect_fence("select 1;\n", 0, "```sql\nselect 1;\n```\n");
    expect_fence("a\n```\nb", 0, "````sql\na\n```\nb\n````\n");
    expect_fence("a\x1b", 0, "```sql\na\\x1b\n```\n");
}

Test(markup, fences_say_what_they_leave_out)
{
    expect_fence("1\n2\n3\n4", 2, "```sql\n1\n2\n… and 2 more lines\n```\n");
    expect_fence("1\n2", 2, "```sql\n1\n2\n```\n");
}

Test(markup, endless_lines_are_cut_between_characters)
{
    g_autofree char *line = g_strnfill(999, 'x');
    g_autofree char *text = g_strconcat(line, "ää", NULL);
    g_autofree char *expected = g_strconcat("```sql\n", line, "…\n```\n", NULL);
    expect_fence(text, 0, expected);
}
