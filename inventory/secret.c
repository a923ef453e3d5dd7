/* Secrets: owns the syntax of references and the way to their values. It refuses to keep a value longer than
 * a command's own lifetime for it, and to put one in a message. Any thread; one command does not hold up
 * another. */
#include "inventory/secret.h"

#include "base/duration.h"
#include "inventory/secret_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

G_DEFINE_QUARK(dbfleet_secret_error, secret_error)

#define TTL_MARK "|ttl="

/* A command's answer within its lifetime, or the fact that a thread is getting it. */
typedef struct CachedAnswer {
    char *value;       /* NULL: none */
    gint64 expires_us; /* monotonic */
    bool running;
} CachedAnswer;

struct SecretStore {
    pthread_mutex_t mutex; /* guards answers; not held while a command runs */
    pthread_cond_t finished;
    GHashTable *answers; /* folder, newline, command -> CachedAnswer */
};

/* One reference in a text. */
typedef struct Reference {
    const char *start; /* of "${" */
    const char *end;   /* behind "}" */
    char *kind;
    char *body;
    gint64 ttl_ms; /* 0: none */
} Reference;

static void reference_clear(Reference *self)
{
    g_clear_pointer(&self->kind, g_free);
    g_clear_pointer(&self->body, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reference, reference_clear)

G_GNUC_PRINTF(3, 4) static bool fail(GError **error, SecretError code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, SECRET_ERROR, code, message);
    return false;
}

/* --- memory --- */

void secret_wipe(char *bytes, gsize length)
{
    if (bytes == NULL)
        return;
    explicit_bzero(bytes, length);
    g_free(bytes);
}

void secret_free(char *secret)
{
    if (secret != NULL)
        secret_wipe(secret, strlen(secret));
}

static void answer_free(gpointer data)
{
    CachedAnswer *self = data;
    secret_free(self->value);
    g_free(self);
}

SecretStore *secret_store_new(void)
{
    SecretStore *self = g_new0(SecretStore, 1);
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->finished, NULL);
    self->answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, answer_free);
    return self;
}

void secret_store_free(SecretStore *self)
{
    if (self == NULL)
        return;
    g_hash_table_unref(self->answers);
    pthread_cond_destroy(&self->finished);
    pthread_mutex_destroy(&self->mutex);
    g_free(self);
}

/* --- syntax --- */

/* "${" and a word: what people write when they mean a reference. */
static const char *find_reference(const char *text)
{
    for (const char *at = strstr(text, "${"); at != NULL; at = strstr(at + 2, "${"))
        if (g_ascii_isalpha(at[2]) || at[2] == '_')
            return at;
    return NULL;
}

bool secret_is_reference(const char *text)
{
    return text != NULL && find_reference(text) != NULL;
}

/* The "}" that closes "${", with braces inside in pairs; NULL if there is none. */
static const char *closing_brace(const char *start)
{
    int depth = 0;
    for (const char *at = start + 1; *at != '\0'; at++)
        if (*at == '{')
            depth++;
        else if (*at == '}' && --depth == 0)
            return at;
    return NULL;
}

/* Cuts "|ttl=10min" off the command. */
static bool take_ttl(Reference *self, GError **error)
{
    char *mark = g_strrstr(self->body, TTL_MARK);
    if (mark == NULL)
        return true;
    if (!duration_parse(mark + strlen(TTL_MARK), &self->ttl_ms))
        return fail(error, SECRET_ERROR_SYNTAX,
                    "the lifetime '%s' of a command is no duration: write |ttl=10min",
                    mark + strlen(TTL_MARK));
    *mark = '\0';
    g_strchomp(self->body);
    return true;
}

static bool read_reference(Reference *self, const char *start, GError **error)
{
    static const char *const KINDS[] = {"env", "file", "cmd", NULL};
    const char *close = closing_brace(start);
    if (close == NULL)
        return fail(error, SECRET_ERROR_SYNTAX, "a reference that begins with ${ is not closed with }");
    self->start = start;
    self->end = close + 1;
    g_autofree char *inside = g_strndup(start + 2, (gsize)(close - start - 2));
    char *colon = strchr(inside, ':');
    self->kind = g_strndup(inside, colon == NULL ? strlen(inside) : (gsize)(colon - inside));
    if (!g_strv_contains(KINDS, self->kind) || colon == NULL)
        return fail(error, SECRET_ERROR_SYNTAX,
                    "${%s} is no reference: write ${env:NAME}, ${file:PATH} or ${cmd:COMMAND}", self->kind);
    self->body = g_strstrip(g_strdup(colon + 1));
    if (g_str_equal(self->kind, "cmd") && !take_ttl(self, error))
        return false;
    return *self->body != '\0' || fail(error, SECRET_ERROR_SYNTAX, "${%s:} is empty", self->kind);
}

bool secret_check(const char *text, GError **error)
{
    const char *at = find_reference(text);
    while (at != NULL) {
        g_auto(Reference) reference = {0};
        if (!read_reference(&reference, at, error))
            return false;
        at = find_reference(reference.end);
    }
    return true;
}

/* --- values --- */

