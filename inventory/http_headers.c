/* HTTP headers: owns what counts as a header in dbfleet.yaml. Resolves nothing. The loading thread. */
#include "inventory/http_headers_internal.h"

#include "inventory/secret.h"

#include <string.h>

void reference_check(const char *text, const YamlNode *value, const char *what, Diagnostics *problems)
{
    g_autoptr(GError) error = NULL;
    if (secret_is_reference(text) && !secret_check(text, &error))
        diagnostics_error(problems, yaml_place(value), "%s: %s", what, error->message);
}

/* A token, as RFC 9110, section 5.6.2, has it. */
static bool is_header_name(const char *name)
{
    for (const char *at = name; *at != '\0'; at++)
        if (!g_ascii_isalnum(*at) && strchr("!#$%&'*+-.^_`|~", *at) == NULL)
            return false;
    return *name != '\0';
}

static void read_header(const YamlNode *mapping, unsigned index, GStrvBuilder *lines, Diagnostics *problems)
{
    const char *name = yaml_key_at(mapping, index);
    const YamlNode *value = yaml_at(mapping, index);
    const char *text = NULL;
    if (!yaml_as_text(value, name, &text, problems))
        return;
    reference_check(text, value, name, problems);
    if (!is_header_name(name))
        diagnostics_error(problems, yaml_key_place_at(mapping, index), "'%s' is no name of a header", name);
    if (strpbrk(text, "\r\n") != NULL)
        diagnostics_error(problems, yaml_place(value), "the header %s has a line break in it", name);
    g_autofree char *line = g_strdup_printf("%s: %s", name, text);
    g_strv_builder_add(lines, line);
}

char **http_headers_read(const YamlNode *mapping, Diagnostics *problems)
{
    g_autoptr(GStrvBuilder) lines = g_strv_builder_new();
    if (yaml_kind(mapping) != YAML_MAPPING) {
        diagnostics_error(problems, yaml_place(mapping), "headers must be a mapping, not %s",
                          yaml_kind_name(yaml_kind(mapping)));
        return NULL;
    }
    for (unsigned i = 0; i < yaml_length(mapping); i++)
        read_header(mapping, i, lines, problems);
    return g_strv_builder_end(lines);
}
