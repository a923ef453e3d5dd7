/* Change script: the list of statements, and their text in a section. */
#include "schema/change_script.h"

#include <string.h>

static void statement_free(gpointer data)
{
    ChangeStatement *self = data;
    g_free(self->sql);
    g_free(self->comment);
    g_free(self->data_loss);
    g_free(self);
}

ChangeScript *change_script_new(void)
{
    ChangeScript *self = g_new0(ChangeScript, 1);
    self->statements = g_ptr_array_new_with_free_func(statement_free);
    self->refusals = g_ptr_array_new_with_free_func(g_free);
    self->notes = g_ptr_array_new_with_free_func(g_free);
    return self;
}

void change_script_free(ChangeScript *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->statements);
    g_ptr_array_unref(self->refusals);
    g_ptr_array_unref(self->notes);
    g_free(self);
}

ChangeStatement *change_script_take(ChangeScript *self, char *sql)
{
    ChangeStatement *statement = g_new0(ChangeStatement, 1);
    statement->sql = sql;
    g_ptr_array_add(self->statements, statement);
    return statement;
}

ChangeStatement *change_script_add(ChangeScript *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *sql = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return change_script_take(self, sql);
}

void change_script_refuse(ChangeScript *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(self->refusals, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

void change_script_note(ChangeScript *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(self->notes, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

/* ---- As text ---- */

/* Behind a body, the first of them that it does not hold. */
static const char *const body_delimiters[] = {"//", "$$", "||", "//end//"};

static const char *body_delimiter(const char *sql)
{
    gsize last = G_N_ELEMENTS(body_delimiters) - 1;
    for (gsize i = 0; i < last; i++)
        if (!strstr(sql, body_delimiters[i]))
            return body_delimiters[i];
    return body_delimiters[last];
}

/* A body holds a ";" that is none of the script's own: only the MySQL family needs a delimiter for it, and
 * only a routine, trigger, event or package has one. */
static bool needs_delimiter(const ChangeStatement *self, Dialect dialect)
{
    static const char *const bodies[] = {"FUNCTION ", "PROCEDURE ", "TRIGGER ", "EVENT ", "PACKAGE "};
    const char *name = strchr(self->sql, '`');
    bool has_body = false;
    for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++)
        has_body |= name && g_strstr_len(self->sql, name - self->sql, bodies[i]) != NULL;
    return dialect_is_mysql_family(dialect) && strchr(self->sql, ';') && has_body;
}

static void add_statement(GString *text, const ChangeStatement *statement, Dialect dialect)
{
    if (statement->comment)
        g_string_append_printf(text, "-- %s\n", statement->comment);
    if (statement->data_loss)
        g_string_append_printf(text, "-- dbfleet:data-loss %s\n", statement->data_loss);
    const char *delimiter = needs_delimiter(statement, dialect) ? body_delimiter(statement->sql) : NULL;
    if (delimiter)
        g_string_append_printf(text, "DELIMITER %s\n%s\n%s\nDELIMITER ;\n", delimiter, statement->sql,
                               delimiter);
    else
        g_string_append_printf(text, "%s;\n", statement->sql);
}

char *change_script_text(const ChangeScript *self, Dialect dialect, unsigned first, unsigned count)
{
    GString *text = g_string_new("");
    for (unsigned i = first; i < first + count && i < self->statements->len; i++) {
        if (i > first)
            g_string_append_c(text, '\n');
        add_statement(text, self->statements->pdata[i], dialect);
    }
    return g_string_free(text, FALSE);
}
