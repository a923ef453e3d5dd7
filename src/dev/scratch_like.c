/* Scratch like: what a database was created with. Owns the texts; each dialect reads and applies its own. */
#include "dev/dev_servers_internal.h"

void scratch_like_clear(ScratchLike *self)
{
    g_free(self->version);
    g_free(self->encoding);
    g_free(self->collation);
    g_free(self->ctype);
    g_free(self->provider);
    g_free(self->sql_mode);
    g_clear_pointer(&self->settings, g_hash_table_unref);
    *self = (ScratchLike){0};
}

bool scratch_like_read(ScratchLike *self, Connection *connection, GError **error)
{
    scratch_like_clear(self);
    self->version = g_strdup(connection->server.version);
    if (scratch_engine(connection->server.dialect)->read(self, connection, error))
        return true;
    scratch_like_clear(self);
    return false;
}

GHashTable *scratch_settings_of(const RowSet *rows)
{
    GHashTable *settings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < rows->rows->len; i++) {
        char *const *row = rows->rows->pdata[i];
        g_hash_table_insert(settings, g_strdup(row[0]), g_strdup(row[1]));
    }
    return settings;
}

const char *scratch_like_setting(const ScratchLike *self, const char *name)
{
    return self && self->settings ? g_hash_table_lookup(self->settings, name) : NULL;
}
