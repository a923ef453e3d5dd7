/* schema_pairs DIALECT FILE-OR-FOLDER [CASE]: runs the cases of pair files (README.md) on test servers.
 *
 *   schema_pairs sqlite tests/schema/sqlite
 *   schema_pairs postgres tests/schema/postgres/tables.sql 'a column becomes longer'
 *
 * With a case's name, its statements are shown also where it passes. Ends with "N passed, N failed". */
#include "pair_case.h"

#include <stdio.h>
#include <string.h>

typedef struct Tally {
    unsigned counts[PAIR_OUTCOMES];
} Tally;

static const char *const outcome_words[PAIR_OUTCOMES] = {
    [PAIR_PASSED] = "ok",
    [PAIR_FAILED] = "FAIL",
    [PAIR_REFUSED] = "refused",
    [PAIR_IN_THE_WAY] = "rows in the way",
    [PAIR_NOT_LOADED] = "not loaded",
};

/* Ends with "N passed, N failed"; a way that was refused and one that rows stand in did what they should. */
static int tell(const Tally *tally)
{
    unsigned passed =
        tally->counts[PAIR_PASSED] + tally->counts[PAIR_REFUSED] + tally->counts[PAIR_IN_THE_WAY];
    unsigned failed = tally->counts[PAIR_FAILED];
    for (PairOutcome i = PAIR_REFUSED; i < PAIR_OUTCOMES; i++)
        if (tally->counts[i] > 0)
            printf("%u %s\n", tally->counts[i], outcome_words[i]);
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0 || passed == 0;
}

static void run_file(const char *path, const char *only, PairBench *bench, Tally *tally)
{
    g_autoptr(GPtrArray) cases = pair_file_read(path);
    tally->counts[PAIR_FAILED] += !cases;
    for (guint i = 0; cases && i < cases->len; i++) {
        const PairCase *pair = cases->pdata[i];
        if (only && !g_str_equal(pair->name, only))
            continue;
        g_autoptr(GString) told = g_string_new(NULL);
        PairOutcome outcome = pair_case_run(pair, bench, told);
        if (outcome != PAIR_PASSED || only)
            printf("%s %s:%u: %s\n%s\n", outcome_words[outcome], pair->file, pair->line, pair->name,
                   told->str);
        tally->counts[outcome]++;
        fflush(stdout);
    }
}

static gint by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *files_of(const char *path)
{
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;
    if (!folder)
        g_ptr_array_add(files, g_strdup(path));
    while (folder && (name = g_dir_read_name(folder)))
        if (g_str_has_suffix(name, ".sql"))
            g_ptr_array_add(files, g_build_filename(path, name, NULL));
    g_ptr_array_sort(files, by_text);
    return files;
}

int main(int argc, char **argv)
{
    Dialect dialect;
    g_autoptr(GError) error = NULL;
    PairBench bench = {0};
    Tally tally = {0};
    if (argc < 3 || argc > 4 || !dialect_parse(argv[1], &dialect)) {
        fputs("usage: schema_pairs DIALECT FILE-OR-FOLDER [CASE]\n", stderr);
        return 64;
    }
    if (!scratch_slot_init(&bench.from, dialect, "a", &error) ||
        !scratch_slot_init(&bench.to, dialect, "b", &error)) {
        fprintf(stderr, "schema_pairs: %s\n", error->message);
        puts("0 passed, 1 failed");
        return 1;
    }
    g_autoptr(GPtrArray) files = files_of(argv[2]);
    for (guint i = 0; i < files->len; i++)
        run_file(files->pdata[i], argc > 3 ? argv[3] : NULL, &bench, &tally);
    scratch_slot_clear(&bench.from);
    scratch_slot_clear(&bench.to);
    return tell(&tally);
}
