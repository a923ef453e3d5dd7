/* Revisions: the files of a versions folder, read into an immutable set.
 *
 * File format (docs/reference/revision-files.md): header comments "-- revision:", "-- revises:", "--
 * depends-on:",
 * "-- labels:", "-- message:", "-- created:", then sections opened by "-- migrate:up [dialect]
 * [option:value…]", "-- migrate:down …",
 * "-- migrate:check …", "-- migrate:verify …". Options: transaction:false, foreign_keys:off. A file without a
 * "revision:" header takes the digits its name starts with as id and the previous file by name as parent
 * (dbmate's files work as they are). Reads files; changes none. A loaded set is immutable; any thread may
 * read it. */
#pragma once

#include "base/diagnostics.h"
#include "sql/dialect.h"

#define REVISION_ID_MAX 64                     /* characters */
#define REVISION_FILE_MAX (256u * 1024 * 1024) /* bytes */

typedef enum Direction { DIRECTION_UP, DIRECTION_DOWN } Direction;
const char *direction_name(Direction direction); /* "up", "down" */

typedef enum SectionKind { SECTION_UP, SECTION_DOWN, SECTION_CHECK, SECTION_VERIFY } SectionKind;
#define SECTION_KIND_COUNT (SECTION_VERIFY + 1)
const char *section_kind_name(SectionKind kind); /* "up", "down", "check", "verify" */

typedef struct Section {
    SectionKind kind;
    bool any_dialect; /* the unnamed section; then `dialect` has no meaning */
    Dialect dialect;
    bool transaction;      /* false: transaction:false */
    bool foreign_keys_off; /* foreign_keys:off */
    char *text;            /* as written, line ends normalised to \n, without the marker line */
    gsize length;
    SourcePlace place; /* of the first byte of text */
    char checksum[65]; /* SHA-256 of text, hex */
    char **variables;  /* template variables used, NULL-terminated */
} Section;

/* Where the header says it; line and column 0 in a revision without that line (and all of them in one made in
 * memory). */
typedef struct RevisionPlaces {
    SourcePlace id;
    SourcePlace revises;
    SourcePlace depends_on;
    SourcePlace labels;
} RevisionPlaces;

typedef struct Revision {
    char *id;          /* interned: results name it as long as they like */
    char **revises;    /* ordered parents, NULL-terminated, never NULL */
    char **depends_on; /* ids or labels */
    char **labels;
    char *message; /* "" if none */
    char *created; /* as written; NULL if none */
    char *file;    /* path as opened; NULL for a revision made in memory */
    RevisionPlaces places;
    GPtrArray *sections; /* of Section *, in file order */
} Revision;

/* What is wrong with a word as an id or a label ("holds a \"+\""), or NULL if it may be one: at most
 * REVISION_ID_MAX characters, no blanks or control characters, none of @ - + : and comma, and not one of the
 * words head, heads, base, current. Caller frees. */
char *revision_name_fault(const char *name);

/* A revision made in memory (tests, conformance cases). The lists are copied; NULL is an empty list. */
Revision *revision_new(const char *id, const char *const *revises, const char *const *depends_on,
                       const char *const *labels);
void revision_free(Revision *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Revision, revision_free)

/* Reads one file. `previous` is the id of the previous file by name for files without a header (NULL: none).
 * NULL when anything is wrong; every problem is added. */
Revision *revision_load(const char *path, const char *previous, Diagnostics *problems);
/* The same from text. */
Revision *revision_parse(const char *text, gsize length, const char *path, const char *previous,
                         Diagnostics *problems);

/* The section that serves a dialect: the one naming it, for MariaDB then the one naming MySQL, else the
 * unnamed one. NULL: the revision has none for that dialect. */
const Section *revision_section(const Revision *self, SectionKind kind, Dialect dialect);
/* True if the section of that kind exists for any dialect. */
bool revision_has_section(const Revision *self, SectionKind kind);

/* All revisions of a folder, its subfolders included (hidden ones and those that are no *.sql are passed
 * over), sorted by path; elements are Revision *, owned by the array. NULL when anything is wrong. An empty
 * folder is an empty array. */
GPtrArray *revision_load_folder(const char *path, Diagnostics *problems);
