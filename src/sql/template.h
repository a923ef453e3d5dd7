/* Template variables in SQL: {{ name | ident }}, {{ name | literal }}, {{ name | raw }}.
 *
 * A filter is required: how a value enters SQL is said where it is used. Names are letters, digits, _ and . ;
 * a placeholder stands on one line; "{{{{" stands for a literal "{{". Everything else passes as it is: also a
 * "{{" that goes on to a comma, a double quote or another brace before any "|" or "}", since that is an array
 * literal
 * ('{{1,2},{3,4}}') and no placeholder. Pure. */
#pragma once

#include "base/diagnostics.h"
#include "sql/dialect.h"

#define SQL_TEMPLATE_ERROR (sql_template_error_quark())
GQuark sql_template_error_quark(void);
typedef enum SqlTemplateError {
    SQL_TEMPLATE_ERROR_UNDEFINED, /* a variable has no value */
    SQL_TEMPLATE_ERROR_MALFORMED  /* what sql_template_names would have told with its place */
} SqlTemplateError;

/* Names used in the text, sorted, each once, NULL-terminated; NULL and errors in `problems` for a malformed
 * placeholder (its place counted from `place`). Caller frees (g_strfreev). */
char **sql_template_names(const char *text, gsize length, SourcePlace place, Diagnostics *problems);

/* The text with values filled in, from `variables` (name -> value, both const char *; a NULL value counts as
 * undefined). Every undefined name is told in the error. Line breaks in values do not occur in ident and
 * literal forms unless the value has them; error places in a rendered script refer to the rendered text.
 * Caller frees. */
char *sql_template_render(const char *text, gsize length, Dialect dialect, GHashTable *variables,
                          GError **error);

/* SHA-256 (hex) over the name=value pairs of the names listed (in any order, repeats do not matter; a name
 * without a value differs from one with an empty value), from the same table; where a value came from a
 * secret reference the caller passes the reference, not the secret. Caller frees. */
char *sql_template_digest(const char *const *names, GHashTable *variables);
