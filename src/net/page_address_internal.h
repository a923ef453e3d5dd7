/* Page address: where a page server listens, and who may ask it. For page_server.c only; main thread, and
 * page_host_is_local() any. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct PageAddress {
    int socket; /* listening; -1: none */
    bool is_loopback;
    unsigned port;
    char *host; /* as a URL names it: "127.0.0.1", "[::1]" */
} PageAddress;
void page_address_clear(PageAddress *self); /* leaves the socket alone */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PageAddress, page_address_clear)

/* Reads the address and listens there. */
bool page_address_listen(const char *text, PageAddress *self, GError **error);
/* True if a Host header ("localhost:8080") names this computer itself, whatever the port: that may be one
 * that leads here, as ssh makes. NULL names nothing. */
bool page_host_is_local(const char *host);
