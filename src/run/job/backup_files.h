/* Backup files: what a target's backups are called, and which of them retention lets go. Pure; any thread.
 *
 * A name is TARGET-RUN.SUFFIX, the target's name with everything but letters, digits, "_", "." and "-"
 * escaped as %XX: no name leads out of the folder, and no two targets share one. */
#pragma once

#include "inventory/fleet.h"

/* What a backup is called until it is complete. */
#define BACKUP_PARTIAL ".partial"

/* "acme-20261122-164000-k3f9.dump". Caller frees. */
char *backup_file_name(const char *target, const char *run_id, const char *suffix);
/* Those of `names` (a folder's, NULL-terminated) that are this target's and are to go, now that `run_id` has
 * made one: older or more than is kept, and what a run that died more than a day ago left unfinished. Never
 * that run's own, and nothing whose name is not exactly one of ours. Caller frees with g_strfreev(). */
char **backup_files_expired(const char *const *names, const char *target, const char *run_id,
                            const BackupSettings *settings);
