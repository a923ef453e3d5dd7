/* The text of a revision file: headers, section markers, sections. docs/reference/revision-files.md is the
 * format's page.
 *
 * A marker is a line that begins with "-- migrate:" in its first column, wherever it stands: also inside a
 * quoted body, as with dbmate. What a section's SQL means is not looked at here. Refuses what is not UTF-8
 * text, and everything it does not know, with its place; the whole file is read before it gives up, so one
 * attempt tells all. Pure; one thread loads. */
#include "base/intern.h"
#include "base/suggest.h"
#include "plans/revision_internal.h"

#include <stddef.h>
#include <string.h>

#define BLANKS " \t\f\v"
#define MARKER "migrate:"

/* A header line: its key, and where value and place go in Revision. */
typedef struct HeaderKey {
    const char *name;
    bool is_list;
    size_t value;
    size_t place; /* 0: not kept */
} HeaderKey;

static const HeaderKey HEADER_KEYS[] = {
    {"revision", false, offsetof(Revision, id), offsetof(Revision, places.id)},
    {"revises", true, offsetof(Revision, revises), offsetof(Revision, places.revises)},
    {"depends-on", true, offsetof(Revision, depends_on), offsetof(Revision, places.depends_on)},
    {"labels", true, offsetof(Revision, labels), offsetof(Revision, places.labels)},
    {"message", false, offsetof(Revision, message), 0},
    {"created", false, offsetof(Revision, created), 0},
};

/* A marker's option: its two values and the flag of Section that the first of them sets and the second
 * clears. */
typedef struct MarkerOption {
    const char *name;
    const char *set;
    const char *clear;
    size_t flag;
    bool sqlite_only;
} MarkerOption;

static const MarkerOption MARKER_OPTIONS[] = {
    {"transaction", "true", "false", offsetof(Section, transaction), false},
    {"foreign_keys", "off", "on", offsetof(Section, foreign_keys_off), true},
};
static const MarkerOption NO_OPTION = {0};

/* One line of the text, without its end. */
typedef struct Line {
    const char *start;
    gsize length;
    unsigned number;
} Line;

/* A header key that looks like one we know. */
typedef struct Misspelling {
    SourcePlace place;
    char *key;
    const char *near;
} Misspelling;

typedef struct Parser {
    Revision *revision;
    Diagnostics *problems;
    const char *at;
    const char *end;
    unsigned line;                                   /* number of the line at `at` */
    unsigned header_line[G_N_ELEMENTS(HEADER_KEYS)]; /* where each key was read; 0: not yet */
    GArray *misspelt;                                /* of Misspelling */
    bool in_comment;                                 /* in a block comment above the first marker */
    unsigned stray_line;                             /* first line of SQL above the first marker; 0: none */
    Section *section;                                /* being read; not owned */
    const char *section_start;
} Parser;

static bool next_line(Parser *self, Line *line)
{
    if (self->at >= self->end)
        return false;
    const char *newline = memchr(self->at, '\n', (size_t)(self->end - self->at));
    const char *stop = newline ? newline : self->end;

    *line = (Line){.start = self->at, .length = (gsize)(stop - self->at), .number = self->line};
    self->at = newline ? newline + 1 : self->end;
    self->line++;
    return true;
}

static SourcePlace place_at(const Parser *self, const Line *line, const char *at)
{
    return (SourcePlace){.file = self->revision->file,
                         .line = line->number,
                         .column = (unsigned)g_utf8_strlen(line->start, at - line->start) + 1};
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && strchr(BLANKS, *at))
        at++;
    return at;
}

/* The next word up to a blank (and, with `commas`, a comma); false at the end. */
static bool next_word(const char **at, const char *end, bool commas, const char **word, gsize *length)
{
    const char *separators = commas ? BLANKS "," : BLANKS;

    while (*at < end && strchr(separators, **at))
        (*at)++;
    *word = *at;
    while (*at < end && !strchr(separators, **at))
        (*at)++;
    *length = (gsize)(*at - *word);
    return *length > 0;
}

