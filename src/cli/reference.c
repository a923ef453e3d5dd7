/* Reference: owns how the tables look in Markdown (GitHub's, for its tables). Pure, any thread. */
#include "cli/help.h"

#include "base/text_table.h"
#include "cli/option_table.h"
#include "cli/paragraphs.h"

#include <string.h>

/* NO_COLOR: within a word Markdown leaves the underscore alone. */
static bool is_within_word(const char *text, const char *at)
{
    return at > text && g_ascii_isalnum(at[-1]) && g_ascii_isalnum(at[1]);
}

/* Running text: what Markdown would read as its own is escaped. */
static void append_text(GString *out, const char *text)
{
    g_autofree char *printable = text_printable(text, true);
    for (const char *at = printable; *at != '\0'; at++) {
        bool special = strchr("\\`*_[]<>|#", *at) != NULL;
        if (special && !(*at == '_' && is_within_word(printable, at)))
            g_string_append_c(out, '\\');
        g_string_append_c(out, *at);
    }
}

/* `code` in a table cell: only the bar must be escaped there. */
static void append_code(GString *out, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "|", -1);
    g_autofree char *escaped = g_strjoinv("\\|", parts);
    g_string_append_printf(out, "`%s`", escaped);
}

static void append_block(GString *out, const char *text)
{
    g_string_append(out, "\n```sh\n");
    append_lines(out, text, 0);
    g_string_append(out, "```\n");
}

static void append_prose(GString *out, const char *text)
{
    g_autoptr(GPtrArray) paragraphs = paragraphs_of(text);
    for (guint i = 0; i < paragraphs->len; i++) {
        const Paragraph *paragraph = paragraphs->pdata[i];
        g_string_append_c(out, '\n');
        if (paragraph->verbatim) {
            append_lines(out, paragraph->text, 4);
            continue;
        }
        append_text(out, paragraph->text);
        g_string_append_c(out, '\n');
    }
}

static void append_option(GString *out, const ProgramSpec *program, const OptionSpec *spec)
{
    g_autofree char *synopsis = option_synopsis(spec, false);
    g_autofree char *limits = option_limits(spec);
    g_autofree char *variable = option_environment_name(program, spec);
    g_string_append(out, "| ");
    append_code(out, synopsis);
    g_string_append(out, " | ");
    append_text(out, spec->help);
    if (*limits != '\0') {
        g_string_append(out, "; ");
        append_text(out, limits);
    }
    g_string_append(out, " | ");
    if (spec->fallback != NULL)
        append_code(out, spec->fallback);
    g_string_append(out, " | ");
    if (variable != NULL)
        append_code(out, variable);
    g_string_append(out, " |\n");
}

static void append_options(GString *out, const ProgramSpec *program, const GPtrArray *rows)
{
    if (rows->len == 0)
        return;
    g_string_append(out, "\n| option | meaning | default | environment |\n|---|---|---|---|\n");
    for (guint i = 0; i < rows->len; i++)
        append_option(out, program, rows->pdata[i]);
}

static void append_command(GString *out, const ProgramSpec *program, const CommandSpec *command)
{
    g_autoptr(GPtrArray) rows = option_command_rows(command);
    g_autofree char *synopsis = command_synopsis(command);
    g_autofree char *usage = g_strdup_printf("%s %s", program->name, synopsis);
    g_string_append_printf(out, "\n## %s %s\n\n", program->name, command->name);
    append_text(out, command->summary);
    g_string_append(out, ".\n");
    append_block(out, usage);
    append_prose(out, command->description);
    append_options(out, program, rows);
    if (command->example != NULL) {
        g_string_append(out, "\nExamples:\n");
        append_block(out, command->example);
    }
}

static bool is_listed(const CommandSpec *command, CommandGroup group)
{
    return command->group == group && !command_is_hidden(command);
}

static void append_index(GString *out, const ProgramSpec *program)
{
    g_string_append(out, "\n| command | does |\n|---|---|\n");
    for (CommandGroup group = COMMANDS_FLEET; group <= COMMANDS_OTHER; group++)
        for (const CommandSpec *const *command = program->commands; *command != NULL; command++)
            if (is_listed(*command, group)) {
                g_string_append_printf(out, "| [%s](#%s-%s) | ", (*command)->name, program->name,
                                       (*command)->name);
                append_text(out, (*command)->summary);
                g_string_append(out, " |\n");
            }
}

static void append_pairs(GString *out, const char *title, const char *head, const char *const *pairs)
{
    if (pairs == NULL)
        return;
    g_string_append_printf(out, "\n## %s\n\n| %s | meaning |\n|---|---|\n", title, head);
    for (; pairs[0] != NULL; pairs += 2) {
        g_string_append(out, "| ");
        append_code(out, pairs[0]);
        g_string_append(out, " | ");
        append_text(out, pairs[1]);
        g_string_append(out, " |\n");
    }
}

char *help_reference(const ProgramSpec *program)
{
    GString *out = g_string_new(NULL);
    g_autoptr(GPtrArray) globals = option_global_rows(program);
    g_string_append(out, "# Commands\n\n<!-- Generated from the table of options; do not edit. -->\n");
    append_prose(out, program->description != NULL ? program->description : program->summary);
    append_index(out, program);
    g_string_append(
        out, "\n## Global options\n\nThey stand before or after the command. Every option has a variable in "
             "the environment; the command\nline wins. Options that may be repeated are separated by "
             "commas there; flags are 1, true, yes, on or\n0, false, no, off.\n");
    append_options(out, program, globals);
    for (CommandGroup group = COMMANDS_FLEET; group <= COMMANDS_OTHER; group++)
        for (const CommandSpec *const *command = program->commands; *command != NULL; command++)
            if (is_listed(*command, group))
                append_command(out, program, *command);
    append_pairs(out, "Environment", "variable", program->environment);
    append_pairs(out, "Exit codes", "code", program->exit_codes);
    return g_string_free(out, FALSE);
}
