/* Risk view: words, lines, legend and JSON of risk marks. */
#include "report/risk_view_internal.h"

#include "base/finding.h"
#include "base/terminal.h"
#include "base/text_table.h"
#include "report/style_internal.h"

#define LINES_SHOWN 6u
#define NAMES_SHOWN 8u
#define MESSAGE_LEAST 30u /* columns; a shorter line would say nothing */

/* ---- A step ---- */

char *risk_view_words(const GPtrArray *marks)
{
    g_autoptr(GString) words = g_string_new(NULL);
    for (int kind = 0; kind < RISK_KIND_COUNT; kind++)
        if (risk_marks_have(marks, (RiskKind)kind))
            g_string_append_printf(words, "%s%s", words->len ? ", " : "", risk_kind_name((RiskKind)kind));
    return words->len ? g_string_free(g_steal_pointer(&words), FALSE) : NULL;
}

static StyleColor color_of(const GPtrArray *marks)
{
    return risk_marks_have(marks, RISK_DROPS) || risk_marks_have(marks, RISK_IRREVERSIBLE) ? STYLE_RED
                                                                                           : STYLE_YELLOW;
}

void risk_view_line(GString *out, const char *line, unsigned indent, const GPtrArray *marks,
                    const ReportOptions *options)
{
    g_autofree char *words = risk_view_words(marks);
    g_autofree char *bracket = words ? g_strdup_printf("[%s]", words) : NULL;
    unsigned taken = bracket ? terminal_text_width(bracket) + 2 : 0;
    bool beside = taken + MESSAGE_LEAST <= options->width;
    g_autofree char *fits = text_ellipsize(line, beside ? options->width - taken : options->width);
    g_string_append(out, fits);
    if (bracket && beside)
        g_string_append(out, "  ");
    else if (bracket)
        g_string_append_printf(out, "\n%*s", (int)indent, "");
    if (bracket)
        style_append(out, options->color, color_of(marks), bracket);
    g_string_append_c(out, '\n');
}

/* ---- The steps of a plan ---- */

static void add_step(GPtrArray *steps, GHashTable *seen, RiskStep step)
{
    g_autofree char *key = g_strdup_printf("%s %d %d", step.revision, (int)step.direction, (int)step.dialect);
    if (!step.marks || step.marks->len == 0 || !g_hash_table_add(seen, g_steal_pointer(&key)))
        return;
    g_ptr_array_add(steps, g_memdup2(&step, sizeof step));
}

GPtrArray *risk_view_steps(const Plan *plan)
{
    GPtrArray *steps = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < plan->paths->len; i++) {
        const PlanPath *path = plan->paths->pdata[i];
        for (guint j = 0; j < path->steps->len; j++) {
            const PlanStep *step = &path->steps->first[j];
            if (step->revision)
                add_step(steps, seen,
                         (RiskStep){step->revision->id, step->direction, path->dialect, step->risks});
        }
    }
    return steps;
}

GPtrArray *risk_view_file_steps(const PlanFile *file)
{
    GPtrArray *steps = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < file->paths->len; i++) {
        const PlanFilePath *path = file->paths->pdata[i];
        for (guint j = 0; j < path->steps->len; j++) {
            const PlanFileStep *step = path->steps->pdata[j];
            add_step(steps, seen, (RiskStep){step->revision, step->direction, path->dialect, step->risks});
        }
    }
    return steps;
}

/* ---- What the words mean ---- */

/* Said of the step by its name alone: what the lines of drops say need not be said again. */
static bool is_of_step(const RiskStep *step, RiskKind kind)
{
    return kind == RISK_NO_DOWN || kind == RISK_NOT_TRANSACTIONAL ||
           (kind == RISK_IRREVERSIBLE && risk_marks_have(step->marks, RISK_DROPS));
}

/* What is the same in several dialects is said once. */
typedef struct Saying {
    char *name;    /* "up 4b1f" */
    char *text;    /* " statement 2, orders: …"; "" where the name says it */
    unsigned seen; /* 1 << Dialect */
} Saying;

static void saying_free(gpointer data)
{
    Saying *self = data;
    g_free(self->name);
    g_free(self->text);
    g_free(self);
}

static char *mark_text(const RiskMark *mark)
{
    g_autofree char *number =
        mark->statement ? g_strdup_printf(" statement %u", mark->statement) : g_strdup("");
    return g_strdup_printf("%s%s%s: %s", number, mark->object ? ", " : "", mark->object ? mark->object : "",
                           mark->reason);
}

