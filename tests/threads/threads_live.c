/* Threads that talk to others over HTTP while a run goes: a notifier whose webhook is the page server of the
 * same program (which refuses its messages, so that there are warnings), and streams that come and go while
 * the page changes. */
#include "check.h"
#include "net/page_server.h"
#include "run/notifier.h"
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define CLIENTS 8
#define ROUNDS 60

typedef struct Client {
    pthread_t thread;
    const char *url;
    unsigned good;
    atomic_bool over;
} Client;

/* A stream has no end: it is left by the time that a request may take. */
static void *come_and_go(void *data)
{
    Client *self = data;
    for (int i = 0; i < 5; i++) {
        g_autofree char *events = g_strconcat(self->url, "events", NULL);
        const HttpRequest page = {.method = "GET", .url = self->url, .timeout_ms = 20000};
        const HttpRequest stream = {.method = "GET", .url = events, .timeout_ms = 150};
        g_auto(HttpReply) reply = {0}, none = {0};
        self->good +=
            http_fetch(&page, &reply, NULL) && reply.status == 200 && g_str_equal(reply.body, "page");
        http_fetch(&stream, &none, NULL);
    }
    atomic_store(&self->over, true);
    return NULL;
}

static bool all_over(Client *clients)
{
    for (int i = 0; i < CLIENTS; i++)
        if (!atomic_load(&clients[i].over))
            return false;
    return true;
}

static void serve_clients(Checks *checks, PageServer *server, Notifier *notifier)
{
    Client clients[CLIENTS] = {0};
    unsigned good = 0;
    for (int i = 0; i < CLIENTS; i++) {
        clients[i].url = page_server_url(server);
        pthread_create(&clients[i].thread, NULL, come_and_go, &clients[i]);
    }
    for (int round = 0; round < ROUNDS || !all_over(clients); round++) {
        page_server_tell(server, "{\"change\": 1}");
        if (round < ROUNDS)
            notifier_send(notifier, (guint)round % 2, g_strdup("{}"));
        while (page_server_wait(server, G_USEC_PER_SEC / 100))
            page_server_give(server, "page", "{\"all\": 1}");
    }
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i].thread, NULL);
        good += clients[i].good;
    }
    check(checks, good == CLIENTS * 5, "every client got the page, while it changed");
}

int main(void)
{
    Checks checks = {0};
    g_autoptr(PageServer) server = page_server_new("127.0.0.1", NULL);
    NotifySpec first = {
        .name = (char *)"first", .url = (char *)page_server_url(server), .timeout_ms = 5000, .attempts = 1};
    NotifySpec second = first;
    second.name = (char *)"second";
    g_autoptr(GPtrArray) entries = g_ptr_array_new();
    g_ptr_array_add(entries, &first);
    g_ptr_array_add(entries, &second);
    g_autoptr(SecretStore) secrets = secret_store_new();
    g_autoptr(Notifier) notifier = notifier_new(entries, secrets, NULL);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    serve_clients(&checks, server, notifier);
    notifier_finish(notifier, 20 * G_USEC_PER_SEC, NULL, NULL);
    notifier_take_warnings(notifier, warnings);
    check(&checks, warnings->len >= 2 && strstr(warnings->pdata[0], "HTTP 405"),
          "what was refused is a warning");
    return checks_end(&checks);
}
