/* Kinds of sources: owns what each kind of `discover:` is written with, and how it is asked through the
 * functions that were handed in. It refuses to know drivers and HTTP. The loading thread only. */
#include "inventory/discover_internal.h"

#include "inventory/secret.h"

#include <string.h>

struct DiscoveryKind {
    const char *name;
    const char *word;     /* what one target of it is called */
    const char *form;     /* how it is written */
    InventoryLevel level; /* of its keys; 0: it is a list */
    const char *required[3];
    bool (*read)(DiscoverySpec *self, const YamlNode *value, Loader *loader);
    char *(*ask)(const DiscoverySpec *self, const Loader *loader, GError **error);
};

/* --- as written --- */

static bool read_text(const YamlNode *value, const char *key, const char **text, Loader *loader)
{
    const YamlNode *node = yaml_get(value, key);
    if (node == NULL)
        return true;
    if (!yaml_as_text(node, key, text, loader->problems))
        return false;
    if (**text != '\0')
        return true;
    diagnostics_error(loader->problems, yaml_place(node), "%s is empty", key);
    return false;
}

/* One text or a list of them; NULL after an error. The caller frees the array. */
static const char **read_texts(const YamlNode *node, const char *what, Loader *loader)
{
    bool list = yaml_kind(node) == YAML_SEQUENCE, good = true;
    unsigned count = list ? yaml_length(node) : 1;
    g_autofree const char **texts = g_new0(const char *, count + 1);
    for (unsigned i = 0; i < count; i++)
        good = yaml_as_text(list ? yaml_at(node, i) : node, what, &texts[i], loader->problems) && good;
    return good ? g_steal_pointer(&texts) : NULL;
}

/* What the source is called in messages: its URL without what may be secret. */
static char *url_shown(const char *url)
{
    g_autofree char *cut = g_strndup(url, strcspn(url, "?#"));
    char *host = strstr(cut, "://");
    char *at = host != NULL ? g_strrstr_len(host + 3, (gssize)strcspn(host + 3, "/"), "@") : NULL;
    if (at == NULL)
        return g_steal_pointer(&cut);
    return g_strdup_printf("%.*s://%s", (int)(host - cut), cut, at + 1);
}

/* A source that is a database: the URL must be one that a target could have. */
static bool read_database(DiscoverySpec *self, const YamlNode *value, Loader *loader)
{
    if (!read_text(value, "url", &self->url, loader))
        return false;
    self->source = targets_make_source(loader, self->scope, value, yaml_get(value, "url"));
    if (self->source != NULL)
        self->shown = g_strdup_printf("%s %s", self->kind->name, self->source->target.endpoint);
    return self->source != NULL || loader->options->allow_missing_environment;
}

static bool read_sql(DiscoverySpec *self, const YamlNode *value, Loader *loader)
{
    return read_database(self, value, loader) && read_text(value, "query", &self->query, loader);
}

/* Where schemas are databases, the URL names a server; a connection needs a database even so, and this one is
 * everywhere. */
static void settle_database(const DiscoverySpec *self, const Loader *loader)
{
    const char *const *with_schemas = loader->options->schema_schemes;
    DbUrl *url = self->source != NULL ? self->source->target.url : NULL;
    if (url != NULL && url->database == NULL && with_schemas != NULL &&
        !g_strv_contains(with_schemas, url->scheme))
        url->database = g_strdup("information_schema");
}

static bool read_schemas(DiscoverySpec *self, const YamlNode *value, Loader *loader)
{
    const YamlNode *exclude = yaml_get(value, "exclude");
    if (!read_database(self, value, loader) || !read_text(value, "like", &self->like, loader))
        return false;
    if (self->source != NULL && db_url_is_sqlite(self->source->target.url)) {
        diagnostics_error(loader->problems, yaml_place(yaml_get(value, "url")),
                          "a SQLite database has no schemas: find files with {sqlite: \"folder/*.db\"}");
        return false;
    }
    settle_database(self, loader);
    self->exclude = exclude != NULL ? read_texts(exclude, "exclude", loader) : g_new0(const char *, 1);
    return self->exclude != NULL;
}

