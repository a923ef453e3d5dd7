/* Any bytes as a selector on a small fleet: targets or an error, never both, never neither. */
#include "inventory/selector.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char INVENTORY[] =
    "groups:\n"
    "  eu: {labels: {region: eu}, targets: [{name: \"eu-{01..20}\", url: \"sqlite:{01..20}.db\"}]}\n"
    "  us: {labels: {region: us}, targets: [{name: us-1, url: \"sqlite:us.db\"}]}\n";

static Fleet *make_fleet(void)
{
    int file = memfd_create("inventory", MFD_CLOEXEC);
    if (file < 0 || write(file, INVENTORY, strlen(INVENTORY)) != (ssize_t)strlen(INVENTORY))
        abort();
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", file);
    g_autoptr(Diagnostics) problems = diagnostics_new();
    Fleet *fleet = fleet_load(path, NULL, problems);
    close(file);
    return fleet;
}

static char **no_runs(void *context, const char *state, const char *run, GError **error)
{
    (void)context;
    (void)state;
    (void)error;
    return g_strsplit(run, "-", 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Fleet *fleet;
    if (fleet == NULL)
        fleet = make_fleet();
    if (size > 60 && memchr(data, '~', size) != NULL)
        return 0; /* a regular expression may be slow: that is its author's business */
    g_autofree char *expression = g_strndup((const char *)data, size);
    for (char *at = strchr(expression, '@'); at != NULL; at = strchr(at + 1, '@'))
        if (strncmp(at, "@failed:", 8) != 0)
            *at = '~'; /* reads no files */
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) targets = fleet_select(fleet, expression, no_runs, NULL, &error);
    if ((targets == NULL) == (error == NULL) || (targets != NULL && targets->len > fleet_length(fleet)))
        abort();
    return 0;
}
