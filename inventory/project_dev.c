/* Project dev: what a project says of dev servers, and its URLs, read as targets' URLs are. Any thread. */
#include "inventory/project_dev.h"

#include "inventory/fleet_internal.h"

const char *project_dev_server(const Project *self, const char *const *keys)
{
    for (; *keys != NULL; keys++) {
        const char *server = g_hash_table_lookup(self->dev, *keys);
        if (server != NULL)
            return server;
    }
    return PROJECT_DEV_AUTO;
}

DbUrl *project_dev_url(const Project *self, const char *server, char **password_reference, GError **error)
{
    return target_url_read(server, self->folder, password_reference, error);
}
