/* MariaDB: each single change is seen where it was made and nowhere else, and the same schema by another
 * route is the same; on a real server. What narrows a type: pure. */
#include "../drivers/engine_fixture.h"
#include "schema/diff.h"
#include "schema/mysql/write_internal.h"

static const char *const base[] = {
    "CREATE SEQUENCE s",
    "CREATE TABLE p (id int PRIMARY KEY, code varchar(10) NOT NULL, UNIQUE KEY by_code (code))",
    "CREATE TABLE t (id int NOT NULL AUTO_INCREMENT, a int, b varchar(10) DEFAULT 'x', c enum('x','y'), "
    "d decimal(8,2), at timestamp NULL, v int AS (a + 1) VIRTUAL, pid int, PRIMARY KEY (id), KEY k (a), "
    "CONSTRAINT low CHECK (a < 100), CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id))",
    "CREATE TABLE r (id int NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10))",
    "CREATE TABLE h (id int NOT NULL) WITH SYSTEM VERSIONING",
    "CREATE TABLE w (x date NOT NULL, y date NOT NULL)",
    "CREATE VIEW vw AS SELECT id, a FROM t WHERE a > 1",
    "CREATE FUNCTION f(x int) RETURNS int DETERMINISTIC RETURN x",
    "CREATE PROCEDURE pr() SELECT 1",
    "CREATE TRIGGER g1 BEFORE INSERT ON t FOR EACH ROW SET @x = 1",
    "CREATE TRIGGER g2 BEFORE INSERT ON t FOR EACH ROW SET @x = 2",
    "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SET @x = 1",
    NULL,
};

static void make_base(Connection *connection)
{
    for (const char *const *sql = base; *sql; sql++)
        run(connection, *sql);
}

static SchemaModel *read_model(Connection *connection, bool names)
{
    static const char *const hidden[] = {"dbfleet_version", "dbfleet_history", NULL};
    g_autoptr(GError) error = NULL;
    SchemaModel *model =
        schema_read(connection, &(SchemaReadOptions){.hidden = hidden, .names = names}, &error);
    expect_ok(model != NULL, error, "read");
    return model;
}

TestSuite(mysql_schema, .timeout = 120, .fini = remove_database);

/* ---- Each change is seen ---- */

typedef struct Mutation {
    const char *sql;
    SchemaKind kind;
    const char *key;
    const char *attribute; /* NULL: created or dropped */
} Mutation;

