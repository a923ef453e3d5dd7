/* HTTP client: one request and its reply, tried again where that may help. For gates, throttles, discovery
 * and notifications. Follows no redirect from https to http, sends no header to another host behind one, and
 * never puts a header or a URL's query into an error: both may hold secrets. Blocks; any thread may call. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define HTTP_ERROR (http_error_quark())
GQuark http_error_quark(void);
typedef enum HttpError {
    HTTP_ERROR_URL,      /* no http:// or https:// URL, or one that cannot be parsed */
    HTTP_ERROR_CONNECT,  /* no reply: name, connection, TLS, time */
    HTTP_ERROR_TOO_LONG, /* the reply is longer than max_bytes */
    HTTP_ERROR_STOPPED
} HttpError;

typedef struct HttpRequest {
    const char *method;         /* "GET", "POST", … */
    const char *url;            /* resolved */
    const char *const *headers; /* "Name: value", resolved; NULL: none */
    const char *body;           /* NULL: none */
    gint64 timeout_ms;          /* of one try; 0: 30 s */
    unsigned attempts;          /* the first included; 0: 1. Tried again: no reply, 408, 425, 429 and 5xx */
    gint64 retry_wait_ms;       /* between two; doubles; a Retry-After of the server up to a minute wins */
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
