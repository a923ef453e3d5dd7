/* See page_server.h. libmicrohttpd gives each connection a thread; what they share with the main thread is
 * guarded by the mutex. A stream's thread waits on `changed` for the next change, or for the time to say that
 * it is still there, which is also how a client that went away is found out. */
#include "net/page_server.h"
#include "net/page_address_internal.h"

#include "net/libmicrohttpd_late.h"
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define TOKEN_BYTES 24
#define STREAMS_MAX (PAGE_SERVER_CONNECTIONS / 2)
#define IDLE_SECONDS 30   /* a client that takes nothing for so long is dropped */
#define SIGN_SECONDS 10   /* a stream with nothing to say says so */
#define ANSWER_SECONDS 15 /* for the main thread to give what is asked for */
#define BLOCK_BYTES (32 * 1024)

G_DEFINE_QUARK(dbfleet - page - server - error, page_server_error)

struct PageServer {
    struct MHD_Daemon *daemon;
    char *token; /* NULL: none is needed */
    char *url;
    char *stream;

    pthread_mutex_t mutex;  /* guards what follows */
    pthread_cond_t wanted;  /* is, or stopping */
    pthread_cond_t changed; /* there is something new, or stopping */
    bool is_wanted;
    bool stopping;
    GBytes *page;         /* NULL: to be given */
    GBytes *message;      /* of the same time, as an event */
    guint64 told;         /* number of the newest change */
    guint64 message_told; /* the newest that `message` holds */
    GQueue changes;       /* of GBytes *: events up to `told`, at most PAGE_SERVER_BEHIND */
    unsigned streams;
};

/* ---- Waiting ---- */

/* Under the mutex. False after that time. */
static bool wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *deadline)
{
    return pthread_cond_timedwait(condition, mutex, deadline) == 0;
}

static struct timespec deadline_in(gint64 us)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    gint64 nanoseconds = now.tv_nsec + us % G_USEC_PER_SEC * 1000;
    return (struct timespec){.tv_sec = now.tv_sec + us / G_USEC_PER_SEC + nanoseconds / 1000000000,
                             .tv_nsec = nanoseconds % 1000000000};
}

static void init_conditions(PageServer *self)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->wanted, &monotonic);
    pthread_cond_init(&self->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

/* ---- Answers ---- */

static const char *const HEADERS[][2] = {
    {"Cache-Control", "no-store"},
    /* The page's own policy says which script and which style; this one, that no one may frame it. */
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src "
     "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"}, /* the URL may hold the token */
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
};

/* Takes the response over. */
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
                              struct MHD_Response *response)
{
    for (gsize i = 0; i < G_N_ELEMENTS(HEADERS); i++)
        MHD_add_response_header(response, HEADERS[i][0], HEADERS[i][1]);
    MHD_add_response_header(response, "Content-Type", type);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "GET, HEAD");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status, const char *text)
{
    return answer(connection, status, "text/plain; charset=utf-8",
                  MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT));
}

/* ---- The page ---- */

/* Under the mutex: has the main thread give what it has now. False if it did not in time. */
static bool have_given(PageServer *self)
{
    const struct timespec deadline = deadline_in(ANSWER_SECONDS * G_USEC_PER_SEC);
    while (self->page == NULL && !self->stopping) {
        self->is_wanted = true;
        pthread_cond_signal(&self->wanted);
        if (!wait_until(&self->changed, &self->mutex, &deadline))
            break;
    }
    return self->page != NULL && !self->stopping;
}

/* Bytes on their way in a thread. They are let go under the mutex: what a thread read is then seen to be read
 * before another frees it. */
typedef struct Loan {
    PageServer *server;
    GBytes *bytes;
} Loan;

static void end_loan(PageServer *server, GBytes *bytes)
{
    pthread_mutex_lock(&server->mutex);
    g_bytes_unref(bytes);
    pthread_mutex_unlock(&server->mutex);
}

static void loan_free(void *data)
{
    Loan *self = data;
    end_loan(self->server, self->bytes);
    g_free(self);
}

static enum MHD_Result answer_page(PageServer *self, struct MHD_Connection *connection)
{
    pthread_mutex_lock(&self->mutex);
    GBytes *page = have_given(self) ? g_bytes_ref(self->page) : NULL;
    pthread_mutex_unlock(&self->mutex);
    if (page == NULL)
        return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "busy: try again\n");
    gsize length = 0;
    gconstpointer data = g_bytes_get_data(page, &length);
    Loan *loan = g_new(Loan, 1);
    *loan = (Loan){self, page};
    return answer(
        connection, MHD_HTTP_OK, "text/html; charset=utf-8",
        MHD_create_response_from_buffer_with_free_callback_cls(length, (void *)data, loan_free, loan));
}

/* ---- Streams ---- */

