/* HTTP client: replies, tries, limits, redirects, and what errors never say. */
#include "net/http_client.h"

#include "http_server.h"

TestSuite(http, .timeout = 60);

#define SERVE(...)                                                                                           \
    static const Answer answers[] = {__VA_ARGS__};                                                           \
    g_auto(HttpServer) server;                                                                               \
    http_server_start(&server, answers, G_N_ELEMENTS(answers))

static HttpRequest get(const char *url)
{
    return (HttpRequest){.method = "GET", .url = url, .timeout_ms = 5000};
}

static void expect_error(const HttpRequest *request, HttpError code, const char *text)
{
    g_auto(HttpReply) reply = {0};
    g_autoptr(GError) error = NULL;
    cr_assert_not(http_fetch(request, &reply, &error), "fetched: HTTP %u", reply.status);
    cr_expect(g_error_matches(error, HTTP_ERROR, (gint)code), "%d: %s", error->code, error->message);
    cr_expect(strstr(error->message, text), "not \"%s\": %s", text, error->message);
    cr_expect_null(reply.body);
    cr_expect_eq(reply.status, 0);
}

/* ---- Replies ---- */

Test(http, any_status_is_a_reply)
{
    SERVE({.status = 200, .body = "all well"}, {.status = 204}, {.status = 301, .header = "Location: "},
          {.status = 404, .body = "no such page"}, {.status = 500, .body = "broken"});
    g_autofree char *url = http_server_url(&server, "/a");
    static const struct {
        unsigned status;
        const char *body;
        bool good;
    } expected[] = {{200, "all well", true},
                    {204, "", true},
                    {301, "", false},
                    {404, "no such page", false},
                    {500, "broken", false}};
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        const HttpRequest request = get(url);
        g_auto(HttpReply) reply = {0};
        g_autoptr(GError) error = NULL;
        cr_assert(http_fetch(&request, &reply, &error), "%s", error ? error->message : "");
        cr_expect_eq(reply.status, expected[i].status);
        cr_expect_str_eq(reply.body, expected[i].body);
        cr_expect_eq(reply.length, strlen(expected[i].body));
        cr_expect_eq(http_reply_good(&reply), expected[i].good);
        cr_expect_eq(reply.tries, 1);
    }
}

Test(http, method_headers_and_body_are_sent)
{
    SERVE({.status = 200, .body = "ok"});
    g_autofree char *url = http_server_url(&server, "/hook");
    static const char *const headers[] = {"Content-Type: application/json", "X-Token: t0ken", NULL};
    HttpRequest request = get(url);
    request.method = "POST";
    request.headers = headers;
    request.body = "{\"a\": 1}";
    g_auto(HttpReply) reply = {0};
    cr_assert(http_fetch(&request, &reply, NULL));
    cr_expect(strstr(server.seen->str, "POST /hook\n"));
    cr_expect(strstr(server.seen->str, "X-Token: t0ken\n"));
    cr_expect(strstr(server.seen->str, "Content-Type: application/json\n"));
    cr_expect(strstr(server.seen->str, "User-Agent: dbfleet/"));
    cr_expect(g_str_has_suffix(server.seen->str, "{\"a\": 1}"), "%s", server.seen->str);
}

Test(http, head_does_not_wait_for_a_body)
{
    SERVE({.status = 200, .body = "a body that is not sent"});
    g_autofree char *url = http_server_url(&server, "/");
    HttpRequest request = get(url);
    request.method = "HEAD";
    g_auto(HttpReply) reply = {0};
    cr_assert(http_fetch(&request, &reply, NULL));
    cr_expect_eq(reply.length, 0);
}

/* ---- Tries ---- */

Test(http, what_may_pass_is_tried_again)
{
    SERVE({.status = 503}, {.status = 429}, {.status = 408}, {.status = 425},
          {.status = 200, .body = "at last"});
    g_autofree char *url = http_server_url(&server, "/");
    HttpRequest request = get(url);
    request.attempts = 6;
    request.retry_wait_ms = 1;
    g_auto(HttpReply) reply = {0};
    cr_assert(http_fetch(&request, &reply, NULL));
    cr_expect_eq(reply.status, 200);
    cr_expect_str_eq(reply.body, "at last");
    cr_expect_eq(reply.tries, 5);
}

