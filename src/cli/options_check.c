/* Options, the check of the tables: owns what a row must have so that parser, help and completion can work
 * with it. It refuses to repair. Pure, any thread; meant for a test. */
#include "cli/option_table.h"

#include <string.h>

static bool mistake(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool mistake(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_propagate_error(error, g_error_new_valist(OPTIONS_ERROR, OPTIONS_ERROR_USAGE, format, arguments));
    va_end(arguments);
    return false;
}

static bool is_name(const char *text)
{
    return g_ascii_islower(*text) && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static bool fits_itself(const OptionSpec *spec)
{
    bool takes = option_takes_argument(spec);
    bool choices = spec->choices != NULL && *spec->choices != NULL;
    bool names = is_name(spec->name) && (spec->letter == 0 || g_ascii_isalpha(spec->letter));
    bool texts = spec->help != NULL && *spec->help != '\0' && !g_str_has_suffix(spec->help, ".");
    bool range = spec->maximum == 0 || spec->minimum <= spec->maximum;
    return names && texts && range && takes == (spec->argument != NULL) &&
           choices == (spec->kind == OPTION_CHOICE);
}

static bool clash(const OptionSpec *a, const OptionSpec *b)
{
    return strcmp(a->name, b->name) == 0 || (a->letter != 0 && a->letter == b->letter);
}

static bool check_rows(const GPtrArray *rows, const char *command, GError **error)
{
    for (guint i = 0; i < rows->len; i++) {
        const OptionSpec *spec = rows->pdata[i];
        if (!fits_itself(spec))
            return mistake(error, "%s: the row of --%s contradicts itself or lacks a text", command,
                           spec->name);
        for (guint j = 0; j < i; j++)
            if (clash(spec, rows->pdata[j]))
                return mistake(error, "%s: --%s and --%s share a name or letter", command, spec->name,
                               ((const OptionSpec *)rows->pdata[j])->name);
    }
    return true;
}

static bool check_command(const CommandSpec *command, GError **error)
{
    bool operands = command->operands != NULL && *command->operands != '\0';
    if (command->summary == NULL || *command->summary == '\0')
        return mistake(error, "%s: there is no summary", command->name);
    if (command->min_operands > command->max_operands || operands != (command->max_operands > 0))
        return mistake(error, "%s: operands and their number contradict each other", command->name);
    if (command->run == NULL)
        return mistake(error, "%s: there is nothing to run", command->name);
    return true;
}

bool options_check_tables(const ProgramSpec *program, GError **error)
{
    g_autoptr(GPtrArray) globals = option_global_rows(program);
    if (!check_rows(globals, program->name, error))
        return false;
    for (const CommandSpec *const *command = program->commands; *command != NULL; command++) {
        g_autoptr(GPtrArray) rows = option_rows(program, *command);
        if (command_find(program, (*command)->name) != *command)
            return mistake(error, "%s: there are two commands of this name", (*command)->name);
        if (!check_command(*command, error) || !check_rows(rows, (*command)->name, error))
            return false;
    }
    return true;
}
