/* Database URLs: owns their syntax, what is shown of them and what makes two of them the same database. It
 * refuses to guess where a password ends (an unescaped delimiter is an error that says how to write it), to
 * quote any part of a URL in an error, and to know drivers, files or servers. Any thread; a DbUrl is
 * immutable once parsed. */
#include "base/db_url.h"

#include <arpa/inet.h>
#include <string.h>

G_DEFINE_QUARK(dbfleet - db - url - error, db_url_error)

#define REFERENCE_START "${"
#define LONGEST_REFERENCE ((gsize)4096)

static const struct {
    const char *scheme;
    const char *family;
    const char *port; /* NULL: no server */
} FAMILIES[] = {
    {"postgresql", "postgresql", "5432"}, {"postgres", "postgresql", "5432"}, {"mysql", "mysql", "3306"},
    {"mariadb", "mysql", "3306"},         {"sqlite", "sqlite", NULL},
};

/* Parts of a parameter's name that make its value a secret. */
static const char *const SECRET_WORDS[] = {"pass", "pwd", "secret", "token", "credential", "scram_"};

/* --- reading --- */

G_GNUC_PRINTF(2, 3) static bool fail(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, DB_URL_ERROR, DB_URL_ERROR_SYNTAX, "not a database URL: %s", reason);
    return false;
}

/* Behind the "${…}" that text starts with, or text itself where there is none. */
static const char *skip_reference(const char *text, const char *end)
{
    if (end - text < 3 || *text != '$' || !g_str_has_prefix(text, REFERENCE_START))
        return text;
    const char *close = memchr(text, '}', MIN((gsize)(end - text), LONGEST_REFERENCE));
    return close == NULL ? text : close + 1;
}

/* The first character of [text, end) that is in `set` and not inside a "${…}"; end where there is none. */
static const char *find_any(const char *text, const char *end, const char *set)
{
    while (text < end) {
        const char *behind = skip_reference(text, end);
        if (behind > text)
            text = behind;
        else if (strchr(set, *text) != NULL)
            return text;
        else
            text++;
    }
    return end;
}

/* [text, end) percent-decoded, "${…}" as it is. NULL and an error that names `part` for "%" without two hex
 * digits and for what no server takes: %00, or bytes that are not UTF-8. */
static char *decode(const char *text, const char *end, const char *part, GError **error)
{
    g_autoptr(GString) decoded = g_string_sized_new((gsize)(end - text));
    while (text < end) {
        const char *behind = skip_reference(text, end);
        if (behind > text) {
            g_string_append_len(decoded, text, behind - text);
            text = behind;
        } else if (*text != '%') {
            g_string_append_c(decoded, *text++);
        } else if (end - text < 3 || !g_ascii_isxdigit(text[1]) || !g_ascii_isxdigit(text[2])) {
            fail(error, "a '%%' in the %s is not followed by two hex digits; write %%25 for '%%' itself",
                 part);
            return NULL;
        } else {
            g_string_append_c(decoded,
                              (char)(g_ascii_xdigit_value(text[1]) * 16 + g_ascii_xdigit_value(text[2])));
            text += 3;
        }
    }
    if (!g_utf8_validate(decoded->str, (gssize)decoded->len, NULL)) {
        fail(error, "the %s holds %%00 or bytes that are not UTF-8", part);
        return NULL;
    }
    return g_string_free(g_steal_pointer(&decoded), FALSE);
}

static bool parse_user(DbUrl *self, const char *text, const char *end, GError **error)
{
    const char *colon = find_any(text, end, ":");
    if (colon > text && (self->user = decode(text, colon, "user", error)) == NULL)
        return false;
    return colon == end || (self->password = decode(colon + 1, end, "password", error)) != NULL;
}

/* A number, or one reference to one. */
static bool port_is_valid(const char *port)
{
    const char *end = port + strlen(port);
    bool reference = skip_reference(port, end) == end && strchr(port, ',') == NULL;
    return reference || g_ascii_string_to_unsigned(port, 10, 1, 65535, NULL, NULL);
}

