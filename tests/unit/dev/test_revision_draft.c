/* Drafts of revisions: sections for all dialects or for each, stages, what has no way back. Proofs: what does
 * not lead where it should is not let pass. */
#include "dev/revision_draft.h"

#include "dev/revision_proof.h"
#include "dev_fixture.h"

#define TIME .timeout = 60

static ChangeStage *add_stage(ChangeMake *make, const char *up, const char *down)
{
    ChangeStage *stage = g_new0(ChangeStage, 1);
    stage->up = change_script_new();
    stage->down = change_script_new();
    change_script_add(stage->up, "%s", up);
    change_script_add(stage->down, "%s", down);
    g_ptr_array_add(make->stages, stage);
    return stage;
}

static void stage_free(gpointer data)
{
    ChangeStage *stage = data;
    change_script_free(stage->up);
    change_script_free(stage->down);
    g_free(stage);
}

static ChangeMake *make_new(void)
{
    ChangeMake *make = g_new0(ChangeMake, 1);
    make->stages = g_ptr_array_new_with_free_func(stage_free);
    make->lines = g_ptr_array_new_with_free_func(g_free);
    make->notes = g_ptr_array_new_with_free_func(g_free);
    make->possible_renames = g_ptr_array_new_with_free_func(g_free);
    return make;
}

/* The draft of a revision for PostgreSQL and SQLite. */
static char *draft(ChangeMake *postgres, ChangeMake *sqlite, unsigned index, const DraftOptions *options)
{
    const DraftOptions none = {0};
    const DraftDialect rows[] = {{DIALECT_POSTGRES, postgres}, {DIALECT_SQLITE, sqlite}};
    g_autoptr(GArray) dialects = g_array_new(FALSE, FALSE, sizeof(DraftDialect));
    g_array_append_vals(dialects, rows, 2);
    return revision_draft_text(dialects, index, options ? options : &none);
}

static void expect_has(const char *text, const char *part)
{
    cr_assert(strstr(text, part), "lacks %s:\n%.2000s", part, text);
}

static void expect_lacks(const char *text, const char *part)
{
    cr_assert_not(strstr(text, part), "has %s:\n%.2000s", part, text);
}

Test(revision_draft, what_is_the_same_everywhere_is_one_section_without_a_name)
{
    g_autoptr(ChangeMake) postgres = make_new();
    g_autoptr(ChangeMake) sqlite = make_new();
    add_stage(postgres, "CREATE TABLE t (a int)", "DROP TABLE t");
    add_stage(sqlite, "CREATE TABLE t (a int)", "DROP TABLE t");
    g_autofree char *text = draft(postgres, sqlite, 0, NULL);
    expect_has(text, "-- migrate:up\n\nCREATE TABLE t (a int);\n");
    expect_has(text, "-- migrate:down\n\nDROP TABLE t;\n");
    expect_lacks(text, "sqlite");
}

Test(revision_draft, one_difference_makes_sections_of_their_own_both_ways)
{
    g_autoptr(ChangeMake) postgres = make_new();
    g_autoptr(ChangeMake) sqlite = make_new();
    add_stage(postgres, "CREATE TABLE t (a int)", "DROP TABLE t");
    add_stage(sqlite, "CREATE TABLE t (a int)", "DROP TABLE t")->up_keys_off = true;
    g_autofree char *text = draft(postgres, sqlite, 0, NULL);
    expect_has(text, "-- migrate:up postgres\n");
    expect_has(text, "-- migrate:up sqlite foreign_keys:off\n");
    expect_has(text, "-- migrate:down postgres\n");
    expect_has(text, "-- migrate:down sqlite\n");
}

Test(revision_draft, a_dialect_with_fewer_stages_has_nothing_to_do_in_later_revisions)
{
    g_autoptr(ChangeMake) postgres = make_new();
    g_autoptr(ChangeMake) sqlite = make_new();
    add_stage(postgres, "ALTER TYPE m ADD VALUE 'x'", "SELECT 1");
    add_stage(postgres, "CREATE INDEX CONCURRENTLY i ON t (a)", "DROP INDEX i")->up_outside = true;
    add_stage(sqlite, "CREATE INDEX i ON t (a)", "DROP INDEX i");
    g_autofree char *text = draft(postgres, sqlite, 1, NULL);
    expect_has(text, "-- migrate:up postgres transaction:false\n\nCREATE INDEX CONCURRENTLY");
    expect_has(text, "-- migrate:up sqlite\n\n-- nothing to do\n");
    expect_has(text, "-- Goes on with the one before it, outside of a transaction.\n");
}

Test(revision_draft, what_loses_data_is_listed_and_can_be_without_a_way_back)
{
    g_autoptr(ChangeMake) postgres = make_new();
    g_autoptr(ChangeMake) sqlite = make_new();
    ChangeStage *stage = add_stage(postgres, "DROP TABLE t", "CREATE TABLE t (a int)");
    ((ChangeStatement *)stage->up->statements->pdata[0])->data_loss = g_strdup("table t");
    add_stage(sqlite, "SELECT 1", "SELECT 2");
    const DraftOptions options = {.no_down_for_data_loss = true};
    g_autofree char *text = draft(postgres, sqlite, 0, NULL);
    expect_has(text, "-- Gone for good once it ran:\n--   table t\n");
    expect_has(text, "-- migrate:down postgres");
    g_autofree char *one_way = draft(postgres, sqlite, 0, &options);
    expect_has(one_way, REVISION_IRREVERSIBLE " table t\n");
    expect_lacks(one_way, "-- migrate:down postgres");
    expect_has(one_way, "-- migrate:down sqlite");
}

