/* Help, man page and reference: what they must contain, and that no text breaks out of its place. */
#include "cli/help.h"

#include "base/terminal.h"
#include "sample_program.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>

static const CommandSpec *upgrade_command(void)
{
    return sample_program()->commands[0];
}

static void contains(const char *text, const char *part)
{
    cr_expect(strstr(text, part) != NULL, "'%s' is missing in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
    cr_expect(strstr(text, part) == NULL, "'%s' is in:\n%s", part, text);
}

static void no_line_wider_than(const char *text, unsigned width)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        cr_expect_leq(terminal_text_width(*line), width, "%s", *line);
        cr_expect(!g_str_has_suffix(*line, " "), "blanks end '%s'", *line);
    }
}

Test(help, usage_names_command_and_operands)
{
    g_autofree char *usage = help_usage(sample_program(), upgrade_command());
    cr_expect_str_eq(usage, "usage: dbfleet upgrade [options] REVISION [TARGET...]");
    g_autofree char *heads = help_usage(sample_program(), sample_program()->commands[2]);
    cr_expect_str_eq(heads, "usage: dbfleet heads [options]");
    g_autofree char *all = help_usage(sample_program(), NULL);
    cr_expect_str_eq(all, "usage: dbfleet [global options] COMMAND [options] [operands]");
}

Test(help, the_overview_lists_commands_in_one_column_and_hides_the_hidden)
{
    g_autofree char *text = help_text(sample_program(), NULL, 80, false);
    contains(text, "fleet:\n  upgrade     Bring targets up to a revision\n");
    contains(text, "revisions:\n  heads       Show the revisions that nothing revises\n");
    contains(text, "      --version              Show the version\n");
    contains(text, "  64  the command line is wrong\n");
    contains(text, "--config is DBFLEET_CONFIG");
    contains(text, "NO_COLOR");
    lacks(text, "__complete");
    lacks(text, "\033");
}

Test(help, a_command_shows_everything_about_itself)
{
    g_autofree char *text = help_text(sample_program(), upgrade_command(), 80, false);
    g_autofree char *start = g_strndup(text, 200);
    cr_expect(g_str_has_prefix(text, "usage: dbfleet upgrade [options] REVISION [TARGET...]\n\n"
                                     "Bring targets up to a revision\n\n"),
              "%s", start);
    contains(text, "under a\nlock, just before it is changed.\n\n  head    the newest revision\n  +1      "
                   "one further\n\n.leading");
    contains(text, "options:\n  -j, --jobs N              targets worked on");
    contains(text, "\n      --max-unreachable N|SHARE\n                            likewise for");
    contains(text, "(1 to 512; default: 8)");
    contains(text, "(default: 5s)");
    contains(text, "(one of text, json; default:");
    contains(text, "global options:\n");
    contains(text, "examples:\n  dbfleet upgrade head\n  dbfleet upgrade +1 -l 'canary:&eu'\n");
    contains(text, "exit codes:\n");
}

Test(help, options_and_their_meaning_never_touch)
{
    g_autoptr(GRegex) touching = g_regex_new("\n +(-., )?--[a-z-]++( [A-Z|=]++)? ?[a-z]", 0, 0, NULL);
    for (unsigned width = 44; width <= 120; width++) {
        g_autofree char *text = help_text(sample_program(), upgrade_command(), width, false);
        cr_expect_not(g_regex_match(touching, text, 0, NULL), "at %u columns:\n%s", width, text);
    }
}

Test(help, every_width_is_kept)
{
    for (unsigned width = 44; width <= 240; width += 4) {
        g_autofree char *overview = help_text(sample_program(), NULL, width, false);
        g_autofree char *command = help_text(sample_program(), upgrade_command(), width, false);
        no_line_wider_than(overview, width);
        no_line_wider_than(command, width);
    }
    g_autofree char *none = help_text(sample_program(), upgrade_command(), 0, false);
    contains(none, "--jobs");
}

Test(help, a_wide_terminal_gets_longer_lines_but_not_endless_ones)
{
    g_autofree char *narrow = help_text(sample_program(), upgrade_command(), 80, false);
    g_autofree char *wide = help_text(sample_program(), upgrade_command(), 200, false);
    cr_expect_lt(strlen(wide), strlen(narrow));
    no_line_wider_than(wide, 120);
}

Test(help, color_adds_nothing_but_colors)
{
    g_autofree char *plain = help_text(sample_program(), upgrade_command(), 80, false);
    g_autofree char *colored = help_text(sample_program(), upgrade_command(), 80, true);
    g_autoptr(GRegex) regex = g_regex_new("\033\\[[0-9]*m", 0, 0, NULL);
    g_autofree char *stripped = g_regex_replace_literal(regex, colored, -1, 0, "", 0, NULL);
    cr_expect_str_neq(colored, plain);
    cr_expect_str_eq(stripped, plain);
}

