/* Job blocker: what a target's job says of who holds the lock that it waits for. The watch's thread tells the
 * main thread; the worker puts it into the failure. A deadlock's other side is the server's to name: it is
 * over before anybody could ask. */
#include "run/job/job_run_internal.h"

void job_event_free(JobEvent *event)
{
    g_free(event->blocker);
    g_free(event->retried);
    g_free(event);
}

void target_job_tell_lock(gpointer events, gpointer job, LockWait wait, const char *text)
{
    static const char *const words[] = {[LOCK_WAIT_TOLD] = "waits for a lock held by ",
                                        [LOCK_WAIT_UNKNOWN] = "waits for a lock; its holder: "};
    JobEvent *event = g_new0(JobEvent, 1);
    event->job = job;
    event->about_lock = true;
    if (text)
        event->blocker = g_strconcat(words[wait], text, NULL);
    queue_push(events, event);
}

void job_run_note_blocker(JobRun *run, const GError *error)
{
    g_clear_pointer(&run->blocker, g_free);
    if (g_error_matches(error, DB_ERROR, DB_ERROR_LOCK_TIMEOUT) && run->watched)
        run->blocker = lock_watch_blocker(run->watched);
}

char *job_run_take_blocker(JobRun *run)
{
    return run->blocker ? g_steal_pointer(&run->blocker) : lock_watch_blocker(run->watched);
}
