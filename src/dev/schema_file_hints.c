/* Hints of schema files: reads "-- dbfleet:…" comments and finds what they stand at: the code on their line,
 * or on the next one that has any. Pure. */
#include "dev/schema_files_internal.h"

#include "sql/words.h"

#include <string.h>

#define MARK "dbfleet:"
#define RENAMED "renamed-from"
#define USING "using"

typedef struct HintScan {
    const SchemaFile *file;
    Dialect dialect;
    SchemaHints *hints;
    Diagnostics *problems;
} HintScan;

/* A comment with a hint. */
typedef struct HintComment {
    gsize start; /* of the comment's sign */
    char *word;  /* behind the mark */
    char *value; /* the rest of the line */
} HintComment;

static void hint_comment_clear(HintComment *self)
{
    g_free(self->word);
    g_free(self->value);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HintComment, hint_comment_clear)

/* ---- Lines ---- */

static gsize line_start(const char *text, gsize at)
{
    while (at > 0 && text[at - 1] != '\n')
        at--;
    return at;
}

static gsize line_end(const char *text, gsize at)
{
    return at + strcspn(text + at, "\n");
}

/* The code of a line, without a comment that ends it and without what leads nowhere: blanks, "," and "(".
 * Caller frees. */
static char *code_of_line(const char *text, gsize start)
{
    g_autofree char *line = g_strndup(text + start, line_end(text, start) - start);
    char *comment = strstr(line, "--");
    if (comment)
        *comment = '\0';
    g_strstrip(line);
    return g_strdup(line + strspn(line, " \t,("));
}

/* Where the code begins that a comment belongs to: its own line's, or that of the next line with any. False
 * if the file ends first. */
static bool find_code(const char *text, gsize comment, gsize *start)
{
    for (gsize at = line_start(text, comment);; at = line_end(text, at) + 1) {
        g_autofree char *code = code_of_line(text, at);
        *start = at;
        if (*code)
            return true;
        if (!text[line_end(text, at)])
            return false;
    }
}

/* The statement that has the first code of the line, or NULL. */
static const Statement *statement_at(const Script *script, gsize line)
{
    gsize end = line_end(script_text(script), line);
    for (unsigned i = 0; i < script_length(script); i++) {
        const Statement *statement = script_at(script, i);
        if (statement->start < end && statement->start + statement->length > line)
            return statement;
    }
    return NULL;
}

/* ---- Names ---- */

static bool word_is(const GPtrArray *words, guint at, const char *text)
{
    return at < words->len && sql_word_is(words->pdata[at], text);
}

static bool sign_is(const GPtrArray *words, guint at, char sign)
{
    return at < words->len && sql_word_is_sign(words->pdata[at], sign);
}

/* "a.b" of a name at `at`, which is moved behind it; NULL. Caller frees. */
static char *take_name(const GPtrArray *words, guint *at)
{
    GString *name = g_string_new(NULL);
    while (*at < words->len && sql_word_is_name(words->pdata[*at])) {
        g_string_append(name, ((const SqlWord *)words->pdata[*at])->text);
        ++*at;
        if (!sign_is(words, *at, '.'))
            return g_string_free(name, FALSE);
        g_string_append_c(name, '.');
        ++*at;
    }
    g_string_free(name, TRUE);
    return NULL;
}

/* What a CREATE statement makes. */
typedef struct Created {
    SchemaKind kind;
    char *name;
    bool holds_columns;
    bool holds_labels;
} Created;

