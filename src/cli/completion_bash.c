/* Completion for bash, from version 4 on and without the bash-completion package. Pure, any thread. */
#include "cli/completion_internal.h"
#include "cli/option_table.h"

static const char OPENING[] = //
    "# bash completion for PROGRAM; made by: PROGRAM completion bash\n"
    "\n"
    "# These four offer what goes on with $prefix.\n"
    "_PROGRAM_words() {\n"
    "    local word\n"
    "    for word in \"$@\"; do\n"
    "        if [[ $word == \"$prefix\"* ]]; then COMPREPLY+=(\"$lead$word\"); fi\n"
    "    done\n"
    "}\n"
    "_PROGRAM_ask() { # KIND: what only PROGRAM knows\n"
    "    local line word\n"
    "    while IFS= read -r line; do\n"
    "        line=${line%%$'\\t'*}\n"
    "        [[ -n $line && $line == \"$prefix\"* ]] || continue\n"
    "        printf -v word '%s%q' \"$lead\" \"$line\"\n"
    "        COMPREPLY+=(\"$word\")\n"
    "    done < <(\"${COMP_WORDS[0]/#\\~/$HOME}\" ${settings[@]+\"${settings[@]}\"} \\\n"
    "        __complete -- \"$1\" \"$prefix\" 2>/dev/null)\n"
    "}\n"
    "# No candidate: readline looks for files by itself.\n"
    "_PROGRAM_files() { compopt -o default 2>/dev/null; }\n"
    "_PROGRAM_folders() { compopt -o dirnames 2>/dev/null; }\n"
    "\n"
    "# The others set $offers to calls of the four, and fail if they know nothing.\n";

static const char CLOSING[] = //
    "_PROGRAM() {\n"
    "    local -a words=() offers=() settings=()\n"
    "    local line=${COMP_LINE:0:COMP_POINT} count=0 i piece\n"
    "    # What readline took apart at \"=\" and \":\" is one word.\n"
    "    for ((i = 0; i <= COMP_CWORD; i++)); do\n"
    "        if [[ $line == [[:blank:]]* || $count -eq 0 ]]; then\n"
    "            line=${line#\"${line%%[![:blank:]]*}\"}\n"
    "            words[count++]=\n"
    "        fi\n"
    "        piece=${COMP_WORDS[i]}\n"
    "        if ((i == COMP_CWORD)); then piece=$line; fi\n"
    "        words[count - 1]+=$piece\n"
    "        line=${line#\"$piece\"}\n"
    "    done\n"
    "\n"
    "    local command= option= ended= operands= operand_count=0 word\n"
    "    for ((i = 1; i < count - 1; i++)); do\n"
    "        word=${words[i]}\n"
    "        if [[ -n $option ]]; then\n"
    "            if _PROGRAM_is_global \"$option\"; then settings+=(\"$option\" \"$word\"); fi\n"
    "            option=\n"
    "        elif [[ -z $ended && $word == -- ]]; then\n"
    "            ended=1\n"
    "        elif [[ -z $ended && $word == -?* && $word != -[0-9]* ]]; then\n"
    "            if _PROGRAM_argument \"$command $word\"; then\n"
    "                option=$word\n"
    "            elif [[ $word == *=* ]] && _PROGRAM_is_global \"${word%%=*}\"; then\n"
    "                settings+=(\"$word\")\n"
    "            fi\n"
    "        elif [[ -z $command ]]; then\n"
    "            command=$word\n"
    "        else\n"
    "            operands+=\" $word\"\n"
    "            ((operand_count += 1))\n"
    "        fi\n"
    "    done\n"
    "\n"
    "    local prefix=${words[count - 1]} lead= call cut= break\n"
    "    offers=()\n"
    "    if [[ -n $option ]]; then\n"
    "        _PROGRAM_argument \"$command $option\"\n"
    "    elif [[ -z $ended && $prefix == --*=* ]]; then\n"
    "        lead=${prefix%%=*}=\n"
    "        prefix=${prefix#*=}\n"
    "        _PROGRAM_argument \"$command ${lead%=}\"\n"
    "    elif [[ -z $ended && $prefix == -* && $prefix != -[0-9]* ]]; then\n"
    "        _PROGRAM_options \"$command\"\n"
    "    elif [[ -z $command ]]; then\n"
    "        _PROGRAM_commands\n"
    "    else\n"
    "        _PROGRAM_operand \"$operand_count $command$operands\"\n"
    "    fi\n"
    "    COMPREPLY=()\n"
    "    for call in ${offers[@]+\"${offers[@]}\"}; do\n"
    "        _PROGRAM_$call\n"
    "    done\n"
    "    # Readline puts the candidate behind the last break, not in place of the word.\n"
    "    for break in = :; do\n"
    "        if [[ $COMP_WORDBREAKS == *$break* && $lead$prefix == *$break* ]]; then\n"
    "            word=$lead$prefix\n"
    "            word=${word%\"$break\"*}$break\n"
    "            if ((${#word} > ${#cut})); then cut=$word; fi\n"
    "        fi\n"
    "    done\n"
    "    COMPREPLY=(${COMPREPLY[@]+\"${COMPREPLY[@]#\"$cut\"}\"})\n"
    "}\n"
    "\n"
    "complete -F _PROGRAM PROGRAM\n";

static void append_option_words(GString *out, const GPtrArray *rows)
{
    for (guint i = 0; i < rows->len; i++) {
        const OptionSpec *spec = rows->pdata[i];
        g_string_append_printf(out, " --%s", spec->name);
        if (spec->letter != 0)
            g_string_append_printf(out, " -%c", spec->letter);
    }
}

static void append_options(GString *out, const ProgramSpec *program)
{
    g_autoptr(GPtrArray) globals = option_global_rows(program);
    g_string_append(out, "_PROGRAM_options() {\n    offers=('words");
    append_option_words(out, globals);
    g_string_append(out, "')\n    case $1 in\n");
    for (const CommandSpec *const *command = program->commands; *command != NULL; command++) {
        g_autoptr(GPtrArray) rows = option_command_rows(*command);
        if (command_is_hidden(*command) || rows->len == 0)
            continue;
        g_string_append_printf(out, "    %s) offers+=('words", (*command)->name);
        append_option_words(out, rows);
        g_string_append(out, "') ;;\n");
    }
    g_string_append(out, "    esac\n}\n\n");
}

char *completion_bash(const ProgramSpec *program)
{
    g_autoptr(GPtrArray) operands = completion_operand_rules(program);
    g_autoptr(GPtrArray) arguments = completion_argument_rules(program);
    GString *out = g_string_new(OPENING);
    completion_append_case(out, "_PROGRAM_operand", operands);
    completion_append_case(out, "_PROGRAM_argument", arguments);
    append_options(out, program);
    g_string_append(out, "_PROGRAM_commands() { offers=('words");
    completion_append_commands(out, program);
    g_string_append(out, "'); }\n\n_PROGRAM_is_global() {\n    case $1 in\n    ");
    completion_append_settings(out, program, " | ");
    g_string_append(out, ") return 0 ;;\n    esac\n    return 1\n}\n\n");
    g_string_append(out, CLOSING);
    return completion_finish(out, program);
}
