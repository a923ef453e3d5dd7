/* HTTP client: owns the use of libcurl. One easy handle for each request: no connection is kept, since
 * requests are few and far between. */
#include "net/http_client.h"

#include "net/libcurl_late.h"
#include <pthread.h>
#include <string.h>

#define DEFAULT_TIMEOUT_MS (30 * 1000)
#define DEFAULT_MAX_BYTES ((gsize)16 * 1024 * 1024)
#define MAX_WAIT_MS (60 * 1000)
#define POLL_MS 100

G_DEFINE_QUARK(dbfleet - http - error, http_error)

void http_reply_clear(HttpReply *self)
{
    g_free(self->body);
    g_free(self->leads_to);
    *self = (HttpReply){0};
}

bool http_reply_good(const HttpReply *self)
{
    return self->status >= 200 && self->status < 300;
}

/* ---- What is shown of a URL ---- */

static char *shown_url(const char *url, bool with_path)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_ENCODED | G_URI_FLAGS_PARSE_RELAXED, NULL);
    if (uri == NULL || g_uri_get_host(uri) == NULL)
        return g_strdup("the URL");
    bool is_ipv6 = strchr(g_uri_get_host(uri), ':') != NULL;
    g_autofree char *port =
        g_uri_get_port(uri) > 0 ? g_strdup_printf(":%d", g_uri_get_port(uri)) : g_strdup("");
    return g_strconcat(g_uri_get_scheme(uri), "://", is_ipv6 ? "[" : "", g_uri_get_host(uri),
                       is_ipv6 ? "]" : "", port, with_path ? g_uri_get_path(uri) : "", NULL);
}

char *http_url_shown(const char *url)
{
    return shown_url(url, true);
}

char *http_host_shown(const char *url)
{
    return shown_url(url, false);
}

static char *request_shown(const HttpRequest *request)
{
    return request->shown != NULL ? g_strdup(request->shown) : http_url_shown(request->url);
}

/* ---- Requests that cannot be sent ---- */

/* libcurl takes less for a URL: a name alone, and http:///x for the host x. */
static bool is_http_url(const char *url)
{
    const char *host = g_ascii_strncasecmp(url, "http://", 7) == 0    ? url + 7
                       : g_ascii_strncasecmp(url, "https://", 8) == 0 ? url + 8
                                                                      : "";
    bool good = strcspn(host, "/?#") > 0;
    for (; good && *host != '\0'; host++)
        good = !g_ascii_iscntrl(*host) && *host != ' ';
    return good;
}

/* A line break would begin a header of its own; what the value is stays out of the error. */
static bool check_header(const char *header, GError **error)
{
    const char *colon = strchr(header, ':');
    g_autofree char *name = colon != NULL ? g_strndup(header, (gsize)(colon - header)) : NULL;
    bool named = name != NULL && *name != '\0' && strpbrk(name, " \t\r\n") == NULL;
    if (named && strpbrk(colon, "\r\n") == NULL)
        return true;
    g_set_error(error, HTTP_ERROR, HTTP_ERROR_HEADER, "%s%s", named ? "a line break in the header " : "",
                named ? name : "a header that is not \"Name: value\"");
    return false;
}

static bool check_request(const HttpRequest *request, GError **error)
{
    g_autofree char *shown = request_shown(request);
    if (!is_http_url(request->url)) {
        g_set_error(error, HTTP_ERROR, HTTP_ERROR_URL, "%s is no http:// or https:// URL", shown);
        return false;
    }
    for (const char *const *header = request->headers; header != NULL && *header != NULL; header++)
        if (!check_header(*header, error)) {
            g_prefix_error(error, "%s: ", shown);
            return false;
        }
    return true;
}

/* ---- One try ---- */

typedef struct Transfer {
    const HttpRequest *request;
    GByteArray *body;
    gsize max_bytes;
    long timeout_ms;
    bool too_long;
    bool stopped;
    long status;
    char *leads_to;
    gint64 wait_ms; /* what the server asks to wait before another try; 0: nothing said */
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

static bool is_stopped(const HttpRequest *request)
{
    return request->stopped != NULL && request->stopped(request->context);
}

static struct curl_slist *header_list(const char *const *headers)
{
    struct curl_slist *list = NULL;
    for (; headers != NULL && *headers != NULL; headers++)
        list = curl_slist_append(list, *headers);
    return list;
}

static void set_redirects(CURL *curl, const HttpRequest *request)
{
    bool is_https = g_ascii_strncasecmp(request->url, "https:", 6) == 0;
    bool has_headers = request->headers != NULL && *request->headers != NULL;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, is_https ? "https" : "http,https");
    /* A header of the caller's may be a secret, and libcurl would send it on to wherever a redirect leads. */
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION,
                     (long)(request->follow && !has_headers && g_str_equal(request->method, "GET")));
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
}

static void set_options(CURL *curl, Transfer *transfer, struct curl_slist *headers)
{
    const HttpRequest *request = transfer->request;
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    if (g_str_equal(request->method, "HEAD"))
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (request->body != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, transfer->timeout_ms);
    set_redirects(curl, request);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "dbfleet/" DBFLEET_VERSION);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
}

