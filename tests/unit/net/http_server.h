/* A server on a free loopback port whose answers a test sets: a list, of which the last is repeated. Keeps
 * what it was asked. */
#pragma once

#include <criterion/criterion.h>
#include <glib.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

typedef struct Answer {
    unsigned status;
    const char *body;
    const char *header; /* "Name: value"; NULL: none */
    unsigned delay_ms;
} Answer;

typedef struct HttpServer {
    struct MHD_Daemon *daemon;
    const Answer *answers;
    gsize answer_count;
    pthread_mutex_t lock;
    unsigned asked;
    GString *seen; /* a line for each request and each of its headers, and the body */
} HttpServer;

static enum MHD_Result http_server_note(void *data, enum MHD_ValueKind kind, const char *key,
                                        const char *value)
{
    (void)kind;
    g_string_append_printf(data, "%s: %s\n", key, value);
    return MHD_YES;
}

static const Answer *http_server_begin(HttpServer *self, struct MHD_Connection *connection,
                                       const char *method, const char *url)
{
    pthread_mutex_lock(&self->lock);
    const Answer *answer = &self->answers[MIN(self->asked, self->answer_count - 1)];
    self->asked++;
    g_string_append_printf(self->seen, "%s %s\n", method, url);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, http_server_note, self->seen);
    pthread_mutex_unlock(&self->lock);
    return answer;
}

static enum MHD_Result http_server_send(struct MHD_Connection *connection, const Answer *answer)
{
    const char *body = answer->body ? answer->body : "";
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(body), (void *)body, MHD_RESPMEM_PERSISTENT);
    g_auto(GStrv) header = answer->header ? g_strsplit(answer->header, ": ", 2) : NULL;
    if (header)
        MHD_add_response_header(response, header[0], header[1]);
    g_usleep(answer->delay_ms * 1000UL);
    enum MHD_Result result = MHD_queue_response(connection, answer->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result http_server_answer(void *data, struct MHD_Connection *connection, const char *url,
                                          const char *method, const char *version, const char *upload,
                                          size_t *upload_size, void **state)
{
    (void)version;
    HttpServer *self = data;
    if (!*state) {
        *state = (void *)http_server_begin(self, connection, method, url);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        pthread_mutex_lock(&self->lock);
        g_string_append_len(self->seen, upload, (gssize)*upload_size);
        pthread_mutex_unlock(&self->lock);
        *upload_size = 0;
        return MHD_YES;
    }
    return http_server_send(connection, *state);
}

static inline void http_server_start(HttpServer *self, const Answer *answers, gsize count)
{
    *self = (HttpServer){.answers = answers, .answer_count = count, .seen = g_string_new(NULL)};
    pthread_mutex_init(&self->lock, NULL);
    const struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    self->daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL, NULL,
                         http_server_answer, self, MHD_OPTION_SOCK_ADDR, &loopback, MHD_OPTION_END);
    cr_assert(self->daemon, "no test server");
}

static inline char *http_server_url(const HttpServer *self, const char *path)
{
    unsigned port = MHD_get_daemon_info(self->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    return g_strdup_printf("http://127.0.0.1:%u%s", port, path);
}

static inline void http_server_clear(HttpServer *self)
{
    MHD_stop_daemon(self->daemon);
    pthread_mutex_destroy(&self->lock);
    g_string_free(self->seen, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HttpServer, http_server_clear)
