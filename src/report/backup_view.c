/* Backup view: few lines for many targets, since most runs have one folder; every file when asked for. */
#include "base/text_table.h"
#include "report/backup_view_internal.h"
#include "report/style_internal.h"

typedef struct Folder {
    char *path;
    unsigned files;
} Folder;

static void folder_free(gpointer item)
{
    g_free(((Folder *)item)->path);
    g_free(item);
}

static void count_file(GPtrArray *folders, const char *file)
{
    g_autofree char *path = g_path_get_dirname(file);
    for (guint i = 0; i < folders->len; i++) {
        Folder *folder = folders->pdata[i];
        if (g_str_equal(folder->path, path)) {
            folder->files++;
            return;
        }
    }
    Folder *folder = g_new0(Folder, 1);
    folder->path = g_steal_pointer(&path);
    folder->files = 1;
    g_ptr_array_add(folders, folder);
}

void backup_view_print(GString *out, const RunResult *run, const ReportOptions *options)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(folder_free);
    for (guint i = 0; i < run->targets->len; i++) {
        const TargetResult *target = run->targets->pdata[i];
        if (target->backup)
            count_file(folders, target->backup);
    }
    for (guint i = 0; i < folders->len; i++) {
        const Folder *folder = folders->pdata[i];
        g_autofree char *text = g_strdup_printf("%u %s in %s", folder->files,
                                                folder->files == 1 ? "file" : "files", folder->path);
        style_append_wrapped(out, 2, options->width, "backups:", text);
    }
}

static const TextColumn columns[] = {{"target", ALIGN_LEFT, 8, SHRINKS_MIDDLE},
                                     {"file", ALIGN_LEFT, 20, false}};

void backup_view_print_each(GString *out, const RunResult *run, const ReportOptions *options)
{
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < run->targets->len; i++) {
        const TargetResult *target = run->targets->pdata[i];
        const char *cells[] = {target->name, target->backup};
        if (target->backup)
            text_table_add(table, cells);
    }
    if (text_table_rows(table) == 0)
        return;
    g_autofree char *text = text_table_render(table, 2, options->width);
    g_string_append_c(out, '\n');
    style_append(out, options->color, STYLE_BOLD, "Backups");
    g_string_append_printf(out, "\n%s", text);
}