static bool fail(const Transfer *transfer, CURLcode code, GError **error)
{
    g_autofree char *shown = request_shown(transfer->request);
    bool refused = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
    if (transfer->stopped)
        g_set_error(error, HTTP_ERROR, HTTP_ERROR_STOPPED, "%s: stopped", shown);
    else if (transfer->too_long)
        g_set_error(error, HTTP_ERROR, HTTP_ERROR_TOO_LONG,
                    "%s: the reply is longer than %" G_GSIZE_FORMAT " bytes", shown, transfer->max_bytes);
    else if (refused && transfer->status / 100 == 3)
        g_set_error(error, HTTP_ERROR, HTTP_ERROR_URL,
                    "%s: HTTP %ld, and where it leads is not followed: from https only to https", shown,
                    transfer->status);
    else if (refused)
        g_set_error(error, HTTP_ERROR, HTTP_ERROR_URL, "%s is no http:// or https:// URL", shown);
    else if (code == CURLE_PEER_FAILED_VERIFICATION)
        g_set_error(error, HTTP_ERROR, HTTP_ERROR_CONNECT,
                    "%s: the server's certificate is not trusted, or not one for this name", shown);
    else if (code == CURLE_OPERATION_TIMEDOUT)
        g_set_error(error, HTTP_ERROR, HTTP_ERROR_CONNECT, "%s: no whole reply in %g s", shown,
                    (double)transfer->timeout_ms / 1000);
    else
        g_set_error(error, HTTP_ERROR, HTTP_ERROR_CONNECT, "%s: %s", shown, curl_easy_strerror(code));
    return false;
}

/* As curl_easy_perform, which would ask only once a second whether to go on. */
static CURLcode perform(CURL *curl, Transfer *transfer)
{
    CURLcode code = CURLE_FAILED_INIT;
    CURLM *multi = curl_multi_init();
    int running = curl_multi_add_handle(multi, curl) == CURLM_OK;
    while (running && !transfer->stopped && curl_multi_perform(multi, &running) == CURLM_OK) {
        transfer->stopped = running && is_stopped(transfer->request);
        if (running && !transfer->stopped)
            curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);
    }
    int left = 0;
    const CURLMsg *message = curl_multi_info_read(multi, &left);
    if (message != NULL && message->msg == CURLMSG_DONE)
        code = message->data.result;
    curl_multi_remove_handle(multi, curl);
    curl_multi_cleanup(multi);
    return code;
}

static CURLcode run_transfer(Transfer *transfer)
{
    curl_off_t wait_s = 0;
    struct curl_slist *headers = header_list(transfer->request->headers);
    CURL *curl = curl_easy_init();
    set_options(curl, transfer, headers);
    CURLcode code = perform(curl, transfer);
    char *leads_to = NULL;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &transfer->status);
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait_s);
    curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &leads_to);
    transfer->leads_to = leads_to != NULL ? http_url_shown(leads_to) : NULL;
    transfer->wait_ms = (gint64)MIN(MAX(wait_s, 0), MAX_WAIT_MS / 1000) * 1000;
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    return code;
}

static bool fetch_once(const HttpRequest *request, HttpReply *reply, gint64 *wait_ms, GError **error)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    Transfer transfer = {.request = request,
                         .body = body,
                         .timeout_ms =
                             (long)(request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS),
                         .max_bytes = request->max_bytes > 0 ? request->max_bytes : DEFAULT_MAX_BYTES};
    CURLcode code = run_transfer(&transfer);
    *wait_ms = transfer.wait_ms;
    g_autofree char *leads_to = transfer.leads_to;
    if (code != CURLE_OK)
        return fail(&transfer, code, error);
    reply->leads_to = g_steal_pointer(&leads_to);
    reply->status = (unsigned)transfer.status;
    reply->length = body->len;
    g_byte_array_append(body, (const guint8 *)"", 1);
    reply->body = (char *)g_byte_array_free(g_steal_pointer(&body), FALSE);
    return true;
}

/* ---- Tries ---- */

static bool may_pass(const HttpReply *reply, const GError *error)
{
    if (error != NULL)
        return error->code == HTTP_ERROR_CONNECT;
    return reply->status == 408 || reply->status == 425 || reply->status == 429 || reply->status >= 500;
}

/* False if it was stopped meanwhile. */
static bool wait_for(const HttpRequest *request, gint64 ms)
{
    gint64 end = g_get_monotonic_time() + ms * 1000;
    for (gint64 left = ms * 1000; left > 0; left = end - g_get_monotonic_time()) {
        if (is_stopped(request))
            return false;
        g_usleep((gulong)MIN(left, POLL_MS * 1000));
    }
    return true;
}

static void forget_reply(HttpReply *reply)
{
    unsigned tries = reply->tries;
    http_reply_clear(reply);
    reply->tries = tries;
}

static bool stopped_between(const HttpRequest *request, HttpReply *reply, GError **error)
{
    const Transfer transfer = {.request = request, .stopped = true};
    forget_reply(reply);
    return fail(&transfer, CURLE_OK, error);
}

static bool fetch_with_tries(const HttpRequest *request, HttpReply *reply, GError **error)
{
    unsigned attempts = MAX(request->attempts, 1);
    gint64 longest = MAX(request->retry_wait_ms, MAX_WAIT_MS);
    for (gint64 pause = request->retry_wait_ms;; pause = MIN(pause * 2, longest)) {
        g_autoptr(GError) problem = NULL;
        gint64 asked = 0;
        bool good = fetch_once(request, reply, &asked, &problem);
        reply->tries++;
        if (reply->tries >= attempts || !may_pass(reply, problem)) {
            if (!good)
                g_propagate_error(error, g_steal_pointer(&problem));
            return good;
        }
        if (!wait_for(request, asked > 0 ? asked : pause))
            return stopped_between(request, reply, error);
        forget_reply(reply);
    }
}

static void start_library(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

bool http_fetch(const HttpRequest *request, HttpReply *reply, GError **error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (!late_library_load(&libcurl_library, error))
        return false;
    pthread_once(&once, start_library);
    reply->tries = 0;
    return check_request(request, error) && fetch_with_tries(request, reply, error);
}
