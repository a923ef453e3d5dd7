/* See late_library.h. One lock for all libraries: they are loaded once each. */
#include "base/late_library.h"
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

static bool fail(const LateLibrary *self, GError **error)
{
    const char *reason = dlerror();
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s cannot be used: %s", self->file,
                reason ? reason : "it lacks a function");
    return false;
}

/* All or none: what was found so far calls into a library that stays. */
static bool find_functions(const LateLibrary *self, void *handle)
{
    gsize count = g_strv_length((char **)self->names);
    g_autofree void **found = g_new(void *, count + 1);
    for (gsize i = 0; i < count; i++)
        if (!(found[i] = dlsym(handle, self->names[i])))
            return false;
    memcpy(self->functions, found, count * sizeof *found);
    return true;
}

static bool load(LateLibrary *self, GError **error)
{
    if (atomic_load(&self->is_loaded))
        return true;
    void *handle = dlopen(self->file, RTLD_LAZY | RTLD_LOCAL);
    if (!handle || !find_functions(self, handle))
        return fail(self, error);
    atomic_store(&self->is_loaded, true);
    return true;
}

bool late_library_load(LateLibrary *self, GError **error)
{
    if (atomic_load(&self->is_loaded))
        return true;
    pthread_mutex_lock(&loading);
    bool good = load(self, error);
    pthread_mutex_unlock(&loading);
    return good;
}
