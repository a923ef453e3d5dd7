/* Option value: what one option of one command line holds. Private to this room. */
#pragma once

#include "cli/options.h"

typedef struct OptionValue {
    const OptionSpec *spec;
    bool given; /* by command line or environment; else what is here is the row's default */
    bool flag;
    unsigned count;
    guint64 number;
    gint64 milliseconds;
    char *text;
    GPtrArray *list;   /* of char *, NULL-terminated; NULL for other kinds */
    GHashTable *pairs; /* char * -> char *; NULL for other kinds */
} OptionValue;

/* Starts with the row's default. A default that the row itself refuses is a programming error (g_error). */
OptionValue *option_value_new(const OptionSpec *spec);
void option_value_free(OptionValue *self);

/* Options without an argument: given once more. */
void option_value_raise(OptionValue *self);
/* Options with an argument. False and a message without the option's name when the text does not fit the row.
 */
bool option_value_add(OptionValue *self, const char *text, GError **error);
/* The text of an environment variable; for any kind. False as above. */
bool option_value_add_environment(OptionValue *self, const char *text, GError **error);
