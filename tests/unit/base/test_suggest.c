/* Did you mean: near words win, far ones are never offered. */
#include "base/suggest.h"

#include <criterion/criterion.h>

static const char *nearest(const char *word)
{
    static const char *const KEYS[] = {"url",          "urls",         "per_host", "labels",
                                       "lock_timeout", "lock_timeuot", "état",     "x"};
    return suggest_nearest(word, KEYS, G_N_ELEMENTS(KEYS));
}

Test(suggest, finds_one_slip)
{
    cr_expect_str_eq(nearest("ulr"), "url");           /* swapped */
    cr_expect_str_eq(nearest("ur"), "url");            /* missing */
    cr_expect_str_eq(nearest("lables"), "labels");     /* swapped */
    cr_expect_str_eq(nearest("per-host"), "per_host"); /* replaced */
    cr_expect_str_eq(nearest("perr_host"), "per_host");
    cr_expect_str_eq(nearest("xx"), "x"); /* doubled */
}

Test(suggest, ignores_case)
{
    cr_expect_str_eq(nearest("URL"), "url");
    cr_expect_str_eq(nearest("PerHost"), "per_host");
}

Test(suggest, takes_the_nearest_and_the_first_among_equals)
{
    cr_expect_str_eq(nearest("lock_timeout"), "lock_timeout");
    cr_expect_str_eq(nearest("lock_timeuot"), "lock_timeuot");
    cr_expect_str_eq(nearest("lock_timexut"), "lock_timeout");
}

Test(suggest, offers_nothing_that_is_far)
{
    cr_expect_null(nearest("database"));
    cr_expect_null(nearest("labXXX"));
    cr_expect_null(nearest("y"), "one letter for another has nothing in common");
    cr_expect_null(nearest(""));
    cr_expect_null(suggest_nearest("url", NULL, 0));
}

Test(suggest, survives_long_words)
{
    g_autofree char *word = g_strnfill(100000, 'a');
    const char *const candidates[] = {word, "a"};
    cr_expect_null(suggest_nearest(word, candidates, 2));
    cr_expect_null(suggest_nearest("aaaa", candidates, 1));
    g_autofree char *hundred = g_strnfill(100, 'a');
    const char *const same[] = {hundred};
    cr_expect_eq(suggest_nearest(hundred, same, 1), hundred);
}
