/* Help: owns how the tables look on a terminal. It refuses to write to one: text comes back, the command
 * prints it. Pure, any thread. */
#include "cli/help.h"

#include "base/terminal.h"
#include "cli/option_table.h"
#include "cli/paragraphs.h"

#define NARROWEST_PAGE 40
#define WIDEST_PAGE 120 /* longer lines are hard to read, however wide the terminal is */
#define INDENT 2
#define GAP 2
#define WIDEST_LEFT_COLUMN 32

typedef struct Page {
    GString *text;
    unsigned width;
    bool color;
} Page;

static const char HEADING[] = "\033[1m";
static const char NAME[] = "\033[36m";

static void append_styled(Page *page, const char *style, const char *text)
{
    g_string_append_printf(page->text, "%s%s%s", page->color ? style : "", text,
                           page->color ? "\033[0m" : "");
}

static void append_heading(Page *page, const char *title)
{
    g_string_append_c(page->text, '\n');
    append_styled(page, HEADING, title);
    g_string_append_c(page->text, '\n');
}

/* --- two columns --- */

typedef struct Entry {
    char *left;
    char *right;
} Entry;

static void entry_clear(Entry *entry)
{
    g_free(entry->left);
    g_free(entry->right);
}

static GArray *entries_new(void)
{
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    g_array_set_clear_func(entries, (GDestroyNotify)entry_clear);
    return entries;
}

static void entries_add(GArray *entries, const char *left, const char *right)
{
    Entry entry = {g_strdup(left), g_strdup(right)};
    g_array_append_val(entries, entry);
}

/* Where the right column starts; longer left texts get a line of their own. */
static unsigned right_column(const GArray *entries, unsigned page_width)
{
    unsigned limit = MIN(WIDEST_LEFT_COLUMN, page_width / 3);
    unsigned widest = 0;
    for (guint i = 0; i < entries->len; i++) {
        unsigned width = terminal_text_width(g_array_index(entries, Entry, i).left);
        if (width <= limit)
            widest = MAX(widest, width);
    }
    return INDENT + MAX(widest, INDENT) + GAP;
}

static void append_entries_at(Page *page, const GArray *entries, unsigned column)
{
    for (guint i = 0; i < entries->len; i++) {
        const Entry *entry = &g_array_index(entries, Entry, i);
        append_blanks(page->text, INDENT);
        append_styled(page, NAME, entry->left);
        unsigned used = INDENT + terminal_text_width(entry->left);
        if (used + GAP > column) {
            g_string_append_c(page->text, '\n');
            used = 0;
        }
        append_blanks(page->text, column - used);
        append_wrapped(page->text, entry->right, column, column, page->width);
    }
}

static void append_entries(Page *page, const GArray *entries)
{
    append_entries_at(page, entries, right_column(entries, page->width));
}

static void append_pairs(Page *page, const char *const *pairs)
{
    g_autoptr(GArray) entries = entries_new();
    for (; pairs != NULL && pairs[0] != NULL; pairs += 2)
        entries_add(entries, pairs[0], pairs[1]);
    append_entries(page, entries);
}

/* --- sections --- */

/* "targets worked on at the same time (1 to 64; default: 8)" */
static char *option_meaning(const OptionSpec *spec)
{
    g_autofree char *limits = option_limits(spec);
    g_autofree char *fallback =
        spec->fallback != NULL ? g_strdup_printf("default: %s", spec->fallback) : NULL;
    const char *said[3] = {NULL};
    unsigned count = 0;
    if (*limits != '\0')
        said[count++] = limits;
    if (fallback != NULL)
        said[count++] = fallback;
    g_autofree char *extra = g_strjoinv("; ", (char **)said);
    return count > 0 ? g_strdup_printf("%s (%s)", spec->help, extra) : g_strdup(spec->help);
}

static void append_options(Page *page, const char *title, const GPtrArray *rows)
{
    if (rows->len == 0)
        return;
    append_heading(page, title);
    g_autoptr(GArray) entries = entries_new();
    for (guint i = 0; i < rows->len; i++) {
        g_autofree char *left = option_synopsis(rows->pdata[i], true);
        g_autofree char *right = option_meaning(rows->pdata[i]);
        entries_add(entries, left, right);
    }
    append_entries(page, entries);
}

