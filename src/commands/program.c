/* Program: the tables of commands, global options and exit codes, and the way from argv to a command. */
#include "cli/help.h"
#include "commands/command_list_internal.h"
#include "commands/commands.h"
#include "drivers/driver.h"
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const formats[] = {"text", "json", NULL};
static const char *const colors[] = {"auto", "always", "never", NULL};
static const char *const halts[] = {"step", "target", "cancel", NULL};

const OptionSpec global_options[] = {
    {.name = "config",
     .letter = 'c',
     .kind = OPTION_TEXT,
     .argument = "FILE",
     .help = "Use this dbfleet.yaml instead of the nearest one above the current folder"},
    {.name = "inventory",
     .kind = OPTION_TEXT,
     .argument = "PATH",
     .help = "Use this inventory file or folder instead of the one dbfleet.yaml names"},
    {.name = "track",
     .letter = 'n',
     .kind = OPTION_TEXT,
     .argument = "TRACK",
     .help = "Work on this track: a versions folder with its version table"},
    {.name = "color",
     .kind = OPTION_CHOICE,
     .argument = "WHEN",
     .choices = colors,
     .fallback = "auto",
     .help = "Colour the output; NO_COLOR is honoured"},
    {.name = "quiet",
     .letter = 'q',
     .kind = OPTION_FLAG,
     .help = "Leave out progress and notes; errors and data stay"},
    {.name = "verbose",
     .letter = 'v',
     .kind = OPTION_COUNT,
     .help = "Show more: every target, every SQL text"},
    {.name = "no-pager", .kind = OPTION_FLAG, .help = "Print long listings straight to the terminal"},
    {0}};

const OptionSpec selection_options[] = {
    {.name = "limit",
     .letter = 'l',
     .kind = OPTION_TEXT,
     .argument = "SELECTOR",
     .help =
         "Work on these targets only: groups, names, globs, ~regex, label=value, joined by : with & and !"},
    {.name = "allow-empty", .kind = OPTION_FLAG, .help = "Accept a selection without any target"},
    {.name = "url",
     .kind = OPTION_TEXT,
     .argument = "URL",
     .help = "Work on this one database instead of an inventory (also DATABASE_URL)"},
    {0}};

const OptionSpec parallel_options[] = {
    {.name = "jobs",
     .letter = 'j',
     .kind = OPTION_UNSIGNED,
     .argument = "N",
     .minimum = 1,
     .maximum = 1024,
     .help = "Targets at work at once; 8 unless dbfleet.yaml says otherwise"},
    {.name = "per-host",
     .kind = OPTION_UNSIGNED,
     .argument = "N",
     .minimum = 1,
     .maximum = 1024,
     .help = "Targets at work at once on one server"},
    {0}};

const OptionSpec format_options[] = {{.name = "format",
                                      .kind = OPTION_CHOICE,
                                      .argument = "FORMAT",
                                      .choices = formats,
                                      .fallback = "text",
                                      .help = "Print text for people or JSON for programs"},
                                     {0}};

/* A row of two sets. */
#define METRICS_OPTION                                                                                       \
    {                                                                                                        \
        .name = "metrics", .kind = OPTION_TEXT, .argument = "FILE",                                          \
        .help = "Also write metrics for Prometheus into FILE, which the node exporter's textfile collector " \
                "reads"                                                                                      \
    }

const OptionSpec metrics_options[] = {METRICS_OPTION, {0}};

const OptionSpec variable_options[] = {
    {.name = "set",
     .letter = 'x',
     .kind = OPTION_PAIRS,
     .argument = "NAME=VALUE",
     .help = "Give a template variable of revision files; wins over a target's vars"},
    {0}};

const OptionSpec wave_options[] = {
    {.name = "no-waves",
     .kind = OPTION_FLAG,
     .help = "All targets at once: no waves, and no soak, question or gate between them, whatever "
             "dbfleet.yaml says"},
    {0}};

const OptionSpec policy_options[] = {
    {.name = "max-failures",
     .kind = OPTION_TEXT,
     .argument = "N|N%",
     .help = "Halt when more targets than this have failed; 0 unless dbfleet.yaml says otherwise"},
    {.name = "max-unreachable",
     .kind = OPTION_TEXT,
     .argument = "N|N%",
     .help =
         "Halt when more targets than this could not be reached; 100% unless dbfleet.yaml says otherwise"},
    {.name = "on-halt",
     .kind = OPTION_CHOICE,
     .argument = "WHAT",
     .choices = halts,
     .help =
         "What running targets do after a halt: end their step, end their path, or be cancelled; step unless "
         "dbfleet.yaml says otherwise"},
    {.name = "stop-starting-at",
     .kind = OPTION_TEXT,
     .argument = "TIME",
     .help = "Start no target from then on; running ones go on: a time of day (04:30, the next one), a "
             "duration from the start of the run (3h), or a time (2026-11-22T04:30:00Z)"},
    {0}};

