/* Database errors: GLib errors that carry what the server said besides its message.
 *
 * Owns the domain DB_ERROR, the names of its classes and the detail attached to each error. Refuses to
 * classify: which code is of which class is each driver's own table. Any thread may call, an error belongs to
 * one thread at a time. */
#include "drivers/driver.h"

typedef DbErrorDetail DbErrorPrivate;

static void db_error_private_init(DbErrorPrivate *self)
{
    self->item = -1;
    self->position = -1;
}

static void db_error_private_copy(const DbErrorPrivate *source, DbErrorPrivate *copy)
{
    *copy = (DbErrorPrivate){.code = g_strdup(source->code),
                             .detail = g_strdup(source->detail),
                             .hint = g_strdup(source->hint),
                             .item = source->item,
                             .position = source->position};
}

static void db_error_private_clear(DbErrorPrivate *self)
{
    g_free(self->code);
    g_free(self->detail);
    g_free(self->hint);
}

G_DEFINE_EXTENDED_ERROR(DbError, db_error)

static const char *const class_names[] = {
    [DB_ERROR_UNREACHABLE] = "unreachable",
    [DB_ERROR_BUSY] = "busy",
    [DB_ERROR_AUTHENTICATION] = "authentication",
    [DB_ERROR_NO_DATABASE] = "no-database",
    [DB_ERROR_CONNECTION_LOST] = "connection-lost",
    [DB_ERROR_LOCK_TIMEOUT] = "lock-timeout",
    [DB_ERROR_DEADLOCK] = "deadlock",
    [DB_ERROR_TIMEOUT] = "timeout",
    [DB_ERROR_CANCELLED] = "cancelled",
    [DB_ERROR_READ_ONLY] = "read-only",
    [DB_ERROR_PERMISSION] = "permission",
    [DB_ERROR_UNDEFINED_TABLE] = "undefined-table",
    [DB_ERROR_HEADS_MOVED] = "heads-moved",
    [DB_ERROR_DISK_FULL] = "disk-full",
    [DB_ERROR_NEEDS_RECOVERY] = "needs-recovery",
    [DB_ERROR_UNSUPPORTED] = "unsupported",
    [DB_ERROR_STATEMENT] = "statement",
};

const char *db_error_class_name(DbErrorClass error_class)
{
    g_return_val_if_fail((gsize)error_class < G_N_ELEMENTS(class_names), "statement");
    return class_names[error_class];
}

const DbErrorDetail *db_error_detail(const GError *error)
{
    return error && error->domain == DB_ERROR ? db_error_get_private(error) : NULL;
}

GError *db_error_new(DbErrorClass error_class, const char *code, const char *message, const char *detail,
                     const char *hint)
{
    GError *error = g_error_new_literal(DB_ERROR, (int)error_class, message);
    DbErrorPrivate *private = db_error_get_private(error);
    private->code = g_strdup(code);
    private->detail = g_strdup(detail);
    private->hint = g_strdup(hint);
    return error;
}

void db_error_set_place(GError *error, gssize item, gssize position)
{
    g_return_if_fail(error && error->domain == DB_ERROR);
    DbErrorPrivate *private = db_error_get_private(error);
    private->item = item;
    private->position = position;
}
