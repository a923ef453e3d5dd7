/* Late library: a shared library that is loaded when something of it is first needed. A library and all that
 * it needs itself cost several milliseconds of each start, also of a run that never calls it. Stays loaded
 * until the end. Any thread. */
#pragma once

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>

typedef struct LateLibrary {
    const char *file;         /* by the name that the dynamic linker looks for: "libpq.so.5" */
    const char *const *names; /* of functions, NULL-terminated */
    void *functions;          /* a pointer to a function for each name; filled by late_library_load() */
    atomic_bool is_loaded;
} LateLibrary;

/* Loads it if nobody has yet. False and an error of G_FILE_ERROR that names the library, if it is not there
 * or lacks one of the functions; the next call tries again. */
bool late_library_load(LateLibrary *self, GError **error);
