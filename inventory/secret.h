/* Secrets: ${env:NAME}, ${file:PATH}, ${cmd:COMMAND} references, resolved at the moment of connecting and
 * never kept in a fleet, plan, report or ledger. A file's last line end is cut. A command runs through
 * /bin/sh with a time limit; its standard output is the secret, it may state a lifetime
 * (${cmd:COMMAND|ttl=10min}) within which its answer is used again. Thread safe. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define SECRET_ERROR (secret_error_quark())
GQuark secret_error_quark(void);
typedef enum SecretError { SECRET_ERROR_SYNTAX, SECRET_ERROR_UNRESOLVED } SecretError;

typedef struct SecretStore SecretStore; /* caches answers of commands within their lifetime */
SecretStore *secret_store_new(void);
void secret_store_free(SecretStore *self); /* wipes what it held */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SecretStore, secret_store_free)

/* True if the text holds at least one reference. */
bool secret_is_reference(const char *text);
/* Checks the syntax without resolving. */
bool secret_check(const char *text, GError **error);
/* The text with every reference replaced; an error names the reference, never a value. Relative file paths
 * are looked up from `folder`, and commands run in it (NULL: the current folder). Caller frees with
 * secret_free. */
char *secret_resolve(SecretStore *self, const char *text, const char *folder, GError **error);
/* The same; what each reference stood for is added to `values` (char *, to be freed with secret_free(); NULL:
 * not wanted), for who has to hide it in what comes back. */
char *secret_resolve_noting(SecretStore *self, const char *text, const char *folder, GPtrArray *values,
                            GError **error);
/* Wipes and frees. NULL-safe. */
void secret_free(char *secret);
