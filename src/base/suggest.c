/* Did you mean: owns what counts as a likely typing error. It refuses to guess when nothing is near. Pure,
 * any thread. */
#include "base/suggest.h"

#include <string.h>

#define LONGEST_WORD 100

/* Edit distance of two words of at most LONGEST_WORD bytes in which swapping two neighbours counts one
 * ("optimal string alignment"): three rows of the table are enough, the swap looks back two. */
static gsize edit_distance(const char *a, gsize a_length, const char *b, gsize b_length)
{
    gsize rows[3][LONGEST_WORD + 1];
    gsize *before = rows[0], *last = rows[1], *now = rows[2];
    for (gsize j = 0; j <= b_length; j++)
        last[j] = j;
    for (gsize i = 1; i <= a_length; i++) {
        now[0] = i;
        for (gsize j = 1; j <= b_length; j++) {
            char x = g_ascii_tolower(a[i - 1]), y = g_ascii_tolower(b[j - 1]);
            gsize best = MIN(MIN(last[j], now[j - 1]) + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == g_ascii_tolower(b[j - 2]) && y == g_ascii_tolower(a[i - 2]))
                best = MIN(best, before[j - 2] + 1);
            now[j] = best;
        }
        gsize *oldest = before;
        before = last;
        last = now;
        now = oldest;
    }
    return last[b_length];
}

const char *suggest_nearest(const char *word, const char *const *candidates, gsize count)
{
    gsize length = strlen(word);
    if (length > LONGEST_WORD)
        return NULL;
    const char *nearest = NULL;
    gsize limit = MAX(1, length / 3);
    for (gsize i = 0; i < count; i++) {
        gsize other = strlen(candidates[i]);
        if (other > LONGEST_WORD || other > length + limit || length > other + limit)
            continue;
        gsize distance = edit_distance(word, length, candidates[i], other);
        if (distance > limit || distance >= MAX(length, other)) /* nothing in common is no typing error */
            continue;
        nearest = candidates[i];
        if (distance == 0)
            break;
        limit = distance - 1; /* from here on only a nearer one wins */
    }
    return nearest;
}
