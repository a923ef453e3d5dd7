/* Errors: what the server's and the library's numbers mean to dbfleet.
 *
 * Owns the table of error numbers. Refuses to retry or to print. Pure; any thread may call.
 * Sources: MySQL "Server Error Message Reference" and "Client Error Message Reference", MariaDB Knowledge
 * Base "MariaDB Error Codes". */
#include "drivers/mysql/mysql_internal.h"

#include "drivers/version_store.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_ERRORS_FROM 2000
#define CLIENT_ERRORS_TO 2999
#define INTERRUPTED 1317
#define PACKET_TOO_LARGE 1153
#define OUT_OF_RANGE 1690

#define HINT_PACKET "Raise max_allowed_packet on the server, or split the statement."
#define HINT_CROWDED "Lower jobs or per_host, or raise the server's limit."
#define HINT_ACCOUNT "Check user and password, and from which hosts the server lets this user in."
#define HINT_PLUGIN "The client library lacks this authentication plugin or it needs TLS (sslmode=require)."
#define HINT_DATABASE "Create the database, or correct its name in the URL."
#define HINT_SPACE "Free disk space on the server."
#define HINT_WAIT                                                                                            \
    "Another session holds a lock that this statement needs; see SHOW PROCESSLIST on the server."

/* A number means one thing while connecting and perhaps another in a statement. With a text the row counts
 * only if the message holds it; the first row that counts decides. */
