/* Metrics text: owns escaping and numbers of Prometheus' text format. It refuses to know what is measured. */
#include "base/metrics_text.h"

struct MetricsText {
    GString *text;
    char *labels; /* of every sample: a="b",c="d" */
    char *family;
};

/* Backslash, quote and line feed are what the format escapes; all else is UTF-8 as it is. */
static void append_value(GString *out, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value, -1);
    for (const char *at = valid; *at; at++)
        if (*at == '\n')
            g_string_append(out, "\\n");
        else if (*at == '\\' || *at == '"')
            g_string_append_printf(out, "\\%c", *at);
        else
            g_string_append_c(out, *at);
}

static void append_labels(GString *out, const char *const *labels)
{
    for (; labels && labels[0]; labels += 2) {
        if (!labels[1])
            continue;
        g_string_append_printf(out, "%s%s=\"", out->len ? "," : "", labels[0]);
        append_value(out, labels[1]);
        g_string_append_c(out, '"');
    }
}

MetricsText *metrics_text_new(const char *const *labels)
{
    MetricsText *self = g_new0(MetricsText, 1);
    GString *common = g_string_new(NULL);
    append_labels(common, labels);
    self->labels = g_string_free(common, FALSE);
    self->text = g_string_new(NULL);
    return self;
}

void metrics_text_free(MetricsText *self)
{
    if (self == NULL)
        return;
    g_string_free(self->text, TRUE);
    g_free(self->labels);
    g_free(self->family);
    g_free(self);
}

void metrics_text_family(MetricsText *self, const char *name, const char *type, const char *help)
{
    g_free(self->family);
    self->family = g_strdup(name);
    g_string_append_printf(self->text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metrics_text_sample(MetricsText *self, const char *suffix, const char *const *labels, double value)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE]; /* a point in every locale */
    g_autoptr(GString) all = g_string_new(self->labels);
    append_labels(all, labels);
    g_string_append_printf(self->text, "%s%s", self->family, suffix);
    if (all->len > 0)
        g_string_append_printf(self->text, "{%s}", all->str);
    g_ascii_formatd(number, sizeof number, "%.15g", value);
    g_string_append_printf(self->text, " %s\n", number);
}

char *metrics_text_steal(MetricsText *self)
{
    char *text = g_string_free(self->text, FALSE);
    self->text = g_string_new(NULL);
    return text;
}
