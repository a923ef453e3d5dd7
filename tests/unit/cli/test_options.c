/* The parser: what is accepted, what is refused and in which words. */
#include "cli/options.h"

#include "sample_program.h"

#include <criterion/criterion.h>
#include <string.h>

/* A command line, split at blanks; behind the name of the program. */
static Options *parse(const char *line, GError **error)
{
    g_autofree char *whole = g_strdup_printf("dbfleet%s%s", *line != '\0' ? " " : "", line);
    g_auto(GStrv) words = g_strsplit(whole, " ", -1);
    return options_parse(sample_program(), (int)g_strv_length(words), words, error);
}

static Options *accepted(const char *line)
{
    g_autoptr(GError) error = NULL;
    Options *options = parse(line, &error);
    cr_assert_not_null(options, "'%s' was refused: %s", line, error != NULL ? error->message : "");
    cr_assert_null(error);
    return options;
}

static void refused(const char *line, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Options) options = parse(line, &error);
    cr_assert_null(options, "'%s' was accepted", line);
    cr_assert(g_error_matches(error, OPTIONS_ERROR, OPTIONS_ERROR_USAGE));
    cr_expect_str_eq(error->message, message);
}

Test(options, the_sample_tables_have_no_mistake)
{
    g_autoptr(GError) error = NULL;
    cr_assert(options_check_tables(sample_program(), &error), "%s", error != NULL ? error->message : "");
}

Test(options, every_way_to_write_an_argument_is_the_same)
{
    static const char *const LINES[] = {
        "upgrade head --jobs 9", "upgrade head --jobs=9", "upgrade head -j9",
        "upgrade head -j 9",     "upgrade head -j=9",     "upgrade head -qj9",
        "upgrade head --jo 9",   "upgrade -yqj 9 head",   "upgrade --jobs 3 --jobs 9 head"};
    for (gsize i = 0; i < G_N_ELEMENTS(LINES); i++) {
        g_autoptr(Options) options = accepted(LINES[i]);
        cr_expect_eq(options_unsigned(options, "jobs"), 9, "%s", LINES[i]);
        cr_expect_eq(options_operand_count(options), 1, "%s", LINES[i]);
        cr_expect_str_eq(options_operand(options, 0), "head");
        cr_expect(options_given(options, "jobs"));
    }
}

Test(options, what_is_not_given_is_the_default)
{
    g_autoptr(Options) options = accepted("upgrade head");
    cr_expect_eq(options_unsigned(options, "jobs"), 8);
    cr_expect_eq(options_duration(options, "lock-wait"), 5000);
    cr_expect_str_eq(options_text(options, "format"), "text");
    cr_expect_null(options_text(options, "limit"));
    cr_expect_not(options_flag(options, "yes"));
    cr_expect_eq(options_count(options, "verbose"), 0);
    cr_expect_null(options_list(options, "skip")[0]);
    cr_expect_eq(g_hash_table_size(options_pairs(options, "variable")), 0);
    cr_expect_not(options_given(options, "jobs"));
    cr_expect_null(options_operand(options, 1));
    cr_expect_null(options_operands(options)[1]);
}

Test(options, a_duration_without_default_is_minus_one)
{
    static const OptionSpec rows[] = {
        {.name = "wait", .kind = OPTION_DURATION, .argument = "T", .help = "how long"}, {.name = NULL}};
    static const CommandSpec *const none[] = {NULL};
    const ProgramSpec program = {.name = "p", .global_options = rows, .commands = none};
    char *words[] = {(char *)"p", NULL};
    g_autoptr(Options) options = options_parse(&program, 1, words, NULL);
    cr_assert_not_null(options);
    cr_expect_eq(options_duration(options, "wait"), -1);
}

