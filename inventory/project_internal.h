/* What the files of a project share and nobody else sees: the tables of its keys. */
#pragma once

#include "inventory/project.h"

#include "base/yaml_tree.h"

typedef struct ProjectReader {
    Project *project;
    Diagnostics *problems;
} ProjectReader;

typedef struct ProjectKey {
    const char *name;
    void (*read)(const struct ProjectKey *self, const YamlNode *value,
                 ProjectReader *reader); /* NULL: a later version's */
    gsize offset;                        /* of the field in Project, for readers of one */
    const char *what;                    /* of a value, for messages */
} ProjectKey;

/* The keys of one mapping, ended by a row without name. */
typedef struct ProjectMapping {
    const char *what;
    const ProjectKey *keys;
} ProjectMapping;

typedef enum ProjectLevel { PROJECT_FILE, PROJECT_DEV, PROJECT_LINT, PROJECT_LEVELS } ProjectLevel;
const ProjectMapping *project_mapping(ProjectLevel level);
extern const char *const TRACK_KEYS[];

/* Reads a mapping with its table: unknown keys, wrong types and keys of a later version are errors. */
void project_read_mapping(const ProjectMapping *mapping, const YamlNode *node, ProjectReader *reader);

/* Reads `tracks:`. */
void project_read_tracks(const ProjectKey *self, const YamlNode *value, ProjectReader *reader);
/* Adds the track "default" as it is when nothing is said of it. */
void project_add_default_track(Project *project);
void track_free(gpointer track);

/* Reads `lint:`. */
extern const ProjectKey LINT_KEYS[];
void project_lint_init(LintPolicy *self);
void project_lint_clear(LintPolicy *self);
