/* Code: views, routines, packages, triggers, events and sequences, as the server tells them. */
#include "schema/mysql/mysql_internal.h"

#include <string.h>

/* ---- Heads ---- */

/* Moves from "CREATE … DEFINER=… KIND `name`" behind the name. */
static void take_head(const char **at, const char *kind)
{
    g_autofree char *word = g_strconcat(kind, " ", NULL);
    while (**at && !text_take(at, word))
        *at = text_behind(*at);
    g_free(text_take_name(at));
}

/* "`root`@`localhost`" behind DEFINER=; NULL. Caller frees. */
static char *definer_of(const char *text)
{
    const char *from = strstr(text, "DEFINER=");
    if (!from)
        return NULL;
    const char *end = from + strlen("DEFINER=");
    while (*end && *end != ' ')
        end = text_behind(end);
    return g_strndup(from + strlen("DEFINER="), end - from - strlen("DEFINER="));
}

static SchemaObject *add_code(const MysqlReading *self, SchemaKind kind, const char *name)
{
    g_autofree char *key = text_key_part(name);
    g_autofree char *quoted = text_quoted(name);
    return schema_model_add(self->model, kind, key, NULL, quoted);
}

static void set_definer(const MysqlReading *self, SchemaObject *object, const char *definer)
{
    if (self->options->owners)
        schema_model_set(self->model, object, ATTRIBUTE_DEFINER, definer);
}

/* ---- Views ---- */

static const char *const check_options[] = {"CASCADED", "LOCAL"};

/* Cuts "WITH … CHECK OPTION" off. */
static void take_check_option(const MysqlReading *self, SchemaObject *view, char *text)
{
    for (gsize i = 0; i < G_N_ELEMENTS(check_options); i++) {
        g_autofree char *clause = g_strdup_printf(" WITH %s CHECK OPTION", check_options[i]);
        if (!g_str_has_suffix(text, clause))
            continue;
        text[strlen(text) - strlen(clause)] = '\0';
        schema_model_set(self->model, view, "check option", check_options[i]);
    }
}

/* The word behind `before`; NULL if that does not occur. Caller frees. */
static char *word_behind(const char *text, const char *before)
{
    const char *at = strstr(text, before);
    if (!at)
        return NULL;
    at += strlen(before);
    return g_strndup(at, strcspn(at, " "));
}

void mysql_read_view(const MysqlReading *self, const char *name, const char *text)
{
    SchemaObject *view = add_code(self, SCHEMA_VIEW, name);
    const char *at = text;
    take_head(&at, "VIEW");
    g_autofree char *head = g_strndup(text, at - text);
    g_autofree char *algorithm = word_behind(head, "ALGORITHM=");
    g_autofree char *security = word_behind(head, "SQL SECURITY ");
    g_autofree char *definer = definer_of(head);
    g_autofree char *definition = text_without_database(at, self->database);
    schema_model_set(self->model, view, "algorithm", algorithm);
    schema_model_set(self->model, view, "security", security);
    take_check_option(self, view, definition);
    schema_model_set(self->model, view, ATTRIBUTE_DEFINITION, definition);
    set_definer(self, view, definer);
}

/* ---- Sequences ---- */

static const char *const sequence_clauses[] = {"start with",   "minvalue", "maxvalue",
                                               "increment by", "cache",    "ENGINE="};

void mysql_read_sequence(const MysqlReading *self, const char *name, const char *text)
{
    SchemaObject *sequence = add_code(self, SCHEMA_SEQUENCE, name);
    const char *at = text;
    take_head(&at, "SEQUENCE");
    schema_model_set(self->model, sequence, ATTRIBUTE_LINE, at);
    g_autofree char *line = g_strconcat(" ", at, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(sequence_clauses); i++) {
        bool is_option = g_str_has_suffix(sequence_clauses[i], "=");
        g_autofree char *before = g_strdup_printf(" %s%s", sequence_clauses[i], is_option ? "" : " ");
        g_autofree char *value = word_behind(line, before);
        schema_model_set(self->model, sequence, is_option ? "engine" : sequence_clauses[i], value);
    }
    schema_model_set(self->model, sequence, "cycle", strstr(line, " nocycle") ? NULL : "true");
    const char *comment = strstr(line, " COMMENT=");
    schema_model_set(self->model, sequence, "comment", comment ? comment + strlen(" COMMENT=") : NULL);
    const char *type = strstr(line, " as ");
    g_autofree char *as = type ? g_strndup(type + 4, strcspn(type + 4, " ")) : NULL;
    schema_model_set(self->model, sequence, "type", as);
}

/* ---- Routines ---- */

static const struct {
    SchemaKind kind;
    const char *word;
} routine_words[] = {{SCHEMA_FUNCTION, "FUNCTION"}, {SCHEMA_PROCEDURE, "PROCEDURE"}};

void mysql_read_routine(const MysqlReading *self, SchemaKind kind, const char *name, const char *text,
                        const char *sql_mode)
{
    SchemaObject *routine = add_code(self, kind, name);
    const char *at = text;
    take_head(&at, routine_words[kind == SCHEMA_PROCEDURE].word);
    g_autofree char *head = g_strndup(text, at - text);
    g_autofree char *definer = definer_of(head);
    schema_model_set(self->model, routine, ATTRIBUTE_DEFINITION, at);
    schema_model_set(self->model, routine, ATTRIBUTE_SQL_MODE, sql_mode);
    schema_model_set(self->model, routine, "aggregate", strstr(head, " AGGREGATE ") ? "true" : NULL);
    set_definer(self, routine, definer);
}

