/* Secrets in a rollout policy: owns what counts as one written out. A plan file is passed on, so nothing of
 * the kind may get into one. Pure; any thread. */
#include "base/db_url.h"
#include "inventory/rollout_internal.h"
#include "inventory/secret.h"

#include <string.h>

static bool is_literal(const char *text)
{
    return text != NULL && *text != '\0' && !secret_is_reference(text);
}

/* ---- URLs ---- */

/* Places in a URL, of the text as it is written. */
typedef struct UrlParts {
    gsize authority; /* behind the "://" */
    gsize host;      /* behind the "@", or the authority's start */
    gsize path;
    gsize query; /* at its "?", or where the URL or its fragment ends */
    gsize end;   /* of the query */
} UrlParts;

/* References and {host} as so many letters: what stands in them ends no part of a URL. Caller frees. */
static char *without_braces(const char *text)
{
    char *plain = g_strdup(text);
    unsigned depth = 0;
    for (char *at = plain; *at != '\0'; at++) {
        bool opens = *at == '{', closes = *at == '}' && depth > 0, dollar = *at == '$' && at[1] == '{';
        depth += opens;
        if (depth > 0 || dollar)
            *at = 'x';
        depth -= closes;
    }
    return plain;
}

/* False for what is no URL with a host as far as can be seen. */
static bool find_parts(const char *text, UrlParts *parts)
{
    g_autofree char *plain = without_braces(text);
    const char *authority = strstr(plain, "://");
    g_autoptr(GUri) uri = g_uri_parse(plain, G_URI_FLAGS_ENCODED | G_URI_FLAGS_PARSE_RELAXED, NULL);
    if (authority == NULL || uri == NULL)
        return false;
    parts->authority = (gsize)(authority - plain) + strlen("://");
    parts->path = parts->authority + strcspn(plain + parts->authority, "/?#");
    parts->host = parts->authority;
    for (gsize at = parts->authority; at < parts->path; at++)
        if (plain[at] == '@')
            parts->host = at + 1;
    parts->query = parts->path + strcspn(plain + parts->path, "?#");
    parts->end = parts->query + strcspn(plain + parts->query, "#");
    return true;
}

static bool user_has_password(const char *text, const UrlParts *parts)
{
    if (parts->host == parts->authority)
        return false;
    g_autofree char *user = g_strndup(text + parts->authority, parts->host - parts->authority - 1);
    const char *colon = strchr(user, ':');
    return !g_str_has_prefix(user, "${") && colon != NULL && is_literal(colon + 1);
}

/* "api_key", "X-Amz-Signature", "sig". */
static bool lets_in(const char *parameter)
{
    static const char *const WORDS[] = {"token", "secret", "pass", "pwd", "signature", "credential", "auth"};
    g_autofree char *name = g_ascii_strdown(parameter, -1);
    bool found = g_str_has_suffix(name, "key") || g_str_equal(name, "sig");
    for (gsize i = 0; i < G_N_ELEMENTS(WORDS); i++)
        found = found || strstr(name, WORDS[i]) != NULL;
    return found;
}

static bool query_has_secret(const char *text, const UrlParts *parts)
{
    g_autofree char *query = g_strndup(text + parts->query, parts->end - parts->query);
    g_auto(GStrv) parameters = g_strsplit_set(*query != '\0' ? query + 1 : "", "&;", -1);
    for (char **parameter = parameters; *parameter != NULL; parameter++) {
        char *equals = strchr(*parameter, '=');
        if (equals == NULL)
            continue;
        *equals = '\0';
        if (lets_in(*parameter) && is_literal(equals + 1))
            return true;
    }
    return false;
}

/* What cannot be told apart but has an "@" may have a password in front of it. */
static bool http_url_holds_secret(const char *text)
{
    UrlParts parts;
    if (!find_parts(text, &parts))
        return strstr(text, "://") != NULL && strchr(text, '@') != NULL;
    return user_has_password(text, &parts) || query_has_secret(text, &parts);
}

char *gate_url_shown(const char *url)
{
    UrlParts parts;
    const char *authority = strstr(url, "://");
    if (find_parts(url, &parts))
        return g_strdup_printf("%.*s%.*s", (int)parts.authority, url, (int)(parts.query - parts.host),
                               url + parts.host);
    if (authority == NULL || strchr(url, '@') == NULL)
        return g_strndup(url, strcspn(url, "?#"));
    return g_strdup_printf("%.*s…", (int)(authority - url) + 3, url);
}

/* A password or a parameter that db_url_display would not show. */
static bool database_url_holds_secret(const char *text)
{
    g_autoptr(DbUrl) url = text != NULL ? db_url_parse(text, NULL) : NULL;
    if (url == NULL)
        return false;
    g_autofree char *shown = db_url_display(url);
    if (is_literal(url->password))
        return true;
    for (guint i = 0; i < url->parameters->len; i++) {
        const DbUrlParameter *parameter = &g_array_index(url->parameters, DbUrlParameter, i);
        g_autofree char *hidden = g_strconcat(parameter->name, "=***", NULL);
        if (is_literal(parameter->value) && strstr(shown, hidden) != NULL)
            return true;
    }
    return false;
}

/* Headers whose name says that their value lets someone in. */
static bool header_holds_secret(const char *header)
{
    static const char *const WORDS[] = {"authorization", "cookie",   "token", "key",
                                        "secret",        "password", NULL};
    const char *colon = strchr(header, ':');
    g_autofree char *name = g_ascii_strdown(header, colon - header);
    for (const char *const *word = WORDS; *word != NULL; word++)
        if (strstr(name, *word) != NULL)
            return is_literal(colon + 1 + strspn(colon + 1, " "));
    return false;
}

bool gate_spec_url_holds_secret(const GateSpec *gate)
{
    if (gate->url == NULL)
        return false;
    return gate->kind == GATE_HTTP ? http_url_holds_secret(gate->url) : database_url_holds_secret(gate->url);
}

/* ---- Policies ---- */

static char *gates_secret(const GPtrArray *gates)
{
    for (guint i = 0; gates != NULL && i < gates->len; i++) {
        const GateSpec *gate = gates->pdata[i];
        if (gate_spec_url_holds_secret(gate))
            return g_strdup_printf("the URL of a gate or throttle (line %u of dbfleet.yaml)",
                                   gate->place.line);
        for (char **header = gate->headers; header != NULL && *header != NULL; header++)
            if (header_holds_secret(*header))
                return g_strdup_printf("the header %.*s of a gate or throttle", (int)strcspn(*header, ":"),
                                       *header);
    }
    return NULL;
}

char *rollout_policy_secret(const RolloutPolicy *self)
{
    char *found = gates_secret(self->gates);
    if (found == NULL)
        found = gates_secret(self->throttles);
    for (guint i = 0; found == NULL && self->waves != NULL && i < self->waves->len; i++)
        found = gates_secret(((const WaveSpec *)self->waves->pdata[i])->gates);
    return found;
}
