/* Secrets in a rollout policy: owns what counts as one written out. A plan file is passed on, so nothing of
 * the kind may get into one. Pure; any thread. */
#include "base/db_url.h"
#include "inventory/rollout.h"
#include "inventory/secret.h"

#include <string.h>

static bool is_literal(const char *text)
{
    return text != NULL && *text != '\0' && !secret_is_reference(text);
}

/* A password or a parameter that db_url_display would not show. */
static bool url_holds_secret(const char *text)
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

static char *gates_secret(const GPtrArray *gates)
{
    for (guint i = 0; gates != NULL && i < gates->len; i++) {
        const GateSpec *gate = gates->pdata[i];
        if (url_holds_secret(gate->url))
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
