/* Prometheus' text format: labels stand for themselves, numbers have a point in every locale. */
#include "base/metrics_text.h"

#include <criterion/criterion.h>
#include <locale.h>

static void expect(MetricsText *out, const char *expected)
{
    g_autofree char *text = metrics_text_steal(out);
    cr_expect_str_eq(text, expected);
}

Test(metrics_text, a_family_with_its_samples)
{
    g_autoptr(MetricsText) out = metrics_text_new((const char *const[]){"track", "default", NULL});
    metrics_text_family(out, "a_seconds", "summary", "How long.");
    metrics_text_sample(out, "", (const char *const[]){"quantile", "0.5", "revision", NULL, NULL}, 0.25);
    metrics_text_sample(out, "_sum", NULL, 3);
    expect(out, "# HELP a_seconds How long.\n# TYPE a_seconds summary\n"
                "a_seconds{track=\"default\",quantile=\"0.5\"} 0.25\na_seconds_sum{track=\"default\"} 3\n");
}

Test(metrics_text, without_labels)
{
    g_autoptr(MetricsText) out = metrics_text_new(NULL);
    metrics_text_family(out, "a", "gauge", "A.");
    metrics_text_sample(out, "", NULL, 1795414916.123);
    expect(out, "# HELP a A.\n# TYPE a gauge\na 1795414916.123\n");
}

Test(metrics_text, labels_are_escaped)
{
    g_autoptr(MetricsText) out = metrics_text_new(NULL);
    metrics_text_family(out, "a", "gauge", "A.");
    metrics_text_sample(out, "", (const char *const[]){"target", "a\\b\"c\nd\xff", NULL}, 1);
    expect(out, "# HELP a A.\n# TYPE a gauge\na{target=\"a\\\\b\\\"c\\nd\xef\xbf\xbd\"} 1\n");
}

Test(metrics_text, a_locale_with_commas_changes_nothing)
{
    g_autoptr(MetricsText) out = metrics_text_new(NULL);
    setlocale(LC_ALL, "de_DE.UTF-8");
    metrics_text_family(out, "a", "gauge", "A.");
    metrics_text_sample(out, "", NULL, 0.5);
    expect(out, "# HELP a A.\n# TYPE a gauge\na 0.5\n");
}
