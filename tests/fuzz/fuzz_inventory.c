/* Any bytes as an inventory: the loader answers with a fleet or with problems, and origins and selectors work
 * on what it made. */
#include "inventory/fleet.h"
#include "inventory/selector.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const Fleet *fleet)
{
    g_autoptr(GPtrArray) all = fleet_select(fleet, NULL, NULL, NULL, NULL);
    if (all == NULL || all->len != fleet_length(fleet))
        abort();
    for (unsigned i = 0; i < fleet_length(fleet) && i < 50; i++) {
        const Target *target = fleet_at(fleet, i);
        if (fleet_find(fleet, target->name) != target)
            abort();
        g_autoptr(GPtrArray) origins = fleet_target_origins(fleet, target);
        if (origins->len == 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int file = memfd_create("inventory", MFD_CLOEXEC);
    if (file < 0 || write(file, data, size) != (ssize_t)size)
        abort();
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", file);
    g_autoptr(Diagnostics) problems = diagnostics_new();
    const FleetOptions options = {.allow_missing_environment = true};
    g_autoptr(Fleet) fleet = fleet_load(path, &options, problems);
    if ((fleet != NULL) == diagnostics_has_errors(problems))
        abort();
    if (fleet != NULL)
        use(fleet);
    close(file);
    return 0;
}
