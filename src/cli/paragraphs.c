/* Paragraphs: owns how running text is broken into lines of a width. It refuses to colour and to know what
 * the text is about. Pure, any thread. */
#include "cli/paragraphs.h"

#include "base/terminal.h"

static void paragraph_free(Paragraph *self)
{
    g_free(self->text);
    g_free(self);
}

static Paragraph *paragraph_new(char *text)
{
    Paragraph *self = g_new0(Paragraph, 1);
    self->verbatim = *text == ' ' || *text == '\t';
    if (!self->verbatim)
        g_strdelimit(text, "\n", ' ');
    self->text = text;
    return self;
}

GPtrArray *paragraphs_of(const char *text)
{
    GPtrArray *paragraphs = g_ptr_array_new_with_free_func((GDestroyNotify)paragraph_free);
    g_auto(GStrv) parts = g_strsplit(text != NULL ? text : "", "\n\n", -1);
    for (char **part = parts; *part != NULL; part++) {
        const char *start = *part;
        while (*start == '\n')
            start++;
        char *owned = g_strchomp(g_strdup(start));
        if (*owned != '\0')
            g_ptr_array_add(paragraphs, paragraph_new(owned));
        else
            g_free(owned);
    }
    return paragraphs;
}

void append_blanks(GString *out, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        g_string_append_c(out, ' ');
}

void append_wrapped(GString *out, const char *text, unsigned column, unsigned indent, unsigned width)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \n\t", -1);
    bool first = true;
    for (char **word = words; *word != NULL; word++) {
        if (**word == '\0')
            continue;
        unsigned word_width = terminal_text_width(*word);
        if (!first && column + 1 + word_width > width) {
            g_string_append_c(out, '\n');
            append_blanks(out, indent);
            column = indent;
            first = true;
        }
        g_string_append_printf(out, "%s%s", first ? "" : " ", *word);
        column += word_width + !first;
        first = false;
    }
    g_string_append_c(out, '\n');
}

void append_lines(GString *out, const char *text, unsigned indent)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        if (**line == '\0' && line[1] == NULL)
            break;
        append_blanks(out, **line != '\0' ? indent : 0);
        g_string_append_printf(out, "%s\n", *line);
    }
}

void append_paragraphs(GString *out, const char *text, unsigned indent, unsigned width)
{
    g_autoptr(GPtrArray) paragraphs = paragraphs_of(text);
    for (guint i = 0; i < paragraphs->len; i++) {
        const Paragraph *paragraph = paragraphs->pdata[i];
        if (i > 0)
            g_string_append_c(out, '\n');
        if (paragraph->verbatim) {
            append_lines(out, paragraph->text, indent);
            continue;
        }
        append_blanks(out, indent);
        append_wrapped(out, paragraph->text, indent, indent, width);
    }
}
