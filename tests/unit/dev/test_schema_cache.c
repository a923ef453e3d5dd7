/* The schema cache: what is put comes back, also for the next process, and nothing damaged is believed. */
#include "dev/schema_cache.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

static char *folder;

static void make_folder(void)
{
    folder = g_dir_make_tmp("dbfleet-cache-XXXXXX", NULL);
}

/* Calls for each file of the folder. */
static void each_file(void (*visit)(const char *path))
{
    const char *name;
    g_autoptr(GDir) files = g_dir_open(folder, 0, NULL);
    while (files && (name = g_dir_read_name(files))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        visit(path);
    }
}

static void drop_file(const char *path)
{
    (void)g_unlink(path);
}

static void remove_folder(void)
{
    each_file(drop_file);
    (void)g_rmdir(folder);
    g_free(folder);
}

TestSuite(schema_cache, .init = make_folder, .fini = remove_folder);

static SchemaModel *model_of(const char *table)
{
    SchemaModel *model = schema_model_new(DIALECT_SQLITE, "SQLite 3");
    SchemaObject *object = schema_model_add(model, SCHEMA_TABLE, table, NULL, table);
    schema_model_set(model, object, "options", "line\none\twith \\ and \xc3\xa9");
    schema_model_finish(model);
    return model;
}

/* A process that puts one answer and one model. */
static char *fill(void)
{
    g_autoptr(SchemaCache) cache = schema_cache_new(folder);
    g_autoptr(SchemaModel) model = model_of("orders");
    schema_cache_put(cache, "key", "two\nlines of \\ text");
    schema_cache_put_model(cache, model);
    schema_cache_save(cache);
    cr_expect_null(schema_cache_problem(cache));
    return g_strdup(schema_model_fingerprint(model));
}

static bool finds_model(SchemaCache *cache, const char *fingerprint)
{
    g_autoptr(SchemaModel) model = schema_cache_model(cache, DIALECT_SQLITE, "SQLite 3", fingerprint);
    bool found = schema_cache_has_model(cache, DIALECT_SQLITE, "SQLite 3", fingerprint);
    cr_expect_eq(model != NULL, found);
    return found;
}

Test(schema_cache, keeps_for_the_next_process)
{
    g_autofree char *fingerprint = fill();
    g_autoptr(SchemaCache) cache = schema_cache_new(folder);
    g_autofree char *answer = schema_cache_get(cache, "key");
    g_autofree char *other = schema_cache_get(cache, "other");
    cr_expect_str_eq(answer, "two\nlines of \\ text");
    cr_expect_null(other);
    cr_expect(finds_model(cache, fingerprint));
    cr_expect_not(schema_cache_has_model(cache, DIALECT_SQLITE, "SQLite 4", fingerprint));
    cr_expect_not(schema_cache_has_model(cache, DIALECT_POSTGRES, "SQLite 3", fingerprint));
    cr_expect_not(finds_model(cache, "0000"));
}

Test(schema_cache, without_a_folder_lives_in_memory)
{
    g_autoptr(SchemaCache) cache = schema_cache_new(NULL);
    g_autoptr(SchemaModel) model = model_of("orders");
    schema_cache_put(cache, "key", "answer");
    schema_cache_put_model(cache, model);
    schema_cache_save(cache);
    g_autofree char *answer = schema_cache_get(cache, "key");
    cr_expect_str_eq(answer, "answer");
    cr_expect(finds_model(cache, schema_model_fingerprint(model)));
}

static void turn_a_letter(const char *path)
{
    gsize length = 0;
    g_autofree char *content = NULL;
    cr_assert(g_file_get_contents(path, &content, &length, NULL));
    content[length - 3] ^= 1;
    cr_assert(g_file_set_contents(path, content, (gssize)length, NULL));
}

static void cut(const char *path)
{
    gsize length = 0;
    g_autofree char *content = NULL;
    cr_assert(g_file_get_contents(path, &content, &length, NULL));
    cr_assert(g_file_set_contents(path, content, (gssize)length / 2, NULL));
}

static void empty(const char *path)
{
    cr_assert(g_file_set_contents(path, "", 0, NULL));
}

