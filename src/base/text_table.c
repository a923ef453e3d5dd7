/* Text table: owns the layout of rows into aligned columns, and what "printable" means. It refuses to know a
 * terminal, a colour or a file. Pure; one table belongs to one thread. */
#include "base/text_table.h"

#include "base/terminal.h"

#include <string.h>

#define COLUMN_GAP 2u
#define ELLIPSIS "…"

struct TextTable {
    const TextColumn *columns;
    unsigned column_count;
    unsigned *widths; /* of each column's widest cell so far */
    GString *cells;   /* printable, each ended by a zero byte, row after row; NULL: none is kept */
    unsigned rows;
    GString *out; /* rows that are added go there, `indent` blanks before them; NULL: they are measured */
    unsigned indent;
};

/* --- text --- */

/* Characters that draw nothing but steer what is drawn: controls, line separators, and the format characters
 * that turn the writing direction. The joiners U+200C and U+200D and the soft hyphen are part of ordinary
 * text. */
static bool steers_terminal(gunichar character)
{
    switch (g_unichar_type(character)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return true;
    case G_UNICODE_FORMAT:
        return character != 0x200C && character != 0x200D && character != 0xAD;
    default:
        return false;
    }
}

static void append_escape(GString *printable, gunichar character)
{
    static const struct {
        gunichar character;
        const char *escape;
    } NAMED[] = {{'\n', "\\n"}, {'\t', "\\t"}, {'\r', "\\r"}};

    for (gsize i = 0; i < G_N_ELEMENTS(NAMED); i++)
        if (NAMED[i].character == character) {
            g_string_append(printable, NAMED[i].escape);
            return;
        }
    g_string_append_printf(printable, character < 0x80 ? "\\x%02x" : "\\u%04x", character);
}

char *text_printable(const char *text, bool keep_newlines)
{
    GString *printable = g_string_sized_new(strlen(text));
    while (*text != '\0') {
        gunichar character = g_utf8_get_char_validated(text, -1);
        if (character >= (gunichar)-2) {
            g_string_append_printf(printable, "\\x%02x", (unsigned char)*text++);
            continue;
        }
        const char *next = g_utf8_next_char(text);
        bool layout = keep_newlines && (character == '\n' || character == '\t');
        bool line_end = keep_newlines && character == '\r' && *next == '\n';
        if (layout || !steers_terminal(character))
            g_string_append_len(printable, text, next - text);
        else if (!line_end)
            append_escape(printable, character);
        text = next;
    }
    return g_string_free(printable, FALSE);
}

static unsigned character_width(const char *at)
{
    g_autofree char *character = g_strndup(at, (gsize)(g_utf8_next_char(at) - at));
    return terminal_text_width(character);
}

/* Behind the last character of valid text that fits into `width` columns. */
static const char *end_of_head(const char *valid, unsigned width)
{
    const char *end = valid;
    for (unsigned used = 0; *end != '\0'; end = g_utf8_next_char(end)) {
        used += character_width(end);
        if (used > width)
            break;
    }
    return end;
}

/* The first of the last characters that fit. */
static const char *begin_of_tail(const char *valid, unsigned width)
{
    const char *begin = valid + strlen(valid);
    for (unsigned used = 0; begin > valid;) {
        const char *before = g_utf8_prev_char(begin);
        used += character_width(before);
        if (used > width)
            break;
        begin = before;
    }
    return begin;
}

/* With so many of its columns behind the ellipsis. */
static char *ellipsize(const char *text, unsigned width, unsigned tail)
{
    if (terminal_text_width(text) <= width)
        return g_strdup(text);
    if (width == 0)
        return g_strdup("");
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    const char *end = end_of_head(valid, width - 1 - tail);
    return g_strdup_printf("%.*s" ELLIPSIS "%s", (int)(end - valid), valid, begin_of_tail(valid, tail));
}

char *text_ellipsize(const char *text, unsigned width)
{
    return ellipsize(text, width, 0);
}

char *text_ellipsize_middle(const char *text, unsigned width)
{
    return ellipsize(text, width, width / 2);
}

/* --- table --- */

TextTable *text_table_new_measured(const TextColumn *columns, unsigned column_count)
{
    TextTable *self = g_new0(TextTable, 1);
    self->columns = columns;
    self->column_count = column_count;
    self->widths = g_new0(unsigned, column_count);
    for (unsigned i = 0; i < column_count; i++)
        if (columns[i].title != NULL)
            self->widths[i] = terminal_text_width(columns[i].title);
    return self;
}

TextTable *text_table_new(const TextColumn *columns, unsigned column_count)
{
    TextTable *self = text_table_new_measured(columns, column_count);
    self->cells = g_string_new(NULL);
    return self;
}

void text_table_free(TextTable *self)
{
    if (self == NULL)
        return;
    if (self->cells != NULL)
        g_string_free(self->cells, TRUE);
    g_free(self->widths);
    g_free(self);
}