static const Mutation mutations[] = {
    {"CREATE TABLE more (id int)", SCHEMA_TABLE, "more", NULL},
    {"DROP TABLE more", SCHEMA_TABLE, "more", NULL},
    {"ALTER TABLE t COMMENT 'x'", SCHEMA_TABLE, "t", "comment"},
    {"ALTER TABLE t ROW_FORMAT=COMPACT", SCHEMA_TABLE, "t", "row_format"},
    {"ALTER TABLE w ENGINE=Aria", SCHEMA_TABLE, "w", "engine"},
    {"ALTER TABLE t STATS_PERSISTENT=0", SCHEMA_TABLE, "t", "stats_persistent"},
    {"ALTER TABLE w DEFAULT CHARACTER SET latin1", SCHEMA_TABLE, "w", "character set"},
    {"ALTER TABLE w DEFAULT CHARACTER SET latin1 COLLATE latin1_bin", SCHEMA_TABLE, "w", "collation"},
    {"ALTER TABLE t ADD COLUMN n int FIRST", SCHEMA_COLUMN, "t.n", NULL},
    {"ALTER TABLE t MODIFY n int AFTER a", SCHEMA_COLUMN, "t.n", "after"},
    {"ALTER TABLE t MODIFY n bigint AFTER a", SCHEMA_COLUMN, "t.n", "type"},
    {"ALTER TABLE t MODIFY n bigint NOT NULL", SCHEMA_COLUMN, "t.n", "notnull"},
    {"ALTER TABLE t ALTER n SET DEFAULT 4", SCHEMA_COLUMN, "t.n", "default"},
    {"ALTER TABLE t MODIFY n bigint NOT NULL DEFAULT 4 COMMENT 'x'", SCHEMA_COLUMN, "t.n", "comment"},
    {"ALTER TABLE t MODIFY n bigint NOT NULL DEFAULT 4 COMMENT 'x' CHECK (n > 1)", SCHEMA_COLUMN, "t.n",
     "check"},
    {"ALTER TABLE t MODIFY n bigint NOT NULL INVISIBLE DEFAULT 4 COMMENT 'x' CHECK (n > 1)", SCHEMA_COLUMN,
     "t.n", "invisible"},
    {"ALTER TABLE t DROP COLUMN n", SCHEMA_COLUMN, "t.n", NULL},
    {"ALTER TABLE t MODIFY b varchar(10) CHARACTER SET latin1 DEFAULT 'x'", SCHEMA_COLUMN, "t.b",
     "character set"},
    {"ALTER TABLE t MODIFY b varchar(10) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT 'x'", SCHEMA_COLUMN,
     "t.b", "collation"},
    {"ALTER TABLE t MODIFY c enum('x','y','z')", SCHEMA_COLUMN, "t.c", "type"},
    {"ALTER TABLE t MODIFY d decimal(8,3)", SCHEMA_COLUMN, "t.d", "type"},
    {"ALTER TABLE t MODIFY at timestamp NULL ON UPDATE current_timestamp()", SCHEMA_COLUMN, "t.at",
     "on update"},
    {"ALTER TABLE t MODIFY v int AS (a + 2) VIRTUAL", SCHEMA_COLUMN, "t.v", "generated"},
    {"ALTER TABLE t MODIFY id int NOT NULL", SCHEMA_COLUMN, "t.id", "auto_increment"},
    {"ALTER TABLE t ADD KEY l (b)", SCHEMA_INDEX, "t.l", NULL},
    {"ALTER TABLE t ALTER KEY l IGNORED", SCHEMA_INDEX, "t.l", "definition"},
    {"ALTER TABLE t DROP KEY l", SCHEMA_INDEX, "t.l", NULL},
    {"ALTER TABLE t DROP KEY k, ADD KEY k (a DESC)", SCHEMA_INDEX, "t.k", "definition"},
    {"ALTER TABLE w ADD PRIMARY KEY (x, y)", SCHEMA_INDEX, "w.PRIMARY", NULL},
    {"ALTER TABLE w DROP PRIMARY KEY, ADD PRIMARY KEY (y)", SCHEMA_INDEX, "w.PRIMARY", "definition"},
    {"ALTER TABLE p DROP KEY by_code, ADD UNIQUE KEY by_code (code(5))", SCHEMA_INDEX, "p.by_code",
     "definition"},
    {"ALTER TABLE t DROP CONSTRAINT low, ADD CONSTRAINT low CHECK (a < 101)", SCHEMA_CONSTRAINT, "t.low",
     "definition"},
    {"ALTER TABLE t ADD CHECK (a <> 7)", SCHEMA_CONSTRAINT, "t.CHECK (`a` <> 7)", NULL},
    {"ALTER TABLE t DROP FOREIGN KEY t_p", SCHEMA_CONSTRAINT, "t.t_p", NULL},
    {"ALTER TABLE t ADD CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE",
     SCHEMA_CONSTRAINT, "t.t_p", NULL},
    {"ALTER TABLE r ADD PARTITION (PARTITION p1 VALUES LESS THAN (20))", SCHEMA_TABLE, "r", "partitions"},
    {"ALTER TABLE r PARTITION BY HASH (id) PARTITIONS 2", SCHEMA_TABLE, "r", "partition by"},
    {"ALTER TABLE r ADD PARTITION PARTITIONS 1", SCHEMA_TABLE, "r", "partition by"},
    {"ALTER TABLE h DROP SYSTEM VERSIONING", SCHEMA_TABLE, "h", "with system versioning"},
    {"ALTER TABLE w ADD PERIOD FOR valid (x, y)", SCHEMA_TABLE, "w", "period valid"},
    {"CREATE OR REPLACE VIEW vw AS SELECT id, a FROM t WHERE a > 2", SCHEMA_VIEW, "vw", "definition"},
    {"ALTER ALGORITHM=TEMPTABLE VIEW vw AS SELECT id, a FROM t WHERE a > 2", SCHEMA_VIEW, "vw", "algorithm"},
    {"ALTER ALGORITHM=TEMPTABLE SQL SECURITY INVOKER VIEW vw AS SELECT id, a FROM t WHERE a > 2", SCHEMA_VIEW,
     "vw", "security"},
    {"DROP VIEW vw", SCHEMA_VIEW, "vw", NULL},
    {"CREATE OR REPLACE FUNCTION f(x int) RETURNS int DETERMINISTIC RETURN x + 1", SCHEMA_FUNCTION, "f",
     "definition"},
    {"ALTER FUNCTION f COMMENT 'x'", SCHEMA_FUNCTION, "f", "definition"},
    {"CREATE OR REPLACE PROCEDURE pr() SELECT 2", SCHEMA_PROCEDURE, "pr", "definition"},
    {"DROP PROCEDURE pr", SCHEMA_PROCEDURE, "pr", NULL},
    {"CREATE OR REPLACE TRIGGER g1 BEFORE INSERT ON t FOR EACH ROW PRECEDES g2 SET @x = 3", SCHEMA_TRIGGER,
     "g1", "body"},
    {"CREATE OR REPLACE TRIGGER g1 BEFORE INSERT ON t FOR EACH ROW FOLLOWS g2 SET @x = 3", SCHEMA_TRIGGER,
     "g2", "after"},
    {"DROP TRIGGER g2", SCHEMA_TRIGGER, "g2", NULL},
    {"ALTER EVENT e ENABLE", SCHEMA_EVENT, "e", "status"},
    {"ALTER EVENT e ON SCHEDULE EVERY 2 DAY", SCHEMA_EVENT, "e", "schedule"},
    {"ALTER EVENT e DO SET @x = 2", SCHEMA_EVENT, "e", "body"},
    {"ALTER SEQUENCE s INCREMENT BY 5", SCHEMA_SEQUENCE, "s", "increment by"},
    {"ALTER SEQUENCE s MAXVALUE 500 CYCLE", SCHEMA_SEQUENCE, "s", "cycle"},
    {"ALTER DATABASE CHARACTER SET latin1", SCHEMA_SETTING, "database", "character set"},
};

