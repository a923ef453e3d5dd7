/* Globs over names and label values: "*" any text, "?" one character, "[a-c]" one of these, "[!a-c]" none of
 * these. */
#pragma once

#include <stdbool.h>

/* True if the whole text matches. Characters are UTF-8; the time is at most the product of the lengths. Pure.
 */
bool glob_matches(const char *glob, const char *text);
/* True if the text holds anything that is not matched by itself alone. */
bool glob_is_pattern(const char *text);
/* The "]" that closes the "[" at text, or NULL: right behind "[", "[!" or "[^" it stands for itself. A "["
 * that is not closed is a character like others. */
const char *glob_class_end(const char *text);
