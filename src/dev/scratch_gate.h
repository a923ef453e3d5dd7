/* Scratch gate: what may be tried on a scratch database, so that nothing else on its server changes. On a
 * private server nearly everything; files and programs of the computer are reached nowhere. */
#pragma once

#include "dev/dev_servers.h"

/* False with why not, for a person; caller frees it. */
bool scratch_allows(Scratch *scratch, const char *text, gsize length, char **why);