/* The text between the brackets of "[::1]", with or without a zone ("%25eth0" as RFC 6874 has it, or
 * "%eth0"). */
static char *parse_ipv6(const char *text, const char *end, GError **error)
{
    g_autofree char *address = g_strndup(text, (gsize)(end - text));
    struct in6_addr ignored;
    char *zone = strchr(address, '%');
    g_autofree char *number = g_strndup(address, zone == NULL ? strlen(address) : (gsize)(zone - address));
    if (inet_pton(AF_INET6, number, &ignored) != 1) {
        fail(error, "what is in the brackets is not an IPv6 address");
        return NULL;
    }
    if (zone == NULL)
        return g_steal_pointer(&address);
    const char *name = g_str_has_prefix(zone, "%25") ? zone + 3 : zone + 1;
    return g_strdup_printf("%s%%%s", number, name);
}

/* One of the hosts of a list, "name:port", "[::1]:port" or "%2Frun%2Fsocket": appends to both lists. */
static bool parse_host(const char *text, const char *end, GString *hosts, GString *ports, GError **error)
{
    bool bracket = text < end && *text == '[';
    const char *close = bracket ? memchr(text, ']', (gsize)(end - text)) : NULL;
    if (bracket && close == NULL)
        return fail(error, "the '[' of an IPv6 address is not closed");
    const char *host_end = bracket ? close + 1 : find_any(text, end, ":");
    g_autofree char *host =
        bracket ? parse_ipv6(text + 1, close, error) : decode(text, host_end, "host", error);
    if (host == NULL)
        return false;
    if (host_end < end && *host_end != ':')
        return fail(error, "only ':' and a port may follow the ']' of an IPv6 address");
    g_autofree char *port =
        host_end < end ? g_strndup(host_end + 1, (gsize)(end - host_end - 1)) : g_strdup("");
    if (strchr(host, ',') != NULL)
        return fail(error, "a host holds a comma");
    bool valid = *port == '\0' || port_is_valid(port);
    if (!valid && !bracket && strchr(port, ':') != NULL)
        return fail(
            error, "more than one ':' behind the host; an IPv6 address is written in brackets, [::1], and in "
                   "a user or password '@' is %%40, '/' %%2F, '#' %%23 and '?' %%3F");
    if (!valid)
        return fail(
            error,
            "the port is not a number from 1 to 65535; if this is part of a password, write its '/' as "
            "%%2F, '#' as %%23, '?' as %%3F and '@' as %%40");
    g_string_append(hosts, host);
    g_string_append(ports, port);
    return true;
}

/* "a:1,[::1]:2": host becomes "a,::1", port "1,2" (NULL where no host has one). */
static bool parse_hosts(DbUrl *self, const char *text, const char *end, GError **error)
{
    g_autoptr(GString) hosts = g_string_new(NULL);
    g_autoptr(GString) ports = g_string_new(NULL);
    bool list = find_any(text, end, ",") < end;
    while (true) {
        const char *comma = find_any(text, end, ",");
        if (list && (text == comma || *text == ':'))
            return fail(error, "a host in the list of hosts is empty");
        if (find_any(text, comma, " \\") < comma)
            return fail(error, "the host holds a blank or a backslash");
        if (!parse_host(text, comma, hosts, ports, error))
            return false;
        if (comma == end)
            break;
        g_string_append_c(hosts, ',');
        g_string_append_c(ports, ',');
        text = comma + 1;
    }
    self->host = hosts->len == 0 ? NULL : g_string_free(g_steal_pointer(&hosts), FALSE);
    bool any_port = strspn(ports->str, ",") < ports->len;
    self->port = any_port ? g_string_free(g_steal_pointer(&ports), FALSE) : NULL;
    return true;
}

