/* Versions commit: which git commit the revision files of a run are of, and which of them are of none. Main
 * thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The commit checked out in the repository that `folder` is in, "-dirty" behind it where something in the
 * folder differs from it (files that git does not know and does not ignore too). NULL: no git, no repository,
 * no commit yet, or no answer in 5 seconds. Changes nothing there, runs no hook and asks for nothing. Caller
 * frees. */
char *versions_commit(const char *folder);
/* The same in two parts, so that git works while something else is done. */
typedef struct VersionsQuestion VersionsQuestion;
VersionsQuestion *versions_question_new(const char *folder);
void versions_question_free(
    VersionsQuestion *self); /* NULL-safe; what git has not said by then is not heard */
/* Waits for the answer, the first time; each caller frees what he gets. Where nobody asked about this folder
 * (NULL, or another one) it is asked now. */
char *versions_question_answer(VersionsQuestion *self, const char *folder);
/* The files of the folder that differ from that commit, or that git does not know and does not ignore: paths
 * that begin with `folder`, NULL-terminated. NULL: not known, as above; before the first commit all files.
 * Caller frees (g_strfreev). */
char **versions_uncommitted(const char *folder);
/* The files of the folder that differ from the commit called `ref`, with those that git does not know and
 * does not ignore. NULL as above, and where there is no such commit. */
char **versions_changed_since(const char *folder, const char *ref);
