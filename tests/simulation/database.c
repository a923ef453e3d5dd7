/* Database: what is kept, by value, and the life of sessions. The statements are in statements.c. */
#include "database.h"

#include "statements.h"

/* ---- What is kept ---- */

Kept *kept_new(void)
{
    Kept *self = g_new0(Kept, 1);
    self->rows = g_ptr_array_new_with_free_func(g_free);
    self->history = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
    self->effects = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return self;
}

Kept *kept_copy(const Kept *self)
{
    Kept *copy = kept_new();
    GHashTableIter iter;
    gpointer key, value;
    copy->has_version = self->has_version;
    copy->has_history = self->has_history;
    copy->picture = g_strdup(self->picture);
    for (guint i = 0; i < self->rows->len; i++)
        g_ptr_array_add(copy->rows, g_strdup(self->rows->pdata[i]));
    for (guint i = 0; i < self->history->len; i++)
        g_ptr_array_add(copy->history, g_hash_table_ref(self->history->pdata[i]));
    g_hash_table_iter_init(&iter, self->effects);
    while (g_hash_table_iter_next(&iter, &key, &value))
        g_hash_table_insert(copy->effects, g_strdup(key), value);
    return copy;
}

void kept_free(Kept *self)
{
    if (!self)
        return;
    g_ptr_array_unref(self->rows);
    g_ptr_array_unref(self->history);
    g_hash_table_unref(self->effects);
    g_free(self->picture);
    g_free(self);
}

/* ---- Databases ---- */

Database *database_new(const char *name, Dialect dialect)
{
    Database *self = g_new0(Database, 1);
    self->name = g_strdup(name);
    self->dialect = dialect;
    self->transactional = dialect_has_transactional_ddl(dialect);
    self->kept = kept_new();
    self->lingering = g_ptr_array_new_with_free_func((GDestroyNotify)session_free);
    return self;
}

void database_free(Database *self)
{
    g_ptr_array_unref(self->lingering);
    kept_free(self->kept);
    g_free(self->name);
    g_free(self->wrong);
    g_free(self);
}

static void end_lingering(Session *session)
{
    for (guint i = 0; session->left && i < session->left->len; i++)
        if (!session_run(session, session->left->pdata[i], NULL, NULL))
            break;
    session_end(session);
}

void database_pass(Database *self, gint64 now)
{
    for (;;) {
        Session *first = NULL;
        for (guint i = 0; i < self->lingering->len; i++) {
            Session *session = self->lingering->pdata[i];
            if (session->lingers_until <= now && (!first || session->lingers_until < first->lingers_until))
                first = session;
        }
        if (!first)
            return;
        end_lingering(first);
        g_ptr_array_remove(self->lingering, first);
    }
}

unsigned database_effect(const Database *self, const char *statement)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(self->kept->effects, statement));
}

GHashTable *database_history(const Database *self, const char *revision, const char *direction)
{
    for (guint i = self->kept->history->len; i-- > 0;) {
        GHashTable *row = self->kept->history->pdata[i];
        if (g_str_equal(g_hash_table_lookup(row, "revision"), revision) &&
            g_str_equal(g_hash_table_lookup(row, "direction"), direction))
            return row;
    }
    return NULL;
}

void database_complain(Database *self, const char *format, ...)
{
    va_list values;
    if (self->wrong)
        return;
    va_start(values, format);
    self->wrong = g_strdup_vprintf(format, values);
    va_end(values);
}

/* ---- Sessions ---- */

Session *session_new(Database *database)
{
    Session *self = g_new0(Session, 1);
    self->database = database;
    return self;
}

void session_end(Session *self)
{
    g_clear_pointer(&self->pending, kept_free);
    if (self->database->holder == self)
        self->database->holder = NULL;
    self->ended = true;
}

void session_free(Session *self)
{
    if (!self)
        return;
    session_end(self);
    g_clear_pointer(&self->left, g_ptr_array_unref);
    g_free(self);
}

bool session_lock(Session *self, gint64 now)
{
    Database *database = self->database;
    if (database->holder == self)
        database_complain(database, "the lock was taken twice by one session");
    if (database->holder || database->rival_until > now)
        return false;
    database->holder = self;
    return true;
}

void session_unlock(Session *self)
{
    if (self->database->holder == self)
        self->database->holder = NULL;
}

/* After an error PostgreSQL refuses all but ROLLBACK; MySQL and MariaDB end the transaction at a deadlock
 * only. */
void session_refuse(Session *self, DbErrorClass error_class)
{
    if (self->database->dialect == DIALECT_POSTGRES)
        self->aborted = self->pending != NULL;
    else if (error_class == DB_ERROR_DEADLOCK)
        g_clear_pointer(&self->pending, kept_free);
}

void session_linger(Session *self, gint64 until, GPtrArray *left)
{
    self->lingers_until = until;
    self->left = left;
    g_ptr_array_add(self->database->lingering, self);
}