Test(http, the_last_try_counts)
{
    SERVE({.status = 503, .body = "busy"});
    g_autofree char *url = http_server_url(&server, "/");
    HttpRequest request = get(url);
    request.attempts = 3;
    g_auto(HttpReply) reply = {0};
    cr_assert(http_fetch(&request, &reply, NULL));
    cr_expect_eq(reply.status, 503);
    cr_expect_str_eq(reply.body, "busy");
    cr_expect_eq(reply.tries, 3);
    cr_expect_eq(server.asked, 3);
}

Test(http, what_will_not_pass_is_not_tried_again)
{
    SERVE({.status = 404});
    g_autofree char *url = http_server_url(&server, "/");
    HttpRequest request = get(url);
    request.attempts = 5;
    g_auto(HttpReply) reply = {0};
    cr_assert(http_fetch(&request, &reply, NULL));
    cr_expect_eq(server.asked, 1);
}

Test(http, the_wait_between_tries_doubles)
{
    SERVE({.status = 503}, {.status = 503}, {.status = 503}, {.status = 200});
    g_autofree char *url = http_server_url(&server, "/");
    HttpRequest request = get(url);
    request.attempts = 4;
    request.retry_wait_ms = 100;
    g_auto(HttpReply) reply = {0};
    gint64 begin = g_get_monotonic_time();
    cr_assert(http_fetch(&request, &reply, NULL));
    gint64 took_ms = (g_get_monotonic_time() - begin) / 1000;
    cr_expect(took_ms >= 700, "%d ms", (int)took_ms);
}

Test(http, what_the_server_asks_to_wait_is_waited)
{
    SERVE({.status = 429, .header = "Retry-After: 1"}, {.status = 200});
    g_autofree char *url = http_server_url(&server, "/");
    HttpRequest request = get(url);
    request.attempts = 2;
    request.retry_wait_ms = 30000;
    g_auto(HttpReply) reply = {0};
    gint64 begin = g_get_monotonic_time();
    cr_assert(http_fetch(&request, &reply, NULL));
    gint64 took_ms = (g_get_monotonic_time() - begin) / 1000;
    cr_expect(took_ms >= 1000 && took_ms < 15000, "%d ms", (int)took_ms);
    cr_expect_eq(reply.status, 200);
}

Test(http, nobody_there_is_tried_again_and_told)
{
    const HttpRequest request = {
        .method = "GET", .url = "http://127.0.0.1:1/x", .attempts = 3, .retry_wait_ms = 1};
    g_auto(HttpReply) reply = {0};
    g_autoptr(GError) error = NULL;
    cr_assert_not(http_fetch(&request, &reply, &error));
    cr_expect(g_error_matches(error, HTTP_ERROR, HTTP_ERROR_CONNECT));
    cr_expect_eq(reply.tries, 3);
    cr_expect(strstr(error->message, "http://127.0.0.1:1/x: "), "%s", error->message);
}

/* ---- Limits ---- */

Test(http, a_slow_reply_is_given_up)
{
    SERVE({.status = 200, .body = "late", .delay_ms = 3000});
    g_autofree char *url = http_server_url(&server, "/");
    HttpRequest request = get(url);
    request.timeout_ms = 200;
    expect_error(&request, HTTP_ERROR_CONNECT, "no whole reply in 0.2 s");
}

Test(http, a_long_reply_is_cut_off_and_not_tried_again)
{
    SERVE({.status = 200, .body = "12345678901"});
    g_autofree char *url = http_server_url(&server, "/");
    HttpRequest request = get(url);
    request.max_bytes = 10;
    request.attempts = 3;
    expect_error(&request, HTTP_ERROR_TOO_LONG, "longer than 10 bytes");
    cr_expect_eq(server.asked, 1);
    request.max_bytes = 11;
    g_auto(HttpReply) reply = {0};
    cr_expect(http_fetch(&request, &reply, NULL));
}

static bool is_past(gconstpointer context)
{
    return g_get_monotonic_time() > *(const gint64 *)context;
}