static void expect_seen(const SchemaModel *before, const SchemaModel *after, const Mutation *mutation)
{
    g_autoptr(SchemaDiff) diff = schema_diff_new(before, after, NULL);
    const SchemaChange *change = schema_diff_find(diff, mutation->kind, mutation->key);
    bool attribute =
        change && (mutation->attribute ? schema_change_attribute(change, mutation->attribute) != NULL
                                       : change->kind != CHANGE_ALTER);
    cr_expect(attribute, "%s: not seen", mutation->sql);
    cr_expect_str_neq(schema_model_fingerprint(before), schema_model_fingerprint(after), "%s", mutation->sql);
    for (guint i = 0; i < diff->changes->len; i++) {
        const SchemaChange *other = diff->changes->pdata[i];
        cr_expect(other == change || other->with_parent, "%s: %s %s changed too", mutation->sql,
                  schema_kind_name(schema_change_object(other)->kind), schema_change_object(other)->key);
    }
}

Test(mysql_schema, each_change_is_seen_and_nothing_else)
{
    use_engine(ENGINE_MYSQL);
    g_autoptr(Connection) connection = open_plain();
    make_base(connection);
    g_autoptr(SchemaModel) before = read_model(connection, false);
    for (gsize i = 0; i < G_N_ELEMENTS(mutations); i++) {
        run(connection, mutations[i].sql);
        SchemaModel *after = read_model(connection, false);
        expect_seen(before, after, &mutations[i]);
        schema_model_free(before);
        before = after;
    }
}

