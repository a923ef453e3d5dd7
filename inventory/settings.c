/* Settings: owns the table of an inventory's keys, where each may stand, how it is read and shown, and the
 * rule that the nearest level wins. It refuses to know groups, targets or files. The loading thread reads;
 * showing is for any thread. */
#include "inventory/fleet_internal.h"

#include "base/duration.h"
#include "base/suggest.h"
#include "inventory/secret.h"

#include <string.h>

#define INHERITING (LEVEL_DEFAULTS | LEVEL_GROUP | LEVEL_TARGET)
/* … and what a source may say of a target: nothing that runs a program, reads a file or makes a database. */
#define FOUND_TOO (INHERITING | LEVEL_FOUND)
#define DAY_MS (24 * 60 * 60 * G_GINT64_CONSTANT(1000))
#define ATTEMPTS_MAX 100
/* Longest duration of a setting: what fits the servers' own 32-bit milliseconds. */
#define DURATION_MAX_MS G_GINT64_CONSTANT(2147483647)

static const TargetSettings BUILT_IN_SETTINGS = {
    .connect_timeout_ms = 5000,
    .lock_timeout_ms = 5000,
    .statement_timeout_ms = 15 * 60 * 1000,
    .lock_wait_ms = 30 * 1000,
    .retry = {.attempts = 4, .initial_ms = 500, .maximum_ms = 30 * 1000, .total_ms = 5 * 60 * 1000},
    .foreign_keys = true,
    .backup = {.timeout_ms = 60 * 60 * 1000}};

static const char *const LIFE_NAMES[] = {[TARGET_ACTIVE] = "active",
                                         [TARGET_PROVISIONING] = "provisioning",
                                         [TARGET_SUSPENDED] = "suspended",
                                         [TARGET_RETIRED] = "retired",
                                         [TARGET_QUARANTINED] = "quarantined"};

const char *target_life_name(TargetLife life)
{
    return LIFE_NAMES[life];
}

/* --- readers --- */

#define FIELD(type, key, values) ((type *)(gpointer)((char *)(values) + (key)->offset))

/* "lock_timeout", "retry.initial". Caller frees. */
static char *full_name(const InventoryKey *self)
{
    return self->parent ? g_strdup_printf("%s.%s", self->parent, self->name) : g_strdup(self->name);
}

static void read_duration(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into)
{
    gint64 milliseconds = 0;
    g_autofree char *name = full_name(self);
    if (!yaml_as_duration(value, name, &milliseconds, loader->problems))
        return;
    if (milliseconds > DURATION_MAX_MS)
        diagnostics_error(loader->problems, yaml_place(value), "%s is longer than 24 days", name);
    else
        *FIELD(unsigned, self, into) = (unsigned)milliseconds;
}

static void read_unsigned(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into)
{
    yaml_as_unsigned(value, self->name, 1, 100000, FIELD(unsigned, self, into), loader->problems);
}

static void read_attempts(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into)
{
    yaml_as_unsigned(value, "retry.attempts", 1, ATTEMPTS_MAX, FIELD(unsigned, self, into), loader->problems);
}

static void read_bool(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into)
{
    yaml_as_bool(value, self->name, FIELD(bool, self, into), loader->problems);
}

static void read_switch(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into)
{
    const char *text = NULL;
    if (!yaml_as_text(value, self->name, &text, loader->problems))
        return;
    if (g_str_equal(text, self->on) || g_str_equal(text, self->off))
        *FIELD(bool, self, into) = g_str_equal(text, self->on);
    else
        diagnostics_error(loader->problems, yaml_place(value), "%s must be %s or %s, not '%s'", self->name,
                          self->on, self->off, text);
}

static void read_text(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into)
{
    const char *text = NULL;
    if (!yaml_as_text(value, self->name, &text, loader->problems))
        return;
    if (*text == '\0')
        diagnostics_error(loader->problems, yaml_place(value), "%s is empty: leave the key out instead",
                          self->name);
    else
        *FIELD(const char *, self, into) = text;
}

static void read_track(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into)
{
    const char *const *known = loader->options->tracks;
    const char *text = yaml_text(value);
    if (known == NULL || text == NULL || g_strv_contains(known, text)) {
        read_text(self, value, loader, into);
        return;
    }
    const char *nearest = suggest_nearest(text, known, g_strv_length((char **)known));
    g_autofree char *all = g_strjoinv(", ", (char **)known);
    diagnostics_error(loader->problems, yaml_place(value), "no track '%s' in dbfleet.yaml: %s%s", text,
                      nearest != NULL ? "did you mean " : "there is ", nearest != NULL ? nearest : all);
}

