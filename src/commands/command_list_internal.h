/* Every command, in the order help lists them. A new command is one line in each list and a file of its own.
 */
#pragma once

#include "commands/commands_internal.h"

/* One a line: branches that add a command each merge. */
/* clang-format off */
extern const CommandSpec plan_command;
extern const CommandSpec apply_command;
extern const CommandSpec upgrade_command;
extern const CommandSpec downgrade_command;
extern const CommandSpec stamp_command;
extern const CommandSpec resume_command;
extern const CommandSpec retry_command;
extern const CommandSpec rollback_command;
extern const CommandSpec pause_command;
extern const CommandSpec continue_command;
extern const CommandSpec abort_command;
extern const CommandSpec status_command;
extern const CommandSpec current_command;
extern const CommandSpec drift_command;
extern const CommandSpec doctor_command;
extern const CommandSpec explain_command;
extern const CommandSpec report_command;
extern const CommandSpec runs_command;
extern const CommandSpec watch_command;
extern const CommandSpec notify_command;
extern const CommandSpec ensure_version_command;
extern const CommandSpec init_command;
extern const CommandSpec revision_command;
extern const CommandSpec merge_command;
extern const CommandSpec heads_command;
extern const CommandSpec branches_command;
extern const CommandSpec history_command;
extern const CommandSpec show_command;
extern const CommandSpec edit_command;
extern const CommandSpec check_command;
extern const CommandSpec test_command;
extern const CommandSpec lint_command;
extern const CommandSpec schema_command;
extern const CommandSpec inventory_command;
extern const CommandSpec dev_command;
extern const CommandSpec completion_command;
extern const CommandSpec complete_command;
extern const CommandSpec manual_command;
extern const CommandSpec reference_command;

#define COMMAND_LIST \
    &plan_command, \
    &apply_command, \
    &upgrade_command, \
    &downgrade_command, \
    &stamp_command, \
    &resume_command, \
    &retry_command, \
    &rollback_command, \
    &pause_command, \
    &continue_command, \
    &abort_command, \
    &status_command, \
    &current_command, \
    &drift_command, \
    &doctor_command, \
    &explain_command, \
    &report_command, \
    &runs_command, \
    &watch_command, \
    &notify_command, \
    &ensure_version_command, \
    &init_command, \
    &revision_command, \
    &merge_command, \
    &heads_command, \
    &branches_command, \
    &history_command, \
    &show_command, \
    &edit_command, \
    &check_command, \
    &test_command, \
    &lint_command, \
    &schema_command, \
    &inventory_command, \
    &dev_command, \
    &completion_command, \
    &complete_command, \
    &manual_command, \
    &reference_command
/* clang-format on */
