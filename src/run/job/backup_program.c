/* Backup program: owns the arguments and the environment of a program that makes a backup, and the private
 * folder with what it may read. Passwords go into the environment and files of mode 0600, never into
 * arguments, and out of what the program said. */
#include "run/job/backup_program.h"
#include "base/child.h"
#include "base/duration.h"
#include "run/mask_internal.h"
#include "run/step/step_apply.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define LINES_TOLD 5

/* A value that a command is told, in its arguments as {word} and in its environment. */
typedef struct Told {
    const char *word;
    const char *variable;
    const char *value;
} Told;

#define TOLD_COUNT 9

static void tell(const BackupJob *job, const ClientAccess *access, Told *told)
{
    const ServerInfo *server = &job->connection->server;
    const Told values[TOLD_COUNT] = {
        {"file", "DBFLEET_BACKUP_FILE", job->file},
        {"target", "DBFLEET_TARGET", job->target->name},
        {"run", "DBFLEET_RUN", job->run_id},
        {"host", "DBFLEET_HOST", access->host},
        {"port", "DBFLEET_PORT", access->port},
        {"user", "DBFLEET_USER", access->user},
        {"database", "DBFLEET_DATABASE", server->database},
        {"schema", "DBFLEET_SCHEMA", job->target->schema},
        {"client_file", "DBFLEET_CLIENT_FILE", access->file},
    };
    memcpy(told, values, sizeof values);
}

/* The value of the {word} that the text begins with; *length gets that of the word with its braces. */
static const char *value_at(const char *text, const Told *told, gsize *length)
{
    for (gsize i = 0; i < TOLD_COUNT; i++) {
        gsize size = strlen(told[i].word);
        if (text[0] == '{' && strncmp(text + 1, told[i].word, size) == 0 && text[size + 1] == '}') {
            *length = size + 2;
            return told[i].value ? told[i].value : "";
        }
    }
    return NULL;
}

static char *filled_in(const char *argument, const Told *told)
{
    GString *out = g_string_new(NULL);
    while (*argument) {
        gsize length = 1;
        const char *value = value_at(argument, told, &length);
        if (value)
            g_string_append(out, value);
        else
            g_string_append_c(out, *argument);
        argument += length;
    }
    return g_string_free(out, FALSE);
}

/* ---- The private folder ---- */

static void remove_private(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    for (const char *name; folder && (name = g_dir_read_name(folder));) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        (void)g_unlink(file);
    }
    (void)g_rmdir(path);
}

static bool access_init(const BackupJob *job, const char *folder, ClientAccess *access, GError **error)
{
    const Driver *driver = job->connection->driver;
    access->environment = g_get_environ();
    return !driver->client_access || driver->client_access(job->connection, folder, access, error);
}

/* ---- Arguments ---- */

static char *dump_program(const Driver *driver)
{
    for (const char *const *name = driver->dump_programs; name && *name; name++) {
        char *path = g_find_program_in_path(*name);
        if (path)
            return path;
    }
    return NULL;
}

static char **own_arguments(const BackupJob *job, const ClientAccess *access, GError **error)
{
    const Driver *driver = job->connection->driver;
    g_autofree char *program = dump_program(driver);
    if (program)
        return driver->dump_arguments(job->connection, program, access, job->target->schema, job->file);
    g_autofree char *names = g_strjoinv(" or ", (char **)driver->dump_programs);
    g_autofree char *message = g_strdup_printf("no backup: there is no %s in PATH", names);
    g_propagate_error(error, step_error_new(STEP_ERROR_BACKUP, message,
                                            "install the client programs of the server, or give a command"));
    return NULL;
}

static char **command_arguments(const BackupJob *job, const Told *told)
{
    g_autoptr(GStrvBuilder) arguments = g_strv_builder_new();
    for (const char *const *at = job->target->settings.backup.command; *at; at++) {
        g_autofree char *argument = filled_in(*at, told);
        g_strv_builder_add(arguments, argument);
    }
    return g_strv_builder_end(arguments);
}

/* ---- How it ended ---- */

