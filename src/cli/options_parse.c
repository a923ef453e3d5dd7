/* Options, the parser: owns the way from argv and the environment to values, and the words in which it
 * refuses. It knows no option by name but --help and --version, prints nothing and never exits.
 *
 * The first problem is kept and reading goes on, for a --help further on outranks it. Any thread, as long as
 * no other changes the environment. */
#include "cli/option_table.h"
#include "cli/options_internal.h"

#include "base/suggest.h"
#include "base/text_table.h"

#include <string.h>

#define MOST_COMMANDS_NAMED 5
#define SHORTEST_NAME_TYPED_WITH_ONE_DASH 3

typedef struct Parser {
    const ProgramSpec *program;
    char *const *next; /* the next word; `end` when there is none */
    char *const *end;
    bool options_ended; /* by "--" */
    bool asks_help;     /* by the word "help" in place of a command */
    Options *options;
    GError *error; /* the first one */
} Parser;

/* --- refusing --- */

static void fail(Parser *self, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void fail(Parser *self, const char *format, ...)
{
    if (self->error != NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *printable = text_printable(message, false);
    self->error = g_error_new_literal(OPTIONS_ERROR, OPTIONS_ERROR_USAGE, printable);
}

/* " of 'upgrade'" or "". */
static char *of_command(const Parser *self)
{
    const CommandSpec *command = self->options->command;
    return command != NULL ? g_strdup_printf(" of '%s'", command->name) : g_strdup("");
}

static const char *nearest_command(const ProgramSpec *program, const char *word)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (const CommandSpec *const *command = program->commands; *command != NULL; command++)
        if (!command_is_hidden(*command))
            g_ptr_array_add(names, (gpointer)(*command)->name);
    return suggest_nearest(word, (const char *const *)names->pdata, names->len);
}

static const char *nearest_option(const Parser *self, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < self->options->values->len; i++)
        g_ptr_array_add(names, (gpointer)((OptionValue *)self->options->values->pdata[i])->spec->name);
    return suggest_nearest(name, (const char *const *)names->pdata, names->len);
}

/* By name, or by letter when `name` is NULL; NULL if the command has no such option. */
static const OptionSpec *command_row(const CommandSpec *command, const char *name, char letter)
{
    g_autoptr(GPtrArray) rows = option_command_rows(command);
    for (guint i = 0; i < rows->len; i++) {
        const OptionSpec *spec = rows->pdata[i];
        if (name != NULL ? strcmp(spec->name, name) == 0 : spec->letter == letter)
            return spec;
    }
    return NULL;
}

/* The commands that have the option, "upgrade, downgrade"; NULL if there is none. */
static char *commands_with(const ProgramSpec *program, const char *name, char letter)
{
    g_autoptr(GString) list = g_string_new(NULL);
    unsigned count = 0;
    for (const CommandSpec *const *command = program->commands; *command != NULL; command++) {
        if (command_is_hidden(*command) || command_row(*command, name, letter) == NULL)
            continue;
        if (count < MOST_COMMANDS_NAMED)
            g_string_append_printf(list, "%s%s", count > 0 ? ", " : "", (*command)->name);
        count++;
    }
    if (count > MOST_COMMANDS_NAMED)
        g_string_append(list, ", …");
    return count > 0 ? g_strdup(list->str) : NULL;
}

/* `shown` with its dashes; `commands` have it, or NULL; `nearest` is the name of one like it, or NULL. */
static void fail_unknown(Parser *self, const char *shown, const char *commands, const char *nearest)
{
    g_autofree char *where = of_command(self);
    if (commands != NULL)
        fail(self, "unknown option %s%s (it is an option of %s)", shown, where, commands);
    else if (nearest != NULL)
        fail(self, "unknown option %s%s (did you mean --%s?)", shown, where, nearest);
    else
        fail(self, "unknown option %s%s", shown, where);
}

static void fail_unknown_name(Parser *self, const char *name)
{
    g_autofree char *shown = g_strdup_printf("--%s", name);
    g_autofree char *commands = commands_with(self->program, name, 0);
    fail_unknown(self, shown, commands, nearest_option(self, name));
}

/* A letter in the word; what is no letter is shown with the whole word. */
static void fail_unknown_letter(Parser *self, const char *word, char letter)
{
    const char shown[] = {'-', letter, '\0'};
    g_autofree char *commands = commands_with(self->program, NULL, letter);
    fail_unknown(self, g_ascii_isgraph(letter) ? shown : word, commands, NULL);
}

static void fail_ambiguous_option(Parser *self, const char *name, const GPtrArray *matches)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (guint i = 0; i < matches->len; i++)
        g_string_append_printf(list, "%s--%s", i > 0 ? ", " : "",
                               ((OptionValue *)matches->pdata[i])->spec->name);
    fail(self, "option --%s is ambiguous: %s", name, list->str);
}

/* --- finding --- */

static OptionValue *value_with_letter(const Parser *self, char letter)
{
    for (guint i = 0; i < self->options->values->len; i++) {
        OptionValue *value = self->options->values->pdata[i];
        if (value->spec->letter == letter && letter != 0)
            return value;
    }
    return NULL;
}

