/* Plan diff: what changed from one plan file to another. Connects to nothing. */
#include "commands/fleet_change_internal.h"
#include "report/plan_diff_view.h"

int plan_diff_files(const Options *options)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    if (options_operand_count(options) != 3)
        return command_fail(EXIT_USAGE, "plan diff takes two FILEs: the one before and the one after");
    if (!command_wants_json(options) && !g_str_equal(options_text(options, "format"), "text"))
        return command_fail(EXIT_USAGE, "plan diff: --format is text or json here");
    g_autoptr(PlanFile) before = plan_file_load(options_operand(options, 1), problems);
    g_autoptr(PlanFile) after = plan_file_load(options_operand(options, 2), problems);
    command_print_problems(problems);
    if (!before || !after)
        return EXIT_CONFIGURATION;
    const ReportOptions view = {.width = command_width(),
                                .color = command_color(options, 1),
                                .verbose = options_count(options, "verbose") > 0};
    g_autoptr(GPtrArray) changes = plan_diff(before, after);
    g_autofree char *text = command_wants_json(options) ? plan_diff_view_json(before, after, changes)
                                                        : plan_diff_view_text(before, after, changes, &view);
    int code = command_page(options, text);
    return code == EXIT_DONE && changes->len > 0 && options_flag(options, "exit-code") ? EXIT_DIFFERENT
                                                                                       : code;
}
