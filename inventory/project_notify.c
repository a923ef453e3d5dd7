/* See project_notify.h. Refuses what would only be found out at night: an event or template that is none, a
 * URL that is no http URL, a reference that cannot be one. The loading thread. */
#include "inventory/project_notify.h"

#include "inventory/fleet_internal.h"
#include "inventory/http_headers_internal.h"
#include "inventory/secret.h"

#include <string.h>

#define DEFAULT_TIMEOUT_MS (5 * 1000)
#define DEFAULT_ATTEMPTS 3
#define MAX_ATTEMPTS 10
#define DEFAULT_EVENTS (1U << NOTIFY_HALTED | 1U << NOTIFY_FINISHED)

static const char *const EVENT_NAMES[] = {
    [NOTIFY_STARTED] = "started",         [NOTIFY_WAVE] = "wave",         [NOTIFY_FAILED] = "failed",
    [NOTIFY_HALTED] = "halted",           [NOTIFY_PAUSED] = "paused",     [NOTIFY_CONTINUED] = "continued",
    [NOTIFY_INTERRUPTED] = "interrupted", [NOTIFY_FINISHED] = "finished", [NOTIFY_EVENT_COUNT] = NULL,
};
static const char *const TEMPLATE_NAMES[] = {[NOTIFY_JSON] = "json", [NOTIFY_SLACK] = "slack", NULL};

const char *notify_event_name(NotifyEvent event)
{
    return EVENT_NAMES[event];
}

const char *notify_template_name(NotifyTemplate value)
{
    return TEMPLATE_NAMES[value];
}

void notify_spec_free(NotifySpec *self)
{
    if (self == NULL)
        return;
    g_free(self->name);
    g_free(self->url);
    g_strfreev(self->headers);
    g_free(self);
}

/* ---- The URL ---- */

/* Scheme and host with its port: what stands in front and behind may be secret. */
static char *url_name(const char *url)
{
    const char *authority = strstr(url, "://");
    if (authority == NULL || strcspn(url, "$") < (gsize)(authority - url))
        return g_strdup(url);
    g_autofree char *whole = g_strndup(authority + 3, strcspn(authority + 3, "/?#"));
    const char *at = strrchr(whole, '@');
    return g_strdup_printf("%.*s%s", (int)(authority + 3 - url), url, at != NULL ? at + 1 : whole);
}

static bool has_literal_password(const char *url)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_PARSE_RELAXED, NULL);
    const char *password = uri != NULL ? g_uri_get_password(uri) : NULL;
    return password != NULL && !secret_is_reference(password);
}

static bool is_http(const char *url)
{
    return g_ascii_strncasecmp(url, "http://", 7) == 0 || g_ascii_strncasecmp(url, "https://", 8) == 0;
}

static void read_url(const YamlNode *value, NotifySpec *self, Diagnostics *problems)
{
    const char *text = NULL;
    if (!yaml_as_text(value, "url", &text, problems))
        return;
    reference_check(text, value, "url", problems);
    if (!g_str_has_prefix(text, "${") && !is_http(text))
        diagnostics_error(problems, yaml_place(value),
                          "url must be an http:// or https:// URL, or a reference to one as ${env:NAME}");
    else if (has_literal_password(text))
        diagnostics_warning(problems, yaml_place(value), LITERAL_PASSWORD);
    g_free(self->url);
    self->url = g_strdup(text);
}

/* ---- The other keys ---- */

/* Index of the word in the list, or -1 with an error that lists all. */
static int read_word(const YamlNode *value, const char *what, const char *const *words, Diagnostics *problems)
{
    const char *text = NULL;
    if (!yaml_as_text(value, what, &text, problems))
        return -1;
    for (int i = 0; words[i] != NULL; i++)
        if (g_str_equal(words[i], text))
            return i;
    g_autofree char *all = g_strjoinv(", ", (char **)words);
    diagnostics_error(problems, yaml_place(value), "%s: '%s' is none of %s", what, text, all);
    return -1;
}

static void read_event(const YamlNode *value, NotifySpec *self, Diagnostics *problems)
{
    int event = read_word(value, "on", EVENT_NAMES, problems);
    if (event >= 0)
        self->events |= 1U << event;
}