/* An option of some command, typed before the command: read as the first command that has it reads it, and
 * handed over once the command is known. By full name, or by letter when `name` is NULL; NULL if no command
 * has it, or the command is known already. */
static OptionValue *early_value(const Parser *self, const char *name, char letter)
{
    const OptionSpec *spec = NULL;
    if (self->options->command != NULL)
        return NULL;
    for (const CommandSpec *const *command = self->program->commands; *command != NULL && spec == NULL;
         command++)
        spec = command_row(*command, name, letter);
    if (spec == NULL)
        return NULL;
    OptionValue *value = option_value_new(spec);
    g_ptr_array_add(self->options->values, value);
    return value;
}

/* By name or unique beginning; NULL when it was refused. */
static OptionValue *resolve_name(Parser *self, const char *name)
{
    OptionValue *exact = options_find(self->options, name);
    if (exact == NULL)
        exact = early_value(self, name, 0);
    if (exact != NULL)
        return exact;
    g_autoptr(GPtrArray) matches = g_ptr_array_new();
    for (guint i = 0; i < self->options->values->len && *name != '\0'; i++) {
        OptionValue *value = self->options->values->pdata[i];
        if (g_str_has_prefix(value->spec->name, name))
            g_ptr_array_add(matches, value);
    }
    if (matches->len == 1)
        return matches->pdata[0];
    if (matches->len > 1)
        fail_ambiguous_option(self, name, matches);
    else
        fail_unknown_name(self, name);
    return NULL;
}

/* True for a word that is an option by its full name or letter, so that it was hardly meant as an argument.
 */
static bool is_known_option(const Parser *self, const char *word)
{
    if (word[0] != '-')
        return false;
    if (word[1] != '-')
        return word[1] != '\0' && word[2] == '\0' && value_with_letter(self, word[1]) != NULL;
    g_autofree char *name = g_strndup(word + 2, strcspn(word + 2, "="));
    return options_find(self->options, name) != NULL;
}

/* --- reading options --- */

/* The word after an option, as its argument; NULL when it was refused. `shown` is the option as it was typed.
 */
static const char *take_argument(Parser *self, const OptionSpec *spec, const char *shown)
{
    if (self->next == self->end) {
        fail(self, "option %s needs an argument: %s", shown, spec->argument);
        return NULL;
    }
    if (is_known_option(self, *self->next)) {
        fail(self, "option %s needs an argument: %s (%s is an option; write --%s=%s if it is meant)", shown,
             spec->argument, *self->next, spec->name, *self->next);
        return NULL;
    }
    return *self->next++;
}

/* `attached`: the argument in the same word; NULL: none. */
static void read_option(Parser *self, OptionValue *value, const char *shown, const char *attached)
{
    if (!option_takes_argument(value->spec)) {
        if (attached != NULL)
            fail(self, "option %s takes no argument, but '=%s' was given", shown, attached);
        else
            option_value_raise(value);
        return;
    }
    const char *argument = attached != NULL ? attached : take_argument(self, value->spec, shown);
    g_autoptr(GError) error = NULL;
    if (argument != NULL && !option_value_add(value, argument, &error))
        fail(self, "option %s: %s", shown, error->message);
}

static void read_long_option(Parser *self, const char *word)
{
    const char *equals = strchr(word, '=');
    g_autofree char *name =
        g_strndup(word + 2, equals != NULL ? (gsize)(equals - word - 2) : strlen(word + 2));
    OptionValue *value = resolve_name(self, name);
    if (value == NULL)
        return;
    g_autofree char *shown = g_strdup_printf("--%s", value->spec->name);
    read_option(self, value, shown, equals != NULL ? equals + 1 : NULL);
}

/* -limit: not -l with the argument "imit". */
static bool is_name_with_one_dash(const Parser *self, const char *word)
{
    g_autofree char *name = g_strndup(word + 1, strcspn(word + 1, "="));
    return strlen(name) >= SHORTEST_NAME_TYPED_WITH_ONE_DASH && options_find(self->options, name) != NULL;
}

static void read_letters(Parser *self, const char *word)
{
    if (is_name_with_one_dash(self, word)) {
        fail(self, "unknown option %s (did you mean -%s?)", word, word);
        return;
    }
    for (const char *letter = word + 1; *letter != '\0'; letter++) {
        OptionValue *value = value_with_letter(self, *letter);
        if (value == NULL)
            value = early_value(self, NULL, *letter);
        if (value == NULL) {
            fail_unknown_letter(self, word, *letter);
            return;
        }
        const char shown[] = {'-', *letter, '\0'};
        bool takes = option_takes_argument(value->spec);
        bool equals = letter[1] == '=';
        bool attached = equals || (takes && letter[1] != '\0');
        read_option(self, value, shown, attached ? letter + 1 + equals : NULL);
        if (takes || equals)
            return;
    }
}

/* --- reading words --- */

