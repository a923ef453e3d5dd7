/* Owns the split script: its text, its statements and their places, and the splitter that the dialects' files
 * drive. Does not know where a statement ends. Immutable after script_split; any thread may read. */
#include "sql/script_internal.h"

#include <stdatomic.h>
#include <string.h>

/* Places of bytes are counted from the nearest mark before them. */
#define MARK_DISTANCE 4096
/* A file of another kind would tell the same thing millions of times. */
#define ERRORS_MAX 1000
#define COMMAND_NAME_MAX 30

typedef struct ScriptNote {
    gpointer value;
    GDestroyNotify release;
} ScriptNote;

struct Script {
    char *text;
    gsize length;
    GArray *statements; /* of Statement */
    GArray *marks;      /* of TextCursor: [i] at i * MARK_DISTANCE */
    _Atomic(ScriptNote *) note;
};

typedef void (*SplitFunction)(Splitter *self);

static const SplitFunction SPLIT[DIALECT_COUNT] = {
    [DIALECT_POSTGRES] = split_postgres,
    [DIALECT_MYSQL] = split_mysql,
    [DIALECT_MARIADB] = split_mysql,
    [DIALECT_SQLITE] = split_sqlite,
};

static GArray *marks_new(const char *text, gsize length, SourcePlace place)
{
    GArray *marks = g_array_new(FALSE, FALSE, sizeof(TextCursor));
    TextCursor cursor = text_cursor_at(text, length, place);

    for (gsize offset = 0; offset <= length; offset += MARK_DISTANCE) {
        text_cursor_advance(&cursor, text, offset);
        g_array_append_val(marks, cursor);
    }
    return marks;
}

static Script *script_new(const char *text, gsize length, SourcePlace place)
{
    Script *self = g_new0(Script, 1);

    self->text = g_malloc(length + 1);
    if (length > 0)
        memcpy(self->text, text, length);
    self->text[length] = '\0';
    self->length = length;
    self->statements = g_array_new(FALSE, FALSE, sizeof(Statement));
    self->marks = marks_new(self->text, length, place);
    return self;
}

static void note_free(ScriptNote *self)
{
    if (self)
        self->release(self->value);
    g_free(self);
}

gconstpointer script_noted(const Script *self)
{
    const ScriptNote *note = atomic_load(&self->note);
    return note ? note->value : NULL;
}

gconstpointer script_note(const Script *self, gpointer value, GDestroyNotify release)
{
    ScriptNote *note = g_new(ScriptNote, 1), *before = NULL;
    *note = (ScriptNote){value, release};
    if (!atomic_compare_exchange_strong(&((Script *)self)->note, &before, note))
        note_free(note);
    return script_noted(self);
}

void script_free(Script *self)
{
    if (self == NULL)
        return;
    note_free(atomic_load(&self->note));
    g_free(self->text);
    g_array_unref(self->statements);
    g_array_unref(self->marks);
    g_free(self);
}

Script *script_split(const char *text, gsize length, Dialect dialect, SourcePlace place,
                     Diagnostics *problems)
{
    g_autoptr(Script) script = script_new(text, length, place);
    const char *nul = memchr(script->text, '\0', length);
    Splitter splitter = {.script = script, .problems = problems};

    splitter.cursor = text_cursor_at(script->text, length, place);
    splitter.lexer = lexer_at(script->text, length, splitter.cursor.offset, dialect);
    if (nul != NULL)
        splitter_error(&splitter, (gsize)(nul - script->text), "NUL byte: this is not SQL text");
    else
        SPLIT[dialect](&splitter);
    return splitter.errors == 0 ? g_steal_pointer(&script) : NULL;
}

unsigned script_length(const Script *self)
{
    return self->statements->len;
}

const Statement *script_at(const Script *self, unsigned index)
{
    g_return_val_if_fail(index < self->statements->len, NULL);
    return &g_array_index(self->statements, Statement, index);
}

const char *script_text(const Script *self)
{
    return self->text;
}

char *script_statement_text(const Script *self, unsigned index)
{
    const Statement *statement = script_at(self, index);

    return statement == NULL ? NULL : g_strndup(self->text + statement->start, statement->length);
}

SourcePlace script_place_of(const Script *self, gsize offset)
{
    gsize within = text_character_start(self->text, self->length, MIN(offset, self->length));
    TextCursor cursor = g_array_index(self->marks, TextCursor, within / MARK_DISTANCE);

    if (within > cursor.offset)
        text_cursor_advance(&cursor, self->text, within);
    return cursor.place;
}

void splitter_take(Splitter *self, const Token *token)
{
    if (!self->open)
        self->start = self->lexer.versioned ? self->lexer.versioned_start : token->start;
    self->open = true;
    self->end = token->end;
}

Statement *splitter_close(Splitter *self)
{
    GArray *statements = self->script->statements;
    Statement statement = {.start = self->start, .length = self->end - self->start};

    if (!self->open)
        return NULL;
    self->open = false;
    text_cursor_advance(&self->cursor, self->script->text, statement.start);
    statement.line = self->cursor.place.line;
    statement.column = self->cursor.place.column;
    statement.kind = statement_kind(&self->lexer, self->start, self->end);
    if (statement.kind == STATEMENT_SET)
        lexer_follow_settings(&self->lexer, self->start, self->end);
    g_array_append_val(statements, statement);
    return &g_array_index(statements, Statement, statements->len - 1);
}

void splitter_error(Splitter *self, gsize offset, const char *format, ...)
{
    g_autofree char *message = NULL;
    SourcePlace place;
    va_list arguments;

    self->errors++;
    if (self->errors > ERRORS_MAX + 1)
        return;
    place = script_place_of(self->script, offset);
    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (self->errors <= ERRORS_MAX)
        diagnostics_error(self->problems, place, "%s", message);
    else
        diagnostics_error(self->problems, place, "too many errors: the rest of this script is not told");
}

void splitter_error_unclosed(Splitter *self, const Token *token)
{
    splitter_error(self, token->start, "%s that begins here is not closed", token->what);
}

char *splitter_command_name(const Splitter *self, gsize offset)
{
    const char *name = self->script->text + offset;
    gsize length = 1;

    while (length < COMMAND_NAME_MAX && g_ascii_isgraph(name[length]) && name[length] != '\\')
        length++;
    return g_strndup(name, length);
}

void splitter_skip_line(Splitter *self)
{
    lexer_skip_line(&self->lexer, false);
}

unsigned char head_next(const HeadStep *steps, gsize count, unsigned char state, const Lexer *lexer,
                        const Token *token)
{
    for (gsize i = 0; i < count; i++) {
        if (steps[i].from != state)
            continue;
        if (steps[i].word == NULL || token_is_word(lexer, token, steps[i].word))
            return steps[i].to;
    }
    return state;
}
