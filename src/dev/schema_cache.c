/* Schema cache: owns a folder of model files and one file of answers. Refuses to trust what it reads. A mutex
 * guards the answers; files are read and written outside of it. */
#include "dev/schema_cache.h"
#include "base/atomic_file.h"

#include <glib/gstdio.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <utime.h>

#define FIRST_LINE "dbfleet cache 1 "
#define ANSWERS_FILE "answers"
#define MODEL_SUFFIX ".model"
#define KEPT_DAYS 90
#define SECONDS_A_DAY (24 * 60 * 60)

typedef struct Answer {
    char *text;
    gint64 day; /* when it was last asked for or put, in days since 1970 */
} Answer;

struct SchemaCache {
    char *folder; /* NULL: memory only */
    pthread_mutex_t mutex;
    GHashTable *answers; /* key -> Answer */
    GHashTable *used;    /* keys of this run's answers */
    GHashTable *models;  /* name -> text of a model that is not on disk; "" for one that is, and was read */
    char *problem;
};

static gint64 today(void)
{
    return (gint64)time(NULL) / SECONDS_A_DAY;
}

static void answer_free(gpointer item)
{
    Answer *self = item;
    g_free(self->text);
    g_free(self);
}

static Answer *answer_new(const char *text, gint64 day)
{
    Answer *self = g_new(Answer, 1);
    *self = (Answer){g_strdup(text), day};
    return self;
}

static GHashTable *answers_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, answer_free);
}

/* ---- Files ---- */

static char *path_of(const SchemaCache *self, const char *name)
{
    return g_build_filename(self->folder, name, NULL);
}

/* NULL if it is not there, cut or damaged. Caller frees. */
static char *read_file(const SchemaCache *self, const char *name)
{
    gsize length = 0;
    g_autofree char *content = NULL;
    g_autofree char *path = path_of(self, name);
    if (!g_file_get_contents(path, &content, &length, NULL) || strlen(content) != length ||
        !g_str_has_prefix(content, FIRST_LINE))
        return NULL;
    const char *sum = content + strlen(FIRST_LINE);
    const char *body = strchr(sum, '\n');
    if (!body)
        return NULL;
    g_autofree char *expected = g_compute_checksum_for_string(G_CHECKSUM_SHA256, body + 1, -1);
    if (strlen(expected) != (gsize)(body - sum) || strncmp(sum, expected, strlen(expected)) != 0)
        return NULL;
    (void)utime(path, NULL);
    return g_strdup(body + 1);
}

static void note_problem(SchemaCache *self, const char *message)
{
    pthread_mutex_lock(&self->mutex);
    if (!self->problem)
        self->problem = g_strdup(message);
    pthread_mutex_unlock(&self->mutex);
}

static bool write_file(SchemaCache *self, const char *name, const char *body)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = path_of(self, name);
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, body, -1);
    g_autofree char *content = g_strconcat(FIRST_LINE, sum, "\n", body, NULL);
    (void)g_mkdir_with_parents(self->folder, 0700);
    if (atomic_file_replace(path, content, strlen(content), &error))
        return true;
    note_problem(self, error->message);
    return false;
}

/* ---- Answers ---- */

/* Lines "KEY DAY TEXT", the text escaped. */
static GHashTable *read_answers(const SchemaCache *self)
{
    GHashTable *answers = answers_new();
    g_autofree char *body = self->folder ? read_file(self, ANSWERS_FILE) : NULL;
    g_auto(GStrv) lines = g_strsplit(body ? body : "", "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, " ", 3);
        if (g_strv_length(fields) != 3)
            continue;
        g_autofree char *text = g_strcompress(fields[2]);
        g_hash_table_insert(answers, g_strdup(fields[0]),
                            answer_new(text, g_ascii_strtoll(fields[1], NULL, 10)));
    }
    return answers;
}

SchemaCache *schema_cache_new(const char *folder)
{
    SchemaCache *self = g_new0(SchemaCache, 1);
    self->folder = g_strdup(folder);
    pthread_mutex_init(&self->mutex, NULL);
    self->answers = read_answers(self);
    self->used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->models = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return self;
}

void schema_cache_free(SchemaCache *self)
{
    if (!self)
        return;
    g_hash_table_unref(self->answers);
    g_hash_table_unref(self->used);
    g_hash_table_unref(self->models);
    pthread_mutex_destroy(&self->mutex);
    g_free(self->problem);
    g_free(self->folder);
    g_free(self);
}

char *schema_cache_problem(SchemaCache *self)
{
    pthread_mutex_lock(&self->mutex);
    char *problem = g_strdup(self->problem);
    pthread_mutex_unlock(&self->mutex);
    return problem;
}

/* A program that was built anew may read the same catalogs otherwise. */
static void sum_program(GChecksum *sum)
{
    GStatBuf info = {0};
    (void)g_stat("/proc/self/exe", &info);
    g_autofree char *program = g_strdup_printf("%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, DBFLEET_VERSION,
                                               (gint64)info.st_size, (gint64)info.st_mtime);
    g_checksum_update(sum, (const guchar *)program, (gssize)strlen(program) + 1);
}

char *schema_cache_key(const char *const *texts, gsize count)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    sum_program(sum);
    for (gsize i = 0; i < count; i++) {
        g_checksum_update(sum, (const guchar *)(texts[i] ? "+" : "-"), 1);
        if (texts[i])
            g_checksum_update(sum, (const guchar *)texts[i], (gssize)strlen(texts[i]) + 1);
    }
    return g_strdup(g_checksum_get_string(sum));
}

