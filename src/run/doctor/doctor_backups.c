/* Doctor, backups: what would keep the backups from being made that the inventory asks for: programs that
 * are not there, folders that cannot be written. Reads only. Main thread. */
#include "run/doctor/doctor.h"
#include "run/job/backup_program.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Counts how many targets have the trouble of that name. */
static void count(GHashTable *troubles, const char *name)
{
    guint targets = GPOINTER_TO_UINT(g_hash_table_lookup(troubles, name));
    g_hash_table_replace(troubles, g_strdup(name), GUINT_TO_POINTER(targets + 1));
}

/* The nearest folder above that exists must let us make what is missing. */
static bool can_be_written(const char *folder)
{
    g_autofree char *at = g_strdup(folder);
    while (access(at, F_OK) != 0 && errno == ENOENT && strlen(at) > 1) {
        char *above = g_path_get_dirname(at);
        g_free(at);
        at = above;
    }
    return g_file_test(at, G_FILE_TEST_IS_DIR) && access(at, W_OK | X_OK) == 0;
}

static void tell(GHashTable *troubles, const char *what, const char *advice, GPtrArray *findings)
{
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(troubles), (GCompareFunc)g_strcmp0);
    for (const GList *name = names; name; name = name->next) {
        guint targets = GPOINTER_TO_UINT(g_hash_table_lookup(troubles, name->data));
        g_autofree char *found = g_strdup_printf("%u %s: %s%s", targets, targets == 1 ? "target" : "targets",
                                                 (const char *)name->data, what);
        findings_add(findings, FINDING_ERROR, "backup", advice, "%s", found);
    }
}

void doctor_backups(const GPtrArray *targets, const char *folder, GPtrArray *findings)
{
    g_autoptr(GHashTable) programs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    unsigned wanted = 0;
    for (guint i = 0; i < targets->len; i++) {
        const Target *target = targets->pdata[i];
        const BackupSettings *settings = &target->settings.backup;
        if (target->life != TARGET_ACTIVE || !backup_settings_wanted(settings))
            continue;
        wanted++;
        g_autofree char *missing = backup_program_missing(target, folder);
        if (missing)
            count(programs, missing);
        if (!can_be_written(settings->folder))
            count(folders, settings->folder);
    }
    tell(programs, ", which makes their backup, is not there",
         "Install it (Debian: postgresql-client, mariadb-client), or correct backup.command.", findings);
    tell(folders, ", the folder of their backups, cannot be written",
         "Let the user who runs dbfleet write it: without a backup they are not touched.", findings);
    if (wanted > 0 && g_hash_table_size(programs) + g_hash_table_size(folders) == 0)
        findings_add(findings, FINDING_OK, "backup", NULL,
                     "what makes the backups of %u %s is there, and can write", wanted,
                     wanted == 1 ? "target" : "targets");
}
