/* Diagnostics: owns the list of problems found while loading, keeps it in the order of the files, and turns
 * it into text. It refuses to print, to decide whether a problem is fatal, and to let a problem's text move
 * the cursor of a terminal: what users wrote is quoted in messages, so control characters are escaped on the
 * way in. Only the thread that loads may call it. */
#include "base/diagnostics.h"

#include "base/text_table.h"

/* Where one and the same warning is shown: hundreds of them would bury the others. */
#define WARNING_PLACES 3

struct Diagnostics {
    GPtrArray *problems; /* of Diagnostic, sorted by diagnostics_list() */
    GHashTable *known;   /* the same Diagnostics as a set: one told twice is one */
    unsigned counts[2];  /* by DiagnosticLevel */
    unsigned omitted;    /* counted, not kept */
};

static void diagnostic_free(gpointer data)
{
    Diagnostic *self = data;
    g_free(self->file);
    g_free(self->message);
    g_free(self);
}

static guint diagnostic_hash(gconstpointer data)
{
    const Diagnostic *self = data;
    return g_str_hash(self->message) ^ (self->line * 31 + self->column);
}

static gint diagnostic_compare_place(const Diagnostic *a, const Diagnostic *b)
{
    int by_file = g_strcmp0(a->file, b->file);
    if (by_file != 0)
        return by_file;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

static gboolean diagnostic_equal(gconstpointer a, gconstpointer b)
{
    const Diagnostic *left = a, *right = b;
    return left->level == right->level && diagnostic_compare_place(left, right) == 0 &&
           g_str_equal(left->message, right->message);
}

static gint diagnostic_compare_element(gconstpointer a, gconstpointer b)
{
    return diagnostic_compare_place(*(const Diagnostic *const *)a, *(const Diagnostic *const *)b);
}

Diagnostics *diagnostics_new(void)
{
    Diagnostics *self = g_new0(Diagnostics, 1);
    self->problems = g_ptr_array_new_with_free_func(diagnostic_free);
    self->known = g_hash_table_new(diagnostic_hash, diagnostic_equal);
    return self;
}

void diagnostics_free(Diagnostics *self)
{
    if (self == NULL)
        return;
    g_hash_table_destroy(self->known);
    g_ptr_array_free(self->problems, TRUE);
    g_free(self);
}

static void diagnostics_add(Diagnostics *self, DiagnosticLevel level, SourcePlace place, const char *format,
                            va_list arguments) G_GNUC_PRINTF(4, 0);

static void diagnostics_add(Diagnostics *self, DiagnosticLevel level, SourcePlace place, const char *format,
                            va_list arguments)
{
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    Diagnostic *problem = g_new(Diagnostic, 1);
    *problem = (Diagnostic){.level = level,
                            .file = g_strdup(place.file),
                            .line = place.line,
                            .column = place.column,
                            .message = text_printable(message, false)};
    if (g_hash_table_contains(self->known, problem)) {
        diagnostic_free(problem);
        return;
    }
    self->counts[level]++;
    if (self->problems->len >= DIAGNOSTICS_KEPT) {
        self->omitted++;
        diagnostic_free(problem);
        return;
    }
    g_hash_table_add(self->known, problem);
    g_ptr_array_add(self->problems, problem);
}

void diagnostics_error(Diagnostics *self, SourcePlace place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    diagnostics_add(self, DIAGNOSTIC_ERROR, place, format, arguments);
    va_end(arguments);
}

void diagnostics_warning(Diagnostics *self, SourcePlace place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    diagnostics_add(self, DIAGNOSTIC_WARNING, place, format, arguments);
    va_end(arguments);
}

bool diagnostics_has_errors(const Diagnostics *self)
{
    return self->counts[DIAGNOSTIC_ERROR] > 0;
}

unsigned diagnostics_count(const Diagnostics *self, DiagnosticLevel level)
{
    return self->counts[level];
}

const GPtrArray *diagnostics_list(const Diagnostics *self)
{
    g_ptr_array_sort(self->problems, diagnostic_compare_element); /* stable, as GLib promises */
    return self->problems;
}

/* `more`: at how many places the same is said besides, which are not shown. */
static void diagnostic_append(const Diagnostic *self, guint more, GString *text)
{
    static const char *const LEVELS[] = {[DIAGNOSTIC_ERROR] = "error", [DIAGNOSTIC_WARNING] = "warning"};

    if (self->file != NULL) {
        g_autofree char *file = text_printable(self->file, false);
        g_string_append_printf(text, "%s:", file);
        if (self->line > 0)
            g_string_append_printf(text, "%u:", self->line);
        if (self->line > 0 && self->column > 0)
            g_string_append_printf(text, "%u:", self->column);
        g_string_append_c(text, ' ');
    }
    g_string_append_printf(text, "%s: %s", LEVELS[self->level], self->message);
    if (more > 0)
        g_string_append_printf(text, " (and the same at %u more %s)", more, more == 1 ? "place" : "places");
    g_string_append_c(text, '\n');
}

/* How often it is said so far, this time among them. */
static guint say(GHashTable *counts, const Diagnostic *problem)
{
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, problem->message)) + 1;
    g_hash_table_insert(counts, problem->message, GUINT_TO_POINTER(count));
    return count;
}

/* An error is shown everywhere, since each has to be mended. */
static void append_problems(const GPtrArray *problems, GString *text)
{
    g_autoptr(GHashTable) all = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) shown = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < problems->len; i++)
        say(all, problems->pdata[i]);
    for (guint i = 0; i < problems->len; i++) {
        const Diagnostic *problem = problems->pdata[i];
        guint count = problem->level == DIAGNOSTIC_WARNING ? say(shown, problem) : 0;
        guint more = GPOINTER_TO_UINT(g_hash_table_lookup(all, problem->message)) - WARNING_PLACES;
        if (count <= WARNING_PLACES)
            diagnostic_append(problem, count == WARNING_PLACES ? more : 0, text);
    }
}

char *diagnostics_to_string(const Diagnostics *self)
{
    GString *text = g_string_new(NULL);
    append_problems(diagnostics_list(self), text);
    if (self->omitted > 0)
        g_string_append_printf(text, "and %u more problems that are not shown\n", self->omitted);
    return g_string_free(text, FALSE);
}
