/* Page server: one page over HTTP, and what changes of it as server-sent events (HTML, section 9.2).
 * Read-only: GET and HEAD, nothing else. On a loopback address it answers only requests whose Host names this
 * computer, so that no page of another site gets at it by a name of its own (DNS rebinding); on any other
 * address only those with the token in their URL. Knows nothing of what it serves, and asks for it: the main
 * thread calls all of this; the threads that answer are its own. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Connections at once, of which half may be streams; more are turned away. */
#define PAGE_SERVER_CONNECTIONS 64
/* Changes that a stream may be behind; it is ended then, and the browser comes back for the whole. */
#define PAGE_SERVER_BEHIND 30

#define PAGE_SERVER_ERROR (page_server_error_quark())
GQuark page_server_error_quark(void);
typedef enum PageServerError {
    PAGE_SERVER_ERROR_ADDRESS, /* no IP address and port */
    PAGE_SERVER_ERROR_LISTEN   /* the address cannot be had */
} PageServerError;

typedef struct PageServer PageServer;

/* Listens on "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:8080"; without a port, or with 0, on a free one; a port
 * alone is one of this computer. NULL with PAGE_SERVER_ERROR. */
PageServer *page_server_new(const char *address, GError **error);
/* Ends every connection. */
void page_server_free(PageServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PageServer, page_server_free)

/* What to open, with the token where there is one. */
const char *page_server_url(const PageServer *self);
/* Where the page asks for its changes, relative to it. */
const char *page_server_stream(const PageServer *self);

/* Waits until somebody wants what page_server_give() gives, `timeout_us` at most; true if somebody does. */
bool page_server_wait(PageServer *self, gint64 timeout_us);
/* The page, and the message that a new stream begins with, as they are now; both are copied. `message` is one
 * line. */
void page_server_give(PageServer *self, const char *page, const char *message);
/* Sends a change, which is one line, to every stream; page and first message are asked for anew. */
void page_server_tell(PageServer *self, const char *change);