static bool parse_authority(DbUrl *self, const char *text, const char *end, GError **error)
{
    const char *at = find_any(text, end, "@");
    if (at == end)
        return parse_hosts(self, text, end, error);
    if (find_any(at + 1, end, "@") < end)
        return fail(error, "more than one '@' before the host; write '@' in a user or password as %%40");
    return parse_user(self, text, at, error) && parse_hosts(self, at + 1, end, error);
}

/* libpq takes the parts of a URL as parameters too ("?user=…&password=…"); here they become the parts they
 * are, so that a password has one place only. */
static char **part_for_parameter(DbUrl *self, const char *name)
{
    if (db_url_is_sqlite(self))
        return NULL;
    if (g_str_equal(name, "user"))
        return &self->user;
    if (g_str_equal(name, "password"))
        return &self->password;
    return g_str_equal(name, "dbname") ? &self->database : NULL;
}

static bool parse_parameter(DbUrl *self, const char *text, const char *end, GError **error)
{
    const char *equals = find_any(text, end, "=");
    if (equals == text || equals == end)
        return fail(error,
                    "a parameter behind the '?' is not written name=value; write '?' in a password as %%3F");
    g_autofree char *name = decode(text, equals, "name of a parameter", error);
    g_autofree char *value = name == NULL ? NULL : decode(equals + 1, end, "value of a parameter", error);
    if (value == NULL)
        return false;
    char **part = part_for_parameter(self, name);
    if (db_url_parameter(self, name) != NULL || (part != NULL && *part != NULL))
        return fail(error, "a parameter behind the '?' says again what the URL has said already");
    if (part != NULL) {
        *part = g_steal_pointer(&value);
        return true;
    }
    DbUrlParameter parameter = {.name = g_steal_pointer(&name), .value = g_steal_pointer(&value)};
    g_array_append_val(self->parameters, parameter);
    return true;
}

static bool parse_parameters(DbUrl *self, const char *text, const char *end, GError **error)
{
    while (text < end) {
        const char *ampersand = find_any(text, end, "&");
        if (!parse_parameter(self, text, ampersand, error))
            return false;
        text = ampersand < end ? ampersand + 1 : end;
    }
    return true;
}

/* [text, end) is all between "postgresql://" and the end. */
static bool parse_server_url(DbUrl *self, const char *text, const char *end, GError **error)
{
    const char *authority_end = find_any(text, end, "/?");
    const char *path_end = find_any(authority_end, end, "?");
    if (!parse_authority(self, text, authority_end, error))
        return false;
    const char *database = authority_end < path_end ? authority_end + 1 : path_end;
    if (find_any(database, path_end, "/@") < path_end)
        return fail(error,
                    "the database name holds '/' or '@': write them as %%2F and %%40, in a password too");
    if (find_any(text, authority_end, "@") == authority_end && find_any(path_end, end, "@") < end)
        return fail(error, "a '@' stands behind the '?': write it as %%40, and '?' in a password as %%3F");
    if (database < path_end && (self->database = decode(database, path_end, "database", error)) == NULL)
        return false;
    return path_end == end || parse_parameters(self, path_end + 1, end, error);
}

/* [text, end) is all behind "sqlite:". */
static bool parse_sqlite_url(DbUrl *self, const char *text, const char *end, GError **error)
{
    if (g_str_has_prefix(text, "//")) {
        if (text[2] != '/')
            return fail(error,
                        "write sqlite:folder/file.db for a relative path, sqlite:///folder/file.db for an "
                        "absolute one");
        text += 2;
    }
    const char *path_end = find_any(text, end, "?");
    if (text == path_end)
        return fail(error, "the path of the SQLite file is missing");
    self->database = decode(text, path_end, "path", error);
    return self->database != NULL && (path_end == end || parse_parameters(self, path_end + 1, end, error));
}

/* The length of the scheme, or 0 where none is. */
static gsize scheme_length(const char *text)
{
    gsize length = strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "+-.");
    return g_ascii_isalpha(*text) && text[length] == ':' ? length : 0;
}

