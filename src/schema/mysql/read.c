/* Reading: which objects there are, in one message, and how the server prints them, in another.
 *
 * Owns the session's settings while it reads and puts them back. Triggers, events and the database itself
 * come from information_schema, which has all of them in columns; everything else from SHOW CREATE, which is
 * faster and complete (information_schema is blind to sequences). */
#include "schema/mysql/mysql_internal.h"

#include <string.h>

/* The settings that change what is printed, in the order of READING_SETTINGS. */
static const char *const settings[] = {"sql_mode", "sql_quote_show_create", "time_zone",
                                       "character_set_results"};
#define READING_SETTINGS                                                                                     \
    "SET SESSION sql_mode = '', sql_quote_show_create = 1, time_zone = '+00:00', character_set_results = "   \
    "utf8mb4"

#define ASK_DATABASE                                                                                         \
    "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata "            \
    "WHERE schema_name = DATABASE()"
#define ASK_TABLES                                                                                           \
    "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE() "          \
    "AND table_type <> 'TEMPORARY' ORDER BY table_name"
#define ASK_ROUTINES                                                                                         \
    "SELECT routine_name, routine_type FROM information_schema.routines WHERE routine_schema = DATABASE() "  \
    "ORDER BY routine_type, routine_name"
/* The order of triggers is told of those of one event and time. */
#define ASK_TRIGGERS                                                                                         \
    "SELECT trigger_name, event_object_table, CONCAT(action_timing, ' ', event_manipulation), "              \
    "action_statement, sql_mode, definer FROM information_schema.triggers WHERE trigger_schema = "           \
    "DATABASE() ORDER BY event_object_table, action_timing, event_manipulation, action_order"
/* STARTS that nobody wrote is the time when the event was made or altered. */
#define ASK_EVENTS                                                                                           \
    "SELECT event_name, execute_at, interval_value, interval_field, starts, ends, on_completion, status, "   \
    "event_comment, event_definition, sql_mode, definer, time_zone, "                                        \
    "COALESCE(CONVERT_TZ(starts, time_zone, '+00:00') IN (created, last_altered), 0) "                       \
    "FROM information_schema.events WHERE event_schema = DATABASE() ORDER BY event_name"

enum { ITEM_SETTINGS, ITEM_SET, ITEM_DATABASE, ITEM_TABLES, ITEM_ROUTINES, ITEM_TRIGGERS, ITEM_EVENTS };

/* What one object is asked with, and where in the answer its text stands. */
typedef struct ShownKind {
    const char *type; /* as information_schema has it; NULL: any other */
    const char *show;
    const char *text_column;
    void (*read)(const MysqlReading *self, const char *name, const char *text, const char *sql_mode);
} ShownKind;

static void read_table(const MysqlReading *self, const char *name, const char *text, const char *sql_mode)
{
    (void)sql_mode;
    mysql_read_table(self, name, text);
}

static void read_view(const MysqlReading *self, const char *name, const char *text, const char *sql_mode)
{
    (void)sql_mode;
    mysql_read_view(self, name, text);
}

static void read_sequence(const MysqlReading *self, const char *name, const char *text, const char *sql_mode)
{
    (void)sql_mode;
    mysql_read_sequence(self, name, text);
}

static void read_function(const MysqlReading *self, const char *name, const char *text, const char *sql_mode)
{
    mysql_read_routine(self, SCHEMA_FUNCTION, name, text, sql_mode);
}

static void read_procedure(const MysqlReading *self, const char *name, const char *text, const char *sql_mode)
{
    mysql_read_routine(self, SCHEMA_PROCEDURE, name, text, sql_mode);
}

static void read_package(const MysqlReading *self, const char *name, const char *text, const char *sql_mode)
{
    mysql_read_package(self, ATTRIBUTE_DEFINITION, name, text, sql_mode);
}

static void read_package_body(const MysqlReading *self, const char *name, const char *text,
                              const char *sql_mode)
{
    mysql_read_package(self, ATTRIBUTE_BODY, name, text, sql_mode);
}

