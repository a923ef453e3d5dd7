/* Late library: what is there is found once and can be called; what is not there is told and leaves nothing
 * half done. */
#include "base/late_library.h"

#include <criterion/criterion.h>

TestSuite(late_library);

static struct {
    double (*cos)(double);
    double (*floor)(double);
} functions;

static const char *const names[] = {"cos", "floor", NULL};

Test(late_library, functions_can_be_called_once_it_is_loaded)
{
    LateLibrary library = {.file = "libm.so.6", .names = names, .functions = &functions};
    cr_assert(late_library_load(&library, NULL));
    cr_assert_eq(functions.cos(0), 1);
    cr_assert_eq(functions.floor(2.5), 2);
    functions.floor = functions.cos;
    cr_assert(late_library_load(&library, NULL));
    cr_assert_eq(functions.floor, functions.cos, "it was loaded twice");
}

Test(late_library, a_missing_file_is_named)
{
    LateLibrary library = {.file = "libnosuch.so.7", .names = names, .functions = &functions};
    g_autoptr(GError) error = NULL;
    cr_assert(!late_library_load(&library, &error));
    cr_assert(error->domain == G_FILE_ERROR);
    cr_assert(strstr(error->message, "libnosuch.so.7"), "%s", error->message);
}

Test(late_library, a_missing_function_is_named_and_none_is_used)
{
    static const char *const wrong[] = {"cos", "no_such_function", NULL};
    LateLibrary library = {.file = "libm.so.6", .names = wrong, .functions = &functions};
    g_autoptr(GError) error = NULL;
    functions.cos = NULL;
    cr_assert(!late_library_load(&library, &error));
    cr_assert(strstr(error->message, "no_such_function"), "%s", error->message);
    cr_assert_null(functions.cos);
}