static bool check_characters(const char *text, GError **error)
{
    if (!g_utf8_validate(text, -1, NULL))
        return fail(error, "it is not UTF-8 text");
    for (const char *c = text; *c != '\0'; c++)
        if (g_ascii_iscntrl(*c))
            return fail(error, "it holds a control character, such as a line break or a tab");
    if (g_ascii_isspace(text[0]) || g_str_has_suffix(text, " "))
        return fail(error, "it starts or ends with a blank");
    if (strchr(text, '#') != NULL && find_any(text, text + strlen(text), "#") < text + strlen(text))
        return fail(error, "it holds a '#': write it as %%23, in a password too");
    return true;
}

static bool parse_scheme(DbUrl *self, const char *text, gsize length, GError **error)
{
    if (length == 0)
        return fail(error, "it starts with no scheme such as postgresql://, mysql://, mariadb:// or sqlite:");
    g_autofree char *scheme = g_ascii_strdown(text, (gssize)length);
    char *plus = strchr(scheme, '+');
    if (plus != NULL)
        return fail(error, "'%s' names the driver of another program; write '%.*s'", scheme,
                    (int)(plus - scheme), scheme);
    self->scheme = g_str_equal(scheme, "sqlite3") ? g_strdup("sqlite") : g_steal_pointer(&scheme);
    return true;
}

static DbUrl *db_url_new(void)
{
    DbUrl *self = g_new0(DbUrl, 1);
    self->parameters = g_array_new(FALSE, FALSE, sizeof(DbUrlParameter));
    return self;
}

DbUrl *db_url_parse(const char *text, GError **error)
{
    g_autoptr(DbUrl) self = db_url_new();
    gsize length = scheme_length(text);
    if (!check_characters(text, error) || !parse_scheme(self, text, length, error))
        return NULL;
    const char *rest = text + length + 1;
    const char *end = text + strlen(text);
    if (db_url_is_sqlite(self))
        return parse_sqlite_url(self, rest, end, error) ? g_steal_pointer(&self) : NULL;
    if (!g_str_has_prefix(rest, "//")) {
        fail(error, "'//' is missing behind the scheme");
        return NULL;
    }
    return parse_server_url(self, rest + 2, end, error) ? g_steal_pointer(&self) : NULL;
}

DbUrl *db_url_new_sqlite(const char *path)
{
    DbUrl *self = db_url_new();
    self->scheme = g_strdup("sqlite");
    self->database = g_strdup(path);
    return self;
}

DbUrl *db_url_copy(const DbUrl *self)
{
    DbUrl *copy = db_url_new();
    copy->scheme = g_strdup(self->scheme);
    copy->user = g_strdup(self->user);
    copy->password = g_strdup(self->password);
    copy->host = g_strdup(self->host);
    copy->port = g_strdup(self->port);
    copy->database = g_strdup(self->database);
    for (guint i = 0; i < self->parameters->len; i++) {
        const DbUrlParameter *original = &g_array_index(self->parameters, DbUrlParameter, i);
        DbUrlParameter parameter = {.name = g_strdup(original->name), .value = g_strdup(original->value)};
        g_array_append_val(copy->parameters, parameter);
    }
    return copy;
}

void db_url_free(DbUrl *self)
{
    if (self == NULL)
        return;
    for (guint i = 0; i < self->parameters->len; i++) {
        g_free(g_array_index(self->parameters, DbUrlParameter, i).name);
        g_free(g_array_index(self->parameters, DbUrlParameter, i).value);
    }
    g_array_free(self->parameters, TRUE);
    g_free(self->scheme);
    g_free(self->user);
    g_free(self->password);
    g_free(self->host);
    g_free(self->port);
    g_free(self->database);
    g_free(self);
}

/* --- asking --- */

