/* What pg_dump and other clients of PostgreSQL need to reach the server and database that a connection
 * reached: in the environment, which libpq reads (manual 34.15).
 *
 * Taken from the connection and not from the URL: of a list of hosts it is the one that answered, and what a
 * service file said is resolved, since in a client the service would win over the environment. */
#include "drivers/postgres/postgres_internal.h"

const char *const postgres_dump_programs[] = {"pg_dump", NULL};

/* Told apart from what the connection has: the host that was reached, and no encoding, so that a dump is in
 * that of its database. */
static const char *const left_out[] = {"host", "port", "client_encoding", "service", "target_session_attrs",
                                       NULL};

static void set(ClientAccess *access, const char *name, const char *value)
{
    if (value && *value)
        access->environment = g_environ_setenv(access->environment, name, value, TRUE);
}

static void unset(ClientAccess *access, const char *name)
{
    access->environment = g_environ_unsetenv(access->environment, name);
}

static bool refuse_key_password(GError **error)
{
    g_propagate_error(error, db_error_new(DB_ERROR_UNSUPPORTED, NULL,
                                          "the URL has sslpassword, which client programs take from nowhere "
                                          "but their arguments",
                                          NULL, "Use a key without a password in a file of mode 0600."));
    return false;
}

/* Without what is for sessions of ours only. */
static const char *value_of(const PostgresConnection *self, const PQconninfoOption *option)
{
    return self->mark && g_str_equal(option->keyword, "options") ? self->said_options : option->val;
}

static bool take_options(const PostgresConnection *self, const PQconninfoOption *options,
                         ClientAccess *access, GError **error)
{
    for (const PQconninfoOption *option = options; option->keyword; option++) {
        if (g_str_equal(option->keyword, "sslpassword") && option->val && *option->val)
            return refuse_key_password(error);
        if (option->envvar && !g_strv_contains(left_out, option->keyword))
            set(access, option->envvar, value_of(self, option));
    }
    return true;
}

bool postgres_client_access(Connection *base, const char *folder, ClientAccess *access, GError **error)
{
    static const char *const misleading[] = {"PGSERVICE", "PGCLIENTENCODING", "PGTARGETSESSIONATTRS",
                                             "PGHOSTADDR"};
    const PostgresConnection *self = (const PostgresConnection *)base;
    (void)folder;
    for (gsize i = 0; i < G_N_ELEMENTS(misleading); i++)
        unset(access, misleading[i]);
    PQconninfoOption *options = PQconninfo(self->conn);
    if (!options)
        g_error("out of memory"); /* as GLib does everywhere else */
    bool good = take_options(self, options, access, error);
    PQconninfoFree(options);
    set(access, "PGHOST", PQhost(self->conn));
    set(access, "PGPORT", PQport(self->conn));
    set(access, "PGUSER", PQuser(self->conn));
    set(access, "PGDATABASE", PQdb(self->conn));
    set(access, "PGPASSWORD", PQpass(self->conn));
    access->secret = g_strdup(PQpass(self->conn));
    access->host = g_strdup(PQhost(self->conn));
    access->port = g_strdup(PQport(self->conn));
    access->user = g_strdup(PQuser(self->conn));
    return good;
}

/* A pattern that means just this name (manual, psql: Patterns). */
static char *schema_pattern(const char *schema)
{
    g_auto(GStrv) parts = g_strsplit(schema, "\"", -1);
    g_autofree char *inner = g_strjoinv("\"\"", parts);
    return g_strdup_printf("--schema=\"%s\"", inner);
}

char **postgres_dump_arguments(Connection *base, const char *program, const ClientAccess *access,
                               const char *schema, const char *path)
{
    g_autoptr(GStrvBuilder) arguments = g_strv_builder_new();
    g_autofree char *file = g_strconcat("--file=", path, NULL);
    g_autofree char *pattern = schema ? schema_pattern(schema) : NULL;
    (void)base;
    (void)access;
    g_strv_builder_add_many(arguments, program, "--format=custom", "--no-password", file, NULL);
    if (pattern)
        g_strv_builder_add(arguments, pattern);
    return g_strv_builder_end(arguments);
}
