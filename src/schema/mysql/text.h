/* Text: what a server of the MySQL family prints about its objects, cut where it may be cut: outside of
 * quotes and parentheses. Knows how the server writes with sql_mode '' (backslashes escape) and nothing of
 * SQL beyond. Pure; any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Behind the quoted thing, the group in parentheses, or the one byte that stands here. Not at the end. */
const char *text_behind(const char *at);
/* The next `stop` outside of quotes and parentheses, or the end of the text. */
const char *text_find(const char *at, char stop);
/* The parts between `separator`s, blanks around them removed; of char *. Caller unrefs. */
GPtrArray *text_split(const char *text, char separator);
/* Words, which end at blanks outside of quotes and parentheses; of char *. Caller unrefs. */
GPtrArray *text_words(const char *text);
/* Moves over `word` and the blanks behind it if it stands here. */
bool text_take(const char **at, const char *word);
/* The name in its quotes that stands here, without them; moves behind it and the blanks that follow. NULL if
 * there is none. Caller frees. */
char *text_take_name(const char **at);
/* The names in backquotes within the text, each once; a set that owns them. Caller unrefs. */
GHashTable *text_names(const char *text);
/* Without `database`. before names, outside of strings. Caller frees. */
char *text_without_database(const char *text, const char *database);

/* `name`; a part of a key: only quoted where it is no plain word; a string that backslashes and quotes are
 * escaped in, as COMMENT takes it. Caller frees. */
char *text_quoted(const char *name);
char *text_key_part(const char *name);
char *text_string(const char *value);
/* The key of a part: "table.part". `parent` is a key, `name` without quotes. Caller frees. */
char *text_part_key(const char *parent, const char *name);
/* The last name of a key, without quotes. Caller frees. */
char *text_key_name(const char *key);
/* True for "t_ibfk_1" with `before` "t_ibfk_": digits only behind it. */
bool text_is_numbered(const char *name, const char *before);