static const struct {
    unsigned number;
    DbErrorClass connecting;
    DbErrorClass in_statement;
    const char *text;
    const char *hint;
} meanings[] = {
    {3, DB_ERROR_UNREACHABLE, DB_ERROR_DISK_FULL, "28", HINT_SPACE},
    {1005, DB_ERROR_STATEMENT, DB_ERROR_DISK_FULL, "errno: 28 ", HINT_SPACE},
    {1020, DB_ERROR_DEADLOCK, DB_ERROR_DEADLOCK, NULL, NULL},
    {1021, DB_ERROR_UNREACHABLE, DB_ERROR_DISK_FULL, NULL, HINT_SPACE},
    {1026, DB_ERROR_UNREACHABLE, DB_ERROR_DISK_FULL, "28", HINT_SPACE},
    {1028, DB_ERROR_CANCELLED, DB_ERROR_CANCELLED, NULL, NULL},
    {1030, DB_ERROR_UNREACHABLE, DB_ERROR_DISK_FULL, "error 28 ", HINT_SPACE},
    {1036, DB_ERROR_READ_ONLY, DB_ERROR_READ_ONLY, NULL, NULL},
    {1040, DB_ERROR_BUSY, DB_ERROR_UNREACHABLE, NULL, HINT_CROWDED},
    {1044, DB_ERROR_AUTHENTICATION, DB_ERROR_PERMISSION, NULL, NULL},
    {1045, DB_ERROR_AUTHENTICATION, DB_ERROR_PERMISSION, NULL, HINT_ACCOUNT},
    {1049, DB_ERROR_NO_DATABASE, DB_ERROR_UNDEFINED_TABLE, NULL, HINT_DATABASE},
    {1051, DB_ERROR_STATEMENT, DB_ERROR_UNDEFINED_TABLE, NULL, NULL},
    {1053, DB_ERROR_BUSY, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {1080, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {1095, DB_ERROR_PERMISSION, DB_ERROR_PERMISSION, NULL, NULL},
    {1114, DB_ERROR_UNREACHABLE, DB_ERROR_DISK_FULL, NULL, NULL},
    {1129, DB_ERROR_UNREACHABLE, DB_ERROR_UNREACHABLE, NULL, NULL},
    {1130, DB_ERROR_AUTHENTICATION, DB_ERROR_PERMISSION, NULL, HINT_ACCOUNT},
    {1142, DB_ERROR_PERMISSION, DB_ERROR_PERMISSION, NULL, NULL},
    {1143, DB_ERROR_PERMISSION, DB_ERROR_PERMISSION, NULL, NULL},
    {1146, DB_ERROR_STATEMENT, DB_ERROR_UNDEFINED_TABLE, NULL, NULL},
    {1152, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {PACKET_TOO_LARGE, DB_ERROR_STATEMENT, DB_ERROR_STATEMENT, NULL, HINT_PACKET},
    {1158, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {1159, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {1160, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {1161, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {1184, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {1203, DB_ERROR_BUSY, DB_ERROR_UNREACHABLE, NULL, HINT_CROWDED},
    {1205, DB_ERROR_LOCK_TIMEOUT, DB_ERROR_LOCK_TIMEOUT, NULL, HINT_WAIT},
    {1213, DB_ERROR_DEADLOCK, DB_ERROR_DEADLOCK, NULL, NULL},
    {1226, DB_ERROR_BUSY, DB_ERROR_STATEMENT, NULL, HINT_CROWDED},
    {1227, DB_ERROR_PERMISSION, DB_ERROR_PERMISSION, NULL, NULL},
    {1251, DB_ERROR_AUTHENTICATION, DB_ERROR_AUTHENTICATION, NULL, HINT_PLUGIN},
    {1275, DB_ERROR_AUTHENTICATION, DB_ERROR_AUTHENTICATION, NULL, HINT_PLUGIN},
    {1290, DB_ERROR_READ_ONLY, DB_ERROR_READ_ONLY, "read-only", NULL},
    {1290, DB_ERROR_READ_ONLY, DB_ERROR_READ_ONLY, "read_only", NULL},
    {INTERRUPTED, DB_ERROR_CANCELLED, DB_ERROR_CANCELLED, NULL, NULL},
    {1370, DB_ERROR_PERMISSION, DB_ERROR_PERMISSION, NULL, NULL},
    {1410, DB_ERROR_PERMISSION, DB_ERROR_PERMISSION, NULL, NULL},
    {1419, DB_ERROR_PERMISSION, DB_ERROR_PERMISSION, NULL,
     "The server writes a binary log: it needs log_bin_trust_function_creators=1 or a privileged user."},
    {1614, DB_ERROR_DEADLOCK, DB_ERROR_DEADLOCK, NULL, NULL},
    {1698, DB_ERROR_AUTHENTICATION, DB_ERROR_PERMISSION, NULL, HINT_ACCOUNT},
    {1792, DB_ERROR_READ_ONLY, DB_ERROR_READ_ONLY, NULL, NULL},
    {1820, DB_ERROR_AUTHENTICATION, DB_ERROR_PERMISSION, NULL, "The password must be changed first."},
    {1836, DB_ERROR_READ_ONLY, DB_ERROR_READ_ONLY, NULL, NULL},
    {1862, DB_ERROR_AUTHENTICATION, DB_ERROR_PERMISSION, NULL, "The password has expired: change it first."},
    {1874, DB_ERROR_READ_ONLY, DB_ERROR_READ_ONLY, NULL, NULL},
    {1927, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {1969, DB_ERROR_TIMEOUT, DB_ERROR_TIMEOUT, NULL, NULL},
    {2006, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {2013, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {2020, DB_ERROR_STATEMENT, DB_ERROR_STATEMENT, NULL, HINT_PACKET},
    {2026, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {2027, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {2055, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {2059, DB_ERROR_AUTHENTICATION, DB_ERROR_AUTHENTICATION, NULL, HINT_PLUGIN},
    {2061, DB_ERROR_AUTHENTICATION, DB_ERROR_AUTHENTICATION, NULL, HINT_PLUGIN},
    {3024, DB_ERROR_TIMEOUT, DB_ERROR_TIMEOUT, NULL, NULL},
    {3118, DB_ERROR_AUTHENTICATION, DB_ERROR_AUTHENTICATION, NULL, "The account is locked."},
    {3159, DB_ERROR_AUTHENTICATION, DB_ERROR_AUTHENTICATION, NULL, "Add sslmode=require to the URL."},
    {3169, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {3572, DB_ERROR_LOCK_TIMEOUT, DB_ERROR_LOCK_TIMEOUT, NULL, HINT_WAIT},
    {4031, DB_ERROR_UNREACHABLE, DB_ERROR_CONNECTION_LOST, NULL, NULL},
    {4151, DB_ERROR_AUTHENTICATION, DB_ERROR_AUTHENTICATION, NULL, "The account is locked."},
};

typedef struct Meaning {
    DbErrorClass error_class;
    const char *hint;
} Meaning;

static Meaning meaning_of(unsigned number, const char *message, bool connecting)
{
    for (gsize i = 0; i < G_N_ELEMENTS(meanings); i++) {
        if (meanings[i].number == number && (!meanings[i].text || strstr(message, meanings[i].text))) {
            return (Meaning){.error_class = connecting ? meanings[i].connecting : meanings[i].in_statement,
                             .hint = meanings[i].hint};
        }
    }
    return (Meaning){.error_class = connecting ? DB_ERROR_UNREACHABLE : DB_ERROR_STATEMENT};
}

static GError *new_error(DbErrorClass error_class, unsigned number, const char *message, const char *hint)
{
    g_autofree char *code = g_strdup_printf("%u", number);
    return db_error_new(error_class, code, message, NULL, hint);
}

/* The library ends such messages with a bare number: errno, or getaddrinfo's result. After a failed connect()
 * it is that of the attempt itself, which says nothing. NULL if there is none. */
static const char *cause_of(const char *message)
{
    const char *end = message + strlen(message) - g_str_has_suffix(message, ")");
    const char *start = end;
    while (start > message && (g_ascii_isdigit(start[-1]) || start[-1] == '-'))
        start--;
    int number = start < end ? (int)strtol(start, NULL, 10) : 0;
    return number == 0             ? NULL
           : number == EINPROGRESS ? "The connection was refused, or no route leads there."
           : number < 0            ? gai_strerror(number)
                                   : g_strerror(number);
}

GError *mysql_failure_connecting(MYSQL *handle, const char *where)
{
    unsigned number = mysql_errno(handle);
    g_autofree char *code = g_strdup_printf("%u", number);
    g_autofree char *message = g_strdup_printf("%s: %s", where, mysql_error(handle));
    Meaning meaning = meaning_of(number, message, true);
    bool is_ours = number >= CLIENT_ERRORS_FROM && number <= CLIENT_ERRORS_TO;
    return db_error_new(meaning.error_class, code, message, is_ours ? cause_of(message) : NULL, meaning.hint);
}

/* The statement that checks a version write fails by an overflow; its text tells it from any other. */
static bool is_version_check(const BatchItem *item)
{
    return memmem(item->sql, item->length, VERSION_STORE_MOVED, strlen(VERSION_STORE_MOVED)) != NULL;
}

GError *mysql_failure_of_item(MYSQL *handle, const BatchItem *item, bool cancelled)
{
    unsigned number = mysql_errno(handle);
    const char *message = mysql_error(handle);
    Meaning meaning = meaning_of(number, message, false);
    if (meaning.error_class == DB_ERROR_CANCELLED && !cancelled) {
        return new_error(DB_ERROR_STATEMENT, number, message,
                         "Somebody stopped the statement with KILL QUERY.");
    }
    if (number == OUT_OF_RANGE && is_version_check(item))
        return new_error(DB_ERROR_HEADS_MOVED, number, VERSION_STORE_MOVED, NULL);
    return new_error(meaning.error_class, number, message, meaning.hint);
}

GError *mysql_failure_cancelled(void)
{
    return new_error(DB_ERROR_CANCELLED, INTERRUPTED, "the batch was cancelled between two statements", NULL);
}

GError *mysql_failure_too_large(gsize length, gsize limit)
{
    g_autofree char *message =
        g_strdup_printf("the statement has %" G_GSIZE_FORMAT " bytes, the server takes %" G_GSIZE_FORMAT
                        " (max_allowed_packet)",
                        length, limit);
    return new_error(DB_ERROR_STATEMENT, PACKET_TOO_LARGE, message, HINT_PACKET);
}
