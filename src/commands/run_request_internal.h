/* What pause, continue and abort share. */
#pragma once

#include "commands/command_list_internal.h"

/* Asks the run that the first operand names, and waits until it has heard it. `what` is the verb for
 * messages, `told` what the run does now. */
int run_request(const Options *options, ControlAction action, const char *what, const char *told);
