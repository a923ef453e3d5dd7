/* Question: the ways of asking but SQL's, which is question_sql.c, and how answers are put into words. */
#include "run/gates/question.h"

#include "base/child.h"
#include "net/http_client.h"
#include "run/mask_internal.h"

#include <string.h>

#define LINES_SHOWN 3
#define BODY_SHOWN 200
#define CANCEL_EVERY_US G_USEC_PER_SEC
#define BODY_MAX ((gsize)1024 * 1024)

/* ---- Stopping ---- */

void question_stop_init(QuestionStop *self)
{
    pthread_mutex_init(&self->mutex, NULL);
    self->cancelled_us = 0;
    self->connections = g_ptr_array_new();
    atomic_init(&self->raised, false);
}

void question_stop_clear(QuestionStop *self)
{
    g_ptr_array_unref(self->connections);
    pthread_mutex_destroy(&self->mutex);
}

void question_stop_raise(QuestionStop *self)
{
    gint64 now = g_get_monotonic_time();
    atomic_store(&self->raised, true);
    pthread_mutex_lock(&self->mutex);
    bool due = self->cancelled_us == 0 || now - self->cancelled_us >= CANCEL_EVERY_US;
    for (guint i = 0; due && i < self->connections->len; i++) {
        connection_cancel(self->connections->pdata[i]);
        self->cancelled_us = now;
    }
    pthread_mutex_unlock(&self->mutex);
}

static bool is_stopped(gconstpointer context)
{
    const QuestionStop *stop = context;
    return atomic_load(&stop->raised);
}

/* ---- Answers ---- */

void answer_clear(Answer *self)
{
    g_clear_pointer(&self->text, g_free);
}

/* Control characters in what others say would reach the terminal. */
static char *one_line(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    for (char *at = valid; *at; at++)
        if ((guchar)*at < ' ' || *at == 127)
            *at = ' ';
    return g_strdup(g_strstrip(valid));
}

/* Without longer lines than a screen's and without more than a few. */
static char *fit_lines(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    for (char **line = lines; *line; line++) {
        g_autofree char *clean = one_line(*line);
        if (*clean)
            g_string_append_printf(out, "%s%s", out->len ? "\n" : "", clean);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

void answer_take(Answer *self, AnswerKind kind, char *text, const GPtrArray *values)
{
    Mask *mask = mask_new(DIALECT_POSTGRES);
    for (guint i = 0; values && i < values->len; i++)
        mask_add(mask, values->pdata[i]);
    g_autofree char *masked = mask_text(mask, text, strlen(text), NULL);
    mask_free(mask);
    g_free(text);
    answer_clear(self);
    self->kind = kind;
    self->text = fit_lines(masked);
}

static void answer_stopped(Answer *self)
{
    answer_take(self, ANSWER_STOPPED, g_strdup("stopped before there was an answer"), NULL);
}

/* ---- HTTP ---- */

/* The values of headers that log a caller in are secrets even if they are written out. */
static void note_header(GPtrArray *values, const char *header)
{
    static const char *const secret[] = {"authorization", "cookie", "token", "key", "secret", "password"};
    const char *colon = strchr(header, ':');
    g_autofree char *name = g_ascii_strdown(header, colon ? colon - header : -1);
    for (gsize i = 0; colon && i < G_N_ELEMENTS(secret); i++) {
        if (!strstr(name, secret[i]))
            continue;
        const char *word = strrchr(colon, ' ');
        g_ptr_array_add(values, g_strdup(word ? word + 1 : colon + 1));
        return;
    }
}

static char **resolve_headers(const GateSpec *spec, const QuestionOptions *options, GPtrArray *values,
                              GError **error)
{
    g_autoptr(GPtrArray) headers = g_ptr_array_new_with_free_func((GDestroyNotify)secret_free);
    for (char **header = spec->headers; header && *header; header++) {
        char *text = secret_resolve_noting(options->secrets, *header, options->folder, values, error);
        if (!text)
            return NULL;
        note_header(values, text);
        g_ptr_array_add(headers, text);
    }
    g_ptr_array_add(headers, NULL);
    g_ptr_array_set_free_func(headers, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&headers), FALSE);
}

static char *body_start(const HttpReply *reply)
{
    g_autofree char *valid = g_utf8_make_valid(reply->body, -1);
    g_autofree char *line = one_line(valid);
    if (g_utf8_strlen(line, -1) <= BODY_SHOWN)
        return g_steal_pointer(&line);
    g_autofree char *start = g_utf8_substring(line, 0, BODY_SHOWN);
    return g_strconcat(start, "…", NULL);
}

static char *reply_text(const HttpReply *reply)
{
    if (reply->leads_to)
        return g_strdup_printf("HTTP %u, which leads to %s: redirects are not followed", reply->status,
                               reply->leads_to);
    g_autofree char *body = http_reply_good(reply) ? g_strdup("") : body_start(reply);
    return g_strdup_printf("HTTP %u%s%s", reply->status, *body ? ": " : "", body);
}

static void fetch(const HttpRequest *request, GPtrArray *values, Answer *answer)
{
    g_auto(HttpReply) reply = {0};
    g_autoptr(GError) error = NULL;
    if (http_fetch(request, &reply, &error))
        answer_take(answer, http_reply_good(&reply) ? ANSWER_GOOD : ANSWER_REASON, reply_text(&reply),
                    values);
    else if (g_error_matches(error, HTTP_ERROR, HTTP_ERROR_STOPPED))
        answer_stopped(answer);
    else
        answer_take(answer, ANSWER_NONE, g_strdup(error->message), values);
}

static void ask_http(const GateSpec *spec, const Target *target, const QuestionOptions *options,
                     Answer *answer)
{
    (void)target;
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func((GDestroyNotify)secret_free);
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) headers = resolve_headers(spec, options, values, &error);
    char *url =
        headers ? secret_resolve_noting(options->secrets, spec->url, options->folder, values, &error) : NULL;
    const HttpRequest request = {.method = "GET",
                                 .url = url,
                                 .headers = headers && *headers ? (const char *const *)headers : NULL,
                                 .timeout_ms = spec->timeout_ms,
                                 .max_bytes = BODY_MAX,
                                 .stopped = is_stopped,
                                 .context = options->stop};
    if (url)
        fetch(&request, values, answer);
    else
        answer_take(answer, ANSWER_NONE, g_strdup(error->message), values);
    secret_free(url);
}

