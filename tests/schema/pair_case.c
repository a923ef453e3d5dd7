/* One case: made on the first scratch database, then run there again with rows, as text, and looked at by the
 * server's own word after each way. */
#include "pair_case.h"

#include "dev/change_make.h"
#include "dev/row_sums.h"
#include "dev/schema_files.h"
#include "dev/seed_rows.h"
#include "oracle.h"
#include "sql/script.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

typedef struct CaseRun {
    const PairCase *pair;
    Scratch *scratch;
    Scratch *to;
    ChangeMake *make;
    SchemaModel *wanted;
    SchemaHints *hints;
    GPtrArray *oracle_from;
    GPtrArray *oracle_to;
    GPtrArray *losses;
    bool with_rows;
    GString *wrong;
    GString *noted;      /* told where the case fails or is asked for */
    PairOutcome outcome; /* of a case that expects anything: why it ended before its end */
} CaseRun;

static void case_run_clear(CaseRun *self)
{
    change_make_free(self->make);
    schema_model_free(self->wanted);
    schema_hints_free(self->hints);
    g_clear_pointer(&self->oracle_from, g_ptr_array_unref);
    g_clear_pointer(&self->oracle_to, g_ptr_array_unref);
    g_clear_pointer(&self->losses, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CaseRun, case_run_clear)

static bool wrong(CaseRun *self, const char *what, GError *error)
{
    g_string_append_printf(self->wrong, "  %s: %s\n", what, error->message);
    g_error_free(error);
    return false;
}

/* ---- Both databases ---- */

/* Hints stand in comments of what the schema shall be; they are read from files. */
static bool read_hints(CaseRun *self)
{
    GError *error = NULL;
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autofree char *folder = g_dir_make_tmp("dbfleet-pairs-XXXXXX", &error);
    g_autofree char *path = folder ? g_build_filename(folder, "schema.sql", NULL) : NULL;
    if (!path || !g_file_set_contents(path, self->pair->to, -1, &error))
        return wrong(self, "hints", error);
    g_autoptr(SchemaFiles) files = schema_files_read(folder, self->scratch->dialect, problems);
    g_unlink(path);
    g_rmdir(folder);
    if (!files) {
        g_autofree char *told = diagnostics_to_string(problems);
        g_string_append_printf(self->wrong, "  hints: %s", told);
        return false;
    }
    self->hints = schema_hints_new();
    schema_hints_add_all(self->hints, schema_files_hints(files));
    self->hints->allow_recreate = self->pair->allow_recreate;
    return true;
}

static bool open_databases(CaseRun *self, PairBench *bench)
{
    GError *error = NULL;
    const SchemaReadOptions options = {.privileges = self->pair->privileges};
    self->scratch = scratch_slot_fresh(&bench->from, &error);
    self->to = self->scratch ? scratch_slot_fresh(&bench->to, &error) : NULL;
    if (!self->to || !scratch_load(self->scratch, self->pair->from, "from", &error) ||
        !scratch_load(self->to, self->pair->to, "to", &error)) {
        self->outcome = PAIR_NOT_LOADED;
        return wrong(self, "loading", error);
    }
    self->oracle_from = oracle_read(self->scratch, &error);
    self->oracle_to = self->oracle_from ? oracle_read(self->to, &error) : NULL;
    self->wanted = self->oracle_to ? schema_read(self->to->connection, &options, &error) : NULL;
    if (!self->wanted)
        return wrong(self, "reading", error);
    return read_hints(self);
}

static bool make_change(CaseRun *self)
{
    GError *error = NULL;
    const SchemaReadOptions options = {.privileges = self->pair->privileges};
    const ChangeRequest request = {.wanted = self->wanted, .hints = self->hints, .options = &options};
    self->make = change_make(self->scratch, &request, &error);
    if (!self->make) {
        if (g_error_matches(error, SCHEMA_ERROR, SCHEMA_ERROR_REFUSED))
            self->outcome = PAIR_REFUSED;
        return wrong(self, "making", error);
    }
    self->losses = change_make_data_loss(self->make);
    return true;
}

/* ---- With rows, as text ---- */

/* What a server says of a value or row that it cannot take: SQLSTATE classes 22 and 23, numbers of MariaDB,
 * the words of SQLite and of the look at its foreign keys. */
static bool is_about_rows(const GError *error)
{
    static const char *const codes[] = {"22",   "23",   "1048", "1062", "1138", "1263",
                                        "1264", "1265", "1292", "1364", "1366", "1406",
                                        "1416", "1451", "1452", "1690", "4025"};
    const DbErrorDetail *detail = db_error_detail(error);
    const char *code = detail && detail->code ? detail->code : "";
    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
        if (g_str_has_prefix(code, codes[i]) && strlen(code) >= 4)
            return true;
    return strstr(error->message, "constraint failed") || strstr(error->message, "foreign_key_check") ||
           strstr(error->message, "cannot store");
}

static bool run_text(CaseRun *self, const ChangeScript *written, bool outside, bool keys_off)
{
    GError *error = NULL;
    Dialect dialect = self->scratch->dialect;
    g_autofree char *text = change_script_text(written, dialect, 0, written->statements->len);
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Script) script =
        script_split(text, strlen(text), dialect, (SourcePlace){"written", 1, 1}, problems);
    if (!script || script_length(script) != written->statements->len) {
        g_string_append_printf(self->wrong, "  its text is split into %u statements, not %u:\n%s\n",
                               script ? script_length(script) : 0, written->statements->len, text);
        return false;
    }
    g_autoptr(ChangeScript) split = change_script_new();
    for (unsigned i = 0; i < script_length(script); i++) {
        ChangeStatement *statement = change_script_take(split, script_statement_text(script, i));
        statement->outside = outside;
        statement->rebuild = keys_off;
    }
    if (change_script_run(self->scratch->connection, split, &error))
        return true;
    if (is_about_rows(error))
        self->outcome = PAIR_IN_THE_WAY;
    return wrong(self, "with rows", error);
}

