/* Pair files: lines that begin with "-- case:", "-- from:", "-- rows:", "-- to:", "-- expect:", all else
 * belongs to the part above it. */
#include "pair_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void case_free(gpointer data)
{
    PairCase *self = data;
    g_free(self->file);
    g_free(self->name);
    g_free(self->from);
    g_free(self->rows);
    g_free(self->to);
    g_ptr_array_unref(self->contains);
    g_ptr_array_unref(self->lacks);
    g_free(self);
}

typedef struct PairReader {
    const char *path;
    unsigned line;
    GPtrArray *cases;
    char **part; /* that takes the lines; NULL: none */
    bool good;
} PairReader;

static void wrong(PairReader *self, const char *what, const char *text)
{
    fprintf(stderr, "%s:%u: %s \"%s\"\n", self->path, self->line, what, text);
    self->good = false;
}

static PairCase *last_case(PairReader *self)
{
    return self->cases->len ? self->cases->pdata[self->cases->len - 1] : NULL;
}

static void begin_case(PairReader *self, const char *name)
{
    PairCase *new = g_new0(PairCase, 1);
    new->file = g_strdup(self->path);
    new->name = g_strdup(name);
    new->line = self->line;
    new->from = g_strdup("");
    new->to = g_strdup("");
    new->statements = new->passes = -1;
    new->contains = g_ptr_array_new_with_free_func(g_free);
    new->lacks = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(self->cases, new);
    self->part = NULL;
}

static void expect_word(PairReader *self, PairCase *pair, const char *word)
{
    const struct {
        const char *word;
        bool *flag;
    } flags[] = {{"data-loss", &pair->data_loss},
                 {"outside", &pair->outside},
                 {"refused", &pair->refused},
                 {"informs", &pair->informs},
                 {"privileges", &pair->privileges},
                 {"allow-recreate", &pair->allow_recreate},
                 {"any", &pair->any}};
    for (gsize i = 0; i < G_N_ELEMENTS(flags); i++)
        if (g_str_equal(word, flags[i].word)) {
            *flags[i].flag = true;
            return;
        }
    if (g_str_has_prefix(word, "statements="))
        pair->statements = atoi(word + strlen("statements="));
    else if (g_str_has_prefix(word, "passes="))
        pair->passes = atoi(word + strlen("passes="));
    else
        wrong(self, "unknown expectation", word);
}

/* contains= and lacks= take all that is left of the line. */
static void read_expect(PairReader *self, PairCase *pair, const char *text)
{
    while (*text) {
        gsize length = strcspn(text, " ");
        g_autofree char *word = g_strndup(text, length);
        if (g_str_has_prefix(text, "contains=") || g_str_has_prefix(text, "lacks=")) {
            g_ptr_array_add(*text == 'c' ? pair->contains : pair->lacks, g_strdup(strchr(text, '=') + 1));
            return;
        }
        if (*word)
            expect_word(self, pair, word);
        text += length + strspn(text + length, " ");
    }
}

static void begin_part(PairReader *self, PairCase *pair, char **part)
{
    if (part == &pair->rows)
        pair->rows = g_strdup("");
    self->part = part;
}

static void read_line(PairReader *self, char *line)
{
    PairCase *pair = last_case(self);
    char *rest = g_str_has_prefix(line, "-- ") ? strchr(line, ':') : NULL;
    g_autofree char *word = rest ? g_strndup(line + 3, rest - line - 3) : g_strdup("");
    if (g_str_equal(word, "case")) {
        begin_case(self, g_strstrip(rest + 1));
    } else if (pair && g_str_equal(word, "expect")) {
        read_expect(self, pair, g_strstrip(rest + 1));
    } else if (pair && g_str_equal(word, "from")) {
        begin_part(self, pair, &pair->from);
    } else if (pair && g_str_equal(word, "rows")) {
        begin_part(self, pair, &pair->rows);
    } else if (pair && g_str_equal(word, "to")) {
        begin_part(self, pair, &pair->to);
    } else if (self->part) {
        char *longer = g_strdup_printf("%s%s\n", *self->part, line);
        g_free(*self->part);
        *self->part = longer;
    } else if (*g_strstrip(line) && !g_str_has_prefix(line, "--")) {
        wrong(self, "text outside of -- from:, -- rows: and -- to:", line);
    }
}

GPtrArray *pair_file_read(const char *path)
{
    g_autofree char *text = NULL;
    g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func(case_free);
    PairReader reader = {.path = path, .cases = cases, .good = true};
    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        fprintf(stderr, "%s cannot be read\n", path);
        return NULL;
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        reader.line++;
        read_line(&reader, *line);
    }
    return reader.good ? g_steal_pointer(&cases) : NULL;
}
