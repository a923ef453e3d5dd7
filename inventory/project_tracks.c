/* Tracks of a project: owns `tracks:` and the default of each of its values. The loading thread. */
#include "inventory/project_internal.h"

#include "inventory/fleet_internal.h"

#include <string.h>

#define DEFAULT_VERSION_TABLE "dbfleet_version"
/* PostgreSQL cuts identifiers at 63 bytes, and the history table's name is longer by "_history". */
#define VERSION_TABLE_BYTES_MAX (63 - sizeof "_history" + 1)

const char *const TRACK_KEYS[] = {"versions", "schema", "version_table", NULL};

void track_free(gpointer track)
{
    Track *self = track;
    g_free(self->name);
    g_free(self->versions);
    g_free(self->schema);
    g_free(self->version_table);
    g_free(self);
}

static Track *track_new(const Project *project, const char *name)
{
    Track *self = g_new0(Track, 1);
    self->name = g_strdup(name);
    self->version_table = g_strdup(DEFAULT_VERSION_TABLE);
    self->place.file = project->file;
    return self;
}

/* Paths that nobody gave: versions/ and schema/ for the default track; for others a schema/ beside their
 * versions. */
static void track_settle(Track *self, const Project *project)
{
    if (self->versions == NULL)
        self->versions = g_canonicalize_filename("versions", project->folder);
    if (self->schema == NULL && g_str_equal(self->name, "default"))
        self->schema = g_canonicalize_filename("schema", project->folder);
    if (self->schema == NULL)
        self->schema = g_build_filename(self->versions, "schema", NULL);
}

void project_add_default_track(Project *project)
{
    Track *track = track_new(project, "default");
    track_settle(track, project);
    g_ptr_array_add(project->tracks, track);
}

static void read_folder(const YamlNode *mapping, const char *key, const ProjectReader *reader, char **folder)
{
    const YamlNode *value = yaml_get(mapping, key);
    const char *text = NULL;
    if (value == NULL || !yaml_as_text(value, key, &text, reader->problems))
        return;
    if (*text == '\0')
        diagnostics_error(reader->problems, yaml_place(value), "%s is empty: leave the key out instead", key);
    else
        *folder = g_canonicalize_filename(text, reader->project->folder);
}

static void read_version_table(const YamlNode *mapping, const ProjectReader *reader, Track *track)
{
    const YamlNode *value = yaml_get(mapping, "version_table");
    const char *text = NULL;
    if (value == NULL || !yaml_as_text(value, "version_table", &text, reader->problems))
        return;
    if (*text == '\0' || strlen(text) > VERSION_TABLE_BYTES_MAX) {
        diagnostics_error(
            reader->problems, yaml_place(value),
            "version_table must have from 1 to %u bytes, so that its history table has a name too",
            (unsigned)VERSION_TABLE_BYTES_MAX);
        return;
    }
    g_free(track->version_table);
    track->version_table = g_strdup(text);
}

static void read_track(const YamlNode *tracks, unsigned index, ProjectReader *reader)
{
    const char *name = yaml_key_at(tracks, index);
    const YamlNode *mapping = yaml_at(tracks, index);
    SourcePlace place = yaml_key_place_at(tracks, index);
    g_autofree char *what = g_strdup_printf("track '%s'", name);
    if (!inventory_name_check(name, "track", place, reader->problems))
        return;
    if (yaml_kind(mapping) != YAML_MAPPING && yaml_kind(mapping) != YAML_NULL) {
        diagnostics_error(reader->problems, yaml_place(mapping),
                          "%s must be written {versions: FOLDER/}, not %s", what,
                          yaml_kind_name(yaml_kind(mapping)));
        return;
    }
    yaml_check_keys(mapping, what, TRACK_KEYS, reader->problems);
    if (!g_str_equal(name, "default") && yaml_get(mapping, "versions") == NULL)
        diagnostics_error(reader->problems, place, "%s has no 'versions': name the folder of its revisions",
                          what);
    Track *track = track_new(reader->project, name);
    track->place = place;
    track->place.file = reader->project->file; /* outlives the YAML tree */
    read_folder(mapping, "versions", reader, &track->versions);
    read_folder(mapping, "schema", reader, &track->schema);
    read_version_table(mapping, reader, track);
    track_settle(track, reader->project);
    g_ptr_array_add(reader->project->tracks, track);
}

void project_read_tracks(const ProjectKey *self, const YamlNode *value, ProjectReader *reader)
{
    if (yaml_kind(value) == YAML_NULL)
        return;
    if (yaml_kind(value) != YAML_MAPPING) {
        diagnostics_error(reader->problems, yaml_place(value),
                          "%s must be a mapping of names to tracks, not %s", self->name,
                          yaml_kind_name(yaml_kind(value)));
        return;
    }
    for (unsigned i = 0; i < yaml_length(value); i++)
        read_track(value, i, reader);
}
