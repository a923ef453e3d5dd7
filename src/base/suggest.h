/* Did you mean: the nearest of several words. Pure. */
#pragma once

#include <glib.h>

/* The candidate with the smallest edit distance to `word` (transpositions count one), or NULL when none is
 * near enough to be a plausible typing error (more than a third of the length, at least 1, differs). Case is
 * ignored. The result points into `candidates` (`count` of them). */
const char *suggest_nearest(const char *word, const char *const *candidates, gsize count);
