/* Cache of answers: owns the files that keep what a source told, one for each source, 0600. It refuses what
 * is too old, from the future, or not as it was written. The loading thread only. */
#include "inventory/discover_internal.h"

#include <stdlib.h>
#include <string.h>

#define HEADING "# dbfleet: an answer of discover: that is kept; "

static char *file_of(const char *folder, const char *digest)
{
    return g_strdup_printf("%s/%.32s.json", folder, digest);
}

static char *heading_of(const char *answer, gint64 at_us)
{
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, answer, -1);
    return g_strdup_printf(HEADING "%" G_GINT64_FORMAT " %s\n", at_us, digest);
}

char *answer_cache_read(const char *folder, const char *digest, gint64 maximum_ms, gint64 now_us)
{
    g_autofree char *file = file_of(folder, digest);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(file, &text, NULL, NULL) || !g_str_has_prefix(text, HEADING))
        return NULL;
    gint64 at_us = g_ascii_strtoll(text + strlen(HEADING), NULL, 10);
    const char *line_end = strchr(text, '\n');
    if (line_end == NULL || at_us > now_us || now_us - at_us >= maximum_ms * 1000)
        return NULL;
    g_autofree char *heading = heading_of(line_end + 1, at_us);
    return g_str_has_prefix(text, heading) ? g_strdup(line_end + 1) : NULL;
}

bool answer_cache_write(const char *folder, const char *digest, const char *answer, gint64 now_us,
                        GError **error)
{
    g_autofree char *file = file_of(folder, digest);
    g_autofree char *heading = heading_of(answer, now_us);
    g_autofree char *text = g_strconcat(heading, answer, NULL);
    (void)g_mkdir_with_parents(folder, 0700); /* what hinders it is told by the next line */
    return g_file_set_contents_full(file, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}
