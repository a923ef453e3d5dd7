/* Plan files: whatever stands in one, it is read or refused; and what was read is written, read again and
 * shown the same. The digest of the input is made good first, since nobody could guess it. */
#include "plans/plan_diff.h"
#include "plans/plan_file.h"
#include "report/plan_diff_view.h"
#include "report/plan_file_view.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *with_digest(const uint8_t *data, size_t size)
{
    GString *text = g_string_new(NULL);
    g_string_append_len(text, (const char *)data, (gssize)size);
    g_string_truncate(text, strlen(text->str)); /* a plan file has no NUL; what has one is refused before */
    if (text->len == 0 || text->str[text->len - 1] != '\n')
        g_string_append_c(text, '\n');
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, (gssize)text->len);
    g_string_append_printf(text, "digest: %s\n", sum);
    return g_string_free(text, FALSE);
}

static PlanFile *parse(const char *text)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    return plan_file_parse(text, strlen(text), "plan.yaml", problems);
}

static void show(const PlanFile *file, const PlanFile *again)
{
    const ReportOptions options = {.width = 80, .verbose = true};
    g_autoptr(GPtrArray) changes = plan_diff(file, again);
    g_assert(changes->len == 0);
    g_autofree char *text = plan_file_view_text(file, &options);
    g_autofree char *json = plan_file_view_json(file);
    g_autofree char *markdown = plan_file_view_markdown(file, NULL, 8000);
    g_autofree char *diff = plan_diff_view_text(file, again, changes, &options);
    g_assert(*text && *json && *diff && strlen(markdown) <= 8000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = with_digest(data, size);
    g_autoptr(PlanFile) file = parse(text);
    if (!file)
        return 0;
    g_autofree char *written = plan_file_text(file);
    g_autoptr(PlanFile) again = parse(written);
    g_assert(again);
    g_autofree char *twice = plan_file_text(again);
    g_assert(strcmp(written, twice) == 0);
    show(file, again);
    return 0;
}