const OptionSpec run_options[] = {
    {.name = "yes",
     .letter = 'y',
     .kind = OPTION_FLAG,
     .help = "Do not ask; needed where no terminal is there to ask on"},
    {.name = "no-backup",
     .kind = OPTION_FLAG,
     .help = "Change targets without the backup that the inventory asks for (a stamp makes none anyway)"},
    {.name = "report",
     .kind = OPTION_LIST,
     .argument = "FILE",
     .help =
         "Also write the report into FILE at the end, whatever it is; its form is told by the name: .txt, "
         ".json, .md (Markdown), .xml (JUnit)"},
    {.name = "events",
     .kind = OPTION_TEXT,
     .argument = "FILE",
     .help =
         "Also write what happens as it happens, a line of JSON for each event, into FILE (added to it) or "
         "a FIFO; - for standard output, and the report goes to standard error"},
    METRICS_OPTION,
    {0}};

const OptionSpec offline_options[] = {
    {.name = "sql", .kind = OPTION_FLAG, .help = "Print the script for one dialect instead of running it"},
    {.name = "dialect",
     .kind = OPTION_TEXT,
     .argument = "NAME",
     .help = "With --sql: the dialect of the script (postgres, mysql, mariadb, sqlite); that of the targets "
             "otherwise"},
    {.name = "tag",
     .kind = OPTION_TEXT,
     .argument = "TEXT",
     .help = "With --sql: a text for the script's heading"},
    {0}};

static const char *const exit_codes[] = {"0",   "done",
                                         "1",   "some target failed",
                                         "2",   "different or pending (--exit-code, current --check-heads)",
                                         "3",   "halted: the failure budget was exceeded",
                                         "4",   "only unreachable targets are missing",
                                         "5",   "a target moved since it was planned",
                                         "6",   "locked by another dbfleet",
                                         "64",  "usage error",
                                         "78",  "error in the configuration, the inventory or the revisions",
                                         "130", "interrupted",
                                         NULL};

static const char *const environment[] = {
    "DATABASE_URL",
    "the one database to work on, where neither --url nor an inventory says otherwise",
    "NO_COLOR",
    "not empty: no colour unless --color asks for it",
    "COLUMNS",
    "width of the text where the output is no terminal; 80 without it",
    "DBFLEET_PAGER, PAGER",
    "what shows listings that are longer than the terminal; less without them, nothing if empty or cat",
    "VISUAL, EDITOR",
    "the editor of \"edit\" and \"revision --edit\"; vi without them",
    "PGPASSFILE, PGSERVICE, PG...",
    "what libpq takes from its environment for whatever a URL leaves open",
    "HOME, MYSQL_HOME, MARIADB_HOME",
    "where .my.cnf and my.cnf are looked for",
    NULL};

static const CommandSpec *const commands[] = {COMMAND_LIST, NULL};

const ProgramSpec program_spec = {
    .name = "dbfleet",
    .version = DBFLEET_VERSION,
    .summary = "Schema migrations for fleets of databases",
    .description =
        "dbfleet brings the schemas of many databases (PostgreSQL, MySQL, MariaDB, SQLite) to the same "
        "revision. Revisions are SQL files that name their parents; an inventory in YAML names the "
        "databases. A command that changes databases reads where each one stands, works out its path, "
        "asks, runs the paths in parallel within limits, halts when more of them fail than the budget "
        "allows, and ends in one report.\n\n"
        "dbfleet.yaml makes a folder a project and is looked for in the current folder and those above. "
        "Without it, --url or DATABASE_URL works on one database with the revisions in versions/.\n\n"
        "Data goes to standard output, all else to standard error. What changes databases asks on a "
        "terminal and needs --yes elsewhere.",
    .environment = environment,
    .exit_codes = exit_codes,
    .global_options = global_options,
    .commands = commands,
};

static int print_version(void)
{
    printf("dbfleet %s\n", DBFLEET_VERSION);
    for (const Driver *const *driver = drivers_all(); *driver; driver++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *client = (*driver)->client_version(&error);
        printf("%-9s %s\n", (*driver)->name, client ? client : error->message);
    }
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_CONFIGURATION;
}

static int print_help(const CommandSpec *command, const Options *options)
{
    bool color = terminal_wants_color(STDOUT_FILENO, options ? COLOR_AUTO : COLOR_NEVER);
    g_autofree char *text = help_text(&program_spec, command, command_width(), color);
    return command_page(options, text);
}

static int run(const Options *options)
{
    const CommandSpec *command = options_command(options);
    if (options_wants_version(options))
        return print_version();
    if (options_wants_help(options))
        return print_help(command, options);
    if (command)
        return command->run(options);
    print_help(NULL, options);
    return EXIT_USAGE;
}

/* A password typed in a URL is overwritten where other users see arguments (ps). The options have their own
 * copy. */
static void hide_password(char *url)
{
    char *host = strstr(url, "://");
    if (!host)
        return;
    host += strlen("://");
    char *at = g_strrstr_len(host, (gssize)strcspn(host, "/?#"), "@");
    char *colon = at ? memchr(host, ':', (gsize)(at - host)) : NULL;
    if (colon)
        memset(colon + 1, '*', (gsize)(at - colon - 1));
    char *parameter = strstr(host, "password=");
    if (parameter)
        memset(parameter + strlen("password="), '*', strcspn(parameter + strlen("password="), "&#"));
}

int dbfleet_main(int argc, char **argv)
{
    GError *error = NULL;
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
    g_autoptr(Options) options = options_parse(&program_spec, argc, argv, &error);
    if (!options)
        return command_fail_error(EXIT_USAGE, error);
    for (int i = 1; i < argc; i++)
        hide_password(argv[i]);
    return run(options);
}
