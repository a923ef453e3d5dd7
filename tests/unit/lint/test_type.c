#include "lint/lint_schema_internal.h"

#include <criterion/criterion.h>

typedef struct Pair {
    const char *before;
    const char *after;
    bool narrows;
} Pair;

static const Pair PAIRS[] = {
    {"character varying(10)", "character varying(20)", false},
    {"character varying(20)", "character varying(10)", true},
    {"character varying(20)", "text", false},
    {"text", "character varying(20)", true},
    {"character varying", "character varying(20)", true},
    {"integer", "bigint", false},
    {"bigint", "integer", true},
    {"integer", "text", false},
    {"text", "integer", true},
    {"int(11)", "int(5)", false},
    {"int(10) unsigned", "int(11)", true},
    {"int(11)", "int(10) unsigned", true},
    {"int(10) unsigned", "bigint(20)", false},
    {"numeric(10,2)", "numeric(12,2)", false},
    {"numeric(10,2)", "numeric(10,3)", true},
    {"numeric(10,2)", "numeric(9,1)", true},
    {"numeric(10,2)", "numeric", false},
    {"numeric", "numeric(10,2)", true},
    {"integer", "numeric(12,2)", false},
    {"integer", "numeric(5,2)", true},
    {"numeric(10,2)", "integer", true},
    {"double precision", "real", true},
    {"real", "double precision", false},
    {"timestamp without time zone", "date", true},
    {"date", "timestamp without time zone", false},
    {"timestamp(6) without time zone", "timestamp(0) without time zone", true},
    {"json", "jsonb", false},
    {"uuid", "text", false},
    {"text", "uuid", true},
    {"text[]", "text", true},
    {"longtext", "text", true},
    {"tinytext", "mediumtext", false},
    {"enum('a','b')", "enum('a','b','c')", false},
    {"enum('a','b')", "enum('a')", true},
};

Test(type, narrows_where_a_value_may_be_lost)
{
    for (gsize i = 0; i < G_N_ELEMENTS(PAIRS); i++)
        cr_expect_eq(lint_type_narrows(PAIRS[i].before, PAIRS[i].after), PAIRS[i].narrows, "%s -> %s",
                     PAIRS[i].before, PAIRS[i].after);
}

Test(type, only_longer_is_noticed_by_nobody)
{
    cr_expect(lint_type_widens_only("character varying(10)", "character varying(20)"));
    cr_expect(lint_type_widens_only("character varying(10)", "text"));
    cr_expect(lint_type_widens_only("numeric(10,2)", "numeric(12,2)"));
    cr_expect(!lint_type_widens_only("integer", "bigint"));
    cr_expect(!lint_type_widens_only("character varying(20)", "character varying(10)"));
    cr_expect(!lint_type_widens_only("integer", "text"));
}

Test(type, labels_are_read_with_what_is_in_them)
{
    g_autoptr(GPtrArray) labels = lint_labels("enum('it''s','a,b')");
    cr_assert_eq(labels->len, 2);
    cr_expect_str_eq(labels->pdata[0], "it's");
    cr_expect_str_eq(labels->pdata[1], "a,b");
}
