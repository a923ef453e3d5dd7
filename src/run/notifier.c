/* See notifier.h. What a thread shares with the main thread is guarded by its sender's mutex; an entry and
 * the folder never change. */
#include "run/notifier.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define RETRY_WAIT_MS 1000
#define REPLY_MAX_BYTES (64 * 1024)
#define POLL_US (G_USEC_PER_SEC / 10)
#define CONTENT_TYPE "Content-Type: application/json; charset=utf-8"

/* ---- One message ---- */

static bool is_content_type(const char *header)
{
    return g_ascii_strncasecmp(header, "content-type:", strlen("content-type:")) == 0;
}

static void free_headers(gpointer headers)
{
    g_ptr_array_free(headers, TRUE);
}

/* NULL-terminated; NULL with an error that names the reference. */
static GPtrArray *resolve_headers(const NotifySpec *entry, SecretStore *secrets, const char *folder,
                                  GError **error)
{
    GPtrArray *headers = g_ptr_array_new_with_free_func((GDestroyNotify)secret_free);
    bool has_type = false;
    for (char **line = entry->headers; line != NULL && *line != NULL; line++) {
        char *resolved = secret_resolve(secrets, *line, folder, error);
        if (resolved == NULL) {
            free_headers(headers);
            return NULL;
        }
        has_type = has_type || is_content_type(*line);
        g_ptr_array_add(headers, resolved);
    }
    if (!has_type)
        g_ptr_array_add(headers, g_strdup(CONTENT_TYPE));
    g_ptr_array_add(headers, NULL);
    return headers;
}

static bool judge_reply(const NotifySpec *entry, const HttpReply *reply, GError **error)
{
    if (http_reply_good(reply))
        return true;
    g_autofree char *tries = reply->tries > 1 ? g_strdup_printf(", %u tries", reply->tries) : g_strdup("");
    g_set_error(error, HTTP_ERROR, HTTP_ERROR_CONNECT, "%s: HTTP %u%s%s", entry->name, reply->status, tries,
                reply->status / 100 == 3 ? "; redirects are not followed, so that nothing is sent elsewhere"
                                         : "");
    return false;
}

bool notification_send(const NotifySpec *entry, SecretStore *secrets, const char *folder, const char *body,
                       bool (*stopped)(gconstpointer context), gconstpointer context, GError **error)
{
    char *url = secret_resolve(secrets, entry->url, folder, error);
    GPtrArray *headers = url != NULL ? resolve_headers(entry, secrets, folder, error) : NULL;
    g_auto(HttpReply) reply = {0};
    bool good = false;
    if (headers != NULL) {
        const HttpRequest request = {.method = "POST",
                                     .url = url,
                                     .shown = entry->name,
                                     .headers = (const char *const *)headers->pdata,
                                     .body = body,
                                     .timeout_ms = entry->timeout_ms,
                                     .attempts = entry->attempts,
                                     .retry_wait_ms = RETRY_WAIT_MS,
                                     .max_bytes = REPLY_MAX_BYTES,
                                     .stopped = stopped,
                                     .context = context};
        good = http_fetch(&request, &reply, error) && judge_reply(entry, &reply, error);
        free_headers(headers);
    } else if (!secret_is_reference(entry->name)) {
        g_prefix_error(error, "%s: ", entry->name);
    }
    secret_free(url);
    return good;
}

/* ---- Senders ---- */

typedef struct Sender {
    const NotifySpec *entry;
    SecretStore *secrets;
    const char *folder;
    pthread_t thread;
    bool has_thread;
    atomic_bool stopped;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    GQueue waiting; /* of char *, the bodies */
    bool at_work;
    unsigned left_out;   /* messages that never were tried, or not to the end */
    GPtrArray *warnings; /* of char * */
} Sender;

struct Notifier {
    GPtrArray *senders; /* of Sender * */
};

static bool sender_is_stopped(gconstpointer context)
{
    return atomic_load(&((Sender *)context)->stopped);
}

/* The next body; NULL: stopped. */
static char *next_body(Sender *self)
{
    pthread_mutex_lock(&self->mutex);
    self->at_work = false;
    pthread_cond_broadcast(&self->changed);
    while (g_queue_is_empty(&self->waiting) && !atomic_load(&self->stopped))
        pthread_cond_wait(&self->changed, &self->mutex);
    char *body = atomic_load(&self->stopped) ? NULL : g_queue_pop_head(&self->waiting);
    self->at_work = body != NULL;
    pthread_mutex_unlock(&self->mutex);
    return body;
}

/* A webhook that is gone says the same of every message. */
static void add_warning(GPtrArray *warnings, char *text)
{
    if (g_ptr_array_find_with_equal_func(warnings, text, g_str_equal, NULL))
        g_free(text);
    else
        g_ptr_array_add(warnings, text);
}

