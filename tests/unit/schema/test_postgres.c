/* PostgreSQL: each single change is seen, reading leaves the session as it was, schemas of several names
 * compare equal, the precheck moves with the catalogs; on a real server. Casts and renames: pure. */
#include "../drivers/engine_fixture.h"
#include "schema/diff.h"
#include "schema/postgres/write_internal.h"

static SchemaModel *read_schema(Connection *connection, const char *schema)
{
    static const char *const hidden[] = {"dbfleet_version", NULL};
    g_autoptr(GError) error = NULL;
    const SchemaReadOptions options = {.hidden = hidden, .schema = schema};
    SchemaModel *model = schema_read(connection, &options, &error);
    expect_ok(model != NULL, error, "read");
    return model;
}

static char *fingerprint(Connection *connection, const char *schema)
{
    g_autoptr(SchemaModel) model = read_schema(connection, schema);
    return g_strdup(schema_model_fingerprint(model));
}

static char *precheck(Connection *connection)
{
    g_autoptr(GError) error = NULL;
    const SchemaReadOptions options = {0};
    char *text = schema_postgres.precheck(connection, &options, &error);
    expect_ok(text != NULL, error, "precheck");
    return text;
}

TestSuite(postgres_schema, .timeout = 120, .fini = remove_database);

/* ---- Each change is seen ---- */

static const char *const base[] = {
    "CREATE TYPE mood AS ENUM ('sad', 'ok')",
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'",
    "CREATE TABLE p (id int PRIMARY KEY, k int)",
    "CREATE TABLE t (id int PRIMARY KEY, a int, b text, m mood, p int CONSTRAINT t_p REFERENCES p)",
    "CREATE INDEX i ON t (a)",
    "CREATE VIEW v AS SELECT id, a FROM t",
    "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
    "CREATE SEQUENCE s",
};

static const char *const mutations[] = {
    "CREATE TABLE more (id int)",
    "ALTER TABLE t ADD c int",
    "ALTER TABLE t ALTER b TYPE varchar(5)",
    "ALTER TABLE t ALTER b SET NOT NULL",
    "ALTER TABLE t ALTER b SET DEFAULT 'x'",
    "ALTER TABLE t ALTER b TYPE text COLLATE \"C\"",
    "ALTER TABLE t ALTER b SET STORAGE EXTERNAL",
    "ALTER TABLE t ALTER b SET STATISTICS 5",
    "ALTER TABLE t ALTER b SET (n_distinct = 7)",
    "ALTER TABLE t SET (fillfactor = 50)",
    "ALTER TABLE t REPLICA IDENTITY FULL",
    "ALTER TABLE p SET LOGGED, CLUSTER ON p_pkey",
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE t ADD CHECK (a > 0) NOT VALID",
    "ALTER TABLE t VALIDATE CONSTRAINT t_a_check",
    "ALTER TABLE t RENAME CONSTRAINT t_p TO t_q",
    "ALTER TABLE t ALTER CONSTRAINT t_q DEFERRABLE",
    "ALTER INDEX i RENAME TO j",
    "DROP INDEX j",
    "ALTER TABLE t DISABLE TRIGGER g",
    "ALTER VIEW v SET (security_barrier = true)",
    "ALTER VIEW v ALTER a SET DEFAULT 5",
    "CREATE OR REPLACE VIEW v AS SELECT id, a FROM t WHERE a > 5",
    "ALTER FUNCTION f() COST 5",
    "ALTER TYPE mood ADD VALUE 'glad'",
    "ALTER SEQUENCE s INCREMENT BY 2",
    "ALTER SEQUENCE s OWNED BY t.a",
    "COMMENT ON COLUMN t.a IS 'x'",
    "CREATE COLLATION c (locale = 'C')",
    "CREATE POLICY y ON t USING (a > 5)",
    "CREATE RULE r AS ON DELETE TO v DO INSTEAD NOTHING",
    "CREATE STATISTICS st ON a, b FROM t",
};