Test(revision_draft, two_braces_are_written_as_four)
{
    g_autoptr(ChangeMake) postgres = make_new();
    g_autoptr(ChangeMake) sqlite = make_new();
    add_stage(postgres, "SELECT '{{ a | raw }}'", "SELECT 1");
    add_stage(sqlite, "SELECT '{{ a | raw }}'", "SELECT 1");
    g_autofree char *text = draft(postgres, sqlite, 0, NULL);
    expect_has(text, "SELECT '{{{{ a | raw }}'");
}

/* ---- Proof ---- */

typedef struct Claim {
    DevFixture *fixture;
    const char *from;
} Claim;

static Scratch *fresh(gpointer context, GError **error)
{
    const Claim *claim = context;
    g_autoptr(Scratch) scratch = scratch_new(claim->fixture->servers, DIALECT_SQLITE, NULL, NULL, error);
    return scratch && connection_run(scratch->connection, claim->from, error) ? g_steal_pointer(&scratch)
                                                                              : NULL;
}

static SchemaModel *model_from(DevFixture *fixture, const char *sql)
{
    Claim claim = {fixture, sql};
    g_autoptr(Scratch) scratch = fresh(&claim, NULL);
    return scratch_model(scratch, NULL, NULL);
}

/* What the proof says against a revision that claims to lead from one schema to another; NULL: nothing. */
static char *proof_against(const char *from, const char *to, const char *sections, char **needs_no_rows)
{
    DevFixture *fixture = fixture_new();
    Claim claim = {fixture, from};
    GError *error = NULL;
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *text = g_strconcat("-- revision: r1\n\n", sections, NULL);
    g_autoptr(GPtrArray) revisions = g_ptr_array_new_with_free_func((GDestroyNotify)revision_free);
    g_ptr_array_add(revisions, revision_parse(text, strlen(text), "r1.sql", NULL, problems));
    g_autoptr(SchemaModel) before = model_from(fixture, from);
    g_autoptr(SchemaModel) wanted = model_from(fixture, to);
    const ProofRequest request = {
        .fresh = fresh, .context = &claim, .revisions = revisions, .before = before, .wanted = wanted};
    g_auto(RevisionProof) proof = {0};
    bool good = revision_proof_run(&request, &proof, &error);
    char *message = good ? NULL : g_strdup(error->message);
    if (needs_no_rows)
        *needs_no_rows = g_steal_pointer(&proof.needs_no_rows);
    g_clear_error(&error);
    fixture_free(fixture);
    return message;
}

#define T "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)"
#define T_AND_B "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT)"
#define ADD_B "-- migrate:up\nALTER TABLE t ADD COLUMN b INT;\n"
#define DROP_B "-- migrate:down\nALTER TABLE t DROP COLUMN b;\n"

Test(revision_proof, what_leads_there_and_back_passes, TIME)
{
    g_autofree char *against = proof_against(T, T_AND_B, ADD_B DROP_B, NULL);
    cr_assert_null(against, "%s", against);
}

Test(revision_proof, a_way_up_that_leads_elsewhere_does_not, TIME)
{
    g_autofree char *against =
        proof_against(T, T_AND_B, "-- migrate:up\nALTER TABLE t ADD COLUMN b TEXT;\n" DROP_B, NULL);
    cr_assert_not_null(against);
    expect_has(against, "the way up does not lead");
    expect_has(against, "column t.b");
}

Test(revision_proof, a_way_down_that_leads_elsewhere_does_not, TIME)
{
    g_autofree char *against = proof_against(T, T_AND_B, ADD_B "-- migrate:down\nSELECT 1;\n", NULL);
    cr_assert_not_null(against);
    expect_has(against, "the way down does not lead back");
}

Test(revision_proof, rows_that_are_lost_without_a_word_are_found_both_ways, TIME)
{
    g_autofree char *up = proof_against(T, T_AND_B, ADD_B "DELETE FROM t;\n" DROP_B, NULL);
    cr_assert_not_null(up);
    expect_has(up, "the way up loses data");
    expect_has(up, "table t: 3 rows before, 0 behind it");
    g_autofree char *down = proof_against(T, T_AND_B, ADD_B DROP_B "UPDATE t SET a = 'gone';\n", NULL);
    cr_assert_not_null(down);
    expect_has(down, "the way down loses data");
    expect_has(down, "column t.a");
}

Test(revision_proof, what_goes_only_without_rows_is_told, TIME)
{
    g_autofree char *needs = NULL;
    g_autofree char *against =
        proof_against(T, T_AND_B,
                      ADD_B "CREATE TABLE x (a INT NOT NULL);\nINSERT INTO x SELECT NULL FROM t;\nDROP TABLE "
                            "x;\n" DROP_B,
                      &needs);
    cr_assert_null(against, "%s", against);
    cr_assert_not_null(needs);
    expect_has(needs, "NOT NULL");
}
