/* Run outputs: the files that a run leaves. */
#include "base/atomic_file.h"
#include "commands/run_outputs_internal.h"
#include "report/report_forms.h"
#include <string.h>

#define FILE_WIDTH 100 /* columns of a text report in a file */

struct RunOutputs {
    const Options *options;
};

static const ReportForm *form_of(const char *path, int *exit_code)
{
    const ReportForm *form = report_form_of_file(path);
    g_autofree char *suffixes = form ? NULL : report_form_suffixes();
    if (!form)
        *exit_code = command_fail(
            EXIT_USAGE, "--report: %s: the form of a report is told by the end of its name, one of %s", path,
            suffixes);
    return form;
}

static bool check_place(const char *path, int *exit_code)
{
    GError *error = NULL;
    if (atomic_file_check(path, &error))
        return true;
    g_prefix_error(&error, "nothing was changed: ");
    *exit_code = command_fail_error(EXIT_CONFIGURATION, error);
    return false;
}

RunOutputs *run_outputs_open(const Options *options, int *exit_code)
{
    for (const char *const *path = options_list(options, "report"); *path; path++)
        if (!form_of(*path, exit_code) || !check_place(*path, exit_code))
            return NULL;
    RunOutputs *self = g_new0(RunOutputs, 1);
    self->options = options;
    return self;
}

void run_outputs_free(RunOutputs *self)
{
    g_free(self);
}

static void write_file(const char *path, const char *text)
{
    g_autoptr(GError) error = NULL;
    if (!atomic_file_replace(path, text, strlen(text), &error))
        command_warn("%s; \"dbfleet report\" has the report", error->message);
}

void run_outputs_finish(RunOutputs *self, const RunResult *run)
{
    const ReportOptions view = {.width = FILE_WIDTH, .verbose = options_count(self->options, "verbose") > 0};
    for (const char *const *path = options_list(self->options, "report"); *path; path++) {
        g_autofree char *text = report_form_of_file(*path)->render(run, &view);
        write_file(*path, text);
    }
}
