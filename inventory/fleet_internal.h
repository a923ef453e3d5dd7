/* What the files of the inventory room share and nobody else sees: the fleet while it is built, the tables of
 * keys, and the steps of loading. Loading is single-threaded; afterwards all of this is read-only. */
#pragma once

#include "inventory/fleet.h"

#include "base/yaml_tree.h"

/* No inventory may grow past this: a slip in a range should be an error, not a full memory. */
#define TARGETS_MAX 100000u

/* What is said of a password that stands in a file. */
#define LITERAL_PASSWORD                                                                                     \
    "this password can be read by whoever reads the file: use ${env:NAME}, ${file:PATH} or ${cmd:COMMAND} "  \
    "instead"

/* ---- Values that are inherited: defaults -> group -> nested group -> target */

typedef struct Inherited {
    TargetSettings settings;
    const char *user;     /* NULL: none; texts are the YAML trees' or static */
    const char *password; /* a reference or a literal; NULL: none */
    const char *schema;
    const char *track;
    TargetLife life;
    const char *life_reason;
    const char *life_until;
    GHashTable *labels; /* a reference of its own on a table that others may share; never changed in place */
    GHashTable *vars;
} Inherited;

/* The built-in values, with empty labels and vars. */
Inherited inherited_built_in(void);
Inherited inherited_copy(const Inherited *source);
void inherited_clear(Inherited *self);
/* Adds a label unless there is one of that name. */
void inherited_add_label(Inherited *self, const char *name, const char *value);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Inherited, inherited_clear)

/* ---- Keys */

typedef enum InventoryLevel {
    LEVEL_FILE = 1 << 0,
    LEVEL_DEFAULTS = 1 << 1,
    LEVEL_GROUP = 1 << 2,
    LEVEL_TARGET = 1 << 3,
    LEVEL_DISCOVER = 1 << 4,
    LEVEL_QUARANTINE = 1 << 5,
    LEVEL_RETRY = 1 << 6,
    LEVEL_BACKUP = 1 << 7,
    LEVEL_SQL = 1 << 8,
    LEVEL_SCHEMAS = 1 << 9,
    LEVEL_HTTP = 1 << 10,
    LEVEL_FOUND = 1 << 11 /* a target as a source tells it */
} InventoryLevel;

typedef struct Loader Loader;
typedef struct InventoryKey InventoryKey;

struct InventoryKey {
    const char *name;
    const char *parent; /* of a setting inside another key's mapping: that key; NULL: none */
    unsigned levels;    /* InventoryLevel bits: where it may stand */
    /* Reads the value into the Inherited; NULL for keys that are not inherited. Problems are added, then
     * nothing is set. */
    void (*read)(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into);
    /* For people, from a target's settings; NULL where another rule applies (fleet_origins.c). Caller frees.
     */
    char *(*show)(const InventoryKey *self, const TargetSettings *settings);
    gsize offset;   /* of the field in Inherited */
    const char *on; /* a switch: the words for true and false */
    const char *off;
    bool is_map;     /* labels, vars, retry, backup: merged entry by entry */
    bool references; /* a map whose values may be secret references */
};

/* All keys of all mappings, in the order in which they are applied; `count` gets their number. */
const InventoryKey *inventory_keys(unsigned *count);
/* The names that may stand at a level, NULL-terminated; caller frees the array only. */
const char **inventory_key_names(unsigned level);

/* Applies the keys of one scope's or target's mappings (several where a folder's files speak of one group) on
 * top of what was inherited. Two files that give one key different values are an error. */
void inherited_apply(Inherited *self, const YamlNode *const *mappings, unsigned count, unsigned level,
                     const char *what, Loader *loader);

/* The key `backup`. */
void backup_settings_read(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into);
/* NULL where no level speaks of it. */
char *backup_settings_show(const InventoryKey *self, const TargetSettings *settings);

/* ---- Scopes */

/* A level that targets inherit from: the root (defaults) or a group. */
typedef struct Scope Scope;
struct Scope {
    Group group;         /* the root's name is NULL */
    const Scope *parent; /* NULL for the root */
    GPtrArray *mappings; /* of const YamlNode *: one for each file that speaks of it */
    Inherited inherited;
};