unsigned text_table_rows(const TextTable *self)
{
    return self->rows;
}

static bool has_header(const TextTable *self)
{
    for (unsigned i = 0; i < self->column_count; i++)
        if (self->columns[i].title != NULL)
            return true;
    return false;
}

static unsigned narrowest(const TextColumn *column)
{
    return MAX(column->min_width, 1);
}

/* The widest column that may still shrink, or -1. */
static int widest_shrinkable(const TextTable *self, const unsigned *widths)
{
    int widest = -1;
    for (unsigned i = 0; i < self->column_count; i++) {
        bool may = self->columns[i].shrinks && widths[i] > narrowest(&self->columns[i]);
        if (may && (widest < 0 || widths[i] > widths[widest]))
            widest = (int)i;
    }
    return widest;
}

static void shrink_to(const TextTable *self, unsigned *widths, unsigned available)
{
    guint64 total = (guint64)COLUMN_GAP * (self->column_count - 1);
    for (unsigned i = 0; i < self->column_count; i++) {
        if (self->columns[i]
                .shrinks) /* at once down to where it could fit at all; the loop below does the rest */
            widths[i] = MIN(widths[i], MAX(available, narrowest(&self->columns[i])));
        total += widths[i];
    }
    while (total > available) {
        int column = widest_shrinkable(self, widths);
        if (column < 0)
            return;
        widths[column]--;
        total--;
    }
}

static void append_blanks(GString *line, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        g_string_append_c(line, ' ');
}

static void append_row(const TextTable *self, GString *text, const char *const *cells, const unsigned *widths,
                       unsigned indent)
{
    append_blanks(text, indent);
    for (unsigned i = 0; i < self->column_count; i++) {
        const char *whole = cells[i] == NULL ? "" : cells[i];
        g_autofree char *cell = self->columns[i].shrinks == SHRINKS_MIDDLE
                                    ? text_ellipsize_middle(whole, widths[i])
                                    : text_ellipsize(whole, widths[i]);
        unsigned padding = widths[i] - terminal_text_width(cell);
        bool right = self->columns[i].align == ALIGN_RIGHT;
        append_blanks(text, (i > 0 ? COLUMN_GAP : 0) + (right ? padding : 0));
        g_string_append(text, cell);
        append_blanks(text, right ? 0 : padding);
    }
    while (text->len > 0 && text->str[text->len - 1] == ' ')
        g_string_truncate(text, text->len - 1);
    g_string_append_c(text, '\n');
}

static void append_header(const TextTable *self, GString *text, const unsigned *widths, unsigned indent)
{
    g_autofree const char **titles = g_new0(const char *, self->column_count);
    for (unsigned i = 0; i < self->column_count; i++)
        titles[i] = self->columns[i].title;
    append_row(self, text, titles, widths, indent);
}

/* Brings the widths down to what fits, and writes the header. */
static void begin_rows(const TextTable *self, unsigned *widths, GString *out, unsigned indent, unsigned width)
{
    if (width > 0 && self->column_count > 0)
        shrink_to(self, widths, width > indent ? width - indent : 1);
    if (has_header(self))
        append_header(self, out, widths, indent);
}

/* --- rows --- */

static void measure_row(TextTable *self, char *const *cells)
{
    for (unsigned i = 0; i < self->column_count; i++) {
        self->widths[i] = MAX(self->widths[i], terminal_text_width(cells[i]));
        if (self->cells != NULL)
            g_string_append_len(self->cells, cells[i], (gssize)strlen(cells[i]) + 1);
    }
    self->rows += self->column_count > 0;
}

void text_table_add(TextTable *self, const char *const *cells)
{
    g_auto(GStrv) printable = g_new0(char *, self->column_count + 1);
    for (unsigned i = 0; i < self->column_count; i++)
        printable[i] = text_printable(cells[i] == NULL ? "" : cells[i], false);
    if (self->out != NULL)
        append_row(self, self->out, (const char *const *)printable, self->widths, self->indent);
    else
        measure_row(self, printable);
}

void text_table_turn(TextTable *self, GString *out, unsigned indent, unsigned width)
{
    begin_rows(self, self->widths, out, indent, width);
    self->out = out;
    self->indent = indent;
}

char *text_table_render(const TextTable *self, unsigned indent, unsigned width)
{
    GString *text = g_string_new(NULL);
    g_autofree unsigned *widths = g_memdup2(self->widths, self->column_count * sizeof *self->widths);
    g_autofree const char **cells = g_new0(const char *, self->column_count);
    const char *cell = self->cells->str;
    begin_rows(self, widths, text, indent, width);
    for (unsigned row = 0; row < self->rows; row++) {
        for (unsigned i = 0; i < self->column_count; i++, cell += strlen(cell) + 1)
            cells[i] = cell;
        append_row(self, text, cells, widths, indent);
    }
    return g_string_free(text, FALSE);
}
