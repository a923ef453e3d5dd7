/* What the files of schema files share: what was read of a folder. */
#pragma once

#include "dev/schema_files.h"
#include "sql/script.h"

typedef struct SchemaFile {
    char *path;
    Script *script;
} SchemaFile;

struct SchemaFiles {
    Dialect dialect;
    GPtrArray *files; /* of SchemaFile *, by path */
    SchemaHints *hints;
};

/* Finds the hints in the file's comments. */
void schema_file_hints(const SchemaFile *file, Dialect dialect, SchemaHints *hints, Diagnostics *problems);
