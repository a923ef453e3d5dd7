/* Writing files so that a crash leaves the old content or the new, never half. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Creates a file that must not exist (G_FILE_ERROR_EXIST otherwise), with parent folders as needed; a write
 * that fails half-way removes it. */
bool atomic_file_create(const char *path, const char *content, GError **error);
/* Replaces a file atomically and durably (write beside, fsync, rename, fsync the folder). */
bool atomic_file_replace(const char *path, const char *content, gsize length, GError **error);
/* The same in two parts, for several files at once: the content is on disk and has its name, which a crash of
 * the machine may still take back until the names were flushed, of all folders that these paths (up to NULL)
 * lead to. */
bool atomic_file_put(const char *path, const char *content, gsize length, GError **error);
void atomic_file_flush_names(const char *const *paths);
/* Whether atomic_file_replace() could write there now; finds out by making its folders and, for a moment, a
 * file beside it. */
bool atomic_file_check(const char *path, GError **error);
/* Flushes a file that something else wrote to `beside`, in the same folder, and gives it the name `path`,
 * which must be free. On failure `beside` stays as it is. */
bool atomic_file_settle(const char *beside, const char *path, GError **error);
