/* Doctor at home: what this machine must offer a run: a ledger that can be written, files enough, revisions
 * as they were committed. Reads only. Main thread. */
#include "inventory/project_ledger.h"
#include "run/doctor/doctor.h"
#include "run/ledger/ledger.h"
#include "run/versions_commit.h"
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define LEDGER_ROOM_MB 100
#define FILES_PER_JOB 6 /* a session, its lock, its second connection, and what libraries open */
#define FILES_BESIDE 64
#define MEGABYTE (1024 * 1024)

/* The nearest folder above `path` that exists. Caller frees. */
static char *existing_folder(const char *path)
{
    char *folder = g_path_get_dirname(path);
    while (!g_file_test(folder, G_FILE_TEST_EXISTS) && strlen(folder) > 1) {
        char *above = g_path_get_dirname(folder);
        g_free(folder);
        folder = above;
    }
    return folder;
}

/* One that is there must open: a damaged file, or a server that is gone, would keep a run from starting. */
static bool check_opens(const Project *project, GPtrArray *findings)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Ledger) ledger = ledger_open(project->ledger, project->folder, false, &error);
    if (ledger || g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return true;
    findings_add(findings, FINDING_ERROR, "ledger", "Put it right: without a ledger nothing is started.",
                 "%s", error->message);
    return false;
}

static void check_shared_ledger(const Project *project, GPtrArray *findings)
{
    if (check_opens(project, findings))
        findings_add(findings, FINDING_OK, "ledger", NULL, "the server of the shared ledger answers");
}

static void check_ledger(const Project *project, GPtrArray *findings)
{
    const char *ledger = project->ledger;
    static const char advice[] =
        "Let the user who runs dbfleet write it: without a ledger nothing is started.";
    g_autofree char *folder = existing_folder(ledger);
    bool exists = g_file_test(ledger, G_FILE_TEST_EXISTS);
    const char *written = exists && access(ledger, W_OK) != 0 ? ledger : folder;
    struct statvfs space;
    if (access(written, W_OK) != 0)
        findings_add(findings, FINDING_ERROR, "ledger", advice, "%s cannot be written: %s", written,
                     g_strerror(errno));
    else if (!check_opens(project, findings))
        return;
    else if (statvfs(folder, &space) == 0 && space.f_bavail * space.f_frsize / MEGABYTE < LEDGER_ROOM_MB)
        findings_add(findings, FINDING_WARNING, "ledger", "Make room.",
                     "%lu MB are free on the disk of the ledger %s",
                     (unsigned long)(space.f_bavail * space.f_frsize / MEGABYTE), ledger);
    else
        findings_add(findings, FINDING_OK, "ledger", NULL, exists ? "%s can be written" : "%s can be made",
                     ledger);
}

static void check_files(unsigned jobs, GPtrArray *findings)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)jobs * FILES_PER_JOB + FILES_BESIDE;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= wanted)
        return;
    findings_add(findings, FINDING_WARNING, "open-files", "Raise it (ulimit -n), or lower --jobs.",
                 "this process may open %lu files, and %u jobs may need %lu", (unsigned long)limit.rlim_cur,
                 jobs, (unsigned long)wanted);
}

static void check_versions(const char *versions, GPtrArray *findings)
{
    g_autofree char *commit = versions_commit(versions);
    if (!commit)
        findings_add(findings, FINDING_NOTE, "git", "Commit the revisions to a git repository.",
                     "runs cannot record of which commit their revisions are: none is checked out in %s",
                     versions);
    else if (g_str_has_suffix(commit, "-dirty"))
        findings_add(findings, FINDING_NOTE, "git",
                     "Commit before an upgrade, so that others can see what ran.",
                     "%s has changes that are not committed", versions);
    else
        findings_add(findings, FINDING_OK, "git", NULL, "%s is as committed (%.12s)", versions, commit);
}

GPtrArray *doctor_local(const Project *project, const Track *track, unsigned jobs)
{
    GPtrArray *findings = findings_new();
    if (project_ledger_is_url(project->ledger))
        check_shared_ledger(project, findings);
    else
        check_ledger(project, findings);
    check_files(jobs, findings);
    check_versions(track->versions, findings);
    return findings;
}
