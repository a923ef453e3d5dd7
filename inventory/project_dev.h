/* Project dev: where scratch databases are made, as `dev:` in dbfleet.yaml says it. */
#pragma once

#include "base/db_url.h"
#include "inventory/project.h"

/* A private server, started for the time of one command. */
#define PROJECT_DEV_AUTO "auto"

/* What is said of the first of these keys that says anything, PROJECT_DEV_AUTO if none does. Owned by the
 * project. */
const char *project_dev_server(const Project *self, const char *const *keys);
/* The URL in such a text with all references resolved but that of the password, which is handed out as it is
 * written (NULL: none). Caller frees both. */
DbUrl *project_dev_url(const Project *self, const char *server, char **password_reference, GError **error);