static void append_global_options(Page *page, const ProgramSpec *program)
{
    g_autoptr(GPtrArray) rows = option_global_rows(program);
    append_options(page, "global options:", rows);
}

/* Shows the rule by an option that exists. */
static void append_environment(Page *page, const ProgramSpec *program, const CommandSpec *command)
{
    g_autoptr(GPtrArray) rows = option_rows(program, command);
    const OptionSpec *spec = rows->pdata[0];
    g_autofree char *name = option_environment_name(program, spec);
    append_heading(page, "environment:");
    if (name != NULL) {
        g_autofree char *rule =
            g_strdup_printf("Every option has a variable: --%s is %s, and so on. The command line "
                            "wins. Lists are separated by commas.",
                            spec->name, name);
        append_paragraphs(page->text, rule, INDENT, page->width);
    }
    append_pairs(page, program->environment);
}

static void append_exit_codes(Page *page, const ProgramSpec *program)
{
    if (program->exit_codes == NULL)
        return;
    append_heading(page, "exit codes:");
    append_pairs(page, program->exit_codes);
}

/* The commands of one group, or of all. */
static GArray *command_entries(const ProgramSpec *program, CommandGroup first, CommandGroup last)
{
    GArray *entries = entries_new();
    for (const CommandSpec *const *command = program->commands; *command != NULL; command++)
        if ((*command)->group >= first && (*command)->group <= last && !command_is_hidden(*command))
            entries_add(entries, (*command)->name, (*command)->summary);
    return entries;
}

/* One column for all groups. */
static void append_commands(Page *page, const ProgramSpec *program)
{
    g_autoptr(GArray) all = command_entries(program, COMMANDS_FLEET, COMMANDS_OTHER);
    unsigned column = right_column(all, page->width);
    for (CommandGroup group = COMMANDS_FLEET; group <= COMMANDS_OTHER; group++) {
        g_autoptr(GArray) entries = command_entries(program, group, group);
        g_autofree char *title = g_strdup_printf("%s:", command_group_title(group));
        if (entries->len == 0)
            continue;
        append_heading(page, title);
        append_entries_at(page, entries, column);
    }
}

/* --- pages --- */

static void append_overview(Page *page, const ProgramSpec *program)
{
    append_paragraphs(page->text, program->summary, 0, page->width);
    append_commands(page, program);
    append_global_options(page, program);
    append_environment(page, program, NULL);
    append_exit_codes(page, program);
    g_autofree char *more =
        g_strdup_printf("'%s COMMAND --help' tells all about one command.", program->name);
    g_string_append_c(page->text, '\n');
    append_paragraphs(page->text, more, 0, page->width);
}

static void append_command(Page *page, const ProgramSpec *program, const CommandSpec *command)
{
    g_autoptr(GPtrArray) rows = option_command_rows(command);
    append_paragraphs(page->text, command->summary, 0, page->width);
    if (command->description != NULL && *command->description != '\0') {
        g_string_append_c(page->text, '\n');
        append_paragraphs(page->text, command->description, 0, page->width);
    }
    append_options(page, "options:", rows);
    append_global_options(page, program);
    if (command->example != NULL) {
        append_heading(page, "examples:");
        append_lines(page->text, command->example, INDENT);
    }
    append_environment(page, program, command);
    append_exit_codes(page, program);
}

char *help_usage(const ProgramSpec *program, const CommandSpec *command)
{
    if (command == NULL)
        return g_strdup_printf("usage: %s [global options] COMMAND [options] [operands]", program->name);
    g_autofree char *synopsis = command_synopsis(command);
    return g_strdup_printf("usage: %s %s", program->name, synopsis);
}

char *help_text(const ProgramSpec *program, const CommandSpec *command, unsigned width, bool color)
{
    Page page = {
        .text = g_string_new(NULL), .width = CLAMP(width, NARROWEST_PAGE, WIDEST_PAGE), .color = color};
    g_autofree char *usage = help_usage(program, command);
    append_wrapped(page.text, usage, 0, sizeof("usage: ") - 1, page.width);
    g_string_append_c(page.text, '\n');
    if (command != NULL)
        append_command(&page, program, command);
    else
        append_overview(&page, program);
    return g_string_free(page.text, FALSE);
}