Test(http, it_can_be_stopped_while_it_waits_for_the_reply)
{
    SERVE({.status = 200, .body = "late", .delay_ms = 3000});
    g_autofree char *url = http_server_url(&server, "/");
    gint64 end = g_get_monotonic_time() + 300 * 1000;
    HttpRequest request = get(url);
    request.stopped = is_past;
    request.context = &end;
    expect_error(&request, HTTP_ERROR_STOPPED, "stopped");
}

Test(http, it_can_be_stopped_between_tries)
{
    SERVE({.status = 503, .body = "busy"});
    g_autofree char *url = http_server_url(&server, "/");
    gint64 begin = g_get_monotonic_time(), end = begin + 300 * 1000;
    HttpRequest request = get(url);
    request.attempts = 2;
    request.retry_wait_ms = 20000;
    request.stopped = is_past;
    request.context = &end;
    expect_error(&request, HTTP_ERROR_STOPPED, "stopped");
    cr_expect(g_get_monotonic_time() - begin < 15 * G_USEC_PER_SEC);
}

/* ---- Redirects ---- */

Test(http, a_get_without_headers_is_redirected)
{
    SERVE({.status = 302, .body = "elsewhere", .header = "Location: /there"},
          {.status = 200, .body = "here"});
    g_autofree char *url = http_server_url(&server, "/");
    HttpRequest request = get(url);
    request.follow = true;
    g_auto(HttpReply) reply = {0};
    cr_assert(http_fetch(&request, &reply, NULL));
    cr_expect_str_eq(reply.body, "here");
    cr_expect_null(reply.leads_to);
    cr_expect(strstr(server.seen->str, "GET /there\n"));
}

Test(http, a_redirect_that_is_not_to_be_followed_says_where_it_leads)
{
    SERVE({.status = 302,
           .body = "elsewhere",
           .header = "Location: https://u:pw@sso.example/login?next=s3cret"});
    g_autofree char *url = http_server_url(&server, "/");
    const HttpRequest request = get(url);
    g_auto(HttpReply) reply = {0};
    cr_assert(http_fetch(&request, &reply, NULL));
    cr_expect_eq(reply.status, 302);
    cr_expect_str_eq(reply.leads_to, "https://sso.example/login");
    cr_expect_eq(server.asked, 1);
}

Test(http, headers_and_bodies_are_not_sent_on)
{
    SERVE({.status = 307, .header = "Location: /there"});
    g_autofree char *url = http_server_url(&server, "/");
    static const char *const headers[] = {"Authorization: Bearer s3cret", NULL};
    HttpRequest request = get(url);
    request.headers = headers;
    request.follow = true;
    g_auto(HttpReply) reply = {0}, posted = {0};
    cr_assert(http_fetch(&request, &reply, NULL));
    cr_expect_eq(reply.status, 307);
    request.headers = NULL;
    request.method = "POST";
    request.body = "s3cret";
    cr_assert(http_fetch(&request, &posted, NULL));
    cr_expect_eq(posted.status, 307);
    cr_expect_null(strstr(server.seen->str, "/there"));
}

Test(http, a_redirect_away_from_http_is_refused)
{
    SERVE({.status = 302, .header = "Location: file:///etc/passwd"});
    g_autofree char *url = http_server_url(&server, "/from");
    HttpRequest request = get(url);
    request.attempts = 3;
    request.follow = true;
    expect_error(&request, HTTP_ERROR_URL, "/from: HTTP 302, and where it leads is not followed");
    cr_expect_eq(server.asked, 1);
}

Test(http, redirects_end)
{
    SERVE({.status = 302, .header = "Location: /"});
    g_autofree char *url = http_server_url(&server, "/");
    HttpRequest request = get(url);
    request.follow = true;
    expect_error(&request, HTTP_ERROR_CONNECT, "redirects");
    cr_expect_eq(server.asked, 6);
}

/* ---- What is refused ---- */

Test(http, only_http_urls_are_asked)
{
    static const char *const urls[] = {"",
                                       "localhost:80/x",
                                       "ftp://127.0.0.1/x",
                                       "file:///etc/passwd",
                                       "/etc/passwd",
                                       "http:///x",
                                       "http://",
                                       "http://127.0.0.1:99999/",
                                       "http://127.0.0.1/a\r\nX-Y: z",
                                       "http://127.0.0.1/a b"};
    for (gsize i = 0; i < G_N_ELEMENTS(urls); i++) {
        HttpRequest request = get(urls[i]);
        request.attempts = 2;
        request.retry_wait_ms = 5000;
        expect_error(&request, HTTP_ERROR_URL, "is no http:// or https:// URL");
    }
}

