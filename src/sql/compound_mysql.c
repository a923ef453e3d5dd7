/* Owns how compound bodies nest (MySQL manual 15.6 "Compound Statement Syntax"; MariaDB Knowledge Base
 * "Programmatic & Compound Statements"): which words open a block, which END closes it, and which of these
 * words are something else (the function IF(), a CASE value, a column named end). What opens a block does so
 * only where a statement may begin, so that place is tracked. Bodies of sql_mode=ORACLE need a DELIMITER.
 * Pure. */
#include "sql/compound_internal.h"
#include "sql/script_internal.h"

enum {
    HEAD_START,
    HEAD_BEGIN,
    HEAD_CREATE,
    HEAD_ALTER,
    HEAD_DEFINER,
    HEAD_ROUTINE, /* up to the end of the parameters */
    HEAD_TRIGGER,
    HEAD_EACH,
    HEAD_EVENT,
    HEAD_BODY_NEXT, /* characteristics, then the body */
    HEAD_BODY,
    HEAD_OTHER
};

static const HeadStep STEPS[] = {
    {HEAD_START, HEAD_BEGIN, "begin"},
    {HEAD_START, HEAD_CREATE, "create"},
    {HEAD_START, HEAD_ALTER, "alter"},
    {HEAD_START, HEAD_OTHER, NULL},
    {HEAD_BEGIN, HEAD_BODY, "not"},
    {HEAD_BEGIN, HEAD_OTHER, NULL},
    {HEAD_CREATE, HEAD_CREATE, "or"},
    {HEAD_CREATE, HEAD_CREATE, "replace"},
    {HEAD_CREATE, HEAD_CREATE, "aggregate"},
    {HEAD_CREATE, HEAD_DEFINER, "definer"},
    {HEAD_CREATE, HEAD_ROUTINE, "procedure"},
    {HEAD_CREATE, HEAD_ROUTINE, "function"},
    {HEAD_CREATE, HEAD_TRIGGER, "trigger"},
    {HEAD_CREATE, HEAD_EVENT, "event"},
    {HEAD_CREATE, HEAD_OTHER, NULL},
    {HEAD_ALTER, HEAD_DEFINER, "definer"},
    {HEAD_ALTER, HEAD_EVENT, "event"},
    {HEAD_ALTER, HEAD_OTHER, NULL},
    {HEAD_DEFINER, HEAD_DEFINER, "aggregate"},
    {HEAD_DEFINER, HEAD_ROUTINE, "procedure"},
    {HEAD_DEFINER, HEAD_ROUTINE, "function"},
    {HEAD_DEFINER, HEAD_TRIGGER, "trigger"},
    {HEAD_DEFINER, HEAD_EVENT, "event"},
    {HEAD_DEFINER, HEAD_OTHER, "view"},
    {HEAD_TRIGGER, HEAD_EACH, "each"},
    {HEAD_EACH, HEAD_BODY_NEXT, "row"},
    {HEAD_EACH, HEAD_TRIGGER, NULL},
    {HEAD_EVENT, HEAD_BODY_NEXT, "do"},
};

/* A body that is one of these ends at the first ";" . */
static const char *const PLAIN_BODIES[] = {
    "alter",   "call",    "create", "delete", "describe", "do",      "drop",     "execute",
    "explain", "handler", "insert", "load",   "prepare",  "replace", "resignal", "return",
    "select",  "set",     "show",   "signal", "update",   "values",  "with",
};

/* "RETURNS SET(…)", "CHARACTER SET utf8mb4": no SET statement. */
static const char *const BEFORE_TYPE_SET[] = {"char", "character", "returns"};

typedef enum Block {
    BLOCK_BEGIN,
    BLOCK_IF,
    BLOCK_CASE,
    BLOCK_CASE_VALUE,
    BLOCK_LOOP,
    BLOCK_WHILE,
    BLOCK_REPEAT,
    BLOCK_UNTIL, /* the condition at the end of REPEAT */
    BLOCK_FOR,
    BLOCK_NONE
} Block;

typedef struct Opener {
    const char *word;
    Block block;
    bool statement_next; /* a statement may follow at once */
} Opener;

static const Opener OPENERS[] = {
    {"begin", BLOCK_BEGIN, true}, {"if", BLOCK_IF, false},       {"case", BLOCK_CASE, false},
    {"loop", BLOCK_LOOP, true},   {"while", BLOCK_WHILE, false}, {"repeat", BLOCK_REPEAT, true},
    {"for", BLOCK_FOR, false},
};

/* After these an END is a column: they leave a value to be named. */
static const char *const BEFORE_VALUE[] = {
    "and",  "between", "case", "collate", "distinct", "div",   "else", "in",    "interval", "is",
    "like", "mod",     "not",  "or",      "regexp",   "rlike", "then", "until", "when",     "xor",
};