Test(options, what_is_given_replaces_a_default_list_as_a_whole)
{
    static const OptionSpec rows[] = {{.name = "on",
                                       .kind = OPTION_LIST,
                                       .argument = "WHEN",
                                       .help = "when",
                                       .fallback = "halted,finished"},
                                      {.name = NULL}};
    static const CommandSpec *const none[] = {NULL};
    const ProgramSpec program = {.name = "p", .global_options = rows, .commands = none};
    char *words[] = {(char *)"p", (char *)"--on", (char *)"done", (char *)"-h", NULL};
    g_autoptr(Options) given = options_parse(&program, 4, words, NULL);
    g_autoptr(Options) not_given = options_parse(&program, 1, words, NULL);
    cr_expect_str_eq(options_list(given, "on")[0], "done");
    cr_expect_null(options_list(given, "on")[1]);
    cr_expect_str_eq(options_list(not_given, "on")[1], "finished");
}

Test(options, global_options_stand_before_and_after_the_command)
{
    g_autoptr(Options) options = accepted("-c a.yaml -v upgrade -vv head --limit x:&y");
    cr_expect_str_eq(options_text(options, "config"), "a.yaml");
    cr_expect_str_eq(options_text(options, "limit"), "x:&y");
    cr_expect_eq(options_count(options, "verbose"), 3);
    cr_expect_str_eq(options_command(options)->name, "upgrade");
}

Test(options, lists_and_pairs_collect)
{
    g_autoptr(Options) options =
        accepted("upgrade head --skip a,b --skip c -x k=1 -xk=2 --variable=m=n=o -x e=");
    const char *const *list = options_list(options, "skip");
    cr_assert_eq(g_strv_length((char **)list), 2);
    cr_expect_str_eq(list[0], "a,b");
    cr_expect_str_eq(list[1], "c");
    GHashTable *pairs = options_pairs(options, "variable");
    cr_expect_str_eq(g_hash_table_lookup(pairs, "k"), "2");
    cr_expect_str_eq(g_hash_table_lookup(pairs, "m"), "n=o");
    cr_expect_str_eq(g_hash_table_lookup(pairs, "e"), "");
}

