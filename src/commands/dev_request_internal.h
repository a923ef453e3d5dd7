/* What the commands share that try things on scratch databases: for which dialects, with which values of
 * variables, on which dev servers. Main thread. */
#pragma once

#include "commands/commands_internal.h"
#include "dev/dev_servers.h"
#include "run/target_variables.h"

extern const OptionSpec dev_options[]; /* --dialects */

typedef struct DevRequest {
    const Workspace *workspace;
    GArray *dialects; /* of Dialect, in the order of the enum */
    SecretStore *secrets;
    DevServers *servers;
} DevRequest;

/* The dialects are those that --dialects names, else those of the selected targets (of the track), else those
 * under dev:, else SQLite. The command has dev_options and opened its workspace with WORKSPACE_FLEET or
 * WORKSPACE_FLEET_IF_ANY. From here to the close an interrupt does not end the process: what is done on a
 * scratch then fails with DB_ERROR_CANCELLED, and dev_request_exit_code() knows. On false everything wrong
 * has been printed. */
bool dev_request_open(DevRequest *self, const Workspace *workspace, int *exit_code);
/* Drops nothing of the scratches, which must be gone. */
void dev_request_close(DevRequest *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DevRequest, dev_request_close)

/* The values that sections of the dialect run with: the vars of the first selected target of that dialect, or
 * of the first at all, and -x if the command has it. False and an error if a secret cannot be had. */
bool dev_request_variables(const DevRequest *self, Dialect dialect, TargetVariables *variables,
                           GError **error);
/* EXIT_INTERRUPTED after an interrupt, else `otherwise`. */
int dev_request_exit_code(const DevRequest *self, ExitCode otherwise);
