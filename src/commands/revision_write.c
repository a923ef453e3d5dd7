/* Revision write: a new revision file from the template, named <id>_<slug>.sql, never over another. */
#include "base/atomic_file.h"
#include "commands/revision_write_internal.h"
#include "sql/template.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLUG_MAX 40

const char revision_template[] = "-- revision: {{ revision | raw }}\n"
                                 "-- revises: {{ revises | raw }}\n"
                                 "-- depends-on: {{ depends_on | raw }}\n"
                                 "-- labels: {{ labels | raw }}\n"
                                 "-- message: {{ message | raw }}\n"
                                 "-- created: {{ created | raw }}\n"
                                 "\n"
                                 "{{ sections | raw }}";

/* "Add invoices: 2026!" -> "add_invoices_2026" */
static char *slug_of(const char *message)
{
    GString *slug = g_string_new(NULL);
    for (const char *c = message; *c && slug->len < SLUG_MAX; c++)
        if (g_ascii_isalnum(*c))
            g_string_append_c(slug, g_ascii_tolower(*c));
        else if (slug->len > 0 && slug->str[slug->len - 1] != '_')
            g_string_append_c(slug, '_');
    while (slug->len > 0 && slug->str[slug->len - 1] == '_')
        g_string_truncate(slug, slug->len - 1);
    return g_string_free(slug, FALSE);
}

char *revision_write_id(void)
{
    return g_strdup_printf("%06x%06x", (unsigned)g_random_int_range(0, 1 << 24),
                           (unsigned)g_random_int_range(0, 1 << 24));
}

static char *sections_text(const char *const *dialects)
{
    GString *out = g_string_new(NULL);
    if (!dialects[0])
        return g_string_free(g_string_append(out, "-- migrate:up\n\n\n-- migrate:down\n\n"), FALSE);
    for (const char *const *dialect = dialects; *dialect; dialect++)
        g_string_append_printf(out, "-- migrate:up %s\n\n\n", *dialect);
    for (const char *const *dialect = dialects; *dialect; dialect++)
        g_string_append_printf(out, "-- migrate:down %s\n\n\n", *dialect);
    g_string_truncate(out, out->len - 1);
    return g_string_free(out, FALSE);
}

static char *parents_text(const GPtrArray *parents)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < parents->len; i++)
        g_string_append_printf(out, "%s%s", i ? ", " : "", ((const Revision *)parents->pdata[i])->id);
    return g_string_free(out, FALSE);
}

/* Header values are one line each. */
static char *one_line(const char *text)
{
    return g_strdelimit(g_strdup(text), "\r\n", ' ');
}

static void take(GHashTable *values, const char *name, char *value)
{
    g_hash_table_insert(values, (gpointer)name, value);
}

static char *load_template(const Workspace *workspace)
{
    g_autofree char *path = g_build_filename(workspace->project->folder, REVISION_TEMPLATE_FILE, NULL);
    char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup(revision_template);
}

char *revision_write_text(const Workspace *workspace, const NewRevision *revision, const char *id,
                          GError **error)
{
    g_autoptr(GHashTable) values = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *template = load_template(workspace);
    take(values, "revision", g_strdup(id));
    take(values, "revises", parents_text(revision->parents));
    take(values, "depends_on", g_strjoinv(", ", (char **)revision->depends_on));
    take(values, "labels", g_strjoinv(", ", (char **)revision->labels));
    take(values, "message", one_line(revision->message));
    take(values, "created", g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ"));
    take(values, "sections",
         revision->sections ? g_strdup(revision->sections) : sections_text(revision->dialects));
    char *text = sql_template_render(template, strlen(template), DIALECT_POSTGRES, values, error);
    if (!text)
        g_prefix_error(error, "%s: ", REVISION_TEMPLATE_FILE);
    return text;
}

/* True if all revisions load; what is wrong is printed. */
static bool folder_is_right(const Workspace *workspace)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(GPtrArray) revisions = revision_load_folder(workspace->track->versions, problems);
    g_autoptr(RevisionGraph) graph = revisions ? revision_graph_new(revisions, problems) : NULL;
    command_print_problems(problems);
    return graph != NULL;
}

static const char *editor(void)
{
    const char *visual = g_getenv("VISUAL"), *plain = g_getenv("EDITOR");
    return visual && *visual ? visual : plain && *plain ? plain : "vi";
}

/* The editor's setting may hold options ("code --wait"), as git and crontab allow. */
int revision_edit_file(const Workspace *workspace, const char *file)
{
    g_autofree char *quoted = g_shell_quote(file);
    g_autofree char *command = g_strdup_printf("%s %s", editor(), quoted);
    int status = system(command);
    if (status == -1 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return command_fail(EXIT_CONFIGURATION, "the editor \"%s\" failed; set VISUAL or EDITOR", editor());
    return folder_is_right(workspace) ? EXIT_DONE : EXIT_CONFIGURATION;
}

static int discard(const char *const *paths, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        unlink(paths[i]);
    return command_fail(EXIT_CONFIGURATION, "%s %s not kept", paths[0],
                        count > 1 ? "and what follows were" : "was");
}

int revision_write_files(const Workspace *workspace, const char *const *paths, const char *const *texts)
{
    GError *error = NULL;
    for (unsigned i = 0; paths[i]; i++) {
        if (atomic_file_create(paths[i], texts[i], &error))
            continue;
        for (unsigned j = 0; j < i; j++)
            unlink(paths[j]);
        return command_fail_error(EXIT_CONFIGURATION, error);
    }
    if (!folder_is_right(workspace))
        return discard(paths, g_strv_length((char **)paths));
    for (unsigned i = 0; paths[i]; i++)
        printf("%s\n", paths[i]);
    return EXIT_DONE;
}

char *revision_write_path(const Workspace *workspace, const NewRevision *revision, const char *id)
{
    g_autofree char *slug = slug_of(revision->message);
    g_autofree char *name = g_strdup_printf("%s%s%s.sql", id, *slug ? "_" : "", slug);
    return g_build_filename(revision->folder ? revision->folder : workspace->track->versions, name, NULL);
}

int revision_write(const Workspace *workspace, const NewRevision *revision)
{
    GError *error = NULL;
    g_autofree char *id = revision->id ? g_strdup(revision->id) : revision_write_id();
    if (strchr(id, '/') || !*id)
        return command_fail(EXIT_USAGE, "--rev-id: \"%s\" cannot be part of a file name", id);
    g_autofree char *path = revision_write_path(workspace, revision, id);
    g_autofree char *text = revision_write_text(workspace, revision, id, &error);
    if (!text)
        return command_fail_error(EXIT_CONFIGURATION, error);
    const char *const paths[] = {path, NULL};
    const char *const texts[] = {text, NULL};
    int code = revision_write_files(workspace, paths, texts);
    return code == EXIT_DONE && revision->edit ? revision_edit_file(workspace, path) : code;
}