/* One client that listens; its own thread's. */
typedef struct Stream {
    PageServer *server;
    GBytes *sending; /* NULL: nothing is on its way */
    gsize sent;
    guint64 told; /* the newest change that it was sent */
} Stream;

static GBytes *event_new(const char *line)
{
    char *text = g_strdup_printf("data: %.*s\n\n", (int)strcspn(line, "\r\n"), line);
    return g_bytes_new_take(text, strlen(text));
}

/* Under the mutex: the event after those it had; NULL if there is none. Sets *behind if it was let go. */
static GBytes *next_event(const Stream *self, bool *behind)
{
    PageServer *server = self->server;
    guint64 oldest = server->told - g_queue_get_length(&server->changes) + 1;
    if (self->told >= server->told)
        return NULL;
    *behind = self->told + 1 < oldest;
    return *behind ? NULL : g_bytes_ref(g_queue_peek_nth(&server->changes, (guint)(self->told + 1 - oldest)));
}

/* Fills self->sending, be it with a sign of life; false: the stream is over. */
static bool take_next(Stream *self)
{
    static const char sign[] = ": still here\n\n";
    PageServer *server = self->server;
    const struct timespec deadline = deadline_in(SIGN_SECONDS * G_USEC_PER_SEC);
    bool behind = false, in_time = true;
    pthread_mutex_lock(&server->mutex);
    while (!server->stopping && !behind && in_time && self->sending == NULL) {
        self->sending = next_event(self, &behind);
        if (self->sending != NULL)
            self->told++;
        else if (!behind)
            in_time = wait_until(&server->changed, &server->mutex, &deadline);
    }
    bool over = behind || server->stopping;
    pthread_mutex_unlock(&server->mutex);
    if (self->sending == NULL && !over)
        self->sending = g_bytes_new_static(sign, strlen(sign));
    self->sent = 0;
    return !over;
}

static ssize_t read_stream(void *data, uint64_t position, char *buffer, size_t room)
{
    (void)position;
    Stream *self = data;
    if (self->sending == NULL && !take_next(self))
        return MHD_CONTENT_READER_END_OF_STREAM;
    gsize length = 0;
    const char *bytes = g_bytes_get_data(self->sending, &length);
    gsize part = MIN(length - self->sent, room);
    memcpy(buffer, bytes + self->sent, part);
    self->sent += part;
    if (self->sent == length)
        end_loan(self->server, g_steal_pointer(&self->sending));
    return (ssize_t)part;
}

static void end_stream(void *data)
{
    Stream *self = data;
    pthread_mutex_lock(&self->server->mutex);
    self->server->streams--;
    g_clear_pointer(&self->sending, g_bytes_unref);
    pthread_mutex_unlock(&self->server->mutex);
    g_free(self);
}

/* It begins with all there is. NULL if there is no room for it, or nothing was given in time. */
static Stream *begin_stream(PageServer *server)
{
    Stream *self = NULL;
    pthread_mutex_lock(&server->mutex);
    if (server->streams < STREAMS_MAX && have_given(server)) {
        server->streams++;
        self = g_new0(Stream, 1);
        self->server = server;
        self->sending = g_bytes_ref(server->message);
        self->told = server->message_told;
    }
    pthread_mutex_unlock(&server->mutex);
    return self;
}

static enum MHD_Result answer_stream(PageServer *server, struct MHD_Connection *connection)
{
    Stream *stream = begin_stream(server);
    if (stream == NULL)
        return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "too many are listening\n");
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream, stream, end_stream);
    return answer(connection, MHD_HTTP_OK, "text/event-stream", response);
}

/* ---- Requests ---- */

/* In a time that does not depend on where they differ. */
static bool is_token(const char *given, const char *token)
{
    gsize length = strlen(token);
    unsigned difference = 0;
    if (given == NULL || strlen(given) != length)
        return false;
    for (gsize i = 0; i < length; i++)
        difference |= (unsigned char)given[i] ^ (unsigned char)token[i];
    return difference == 0;
}

static bool may_ask(const PageServer *self, struct MHD_Connection *connection)
{
    if (self->token == NULL)
        return page_host_is_local(
            MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST));
    return is_token(MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "token"), self->token);
}

/* What may not be asked is answered at once, whatever else is on its way, and the connection ended. */
static enum MHD_Result judge(const PageServer *self, struct MHD_Connection *connection, const char *method)
{
    bool reads = g_str_equal(method, MHD_HTTP_METHOD_GET) || g_str_equal(method, MHD_HTTP_METHOD_HEAD);
    if (!may_ask(self, connection))
        return answer_text(connection, MHD_HTTP_FORBIDDEN,
                           self->token != NULL ? "open the whole URL that dbfleet watch printed\n"
                                               : "this page is for this computer alone\n");
    return reads ? MHD_YES : answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "read only\n");
}

