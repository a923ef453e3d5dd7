/* The program's tables: commands, options, exit codes, environment. */
#include "commands/commands_internal.h"

#include <criterion/criterion.h>
#include <string.h>

Test(program, the_tables_hold_no_mistake)
{
    g_autoptr(GError) error = NULL;
    cr_expect(options_check_tables(&program_spec, &error), "%s", error ? error->message : "");
}

/* Number of the pair that starts with `name`; -1: none. */
static int pair_of(const char *const *pairs, const char *name)
{
    for (int i = 0; pairs[i]; i += 2)
        if (g_str_equal(pairs[i], name))
            return i / 2;
    return -1;
}

Test(program, every_exit_code_is_documented)
{
    static const ExitCode codes[] = {EXIT_DONE,          EXIT_TARGET_FAILED, EXIT_DIFFERENT, EXIT_HALTED,
                                     EXIT_UNREACHABLE,   EXIT_STALE,         EXIT_LOCKED,    EXIT_USAGE,
                                     EXIT_CONFIGURATION, EXIT_INTERRUPTED};
    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++) {
        g_autofree char *text = g_strdup_printf("%d", (int)codes[i]);
        cr_expect_geq(pair_of(program_spec.exit_codes, text), 0, "exit code %s is not in the table", text);
    }
    cr_expect_null(program_spec.exit_codes[2 * G_N_ELEMENTS(codes)],
                   "the table has a code that no command returns");
}

Test(program, every_command_shows_an_example_of_itself)
{
    for (const CommandSpec *const *command = program_spec.commands; *command; command++) {
        if (g_str_has_prefix((*command)->name, "__"))
            continue;
        g_autofree char *call = g_strdup_printf("dbfleet %s", (*command)->name);
        cr_assert_not_null((*command)->example, "%s", call);
        cr_expect_not_null(strstr((*command)->example, call), "%s", call);
        cr_expect_not_null((*command)->description, "%s", call);
    }
}

/* ---- Examples ---- */

/* The words of the first call of the program in a line; NULL: there is none. What the shell does around it is
 * left out. */
static char **words_of_example(const char *line)
{
    static const char *const ENDS[] = {" | ", " >", ")", " && ", " || ", "; "};
    const char *begin = strstr(line, "dbfleet ");
    if (!begin)
        return NULL;
    g_autofree char *call = g_strdup(begin);
    for (gsize i = 0; i < G_N_ELEMENTS(ENDS); i++) {
        char *end = strstr(call, ENDS[i]);
        if (end)
            *end = '\0';
    }
    char **words = NULL;
    cr_assert(g_shell_parse_argv(call, NULL, &words, NULL), "%s", call);
    return words;
}

Test(program, every_example_can_be_typed)
{
    unsigned count = 0;
    for (const CommandSpec *const *command = program_spec.commands; *command; command++) {
        g_auto(GStrv) lines = g_strsplit((*command)->example ? (*command)->example : "", "\n", -1);
        for (char **line = lines; *line; line++) {
            g_auto(GStrv) words = words_of_example(*line);
            g_autoptr(GError) error = NULL;
            if (!words)
                continue;
            g_autoptr(Options) options =
                options_parse(&program_spec, (int)g_strv_length(words), words, &error);
            cr_expect_not_null(options, "%s: %s", *line, error ? error->message : "");
            count++;
        }
    }
    cr_expect_gt(count, 60);
}

/* ---- Twins in the environment ---- */

static char *some_value(const OptionSpec *spec)
{
    switch (spec->kind) {
    case OPTION_FLAG:
    case OPTION_COUNT:
        return g_strdup("1");
    case OPTION_UNSIGNED:
        return g_strdup_printf("%" G_GUINT64_FORMAT, MAX(spec->minimum, 1));
    case OPTION_DURATION:
        return g_strdup("5s");
    case OPTION_CHOICE:
        return g_strdup(spec->choices[0]);
    case OPTION_PAIRS:
        return g_strdup("name=value");
    default:
        return g_strdup("text");
    }
}

/* A command line with as many operands as the command needs. */
static Options *parse_bare(const CommandSpec *command, GError **error)
{
    char *words[16] = {(char *)"dbfleet", (char *)command->name};
    int count = 2;
    for (unsigned i = 0; i < command->min_operands; i++)
        words[count++] = (char *)"word";
    return options_parse(&program_spec, count, words, error);
}

static void check_twin(const CommandSpec *command, const OptionSpec *spec)
{
    if (spec->typed_only)
        return;
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strdup_printf("DBFLEET_%s", spec->name);
    g_autofree char *value = some_value(spec);
    for (char *at = name; *at; at++)
        *at = *at == '-' ? '_' : g_ascii_toupper(*at);
    g_setenv(name, value, TRUE);
    g_autoptr(Options) options = parse_bare(command, &error);
    cr_expect_not_null(options, "%s %s=%s: %s", command->name, name, value, error ? error->message : "");
    cr_expect(!options || options_given(options, spec->name), "%s does not heed %s", command->name, name);
    g_unsetenv(name);
}

Test(program, every_option_of_every_command_has_its_variable)
{
    unsigned count = 0;
    for (const CommandSpec *const *command = program_spec.commands; *command; command++) {
        for (const OptionSpec *const *set = (*command)->option_sets; *set; set++)
            for (const OptionSpec *spec = *set; spec->name; spec++, count++)
                check_twin(*command, spec);
        for (const OptionSpec *spec = global_options; spec->name; spec++, count++)
            check_twin(*command, spec);
    }
    cr_expect_gt(count, 300);
}
