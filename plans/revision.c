/* Revisions as values, and the loading of a folder of them. Parsing one file's text is in revision_parse.c.
 * Refuses what is no plain file, cannot be read, or is too large; never writes. One thread loads; a loaded
 * set is immutable and any thread may read it. */
#include "base/intern.h"
#include "plans/revision_internal.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

const char *direction_name(Direction direction)
{
    return direction == DIRECTION_UP ? "up" : "down";
}

static char **copy_list(const char *const *list)
{
    return list ? g_strdupv((char **)list) : g_new0(char *, 1);
}

void section_free(Section *self)
{
    if (!self)
        return;
    g_free(self->text);
    g_strfreev(self->variables);
    g_free(self);
}

Revision *revision_new(const char *id, const char *const *revises, const char *const *depends_on,
                       const char *const *labels)
{
    Revision *self = g_new0(Revision, 1);

    self->id = (char *)intern_text(id);
    self->revises = copy_list(revises);
    self->depends_on = copy_list(depends_on);
    self->labels = copy_list(labels);
    self->message = g_strdup("");
    self->sections = g_ptr_array_new_with_free_func((GDestroyNotify)section_free);
    return self;
}

void revision_free(Revision *self)
{
    if (!self)
        return;
    g_strfreev(self->revises);
    g_strfreev(self->depends_on);
    g_strfreev(self->labels);
    g_free(self->message);
    g_free(self->created);
    g_free(self->file);
    g_ptr_array_unref(self->sections);
    g_free(self);
}

char *revision_name_fault(const char *name)
{
    static const char *const RESERVED[] = {"head", "heads", "base", "current", NULL};

    if (*name == '\0')
        return g_strdup("is empty");
    for (const char *at = name; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (g_unichar_isspace(c) || g_unichar_iscntrl(c))
            return g_strdup("holds a blank or control character, which has no place in a name");
        if (c < 0x80 && strchr("@-+:,", (int)c))
            return g_strdup_printf(
                "holds a \"%c\", which means something in symbols such as LABEL@head and ID+1; "
                "use letters, digits, _ and .",
                (char)c);
    }
    if (g_utf8_strlen(name, -1) > REVISION_ID_MAX)
        return g_strdup_printf("is longer than %d characters", REVISION_ID_MAX);
    if (g_strv_contains(RESERVED, name))
        return g_strdup("is a word with a meaning of its own; choose another name");
    return NULL;
}

static const Section *section_of(const Revision *self, SectionKind kind, bool any_dialect, Dialect dialect)
{
    for (unsigned i = 0; i < self->sections->len; i++) {
        const Section *section = g_ptr_array_index(self->sections, i);
        if (section->kind == kind && section->any_dialect == any_dialect &&
            (any_dialect || section->dialect == dialect))
            return section;
    }
    return NULL;
}

const Section *revision_section(const Revision *self, SectionKind kind, Dialect dialect)
{
    const Section *section = section_of(self, kind, false, dialect);

    if (!section && dialect == DIALECT_MARIADB)
        section = section_of(self, kind, false, DIALECT_MYSQL);
    return section ? section : section_of(self, kind, true, dialect);
}

bool revision_has_section(const Revision *self, SectionKind kind)
{
    for (unsigned i = 0; i < self->sections->len; i++) {
        const Section *section = g_ptr_array_index(self->sections, i);
        if (section->kind == kind)
            return true;
    }
    return false;
}

static bool check_file(const char *path, Diagnostics *problems)
{
    SourcePlace place = {.file = path};
    GStatBuf status;

    if (g_stat(path, &status) != 0) {
        diagnostics_error(problems, place, "cannot be read: %s", g_strerror(errno));
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        diagnostics_error(problems, place, "is no plain file, so it cannot be a revision");
        return false;
    }
    if ((guint64)status.st_size > REVISION_FILE_MAX) {
        diagnostics_error(problems, place,
                          "is larger than %u MB; load such amounts of data outside of revisions",
                          REVISION_FILE_MAX / 1024 / 1024);
        return false;
    }
    return true;
}

Revision *revision_load(const char *path, const char *previous, Diagnostics *problems)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    gsize length;

    if (!check_file(path, problems))
        return NULL;
    if (!g_file_get_contents(path, &text, &length, &error)) {
        diagnostics_error(problems, (SourcePlace){.file = path}, "cannot be read: %s", error->message);
        return NULL;
    }
    return revision_parse(text, length, path, previous, problems);
}

/* A folder being walked. */
typedef struct FolderWalk {
    GPtrArray *files;    /* of char *, owned */
    GPtrArray *open;     /* folders still to read, of char *, owned */
    GHashTable *visited; /* "device:inode" of folders, so that a link to a folder above ends */
    Diagnostics *problems;
} FolderWalk;

/* True when the folder was not seen before. */
static bool visit(FolderWalk *self, const char *path)
{
    GStatBuf status;

    if (g_stat(path, &status) != 0)
        return true; /* reading it tells why */
    return g_hash_table_add(self->visited, g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
                                                           (guint64)status.st_dev, (guint64)status.st_ino));
}

static void read_folder(FolderWalk *self, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) folder = g_dir_open(path, 0, &error);
    const char *name;

    if (!folder) {
        diagnostics_error(self->problems, (SourcePlace){.file = path}, "the folder cannot be read: %s",
                          error->message);
        return;
    }
    while ((name = g_dir_read_name(folder))) {
        char *entry = g_build_filename(path, name, NULL);

        if (*name != '.' && g_file_test(entry, G_FILE_TEST_IS_DIR))
            g_ptr_array_add(self->open, entry);
        else if (*name != '.' && g_str_has_suffix(name, ".sql"))
            g_ptr_array_add(self->files, entry);
        else
            g_free(entry);
    }
}

static int compare_paths(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Paths of all *.sql below the folder, sorted. */
static GPtrArray *list_files(const char *path, Diagnostics *problems)
{
    g_autoptr(GHashTable) visited = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(g_free);
    FolderWalk walk = {.files = g_ptr_array_new_with_free_func(g_free),
                       .open = open,
                       .visited = visited,
                       .problems = problems};

    g_ptr_array_add(open, g_strdup(path));
    while (open->len > 0) {
        g_autofree char *folder = g_ptr_array_steal_index(open, open->len - 1);
        if (visit(&walk, folder))
            read_folder(&walk, folder);
    }
    g_ptr_array_sort(walk.files, compare_paths);
    return walk.files;
}

GPtrArray *revision_load_folder(const char *path, Diagnostics *problems)
{
    unsigned errors = diagnostics_count(problems, DIAGNOSTIC_ERROR);
    g_autoptr(GPtrArray) files = list_files(path, problems);
    g_autoptr(GPtrArray) revisions = g_ptr_array_new_with_free_func((GDestroyNotify)revision_free);
    const char *previous = NULL;

    for (unsigned i = 0; i < files->len; i++) {
        Revision *revision = revision_load(g_ptr_array_index(files, i), previous, problems);

        if (!revision)
            continue;
        previous = revision->id;
        g_ptr_array_add(revisions, revision);
    }
    return diagnostics_count(problems, DIAGNOSTIC_ERROR) == errors ? g_steal_pointer(&revisions) : NULL;
}
