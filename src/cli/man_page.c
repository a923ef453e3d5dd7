/* Man page: owns how the tables look in the man macros of roff. It refuses to use anything but .TH .SH .SS
 * .TP .PP .nf .fi .RS .RE and font escapes, which groff, mandoc and busybox all read. Pure, any thread.
 *
 * Source of the escapes: groff_char(7), groff_man_style(7) on portability. */
#include "cli/help.h"

#include "base/text_table.h"
#include "cli/option_table.h"
#include "cli/paragraphs.h"

#include <string.h>

/* What roff reads otherwise than a person. */
static const struct {
    gunichar character;
    const char *roff;
} ESCAPES[] = {
    {'\\', "\\e"},  {'-', "\\-"},   {'\'', "\\(aq"}, {'`', "\\(ga"},
    {'^', "\\(ha"}, {'~', "\\(ti"}, {'"', "\\(dq"},
};

static void append_character(GString *out, gunichar character)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ESCAPES); i++)
        if (ESCAPES[i].character == character) {
            g_string_append(out, ESCAPES[i].roff);
            return;
        }
    if (character < 0x80)
        g_string_append_c(out, (char)character);
    else
        g_string_append_printf(out, "\\[u%04X]", character);
}

/* A text within a line. A point that opens a line would be a request. */
static void append_text(GString *out, const char *text)
{
    g_autofree char *printable = text_printable(text, true);
    bool opens = out->len == 0 || out->str[out->len - 1] == '\n';
    for (const char *at = printable; *at != '\0'; at = g_utf8_next_char(at)) {
        if (opens && *at == '.')
            g_string_append(out, "\\&");
        append_character(out, g_utf8_get_char(at));
        opens = *at == '\n';
    }
}

static void append_bold(GString *out, const char *text)
{
    g_string_append(out, "\\fB");
    append_text(out, text);
    g_string_append(out, "\\fR");
}

static void append_italic(GString *out, const char *text)
{
    g_string_append(out, "\\fI");
    append_text(out, text);
    g_string_append(out, "\\fR");
}

/* A new paragraph, unless a section has just begun one. */
static void append_break(GString *out)
{
    const char *last = g_strrstr_len(out->str, MAX((gssize)out->len - 1, 0), "\n");
    if (last == NULL || !g_str_has_prefix(last + 1, ".SH "))
        g_string_append(out, ".PP\n");
}

static void append_verbatim(GString *out, const char *text)
{
    append_break(out);
    g_string_append(out, ".nf\n.RS\n");
    append_text(out, text);
    g_string_append(out, "\n.RE\n.fi\n");
}

static void append_prose(GString *out, const char *text)
{
    g_autoptr(GPtrArray) paragraphs = paragraphs_of(text);
    for (guint i = 0; i < paragraphs->len; i++) {
        const Paragraph *paragraph = paragraphs->pdata[i];
        if (paragraph->verbatim) {
            append_verbatim(out, paragraph->text);
            continue;
        }
        append_break(out);
        append_text(out, paragraph->text);
        g_string_append_c(out, '\n');
    }
}

/* "\fB\-j\fR, \fB\-\-jobs\fR \fIN\fR" */
static void append_option_tag(GString *out, const OptionSpec *spec)
{
    g_string_append(out, ".TP\n");
    if (spec->letter != 0) {
        const char letter[] = {'-', spec->letter, '\0'};
        append_bold(out, letter);
        g_string_append(out, ", ");
    }
    g_autofree char *name = g_strdup_printf("--%s", spec->name);
    append_bold(out, name);
    if (option_takes_argument(spec)) {
        g_string_append_c(out, ' ');
        append_italic(out, spec->argument);
    }
    g_string_append_c(out, '\n');
}

static void append_option(GString *out, const ProgramSpec *program, const OptionSpec *spec)
{
    append_option_tag(out, spec);
    g_autofree char *limits = option_limits(spec);
    g_autofree char *variable = option_environment_name(program, spec);
    append_text(out, spec->help);
    if (*limits != '\0') {
        g_string_append(out, "; ");
        append_text(out, limits);
    }
    g_string_append(out, ".\n");
    if (spec->fallback != NULL) {
        g_string_append(out, "Default: ");
        append_text(out, spec->fallback);
        g_string_append(out, ".\n");
    }
    if (variable != NULL) {
        g_string_append(out, "Environment: ");
        append_text(out, variable);
        g_string_append(out, ".\n");
    }
}

static void append_options(GString *out, const ProgramSpec *program, const GPtrArray *rows)
{
    for (guint i = 0; i < rows->len; i++)
        append_option(out, program, rows->pdata[i]);
}