static bool check_header(const YamlNode *headers, unsigned index, Loader *loader)
{
    g_autoptr(GError) error = NULL;
    const char *name = yaml_key_at(headers, index), *text = NULL;
    SourcePlace place = yaml_place(yaml_at(headers, index));
    if (!yaml_as_text(yaml_at(headers, index), name, &text, loader->problems))
        return false;
    if (*name == '\0' || strpbrk(name, ": \t\r\n") != NULL || strpbrk(text, "\r\n") != NULL) {
        diagnostics_error(loader->problems, place, "'%s' is no header that can be sent", name);
        return false;
    }
    if (!secret_is_reference(text) || secret_check(text, &error))
        return true;
    diagnostics_error(loader->problems, place, "%s", error->message);
    return false;
}

static bool read_headers(DiscoverySpec *self, const YamlNode *headers, Loader *loader)
{
    if (headers != NULL && yaml_kind(headers) != YAML_MAPPING) {
        diagnostics_error(loader->problems, yaml_place(headers),
                          "headers must be a mapping of names to texts");
        return false;
    }
    bool good = true;
    g_autoptr(GStrvBuilder) lines = g_strv_builder_new();
    for (unsigned i = 0; i < yaml_length(headers); i++) {
        bool fits = check_header(headers, i, loader);
        g_autofree char *line =
            fits ? g_strdup_printf("%s: %s", yaml_key_at(headers, i), yaml_text(yaml_at(headers, i))) : NULL;
        if (fits)
            g_strv_builder_add(lines, line);
        good = good && fits;
    }
    self->headers = g_strv_builder_end(lines);
    return good;
}

static bool read_http(DiscoverySpec *self, const YamlNode *value, Loader *loader)
{
    if (!read_text(value, "url", &self->url, loader) ||
        !read_headers(self, yaml_get(value, "headers"), loader))
        return false;
    g_autofree char *shown = url_shown(self->url);
    self->shown = g_strdup_printf("http %s", shown);
    if (g_str_has_prefix(self->url, "http://") || g_str_has_prefix(self->url, "https://"))
        return true;
    diagnostics_error(loader->problems, yaml_place(yaml_get(value, "url")),
                      "the url of http must begin with http:// or https://");
    return false;
}

static bool read_exec(DiscoverySpec *self, const YamlNode *value, Loader *loader)
{
    if (yaml_kind(value) != YAML_SEQUENCE || yaml_length(value) == 0) {
        diagnostics_error(
            loader->problems, yaml_place(value),
            "exec must be a list of a program and its arguments, [./list-tenants, --all]: no shell "
            "reads it");
        return false;
    }
    self->command = read_texts(value, "exec", loader);
    if (self->command == NULL)
        return false;
    self->shown = g_strdup_printf("exec %s", self->command[0]);
    return true;
}

/* --- asking --- */

static char *nobody(const DiscoverySpec *self, GError **error)
{
    g_set_error(error, ANSWER_ERROR, 0, "%s cannot be asked by this dbfleet", self->kind->name);
    return NULL;
}

static char *ask_sql(const DiscoverySpec *self, const Loader *loader, GError **error)
{
    const DiscoverySources *sources = loader->options->sources;
    g_auto(GStrv) columns = NULL;
    if (sources->query == NULL)
        return nobody(self, error);
    g_autoptr(GPtrArray) rows = sources->query(sources->context, &self->source->target, loader->fleet->folder,
                                               self->query, self->timeout_ms, &columns, error);
    return rows != NULL ? answer_from_rows(rows, columns, error) : NULL;
}

static char *ask_schemas(const DiscoverySpec *self, const Loader *loader, GError **error)
{
    const DiscoverySources *sources = loader->options->sources;
    if (sources->schemas == NULL)
        return nobody(self, error);
    g_auto(GStrv) names = sources->schemas(sources->context, &self->source->target, loader->fleet->folder,
                                           self->like, self->exclude, self->timeout_ms, error);
    return names != NULL ? answer_from_names(names) : NULL;
}

static char *ask_http(const DiscoverySpec *self, const Loader *loader, GError **error)
{
    const DiscoverySources *sources = loader->options->sources;
    if (sources->fetch == NULL)
        return nobody(self, error);
    g_autofree char *body = sources->fetch(sources->context, self->url, (const char *const *)self->headers,
                                           loader->fleet->folder, self->timeout_ms, error);
    return body != NULL ? answer_from_text(body, error) : NULL;
}