Test(postgres_schema, every_change_is_seen_and_moves_the_precheck)
{
    use_engine(ENGINE_POSTGRES);
    g_autoptr(Connection) connection = open_plain();
    for (gsize i = 0; i < G_N_ELEMENTS(base); i++)
        run(connection, base[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(mutations); i++) {
        g_autofree char *before = fingerprint(connection, NULL);
        g_autofree char *first = precheck(connection);
        run(connection, mutations[i]);
        g_autofree char *after = fingerprint(connection, NULL);
        g_autofree char *second = precheck(connection);
        cr_assert_str_neq(before, after, "not seen: %s", mutations[i]);
        cr_assert_str_neq(first, second, "precheck: %s", mutations[i]);
    }
}

Test(postgres_schema, rows_and_statistics_change_nothing)
{
    use_engine(ENGINE_POSTGRES);
    g_autoptr(Connection) connection = open_plain();
    for (gsize i = 0; i < G_N_ELEMENTS(base); i++)
        run(connection, base[i]);
    g_autofree char *before = fingerprint(connection, NULL);
    g_autofree char *first = precheck(connection);
    run(connection, "INSERT INTO p VALUES (1, 1)");
    run(connection, "SELECT nextval('s')");
    run(connection, "ANALYZE");
    g_autofree char *second = precheck(connection);
    cr_assert_str_eq(first, second);
    run(connection, "ALTER TABLE t ADD gone int");
    run(connection, "ALTER TABLE t DROP gone");
    run(connection, "CREATE TABLE dbfleet_version (id serial PRIMARY KEY)");
    g_autofree char *after = fingerprint(connection, NULL);
    cr_assert_str_eq(before, after);
}

/* ---- The session ---- */

Test(postgres_schema, settings_and_an_open_transaction_stay_as_they_were)
{
    use_engine(ENGINE_POSTGRES);
    g_autoptr(Connection) connection = open_plain();
    run(connection, "SET search_path = pg_catalog");
    run(connection, "SET TimeZone = 'Asia/Tokyo'");
    g_autoptr(SchemaModel) alone = read_schema(connection, NULL);
    cr_assert_not_null(alone);
    expect_value(connection, "SHOW search_path", "pg_catalog");
    run(connection, "BEGIN");
    run(connection, "CREATE TABLE public.mine (id int)");
    g_autoptr(SchemaModel) within = read_schema(connection, NULL);
    cr_assert_not_null(schema_model_find(within, SCHEMA_TABLE, "public.mine"));
    expect_value(connection, "SHOW TimeZone", "Asia/Tokyo");
    expect_value(connection, "SHOW search_path", "pg_catalog");
    run(connection, "COMMIT");
    expect_value(connection, "SELECT count(*) FROM pg_tables WHERE tablename = 'mine'", "1");
}

Test(postgres_schema, a_session_that_can_only_read_is_enough)
{
    use_engine(ENGINE_POSTGRES);
    g_autoptr(Connection) connection =
        open_session((ConnectOptions){.connect_timeout_ms = 10000, .read_only = true});
    g_autoptr(SchemaModel) model = read_schema(connection, NULL);
    cr_assert_not_null(schema_model_find(model, SCHEMA_NAMESPACE, "public"));
    cr_assert_str_eq(schema_model_server(model), "PostgreSQL 15");
}

/* ---- Schemas of several names ---- */

static void make_tenant(Connection *connection, const char *name)
{
    static const char *const parts[] = {
        "CREATE SCHEMA %s",
        "CREATE TYPE %s.mood AS ENUM ('a')",
        "CREATE TABLE %s.o (id serial PRIMARY KEY, m %s.mood DEFAULT 'a')",
        "CREATE TABLE %s.i (o int REFERENCES %s.o)",
        "CREATE INDEX ON %s.i (o)",
        "CREATE VIEW %s.v AS SELECT id FROM %s.o WHERE m = 'a'",
        "CREATE RULE r AS ON DELETE TO %s.i DO NOTHING",
        "CREATE STATISTICS %s.st ON id, m FROM %s.o",
        "COMMENT ON TABLE %s.o IS 'it'",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autoptr(GString) sql = g_string_new(parts[i]);
        g_string_replace(sql, "%s", name, 0);
        run(connection, sql->str);
    }
}

Test(postgres_schema, schemas_of_other_names_are_equal)
{
    use_engine(ENGINE_POSTGRES);
    g_autoptr(Connection) connection = open_plain();
    make_tenant(connection, "tenant_a");
    make_tenant(connection, "\"Tenant B\"");
    g_autofree char *a = fingerprint(connection, "tenant_a");
    g_autofree char *b = fingerprint(connection, "Tenant B");
    cr_assert_str_eq(a, b);
    run(connection, "ALTER TABLE tenant_a.o ADD x int");
    g_autofree char *other = fingerprint(connection, "tenant_a");
    cr_assert_str_neq(other, b);
    g_autoptr(SchemaModel) model = read_schema(connection, "tenant_a");
    cr_assert_not_null(schema_model_find(model, SCHEMA_COLUMN, "@.o.x"));
    cr_assert_null(schema_model_find(model, SCHEMA_NAMESPACE, "tenant_a"));
}

/* ---- Casts ---- */

typedef struct CastCase {
    const char *before;
    const char *after;
    PgCast cast;
    bool loses;
} CastCase;

static const CastCase casts[] = {
    {"integer", "bigint", PG_CAST_ASSIGNED, false},
    {"bigint", "integer", PG_CAST_ASSIGNED, false},
    {"integer", "double precision", PG_CAST_ASSIGNED, false},
    {"bigint", "double precision", PG_CAST_ASSIGNED, true},
    {"numeric(10,4)", "numeric(10,2)", PG_CAST_ASSIGNED, true},
    {"numeric(10,2)", "numeric(12,4)", PG_CAST_ASSIGNED, false},
    {"numeric", "integer", PG_CAST_ASSIGNED, true},
    {"double precision", "real", PG_CAST_ASSIGNED, true},
    {"real", "double precision", PG_CAST_ASSIGNED, false},
    {"character varying(20)", "character varying(10)", PG_CAST_ASSIGNED, false},
    {"text", "integer", PG_CAST_EXPLICIT, true},
    {"uuid", "text", PG_CAST_ASSIGNED, false},
    {"boolean", "integer", PG_CAST_EXPLICIT, false},
    {"integer", "boolean", PG_CAST_EXPLICIT, true},
    {"bigint", "timestamp with time zone", PG_CAST_NONE, true},
    {"timestamp with time zone", "date", PG_CAST_ASSIGNED, true},
    {"timestamp(6) without time zone", "timestamp(3) without time zone", PG_CAST_ASSIGNED, true},
    {"json", "jsonb", PG_CAST_ASSIGNED, true},
    {"integer[]", "bigint[]", PG_CAST_ASSIGNED, false},
    {"integer", "integer[]", PG_CAST_NONE, false},
    {"public.a", "public.b", PG_CAST_BY_TEXT, false},
};

Test(postgres_write, casts_and_what_they_lose)
{
    g_autoptr(SchemaModel) model = schema_model_new(DIALECT_POSTGRES, "PostgreSQL 15");
    schema_model_finish(model);
    g_autoptr(SchemaDiff) diff = schema_diff_new(model, model, NULL);
    const PgWriting writing = {.diff = diff};
    for (gsize i = 0; i < G_N_ELEMENTS(casts); i++) {
        const CastCase *c = &casts[i];
        cr_assert_eq(pg_cast(&writing, c->before, c->after), c->cast, "%s to %s", c->before, c->after);
        if (c->cast != PG_CAST_NONE && c->cast != PG_CAST_BY_TEXT)
            cr_assert_eq(pg_cast_loses(&writing, c->before, c->after), c->loses, "%s to %s", c->before,
                         c->after);
    }
}

/* ---- Renames ---- */

static char *renames(const char *hint)
{
    g_autoptr(SchemaModel) model = schema_model_new(DIALECT_POSTGRES, "PostgreSQL 15");
    g_autoptr(SchemaHints) hints = schema_hints_new();
    g_autoptr(GString) text = g_string_new(NULL);
    schema_model_add(model, SCHEMA_TABLE, "public.orders", NULL, "orders");
    schema_model_add(model, SCHEMA_COLUMN, "public.orders.a", "public.orders", "a");
    schema_model_add(model, SCHEMA_COLUMN, "public.orders.b", "public.orders", "b");
    schema_model_add(model, SCHEMA_TABLE, "shop.\"Old Name\"", NULL, "\"Old Name\"");
    schema_model_add(model, SCHEMA_FUNCTION, "public.f(integer)", NULL, "f(integer)");
    schema_model_add(model, SCHEMA_FUNCTION, "public.f(text)", NULL, "f(text)");
    schema_model_finish(model);
    cr_assert(schema_hints_add_rename(hints, hint, NULL), "%s", hint);
    g_autoptr(ChangeScript) script = schema_write_renames(model, hints);
    for (guint i = 0; i < script->statements->len; i++)
        g_string_append_printf(text, "%s;", ((const ChangeStatement *)script->statements->pdata[i])->sql);
    g_string_append_printf(text, "%u", script->refusals->len);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void expect_renames(const char *hint, const char *wanted)
{
    g_autofree char *text = renames(hint);
    cr_assert_str_eq(text, wanted, "%s: %s", hint, text);
}

Test(postgres_write, renames)
{
    expect_renames("table:orders=sales", "ALTER TABLE orders RENAME TO sales;0");
    expect_renames("table:orders=order", "ALTER TABLE orders RENAME TO \"order\";0");
    expect_renames("table:shop.Old Name=New Name", "ALTER TABLE shop.\"Old Name\" RENAME TO \"New Name\";0");
    expect_renames("column:orders.a=c", "ALTER TABLE orders RENAME COLUMN a TO c;0");
    expect_renames("column:public.orders.a=c", "ALTER TABLE orders RENAME COLUMN a TO c;0");
    expect_renames("column:orders.a=b", "1");
    expect_renames("column:orders.gone=c", "0");
    expect_renames("function:f=g",
                   "ALTER FUNCTION f(integer) RENAME TO g;ALTER FUNCTION f(text) RENAME TO g;0");
}
