/* What the files of discovery share: a source as it is written, its answer as a list of targets, and the
 * cache of answers. The loading thread only. */
#pragma once

#include "base/json_out.h"
#include "inventory/fleet_internal.h"

typedef struct DiscoveryKind DiscoveryKind;

/* A source that lies outside, as an item of `discover:` says it. Texts are the YAML trees'. */
typedef struct DiscoverySpec {
    const DiscoveryKind *kind;
    const Scope *scope;
    const YamlNode *item;
    TargetRecord *source; /* sql, schemas: what is connected to; NULL: it cannot be, and why was told */
    const char *url;      /* sql, schemas, http */
    const char *query;    /* sql */
    const char *like;     /* schemas */
    const char **exclude; /* schemas: NULL-terminated */
    const char **command; /* exec: NULL-terminated */
    char **headers;       /* http: "Name: value", NULL-terminated */
    const char *name;     /* template */
    gint64 cache_ms;      /* 0: no answer is kept */
    gint64 timeout_ms;
    unsigned minimum; /* fewer targets are an error */
    char *shown;      /* "sql postgresql://control/tenants": for messages, without secrets */
} DiscoverySpec;
void discovery_spec_free(gpointer self);

/* Reads what is written behind the kind's name; false after errors. */
bool discovery_spec_read(DiscoverySpec *self, const YamlNode *value, Loader *loader);
/* ---- Kinds and asking (discover_ask.c) ---- */

/* The kinds besides files, "sql", "schemas", …; NULL for another. */
const DiscoveryKind *discovery_kind_find(const char *name);
/* What one target of the source is called: "row", "item", "schema". */
const char *discovery_kind_word(const DiscoveryKind *self);
/* False where the secrets of its URL are not at hand, and that is allowed. */
bool discovery_can_be_asked(const DiscoverySpec *self);
/* The answer in the form of discover_answer.c. NULL and why. */
char *discovery_ask(const DiscoverySpec *self, const Loader *loader, GError **error);
/* True if its targets are schemas of the source, and the answer a list of their names. */
bool discovery_finds_schemas(const DiscoverySpec *self);
/* What tells this source from others, for its answer's file. Caller frees. */
char *discovery_digest(const DiscoverySpec *self, const Loader *loader);

/* Files: discover_sqlite.c. */
void discover_sqlite(Loader *loader, const Scope *scope, const YamlNode *item, const char *pattern,
                     const char *template);
/* "old-{name}" with a name in it, as a target may be called. Caller frees. */
char *discovery_name(const char *template, const char *name);

/* ---- Answers (discover_answer.c): a JSON list with one target a line, mappings of LEVEL_FOUND keys whose
 * values are texts. NULL and why; callers free. ---- */

/* JSON or YAML: a list of targets, or Ansible's --list. */
char *answer_from_text(const char *text, GError **error);
/* Columns name, url, label_*, var_* and the others of LEVEL_FOUND that are texts. */
char *answer_from_rows(const GPtrArray *rows, char *const *columns, GError **error);
char *answer_from_names(char *const *names);
/* Every scalar is a text, and a key without a value is left out: it says as little as one that is missing. */
void answer_write_node(JsonOut *json, const char *key, const YamlNode *node);
/* A list of one value a line, out of lines (char *) that hold one value each. */
char *answer_list(const GPtrArray *lines);
/* Ansible's --list: https://docs.ansible.com/ansible/latest/dev_guide/developing_inventory.html */
char *answer_from_ansible(const YamlNode *groups, GError **error);

#define ANSWER_ERROR (answer_error_quark())
GQuark answer_error_quark(void);

/* ---- Cache (discover_cache.c) ---- */

/* The answer that was kept under this digest, if it is younger than `maximum_ms`; NULL: none. Caller frees.
 */
char *answer_cache_read(const char *folder, const char *digest, gint64 maximum_ms, gint64 now_us);
/* Keeps an answer, readable by its owner only. */
bool answer_cache_write(const char *folder, const char *digest, const char *answer, gint64 now_us,
                        GError **error);