/* ---- What is no change ---- */

static const char *const routes[] = {
    "INSERT INTO t (a) VALUES (1), (2)",
    "ALTER TABLE t AUTO_INCREMENT = 500",
    "ANALYZE TABLE t",
    "OPTIMIZE TABLE t",
    "DO nextval(s)",
    "ALTER TABLE t ADD COLUMN n int AFTER a; ALTER TABLE t DROP COLUMN n",
    "ALTER TABLE t MODIFY d decimal(8,2) FIRST; ALTER TABLE t MODIFY d decimal(8,2) AFTER c",
    "RENAME TABLE t TO u; RENAME TABLE u TO t",
    "ALTER TABLE t RENAME COLUMN b TO z; ALTER TABLE t RENAME COLUMN z TO b",
    "ALTER TABLE t DROP KEY k; ALTER TABLE t ADD KEY k (a) USING BTREE",
    ("ALTER TABLE t ADD CHECK (a <> 7); ALTER TABLE t ADD CHECK (a <> 8); ALTER TABLE t DROP CONSTRAINT "
     "CONSTRAINT_1; "
     "ALTER TABLE t DROP CONSTRAINT CONSTRAINT_2"),
    ("ALTER TABLE t DROP FOREIGN KEY t_p; ALTER TABLE t ADD CONSTRAINT t_p FOREIGN KEY (pid) REFERENCES p "
     "(id)"),
    "ALTER TABLE t FORCE",
    "ALTER TABLE r ADD PARTITION (PARTITION p1 VALUES LESS THAN (20)); ALTER TABLE r DROP PARTITION p1",
    "CREATE OR REPLACE VIEW vw AS SELECT t.id AS id, a /* the same */ FROM t WHERE (a > 1)",
    "DROP TRIGGER g1; CREATE TRIGGER g1 BEFORE INSERT ON t FOR EACH ROW PRECEDES g2 SET @x = 1",
    "CREATE TABLE dbfleet_history (id int PRIMARY KEY)",
};

Test(mysql_schema, another_route_leads_to_the_same)
{
    use_engine(ENGINE_MYSQL);
    g_autoptr(Connection) connection = open_plain();
    make_base(connection);
    g_autoptr(SchemaModel) before = read_model(connection, false);
    for (gsize i = 0; i < G_N_ELEMENTS(routes); i++) {
        g_auto(GStrv) statements = g_strsplit(routes[i], "; ", -1);
        for (char **sql = statements; *sql; sql++)
            run(connection, *sql);
        g_autoptr(SchemaModel) after = read_model(connection, false);
        g_autoptr(SchemaDiff) diff = schema_diff_new(before, after, NULL);
        g_autoptr(GPtrArray) lines = schema_diff_lines(diff);
        cr_expect_eq(lines->len, 0, "%s: %s", routes[i], lines->len ? (char *)lines->pdata[0] : "");
        cr_expect_str_eq(schema_model_fingerprint(before), schema_model_fingerprint(after), "%s", routes[i]);
    }
}

Test(mysql_schema, made_up_names_count_where_they_are_asked_for)
{
    use_engine(ENGINE_MYSQL);
    g_autoptr(Connection) connection = open_plain();
    run(connection, "CREATE TABLE t (a int, CHECK (a > 1), CHECK (a > 2))");
    g_autoptr(SchemaModel) before = read_model(connection, false);
    g_autoptr(SchemaModel) named_before = read_model(connection, true);
    run(connection, "CREATE OR REPLACE TABLE t (a int, CHECK (a > 2), CHECK (a > 1))");
    g_autoptr(SchemaModel) after = read_model(connection, false);
    g_autoptr(SchemaModel) named_after = read_model(connection, true);

    cr_expect_str_eq(schema_model_fingerprint(before), schema_model_fingerprint(after));
    cr_expect_str_neq(schema_model_fingerprint(named_before), schema_model_fingerprint(named_after));
}

