/* Backup view: the files that a run made of its targets before it changed them. Pure. */
#pragma once

#include "report/report.h"

/* "backups: 40 files in FOLDER", a line for each folder; nothing where none was made. */
void backup_view_print(GString *out, const RunResult *run, const ReportOptions *options);
/* A line for each target, with its file. */
void backup_view_print_each(GString *out, const RunResult *run, const ReportOptions *options);