const char *db_url_parameter(const DbUrl *self, const char *name)
{
    for (guint i = 0; i < self->parameters->len; i++) {
        const DbUrlParameter *parameter = &g_array_index(self->parameters, DbUrlParameter, i);
        if (g_str_equal(parameter->name, name))
            return parameter->value;
    }
    return NULL;
}

bool db_url_is_sqlite(const DbUrl *self)
{
    return g_str_equal(self->scheme, "sqlite");
}

/* --- writing --- */

/* Appends percent-encoded text; "${…}" stays readable. */
static void append_encoded(GString *url, const char *text, const char *also_allowed)
{
    const char *end = text + strlen(text);
    while (text < end) {
        const char *behind = skip_reference(text, end);
        g_string_append_len(url, text, behind - text);
        const char *next = behind;
        while (next < end && (next == behind || !g_str_has_prefix(next, REFERENCE_START)))
            next++;
        g_autofree char *plain = g_strndup(behind, (gsize)(next - behind));
        g_string_append_uri_escaped(url, plain, also_allowed, TRUE);
        text = next;
    }
}

static void append_host(GString *url, const char *host)
{
    if (strchr(host, ':') != NULL && strstr(host, REFERENCE_START) == NULL)
        g_string_append_printf(url, "[%s]", host);
    else
        append_encoded(url, host, NULL);
}

/* The port of the host at a position of a list: one port serves all hosts, as in libpq. */
static const char *port_at(char *const *ports, guint index, const char *fallback)
{
    guint count = g_strv_length((char **)ports);
    const char *port = count == 1 ? ports[0] : index < count ? ports[index] : "";
    return *port == '\0' ? fallback : port;
}

/* "a:1,[::1]:2" from the two lists; `fallback` is the port of a host that has none, NULL to leave it out. */
static void append_hosts(GString *url, const char *host, const char *port, const char *fallback)
{
    g_auto(GStrv) hosts = g_strsplit(host == NULL ? "" : host, ",", -1);
    g_auto(GStrv) ports = g_strsplit(port == NULL ? "" : port, ",", -1);
    guint count = MAX(g_strv_length(hosts), 1); /* g_strsplit makes nothing of "" */
    for (guint i = 0; i < count; i++) {
        if (i > 0)
            g_string_append_c(url, ',');
        if (hosts[0] != NULL)
            append_host(url, hosts[i]);
        const char *number = ports[0] == NULL ? fallback : port_at(ports, i, fallback);
        if (number != NULL)
            g_string_append_printf(url, ":%s", number);
    }
}

static bool is_secret(const char *parameter)
{
    g_autofree char *name = g_ascii_strdown(parameter, -1);
    for (gsize i = 0; i < G_N_ELEMENTS(SECRET_WORDS); i++)
        if (strstr(name, SECRET_WORDS[i]) != NULL)
            return true;
    return false;
}

static void append_parameters(GString *url, const DbUrl *self)
{
    for (guint i = 0; i < self->parameters->len; i++) {
        const DbUrlParameter *parameter = &g_array_index(self->parameters, DbUrlParameter, i);
        g_string_append_c(url, i == 0 ? '?' : '&');
        append_encoded(url, parameter->name, NULL);
        g_string_append_c(url, '=');
        if (is_secret(parameter->name))
            g_string_append(url, "***");
        else
            append_encoded(url, parameter->value, "/:,");
    }
}

static void append_authority(GString *url, const DbUrl *self)
{
    g_string_append(url, "//");
    if (self->user != NULL)
        append_encoded(url, self->user, NULL);
    if (self->password != NULL)
        g_string_append(url, ":***");
    if (self->user != NULL || self->password != NULL)
        g_string_append_c(url, '@');
    append_hosts(url, self->host, self->port, NULL);
    g_string_append_c(url, '/');
}

