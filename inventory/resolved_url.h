/* Resolved URL: one database that is no target of the fleet (a gate's or a throttle's `url`, a source of
 * targets), with every secret reference replaced. Lives as briefly as a connection is made. Any thread. */
#pragma once

#include "base/db_url.h"
#include "inventory/secret.h"

typedef struct ResolvedUrl {
    DbUrl *url;     /* without its password; a relative SQLite path is made absolute */
    char *password; /* NULL: none in it */
} ResolvedUrl;

/* Reads `text`, whose references may stand for the whole or for any part. What they stood for is added to
 * `values` (char *, to be freed with secret_free(); NULL: not wanted). Relative files are in `folder`. False
 * with an error that holds no secret. */
bool resolved_url_read(ResolvedUrl *self, SecretStore *secrets, const char *text, const char *folder,
                       GPtrArray *values, GError **error);
void resolved_url_clear(ResolvedUrl *self); /* wipes the password */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ResolvedUrl, resolved_url_clear)