static void created_clear(Created *self)
{
    g_free(self->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Created, created_clear)

static const struct {
    const char *word;
    SchemaKind kind;
} makes[] = {
    {"table", SCHEMA_TABLE},         {"view", SCHEMA_VIEW},        {"sequence", SCHEMA_SEQUENCE},
    {"domain", SCHEMA_DOMAIN},       {"schema", SCHEMA_NAMESPACE}, {"function", SCHEMA_FUNCTION},
    {"procedure", SCHEMA_PROCEDURE}, {"index", SCHEMA_INDEX},      {"trigger", SCHEMA_TRIGGER},
    {"event", SCHEMA_EVENT},         {"type", SCHEMA_COMPOSITE},
};

/* Moves over what may stand between CREATE and the word that says what is made. */
static bool find_kind(const GPtrArray *words, guint *at, SchemaKind *kind)
{
    bool materialized = false;
    for (; *at < words->len && *at < 16; ++*at) {
        materialized |= word_is(words, *at, "materialized");
        for (gsize i = 0; i < G_N_ELEMENTS(makes); i++) {
            if (!word_is(words, *at, makes[i].word))
                continue;
            *kind = materialized ? SCHEMA_MATVIEW : makes[i].kind;
            ++*at;
            return true;
        }
    }
    return false;
}

static void read_type(Created *self, const GPtrArray *words, guint at)
{
    if (!word_is(words, at, "as"))
        return;
    self->holds_labels = word_is(words, at + 1, "enum");
    self->holds_columns = sign_is(words, at + 1, '(');
    self->kind = self->holds_labels                ? SCHEMA_ENUM
                 : word_is(words, at + 1, "range") ? SCHEMA_RANGE
                                                   : SCHEMA_COMPOSITE;
}

static bool read_created(Created *self, const GPtrArray *words)
{
    guint at = 1;
    if (!words || !word_is(words, 0, "create") || !find_kind(words, &at, &self->kind))
        return false;
    bool type = self->kind == SCHEMA_COMPOSITE;
    if (word_is(words, at, "if"))
        at += 3;
    self->name = take_name(words, &at);
    self->holds_columns = self->kind == SCHEMA_TABLE;
    if (type)
        read_type(self, words, at);
    return self->name != NULL;
}

/* ---- Hints ---- */

G_GNUC_PRINTF(3, 4)
static void refuse(const HintScan *self, gsize at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    diagnostics_error(self->problems, script_place_of(self->file->script, at), "%s", message);
}

static void add_rename(const HintScan *self, gsize at, SchemaKind kind, const char *parent,
                       const char *before, const char *after)
{
    SchemaRename *rename = g_new0(SchemaRename, 1);
    rename->kind = kind;
    rename->parent = g_strdup(parent);
    rename->before = g_strdup(before);
    rename->after = g_strdup(after);
    rename->place = script_place_of(self->file->script, at);
    schema_hints_take_rename(self->hints, rename);
}

/* MySQL family: labels stand in the type of a column: "table.column" of the last ENUM that begins in the
 * statement before this line; NULL if there is none. Caller frees. */
static char *enum_column(const HintScan *self, const Created *created, const char *text, gsize length)
{
    g_autoptr(GPtrArray) words = sql_words(text, length, self->dialect);
    const SqlWord *column = NULL;
    for (guint i = 1; words && i + 1 < words->len; i++)
        if (word_is(words, i, "enum") && sign_is(words, i + 1, '(') && sql_word_is_name(words->pdata[i - 1]))
            column = words->pdata[i - 1];
    return column ? g_strdup_printf("%s.%s", created->name, column->text) : NULL;
}

/* The part of a statement that a line inside of it stands for: a column, or an enum's label. `before_line` is
 * what of the statement stands before that line. */
static bool rename_part(const HintScan *self, gsize at, const Created *created, const char *code,
                        const char *before_line, gsize length, const char *before)
{
    g_autoptr(GPtrArray) words = sql_words(code, strlen(code), self->dialect);
    const SqlWord *first = words && words->len ? words->pdata[0] : NULL;
    bool string = first && first->kind == SQL_WORD_QUOTED && first->quote == '\'';
    g_autofree char *of_column =
        string && created->holds_columns ? enum_column(self, created, before_line, length) : NULL;
    bool label = string && (created->holds_labels || of_column);
    bool column = first && created->holds_columns && sql_word_is_name(first);
    if (column || label)
        add_rename(self, at, label ? SCHEMA_ENUM : SCHEMA_COLUMN, of_column ? of_column : created->name,
                   before, first->text);
    return column || label;
}

/* The old name as written behind the mark: its words joined, quotes taken off. */
static char *old_name(const HintScan *self, const char *value)
{
    g_autoptr(GPtrArray) words = sql_words(value, strlen(value), self->dialect);
    guint at = 0;
    if (words && words->len && ((const SqlWord *)words->pdata[0])->kind == SQL_WORD_QUOTED)
        return g_strdup(((const SqlWord *)words->pdata[0])->text);
    return words ? take_name(words, &at) : NULL;
}

static void read_rename(const HintScan *self, const HintComment *comment)
{
    const Script *script = self->file->script;
    gsize line = 0;
    g_autofree char *before = old_name(self, comment->value);
    const Statement *statement =
        find_code(script_text(script), comment->start, &line) ? statement_at(script, line) : NULL;
    g_auto(Created) created = {0};
    g_autoptr(GPtrArray) words =
        statement ? sql_words(script_text(script) + statement->start, statement->length, self->dialect)
                  : NULL;
    bool known = before && read_created(&created, words);
    g_autofree char *code = known ? code_of_line(script_text(script), line) : NULL;
    if (known && statement->start >= line) {
        add_rename(self, comment->start, created.kind, NULL, before, created.name);
        return;
    }
    if (!known || !rename_part(self, comment->start, &created, code, script_text(script) + statement->start,
                               line - statement->start, before))
        refuse(self, comment->start,
               "\"" MARK RENAMED
               "\" needs the old name behind it and belongs above or at the end of the line "
               "on which a table, column, type, … is made");
}

static void read_using(const HintScan *self, const HintComment *comment)
{
    const char *equals = strchr(comment->value, '=');
    g_autofree char *column = equals ? g_strndup(comment->value, (gsize)(equals - comment->value)) : NULL;
    if (!column || !*g_strstrip(column) || !strchr(column, '.') || !equals[1]) {
        refuse(self, comment->start,
               "\"" MARK USING "\" is written: -- " MARK USING " TABLE.COLUMN = EXPRESSION");
        return;
    }
    SchemaUsing *using = g_new0(SchemaUsing, 1);
    using->column = g_strdup(column);
    using->expression = g_strstrip(g_strdup(equals + 1));
    using->place = script_place_of(self->file->script, comment->start);
    schema_hints_take_using(self->hints, using);
}

/* ---- Comments ---- */

static const struct {
    const char *word;
    void (*read)(const HintScan *self, const HintComment *comment); /* NULL: others read it */
} words_of_hints[] = {{RENAMED, read_rename}, {USING, read_using}, {"data-loss", NULL}, {"allow", NULL}};

static void read_hint(const HintScan *self, const HintComment *comment)
{
    for (gsize i = 0; i < G_N_ELEMENTS(words_of_hints); i++) {
        if (!g_str_equal(words_of_hints[i].word, comment->word))
            continue;
        if (words_of_hints[i].read)
            words_of_hints[i].read(self, comment);
        return;
    }
    refuse(self, comment->start, "\"" MARK "%s\" is no hint; there are " RENAMED " and " USING,
           comment->word);
}

/* Whether a quote is open there. */
static bool is_quoted(const HintScan *self, gsize at)
{
    const char *text = script_text(self->file->script);
    for (unsigned i = 0; i < script_length(self->file->script); i++) {
        const Statement *statement = script_at(self->file->script, i);
        if (statement->start >= at || statement->start + statement->length <= at)
            continue;
        g_autoptr(GPtrArray) words = sql_words(text + statement->start, at - statement->start, self->dialect);
        return words == NULL;
    }
    return false;
}

/* Where the sign of the comment is that the mark begins: "--" or "#", and blanks. False: it is no comment's
 * begin. */
static bool opens_comment(const char *text, gsize mark, gsize *start)
{
    gsize at = mark;
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'))
        at--;
    bool dashes = at >= 2 && text[at - 1] == '-' && text[at - 2] == '-';
    *start = at - (dashes ? 2 : at > 0);
    return dashes || (at > 0 && text[at - 1] == '#');
}

void schema_file_hints(const SchemaFile *file, Dialect dialect, SchemaHints *hints, Diagnostics *problems)
{
    const HintScan self = {.file = file, .dialect = dialect, .hints = hints, .problems = problems};
    const char *text = script_text(file->script);
    for (const char *mark = strstr(text, MARK); mark; mark = strstr(mark + 1, MARK)) {
        g_auto(HintComment) comment = {0};
        const char *word = mark + strlen(MARK);
        gsize length = strspn(word, "abcdefghijklmnopqrstuvwxyz-");
        if (!opens_comment(text, (gsize)(mark - text), &comment.start) || is_quoted(&self, comment.start))
            continue;
        comment.word = g_strndup(word, length);
        comment.value = g_strstrip(g_strndup(word + length, strcspn(word + length, "\r\n")));
        read_hint(&self, &comment);
    }
}