static void note_failure(Sender *self, const GError *error)
{
    pthread_mutex_lock(&self->mutex);
    if (g_error_matches(error, HTTP_ERROR, HTTP_ERROR_STOPPED))
        self->left_out++;
    else
        add_warning(self->warnings, g_strdup_printf("a notification was not sent: %s", error->message));
    pthread_mutex_unlock(&self->mutex);
}

static void *sender_main(void *data)
{
    Sender *self = data;
    for (char *body; (body = next_body(self)) != NULL; g_free(body)) {
        g_autoptr(GError) error = NULL;
        if (!notification_send(self->entry, self->secrets, self->folder, body, sender_is_stopped, self,
                               &error))
            note_failure(self, error);
    }
    return NULL;
}

/* The thread inherits the mask: all signals are the main thread's. */
static void sender_start(Sender *self)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int status = pthread_create(&self->thread, NULL, sender_main, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    self->has_thread = status == 0;
    if (status != 0)
        g_ptr_array_add(self->warnings, g_strdup_printf("notifications to %s are not sent: no thread: %s",
                                                        self->entry->name, g_strerror(status)));
}

static Sender *sender_new(const NotifySpec *entry, SecretStore *secrets, const char *folder)
{
    Sender *self = g_new0(Sender, 1);
    *self = (Sender){.entry = entry, .secrets = secrets, .folder = folder};
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->changed, NULL);
    g_queue_init(&self->waiting);
    self->warnings = g_ptr_array_new();
    sender_start(self);
    return self;
}

static void sender_stop(Sender *self)
{
    pthread_mutex_lock(&self->mutex);
    atomic_store(&self->stopped, true);
    self->left_out += g_queue_get_length(&self->waiting);
    g_queue_clear_full(&self->waiting, g_free);
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
    if (self->has_thread)
        pthread_join(self->thread, NULL);
    self->has_thread = false;
}

static void sender_free(gpointer data)
{
    Sender *self = data;
    sender_stop(self);
    g_ptr_array_set_free_func(self->warnings, g_free);
    g_ptr_array_unref(self->warnings);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->mutex);
    g_free(self);
}

static void sender_add(Sender *self, char *body)
{
    pthread_mutex_lock(&self->mutex);
    g_queue_push_tail(&self->waiting, body);
    if (g_queue_get_length(&self->waiting) > NOTIFIER_WAITING_MAX) {
        g_free(g_queue_pop_head(&self->waiting));
        self->left_out++;
    }
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
}

static bool sender_is_idle(Sender *self)
{
    pthread_mutex_lock(&self->mutex);
    bool idle = !self->has_thread || (g_queue_is_empty(&self->waiting) && !self->at_work);
    pthread_mutex_unlock(&self->mutex);
    return idle;
}

static void sender_take_warnings(Sender *self, GPtrArray *warnings)
{
    pthread_mutex_lock(&self->mutex);
    for (guint i = 0; i < self->warnings->len; i++)
        add_warning(warnings, self->warnings->pdata[i]);
    g_ptr_array_set_size(self->warnings, 0);
    if (self->left_out > 0)
        g_ptr_array_add(warnings,
                        g_strdup_printf("%u %s to %s %s left out: no answer in time", self->left_out,
                                        self->left_out == 1 ? "notification" : "notifications",
                                        self->entry->name, self->left_out == 1 ? "was" : "were"));
    self->left_out = 0;
    pthread_mutex_unlock(&self->mutex);
}

/* ---- All of them ---- */

Notifier *notifier_new(const GPtrArray *entries, SecretStore *secrets, const char *folder)
{
    Notifier *self = g_new0(Notifier, 1);
    self->senders = g_ptr_array_new_with_free_func(sender_free);
    for (guint i = 0; i < entries->len; i++)
        g_ptr_array_add(self->senders, sender_new(entries->pdata[i], secrets, folder));
    return self;
}

void notifier_free(Notifier *self)
{
    if (self == NULL)
        return;
    g_ptr_array_unref(self->senders);
    g_free(self);
}

void notifier_send(Notifier *self, guint entry, char *body)
{
    sender_add(self->senders->pdata[entry], body);
}

static bool is_idle(const Notifier *self)
{
    for (guint i = 0; i < self->senders->len; i++)
        if (!sender_is_idle(self->senders->pdata[i]))
            return false;
    return true;
}

void notifier_finish(Notifier *self, gint64 limit_us, bool (*go_on)(gpointer context), gpointer context)
{
    gint64 end = g_get_monotonic_time() + limit_us;
    while (!is_idle(self) && g_get_monotonic_time() < end && (go_on == NULL || go_on(context)))
        g_usleep(POLL_US / 5);
    for (guint i = 0; i < self->senders->len; i++)
        sender_stop(self->senders->pdata[i]);
}

void notifier_take_warnings(Notifier *self, GPtrArray *warnings)
{
    for (guint i = 0; i < self->senders->len; i++)
        sender_take_warnings(self->senders->pdata[i], warnings);
}