Test(help, a_small_program_has_no_empty_sections)
{
    static const CommandSpec heads = {
        .name = "heads",
        .group = COMMANDS_REVISIONS,
        .operands = "",
        .summary = "Show heads",
        .description = "\n\nOne.\n\n\n\n  kept\n    as it is\n\n",
        .run = sample_run,
    };
    static const CommandSpec *const commands[] = {&heads, NULL};
    const ProgramSpec program = {.name = "p", .version = "1", .summary = "s", .commands = commands};
    g_autofree char *overview = help_text(&program, NULL, 80, false);
    g_autofree char *command = help_text(&program, &heads, 80, false);
    lacks(overview, "fleet:");
    lacks(overview, "exit codes:");
    lacks(command, "\noptions:");
    contains(command, "Show heads\n\nOne.\n\n  kept\n    as it is\n\nglobal options:\n");
    g_autofree char *reference = help_reference(&program);
    lacks(reference, "Exit codes");
}

/* --- man page --- */

Test(man_page, roff_sees_none_of_the_texts_as_its_own)
{
    g_autofree char *page = help_man_page(sample_program(), NULL, "2026-11-22");
    cr_expect(g_str_has_prefix(page, ".TH DBFLEET 1 \"2026-11-22\" \"dbfleet 1.2.3\" \"User Commands\"\n"));
    contains(
        page,
        "\n\\&.leading points, \\(aqquotes\\(aq, back\\eslashes and \\(gaticks\\(ga | bars are *text* here; "
        "_not_ this_one, \\[u00E9] too.\n");
    contains(page, "\\fB\\-j\\fR, \\fB\\-\\-jobs\\fR \\fIN\\fR\n");
    contains(page, "Environment: DBFLEET_MAX_FAILURES.\n");
    contains(page, ".nf\n.RS\n  head    the newest revision\n  +1      one further\n.RE\n.fi\n");
    contains(page, ".SS upgrade\n");
    contains(page, ".SH EXIT STATUS\n.TP\n\\fB0\\fR\ndone\n");
    lacks(page, "complete\n.PP"); /* the hidden command */
}

Test(man_page, every_request_is_a_portable_one)
{
    static const char *const KNOWN[] = {".TH", ".SH", ".SS", ".TP", ".PP", ".nf",
                                        ".fi", ".RS", ".RE", ".nh", ".ad", NULL};
    g_autofree char *page = help_man_page(sample_program(), NULL, "2026-11-22");
    g_auto(GStrv) lines = g_strsplit(page, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        g_autofree char *request = g_strndup(*line, 3);
        cr_expect(**line != '\'', "%s", *line);
        cr_expect(**line != '.' || g_strv_contains(KNOWN, request), "%s", *line);
        for (const char *at = *line; *at != '\0'; at++)
            cr_expect((unsigned char)*at < 0x80, "%s", *line);
    }
}

Test(man_page, groff_has_no_complaint)
{
    g_autofree char *groff = g_find_program_in_path("groff");
    if (groff == NULL)
        cr_skip_test("groff is not installed");
    g_autofree char *page = help_man_page(sample_program(), NULL, "2026-11-22");
    g_autofree char *file = NULL;
    int descriptor = g_file_open_tmp("dbfleet-XXXXXX.1", &file, NULL);
    cr_assert_geq(descriptor, 0);
    g_close(descriptor, NULL);
    cr_assert(g_file_set_contents(file, page, -1, NULL));
    const char *arguments[] = {"groff", "-man", "-ww", "-Tutf8", "-z", file, NULL};
    g_autofree char *complaints = NULL;
    int status = -1;
    cr_assert(g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &complaints,
                           &status, NULL));
    cr_expect_eq(status, 0);
    cr_expect_str_eq(complaints, "");
    g_remove(file);
}

/* --- reference --- */

Test(reference, has_a_section_and_a_table_for_each_command)
{
    g_autofree char *text = help_reference(sample_program());
    contains(text, "| [upgrade](#dbfleet-upgrade) | Bring targets up to a revision |\n");
    contains(text, "\n## dbfleet upgrade\n\nBring targets up to a revision.\n\n```sh\n"
                   "dbfleet upgrade [options] REVISION [TARGET...]\n```\n");
    contains(text, "| `--max-failures N` | failed targets after which no further one is started |  | "
                   "`DBFLEET_MAX_FAILURES` |\n");
    contains(text,
             "| `-j, --jobs N` | targets worked on at the same time, over all hosts and groups of the fleet; "
             "1 to 512 | `8` | `DBFLEET_JOBS` |\n");
    contains(text, "| `64` | the command line is wrong |\n");
    lacks(text, "__complete");
}

Test(reference, markdown_sees_none_of_the_texts_as_its_own)
{
    g_autofree char *text = help_reference(sample_program());
    contains(text, "back\\\\slashes and \\`ticks\\` \\| bars are \\*text\\* here; \\_not\\_ this_one");
    contains(text, "| `--max-unreachable N\\|SHARE` |");
    contains(text, "\n      head    the newest revision\n"); /* indented: shown as it is */
}
