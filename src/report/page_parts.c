/* Page parts: files, policy and filling of the HTML pages. */
#include "report/page_parts_internal.h"

#include <string.h>

static void append_file(GString *out, const char *name)
{
    const PageFile *file = page_files;
    while (file->name && !g_str_equal(file->name, name))
        file++;
    g_string_append(out, file->text);
}

char *page_file_text(const char *name)
{
    GString *out = g_string_new(NULL);
    append_file(out, name);
    return g_string_free(out, FALSE);
}

char *page_script(const char *const *names, gsize count)
{
    GString *out = g_string_new("(() => {\n\"use strict\";\n");
    for (gsize i = 0; i < count; i++)
        append_file(out, names[i]);
    g_string_append(out, "})();\n");
    return g_string_free(out, FALSE);
}

/* 'sha256-…' as Content Security Policy Level 3, section 2.3.1, writes it. Caller frees. */
static char *policy_hash(const char *text)
{
    guint8 digest[32];
    gsize length = sizeof digest;
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, (const guchar *)text, -1);
    g_checksum_get_digest(sum, digest, &length);
    g_autofree char *base64 = g_base64_encode(digest, length);
    return g_strdup_printf("'sha256-%s'", base64);
}

char *page_policy(const char *style, const char *script, bool live)
{
    g_autofree char *style_hash = policy_hash(style);
    g_autofree char *script_hash = policy_hash(script);
    return g_strdup_printf("default-src 'none'; style-src %s; script-src %s; img-src data:; connect-src %s; "
                           "base-uri 'none'; form-action 'none'",
                           style_hash, script_hash, live ? "'self'" : "'none'");
}

/* No "</script" nor "<!--" can be in it (HTML, section 4.12.1.3). */
char *page_data(const char *json)
{
    GString *data = g_string_new(NULL);
    const char *from = json;
    for (const char *at = strchr(from, '<'); at; at = strchr(from, '<')) {
        g_string_append_len(data, from, at - from);
        g_string_append(data, "\\u003c");
        from = at + 1;
    }
    g_string_append(data, from);
    return g_string_free(data, FALSE);
}

static const char *filling_of(const PageFilling *fillings, const char *mark, gsize length)
{
    for (; fillings->mark; fillings++)
        if (strlen(fillings->mark) == length && memcmp(fillings->mark, mark, length) == 0)
            return fillings->text;
    g_assert_not_reached();
}

/* Goes over the template once: what is filled in is not looked at again. */
char *page_fill(const char *template, const PageFilling *fillings)
{
    GString *out = g_string_new(NULL);
    for (const char *open = strstr(template, "{{"); open; open = strstr(template, "{{")) {
        const char *close = strstr(open, "}}");
        g_string_append_len(out, template, open - template);
        g_string_append(out, filling_of(fillings, open + 2, (gsize)(close - open - 2)));
        template = close + 2;
    }
    g_string_append(out, template);
    return g_string_free(out, FALSE);
}
