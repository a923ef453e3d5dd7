/* Fleet: the loaded, immutable inventory. YAML in, resolved targets out, each value knowing where it came
 * from.
 *
 * Loading reads files (and folders named by `discover: {sqlite: …}`). What lies outside is asked through
 * DiscoverySources, once everything that is written was found right. Passwords
 * given by reference stay references: inventory/secret.h resolves them when a connection is made. References
 * in other parts of a URL are resolved while loading, since databases are compared by them. Everything here
 * is immutable after loading; any thread may read it. File format: docs/reference/inventory.md. */
#pragma once

#include "base/db_url.h"
#include "base/diagnostics.h"

/* Where in the inventory a target stands in its life; only active targets are planned. */
typedef enum TargetLife {
    TARGET_ACTIVE,
    TARGET_PROVISIONING,
    TARGET_SUSPENDED,
    TARGET_RETIRED,
    TARGET_QUARANTINED /* quarantine: {until: DATE, reason: …}; active again once the date has passed
                          (fleet_load's `now`) */
} TargetLife;
const char *target_life_name(TargetLife life);

typedef struct Group Group;
struct Group {
    char *name;
    const Group *parent;  /* NULL at the top */
    unsigned concurrency; /* targets of this group (and below) at work at once; 0: no limit of its own */
    SourcePlace place;
};

/* How what failed for the moment is tried again (lock timeouts, deadlocks, lost connections, a crowded
 * server).
 */
typedef struct RetrySettings {
    unsigned attempts;   /* the first one included; 1: nothing is tried again */
    unsigned initial_ms; /* wait before the second attempt; doubles from one to the next */
    unsigned maximum_ms; /* longest wait; 0: no limit */
    unsigned total_ms;   /* no attempt begins so long after the first failure; 0: no limit */
} RetrySettings;

typedef enum BackupMethod {
    BACKUP_NOT_SAID, /* no `backup:` at any level: none */
    BACKUP_NONE,
    BACKUP_AUTO,   /* what the driver offers */
    BACKUP_COMMAND /* `command` */
} BackupMethod;

/* backup: what is kept of a target before its first change. Texts live as long as the fleet. */
typedef struct BackupSettings {
    BackupMethod method;
    const char *folder;         /* absolute */
    const char *const *command; /* NULL-terminated, with {file} and its like; NULL: none given */
    unsigned keep_count;        /* files of one target that are kept; 0: not by number */
    gint64 keep_ms;             /* older ones go; 0: not by age */
    unsigned timeout_ms;        /* 0: no limit */
} BackupSettings;
bool backup_settings_wanted(const BackupSettings *self);

/* Limits and settings after inheritance: defaults -> group -> nested group -> target, the nearest wins. */
typedef struct TargetSettings {
    unsigned connect_timeout_ms;
    unsigned lock_timeout_ms;
    unsigned statement_timeout_ms;
    unsigned lock_wait_ms; /* how long to wait for another dbfleet on the same target */
    unsigned per_host;     /* targets at work at once on one server; 0: no limit */
    RetrySettings retry;
    bool transaction_target; /* transaction: target */
    bool create;
    bool create_schema;
    bool foreign_keys; /* SQLite */
    bool pooler_session;
    bool galera_single_writer;
    BackupSettings backup;
} TargetSettings;

typedef struct Target {
    char *name;
    const Group *group;       /* NULL for a target of the top level or --url */
    DbUrl *url;               /* without resolved secrets; sqlite paths are absolute */
    char *schema;             /* NULL: none */
    char *track;              /* "default" */
    char *password_reference; /* as written, e.g. "${file:/run/secrets/eu}"; NULL: none */
    TargetSettings settings;
    GHashTable *labels; /* name -> value */
    GHashTable *vars;   /* name -> value as written: a value may be a secret reference */
    TargetLife life;
    char *life_reason; /* quarantine's reason; NULL */
    char *life_until;  /* quarantine's end as written; NULL */
    char *endpoint;    /* db_url_endpoint(), plus "#schema" where there is one: no secrets */
    char *server;      /* db_url_server(): what per_host counts */
    SourcePlace place;
    char *discovered; /* what found it: "sql postgresql://control/tenants, row 7"; NULL: it is written, or a
                         file */
    unsigned index;   /* position in the fleet */
} Target;

typedef struct Fleet Fleet;

