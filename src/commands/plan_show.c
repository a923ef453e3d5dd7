/* Plan show: a plan file as its reviewers see it. Connects to nothing. */
#include "commands/fleet_change_internal.h"
#include "report/plan_file_view.h"

int plan_show(const Options *options)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    if (options_operand_count(options) != 2)
        return command_fail(EXIT_USAGE, "plan show takes one FILE");
    g_autoptr(PlanFile) file = plan_file_load(options_operand(options, 1), problems);
    command_print_problems(problems);
    if (!file)
        return EXIT_CONFIGURATION;
    const ReportOptions view = {.width = command_width(),
                                .color = command_color(options, 1),
                                .verbose = options_count(options, "verbose") > 0};
    g_autofree char *text =
        command_wants_json(options) ? plan_file_view_json(file) : plan_file_view_text(file, &view);
    return command_print(text);
}