Test(http, headers_that_are_two_are_refused_without_their_value)
{
    static const char *const bad[] = {"X-Token: s3cret\nX-Other: y", "X-Token: s3cret\r", "s3cret",
                                      ": s3cret", "X Token: s3cret"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        const char *const headers[] = {"Good: one", bad[i], NULL};
        HttpRequest request = get("http://127.0.0.1:1/");
        g_auto(HttpReply) reply = {0};
        g_autoptr(GError) error = NULL;
        request.headers = headers;
        cr_assert_not(http_fetch(&request, &reply, &error));
        cr_expect(g_error_matches(error, HTTP_ERROR, HTTP_ERROR_HEADER), "%s", error->message);
        cr_expect_null(strstr(error->message, "s3cret"), "%s", error->message);
    }
}

Test(http, errors_hold_no_secret)
{
    static const char *const headers[] = {"Authorization: s3cret", NULL};
    static const char *const urls[] = {"http://user:s3cret@127.0.0.1:1/x?token=s3cret#s3cret",
                                       "https://s3cret@127.0.0.1:1/?s3cret",
                                       "ftp://s3cret:s3cret@host/?s3cret",
                                       "http://[::1?s3cret",
                                       "http://127.0.0.1:1s3cret/",
                                       "s3cret"};
    for (gsize i = 0; i < G_N_ELEMENTS(urls); i++) {
        HttpRequest request = get(urls[i]);
        g_auto(HttpReply) reply = {0};
        g_autoptr(GError) error = NULL;
        request.headers = headers;
        request.body = "s3cret";
        cr_assert_not(http_fetch(&request, &reply, &error));
        cr_expect_null(strstr(error->message, "s3cret"), "%s", error->message);
    }
}

Test(http, what_a_url_is_called_can_be_said)
{
    HttpRequest request = get("http://127.0.0.1:1/services/s3cret");
    g_auto(HttpReply) reply = {0};
    g_autoptr(GError) error = NULL;
    request.shown = "the webhook";
    cr_assert_not(http_fetch(&request, &reply, &error));
    cr_expect(g_str_has_prefix(error->message, "the webhook: "), "%s", error->message);
}

Test(http, urls_are_shown_without_what_may_be_secret)
{
    static const char *const shown[][3] = {{"https://u:p@example.org:8443/a/b?q=1#f",
                                            "https://example.org:8443/a/b", "https://example.org:8443"},
                                           {"http://[::1]:80/x", "http://[::1]:80/x", "http://[::1]:80"},
                                           {"http://example.org", "http://example.org", "http://example.org"},
                                           {"nothing", "the URL", "the URL"}};
    for (gsize i = 0; i < G_N_ELEMENTS(shown); i++) {
        g_autofree char *url = http_url_shown(shown[i][0]), *host = http_host_shown(shown[i][0]);
        cr_expect_str_eq(url, shown[i][1]);
        cr_expect_str_eq(host, shown[i][2]);
    }
}

/* ---- Threads ---- */

typedef struct Asker {
    pthread_t thread;
    const char *url;
    unsigned good;
} Asker;

static void *ask_often(void *data)
{
    Asker *self = data;
    for (int i = 0; i < 20; i++) {
        const HttpRequest request = get(self->url);
        g_auto(HttpReply) reply = {0};
        self->good += http_fetch(&request, &reply, NULL) && g_strcmp0(reply.body, "ok") == 0;
    }
    return NULL;
}

Test(http, ten_threads_ask_at_once)
{
    SERVE({.status = 200, .body = "ok"});
    g_autofree char *url = http_server_url(&server, "/");
    Asker askers[10];
    for (gsize i = 0; i < G_N_ELEMENTS(askers); i++) {
        askers[i] = (Asker){.url = url};
        cr_assert_eq(pthread_create(&askers[i].thread, NULL, ask_often, &askers[i]), 0);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(askers); i++) {
        pthread_join(askers[i].thread, NULL);
        cr_expect_eq(askers[i].good, 20);
    }
}
