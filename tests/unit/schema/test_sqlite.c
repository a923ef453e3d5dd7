/* SQLite's schema: what compares equal, what is left out, and what renames and hints do. Ways between schemas
 * that need a database are in tests/schema. */
#include "schema/schema_dialect.h"

#include <criterion/criterion.h>
#include <string.h>

static Connection *database_with(const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbUrl) url = db_url_parse("sqlite::memory:", &error);
    const ConnectOptions options = {.url = url, .create = true, .foreign_keys = true};
    Connection *connection = connection_open(&options, &error);
    cr_assert_not_null(connection, "%s", error ? error->message : "");
    cr_assert(connection_run(connection, sql, &error), "%s", error ? error->message : "");
    return connection;
}

static SchemaModel *model_of(const char *sql)
{
    g_autoptr(Connection) connection = database_with(sql);
    static const char *const hidden[] = {"dbfleet_version", NULL};
    const SchemaReadOptions options = {.hidden = hidden};
    g_autoptr(GError) error = NULL;
    SchemaModel *model = schema_read(connection, &options, &error);
    cr_assert_not_null(model, "%s", error ? error->message : "");
    return model;
}

static bool are_equal(const char *left, const char *right)
{
    g_autoptr(SchemaModel) a = model_of(left);
    g_autoptr(SchemaModel) b = model_of(right);
    g_autoptr(SchemaDiff) diff = schema_diff_new(a, b, NULL);
    cr_assert_eq(schema_diff_is_empty(diff),
                 g_str_equal(schema_model_fingerprint(a), schema_model_fingerprint(b)));
    return schema_diff_is_empty(diff);
}

/* All statements of the way, and all refusals behind "refused: ". */
static char *script_lines(const ChangeScript *script)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < script->statements->len; i++)
        g_string_append_printf(text, "%s;", ((const ChangeStatement *)script->statements->pdata[i])->sql);
    for (guint i = 0; i < script->refusals->len; i++)
        g_string_append_printf(text, "refused: %s;", (const char *)script->refusals->pdata[i]);
    return g_string_free(text, FALSE);
}

static char *renames(const char *sql, const char *const *hints)
{
    g_autoptr(SchemaModel) model = model_of(sql);
    g_autoptr(SchemaHints) all = schema_hints_new();
    for (; *hints; hints++)
        cr_assert(schema_hints_add_rename(all, *hints, NULL), "%s", *hints);
    g_autoptr(ChangeScript) script = schema_write_renames(model, all);
    return script_lines(script);
}

/* ---- Equal ---- */

Test(sqlite, spelling_is_no_difference)
{
    cr_assert(are_equal("CREATE TABLE \"T\" ([a] INT /* x */ NOT NULL DEFAULT 1, `b` varchar( 3 ))",
                        "create table t (a int default 1 not null, -- y\n b VARCHAR(3))"));
    cr_assert(are_equal("CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t WHERE a>=1",
                        "CREATE TABLE t (a); create view V as select \"A\" from [t] where a >= 1"));
    cr_assert(are_equal("CREATE TABLE t (a, CHECK (t.a > 0))", "CREATE TABLE t (a, CHECK (a > 0))"));
    cr_assert(are_equal("CREATE TABLE t (a, b AS (a + 1))",
                        "CREATE TABLE t (a, b GENERATED ALWAYS AS (a + 1) VIRTUAL)"));
}

Test(sqlite, a_constraint_of_a_column_is_one_of_the_table)
{
    cr_assert(are_equal(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT UNIQUE ON CONFLICT IGNORE);"
        "CREATE TABLE t (p INTEGER CONSTRAINT f REFERENCES p (id) ON DELETE SET NULL CHECK (p > 0))",
        "CREATE TABLE p (id INTEGER, n TEXT, PRIMARY KEY (id), UNIQUE (n) ON CONFLICT IGNORE);"
        "CREATE TABLE t (p INTEGER, CHECK (p > 0), CONSTRAINT f FOREIGN KEY (p) REFERENCES p (id)"
        " ON DELETE SET NULL)"));
}

Test(sqlite, a_column_that_was_added_and_a_name_that_was_changed_leave_no_trace)
{
    cr_assert(are_equal("CREATE TABLE t (a INTEGER, CHECK (a > 0)); ALTER TABLE t ADD COLUMN b TEXT;"
                        "CREATE INDEX i ON t (b); CREATE VIEW v AS SELECT b FROM t;"
                        "ALTER TABLE t RENAME COLUMN b TO \"select\"; ALTER TABLE t RENAME TO u",
                        "CREATE TABLE u (a INTEGER, \"select\" TEXT, CHECK (a > 0));"
                        "CREATE INDEX i ON u (\"select\"); CREATE VIEW v AS SELECT \"select\" FROM u"));
}

