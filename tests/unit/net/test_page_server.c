/* Page server: who may ask, what is answered, and streams that get each change once and in order. */
#include "net/http_client.h"
#include "net/page_address_internal.h"
#include "net/page_server.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

TestSuite(page_server, .timeout = 60);

static PageServer *serve(const char *address)
{
    g_autoptr(GError) error = NULL;
    PageServer *server = page_server_new(address, &error);
    cr_assert(server, "%s", error ? error->message : "");
    return server;
}

/* ---- One request, while the server is given what it asks for ---- */

typedef struct Asking {
    HttpRequest request;
    HttpReply reply;
    bool good;
    atomic_bool over;
} Asking;

static void *ask(void *data)
{
    Asking *self = data;
    self->good = http_fetch(&self->request, &self->reply, NULL);
    atomic_store(&self->over, true);
    return NULL;
}

static unsigned fetch(PageServer *server, const char *method, const char *url, const char *header,
                      char **body)
{
    pthread_t thread;
    const char *const headers[] = {header, NULL};
    Asking asking = {.request = {.method = method,
                                 .url = url,
                                 .headers = header ? headers : NULL,
                                 .body = g_str_equal(method, "POST") ? "x" : NULL,
                                 .timeout_ms = 10000}};
    cr_assert_eq(pthread_create(&thread, NULL, ask, &asking), 0);
    while (!atomic_load(&asking.over))
        if (page_server_wait(server, 10000))
            page_server_give(server, "<p>the page</p>", "{\"all\": 1}");
    pthread_join(thread, NULL);
    cr_assert(asking.good, "no reply from %s", url);
    if (body)
        *body = g_steal_pointer(&asking.reply.body);
    unsigned status = asking.reply.status;
    http_reply_clear(&asking.reply);
    return status;
}

static char *url_of(const PageServer *server, const char *path)
{
    const char *url = page_server_url(server);
    return g_strdup_printf("%.*s%s", (int)(strcspn(url + 8, "/") + 8), url, path);
}

Test(page_server, the_page_is_read_and_nothing_else)
{
    g_autoptr(PageServer) server = serve("127.0.0.1");
    g_autofree char *body = NULL;
    g_autofree char *other = url_of(server, "/other"), *up = url_of(server, "//..//");
    cr_expect(g_str_has_prefix(page_server_url(server), "http://127.0.0.1:"));
    cr_expect_str_eq(page_server_stream(server), "events");
    cr_expect_eq(fetch(server, "GET", page_server_url(server), NULL, &body), 200);
    cr_expect_str_eq(body, "<p>the page</p>");
    cr_expect_eq(fetch(server, "HEAD", page_server_url(server), NULL, NULL), 200);
    cr_expect_eq(fetch(server, "GET", other, NULL, NULL), 404);
    cr_expect_eq(fetch(server, "GET", up, NULL, NULL), 404);
    static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"};
    for (gsize i = 0; i < G_N_ELEMENTS(methods); i++)
        cr_expect_eq(fetch(server, methods[i], page_server_url(server), NULL, NULL), 405, "%s", methods[i]);
}

Test(page_server, a_name_of_another_site_is_refused)
{
    g_autoptr(PageServer) server = serve("127.0.0.1:0");
    static const struct {
        const char *header;
        unsigned status;
    } hosts[] = {{"Host: localhost", 200},
                 {"Host: LOCALHOST:8080", 200},
                 {"Host: 127.0.0.1:1", 200},
                 {"Host: [::1]:80", 200},
                 {"Host: evil.example", 403},
                 {"Host: localhost.evil.example", 403},
                 {"Host: 127.0.0.1.nip.io", 403},
                 {"Host: 10.0.0.1", 403},
                 {"Host: [::2]", 403},
                 {"Host: localhostx", 403},
                 {"Host: :80", 403}};
    for (gsize i = 0; i < G_N_ELEMENTS(hosts); i++)
        cr_expect_eq(fetch(server, "GET", page_server_url(server), hosts[i].header, NULL), hosts[i].status,
                     "%s", hosts[i].header);
}

Test(page_server, hosts_of_this_computer)
{
    cr_expect_not(page_host_is_local(NULL));
    cr_expect_not(page_host_is_local(""));
    cr_expect_not(page_host_is_local("["));
    cr_expect_not(page_host_is_local("[::1"));
    cr_expect_not(page_host_is_local("[::1]x"));
    cr_expect(page_host_is_local("[::1]"));
    cr_expect(page_host_is_local("127.0.0.1"));
}