/* ---- Programs ---- */

static bool child_is_stopped(gpointer context)
{
    return is_stopped(context);
}

static char **program_environment(const QuestionOptions *options)
{
    const struct {
        const char *name;
        const char *value;
    } told[] = {
        {"DBFLEET_RUN", options->run_id}, {"DBFLEET_WAVE", options->wave}, {"DBFLEET_HOST", options->host}};
    char **environment = g_get_environ();
    for (gsize i = 0; i < G_N_ELEMENTS(told); i++)
        environment = told[i].value ? g_environ_setenv(environment, told[i].name, told[i].value, TRUE)
                                    : g_environ_unsetenv(environment, told[i].name);
    return environment;
}

static char *program_text(const GateSpec *spec, const ChildResult *result, bool good)
{
    g_autofree char *lines = child_last_lines(result, LINES_SHOWN);
    g_autofree char *end =
        good ? g_strdup("exit code 0") : child_end_text(spec->command[0], result, (unsigned)spec->timeout_ms);
    return g_strdup_printf("%s%s%s", end, *lines ? ": " : "", lines);
}

static void ask_program(const GateSpec *spec, const Target *target, const QuestionOptions *options,
                        Answer *answer)
{
    (void)target;
    g_auto(ChildResult) result = {0};
    g_auto(GStrv) environment = program_environment(options);
    g_autoptr(GError) error = NULL;
    const ChildOptions child = {.arguments = (const char *const *)spec->command,
                                .environment = (const char *const *)environment,
                                .folder = options->folder,
                                .timeout_ms = (unsigned)MIN(spec->timeout_ms, G_MAXUINT32),
                                .stop = child_is_stopped,
                                .context = options->stop};
    if (!child_run(&child, &result, &error)) {
        answer_take(answer, ANSWER_NONE, g_strdup(error->message), NULL);
        return;
    }
    bool good = result.end == CHILD_EXITED && result.code == 0;
    if (result.end == CHILD_STOPPED)
        answer_stopped(answer);
    else
        answer_take(answer,
                    good                            ? ANSWER_GOOD
                    : result.end == CHILD_TIMED_OUT ? ANSWER_NONE
                                                    : ANSWER_REASON,
                    program_text(spec, &result, good), NULL);
}

/* ---- The kinds ---- */

bool question_needs_target(const GateSpec *spec)
{
    return spec->kind == GATE_SQL && !spec->url;
}

void question_ask(const GateSpec *spec, const Target *target, const QuestionOptions *options, Answer *answer)
{
    static void (*const ways[])(const GateSpec *, const Target *, const QuestionOptions *, Answer *) = {
        [GATE_SQL] = question_ask_sql, [GATE_HTTP] = ask_http, [GATE_EXEC] = ask_program};
    if (atomic_load(&options->stop->raised))
        answer_stopped(answer);
    else
        ways[spec->kind](spec, target, options, answer);
}