static const ShownKind kinds[] = {
    {"BASE TABLE", "TABLE", "Create Table", read_table},
    {"SYSTEM VERSIONED", "TABLE", "Create Table", read_table},
    {"VIEW", "VIEW", "Create View", read_view},
    {"SEQUENCE", "SEQUENCE", "Create Table", read_sequence},
    {"FUNCTION", "FUNCTION", "Create Function", read_function},
    {"PROCEDURE", "PROCEDURE", "Create Procedure", read_procedure},
    {"PACKAGE", "PACKAGE", "Create Package", read_package},
    {"PACKAGE BODY", "PACKAGE BODY", "Create Package Body", read_package_body},
};

static const ShownKind *kind_of(const char *type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(kinds[i].type, type))
            return &kinds[i];
    return NULL;
}

/* ---- Settings ---- */

static char *settings_query(void)
{
    GString *query = g_string_new("SELECT ");
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++)
        g_string_append_printf(query, "%s@@SESSION.%s", i ? ", " : "", settings[i]);
    return g_string_free(query, FALSE);
}

static char *settings_restored(const Connection *connection, const RowSet *before)
{
    char *const *values = before->rows->pdata[0];
    GString *sql = g_string_new("SET SESSION ");
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
        bool is_switch = g_strcmp0(values[i], "0") == 0 || g_strcmp0(values[i], "1") == 0;
        g_autofree char *value =
            is_switch ? g_strdup(values[i]) : sql_quote_literal(connection->server.dialect, values[i]);
        g_string_append_printf(sql, "%s%s = %s", i ? ", " : "", settings[i], value);
    }
    return g_string_free(sql, FALSE);
}

/* ---- Asking ---- */

static bool is_hidden(const SchemaReadOptions *options, const char *name)
{
    return options->hidden && g_strv_contains(options->hidden, name);
}

/* One object that will be shown. */
typedef struct Shown {
    const ShownKind *kind;
    const char *name; /* of the rows that it came from */
    unsigned item;
} Shown;

/* Types that are not known here are told as present. */
static void list_shown(const MysqlReading *self, const RowSet *rows, Batch *batch, GArray *shown)
{
    for (guint i = 0; i < rows->rows->len; i++) {
        char *const *row = rows->rows->pdata[i];
        const ShownKind *kind = kind_of(row[1]);
        g_autofree char *quoted = text_quoted(row[0]);
        if (is_hidden(self->options, row[0]))
            continue;
        if (!kind) {
            g_autofree char *part = text_key_part(row[0]);
            g_autofree char *key = g_strdup_printf("%s %s", row[1], part);
            schema_model_add(self->model, SCHEMA_OTHER, key, NULL, quoted);
            continue;
        }
        Shown entry = {kind, row[0], 0};
        entry.item = batch_take(batch, g_strdup_printf("SHOW CREATE %s %s", kind->show, quoted), true);
        g_array_append_val(shown, entry);
    }
}

static const char *column_of(const RowSet *rows, const char *name)
{
    char *const *row = rows->rows->len ? rows->rows->pdata[0] : NULL;
    for (unsigned i = 0; row && i < rows->columns; i++)
        if (g_ascii_strcasecmp(rows->names[i], name) == 0)
            return row[i];
    return NULL;
}

/* Without a text the user may not see what the object is. */
static bool read_shown(const MysqlReading *self, const Shown *shown, const RowSet *rows, GError **error)
{
    const char *text = column_of(rows, shown->kind->text_column);
    if (!text) {
        g_autofree char *message = g_strdup_printf("The definition of %s %s is not shown to this user.",
                                                   shown->kind->show, shown->name);
        g_propagate_error(error, db_error_new(DB_ERROR_PERMISSION, NULL, message, NULL,
                                              "Grant the user SHOW CREATE ROUTINE or SELECT on mysql.proc "
                                              "(MariaDB), SHOW_ROUTINE (MySQL)."));
        return false;
    }
    shown->kind->read(self, shown->name, text, column_of(rows, "sql_mode"));
    return true;
}

