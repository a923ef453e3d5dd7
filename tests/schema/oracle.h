/* Oracles: what the server itself says a database's schema is, as sorted statements in which what has no
 * meaning is made the same. Our model has no part in it. */
#pragma once

#include "dev/dev_servers.h"

/* Of char *, sorted; NULL and an error. Caller unrefs. */
GPtrArray *oracle_read(Scratch *scratch, GError **error);
/* The lines that only one of the two has, "- " before and "+ " now; NULL if they are the same. */
char *oracle_difference(const GPtrArray *before, const GPtrArray *now);