Test(mysql_schema, the_session_is_as_it_was)
{
    use_engine(ENGINE_MYSQL);
    g_autoptr(Connection) connection = open_plain();
    make_base(connection);
    run(connection, "SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', sql_quote_show_create = 0, "
                    "time_zone = '+05:00'");
    g_autoptr(SchemaModel) model = read_model(connection, false);
    expect_value(connection,
                 "SELECT CONCAT_WS(' ', @@sql_mode, @@sql_quote_show_create, @@time_zone, "
                 "@@character_set_results)",
                 "ANSI_QUOTES,NO_BACKSLASH_ESCAPES OFF +05:00 utf8mb4");
    run(connection, "SET SESSION sql_mode = DEFAULT, sql_quote_show_create = 1, time_zone = DEFAULT");
    g_autoptr(SchemaModel) again = read_model(connection, false);
    cr_expect_str_eq(schema_model_fingerprint(model), schema_model_fingerprint(again));
}

Test(mysql_schema, a_preview_can_read_it)
{
    use_engine(ENGINE_MYSQL);
    g_autoptr(Connection) connection = open_plain();
    make_base(connection);
    g_autoptr(Connection) preview = open_session((ConnectOptions){.read_only = true});
    g_autoptr(SchemaModel) model = read_model(connection, false);
    g_autoptr(SchemaModel) same = read_model(preview, false);
    cr_expect_str_eq(schema_model_fingerprint(model), schema_model_fingerprint(same));
    cr_expect_null(schema_model_find(model, SCHEMA_TABLE, "dbfleet_version"));
}

/* ---- Pure ---- */

/* As MySQL 8.0 prints it (manual 13.7.7.10 "SHOW CREATE TABLE"): no server of it is needed. */
static const char mysql_table[] =
    "CREATE TABLE `t` (\n"
    "  `id` int NOT NULL AUTO_INCREMENT,\n"
    "  `n` varchar(10) COLLATE utf8mb4_bin DEFAULT (concat(_utf8mb4'a',_utf8mb4'b')),\n"
    "  `s` int DEFAULT NULL /*!80023 INVISIBLE */,\n"
    "  PRIMARY KEY (`id`),\n"
    "  KEY `up` ((upper(`n`))) /*!80000 INVISIBLE */,\n"
    "  CONSTRAINT `t_chk_1` CHECK ((`s` > 0)) /*!80016 NOT ENFORCED */\n"
    ") ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci "
    "/*!80016 ENCRYPTION='Y' */\n"
    "/*!50100 PARTITION BY RANGE (`id`)\n"
    "(PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB%s) */";

static SchemaModel *model_of_mysql(const char *more_partitions)
{
    g_autofree char *text = g_strdup_printf(mysql_table, more_partitions);
    SchemaReadOptions options = {0};
    MysqlReading reading = {schema_model_new(DIALECT_MYSQL, "MySQL 8.0"), &options, "shop"};
    mysql_read_table(&reading, "t", text);
    schema_model_finish(reading.model);
    return reading.model;
}

static void expect_attribute(const SchemaModel *model, SchemaKind kind, const char *key,
                             const char *attribute, const char *value)
{
    const SchemaObject *object = schema_model_find(model, kind, key);
    cr_assert_not_null(object, "%s", key);
    const char *actual = schema_object_get(object, attribute);
    cr_expect(g_strcmp0(actual, value) == 0, "%s %s: %s", key, attribute, actual ? actual : "none");
}

