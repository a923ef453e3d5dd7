/* Every command, in the order help lists them. A new command is one line in each list and a file of its own.
 */
#pragma once

#include "commands/commands_internal.h"

extern const CommandSpec plan_command, upgrade_command, downgrade_command, stamp_command, status_command,
    current_command, drift_command, doctor_command, explain_command, report_command, runs_command,
    resume_command, retry_command, rollback_command, ensure_version_command;
extern const CommandSpec pause_command, continue_command, abort_command;
extern const CommandSpec init_command, revision_command, merge_command, heads_command, branches_command,
    check_command, test_command, history_command, show_command, edit_command, lint_command;
extern const CommandSpec inventory_command;
extern const CommandSpec dev_command;
extern const CommandSpec completion_command, complete_command, manual_command, reference_command;

#define COMMAND_LIST                                                                                         \
    &plan_command, &upgrade_command, &downgrade_command, &stamp_command, &resume_command, &retry_command,    \
        &rollback_command, &pause_command, &continue_command, &abort_command, &status_command,               \
        &current_command, &drift_command, &doctor_command, &explain_command, &report_command, &runs_command, \
        &ensure_version_command, &init_command, &revision_command, &merge_command, &heads_command,           \
        &branches_command, &history_command, &show_command, &edit_command, &check_command, &test_command,    \
        &lint_command, &inventory_command, &dev_command, &completion_command, &complete_command,             \
        &manual_command, &reference_command
