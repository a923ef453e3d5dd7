/* Completion rules: owns what can be read from the tables about words yet to be typed. It refuses to know a
 * shell. Pure, any thread. */
#include "cli/completion_internal.h"

#include "cli/option_table.h"

#include <string.h>

/* Names of operands and arguments, as help shows them, and what they stand for. */
static const struct {
    const char *name;
    CompletionSource source;
} NAMES[] = {
    {"REVISION", COMPLETE_ASK},   {"TARGET", COMPLETE_ASK},        {"GROUP", COMPLETE_ASK},
    {"TRACK", COMPLETE_ASK},      {"RUN", COMPLETE_ASK},           {"SELECTOR", COMPLETE_ASK},
    {"FILE", COMPLETE_FILES},     {"PLAN", COMPLETE_FILES},        {"PATH", COMPLETE_FILES},
    {"FOLDER", COMPLETE_FOLDERS}, {"DIRECTORY", COMPLETE_FOLDERS},
};

static void item_clear(CompletionItem *item)
{
    g_free(item->word);
}

static GArray *items_new(void)
{
    GArray *items = g_array_new(FALSE, FALSE, sizeof(CompletionItem));
    g_array_set_clear_func(items, (GDestroyNotify)item_clear);
    return items;
}

static void items_add(GArray *items, CompletionSource source, const char *word)
{
    CompletionItem item = {source, g_strdup(word)};
    g_array_append_val(items, item);
}

static bool is_literal(const char *name)
{
    return g_ascii_islower(*name);
}

static void items_add_named(GArray *items, const char *name)
{
    if (is_literal(name)) {
        items_add(items, COMPLETE_WORDS, name);
        return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++)
        if (strcmp(NAMES[i].name, name) == 0) {
            items_add(items, NAMES[i].source, NAMES[i].source == COMPLETE_ASK ? name : NULL);
            return;
        }
    items_add(items, COMPLETE_NOTHING, NULL);
}

static void rule_free(CompletionRule *rule)
{
    g_free(rule->pattern);
    g_array_unref(rule->items);
    g_free(rule);
}

static GPtrArray *rules_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
}

/* Takes pattern and items. */
static void rules_add(GPtrArray *rules, char *pattern, GArray *items)
{
    CompletionRule *rule = g_new0(CompletionRule, 1);
    rule->pattern = pattern;
    rule->items = items;
    g_ptr_array_add(rules, rule);
}

/* --- operands --- */

/* Rules in two lists, for those with a number must be tried before those without. */
typedef struct OperandRules {
    GPtrArray *exact;
    GPtrArray *repeated;
} OperandRules;

/* "[TARGET...]" -> "TARGET" and true. */
static bool strip_decoration(char *word)
{
    bool repeated = strstr(word, "...") != NULL;
    char *end = word;
    for (const char *at = word; *at != '\0'; at++)
        if (strchr("[](){}<>.", *at) == NULL)
            *end++ = *at;
    *end = '\0';
    return repeated;
}

/* "list|show" is either. */
static GArray *operand_items(const char *word)
{
    GArray *items = items_new();
    g_auto(GStrv) alternatives = g_strsplit(word, "|", -1);
    for (char **alternative = alternatives; *alternative != NULL; alternative++)
        items_add_named(items, *alternative);
    return items;
}

static void add_operands(OperandRules *rules, const CommandSpec *command)
{
    g_auto(GStrv) words = g_strsplit(command->operands, " ", -1);
    g_autoptr(GString) before = g_string_new(NULL);
    unsigned count = 0;
    for (char **word = words; *word != NULL; word++) {
        bool repeated = strip_decoration(*word);
        if (**word == '\0')
            continue;
        char *pattern = g_strdup_printf("%u %s%s", count++, command->name, before->str);
        rules_add(rules->exact, pattern, operand_items(*word));
        g_string_append(before, " *");
        if (repeated)
            rules_add(rules->repeated, g_strdup_printf("* %s%s", command->name, before->str),
                      operand_items(*word));
    }
}

GPtrArray *completion_operand_rules(const ProgramSpec *program)
{
    OperandRules rules = {rules_new(), rules_new()};
    for (const CommandSpec *const *command = program->commands; *command != NULL; command++)
        if (!command_is_hidden(*command))
            add_operands(&rules, *command);
    g_ptr_array_extend_and_steal(rules.exact, rules.repeated);
    return rules.exact;
}

/* --- arguments of options --- */

GArray *completion_argument_items(const OptionSpec *spec)
{
    GArray *items = items_new();
    for (const char *const *choice = spec->choices; choice != NULL && *choice != NULL; choice++)
        items_add(items, COMPLETE_WORDS, *choice);
    if (spec->choices == NULL && spec->argument != NULL)
        items_add_named(items, spec->argument);
    return items;
}

static void add_argument_rules(GPtrArray *rules, const char *command, const GPtrArray *rows)
{
    for (guint i = 0; i < rows->len; i++) {
        const OptionSpec *spec = rows->pdata[i];
        if (!option_takes_argument(spec))
            continue;
        rules_add(rules, g_strdup_printf("%s --%s", command, spec->name), completion_argument_items(spec));
        if (spec->letter != 0)
            rules_add(rules, g_strdup_printf("%s -%c", command, spec->letter),
                      completion_argument_items(spec));
    }
}

GPtrArray *completion_argument_rules(const ProgramSpec *program)
{
    GPtrArray *rules = rules_new();
    for (const CommandSpec *const *command = program->commands; *command != NULL; command++) {
        g_autoptr(GPtrArray) rows = option_command_rows(*command);
        if (!command_is_hidden(*command))
            add_argument_rules(rules, (*command)->name, rows);
    }
    g_autoptr(GPtrArray) globals = option_global_rows(program);
    add_argument_rules(rules, "*", globals);
    return rules;
}
