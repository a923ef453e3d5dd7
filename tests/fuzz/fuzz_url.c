/* Any bytes as a database URL: what is shown of one can be read again, names the same database, and holds no
 * password. */
#include "base/db_url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A password that stands nowhere else in the URL stands nowhere in what is made of it. */
static void check_hidden(const DbUrl *url, const char *text, const char *made)
{
    const char *first =
        url->password == NULL || strlen(url->password) < 6 ? NULL : strstr(text, url->password);
    bool once = first != NULL && strstr(first + 1, url->password) == NULL;
    if (once && strstr(made, url->password) != NULL)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    g_autoptr(DbUrl) url = db_url_parse(text, &error);
    if ((url == NULL) == (error == NULL))
        abort();
    if (url == NULL)
        return 0;
    g_autofree char *shown = db_url_display(url), *endpoint = db_url_endpoint(url),
                    *server = db_url_server(url);
    check_hidden(url, text, shown);
    check_hidden(url, text, endpoint);
    g_autoptr(DbUrl) copy = db_url_copy(url);
    g_autofree char *copy_endpoint = db_url_endpoint(copy);
    if (!g_str_equal(endpoint, copy_endpoint) || !g_str_has_prefix(endpoint, server))
        abort();
    return 0;
}
