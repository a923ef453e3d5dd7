/* Doctor view: what was found here, on each server, and on the targets, equal findings once. */
#include "report/doctor_view.h"
#include "base/json_out.h"
#include "base/terminal.h"
#include "base/text_table.h"
#include "report/style_internal.h"
#include <string.h>

#define NAMES_SHOWN 5
#define INDENT 11 /* behind "  warning  " */

/* One finding on the targets that share it. */
typedef struct FindingGroup {
    const Finding *example;
    GPtrArray *names; /* of const char * */
    guint place;      /* of appearance */
} FindingGroup;

static void finding_group_free(FindingGroup *self)
{
    g_ptr_array_unref(self->names);
    g_free(self);
}

/* ---- Grouping ---- */

static char *key_of(const CheckupTarget *target, const Finding *finding)
{
    const char *const names[] = {target->target->name, target->target->url->database, target->target->schema,
                                 NULL};
    g_autofree char *pattern = message_pattern(finding->found, names);
    return g_strdup_printf("%d %s %s", (int)finding->level, finding->subject, pattern);
}

/* Worst first, then what most targets share. */
static gint compare_groups(gconstpointer a, gconstpointer b)
{
    const FindingGroup *left = *(const FindingGroup *const *)a, *right = *(const FindingGroup *const *)b;
    if (left->example->level != right->example->level)
        return left->example->level < right->example->level ? 1 : -1;
    if (left->names->len != right->names->len)
        return left->names->len < right->names->len ? 1 : -1;
    return left->place < right->place ? -1 : 1;
}

static GPtrArray *group_findings(const Checkup *checkup)
{
    GPtrArray *groups = g_ptr_array_new_with_free_func((GDestroyNotify)finding_group_free);
    g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < checkup->targets->len; i++) {
        const CheckupTarget *target = checkup->targets->pdata[i];
        for (guint f = 0; f < target->findings->len; f++) {
            const Finding *finding = target->findings->pdata[f];
            char *key = key_of(target, finding);
            FindingGroup *group = g_hash_table_lookup(by_key, key);
            if (!group) {
                group = g_new0(FindingGroup, 1);
                *group = (FindingGroup){finding, g_ptr_array_new(), groups->len};
                g_ptr_array_add(groups, group);
                g_hash_table_insert(by_key, g_strdup(key), group);
            }
            g_ptr_array_add(group->names, target->target->name);
            g_free(key);
        }
    }
    g_ptr_array_sort(groups, compare_groups);
    return groups;
}

static unsigned count_at(const Checkup *checkup, FindingLevel level)
{
    unsigned count = 0;
    for (guint i = 0; i < checkup->targets->len; i++) {
        const CheckupTarget *target = checkup->targets->pdata[i];
        count += !target->unreachable && checkup_target_level(target) == level;
    }
    return count;
}

/* ---- Text ---- */

typedef struct View {
    GString *out;
    const Checkup *checkup;
    const ReportOptions *options;
} View;

static StyleColor color_of(FindingLevel level)
{
    static const StyleColor colors[] = {[FINDING_OK] = STYLE_GREEN,
                                        [FINDING_NOTE] = STYLE_PLAIN,
                                        [FINDING_WARNING] = STYLE_YELLOW,
                                        [FINDING_ERROR] = STYLE_RED};
    return colors[level];
}

static void print_heading(const View *view, const char *title)
{
    g_string_append_c(view->out, '\n');
    style_append(view->out, view->options->color, STYLE_BOLD, title);
    g_string_append_c(view->out, '\n');
}

/* "  warning  " and then the text, wrapped behind it. */
static void print_line(const View *view, FindingLevel level, const char *text)
{
    g_string_append(view->out, "  ");
    style_append(view->out, view->options->color, color_of(level), finding_level_name(level));
    unsigned column = 2 + (unsigned)strlen(finding_level_name(level));
    g_string_append_printf(view->out, "%*s", (int)(INDENT - column), "");
    style_append_words(view->out, INDENT, INDENT, view->options->width, text);
}

static void print_words(const View *view, const char *label, const char *text)
{
    if (text)
        style_append_wrapped(view->out, INDENT, view->options->width, label, text);
}

