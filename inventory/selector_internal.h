/* What the two halves of selectors share: the parts of an expression, read by selector_parse.c, applied by
 * selector.c. */
#pragma once

#include "inventory/selector.h"

typedef enum SelectorOperation { SELECT_ADD, SELECT_INTERSECT, SELECT_EXCLUDE } SelectorOperation;

typedef enum SelectorKind {
    SELECTOR_NAME,  /* a group, a target, or all */
    SELECTOR_GLOB,  /* over target names */
    SELECTOR_REGEX, /* over target names */
    SELECTOR_LABEL, /* name=glob */
    SELECTOR_RUN,   /* @failed:RUN, @unreachable:RUN */
    SELECTOR_FILE   /* @file with "&" or "!" before it: an expression of its own */
} SelectorKind;

typedef struct SelectorPart {
    SelectorOperation operation;
    SelectorKind kind;
    char *text;     /* name, glob, regular expression, glob of the label's value, or run */
    char *name;     /* the label's name, or the run's state; else NULL */
    GRegex *regex;  /* SELECTOR_REGEX */
    GPtrArray *sub; /* SELECTOR_FILE: of SelectorPart * */
} SelectorPart;

/* The parts of an expression, of SelectorPart *; those of @files without "&" or "!" are among them. NULL and
 * an error for what cannot be read. Caller frees with g_ptr_array_unref. */
GPtrArray *selector_parse(const char *expression, GError **error);
