/* Messages: how commands speak to people: stderr for words, stdout for data. */
#include "base/suggest.h"
#include "base/text_table.h"
#include "commands/commands_internal.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *const command_dialects[] = {"postgres", "mysql", "mariadb", "sqlite", NULL};

static void say(const char *kind, const char *message)
{
    g_autofree char *safe = text_printable(message, true);
    fprintf(stderr, "dbfleet: %s: %s\n", kind, safe);
}

int command_fail(ExitCode code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    say("error", message);
    return (int)code;
}

int command_fail_error(ExitCode code, GError *error)
{
    g_autoptr(GError) owned = error;
    say("error", owned->message);
    return (int)code;
}

int command_fail_word(const char *what, const char *word, const char *const *known)
{
    g_autofree char *all = g_strjoinv(", ", (char **)known);
    const char *near = suggest_nearest(word, known, g_strv_length((char **)known));
    return command_fail(EXIT_USAGE, "%s: \"%s\" is none of %s%s%s%s", what, word, all,
                        near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

void command_warn(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    say("warning", message);
}

void command_note(const Options *options, const char *text)
{
    if (!options_flag(options, "quiet"))
        say("note", text);
}

void command_print_problems(const Diagnostics *problems)
{
    g_autofree char *text = diagnostics_to_string(problems);
    g_autofree char *safe = text_printable(text, true);
    unsigned errors = diagnostics_count(problems, DIAGNOSTIC_ERROR);
    fputs(safe, stderr);
    if (errors > 0)
        fprintf(stderr, "dbfleet: %u %s; nothing was changed\n", errors, errors == 1 ? "error" : "errors");
}

void print_piece(gpointer self, const char *text, gsize length)
{
    Printing *printing = self;
    if (printing->fault == 0 && fwrite(text, 1, length, printing->file) < length)
        printing->fault = errno;
}

int command_print_end(const Printing *printing)
{
    int fault = printing->fault ? printing->fault : fflush(printing->file) == 0 ? 0 : errno;
    if (fault == 0 || fault == EPIPE)
        return EXIT_DONE; /* whoever reads may have seen enough ("| head") */
    return command_fail(EXIT_CONFIGURATION, "standard output cannot be written: %s", g_strerror(fault));
}

int command_print(const char *text)
{
    Printing printing = {stdout, 0};
    print_piece(&printing, text, strlen(text));
    return command_print_end(&printing);
}

unsigned command_width(void)
{
    return terminal_columns(STDOUT_FILENO, 80);
}

unsigned command_table_width(void)
{
    return terminal_is_tty(STDOUT_FILENO) ? command_width() : 0;
}

bool command_color(const Options *options, int descriptor)
{
    const char *choice = options_text(options, "color");
    ColorMode mode = g_str_equal(choice, "always")  ? COLOR_ALWAYS
                     : g_str_equal(choice, "never") ? COLOR_NEVER
                                                    : COLOR_AUTO;
    return terminal_wants_color(descriptor, mode);
}

bool command_wants_json(const Options *options)
{
    return g_str_equal(options_text(options, "format"), "json");
}

char *command_operator(void)
{
    return g_strdup_printf("%s@%s", g_get_user_name(), g_get_host_name());
}