static void print_finding(const View *view, const Finding *finding)
{
    g_autofree char *text = g_strdup_printf("%s: %s", finding->subject, finding->found);
    print_line(view, finding->level, text);
    print_words(view, "do:", finding->advice);
}

static void print_totals(const View *view)
{
    const Checkup *checkup = view->checkup;
    const StyleCount rows[] = {
        {count_at(checkup, FINDING_OK), "ok", STYLE_GREEN},
        {count_at(checkup, FINDING_NOTE), "ok with notes", STYLE_GREEN},
        {count_at(checkup, FINDING_WARNING), "with warnings", STYLE_YELLOW},
        {count_at(checkup, FINDING_ERROR), "with errors", STYLE_RED},
        {checkup->unreachable, "unreachable", STYLE_YELLOW},
        {checkup->inactive, "not looked at (inactive)", STYLE_PLAIN},
    };
    unsigned targets = checkup->targets->len + checkup->inactive;
    g_autofree char *lead = g_strdup_printf("doctor: %u %s:", targets, targets == 1 ? "target" : "targets");
    style_append_counts(view->out, view->options, lead, rows, G_N_ELEMENTS(rows));
}

static void print_local(const View *view)
{
    print_heading(view, "This machine");
    for (guint i = 0; view->checkup->local && i < view->checkup->local->len; i++)
        print_finding(view, view->checkup->local->pdata[i]);
}

/* "- warning: subject: found", hanging behind the dash. */
static void print_server_finding(const View *view, const Finding *finding)
{
    g_autofree char *found =
        g_strdup_printf("%s: %s: %s", finding_level_name(finding->level), finding->subject, finding->found);
    g_string_append_printf(view->out, "%*s- ", INDENT, "");
    style_append_words(view->out, INDENT + 2, INDENT + 2, view->options->width, found);
    if (finding->advice)
        style_append_wrapped(view->out, INDENT + 2, view->options->width, "do:", finding->advice);
}

static char *server_text(const CheckupServer *server)
{
    GString *text = g_string_new(*server->name ? server->name : "files");
    const char *version = server->version       ? server->version
                          : server->unreachable ? "not reached"
                                                : "not there yet";
    g_string_append_printf(text, ": %s, %u %s", version, server->targets,
                           server->targets == 1 ? "target" : "targets");
    if (server->version && server->unreachable > 0)
        g_string_append_printf(text, ", %u of them unreachable", server->unreachable);
    if (server->connections_max > 0)
        g_string_append_printf(text, "; a run opens %u %s, %" G_GINT64_FORMAT " are free",
                               server->connections_wanted,
                               server->connections_wanted == 1 ? "connection" : "connections",
                               MAX(server->connections_max - server->connections_in_use, 0));
    return g_string_free(text, FALSE);
}

static void print_server(const View *view, const CheckupServer *server)
{
    g_autofree char *text = server_text(server);
    bool lost = server->unreachable == server->targets;
    print_line(view, lost ? FINDING_ERROR : findings_worst(server->findings), text);
    for (guint i = 0; i < server->findings->len; i++)
        print_server_finding(view, server->findings->pdata[i]);
}

static void print_group(const View *view, const FindingGroup *group)
{
    guint shown = view->options->verbose ? group->names->len : NAMES_SHOWN;
    g_autofree char *names = finding_names(group->names, shown);
    g_autofree char *label =
        group->names->len == 1 ? g_strdup("target:") : g_strdup_printf("%u targets:", group->names->len);
    print_finding(view, group->example);
    print_words(view, label, names);
}

/* Every target with its worst level and what was found, for -v. */
static void print_target(const View *view, const CheckupTarget *target)
{
    g_autoptr(GPtrArray) subjects = g_ptr_array_new();
    for (guint i = 0; i < target->findings->len; i++)
        g_ptr_array_add(subjects, (gpointer)((const Finding *)target->findings->pdata[i])->subject);
    g_autofree char *list = finding_names(subjects, subjects->len);
    g_autofree char *text = g_strdup_printf("%s: %s%s%s%s", target->target->name, target->target->endpoint,
                                            subjects->len ? " (" : "", list, subjects->len ? ")" : "");
    print_line(view, checkup_target_level(target), text);
}

