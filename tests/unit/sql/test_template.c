/* Template variables in SQL. */
#include <criterion/criterion.h>
#include <string.h>

#include "sql/template.h"

static GHashTable *variables_new(void)
{
    GHashTable *variables = g_hash_table_new(g_str_hash, g_str_equal);

    g_hash_table_insert(variables, (gpointer) "tenant", (gpointer) "ac\"me");
    g_hash_table_insert(variables, (gpointer) "name", (gpointer) "O'Neil \\ ü");
    g_hash_table_insert(variables, (gpointer) "a.b_1", (gpointer) "");
    return variables;
}

static void expect_rendered(Dialect dialect, const char *text, const char *expected)
{
    g_autoptr(GHashTable) variables = variables_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *found = sql_template_render(text, strlen(text), dialect, variables, &error);

    cr_assert_null(error, "%s: %s", text, error ? error->message : "");
    cr_expect_str_eq(found, expected, "<%s> instead of <%s>", found, expected);
}

static void expect_names(const char *text, const char *expected)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_auto(GStrv) names = sql_template_names(text, strlen(text), (SourcePlace){"a.sql", 1, 1}, problems);
    g_autofree char *list = names == NULL ? NULL : g_strjoinv(",", names);

    cr_expect_not(diagnostics_has_errors(problems));
    cr_expect_str_eq(list, expected, "%s: <%s> instead of <%s>", text, list, expected);
}

static void expect_malformed(const char *text, const char *expected)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(GHashTable) variables = variables_new();
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) names = sql_template_names(text, strlen(text), (SourcePlace){"a.sql", 1, 1}, problems);
    g_autofree char *found = diagnostics_to_string(problems);
    g_autofree char *sql = sql_template_render(text, strlen(text), DIALECT_SQLITE, variables, &error);

    cr_expect_null(names);
    cr_expect_str_eq(found, expected, "<%s> instead of <%s>", found, expected);
    cr_expect_null(sql);
    cr_expect(g_error_matches(error, SQL_TEMPLATE_ERROR, SQL_TEMPLATE_ERROR_MALFORMED));
}

Test(template, filters_say_how_a_value_enters)
{
    expect_rendered(DIALECT_POSTGRES, "create schema {{ tenant | ident }};", "create schema \"ac\"\"me\";");
    expect_rendered(DIALECT_MYSQL, "create schema {{tenant|ident}};", "create schema `ac\"me`;");
    expect_rendered(DIALECT_SQLITE, "x{{\tname | literal }}", "x'O''Neil \\ ü'");
    expect_rendered(DIALECT_POSTGRES, "{{ name | literal }}", "E'O''Neil \\\\ ü'");
    expect_rendered(DIALECT_MARIADB, "{{ name | literal }}", "_utf8mb4 x'4f274e65696c205c20c3bc'");
    expect_rendered(DIALECT_POSTGRES, "{{ name | raw }}{{a.b_1 | raw}}{{a.b_1 | literal}}", "O'Neil \\ ü''");
}

Test(template, everything_else_passes)
{
    static const char *const TEXTS[] = {"",    "select 1",        "{ x }}",          "}}",
                                        "a {", "'{{1,2},{3,4}}'", "{{\"a\",\"b\"}}", "{{{1,2}}}"};
    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        expect_rendered(DIALECT_POSTGRES, TEXTS[i], TEXTS[i]);
        expect_names(TEXTS[i], "");
    }
    expect_rendered(DIALECT_POSTGRES, "{{{ tenant | raw }}}", "{ac\"me}");
}

Test(template, four_braces_stand_for_two)
{
    expect_rendered(DIALECT_POSTGRES, "{{{{ name }} {{{{{{{{", "{{ name }} {{{{");
    expect_names("{{{{ name | raw }}", "");
}

Test(template, names_are_sorted_and_told_once)
{
    expect_names("{{ b | raw }} {{ a.1_x | ident }} {{b|literal}}", "a.1_x,b");
}