static void cut_line_end(char *text)
{
    gsize length = strlen(text);
    if (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
    if (length > 0 && text[length - 1] == '\r')
        text[length - 1] = '\0';
}

static char *resolve_env(const char *name, GError **error)
{
    const char *value = g_getenv(name);
    if (value == NULL)
        fail(error, SECRET_ERROR_UNRESOLVED, "the environment variable %s is not set", name);
    return g_strdup(value);
}

/* All of a regular file of at most SECRET_BYTES_MAX bytes into `buffer`; its length, or -1 with errno. */
static gssize read_secret_file(int descriptor, char *buffer)
{
    gsize length = 0;
    ssize_t got;
    do {
        got = read(descriptor, buffer + length, SECRET_BYTES_MAX + 1 - length);
        length += got > 0 ? (gsize)got : 0;
    } while ((got > 0 && length <= SECRET_BYTES_MAX) || (got < 0 && errno == EINTR));
    if (length > SECRET_BYTES_MAX)
        errno = EFBIG;
    return got < 0 || length > SECRET_BYTES_MAX ? -1 : (gssize)length;
}

static char *resolve_file(const char *path, const char *folder, GError **error)
{
    g_autofree char *absolute = g_canonicalize_filename(path, folder);
    int descriptor =
        open(absolute, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO without a writer does not hang us */
    char *buffer = g_malloc0(SECRET_BYTES_MAX + 2);
    gssize length = descriptor < 0 ? -1 : read_secret_file(descriptor, buffer);
    if (length < 0)
        fail(error, SECRET_ERROR_UNRESOLVED, "the file %s cannot be read: %s", absolute, g_strerror(errno));
    if (descriptor >= 0)
        (void)close(descriptor);
    bool text = length >= 0 && strlen(buffer) == (gsize)length;
    if (length >= 0 && !text)
        fail(error, SECRET_ERROR_UNRESOLVED, "the file %s holds a NUL byte and is no password", absolute);
    char *value = text ? g_strdup(buffer) : NULL;
    secret_wipe(buffer, SECRET_BYTES_MAX + 2);
    if (value != NULL)
        cut_line_end(value);
    return value;
}

static char *run_command(const char *command, const char *folder, GError **error)
{
    char *value = secret_command_run(command, folder, SECRET_COMMAND_MS, error);
    if (value != NULL)
        cut_line_end(value);
    return value;
}

/* The cached answer of a command, after waiting for a thread that is getting it; NULL if the caller is to get
 * it. Called and returns with the mutex held. */
static char *await_answer(SecretStore *self, CachedAnswer *answer)
{
    while (answer->running)
        pthread_cond_wait(&self->finished, &self->mutex);
    if (answer->value != NULL && g_get_monotonic_time() < answer->expires_us)
        return g_strdup(answer->value);
    secret_free(g_steal_pointer(&answer->value));
    answer->running = true;
    return NULL;
}

static char *resolve_cached(SecretStore *self, const Reference *reference, const char *folder, GError **error)
{
    char *key = g_strdup_printf("%s\n%s", folder == NULL ? "" : folder, reference->body);
    pthread_mutex_lock(&self->mutex);
    CachedAnswer *answer = g_hash_table_lookup(self->answers, key);
    if (answer == NULL) {
        answer = g_new0(CachedAnswer, 1);
        g_hash_table_insert(self->answers, key, answer);
    } else {
        g_free(key);
    }
    char *value = await_answer(self, answer);
    pthread_mutex_unlock(&self->mutex);
    if (value != NULL)
        return value;
    value = run_command(reference->body, folder, error);
    pthread_mutex_lock(&self->mutex);
    answer->running = false;
    answer->value = g_strdup(value);
    answer->expires_us = g_get_monotonic_time() + reference->ttl_ms * 1000;
    pthread_cond_broadcast(&self->finished);
    pthread_mutex_unlock(&self->mutex);
    return value;
}

static char *resolve_reference(SecretStore *self, const Reference *reference, const char *folder,
                               GError **error)
{
    if (g_str_equal(reference->kind, "env"))
        return resolve_env(reference->body, error);
    if (g_str_equal(reference->kind, "file"))
        return resolve_file(reference->body, folder, error);
    return reference->ttl_ms > 0 ? resolve_cached(self, reference, folder, error)
                                 : run_command(reference->body, folder, error);
}

/* Appends without leaving copies behind when the buffer grows. */
static void append_secret(char **text, const char *more, gsize length)
{
    gsize before = strlen(*text);
    char *grown = g_malloc(before + length + 1);
    memcpy(grown, *text, before);
    memcpy(grown + before, more, length);
    grown[before + length] = '\0';
    secret_free(*text);
    *text = grown;
}

char *secret_resolve(SecretStore *self, const char *text, const char *folder, GError **error)
{
    return secret_resolve_noting(self, text, folder, NULL, error);
}

char *secret_resolve_noting(SecretStore *self, const char *text, const char *folder, GPtrArray *values,
                            GError **error)
{
    char *resolved = g_strdup("");
    for (const char *at = find_reference(text); at != NULL; at = find_reference(text)) {
        g_auto(Reference) reference = {0};
        char *value =
            read_reference(&reference, at, error) ? resolve_reference(self, &reference, folder, error) : NULL;
        if (value == NULL) {
            secret_free(resolved);
            if (reference.body != NULL)
                g_prefix_error(error, "%.*s: ", (int)(reference.end - reference.start), reference.start);
            return NULL;
        }
        append_secret(&resolved, text, (gsize)(at - text));
        append_secret(&resolved, value, strlen(value));
        if (values != NULL)
            g_ptr_array_add(values, value);
        else
            secret_free(value);
        text = reference.end;
    }
    append_secret(&resolved, text, strlen(text));
    return resolved;
}