static void print_targets(const View *view)
{
    g_autoptr(GPtrArray) groups = group_findings(view->checkup);
    unsigned good = count_at(view->checkup, FINDING_OK);
    print_heading(view, "Targets");
    for (guint i = 0; i < groups->len; i++)
        print_group(view, groups->pdata[i]);
    if (good > 0) {
        g_autofree char *text =
            g_strdup_printf("%u %s nothing to tell", good, good == 1 ? "target with" : "targets with");
        print_line(view, FINDING_OK, text);
    }
    if (!view->options->verbose)
        return;
    print_heading(view, "Each target");
    for (guint i = 0; i < view->checkup->targets->len; i++)
        print_target(view, view->checkup->targets->pdata[i]);
}

char *doctor_view_text(const Checkup *checkup, const ReportOptions *options)
{
    const View view = {g_string_new(NULL), checkup, options};
    print_totals(&view);
    print_local(&view);
    if (checkup->servers->len > 0)
        print_heading(&view, "Servers");
    for (guint i = 0; i < checkup->servers->len; i++)
        print_server(&view, checkup->servers->pdata[i]);
    if (checkup->targets->len > 0)
        print_targets(&view);
    return g_string_free(view.out, FALSE);
}

/* ---- JSON ---- */

static void findings_json(JsonOut *json, const char *key, const GPtrArray *findings)
{
    json_out_begin_array(json, key);
    for (guint i = 0; findings && i < findings->len; i++) {
        const Finding *finding = findings->pdata[i];
        json_out_begin_object(json, NULL);
        json_out_string(json, "level", finding_level_name(finding->level));
        json_out_string(json, "subject", finding->subject);
        json_out_string(json, "found", finding->found);
        json_out_string(json, "advice", finding->advice);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static void server_json(JsonOut *json, const CheckupServer *server)
{
    bool known = server->connections_max > 0;
    json_out_begin_object(json, NULL);
    json_out_string(json, "server", server->name);
    json_out_string(json, "server_version", server->version);
    json_out_int(json, "targets", server->targets);
    json_out_int(json, "unreachable", server->unreachable);
    if (known) {
        json_out_begin_object(json, "connections");
        json_out_int(json, "max", server->connections_max);
        json_out_int(json, "in_use", server->connections_in_use);
        json_out_int(json, "wanted", server->connections_wanted);
        json_out_end_object(json);
    } else {
        json_out_null(json, "connections");
    }
    findings_json(json, "findings", server->findings);
    json_out_end_object(json);
}

static void target_json(JsonOut *json, const CheckupTarget *target)
{
    json_out_begin_object(json, NULL);
    json_out_string(json, "target", target->target->name);
    json_out_string(json, "group", target->target->group ? target->target->group->name : NULL);
    json_out_string(json, "endpoint", target->target->endpoint);
    json_out_string(json, "server", target->target->server);
    json_out_string(json, "server_version", target->server_version);
    json_out_bool(json, "unreachable", target->unreachable);
    json_out_string(json, "level", finding_level_name(checkup_target_level(target)));
    findings_json(json, "findings", target->findings);
    json_out_end_object(json);
}

char *doctor_view_json(const Checkup *checkup)
{
    g_autoptr(JsonOut) json = json_out_new(2);
    json_out_begin_object(json, NULL);
    json_out_int(json, "format", 1);
    json_out_string(json, "level", finding_level_name(checkup->worst));
    json_out_begin_object(json, "totals");
    for (int level = FINDING_OK; level <= FINDING_ERROR; level++)
        json_out_int(json, finding_level_name((FindingLevel)level), count_at(checkup, (FindingLevel)level));
    json_out_int(json, "unreachable", checkup->unreachable);
    json_out_int(json, "inactive", checkup->inactive);
    json_out_end_object(json);
    findings_json(json, "local", checkup->local);
    json_out_begin_array(json, "servers");
    for (guint i = 0; i < checkup->servers->len; i++)
        server_json(json, checkup->servers->pdata[i]);
    json_out_end_array(json);
    json_out_begin_array(json, "targets");
    for (guint i = 0; i < checkup->targets->len; i++)
        target_json(json, checkup->targets->pdata[i]);
    json_out_end_array(json);
    json_out_end_object(json);
    return json_out_steal(json);
}