Test(options, relative_revisions_are_operands)
{
    static const struct {
        const char *line;
        const char *operand;
    } CASES[] = {
        {"downgrade -1", "-1"},       {"downgrade -12", "-12"},         {"downgrade -- -1", "-1"},
        {"downgrade +1", "+1"},       {"downgrade -- +2", "+2"},        {"-y downgrade -1 --sql", "-1"},
        {"downgrade --sql -1", "-1"}, {"downgrade -2:head", "-2:head"}, {"downgrade -- --sql", "--sql"},
        {"downgrade -", "-"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(Options) options = accepted(CASES[i].line);
        cr_assert_eq(options_operand_count(options), 1, "%s", CASES[i].line);
        cr_expect_str_eq(options_operand(options, 0), CASES[i].operand);
    }
}

Test(options, digits_are_options_for_commands_without_relative_revisions)
{
    refused("heads -1", "unknown option -1 of 'heads'");
    refused("-1 downgrade", "unknown option -1");
}

Test(options, an_argument_may_begin_with_a_dash_unless_it_is_an_option)
{
    g_autoptr(Options) options = accepted("upgrade head --limit -foo --skip=--yes --skip -1");
    cr_expect_str_eq(options_text(options, "limit"), "-foo");
    cr_expect_str_eq(options_list(options, "skip")[0], "--yes");
    cr_expect_str_eq(options_list(options, "skip")[1], "-1");
    refused("upgrade head --limit --yes", "option --limit needs an argument: SELECTOR (--yes is an option; "
                                          "write --limit=--yes if it is meant)");
    refused("upgrade head -l -q",
            "option -l needs an argument: SELECTOR (-q is an option; write --limit=-q if it is meant)");
}

Test(options, what_is_wrong_is_said_with_what_is_near)
{
    refused("upgarde head", "unknown command 'upgarde' (did you mean 'upgrade'?)");
    refused("xyzzy", "unknown command 'xyzzy'; 'dbfleet --help' lists the commands");
    refused("_complete", "unknown command '_complete'; 'dbfleet --help' lists the commands");
    refused("upgrade head --max-failure=1 --jbos 3",
            "unknown option --jbos of 'upgrade' (did you mean --jobs?)");
    refused("--fromat json heads", "unknown option --fromat (did you mean --format?)");
    refused("upgrade head --nonsense", "unknown option --nonsense of 'upgrade'");
    refused("upgrade head -Z", "unknown option -Z of 'upgrade'");
    refused("upgrade head -qZ", "unknown option -Z of 'upgrade'");
    refused("upgrade head --=3", "unknown option -- of 'upgrade'");
    refused("-limit eu heads", "unknown option -limit (did you mean --limit?)");
    refused("-q", "no command given; 'dbfleet --help' lists the commands");
}

Test(options, an_option_in_the_wrong_place_is_told_its_place)
{
    refused("--sql heads", "unknown option --sql of 'heads' (it is an option of upgrade, downgrade)");
    refused("-j 3 heads", "unknown option --jobs of 'heads' (it is an option of upgrade)");
    refused("heads -qj3", "unknown option -j of 'heads' (it is an option of upgrade)");
    refused("heads --sql", "unknown option --sql of 'heads' (it is an option of upgrade, downgrade)");
}

Test(options, options_of_a_command_may_come_before_it)
{
    g_autoptr(Options) options = accepted("-j 3 --sql upgrade head");
    cr_assert_not_null(options);
    cr_expect_eq(options_unsigned(options, "jobs"), 3);
    cr_expect(options_flag(options, "sql"));
    cr_expect_str_eq(options_operand(options, 0), "head");
}

Test(options, only_unique_beginnings_are_short_forms)
{
    g_autoptr(Options) options = accepted("upgrade head --max-f 2 --verb");
    cr_expect_eq(options_unsigned(options, "max-failures"), 2);
    cr_expect_eq(options_count(options, "verbose"), 1);
    refused("upgrade head --max 2", "option --max is ambiguous: --max-failures, --max-unreachable");
    refused("upgrade head --ver", "option --ver is ambiguous: --verbose, --version");
}

Test(options, missing_and_unwanted_arguments)
{
    refused("upgrade head --jobs", "option --jobs needs an argument: N");
    refused("upgrade head -j", "option -j needs an argument: N");
    refused("upgrade head --yes=no", "option --yes takes no argument, but '=no' was given");
    refused("upgrade head -y=1", "option -y takes no argument, but '=1' was given");
    refused("upgrade head --verbose=", "option --verbose takes no argument, but '=' was given");
}

Test(options, values_must_fit)
{
    refused("upgrade head --jobs 0", "option --jobs: 0 is out of range (1 to 512)");
    refused("upgrade head --jobs 513", "option --jobs: 513 is out of range (1 to 512)");
    refused("upgrade head -j 99999999999999999999",
            "option -j: 99999999999999999999 is out of range (1 to 512)");
    refused("upgrade head --jobs 3x", "option --jobs: '3x' is not a whole number");
    refused("upgrade head --jobs=", "option --jobs: '' is not a whole number");
    refused("upgrade head --jobs=-3", "option --jobs: '-3' is not a whole number");
    refused("upgrade head --jobs=+3", "option --jobs: '+3' is not a whole number");
    refused("upgrade head --format jsno",
            "option --format: 'jsno' is not one of text, json (did you mean json?)");
    refused("upgrade head --format xml", "option --format: 'xml' is not one of text, json");
    refused("upgrade head --lock-wait 5",
            "option --lock-wait: '5' is not a duration; write it with its unit, as in "
            "250ms, 5s, 15min, 2h or 1d");
    refused("upgrade head -x foo", "option -x: 'foo' is not of the form name=value");
    refused("upgrade head -x =foo", "option -x: '=foo' is not of the form name=value");
}

Test(options, operands_are_counted)
{
    refused("upgrade", "'upgrade' needs REVISION [TARGET...]");
    refused("heads all", "'heads' takes no operands, but 'all' was given");
    refused("downgrade base now", "'downgrade' takes REVISION; 'now' is one too many");
    g_autoptr(Options) options = accepted("inventory show a b c d e f g h i j");
    cr_expect_eq(options_operand_count(options), 11);
    cr_expect_str_eq(options_operands(options)[10], "j");
}

Test(options, control_characters_do_not_reach_the_terminal)
{
    refused("upgr\033[2J", "unknown command 'upgr\\x1b[2J'; 'dbfleet --help' lists the commands");
    refused("heads --\r\n", "unknown option --\\r\\n of 'heads'");
    refused("heads -\033", "unknown option -\\x1b of 'heads'");
    refused("heads \xff", "'heads' takes no operands, but '\\xff' was given");
}

Test(options, help_and_version_outrank_mistakes)
{
    static const char *const LINES[] = {
        "upgrade --help",         "upgrade -h",           "--nonsense upgrade --jobs x -h",
        "upgrade --limit --help", "help upgrade",         "upgrade a b c d e --hel",
        "--help upgrade",         "xyzzy upgrade --help", "upgrade -qyh"};
    for (gsize i = 0; i < G_N_ELEMENTS(LINES); i++) {
        g_autoptr(Options) options = accepted(LINES[i]);
        cr_expect(options_wants_help(options), "%s", LINES[i]);
        cr_expect_eq(options_command(options), sample_program()->commands[0], "%s", LINES[i]);
    }
    g_autoptr(Options) version = accepted("--version");
    cr_expect(options_wants_version(version));
    cr_expect_not(options_wants_help(version));
    cr_expect_null(options_command(version));
}

Test(options, help_behind_two_dashes_is_an_operand)
{
    g_autoptr(Options) options = accepted("upgrade -- --help");
    cr_expect_not(options_wants_help(options));
    cr_expect_str_eq(options_operand(options, 0), "--help");
}

Test(options, nothing_typed_is_no_command)
{
    g_autoptr(Options) options = accepted("");
    cr_expect_null(options_command(options));
    cr_expect_not(options_wants_help(options));
    char *none[] = {NULL};
    g_autoptr(Options) no_name = options_parse(sample_program(), 0, none, NULL);
    cr_expect_not_null(no_name);
}

/* --- the environment --- */

Test(options, each_option_has_a_variable)
{
    g_setenv("DBFLEET_MAX_FAILURES", "7", TRUE);
    g_setenv("DBFLEET_FORMAT", "json", TRUE);
    g_setenv("DBFLEET_LOCK_WAIT", "2min", TRUE);
    g_setenv("DBFLEET_SKIP", "a, b,,c ", TRUE);
    g_setenv("DBFLEET_VARIABLE", "k=1,m=2", TRUE);
    g_setenv("DBFLEET_VERBOSE", "2", TRUE);
    g_autoptr(Options) options = accepted("upgrade head");
    cr_expect_eq(options_unsigned(options, "max-failures"), 7);
    cr_expect(options_given(options, "max-failures"));
    cr_expect_str_eq(options_text(options, "format"), "json");
    cr_expect_eq(options_duration(options, "lock-wait"), 120000);
    g_autofree char *list = g_strjoinv("|", (char **)options_list(options, "skip"));
    cr_expect_str_eq(list, "a|b|c");
    cr_expect_str_eq(g_hash_table_lookup(options_pairs(options, "variable"), "m"), "2");
    cr_expect_eq(options_count(options, "verbose"), 2);
}

Test(options, the_command_line_replaces_the_variable)
{
    g_setenv("DBFLEET_JOBS", "nonsense", TRUE);
    g_setenv("DBFLEET_SKIP", "a,b", TRUE);
    g_setenv("DBFLEET_VERBOSE", "3", TRUE);
    g_autoptr(Options) options = accepted("upgrade head -j 2 --skip c -v");
    cr_expect_eq(options_unsigned(options, "jobs"), 2);
    cr_expect_str_eq(options_list(options, "skip")[0], "c");
    cr_expect_null(options_list(options, "skip")[1]);
    cr_expect_eq(options_count(options, "verbose"), 1);
}

Test(options, flags_in_the_environment_are_words_of_truth)
{
    static const char *const YES[] = {"1", "true", "yes", "on", "TRUE", "Yes"};
    static const char *const NO[] = {"0", "false", "no", "off", "OFF"};
    for (gsize i = 0; i < G_N_ELEMENTS(YES); i++) {
        g_setenv("DBFLEET_YES", YES[i], TRUE);
        g_autoptr(Options) options = accepted("heads");
        cr_expect(options_flag(options, "yes"), "%s", YES[i]);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(NO); i++) {
        g_setenv("DBFLEET_YES", NO[i], TRUE);
        g_autoptr(Options) options = accepted("heads");
        cr_expect_not(options_flag(options, "yes"), "%s", NO[i]);
        g_autoptr(Options) typed = accepted("heads -y");
        cr_expect(options_flag(typed, "yes"));
    }
}

Test(options, a_bad_variable_is_named)
{
    g_setenv("DBFLEET_YES", "maybe", TRUE);
    refused("heads",
            "environment variable DBFLEET_YES: 'maybe' is not one of 1, true, yes, on, 0, false, no, off");
    g_unsetenv("DBFLEET_YES");
    g_setenv("DBFLEET_JOBS", "0", TRUE);
    refused("upgrade head", "environment variable DBFLEET_JOBS: 0 is out of range (1 to 512)");
    g_autoptr(Options) elsewhere = accepted("heads"); /* which has no --jobs */
    cr_expect_not_null(elsewhere);
}

Test(options, an_empty_variable_is_none_and_version_has_none)
{
    g_setenv("DBFLEET_JOBS", "", TRUE);
    g_setenv("DBFLEET_VERSION", "1.2.3", TRUE);
    g_setenv("DBFLEET_HELP", "1", TRUE);
    g_autoptr(Options) options = accepted("upgrade head");
    cr_expect_eq(options_unsigned(options, "jobs"), 8);
    cr_expect_not(options_given(options, "jobs"));
    cr_expect_not(options_wants_version(options));
    cr_expect_not(options_wants_help(options));
}

Test(options, lists_and_counts_in_the_environment_may_be_wrong_too)
{
    g_setenv("DBFLEET_VARIABLE", "a=1,b", TRUE);
    refused("heads", "environment variable DBFLEET_VARIABLE: 'b' is not of the form name=value");
    g_unsetenv("DBFLEET_VARIABLE");
    g_setenv("DBFLEET_VERBOSE", "yes", TRUE);
    g_autoptr(Options) once = accepted("heads");
    cr_expect_eq(options_count(once, "verbose"), 1);
    g_setenv("DBFLEET_VERBOSE", "very", TRUE);
    refused("heads",
            "environment variable DBFLEET_VERBOSE: 'very' is not one of 1, true, yes, on, 0, false, no, off");
}

static int nothing(const Options *options)
{
    (void)options;
    return 0;
}

#define COMMAND(title)                                                                                       \
    {                                                                                                        \
        .name = title, .operands = "", .summary = "x", .option_sets = sets, .run = nothing                   \
    }

Test(options, of_many_commands_with_an_option_only_some_are_named)
{
    static const OptionSpec rows[] = {
        {.name = "depth", .kind = OPTION_UNSIGNED, .argument = "N", .help = "x", .minimum = 3},
        {.name = NULL}};
    static const OptionSpec *const sets[] = {rows, NULL};
    static const CommandSpec six[] = {COMMAND("a"), COMMAND("b"), COMMAND("c"),
                                      COMMAND("d"), COMMAND("e"), COMMAND("f")};
    static const CommandSpec *const commands[] = {&six[0], &six[1], &six[2], &six[3], &six[4], &six[5], NULL};
    const ProgramSpec program = {.name = "p", .commands = commands};
    static const OptionSpec *const no_sets[] = {NULL};
    static const CommandSpec bare = {.name = "bare", .operands = "", .option_sets = no_sets};
    static const CommandSpec *const with_bare[] = {&six[0], &six[1], &six[2], &six[3],
                                                   &six[4], &six[5], &bare,   NULL};
    const ProgramSpec wider = {.name = "p", .commands = with_bare};
    char *before[] = {(char *)"p", (char *)"--depth", (char *)"3", (char *)"bare", NULL};
    char *less[] = {(char *)"p", (char *)"f", (char *)"--depth", (char *)"2", NULL};
    g_autoptr(GError) error = NULL;
    cr_expect_null(options_parse(&wider, 4, before, &error));
    cr_expect_str_eq(error->message,
                     "unknown option --depth of 'bare' (it is an option of a, b, c, d, e, …)");
    g_clear_error(&error);
    cr_expect_null(options_parse(&program, 4, less, &error));
    cr_expect_str_eq(error->message, "option --depth: 2 is out of range (at least 3)");
}

/* --- mistakes in the program --- */

Test(options, asking_for_an_unknown_option_ends_the_program, .signal = SIGTRAP)
{
    g_autoptr(Options) options = accepted("heads");
    options_flag(options, "jobs");
}

Test(options, asking_with_the_wrong_kind_ends_the_program, .signal = SIGTRAP)
{
    g_autoptr(Options) options = accepted("heads");
    options_text(options, "yes");
}

static bool tables_pass(const OptionSpec *rows)
{
    static const CommandSpec *const none[] = {NULL};
    const ProgramSpec program = {.name = "p", .global_options = rows, .commands = none};
    return options_check_tables(&program, NULL);
}

Test(options, a_default_that_its_row_refuses_ends_the_program, .signal = SIGTRAP)
{
    static const OptionSpec rows[] = {
        {.name = "n", .kind = OPTION_UNSIGNED, .argument = "N", .help = "x", .fallback = "many"},
        {.name = NULL}};
    static const CommandSpec *const none[] = {NULL};
    const ProgramSpec program = {.name = "p", .global_options = rows, .commands = none};
    char *words[] = {(char *)"p", NULL};
    options_free(options_parse(&program, 1, words, NULL));
}

static bool command_passes(const CommandSpec *command, unsigned times)
{
    const CommandSpec *const commands[] = {command, NULL};
    const CommandSpec other = *command;
    const CommandSpec *const twins[] = {command, &other, NULL};
    const ProgramSpec program = {.name = "p", .commands = times > 1 ? twins : commands};
    return options_check_tables(&program, NULL);
}

Test(options, contradictions_in_a_command_are_found)
{
    static const OptionSpec rows[] = {{.name = "a", .letter = 'h', .kind = OPTION_FLAG, .help = "x"},
                                      {.name = NULL}};
    static const OptionSpec *const sets[] = {NULL};
    static const OptionSpec *const clashing[] = {rows, NULL};
    const CommandSpec good = COMMAND("a");
    CommandSpec bad = good;
    cr_expect(command_passes(&good, 1));
    cr_expect_not(command_passes(&good, 2), "twins");
    bad.max_operands = 1;
    cr_expect_not(command_passes(&bad, 1), "operands without a name");
    bad = good;
    bad.summary = "";
    cr_expect_not(command_passes(&bad, 1), "no summary");
    bad = good;
    bad.run = NULL;
    cr_expect_not(command_passes(&bad, 1), "nothing to run");
    bad = good;
    bad.option_sets = clashing;
    cr_expect_not(command_passes(&bad, 1), "the letter of help");
}

Test(options, contradictions_in_a_table_are_found)
{
    const OptionSpec good[] = {{.name = "a", .kind = OPTION_FLAG, .help = "x"}, {.name = NULL}};
    const OptionSpec twice[] = {{.name = "a", .kind = OPTION_FLAG, .help = "x"},
                                {.name = "a", .kind = OPTION_FLAG, .help = "y"},
                                {.name = NULL}};
    const OptionSpec letter_of_help[] = {{.name = "a", .letter = 'h', .kind = OPTION_FLAG, .help = "x"},
                                         {.name = NULL}};
    const OptionSpec no_argument[] = {{.name = "a", .kind = OPTION_TEXT, .help = "x"}, {.name = NULL}};
    const OptionSpec no_choices[] = {{.name = "a", .kind = OPTION_CHOICE, .argument = "A", .help = "x"},
                                     {.name = NULL}};
    const OptionSpec full_stop[] = {{.name = "a", .kind = OPTION_FLAG, .help = "x."}, {.name = NULL}};
    const OptionSpec upside_down[] = {
        {.name = "a", .kind = OPTION_UNSIGNED, .argument = "N", .help = "x", .minimum = 5, .maximum = 4},
        {.name = NULL}};
    cr_expect(tables_pass(good));
    cr_expect_not(tables_pass(twice));
    cr_expect_not(tables_pass(letter_of_help));
    cr_expect_not(tables_pass(no_argument));
    cr_expect_not(tables_pass(no_choices));
    cr_expect_not(tables_pass(full_stop));
    cr_expect_not(tables_pass(upside_down));
}
