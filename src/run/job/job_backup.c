/* Job backup: the backup that is made of a target under its lock, before anything of it is changed. Written
 * under another name, flushed, and only then given its own; without one the target stays as it is. */
#include "base/atomic_file.h"
#include "run/job/backup_files.h"
#include "run/job/backup_program.h"
#include "run/job/job_run_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* The lock lives with the connection, which a server or a firewall may close if it is silent for long. */
#define ALIVE_EVERY_US (20 * G_USEC_PER_SEC)

static bool is_wanted(const JobRun *run)
{
    return !run->options->no_backup && run->path->command != PLAN_STAMP &&
           backup_settings_wanted(&run->job->planned->target->settings.backup);
}

static void post_backup_started(const JobRun *run)
{
    JobEvent *event = g_new0(JobEvent, 1);
    event->job = run->job;
    event->time_us = run_clock_real(run->clock);
    event->backup = true;
    queue_push(run->job->control->events, event);
}

/* ---- Making it ---- */

typedef struct Making {
    JobRun *run;
    gint64 alive_at;
    GError *lost; /* the connection's, and with it the lock's */
} Making;

static bool must_stop(gpointer context)
{
    Making *self = context;
    gint64 now = g_get_monotonic_time();
    if (job_run_stop_level(self->run) == STOP_NOW || self->lost)
        return true;
    if (now - self->alive_at < ALIVE_EVERY_US)
        return false;
    self->alive_at = now;
    return !connection_run(self->run->connection, "SELECT 1", &self->lost);
}

static bool run_program(JobRun *run, const char *file, GError **error)
{
    g_autoptr(GError) problem = NULL;
    Making making = {.run = run, .alive_at = g_get_monotonic_time()};
    const BackupJob job = {.target = run->job->planned->target,
                           .connection = run->connection,
                           .run_id = run->options->run_id,
                           .folder = run->options->folder,
                           .file = file,
                           .stop = must_stop,
                           .context = &making};
    bool good = backup_program_run(&job, &problem);
    if (making.lost && job_run_stop_level(run) != STOP_NOW)
        g_propagate_error(error, g_steal_pointer(&making.lost));
    else if (!good)
        g_propagate_error(error, g_steal_pointer(&problem));
    g_clear_error(&making.lost);
    return good;
}

static bool run_driver(const JobRun *run, const char *file, GError **error)
{
    g_autoptr(GError) problem = NULL;
    Connection *connection = run->connection;
    unsigned timeout_ms = run->job->planned->target->settings.backup.timeout_ms;
    if (connection->driver->backup(connection, file, timeout_ms, &problem))
        return true;
    if (g_error_matches(problem, DB_ERROR, DB_ERROR_CANCELLED)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    g_autofree char *message = g_strconcat("no backup: ", problem->message, NULL);
    g_propagate_error(error, step_error_new(STEP_ERROR_BACKUP, message, NULL));
    return false;
}

static bool write_file(JobRun *run, const char *file, GError **error)
{
    bool own = run->job->planned->target->settings.backup.method == BACKUP_AUTO;
    return own && run->connection->driver->backup ? run_driver(run, file, error)
                                                  : run_program(run, file, error);
}

/* ---- Files ---- */

/* Only for who runs dbfleet, from the first byte. */
static bool claim(const char *folder, const char *file, GError **error)
{
    int descriptor = -1;
    if (g_mkdir_with_parents(folder, 0700) == 0)
        descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int reason = errno;
    if (descriptor >= 0 && close(descriptor) == 0)
        return true;
    g_autofree char *shown = g_filename_display_name(file);
    g_autofree char *message = g_strdup_printf("no backup: %s cannot be made: %s", shown, g_strerror(reason));
    g_propagate_error(error, step_error_new(STEP_ERROR_BACKUP, message, NULL));
    return false;
}

static bool settle(const char *partial, const char *path, GError **error)
{
    g_autoptr(GError) problem = NULL;
    if (atomic_file_settle(partial, path, &problem))
        return true;
    g_autofree char *message = g_strconcat("no backup: ", problem->message, NULL);
    g_propagate_error(error, step_error_new(STEP_ERROR_BACKUP, message, NULL));
    return false;
}

/* What cannot be removed stays, and is tried again next time: no reason to leave a target as it is. */
static void prune(const JobRun *run, const char *path)
{
    const Target *target = run->job->planned->target;
    const BackupSettings *settings = &target->settings.backup;
    g_autoptr(GStrvBuilder) found = g_strv_builder_new();
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    for (const char *name; folder && (name = g_dir_read_name(folder));)
        g_strv_builder_add(found, name);
    g_auto(GStrv) names = g_strv_builder_end(found);
    g_auto(GStrv) expired =
        backup_files_expired((const char *const *)names, target->name, run->options->run_id, settings);
    for (char **name = expired; *name; name++) {
        g_autofree char *file = g_build_filename(path, *name, NULL);
        (void)g_unlink(file);
    }
}

static char *path_of(const JobRun *run)
{
    const Target *target = run->job->planned->target;
    bool own = target->settings.backup.method == BACKUP_AUTO;
    const char *suffix = own ? run->connection->driver->backup_suffix : ".backup";
    g_autofree char *name = backup_file_name(target->name, run->options->run_id, suffix);
    return g_build_filename(target->settings.backup.folder, name, NULL);
}

/* One that was made before the connection broke is of a time when others could still change the target. */
static void forget_earlier(JobRun *run)
{
    if (run->result->backup)
        (void)g_unlink(run->result->backup);
    g_clear_pointer(&run->result->backup, g_free);
}

bool job_run_backup(JobRun *run, GError **error)
{
    if (!is_wanted(run))
        return true;
    const char *folder = run->job->planned->target->settings.backup.folder;
    g_autofree char *path = path_of(run);
    g_autofree char *partial = g_strconcat(path, BACKUP_PARTIAL, NULL);
    forget_earlier(run);
    post_backup_started(run);
    if (!claim(folder, partial, error))
        return false;
    if (!write_file(run, partial, error) || !settle(partial, path, error)) {
        (void)g_unlink(partial);
        return false;
    }
    run->result->backup = g_steal_pointer(&path);
    prune(run, folder);
    return true;
}