/* A syntax error of a reference in a value that may hold one. */
static bool check_reference(const char *text, SourcePlace place, Diagnostics *problems)
{
    g_autoptr(GError) error = NULL;
    if (!secret_is_reference(text) || secret_check(text, &error))
        return true;
    diagnostics_error(problems, place, "%s", error->message);
    return false;
}

static void read_password(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into)
{
    const char *text = NULL;
    if (!yaml_as_text(value, self->name, &text, loader->problems) ||
        !check_reference(text, yaml_place(value), loader->problems))
        return;
    if (!secret_is_reference(text))
        diagnostics_warning(loader->problems, yaml_place(value), LITERAL_PASSWORD);
    into->password = text;
}

static void read_state(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into)
{
    const char *text = NULL;
    if (!yaml_as_text(value, self->name, &text, loader->problems))
        return;
    for (int life = TARGET_ACTIVE; life < TARGET_QUARANTINED; life++)
        if (g_str_equal(text, LIFE_NAMES[life])) {
            into->life = (TargetLife)life;
            into->life_reason = into->life_until = NULL;
            return;
        }
    diagnostics_error(loader->problems, yaml_place(value),
                      "state must be active, provisioning, suspended or retired, not '%s'", text);
}

/* `until` as a point in time; a day without a time counts whole. */
static bool read_until(const YamlNode *node, Diagnostics *problems, const char **text, gint64 *until)
{
    if (!yaml_as_text(node, "until", text, problems))
        return false;
    if (!timestamp_parse(*text, until)) {
        diagnostics_error(
            problems, yaml_place(node),
            "until must be a date such as 2026-11-22 or a time such as 2026-11-22T16:40:00Z, not '%s'",
            *text);
        return false;
    }
    if (strlen(*text) == strlen("2026-11-22"))
        *until += DAY_MS * 1000;
    return true;
}

static void read_quarantine(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into)
{
    if (yaml_kind(value) != YAML_MAPPING) {
        diagnostics_error(loader->problems, yaml_place(value), "%s must be written {until: DATE, reason: …}",
                          self->name);
        return;
    }
    g_autofree const char **known = inventory_key_names(LEVEL_QUARANTINE);
    yaml_check_keys(value, self->name, known, loader->problems);
    const YamlNode *until_node = yaml_get(value, "until"), *reason_node = yaml_get(value, "reason");
    const char *text = NULL, *reason = NULL;
    gint64 until = 0;
    if (until_node == NULL)
        diagnostics_error(loader->problems, yaml_place(value),
                          "quarantine has no 'until': say the day it ends, or use state: suspended");
    bool good = until_node != NULL && read_until(until_node, loader->problems, &text, &until);
    if (reason_node != NULL && !yaml_as_text(reason_node, "reason", &reason, loader->problems))
        good = false;
    if (!good || loader->options->now_unix_us >= until)
        return;
    into->life = TARGET_QUARANTINED;
    into->life_reason = reason;
    into->life_until = text;
}

/* Sets only what is given: the rest stays as inherited. */
static void read_retry(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into)
{
    if (yaml_kind(value) != YAML_MAPPING) {
        diagnostics_error(loader->problems, yaml_place(value),
                          "%s must be written {attempts: 4, initial: 500ms, maximum: 30s, total: 5min}",
                          self->name);
        return;
    }
    unsigned count = 0;
    const InventoryKey *keys = inventory_keys(&count);
    g_autofree const char **known = inventory_key_names(LEVEL_RETRY);
    yaml_check_keys(value, self->name, known, loader->problems);
    for (unsigned i = 0; i < count; i++) {
        const YamlNode *entry = keys[i].levels & LEVEL_RETRY ? yaml_get(value, keys[i].name) : NULL;
        if (entry != NULL)
            keys[i].read(&keys[i], entry, loader, into);
    }
}

static GHashTable *table_copy(GHashTable *source)
{
    GHashTable *copy = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, source);
    while (g_hash_table_iter_next(&iter, &key, &value))
        g_hash_table_insert(copy, key, value);
    return copy;
}

