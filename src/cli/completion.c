/* Completion: owns what the scripts of all shells are made of. What may be completed where is
 * completion_rules.c; the scripts are completion_bash.c, completion_zsh.c and completion_fish.c. Pure, any
 * thread. */
#include "cli/completion_internal.h"
#include "cli/help.h"
#include "cli/option_table.h"

#include <string.h>

char *help_completion(const ProgramSpec *program, const char *shell)
{
    static const struct {
        const char *shell;
        char *(*make)(const ProgramSpec *program);
    } SHELLS[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

    for (gsize i = 0; i < G_N_ELEMENTS(SHELLS); i++)
        if (g_strcmp0(SHELLS[i].shell, shell) == 0)
            return SHELLS[i].make(program);
    return NULL;
}

void completion_append_quoted(GString *out, const char *text, ShellQuoting quoting)
{
    g_string_append_c(out, '\'');
    for (const char *at = text; *at != '\0'; at++)
        if (*at == '\'')
            g_string_append(out, quoting == QUOTING_FISH ? "\\'" : "'\\''");
        else if (*at == '\\' && quoting == QUOTING_FISH)
            g_string_append(out, "\\\\");
        else
            g_string_append_c(out, *at);
    g_string_append_c(out, '\'');
}

char *completion_words(const GArray *items)
{
    GString *words = g_string_new(NULL);
    for (guint i = 0; i < items->len; i++) {
        const CompletionItem *item = &g_array_index(items, CompletionItem, i);
        if (item->source == COMPLETE_WORDS)
            g_string_append_printf(words, "%s%s", words->len > 0 ? " " : "", item->word);
    }
    return g_string_free(words, FALSE);
}

static void append_call(GString *out, const char *function, const char *arguments, ShellQuoting quoting)
{
    g_autofree char *call = g_strjoin(" ", function, arguments, NULL);
    g_string_append(out, out->str[out->len - 1] == '\'' ? " " : "");
    completion_append_quoted(out, call, quoting);
}

void completion_append_calls(GString *out, const GArray *items, ShellQuoting quoting)
{
    static const char *const FUNCTIONS[] = {
        [COMPLETE_WORDS] = NULL,        [COMPLETE_ASK] = "ask",    [COMPLETE_FILES] = "files",
        [COMPLETE_FOLDERS] = "folders", [COMPLETE_NOTHING] = NULL,
    };
    g_autofree char *words = completion_words(items);
    if (*words != '\0')
        append_call(out, "words", words, quoting);
    for (guint i = 0; i < items->len; i++) {
        const CompletionItem *item = &g_array_index(items, CompletionItem, i);
        if (FUNCTIONS[item->source] != NULL)
            append_call(out, FUNCTIONS[item->source], item->word, quoting);
    }
}

/* All quoted but the stars. */
static void append_glob(GString *out, const char *pattern)
{
    g_auto(GStrv) parts = g_strsplit(pattern, "*", -1);
    for (char **part = parts; *part != NULL; part++) {
        if (**part != '\0')
            completion_append_quoted(out, *part, QUOTING_POSIX);
        if (part[1] != NULL)
            g_string_append_c(out, '*');
    }
}

void completion_append_case(GString *out, const char *function, const GPtrArray *rules)
{
    g_string_append_printf(out, "%s() {\n    case $1 in\n", function);
    for (guint i = 0; i < rules->len; i++) {
        const CompletionRule *rule = rules->pdata[i];
        g_string_append(out, "    ");
        append_glob(out, rule->pattern);
        g_string_append(out, ") offers=(");
        completion_append_calls(out, rule->items, QUOTING_POSIX);
        g_string_append(out, ") ;;\n");
    }
    g_string_append(out, "    *) return 1 ;;\n    esac\n}\n\n");
}

void completion_append_settings(GString *out, const ProgramSpec *program, const char *between)
{
    g_autoptr(GPtrArray) rows = option_global_rows(program);
    const char *before = "";
    for (guint i = 0; i < rows->len; i++) {
        const OptionSpec *spec = rows->pdata[i];
        if (!option_takes_argument(spec))
            continue;
        g_string_append_printf(out, "%s--%s", before, spec->name);
        before = between;
        if (spec->letter != 0)
            g_string_append_printf(out, "%s-%c", between, spec->letter);
    }
}

void completion_append_commands(GString *out, const ProgramSpec *program)
{
    for (const CommandSpec *const *command = program->commands; *command != NULL; command++)
        if (!command_is_hidden(*command))
            g_string_append_printf(out, " %s", (*command)->name);
}

char *completion_finish(GString *out, const ProgramSpec *program)
{
    g_auto(GStrv) parts = g_strsplit(out->str, "PROGRAM", -1);
    g_string_free(out, TRUE);
    return g_strjoinv(program->name, parts);
}
