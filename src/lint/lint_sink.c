/* Sink: how a rule says what it found: severity by the settings, allowed by the file, with its place. */
#include "lint/lint_allow_internal.h"
#include "lint/lint_internal.h"

#include <string.h>

/* A setting outranks what the rule says; the rule's own word for this one finding outranks its row. */
static FindingLevel severity_of(const LintSink *self, FindingLevel own)
{
    gpointer level;
    bool set = self->settings->levels &&
               g_hash_table_lookup_extended(self->settings->levels, self->rule->id, NULL, &level);
    if (!set)
        return own;
    FindingLevel chosen = GPOINTER_TO_UINT(level);
    /* A rule that lowers one finding keeps it low; what is turned off or up is so for all. */
    return chosen != FINDING_OK && own < self->rule->severity ? MIN(own, chosen) : chosen;
}

static bool allowed_by(LintSink *self, const GPtrArray *allows)
{
    for (guint i = 0; allows && i < allows->len; i++) {
        LintAllow *allow = allows->pdata[i];
        if (!lint_allow_names(allow, self->rule->id) || !*allow->reason)
            continue;
        g_hash_table_add(self->used, allow);
        self->result->allowed++;
        return true;
    }
    return false;
}

/* The allows above the first statement also stand for the whole section and revision. */
static const GPtrArray *first_allows(const LintSink *self)
{
    const GPtrArray *sections = self->revision->sections;
    const LintSection *section = self->section ? self->section : sections->len ? sections->pdata[0] : NULL;
    if (!section)
        return NULL;
    return section->statements->len ? ((LintStatement *)section->statements->pdata[0])->allows
                                    : section->allows;
}

static SourcePlace place_of(const LintSink *self)
{
    if (self->statement)
        return self->statement->place;
    if (self->section)
        return self->section->place;
    return (SourcePlace){self->revision->file, 1, 1};
}

static LintFinding *tell(LintSink *self, FindingLevel own, const char *object, char *message)
{
    FindingLevel severity = severity_of(self, own);
    const GPtrArray *allows = self->statement ? self->statement->allows : first_allows(self);
    if (severity == FINDING_OK || allowed_by(self, allows)) {
        g_free(message);
        return NULL;
    }
    SourcePlace place = place_of(self);
    LintFinding *finding = g_new0(LintFinding, 1);
    finding->rule = self->rule->id;
    finding->title = self->rule->title;
    finding->why = self->rule->why;
    finding->severity = severity;
    finding->own = severity;
    finding->dialects = self->section ? 1u << self->section->dialect : 0;
    finding->revision = g_strdup(self->revision->id);
    finding->file = g_strdup(self->revision->file);
    finding->line = place.line;
    finding->column = place.column;
    finding->object = g_strdup(object);
    finding->message = message;
    finding->advice = self->rule->safer;
    finding->targets = g_ptr_array_new_with_free_func(g_free);
    finding->questions = g_ptr_array_new_with_free_func((GDestroyNotify)lint_question_free);
    return lint_result_take(self->result, finding);
}

LintFinding *lint_tell(LintSink *sink, const char *object, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return tell(sink, sink->rule->severity, object, message);
}

LintFinding *lint_tell_as(LintSink *sink, FindingLevel severity, const char *object, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return tell(sink, severity, object, message);
}

LintFinding *lint_tell_of(LintSink *sink, const SchemaObject *object, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *name = g_strdup_printf("%s %s", schema_kind_name(object->kind), object->key);
    return tell(sink, sink->rule->severity, name, message);
}

void lint_ask(LintFinding *finding, const LintSink *sink, LintQuestion question)
{
    if (!finding)
        return;
    LintQuestion *copy = g_new0(LintQuestion, 1);
    *copy = (LintQuestion){.kind = question.kind,
                           .dialect = sink->section->dialect,
                           .table = g_strdup(question.table),
                           .columns = g_strdup(question.columns),
                           .expression = g_strdup(question.expression),
                           .parent = g_strdup(question.parent),
                           .parent_columns = g_strdup(question.parent_columns)};
    g_ptr_array_add(finding->questions, copy);
}
