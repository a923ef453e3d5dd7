/* Resolved URL: replaces references part by part, so that no delimiter in a secret changes what a URL means.
 */
#include "inventory/resolved_url.h"

#include <string.h>

void resolved_url_clear(ResolvedUrl *self)
{
    secret_free(self->password);
    db_url_free(self->url);
    *self = (ResolvedUrl){0};
}

/* "${…}" and nothing else. */
static bool is_whole_reference(const char *text)
{
    return g_str_has_prefix(text, "${") && strchr(text, '}') == text + strlen(text) - 1;
}

static DbUrl *parse(SecretStore *secrets, const char *text, const char *folder, GPtrArray *values,
                    GError **error)
{
    if (!is_whole_reference(text))
        return db_url_parse(text, error);
    char *whole = secret_resolve_noting(secrets, text, folder, values, error);
    DbUrl *url = whole != NULL ? db_url_parse(whole, error) : NULL;
    secret_free(whole);
    return url;
}

static bool resolve_part(char **part, SecretStore *secrets, const char *folder, GPtrArray *values,
                         GError **error)
{
    if (!secret_is_reference(*part))
        return true;
    char *value = secret_resolve_noting(secrets, *part, folder, values, error);
    if (value == NULL)
        return false;
    g_free(*part);
    *part = value;
    return true;
}

static bool resolve_parts(DbUrl *url, SecretStore *secrets, const char *folder, GPtrArray *values,
                          GError **error)
{
    char **parts[] = {&url->user, &url->password, &url->host, &url->port, &url->database};
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        if (!resolve_part(parts[i], secrets, folder, values, error))
            return false;
    for (guint i = 0; i < url->parameters->len; i++)
        if (!resolve_part(&g_array_index(url->parameters, DbUrlParameter, i).value, secrets, folder, values,
                          error))
            return false;
    return true;
}

static void settle_path(DbUrl *url, const char *folder)
{
    if (!db_url_is_sqlite(url) || url->database == NULL || g_str_equal(url->database, ":memory:"))
        return;
    char *path = g_canonicalize_filename(url->database, folder);
    g_free(url->database);
    url->database = path;
}

bool resolved_url_read(ResolvedUrl *self, SecretStore *secrets, const char *text, const char *folder,
                       GPtrArray *values, GError **error)
{
    *self = (ResolvedUrl){0};
    g_autoptr(DbUrl) url = parse(secrets, text, folder, values, error);
    if (url == NULL || !resolve_parts(url, secrets, folder, values, error))
        return false;
    if (url->password != NULL && values != NULL)
        g_ptr_array_add(values, g_strdup(url->password));
    settle_path(url, folder);
    self->password = g_steal_pointer(&url->password);
    self->url = g_steal_pointer(&url);
    return true;
}