/* False: it failed, and that is told. */
static bool run_way(CaseRun *self, bool up)
{
    GPtrArray *stages = self->make->stages;
    for (guint i = 0; i < stages->len; i++) {
        const ChangeStage *stage = stages->pdata[up ? i : stages->len - 1 - i];
        if (!run_text(self, up ? stage->up : stage->down, up ? stage->up_outside : stage->down_outside,
                      up ? stage->up_keys_off : stage->down_keys_off))
            return false;
    }
    return true;
}

/* The server's own word and then our model's. */
static bool look(CaseRun *self, const char *where, const GPtrArray *expected, const SchemaModel *model)
{
    GError *error = NULL;
    const SchemaReadOptions options = {.privileges = self->pair->privileges};
    g_autoptr(GPtrArray) oracle = oracle_read(self->scratch, &error);
    g_autoptr(SchemaModel) now = oracle ? schema_read(self->scratch->connection, &options, &error) : NULL;
    if (!now)
        return wrong(self, where, error);
    g_autofree char *difference = oracle_difference(expected, oracle);
    g_autoptr(SchemaDiff) diff = schema_diff_new(now, model, NULL);
    g_autoptr(GPtrArray) lines = schema_diff_lines(diff);
    if (difference)
        g_string_append_printf(self->wrong,
                               "  %s the server says (- what it should be, + what is there):\n%s", where,
                               difference);
    for (guint i = 0; i < lines->len; i++)
        g_string_append_printf(self->wrong, "  %s our model says: %s\n", where, (char *)lines->pdata[i]);
    return !difference && lines->len == 0;
}

static RowSums *read_rows(CaseRun *self, const SchemaModel *model)
{
    GError *error = NULL;
    RowSums *sums = row_sums_read(self->scratch->connection, model, &error);
    if (!sums)
        wrong(self, "reading rows", error);
    return sums;
}

static void compare_rows(CaseRun *self, const char *where, const RowSums *before, const RowSums *after,
                         const RowComparison *comparison)
{
    if (!before || !after)
        return;
    g_autoptr(GPtrArray) lines = row_sums_difference(before, after, comparison);
    for (guint i = 0; i < lines->len; i++)
        g_string_append_printf(self->wrong, "  %s %s\n", where, (char *)lines->pdata[i]);
}

/* Rows that hold before and behind. */
static bool seed(CaseRun *self)
{
    GError *error = NULL;
    g_auto(SeedReport) report = {0};
    g_autoptr(SeedCatalog) also = seed_catalog_read(self->to->connection, &error);
    const SeedOptions options = {.also = also};
    if (!also || !seed_rows(self->scratch->connection, &options, &report, &error))
        return wrong(self, "seeding", error);
    for (guint i = 0; i < report.empty->len; i++)
        g_string_append_printf(self->noted, "  no rows in %s\n", (char *)report.empty->pdata[i]);
    return true;
}

static bool load_rows(CaseRun *self)
{
    GError *error = NULL;
    if (!self->pair->rows)
        return seed(self);
    return scratch_load(self->scratch, self->pair->rows, "rows", &error) || wrong(self, "loading", error);
}

static void try_both_ways(CaseRun *self)
{
    const SchemaModel *before = self->make->before;
    g_autoptr(SchemaHints) back = self->hints ? schema_hints_inverted(self->hints) : NULL;
    const RowComparison up = {before, self->wanted, self->hints, self->losses};
    const RowComparison down = {self->wanted, before, back, self->losses};
    if (self->with_rows && !load_rows(self))
        return;
    g_autoptr(RowSums) first = read_rows(self, before);
    if (!run_way(self, true) ||
        !look(self, "after up", self->pair->informs ? self->oracle_from : self->oracle_to, self->wanted))
        return;
    g_autoptr(RowSums) second = read_rows(self, self->wanted);
    compare_rows(self, "after up", first, second, &up);
    if (!run_way(self, false) || !look(self, "after down", self->oracle_from, before))
        return;
    g_autoptr(RowSums) third = read_rows(self, before);
    compare_rows(self, "after down", second, third, &down);
}