Test(page_server, beyond_this_computer_only_with_the_token)
{
    g_autoptr(PageServer) server = serve("0.0.0.0:0");
    const char *token = strstr(page_server_url(server), "/?token=");
    cr_assert(token, "%s", page_server_url(server));
    token += strlen("/?token=");
    cr_expect_eq(strlen(token), 48);
    g_autofree char *stream = g_strconcat("events?token=", token, NULL);
    cr_expect_str_eq(page_server_stream(server), stream);
    const char *port = strchr(page_server_url(server) + 8, ':');
    g_autofree char *base = g_strdup_printf("http://127.0.0.1%.*s/", (int)strcspn(port, "/"), port);
    g_autofree char *good = g_strconcat(base, "?token=", token, NULL);
    g_autofree char *longer = g_strconcat(good, "0", NULL);
    g_autofree char *shorter = g_strndup(good, strlen(good) - 1);
    g_autofree char *wrong = g_strdup(good);
    wrong[strlen(wrong) - 1] = wrong[strlen(wrong) - 1] == '0' ? '1' : '0';
    g_autofree char *empty = g_strconcat(base, "?token=", NULL), *bare = g_strconcat(base, "?token", NULL);
    g_autofree char *events = g_strconcat(base, "events", NULL);
    cr_expect_eq(fetch(server, "GET", good, NULL, NULL), 200);
    cr_expect_eq(fetch(server, "GET", good, "Host: ops.example.org", NULL), 200);
    const char *const bad[] = {base, longer, shorter, wrong, empty, bare, events};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        cr_expect_eq(fetch(server, "GET", bad[i], NULL, NULL), 403, "%s", bad[i]);
    g_autoptr(PageServer) another = serve("0.0.0.0");
    cr_expect_null(strstr(page_server_url(another), token), "two servers have one token");
}

Test(page_server, addresses_that_are_none_are_refused)
{
    static const char *const bad[] = {
        "",     "example.org:80", "127.0.0.1:65536", "127.0.0.1:x", "80808",      "::1",
        "[::1", "[::1]80",        "127.0.0.1:-1",    ":80",         "1.2.3.4.5:1"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        cr_expect_null(page_server_new(bad[i], &error), "%s", bad[i]);
        cr_expect(g_error_matches(error, PAGE_SERVER_ERROR, PAGE_SERVER_ERROR_ADDRESS), "%s: %s", bad[i],
                  error ? error->message : "");
    }
}

Test(page_server, an_address_that_is_taken_is_told)
{
    g_autoptr(PageServer) server = serve("127.0.0.1");
    g_autoptr(GError) error = NULL;
    g_autofree char *address = g_strdup(page_server_url(server) + strlen("http://"));
    address[strlen(address) - 1] = '\0';
    cr_expect_null(page_server_new(address, &error));
    cr_expect(g_error_matches(error, PAGE_SERVER_ERROR, PAGE_SERVER_ERROR_LISTEN));
    cr_expect(strstr(error->message, address) && strstr(error->message, "in use"), "%s", error->message);
}

/* ---- Streams ---- */

static int connect_to(const PageServer *server)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((guint16)strtoul(strchr(page_server_url(server) + 8, ':') + 1, NULL, 10))};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(descriptor, (const struct sockaddr *)&address, sizeof address), 0);
    return descriptor;
}

static int open_stream(const PageServer *server)
{
    static const char request[] = "GET /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    int descriptor = connect_to(server);
    cr_assert_eq(write(descriptor, request, strlen(request)), (ssize_t)strlen(request));
    return descriptor;
}

/* Reads until the text is there, giving what is asked for; false where the stream ended before it. */
static bool read_until(PageServer *server, int descriptor, GString *seen, const char *text)
{
    gint64 end = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    while (!strstr(seen->str, text) && g_get_monotonic_time() < end) {
        char buffer[4096];
        struct pollfd poller = {.fd = descriptor, .events = POLLIN};
        if (page_server_wait(server, 1000))
            page_server_give(server, "<p>the page</p>", "{\"all\": 1}");
        if (poll(&poller, 1, 5) < 1)
            continue;
        ssize_t length = read(descriptor, buffer, sizeof buffer);
        if (length <= 0)
            return false;
        g_string_append_len(seen, buffer, length);
    }
    return strstr(seen->str, text) != NULL;
}

Test(page_server, a_stream_begins_with_all_and_gets_each_change_in_order)
{
    g_autoptr(PageServer) server = serve("127.0.0.1");
    g_autoptr(GString) seen = g_string_new(NULL);
    int descriptor = open_stream(server);
    cr_assert(read_until(server, descriptor, seen, "data: {\"all\": 1}\n\n"), "%s", seen->str);
    cr_expect(strstr(seen->str, "Content-Type: text/event-stream"));
    for (int i = 0; i < 20; i++) {
        g_autofree char *change = g_strdup_printf("{\"change\": %d}\n", i);
        page_server_tell(server, change);
    }
    cr_assert(read_until(server, descriptor, seen, "{\"change\": 19}\n\n"), "%s", seen->str);
    const char *at = seen->str;
    for (int i = 0; i < 20; i++) {
        g_autofree char *change = g_strdup_printf("data: {\"change\": %d}\n\n", i);
        at = strstr(at, change);
        cr_assert(at, "%s not in its place in %s", change, seen->str);
    }
    close(descriptor);
}