/* A target and what says where its values came from. */
typedef struct TargetRecord {
    Target target;
    const YamlNode *item; /* its list item or discover entry; NULL from a URL */
    const char
        *table; /* where its state is kept: the track's version table, or the track's name if not known */
    bool user_in_url;
    bool password_in_url;
} TargetRecord;

struct Fleet {
    GPtrArray *trees;      /* of YamlTree *: they own texts and file names */
    GStringChunk *chunk;   /* owns every text that was made while loading */
    GPtrArray *lists;      /* owns arrays of texts */
    GPtrArray *scopes;     /* of Scope *; [0] is the root */
    GPtrArray *targets;    /* of Target *, each the first member of a TargetRecord */
    GHashTable *by_name;   /* name -> Target * */
    GHashTable *endpoints; /* TargetRecord * by endpoint and table, while loading */
    GHashTable *groups;    /* name -> Scope * */
    char *folder;
    unsigned unasked; /* sources that nobody was there to ask */
};

struct Loader {
    Fleet *fleet;
    const FleetOptions *options;
    Diagnostics *problems;
    const YamlNode *reported_items[2]; /* the last pair of items that was reported as duplicates */
    GPtrArray *sources;                /* of DiscoverySpec *: to be asked once all that is written is right */
};

Fleet *fleet_new(const char *folder);
/* The scope a target belongs to. */
const Scope *fleet_scope_of(const Fleet *self, const Target *target);
/* A text of the fleet, equal ones shared. NULL stays NULL. */
char *fleet_intern(Fleet *self, const char *text);

/* "file:line:column" for messages that name a second place. Caller frees. */
char *place_to_string(SourcePlace place);

/* ---- Names */

/* Adds an error unless the text can name a target or group: no characters that selectors use, no blanks, not
 * "all". */
bool inventory_name_check(const char *name, const char *what, SourcePlace place, Diagnostics *problems);
/* A valid name made of any text: what a name may not hold becomes "_". Caller frees. */
char *inventory_name_from(const char *text);

/* ---- Targets */

/* Adds the targets of one item of a `targets:` list. */
void targets_add_item(Loader *loader, const Scope *scope, const YamlNode *item);
/* Reads one item of a `discover:` list: adds the targets of files, and keeps a source that lies outside for
 * targets_ask_sources(). */
void targets_discover(Loader *loader, const Scope *scope, const YamlNode *item);
/* Asks the sources that were kept, in their order, and adds their targets. */
void targets_ask_sources(Loader *loader);
/* Adds a target for a file that was found. */
void targets_add_file(Loader *loader, const Scope *scope, const YamlNode *item, const char *name,
                      const char *path);
/* A target as a source tells it. Its texts are data: nothing in them is resolved, run or expanded. */
typedef struct FoundTarget {
    const YamlNode *node;   /* its mapping of LEVEL_FOUND keys; NULL: none */
    const YamlNode *item;   /* the `discover:` item */
    const char *name;       /* as it is called in the fleet */
    const char *url;        /* as told, and then data; or as written in the item */
    bool url_is_written;    /* references in it count */
    const char *schema;     /* NULL: none of its own. What is no schema there is the database */
    const char *discovered; /* Target's; interned */
    SourcePlace place;
} FoundTarget;
/* Adds it. *has_password: its URL has one. False after an error. */
bool targets_add_found(Loader *loader, const Scope *scope, const FoundTarget *found, bool *has_password);
/* What a target with this URL would be here, for connecting to a source: in no fleet. NULL after an error;
 * target_record_free(). */
TargetRecord *targets_make_source(Loader *loader, const Scope *scope, const YamlNode *item,
                                  const YamlNode *url);
void target_record_free(TargetRecord *self); /* NULL-safe */
/* Takes a finished target in, unless its name or its database is another's already: then an error is added.
 */
void fleet_add(Loader *loader, TargetRecord *record);
/* Adds the one target of a fleet made of a URL. */
void targets_add_url(Loader *loader, const char *url);

/* The URL of a target, with sqlite paths made absolute from `folder`. A reference that is or is in the
 * password goes to *password_reference (caller frees), others are replaced by their values; NULL and an error
 * otherwise. */
DbUrl *target_url_read(const char *text, const char *folder, char **password_reference, GError **error);
/* True if the text is one reference that stands for a whole URL. */
bool target_url_is_reference(const char *text);
/* What to call the target of a URL that nobody named: its database, or the file's name without extension.
 * Caller frees. */
char *target_url_name(const DbUrl *url);