static void read_events(const YamlNode *value, NotifySpec *self, Diagnostics *problems)
{
    bool list = yaml_kind(value) == YAML_SEQUENCE;
    self->events = 0;
    for (unsigned i = 0; list && i < yaml_length(value); i++)
        read_event(yaml_at(value, i), self, problems);
    if (!list)
        read_event(value, self, problems);
    else if (yaml_length(value) == 0)
        diagnostics_error(problems, yaml_place(value), "on is empty: it would never be told anything");
}

static void read_template(const YamlNode *value, NotifySpec *self, Diagnostics *problems)
{
    int word = read_word(value, "template", TEMPLATE_NAMES, problems);
    if (word >= 0)
        self->template = (NotifyTemplate)word;
}

static void read_headers(const YamlNode *value, NotifySpec *self, Diagnostics *problems)
{
    g_strfreev(self->headers);
    self->headers = http_headers_read(value, problems);
}

static void read_timeout(const YamlNode *value, NotifySpec *self, Diagnostics *problems)
{
    if (yaml_as_duration(value, "timeout", &self->timeout_ms, problems) && self->timeout_ms < 100)
        diagnostics_error(problems, yaml_place(value), "timeout must be 100ms or more");
}

static void read_attempts(const YamlNode *value, NotifySpec *self, Diagnostics *problems)
{
    yaml_as_unsigned(value, "attempts", 1, MAX_ATTEMPTS, &self->attempts, problems);
}

static void read_name(const YamlNode *value, NotifySpec *self, Diagnostics *problems)
{
    const char *text = NULL;
    if (!yaml_as_text(value, "name", &text, problems))
        return;
    if (*text == '\0')
        diagnostics_error(problems, yaml_place(value), "name is empty: leave the key out instead");
    g_free(self->name);
    self->name = g_strdup(text);
}

/* ---- Entries ---- */

typedef struct NotifyKey {
    const char *name;
    void (*read)(const YamlNode *value, NotifySpec *self, Diagnostics *problems);
} NotifyKey;

static const NotifyKey KEYS[] = {
    {"url", read_url},         {"on", read_events},       {"template", read_template},
    {"headers", read_headers}, {"timeout", read_timeout}, {"attempts", read_attempts},
    {"name", read_name},
};

const char **notify_key_names(void)
{
    const char **names = g_new0(const char *, G_N_ELEMENTS(KEYS) + 1);
    for (gsize i = 0; i < G_N_ELEMENTS(KEYS); i++)
        names[i] = KEYS[i].name;
    return names;
}

static NotifySpec *notify_spec_new(void)
{
    NotifySpec *self = g_new0(NotifySpec, 1);
    self->events = DEFAULT_EVENTS;
    self->timeout_ms = DEFAULT_TIMEOUT_MS;
    self->attempts = DEFAULT_ATTEMPTS;
    return self;
}

static NotifySpec *read_entry(const YamlNode *node, Diagnostics *problems)
{
    if (yaml_kind(node) != YAML_MAPPING) {
        diagnostics_error(problems, yaml_place(node), "an entry of notify must be written {url: …}, not %s",
                          yaml_kind_name(yaml_kind(node)));
        return NULL;
    }
    NotifySpec *self = notify_spec_new();
    g_autofree const char **known = notify_key_names();
    yaml_check_keys(node, "notify", known, problems);
    for (gsize i = 0; i < G_N_ELEMENTS(KEYS); i++) {
        const YamlNode *value = yaml_get(node, KEYS[i].name);
        if (value != NULL)
            KEYS[i].read(value, self, problems);
    }
    if (yaml_get(node, "url") == NULL)
        diagnostics_error(problems, yaml_place(node), "an entry of notify has no 'url'");
    if (self->name == NULL)
        self->name = url_name(self->url != NULL ? self->url : "");
    return self;
}

GPtrArray *notify_read(const YamlNode *node, Diagnostics *problems)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)notify_spec_free);
    if (yaml_kind(node) != YAML_SEQUENCE && yaml_kind(node) != YAML_NULL)
        diagnostics_error(problems, yaml_place(node), "notify must be a list, as [{url: …}], not %s",
                          yaml_kind_name(yaml_kind(node)));
    for (unsigned i = 0; yaml_kind(node) == YAML_SEQUENCE && i < yaml_length(node); i++) {
        NotifySpec *entry = read_entry(yaml_at(node, i), problems);
        if (entry != NULL)
            g_ptr_array_add(list, entry);
    }
    return list;
}
