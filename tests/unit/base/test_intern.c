/* Interned texts: one copy of each. */
#include "base/intern.h"
#include <criterion/criterion.h>
#include <glib.h>

Test(intern, equal_texts_are_one)
{
    g_autofree char *other = g_strdup("revision");
    const char *text = intern_text("revision");
    cr_assert_str_eq(text, "revision");
    cr_assert_eq(intern_text(other), text);
    cr_assert_neq(intern_text("another"), text);
}

Test(intern, nothing_stays_nothing)
{
    cr_assert_null(intern_text(NULL));
}