Test(sqlite, differences_are_seen)
{
    static const char *const pairs[][2] = {
        {"CREATE TABLE t (a TEXT DEFAULT 'A')", "CREATE TABLE t (a TEXT DEFAULT 'a')"},
        {"CREATE TABLE t (a TEXT DEFAULT \"A\")", "CREATE TABLE t (a TEXT DEFAULT \"a\")"},
        {"CREATE TABLE t (a, CHECK (a <> \"New\"))", "CREATE TABLE t (a, CHECK (a <> \"new\"))"},
        {"CREATE TABLE t (a TEXT)", "CREATE TABLE t (a TEXT) STRICT"},
        {"CREATE TABLE t (a TEXT PRIMARY KEY)", "CREATE TABLE t (a TEXT PRIMARY KEY) WITHOUT ROWID"},
        {"CREATE TABLE t (a TEXT NOT NULL)", "CREATE TABLE t (a TEXT NOT NULL ON CONFLICT IGNORE)"},
        {"CREATE TABLE t (a INTEGER PRIMARY KEY)", "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)"},
        {"CREATE TABLE t (a INTEGER PRIMARY KEY)", "CREATE TABLE t (a INTEGER PRIMARY KEY DESC)"},
        {"CREATE TABLE t (a, b); CREATE INDEX i ON t (a)",
         "CREATE TABLE t (a, b); CREATE INDEX i ON t (a DESC)"},
        {"CREATE TABLE t (a, b AS (a) STORED)", "CREATE TABLE t (a, b AS (a) VIRTUAL)"},
        {"CREATE TABLE t (a CHECK (a > 0) CHECK (a > 0))", "CREATE TABLE t (a CHECK (a > 0))"},
        {"CREATE TABLE t (a REFERENCES t (a))",
         "CREATE TABLE t (a REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED)"},
        {"CREATE TABLE t (a); CREATE TABLE u (a); CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END",
         "CREATE TABLE t (a); CREATE TABLE u (a); CREATE TRIGGER r AFTER INSERT ON u BEGIN SELECT 1; END"},
        {"CREATE TABLE t (a CONSTRAINT n NOT NULL)", "CREATE TABLE t (a CONSTRAINT m NOT NULL)"},
        {"CREATE VIRTUAL TABLE t USING fts5(a, tokenize = 'porter')", "CREATE VIRTUAL TABLE t USING fts5(a)"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++)
        cr_assert_not(are_equal(pairs[i][0], pairs[i][1]), "%s", pairs[i][1]);
}

/* ---- Left out ---- */

Test(sqlite, what_is_ours_or_the_librarys_is_left_out)
{
    cr_assert(
        are_equal("CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TABLE dbfleet_version (v);"
                  "CREATE INDEX dbfleet_index ON dbfleet_version (v); ANALYZE; CREATE TEMP TABLE x (a)",
                  "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)"));
    g_autoptr(SchemaModel) model = model_of("CREATE VIRTUAL TABLE f USING fts5(a); CREATE TABLE f_more (a)");
    cr_assert_not_null(schema_model_find(model, SCHEMA_TABLE, "f"));
    cr_assert_not_null(schema_model_find(model, SCHEMA_TABLE, "f_more"));
    cr_assert_null(schema_model_find(model, SCHEMA_TABLE, "f_content"));
}

/* ---- Objects ---- */

Test(sqlite, objects_have_the_attributes_of_other_dialects)
{
    g_autoptr(SchemaModel) model =
        model_of("CREATE TABLE \"my t\" (\"Order\" DECIMAL(10, 2) NOT NULL DEFAULT (1 + 1) COLLATE nocase)");
    const SchemaObject *column = schema_model_find(model, SCHEMA_COLUMN, "\"my t\".\"order\"");
    cr_assert_not_null(column);
    cr_assert_str_eq(column->name, "\"Order\"");
    cr_assert_str_eq(schema_object_get(column, "type"), "decimal(10, 2)");
    cr_assert_str_eq(schema_object_get(column, "notnull"), "true");
    cr_assert_str_eq(schema_object_get(column, "default"), "(1 + 1)");
    cr_assert_str_eq(schema_object_get(column, "collation"), "nocase");
    cr_assert_str_eq(schema_model_server(model), "SQLite 3");
}

Test(sqlite, a_precheck_tells_schemas_apart_and_not_rows)
{
    g_autoptr(Connection) connection = database_with("CREATE TABLE t (a)");
    const SchemaReadOptions options = {0};
    const SchemaDialect *dialect = schema_dialect(DIALECT_SQLITE);
    g_autofree char *before = dialect->precheck(connection, &options, NULL);
    cr_assert(connection_run(connection, "INSERT INTO t VALUES (1)", NULL));
    g_autofree char *same = dialect->precheck(connection, &options, NULL);
    cr_assert(connection_run(connection, "ALTER TABLE t ADD COLUMN b", NULL));
    g_autofree char *other = dialect->precheck(connection, &options, NULL);
    cr_assert_str_eq(before, same);
    cr_assert_str_neq(before, other);
}

/* ---- Renames ---- */

Test(sqlite, renames_are_written_where_the_old_name_is_there)
{
    const char *const hints[] = {"column:v.a=b", "table:t=v", "table:gone=new", NULL};
    g_autofree char *text = renames("CREATE TABLE t (a)", hints);
    cr_assert_str_eq(text, "ALTER TABLE t RENAME TO v;ALTER TABLE v RENAME COLUMN a TO b;");
}

Test(sqlite, a_rename_waits_for_the_name_that_another_gives_up)
{
    const char *const hints[] = {"column:t.a=b", "column:t.b=c", NULL};
    g_autofree char *text = renames("CREATE TABLE t (a, b)", hints);
    cr_assert_str_eq(text, "ALTER TABLE t RENAME COLUMN b TO c;ALTER TABLE t RENAME COLUMN a TO b;");
}

Test(sqlite, a_rename_to_what_is_there_is_refused)
{
    const char *const hints[] = {"column:t.a=B", NULL};
    g_autofree char *text = renames("CREATE TABLE t (a, b)", hints);
    cr_assert(g_str_has_prefix(text, "refused: column t.a"), "%s", text);
}

/* ---- Hints ---- */

static char *way(const char *from, const char *to, bool strict_order, bool recreate)
{
    g_autoptr(SchemaModel) before = model_of(from);
    g_autoptr(SchemaModel) after = model_of(to);
    g_autoptr(SchemaHints) hints = schema_hints_new();
    hints->strict_order = strict_order;
    hints->allow_recreate = recreate;
    g_autoptr(SchemaDiff) diff = schema_diff_new(before, after, hints);
    g_autoptr(ChangeScript) script = schema_write(diff);
    return script_lines(script);
}

Test(sqlite, the_order_of_columns_counts_only_when_asked_for)
{
    const char *from = "CREATE TABLE t (a, b)";
    g_autofree char *none = way(from, "CREATE TABLE t (b, a)", false, false);
    g_autofree char *turned = way(from, "CREATE TABLE t (b, a)", true, false);
    g_autofree char *last = way(from, "CREATE TABLE t (a, b, c)", true, false);
    g_autofree char *between = way(from, "CREATE TABLE t (a, c, b)", true, false);
    g_autofree char *gone = way("CREATE TABLE t (a, b, c)", "CREATE TABLE t (b, c)", true, false);
    cr_assert_str_eq(none, "");
    cr_assert(g_str_has_prefix(turned, "CREATE TABLE new_t (b, a);"), "%s", turned);
    cr_assert_str_eq(last, "ALTER TABLE t ADD COLUMN c;");
    cr_assert(g_str_has_prefix(between, "CREATE TABLE new_t (a, c, b);"), "%s", between);
    cr_assert_str_eq(gone, "ALTER TABLE t DROP COLUMN a;");
}

/* Written behind the library's back. */
Test(sqlite, a_table_whose_text_cannot_be_taken_apart_is_compared_whole_and_not_changed)
{
    const char *from = "CREATE TABLE t (a, b); PRAGMA writable_schema = ON;"
                       "UPDATE sqlite_schema SET sql = 'CREATE TEMP TABLE t (a, b)' WHERE name = 't';"
                       "PRAGMA writable_schema = OFF";
    g_autofree char *same = way(from, from, false, false);
    g_autofree char *refused = way(from, "CREATE TABLE t (a)", false, false);
    cr_assert_str_eq(same, "");
    cr_assert(g_str_has_prefix(refused, "refused: table t: its text"), "%s", refused);
}

Test(sqlite, a_virtual_table_is_made_anew_only_when_allowed)
{
    const char *from = "CREATE VIRTUAL TABLE f USING fts5(a)";
    const char *to = "CREATE VIRTUAL TABLE f USING fts5(a, b)";
    g_autofree char *refused = way(from, to, false, false);
    g_autofree char *allowed = way(from, to, false, true);
    cr_assert(g_str_has_prefix(refused, "refused: virtual table f"), "%s", refused);
    cr_assert_str_eq(allowed, "DROP TABLE f;CREATE VIRTUAL TABLE f USING fts5(a, b);");
}