void mysql_read_package(const MysqlReading *self, const char *attribute, const char *name, const char *text,
                        const char *sql_mode)
{
    SchemaObject *package = add_code(self, SCHEMA_PACKAGE, name);
    const char *at = text;
    take_head(&at, g_str_equal(attribute, ATTRIBUTE_BODY) ? "PACKAGE BODY" : "PACKAGE");
    g_autofree char *definer = definer_of(text);
    schema_model_set(self->model, package, attribute, at);
    schema_model_set(self->model, package, ATTRIBUTE_SQL_MODE, sql_mode);
    set_definer(self, package, definer);
}

/* ---- Triggers ---- */

enum { TRIGGER_NAME, TRIGGER_TABLE, TRIGGER_TIME, TRIGGER_BODY, TRIGGER_SQL_MODE, TRIGGER_DEFINER };

/* "after" is told among those of one table, time and event. */
void mysql_read_triggers(const MysqlReading *self, const RowSet *rows)
{
    char *const *before = NULL;
    for (guint i = 0; i < rows->rows->len; i++) {
        char *const *row = rows->rows->pdata[i];
        g_autofree char *key = text_key_part(row[TRIGGER_NAME]);
        g_autofree char *name = text_quoted(row[TRIGGER_NAME]);
        g_autofree char *table = text_key_part(row[TRIGGER_TABLE]);
        g_autofree char *table_name = text_quoted(row[TRIGGER_TABLE]);
        if (!schema_model_find(self->model, SCHEMA_TABLE, table))
            continue; /* of a table that is left out */
        SchemaObject *trigger = schema_model_add(self->model, SCHEMA_TRIGGER, key, table, name);
        bool follows = before && g_str_equal(before[TRIGGER_TABLE], row[TRIGGER_TABLE]) &&
                       g_str_equal(before[TRIGGER_TIME], row[TRIGGER_TIME]);
        g_autofree char *previous = follows ? text_quoted(before[TRIGGER_NAME]) : NULL;
        trigger->position = i + 1;
        schema_model_set(self->model, trigger, ATTRIBUTE_AFTER, previous);
        schema_model_set(self->model, trigger, "table", table_name);
        schema_model_set(self->model, trigger, "time", row[TRIGGER_TIME]);
        schema_model_set(self->model, trigger, ATTRIBUTE_BODY, row[TRIGGER_BODY]);
        schema_model_set(self->model, trigger, ATTRIBUTE_SQL_MODE, row[TRIGGER_SQL_MODE]);
        set_definer(self, trigger, row[TRIGGER_DEFINER]);
        before = row;
    }
}

/* ---- Events ---- */

enum {
    EVENT_NAME,
    EVENT_AT,
    EVENT_VALUE,
    EVENT_FIELD,
    EVENT_STARTS,
    EVENT_ENDS,
    EVENT_COMPLETION,
    EVENT_STATUS,
    EVENT_COMMENT,
    EVENT_BODY,
    EVENT_SQL_MODE,
    EVENT_DEFINER,
    EVENT_ZONE,
    EVENT_MADE_UP_START
};

static char *event_schedule(char *const *row)
{
    if (row[EVENT_AT])
        return g_strdup_printf("AT '%s'", row[EVENT_AT]);
    GString *schedule = g_string_new("EVERY ");
    g_string_append_printf(schedule, "%s %s", row[EVENT_VALUE], row[EVENT_FIELD]);
    if (row[EVENT_STARTS] && g_str_equal(row[EVENT_MADE_UP_START], "0"))
        g_string_append_printf(schedule, " STARTS '%s'", row[EVENT_STARTS]);
    if (row[EVENT_ENDS])
        g_string_append_printf(schedule, " ENDS '%s'", row[EVENT_ENDS]);
    return g_string_free(schedule, FALSE);
}

static const struct {
    const char *status;
    const char *clause;
} event_states[] = {{"ENABLED", "ENABLE"}, {"DISABLED", "DISABLE"}};

/* What another server of a replication made of it is no state that DDL sets. */
static const char *event_state(const char *status)
{
    for (gsize i = 0; i < G_N_ELEMENTS(event_states); i++)
        if (g_str_equal(event_states[i].status, status))
            return event_states[i].clause;
    return "DISABLE ON SLAVE";
}

void mysql_read_events(const MysqlReading *self, const RowSet *rows)
{
    for (guint i = 0; i < rows->rows->len; i++) {
        char *const *row = rows->rows->pdata[i];
        SchemaObject *event = add_code(self, SCHEMA_EVENT, row[EVENT_NAME]);
        g_autofree char *schedule = event_schedule(row);
        g_autofree char *comment = text_string(row[EVENT_COMMENT]);
        schema_model_set(self->model, event, "schedule", schedule);
        schema_model_set(self->model, event, "~starts", row[EVENT_STARTS]);
        schema_model_set(self->model, event, "~time_zone", row[EVENT_ZONE]);
        schema_model_set(self->model, event, "on completion", row[EVENT_COMPLETION]);
        schema_model_set(self->model, event, "status", event_state(row[EVENT_STATUS]));
        schema_model_set(self->model, event, "comment", *row[EVENT_COMMENT] ? comment : NULL);
        schema_model_set(self->model, event, ATTRIBUTE_BODY, row[EVENT_BODY]);
        schema_model_set(self->model, event, ATTRIBUTE_SQL_MODE, row[EVENT_SQL_MODE]);
        set_definer(self, event, row[EVENT_DEFINER]);
    }
}