Test(template, malformed_placeholders_are_told_with_their_places)
{
    expect_malformed(
        "select 1;\n {{ name }} {{ x-y | raw }}\n{{ name | quoted }} {{ name | raw\n}}\n{{ | raw }}{{",
        "a.sql:2:2: error: template placeholder has no filter: write {{ name | ident }}, literal or raw "
        "(write {{{{ for two braces that are meant as they are)\n"
        "a.sql:2:13: error: template placeholder has no valid name: letters, digits, _ and .\n"
        "a.sql:3:1: error: template placeholder has an unknown filter: use ident, literal or raw\n"
        "a.sql:3:21: error: template placeholder is not closed by }} on its line\n"
        "a.sql:5:1: error: template placeholder has no valid name: letters, digits, _ and .\n"
        "a.sql:5:12: error: template placeholder is not closed by }} on its line (write {{{{ for two "
        "braces that are meant as they are)\n");
    expect_malformed(
        "ü {{ name | raw | ident }}",
        "a.sql:1:3: error: template placeholder has an unknown filter: use ident, literal or raw\n");
    expect_malformed("{{ name | raw }",
                     "a.sql:1:1: error: template placeholder is not closed by }} on its line\n");
    expect_malformed(
        "{{}}", "a.sql:1:1: error: template placeholder has no filter: write {{ name | ident }}, literal or "
                "raw (write {{{{ for two braces that are meant as they are)\n");
}

Test(template, every_undefined_name_is_told)
{
    static const char TEXT[] = "{{ zz | raw }} {{ tenant | raw }} {{ aa | ident }} {{ zz | ident }}";
    g_autoptr(GHashTable) variables = variables_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *sql = sql_template_render(TEXT, strlen(TEXT), DIALECT_MYSQL, variables, &error);

    cr_expect_null(sql);
    cr_assert(g_error_matches(error, SQL_TEMPLATE_ERROR, SQL_TEMPLATE_ERROR_UNDEFINED));
    cr_expect_str_eq(error->message,
                     "undefined template variables aa, zz: set them under vars in the inventory or with "
                     "-x name=value");
}

Test(template, one_undefined_name)
{
    g_autoptr(GHashTable) variables = variables_new();
    g_autoptr(GError) error = NULL;

    cr_expect_null(sql_template_render("{{ q | raw }}", 13, DIALECT_MYSQL, variables, &error));
    cr_expect_str_eq(
        error->message,
        "undefined template variable q: set it under vars in the inventory or with -x name=value");
}

Test(template, values_are_not_templates)
{
    g_autoptr(GHashTable) variables = variables_new();
    g_autofree char *sql = NULL;

    g_hash_table_insert(variables, (gpointer) "x", (gpointer) "{{ tenant | raw }}");
    sql = sql_template_render("{{ x | raw }}", 13, DIALECT_SQLITE, variables, NULL);
    cr_expect_str_eq(sql, "{{ tenant | raw }}");
}

static char *digest(const char *first, const char *second, GHashTable *variables)
{
    const char *names[] = {first, first == NULL ? NULL : second, NULL};
    return sql_template_digest(names, variables);
}

Test(template, a_digest_covers_names_and_values)
{
    g_autoptr(GHashTable) variables = variables_new();
    g_autofree char *both = digest("tenant", "name", variables);
    g_autofree char *swapped = digest("name", "tenant", variables);
    g_autofree char *repeated = digest("name", "name", variables);
    g_autofree char *one = digest("name", NULL, variables);
    g_autofree char *empty_value = digest("a.b_1", NULL, variables);
    g_autofree char *no_value = NULL;
    g_autofree char *other_value = NULL;

    g_hash_table_remove(variables, "a.b_1");
    no_value = digest("a.b_1", NULL, variables);
    g_hash_table_insert(variables, (gpointer) "name", (gpointer) "x");
    other_value = digest("name", NULL, variables);
    cr_expect_str_eq(both, swapped);
    cr_expect_str_eq(repeated, one);
    cr_expect_str_neq(both, one);
    cr_expect_str_neq(empty_value, no_value);
    cr_expect_str_neq(other_value, one);
    cr_expect_eq(strlen(one), 64);
}

Test(template, a_digest_does_not_change_between_versions)
{
    g_autoptr(GHashTable) variables = g_hash_table_new(g_str_hash, g_str_equal);
    g_autofree char *none = digest(NULL, NULL, variables);
    g_autofree char *pair = NULL;

    g_hash_table_insert(variables, (gpointer) "a", (gpointer) "b");
    pair = digest("a", NULL, variables);
    /* printf '' | sha256sum; printf 'a=b\0' | sha256sum */
    cr_expect_str_eq(none, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    cr_expect_str_eq(pair, "0ab570e37f2c8bd9c84ff8e8bb6f372b994ef06c3a922be0c8e8314b2971a3e2");
}
