/* URLs of targets: owns what a reference in a URL means, where relative SQLite paths start, and how an
 * unnamed target is called. It refuses references where their value could not be hidden or checked. Reads
 * environment and secret files while loading; the loading thread only. */
#include "inventory/fleet_internal.h"

#include "inventory/secret.h"

#include <string.h>

G_GNUC_PRINTF(2, 3) static bool refuse(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, SECRET_ERROR, SECRET_ERROR_SYNTAX, message);
    return false;
}

static bool holds_command(const char *text)
{
    return strstr(text, "${cmd:") != NULL;
}

/* Replaces the references in one part of a URL by their values: endpoints are compared while loading. */
static bool resolve_part(char **part, const char *what, const char *folder, GError **error)
{
    if (*part == NULL || !secret_is_reference(*part))
        return true;
    if (holds_command(*part))
        return refuse(error, "${cmd:…} can stand only for the password, not for the %s", what);
    g_autoptr(SecretStore) store = secret_store_new();
    char *value = secret_resolve(store, *part, folder, error);
    if (value == NULL)
        return false;
    g_free(*part);
    *part = g_strdup(value);
    secret_free(value);
    return true;
}

static bool resolve_parts(DbUrl *url, const char *folder, GError **error)
{
    for (guint i = 0; i < url->parameters->len; i++) {
        const DbUrlParameter *parameter = &g_array_index(url->parameters, DbUrlParameter, i);
        if (secret_is_reference(parameter->value))
            return refuse(error, "a reference cannot stand for the URL parameter '%s'", parameter->name);
    }
    return resolve_part(&url->user, "user", folder, error) &&
           resolve_part(&url->host, "host", folder, error) &&
           resolve_part(&url->port, "port", folder, error) &&
           resolve_part(&url->database, "database", folder, error);
}

bool target_url_is_reference(const char *text)
{
    return g_str_has_prefix(text, "${") && strchr(text, '}') == text + strlen(text) - 1;
}

/* A URL that comes from one reference as a whole. What it holds is as secret as a password. */
static DbUrl *read_whole_reference(const char *text, const char *folder, GError **error)
{
    if (holds_command(text)) {
        refuse(error, "${cmd:…} can stand only for the password, not for a whole URL");
        return NULL;
    }
    g_autoptr(SecretStore) store = secret_store_new();
    char *value = secret_resolve(store, text, folder, error);
    DbUrl *url = value == NULL ? NULL : db_url_parse(value, error);
    secret_free(value);
    return url;
}

static void settle_sqlite_path(DbUrl *url, const char *folder)
{
    if (!db_url_is_sqlite(url) || url->database == NULL || g_str_equal(url->database, ":memory:"))
        return;
    char *path = g_canonicalize_filename(url->database, folder);
    g_free(url->database);
    url->database = path;
}

DbUrl *target_url_read(const char *text, const char *folder, char **password_reference, GError **error)
{
    if (secret_is_reference(text) && !secret_check(text, error))
        return NULL;
    bool whole = target_url_is_reference(text);
    g_autoptr(DbUrl) url = whole ? read_whole_reference(text, folder, error) : db_url_parse(text, error);
    if (url == NULL)
        return NULL;
    if (!whole && !resolve_parts(url, folder, error))
        return NULL;
    if (!whole && url->password != NULL && secret_is_reference(url->password))
        *password_reference = g_steal_pointer(&url->password);
    settle_sqlite_path(url, folder);
    return g_steal_pointer(&url);
}

char *target_url_name(const DbUrl *url)
{
    const char *text = url->database != NULL ? url->database
                       : url->user != NULL   ? url->user
                       : url->host != NULL   ? url->host
                                             : url->scheme;
    if (!db_url_is_sqlite(url) || g_str_equal(text, ":memory:"))
        return inventory_name_from(g_str_equal(text, ":memory:") ? "memory" : text);
    g_autofree char *file = g_path_get_basename(text);
    char *dot = strrchr(file, '.');
    if (dot != NULL && dot != file)
        *dot = '\0';
    return inventory_name_from(file);
}
