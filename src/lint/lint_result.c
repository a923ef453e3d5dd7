/* Lint result: findings collected, joined over dialects and sorted. */
#include "lint/lint_result.h"

#include <string.h>

void lint_question_free(LintQuestion *self)
{
    if (!self)
        return;
    g_free(self->table);
    g_free(self->columns);
    g_free(self->expression);
    g_free(self->parent);
    g_free(self->parent_columns);
    g_free(self);
}

void lint_finding_free(LintFinding *self)
{
    if (!self)
        return;
    g_free(self->revision);
    g_free(self->file);
    g_free(self->object);
    g_free(self->message);
    g_free(self->fleet);
    g_clear_pointer(&self->targets, g_ptr_array_unref);
    g_clear_pointer(&self->questions, g_ptr_array_unref);
    g_free(self);
}

static void measured_free(gpointer data)
{
    LintMeasured *self = data;
    g_free(self->file);
    g_free(self->table);
    g_free(self);
}

LintResult *lint_result_new(void)
{
    LintResult *self = g_new0(LintResult, 1);
    self->findings = g_ptr_array_new_with_free_func((GDestroyNotify)lint_finding_free);
    self->measured = g_ptr_array_new_with_free_func(measured_free);
    self->unchecked = g_ptr_array_new_with_free_func(g_free);
    return self;
}

void lint_result_free(LintResult *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->findings);
    g_ptr_array_unref(self->measured);
    g_ptr_array_unref(self->unchecked);
    g_free(self->scope);
    g_free(self);
}

/* Names without quotes and case, and without a schema before them, so that those of several dialects compare.
 */
static char *plain_object(const char *object)
{
    GString *text = g_string_new(NULL);
    for (const char *at = object; *at; at++)
        if (*at != '"' && *at != '`')
            g_string_append_c(text, g_ascii_tolower(*at));
    return g_string_free(text, FALSE);
}

static bool ends_with_name(const char *longer, const char *shorter)
{
    gsize skip = strlen(longer) - strlen(shorter);
    return g_str_has_suffix(longer, shorter) && (skip == 0 || longer[skip - 1] == '.');
}

static bool same_object(const char *left, const char *right)
{
    if (!left || !right)
        return left == right;
    g_autofree char *one = plain_object(left), *other = plain_object(right);
    const char *space = strchr(one, ' '), *gap = strchr(other, ' ');
    if (!space || !gap)
        return g_str_equal(one, other);
    gsize kind = (gsize)(space - one);
    bool alike = kind == (gsize)(gap - other) && strncmp(one, other, kind) == 0;
    return alike && (strlen(space) >= strlen(gap) ? ends_with_name(space + 1, gap + 1)
                                                  : ends_with_name(gap + 1, space + 1));
}

static bool same_finding(const LintFinding *left, const LintFinding *right)
{
    return left->rule == right->rule && left->line == right->line && left->column == right->column &&
           left->dialects != right->dialects && g_strcmp0(left->file, right->file) == 0 &&
           g_strcmp0(left->revision, right->revision) == 0 && same_object(left->object, right->object) &&
           (left->object || g_str_equal(left->message, right->message));
}

static void join_questions(LintFinding *self, LintFinding *other)
{
    g_ptr_array_set_free_func(other->questions, NULL);
    for (guint i = 0; i < other->questions->len; i++)
        g_ptr_array_add(self->questions, other->questions->pdata[i]);
}

LintFinding *lint_result_take(LintResult *self, LintFinding *finding)
{
    for (guint i = 0; i < self->findings->len; i++) {
        LintFinding *there = self->findings->pdata[i];
        if (!same_finding(there, finding))
            continue;
        there->dialects |= finding->dialects;
        there->severity = MAX(there->severity, finding->severity);
        there->own = there->severity;
        join_questions(there, finding);
        lint_finding_free(finding);
        return there;
    }
    g_ptr_array_add(self->findings, finding);
    return finding;
}

void lint_result_unchecked(LintResult *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (!g_ptr_array_find_with_equal_func(self->unchecked, text, g_str_equal, NULL))
        g_ptr_array_add(self->unchecked, g_steal_pointer(&text));
}

static gint compare_findings(gconstpointer left_slot, gconstpointer right_slot)
{
    const LintFinding *left = *(const LintFinding *const *)left_slot;
    const LintFinding *right = *(const LintFinding *const *)right_slot;
    int order = g_strcmp0(left->file, right->file);
    if (order == 0)
        order = (left->line > right->line) - (left->line < right->line);
    if (order == 0)
        order = strcmp(left->rule, right->rule);
    return order != 0 ? order : g_strcmp0(left->object, right->object);
}

void lint_result_sort(LintResult *self)
{
    g_ptr_array_sort(self->findings, compare_findings);
}

unsigned lint_result_count(const LintResult *self, FindingLevel severity)
{
    unsigned count = 0;
    for (guint i = 0; i < self->findings->len; i++)
        count += ((const LintFinding *)self->findings->pdata[i])->severity == severity;
    return count;
}

FindingLevel lint_result_worst(const LintResult *self)
{
    FindingLevel worst = FINDING_OK;
    for (guint i = 0; i < self->findings->len; i++)
        worst = MAX(worst, ((const LintFinding *)self->findings->pdata[i])->severity);
    return worst;
}
