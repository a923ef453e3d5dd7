/* Backup files: owns the pattern of their names, made and read here. The age of a file is that of its run, so
 * that a copied or touched file counts as what it is. */
#include "run/job/backup_files.h"
#include <string.h>

#define RUN_PATTERN "[0-9]{8}-[0-9]{6}-[0-9a-z]{4}"
#define RUN_LENGTH 20
#define SUFFIX_PATTERN "\\.(db|dump|sql|backup)"
#define PARTIAL_KEPT_MS (24 * 60 * 60 * G_GINT64_CONSTANT(1000))

static char *escaped_name(const char *target)
{
    GString *out = g_string_new(NULL);
    for (const char *at = target; *at; at++) {
        bool plain = g_ascii_isalnum(*at) || strchr("_-", *at) || (*at == '.' && at > target);
        if (plain)
            g_string_append_c(out, *at);
        else
            g_string_append_printf(out, "%%%02X", (guchar)*at);
    }
    return g_string_free(out, FALSE);
}

char *backup_file_name(const char *target, const char *run_id, const char *suffix)
{
    g_autofree char *name = escaped_name(target);
    return g_strconcat(name, "-", run_id, suffix, NULL);
}

/* Milliseconds since 1970 of a run id's time; -1: it is no run id. */
static gint64 time_of(const char *run_id)
{
    gint numbers[6];
    static const gsize starts[] = {0, 4, 6, 9, 11, 13}, lengths[] = {4, 2, 2, 2, 2, 2};
    if (!g_regex_match_simple("^" RUN_PATTERN, run_id, G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT))
        return -1;
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_autofree char *text = g_strndup(run_id + starts[i], lengths[i]);
        numbers[i] = (gint)g_ascii_strtoll(text, NULL, 10);
    }
    g_autoptr(GDateTime) time =
        g_date_time_new_utc(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
    return time ? g_date_time_to_unix(time) * 1000 : -1;
}

static GRegex *pattern_of(const char *target)
{
    g_autofree char *name = escaped_name(target);
    g_autofree char *quoted = g_regex_escape_string(name, -1);
    g_autofree char *pattern =
        g_strdup_printf("\\A%s-(" RUN_PATTERN ")" SUFFIX_PATTERN "(\\" BACKUP_PARTIAL ")?\\z", quoted);
    return g_regex_new(pattern, G_REGEX_RAW, G_REGEX_MATCH_DEFAULT, NULL);
}

/* Newest run first; the names differ before it in nothing. */
static gint newest_first(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)b, *(const char *const *)a);
}

/* The target's complete and unfinished files that other runs made. */
static void sort_out(const char *const *names, const char *target, const char *run_id, GPtrArray *complete,
                     GPtrArray *unfinished)
{
    g_autoptr(GRegex) pattern = pattern_of(target);
    for (; *names; names++) {
        g_autoptr(GMatchInfo) match = NULL;
        if (!g_regex_match(pattern, *names, G_REGEX_MATCH_DEFAULT, &match))
            continue;
        g_autofree char *run = g_match_info_fetch(match, 1);
        if (g_str_equal(run, run_id) || time_of(run) < 0)
            continue;
        bool partial = g_str_has_suffix(*names, BACKUP_PARTIAL);
        g_ptr_array_add(partial ? unfinished : complete, (gpointer)*names);
    }
}

static gint64 age_of(const char *name, const char *target, gint64 now)
{
    g_autofree char *prefix = escaped_name(target);
    return now - time_of(name + strlen(prefix) + 1);
}

char **backup_files_expired(const char *const *names, const char *target, const char *run_id,
                            const BackupSettings *settings)
{
    g_autoptr(GStrvBuilder) expired = g_strv_builder_new();
    g_autoptr(GPtrArray) complete = g_ptr_array_new();
    g_autoptr(GPtrArray) unfinished = g_ptr_array_new();
    gint64 now = strlen(run_id) == RUN_LENGTH ? time_of(run_id) : -1;
    if (now >= 0)
        sort_out(names, target, run_id, complete, unfinished);
    g_ptr_array_sort(complete, newest_first);
    for (guint i = 0; i < complete->len; i++) {
        bool many = settings->keep_count > 0 && i + 1 >= settings->keep_count;
        bool old = settings->keep_ms > 0 && age_of(complete->pdata[i], target, now) > settings->keep_ms;
        if (many || old)
            g_strv_builder_add(expired, complete->pdata[i]);
    }
    for (guint i = 0; i < unfinished->len; i++)
        if (age_of(unfinished->pdata[i], target, now) > PARTIAL_KEPT_MS)
            g_strv_builder_add(expired, unfinished->pdata[i]);
    return g_strv_builder_end(expired);
}