static void read_database(const MysqlReading *self, const RowSet *rows, const RowSet *session)
{
    char *const *row = rows->rows->len ? rows->rows->pdata[0] : NULL;
    char *const *before = session->rows->pdata[0];
    SchemaObject *database =
        schema_model_add(self->model, SCHEMA_SETTING, SETTING_DATABASE, NULL, SETTING_DATABASE);
    if (row) {
        schema_model_set(self->model, database, "character set", row[0]);
        schema_model_set(self->model, database, "collation", row[1]);
    }
    schema_model_set(self->model, database, "~" ATTRIBUTE_SQL_MODE, before[0]);
}

/* ---- Both messages ---- */

static Batch *first_message(void)
{
    static const char *const asked[] = {READING_SETTINGS, ASK_DATABASE, ASK_TABLES,
                                        ASK_ROUTINES,     ASK_TRIGGERS, ASK_EVENTS};
    Batch *batch = batch_new();
    batch_take(batch, settings_query(), true);
    for (gsize i = 0; i < G_N_ELEMENTS(asked); i++)
        batch_add(batch, &(BatchItem){.sql = asked[i], .length = strlen(asked[i]), .wants_rows = i > 0});
    return batch;
}

static bool read_all_shown(const MysqlReading *self, Connection *connection, const BatchResult *listed,
                           GError **error)
{
    g_autoptr(Batch) batch = batch_new();
    g_autoptr(GArray) shown = g_array_new(FALSE, FALSE, sizeof(Shown));
    g_auto(BatchResult) result = {0};
    list_shown(self, batch_result_rows(listed, ITEM_TABLES), batch, shown);
    list_shown(self, batch_result_rows(listed, ITEM_ROUTINES), batch, shown);
    if (!connection_execute(connection, batch, &result, error))
        return false;
    for (guint i = 0; i < shown->len; i++) {
        const Shown *entry = &g_array_index(shown, Shown, i);
        if (!read_shown(self, entry, batch_result_rows(&result, entry->item), error))
            return false;
    }
    return true;
}

static bool read_objects(const MysqlReading *self, Connection *connection, const BatchResult *listed,
                         GError **error)
{
    read_database(self, batch_result_rows(listed, ITEM_DATABASE), batch_result_rows(listed, ITEM_SETTINGS));
    if (!read_all_shown(self, connection, listed, error))
        return false;
    mysql_read_triggers(self, batch_result_rows(listed, ITEM_TRIGGERS));
    mysql_read_events(self, batch_result_rows(listed, ITEM_EVENTS));
    mysql_read_dependencies(self);
    schema_model_finish(self->model);
    return true;
}

static SchemaModel *read_once(Connection *connection, const SchemaReadOptions *options, GError **error)
{
    g_autoptr(Batch) batch = first_message();
    g_auto(BatchResult) listed = {0};
    bool asked = connection_execute(connection, batch, &listed, error);
    const RowSet *before = batch_result_rows(&listed, ITEM_SETTINGS);
    if (!before)
        return NULL;
    g_autofree char *family = mysql_family(connection->server.version);
    g_autoptr(SchemaModel) model = schema_model_new(connection->server.dialect, family);
    MysqlReading reading = {model, options, connection->server.database};
    bool read = asked && read_objects(&reading, connection, &listed, error);
    g_autofree char *restored = settings_restored(connection, before);
    if (!connection_run(connection, restored, read ? error : NULL) || !read)
        return NULL;
    return g_steal_pointer(&model);
}

/* What was dropped between the two messages is no error of the schema: it is read anew once. */
SchemaModel *mysql_read(Connection *connection, const SchemaReadOptions *options, GError **error)
{
    g_autoptr(GError) first = NULL;
    SchemaModel *model = read_once(connection, options, &first);
    if (model)
        return model;
    if (g_error_matches(first, DB_ERROR, DB_ERROR_UNDEFINED_TABLE))
        return read_once(connection, options, error);
    g_propagate_error(error, g_steal_pointer(&first));
    return NULL;
}

/* ---- Family ---- */

/* "MariaDB 10.11.6": the first two numbers. */
char *mysql_family(const char *version)
{
    const char *dot = strchr(version, '.');
    const char *second = dot ? strchr(dot + 1, '.') : NULL;
    return second ? g_strndup(version, second - version) : g_strdup(version);
}
