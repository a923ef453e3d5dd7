/* Words: one statement as the words, quoted things and signs it is made of, for those who must know what a
 * statement names. Comments are left out; what a versioned comment holds is in. Pure; any thread. */
#pragma once

#include "sql/dialect.h"

typedef enum SqlWordKind {
    SQL_WORD_PLAIN,  /* keyword, unquoted name, number: as written */
    SQL_WORD_QUOTED, /* quoted name or string, without its quotes, doubled ones once */
    SQL_WORD_SIGN    /* one character */
} SqlWordKind;

typedef struct SqlWord {
    SqlWordKind kind;
    char quote; /* SQL_WORD_QUOTED: ', ", ` or [; of PostgreSQL's E'…', U&"…' and $…$ their first character */
    char *text;
    gsize start; /* of the first byte, in the text that was taken apart */
    gsize end;   /* behind the last one */
} SqlWord;

/* Elements SqlWord *, owned by the array; NULL if a quote or comment is not closed, as where the session
 * reads backslashes otherwise than a fresh one. Caller frees with g_ptr_array_unref. */
GPtrArray *sql_words(const char *text, gsize length, Dialect dialect);
/* Whether a plain word of the text is this one, in any case. `word` is in lower case. */
bool sql_text_has_word(const char *text, gsize length, Dialect dialect, const char *word);
/* A plain word, in any case. `word` is in lower case. */
bool sql_word_is(const SqlWord *self, const char *word);
bool sql_word_is_sign(const SqlWord *self, char sign);
/* True if it may be a name: plain, or quoted with other than '. */
bool sql_word_is_name(const SqlWord *self);
