/* Project ledger: where runs are recorded, as dbfleet.yaml says it. */
#pragma once

#include "base/db_url.h"

/* True if the ledger is on a server: a URL, or a reference to one. */
bool project_ledger_is_url(const char *ledger);
/* Its URL with all references resolved but that of the password, which is handed out as it is written (NULL:
 * none); relative secret files start at `folder`. Caller frees both. */
DbUrl *project_ledger_url(const char *ledger, const char *folder, char **password_reference, GError **error);
