/* Metrics text: the text format that Prometheus reads
 * (https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4), as the node exporter's
 * textfile collector takes it: no times of its own, each family once. Pure; one thread. */
#pragma once

#include <glib.h>

typedef struct MetricsText MetricsText;

/* `labels`: pairs of name and value, NULL-terminated, that every sample has; a NULL value leaves its pair
 * out.
 */
MetricsText *metrics_text_new(const char *const *labels);
void metrics_text_free(MetricsText *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MetricsText, metrics_text_free)

/* Begins a family: `type` is gauge or summary, `help` one sentence. Its samples follow. */
void metrics_text_family(MetricsText *self, const char *name, const char *type, const char *help);
/* A sample of the family; `suffix` is "", or "_sum" and "_count" of a summary; `labels` as above, besides the
 * common ones; NULL: none. */
void metrics_text_sample(MetricsText *self, const char *suffix, const char *const *labels, double value);
/* The text so far; the writer is empty afterwards. Caller frees. */
char *metrics_text_steal(MetricsText *self);
