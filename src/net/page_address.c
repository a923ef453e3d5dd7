/* See page_address_internal.h. No name but localhost is looked up: what a name means is for others to say. */
#include "net/page_address_internal.h"
#include "net/page_server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 16

void page_address_clear(PageAddress *self)
{
    g_free(self->host);
    *self = (PageAddress){.socket = -1};
}

/* ---- Reading ---- */

/* "[::1]:80" and "127.0.0.1:80" to host and port; one of them may be missing. */
static bool split_address(const char *text, char **host, char **port)
{
    if (*text != '\0' && text[strspn(text, G_CSET_DIGITS)] == '\0') {
        *host = g_strdup("localhost");
        *port = g_strdup(text);
        return true;
    }
    const char *close = *text == '[' ? strchr(text, ']') : NULL;
    const char *end = close != NULL ? close + 1 : text + strcspn(text, ":");
    if ((*text == '[' && close == NULL) || (*end != ':' && *end != '\0') || end == text)
        return false;
    *host =
        close != NULL ? g_strndup(text + 1, (gsize)(close - text - 1)) : g_strndup(text, (gsize)(end - text));
    *port = g_strdup(*end == ':' && end[1] != '\0' ? end + 1 : "0");
    return true;
}

static struct addrinfo *parse_address(const char *text)
{
    g_autofree char *host = NULL;
    g_autofree char *port = NULL;
    guint64 number;
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    if (!split_address(text, &host, &port) || !g_ascii_string_to_unsigned(port, 10, 0, 65535, &number, NULL))
        return NULL;
    const char *name = g_str_equal(host, "localhost") ? "127.0.0.1" : host;
    return getaddrinfo(name, port, &hints, &found) == 0 ? found : NULL;
}

/* ---- Listening ---- */

static bool is_loopback(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(gconstpointer)address)->sin6_addr);
    guint32 ipv4 = ntohl(((const struct sockaddr_in *)(gconstpointer)address)->sin_addr.s_addr);
    return ipv4 >> 24 == 127;
}

static bool is_any(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6)
        return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)(gconstpointer)address)->sin6_addr);
    return ((const struct sockaddr_in *)(gconstpointer)address)->sin_addr.s_addr == htonl(INADDR_ANY);
}

static int listen_on(const struct addrinfo *where)
{
    int one = 1;
    int descriptor = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return -1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(descriptor, where->ai_addr, where->ai_addrlen) == 0 && listen(descriptor, BACKLOG) == 0)
        return descriptor;
    int problem = errno;
    close(descriptor);
    errno = problem;
    return -1;
}

/* What the socket became: a port of 0 has a number now. */
static void describe(PageAddress *self)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    char host[NI_MAXHOST] = "", port[NI_MAXSERV] = "";
    getsockname(self->socket, (struct sockaddr *)&address, &length);
    getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    self->is_loopback = is_loopback(&address);
    self->port = (unsigned)g_ascii_strtoull(port, NULL, 10);
    self->host = is_any(&address)                ? g_strdup(g_get_host_name())
                 : address.ss_family == AF_INET6 ? g_strdup_printf("[%s]", host)
                                                 : g_strdup(host);
}

bool page_address_listen(const char *text, PageAddress *self, GError **error)
{
    *self = (PageAddress){.socket = -1};
    struct addrinfo *where = parse_address(text);
    if (where == NULL) {
        g_set_error(error, PAGE_SERVER_ERROR, PAGE_SERVER_ERROR_ADDRESS,
                    "\"%s\" is no address to listen on: write 127.0.0.1:8080, [::1]:8080 or localhost", text);
        return false;
    }
    self->socket = listen_on(where);
    int problem = errno;
    freeaddrinfo(where);
    if (self->socket < 0) {
        g_set_error(error, PAGE_SERVER_ERROR, PAGE_SERVER_ERROR_LISTEN, "cannot listen on %s: %s", text,
                    g_strerror(problem));
        return false;
    }
    describe(self);
    return true;
}

/* ---- Who asks ---- */

bool page_host_is_local(const char *host)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]", NULL};
    gsize length = host == NULL ? 0 : *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    if (host == NULL || length > strlen(host) || (host[length] != '\0' && host[length] != ':'))
        return false;
    g_autofree char *name = g_ascii_strdown(host, (gssize)length);
    return g_strv_contains(names, name);
}
