/* Option table: owns how the rows of a program are found and named. It refuses to read a command line or the
 * environment: those are options.c. Pure, any thread. */
#include "cli/option_table.h"

#include <string.h>

/* Every program has these two; they come last so that no table need repeat them, and they have no variable.
 */
static const OptionSpec BUILT_IN[] = {
    {.name = "help", .letter = 'h', .kind = OPTION_FLAG, .help = "Show this help"},
    {.name = "version", .kind = OPTION_FLAG, .help = "Show the version"},
    {.name = NULL},
};

static void add_rows(GPtrArray *rows, const OptionSpec *table)
{
    for (const OptionSpec *spec = table; spec != NULL && spec->name != NULL; spec++)
        g_ptr_array_add(rows, (gpointer)spec);
}

static void add_command_rows(GPtrArray *rows, const CommandSpec *command)
{
    for (const OptionSpec *const *set = command->option_sets; set != NULL && *set != NULL; set++)
        add_rows(rows, *set);
}

GPtrArray *option_command_rows(const CommandSpec *command)
{
    GPtrArray *rows = g_ptr_array_new();
    add_command_rows(rows, command);
    return rows;
}

GPtrArray *option_global_rows(const ProgramSpec *program)
{
    return option_rows(program, NULL);
}

GPtrArray *option_rows(const ProgramSpec *program, const CommandSpec *command)
{
    GPtrArray *rows = g_ptr_array_new();
    if (command != NULL)
        add_command_rows(rows, command);
    add_rows(rows, program->global_options);
    add_rows(rows, BUILT_IN);
    return rows;
}

bool option_takes_argument(const OptionSpec *spec)
{
    return spec->kind != OPTION_FLAG && spec->kind != OPTION_COUNT;
}

bool option_repeats(const OptionSpec *spec)
{
    return spec->kind == OPTION_COUNT || spec->kind == OPTION_LIST || spec->kind == OPTION_PAIRS;
}

static bool is_built_in(const OptionSpec *spec)
{
    return spec >= BUILT_IN && spec < BUILT_IN + G_N_ELEMENTS(BUILT_IN);
}

char *option_environment_name(const ProgramSpec *program, const OptionSpec *spec)
{
    if (is_built_in(spec) || spec->typed_only)
        return NULL;
    g_autofree char *name = g_strdup_printf("%s_%s", program->name, spec->name);
    char *upper = g_ascii_strup(name, -1);
    return g_strdelimit(upper, "-", '_');
}

char *option_synopsis(const OptionSpec *spec, bool aligned)
{
    GString *text = g_string_new(NULL);
    if (spec->letter != 0)
        g_string_append_printf(text, "-%c, ", spec->letter);
    else if (aligned)
        g_string_append(text, "    ");
    g_string_append_printf(text, "--%s", spec->name);
    if (option_takes_argument(spec))
        g_string_append_printf(text, " %s", spec->argument != NULL ? spec->argument : "VALUE");
    return g_string_free(text, FALSE);
}

static void append_range(GString *text, const OptionSpec *spec)
{
    if (spec->maximum > 0)
        g_string_append_printf(text, "%" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, spec->minimum,
                               spec->maximum);
    else if (spec->minimum > 0)
        g_string_append_printf(text, "at least %" G_GUINT64_FORMAT, spec->minimum);
}

char *option_limits(const OptionSpec *spec)
{
    GString *text = g_string_new(NULL);
    if (spec->kind == OPTION_UNSIGNED)
        append_range(text, spec);
    if (spec->kind == OPTION_CHOICE) {
        g_autofree char *choices = g_strjoinv(", ", (char **)spec->choices);
        g_string_append_printf(text, "one of %s", choices);
    }
    if (option_repeats(spec))
        g_string_append(text, "may be repeated");
    return g_string_free(text, FALSE);
}

const CommandSpec *command_find(const ProgramSpec *program, const char *name)
{
    for (const CommandSpec *const *command = program->commands; *command != NULL; command++)
        if (strcmp((*command)->name, name) == 0)
            return *command;
    return NULL;
}

bool command_is_hidden(const CommandSpec *command)
{
    return g_str_has_prefix(command->name, "__");
}

char *command_synopsis(const CommandSpec *command)
{
    bool operands = command->operands != NULL && *command->operands != '\0';
    return g_strdup_printf("%s [options]%s%s", command->name, operands ? " " : "",
                           operands ? command->operands : "");
}

const char *command_group_title(CommandGroup group)
{
    static const char *const TITLES[] = {
        [COMMANDS_FLEET] = "fleet",
        [COMMANDS_REVISIONS] = "revisions",
        [COMMANDS_INVENTORY] = "inventory",
        [COMMANDS_OTHER] = "other",
    };
    return TITLES[group];
}