static void read_map_entry(const InventoryKey *self, const YamlNode *map, unsigned index, Loader *loader,
                           GHashTable *into)
{
    const char *name = yaml_key_at(map, index), *text = NULL;
    const YamlNode *value = yaml_at(map, index);
    g_autofree char *what = g_strdup_printf("%s.%s", self->name, name);
    if (*name == '\0' || strpbrk(name, "=:,") != NULL)
        diagnostics_error(loader->problems, yaml_key_place_at(map, index),
                          "a name in %s is empty or holds '=', ':' or ','", self->name);
    else if (!self->references && yaml_text(value) != NULL && secret_is_reference(yaml_text(value)))
        diagnostics_error(loader->problems, yaml_place(value),
                          "%s cannot be a reference: labels are shown; a var may be one", what);
    else if (yaml_as_text(value, what, &text, loader->problems) &&
             check_reference(text, yaml_place(value), loader->problems))
        g_hash_table_insert(into, (gpointer)name, (gpointer)text);
}

static void read_map(const InventoryKey *self, const YamlNode *value, Loader *loader, Inherited *into)
{
    if (yaml_kind(value) == YAML_NULL)
        return;
    if (yaml_kind(value) != YAML_MAPPING) {
        diagnostics_error(loader->problems, yaml_place(value),
                          "%s must be a mapping of names to values, not %s", self->name,
                          yaml_kind_name(yaml_kind(value)));
        return;
    }
    GHashTable **field = FIELD(GHashTable *, self, into);
    GHashTable *merged = table_copy(*field);
    for (unsigned i = 0; i < yaml_length(value); i++)
        read_map_entry(self, value, i, loader, merged);
    g_hash_table_unref(*field);
    *field = merged;
}

/* --- showing --- */

#define SHOWN(type, key, settings) (*(const type *)(gconstpointer)((const char *)(settings) + (key)->offset))

static char *show_duration(const InventoryKey *self, const TargetSettings *settings)
{
    static const struct {
        const char *unit;
        unsigned milliseconds;
    } UNITS[] = {{"h", 60 * 60 * 1000}, {"min", 60 * 1000}, {"s", 1000}, {"ms", 1}};
    unsigned value = SHOWN(unsigned, self, settings);
    for (gsize i = 0; i < G_N_ELEMENTS(UNITS); i++)
        if (value > 0 && value % UNITS[i].milliseconds == 0)
            return g_strdup_printf("%u%s", value / UNITS[i].milliseconds, UNITS[i].unit);
    return g_strdup("0s");
}

static char *show_unsigned(const InventoryKey *self, const TargetSettings *settings)
{
    unsigned value = SHOWN(unsigned, self, settings);
    return value == 0 ? g_strdup("no limit") : g_strdup_printf("%u", value);
}

static char *show_bool(const InventoryKey *self, const TargetSettings *settings)
{
    return g_strdup(SHOWN(bool, self, settings) ? "true" : "false");
}

static char *show_switch(const InventoryKey *self, const TargetSettings *settings)
{
    return g_strdup(SHOWN(bool, self, settings) ? self->on : self->off);
}

/* --- the table --- */

#define SETTING(field) G_STRUCT_OFFSET(Inherited, settings.field)
G_STATIC_ASSERT(G_STRUCT_OFFSET(Inherited, settings) ==
                0); /* so that the offsets hold for TargetSettings too */

