/* Ranges: "{0001..0400}" and "{a:x..z}" in the texts of one inventory item, which stands for as many targets.
 *
 * Unnamed ranges of an item advance in step and must be of one length; ranges of one name do so too;
 * different names multiply, the one that is met first being the slowest. Numbers keep the width of their
 * first value. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define RANGE_ERROR (range_error_quark())
GQuark range_error_quark(void);
typedef enum RangeError { RANGE_ERROR_SYNTAX, RANGE_ERROR_LENGTH, RANGE_ERROR_TOO_MANY } RangeError;

/* The variables met in the texts of one item. */
typedef struct RangeSet RangeSet;

RangeSet *range_set_new(void);
void range_set_free(RangeSet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RangeSet, range_set_free)

/* Adds the ranges of a text. False for a malformed range, for lengths that differ, or when there would be
 * more than `maximum` targets. */
bool range_set_add(RangeSet *self, const char *text, unsigned maximum, GError **error);
unsigned range_set_variables(const RangeSet *self);
/* Number of targets: 1 if there are no ranges. */
unsigned range_set_length(const RangeSet *self);
/* The text for one target, counted from 0; the text must have been added. Caller frees. */
char *range_set_expand(const RangeSet *self, const char *text, unsigned index);
/* True if a text holds a range or what looks like one. */
bool range_is_in(const char *text);
