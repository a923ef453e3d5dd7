/* Approvals of plan files, as commands need them. */
#pragma once

#include "commands/commands_internal.h"
#include "commands/fleet_change_internal.h"
#include "plans/plan_file.h"
#include "run/approvals.h"

/* Reads the file once: its bytes, for signatures, and what they say. On false everything wrong was printed
 * and *exit_code says why. The texts are the caller's: *bytes to free, `signed_plan` borrows them and the
 * path. */
bool plan_bytes_read(const char *path, char **bytes, SignedPlan *signed_plan, PlanFile **file,
                     int *exit_code);
/* All signatures of the plan, judged by the project's policy: of Approval *, and in *count how many count.
 * NULL with a message. */
GPtrArray *plan_approvals(const Workspace *workspace, const SignedPlan *signed_plan, const PlanFile *file,
                          unsigned *count, int *exit_code);
/* Puts the plan's signatures into the file for who shows it: judged by the project's policy if there is a
 * project, else unchecked. What is wrong with them is told and stops nothing. */
void plan_show_approvals(const Options *options, const SignedPlan *signed_plan, PlanFile *file);
/* Whether the plan has the approvals that rollout.approvals asks for; who gave them goes to *approved_by
 * (NULL where none are asked for; caller frees with g_strfreev). What is missing or does not count is told.
 */
bool plan_is_approved(const Workspace *workspace, const SignedPlan *signed_plan, const PlanFile *file,
                      char ***approved_by, int *exit_code);
/* Runs a plan file on its targets, of which the workspace selects some, under its policy and with its
 * approvals, or shows it with --dry-run. `origin` names the file. */
int apply_plan_file(Workspace *workspace, const PlanFile *file, const SignedPlan *signed_plan,
                    const ChangeOrigin *origin);
