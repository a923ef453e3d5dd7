/* Completion for zsh, as a file _dbfleet in fpath or sourced. Pure, any thread. */
#include "cli/completion_internal.h"
#include "cli/option_table.h"

static const char OPENING[] = //
    "#compdef PROGRAM\n"
    "# zsh completion for PROGRAM; made by: PROGRAM completion zsh\n"
    "\n"
    "_PROGRAM_words() { compadd -- \"$@\" }\n"
    "_PROGRAM_ask() { # KIND: what only PROGRAM knows\n"
    "    local line name\n"
    "    local -a lines candidates\n"
    "    lines=(\"${(@f)$(_call_program $1 $words[1] ${(q)settings} __complete -- $1 ${(q)PREFIX})}\")\n"
    "    for line in $lines; do\n"
    "        name=${line%%$'\\t'*}\n"
    "        if [[ $line == *$'\\t'* ]]; then\n"
    "            candidates+=(\"${name//:/\\\\:}:${line#*$'\\t'}\")\n"
    "        else\n"
    "            candidates+=(\"${name//:/\\\\:}\")\n"
    "        fi\n"
    "    done\n"
    "    _describe ${(L)1} candidates\n"
    "}\n"
    "_PROGRAM_files() { _files }\n"
    "_PROGRAM_folders() { _files -/ }\n"
    "\n"
    "# The others set $offers to calls of the four, and fail if they know nothing.\n";

static const char CLOSING[] = //
    "_PROGRAM() {\n"
    "    local command= option= ended= operands= typed=$PREFIX word call i\n"
    "    local -i operand_count=0\n"
    "    local -a offers settings\n"
    "    for ((i = 2; i < CURRENT; i++)); do\n"
    "        word=${(Q)words[i]}\n"
    "        if [[ -n $option ]]; then\n"
    "            if _PROGRAM_is_global $option; then settings+=($option $word); fi\n"
    "            option=\n"
    "        elif [[ -z $ended && $word == -- ]]; then\n"
    "            ended=1\n"
    "        elif [[ -z $ended && $word == -?* && $word != -[0-9]* ]]; then\n"
    "            if _PROGRAM_argument \"$command $word\"; then\n"
    "                option=$word\n"
    "            elif [[ $word == *=* ]] && _PROGRAM_is_global ${word%%=*}; then\n"
    "                settings+=($word)\n"
    "            fi\n"
    "        elif [[ -z $command ]]; then\n"
    "            command=$word\n"
    "        else\n"
    "            operands+=\" $word\"\n"
    "            operand_count+=1\n"
    "        fi\n"
    "    done\n"
    "\n"
    "    offers=()\n"
    "    if [[ -n $option ]]; then\n"
    "        _PROGRAM_argument \"$command $option\"\n"
    "    elif [[ -z $ended && $typed == --*=* ]]; then\n"
    "        compset -P '*='\n"
    "        _PROGRAM_argument \"$command ${typed%%=*}\"\n"
    "    elif [[ -z $ended && $typed == -* && $typed != -[0-9]* ]]; then\n"
    "        _PROGRAM_options $command\n"
    "    elif [[ -z $command ]]; then\n"
    "        _PROGRAM_commands\n"
    "    else\n"
    "        _PROGRAM_operand \"$operand_count $command$operands\"\n"
    "    fi\n"
    "    for call in $offers; do\n"
    "        call=_PROGRAM_$call\n"
    "        ${=call}\n"
    "    done\n"
    "}\n"
    "\n"
    "if [[ $funcstack[1] == _PROGRAM ]]; then\n"
    "    _PROGRAM \"$@\"\n"
    "else\n"
    "    compdef _PROGRAM PROGRAM\n"
    "fi\n";

static void append_described(GString *out, const char *name, const char *description)
{
    g_autofree char *item = g_strdup_printf("%s:%s", name, description);
    g_string_append(out, " \\\n        ");
    completion_append_quoted(out, item, QUOTING_POSIX);
}

static void append_option_items(GString *out, const GPtrArray *rows)
{
    for (guint i = 0; i < rows->len; i++) {
        const OptionSpec *spec = rows->pdata[i];
        g_autofree char *name = g_strdup_printf("--%s", spec->name);
        const char letter[] = {'-', spec->letter, '\0'};
        append_described(out, name, spec->help);
        if (spec->letter != 0)
            append_described(out, letter, spec->help);
    }
}

static void append_options(GString *out, const ProgramSpec *program)
{
    g_autoptr(GPtrArray) globals = option_global_rows(program);
    g_string_append(out, "_PROGRAM_options() {\n    local -a rows\n    rows=(");
    append_option_items(out, globals);
    g_string_append(out, ")\n    case $1 in\n");
    for (const CommandSpec *const *command = program->commands; *command != NULL; command++) {
        g_autoptr(GPtrArray) rows = option_command_rows(*command);
        if (command_is_hidden(*command) || rows->len == 0)
            continue;
        g_string_append_printf(out, "    %s) rows+=(", (*command)->name);
        append_option_items(out, rows);
        g_string_append(out, ") ;;\n");
    }
    g_string_append(out, "    esac\n    _describe -o option rows\n}\n\n");
}

static void append_commands(GString *out, const ProgramSpec *program)
{
    g_string_append(out, "_PROGRAM_commands() {\n    local -a rows\n    rows=(");
    for (const CommandSpec *const *command = program->commands; *command != NULL; command++)
        if (!command_is_hidden(*command))
            append_described(out, (*command)->name, (*command)->summary);
    g_string_append(out, ")\n    _describe command rows\n}\n\n");
}

char *completion_zsh(const ProgramSpec *program)
{
    g_autoptr(GPtrArray) operands = completion_operand_rules(program);
    g_autoptr(GPtrArray) arguments = completion_argument_rules(program);
    GString *out = g_string_new(OPENING);
    completion_append_case(out, "_PROGRAM_operand", operands);
    completion_append_case(out, "_PROGRAM_argument", arguments);
    append_options(out, program);
    append_commands(out, program);
    g_string_append(out, "_PROGRAM_is_global() {\n    case $1 in\n    ");
    completion_append_settings(out, program, " | ");
    g_string_append(out, ") return 0 ;;\n    esac\n    return 1\n}\n\n");
    g_string_append(out, CLOSING);
    return completion_finish(out, program);
}
