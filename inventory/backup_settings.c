/* Backup settings: owns how the mapping `backup:` is read, merged key by key over what was inherited, and
 * shown. It refuses to know how a backup is made. The loading thread reads; showing is for any thread. */
#include "inventory/fleet_internal.h"

#include "base/duration.h"

#include <string.h>

#define TIMEOUT_MAX_MS G_GINT64_CONSTANT(2147483647)
#define RETENTION_MAX 100000u

static const char *const METHODS[] = {
    [BACKUP_NONE] = "none", [BACKUP_AUTO] = "auto", [BACKUP_COMMAND] = "command"};

static bool read_method(const YamlNode *node, BackupSettings *into, Loader *loader)
{
    const char *text = NULL;
    if (node == NULL)
        return false;
    if (!yaml_as_text(node, "backup.method", &text, loader->problems))
        return true;
    for (gsize i = BACKUP_NONE; i < G_N_ELEMENTS(METHODS); i++)
        if (g_str_equal(text, METHODS[i])) {
            into->method = (BackupMethod)i;
            return true;
        }
    diagnostics_error(loader->problems, yaml_place(node),
                      "backup.method must be auto, command or none, not '%s'", text);
    return true;
}

/* The list as the fleet's own array; NULL after an error. */
static const char *const *command_of(const YamlNode *node, Loader *loader)
{
    g_autofree const char **arguments = g_new0(const char *, yaml_length(node) + 1);
    for (unsigned i = 0; i < yaml_length(node); i++)
        if (!yaml_as_text(yaml_at(node, i), "an argument of backup.command", &arguments[i], loader->problems))
            return NULL;
    g_ptr_array_add(loader->fleet->lists, arguments);
    return g_steal_pointer(&arguments);
}

static bool read_command(const YamlNode *node, BackupSettings *into, Loader *loader)
{
    if (node == NULL)
        return false;
    const char *first = yaml_kind(node) == YAML_SEQUENCE ? yaml_text(yaml_at(node, 0)) : NULL;
    if (first == NULL || *first == '\0') {
        diagnostics_error(loader->problems, yaml_place(node),
                          "backup.command must be a list, the program first: [pg_dump, -Fc, -f, \"{file}\"]");
        return true;
    }
    const char *const *command = command_of(node, loader);
    if (command != NULL)
        into->command = command;
    return true;
}

static void read_retention(const YamlNode *node, BackupSettings *into, Loader *loader)
{
    const char *text = yaml_text(node);
    gint64 age = 0;
    if (node == NULL)
        return;
    bool number = text != NULL && *text != '\0' && strspn(text, "0123456789") == strlen(text);
    if (number) {
        if (yaml_as_unsigned(node, "backup.retention", 1, RETENTION_MAX, &into->keep_count, loader->problems))
            into->keep_ms = 0;
    } else if (text != NULL && duration_parse(text, &age) && age > 0) {
        into->keep_ms = age;
        into->keep_count = 0;
    } else {
        diagnostics_error(loader->problems, yaml_place(node),
                          "backup.retention must be a number of files such as 7, or an age such as 14d");
    }
}

static void read_timeout(const YamlNode *node, BackupSettings *into, Loader *loader)
{
    gint64 milliseconds = 0;
    if (node == NULL || !yaml_as_duration(node, "backup.timeout", &milliseconds, loader->problems))
        return;
    if (milliseconds > TIMEOUT_MAX_MS)
        diagnostics_error(loader->problems, yaml_place(node), "backup.timeout is longer than 24 days");
    else
        into->timeout_ms = (unsigned)milliseconds;
}

/* Relative to the file that says it. */
static void read_folder(const YamlNode *node, BackupSettings *into, Loader *loader)
{
    const char *text = NULL;
    if (node == NULL || !yaml_as_text(node, "backup.folder", &text, loader->problems))
        return;
    if (*text == '\0') {
        diagnostics_error(loader->problems, yaml_place(node),
                          "backup.folder is empty: leave the key out instead");
        return;
    }
    g_autofree char *from = g_path_get_dirname(yaml_place(node).file);
    g_autofree char *absolute = g_canonicalize_filename(from, NULL);
    g_autofree char *folder = g_canonicalize_filename(text, absolute);
    into->folder = fleet_intern(loader->fleet, folder);
}

/* Which way, where a mapping gives no method: a command speaks for itself, and to mention backups is to want
 * them. */
static void choose_method(BackupSettings *into, bool has_command)
{
    if (has_command)
        into->method = BACKUP_COMMAND;
    else if (into->method == BACKUP_NOT_SAID)
        into->method = BACKUP_AUTO;
}

void backup_settings_read(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into)
{
    BackupSettings *settings = &into->settings.backup;
    if (yaml_kind(value) != YAML_MAPPING) {
        diagnostics_error(loader->problems, yaml_place(value),
                          "%s must be written {folder: PATH, method: auto, …}", self->name);
        return;
    }
    g_autofree const char **known = inventory_key_names(LEVEL_BACKUP);
    yaml_check_keys(value, self->name, known, loader->problems);
    bool has_method = read_method(yaml_get(value, "method"), settings, loader);
    bool has_command = read_command(yaml_get(value, "command"), settings, loader);
    read_folder(yaml_get(value, "folder"), settings, loader);
    read_retention(yaml_get(value, "retention"), settings, loader);
    read_timeout(yaml_get(value, "timeout"), settings, loader);
    if (!has_method)
        choose_method(settings, has_command);
    else if (settings->method == BACKUP_COMMAND && settings->command == NULL && !has_command)
        diagnostics_error(loader->problems, yaml_place(yaml_get(value, "method")),
                          "backup.method is command, but there is no backup.command");
    else if (settings->method != BACKUP_COMMAND && has_command)
        diagnostics_error(loader->problems, yaml_place(yaml_get(value, "command")),
                          "backup.command is not used with method: %s: keep one of the two",
                          METHODS[settings->method]);
}

static void show_command(GString *out, const char *const *command)
{
    for (; *command != NULL; command++)
        g_string_append_printf(out, " %s", *command);
}

char *backup_settings_show(const InventoryKey *self, const TargetSettings *settings)
{
    const BackupSettings *backup = &settings->backup;
    (void)self;
    if (backup->method == BACKUP_NOT_SAID)
        return NULL;
    if (!backup_settings_wanted(backup))
        return g_strdup("none");
    g_autoptr(GString) out = g_string_new(METHODS[backup->method]);
    if (backup->method == BACKUP_COMMAND)
        show_command(out, backup->command);
    g_string_append_printf(out, ", into %s, ", backup->folder);
    if (backup->keep_count > 0)
        g_string_append_printf(out, "keeps %u", backup->keep_count);
    else if (backup->keep_ms > 0)
        g_string_append_printf(out, "keeps %" G_GINT64_FORMAT " h", backup->keep_ms / (60 * 60 * 1000));
    else
        g_string_append(out, "keeps all");
    g_string_append_printf(out, ", at most %u s", backup->timeout_ms / 1000);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

bool backup_settings_wanted(const BackupSettings *self)
{
    return self->method == BACKUP_AUTO || self->method == BACKUP_COMMAND;
}
