/* Backup program: a target's backup made by a program, the driver's own or the inventory's command. Worker
 * thread. */
#pragma once

#include "drivers/driver.h"
#include "inventory/fleet.h"

typedef struct BackupJob {
    const Target *target;
    Connection *connection;
    const char *run_id;
    const char *folder; /* to work in: the inventory's */
    const char *file;   /* to write */
    /* As ChildOptions.stop: asked now and then; true ends the program. */
    bool (*stop)(gpointer context);
    gpointer context;
} BackupJob;

/* Runs it. False with an error of STEP_ERROR_BACKUP that has the last words of the program, or
 * DB_ERROR_CANCELLED if `stop` ended it; no secret is in either. */
bool backup_program_run(const BackupJob *job, GError **error);

/* The program that the target's backup needs and that is not there ("pg_dump"), or NULL. Connects to nothing;
 * any thread. Caller frees. */
char *backup_program_missing(const Target *target, const char *folder);