char *db_url_display(const DbUrl *self)
{
    GString *url = g_string_new(self->scheme);
    g_string_append_c(url, ':');
    bool sqlite = db_url_is_sqlite(self);
    if (!sqlite)
        append_authority(url, self);
    else if (g_path_is_absolute(self->database))
        g_string_append(url, "//");
    if (self->database != NULL)
        append_encoded(url, self->database, sqlite ? "/:" : ":");
    append_parameters(url, self);
    return g_string_free(url, FALSE);
}

/* A host as it is compared: names in lower case, IPv6 in its canonical form, socket paths as they are. */
static char *comparable_host(const char *host)
{
    if (g_path_is_absolute(host))
        return g_strdup(host);
    g_autoptr(GString) comparable = g_string_new(NULL);
    g_auto(GStrv) hosts = g_strsplit(host, ",", -1);
    for (char **one = hosts; *one != NULL; one++) {
        struct in6_addr address;
        char canonical[INET6_ADDRSTRLEN];
        g_autofree char *lower = g_ascii_strdown(*one, -1);
        bool ipv6 = inet_pton(AF_INET6, lower, &address) == 1 &&
                    inet_ntop(AF_INET6, &address, canonical, sizeof canonical) != NULL;
        g_string_append_printf(comparable, "%s%s", one == hosts ? "" : ",", ipv6 ? canonical : lower);
    }
    return g_string_free(g_steal_pointer(&comparable), FALSE);
}

static void find_family(const DbUrl *self, const char **family, const char **port)
{
    *family = self->scheme;
    *port = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(FAMILIES); i++)
        if (g_str_equal(FAMILIES[i].scheme, self->scheme)) {
            *family = FAMILIES[i].family;
            *port = FAMILIES[i].port;
        }
}

const char *db_url_host(const DbUrl *self)
{
    const char *host = db_url_parameter(self, "host");
    return host != NULL ? host : self->host;
}

const char *db_url_port(const DbUrl *self)
{
    const char *family, *default_port, *port = db_url_parameter(self, "port");
    find_family(self, &family, &default_port);
    return port != NULL ? port : self->port != NULL ? self->port : default_port;
}

char *db_url_server(const DbUrl *self)
{
    if (db_url_is_sqlite(self))
        return g_strdup("");
    const char *family = NULL, *default_port = NULL;
    find_family(self, &family, &default_port);
    const char *socket = db_url_parameter(self, "socket");
    const char *host = db_url_host(self);
    const char *port = db_url_parameter(self, "port");
    g_autofree char *comparable = NULL;
    if (socket == NULL && host != NULL)
        comparable = comparable_host(host);
    GString *server = g_string_new(family);
    g_string_append(server, "://");
    if (socket != NULL) /* MySQL's socket is the whole address; PostgreSQL's is a folder, in which the port
                           names the file */
        append_host(server, socket);
    else
        append_hosts(server, comparable, port != NULL ? port : self->port, default_port);
    return g_string_free(server, FALSE);
}

static char *sqlite_endpoint(const char *path)
{
    if (g_str_equal(path, ":memory:"))
        return g_strconcat("sqlite:", path, NULL);
    while (g_str_has_prefix(path,
                            "//")) /* POSIX lets "//" mean something else, so GLib keeps it; Linux does not */
        path++;
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    return g_strconcat("sqlite:", absolute, NULL);
}

char *db_url_endpoint(const DbUrl *self)
{
    if (db_url_is_sqlite(self))
        return sqlite_endpoint(self->database);
    const char *family = NULL, *default_port = NULL;
    find_family(self, &family, &default_port);
    /* without a database libpq connects to the one named like the user */
    bool by_user = self->database == NULL && g_str_equal(family, "postgresql");
    const char *database = by_user ? self->user : self->database;
    g_autofree char *server = db_url_server(self);
    GString *endpoint = g_string_new(server);
    g_string_append_c(endpoint, '/');
    if (database != NULL)
        append_encoded(endpoint, database, NULL);
    return g_string_free(endpoint, FALSE);
}
