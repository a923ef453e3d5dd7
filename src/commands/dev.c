/* dbfleet dev: looks after dev servers. prune removes what killed commands left there. */
#include "commands/command_list_internal.h"
#include "dev/dev_servers.h"
#include <stdio.h>

static int prune(const Options *options, DevServers *servers)
{
    GError *error = NULL;
    bool dry = options_flag(options, "dry-run");
    g_autoptr(GPtrArray) leftovers = dev_servers_leftovers(servers, &error);
    if (!leftovers)
        return command_fail_error(EXIT_CONFIGURATION, error);
    for (guint i = 0; i < leftovers->len; i++)
        printf("%s\n", (const char *)leftovers->pdata[i]);
    if (fflush(stdout) != 0)
        return command_fail(EXIT_CONFIGURATION, "standard output cannot be written");
    if (!dry && !dev_servers_prune(servers, leftovers, &error))
        return command_fail_error(EXIT_CONFIGURATION, error);
    fprintf(stderr, "%u %s %s\n", leftovers->len, leftovers->len == 1 ? "leftover" : "leftovers",
            dry ? "found" : "removed");
    return EXIT_DONE;
}

static int dev_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (!g_str_equal(options_operand(options, 0), "prune"))
        return command_fail(EXIT_USAGE, "dev: \"%s\" is not prune", options_operand(options, 0));
    if (!workspace_open(&workspace, options, WORKSPACE_PROJECT, &code))
        return code;
    g_autoptr(SecretStore) secrets = secret_store_new();
    g_autoptr(DevServers) servers = dev_servers_new(workspace.project, secrets);
    return prune(options, servers);
}

static const OptionSpec own_options[] = {
    {.name = "dry-run", .kind = OPTION_FLAG, .help = "Only list what would be removed"}, {0}};

static const OptionSpec *const option_sets[] = {own_options, NULL};

const CommandSpec dev_command = {
    .name = "dev",
    .group = COMMANDS_OTHER,
    .operands = "prune",
    .min_operands = 1,
    .max_operands = 1,
    .summary = "Remove what killed commands left on dev servers",
    .description =
        "Commands that try schema changes make scratch databases on dev servers and drop them, also after an "
        "interrupt. What a kill -9 or a power cut leaves is found here: databases dbfleet_dev_... on the "
        "servers that dev: in dbfleet.yaml names, files of that name in the folder of dev.sqlite and in the "
        "folder for temporary files, and private servers with their folders. What a living command holds is "
        "passed over, on whichever computer it runs; so is every other database.",
    .example = "dbfleet dev prune --dry-run",
    .option_sets = option_sets,
    .run = dev_run,
};
