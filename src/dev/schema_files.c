/* Schema files: finds, reads and splits them, and refuses what no schema file may do. Loading is in
 * schema_load.c. Any thread. */
#include "dev/schema_files_internal.h"

#include "dev/statement_reach.h"

#include <string.h>

#define FILE_BYTES_MAX (64u * 1024 * 1024)
#define FOLDERS_DEPTH_MAX 32

static void schema_file_free(gpointer data)
{
    SchemaFile *self = data;
    g_free(self->path);
    script_free(self->script);
    g_free(self);
}

void schema_files_free(SchemaFiles *self)
{
    if (!self)
        return;
    schema_hints_free(self->hints);
    g_ptr_array_unref(self->files);
    g_free(self);
}

const SchemaHints *schema_files_hints(const SchemaFiles *self)
{
    return self->hints;
}

/* ---- Which files ---- */

/* False if the word is a dialect's name, and of one that is not this one. */
static bool serves(const char *word, Dialect dialect)
{
    Dialect named;
    if (!dialect_parse(word, &named))
        return true;
    return named == dialect || (named == DIALECT_MYSQL && dialect == DIALECT_MARIADB);
}

/* NAME.postgres.sql */
static bool file_serves(const char *name, Dialect dialect)
{
    g_autofree char *stem = g_strndup(name, strlen(name) - strlen(".sql"));
    const char *dot = strrchr(stem, '.');
    return !dot || serves(dot + 1, dialect);
}

static void find_files(const char *folder, Dialect dialect, unsigned depth, GPtrArray *paths,
                       Diagnostics *problems)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = depth < FOLDERS_DEPTH_MAX ? g_dir_open(folder, 0, &error) : NULL;
    if (!dir)
        diagnostics_error(problems, (SourcePlace){.file = folder}, "cannot be read: %s",
                          error ? error->message : "folders are nested too deeply, or in a circle");
    for (const char *name = NULL; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        bool is_folder = g_file_test(path, G_FILE_TEST_IS_DIR);
        if (*name == '.')
            continue;
        if (is_folder && serves(name, dialect))
            find_files(path, dialect, depth + 1, paths, problems);
        else if (!is_folder && g_str_has_suffix(name, ".sql") && file_serves(name, dialect))
            g_ptr_array_add(paths, g_steal_pointer(&path));
    }
}

static int compare_paths(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* ---- What is in them ---- */

static bool is_refused_kind(const Statement *statement, const char **why)
{
    static const struct {
        StatementKind kind;
        const char *why;
    } refused[] = {
        {STATEMENT_ROLLBACK, "a schema file has nothing to roll back"},
        {STATEMENT_LOCK_TABLES, "a schema file needs no lock"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(refused); i++) {
        if (refused[i].kind != statement->kind)
            continue;
        *why = refused[i].why;
        return true;
    }
    return false;
}

/* Grants to roles are part of a PostgreSQL schema; to make or drop one is not. */
static bool is_about_role(const Statement *statement, const char *text)
{
    static const char *const verbs[] = {"create", "alter", "drop", NULL};
    for (const char *const *verb = verbs; *verb; verb++)
        if (statement->length > strlen(*verb) && g_ascii_strncasecmp(text, *verb, strlen(*verb)) == 0)
            return true;
    return false;
}

static void check_statement(const SchemaFile *file, const Statement *statement, Dialect dialect,
                            Diagnostics *problems)
{
    const char *text = script_text(file->script) + statement->start;
    SourcePlace place = {.file = file->path, .line = statement->line, .column = statement->column};
    const char *refusal = NULL;
    g_autofree char *why = NULL;
    StatementReach reach = statement_reach(text, statement->length, dialect, NULL, &why);
    if (is_refused_kind(statement, &refusal))
        diagnostics_error(problems, place, "%s; take the statement out", refusal);
    else if (reach > REACH_ROLES || (reach == REACH_ROLES && is_about_role(statement, text)))
        diagnostics_error(problems, place, "%s; take the statement out of the schema files", why);
}

static void read_file(SchemaFiles *self, const char *path, Diagnostics *problems)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    if (!g_file_get_contents(path, &text, &length, &error)) {
        diagnostics_error(problems, (SourcePlace){.file = path}, "cannot be read: %s", error->message);
        return;
    }
    if (length > FILE_BYTES_MAX || !g_utf8_validate_len(text, length, NULL)) {
        diagnostics_error(problems, (SourcePlace){.file = path}, "%s",
                          length > FILE_BYTES_MAX ? "is larger than 64 MB: a schema file holds no data"
                                                  : "is not valid UTF-8");
        return;
    }
    SchemaFile *file = g_new0(SchemaFile, 1);
    file->path = g_strdup(path);
    g_ptr_array_add(self->files, file);
    file->script = script_split(text, length, self->dialect, (SourcePlace){.file = file->path}, problems);
    for (unsigned i = 0; file->script && i < script_length(file->script); i++)
        check_statement(file, script_at(file->script, i), self->dialect, problems);
    if (file->script)
        schema_file_hints(file, self->dialect, self->hints, problems);
}

static bool check_folder(const char *folder, Diagnostics *problems)
{
    if (g_file_test(folder, G_FILE_TEST_IS_DIR))
        return true;
    diagnostics_error(problems, (SourcePlace){.file = folder},
                      "there is no such folder of schema files: \"dbfleet schema dump\" writes them from the "
                      "revisions, \"dbfleet schema dump --url URL\" from a database");
    return false;
}

SchemaFiles *schema_files_read(const char *folder, Dialect dialect, Diagnostics *problems)
{
    unsigned errors = diagnostics_count(problems, DIAGNOSTIC_ERROR);
    if (!check_folder(folder, problems))
        return NULL;
    g_autoptr(SchemaFiles) self = g_new0(SchemaFiles, 1);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    self->dialect = dialect;
    self->files = g_ptr_array_new_with_free_func(schema_file_free);
    self->hints = schema_hints_new();
    find_files(folder, dialect, 0, paths, problems);
    g_ptr_array_sort(paths, compare_paths);
    for (guint i = 0; i < paths->len; i++)
        read_file(self, paths->pdata[i], problems);
    return diagnostics_count(problems, DIAGNOSTIC_ERROR) == errors ? g_steal_pointer(&self) : NULL;
}
