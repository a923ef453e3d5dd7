/* What the halves of secrets share: running a command for its answer. */
#pragma once

#include <glib.h>

/* A secret has to fit. */
#define SECRET_BYTES_MAX ((gsize)64 * 1024)
#define SECRET_COMMAND_MS 30000

/* Runs `command` through /bin/sh in `folder`, with nothing on standard input and standard error thrown away.
 * Returns what it wrote (freed with secret_free), or NULL and why: a sentence that holds neither command nor
 * output. The process group is killed when the time is over. Any thread. */
char *secret_command_run(const char *command, const char *folder, unsigned timeout_ms, GError **error);
/* A text with the wiped bytes gone: for buffers that held a secret. NULL-safe. */
void secret_wipe(char *bytes, gsize length);
