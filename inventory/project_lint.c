/* Lint of a project: owns `lint:`: which rules are off or weigh otherwise, thresholds, and what names,
 * engines and character sets are allowed. Which rules there are is for lint to know. The loading thread. */
#include "inventory/project_internal.h"

#include <string.h>

#define LEVELS "off, note, warning or error"

static void level_free(gpointer data)
{
    LintLevel *self = data;
    g_free(self->rule);
    g_free(self->level);
    g_free(self);
}

void project_lint_init(LintPolicy *self)
{
    self->levels = g_ptr_array_new_with_free_func(level_free);
}

void project_lint_clear(LintPolicy *self)
{
    g_ptr_array_unref(self->levels);
    g_free(self->naming);
    g_strfreev(self->engines);
    g_strfreev(self->charsets);
}

/* ---- Rules ---- */

/* "LK03". */
static bool is_rule(const char *text)
{
    return strlen(text) == 4 && g_ascii_isupper(text[0]) && g_ascii_isupper(text[1]) &&
           g_ascii_isdigit(text[2]) && g_ascii_isdigit(text[3]);
}

static void read_rule(const YamlNode *rules, unsigned index, ProjectReader *reader)
{
    static const char *const levels[] = {"off", "note", "warning", "error", NULL};
    const char *rule = yaml_key_at(rules, index);
    const YamlNode *value = yaml_at(rules, index);
    const char *level = NULL;
    if (!is_rule(rule)) {
        diagnostics_error(reader->problems, yaml_key_place_at(rules, index),
                          "lint.rules: '%s' is no rule's id, which are two capitals and two digits, as LK03",
                          rule);
        return;
    }
    if (!yaml_as_text(value, rule, &level, reader->problems))
        return;
    if (!g_strv_contains(levels, level)) {
        diagnostics_error(reader->problems, yaml_place(value), "%s must be " LEVELS ", not '%s'", rule,
                          level);
        return;
    }
    LintLevel *self = g_new0(LintLevel, 1);
    *self = (LintLevel){g_strdup(rule), g_strdup(level), yaml_key_place_at(rules, index)};
    self->place.file = reader->project->file;
    g_ptr_array_add(reader->project->lint.levels, self);
}

static void read_rules(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    (void)self;
    if (yaml_kind(value) == YAML_NULL)
        return;
    if (yaml_kind(value) != YAML_MAPPING) {
        diagnostics_error(reader->problems, yaml_place(value), "lint.rules must be a mapping, not %s",
                          yaml_kind_name(yaml_kind(value)));
        return;
    }
    for (unsigned i = 0; i < yaml_length(value); i++)
        read_rule(value, i, reader);
}

/* ---- The rest ---- */

#define FIELD(type, key, reader) ((type *)(gpointer)((char *)(reader)->project + (key)->offset))

static void read_count(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    yaml_as_unsigned(value, self->name, 1, 1000000000, FIELD(unsigned, self, reader), reader->problems);
}

static void read_naming(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    const char *text = NULL;
    g_autoptr(GError) error = NULL;
    if (!yaml_as_text(value, self->name, &text, reader->problems))
        return;
    g_autoptr(GRegex) pattern = g_regex_new(text, 0, 0, &error);
    if (!pattern || *text == '\0') {
        diagnostics_error(reader->problems, yaml_place(value), "naming must be a regular expression: %s",
                          error ? error->message : "it is empty");
        return;
    }
    g_free(reader->project->lint.naming);
    reader->project->lint.naming = g_strdup(text);
}

static void read_list(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();
    if (yaml_kind(value) != YAML_SEQUENCE) {
        diagnostics_error(reader->problems, yaml_place(value), "%s must be a list of names, as [InnoDB]",
                          self->name);
        return;
    }
    for (unsigned i = 0; i < yaml_length(value); i++) {
        const char *text = NULL;
        if (!yaml_as_text(yaml_at(value, i), self->name, &text, reader->problems))
            return;
        g_strv_builder_add(list, text);
    }
    char ***field = FIELD(char **, self, reader);
    g_strfreev(*field);
    *field = yaml_length(value) > 0 ? g_strv_builder_end(list) : NULL; /* an empty list says nothing */
}

#define AT(field) G_STRUCT_OFFSET(Project, lint.field)

const ProjectKey LINT_KEYS[] = {
    {.name = "rules", .read = read_rules},
    {.name = "max_changes", .read = read_count, .offset = AT(max_changes)},
    {.name = "tiny_rows", .read = read_count, .offset = AT(tiny_rows)},
    {.name = "big_rows", .read = read_count, .offset = AT(big_rows)},
    {.name = "naming", .read = read_naming},
    {.name = "engines", .read = read_list, .offset = AT(engines)},
    {.name = "charsets", .read = read_list, .offset = AT(charsets)},
    {0},
};