static void add_saying(GPtrArray *sayings, const RiskStep *step, char *text)
{
    g_autofree char *name = g_strdup_printf("%s %s", direction_name(step->direction), step->revision);
    for (guint i = 0; i < sayings->len; i++) {
        Saying *other = sayings->pdata[i];
        if (!g_str_equal(other->name, name) || !g_str_equal(other->text, text))
            continue;
        other->seen |= 1u << step->dialect;
        g_free(text);
        return;
    }
    Saying *self = g_new0(Saying, 1);
    *self = (Saying){g_steal_pointer(&name), text, 1u << step->dialect};
    g_ptr_array_add(sayings, self);
}

/* With the dialects, unless those are all that the steps have. Caller frees. */
static char *saying_text(const Saying *self, unsigned dialects)
{
    GString *text = g_string_new(self->name);
    bool any = false;
    for (int dialect = 0; self->seen != dialects && dialect < 32; dialect++) {
        if (!(self->seen & 1u << dialect))
            continue;
        g_string_append_printf(text, "%s%s", any ? ", " : " (", dialect_name((Dialect)dialect));
        any = true;
    }
    g_string_append_printf(text, "%s%s", any ? ")" : "", self->text);
    return g_string_free(text, FALSE);
}

static unsigned dialects_of(const GPtrArray *steps)
{
    unsigned dialects = 0;
    for (guint i = 0; i < steps->len; i++)
        dialects |= 1u << ((const RiskStep *)steps->pdata[i])->dialect;
    return dialects;
}

/* The lines of one kind, and the names of steps that need none. */
typedef struct Legend {
    GPtrArray *lines; /* of char * */
    GPtrArray *names; /* of char * */
} Legend;

static void collect(Legend *self, const GPtrArray *steps, RiskKind kind)
{
    g_autoptr(GPtrArray) sayings = g_ptr_array_new_with_free_func(saying_free);
    for (guint i = 0; i < steps->len; i++) {
        const RiskStep *step = steps->pdata[i];
        for (guint j = 0; j < step->marks->len; j++) {
            const RiskMark *mark = step->marks->pdata[j];
            if (mark->kind == kind)
                add_saying(sayings, step, is_of_step(step, kind) ? g_strdup("") : mark_text(mark));
        }
    }
    for (guint i = 0; i < sayings->len; i++) {
        const Saying *saying = sayings->pdata[i];
        g_ptr_array_add(*saying->text ? self->lines : self->names, saying_text(saying, dialects_of(steps)));
    }
}

static void print_legend(GString *out, const Legend *legend, RiskKind kind, const ReportOptions *options)
{
    guint shown = options->verbose ? legend->lines->len : MIN(legend->lines->len, LINES_SHOWN);
    g_autofree char *title = g_strdup_printf("%s:", risk_kind_name(kind));
    g_string_append(out, "  ");
    style_append(out, options->color, STYLE_BOLD, title);
    style_append_words(out, 2 + terminal_text_width(title), 6, options->width, risk_kind_meaning(kind));
    for (guint i = 0; i < shown; i++)
        style_append_wrapped(out, 6, options->width, "", legend->lines->pdata[i]);
    if (shown < legend->lines->len)
        g_string_append_printf(out, "      … and %u more (-v shows all)\n", legend->lines->len - shown);
    if (legend->names->len == 0)
        return;
    g_autofree char *names =
        finding_names(legend->names, options->verbose ? legend->names->len : NAMES_SHOWN);
    style_append_wrapped(out, 6, options->width, "", names);
}

void risk_view_print(GString *out, const GPtrArray *steps, const ReportOptions *options)
{
    for (int kind = 0; kind < RISK_KIND_COUNT; kind++) {
        g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
        Legend legend = {lines, names};
        collect(&legend, steps, (RiskKind)kind);
        if (lines->len + names->len > 0)
            print_legend(out, &legend, (RiskKind)kind, options);
    }
}

/* ---- JSON ---- */

void risk_view_json(JsonOut *json, const GPtrArray *marks)
{
    json_out_begin_array(json, "risks");
    for (guint i = 0; marks && i < marks->len; i++) {
        const RiskMark *mark = marks->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "kind", risk_kind_name(mark->kind));
        if (mark->statement)
            json_out_int(json, "statement", mark->statement);
        else
            json_out_null(json, "statement");
        json_out_string(json, "object", mark->object);
        json_out_string(json, "reason", mark->reason);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}