typedef enum Handler {
    HANDLER_NONE,
    HANDLER_DECLARED,  /* DECLARE … */
    HANDLER_NAMED,     /* … CONTINUE HANDLER … */
    HANDLER_CONDITION, /* … FOR, or a comma: a condition comes */
    HANDLER_FOLLOWS    /* a comma or the handler's statement comes */
} Handler;

struct Compound {
    unsigned char head;
    gsize parentheses;
    bool type_set; /* a SET here belongs to a type */
    GByteArray *blocks;
    gsize start;
    bool at_statement; /* a statement may begin with the next token */
    bool after_end;    /* END IF: the word after END says what ends */
    bool after_value;  /* a value is complete, so an END here is no column */
    bool named;        /* after "." or "@": the next word is a name, whatever it says */
    Handler handler;
};

Compound *compound_new(void)
{
    Compound *self = g_new0(Compound, 1);

    self->blocks = g_byte_array_new();
    return self;
}

void compound_free(Compound *self)
{
    if (self == NULL)
        return;
    g_byte_array_unref(self->blocks);
    g_free(self);
}

void compound_reset(Compound *self)
{
    GByteArray *blocks = self->blocks;

    g_byte_array_set_size(blocks, 0);
    *self = (Compound){.blocks = blocks};
}

bool compound_is_open(const Compound *self)
{
    return self->blocks->len > 0;
}

gsize compound_start(const Compound *self)
{
    return self->start;
}

static Block top(const Compound *self)
{
    return self->blocks->len == 0 ? BLOCK_NONE : (Block)self->blocks->data[self->blocks->len - 1];
}

static void push(Compound *self, Block block)
{
    guint8 byte = (guint8)block;

    g_byte_array_append(self->blocks, &byte, 1);
}

static void pop(Compound *self)
{
    g_byte_array_set_size(self->blocks, self->blocks->len - 1);
    if (self->blocks->len == 0)
        self->head = HEAD_OTHER;
}

static void replace_top(Compound *self, Block block)
{
    self->blocks->data[self->blocks->len - 1] = (guint8)block;
}

static const Opener *opener_find(const Lexer *lexer, const Token *token)
{
    for (gsize i = 0; i < G_N_ELEMENTS(OPENERS); i++)
        if (token_is_word(lexer, token, OPENERS[i].word))
            return &OPENERS[i];
    return NULL;
}

/* The outermost block. */
static void body_begin(Compound *self, const Opener *opener, gsize start)
{
    self->head = HEAD_BODY;
    self->start = start;
    push(self, opener->block);
    self->at_statement = opener->statement_next;
}

/* Between the routine's head and its body. */
static void follow_body_next(Compound *self, const Lexer *lexer, const Token *token)
{
    const Opener *opener = opener_find(lexer, token);
    bool type_set = self->type_set && token_is_word(lexer, token, "set");

    if (self->parentheses > 0)
        return;
    if (opener != NULL)
        body_begin(self, opener, token->start);
    else if (token_find_word(lexer, token, PLAIN_BODIES, G_N_ELEMENTS(PLAIN_BODIES)) >= 0 && !type_set)
        self->head = HEAD_OTHER;
    self->type_set = token_find_word(lexer, token, BEFORE_TYPE_SET, G_N_ELEMENTS(BEFORE_TYPE_SET)) >= 0;
}

static void follow_head(Compound *self, const Lexer *lexer, const Token *token)
{
    const Opener *opener = self->head == HEAD_START ? opener_find(lexer, token) : NULL;

    if (self->head == HEAD_START)
        self->start = token->start;
    if (opener != NULL && opener->block != BLOCK_BEGIN) {
        body_begin(self, opener, token->start);
        return;
    }
    if (self->head == HEAD_ROUTINE) {
        if (token_is_punct(lexer, token, ')') && self->parentheses == 0)
            self->head = HEAD_BODY_NEXT;
        return;
    }
    self->head = head_next(STEPS, G_N_ELEMENTS(STEPS), self->head, lexer, token);
    if (self->head == HEAD_BODY)
        body_begin(self, &OPENERS[0], self->start);
}

/* DECLARE … HANDLER FOR conditions statement. True if the token is part of what comes before that statement.
 */
