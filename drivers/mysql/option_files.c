/* Option files: what the user's MySQL clients are already told, so that dbfleet need not be told again.
 *
 * Owns the file format. The client library could read these files too, but what it read would then override
 * what the inventory says (its TLS mode and timeouts among it), so the values are read here and only fill
 * gaps. What was read holds for a second, since a fleet is connected to at once. Refuses to judge values.
 * Reads files; any thread may call. */
#include "drivers/mysql/option_files.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_INCLUDE_DEPTH 10
#define KEPT_US G_USEC_PER_SEC

typedef struct OptionReader {
    GHashTable *values;
    unsigned depth; /* of !include */
} OptionReader;

static const char *const groups[] = {"client", "client-server", "client-mariadb", "dbfleet", NULL};

static void read_file(OptionReader *self, const char *path);

gboolean mysql_option_is_on(const char *value)
{
    static const char *const words[] = {"1", "on", "true", "yes", NULL};
    g_autofree char *lower = value ? g_ascii_strdown(value, -1) : NULL;
    return lower && g_strv_contains(words, lower);
}

/* ---- One line ---- */

/* Ends the line at a # that stands in no quotes. */
static void cut_comment(char *line)
{
    char quote = '\0';
    for (char *at = line; *at; at++) {
        if (*at == '\\' && at[1]) {
            at++;
        } else if (*at == quote) {
            quote = '\0';
        } else if (quote) {
            continue;
        } else if (*at == '\'' || *at == '"') {
            quote = *at;
        } else if (*at == '#') {
            *at = '\0';
            return;
        }
    }
}

static char unescaped(char letter)
{
    static const char from[] = "bntrs", to[] = "\b\n\t\r ";
    const char *found = strchr(from, letter);
    if (found)
        return to[found - from];
    return letter;
}

/* The value without the quotes around it and with its escapes read: \b \n \t \r \s \\ and quotes; another
 * backslash stands for itself. */
static char *value_text(const char *raw)
{
    gsize length = strlen(raw);
    if (length >= 2 && (*raw == '\'' || *raw == '"') && raw[length - 1] == *raw) {
        raw++;
        length -= 2;
    }
    GString *text = g_string_sized_new(length);
    for (gsize i = 0; i < length; i++)
        if (raw[i] == '\\' && i + 1 < length && strchr("bntrs\\'\"", raw[i + 1]))
            g_string_append_c(text, unescaped(raw[++i]));
        else
            g_string_append_c(text, raw[i]);
    return g_string_free(text, FALSE);
}

/* Cuts `prefix` from the front of the name. */
static bool without_prefix(char *name, const char *prefix)
{
    if (!g_str_has_prefix(name, prefix))
        return false;
    memmove(name, name + strlen(prefix), strlen(name) - strlen(prefix) + 1);
    return true;
}

static void store_option(OptionReader *self, const char *raw_name, const char *raw_value)
{
    g_autofree char *name = g_strstrip(g_strdelimit(g_ascii_strdown(raw_name, -1), "_", '-'));
    without_prefix(name, "loose-");
    bool off = without_prefix(name, "skip-") || without_prefix(name, "disable-");
    char *value = off ? g_strdup("0") : raw_value ? value_text(raw_value) : g_strdup("1");
    g_hash_table_replace(self->values, g_steal_pointer(&name), value);
}

static void read_option(OptionReader *self, char *line)
{
    char *equals = strchr(line, '=');
    if (equals)
        *equals = '\0';
    store_option(self, line, equals ? g_strstrip(equals + 1) : NULL);
}

/* ---- Files ---- */

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void read_folder(OptionReader *self, const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; folder && (name = g_dir_read_name(folder));)
        if (g_str_has_suffix(name, ".cnf"))
            g_ptr_array_add(files, g_build_filename(path, name, NULL));
    g_ptr_array_sort(files, compare_names);
    for (guint i = 0; i < files->len; i++)
        read_file(self, g_ptr_array_index(files, i));
}

/* `line` starts with "!". */
static void read_include(OptionReader *self, char *line)
{
    if (without_prefix(line, "!includedir"))
        read_folder(self, g_strstrip(line));
    else if (without_prefix(line, "!include"))
        read_file(self, g_strstrip(line));
}

static bool starts_our_group(char *line)
{
    char *end = strchr(line, ']');
    if (end)
        *end = '\0';
    return g_strv_contains(groups, g_strstrip(line + 1));
}

static void read_lines(OptionReader *self, char **lines)
{
    bool ours = false;
    for (; *lines; lines++) {
        char *line = g_strstrip(*lines);
        if (*line == '!') {
            read_include(self, line);
        } else if (*line == '[') {
            ours = starts_our_group(line);
        } else if (ours && *line && *line != '#' && *line != ';') {
            cut_comment(line);
            read_option(self, g_strstrip(line));
        }
    }
}

static void read_file(OptionReader *self, const char *path)
{
    struct stat status;
    g_autofree char *text = NULL;
    if (self->depth >= MAX_INCLUDE_DEPTH || stat(path, &status) != 0 || !S_ISREG(status.st_mode) ||
        (status.st_mode & S_IWOTH) || !g_file_get_contents(path, &text, NULL, NULL))
        return;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    self->depth++;
    read_lines(self, lines);
    self->depth--;
}

static void read_file_in(OptionReader *self, const char *folder, const char *name)
{
    if (folder) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        read_file(self, path);
    }
}

static GHashTable *read_all(void)
{
    OptionReader reader = {.values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
    const char *home = g_getenv("MARIADB_HOME");
    read_file_in(&reader, "/etc", "my.cnf");
    read_file_in(&reader, "/etc/mysql", "my.cnf");
    read_file_in(&reader, home ? home : g_getenv("MYSQL_HOME"), "my.cnf");
    read_file_in(&reader, g_getenv("HOME"), ".my.cnf");
    return reader.values;
}

/* ---- What was read last ---- */

static struct {
    pthread_mutex_t mutex;
    GHashTable *values; /* NULL: nothing was read */
    gint64 read_at;
} kept = {.mutex = PTHREAD_MUTEX_INITIALIZER};

GHashTable *mysql_option_files_read(void)
{
    pthread_mutex_lock(&kept.mutex);
    gint64 now = g_get_monotonic_time();
    if (kept.values && now - kept.read_at > KEPT_US)
        g_clear_pointer(&kept.values, g_hash_table_unref);
    if (!kept.values) {
        kept.values = read_all();
        kept.read_at = now;
    }
    GHashTable *values = g_hash_table_ref(kept.values);
    pthread_mutex_unlock(&kept.mutex);
    return values;
}

void mysql_option_files_forget(void)
{
    pthread_mutex_lock(&kept.mutex);
    g_clear_pointer(&kept.values, g_hash_table_unref);
    pthread_mutex_unlock(&kept.mutex);
}
