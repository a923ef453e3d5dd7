/* Client access: owns what client programs are told about a connection until they have ended. */
#include "drivers/driver.h"

#include <string.h>

static void wipe(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    g_free(text);
}

void client_access_clear(ClientAccess *self)
{
    for (char **entry = self->environment; entry && *entry; entry++)
        wipe(*entry);
    g_free(self->environment);
    wipe(self->secret);
    g_free(self->file);
    g_free(self->host);
    g_free(self->port);
    g_free(self->user);
    *self = (ClientAccess){0};
}
