#include "lint_fixture.h"

#include "lint/lint_schema_internal.h"

typedef struct KeyCase {
    Dialect dialect;
    const char *object;
    LintKeyKind kind;
    const char *columns;
    const char *parent;     /* NULL: none */
    const char *expression; /* NULL: none */
} KeyCase;

/* As the three readers write them. */
static const KeyCase CASES[] = {
    {DIALECT_POSTGRES, "constraint t.k; def=PRIMARY KEY (a, b)", LINT_KEY_PRIMARY, "a, b", NULL, NULL},
    {DIALECT_POSTGRES, "constraint t.k; def=UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b)", LINT_KEY_UNIQUE, "a",
     NULL, NULL},
    {DIALECT_POSTGRES, "constraint t.k; def=CHECK ((a > 0))", LINT_KEY_CHECK, "", NULL, "(a > 0)"},
    {DIALECT_POSTGRES, "constraint t.k; def=FOREIGN KEY (a) REFERENCES shop.\"Other\"(id) ON DELETE CASCADE",
     LINT_KEY_FOREIGN, "a", "shop.\"Other\"", NULL},
    {DIALECT_POSTGRES, "constraint t.k; def=EXCLUDE USING gist (a WITH =)", LINT_KEY_EXCLUDE, "a", NULL,
     NULL},
    {DIALECT_POSTGRES, "index t.k; def=USING btree (a, lower(b) DESC) WHERE (a > 0)", LINT_KEY_INDEX,
     "a, (…)", NULL, "(a > 0)"},
    {DIALECT_POSTGRES, "index t.k; unique=true; def=USING btree (a)", LINT_KEY_UNIQUE, "a", NULL, NULL},
    {DIALECT_MARIADB, "index t.k; definition=PRIMARY KEY (`a`)", LINT_KEY_PRIMARY, "a", NULL, NULL},
    {DIALECT_MARIADB, "index t.k; definition=UNIQUE KEY (`a`(10),`b`)", LINT_KEY_UNIQUE, "a, b", NULL, NULL},
    {DIALECT_MARIADB, "index t.k; definition=KEY (`a`)", LINT_KEY_INDEX, "a", NULL, NULL},
    {DIALECT_MARIADB, "constraint t.k; definition=FOREIGN KEY (`a`) REFERENCES `u` (`id`) ON DELETE CASCADE",
     LINT_KEY_FOREIGN, "a", "`u`", NULL},
    {DIALECT_MARIADB, "constraint t.k; definition=CHECK (`a` > 0)", LINT_KEY_CHECK, "", NULL, "`a` > 0"},
    {DIALECT_SQLITE, "constraint t.k; def=foreign key (a) references u (id)", LINT_KEY_FOREIGN, "a", "u",
     NULL},
    {DIALECT_SQLITE, "constraint t.k; def=foreign key (a) references u", LINT_KEY_FOREIGN, "a", "u", NULL},
    {DIALECT_SQLITE, "constraint t.k; def=primary key (a) autoincrement", LINT_KEY_PRIMARY, "a", NULL, NULL},
    {DIALECT_SQLITE, "index t.k; unique=true; def=(a, b desc) where a > 0", LINT_KEY_UNIQUE, "a, b", NULL,
     "a > 0"},
};

Test(key, is_read_from_each_dialects_own_words)
{
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const KeyCase *one = &CASES[i];
        g_autoptr(SchemaModel) model = made_model(one->object, one->dialect);
        g_auto(LintKey) key = {0};
        lint_key_read(&key, model, schema_model_objects(model)->pdata[0]);
        g_autofree char *columns = lint_key_columns(key.columns);
        cr_expect_eq(key.kind, one->kind, "%s: kind %d", one->object, key.kind);
        cr_expect_str_eq(columns, one->columns, "%s: %s", one->object, columns);
        cr_expect_str_eq(key.table, "t", "%s", one->object);
        cr_expect(g_strcmp0(key.parent, one->parent) == 0, "%s: parent %s", one->object, key.parent);
        cr_expect(g_strcmp0(key.expression, one->expression) == 0, "%s: expression %s", one->object,
                  key.expression);
    }
}

Test(key, special_methods_serve_other_queries)
{
    g_autoptr(SchemaModel) model =
        made_model("index t.k; def=USING gin (a)\nindex t.l; def=USING btree (a)", DIALECT_POSTGRES);
    g_autoptr(GPtrArray) keys = lint_keys_of(model, "t", LINT_KEY_INDEX);
    cr_assert_eq(keys->len, 2);
    cr_expect(((LintKey *)keys->pdata[0])->special);
    cr_expect(!((LintKey *)keys->pdata[1])->special);
}
