/* Missing roles: a schema or revision grants to roles that a dev server does not have. Where the server is
 * private, or dbfleet.yaml says create_missing_roles, they are made without login. The thread that owns the
 * scratch. */
#pragma once

#include "dev/dev_servers.h"

/* True if the error was that a role is missing and it was made: what failed can run again. */
bool scratch_make_missing_role(Scratch *scratch, const GError *error);
/* Whether roles may be made and dropped there at all. */
bool scratch_may_have_roles(const Scratch *scratch);
