/* Size view: tables with what they hold in all and on the largest targets. */
#include "report/size_view_internal.h"

#include "base/terminal.h"
#include "base/text_table.h"
#include "report/style_internal.h"

/* ---- Amounts ---- */

/* "1,234,567". Caller frees. */
static char *grouped(gint64 number)
{
    GString *text = g_string_new(NULL);
    g_string_printf(text, "%" G_GINT64_FORMAT, number);
    for (gssize at = (gssize)text->len - 3; at > 0; at -= 3)
        g_string_insert_c(text, at, ',');
    return g_string_free(text, FALSE);
}

/* "3.1 MB", powers of 1000. Caller frees. */
static char *bytes_text(gint64 bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    double value = (double)bytes;
    gsize unit = 0;
    for (; value >= 999.5 && unit + 1 < G_N_ELEMENTS(units); unit++)
        value /= 1000;
    return g_strdup_printf(unit > 0 && value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

char *size_view_amount(gint64 rows, gint64 bytes, bool at_least)
{
    g_autofree char *count = grouped(rows);
    g_autofree char *size = bytes >= 0 ? bytes_text(bytes) : g_strdup("unknown size");
    return g_strdup_printf("%s%s %s, %s", at_least ? "at least " : "", count, rows == 1 ? "row" : "rows",
                           size);
}

/* ---- Text ---- */

/* "us-007 (800 rows, 64 kB), us-003 (…)". Caller frees. */
static char *largest_text(const TableSize *size, guint shown)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < size->largest->len && i < shown; i++) {
        const TableSizeAt *at = size->largest->pdata[i];
        g_autofree char *amount = size_view_amount(at->rows, at->bytes, false);
        g_string_append_printf(text, "%s%s (%s)", i ? ", " : "", at->target, amount);
    }
    return g_string_free(text, FALSE);
}

static void print_size(GString *out, const TableSize *size, const ReportOptions *options)
{
    g_autofree char *all = size_view_amount(size->rows, size->bytes, size->at_least);
    g_autofree char *largest = largest_text(size, options->verbose ? TABLE_SIZE_LARGEST : 3);
    g_autofree char *name = text_printable(size->table, false);
    g_autofree char *label = g_strdup_printf("%s:", name);
    g_autofree char *missing =
        size->unasked ? g_strdup_printf("; %u could not be asked", size->unasked) : g_strdup("");
    g_autofree char *text =
        g_strdup_printf("%s on %u %s%s%s%s", all, size->targets, size->targets == 1 ? "target" : "targets",
                        missing, size->targets ? "; largest: " : "", largest);
    style_append_wrapped(out, 6, options->width, label, text);
}

void size_view_print(GString *out, const GPtrArray *sizes, const ReportOptions *options)
{
    bool estimated = false;
    if (!sizes)
        return;
    for (guint i = 0; i < sizes->len; i++)
        estimated |= ((const TableSize *)sizes->pdata[i])->estimated;
    g_string_append(out, "  ");
    style_append(out, options->color, STYLE_BOLD, "sizes:");
    style_append_words(out, 8, 6, options->width,
                       sizes->len == 0 ? "no table that is there is touched"
                       : estimated ? "tables that are touched, largest first, as the servers estimate them"
                                   : "tables that are touched, largest first");
    for (guint i = 0; i < sizes->len; i++)
        print_size(out, sizes->pdata[i], options);
}

/* ---- JSON ---- */

static void bytes_json(JsonOut *json, const char *key, gint64 bytes)
{
    if (bytes >= 0)
        json_out_int(json, key, bytes);
    else
        json_out_null(json, key);
}

static void size_json(JsonOut *json, const TableSize *size)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "table", size->table);
    json_out_int(json, "targets", size->targets);
    json_out_int(json, "unasked", size->unasked);
    json_out_int(json, "rows", size->rows);
    json_out_int(json, "rows_max", size->rows_max);
    bytes_json(json, "bytes", size->bytes);
    bytes_json(json, "bytes_max", size->bytes_max);
    json_out_bool(json, "estimated", size->estimated);
    json_out_bool(json, "at_least", size->at_least);
    json_out_begin_array(json, "largest");
    for (guint i = 0; i < size->largest->len; i++) {
        const TableSizeAt *at = size->largest->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "target", at->target);
        json_out_int(json, "rows", at->rows);
        bytes_json(json, "bytes", at->bytes);
        json_out_end_object(json);
    }
    json_out_end_array(json);
    json_out_end_object(json);
}

void size_view_json(JsonOut *json, const GPtrArray *sizes)
{
    if (!sizes) {
        json_out_null(json, "sizes");
        return;
    }
    json_out_begin_array(json, "sizes");
    for (guint i = 0; i < sizes->len; i++)
        size_json(json, sizes->pdata[i]);
    json_out_end_array(json);
}