static char **split_list(const char *text, const char *end)
{
    GPtrArray *words = g_ptr_array_new();
    const char *word;
    gsize length;

    while (next_word(&text, end, true, &word, &length))
        g_ptr_array_add(words, g_strndup(word, length));
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

static void *field(Revision *revision, size_t offset)
{
    return (char *)revision + offset;
}

static void set_text(char **text, char *copy)
{
    g_free(*text);
    *text = copy;
}

static void set_header(Parser *self, const HeaderKey *key, const Line *line, const char *value,
                       const char *end)
{
    if (key->is_list) {
        char ***list = field(self->revision, key->value);
        g_strfreev(*list);
        *list = split_list(value, end);
    } else {
        char **text = field(self->revision, key->value);
        g_autofree char *copy = g_strchomp(g_strndup(value, (gsize)(end - value)));
        if (key->value == offsetof(Revision, id))
            *text = (char *)intern_text(copy);
        else
            set_text(text, g_steal_pointer(&copy));
    }
    if (key->place != 0)
        *(SourcePlace *)field(self->revision, key->place) = place_at(self, line, value);
}

static void note_misspelling(Parser *self, const Line *line, const char *start, const char *key)
{
    const char *names[G_N_ELEMENTS(HEADER_KEYS)];

    for (unsigned i = 0; i < G_N_ELEMENTS(HEADER_KEYS); i++)
        names[i] = HEADER_KEYS[i].name;
    Misspelling note = {.place = place_at(self, line, start),
                        .near = suggest_nearest(key, names, G_N_ELEMENTS(names))};
    if (note.near) {
        note.key = g_strdup(key);
        g_array_append_val(self->misspelt, note);
    }
}

/* "key: value" in a comment above the first marker; any other comment is a comment. */
static void read_header(Parser *self, const Line *line)
{
    const char *end = line->start + line->length;
    const char *start = skip_blanks(line->start + strspn(line->start, "-"), end);
    const char *stop = start;

    while (stop < end && (g_ascii_isalpha(*stop) || *stop == '-' || *stop == '_'))
        stop++;
    const char *colon = skip_blanks(stop, end);
    if (stop == start || colon == end || *colon != ':')
        return;
    g_autofree char *name = g_strndup(start, (gsize)(stop - start));
    for (unsigned i = 0; i < G_N_ELEMENTS(HEADER_KEYS); i++) {
        if (strcmp(name, HEADER_KEYS[i].name) != 0)
            continue;
        if (self->header_line[i] > 0) {
            diagnostics_error(self->problems, place_at(self, line, start),
                              "header \"%s\" is there already, in line %u; keep one of them", name,
                              self->header_line[i]);
            return;
        }
        self->header_line[i] = line->number;
        set_header(self, &HEADER_KEYS[i], line, skip_blanks(colon + 1, end), end);
        return;
    }
    note_misspelling(self, line, start, name);
}

/* Where the word after "migrate:" begins in a marker line; NULL for any other line. */
static const char *marker_word(const Line *line, bool indented)
{
    const char *end = line->start + line->length;
    const char *at = indented ? skip_blanks(line->start, end) : line->start;

    if (end - at < 2 || at[0] != '-' || at[1] != '-')
        return NULL;
    at = skip_blanks(at + 2, end);
    if ((gsize)(end - at) <= strlen(MARKER) || strncmp(at, MARKER, strlen(MARKER)) != 0)
        return NULL;
    at += strlen(MARKER);
    return g_ascii_isalpha(*at) ? at : NULL;
}

static bool read_kind(Parser *self, const Line *line, const char *at, const char *word, SectionKind *kind)
{
    const char *names[SECTION_KIND_COUNT];

    for (unsigned i = 0; i < SECTION_KIND_COUNT; i++) {
        names[i] = section_kind_name((SectionKind)i);
        if (strcmp(word, names[i]) == 0) {
            *kind = (SectionKind)i;
            return true;
        }
    }
    const char *near = suggest_nearest(word, names, SECTION_KIND_COUNT);
    diagnostics_error(self->problems, place_at(self, line, at),
                      "section \"migrate:%s\" is unknown%s%s%s; there are up, down, check and verify", word,
                      near ? "; did you mean migrate:" : "", near ? near : "", near ? "?" : "");
    return false;
}

static const MarkerOption *find_option(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(MARKER_OPTIONS); i++)
        if (strcmp(MARKER_OPTIONS[i].name, name) == 0)
            return &MARKER_OPTIONS[i];
    return NULL;
}