Test(mysql_schema, what_mysql_prints_is_read)
{
    g_autoptr(SchemaModel) model = model_of_mysql("");
    expect_attribute(model, SCHEMA_TABLE, "t", "engine", "InnoDB");
    expect_attribute(model, SCHEMA_TABLE, "t", "encryption", "'Y'");
    expect_attribute(model, SCHEMA_TABLE, "t", "~auto_increment", "7");
    expect_attribute(model, SCHEMA_TABLE, "t", "partition by", "PARTITION BY RANGE (`id`)");
    expect_attribute(model, SCHEMA_TABLE, "t", "partitions",
                     "PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB");
    expect_attribute(model, SCHEMA_COLUMN, "t.n", "character set", "utf8mb4");
    expect_attribute(model, SCHEMA_COLUMN, "t.n", "collation", "utf8mb4_bin");
    expect_attribute(model, SCHEMA_COLUMN, "t.n", "default", "(concat(_utf8mb4'a',_utf8mb4'b'))");
    expect_attribute(model, SCHEMA_COLUMN, "t.s", "invisible", "true");
    expect_attribute(model, SCHEMA_COLUMN, "t.s", "default", "NULL");
    expect_attribute(model, SCHEMA_INDEX, "t.up", "definition", "KEY ((upper(`n`))) /*!80000 INVISIBLE */");
    expect_attribute(model, SCHEMA_CONSTRAINT, "t.CHECK ((`s` > 0)) /*!80016 NOT ENFORCED */", "~unnamed",
                     "true");
}

Test(mysql_schema, partitions_of_mysql_are_changed)
{
    g_autoptr(SchemaModel) few = model_of_mysql("");
    g_autoptr(SchemaModel) more = model_of_mysql(",\n PARTITION p1 VALUES LESS THAN (20) ENGINE = InnoDB");
    g_autoptr(SchemaDiff) diff = schema_diff_new(more, few, NULL);
    g_autoptr(ChangeScript) script = schema_write(diff);
    cr_assert_eq(script->statements->len, 1);
    const ChangeStatement *statement = script->statements->pdata[0];
    cr_expect_str_eq(statement->sql, "ALTER TABLE `t` DROP PARTITION `p1`");
    cr_expect_str_eq(statement->data_loss, "table t: rows of partition `p1`");
}

Test(mysql_schema, the_family_is_two_numbers)
{
    g_autofree char *family = mysql_family("MariaDB 10.11.19");
    g_autofree char *short_one = mysql_family("MySQL 8.0");
    cr_expect_str_eq(family, "MariaDB 10.11");
    cr_expect_str_eq(short_one, "MySQL 8.0");
}

Test(mysql_schema, what_narrows_a_type)
{
    static const struct {
        const char *before, *after;
        bool narrows;
    } rows[] = {
        {"int(11)", "bigint(20)", false},
        {"bigint(20)", "int(11)", true},
        {"int(11)", "int(10) unsigned", true},
        {"int(10) unsigned", "bigint(20)", false},
        {"int(10) unsigned", "int(11)", true},
        {"varchar(10)", "varchar(20)", false},
        {"varchar(20)", "varchar(10)", true},
        {"varchar(100)", "text", false},
        {"varchar(20000)", "text", true},
        {"longtext", "text", true},
        {"decimal(8,2)", "decimal(10,2)", false},
        {"decimal(8,2)", "decimal(8,3)", true},
        {"decimal(8,2)", "decimal(8,1)", true},
        {"enum('a','b')", "enum('b','c','a')", false},
        {"enum('a','b')", "enum('a')", true},
        {"enum('a','bb')", "varchar(2)", false},
        {"enum('a','b')", "set('a','b')", true},
        {"date", "datetime", false},
        {"datetime", "date", true},
        {"datetime(6)", "datetime", true},
        {"time", "time(3)", false},
        {"float", "double", false},
        {"double", "float", true},
        {"int(11)", "varchar(11)", false},
        {"int(11)", "varchar(5)", true},
        {"int(11)", "decimal(10,0)", true},
        {"text", "int(11)", true},
        {"uuid", "uuid", false},
        {"varbinary(10)", "blob", false},
        {"bit(8)", "bit(4)", true},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        cr_expect_eq(mysql_type_narrows(rows[i].before, rows[i].after), rows[i].narrows, "%s to %s",
                     rows[i].before, rows[i].after);
    cr_expect(mysql_charset_narrows("utf8mb4", "latin1"));
    cr_expect(!mysql_charset_narrows("latin1", "utf8mb4"));
    cr_expect(!mysql_charset_narrows("latin1", "latin1"));
}
