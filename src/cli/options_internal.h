/* What a parsed command line is made of: filled in by options_parse.c, read by options.c. */
#pragma once

#include "cli/option_value.h"

struct Options {
    const CommandSpec *command;
    GPtrArray *values;   /* of OptionValue *, one for each row that holds for the command */
    GPtrArray *operands; /* of char *, NULL-terminated */
};

Options *options_new(void);
/* NULL if there is no such row. */
OptionValue *options_find(const Options *self, const char *name);