static const InventoryKey KEYS[] = {
    {.name = "version", .levels = LEVEL_FILE},
    {.name = "defaults", .levels = LEVEL_FILE},
    {.name = "groups", .levels = LEVEL_FILE | LEVEL_GROUP | LEVEL_FOUND},
    {.name = "group", .levels = LEVEL_FOUND},
    {.name = "targets", .levels = LEVEL_FILE | LEVEL_GROUP},
    {.name = "discover", .levels = LEVEL_FILE | LEVEL_GROUP},
    {.name = "concurrency", .levels = LEVEL_GROUP},
    {.name = "name", .levels = LEVEL_TARGET | LEVEL_DISCOVER | LEVEL_FOUND},
    {.name = "url", .levels = LEVEL_TARGET | LEVEL_SQL | LEVEL_SCHEMAS | LEVEL_HTTP | LEVEL_FOUND},
    {.name = "sqlite", .levels = LEVEL_DISCOVER},
    {.name = "sql", .levels = LEVEL_DISCOVER},
    {.name = "schemas", .levels = LEVEL_DISCOVER},
    {.name = "http", .levels = LEVEL_DISCOVER},
    {.name = "exec", .levels = LEVEL_DISCOVER},
    {.name = "cache", .levels = LEVEL_DISCOVER},
    {.name = "min", .levels = LEVEL_DISCOVER},
    {.name = "query", .levels = LEVEL_SQL},
    {.name = "like", .levels = LEVEL_SCHEMAS},
    {.name = "exclude", .levels = LEVEL_SCHEMAS},
    {.name = "headers", .levels = LEVEL_HTTP},
    {.name = "until", .levels = LEVEL_QUARANTINE},
    {.name = "reason", .levels = LEVEL_QUARANTINE},
    {.name = "folder", .levels = LEVEL_BACKUP},
    {.name = "method", .levels = LEVEL_BACKUP},
    {.name = "command", .levels = LEVEL_BACKUP},
    {.name = "retention", .levels = LEVEL_BACKUP},
    {.name = "timeout", .levels = LEVEL_BACKUP | LEVEL_DISCOVER},
    {.name = "user", .levels = FOUND_TOO, .read = read_text, .offset = G_STRUCT_OFFSET(Inherited, user)},
    {.name = "password", .levels = INHERITING, .read = read_password},
    {.name = "schema", .levels = FOUND_TOO, .read = read_text, .offset = G_STRUCT_OFFSET(Inherited, schema)},
    {.name = "track", .levels = FOUND_TOO, .read = read_track, .offset = G_STRUCT_OFFSET(Inherited, track)},
    {.name = "connect_timeout",
     .levels = FOUND_TOO,
     .read = read_duration,
     .show = show_duration,
     .offset = SETTING(connect_timeout_ms)},
    {.name = "lock_timeout",
     .levels = FOUND_TOO,
     .read = read_duration,
     .show = show_duration,
     .offset = SETTING(lock_timeout_ms)},
    {.name = "statement_timeout",
     .levels = FOUND_TOO,
     .read = read_duration,
     .show = show_duration,
     .offset = SETTING(statement_timeout_ms)},
    {.name = "lock_wait",
     .levels = FOUND_TOO,
     .read = read_duration,
     .show = show_duration,
     .offset = SETTING(lock_wait_ms)},
    {.name = "per_host",
     .levels = INHERITING,
     .read = read_unsigned,
     .show = show_unsigned,
     .offset = SETTING(per_host)},
    {.name = "retry", .levels = INHERITING, .read = read_retry, .is_map = true},
    {.name = "attempts",
     .parent = "retry",
     .levels = LEVEL_RETRY,
     .read = read_attempts,
     .show = show_unsigned,
     .offset = SETTING(retry.attempts)},
    {.name = "initial",
     .parent = "retry",
     .levels = LEVEL_RETRY,
     .read = read_duration,
     .show = show_duration,
     .offset = SETTING(retry.initial_ms)},
    {.name = "maximum",
     .parent = "retry",
     .levels = LEVEL_RETRY,
     .read = read_duration,
     .show = show_duration,
     .offset = SETTING(retry.maximum_ms)},
    {.name = "total",
     .parent = "retry",
     .levels = LEVEL_RETRY,
     .read = read_duration,
     .show = show_duration,
     .offset = SETTING(retry.total_ms)},
    {.name = "transaction",
     .levels = FOUND_TOO,
     .read = read_switch,
     .show = show_switch,
     .offset = SETTING(transaction_target),
     .on = "target",
     .off = "step"},
    {.name = "create", .levels = INHERITING, .read = read_bool, .show = show_bool, .offset = SETTING(create)},
    {.name = "create_schema",
     .levels = INHERITING,
     .read = read_bool,
     .show = show_bool,
     .offset = SETTING(create_schema)},
    {.name = "foreign_keys",
     .levels = INHERITING,
     .read = read_bool,
     .show = show_bool,
     .offset = SETTING(foreign_keys)},
    {.name = "pooler",
     .levels = FOUND_TOO,
     .read = read_switch,
     .show = show_switch,
     .offset = SETTING(pooler_session),
     .on = "session",
     .off = "none"},
    {.name = "galera",
     .levels = FOUND_TOO,
     .read = read_switch,
     .show = show_switch,
     .offset = SETTING(galera_single_writer),
     .on = "single-writer",
     .off = "none"},
    {.name = "backup", .levels = INHERITING, .read = backup_settings_read, .show = backup_settings_show},
    {.name = "labels",
     .levels = FOUND_TOO,
     .read = read_map,
     .offset = G_STRUCT_OFFSET(Inherited, labels),
     .is_map = true},
    {.name = "vars",
     .levels = FOUND_TOO,
     .read = read_map,
     .offset = G_STRUCT_OFFSET(Inherited, vars),
     .is_map = true,
     .references = true},
    {.name = "state", .levels = FOUND_TOO, .read = read_state},
    {.name = "quarantine",
     .levels = FOUND_TOO,
     .read = read_quarantine}, /* after state, which it overrides */
};

