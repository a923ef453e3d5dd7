/* Project ledger: tells a ledger on a server from a file, and reads its URL as targets' URLs are read. Any
 * thread. */
#include "inventory/project_ledger.h"

#include "inventory/fleet_internal.h"
#include "inventory/secret.h"

#include <string.h>

bool project_ledger_is_url(const char *ledger)
{
    return strstr(ledger, "://") != NULL || secret_is_reference(ledger);
}

DbUrl *project_ledger_url(const char *ledger, const char *folder, char **password_reference, GError **error)
{
    return target_url_read(ledger, folder, password_reference, error);
}