Test(page_server, what_comes_later_does_not_get_what_it_begins_with_again)
{
    g_autoptr(PageServer) server = serve("127.0.0.1");
    g_autoptr(GString) seen = g_string_new(NULL);
    page_server_tell(server, "{\"change\": 0}");
    int descriptor = open_stream(server);
    cr_assert(read_until(server, descriptor, seen, "data: {\"all\": 1}\n\n"));
    page_server_tell(server, "{\"change\": 1}");
    cr_assert(read_until(server, descriptor, seen, "{\"change\": 1}\n\n"));
    cr_expect_null(strstr(seen->str, "\"change\": 0"));
    close(descriptor);
}

Test(page_server, a_client_that_takes_nothing_is_let_go)
{
    g_autoptr(PageServer) server = serve("127.0.0.1");
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autofree char *filler = g_strnfill(1024 * 1024, 'x');
    int descriptor = open_stream(server);
    cr_assert(read_until(server, descriptor, seen, "data: {\"all\": 1}\n\n"));
    for (int i = 0; i < 2 * PAGE_SERVER_BEHIND; i++) {
        g_autofree char *change = g_strdup_printf("{\"change\": %d, \"filler\": \"%s\"}", i, filler);
        page_server_tell(server, change);
    }
    gsize taken = 0;
    g_autofree char *buffer = g_malloc(1024 * 1024);
    for (ssize_t length; (length = read(descriptor, buffer, 1024 * 1024)) > 0; taken += (gsize)length)
        ;
    cr_expect(taken < PAGE_SERVER_BEHIND * strlen(filler), "it was sent %zu bytes", taken);
    close(descriptor);
}

Test(page_server, clients_that_are_too_many_are_turned_away)
{
    g_autoptr(PageServer) server = serve("127.0.0.1");
    int descriptors[PAGE_SERVER_CONNECTIONS / 2 + 1];
    for (gsize i = 0; i < G_N_ELEMENTS(descriptors); i++) {
        g_autoptr(GString) seen = g_string_new(NULL);
        descriptors[i] = open_stream(server);
        bool last = i == G_N_ELEMENTS(descriptors) - 1;
        cr_assert(read_until(server, descriptors[i], seen, last ? "too many are listening" : "\"all\""), "%s",
                  seen->str);
    }
    cr_expect_eq(fetch(server, "GET", page_server_url(server), NULL, NULL), 200);
    for (gsize i = 0; i < G_N_ELEMENTS(descriptors); i++)
        close(descriptors[i]);
}

Test(page_server, it_ends_with_streams_open_and_nobody_giving)
{
    PageServer *server = serve("127.0.0.1");
    g_autoptr(GString) seen = g_string_new(NULL);
    int listening = open_stream(server);
    cr_assert(read_until(server, listening, seen, "\"all\""));
    page_server_tell(server, "{}");
    int waiting = open_stream(server);
    g_usleep(G_USEC_PER_SEC / 10);
    gint64 begin = g_get_monotonic_time();
    page_server_free(server);
    cr_expect(g_get_monotonic_time() - begin < 30 * G_USEC_PER_SEC);
    close(listening);
    close(waiting);
}

Test(page_server, every_answer_says_that_nobody_may_keep_or_frame_it)
{
    g_autoptr(PageServer) server = serve("127.0.0.1");
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /no HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nConnection: close\r\n\r\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(requests); i++) {
        g_autoptr(GString) seen = g_string_new(NULL);
        int descriptor = connect_to(server);
        cr_assert_eq(write(descriptor, requests[i], strlen(requests[i])), (ssize_t)strlen(requests[i]));
        cr_assert(read_until(server, descriptor, seen, "\r\n\r\n"), "%s", requests[i]);
        cr_expect(strstr(seen->str, "Cache-Control: no-store\r\n"), "%s", seen->str);
        cr_expect(strstr(seen->str, "frame-ancestors 'none'\r\n"), "%s", seen->str);
        cr_expect(strstr(seen->str, "X-Content-Type-Options: nosniff\r\n"), "%s", seen->str);
        cr_expect(strstr(seen->str, "X-Frame-Options: DENY\r\n"), "%s", seen->str);
        cr_expect(strstr(seen->str, "Referrer-Policy: no-referrer\r\n"), "%s", seen->str);
        close(descriptor);
    }
}