static enum MHD_Result handle(void *data, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    (void)version, (void)upload;
    PageServer *self = data;
    if (*state == NULL) { /* the request's head is here, not yet its end */
        *state = self;
        return judge(self, connection, method);
    }
    *upload_size = 0;
    if (g_str_equal(path, "/"))
        return answer_page(self, connection);
    if (g_str_equal(path, "/events"))
        return answer_stream(self, connection);
    return answer_text(connection, MHD_HTTP_NOT_FOUND, "not here\n");
}

/* ---- The whole ---- */

/* Hexadecimal; NULL with an error where the system has no randomness. */
static char *token_new(GError **error)
{
    guint8 bytes[TOKEN_BYTES];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        g_set_error(error, PAGE_SERVER_ERROR, PAGE_SERVER_ERROR_LISTEN, "no random numbers for a token");
        return NULL;
    }
    GString *text = g_string_new(NULL);
    for (gsize i = 0; i < sizeof bytes; i++)
        g_string_append_printf(text, "%02x", bytes[i]);
    return g_string_free(text, FALSE);
}

static void name_urls(PageServer *self, const PageAddress *address)
{
    g_autofree char *query = self->token != NULL ? g_strdup_printf("?token=%s", self->token) : g_strdup("");
    self->url = g_strdup_printf("http://%s:%u/%s", address->host, address->port, query);
    self->stream = g_strconcat("events", query, NULL);
}

/* The threads inherit the mask: all signals are the main thread's, and no SIGPIPE ends the program. */
static struct MHD_Daemon *start_daemon(PageServer *self, int descriptor)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL, 0,
                         NULL, NULL, handle, self, MHD_OPTION_LISTEN_SOCKET, descriptor,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)PAGE_SERVER_CONNECTIONS,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return daemon;
}

static bool start(PageServer *self, const PageAddress *address, GError **error)
{
    if (!address->is_loopback) {
        self->token = token_new(error);
        if (self->token == NULL)
            return false;
    }
    name_urls(self, address);
    self->daemon = start_daemon(self, address->socket);
    if (self->daemon == NULL)
        g_set_error(error, PAGE_SERVER_ERROR, PAGE_SERVER_ERROR_LISTEN, "no thread for the page's server");
    return self->daemon != NULL;
}

PageServer *page_server_new(const char *text, GError **error)
{
    g_auto(PageAddress) address;
    if (!late_library_load(&libmicrohttpd_library, error) || !page_address_listen(text, &address, error))
        return NULL;
    g_autoptr(PageServer) self = g_new0(PageServer, 1);
    init_conditions(self);
    g_queue_init(&self->changes);
    if (start(self, &address, error))
        return g_steal_pointer(&self);
    close(address.socket);
    return NULL;
}

static void forget_given(PageServer *self)
{
    g_clear_pointer(&self->page, g_bytes_unref);
    g_clear_pointer(&self->message, g_bytes_unref);
}

void page_server_free(PageServer *self)
{
    if (self == NULL)
        return;
    pthread_mutex_lock(&self->mutex);
    self->stopping = true;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
    if (self->daemon != NULL)
        MHD_stop_daemon(self->daemon);
    forget_given(self);
    g_queue_clear_full(&self->changes, (GDestroyNotify)g_bytes_unref);
    pthread_cond_destroy(&self->wanted);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->mutex);
    g_free(self->token);
    g_free(self->url);
    g_free(self->stream);
    g_free(self);
}

const char *page_server_url(const PageServer *self)
{
    return self->url;
}

const char *page_server_stream(const PageServer *self)
{
    return self->stream;
}

bool page_server_wait(PageServer *self, gint64 timeout_us)
{
    const struct timespec deadline = deadline_in(timeout_us);
    pthread_mutex_lock(&self->mutex);
    while (!self->is_wanted && wait_until(&self->wanted, &self->mutex, &deadline))
        ;
    bool is_wanted = self->is_wanted;
    pthread_mutex_unlock(&self->mutex);
    return is_wanted;
}

void page_server_give(PageServer *self, const char *page, const char *message)
{
    pthread_mutex_lock(&self->mutex);
    forget_given(self);
    self->page = g_bytes_new(page, strlen(page));
    self->message = event_new(message);
    self->message_told = self->told;
    self->is_wanted = false;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
}

void page_server_tell(PageServer *self, const char *change)
{
    pthread_mutex_lock(&self->mutex);
    forget_given(self);
    g_queue_push_tail(&self->changes, event_new(change));
    if (g_queue_get_length(&self->changes) > PAGE_SERVER_BEHIND)
        g_bytes_unref(g_queue_pop_head(&self->changes));
    self->told++;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
}