/* The value that was typed before the command for this row of it, or NULL. */
static OptionValue *typed_early(const Parser *self, const OptionSpec *row, guint globals, guint end)
{
    for (guint i = globals; i < end; i++) {
        OptionValue *value = self->options->values->pdata[i];
        if (strcmp(value->spec->name, row->name) == 0 && value->spec->kind == row->kind)
            return value;
    }
    return NULL;
}

/* Gives the command its values: those typed before it, and new ones for its other rows. */
static void add_command_values(Parser *self, const CommandSpec *command)
{
    GPtrArray *values = self->options->values;
    g_autoptr(GPtrArray) globals = option_global_rows(self->program);
    g_autoptr(GPtrArray) rows = option_command_rows(command);
    guint end = values->len, handed_over = 0;
    for (guint i = 0; i < rows->len; i++) {
        OptionValue *early = typed_early(self, rows->pdata[i], globals->len, end);
        if (early == NULL) {
            g_ptr_array_add(values, option_value_new(rows->pdata[i]));
            continue;
        }
        early->spec = rows->pdata[i];
        handed_over++;
    }
    for (guint i = globals->len; i < end && handed_over < end - globals->len; i++) {
        const OptionSpec *spec = ((OptionValue *)values->pdata[i])->spec;
        if (command_row(command, spec->name, 0) == NULL)
            fail_unknown_name(self, spec->name);
    }
}

static void read_command(Parser *self, const char *word)
{
    const CommandSpec *command = command_find(self->program, word);
    if (command == NULL && strcmp(word, "help") == 0) {
        self->asks_help = true;
        return;
    }
    if (command == NULL) {
        const char *nearest = nearest_command(self->program, word);
        if (nearest != NULL)
            fail(self, "unknown command '%s' (did you mean '%s'?)", word, nearest);
        else
            fail(self, "unknown command '%s'; '%s --help' lists the commands", word, self->program->name);
        return;
    }
    self->options->command = command;
    add_command_values(self, command);
}

static void read_operand(Parser *self, const char *word)
{
    GPtrArray *operands = self->options->operands;
    g_ptr_array_insert(operands, (gint)operands->len - 1, g_strdup(word)); /* before the closing NULL */
}

/* -1 and -12 in "downgrade -1"; no option is a digit. */
static bool is_relative(const Parser *self, const char *word)
{
    const CommandSpec *command = self->options->command;
    return command != NULL && command->relative_operands && word[0] == '-' && g_ascii_isdigit(word[1]);
}

static void read_word(Parser *self, const char *word)
{
    bool option = word[0] == '-' && word[1] != '\0' && !self->options_ended && !is_relative(self, word);
    if (option && strcmp(word, "--") == 0)
        self->options_ended = true;
    else if (option && word[1] == '-')
        read_long_option(self, word);
    else if (option)
        read_letters(self, word);
    else if (self->options->command == NULL)
        read_command(self, word);
    else
        read_operand(self, word);
}

/* --- afterwards --- */

static void read_environment(Parser *self)
{
    for (guint i = 0; i < self->options->values->len; i++) {
        OptionValue *value = self->options->values->pdata[i];
        g_autofree char *name = option_environment_name(self->program, value->spec);
        const char *text = name != NULL && !value->given ? g_getenv(name) : NULL;
        g_autoptr(GError) error = NULL;
        if (text != NULL && *text != '\0' && !option_value_add_environment(value, text, &error))
            fail(self, "environment variable %s: %s", name, error->message);
    }
}

static void check_operands(Parser *self)
{
    const CommandSpec *command = self->options->command;
    unsigned count = options_operand_count(self->options);
    if (command == NULL)
        return;
    if (count < command->min_operands)
        fail(self, "'%s' needs %s", command->name, command->operands);
    else if (count > command->max_operands && command->max_operands == 0)
        fail(self, "'%s' takes no operands, but '%s' was given", command->name,
             options_operand(self->options, 0));
    else if (count > command->max_operands)
        fail(self, "'%s' takes %s; '%s' is one too many", command->name, command->operands,
             options_operand(self->options, command->max_operands));
}

static bool asks_for_text(const Parser *self)
{
    return options_wants_help(self->options) || options_wants_version(self->options);
}

static void parse(Parser *self)
{
    bool typed = self->next != self->end;
    while (self->next != self->end)
        read_word(self, *self->next++);
    if (self->asks_help)
        option_value_raise(options_find(self->options, "help"));
    if (asks_for_text(self)) {
        g_clear_error(&self->error);
        return;
    }
    check_operands(self);
    if (typed && self->options->command == NULL)
        fail(self, "no command given; '%s --help' lists the commands", self->program->name);
    read_environment(self);
}

Options *options_parse(const ProgramSpec *program, int argc, char *const *argv, GError **error)
{
    g_autoptr(Options) options = options_new();
    g_autoptr(GPtrArray) rows = option_global_rows(program);
    for (guint i = 0; i < rows->len; i++)
        g_ptr_array_add(options->values, option_value_new(rows->pdata[i]));
    Parser parser = {.program = program, .next = argv + MIN(argc, 1), .end = argv + argc, .options = options};
    parse(&parser);
    if (parser.error != NULL) {
        g_propagate_error(error, parser.error);
        return NULL;
    }
    return g_steal_pointer(&options);
}
