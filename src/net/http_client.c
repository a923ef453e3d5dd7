/* HTTP client: owns the use of libcurl. One easy handle for each request: no connection is kept, since
 * requests are few and far between. */
#include "net/http_client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <string.h>

#define DEFAULT_TIMEOUT_MS (30 * 1000)
#define DEFAULT_MAX_BYTES ((gsize)16 * 1024 * 1024)
#define MAX_WAIT_MS (60 * 1000)
#define POLL_US (G_USEC_PER_SEC / 10)

G_DEFINE_QUARK(dbfleet - http - error, http_error)

void http_reply_clear(HttpReply *self)
{
    g_free(self->body);
    *self = (HttpReply){0};
}

bool http_reply_good(const HttpReply *self)
{
    return self->status >= 200 && self->status < 300;
}

char *http_url_shown(const char *url)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_ENCODED | G_URI_FLAGS_PARSE_RELAXED, NULL);
    if (uri == NULL || g_uri_get_host(uri) == NULL)
        return g_strdup("the URL");
    g_autofree char *port =
        g_uri_get_port(uri) > 0 ? g_strdup_printf(":%d", g_uri_get_port(uri)) : g_strdup("");
    return g_strconcat(g_uri_get_scheme(uri), "://", g_uri_get_host(uri), port, g_uri_get_path(uri), NULL);
}

/* ---- One try ---- */

typedef struct Transfer {
    const HttpRequest *request;
    GByteArray *body;
    gsize max_bytes;
    bool too_long;
    bool stopped;
} Transfer;

static size_t take_bytes(char *bytes, size_t size, size_t count, void *data)
{
    Transfer *self = data;
    gsize length = size * count;
    self->too_long = self->body->len + length > self->max_bytes;
    if (self->too_long)
        return 0;
    g_byte_array_append(self->body, (const guint8 *)bytes, (guint)length);
    return length;
}

static int watch(void *data, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    Transfer *self = data;
    self->stopped = self->request->stopped != NULL && self->request->stopped(self->request->context);
    return self->stopped;
}

static struct curl_slist *header_list(const char *const *headers)
{
    struct curl_slist *list = NULL;
    for (; headers != NULL && *headers != NULL; headers++)
        list = curl_slist_append(list, *headers);
    return list;
}

static void set_options(CURL *curl, Transfer *transfer, struct curl_slist *headers)
{
    const HttpRequest *request = transfer->request;
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (request->body != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                     (long)(request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS));
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR,
                     g_ascii_strncasecmp(request->url, "https:", 6) == 0 ? "https" : "http,https");
    /* A header of the caller's may be a secret, and libcurl would send it on to wherever a redirect leads. */
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION,
                     (long)(headers == NULL && g_str_equal(request->method, "GET")));
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "dbfleet/" DBFLEET_VERSION);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
}

static bool fail(const Transfer *transfer, CURLcode code, GError **error)
{
    g_autofree char *shown = http_url_shown(transfer->request->url);
    if (transfer->stopped)
        g_set_error(error, HTTP_ERROR, HTTP_ERROR_STOPPED, "%s: stopped", shown);
    else if (transfer->too_long)
        g_set_error(error, HTTP_ERROR, HTTP_ERROR_TOO_LONG,
                    "%s: the reply is longer than %" G_GSIZE_FORMAT " bytes", shown, transfer->max_bytes);
    else if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
        g_set_error(error, HTTP_ERROR, HTTP_ERROR_URL, "%s is no http:// or https:// URL", shown);
    else
        g_set_error(error, HTTP_ERROR, HTTP_ERROR_CONNECT, "%s: %s", shown, curl_easy_strerror(code));
    return false;
}

/* *wait_ms: what the server asks to wait before another try; 0: nothing said. */
static bool fetch_once(const HttpRequest *request, HttpReply *reply, gint64 *wait_ms, GError **error)
{
    Transfer transfer = {.request = request,
                         .body = g_byte_array_new(),
                         .max_bytes = request->max_bytes > 0 ? request->max_bytes : DEFAULT_MAX_BYTES};
    struct curl_slist *headers = header_list(request->headers);
    CURL *curl = curl_easy_init();
    set_options(curl, &transfer, headers);
    CURLcode code = curl_easy_perform(curl);
    long status = 0;
    curl_off_t wait_s = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait_s);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    *wait_ms = (gint64)wait_s * 1000;
    if (code != CURLE_OK) {
        g_byte_array_unref(transfer.body);
        return fail(&transfer, code, error);
    }
    reply->status = (unsigned)status;
    reply->length = transfer.body->len;
    g_byte_array_append(transfer.body, (const guint8 *)"", 1);
    reply->body = (char *)g_byte_array_free(transfer.body, FALSE);
    return true;
}

/* ---- Tries ---- */

static bool may_pass(const HttpReply *reply, const GError *error)
{
    if (error != NULL)
        return error->code == HTTP_ERROR_CONNECT;
    return reply->status == 408 || reply->status == 425 || reply->status == 429 || reply->status >= 500;
}

static bool wait_for(const HttpRequest *request, gint64 ms)
{
    for (gint64 left = ms * 1000; left > 0; left -= POLL_US) {
        if (request->stopped != NULL && request->stopped(request->context))
            return false;
        g_usleep((gulong)MIN(left, POLL_US));
    }
    return true;
}

static void start_library(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

bool http_fetch(const HttpRequest *request, HttpReply *reply, GError **error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    unsigned attempts = MAX(request->attempts, 1);
    gint64 pause = request->retry_wait_ms;
    pthread_once(&once, start_library);
    for (unsigned tries = 1;; tries++, pause *= 2) {
        GError *problem = NULL;
        gint64 asked = 0;
        fetch_once(request, reply, &asked, &problem);
        reply->tries = tries;
        bool last = tries >= attempts || !may_pass(reply, problem) ||
                    !wait_for(request, MIN(MAX(pause, asked), MAX_WAIT_MS));
        if (last && problem != NULL)
            g_propagate_error(error, problem);
        if (last)
            return problem == NULL;
        g_clear_error(&problem);
        g_clear_pointer(&reply->body, g_free);
        reply->length = reply->status = 0;
    }
}