static void refuse_option(Parser *self, SourcePlace place, const char *name)
{
    const char *names[G_N_ELEMENTS(MARKER_OPTIONS)];

    for (unsigned i = 0; i < G_N_ELEMENTS(MARKER_OPTIONS); i++)
        names[i] = MARKER_OPTIONS[i].name;
    const char *near = suggest_nearest(name, names, G_N_ELEMENTS(names));
    diagnostics_error(self->problems, place,
                      "option \"%s\" is unknown%s%s%s; there are transaction:false and foreign_keys:off",
                      name, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* "option:value" of a marker; returns the option that it is, NO_OPTION if none. */
static const MarkerOption *read_option(Parser *self, SourcePlace place, const char *word, Section *section)
{
    g_auto(GStrv) parts = g_strsplit(word, ":", 2);
    const MarkerOption *option = find_option(parts[0]);

    if (!option) {
        refuse_option(self, place, parts[0]);
        return &NO_OPTION;
    }
    if (strcmp(parts[1], option->set) != 0 && strcmp(parts[1], option->clear) != 0)
        diagnostics_error(self->problems, place, "option \"%s\" is %s or %s, not \"%s\"", option->name,
                          option->set, option->clear, parts[1]);
    else if (section->kind == SECTION_CHECK || section->kind == SECTION_VERIFY)
        diagnostics_error(self->problems, place,
                          "option \"%s\" has no meaning in a %s section, which only reads; remove it",
                          option->name, section_kind_name(section->kind));
    else
        *(bool *)((char *)section + option->flag) = strcmp(parts[1], option->set) == 0;
    return option;
}

static void read_dialect(Parser *self, SourcePlace place, const char *word, Section *section)
{
    const char *names[DIALECT_COUNT];

    if (!section->any_dialect) {
        diagnostics_error(self->problems, place,
                          "a section is for one dialect or for all; \"%s\" needs a section of its own", word);
        return;
    }
    if (dialect_parse(word, &section->dialect)) {
        section->any_dialect = false;
        return;
    }
    for (unsigned i = 0; i < DIALECT_COUNT; i++)
        names[i] = dialect_name((Dialect)i);
    const char *near = suggest_nearest(word, names, G_N_ELEMENTS(names));
    diagnostics_error(self->problems, place,
                      "dialect \"%s\" is unknown%s%s%s; there are postgres, mysql, mariadb and sqlite", word,
                      near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static void read_marker_words(Parser *self, const Line *line, const char *at, Section *section)
{
    const char *end = line->start + line->length;
    const char *start;
    const char *sqlite_option = NULL;
    gsize length;

    while (next_word(&at, end, false, &start, &length)) {
        g_autofree char *word = g_strndup(start, length);
        SourcePlace place = place_at(self, line, start);

        if (!strchr(word, ':'))
            read_dialect(self, place, word, section);
        else if (read_option(self, place, word, section)->sqlite_only)
            sqlite_option = start;
    }
    if (sqlite_option && !section->any_dialect && section->dialect != DIALECT_SQLITE)
        diagnostics_error(self->problems, place_at(self, line, sqlite_option),
                          "option \"foreign_keys\" is for sqlite only; remove it here");
}

static void check_section_is_new(Parser *self, const Line *line, const char *at, const Section *section)
{
    for (unsigned i = 0; i < self->revision->sections->len; i++) {
        const Section *other = g_ptr_array_index(self->revision->sections, i);

        if (other->kind != section->kind || other->any_dialect != section->any_dialect ||
            (!other->any_dialect && other->dialect != section->dialect))
            continue;
        diagnostics_error(self->problems, place_at(self, line, at),
                          "section migrate:%s for %s is there already, in line %u; keep one of them",
                          section_kind_name(section->kind),
                          section->any_dialect ? "all dialects" : dialect_name(section->dialect),
                          other->place.line - 1);
        return;
    }
}

/* Takes the text read since the last marker as that section's. */
static void end_section(Parser *self, const char *stop)
{
    Section *section = self->section;

    if (!section)
        return;
    section->length = (gsize)(stop - self->section_start);
    section->text = g_strndup(self->section_start, section->length);
    self->section = NULL;
}

static void begin_section(Parser *self, const Line *line, const char *at)
{
    const char *end = line->start + line->length;
    Section *section = g_new0(Section, 1);
    const char *start = at;
    const char *word;
    gsize length;

    end_section(self, line->start);
    next_word(&at, end, false, &word, &length);
    g_autofree char *kind = g_strndup(word, length);
    section->any_dialect = true;
    section->transaction = true;
    section->place = (SourcePlace){.file = self->revision->file, .line = line->number + 1, .column = 1};
    bool known = read_kind(self, line, start, kind, &section->kind);
    if (known) {
        read_marker_words(self, line, at, section);
        check_section_is_new(self, line, start, section);
    }
    g_ptr_array_add(self->revision->sections, section);
    self->section = section;
    self->section_start = self->at;
}

/* What stands above the first marker: comments, blank lines, headers; SQL has no place there. */
static void read_line_above(Parser *self, const Line *line)
{
    const char *end = line->start + line->length;
    const char *at = skip_blanks(line->start, end);

    if (self->in_comment || (end - at >= 2 && at[0] == '/' && at[1] == '*')) {
        const char *close = g_strstr_len(at, end - at, "*/");
        self->in_comment = close == NULL;
        at = close ? skip_blanks(close + 2, end) : end;
    }
    if (at == end || (end - at >= 2 && at[0] == '-' && at[1] == '-')) {
        if (at == line->start)
            read_header(self, line);
    } else if (self->stray_line == 0) {
        self->stray_line = line->number;
    }
}

static void read_lines(Parser *self)
{
    Line line;

    while (next_line(self, &line)) {
        const char *word = marker_word(&line, false);

        if (word)
            begin_section(self, &line, word);
        else if (!self->section)
            read_line_above(self, &line);
        if (!word && (word = marker_word(&line, true)))
            diagnostics_warning(self->problems, place_at(self, &line, word),
                                "this looks like a section marker but is indented, so it is none; let \"-- "
                                "migrate:\" start the line");
    }
    end_section(self, self->end);
}

static bool has_headers(const Parser *self)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(HEADER_KEYS); i++)
        if (self->header_line[i] > 0)
            return true;
    return false;
}

/* Comments of a file without our headers (dbmate's) may say what they like, unless one means to be the id. */
static void report_misspellings(Parser *self)
{
    for (unsigned i = 0; i < self->misspelt->len; i++) {
        const Misspelling *note = &g_array_index(self->misspelt, Misspelling, i);

        if (has_headers(self) || strcmp(note->near, "revision") == 0)
            diagnostics_error(self->problems, note->place, "header \"%s\" is unknown; did you mean \"%s\"?",
                              note->key, note->near);
    }
}

static void check_sections(Parser *self)
{
    SourcePlace file = {.file = self->revision->file};

    if (self->revision->sections->len == 0) {
        diagnostics_error(self->problems, file,
                          "has no \"-- migrate:up\" line, so nothing in it would run; put one above the SQL");
        return;
    }
    if (self->stray_line > 0)
        diagnostics_error(
            self->problems, (SourcePlace){file.file, self->stray_line, 1},
            "this stands above the first \"-- migrate:\" line, so it would never run; move it below one");
    if (!revision_has_section(self->revision, SECTION_UP))
        diagnostics_error(self->problems, file,
                          "has no \"-- migrate:up\" section; add one, which may be empty");
}

/* The message that a file name holds: "20221122_add_invoices.sql" says "add invoices". */
static char *message_of_name(const char *name)
{
    char *message = g_strndup(name, strlen(name) - (g_str_has_suffix(name, ".sql") ? strlen(".sql") : 0));

    return g_strstrip(g_strdelimit(message, "_-.", ' '));
}

/* Id, parent and message from the file's name and its place in the folder, as dbmate has it. */
static void take_from_name(Parser *self, const char *previous)
{
    Revision *revision = self->revision;
    g_autofree char *name = g_path_get_basename(revision->file);
    gsize digits = strspn(name, "0123456789");

    if (digits == 0) {
        diagnostics_error(
            self->problems, (SourcePlace){.file = revision->file},
            "has no \"-- revision:\" line, and its name does not start with digits that could be its id");
        return;
    }
    g_autofree char *id = g_strndup(name, digits);
    revision->id = (char *)intern_text(id);
    revision->places.id = (SourcePlace){.file = revision->file};
    if (!revision->places.revises.file && previous) {
        g_strfreev(revision->revises);
        revision->revises = g_strsplit(previous, " ", 1);
        revision->places.revises = revision->places.id;
    }
    if (*revision->message == '\0') {
        g_free(revision->message);
        revision->message = message_of_name(name + digits);
    }
}

static void check_name(Parser *self, const char *what, const char *name, SourcePlace place)
{
    g_autofree char *fault = revision_name_fault(name);

    if (fault)
        diagnostics_error(self->problems, place, "%s \"%s\" %s", what, name, fault);
}

static void check_names(Parser *self, const char *previous)
{
    const Revision *revision = self->revision;

    if (!revision->places.id.file)
        take_from_name(self, previous);
    if (revision->places.id.file)
        check_name(self, "revision id", revision->id, revision->places.id);
    for (char **label = revision->labels; *label; label++)
        check_name(self, "label", *label, revision->places.labels);
}

static void misspelling_clear(gpointer data)
{
    g_free(((Misspelling *)data)->key);
}

Revision *revision_parse(const char *text, gsize length, const char *path, const char *previous,
                         Diagnostics *problems)
{
    unsigned errors = diagnostics_count(problems, DIAGNOSTIC_ERROR);
    g_autoptr(Revision) revision = revision_new("", NULL, NULL, NULL);
    g_autoptr(GArray) misspelt = g_array_new(FALSE, FALSE, sizeof(Misspelling));
    g_autoptr(GString) clean = NULL;

    if (!revision_text_check(text, length, path, problems))
        return NULL;
    clean = revision_text_normalise(text, length);
    revision->file = g_strdup(path);
    g_array_set_clear_func(misspelt, misspelling_clear);
    Parser parser = {.revision = revision,
                     .problems = problems,
                     .at = clean->str,
                     .end = clean->str + clean->len,
                     .line = 1,
                     .misspelt = misspelt};
    read_lines(&parser);
    report_misspellings(&parser);
    check_sections(&parser);
    check_names(&parser, previous);
    revision_finish_sections(revision, problems);
    return diagnostics_count(problems, DIAGNOSTIC_ERROR) == errors ? g_steal_pointer(&revision) : NULL;
}
