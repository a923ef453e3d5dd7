/* Liveness: judges by the process, where it ran on this host, and else by the heartbeat that a run writes to
 * the ledger. Refuses to guess from a pid alone: numbers come again, and containers share a host's name. Main
 * thread. */
#include "run/liveness.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Field 22 of /proc/PID/stat, "starttime" (proc(5)); the second may hold blanks and parentheses. */
#define FIELDS_TO_STARTTIME 20

/* When the process began, in ticks since boot; NULL if there is none. Caller frees. */
static char *process_start(const char *pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%s/stat", pid);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return NULL;
    const char *after_name = strrchr(text, ')');
    g_auto(GStrv) fields = g_strsplit(after_name ? after_name + 1 : text, " ", -1);
    return g_strv_length(fields) > FIELDS_TO_STARTTIME ? g_strdup(fields[FIELDS_TO_STARTTIME]) : NULL;
}

static char *pid_namespace(void)
{
    char *name = g_file_read_link("/proc/self/ns/pid", NULL);
    return name ? name : g_strdup("?");
}

char *process_mark(void)
{
    g_autofree char *pid = g_strdup_printf("%d", (int)getpid());
    g_autofree char *space = pid_namespace();
    g_autofree char *start = process_start(pid);
    return g_strdup_printf("%s %s %s", pid, space, start ? start : "?");
}

bool process_is_gone(const char *mark)
{
    g_auto(GStrv) parts = g_strsplit(mark, " ", -1);
    g_autofree char *space = pid_namespace();
    if (g_strv_length(parts) != 3 || g_str_equal(parts[2], "?") || !g_str_equal(parts[1], space))
        return false;
    g_autofree char *start = process_start(parts[0]);
    return g_strcmp0(start, parts[2]) != 0;
}

RunState run_state(gint64 finished_us, gint64 heartbeat_us, const char *paused_by, const char *host,
                   const char *process, gint64 now_us)
{
    if (finished_us)
        return RUN_ENDED;
    if (now_us - heartbeat_us > RUN_SILENT_US)
        return RUN_DIED;
    if (process && g_strcmp0(host, g_get_host_name()) == 0 && process_is_gone(process))
        return RUN_DIED;
    return paused_by ? RUN_PAUSED : RUN_RUNNING;
}