char *schema_cache_get(SchemaCache *self, const char *key)
{
    pthread_mutex_lock(&self->mutex);
    const Answer *answer = g_hash_table_lookup(self->answers, key);
    char *text = answer ? g_strdup(answer->text) : NULL;
    if (answer)
        g_hash_table_add(self->used, g_strdup(key));
    pthread_mutex_unlock(&self->mutex);
    return text;
}

void schema_cache_put(SchemaCache *self, const char *key, const char *answer)
{
    pthread_mutex_lock(&self->mutex);
    g_hash_table_insert(self->answers, g_strdup(key), answer_new(answer, today()));
    g_hash_table_add(self->used, g_strdup(key));
    pthread_mutex_unlock(&self->mutex);
}

/* What another run has saved meanwhile, and this run's own answers over it. */
static GHashTable *merged_answers(const SchemaCache *self)
{
    GHashTable *merged = read_answers(self);
    GHashTableIter iter;
    gpointer key, answer;
    g_hash_table_iter_init(&iter, self->used);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        const Answer *own = g_hash_table_lookup(self->answers, key);
        g_hash_table_insert(merged, g_strdup(key), answer_new(own->text, today()));
    }
    g_hash_table_iter_init(&iter, merged);
    while (g_hash_table_iter_next(&iter, NULL, &answer))
        if (((const Answer *)answer)->day < today() - KEPT_DAYS)
            g_hash_table_iter_remove(&iter);
    return merged;
}

static void drop_old_files(const SchemaCache *self)
{
    const char *name;
    g_autoptr(GDir) folder = g_dir_open(self->folder, 0, NULL);
    while (folder && (name = g_dir_read_name(folder))) {
        GStatBuf info;
        g_autofree char *path = path_of(self, name);
        bool ours = g_str_has_suffix(name, MODEL_SUFFIX) || g_str_has_prefix(name, ".dbfleet-");
        if (ours && g_stat(path, &info) == 0 && info.st_mtime < time(NULL) - KEPT_DAYS * SECONDS_A_DAY)
            (void)g_unlink(path);
    }
}

void schema_cache_save(SchemaCache *self)
{
    if (!self->folder || g_hash_table_size(self->used) == 0)
        return;
    GHashTableIter iter;
    gpointer key, answer;
    g_autoptr(GString) body = g_string_new(NULL);
    g_autoptr(GHashTable) merged = merged_answers(self);
    g_hash_table_iter_init(&iter, merged);
    while (g_hash_table_iter_next(&iter, &key, &answer)) {
        const Answer *kept = answer;
        g_autofree char *text = g_strescape(kept->text, NULL);
        g_string_append_printf(body, "%s %" G_GINT64_FORMAT " %s\n", (const char *)key, kept->day, text);
    }
    (void)write_file(self, ANSWERS_FILE, body->str);
    drop_old_files(self);
}

/* ---- Models ---- */

static char *model_name(Dialect dialect, const char *server, const char *fingerprint)
{
    const char *const texts[] = {dialect_name(dialect), server, fingerprint};
    g_autofree char *key = schema_cache_key(texts, G_N_ELEMENTS(texts));
    return g_strconcat(key, MODEL_SUFFIX, NULL);
}

/* The text of a model in memory, "" for one on disk that was read before; NULL. Caller frees. */
static char *known_text(SchemaCache *self, const char *name)
{
    pthread_mutex_lock(&self->mutex);
    char *text = g_strdup(g_hash_table_lookup(self->models, name));
    pthread_mutex_unlock(&self->mutex);
    return text;
}

static void remember(SchemaCache *self, const char *name, const char *text)
{
    pthread_mutex_lock(&self->mutex);
    g_hash_table_insert(self->models, g_strdup(name), g_strdup(text));
    pthread_mutex_unlock(&self->mutex);
}

SchemaModel *schema_cache_model(SchemaCache *self, Dialect dialect, const char *server,
                                const char *fingerprint)
{
    g_autofree char *name = model_name(dialect, server, fingerprint);
    g_autofree char *text = known_text(self, name);
    if ((!text || !*text) && self->folder) {
        g_free(text);
        text = read_file(self, name);
    }
    g_autoptr(SchemaModel) model = text ? schema_model_from_text(text) : NULL;
    if (!model || !g_str_equal(schema_model_fingerprint(model), fingerprint))
        return NULL;
    return g_steal_pointer(&model);
}

bool schema_cache_has_model(SchemaCache *self, Dialect dialect, const char *server, const char *fingerprint)
{
    g_autofree char *name = model_name(dialect, server, fingerprint);
    g_autofree char *known = known_text(self, name);
    if (known)
        return true;
    g_autoptr(SchemaModel) model = schema_cache_model(self, dialect, server, fingerprint);
    if (model)
        remember(self, name, "");
    return model != NULL;
}

void schema_cache_put_model(SchemaCache *self, const SchemaModel *model)
{
    const char *fingerprint = schema_model_fingerprint(model);
    Dialect dialect = schema_model_dialect(model);
    if (schema_cache_has_model(self, dialect, schema_model_server(model), fingerprint))
        return;
    g_autofree char *name = model_name(dialect, schema_model_server(model), fingerprint);
    g_autofree char *text = schema_model_to_text(model);
    remember(self, name, self->folder && write_file(self, name, text) ? "" : text);
}
