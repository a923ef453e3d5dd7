/* Mask: owns the forms in which a secret may stand in a statement or in a server's words. Refuses to know
 * where a text goes. Worker thread. */
#include "inventory/secret.h"
#include "run/mask_internal.h"
#include <string.h>

#define HIDDEN "***"
/* A server shows the first part of a long value: this much of one counts. */
#define TELLING 6

struct Mask {
    Dialect dialect;
    GPtrArray *forms; /* of char *, longest first */
};

Mask *mask_new(Dialect dialect)
{
    Mask *self = g_new0(Mask, 1);
    self->dialect = dialect;
    self->forms = g_ptr_array_new_with_free_func((GDestroyNotify)secret_free);
    return self;
}

void mask_free(Mask *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->forms);
    g_free(self);
}

static gint longest_first(gconstpointer a, gconstpointer b)
{
    gsize left = strlen(*(char *const *)a), right = strlen(*(char *const *)b);
    return left < right ? 1 : left > right ? -1 : 0;
}

void mask_add(Mask *self, const char *secret)
{
    if (!*secret)
        return;
    g_ptr_array_add(self->forms, g_strdup(secret));
    g_ptr_array_add(self->forms, sql_quote_literal(self->dialect, secret));
    g_ptr_array_add(self->forms, sql_quote_ident(self->dialect, secret));
    g_ptr_array_sort(self->forms, longest_first);
}

/* How much of the text is a secret, or the telling beginning of one. */
static gsize secret_at(const Mask *self, const char *text, gsize length)
{
    for (guint i = 0; i < self->forms->len; i++) {
        const char *form = self->forms->pdata[i];
        gsize same = 0;
        while (same < length && form[same] && form[same] == text[same])
            same++;
        if (!form[same] || same >= TELLING)
            return same;
    }
    return 0;
}

/* Past the secret, at the beginning of a character. */
static gsize end_of(const char *text, gsize length, gsize at, gsize secret)
{
    gsize next = at + MAX(secret, 1);
    while (secret && next < length && ((guchar)text[next] & 0xC0) == 0x80)
        next++;
    return next;
}

char *mask_text(const Mask *self, const char *text, gsize length, gsize *offset)
{
    if (!self || self->forms->len == 0)
        return g_strndup(text, length);
    GString *out = g_string_sized_new(length);
    gsize moved = 0;
    bool inside = offset && *offset < length;
    for (gsize at = 0, next; at < length; at = next) {
        gsize secret = secret_at(self, text + at, length - at);
        next = end_of(text, length, at, secret);
        if (inside && *offset >= at && *offset < next)
            moved = out->len;
        if (secret)
            g_string_append(out, HIDDEN);
        else
            g_string_append_c(out, text[at]);
    }
    if (offset)
        *offset = inside ? moved : out->len;
    return g_string_free(out, FALSE);
}
