/* HTTP client: one request and its reply, tried again where that may help. For gates, throttles, discovery
 * and notifications. Follows redirects only where asked to, of a GET without headers, which may be secrets,
 * and none to http once asked over https. Never puts a header, a user, a password or a URL's query into an
 * error. Takes proxies from the environment as curl does. Blocks; any thread may call. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define HTTP_ERROR (http_error_quark())
GQuark http_error_quark(void);
typedef enum HttpError {
    HTTP_ERROR_URL,      /* no http:// or https:// URL, one that cannot be parsed, or a redirect to such */
    HTTP_ERROR_HEADER,   /* a header without a name, or with a line break in it */
    HTTP_ERROR_CONNECT,  /* no reply: name, connection, TLS, time */
    HTTP_ERROR_TOO_LONG, /* the reply is longer than max_bytes */
    HTTP_ERROR_STOPPED
} HttpError;

typedef struct HttpRequest {
    const char *method;         /* "GET", "POST", … */
    const char *url;            /* resolved */
    const char *shown;          /* what errors call it, where its path is a secret; NULL: http_url_shown() */
    const char *const *headers; /* "Name: value", resolved; NULL: none */
    const char *body;           /* NULL: none */
    bool follow;                /* redirects: else a reply says where it leads */
    gint64 timeout_ms;          /* of one try; 0: 30 s */
    unsigned attempts;          /* the first included; 0: 1. Tried again: no reply, 408, 425, 429 and 5xx */
    gint64 retry_wait_ms;       /* between two; doubles up to a minute; a Retry-After of the server wins, up
                                   to a minute */
    gsize max_bytes;            /* of the reply; 0: 16 MiB */
    /* Asked about ten times a second; true ends it with HTTP_ERROR_STOPPED. NULL: nothing does */
    bool (*stopped)(gconstpointer context);
    gconstpointer context;
} HttpRequest;

typedef struct HttpReply {
    unsigned status;
    char *body; /* NUL-terminated; any bytes */
    gsize length;
    unsigned tries;
    char *leads_to; /* of a redirect that was not followed, as http_url_shown() has it; NULL: none */
} HttpReply;
void http_reply_clear(HttpReply *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HttpReply, http_reply_clear)

/* True with any status: whether it is a good one is the caller's to judge (http_reply_good). `reply` is
 * cleared first by the caller; on false it is empty but for `tries`. */
bool http_fetch(const HttpRequest *request, HttpReply *reply, GError **error);
/* 2xx. */
bool http_reply_good(const HttpReply *self);
/* Scheme, host and path of a URL, for messages: without user, password, query and fragment. Caller frees. */
char *http_url_shown(const char *url);
/* Scheme and host alone: webhooks have their secret in the path. Caller frees. */
char *http_host_shown(const char *url);