const InventoryKey *inventory_keys(unsigned *count)
{
    *count = G_N_ELEMENTS(KEYS);
    return KEYS;
}

const char **inventory_key_names(unsigned level)
{
    const char **names = g_new0(const char *, G_N_ELEMENTS(KEYS) + 1);
    unsigned length = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(KEYS); i++)
        if (KEYS[i].levels & level)
            names[length++] = KEYS[i].name;
    return names;
}

/* --- inheriting --- */

Inherited inherited_built_in(void)
{
    return (Inherited){.settings = BUILT_IN_SETTINGS,
                       .track = "default",
                       .labels = g_hash_table_new(g_str_hash, g_str_equal),
                       .vars = g_hash_table_new(g_str_hash, g_str_equal)};
}

Inherited inherited_copy(const Inherited *source)
{
    Inherited copy = *source;
    g_hash_table_ref(copy.labels);
    g_hash_table_ref(copy.vars);
    return copy;
}

void inherited_clear(Inherited *self)
{
    g_clear_pointer(&self->labels, g_hash_table_unref);
    g_clear_pointer(&self->vars, g_hash_table_unref);
}

void inherited_add_label(Inherited *self, const char *name, const char *value)
{
    if (g_hash_table_contains(self->labels, name))
        return;
    GHashTable *labels = table_copy(self->labels);
    g_hash_table_insert(labels, (gpointer)name, (gpointer)value);
    g_hash_table_unref(self->labels);
    self->labels = labels;
}

static void report_conflict(const char *what, const char *key, const YamlNode *first, const YamlNode *second,
                            Diagnostics *problems)
{
    g_autofree char *place = place_to_string(yaml_place(first));
    diagnostics_error(problems, yaml_place(second), "%s has another %s at %s: keep one of the two", what, key,
                      place);
}

static bool same_text(const YamlNode *a, const YamlNode *b)
{
    return yaml_text(a) != NULL && g_strcmp0(yaml_text(a), yaml_text(b)) == 0;
}

/* Entries of labels or vars that two mappings give different values. */
static void check_map_conflicts(const char *what, const InventoryKey *key, const YamlNode *first,
                                const YamlNode *second, Diagnostics *problems)
{
    for (unsigned i = 0; yaml_kind(second) == YAML_MAPPING && i < yaml_length(second); i++) {
        const YamlNode *other = yaml_get(first, yaml_key_at(second, i));
        g_autofree char *name = g_strdup_printf("%s.%s", key->name, yaml_key_at(second, i));
        if (other != NULL && !same_text(other, yaml_at(second, i)))
            report_conflict(what, name, other, yaml_at(second, i), problems);
    }
}

static void check_conflicts(const InventoryKey *key, const YamlNode *const *mappings, unsigned upto,
                            const char *what, Diagnostics *problems)
{
    const YamlNode *value = yaml_get(mappings[upto], key->name);
    for (unsigned i = 0; i < upto; i++) {
        const YamlNode *earlier = yaml_get(mappings[i], key->name);
        if (earlier == NULL)
            continue;
        if (key->is_map)
            check_map_conflicts(what, key, earlier, value, problems);
        else if (!same_text(earlier, value))
            report_conflict(what, key->name, earlier, value, problems);
    }
}

void inherited_apply(Inherited *self, const YamlNode *const *mappings, unsigned count, unsigned level,
                     const char *what, Loader *loader)
{
    for (gsize k = 0; k < G_N_ELEMENTS(KEYS); k++) {
        if (!(KEYS[k].levels & level) || KEYS[k].read == NULL)
            continue;
        for (unsigned i = 0; i < count; i++) {
            const YamlNode *value = yaml_get(mappings[i], KEYS[k].name);
            if (value == NULL)
                continue;
            check_conflicts(&KEYS[k], mappings, i, what, loader->problems);
            KEYS[k].read(&KEYS[k], value, loader, self);
        }
    }
}
