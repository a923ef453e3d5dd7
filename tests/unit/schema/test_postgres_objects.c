/* What the catalogs of PostgreSQL print, taken apart: lists, expressions, names, types, labels. */
#include "schema/postgres/objects_internal.h"

#include <criterion/criterion.h>

static SchemaObject *type_with(SchemaModel *model, SchemaKind kind, const char *key, const char *name,
                               const char *attribute, const char *value)
{
    SchemaObject *type = schema_model_add(model, kind, key, NULL, name);
    schema_model_set(model, type, attribute, value);
    return type;
}

static void check_list(const char *list, const char *const *wanted)
{
    g_auto(GStrv) elements = pg_list_elements(list);
    cr_assert(g_strv_equal((const char *const *)elements, wanted), "%s", list);
}

Test(postgres_objects, a_list_is_cut_outside_of_quotes_and_parentheses)
{
    check_list("", (const char *const[]){NULL});
    check_list("'a'", (const char *const[]){"'a'", NULL});
    check_list("'a', 'b,c', 'it''s, d'", (const char *const[]){"'a'", "'b,c'", "'it''s, d'", NULL});
    check_list("n numeric(10,2),\n\"a, b\" text",
               (const char *const[]){"n numeric(10,2)", "\"a, b\" text", NULL});
    check_list("t (a, b) WHERE ((n > ')'::text)), u",
               (const char *const[]){"t (a, b) WHERE ((n > ')'::text))", "u", NULL});
}

static void check_parenthesised(const char *expression, const char *wanted)
{
    g_autofree char *text = pg_parenthesised(expression);
    cr_assert_str_eq(text, wanted);
}

Test(postgres_objects, parentheses_are_added_where_none_are_around_all)
{
    check_parenthesised("true", "(true)");
    check_parenthesised("(a > 0)", "(a > 0)");
    check_parenthesised("(a > 0) OR (b > 0)", "((a > 0) OR (b > 0))");
    check_parenthesised("(a = ')'::text)", "(a = ')'::text)");
}

Test(postgres_objects, a_type_is_told_by_its_name_also_in_an_array)
{
    g_autoptr(SchemaModel) model = schema_model_new(DIALECT_POSTGRES, "PostgreSQL 15");
    const SchemaObject *public_type = type_with(model, SCHEMA_ENUM, "public.mood", "mood", "labels", "'a'");
    const SchemaObject *other = type_with(model, SCHEMA_ENUM, "shop.mood", "mood", "labels", "'a'");
    const SchemaObject *own = type_with(model, SCHEMA_ENUM, "@.mood", "mood", "labels", "'a'");
    cr_assert(pg_type_is("mood", public_type));
    cr_assert(pg_type_is("mood[]", public_type));
    cr_assert_not(pg_type_is("moods", public_type));
    cr_assert_not(pg_type_is("shop.mood", public_type));
    cr_assert(pg_type_is("shop.mood[][]", other));
    cr_assert_not(pg_type_is("mood", other));
    cr_assert(pg_type_is("mood", own));
}

static bool grows(const char *before, const char *after)
{
    g_autoptr(SchemaModel) model = schema_model_new(DIALECT_POSTGRES, "PostgreSQL 15");
    return pg_enum_grows(type_with(model, SCHEMA_ENUM, "a", "a", "labels", before),
                         type_with(model, SCHEMA_ENUM, "b", "b", "labels", after));
}

Test(postgres_objects, an_enum_grows_where_labels_only_come_between_the_old_ones)
{
    cr_assert(grows(NULL, "'a'"));
    cr_assert(grows("'b', 'd'", "'a', 'b', 'c', 'd', 'e'"));
    cr_assert_not(grows("'a', 'b'", "'b', 'a'"));
    cr_assert_not(grows("'a', 'b'", "'a'"));
    cr_assert_not(grows("'a', 'b'", "'a', 'c'"));
}

Test(postgres_objects, a_row_of_a_composite_type_is_taken_over_field_by_field)
{
    g_autoptr(SchemaModel) model = schema_model_new(DIALECT_POSTGRES, "PostgreSQL 15");
    const SchemaObject *before =
        type_with(model, SCHEMA_COMPOSITE, "a", "a", "fields", "x integer,\ngone text,\n\"Y z\" text");
    const SchemaObject *after =
        type_with(model, SCHEMA_COMPOSITE, "b", "b", "fields", "\"Y z\" text,\nx bigint,\nnew date");
    g_autofree char *text = pg_composite_conversion(before, after, "c", "pair");
    cr_assert_str_eq(text, "CASE WHEN c IS DISTINCT FROM NULL THEN "
                           "ROW((c).\"Y z\", (c).x::text::bigint, NULL)::pair END");
}
