/* Completion: the script of bash at work, those of zsh and fish by their own syntax check. */
#include "cli/help.h"

#include "sample_program.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>

/* A new file with the script; the caller frees the name and removes the file. */
static char *script_file(const char *shell)
{
    g_autofree char *script = help_completion(sample_program(), shell);
    char *file = NULL;
    int descriptor = g_file_open_tmp("dbfleet-completion-XXXXXX", &file, NULL);
    cr_assert_geq(descriptor, 0);
    g_close(descriptor, NULL);
    cr_assert_not_null(script);
    cr_assert(g_file_set_contents(file, script, -1, NULL));
    return file;
}

/* What a command prints; it must succeed and complain about nothing. */
static char *output_of(const char *const *arguments)
{
    char *output = NULL;
    g_autofree char *complaints = NULL;
    int status = -1;
    g_autoptr(GError) error = NULL;
    cr_assert(g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                           &complaints, &status, &error),
              "%s", error != NULL ? error->message : "");
    cr_expect_str_eq(complaints, "");
    cr_expect_eq(status, 0);
    return output;
}

static void needs(const char *program)
{
    g_autofree char *path = g_find_program_in_path(program);
    if (path == NULL)
        cr_skip_test("%s is not installed", program);
}

/* The candidates for a line whose cursor is at its end, as "[a][b]". */
static void completes(const char *script, const char *line, const char *candidates)
{
    const char *arguments[] = {"bash", TEST_DATA "/unit/cli/drive_completion.bash", script, line, NULL};
    g_autofree char *output = output_of(arguments);
    cr_expect_str_eq(output, candidates, "'%s' gives %s, not %s", line, output, candidates);
}

#define GLOBALS "[--config][--format][--help][--limit][--quiet][--variable][--verbose][--version][--yes]"

Test(completion, bash_completes_commands_and_options)
{
    needs("bash");
    g_autofree char *script = script_file("bash");
    completes(script, "dbfleet ", "[completion][downgrade][heads][inventory][upgrade]");
    completes(script, "dbfleet up", "[upgrade]");
    completes(script, "dbfleet --", GLOBALS);
    completes(script, "dbfleet upgrade --max-", "[--max-failures][--max-unreachable]");
    completes(script, "dbfleet heads --s", "");
    completes(script, "dbfleet downgrade -1 --s", "[--sql]");
    completes(script, "dbfleet upgrade -j", "[-j]");
    completes(script, "dbfleet nonsense ", "");
    g_remove(script);
}

Test(completion, bash_completes_arguments)
{
    needs("bash");
    g_autofree char *script = script_file("bash");
    completes(script, "dbfleet --format ", "[json][text]");
    completes(script, "dbfleet --format=", "[json][text]");
    completes(script, "dbfleet heads --format=j", "[json]");
    completes(script, "dbfleet upgrade --skip e", "[eu-1][eu-2]");
    completes(script, "dbfleet upgrade --skip=o", "[odd\\ name]");
    completes(script, "dbfleet upgrade --jobs ", "");
    completes(script, "dbfleet -c ", "[compopt -o default]");
    completes(script, "dbfleet --config=x", "[compopt -o default]");
    g_remove(script);
}

Test(completion, bash_completes_operands_by_their_place)
{
    needs("bash");
    g_autofree char *script = script_file("bash");
    completes(script, "dbfleet upgrade ", "[a:b][a:c][head][heads]");
    completes(script, "dbfleet upgrade hea", "[head][heads]");
    completes(script, "dbfleet upgrade head ", "[eu-1][eu-2][odd\\ name]");
    completes(script, "dbfleet upgrade head eu-1 eu-2 e", "[eu-1][eu-2]");
    completes(script, "dbfleet -y upgrade -j 3 -v head e", "[eu-1][eu-2]");
    completes(script, "dbfleet upgrade -1 e", "[eu-1][eu-2]");
    completes(script, "dbfleet upgrade -- -1 e", "[eu-1][eu-2]");
    completes(script, "dbfleet downgrade head ", "");
    completes(script, "dbfleet heads ", "");
    completes(script, "dbfleet inventory ", "[check][list][show]");
    completes(script, "dbfleet inventory show ", "[eu-1][eu-2][odd\\ name]");
    completes(script, "dbfleet inventory show eu-1 eu-2 e", "[eu-1][eu-2]");
    completes(script, "dbfleet inventory show nonsense c", "");
    completes(script, "dbfleet completion ", "[bash][fish][zsh]");
    g_remove(script);
}

Test(completion, bash_leaves_out_what_readline_keeps)
{
    needs("bash");
    g_autofree char *script = script_file("bash");
    completes(script, "dbfleet upgrade a:", "[b][c]");
    completes(script, "dbfleet upgrade a:b", "[b]");
    completes(script, "dbfleet upgrade a:b e", "[eu-1][eu-2]");
    g_remove(script);
}

Test(completion, global_options_are_handed_on_when_the_program_is_asked)
{
    needs("bash");
    g_autofree char *script = script_file("bash");
    completes(script, "dbfleet -l ", ""); /* the stand-in answers only for x.yaml */
    completes(script, "dbfleet -c x.yaml upgrade --limit ", "[canary]");
    completes(script, "dbfleet -v -c x.yaml -l ", "[canary]");
    g_remove(script);
}

Test(completion, scripts_are_understood_by_their_shells)
{
    static const char *const SHELLS[] = {"bash", "zsh", "fish"};
    for (gsize i = 0; i < G_N_ELEMENTS(SHELLS); i++) {
        g_autofree char *path = g_find_program_in_path(SHELLS[i]);
        if (path == NULL)
            continue;
        g_autofree char *script = script_file(SHELLS[i]);
        const char *arguments[] = {SHELLS[i], "-n", script, NULL};
        g_autofree char *output = output_of(arguments);
        cr_expect_str_eq(output, "");
        g_remove(script);
    }
}

Test(completion, fish_completes)
{
    needs("fish");
    g_autofree char *script = script_file("fish");
    g_autofree char *commands =
        g_strdup_printf("function dbfleet; printf 'eu-1\\tof eu\\n'; end; source %s;"
                        "complete -C 'dbfleet upg'; complete -C 'dbfleet inventory show ';"
                        "complete -C 'dbfleet upgrade --max-f'",
                        script);
    const char *arguments[] = {"fish", "--no-config", "-c", commands, NULL};
    g_autofree char *output = output_of(arguments);
    cr_expect_str_eq(output, "upgrade\tBring targets up to a revision\neu-1\tof eu\n"
                             "--max-failures\tfailed targets after which no further one is started\n");
    g_remove(script);
}

Test(completion, hidden_commands_and_other_shells_have_none)
{
    g_autofree char *script = help_completion(sample_program(), "bash");
    cr_expect_null(strstr(script, " __complete'"));
    cr_expect_null(help_completion(sample_program(), "tcsh"));
    cr_expect_null(help_completion(sample_program(), NULL));
}