/* ---- What was expected ---- */

static char *way_text(const CaseRun *self, bool up)
{
    GString *text = g_string_new(NULL);
    const GPtrArray *stages = self->make->stages;
    for (guint i = 0; i < stages->len; i++) {
        const ChangeStage *stage = stages->pdata[up ? i : stages->len - 1 - i];
        const ChangeScript *script = up ? stage->up : stage->down;
        g_autofree char *part =
            change_script_text(script, self->scratch->dialect, 0, script->statements->len);
        g_string_append_printf(text, "%s%s", i ? "-- next revision:\n" : "", part);
    }
    return g_string_free(text, FALSE);
}

static void expect(CaseRun *self, bool expected, bool is, const char *what)
{
    if (expected != is)
        g_string_append_printf(self->wrong, "  %s %s\n", what, is ? "was not expected" : "was expected");
}

static void check_counts(CaseRun *self)
{
    const PairCase *pair = self->pair;
    if (pair->any)
        return;
    int statements = 0;
    bool outside = false;
    for (guint i = 0; i < self->make->stages->len; i++) {
        const ChangeStage *stage = self->make->stages->pdata[i];
        statements += (int)stage->up->statements->len;
        outside |= stage->up_outside;
    }
    expect(self, pair->outside, outside, "a statement outside of a transaction");
    g_autofree char *difference = oracle_difference(self->oracle_from, self->oracle_to);
    expect(self, pair->informs, statements == 0 && (difference || pair->informs), "no statement");
    expect(self, pair->data_loss, self->losses->len > 0, "data loss");
    if (pair->statements >= 0 && pair->statements != statements)
        g_string_append_printf(self->wrong, "  %d statements, not %d\n", statements, pair->statements);
    if (pair->passes >= 0 && (int)self->make->passes > pair->passes)
        g_string_append_printf(self->wrong, "  %u rounds, not %d\n", self->make->passes, pair->passes);
}

static void check_text(CaseRun *self)
{
    g_autofree char *text = way_text(self, true);
    for (guint i = 0; i < self->pair->contains->len; i++)
        if (!strstr(text, self->pair->contains->pdata[i]))
            g_string_append_printf(self->wrong, "  the way up lacks: %s\n",
                                   (char *)self->pair->contains->pdata[i]);
    for (guint i = 0; i < self->pair->lacks->len; i++)
        if (strstr(text, self->pair->lacks->pdata[i]))
            g_string_append_printf(self->wrong, "  the way up has: %s\n",
                                   (char *)self->pair->lacks->pdata[i]);
}

/* True if the case ends with the refusal that it expects. */
static bool was_refused(CaseRun *self)
{
    GError *error = NULL;
    const ChangeRequest request = {.wanted = self->wanted, .hints = self->hints};
    g_autoptr(ChangeMake) make = change_make(self->scratch, &request, &error);
    if (make)
        g_string_append(self->wrong, "  a refusal was expected\n");
    else if (!g_error_matches(error, SCHEMA_ERROR, SCHEMA_ERROR_REFUSED))
        g_string_append_printf(self->wrong, "  a refusal was expected, not: %s\n", error->message);
    g_clear_error(&error);
    return self->wrong->len == 0;
}

static void add_ways(CaseRun *self, GString *out)
{
    g_autofree char *up = way_text(self, true);
    g_autofree char *down = way_text(self, false);
    g_string_append_printf(out, "-- up (%u rounds):\n%s-- down (%u rounds):\n%s", self->make->passes, up,
                           self->make->down_passes, down);
}

static void run_case(CaseRun *self, PairBench *bench)
{
    if (!open_databases(self, bench))
        return;
    if (self->pair->refused) {
        was_refused(self);
    } else if (make_change(self)) {
        check_counts(self);
        check_text(self);
        try_both_ways(self);
    }
}

/* The same again without rows, where these stand in the way of what nobody thought out. */
static PairOutcome run_without_rows(const PairCase *pair, PairBench *bench, GString *out)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GString) noted = g_string_new(NULL);
    g_auto(CaseRun) run = {.pair = pair, .wrong = text, .noted = noted};
    run_case(&run, bench);
    g_string_append(out, text->str);
    return text->len == 0 ? PAIR_IN_THE_WAY : PAIR_FAILED;
}

PairOutcome pair_case_run(const PairCase *pair, PairBench *bench, GString *out)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GString) noted = g_string_new(NULL);
    g_auto(CaseRun) run = {.pair = pair, .wrong = text, .noted = noted, .with_rows = true};
    run_case(&run, bench);
    PairOutcome outcome = text->len == 0 ? PAIR_PASSED : PAIR_FAILED;
    g_string_append(out, text->str);
    g_string_append(out, noted->str);
    if (run.make)
        add_ways(&run, out);
    if (outcome == PAIR_FAILED && pair->any && run.outcome != PAIR_PASSED)
        outcome = run.outcome == PAIR_IN_THE_WAY ? run_without_rows(pair, bench, out) : run.outcome;
    return outcome;
}
