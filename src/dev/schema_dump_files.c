/* Schema dump files: writes a dump to a folder, and proves one by loading it again. The thread that owns the
 * scratch. */
#include "dev/schema_dump.h"

#include "dev/schema_files.h"
#include "dev/scratch_revisions.h"

#include <errno.h>
#include <glib/gstdio.h>

static bool fail(const char *path, const char *what, GError **error)
{
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno), "%s %s: %s", path, what,
                g_strerror(errno));
    return false;
}

bool schema_dump_write(const SchemaDump *self, const char *folder, GError **error)
{
    if (g_mkdir_with_parents(folder, 0777) != 0)
        return fail(folder, "cannot be made", error);
    for (guint i = 0; i < self->files->len; i++) {
        const SchemaDumpFile *file = self->files->pdata[i];
        g_autofree char *path = g_build_filename(folder, file->path, NULL);
        g_autofree char *around = g_path_get_dirname(path);
        if (g_mkdir_with_parents(around, 0777) != 0)
            return fail(around, "cannot be made", error);
        if (!g_file_set_contents_full(path, file->text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0666, error))
            return false;
    }
    return true;
}

static void delete_files(const SchemaDump *self, const char *folder)
{
    for (guint i = 0; i < self->files->len; i++) {
        const SchemaDumpFile *file = self->files->pdata[i];
        g_autofree char *path = g_build_filename(folder, file->path, NULL);
        g_autofree char *around = g_path_get_dirname(path);
        (void)g_unlink(path);
        (void)g_rmdir(around); /* once it is empty */
    }
    (void)g_rmdir(folder);
}

static GPtrArray *load_and_compare(const char *folder, Scratch *scratch, const SchemaModel *model,
                                   GError **error)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(SchemaFiles) files = schema_files_read(folder, scratch->dialect, problems);
    if (!files) {
        g_autofree char *told = diagnostics_to_string(problems);
        g_set_error(error, DEV_ERROR, DEV_ERROR_STATEMENT, "%s", g_strchomp(told));
        return NULL;
    }
    if (!schema_files_load(files, scratch, error))
        return NULL;
    g_autoptr(SchemaModel) loaded = scratch_model(scratch, NULL, error);
    if (!loaded)
        return NULL;
    g_autoptr(SchemaDiff) diff = schema_diff_new(model, loaded, NULL);
    return schema_diff_lines(diff);
}

GPtrArray *schema_dump_verify(const SchemaDump *self, Scratch *scratch, const SchemaModel *model,
                              GError **error)
{
    g_autofree char *folder = g_dir_make_tmp("dbfleet-dump-XXXXXX", error);
    if (!folder)
        return NULL;
    GPtrArray *lines =
        schema_dump_write(self, folder, error) ? load_and_compare(folder, scratch, model, error) : NULL;
    delete_files(self, folder);
    return lines;
}
