/* Diagnostics: every problem found in what a user wrote, with its place, collected so that one attempt shows
 * them all. Loaders add to it and go on; the command prints it once. Not thread safe: one thread loads. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* A place in a file. `file` is not owned: the document or set that was loaded owns it. Line and column count
 * from 1, columns in characters; 0 means "the whole file" or "the whole line". */
typedef struct SourcePlace {
    const char *file;
    unsigned line;
    unsigned column;
} SourcePlace;

typedef enum DiagnosticLevel { DIAGNOSTIC_ERROR, DIAGNOSTIC_WARNING } DiagnosticLevel;

typedef struct Diagnostic {
    DiagnosticLevel level;
    char *file; /* NULL: not about a file */
    unsigned line;
    unsigned column;
    char *message; /* what is wrong and what to do, one line, no trailing full stop needed */
} Diagnostic;

typedef struct Diagnostics Diagnostics;

/* So many problems are kept; the rest is counted, and diagnostics_to_string() ends with how many are not
 * shown. */
#define DIAGNOSTICS_KEPT 10000u

Diagnostics *diagnostics_new(void);
void diagnostics_free(Diagnostics *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Diagnostics, diagnostics_free)

/* Adds one problem. The place is copied; place.file may be NULL. The same message at the same place counts
 * once (a shared YAML node is read by every target that uses it). Control characters in the message are shown
 * as escapes. */
void diagnostics_error(Diagnostics *self, SourcePlace place, const char *format, ...) G_GNUC_PRINTF(3, 4);
void diagnostics_warning(Diagnostics *self, SourcePlace place, const char *format, ...) G_GNUC_PRINTF(3, 4);

bool diagnostics_has_errors(const Diagnostics *self);
unsigned diagnostics_count(const Diagnostics *self, DiagnosticLevel level);

/* The problems ordered by file, line and column; what was added first comes first among equals.
 * Elements are `const Diagnostic *`, owned by self; valid until the next addition. */
const GPtrArray *diagnostics_list(const Diagnostics *self);

/* "file:line:column: error: message\n" for each; place parts that are 0 or NULL are left out. A warning that
 * reads the same at many places is shown at the first three, with how many more there are. Caller frees. */
char *diagnostics_to_string(const Diagnostics *self);
