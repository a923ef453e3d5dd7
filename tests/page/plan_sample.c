/* Plans made up for the tests of their page: waves, risks, exceptions, a section that changed. */
#include "plan_sample.h"

#include "base/yaml_out.h"
#include "report/plan_file_view.h"

#include <string.h>

#define HOSTILE "</script><img src=x onerror=window.hacked=1>"

static char *revision_text(const char *id, const char *parent, const char *message, const char *sql)
{
    return g_strdup_printf("-- revision: %s\n-- revises: %s\n-- message: %s\n\n-- migrate:up\n%s\n", id,
                           parent, message, sql);
}

static void add_revision(GPtrArray *revisions, char *text)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_ptr_array_add(revisions, revision_parse(text, strlen(text), "versions/sample.sql", NULL, problems));
    g_free(text);
}

static GPtrArray *sample_revisions(bool hostile)
{
    GPtrArray *revisions = g_ptr_array_new_with_free_func((GDestroyNotify)revision_free);
    add_revision(revisions, revision_text("r01", "", hostile ? HOSTILE : "add invoices",
                                          "CREATE TABLE invoices (n int);"));
    add_revision(revisions, revision_text("r02", "r01", "forget orders",
                                          hostile ? "SELECT '" HOSTILE "';" : "DROP TABLE orders;"));
    add_revision(revisions, revision_text("r03", "r02", "was edited", "SELECT 1;"));
    return revisions;
}

static void add_step(GString *out, const GPtrArray *revisions, guint number, const char *risks)
{
    const Revision *revision = revisions->pdata[number];
    const Section *section = revision_section(revision, SECTION_UP, DIALECT_POSTGRES);
    g_string_append_printf(out, "      - {revision: %s, direction: up, after: [%s], checksum: \"%s\"%s}\n",
                           revision->id, revision->id, number < 2 ? section->checksum : "edited", risks);
}

static void add_targets(GString *out, unsigned targets, bool hostile)
{
    for (unsigned i = 0; i < targets; i++) {
        g_autofree char *name = g_strdup_printf("tenant-%05u%s", i, hostile ? HOSTILE : "");
        g_string_append(out, "  - {name: ");
        yaml_out_text(out, name);
        g_string_append_printf(out, ", endpoint: \"postgresql://db%02u:5432/t%05u\", path: p1, wave: %s}\n",
                               i % 7, i, i == 0 ? "canary" : "rest");
    }
}

static char *sample_text(const GPtrArray *revisions, unsigned targets, bool hostile)
{
    GString *out = g_string_new(
        "version: 1\ncommand: upgrade\ngoals: [head]\ntrack: default\n"
        "version_table: dbfleet_version\ncreated: \"2026-11-22T16:40:00Z\"\n"
        "created_by: \"release@ci\"\nvariables: [who]\nrollout:\n  jobs: 8\n  waves: [canary, rest]\n"
        "  soak: 10min\n  gates: [{http: \"https://status.example/ok\"}]\n"
        "waves: [{name: canary, targets: 1}, {name: rest, targets: 9}]\npaths:\n  p1:\n"
        "    dialect: postgres\n    from: []\n    digest: x\n    steps:\n");
    add_step(out, revisions, 0, "");
    add_step(out, revisions, 1,
             ", risks: [{kind: drops, statement: 1, object: orders, reason: \"DROP TABLE orders\"}]");
    add_step(out, revisions, 2, "");
    g_string_append(out, "targets:\n");
    add_targets(out, targets, hostile);
    g_string_append_printf(
        out, "exceptions:\n  - {name: far, endpoint: e, problem: unreachable, reason: \"%s\"}\n",
        hostile ? HOSTILE : "no route to host");
    g_string_append(out, "sizes:\n  - {table: ");
    yaml_out_text(out, hostile ? HOSTILE : "orders");
    g_string_append(out,
                    ", targets: 240, unasked: 1, rows: 12000, rows_max: 9000, bytes: 3100000, bytes_max: "
                    "2000000, largest: [{target: tenant-00007, rows: 9000, bytes: 2000000}]}\n");
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, out->str, (gssize)out->len);
    g_string_append_printf(out, "digest: %s\n", sum);
    return g_string_free(out, FALSE);
}

/* One that counts, one that does not. */
static void add_approvals(PlanFile *file, bool hostile)
{
    Approval *good = approval_new("ada.sig"), *other = approval_new(hostile ? HOSTILE : "eve.sig");
    good->principals = g_strsplit(hostile ? HOSTILE : "ada@example.com", ",", -1);
    approval_refuse(other, APPROVAL_UNKNOWN, "%s", hostile ? HOSTILE : "its key is not known");
    file->approvals = g_ptr_array_new_with_free_func((GDestroyNotify)approval_free);
    g_ptr_array_add(file->approvals, good);
    g_ptr_array_add(file->approvals, other);
    file->approvals_needed = 2;
}

char *plan_sample_page(const char *kind, unsigned targets)
{
    bool hostile = g_str_equal(kind, "plan-hostile");
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(GPtrArray) revisions = sample_revisions(hostile);
    g_autoptr(RevisionGraph) graph = revision_graph_new(revisions, problems);
    g_autofree char *text = sample_text(revisions, targets, hostile);
    g_autoptr(PlanFile) file = plan_file_parse(text, strlen(text), "sample.yaml", problems);
    g_autofree char *told = diagnostics_to_string(problems);
    if (!file || !graph)
        g_error("%s", told);
    add_approvals(file, hostile);
    return plan_file_view_html(file, graph);
}
