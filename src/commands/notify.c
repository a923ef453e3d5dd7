/* dbfleet notify */
#include "base/json_out.h"
#include "base/text_table.h"
#include "commands/command_list_internal.h"
#include "commands/notifications_internal.h"
#include "run/notifier.h"

static const TextColumn columns[] = {{"name", ALIGN_LEFT, 12, true},
                                     {"template", ALIGN_LEFT, 8, false},
                                     {"told of", ALIGN_LEFT, 20, true},
                                     {"test", ALIGN_LEFT, 6, false}};

typedef struct Test {
    bool sent;
    char *problem; /* NULL: none, or it was not sent */
} Test;

/* ---- Trying ---- */

static RunResult *no_run(void)
{
    RunResult *run = run_result_new();
    run->id = g_strdup("none");
    run->command = g_strdup("notify");
    run->goal = g_strdup("--test");
    run->track = g_strdup("none");
    run->operator_name = command_operator();
    run->host = g_strdup(g_get_host_name());
    run->started_us = g_get_real_time();
    return run;
}

static void send_test(const Workspace *workspace, const NotifySpec *entry, Test *test)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SecretStore) secrets = secret_store_new();
    g_autoptr(RunResult) run = no_run();
    const Notification notification = {
        .event = "test", .time_us = run->started_us, .text = "only a test: nothing ran", .run = run};
    g_autofree char *body = notification_body(entry, &notification);
    test->sent = notification_send(entry, secrets, workspace->project->folder, body, NULL, NULL, &error);
    test->problem = error ? g_strdup(error->message) : NULL;
}

/* ---- The list ---- */

static char *events_of(const NotifySpec *entry)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < NOTIFY_EVENT_COUNT; i++)
        if (entry->events & 1U << i)
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", notify_event_name((NotifyEvent)i));
    return g_string_free(text, FALSE);
}

static const char *test_word(const Test *test)
{
    return test->problem ? "failed" : test->sent ? "sent" : "";
}

static char *list_text(const GPtrArray *entries, const Test *tests)
{
    g_autoptr(TextTable) table = text_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < entries->len; i++) {
        const NotifySpec *entry = entries->pdata[i];
        g_autofree char *events = events_of(entry);
        const char *cells[] = {entry->name, notify_template_name(entry->template), events,
                               test_word(&tests[i])};
        text_table_add(table, cells);
    }
    return text_table_render(table, 0, command_table_width());
}

static char *list_json(const GPtrArray *entries, const Test *tests)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_array(json, NULL);
    for (guint i = 0; i < entries->len; i++) {
        const NotifySpec *entry = entries->pdata[i];
        g_autofree char *events = events_of(entry);
        g_auto(GStrv) names = g_strsplit(events, ", ", -1);
        json_out_begin_object(json, NULL);
        json_out_string(json, "name", entry->name);
        json_out_string(json, "template", notify_template_name(entry->template));
        json_out_strings(json, "on", (const char *const *)names);
        json_out_bool(json, "sent", tests[i].sent);
        json_out_string(json, "problem", tests[i].problem);
        json_out_end_object(json);
    }
    json_out_end_array(json);
    return json_out_steal(json);
}

static int print_list(const Options *options, const GPtrArray *entries, const Test *tests)
{
    int code = EXIT_DONE;
    g_autofree char *text =
        command_wants_json(options) ? list_json(entries, tests) : list_text(entries, tests);
    int printed = command_print(text);
    for (guint i = 0; i < entries->len; i++)
        if (tests[i].problem)
            code = command_fail(EXIT_TARGET_FAILED, "not sent: %s", tests[i].problem);
    return code != EXIT_DONE ? code : printed;
}

static int notify_run(const Options *options)
{
    int code = EXIT_DONE;
    g_auto(Workspace) workspace = {0};
    if (!workspace_open(&workspace, options, WORKSPACE_PROJECT, &code))
        return code;
    const GPtrArray *entries = workspace.project->notify;
    if (entries->len == 0)
        return command_fail(EXIT_CONFIGURATION,
                            "nobody is told of runs: there is no notify: in dbfleet.yaml");
    g_autofree Test *tests = g_new0(Test, entries->len);
    for (guint i = 0; options_flag(options, "test") && i < entries->len; i++)
        send_test(&workspace, entries->pdata[i], &tests[i]);
    code = print_list(options, entries, tests);
    for (guint i = 0; i < entries->len; i++)
        g_free(tests[i].problem);
    return code;
}

static const OptionSpec own_options[] = {
    {.name = "test", .kind = OPTION_FLAG, .help = "Send each of them a message that says it is a test"}, {0}};

static const OptionSpec *const option_sets[] = {own_options, format_options, NULL};

const CommandSpec notify_command = {
    .name = "notify",
    .group = COMMANDS_FLEET,
    .operands = "",
    .summary = "List who is told of runs, or send each a test",
    .description =
        "Lists the entries of notify: in dbfleet.yaml, by a name that holds no secret: what each is "
        "told of, and in which form. With --test each is sent a message now, as a run would send it; "
        "the exit code is 1 if one could not be sent.",
    .example = "dbfleet notify\ndbfleet notify --test",
    .option_sets = option_sets,
    .run = notify_run,
};