static char *ask_exec(const DiscoverySpec *self, const Loader *loader, GError **error)
{
    const DiscoverySources *sources = loader->options->sources;
    if (sources->exec == NULL)
        return nobody(self, error);
    g_autofree char *output =
        sources->exec(sources->context, self->command, loader->fleet->folder, self->timeout_ms, error);
    return output != NULL ? answer_from_text(output, error) : NULL;
}

/* --- the table --- */

static const DiscoveryKind KINDS[] = {
    {"sql",
     "row",
     "{url: …, query: \"select name, url from …\"}",
     LEVEL_SQL,
     {"url", "query"},
     read_sql,
     ask_sql},
    {"schemas",
     "schema",
     "{url: …, like: \"tenant_%\"}",
     LEVEL_SCHEMAS,
     {"url", "like"},
     read_schemas,
     ask_schemas},
    {"http", "item", "{url: \"https://…\"}", LEVEL_HTTP, {"url"}, read_http, ask_http},
    {"exec", "item", "[./list-tenants]", 0, {NULL}, read_exec, ask_exec},
};

const DiscoveryKind *discovery_kind_find(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(KINDS); i++)
        if (g_str_equal(KINDS[i].name, name))
            return &KINDS[i];
    return NULL;
}

const char *discovery_kind_word(const DiscoveryKind *self)
{
    return self->word;
}

bool discovery_finds_schemas(const DiscoverySpec *self)
{
    return self->kind->ask == ask_schemas;
}

bool discovery_can_be_asked(const DiscoverySpec *self)
{
    return self->shown != NULL;
}

char *discovery_ask(const DiscoverySpec *self, const Loader *loader, GError **error)
{
    return self->kind->ask(self, loader, error);
}

/* The keys that a mapping of this kind must and may have. */
static bool check_keys(const DiscoveryKind *kind, const YamlNode *value, Loader *loader)
{
    if (kind->level == 0)
        return true;
    if (yaml_kind(value) != YAML_MAPPING) {
        diagnostics_error(loader->problems, yaml_place(value), "%s must be written %s, not as %s", kind->name,
                          kind->form, yaml_kind_name(yaml_kind(value)));
        return false;
    }
    g_autofree const char **known = inventory_key_names(kind->level);
    bool good = yaml_check_keys(value, kind->name, known, loader->problems);
    for (const char *const *key = kind->required; *key != NULL; key++)
        if (yaml_get(value, *key) == NULL) {
            diagnostics_error(loader->problems, yaml_place(value), "%s has no '%s': write %s", kind->name,
                              *key, kind->form);
            good = false;
        }
    return good;
}

bool discovery_spec_read(DiscoverySpec *self, const YamlNode *value, Loader *loader)
{
    return check_keys(self->kind, value, loader) && self->kind->read(self, value, loader);
}

void discovery_spec_free(gpointer data)
{
    DiscoverySpec *self = data;
    if (self == NULL)
        return;
    target_record_free(self->source);
    g_strfreev(self->headers);
    g_free(self->exclude);
    g_free(self->command);
    g_free(self->shown);
    g_free(self);
}

/* --- for the cache --- */

static void add_text(GChecksum *sum, const char *text)
{
    /* with its end, so that "ab" "c" is not "a" "bc" */
    g_checksum_update(sum, (const guchar *)(text != NULL ? text : ""),
                      (gssize)strlen(text != NULL ? text : "") + 1);
}

static void add_texts(GChecksum *sum, const char *const *texts)
{
    for (; texts != NULL && *texts != NULL; texts++)
        add_text(sum, *texts);
    add_text(sum, NULL);
}

char *discovery_digest(const DiscoverySpec *self, const Loader *loader)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    const Target *source = self->source != NULL ? &self->source->target : NULL;
    const char *const texts[] = {self->kind->name,
                                 loader->fleet->folder,
                                 self->url,
                                 source != NULL ? source->endpoint : NULL,
                                 source != NULL ? source->url->user : NULL,
                                 source != NULL ? source->password_reference : NULL,
                                 self->query,
                                 self->like};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        add_text(sum, texts[i]);
    add_texts(sum, self->exclude);
    add_texts(sum, self->command);
    add_texts(sum, (const char *const *)self->headers);
    return g_strdup(g_checksum_get_string(sum));
}