/* How `discover:` asks what lies outside: handed in, so that this room knows no driver and no HTTP. Every
 * function blocks for at most about `timeout_ms`, and returns NULL with an error that says what failed and
 * where without any secret. Secret references are resolved by the callee; relative files and programs start
 * at `folder`. A member that is NULL: that kind cannot be asked, which is an error. */
typedef struct DiscoverySources {
    gpointer context;
    /* Rows of a query in a read-only session: GPtrArray of char ** (one text a column, NULL for SQL NULL; as
     * long as *columns) that frees its rows, with the column names in *columns (NULL-terminated, caller frees
     * with g_strfreev). `source` is in no fleet: what a target with this URL would be here. */
    GPtrArray *(*query)(gpointer context, const Target *source, const char *folder, const char *sql,
                        gint64 timeout_ms, char ***columns, GError **error);
    /* Names of the schemas of a database (the databases of a server, where those are its schemas) that match
     * a LIKE pattern and none of `exclude` (NULL-terminated), sorted. Caller frees (g_strfreev). */
    char **(*schemas)(gpointer context, const Target *source, const char *folder, const char *like,
                      const char *const *exclude, gint64 timeout_ms, GError **error);
    /* The body of a GET. `headers`: "Name: value"; NULL: none. Caller frees. */
    char *(*fetch)(gpointer context, const char *url, const char *const *headers, const char *folder,
                   gint64 timeout_ms, GError **error);
    /* What a program prints. Caller frees. */
    char *(*exec)(gpointer context, const char *const *command, const char *folder, gint64 timeout_ms,
                  GError **error);
} DiscoverySources;

typedef struct FleetOptions {
    const DiscoverySources *sources; /* NULL: nothing outside is asked; see fleet_unasked_count() */
    const char *cache_folder;        /* for `cache:`; NULL: no answer is kept or used */
    bool renew;                      /* answers that are kept are asked for anew */
    gint64 now_unix_us;              /* decides quarantines */
    /* URL schemes that have a driver; NULL: any (then only the syntax is checked) */
    const char *const *schemes;
    /* URL schemes whose driver has schemas (DRIVER_SCHEMAS): `schema` is refused for others; NULL: any */
    const char *const *schema_schemes;
    const char *const *tracks; /* known track names; NULL: any */
    /* version_table of each of `tracks`: two tracks must not share one in one database; NULL: not known */
    const char *const *track_tables;
    const char *url_track; /* track of the target of fleet_from_url(); NULL: "default" */
    /* inventory check without the secrets at hand: a target whose URL cannot be resolved is left out with a
     * warning */
    bool allow_missing_environment;
} FleetOptions;

/* Loads a file, or all *.yaml and *.yml of a folder (merged; sorted by name; hidden files passed over). NULL
 * when anything is wrong: every problem of every file has been added. Warnings (a literal password in a URL)
 * do not fail it. */
Fleet *fleet_load(const char *path, const FleetOptions *options, Diagnostics *problems);
/* True if loading it from there again would make the same fleet: its files are what they were, byte by byte,
 * and nothing in them asks what lies outside of them or what time it is. False also where that is not known.
 */
bool fleet_is_as_written(const Fleet *self, const char *path);
/* A fleet of one target named after the database, from --url. */
Fleet *fleet_from_url(const char *url, const FleetOptions *options, Diagnostics *problems);
void fleet_free(Fleet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fleet, fleet_free)

/* How many sources of `discover:` were passed over, since there was nobody to ask them. */
unsigned fleet_unasked_count(const Fleet *self);
/* The folder that relative paths in secret references start from (secret_resolve). */
const char *fleet_folder(const Fleet *self);
unsigned fleet_length(const Fleet *self);
const Target *fleet_at(const Fleet *self, unsigned index);
const Target *fleet_find(const Fleet *self, const char *name);
unsigned fleet_group_count(const Fleet *self);
const Group *fleet_group_at(const Fleet *self, unsigned index); /* parents before children, in file order */
const Group *fleet_group_find(const Fleet *self, const char *name);
/* True if the target is in the group or in one below it. */
bool target_in_group(const Target *target, const Group *group);

/* Where a value of a target came from, for `inventory show`: rows of key, value (secrets as ***), place and
 * the level
 * ("defaults", "group eu", "target"). Caller frees with g_ptr_array_unref; elements TargetOrigin *. */
typedef struct TargetOrigin {
    char *key; /* "url", "password", "per_host", "labels.region", "vars.plan", … */
    char *value;
    char *level;
    SourcePlace place;
} TargetOrigin;
GPtrArray *fleet_target_origins(const Fleet *self, const Target *target);