static GError *failure_of(const BackupJob *job, const char *program, const ChildResult *result,
                          const ClientAccess *access)
{
    if (result->end == CHILD_STOPPED)
        return db_error_new(DB_ERROR_CANCELLED, NULL, "the backup was cancelled", NULL, NULL);
    Mask *mask = mask_new(job->connection->server.dialect);
    if (access->secret)
        mask_add(mask, access->secret);
    g_autofree char *lines = child_last_lines(result, LINES_TOLD);
    g_autofree char *safe = mask_text(mask, lines, strlen(lines), NULL);
    g_autofree char *end = child_end_text(program, result, job->target->settings.backup.timeout_ms);
    g_autofree char *message = g_strconcat("no backup: ", end, NULL);
    mask_free(mask);
    return step_error_new(STEP_ERROR_BACKUP, message, *safe ? safe : NULL);
}

static bool file_is_there(const BackupJob *job, const char *program, GError **error)
{
    GStatBuf status;
    bool there = g_lstat(job->file, &status) == 0;
    if (there && S_ISREG(status.st_mode) && status.st_size > 0)
        return true;
    g_autofree char *name = g_path_get_basename(program);
    g_autofree char *message =
        g_strdup_printf("no backup: %s ended well, but %s", name,
                        !there || !S_ISREG(status.st_mode) ? "made no file" : "its file is empty");
    g_propagate_error(error, step_error_new(STEP_ERROR_BACKUP, message, job->file));
    return false;
}

/* ---- The whole ---- */

static bool run_program(const BackupJob *job, char **arguments, const ClientAccess *access, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_auto(ChildResult) result = {0};
    const ChildOptions options = {.arguments = (const char *const *)arguments,
                                  .environment = (const char *const *)access->environment,
                                  .folder = job->folder,
                                  .timeout_ms = job->target->settings.backup.timeout_ms,
                                  .stop = job->stop,
                                  .context = job->context};
    if (!child_run(&options, &result, &problem)) {
        g_autofree char *message = g_strconcat("no backup: ", problem->message, NULL);
        g_propagate_error(error, step_error_new(STEP_ERROR_BACKUP, message, NULL));
        return false;
    }
    if (result.end == CHILD_EXITED && result.code == 0)
        return file_is_there(job, arguments[0], error);
    g_propagate_error(error, failure_of(job, arguments[0], &result, access));
    return false;
}

static bool run_in(const BackupJob *job, const char *folder, GError **error)
{
    g_auto(ClientAccess) access = {0};
    Told told[TOLD_COUNT];
    if (!access_init(job, folder, &access, error))
        return false;
    tell(job, &access, told);
    for (gsize i = 0; i < TOLD_COUNT; i++)
        access.environment =
            g_environ_setenv(access.environment, told[i].variable, told[i].value ? told[i].value : "", TRUE);
    bool own = job->target->settings.backup.method == BACKUP_AUTO;
    g_auto(GStrv) arguments = own ? own_arguments(job, &access, error) : command_arguments(job, told);
    return arguments && run_program(job, arguments, &access, error);
}

bool backup_program_run(const BackupJob *job, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *folder = g_dir_make_tmp("dbfleet-XXXXXX", &problem);
    if (!folder) {
        g_autofree char *message = g_strconcat("no backup: ", problem->message, NULL);
        g_propagate_error(error, step_error_new(STEP_ERROR_BACKUP, message, NULL));
        return false;
    }
    bool good = run_in(job, folder, error);
    remove_private(folder);
    return good;
}

char *backup_program_missing(const Target *target, const char *folder)
{
    const BackupSettings *settings = &target->settings.backup;
    const Driver *driver = driver_for_scheme(target->url->scheme, NULL);
    if (settings->method == BACKUP_COMMAND)
        return child_is_there(settings->command[0], folder) ? NULL : g_strdup(settings->command[0]);
    if (settings->method != BACKUP_AUTO || !driver || !driver->dump_programs)
        return NULL;
    g_autofree char *program = dump_program(driver);
    return program ? NULL : g_strdup(driver->dump_programs[0]);
}
