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