Test(schema_cache, believes_nothing_that_is_damaged)
{
    void (*const damages[])(const char *) = {turn_a_letter, cut, empty};
    for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
        g_autofree char *fingerprint = fill();
        each_file(damages[i]);
        g_autoptr(SchemaCache) cache = schema_cache_new(folder);
        g_autofree char *answer = schema_cache_get(cache, "key");
        cr_expect_null(answer, "damage %zu: %s", i, answer);
        cr_expect_not(finds_model(cache, fingerprint), "damage %zu", i);
    }
}

/* A file that is whole, under the name of another model. */
Test(schema_cache, takes_no_model_for_another)
{
    g_autofree char *fingerprint = fill();
    g_autoptr(SchemaCache) cache = schema_cache_new(folder);
    g_autoptr(SchemaModel) other = model_of("invoices");
    g_autoptr(GDir) files = g_dir_open(folder, 0, NULL);
    g_autofree char *first = NULL, *second = NULL;
    const char *name;
    schema_cache_put_model(cache, other);
    while ((name = g_dir_read_name(files))) {
        if (!g_str_has_suffix(name, ".model"))
            continue;
        char **place = first ? &second : &first;
        *place = g_build_filename(folder, name, NULL);
    }
    cr_assert(first && second);
    cr_assert_eq(g_rename(first, second), 0);
    g_autoptr(SchemaCache) next = schema_cache_new(folder);
    cr_expect_not(finds_model(next, fingerprint) && finds_model(next, schema_model_fingerprint(other)));
    cr_expect_not(finds_model(next, fingerprint) || finds_model(next, schema_model_fingerprint(other)));
}

Test(schema_cache, two_at_once_keep_the_answers_of_both)
{
    g_autoptr(SchemaCache) one = schema_cache_new(folder);
    g_autoptr(SchemaCache) two = schema_cache_new(folder);
    schema_cache_put(one, "a", "1");
    schema_cache_put(two, "b", "2");
    schema_cache_save(one);
    schema_cache_save(two);
    g_autoptr(SchemaCache) next = schema_cache_new(folder);
    g_autofree char *a = schema_cache_get(next, "a"), *b = schema_cache_get(next, "b");
    cr_expect_str_eq(a, "1");
    cr_expect_str_eq(b, "2");
}

static void make_old(const char *path)
{
    time_t then = time(NULL) - (time_t)100 * 24 * 60 * 60;
    (void)utime(path, &(struct utimbuf){then, then});
}

Test(schema_cache, drops_models_that_nobody_asked_for)
{
    g_autofree char *fingerprint = fill();
    each_file(make_old);
    g_autoptr(SchemaCache) cache = schema_cache_new(folder);
    schema_cache_put(cache, "key", "again");
    schema_cache_save(cache);
    g_autoptr(SchemaCache) next = schema_cache_new(folder);
    cr_expect_not(finds_model(next, fingerprint));
}

Test(schema_cache, tells_once_that_it_cannot_write)
{
    g_autofree char *file = g_build_filename(folder, "file", NULL);
    g_autofree char *below = g_build_filename(file, "cache", NULL);
    cr_assert(g_file_set_contents(file, "", 0, NULL));
    g_autoptr(SchemaCache) cache = schema_cache_new(below);
    g_autoptr(SchemaModel) model = model_of("orders");
    schema_cache_put_model(cache, model);
    schema_cache_put(cache, "key", "answer");
    schema_cache_save(cache);
    g_autofree char *problem = schema_cache_problem(cache);
    cr_expect(problem && strstr(problem, below), "%s", problem);
    cr_expect(finds_model(cache, schema_model_fingerprint(model)), "what cannot be written stays in memory");
}

Test(schema_cache, keys_tell_texts_and_their_absence_apart)
{
    const char *const lists[][2] = {{"ab", "c"}, {"a", "bc"}, {"abc", NULL}, {NULL, "abc"}, {"abc", ""}};
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
        cr_expect(g_hash_table_add(seen, schema_cache_key(lists[i], 2)), "list %zu", i);
}
