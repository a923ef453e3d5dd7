/* Completion for fish, which reads options by itself; what stands where is told to it by conditions. Pure,
 * any thread. */
#include "cli/completion_internal.h"
#include "cli/option_table.h"

static const char OPENING[] = //
    "# fish completion for PROGRAM; made by: PROGRAM completion fish\n"
    "\n"
    "# Prints the command, the key of the operand to come, and the global options that have an argument.\n"
    "function __PROGRAM_scan\n"
    "    set -l command ''\n"
    "    set -l option ''\n"
    "    set -l ended ''\n"
    "    set -l operands\n"
    "    set -l settings\n"
    "    for word in (commandline -opc)[2..-1]\n"
    "        if test -n \"$option\"\n"
    "            __PROGRAM_is_global $option; and set -a settings $option $word\n"
    "            set option ''\n"
    "        else if test -z \"$ended\"; and test \"$word\" = --\n"
    "            set ended 1\n"
    "        else if test -z \"$ended\"; and string match -qr -- '^-[^0-9]' $word\n"
    "            if __PROGRAM_takes \"$command $word\"\n"
    "                set option $word\n"
    "            else if string match -q -- '--*=*' $word\n"
    "                __PROGRAM_is_global (string split -m 1 = -- $word)[1]; and set -a settings $word\n"
    "            end\n"
    "        else if test -z \"$command\"\n"
    "            set command $word\n"
    "        else\n"
    "            set -a operands $word\n"
    "        end\n"
    "    end\n"
    "    printf '%s\\n' \"$command\" (string join ' ' -- (count $operands) $command $operands) $settings\n"
    "end\n"
    "function __PROGRAM_command_is\n"
    "    set -l scanned (__PROGRAM_scan)\n"
    "    test \"$scanned[1]\" = \"$argv[1]\"\n"
    "end\n"
    "\n"
    "function __PROGRAM_words\n"
    "    printf '%s\\n' $argv\n"
    "end\n"
    "function __PROGRAM_ask\n"
    "    set -l scanned (__PROGRAM_scan)\n"
    "    set -l tokens (commandline -opc)\n"
    "    set -l prefix (string replace -r -- '^--[^=]*=' '' (commandline -ct))\n"
    "    $tokens[1] $scanned[3..-1] __complete -- $argv[1] \"$prefix\" 2>/dev/null\n"
    "end\n"
    "function __PROGRAM_files\n"
    "    __fish_complete_path (commandline -ct)\n"
    "end\n"
    "function __PROGRAM_folders\n"
    "    __fish_complete_directories (commandline -ct)\n"
    "end\n"
    "\n";

static const char CLOSING[] = //
    "\n"
    "complete -c PROGRAM -f\n"
    "complete -c PROGRAM -k -n 'not __PROGRAM_command_is \"\"' -a '(__PROGRAM_operand)'\n";

static void append_operand_function(GString *out, const GPtrArray *rules)
{
    g_string_append(out,
                    "function __PROGRAM_operand\n    set -l scanned (__PROGRAM_scan)\n    set -l offers\n"
                    "    switch $scanned[2]\n");
    for (guint i = 0; i < rules->len; i++) {
        const CompletionRule *rule = rules->pdata[i];
        g_string_append(out, "        case ");
        completion_append_quoted(out, rule->pattern, QUOTING_FISH);
        g_string_append(out, "\n            set offers ");
        completion_append_calls(out, rule->items, QUOTING_FISH);
        g_string_append_c(out, '\n');
    }
    g_string_append(out,
                    "    end\n    for call in $offers\n        set -l parts (string split ' ' -- $call)\n"
                    "        __PROGRAM_$parts[1] $parts[2..-1]\n    end\nend\n");
}

static void append_takes_function(GString *out, const GPtrArray *rules)
{
    g_string_append(out, "function __PROGRAM_takes\n    switch $argv[1]\n        case");
    for (guint i = 0; i < rules->len; i++) {
        g_string_append_c(out, ' ');
        completion_append_quoted(out, ((const CompletionRule *)rules->pdata[i])->pattern, QUOTING_FISH);
    }
    g_string_append(out, "\n            return 0\n    end\n    return 1\nend\n");
}

static void append_global_function(GString *out, const ProgramSpec *program)
{
    g_string_append(out, "function __PROGRAM_is_global\n    contains -- $argv[1] ");
    completion_append_settings(out, program, " ");
    g_string_append(out, "\nend\n\n");
}

/* " -x -a '…'" or " -r -F". */
static void append_argument(GString *out, const OptionSpec *spec)
{
    static const char *const FLAGS[] = {
        [COMPLETE_WORDS] = " -x",    [COMPLETE_ASK] = " -x -a '(__PROGRAM_ask %s)'",
        [COMPLETE_FILES] = " -r -F", [COMPLETE_FOLDERS] = " -x -a '(__PROGRAM_folders)'",
        [COMPLETE_NOTHING] = " -x",
    };
    if (!option_takes_argument(spec))
        return;
    g_autoptr(GArray) items = completion_argument_items(spec);
    const CompletionItem *first = &g_array_index(items, CompletionItem, 0);
    g_auto(GStrv) parts = g_strsplit(FLAGS[first->source], "%s", -1);
    g_autofree char *flags = g_strjoinv(first->word, parts);
    g_string_append(out, flags);
    if (first->source != COMPLETE_WORDS)
        return;
    g_autofree char *words = completion_words(items);
    g_string_append(out, " -a ");
    completion_append_quoted(out, words, QUOTING_FISH);
}

/* `condition`: " -n '…'" or "". */
static void append_options(GString *out, const GPtrArray *rows, const char *condition)
{
    for (guint i = 0; i < rows->len; i++) {
        const OptionSpec *spec = rows->pdata[i];
        g_string_append_printf(out, "complete -c PROGRAM%s -l %s", condition, spec->name);
        if (spec->letter != 0)
            g_string_append_printf(out, " -s %c", spec->letter);
        append_argument(out, spec);
        g_string_append(out, " -d ");
        completion_append_quoted(out, spec->help, QUOTING_FISH);
        g_string_append_c(out, '\n');
    }
}

static void append_command(GString *out, const CommandSpec *command)
{
    g_autoptr(GPtrArray) rows = option_command_rows(command);
    g_autofree char *condition = g_strdup_printf(" -n '__PROGRAM_command_is %s'", command->name);
    g_string_append_printf(out, "complete -c PROGRAM -n '__PROGRAM_command_is \"\"' -a %s -d ",
                           command->name);
    completion_append_quoted(out, command->summary, QUOTING_FISH);
    g_string_append_c(out, '\n');
    append_options(out, rows, condition);
}

char *completion_fish(const ProgramSpec *program)
{
    g_autoptr(GPtrArray) operands = completion_operand_rules(program);
    g_autoptr(GPtrArray) arguments = completion_argument_rules(program);
    g_autoptr(GPtrArray) globals = option_global_rows(program);
    GString *out = g_string_new(OPENING);
    append_operand_function(out, operands);
    append_takes_function(out, arguments);
    append_global_function(out, program);
    append_options(out, globals, "");
    for (const CommandSpec *const *command = program->commands; *command != NULL; command++)
        if (!command_is_hidden(*command))
            append_command(out, *command);
    g_string_append(out, CLOSING);
    return completion_finish(out, program);
}