static void append_command(GString *out, const ProgramSpec *program, const CommandSpec *command)
{
    g_autoptr(GPtrArray) rows = option_command_rows(command);
    g_autofree char *synopsis = command_synopsis(command);
    g_string_append(out, ".SS ");
    append_text(out, command->name);
    g_string_append_c(out, '\n');
    append_bold(out, program->name);
    g_string_append_c(out, ' ');
    append_text(out, synopsis);
    g_string_append(out, "\n.PP\n");
    append_text(out, command->summary);
    g_string_append(out, ".\n");
    append_prose(out, command->description);
    append_options(out, program, rows);
    if (command->example != NULL)
        append_verbatim(out, command->example);
}

static void append_commands(GString *out, const ProgramSpec *program, CommandGroup group)
{
    for (const CommandSpec *const *command = program->commands; *command != NULL; command++)
        if ((*command)->group == group && !command_is_hidden(*command))
            append_command(out, program, *command);
}

static void append_pairs(GString *out, const char *const *pairs)
{
    for (; pairs != NULL && pairs[0] != NULL; pairs += 2) {
        g_string_append(out, ".TP\n");
        append_bold(out, pairs[0]);
        g_string_append_c(out, '\n');
        append_text(out, pairs[1]);
        g_string_append_c(out, '\n');
    }
}

static void append_title(GString *out, const ProgramSpec *program, const char *name, const char *summary,
                         const char *date)
{
    g_autofree char *upper = g_ascii_strup(name, -1);
    g_string_append(out, ".TH ");
    append_text(out, upper);
    g_string_append_printf(out, " 1 \"%s\" \"%s %s\" \"User Commands\"\n", date, program->name,
                           program->version);
    g_string_append(out, ".nh\n.ad l\n.SH NAME\n");
    append_text(out, name);
    g_string_append(out, " \\- ");
    append_text(out, summary);
    g_string_append(out, "\n.SH SYNOPSIS\n");
    append_bold(out, program->name);
}

static void append_closing(GString *out, const ProgramSpec *program)
{
    g_autoptr(GPtrArray) globals = option_global_rows(program);
    g_string_append(out, ".SH GLOBAL OPTIONS\nThey stand before or after the command.\n");
    append_options(out, program, globals);
    g_string_append(
        out, ".SH ENVIRONMENT\nEvery option has a variable, named with it above. The command line wins.\n"
             "Options that may be repeated are separated by commas there; flags are 1, true, yes, on or\n"
             "0, false, no, off.\n");
    append_pairs(out, program->environment);
    g_string_append(out, ".SH EXIT STATUS\n");
    append_pairs(out, program->exit_codes);
}

static void append_program(GString *out, const ProgramSpec *program, const char *date)
{
    append_title(out, program, program->name, program->summary, date);
    g_string_append(out, " [\\fIglobal options\\fR] \\fICOMMAND\\fR [\\fIoptions\\fR] [\\fIoperands\\fR]\n");
    g_string_append(out, ".SH DESCRIPTION\n");
    append_prose(out, program->description != NULL ? program->description : program->summary);
    g_string_append(out, ".SH COMMANDS\n");
    for (CommandGroup group = COMMANDS_FLEET; group <= COMMANDS_OTHER; group++)
        append_commands(out, program, group);
}

static void append_command_page(GString *out, const ProgramSpec *program, const CommandSpec *command,
                                const char *date)
{
    g_autoptr(GPtrArray) rows = option_command_rows(command);
    g_autofree char *name = g_strdup_printf("%s-%s", program->name, command->name);
    g_autofree char *synopsis = command_synopsis(command);
    append_title(out, program, name, command->summary, date);
    g_string_append_c(out, ' ');
    append_text(out, synopsis);
    g_string_append(out, "\n.SH DESCRIPTION\n");
    append_prose(out, command->description != NULL ? command->description : command->summary);
    if (rows->len > 0)
        g_string_append(out, ".SH OPTIONS\n");
    append_options(out, program, rows);
    if (command->example != NULL) {
        g_string_append(out, ".SH EXAMPLES\n");
        append_verbatim(out, command->example);
    }
}

char *help_man_page(const ProgramSpec *program, const CommandSpec *command, const char *date)
{
    GString *out = g_string_new(NULL);
    if (command != NULL)
        append_command_page(out, program, command, date);
    else
        append_program(out, program, date);
    append_closing(out, program);
    if (command != NULL) {
        g_string_append(out, ".SH SEE ALSO\n");
        append_bold(out, program->name);
        g_string_append(out, "(1)\n");
    }
    return g_string_free(out, FALSE);
}
