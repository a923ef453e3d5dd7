/* dbfleet completion, and the hidden commands that make man page and reference and answer the shell's
 * completion. */
#include "cli/help.h"
#include "commands/command_list_internal.h"
#include "lint/lint_rules.h"
#include "run/ledger/ledger.h"
#include <stdio.h>
#include <string.h>

static int completion_run(const Options *options)
{
    g_autofree char *text = help_completion(&program_spec, options_operand(options, 0));
    if (text)
        return command_print(text);
    static const char *const shells[] = {"bash", "zsh", "fish", NULL};
    return command_fail_word("completion", options_operand(options, 0), shells);
}

/* ---- __complete KIND PREFIX ---- */

static void print_if(const char *word, const char *prefix)
{
    if (g_str_has_prefix(word, prefix))
        puts(word);
}

static void complete_revisions(const Workspace *workspace, const char *prefix)
{
    static const char *const symbols[] = {"head", "heads", "base"};
    for (gsize i = 0; i < G_N_ELEMENTS(symbols); i++)
        print_if(symbols[i], prefix);
    for (guint i = 0; i < workspace->revisions->len; i++) {
        const Revision *revision = workspace->revisions->pdata[i];
        print_if(revision->id, prefix);
        for (char **label = revision->labels; *label; label++)
            print_if(*label, prefix);
    }
}

static void complete_groups(const Workspace *workspace, const char *prefix)
{
    for (unsigned i = 0; i < fleet_group_count(workspace->fleet); i++)
        print_if(fleet_group_at(workspace->fleet, i)->name, prefix);
}

static void complete_targets(const Workspace *workspace, const char *prefix)
{
    for (unsigned i = 0; i < fleet_length(workspace->fleet); i++)
        print_if(fleet_at(workspace->fleet, i)->name, prefix);
}

static void complete_selectors(const Workspace *workspace, const char *prefix)
{
    complete_groups(workspace, prefix);
    complete_targets(workspace, prefix);
}

static void complete_tracks(const Workspace *workspace, const char *prefix)
{
    g_auto(GStrv) names = project_track_names(workspace->project);
    for (char **name = names; *name; name++)
        print_if(*name, prefix);
}

static void complete_runs(const Workspace *workspace, const char *prefix)
{
    g_autoptr(Ledger) ledger = workspace_ledger(workspace, false, NULL);
    g_autoptr(GPtrArray) runs = ledger ? ledger_runs(ledger, 50, NULL) : NULL;
    for (guint i = 0; runs && i < runs->len; i++)
        print_if(((const RunSummary *)runs->pdata[i])->id, prefix);
}

/* Pressing a key must ask no database and run no program. */
#define FLEET_AT_HAND (WORKSPACE_FLEET | WORKSPACE_ALL_TRACKS | WORKSPACE_WRITTEN | WORKSPACE_REMEMBERED)

static const struct {
    const char *kind;
    unsigned parts; /* of WorkspaceParts */
    void (*print)(const Workspace *workspace, const char *prefix);
} completions[] = {
    {"REVISION", WORKSPACE_REVISIONS, complete_revisions},
    {"TARGET", FLEET_AT_HAND, complete_targets},
    {"GROUP", FLEET_AT_HAND, complete_groups},
    {"SELECTOR", FLEET_AT_HAND, complete_selectors},
    {"TRACK", WORKSPACE_PROJECT, complete_tracks},
    {"RUN", WORKSPACE_PROJECT, complete_runs},
};

/* A shell that completes must not be told errors: nothing is printed when nothing can be loaded. */
static int complete_run(const Options *options)
{
    int code = EXIT_DONE;
    const char *prefix = options_operand_count(options) > 1 ? options_operand(options, 1) : "";
    if (!freopen("/dev/null", "w", stderr))
        return EXIT_CONFIGURATION;
    for (gsize i = 0; i < G_N_ELEMENTS(completions); i++) {
        g_auto(Workspace) workspace = {0};
        if (!g_str_equal(completions[i].kind, options_operand(options, 0)))
            continue;
        if (workspace_open(&workspace, options, completions[i].parts, &code))
            completions[i].print(&workspace, prefix);
        return code;
    }
    return EXIT_USAGE;
}

static int manual_run(const Options *options)
{
    const char *name = options_operand(options, 1);
    const CommandSpec *const *command = program_spec.commands;
    while (name && *command && !g_str_equal((*command)->name, name))
        command++;
    if (name && !*command)
        return command_fail(EXIT_USAGE, "there is no command %s", name);
    g_autofree char *text = help_man_page(&program_spec, name ? *command : NULL, options_operand(options, 0));
    return command_print(text);
}

static int reference_run(const Options *options)
{
    const char *of = options_operand(options, 0);
    const LintRule *rule = of ? lint_rule_find(of) : NULL;
    if (of && !rule && !g_str_equal(of, "lint"))
        return command_fail(EXIT_USAGE, "there is no reference of %s", of);
    g_autofree char *text = rule ? lint_rule_markdown(rule)
                            : of ? lint_rules_markdown()
                                 : help_reference(&program_spec);
    return command_print(text);
}

static const OptionSpec *const no_options[] = {NULL};
static const OptionSpec *const fleet_sets[] = {selection_options, NULL};

const CommandSpec completion_command = {
    .name = "completion",
    .group = COMMANDS_OTHER,
    .operands = "bash|zsh|fish",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "Print the completion script of a shell",
    .description = "Prints a script that completes commands, options, revisions, groups and targets.",
    .example = "source <(dbfleet completion bash)\ndbfleet completion fish > "
               "~/.config/fish/completions/dbfleet.fish",
    .option_sets = no_options,
    .run = completion_run,
};

const CommandSpec complete_command = {
    .name = "__complete",
    .group = COMMANDS_OTHER,
    .operands = "KIND [PREFIX]",
    .min_operands = 1,
    .max_operands = 2,
    .relative_operands = true,
    .summary = "Answer a shell's completion",
    .description = "Used by the scripts that \"dbfleet completion\" prints.",
    .option_sets = fleet_sets,
    .run = complete_run,
};

const CommandSpec manual_command = {
    .name = "__man",
    .group = COMMANDS_OTHER,
    .operands = "DATE [COMMAND]",
    .min_operands = 1,
    .max_operands = 2,
    .summary = "Print the man page, or that of a command",
    .description = "Used by the build.",
    .option_sets = no_options,
    .run = manual_run,
};

const CommandSpec reference_command = {
    .name = "__reference",
    .group = COMMANDS_OTHER,
    .operands = "[lint|RULE]",
    .max_operands = 1,
    .summary = "Print the reference of commands, or of the rules of lint",
    .description = "Used by the build.",
    .option_sets = no_options,
    .run = reference_run,
};