static bool follow_handler(Compound *self, const Lexer *lexer, const Token *token)
{
    static const char *const BEGIN_CONDITION[] = {"not", "sqlstate", "value"};

    if (self->handler == HANDLER_DECLARED && token_is_word(lexer, token, "handler")) {
        self->handler = HANDLER_NAMED;
    } else if (self->handler == HANDLER_NAMED && token_is_word(lexer, token, "for")) {
        self->handler = HANDLER_CONDITION;
    } else if (self->handler == HANDLER_CONDITION) {
        if (token_find_word(lexer, token, BEGIN_CONDITION, G_N_ELEMENTS(BEGIN_CONDITION)) < 0)
            self->handler = HANDLER_FOLLOWS;
    } else if (self->handler == HANDLER_FOLLOWS && token_is_punct(lexer, token, ',')) {
        self->handler = HANDLER_CONDITION;
    } else {
        if (self->handler == HANDLER_FOLLOWS) {
            self->handler = HANDLER_NONE;
            self->at_statement = true;
        }
        return false;
    }
    return true;
}

static void follow_end(Compound *self, bool at_statement)
{
    Block block = top(self);

    if (block == BLOCK_CASE_VALUE || block == BLOCK_UNTIL) {
        if (!self->after_value)
            return;
        pop(self);
        self->after_end = block == BLOCK_UNTIL;
    } else if (at_statement) {
        pop(self);
        self->after_end = true;
    }
}

/* Words inside a body that let a statement follow. */
static bool statement_follows(const Compound *self, const Lexer *lexer, const Token *token)
{
    Block block = top(self);

    if (token_is_word(lexer, token, "then"))
        return block != BLOCK_CASE_VALUE;
    if (token_is_word(lexer, token, "do") || token_is_word(lexer, token, "loop"))
        return block == BLOCK_WHILE || block == BLOCK_FOR;
    return false;
}

/* A word that begins a statement of the body. */
static void follow_statement_word(Compound *self, const Lexer *lexer, const Token *token)
{
    const Opener *opener = opener_find(lexer, token);

    if (opener != NULL) {
        push(self, opener->block);
        self->at_statement = opener->statement_next;
    } else if (token_is_word(lexer, token, "declare")) {
        self->handler = HANDLER_DECLARED;
    } else if (token_is_word(lexer, token, "until") && top(self) == BLOCK_REPEAT) {
        replace_top(self, BLOCK_UNTIL);
    } else {
        /* NOT ATOMIC stands between BEGIN and the first statement; ELSE ends the statements before it. */
        self->at_statement = token_is_word(lexer, token, "not") || token_is_word(lexer, token, "atomic") ||
                             token_is_word(lexer, token, "else");
    }
}

static void follow_word(Compound *self, const Lexer *lexer, const Token *token)
{
    bool at_statement = self->at_statement;
    bool names_end = self->after_end && opener_find(lexer, token) != NULL;

    self->at_statement = false;
    self->after_end = false;
    if (names_end)
        return;
    if (token_is_word(lexer, token, "end"))
        follow_end(self, at_statement);
    else if (at_statement)
        follow_statement_word(self, lexer, token);
    else if (token_is_word(lexer, token, "case"))
        push(self, BLOCK_CASE_VALUE);
    else
        self->at_statement = statement_follows(self, lexer, token);
}

static void follow_body(Compound *self, const Lexer *lexer, const Token *token)
{
    bool label =
        token_is_punct(lexer, token, ':') && token->end < lexer->length && lexer->text[token->end] != '=';

    if (self->handler != HANDLER_NONE && follow_handler(self, lexer, token))
        return;
    if (token->kind == TOKEN_WORD && !self->named) {
        follow_word(self, lexer, token);
    } else {
        self->at_statement = label;
        self->after_end = false;
    }
    self->named = token_is_punct(lexer, token, '.') || token_is_punct(lexer, token, '@');
    self->after_value = token->kind == TOKEN_QUOTED || token_is_punct(lexer, token, ')') ||
                        (token->kind == TOKEN_WORD &&
                         token_find_word(lexer, token, BEFORE_VALUE, G_N_ELEMENTS(BEFORE_VALUE)) < 0);
}

void compound_follow(Compound *self, const Lexer *lexer, const Token *token)
{
    if (self->head == HEAD_OTHER || token->kind == TOKEN_CLOSE_VERSIONED)
        return;
    if (token_is_punct(lexer, token, '('))
        self->parentheses++;
    else if (token_is_punct(lexer, token, ')') && self->parentheses > 0)
        self->parentheses--;
    if (self->head == HEAD_BODY)
        follow_body(self, lexer, token);
    else if (self->head == HEAD_BODY_NEXT)
        follow_body_next(self, lexer, token);
    else
        follow_head(self, lexer, token);
}

void compound_semicolon(Compound *self)
{
    /* A value holds no ";", so this CASE was a statement. */
    if (top(self) == BLOCK_CASE_VALUE)
        replace_top(self, BLOCK_CASE);
    self->at_statement = true;
    self->after_end = false;
    self->after_value = false;
    self->named = false;
    self->handler = HANDLER_NONE;
}
